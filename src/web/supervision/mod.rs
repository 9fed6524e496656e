//! Supervision of interviews: reviews, one's own interviews, evaluators compared, back-checks.

pub mod back_checks;
pub mod evaluators;
pub mod own;
pub mod reviews;

use actix_web::HttpRequest;

use super::error::Problem;
use crate::access::{RoleSet, Sight};
use crate::store::supervision::{Said, Supervised};
use crate::store::{Conn, StoreError, evaluation, event, outlet};
use crate::survey::evaluation::EvaluationState;
use crate::survey::id::{EvaluationId, InterviewId};
use crate::view::supervision::{Outlets, Row, SaidLine};
use crate::view::survey::Trouble;

/// The interview that an address names.
fn named(request: &HttpRequest) -> Result<InterviewId, Problem> {
    let text = request.match_info().get("interview").unwrap_or_default();
    Ok(text.parse().map_err(|_| Trouble::NotFound)?)
}

fn row(one: &Supervised) -> Row {
    Row {
        interview: one.interview,
        evaluator: one.evaluator,
        outlet: one.outlet,
        times_ms: (one.started_at_ms, one.ended_at_ms),
        standing: one.is_reviewed().then_some(one.standing),
        corrections: one.corrections,
    }
}

fn line(said: Said) -> SaidLine {
    SaidLine {
        step: said.step,
        reason: said.reason,
        comment: said.comment,
        by: said.by,
        at_ms: said.at_ms,
    }
}

fn outlets(conn: &mut Conn, id: EvaluationId) -> Result<Outlets, StoreError> {
    let outlets = outlet::list(conn, id)?.into_iter();
    Ok(outlets.map(|outlet| (outlet.id, outlet.name)).collect())
}

/// How much of results these roles see in an evaluation of this state.
fn sight(conn: &mut Conn, id: EvaluationId, roles: RoleSet, state: EvaluationState) -> Result<Sight, StoreError> {
    let events = event::list_by_object(conn, id, "")?;
    let interim = events.iter().any(|event| event.action == evaluation::INTERIM_OPENED);
    Ok(Sight::of(roles, state, interim))
}
