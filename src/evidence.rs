//! From the database to an evidence pack: what `perception export` writes, and what an auditor takes who was granted it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufWriter;
use std::sync::Arc;

use crate::export;
use crate::pack::PackError;
use crate::pack::write::{CaseCount, Documents, OutletRow, PackFiles, PackWriter, ResponseRow};
use crate::statistics::class::Column;
use crate::statistics::tally::Tally;
use crate::store::checkpoint::{self, Reason};
use crate::store::{
    Store, StoreError, StoreFailure, WriteTx, catalogue, evaluation, event, pack_grant, report, response, scan, tally,
};
use crate::survey::checkpoint::{Chain, Checkpoint, Seal};
use crate::survey::evaluation::EvaluationState;
use crate::survey::event::Event;
use crate::survey::id::{EvaluationId, PersonId};
use crate::survey::report::Report;

/// Who takes a pack.
#[derive(Debug, Clone, Copy)]
pub enum Taker {
    /// Who works at the server itself.
    CommandLine,
    /// An auditor, while a grant of theirs is open.
    Auditor(PersonId),
}

/// Why there is no pack.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// No such evaluation.
    #[error("there is no such evaluation")]
    NotFound,
    /// It is not granted to this person now.
    #[error("it is not granted, or no longer")]
    NotGranted,
    /// Answers still come in.
    #[error("fieldwork still runs; scores are opened when it is closed")]
    StillRuns,
    /// A decision about a response came in between.
    #[error("it changed while it was exported; try again")]
    Changed,
    /// The database could not.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file could not be made.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// The result could not be written.
    #[error("results.json: {0}")]
    Result(#[from] serde_json::Error),
    /// The codebook could not be written.
    #[error("codebook.csv: {0}")]
    Codebook(String),
}

impl StoreFailure for EvidenceError {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}

/// A pack and what is said about it.
#[derive(Debug)]
pub struct Evidence {
    /// Its files.
    pub files: PackFiles,
    /// Responses in it.
    pub rows: usize,
    /// Id of its result.
    pub result_id: String,
}

impl Evidence {
    /// The pack as an archive in a file without a name, whole before anybody gets a byte of it.
    ///
    /// # Errors
    /// [`EvidenceError::Pack`] when it cannot be written.
    pub fn into_zip(self) -> Result<File, EvidenceError> {
        let unwritten = |e: std::io::Error| PackError::of("zip", format!("a temporary file: {e}"));
        let file = tempfile::tempfile().map_err(unwritten)?;
        let written = self.files.write_zip(BufWriter::new(file))?;
        Ok(written.into_inner().map_err(|e| unwritten(e.into_error()))?)
    }
}

/// Makes the pack of an evaluation: every counted response, the whole result and a checkpoint, which is issued with the
/// event that says who took it and when (`now_ms`, Unix ms). Memory does not grow with the responses. Blocks.
///
/// # Errors
/// [`EvidenceError`].
pub fn gather(
    store: &Store,
    seal: Seal,
    id: EvaluationId,
    taker: Taker,
    now_ms: i64,
) -> Result<Evidence, EvidenceError> {
    let checkpoint = store.write_blocking(move |tx| log(tx, &seal, id, taker, now_ms))?;
    // The appendix of the result needs a pass over the responses; usually it has been made by now.
    scan::complete(store, id)?;
    let catalogue = Arc::clone(store.catalogue());
    let report: Option<Report> = store.read_blocking(|conn| report::whole(conn, &catalogue, id))?;
    let report = report.ok_or(EvidenceError::NotFound)?;
    let instrument = Arc::clone(&report.instrument);
    let mut pack = PackWriter::new(&id.to_string(), Arc::clone(&instrument));
    store.read_blocking(|conn| {
        response::each_counted(conn, id, &instrument, |row| -> Result<(), EvidenceError> {
            Ok(pack.add(&ResponseRow {
                outlet: &row.outlet.to_string(),
                class: row.class,
                duration_s: row.duration_s,
                status: row.status,
                services: row.answers.services(),
                overall: row.answers.overall(),
                replies: row.answers.replies(),
                low_reasons: row.answers.low_reasons(),
            })?)
        })
    })?;
    let tallies = store.read_blocking(|conn| tally::list(conn, id, &instrument))?;
    let counted: u64 = tallies.values().map(|tally| tally.core().n).sum();
    let reported = report.result.exact(Column::All).map_or(counted, |score| score.n);
    if counted != pack.len() as u64 || reported != counted {
        return Err(EvidenceError::Changed);
    }
    let rows = pack.len();
    let (files, result_id) = finish(store, &report, pack, &tallies, &checkpoint)?;
    Ok(Evidence { files, rows, result_id })
}

/// One step: whether it may be taken, that it was, and where the chain stands.
fn log(
    tx: &mut WriteTx<'_>,
    seal: &Seal,
    id: EvaluationId,
    taker: Taker,
    now_ms: i64,
) -> Result<Checkpoint, EvidenceError> {
    if evaluation::state(tx.conn, id)?.is_none() {
        return Err(EvidenceError::NotFound);
    }
    let state = evaluation::held_state(tx, id)?;
    let is_interim = state == EvaluationState::Open && evaluation::is_interim_opened(tx.conn, id)?;
    if state < EvaluationState::Closed && !is_interim {
        return Err(EvidenceError::StillRuns);
    }
    let actor = match taker {
        Taker::CommandLine => "command line".to_owned(),
        Taker::Auditor(person) if pack_grant::is_open_for(tx.conn, id, person, now_ms)? => person.to_string(),
        Taker::Auditor(_) => return Err(EvidenceError::NotGranted),
    };
    let taken = Event {
        at_ms: now_ms,
        actor,
        action: "evidence.exported".into(),
        object: String::new(),
        data: "{}".into(),
    };
    event::append(tx, id, &taken)?;
    Ok(checkpoint::issue(
        tx,
        seal,
        Chain::Evaluation(id),
        Reason::Export,
        now_ms,
    )?)
}

fn finish(
    store: &Store,
    report: &Report,
    pack: PackWriter,
    tallies: &BTreeMap<tally::TallyKey, Tally>,
    checkpoint: &Checkpoint,
) -> Result<(PackFiles, String), EvidenceError> {
    let instrument = &report.instrument;
    let (questionnaire, method) = store.read_blocking(|conn| {
        let (questionnaire, method) = (instrument.questionnaire().hash(), instrument.method().hash());
        catalogue::bodies(conn, questionnaire, method)
    })?;
    let outlets = report.outlets.iter().map(|outlet| OutletRow {
        id: outlet.id.to_string(),
        customers: outlet.customers,
    });
    let (result_id, results) = export::json::document(report)?;
    let codebook = |e: &dyn std::fmt::Display| EvidenceError::Codebook(e.to_string());
    let columns = export::codebook::csv(instrument.questionnaire()).map_err(|e| codebook(&e))?;
    let guides = [
        ("codebook.csv", String::from_utf8(columns).map_err(|e| codebook(&e))?),
        ("responses.R", export::codebook::r(instrument.questionnaire())),
        ("responses.sps", export::codebook::sps(instrument.questionnaire())),
    ];
    let documents = Documents {
        questionnaire: &questionnaire,
        method: &method,
        results: &results,
        checkpoint: &format!("{checkpoint}\n"),
        result_id: &result_id,
        guides: &guides,
    };
    let files = pack.finish(&outlets.collect::<Vec<_>>(), cases(report, tallies)?, documents);
    Ok((files, result_id))
}

/// Contacts by final disposition, as the questionnaire's published table classes them.
fn cases(report: &Report, tallies: &BTreeMap<tally::TallyKey, Tally>) -> Result<Vec<CaseCount>, StoreError> {
    let questionnaire = report.instrument.questionnaire();
    let mut cases = Vec::new();
    for (key, tally) in tallies {
        for (code, count) in tally.dispositions() {
            let outcome = questionnaire
                .outcome(code, key.class)
                .ok_or_else(|| StoreError::Corrupt(format!("disposition {code} has no outcome class")))?;
            cases.push(CaseCount {
                outlet: key.outlet.to_string(),
                class: key.class,
                code: code.clone(),
                outcome,
                cases: *count,
            });
        }
    }
    Ok(cases)
}
