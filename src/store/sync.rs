//! Uploads of devices: stored once under their id and hash; what came after closing, was taken outside of the time in the
//! field, or came under a known id with another text, is kept for a reviewer.

use std::sync::Arc;

use diesel::prelude::*;

use super::conn::{Conn, per_backend};
use super::interview::Outcome;
use super::recording::{self, Record};
use super::response::SubmitError;
use super::schema::{disposition, interview, response, response_comment, response_content};
use super::schema_offline::sync_item;
use super::{StoreError, StoreFailure, WriteTx, comment, event, field, late, link as links};
use crate::survey::admission::Refusal;
use crate::survey::content;
use crate::survey::event::Event;
use crate::survey::field::Field;
use crate::survey::id::{EvaluationId, OutletId, PersonId};
use crate::survey::instrument::Instrument;
use crate::survey::submission::Entry;
use crate::survey::upload::{ClientId, Kind};

/// An item that was read and checked, ready to be stored.
#[derive(Debug, Clone)]
pub struct Upload {
    /// Evaluation.
    pub evaluation: EvaluationId,
    /// Id and hash the device gave it.
    pub key: (ClientId, String),
    /// Which form.
    pub kind: Kind,
    /// Its text, kept where a reviewer decides.
    pub body: String,
    /// Who uploads it: whoever is signed in.
    pub evaluator: PersonId,
    /// Outlet.
    pub outlet: OutletId,
    /// What it says.
    pub record: Record,
    /// How far the device's clock is off, server minus device, ms: the worst that was measured.
    pub clock_offset_ms: i64,
    /// Arrival, Unix ms.
    pub at_ms: i64,
}

/// What became of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// It counts; the receipt holds.
    Stored(Outcome),
    /// Fieldwork is over, or it was taken outside of the time in the field: kept for a reviewer.
    Late,
    /// Something else is known under its id: kept for a reviewer.
    Conflict,
}

/// Why an item was not taken; the device keeps it.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// Somebody else's id.
    #[error("another evaluator uploaded this id")]
    Foreign,
    /// Not taken now, or the store could not.
    #[error(transparent)]
    Submit(#[from] SubmitError),
}

impl StoreFailure for UploadError {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Foreign => None,
            Self::Submit(error) => error.store_error(),
        }
    }
}

impl From<StoreError> for UploadError {
    fn from(error: StoreError) -> Self {
        Self::Submit(error.into())
    }
}

impl From<diesel::result::Error> for UploadError {
    fn from(error: diesel::result::Error) -> Self {
        StoreError::from(error).into()
    }
}

/// Takes an item in. Order: known by id and hash → known by id → known from a page → state → store.
///
/// # Errors
/// [`UploadError`].
pub fn receive(tx: &mut WriteTx<'_>, instrument: &Arc<Instrument>, upload: &Upload) -> Result<Arrival, UploadError> {
    // Closing waits for this, or this sees it; then uploads of one evaluation one after the other.
    links::hold_evaluation(tx.conn, upload.evaluation)?;
    event::lock_chain(tx.conn, upload.evaluation)?;
    let known = known(tx.conn, upload)?;
    if known
        .iter()
        .any(|(_, evaluator, _)| *evaluator != upload.evaluator.to_string())
    {
        return Err(UploadError::Foreign);
    }
    if let Some((_, _, outcome)) = known.iter().find(|(hash, _, _)| *hash == upload.key.1) {
        return Ok(match outcome.as_str() {
            "late" => Arrival::Late,
            "conflict" => Arrival::Conflict,
            _ => Arrival::Stored(led_to(&upload.record)),
        });
    }
    if !known.is_empty() {
        return keep(tx, upload, Arrival::Conflict);
    }
    if let Some(same) = stored_by_page(tx, instrument, upload)? {
        return match same {
            true => keep(tx, upload, Arrival::Stored(led_to(&upload.record))),
            false => keep(tx, upload, Arrival::Conflict),
        };
    }
    let admission = field::admission(tx.conn, upload.evaluation)?;
    let (state, in_force) = admission.ok_or(SubmitError::from(Refusal::Unknown))?;
    match state.admit_interview(in_field(&upload.record, &in_force), false) {
        Ok(()) => {
            let outcome = recording::record(tx, instrument, &upload.record)?;
            keep(tx, upload, Arrival::Stored(outcome))
        }
        Err(Refusal::Closed | Refusal::BeforeField(_) | Refusal::AfterField(_)) => keep(tx, upload, Arrival::Late),
        Err(refusal) => Err(SubmitError::from(refusal).into()),
    }
}

/// Whether it was taken in the field, whenever it comes.
fn in_field(record: &Record, field: &Field) -> Result<(), Refusal> {
    match record {
        Record::Ended(approach) => field.admit_approach(approach.at_ms),
        Record::Answered(answered) => match &answered.submission.entry {
            Entry::Interview(taken) => field.admit(taken.started_at_ms, taken.ended_at_ms),
            Entry::Link(_) => Ok(()),
        },
    }
}

fn led_to(record: &Record) -> Outcome {
    match record {
        Record::Answered(_) => Outcome::Answered,
        Record::Ended(approach) => Outcome::Ended(approach.ending.code),
    }
}

/// What came under this id: (hash, evaluator, outcome).
fn known(conn: &mut Conn, upload: &Upload) -> Result<Vec<(String, String, String)>, StoreError> {
    let rows = sync_item::table
        .filter(sync_item::evaluation_id.eq(upload.evaluation.to_string()))
        .filter(sync_item::client_id.eq(upload.key.0.text()))
        .select((sync_item::hash, sync_item::evaluator_id, sync_item::outcome));
    Ok(rows.load(conn)?)
}

/// Whether the page itself stored this id before its answer got lost, and if so, whether it stored the same.
fn stored_by_page(tx: &mut WriteTx<'_>, instrument: &Instrument, upload: &Upload) -> Result<Option<bool>, UploadError> {
    let key = tx.key()?;
    let conn = &mut *tx.conn;
    let (evaluation, id) = (upload.evaluation.to_string(), upload.key.0);
    let by: Option<String> = interview::table
        .find((&evaluation, id.interview().to_string()))
        .select(interview::evaluator_id)
        .first(conn)
        .optional()?;
    if let Some(by) = by {
        if by != upload.evaluator.to_string() {
            return Err(UploadError::Foreign);
        }
        let Record::Answered(answered) = &upload.record else {
            return Ok(Some(false));
        };
        let stored: Option<(String, Option<String>, Option<String>, String)> = response::table
            .left_join(
                response_content::table.on(response_content::evaluation_id
                    .eq(response::evaluation_id)
                    .and(response_content::response_id.eq(response::id))),
            )
            .left_join(
                response_comment::table.on(response_comment::evaluation_id
                    .eq(response::evaluation_id)
                    .and(response_comment::response_id.eq(response::id))),
            )
            .inner_join(
                interview::table.on(interview::evaluation_id
                    .eq(response::evaluation_id)
                    .and(response::interview_id.eq(interview::id.nullable()))),
            )
            .filter(response::evaluation_id.eq(&evaluation))
            .filter(response::interview_id.eq(id.interview().to_string()))
            .select((
                response::id,
                response_content::answers.nullable(),
                response_comment::body.nullable(),
                interview::protocol,
            ))
            .first(conn)
            .optional()?;
        let answers = &answered.submission.answers;
        let line = content::encode(instrument.questionnaire(), answers);
        let protocol = match &answered.submission.entry {
            Entry::Interview(taken) => serde_json::to_string(&taken.protocol).unwrap_or_default(),
            Entry::Link(_) => String::new(),
        };
        let Some((response, stored, body, noted)) = stored else {
            return Ok(Some(false));
        };
        let comment = body
            .map(|body| comment::open(key, (&evaluation, &response), &body))
            .transpose()?;
        // Erased by a withdrawal: nothing left to compare, and nothing may come back.
        return Ok(Some(stored.is_none_or(|stored| {
            stored == line && comment.flatten().as_deref() == answers.comment() && noted == protocol
        })));
    }
    let ended: Option<(String, Option<i32>, Option<String>)> = disposition::table
        .find((&evaluation, id.approach().to_string()))
        .select((disposition::code, disposition::contact_no, disposition::evaluator_id))
        .first(conn)
        .optional()?;
    ended
        .map(|(code, number, by)| {
            if by.as_deref() != Some(upload.evaluator.to_string().as_str()) {
                return Err(UploadError::Foreign);
            }
            let Record::Ended(approach) = &upload.record else {
                return Ok(false);
            };
            let ending = &approach.ending;
            Ok(code == ending.code.as_str() && number == i32::try_from(ending.contact_no.get()).ok())
        })
        .transpose()
}

/// Writes an item down with what became of it; what a reviewer decides is also an event.
fn keep(tx: &mut WriteTx<'_>, upload: &Upload, arrival: Arrival) -> Result<Arrival, UploadError> {
    let (outcome, action) = match arrival {
        Arrival::Stored(_) => ("stored", None),
        Arrival::Late => ("late", Some("upload.late")),
        Arrival::Conflict => ("conflict", Some("upload.conflict")),
    };
    // Kept for a reviewer, with what the customer said: sealed.
    let body = match action {
        Some(_) => late::seal(tx.key()?, upload)?,
        None => String::new(),
    };
    let row = (
        sync_item::evaluation_id.eq(upload.evaluation.to_string()),
        sync_item::client_id.eq(upload.key.0.text()),
        sync_item::hash.eq(&upload.key.1),
        sync_item::kind.eq(upload.kind.as_str()),
        sync_item::evaluator_id.eq(upload.evaluator.to_string()),
        sync_item::outlet_id.eq(upload.outlet.to_string()),
        sync_item::outcome.eq(outcome),
        sync_item::body.eq(&body),
        sync_item::clock_offset_ms.eq(upload.clock_offset_ms),
        sync_item::at_ms.eq(upload.at_ms),
    );
    let inserted = per_backend!(&mut *tx.conn, |c| diesel::insert_into(sync_item::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    if inserted == 0 {
        return Err(StoreError::Busy.into());
    }
    if let Some(action) = action {
        let happened = Event {
            at_ms: upload.at_ms,
            actor: upload.evaluator.to_string(),
            action: action.to_owned(),
            object: upload.key.0.interview().to_string(),
            data: serde_json::json!({"hash": upload.key.1, "kind": upload.kind.as_str()}).to_string(),
        };
        event::append(tx, upload.evaluation, &happened)?;
    }
    Ok(arrival)
}
