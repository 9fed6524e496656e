//! Comments and incidents.

use super::{Line, at, to};
use crate::access::Role;
use crate::access::Who::Member;
use crate::web::comment;

/// What customers wrote is read by those who run and review the evaluation; everybody else reads what they cleared.
pub(super) fn lines() -> Vec<Line> {
    const READERS: &[Role] = &[Role::Manager, Role::Reviewer];
    vec![
        at("/evaluations/{evaluation}/comments")
            .show(Member(READERS), to(comment::list))
            .send(Member(READERS), to(comment::decide_together)),
        at("/evaluations/{evaluation}/comments/themes").send(Member(READERS), to(comment::add_theme)),
        at("/evaluations/{evaluation}/comments/{response}")
            .show(Member(READERS), to(comment::one))
            .send(Member(READERS), to(comment::decide)),
        at("/evaluations/{evaluation}/quality/responses/{response}/incident")
            .send(Member(READERS), to(comment::report)),
    ]
}
