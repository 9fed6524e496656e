//! Supervision of interviews.

use super::{Line, at, to};
use crate::access::Role;
use crate::access::Who::{self, Member};
use crate::web::supervision::{back_checks, evaluators, own, reviews};

/// Reviews, one's own interviews, evaluators compared, back-checks.
pub(super) fn lines() -> Vec<Line> {
    const OVERSEERS: Who = Member(&[Role::Manager, Role::Reviewer]);
    const REVIEWERS: Who = Member(&[Role::Reviewer]);
    const EVALUATORS: Who = Member(&[Role::Evaluator]);
    const MANAGERS: Who = Member(&[Role::Manager]);
    const CHECKERS: Who = Member(&[Role::Manager, Role::Reviewer, Role::Evaluator]);
    vec![
        at("/evaluations/{evaluation}/reviews")
            .show(OVERSEERS, to(reviews::list))
            .send(REVIEWERS, to(reviews::approve)),
        at("/evaluations/{evaluation}/reviews/{interview}")
            .show(OVERSEERS, to(reviews::one))
            .send(REVIEWERS, to(reviews::ruling)),
        at("/evaluations/{evaluation}/own-interviews").show(EVALUATORS, to(own::list)),
        at("/evaluations/{evaluation}/own-interviews/{interview}").show(EVALUATORS, to(own::one)),
        at("/evaluations/{evaluation}/own-interviews/{interview}/answer").send(EVALUATORS, to(own::answer)),
        at("/evaluations/{evaluation}/own-interviews/{interview}/correction").send(EVALUATORS, to(own::correct)),
        at("/evaluations/{evaluation}/evaluators").show(OVERSEERS, to(evaluators::page)),
        at("/evaluations/{evaluation}/back-checks").show(CHECKERS, to(back_checks::list)),
        at("/evaluations/{evaluation}/back-checks/seed").send(MANAGERS, to(back_checks::seed)),
        at("/evaluations/{evaluation}/back-checks/draw").send(MANAGERS, to(back_checks::draw)),
        at("/evaluations/{evaluation}/back-checks/{interview}")
            .show(CHECKERS, to(back_checks::one))
            .send(CHECKERS, to(back_checks::record)),
    ]
}
