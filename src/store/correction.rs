//! Corrections of interviews: rows beside what they replace, the newest of which is what counts. Tallies follow in the same
//! transaction, by subtracting the old answers and adding the new ones.

use std::collections::BTreeMap;
use std::sync::Arc;

use diesel::prelude::*;

use super::conn::Conn;
use super::grading::{Act, GradingError, hold_open, log};
use super::response::Row;
use super::schema_supervision::response_correction;
use super::{StoreError, WriteTx, flag, response, supervision};
use crate::survey::commitment;
use crate::survey::content;
use crate::survey::correction::Correction;
use crate::survey::form::Problem;
use crate::survey::id::{EvaluationId, InterviewId, ResponseId};
use crate::survey::instrument::Instrument;
use crate::survey::supervision::may_correct;

/// A correction as reviewers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Corrected {
    /// The answers since then, as a stored line.
    pub line: String,
    /// Name of the reason.
    pub reason: String,
    /// In words.
    pub note: String,
    /// When, Unix ms.
    pub at_ms: i64,
}

/// Corrects an interview of one's own.
///
/// # Errors
/// [`GradingError::Refused`] for another's interview, once it was ruled on or too late, where too little would be left for an
/// interview that counts, or after sealing.
pub fn correct(
    tx: &mut WriteTx<'_>,
    instrument: &Arc<Instrument>,
    (id, interview): (EvaluationId, InterviewId),
    new: &Correction,
    answers_salt: [u8; 16],
    (who, at_ms): Act,
) -> Result<(), GradingError> {
    hold_open(tx, id)?;
    let found = supervision::find(tx.conn, id, interview)?;
    let found = found.ok_or_else(|| GradingError::refused("", Problem::NotPossible))?;
    if found.evaluator != who {
        return Err(GradingError::refused("", Problem::NotEntitled));
    }
    supervision::hold_unsealed(tx, id)?;
    if found.is_withdrawn || !may_correct(found.standing, found.received_hour_ms, at_ms) {
        return Err(GradingError::refused("", Problem::NotPossible));
    }
    // How it ended stays as it was; what would not have counted then does not count by correction.
    if response::is_break_off(instrument, new.answers.replies())? {
        let services = &instrument.questionnaire().screening().services.id;
        return Err(GradingError::refused(services, Problem::TooLittleLeft));
    }
    let line = content::encode(instrument.questionnaire(), &new.answers);
    let committed = data_encoding::HEXLOWER.encode(&commitment::inner(&answers_salt, &line));
    let version = newest_version(tx.conn, id, found.response)? + 1;
    let before = response::standing_score(tx.conn, instrument, id, found.response)?;
    let row = (
        response_correction::evaluation_id.eq(id.to_string()),
        response_correction::response_id.eq(found.response.to_string()),
        response_correction::version.eq(version),
        response_correction::interview_id.eq(interview.to_string()),
        response_correction::evaluator_id.eq(found.evaluator.to_string()),
        response_correction::answers.eq(&line),
        response_correction::salt.eq(data_encoding::HEXLOWER.encode(&answers_salt)),
        response_correction::commitment.eq(&committed),
        response_correction::reason.eq(new.reason.as_str()),
        response_correction::note.eq(&new.note),
        response_correction::corrected_by.eq(who.to_string()),
        response_correction::at_ms.eq(at_ms),
    );
    diesel::insert_into(response_correction::table)
        .values(row)
        .execute(tx.conn)?;
    let after = response::standing_score(tx.conn, instrument, id, found.response)?;
    response::replace(tx, instrument, before, after);
    flag::reopen(tx, id)?;
    let data = serde_json::json!({
        "commitment": committed, "reason": new.reason.as_str(), "version": version,
    });
    let about = ("response.corrected", &*found.response.to_string());
    Ok(log(tx, id, (who, at_ms), about, &data)?)
}

fn newest_version(conn: &mut Conn, id: EvaluationId, response: ResponseId) -> Result<i32, StoreError> {
    let newest: Option<i32> = response_correction::table
        .filter(response_correction::evaluation_id.eq(id.to_string()))
        .filter(response_correction::response_id.eq(response.to_string()))
        .select(diesel::dsl::max(response_correction::version))
        .first(conn)?;
    Ok(newest.unwrap_or(0))
}

/// The newest corrected answers of every response that has any, as stored lines.
///
/// # Errors
/// [`StoreError::Database`].
pub(super) fn lines(conn: &mut Conn, id: EvaluationId) -> Result<BTreeMap<String, String>, StoreError> {
    let rows: Vec<(String, String)> = response_correction::table
        .filter(response_correction::evaluation_id.eq(id.to_string()))
        .order(response_correction::version)
        .select((response_correction::response_id, response_correction::answers))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// The newest corrected answers of one response.
///
/// # Errors
/// [`StoreError::Database`].
pub(super) fn line_of(conn: &mut Conn, id: EvaluationId, response: ResponseId) -> Result<Option<String>, StoreError> {
    let line = response_correction::table
        .filter(response_correction::evaluation_id.eq(id.to_string()))
        .filter(response_correction::response_id.eq(response.to_string()))
        .order(response_correction::version.desc())
        .select(response_correction::answers);
    Ok(line.first(conn).optional()?)
}

/// Puts corrected answers into the place of the first ones, where those are not erased.
pub(super) fn apply(lines: &BTreeMap<String, String>, row: &mut Row) {
    if let (Some(answers), Some(corrected)) = (&mut row.4, lines.get(&row.0)) {
        answers.clone_from(corrected);
    }
}

/// Erases what a withdrawn response was corrected to; the withdrawal's event comes first.
pub(super) fn erase(tx: &mut WriteTx<'_>, id: EvaluationId, response: ResponseId) -> Result<(), StoreError> {
    let rows = response_correction::table
        .filter(response_correction::evaluation_id.eq(id.to_string()))
        .filter(response_correction::response_id.eq(response.to_string()));
    diesel::delete(rows).execute(tx.conn)?;
    Ok(())
}

/// The corrections of a response, oldest first.
///
/// # Errors
/// [`StoreError::Database`].
pub fn list(conn: &mut Conn, id: EvaluationId, response: ResponseId) -> Result<Vec<Corrected>, StoreError> {
    let rows: Vec<(String, String, String, i64)> = response_correction::table
        .filter(response_correction::evaluation_id.eq(id.to_string()))
        .filter(response_correction::response_id.eq(response.to_string()))
        .order(response_correction::version)
        .select((
            response_correction::answers,
            response_correction::reason,
            response_correction::note,
            response_correction::at_ms,
        ))
        .load(conn)?;
    let read = |(line, reason, note, at_ms)| Corrected {
        line,
        reason,
        note,
        at_ms,
    };
    Ok(rows.into_iter().map(read).collect())
}

/// A correction that is not what was committed to: the response's id.
///
/// # Errors
/// [`StoreError::Database`].
pub(super) fn broken(conn: &mut Conn, id: EvaluationId) -> Result<Option<String>, StoreError> {
    let rows: Vec<(String, String, String, String)> = response_correction::table
        .filter(response_correction::evaluation_id.eq(id.to_string()))
        .select((
            response_correction::response_id,
            response_correction::answers,
            response_correction::salt,
            response_correction::commitment,
        ))
        .load(conn)?;
    let committed = super::event::commitments(conn, id, "response.corrected")?;
    let holds = |(response, answers, salt, commitment): &(String, String, String, String)| {
        let salt = data_encoding::HEXLOWER.decode(salt.as_bytes()).ok();
        let salt: Option<[u8; 16]> = salt.and_then(|salt| salt.try_into().ok());
        salt.is_some_and(|salt| data_encoding::HEXLOWER.encode(&commitment::inner(&salt, answers)) == *commitment)
            && committed.contains(&(response.clone(), commitment.clone()))
    };
    Ok(rows.into_iter().find(|row| !holds(row)).map(|row| row.0))
}
