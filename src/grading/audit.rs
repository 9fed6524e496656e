//! The management audit: a checklist of every clause of 4.2, and findings with their correction.
//!
//! Source: CQM/F-RZ-ZY-06-001 4.2, 5.2; requirements §1.1, D7, D8.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::fact::{Day, EVIDENCE_MAX, named, past_day, yes_or_no};
use super::scheme::Scheme;
use crate::survey::form::{FieldError, FormReader, Problem, RawForm};
use crate::survey::id::PersonId;

/// What was found about one clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClauseCheck {
    /// Number of the clause.
    pub clause: String,
    /// Whether the organisation conforms to it.
    pub conform: bool,
    /// What was seen.
    pub evidence: String,
}

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// 严重不符合.
    Serious,
    /// 一般不符合.
    Minor,
    /// 观察项.
    Observation,
}

impl Severity {
    /// Every severity, gravest first.
    pub const ALL: [Severity; 3] = [Severity::Serious, Severity::Minor, Severity::Observation];
}

/// A finding as somebody enters it, new or corrected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingEntry {
    /// Clause of 4.2.
    pub clause: String,
    /// How grave.
    pub severity: Severity,
    /// What was seen.
    pub evidence: String,
    /// When it was raised.
    pub raised_on: NaiveDate,
    /// What the organisation did about it; empty while nothing.
    pub correction: String,
    /// When the correction was verified; open until then.
    pub closed_on: Option<NaiveDate>,
}

/// The latest version of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its number in the evaluation, from 1.
    pub number: i32,
    /// Version, from 1.
    pub version: i32,
    /// What was entered.
    pub entry: FindingEntry,
    /// By whom.
    pub by: PersonId,
}

impl Finding {
    /// Whether its correction has not been verified.
    pub fn is_open(&self) -> bool {
        self.entry.closed_on.is_none()
    }
}

/// Serious nonconformities raised, and how many of them are open.
pub fn serious(findings: &[Finding]) -> (u32, u32) {
    let serious = || {
        findings
            .iter()
            .filter(|finding| finding.entry.severity == Severity::Serious)
    };
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    (
        count(serious().count()),
        count(serious().filter(|finding| finding.is_open()).count()),
    )
}

/// Reads the checklist; clauses left alone are not gone through yet.
///
/// # Errors
/// Every field that must be corrected: a conclusion without evidence, evidence without a conclusion, nothing at all.
pub fn parse_checklist(scheme: &Scheme, form: &RawForm) -> Result<Vec<ClauseCheck>, Vec<FieldError>> {
    let mut reader = FormReader::new(form);
    let mut checks = Vec::new();
    for clause in scheme.audit() {
        let field = format!("conform-{}", clause.clause);
        let about = format!("evidence-{}", clause.clause);
        let evidence = reader.text(&about, EVIDENCE_MAX);
        match (form.first(&field).is_empty(), evidence.is_empty()) {
            (true, true) => continue,
            (false, true) => reader.refuse(&about, Problem::Empty),
            _ => {}
        }
        if let Some(conform) = reader.choice(&field, yes_or_no) {
            checks.push(ClauseCheck {
                clause: clause.clause.clone(),
                conform,
                evidence,
            });
        }
    }
    if let (true, Some(first)) = (checks.is_empty(), scheme.audit().first())
        && scheme
            .audit()
            .iter()
            .all(|clause| form.first(&format!("evidence-{}", clause.clause)).is_empty())
    {
        reader.refuse(&format!("conform-{}", first.clause), Problem::Missing);
    }
    reader.done(Some(checks))
}

/// Reads a finding, new or corrected; `others` are the findings there are beside it.
///
/// # Errors
/// Every field that must be corrected: closed before raised, days to come, closed without a correction, an open finding
/// of the same clause and severity that is there already.
pub fn parse_finding(
    scheme: &Scheme,
    others: &[&Finding],
    form: &RawForm,
    today: NaiveDate,
) -> Result<FindingEntry, Vec<FieldError>> {
    let mut reader = FormReader::new(form);
    let known = |text: &str| scheme.audit().iter().find(|clause| clause.clause == text);
    let clause = reader.choice("clause", |text| known(text).map(|clause| clause.clause.clone()));
    let severity: Option<Severity> = reader.choice("severity", named);
    let evidence = reader.text("evidence", EVIDENCE_MAX);
    if evidence.is_empty() {
        reader.refuse("evidence", Problem::Empty);
    }
    let raised_on = past_day(&mut reader, "raised_on", today).map(|Day(day)| day);
    let correction = reader.text("correction", EVIDENCE_MAX);
    let closed_on = match form.first("closed_on").trim().is_empty() {
        true => None,
        false => past_day(&mut reader, "closed_on", today).map(|Day(day)| day),
    };
    if let (Some(raised), Some(closed)) = (raised_on, closed_on)
        && closed < raised
    {
        reader.refuse("closed_on", Problem::TooEarly);
    }
    if closed_on.is_some() && correction.is_empty() {
        reader.refuse("correction", Problem::Empty);
    }
    let twin = |other: &&&Finding| {
        other.is_open() && Some(&other.entry.clause) == clause.as_ref() && Some(other.entry.severity) == severity
    };
    if closed_on.is_none() && others.iter().any(|other| twin(&other)) {
        reader.refuse("clause", Problem::Taken);
    }
    let entry = clause
        .zip(severity)
        .zip(raised_on)
        .map(|((clause, severity), raised_on)| FindingEntry {
            clause,
            severity,
            evidence,
            raised_on,
            correction,
            closed_on,
        });
    reader.done(entry)
}

#[cfg(test)]
mod tests {
    use super::super::calendar::parse_date;
    use super::super::scheme::DEFAULT;
    use super::*;

    fn problems(others: &[&Finding], pairs: &[(&str, &str)]) -> Vec<(String, Problem)> {
        let form = RawForm::new(pairs.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect());
        let scheme = Scheme::from_json(DEFAULT).unwrap();
        match parse_finding(&scheme, others, &form, parse_date("2026-07-01").unwrap()) {
            Ok(_) => Vec::new(),
            Err(errors) => errors.into_iter().map(|error| (error.field, error.problem)).collect(),
        }
    }

    #[test]
    fn contradictory_findings_are_refused_by_name() {
        let base = [("clause", "4.2.6"), ("severity", "serious"), ("evidence", "seen")];
        let with = |more: &[(&'static str, &'static str)]| [&base[..], more].concat();
        let named = |field: &str, problem| vec![(field.to_owned(), problem)];
        assert_eq!(problems(&[], &with(&[("raised_on", "2026-06-20")])), []);
        let closed = [
            ("raised_on", "2026-06-20"),
            ("closed_on", "2026-06-19"),
            ("correction", "done"),
        ];
        assert_eq!(problems(&[], &with(&closed)), named("closed_on", Problem::TooEarly));
        let silent = [("raised_on", "2026-06-20"), ("closed_on", "2026-06-25")];
        assert_eq!(problems(&[], &with(&silent)), named("correction", Problem::Empty));
        let later = [("raised_on", "2026-07-02")];
        assert_eq!(problems(&[], &with(&later)), named("raised_on", Problem::InFuture));
        let twin = Finding {
            number: 1,
            version: 1,
            entry: FindingEntry {
                clause: "4.2.6".into(),
                severity: Severity::Serious,
                evidence: "x".into(),
                raised_on: parse_date("2026-06-20").unwrap(),
                correction: String::new(),
                closed_on: None,
            },
            by: PersonId::from_random([1; 16]),
        };
        let again = with(&[("raised_on", "2026-06-21")]);
        assert_eq!(problems(&[&twin], &again), named("clause", Problem::Taken));
        assert_eq!(serious(&[twin]), (1, 1));
    }

    #[test]
    fn a_conclusion_needs_evidence_and_evidence_a_conclusion() {
        let scheme = Scheme::from_json(DEFAULT).unwrap();
        let form = RawForm::new(
            [
                ("conform-4.2.2", "yes"),
                ("evidence-4.2.6", "orders"),
                ("conform-4.2.5", "no"),
                ("evidence-4.2.5", "x"),
            ]
            .map(|(n, v)| (n.to_owned(), v.to_owned()))
            .to_vec(),
        );
        let refused = parse_checklist(&scheme, &form).unwrap_err();
        let named: Vec<(&str, Problem)> = refused.iter().map(|e| (e.field.as_str(), e.problem)).collect();
        assert_eq!(
            named,
            [("evidence-4.2.2", Problem::Empty), ("conform-4.2.6", Problem::Missing)]
        );
    }
}
