//! Facts that the grade rests on beside marks, audit findings and survey: each a statement with source and evidence,
//! entered by one person and confirmed by another. A correction is a newer version, which must be confirmed again.
//!
//! Source: CQM/F-RZ-ZY-06-001 6.2 column "other", notes 2 and 3; requirements D9–D17.

use chrono::NaiveDate;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::calendar::parse_date;
use super::evidence::{Basis, Conclusion, Harm, Rectification};
use super::scheme::Scheme;
use crate::survey::form::{FieldError, FormReader, Problem, RawForm};
use crate::survey::id::PersonId;

/// Longest source, and reason for a disagreement.
pub const LINE_MAX: usize = 200;
/// Longest evidence.
pub const EVIDENCE_MAX: usize = 2000;

/// What a fact is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// First day of the on-site evaluation.
    Onsite,
    /// Since when the certified service has been running (D11).
    Operating,
    /// An accident (note 2).
    Accident,
    /// A major complaint (note 3).
    Complaint,
    /// Negative information.
    Negative,
    /// Whether the organisation is on a government blacklist.
    Blacklist,
    /// Free convenience services (D15).
    Convenience,
    /// A clause of 4.1 that does not apply (D16).
    NotApplicable,
    /// Whether the survey's sample is adequate (D17).
    Sample,
    /// The verdict of the management audit (5.2).
    Verdict,
}

impl Kind {
    /// Every kind, in the order in which they are shown.
    pub const ALL: [Kind; 10] = [
        Kind::Onsite,
        Kind::Operating,
        Kind::Accident,
        Kind::Complaint,
        Kind::Negative,
        Kind::Blacklist,
        Kind::Convenience,
        Kind::NotApplicable,
        Kind::Sample,
        Kind::Verdict,
    ];
    /// Those without which there is no grade: somebody states them, even where there is nothing to report.
    pub const NEEDED: [Kind; 5] = [
        Kind::Onsite,
        Kind::Operating,
        Kind::Blacklist,
        Kind::Sample,
        Kind::Verdict,
    ];

    /// Whether there may be any number of them.
    pub fn is_event(self) -> bool {
        matches!(self, Kind::Accident | Kind::Complaint | Kind::Negative)
    }

    /// Whether a reviewer, and nobody else, confirms it: what makes the case easier for the organisation (D16, D17).
    pub fn needs_reviewer(self) -> bool {
        matches!(self, Kind::NotApplicable | Kind::Sample)
    }
}

/// What somebody states.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Statement {
    /// First day on site.
    Onsite {
        /// The day.
        on: Day,
    },
    /// Running since.
    Operating {
        /// The later of licence date and first day of the service.
        since: Day,
    },
    /// An accident.
    Accident {
        /// When.
        on: Day,
        /// Its gravest consequence.
        harm: Harm,
        /// Whether the organisation's service caused it.
        responsible: bool,
    },
    /// A major complaint.
    Complaint {
        /// When it became public or was penalised.
        on: Day,
        /// What makes it major.
        basis: Basis,
        /// Whether it is true (D14).
        confirmed: bool,
        /// How far it is put right.
        rectification: Rectification,
    },
    /// Negative information.
    Negative {
        /// When it was published.
        on: Day,
        /// Whether it is true (D14).
        confirmed: bool,
    },
    /// On a government blacklist or not.
    Blacklist {
        /// Whether it is.
        listed: bool,
    },
    /// Convenience services.
    Convenience {
        /// How many.
        services: u32,
    },
    /// A clause of 4.1 that does not apply.
    NotApplicable {
        /// Its number.
        clause: String,
    },
    /// The sample.
    Sample {
        /// Whether it is adequate.
        adequate: bool,
    },
    /// The audit's verdict.
    Verdict {
        /// Conform or not.
        conclusion: Conclusion,
    },
}

/// A day, written `YYYY-MM-DD` in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub NaiveDate);

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let day = parse_date(&text).ok_or_else(|| serde::de::Error::custom(format!("{text:?} is not a date")))?;
        Ok(Self(day))
    }
}

impl Statement {
    /// What it is about.
    pub fn kind(&self) -> Kind {
        match self {
            Statement::Onsite { .. } => Kind::Onsite,
            Statement::Operating { .. } => Kind::Operating,
            Statement::Accident { .. } => Kind::Accident,
            Statement::Complaint { .. } => Kind::Complaint,
            Statement::Negative { .. } => Kind::Negative,
            Statement::Blacklist { .. } => Kind::Blacklist,
            Statement::Convenience { .. } => Kind::Convenience,
            Statement::NotApplicable { .. } => Kind::NotApplicable,
            Statement::Sample { .. } => Kind::Sample,
            Statement::Verdict { .. } => Kind::Verdict,
        }
    }

    /// What it stays known by from version to version: events have an id of their own, of everything else there is one.
    pub fn id(&self, event: &str) -> String {
        match self {
            Statement::NotApplicable { clause } => format!("not_applicable:{clause}"),
            other if other.kind().is_event() => event.to_owned(),
            other => name_of(&other.kind()),
        }
    }
}

/// A statement as somebody enters it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What is stated.
    pub statement: Statement,
    /// Where it is known from.
    pub source: String,
    /// What proves it, or the reason.
    pub evidence: String,
    /// Whether it is taken back: entered in error.
    pub withdrawn: bool,
}

/// The latest version of a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Its id, the same in every version.
    pub id: String,
    /// Version, from 1.
    pub version: i32,
    /// What was entered.
    pub entry: Entry,
    /// By whom.
    pub entered_by: PersonId,
    /// When, Unix ms.
    pub at_ms: i64,
    /// What another person said to it.
    pub check: Option<Check>,
}

/// What another person says to a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Confirmed or not.
    pub agrees: bool,
    /// Why not.
    pub remark: String,
    /// By whom.
    pub by: PersonId,
    /// When, Unix ms.
    pub at_ms: i64,
}

impl Fact {
    /// Whether another person confirmed this version.
    pub fn is_confirmed(&self) -> bool {
        self.check.as_ref().is_some_and(|check| check.agrees)
    }
}

/// The value of a name, as in JSON and forms.
pub fn named<T: DeserializeOwned>(name: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(name.to_owned())).ok()
}

/// The name of a value, as in JSON and forms.
pub fn name_of<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}

/// Yes or no in a form.
pub fn yes_or_no(text: &str) -> Option<bool> {
    match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// Reads the form of a fact.
///
/// # Errors
/// Every field that must be corrected; days that are still to come are refused.
pub fn parse(kind: Kind, form: &RawForm, scheme: &Scheme, today: NaiveDate) -> Result<Entry, Vec<FieldError>> {
    let mut reader = FormReader::new(form);
    let statement = statement(kind, &mut reader, scheme, today);
    let source = reader.required_line("source", LINE_MAX);
    let evidence = reader.text("evidence", EVIDENCE_MAX);
    if evidence.is_empty() {
        reader.refuse("evidence", Problem::Empty);
    }
    let withdrawn = reader.is_ticked("withdrawn");
    reader.done(statement.map(|statement| Entry {
        statement,
        source,
        evidence,
        withdrawn,
    }))
}

fn statement(kind: Kind, reader: &mut FormReader<'_>, scheme: &Scheme, today: NaiveDate) -> Option<Statement> {
    match kind {
        Kind::Onsite => past_day(reader, "on", today).map(|on| Statement::Onsite { on }),
        Kind::Operating => past_day(reader, "since", today).map(|since| Statement::Operating { since }),
        Kind::Accident => {
            let (on, harm) = (past_day(reader, "on", today), reader.choice("harm", named));
            let responsible = reader.choice("responsible", yes_or_no);
            Some(Statement::Accident {
                on: on?,
                harm: harm?,
                responsible: responsible?,
            })
        }
        Kind::Complaint => {
            let (on, basis) = (past_day(reader, "on", today), reader.choice("basis", named));
            let (confirmed, rectification) = (
                reader.choice("confirmed", yes_or_no),
                reader.choice("rectification", named),
            );
            Some(Statement::Complaint {
                on: on?,
                basis: basis?,
                confirmed: confirmed?,
                rectification: rectification?,
            })
        }
        Kind::Negative => {
            let (on, confirmed) = (past_day(reader, "on", today), reader.choice("confirmed", yes_or_no));
            Some(Statement::Negative {
                on: on?,
                confirmed: confirmed?,
            })
        }
        Kind::Blacklist => reader
            .choice("listed", yes_or_no)
            .map(|listed| Statement::Blacklist { listed }),
        Kind::Convenience => {
            let services = reader.number("services", 0..=999);
            if services.is_none() && reader.form().first("services").trim().is_empty() {
                reader.refuse("services", Problem::Empty);
            }
            Some(Statement::Convenience {
                services: u32::try_from(services?).ok()?,
            })
        }
        Kind::NotApplicable => reader
            .choice("clause", |text| scheme.scored_clause(text).map(|_| text.to_owned()))
            .map(|clause| Statement::NotApplicable { clause }),
        Kind::Sample => reader
            .choice("adequate", yes_or_no)
            .map(|adequate| Statement::Sample { adequate }),
        Kind::Verdict => reader
            .choice("conclusion", named)
            .map(|conclusion| Statement::Verdict { conclusion }),
    }
}

/// A day that must be given and cannot be later than today.
pub(super) fn past_day(reader: &mut FormReader<'_>, field: &str, today: NaiveDate) -> Option<Day> {
    let typed = !reader.form().first(field).trim().is_empty();
    let day = reader.day(field);
    match day {
        None if !typed => reader.refuse(field, Problem::Empty),
        Some(day) if day > today => {
            reader.refuse(field, Problem::InFuture);
            return None;
        }
        _ => {}
    }
    day.map(Day)
}

/// Reads the form by which another person confirms a fact or not.
///
/// # Errors
/// Every field that must be corrected; who does not agree says why.
pub fn parse_check(form: &RawForm) -> Result<(bool, String), Vec<FieldError>> {
    let mut reader = FormReader::new(form);
    let agrees = reader.choice("agrees", yes_or_no);
    let remark = reader.line("remark", LINE_MAX);
    if agrees == Some(false) && remark.is_empty() {
        reader.refuse("remark", Problem::Empty);
    }
    reader.done(agrees.map(|agrees| (agrees, remark)))
}
