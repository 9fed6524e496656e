//! The scheme as versioned data: second-level marks under the annex for the measurement of chapter 4.1, and the clauses
//! of chapter 4.2 that the management audit goes through. Checked on load; its identity is the hash of the file.
//!
//! Source: CQM/F-RZ-ZY-06-001 4.1, 4.2, 5.2, 5.3, annex. The annex gives the marks of the headings only; those of the
//! clauses are the certification body's (requirements §11 question 8).

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::decimal::Decimal;
use super::indicator::ANNEX;
use crate::statistics::exact::Ratio;
use crate::survey::language::Text;

/// The scheme that comes with the program.
pub const DEFAULT: &[u8] = include_bytes!("../../schemes/cqm-f-rz-zy-06-001-1.0.0.json");

/// Numbers of chapter 4.2 that are audited, in their order.
pub const AUDIT_CLAUSES: [&str; 20] = [
    "4.2.1.1",
    "4.2.1.2",
    "4.2.1.3",
    "4.2.2",
    "4.2.3.1",
    "4.2.3.2",
    "4.2.3.3",
    "4.2.4.1",
    "4.2.4.2",
    "4.2.4.3",
    "4.2.4.4",
    "4.2.4.5",
    "4.2.5",
    "4.2.6",
    "4.2.7.1",
    "4.2.7.2",
    "4.2.7.3.1",
    "4.2.7.3.2",
    "4.2.7.3.3",
    "4.2.7.3.4",
];

/// Why a scheme cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("scheme: {0}")]
pub struct SchemeError(String);

/// A checked scheme.
#[derive(Debug, Clone)]
pub struct Scheme {
    hash: String,
    name: String,
    headings: Vec<Heading>,
    audit: Vec<AuditClause>,
}

/// A first-level indicator and what it is made of.
#[derive(Debug, Clone, Deserialize)]
pub struct Heading {
    /// Number, `4.1.1` to `4.1.8`.
    pub clause: String,
    /// What it is about.
    #[serde(flatten)]
    pub text: Text,
    /// Full marks of the annex.
    pub marks: u32,
    /// The clauses under it; their marks add up to its own.
    pub clauses: Vec<ScoredClause>,
}

/// A clause of 4.1 that is scored on its own.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "ScoredEntry")]
pub struct ScoredClause {
    /// Number.
    pub clause: String,
    /// What is measured.
    pub text: Text,
    /// Full marks.
    pub marks: Ratio,
}

/// A clause of 4.2.
#[derive(Debug, Clone, Deserialize)]
pub struct AuditClause {
    /// Number.
    pub clause: String,
    /// What is audited.
    #[serde(flatten)]
    pub text: Text,
}

#[derive(Deserialize)]
struct File {
    id: String,
    version: String,
    headings: Vec<Heading>,
    audit: Vec<AuditClause>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScoredEntry {
    clause: String,
    marks: Decimal,
    zh: String,
    en: String,
}

impl From<ScoredEntry> for ScoredClause {
    fn from(entry: ScoredEntry) -> Self {
        Self {
            clause: entry.clause,
            text: Text::new(entry.zh, entry.en),
            marks: entry.marks.value().clone(),
        }
    }
}

impl Scheme {
    /// Reads and checks a scheme file.
    ///
    /// # Errors
    /// [`SchemeError`] naming the clause: headings and marks other than the annex's, marks under a heading that do not
    /// add up to it exactly, a clause that is not under its heading, there twice, missing in 4.2, or without text.
    pub fn from_json(bytes: &[u8]) -> Result<Self, SchemeError> {
        let File {
            id,
            version,
            headings,
            audit,
        } = serde_json::from_slice(bytes).map_err(|error| SchemeError(error.to_string()))?;
        let annex: Vec<(&str, u32)> = headings
            .iter()
            .map(|heading| (heading.clause.as_str(), heading.marks))
            .collect();
        if annex != ANNEX {
            return Err(SchemeError("headings: not those of the annex with its marks".into()));
        }
        headings.iter().try_for_each(check)?;
        if !audit.iter().map(|clause| clause.clause.as_str()).eq(AUDIT_CLAUSES) {
            return Err(SchemeError(
                "audit: not the clauses of chapter 4.2 in their order".into(),
            ));
        }
        if let Some(clause) = audit.iter().find(|clause| clause.text.is_incomplete()) {
            return Err(SchemeError(format!("{}: a text is missing", clause.clause)));
        }
        Ok(Self {
            hash: data_encoding::HEXLOWER.encode(&Sha256::digest(bytes)),
            name: format!("{id} {version}"),
            headings,
            audit,
        })
    }

    /// SHA-256 of the file, hexadecimal.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Id and version, for people.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The eight first-level indicators in the annex's order.
    pub fn headings(&self) -> &[Heading] {
        &self.headings
    }

    /// A first-level indicator by its number.
    pub fn heading(&self, clause: &str) -> Option<&Heading> {
        self.headings.iter().find(|heading| heading.clause == clause)
    }

    /// A clause of 4.1 by its number.
    pub fn scored_clause(&self, clause: &str) -> Option<&ScoredClause> {
        let mut clauses = self.headings.iter().flat_map(|heading| &heading.clauses);
        clauses.find(|scored| scored.clause == clause)
    }

    /// The clauses of the management audit in their order.
    pub fn audit(&self) -> &[AuditClause] {
        &self.audit
    }
}

fn check(heading: &Heading) -> Result<(), SchemeError> {
    let below = format!("{}.", heading.clause);
    if heading.text.is_incomplete() {
        return Err(SchemeError(format!("{}: a text is missing", heading.clause)));
    }
    for (place, scored) in heading.clauses.iter().enumerate() {
        let wrong = |problem: &str| Err(SchemeError(format!("{}: {problem}", scored.clause)));
        if !scored.clause.starts_with(&below) {
            return wrong("not under its heading");
        }
        if heading
            .clauses
            .iter()
            .take(place)
            .any(|earlier| earlier.clause == scored.clause)
        {
            return wrong("there twice");
        }
        if scored.marks <= Ratio::from_integer(0.into()) {
            return wrong("no marks");
        }
        if scored.text.is_incomplete() {
            return wrong("a text is missing");
        }
    }
    let sum: Ratio = heading.clauses.iter().map(|scored| &scored.marks).sum();
    match sum == Ratio::from_integer(heading.marks.into()) {
        true => Ok(()),
        false => Err(SchemeError(format!(
            "{}: the marks of its clauses do not add up to {}",
            heading.clause, heading.marks
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_scheme_adds_up_to_the_annex() {
        let scheme = Scheme::from_json(DEFAULT).unwrap();
        let total: Ratio = scheme
            .headings()
            .iter()
            .flat_map(|heading| &heading.clauses)
            .map(|clause| &clause.marks)
            .sum();
        assert_eq!(total, Ratio::from_integer(100.into()));
        assert_eq!(scheme.hash().len(), 64);
        assert_eq!(scheme.audit().len(), 20);
    }

    #[test]
    fn a_scheme_that_does_not_hold_is_refused_by_name() {
        let text = std::str::from_utf8(DEFAULT).unwrap();
        for (from, to, word) in [
            (r#""4.1.2.1", "marks": "5""#, r#""4.1.2.1", "marks": "5.01""#, "4.1.2"),
            (r#""4.1.2.2", "marks""#, r#""4.1.2.1", "marks""#, "there twice"),
            (
                r#""4.1.3.1", "marks""#,
                r#""4.1.2.9", "marks""#,
                "not under its heading",
            ),
            (r#""clause": "4.2.5""#, r#""clause": "4.2.9""#, "4.2"),
            (r#""marks": 25"#, r#""marks": 24"#, "annex"),
            (r#""marks": "0.5""#, r#""marks": "0""#, "no marks"),
            (r#""en": "Basic requirements""#, r#""en": "  ""#, "text is missing"),
        ] {
            assert!(text.contains(from), "{from}");
            let error = Scheme::from_json(text.replacen(from, to, 1).as_bytes()).unwrap_err();
            assert!(error.to_string().contains(word), "{from}: {error}");
        }
    }
}
