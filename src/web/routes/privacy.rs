//! Personal data.

use super::{Line, at, to};
use crate::access::Role;
use crate::access::Who::{FreshHolder, Holder};
use crate::web::privacy;

/// Who answers for personal data sees no result.
pub(super) fn lines() -> Vec<Line> {
    const OFFICER: &[Role] = &[Role::Administrator];
    vec![
        at("/privacy").show(Holder(OFFICER), to(privacy::page)),
        at("/privacy/requests").send(FreshHolder(OFFICER), to(privacy::look)),
        at("/privacy/requests/confirm").send(FreshHolder(OFFICER), to(privacy::erase)),
    ]
}
