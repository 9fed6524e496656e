//! Supervision of interviews: reviews, one's own interviews, evaluators compared, back-checks.

pub mod back_checks;
pub mod evaluators;
pub mod own;
pub mod reviews;

use actix_web::HttpRequest;

use super::error::Problem;
use crate::store::supervision::{Said, Supervised};
use crate::store::{Conn, StoreError, outlet};
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
