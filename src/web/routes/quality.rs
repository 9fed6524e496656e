//! Monitoring of fieldwork, flags, exclusions by two people.

use super::{DESK, Line, MANAGER, at, to};
use crate::access::Role;
use crate::access::Who::{FreshMember, Member};
use crate::web::quality::{self, monitoring};

/// Nobody of the organisation sees any of it.
pub(super) fn lines() -> Vec<Line> {
    const REVIEW: &[Role] = &[Role::Manager, Role::Reviewer];
    vec![
        at("/evaluations/{evaluation}/monitoring").show(Member(DESK), to(monitoring::show)),
        at("/evaluations/{evaluation}/monitoring/networks").send(Member(MANAGER), to(monitoring::add_network)),
        at("/evaluations/{evaluation}/quality").show(Member(DESK), to(quality::list)),
        at("/evaluations/{evaluation}/quality/responses/{response}").show(Member(DESK), to(quality::evidence)),
        at("/evaluations/{evaluation}/quality/proposals").send(Member(REVIEW), to(quality::propose)),
        at("/evaluations/{evaluation}/quality/proposals/{number}")
            .show(Member(DESK), to(quality::proposal))
            .send(FreshMember(&[Role::Reviewer]), to(quality::decide)),
    ]
}
