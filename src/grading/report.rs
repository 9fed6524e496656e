//! What is shown of a grade: the codes of the contract, and words in English for a terminal. Percentages are cut,
//! never rounded up; what is still needed is rounded up, never down.

use std::fmt;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::grade::{CertificateAction, Grade, Hold, Judged, Missing, Outcome, Warning};
use super::lift::Need;
use super::table::{Condition, Finding};
use crate::statistics::exact::{Ratio, percent_truncated};

/// The result of one case under its name.
#[derive(Debug, Clone, Copy)]
pub struct CaseResult<'a> {
    /// Name of the case.
    pub id: &'a str,
    /// What came out.
    pub outcome: &'a Outcome,
    /// Whether every criterion is told in full: value, condition of every star, what would lift it.
    pub details: bool,
}

/// `graded`, `no_certificate` or `incomplete`.
pub fn status(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Incomplete(_) => "incomplete",
        Outcome::Graded(grade) if grade.star == 0 => "no_certificate",
        Outcome::Graded(_) => "graded",
    }
}

impl Serialize for CaseResult<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("id", self.id)?;
        map.serialize_entry("status", status(self.outcome))?;
        match self.outcome {
            Outcome::Incomplete(missing) => {
                map.serialize_entry("star", &None::<u8>)?;
                map.serialize_entry("missing", &codes(missing))?;
            }
            Outcome::Graded(grade) => {
                map.serialize_entry("star", &grade.star)?;
                map.serialize_entry("x_total", &percent_truncated(&grade.x_total, 2))?;
                map.serialize_entry("supports", &Supports(&grade.criteria))?;
                map.serialize_entry("limiting", &grade.limiting())?;
                map.serialize_entry("holds", &codes(&grade.holds))?;
                map.serialize_entry("warnings", &codes(&grade.warnings))?;
                if let Some(action) = grade.action {
                    map.serialize_entry("certificate_action", &action.to_string())?;
                }
                if self.details {
                    map.serialize_entry("criteria", &details(grade))?;
                }
            }
        }
        map.end()
    }
}

/// Codes, sorted.
pub fn codes<T: fmt::Display>(things: &[T]) -> Vec<String> {
    let mut codes: Vec<String> = things.iter().map(ToString::to_string).collect();
    codes.sort();
    codes
}

struct Supports<'a>(&'a [Judged]);

impl Serialize for Supports<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|judged| (judged.row.criterion, judged.supports)))
    }
}

/// One criterion, told in full.
#[derive(Debug, Clone, Serialize)]
pub struct Details {
    /// Its name.
    pub criterion: &'static str,
    /// Where the specification has it.
    pub clause: &'static str,
    /// The decision rules by which it is read.
    pub rules: &'static [&'static str],
    /// What the evidence says.
    pub value: String,
    /// What every star asks, best first.
    pub asks: Vec<Ask>,
    /// Highest star it supports.
    pub supports: u8,
    /// What would lift it; nothing at five stars.
    pub lift: Option<LiftDetails>,
}

/// What a star asks.
#[derive(Debug, Clone, Serialize)]
pub struct Ask {
    /// The star.
    pub star: u8,
    /// Its condition.
    pub condition: String,
}

/// What would lift a criterion.
#[derive(Debug, Clone, Serialize)]
pub struct LiftDetails {
    /// To this star.
    pub star: u8,
    /// Everything it takes.
    pub needs: Vec<String>,
}

/// Every criterion of a grade, told in full.
pub fn details(grade: &Grade) -> Vec<Details> {
    let told = |judged: &Judged| Details {
        criterion: judged.row.criterion.as_str(),
        clause: judged.row.criterion.clause(),
        rules: judged.row.criterion.rules(),
        value: judged.finding.to_string(),
        asks: judged
            .row
            .best_first()
            .map(|(star, condition)| Ask {
                star,
                condition: condition.to_string(),
            })
            .collect(),
        supports: judged.supports,
        lift: judged.lift.as_ref().map(|lift| LiftDetails {
            star: lift.star,
            needs: lift.needs.iter().map(ToString::to_string).collect(),
        }),
    };
    grade.criteria.iter().map(told).collect()
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Missing::Indicator(clause) => write!(f, "indicator:{clause}"),
            Missing::Audit => f.write_str("audit"),
            Missing::OperatingSince => f.write_str("operating_since"),
            Missing::S => f.write_str("survey.s"),
            Missing::Sample => f.write_str("survey.sample"),
        }
    }
}

impl fmt::Display for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Hold::Blacklisted => "blacklisted",
            Hold::ComplaintFailedRectification => "complaint_failed_rectification",
            Hold::ComplaintRectificationPending => "complaint_rectification_pending",
            Hold::InjuryOrDeath => "injury_or_death",
        })
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Warning::IndicatorNotApplicable(clause) => return write!(f, "indicator_na:{clause}"),
            Warning::SFaceMissing => "s_face_missing",
            Warning::PassWithOpenSeriousNc => "pass_with_open_serious_nc",
            Warning::UnconfirmedComplaint => "unconfirmed_complaint",
            Warning::UnconfirmedNegativeInfo => "unconfirmed_negative_info",
            Warning::Example4NotInTable => "example4_not_in_table",
            Warning::UpgradeEligible => "upgrade_eligible",
        })
    }
}

impl fmt::Display for CertificateAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CertificateAction::Maintain => "maintain",
            CertificateAction::Downgrade => "downgrade",
            CertificateAction::Renew => "renew",
            CertificateAction::Withdraw => "withdraw",
            CertificateAction::Hold => "hold",
            CertificateAction::SuspendOrWithdraw => "suspend_or_withdraw",
        })
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Condition::Any => f.write_str("no condition"),
            Condition::Percent(bound) => write!(f, "at least {bound} %"),
            Condition::PassedWithoutSerious => f.write_str("passed, no serious nonconformity"),
            Condition::PassedAllClosed => f.write_str("passed, serious nonconformities closed"),
            Condition::Months(least) => write!(f, "at least {least} months"),
            Condition::NoneWithin(months) => write!(f, "none within {months} months"),
            Condition::AtMostRectified(most) => write!(f, "at most {most}, all rectified"),
            Condition::AtLeast(least) => write!(f, "at least {least}"),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Finding::Share(None) => f.write_str("not measured"),
            Finding::Share(Some(share)) => write!(f, "{} %", percent_truncated(share, 2)),
            Finding::Worst { clause, share } => write!(f, "{} % ({clause})", percent_truncated(share, 2)),
            Finding::Audit { passed, raised, open } => {
                write!(
                    f,
                    "{}, serious: {raised} raised, {open} open",
                    if *passed { "passed" } else { "failed" }
                )
            }
            Finding::Months(months) => write!(f, "{months} months"),
            Finding::Latest { event, blacklisted } => match (event, blacklisted) {
                (None, false) => f.write_str("none"),
                (Some(event), false) => write!(f, "latest {event}"),
                (None, true) => f.write_str("blacklisted"),
                (Some(event), true) => write!(f, "latest {event}, blacklisted"),
            },
            Finding::Complaints { counted, unrectified } => write!(f, "{counted} counted, {unrectified} not rectified"),
            Finding::Count(count) => write!(f, "{count}"),
        }
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Need::Share(share) => write!(f, "{} points more", raised(share)),
            Need::Marks { clause, marks } => {
                let hundredth = Ratio::new(1.into(), 100.into());
                write!(f, "{clause}: {} marks more", raised(&(marks * hundredth)))
            }
            Need::InPersonSurvey => f.write_str("a survey in person"),
            Need::AnotherAudit => f.write_str("another audit"),
            Need::CloseSerious(open) => write!(f, "{open} serious nonconformities closed"),
            Need::OnsiteFrom(day) => write!(f, "an on-site day from {day}, nothing new until then"),
            Need::Rectify(complaints) => write!(f, "{complaints} complaints rectified"),
            Need::OffBlacklist => f.write_str("off the blacklist"),
            Need::Services(services) => write!(f, "{services} services more"),
        }
    }
}

/// A share as a percentage with two decimals, rounded up.
fn raised(share: &Ratio) -> String {
    let steps = Ratio::from_integer(10_000.into());
    percent_truncated(&((share * &steps).ceil() / steps), 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_is_never_understated() {
        let share = |a: i64, b: i64| Need::Share(Ratio::new(a.into(), b.into()));
        assert_eq!(share(1, 100_000).to_string(), "0.01 points more");
        assert_eq!(share(1, 3).to_string(), "33.34 points more");
        assert_eq!(share(1, 20).to_string(), "5.00 points more");
    }
}
