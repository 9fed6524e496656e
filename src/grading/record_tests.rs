//! The record: what stands in the way, what contradicts, what is signed.

use super::evidence::Occasion;
use super::fact::{Check, Day};
use super::fact::{Entry, Fact, Kind, Statement};
use super::policy::Settled;
use super::record::*;
use super::scheme::DEFAULT;
use super::scheme::Scheme;
use crate::survey::form::{FieldError, Problem};
use crate::survey::id::PersonId;

fn fact(statement: Statement, agrees: bool) -> Fact {
    Fact {
        id: statement.id("e"),
        version: 1,
        entry: Entry {
            statement,
            source: "s".into(),
            evidence: "e".into(),
            withdrawn: false,
        },
        entered_by: PersonId::from_random([1; 16]),
        at_ms: 0,
        check: Some(Check {
            agrees,
            remark: String::new(),
            by: PersonId::from_random([2; 16]),
            at_ms: 0,
        }),
    }
}

fn day(text: &str) -> Day {
    Day(super::calendar::parse_date(text).unwrap())
}

fn record(facts: Vec<Fact>) -> Record {
    Record {
        scheme: Scheme::from_json(DEFAULT).unwrap(),
        settled: Settled::default(),
        occasion: Some(Occasion::Initial),
        already_held: false,
        renewable_until: None,
        facts,
        scores: Vec::new(),
        checks: Vec::new(),
        findings: Vec::new(),
        survey: None,
    }
}

#[test]
fn nothing_is_decided_while_something_is_open() {
    let empty = record(Vec::new()).compile(day("2026-07-01").0);
    assert!(empty.evidence.is_none());
    let missing = Kind::NEEDED.map(Obstacle::Missing);
    assert_eq!(empty.obstacles[..5], missing);
    assert_eq!(empty.obstacles[5..], [Obstacle::Unaudited(20), Obstacle::SurveyRunning]);
    let disagreed = record(vec![fact(Statement::Onsite { on: day("2026-06-15") }, false)]);
    let compiled = disagreed.compile(day("2026-07-01").0);
    assert!(compiled.obstacles.contains(&Obstacle::Unconfirmed("onsite".into())));
    assert_eq!(compiled.evidence.unwrap().onsite_date, day("2026-06-15").0);
}

#[test]
fn statements_that_contradict_each_other_are_refused_by_name() {
    let onsite = record(vec![fact(Statement::Onsite { on: day("2026-06-15") }, true)]);
    let late = fact(
        Statement::Operating {
            since: day("2026-06-16"),
        },
        true,
    )
    .entry;
    assert_eq!(
        onsite.contradictions(&late),
        [FieldError::new("since", Problem::OutOfRange)]
    );
    let verdict = Statement::Verdict {
        conclusion: super::evidence::Conclusion::Pass,
    };
    assert_eq!(
        onsite.contradictions(&fact(verdict, true).entry),
        [FieldError::new("conclusion", Problem::NotReady)]
    );
}

#[test]
fn whatever_is_graded_changes_the_hash_that_is_signed() {
    let hash = |facts: Vec<Fact>| {
        let record = record(facts);
        let evidence = record.compile(day("2026-07-01").0).evidence.unwrap();
        record.input(&evidence).1
    };
    let onsite = || fact(Statement::Onsite { on: day("2026-06-15") }, true);
    let plain = hash(vec![onsite()]);
    assert_eq!(plain, hash(vec![onsite()]));
    assert_ne!(
        plain,
        hash(vec![onsite(), fact(Statement::Blacklist { listed: false }, true)])
    );
    let newer = Fact { version: 2, ..onsite() };
    assert_ne!(plain, hash(vec![newer]));
}
