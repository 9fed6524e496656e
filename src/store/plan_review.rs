//! What a reviewer says of a frozen plan. Only what was approved as it is frozen may be opened; what is returned goes back
//! to the draft, before any customer was contacted.

use diesel::prelude::*;

use super::conn::Conn;
use super::schema::evaluation;
use super::schema_planning::plan_review;
use super::{StoreError, WriteTx, evaluation as evaluations, event, plan};
use crate::survey::evaluation::EvaluationState;
use crate::survey::event::Event;
use crate::survey::id::EvaluationId;
use crate::survey::plan_review::Verdict;

/// The newest review of an evaluation's plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// Hash of the plan it speaks of.
    pub plan_hash: String,
    /// Approved, or returned.
    pub verdict: Verdict,
    /// What the reviewer wrote; never empty where the plan was returned.
    pub comment: String,
    /// Who reviewed: an actor of events.
    pub reviewed_by: String,
    /// When, Unix ms.
    pub at_ms: i64,
}

/// What became of a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reviewed {
    /// Recorded.
    Done,
    /// There is no plan that waits for a review, or another one than was looked at.
    Outdated,
    /// By whoever froze the plan.
    Own,
}

/// The newest review; `None` where there is none.
///
/// # Errors
/// [`StoreError::Database`].
pub fn newest(conn: &mut Conn, id: EvaluationId) -> Result<Option<Review>, StoreError> {
    let row: Option<(String, bool, String, String, i64)> = plan_review::table
        .filter(plan_review::evaluation_id.eq(id.to_string()))
        .order(plan_review::seq.desc())
        .select((
            plan_review::plan_hash,
            plan_review::approved,
            plan_review::comment,
            plan_review::reviewed_by,
            plan_review::at_ms,
        ))
        .first(conn)
        .optional()?;
    let read = |(plan_hash, approved, comment, reviewed_by, at_ms)| Review {
        plan_hash,
        verdict: match approved {
            true => Verdict::Approve,
            false => Verdict::Return,
        },
        comment,
        reviewed_by,
        at_ms,
    };
    Ok(row.map(read))
}

/// The approval of the plan exactly as it is stored; `None` where it waits for one.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn approval(conn: &mut Conn, id: EvaluationId) -> Result<Option<Review>, StoreError> {
    let Some(stored) = plan::find(conn, id)? else {
        return Ok(None);
    };
    let newest = newest(conn, id)?;
    Ok(newest.filter(|review| review.verdict == Verdict::Approve && review.plan_hash == stored.hash))
}

/// Records what a reviewer says of the plan with this hash. Approved twice is approved once.
///
/// # Errors
/// [`StoreError::Corrupt`]; [`StoreError::Database`], also when the database refuses it.
pub fn review(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    plan_hash: &str,
    (verdict, comment): (Verdict, &str),
    (reviewer, at_ms): (&str, i64),
) -> Result<Reviewed, StoreError> {
    let state = evaluations::held_state(tx, id)?;
    if plan::find(tx.conn, id)?.is_none_or(|stored| stored.hash != plan_hash) {
        return Ok(Reviewed::Outdated);
    }
    match approval(tx.conn, id)? {
        Some(_) if verdict == Verdict::Approve => return Ok(Reviewed::Done),
        _ if state != EvaluationState::Frozen => return Ok(Reviewed::Outdated),
        _ => {}
    }
    let events = event::list_by_object(tx.conn, id, "")?;
    let frozen = events.iter().rev().find(|event| event.action == "evaluation.frozen");
    let submitted_by = frozen.map_or("", |event| event.actor.as_str());
    if submitted_by == reviewer {
        return Ok(Reviewed::Own);
    }
    let last: Option<i64> = plan_review::table
        .filter(plan_review::evaluation_id.eq(id.to_string()))
        .select(diesel::dsl::max(plan_review::seq))
        .first(tx.conn)?;
    let row = (
        plan_review::evaluation_id.eq(id.to_string()),
        plan_review::seq.eq(last.unwrap_or(0) + 1),
        plan_review::plan_hash.eq(plan_hash),
        plan_review::approved.eq(verdict == Verdict::Approve),
        plan_review::comment.eq(comment),
        plan_review::submitted_by.eq(submitted_by),
        plan_review::reviewed_by.eq(reviewer),
        plan_review::at_ms.eq(at_ms),
    );
    diesel::insert_into(plan_review::table).values(row).execute(tx.conn)?;
    if verdict == Verdict::Return {
        let row = evaluation::table.find(id.to_string());
        diesel::update(row)
            .set(evaluation::state.eq(EvaluationState::Draft.as_str()))
            .execute(tx.conn)?;
    }
    let happened = Event {
        at_ms,
        actor: reviewer.to_owned(),
        action: verdict.action().to_owned(),
        object: String::new(),
        data: serde_json::json!({"plan": plan_hash, "reason": comment}).to_string(),
    };
    event::append(tx, id, &happened)?;
    Ok(Reviewed::Done)
}
