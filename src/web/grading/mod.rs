//! The office's pages of scoring, audit, facts, decision and certificate.

pub mod audit;
pub mod certificate;
pub mod conflict;
pub mod decision;
pub mod facts;
pub mod policy;
pub mod scoring;

use std::sync::Arc;

use super::entrance::Signed;
use super::error::Problem;
use super::state::WebState;
use crate::grading::record::Record;
use crate::grading::ruling::Decision;
use crate::store::{StoreError, decision as decisions, grading, person};
use crate::survey::id::EvaluationId;
use crate::view::grading::Names;
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
