//! An evaluator's day.

use super::{Line, at, to};
use crate::access::Role;
use crate::access::Who::{self, Member, SignedIn};
use crate::web::interview;

/// Interviews and approaches of evaluators.
pub(super) fn lines() -> Vec<Line> {
    const EVALUATORS: Who = Member(&[Role::Evaluator]);
    vec![
        at("/today").show(SignedIn, to(interview::today)),
        at("/evaluations/{evaluation}/interviews").show(
            Member(&[Role::Manager, Role::Reviewer, Role::Evaluator]),
            to(interview::interviews),
        ),
        at("/evaluations/{evaluation}/outlets/{outlet}/approach")
            .show(EVALUATORS, to(interview::approach))
            .send(EVALUATORS, to(interview::record)),
        at("/evaluations/{evaluation}/outlets/{outlet}/interview").show(EVALUATORS, to(interview::begin)),
        at("/evaluations/{evaluation}/outlets/{outlet}/interview/{form}")
            .show(EVALUATORS, to(interview::interview))
            .send(EVALUATORS, to(interview::submit)),
        at("/evaluations/{evaluation}/outlets/{outlet}/interview/{form}/receipt")
            .show(EVALUATORS, to(interview::receipt)),
    ]
}
