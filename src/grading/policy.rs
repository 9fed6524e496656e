//! What the scheme owner must settle once, in writing: settings with defaults that apply until then.
//!
//! Source: requirements §11 (questions 1, 4, 5, 6, 9) and D8, D9, D11–D13, D15. The other questions are settled by the
//! method (2, 3), the sampling plan (7) and the scheme's marks (8).

use serde::{Deserialize, Serialize};

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
    /// Question 4: how far back negative information denies three and two stars, months; 1..=12, because a lower star
    /// is not stricter than a higher one (D13).
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

/// A setting out of its range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{setting}: {value} is not {range}")]
pub struct PolicyError {
    setting: &'static str,
    value: u32,
    range: &'static str,
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
        let ranges = [
            (
                "complaint_window_months",
                entry.complaint_window_months,
                1..=120,
                "1 to 120",
            ),
            (
                "negative_window_months",
                entry.negative_window_months,
                1..=12,
                "1 to 12",
            ),
            ("one_star_min_s", entry.one_star_min_s, 0..=60, "0 to 60"),
            ("closed_serious_nc_star", entry.closed_serious_nc_star, 0..=5, "0 to 5"),
            (
                "certificate_term_months",
                entry.certificate_term_months,
                12..=60,
                "12 to 60",
            ),
            (
                "suspension_limit_months",
                entry.suspension_limit_months,
                1..=24,
                "1 to 24",
            ),
        ];
        for (setting, value, allowed, range) in ranges {
            if let Some(value) = value.filter(|value| !allowed.contains(value)) {
                return Err(PolicyError { setting, value, range });
            }
        }
        Ok(Self(entry))
    }
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
