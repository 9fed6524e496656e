//! Interviews and approaches of evaluators. What comes in here is in person because it came in here: by a signed-in
//! evaluator of the evaluation, on a form that was signed for them; nothing in a form can say so or change it.

mod approach;
pub mod assignments;
pub mod contacts;
mod fieldwork;
mod form;
mod paper;
mod record;

use std::sync::Arc;

use actix_web::HttpRequest;

use super::entrance::Signed;
use super::error::Problem;
use super::state::WebState;
use crate::store::evaluation::Evaluation;
use crate::store::outlet::{self, Outlet};
use crate::survey::admission::Refusal;
use crate::survey::id::OutletId;
use crate::survey::instrument::Instrument;
use crate::view::office::{Desk, Room};
use crate::view::survey::Trouble;

pub use approach::{approach, record};
pub use fieldwork::{field, interviews, today};
pub use form::{begin, interview, receipt, submit};
pub use paper::paper;
pub use record::{Origin, Recorder};

/// An evaluator at an outlet of an evaluation.
struct Visit<'a> {
    request: &'a HttpRequest,
    state: &'a WebState,
    signed: &'a Signed,
    evaluation: Evaluation,
    outlet: Outlet,
    desk: Desk,
    now_ms: i64,
    /// An interview is entered from a paper form.
    on_paper: bool,
}

impl<'a> Visit<'a> {
    /// The outlet of the address, in the evaluation of the address.
    async fn of(
        request: &'a HttpRequest,
        state: &'a WebState,
        signed: &'a Signed,
        outlet: &str,
    ) -> Result<Self, Problem> {
        let (evaluation, desk) = signed.inside(request, state, Room::Interviews).await?;
        let wanted: OutletId = outlet.parse().map_err(|_| Trouble::NotFound)?;
        let id = evaluation.id;
        let outlets = state.store.read(move |conn| outlet::list(conn, id)).await?;
        let outlet = outlets.into_iter().find(|outlet| outlet.id == wanted);
        Ok(Self {
            request,
            state,
            signed,
            evaluation,
            outlet: outlet.ok_or(Trouble::NotFound)?,
            desk,
            now_ms: state.clock.now_ms(),
            on_paper: request.match_pattern().is_some_and(|path| path.contains("/paper")),
        })
    }

    /// Whether an interview may begin now.
    fn admit(&self) -> Result<(), Refusal> {
        let now_ms = self.now_ms;
        let in_field = self.evaluation.field.admit(now_ms, now_ms);
        self.evaluation.state.admit_interview(in_field, false)
    }

    fn instrument(&self) -> Arc<Instrument> {
        Arc::clone(&self.evaluation.instrument)
    }

    /// `/evaluations/…/outlets/…`
    fn base(&self) -> String {
        format!("/evaluations/{}/outlets/{}", self.evaluation.id, self.outlet.id)
    }

    /// The address of an interview's signed form.
    fn form(&self, sealed: &str) -> String {
        let way = if self.on_paper { "paper" } else { "interview" };
        format!("{}/{way}/{sealed}", self.base())
    }

    /// The evaluation's list of outlets.
    fn list(&self) -> String {
        format!("/evaluations/{}/interviews", self.evaluation.id)
    }
}
