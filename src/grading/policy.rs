//! What the scheme owner must settle once, in writing: settings with defaults that apply until then.
//!
//! Source: requirements §11 (questions 1, 4, 5, 6, 9) and D8, D9, D11–D13, D15. The other questions are settled by the
//! method (2, 3), the sampling plan (7) and the scheme's marks (8).

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::fact::{named, yes_or_no};
use crate::survey::form::{FieldError, FormReader, Problem, RawForm};

/// What example 4 of 6.3 note 1 does (D15).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Example4 {
    /// Recorded and warned about; limits nothing.
    #[default]
    Advisory,
    /// At most two recorded convenience services support three stars.
    Cap3,
    /// Left alone.
    Off,
}

/// The settings in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Policy {
    /// Question 1: example 4.
    pub example4: Example4,
    /// Question 4: how far back confirmed major complaints are counted, months before the on-site date.
    pub complaint_window_months: u32,
    /// Question 4: how far back negative information denies three and two stars, months (D13).
    pub negative_window_months: u32,
    /// Question 5: least S for one star, per cent; 0 is no condition (D6).
    pub one_star_min_s: u32,
    /// Question 5: whether two stars' conditions of the column "other" hold for one star too.
    pub one_star_other_conditions: bool,
    /// Question 6: highest star with a serious nonconformity that was raised and closed (D8); 0 counts as failed.
    pub closed_serious_nc_star: u32,
    /// Question 9: term of a certificate, months.
    pub certificate_term_months: u32,
    /// Question 9: longest suspension, months.
    pub suspension_limit_months: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            example4: Example4::Advisory,
            complaint_window_months: 24,
            negative_window_months: 12,
            one_star_min_s: 0,
            one_star_other_conditions: false,
            closed_serious_nc_star: 4,
            certificate_term_months: 36,
            suspension_limit_months: 6,
        }
    }
}

/// Settings that are numbers: name in files, forms and the database, and from where to where they go. `negative_window_months`
/// is at most a year, because a lower star is not stricter than a higher one (D13).
pub const RANGES: [(&str, RangeInclusive<u32>); 6] = [
    ("complaint_window_months", 1..=120),
    ("negative_window_months", 1..=12),
    ("one_star_min_s", 0..=60),
    ("closed_serious_nc_star", 0..=5),
    ("certificate_term_months", 12..=60),
    ("suspension_limit_months", 1..=24),
];
/// Characters of the reason for a change.
pub const REASON_MAX: usize = 1000;

/// A setting out of its range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{setting}: {value} is not {} to {}", .range.start(), .range.end())]
pub struct PolicyError {
    setting: &'static str,
    value: u32,
    range: RangeInclusive<u32>,
}

/// Settings that somebody decided; the others stay as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(try_from = "Entry")]
pub struct PolicyChanges(Entry);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    example4: Option<Example4>,
    complaint_window_months: Option<u32>,
    negative_window_months: Option<u32>,
    one_star_min_s: Option<u32>,
    one_star_other_conditions: Option<bool>,
    closed_serious_nc_star: Option<u32>,
    certificate_term_months: Option<u32>,
    suspension_limit_months: Option<u32>,
}

impl TryFrom<Entry> for PolicyChanges {
    type Error = PolicyError;

    fn try_from(entry: Entry) -> Result<Self, PolicyError> {
        let values = [
            entry.complaint_window_months,
            entry.negative_window_months,
            entry.one_star_min_s,
            entry.closed_serious_nc_star,
            entry.certificate_term_months,
            entry.suspension_limit_months,
        ];
        for ((setting, range), value) in RANGES.into_iter().zip(values) {
            if let Some(value) = value.filter(|value| !range.contains(value)) {
                return Err(PolicyError { setting, value, range });
            }
        }
        Ok(Self(entry))
    }
}

/// Settings as they are in force for somebody: which version, and what they say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settled {
    /// Version; 0 is the defaults.
    pub version: i32,
    /// What they say.
    pub policy: Policy,
}

impl Policy {
    /// These settings with some of them changed.
    pub fn with(self, changes: &PolicyChanges) -> Self {
        let PolicyChanges(new) = *changes;
        Self {
            example4: new.example4.unwrap_or(self.example4),
            complaint_window_months: new.complaint_window_months.unwrap_or(self.complaint_window_months),
            negative_window_months: new.negative_window_months.unwrap_or(self.negative_window_months),
            one_star_min_s: new.one_star_min_s.unwrap_or(self.one_star_min_s),
            one_star_other_conditions: new.one_star_other_conditions.unwrap_or(self.one_star_other_conditions),
            closed_serious_nc_star: new.closed_serious_nc_star.unwrap_or(self.closed_serious_nc_star),
            certificate_term_months: new.certificate_term_months.unwrap_or(self.certificate_term_months),
            suspension_limit_months: new.suspension_limit_months.unwrap_or(self.suspension_limit_months),
        }
    }

    /// Every setting as JSON.
    pub fn to_json(&self) -> String {
        serde_json::json!(self).to_string()
    }

    /// Settings from JSON; what is not named is at its default.
    ///
    /// # Errors
    /// The setting that is unknown or out of its range.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        Ok(Self::default().with(&serde_json::from_str(text)?))
    }

    /// The settings that are numbers, in the order of [`RANGES`].
    pub fn numbers(&self) -> [u32; 6] {
        [
            self.complaint_window_months,
            self.negative_window_months,
            self.one_star_min_s,
            self.closed_serious_nc_star,
            self.certificate_term_months,
            self.suspension_limit_months,
        ]
    }

    /// Reads every setting off a form, and why they are proposed.
    ///
    /// # Errors
    /// Every field that must be corrected.
    pub fn parse(form: &RawForm) -> Result<(Self, String), Vec<FieldError>> {
        let mut reader = FormReader::new(form);
        let example4 = reader.choice("example4", named);
        let numbers = RANGES.map(|(name, range)| {
            let typed = !form.first(name).trim().is_empty();
            let bounds = i64::from(*range.start())..=i64::from(*range.end());
            let number = reader.number(name, bounds);
            if !typed {
                reader.refuse(name, Problem::Empty);
            }
            number.and_then(|number| u32::try_from(number).ok())
        });
        let others = reader.choice("one_star_other_conditions", yes_or_no);
        let reason = reader.text("reason", REASON_MAX);
        if reason.is_empty() {
            reader.refuse("reason", Problem::Empty);
        }
        let [complaints, negative, least, serious, term, suspension] = numbers;
        let policy = (|| {
            Some(Self {
                example4: example4?,
                complaint_window_months: complaints?,
                negative_window_months: negative?,
                one_star_min_s: least?,
                one_star_other_conditions: others?,
                closed_serious_nc_star: serious?,
                certificate_term_months: term?,
                suspension_limit_months: suspension?,
            })
        })();
        reader.done(policy.map(|policy| (policy, reason)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(json: &str) -> Result<PolicyChanges, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn what_is_not_changed_stays() {
        let house = Policy::default().with(&changes(r#"{"example4":"cap3","one_star_min_s":50}"#).unwrap());
        let case = house.with(&changes(r#"{"example4":"off"}"#).unwrap());
        assert_eq!((case.example4, case.one_star_min_s), (Example4::Off, 50));
        assert_eq!(Policy::default().with(&changes("{}").unwrap()), Policy::default());
        assert_eq!(Policy::from_json(&case.to_json()).unwrap(), case);
    }

    #[test]
    fn unknown_settings_and_values_out_of_range_are_named() {
        for (json, word) in [
            (r#"{"exmple4":"cap3"}"#, "exmple4"),
            (r#"{"example4":"cap4"}"#, "cap4"),
            (r#"{"negative_window_months":24}"#, "negative_window_months"),
            (r#"{"one_star_min_s":"50"}"#, "50"),
        ] {
            assert!(changes(json).unwrap_err().to_string().contains(word), "{json}");
        }
    }
}
