//! Uploads that came too late, or twice with different content: what a reviewer sees of them and decides.

use std::sync::Arc;

use diesel::prelude::*;

use super::conn::Conn;
use super::recording::{self, Record};
use super::response::SubmitError;
use super::schema_offline::{contact_phone, sync_decision, sync_item};
use super::sync::Upload;
use super::{StoreError, StoreFailure, WriteTx, evaluation as evaluations, event, flag, link as links};
use crate::personal::{self, DataKey};
use crate::survey::evaluation::EvaluationState;
use crate::survey::event::Event;
use crate::survey::id::{EvaluationId, OutletId, PersonId};
use crate::survey::instrument::Instrument;
use crate::survey::upload::{ClientId, Kind};

/// How long the text of an item is kept after the decision about it.
const KEPT_MS: i64 = 30 * 86_400_000;

/// An item that a reviewer looks at.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Id and hash the device gave it.
    pub key: (ClientId, String),
    /// Its text; empty once the customer withdrew, or thirty days after the decision.
    pub body: String,
    /// Which form.
    pub kind: Kind,
    /// Who uploaded it.
    pub evaluator: PersonId,
    /// Outlet.
    pub outlet: OutletId,
    /// Under a known id with another text; else after closing, or taken outside of the field.
    pub is_conflict: bool,
    /// How far the device's clock was off, ms.
    pub clock_offset_ms: i64,
    /// Arrival, Unix ms.
    pub at_ms: i64,
    /// What was decided.
    pub decision: Option<Verdict>,
}

/// A reviewer's decision about an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Counts, or not.
    pub accepted: bool,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub by: PersonId,
    /// When, Unix ms.
    pub at_ms: i64,
}

fn place(evaluation: EvaluationId, client: &str, hash: &str) -> String {
    personal::place("sync_item", "body", &format!("{evaluation}\0{client}\0{hash}"))
}

/// The text of an item, sealed for its row.
pub(super) fn seal(cipher: &DataKey, upload: &Upload) -> Result<String, StoreError> {
    let place = place(upload.evaluation, &upload.key.0.text(), &upload.key.1);
    let sealed = cipher.seal(&place, &upload.body);
    sealed.ok_or_else(|| StoreError::Corrupt("an upload could not be sealed".into()))
}

/// What waits or waited for a reviewer, as it arrived; at most `rows_max`.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn list_kept(
    conn: &mut Conn,
    cipher: &DataKey,
    evaluation: EvaluationId,
    rows_max: i64,
) -> Result<Vec<Kept>, StoreError> {
    type Row = ((String, String), String, String, String, String, String, i64, i64);
    type Decided = (bool, String, String, i64);
    let rows: Vec<(Row, Option<Decided>)> = sync_item::table
        .left_join(sync_decision::table.on(same_item()))
        .filter(sync_item::evaluation_id.eq(evaluation.to_string()))
        .filter(sync_item::outcome.ne("stored"))
        .order((sync_item::at_ms, sync_item::client_id, sync_item::hash))
        .select((
            (
                (sync_item::client_id, sync_item::hash),
                sync_item::kind,
                sync_item::body,
                sync_item::evaluator_id,
                sync_item::outlet_id,
                sync_item::outcome,
                sync_item::clock_offset_ms,
                sync_item::at_ms,
            ),
            (
                sync_decision::accepted,
                sync_decision::reason,
                sync_decision::decided_by,
                sync_decision::at_ms,
            )
                .nullable(),
        ))
        .limit(rows_max)
        .load(conn)?;
    rows.into_iter()
        .map(
            |(((id, hash), kind, body, evaluator, outlet, outcome, clock_offset_ms, at_ms), decided)| {
                let corrupt = || StoreError::Corrupt(format!("upload {id}"));
                let decision = decided
                    .map(|(accepted, reason, by, at_ms)| {
                        let by = by.parse().map_err(|_| corrupt())?;
                        Ok::<_, StoreError>(Verdict {
                            accepted,
                            reason,
                            by,
                            at_ms,
                        })
                    })
                    .transpose()?;
                Ok(Kept {
                    kind: Kind::parse(&kind).ok_or_else(corrupt)?,
                    body: match body.as_str() {
                        "" => String::new(),
                        body => cipher.open(&place(evaluation, &id, &hash), body).ok_or_else(corrupt)?,
                    },
                    key: (ClientId::parse(&id).ok_or_else(corrupt)?, hash),
                    evaluator: evaluator.parse().map_err(|_| corrupt())?,
                    outlet: outlet.parse().map_err(|_| corrupt())?,
                    is_conflict: outcome == "conflict",
                    clock_offset_ms,
                    at_ms,
                    decision,
                })
            },
        )
        .collect()
}

/// How many items wait for a reviewer; what its customer withdrew waits for nobody.
///
/// # Errors
/// [`StoreError::Database`].
pub fn waiting(conn: &mut Conn, evaluation: EvaluationId) -> Result<u64, StoreError> {
    let decided = sync_decision::table
        .filter(sync_decision::evaluation_id.eq(sync_item::evaluation_id))
        .filter(sync_decision::client_id.eq(sync_item::client_id))
        .filter(sync_decision::hash.eq(sync_item::hash));
    let waiting: i64 = sync_item::table
        .filter(sync_item::evaluation_id.eq(evaluation.to_string()))
        .filter(sync_item::outcome.ne("stored"))
        .filter(sync_item::body.ne(""))
        .filter(diesel::dsl::not(diesel::dsl::exists(decided)))
        .count()
        .get_result(conn)?;
    Ok(u64::try_from(waiting).unwrap_or(0))
}

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// Decided already, or nothing to decide.
    #[error("nothing waits under this id")]
    NothingWaits,
    /// Sealed, or not closed yet: nothing is added now.
    #[error("not between closing and sealing")]
    NotNow,
    /// The store could not.
    #[error(transparent)]
    Submit(#[from] SubmitError),
}

impl StoreFailure for DecideError {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Submit(error) => error.store_error(),
            Self::NothingWaits | Self::NotNow => None,
        }
    }
}

impl From<StoreError> for DecideError {
    fn from(error: StoreError) -> Self {
        Self::Submit(error.into())
    }
}

impl From<diesel::result::Error> for DecideError {
    fn from(error: diesel::result::Error) -> Self {
        StoreError::from(error).into()
    }
}

/// Decides about a kept item, once. With a record it counts from now on; without it is set aside.
///
/// # Errors
/// [`DecideError`].
pub fn decide(
    tx: &mut WriteTx<'_>,
    instrument: &Arc<Instrument>,
    evaluation: EvaluationId,
    (id, hash): (ClientId, &str),
    accepted: Option<&Record>,
    (by, reason, at_ms): (PersonId, &str, i64),
) -> Result<(), DecideError> {
    links::hold_evaluation(tx.conn, evaluation)?;
    event::lock_chain(tx.conn, evaluation)?;
    let key = (evaluation.to_string(), id.text(), hash.to_owned());
    let outcome: Option<String> = sync_item::table
        .find(key.clone())
        .select(sync_item::outcome)
        .first(tx.conn)
        .optional()?;
    let decided: Option<bool> = sync_decision::table
        .find(key)
        .select(sync_decision::accepted)
        .first(tx.conn)
        .optional()?;
    match (outcome.as_deref(), decided, accepted) {
        (Some("late"), None, _) | (Some("conflict"), None, None) => {}
        _ => return Err(DecideError::NothingWaits),
    }
    let row = (
        sync_decision::evaluation_id.eq(evaluation.to_string()),
        sync_decision::client_id.eq(id.text()),
        sync_decision::hash.eq(hash),
        sync_decision::accepted.eq(accepted.is_some()),
        sync_decision::reason.eq(reason),
        sync_decision::decided_by.eq(by.to_string()),
        sync_decision::at_ms.eq(at_ms),
    );
    if let Some(record) = accepted {
        if evaluations::state(tx.conn, evaluation)? != Some(EvaluationState::Closed) {
            return Err(DecideError::NotNow);
        }
        recording::record(tx, instrument, record)?;
        flag::reopen(tx, evaluation)?;
    }
    diesel::insert_into(sync_decision::table).values(row).execute(tx.conn)?;
    let happened = Event {
        at_ms,
        actor: by.to_string(),
        action: match accepted {
            Some(_) => "upload.accepted",
            None => "upload.rejected",
        }
        .to_owned(),
        object: id.interview().to_string(),
        data: serde_json::json!({"hash": hash, "reason": reason}).to_string(),
    };
    Ok(event::append(tx, evaluation, &happened)?)
}

/// Erases what is kept beside a withdrawn interview: texts that a reviewer looked at, the telephone number.
///
/// # Errors
/// [`StoreError::Database`].
pub(super) fn forget(conn: &mut Conn, evaluation: &str, interview: &str) -> Result<(), StoreError> {
    let kept = sync_item::table
        .filter(sync_item::evaluation_id.eq(evaluation))
        .filter(sync_item::body.ne(""));
    let ids: Vec<String> = kept.select(sync_item::client_id).distinct().load(conn)?;
    let of_it = |id: &String| ClientId::parse(id).is_some_and(|id| id.interview().to_string() == interview);
    for id in ids.into_iter().filter(of_it) {
        diesel::update(kept.filter(sync_item::client_id.eq(id)))
            .set(sync_item::body.eq(""))
            .execute(conn)?;
    }
    diesel::delete(contact_phone::table.find((evaluation, interview))).execute(conn)?;
    Ok(())
}

/// Evaluations in which texts are due for erasure: thirty days after the decision about them.
pub(super) fn due(conn: &mut Conn, now_ms: i64) -> Result<Vec<(String, String)>, StoreError> {
    let ids: Vec<String> = sync_item::table
        .inner_join(sync_decision::table.on(same_item()))
        .filter(sync_item::body.ne(""))
        .filter(sync_decision::at_ms.le(now_ms.saturating_sub(KEPT_MS)))
        .select(sync_item::evaluation_id)
        .distinct()
        .load(conn)?;
    Ok(ids.into_iter().map(|id| (id, String::new())).collect())
}

/// Erases those texts of an evaluation; id, hash and decision stay.
pub(super) fn erase(tx: &mut WriteTx<'_>, id: EvaluationId, reason: &str, now_ms: i64) -> Result<(), StoreError> {
    let keys: Vec<(String, String)> = sync_item::table
        .inner_join(sync_decision::table.on(same_item()))
        .filter(sync_item::evaluation_id.eq(id.to_string()))
        .filter(sync_item::body.ne(""))
        .filter(sync_decision::at_ms.le(now_ms.saturating_sub(KEPT_MS)))
        .select((sync_item::client_id, sync_item::hash))
        .load(tx.conn)?;
    let uploads = keys.len();
    for (client, hash) in keys {
        diesel::update(sync_item::table.find((id.to_string(), client, hash)))
            .set(sync_item::body.eq(""))
            .execute(tx.conn)?;
    }
    let happened = Event {
        at_ms: now_ms,
        actor: "system".to_owned(),
        action: "uploads.erased".to_owned(),
        object: String::new(),
        data: serde_json::json!({"reason": reason, "uploads": uploads}).to_string(),
    };
    event::append(tx, id, &happened)
}

#[diesel::dsl::auto_type]
fn same_item() -> _ {
    sync_decision::evaluation_id
        .eq(sync_item::evaluation_id)
        .and(sync_decision::client_id.eq(sync_item::client_id))
        .and(sync_decision::hash.eq(sync_item::hash))
}
