//! Access to the evidence pack: a reviewer lets one auditor take it, for some days and for a reason.
//!
//! Source: product.md §1 (auditor: row-level evidence only by a reviewer's logged, time-limited grant).

use super::form::{FieldError, FormReader, Problem, RawForm};
use super::id::PersonId;

/// Characters of a reason.
pub const REASON_MAX: usize = 300;
/// Longest grant, in days.
pub const DAYS_MAX: i64 = 30;

/// A grant as it is on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackGrant {
    /// Its number, from 1.
    pub seq: i64,
    /// Who may take the pack.
    pub person: PersonId,
    /// The reviewer.
    pub granted_by: PersonId,
    /// Why.
    pub reason: String,
    /// From when, Unix ms.
    pub at_ms: i64,
    /// Until when, Unix ms, exclusive.
    pub until_ms: i64,
    /// Who ended it early, and when (Unix ms).
    pub ended: Option<(PersonId, i64)>,
}

impl PackGrant {
    /// Whether the pack may be taken by it now.
    pub fn is_open(&self, now_ms: i64) -> bool {
        self.ended.is_none() && (self.at_ms..self.until_ms).contains(&now_ms)
    }
}

/// A grant as a reviewer asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// For whom.
    pub person: PersonId,
    /// For how many days.
    pub days: i64,
    /// Why.
    pub reason: String,
}

/// Reads the form of a grant; `auditors` are those who may get one.
///
/// # Errors
/// Every field that must be corrected.
pub fn parse(form: &RawForm, auditors: &[PersonId]) -> Result<Asked, Vec<FieldError>> {
    let mut reader = FormReader::new(form);
    let person = reader.choice("person", |text| {
        auditors.iter().copied().find(|person| person.to_string() == text)
    });
    if form.first("days").trim().is_empty() {
        reader.refuse("days", Problem::Empty);
    }
    let days = reader.number("days", 1..=DAYS_MAX);
    let reason = reader.required_line("reason", REASON_MAX);
    reader.done(person.zip(days).map(|(person, days)| Asked { person, days, reason }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_names_an_auditor_some_days_and_a_reason() {
        let (auditor, other) = (PersonId::from_random([1; 16]), PersonId::from_random([2; 16]));
        let read = |person: &PersonId, days: &str, reason: &str| {
            let pairs = [
                ("person", person.to_string()),
                ("days", days.into()),
                ("reason", reason.into()),
            ];
            let form = RawForm::new(pairs.map(|(name, value)| (name.to_owned(), value)).into());
            parse(&form, &[auditor]).map_err(|errors| errors.into_iter().map(|error| error.field).collect::<Vec<_>>())
        };
        assert_eq!(read(&auditor, "7", "复核").map(|asked| asked.days), Ok(7));
        assert_eq!(
            read(&other, "31", " "),
            Err(vec!["person".into(), "days".into(), "reason".into()])
        );
        assert_eq!(read(&auditor, "", "x"), Err(vec!["days".into()]));
    }

    #[test]
    fn it_is_open_from_its_hour_until_its_end() {
        let person = PersonId::from_random([1; 16]);
        let mut grant = PackGrant {
            seq: 1,
            person,
            granted_by: person,
            reason: String::new(),
            at_ms: 10,
            until_ms: 20,
            ended: None,
        };
        assert_eq!(
            [9, 10, 19, 20].map(|now| grant.is_open(now)),
            [false, true, true, false]
        );
        grant.ended = Some((person, 12));
        assert!(!grant.is_open(15));
    }
}
