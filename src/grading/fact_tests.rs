//! Facts: what cannot be is refused, what was written is read back.

use super::calendar::parse_date;
use super::evidence::{Basis, Rectification};
use super::fact::*;
use super::scheme::Scheme;
use crate::survey::form::{Problem, RawForm};

fn form(pairs: &[(&str, &str)]) -> RawForm {
    RawForm::new(pairs.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect())
}

fn problems(kind: Kind, pairs: &[(&str, &str)]) -> Vec<(String, Problem)> {
    let scheme = Scheme::from_json(super::scheme::DEFAULT).unwrap();
    let today = parse_date("2026-07-01").unwrap();
    let refused = parse(kind, &form(pairs), &scheme, today).unwrap_err();
    refused.into_iter().map(|error| (error.field, error.problem)).collect()
}

#[test]
fn what_cannot_be_is_refused_by_name() {
    let rest = [("source", "a"), ("evidence", "b")];
    let with = |pairs: &[(&'static str, &'static str)]| [pairs, &rest[..]].concat();
    assert_eq!(
        problems(Kind::Onsite, &with(&[("on", "2026-07-02")])),
        [("on".to_owned(), Problem::InFuture)]
    );
    assert_eq!(
        problems(Kind::NotApplicable, &with(&[("clause", "4.2.1.1")])),
        [("clause".to_owned(), Problem::NotAChoice)]
    );
    assert_eq!(
        problems(Kind::Complaint, &[("on", "2026-06-31"), ("basis", "rumour")]),
        [
            ("on", Problem::NotADate),
            ("basis", Problem::NotAChoice),
            ("confirmed", Problem::Missing),
            ("rectification", Problem::Missing),
            ("source", Problem::Empty),
            ("evidence", Problem::Empty),
        ]
        .map(|(field, problem)| (field.to_owned(), problem))
    );
}

#[test]
fn a_statement_is_read_back_from_its_json() {
    let complaint = Statement::Complaint {
        on: Day(parse_date("2026-02-28").unwrap()),
        basis: Basis::GovSite,
        confirmed: true,
        rectification: Rectification::Pending,
    };
    let text = serde_json::to_string(&complaint).unwrap();
    assert_eq!(
        text,
        r#"{"kind":"complaint","on":"2026-02-28","basis":"gov_site","confirmed":true,"rectification":"pending"}"#
    );
    assert_eq!(serde_json::from_str::<Statement>(&text).unwrap(), complaint);
    assert!(Kind::ALL.iter().all(|kind| named(&name_of(kind)) == Some(*kind)));
}
