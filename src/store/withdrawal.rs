//! A customer and their answer: whether it is on record, and its withdrawal until sealing (requirements.md §8.6).

use diesel::prelude::*;

use super::catalogue::Catalogue;
use super::conn::{Conn, per_backend};
use super::response::decide;
use super::schema::{evaluation, event, response, response_comment, response_content};
use super::{StoreError, WriteTx, comment, correction, evaluation as evaluations, flag, late, link as links, mark};
use crate::survey::counting::Decision;
use crate::survey::evaluation::EvaluationState;
use crate::survey::id::{EvaluationId, ResponseId};

/// Who withdraws, in the log.
const CUSTOMER: &str = "customer";

/// What a receipt's holder is told about their answer: nothing of what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// On record, and may still be withdrawn.
    OnRecord,
    /// On record for good: results are sealed.
    Sealed,
    /// Withdrawn and erased.
    Withdrawn,
}

/// How an answer stands; `None` when there is none of this id in any evaluation.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn standing(conn: &mut Conn, id: ResponseId) -> Result<Option<Standing>, StoreError> {
    match find(conn, id)? {
        Some(evaluation) => standing_in(conn, evaluation, id).map(Some),
        None => Ok(None),
    }
}

/// Withdraws an answer: it no longer counts and what it said is erased. Twice is as once; the standing after it.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn withdraw(
    tx: &mut WriteTx<'_>,
    catalogue: &Catalogue,
    id: ResponseId,
    now_ms: i64,
) -> Result<Option<Standing>, StoreError> {
    let Some(evaluation) = find(tx.conn, id)? else {
        return Ok(None);
    };
    // Nobody seals it until this is done.
    links::hold_evaluation(tx.conn, evaluation)?;
    match standing_in(tx.conn, evaluation, id)? {
        Standing::OnRecord => {}
        other => return Ok(Some(other)),
    }
    let found = evaluations::find(tx.conn, catalogue, evaluation)?
        .ok_or_else(|| StoreError::Corrupt(format!("evaluation {evaluation}")))?;
    // The event comes first: the database lets nothing be erased without it.
    decide(
        tx,
        &found.instrument,
        evaluation,
        id,
        Decision::Withdrawn,
        (CUSTOMER, "", now_ms),
    )?;
    mark::forget(tx.conn, evaluation, id)?;
    flag::forget(tx.conn, evaluation, id)?;
    let key = (evaluation.to_string(), id.to_string());
    correction::erase(tx, evaluation, id)?;
    comment::forget(tx.conn, evaluation, id)?;
    diesel::delete(response_comment::table.find(key.clone())).execute(tx.conn)?;
    diesel::delete(response_content::table.find(key.clone())).execute(tx.conn)?;
    let interview: Option<String> = response::table
        .find(key.clone())
        .select(response::interview_id)
        .first(tx.conn)?;
    if let Some(interview) = interview {
        late::forget(tx.conn, &key.0, &interview)?;
    }
    Ok(Some(Standing::Withdrawn))
}

/// The evaluation that an answer belongs to, looked up evaluation by evaluation: there is no list of answers across them.
fn find(conn: &mut Conn, id: ResponseId) -> Result<Option<EvaluationId>, StoreError> {
    let found: Option<String> = evaluation::table
        .inner_join(response::table.on(response::evaluation_id.eq(evaluation::id)))
        .filter(response::id.eq(id.to_string()))
        .select(evaluation::id)
        .first(conn)
        .optional()?;
    let corrupt = |id: String| StoreError::Corrupt(format!("evaluation {id}"));
    found.map(|id| id.parse().map_err(|_| corrupt(id))).transpose()
}

fn standing_in(conn: &mut Conn, evaluation: EvaluationId, id: ResponseId) -> Result<Standing, StoreError> {
    let events = event::table.filter(
        event::evaluation_id
            .eq(evaluation.to_string())
            .and(event::object.eq(id.to_string()))
            .and(event::action.eq(Decision::Withdrawn.action())),
    );
    let exists = diesel::select(diesel::dsl::exists(events));
    if per_backend!(&mut *conn, |c| exists.get_result::<bool>(c))? {
        return Ok(Standing::Withdrawn);
    }
    match evaluations::state(conn, evaluation)? {
        Some(state) if state <= EvaluationState::Closed => Ok(Standing::OnRecord),
        _ => Ok(Standing::Sealed),
    }
}
