//! Assignments, what became of approaches, paper forms.

use super::{Line, MANAGER, at, to};
use crate::access::Role;
use crate::access::Who::{self, Member};
use crate::web::interview::{self, assignments, contacts};

/// Planning and following fieldwork in person.
pub(super) fn lines() -> Vec<Line> {
    const EVALUATORS: Who = Member(&[Role::Evaluator]);
    const OVERSEERS: Who = Member(&[Role::Manager, Role::Reviewer]);
    vec![
        at("/evaluations/{evaluation}/assignments")
            .show(OVERSEERS, to(assignments::page))
            .send(Member(MANAGER), to(assignments::set)),
        at("/evaluations/{evaluation}/assignments/withdraw").send(Member(MANAGER), to(assignments::withdraw)),
        at("/evaluations/{evaluation}/contacts").show(OVERSEERS, to(contacts::page)),
        at("/evaluations/{evaluation}/paper").show(
            Member(&[Role::Manager, Role::Reviewer, Role::Evaluator]),
            to(interview::paper),
        ),
        at("/evaluations/{evaluation}/outlets/{outlet}/paper").show(EVALUATORS, to(interview::begin)),
        at("/evaluations/{evaluation}/outlets/{outlet}/paper/{form}")
            .show(EVALUATORS, to(interview::interview))
            .send(EVALUATORS, to(interview::submit)),
    ]
}
