//! The result of an evaluation with everything that identifies it: what pages and files render.

use std::sync::Arc;

use super::evaluation::EvaluationState;
use super::id::{EvaluationId, OutletId};
use super::instrument::Instrument;
use super::language::Text;
use super::supervision::Counts;
use crate::statistics::margin::GradeMargin;
use crate::statistics::result::SurveyResult;

/// A result and what it belongs to.
#[derive(Debug, Clone)]
pub struct Report {
    /// The evaluation.
    pub evaluation: EvaluationId,
    /// Name of the organisation.
    pub firm: Text,
    /// Title of the wave.
    pub title: Text,
    /// State of the evaluation when the result was computed.
    pub state: EvaluationState,
    /// Questionnaire and method.
    pub instrument: Arc<Instrument>,
    /// Version of the privacy notice; `None` before opening.
    pub notice_version: Option<String>,
    /// Outlets in their order; the result names them by their place in this list.
    pub outlets: Vec<ReportOutlet>,
    /// How interviews stand in review; `None` where the method asks for no approval.
    pub interviews: Option<Counts>,
    /// Who opened interim results, if fieldwork still runs.
    pub interim: Option<Interim>,
    /// Fieldwork is over, and what takes a pass over the responses is not there yet.
    pub scan_pending: bool,
    /// How many answers the star hangs on; nothing without S.
    pub margin: Option<GradeMargin>,
    /// The figures.
    pub result: SurveyResult,
}

/// An outlet in a report.
#[derive(Debug, Clone)]
pub struct ReportOutlet {
    /// Its id.
    pub id: OutletId,
    /// Its name.
    pub name: Text,
    /// Customers served in the window; `None` = unknown.
    pub customers: Option<i64>,
    /// Planned interviews.
    pub target_face: i32,
    /// Planned electronic answers.
    pub target_electronic: i32,
}

/// The logged act of opening results before fieldwork ended; rules out an extension (requirements.md §6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interim {
    /// When, Unix ms.
    pub at_ms: i64,
    /// Who, by name.
    pub actor: String,
}

impl Report {
    /// Whether scores may be shown: after fieldwork, or once somebody deliberately opened interim results. Until then
    /// pages show counts only, so that nobody tunes the fieldwork by its result.
    pub fn shows_scores(&self) -> bool {
        self.state > EvaluationState::Open || self.interim.is_some()
    }
}
