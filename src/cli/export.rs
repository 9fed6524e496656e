//! `perception export`: the evidence pack of an evaluation, with its result.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use super::{DatabaseArgs, Verdict, start_log};
use crate::app::Installation;
use crate::clock::Clock;
use crate::export;
use crate::pack::write::{CaseCount, Documents, OutletRow, PackWriter, ResponseRow};
use crate::statistics::class::Column;
use crate::store::checkpoint::Reason;
use crate::store::{DatabaseUrl, StoreError, catalogue, checkpoint, event, report, response, scan, tally};
use crate::survey::checkpoint::{Chain, Checkpoint};
use crate::survey::event::Event;
use crate::survey::id::EvaluationId;
use crate::survey::report::Report;

#[derive(Args)]
pub(super) struct ExportArgs {
    /// The evaluation's id
    #[arg(long, value_name = "ID")]
    evaluation: String,
    /// A new folder
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    place: DatabaseArgs,
}

pub(super) fn run(args: &ExportArgs) -> anyhow::Result<Verdict> {
    let settings = args.place.settings(None)?;
    let config = settings.check()?;
    start_log(settings.log == "json", "warn");
    let id: EvaluationId = args.evaluation.parse().context("--evaluation")?;
    anyhow::ensure!(!args.out.exists(), "{}: exists already", args.out.display());
    if let DatabaseUrl::Sqlite(path) = &config.database
        && !path.exists()
    {
        anyhow::bail!("{}: there is no such database", config.database);
    }
    let clock = Clock::default();
    let Installation { store, key, .. } = Installation::open(&config, clock.clone())?;
    // The appendix of the result needs a pass over the responses; usually it has been made by now.
    scan::complete(&store, id)?;
    let catalogue = std::sync::Arc::clone(store.catalogue());
    let report = store
        .read_blocking(|conn| report::whole(conn, &catalogue, id))?
        .ok_or_else(|| anyhow::anyhow!("{}: there is no such evaluation", args.evaluation))?;
    anyhow::ensure!(
        report.shows_scores(),
        "{id}: fieldwork still runs; scores are opened when it is closed"
    );
    let logged = Event {
        at_ms: clock.now_ms(),
        actor: "command line".into(),
        action: "evidence.exported".into(),
        object: String::new(),
        data: "{}".into(),
    };
    let now_ms = logged.at_ms;
    let checkpoint = store.write_blocking(move |tx| -> Result<Checkpoint, StoreError> {
        event::append(tx, id, &logged)?;
        checkpoint::issue(tx, &key.seal(), Chain::Evaluation(id), Reason::Export, now_ms)
    })?;
    let instrument = std::sync::Arc::clone(&report.instrument);
    let mut pack = PackWriter::new(&id.to_string(), &instrument);
    store.read_blocking(|conn| {
        response::each_counted(conn, id, &instrument, |row| -> anyhow::Result<()> {
            Ok(pack.add(&ResponseRow {
                outlet: &row.outlet.to_string(),
                class: row.class,
                duration_s: row.duration_s,
                status: row.status,
                services: row.answers.services(),
                overall: row.answers.overall(),
                replies: row.answers.replies(),
            })?)
        })
    })?;
    let (questionnaire, method) = store.read_blocking(|conn| {
        let (questionnaire, method) = (instrument.questionnaire().hash(), instrument.method().hash());
        catalogue::bodies(conn, questionnaire, method)
    })?;
    let tallies = store.read_blocking(|conn| tally::list(conn, id, &instrument))?;
    let counted: u64 = tallies.values().map(|tally| tally.core().n).sum();
    let reported = report.result.exact(Column::All).map_or(counted, |score| score.n);
    anyhow::ensure!(
        counted == pack.len() as u64 && reported == counted,
        "{id}: changed while it was exported; try again"
    );
    let outlets: Vec<OutletRow> = report.outlets.iter().map(outlet).collect();
    let (result_id, results) = export::json::document(&report)?;
    let codebook = export::codebook::csv(instrument.questionnaire())?;
    let guides = [
        ("codebook.csv", String::from_utf8(codebook)?),
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
    let cases = cases(&report, &tallies)?;
    let rows = pack.len();
    pack.finish(&args.out, &outlets, &cases, &documents)?;
    println!("{}: {rows} responses, result {result_id}", args.out.display());
    Ok(Verdict::Fine)
}

fn outlet(outlet: &crate::survey::report::ReportOutlet) -> OutletRow {
    OutletRow {
        id: outlet.id.to_string(),
        customers: outlet.customers,
    }
}

/// Contacts by final disposition, as the questionnaire's published table classes them.
fn cases(
    report: &Report,
    tallies: &BTreeMap<tally::TallyKey, crate::statistics::tally::Tally>,
) -> Result<Vec<CaseCount>, StoreError> {
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
