//! Telephone numbers that customers left for verification: sealed, apart from their answers, for a limited time.

use diesel::prelude::*;

use super::conn::Conn;
use super::schema_offline::contact_phone;
use super::schema_proof::seal;
use super::{StoreError, WriteTx, event};
use crate::survey::event::Event;
use crate::survey::id::{EvaluationId, InterviewId};
use crate::survey::retention::Retention;

/// How long a number is kept after verification, and at most after sealing.
pub const KEPT_MS: i64 = 30 * 86_400_000;

/// A number that waits for a call, or was called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedPhone {
    /// Interview.
    pub interview: InterviewId,
    /// The number under the server's key.
    pub sealed: String,
    /// When the customer agreed, Unix ms.
    pub consented_at_ms: i64,
    /// When somebody verified the interview by it, Unix ms.
    pub verified_at_ms: Option<i64>,
}

/// Keeps a number; its event says that one was given, not which.
///
/// # Errors
/// [`StoreError::Database`].
pub(super) fn insert(
    tx: &mut WriteTx<'_>,
    evaluation: EvaluationId,
    id: InterviewId,
    sealed: &str,
    (actor, at_ms): (&str, i64),
) -> Result<(), StoreError> {
    let row = (
        contact_phone::evaluation_id.eq(evaluation.to_string()),
        contact_phone::interview_id.eq(id.to_string()),
        contact_phone::sealed.eq(sealed),
        contact_phone::consented_at_ms.eq(at_ms),
    );
    diesel::insert_into(contact_phone::table).values(row).execute(tx.conn)?;
    log(tx, evaluation, "phone.consented", &id.to_string(), actor, at_ms)
}

/// The numbers of an evaluation, in the order of their interviews' random ids.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn list(conn: &mut Conn, evaluation: EvaluationId) -> Result<Vec<SealedPhone>, StoreError> {
    let rows: Vec<(String, String, i64, Option<i64>)> = contact_phone::table
        .filter(contact_phone::evaluation_id.eq(evaluation.to_string()))
        .order(contact_phone::interview_id)
        .select((
            contact_phone::interview_id,
            contact_phone::sealed,
            contact_phone::consented_at_ms,
            contact_phone::verified_at_ms,
        ))
        .load(conn)?;
    rows.into_iter()
        .map(|(id, sealed, consented_at_ms, verified_at_ms)| {
            Ok(SealedPhone {
                interview: id.parse().map_err(|_| StoreError::Corrupt(format!("interview {id}")))?,
                sealed,
                consented_at_ms,
                verified_at_ms,
            })
        })
        .collect()
}

/// Notes that numbers were looked at.
///
/// # Errors
/// [`StoreError::Database`].
pub fn note_seen(tx: &mut WriteTx<'_>, evaluation: EvaluationId, actor: &str, at_ms: i64) -> Result<(), StoreError> {
    log(tx, evaluation, "phone.seen", "", actor, at_ms)
}

/// Notes that an interview was verified by its number; from now on the number's last thirty days run.
///
/// # Errors
/// [`StoreError::Database`].
pub fn verify(
    tx: &mut WriteTx<'_>,
    evaluation: EvaluationId,
    id: InterviewId,
    actor: &str,
    at_ms: i64,
) -> Result<(), StoreError> {
    let row = contact_phone::table.find((evaluation.to_string(), id.to_string()));
    let changed = diesel::update(row.filter(contact_phone::verified_at_ms.is_null()))
        .set(contact_phone::verified_at_ms.eq(at_ms))
        .execute(tx.conn)?;
    match changed {
        0 => Ok(()),
        _ => log(tx, evaluation, "phone.verified", &id.to_string(), actor, at_ms),
    }
}

/// Erases the numbers whose time is over: thirty days after verification, at the latest thirty days after sealing.
/// Returns how many.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn purge(tx: &mut WriteTx<'_>, now_ms: i64) -> Result<usize, StoreError> {
    let due = due(tx.conn, now_ms)?;
    for (evaluation, interview) in &due {
        let corrupt = |_| StoreError::Corrupt(format!("evaluation {evaluation}"));
        let id = evaluation.parse().map_err(corrupt)?;
        erase(tx, id, interview, Retention::Phones.as_str(), now_ms)?;
    }
    Ok(due.len())
}

/// Evaluation and interview of the numbers whose time is over.
pub(super) fn due(conn: &mut Conn, now_ms: i64) -> Result<Vec<(String, String)>, StoreError> {
    let before = now_ms.saturating_sub(KEPT_MS);
    let sealed: Vec<String> = seal::table
        .filter(seal::at_ms.le(before))
        .select(seal::evaluation_id)
        .load(conn)?;
    let over = contact_phone::verified_at_ms
        .le(before)
        .or(contact_phone::evaluation_id.eq_any(sealed).nullable());
    Ok(contact_phone::table
        .filter(over)
        .select((contact_phone::evaluation_id, contact_phone::interview_id))
        .load(conn)?)
}

/// Erases a number.
pub(super) fn erase(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    interview: &str,
    reason: &'static str,
    at_ms: i64,
) -> Result<(), StoreError> {
    diesel::delete(contact_phone::table.find((id.to_string(), interview))).execute(tx.conn)?;
    let happened = Event {
        at_ms,
        actor: "system".to_owned(),
        action: "phone.erased".to_owned(),
        object: interview.to_owned(),
        data: serde_json::json!({"reason": reason}).to_string(),
    };
    event::append(tx, id, &happened)
}

fn log(
    tx: &mut WriteTx<'_>,
    evaluation: EvaluationId,
    action: &str,
    object: &str,
    actor: &str,
    at_ms: i64,
) -> Result<(), StoreError> {
    let happened = Event {
        at_ms,
        actor: actor.to_owned(),
        action: action.to_owned(),
        object: object.to_owned(),
        data: "{}".to_owned(),
    };
    event::append(tx, evaluation, &happened)
}
