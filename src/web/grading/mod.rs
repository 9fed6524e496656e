//! The office's pages of scoring, audit, facts, decision and certificate.

pub mod audit;
pub mod certificate;
pub mod conflict;
pub mod decision;
pub mod facts;
pub mod policy;
pub mod scoring;

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDate;

use super::entrance::Signed;
use super::error::Problem;
use super::page;
use super::state::WebState;
use crate::grading::record::Record;
use crate::grading::ruling::Decision;
use crate::store::grading::{Act, GradingError};
use crate::store::{StoreError, decision as decisions, grading, person};
use crate::survey::form::FieldError;
use crate::survey::id::EvaluationId;
use crate::view::grading::{Names, Typed};
use crate::view::survey::Trouble;

/// Everything that the pages of one evaluation show.
struct Case {
    id: EvaluationId,
    record: Record,
    names: Names,
    decision: Option<Decision>,
}

impl Case {
    /// # Errors
    /// What the store returns.
    async fn read(signed: &Signed, state: &WebState) -> Result<Self, Problem> {
        let id = signed.evaluation.ok_or(Trouble::NotFound)?;
        let catalogue = Arc::clone(state.store.catalogue());
        let case: Result<Self, StoreError> = state
            .store
            .read(move |conn| {
                Ok(Self {
                    id,
                    record: grading::record(conn, &catalogue, id)?,
                    names: person::all_names(conn)?,
                    decision: decisions::latest(conn, id)?,
                })
            })
            .await;
        Ok(case?)
    }
}

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
    match done {
        Ok(()) => Ok(Vec::new()),
        Err(GradingError::Refused(error)) => Ok(vec![error]),
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
