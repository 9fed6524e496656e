//! Hard facts found on site, which the scorers of 4.1 rest on: a call at night, use after a repair, promised and actual
//! times.
//!
//! Source: requirements §1.1 (last column): 4.1.8.2 24-hour intake, 4.1.5.1c 30 days, 4.1.3.2, 4.1.4.3, 4.1.7.6.

use serde::{Deserialize, Serialize};

use super::fact::{LINE_MAX, named, yes_or_no};
use crate::survey::form::{FieldError, FormReader, RawForm};
use crate::survey::id::PersonId;

/// What was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A call to the hotline, at night too (4.1.1.2.1, 4.1.8.2).
    Hotline,
    /// Whether a repaired product worked for 30 days (4.1.5.1c).
    Repair,
    /// Delivery, promised and actual (4.1.3.2).
    Delivery,
    /// Appointment and arrival (4.1.4.3).
    Appointment,
    /// From report to finish of a repair (4.1.5.1b).
    Duration,
    /// Return or exchange, request and completion (4.1.7.6).
    Returns,
    /// A complaint, receipt and answer (4.1.8.1).
    Complaint,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 7] = [
        Kind::Hotline,
        Kind::Repair,
        Kind::Delivery,
        Kind::Appointment,
        Kind::Duration,
        Kind::Returns,
        Kind::Complaint,
    ];

    /// Name in the database and in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Hotline => "hotline",
            Kind::Repair => "repair",
            Kind::Delivery => "delivery",
            Kind::Appointment => "appointment",
            Kind::Duration => "duration",
            Kind::Returns => "returns",
            Kind::Complaint => "complaint",
        }
    }

    /// The clause it belongs to.
    pub fn clause(self) -> &'static str {
        match self {
            Kind::Hotline => "4.1.8.2",
            Kind::Repair => "4.1.5.1 c",
            Kind::Delivery => "4.1.3.2",
            Kind::Appointment => "4.1.4.3",
            Kind::Duration => "4.1.5.1 b",
            Kind::Returns => "4.1.7.6",
            Kind::Complaint => "4.1.8.1",
        }
    }
}

/// A hard fact as entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// What was looked at.
    pub kind: Kind,
    /// Which order, call or outlet.
    pub subject: String,
    /// What was promised, e.g. a day and hour.
    pub promised: String,
    /// What happened.
    pub actual: String,
    /// Whether the promise, or the rule, was kept.
    pub met: bool,
}

/// A hard fact as recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservationRow {
    /// What was entered.
    pub observation: Observation,
    /// By whom.
    pub by: PersonId,
    /// When, Unix ms.
    pub at_ms: i64,
}

/// Reads the form of a hard fact.
///
/// # Errors
/// Every field that must be corrected.
pub fn parse(form: &RawForm) -> Result<Observation, Vec<FieldError>> {
    let mut reader = FormReader::new(form);
    let kind: Option<Kind> = reader.choice("kind", named);
    let subject = reader.required_line("subject", LINE_MAX);
    let promised = reader.required_line("promised", LINE_MAX);
    let actual = reader.required_line("actual", LINE_MAX);
    let met = reader.choice("met", yes_or_no);
    reader.done(kind.zip(met).map(|(kind, met)| Observation {
        kind,
        subject,
        promised,
        actual,
        met,
    }))
}

#[cfg(test)]
mod tests {
    use super::super::fact::name_of;
    use super::*;

    #[test]
    fn names_are_the_same_in_forms_and_rows() {
        assert!(
            Kind::ALL
                .iter()
                .all(|kind| name_of(kind) == kind.as_str() && named(kind.as_str()) == Some(*kind))
        );
    }
}
