//! Results.

use super::{Line, at, to};
use crate::access::Role;
use crate::access::Who::{self, Member, Shown};
use crate::web::{report, results};

/// Results: how much of them each reader sees is [`crate::access::Sight`].
pub(super) fn lines() -> Vec<Line> {
    const READERS: Who = Member(&[
        Role::Manager,
        Role::Reviewer,
        Role::Signatory,
        Role::Auditor,
        Role::Organisation,
    ]);
    vec![
        at("/evaluations/{evaluation}/results").show(Shown(&READERS), to(results::page)),
        at("/evaluations/{evaluation}/report").show(Shown(&READERS), to(report::page)),
        at("/evaluations/{evaluation}/report.pdf").show(Shown(&READERS), to(report::pdf)),
        at("/evaluations/{evaluation}/results.xlsx").show(Shown(&READERS), to(report::xlsx)),
        at("/evaluations/{evaluation}/codebook.csv").show(Shown(&READERS), to(report::codebook)),
        at("/evaluations/{evaluation}/responses.R").show(Shown(&READERS), to(report::r)),
        at("/evaluations/{evaluation}/responses.sps").show(Shown(&READERS), to(report::sps)),
        at("/evaluations/{evaluation}/results.csv").show(Shown(&READERS), to(results::csv)),
        at("/evaluations/{evaluation}/results.json").show(Shown(&READERS), to(results::json)),
        at("/api/evaluations/{evaluation}/results").show(Shown(&READERS), to(results::json)),
    ]
}
