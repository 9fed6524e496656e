//! Acting on an evaluation from a page of the office: who does it, what must be corrected, which page comes next.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDate;

use super::entrance::Signed;
use super::error::Problem;
use super::page;
use super::state::WebState;
use crate::access::{RoleSet, Sight};
use crate::store::grading::{Act, GradingError};
use crate::store::{Conn, StoreError, evaluation};
use crate::survey::evaluation::EvaluationState;
use crate::survey::form::FieldError;
use crate::survey::id::EvaluationId;
use crate::view::grading::Typed;

/// The day it is in China.
pub(super) fn today(state: &WebState) -> NaiveDate {
    const CHINA_OFFSET_MS: i64 = 8 * 3_600_000;
    let now_ms = state.clock.now_ms().saturating_add(CHINA_OFFSET_MS);
    chrono::DateTime::from_timestamp_millis(now_ms)
        .unwrap_or_default()
        .date_naive()
}

/// Who acts, and when.
pub(super) fn act(signed: &Signed, state: &WebState) -> Act {
    (signed.viewer.person, state.clock.now_ms())
}

/// What must be corrected, or nothing when it was done.
pub(super) fn settle(done: Result<(), GradingError>) -> Result<Vec<FieldError>, Problem> {
    Ok(outcome(done)?.err().unwrap_or_default())
}

/// What was done, or what must be corrected.
pub(super) fn outcome<T>(done: Result<T, GradingError>) -> Result<Result<T, Vec<FieldError>>, Problem> {
    match done {
        Ok(done) => Ok(Ok(done)),
        Err(GradingError::Refused(error)) => Ok(Err(vec![error])),
        Err(GradingError::Store(error)) => Err(error.into()),
    }
}

/// A page, or the same page again with what must be corrected.
pub(super) fn answer(request: &HttpRequest, typed: &Typed, text: &str) -> HttpResponse {
    let status = match typed.errors.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    page::office(request, status, text)
}

/// Back to a page of the evaluation, after something was done.
pub(super) fn back(id: EvaluationId, end: &str) -> HttpResponse {
    page::see_other(&format!("/evaluations/{id}/{end}"))
}

/// How much of results these roles see in an evaluation of this state.
pub(super) fn sight(
    conn: &mut Conn,
    id: EvaluationId,
    roles: RoleSet,
    state: EvaluationState,
) -> Result<Sight, StoreError> {
    Ok(Sight::of(roles, state, evaluation::is_interim_opened(conn, id)?))
}
