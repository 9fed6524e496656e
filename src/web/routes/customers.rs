//! Customers' pages.

use super::{Line, at, to};
use crate::access::Who::Anybody;
use crate::web::survey;

/// Customers: anybody with the link or the signed form.
pub(super) fn lines() -> Vec<Line> {
    vec![
        at("/s/{token}")
            .show(Anybody, to(survey::landing))
            .send(Anybody, to(survey::begin)),
        at("/f/{form}")
            .show(Anybody, to(survey::rating))
            .send(Anybody, to(survey::submit)),
        at("/f/{form}/receipt").show(Anybody, to(survey::receipt)),
        at("/r").show(Anybody, to(survey::ask)).send(Anybody, to(survey::tell)),
        at("/r/withdraw").send(Anybody, to(survey::withdraw)),
        at("/end/{code}").show(Anybody, to(survey::ended)),
    ]
}
