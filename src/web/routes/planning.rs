//! Around the plan: outlets drawn, deviations, plates in the field, visits.

use super::{DESK, Line, MANAGER, at, to};
use crate::access::Role;
use crate::access::Who::{FreshMember, Member};
use crate::web::planning::{deviation, draw, funnel, posting};

/// Draws, deviations, postings, the funnel.
pub(super) fn lines() -> Vec<Line> {
    const POSTERS: &[Role] = &[Role::Manager, Role::Reviewer, Role::Evaluator];
    vec![
        at("/evaluations/{evaluation}/plan/draw")
            .show(Member(DESK), to(draw::page))
            .send(Member(MANAGER), to(draw::announce)),
        at("/evaluations/{evaluation}/plan/draw/make").send(Member(MANAGER), to(draw::make)),
        at("/evaluations/{evaluation}/plan/draw/{number}/frame.csv").show(Member(DESK), to(draw::frame)),
        at("/evaluations/{evaluation}/plan/draw/{number}/plan.json").show(Member(DESK), to(draw::plan)),
        at("/evaluations/{evaluation}/deviations")
            .show(Member(DESK), to(deviation::page))
            .send(Member(MANAGER), to(deviation::propose)),
        at("/evaluations/{evaluation}/deviations/review").send(FreshMember(&[Role::Reviewer]), to(deviation::review)),
        at("/evaluations/{evaluation}/postings")
            .show(Member(POSTERS), to(posting::page))
            .send(Member(&[Role::Evaluator]), to(posting::note)),
        at("/evaluations/{evaluation}/funnel").show(Member(DESK), to(funnel::page)),
    ]
}
