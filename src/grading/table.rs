//! The table of 6.2 as data: for every criterion what each star asks of it. Only lower bounds count (D1), so the
//! highest star whose condition holds is what a criterion supports, and 0 where not even one star's does.

use chrono::NaiveDate;
use serde::Serialize;

use super::calendar::within;
use super::policy::{Example4, Policy};
use crate::statistics::exact::{Ratio, ratio_at_least};

/// A criterion of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// X, the total of the measurement of chapter 4.1.
    XTotal,
    /// The indicator with the smallest share of its full marks.
    Indicator,
    /// The management audit of chapter 4.2.
    Audit,
    /// S, the survey in both channels.
    S,
    /// S_face (S当面), the survey in person.
    SFace,
    /// Time in operation.
    Operating,
    /// Responsible accidents.
    Accident,
    /// Major complaints.
    Complaint,
    /// Negative information.
    Negative,
    /// Free convenience services, only under [`Example4::Cap3`].
    Convenience,
}

impl Criterion {
    /// Every criterion, in the order in which they are shown.
    pub const ALL: [Criterion; 10] = [
        Criterion::XTotal,
        Criterion::Indicator,
        Criterion::Audit,
        Criterion::S,
        Criterion::SFace,
        Criterion::Operating,
        Criterion::Accident,
        Criterion::Complaint,
        Criterion::Negative,
        Criterion::Convenience,
    ];

    /// Stable name, as in the grading cases.
    pub fn as_str(self) -> &'static str {
        match self {
            Criterion::XTotal => "x_total",
            Criterion::Indicator => "indicator",
            Criterion::Audit => "audit",
            Criterion::S => "s",
            Criterion::SFace => "s_face",
            Criterion::Operating => "operating",
            Criterion::Accident => "accident",
            Criterion::Complaint => "complaint",
            Criterion::Negative => "negative",
            Criterion::Convenience => "convenience",
        }
    }

    /// Where the specification has it.
    pub fn clause(self) -> &'static str {
        match self {
            Criterion::XTotal => "5.3, 6.2",
            Criterion::Indicator => "6.2, annex",
            Criterion::Audit => "5.2, 6.2",
            Criterion::S | Criterion::SFace => "5.4, 6.2, note 4",
            Criterion::Operating | Criterion::Negative => "6.2",
            Criterion::Accident => "6.2, note 2",
            Criterion::Complaint => "6.2, note 3",
            Criterion::Convenience => "6.3 note 1, example 4",
        }
    }

    /// The decision rules by which it is read.
    pub fn rules(self) -> &'static [&'static str] {
        match self {
            Criterion::XTotal => &["D1", "D2", "D7", "D16"],
            Criterion::Indicator => &["D2", "D3", "D4"],
            Criterion::Audit => &["D7", "D8"],
            Criterion::S => &["D1", "D2", "D6", "D21"],
            Criterion::SFace => &["D2", "D5", "D21"],
            Criterion::Operating => &["D11"],
            Criterion::Accident => &["D12"],
            Criterion::Complaint => &["D9", "D10", "D14"],
            Criterion::Negative => &["D10", "D13", "D14"],
            Criterion::Convenience => &["D15"],
        }
    }
}

/// What a star asks of one criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Nothing.
    Any,
    /// At least so many per cent of the full marks.
    Percent(u32),
    /// Audit passed, no serious nonconformity raised.
    PassedWithoutSerious,
    /// Audit passed, every serious nonconformity closed.
    PassedAllClosed,
    /// At least so many whole calendar months.
    Months(u32),
    /// No event in so many months before the on-site date.
    NoneWithin(u32),
    /// At most so many, every one of them effectively rectified.
    AtMostRectified(u32),
    /// At least so many.
    AtLeast(u32),
}

/// What the evidence says about one criterion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// A share of full marks; nothing where it was not measured.
    Share(Option<Ratio>),
    /// The indicator with the smallest share.
    Worst {
        /// Its clause.
        clause: &'static str,
        /// Its share of its full marks.
        share: Ratio,
    },
    /// The audit.
    Audit {
        /// Whether the recorded verdict is conform.
        passed: bool,
        /// Serious nonconformities raised.
        raised: u32,
        /// Serious nonconformities still open.
        open: u32,
    },
    /// Whole calendar months.
    Months(u32),
    /// The latest event of its kind.
    Latest {
        /// When it happened.
        event: Option<NaiveDate>,
        /// Whether the organisation is on a government blacklist, which counts as today.
        blacklisted: bool,
    },
    /// Confirmed major complaints.
    Complaints {
        /// How many lie in the window.
        counted: u32,
        /// How many, of any age, are not effectively rectified.
        unrectified: u32,
    },
    /// How many were recorded.
    Count(u32),
}

impl Condition {
    /// Whether it holds for a finding, with the windows ending at `onsite`. A condition about something else does not.
    pub fn holds(self, finding: &Finding, onsite: NaiveDate) -> bool {
        match (self, finding) {
            (Condition::Any, _) => true,
            (Condition::Percent(bound), Finding::Share(share)) => {
                share.as_ref().is_some_and(|share| ratio_at_least(share, bound))
            }
            (Condition::Percent(bound), Finding::Worst { share, .. }) => ratio_at_least(share, bound),
            (Condition::PassedWithoutSerious, Finding::Audit { passed, raised, open }) => {
                *passed && *raised == 0 && *open == 0
            }
            (Condition::PassedAllClosed, Finding::Audit { passed, open, .. }) => *passed && *open == 0,
            (Condition::Months(least), Finding::Months(months)) => months >= &least,
            (Condition::NoneWithin(months), Finding::Latest { event, blacklisted }) => {
                !blacklisted && event.is_none_or(|event| !within(event, months, onsite))
            }
            (Condition::AtMostRectified(most), Finding::Complaints { counted, unrectified }) => {
                counted <= &most && *unrectified == 0
            }
            (Condition::AtLeast(least), Finding::Count(count)) => count >= &least,
            _ => false,
        }
    }
}

/// What every star asks of one criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The criterion.
    pub criterion: Criterion,
    /// Conditions of one, two, three, four and five stars.
    pub conditions: [Condition; 5],
}

impl Row {
    /// The stars with their conditions, best first.
    pub fn best_first(&self) -> impl Iterator<Item = (u8, Condition)> {
        (1..=5).zip(self.conditions).rev()
    }

    /// The highest star whose condition holds, or 0.
    pub fn supports(&self, finding: &Finding, onsite: NaiveDate) -> u8 {
        self.best_first()
            .find(|(_, condition)| condition.holds(finding, onsite))
            .map_or(0, |(star, _)| star)
    }
}

/// The table of 6.2 under a policy, one row per criterion in the order of [`Criterion::ALL`].
pub fn table(policy: &Policy) -> Vec<Row> {
    use Condition::{
        Any, AtLeast, AtMostRectified, Months, NoneWithin, PassedAllClosed, PassedWithoutSerious, Percent,
    };

    // One star has an empty "other" cell; the scheme owner may fill it with two stars' conditions.
    let one_star = |two_stars| match policy.one_star_other_conditions {
        true => two_stars,
        false => Any,
    };
    let audit = |star| match star <= policy.closed_serious_nc_star {
        true => PassedAllClosed,
        false => PassedWithoutSerious,
    };
    let s_of_one_star = match policy.one_star_min_s {
        0 => Any,
        least => Percent(least),
    };
    let negative = NoneWithin(policy.negative_window_months);
    let rows = [
        //                      1                             2                   3                   4                   5
        (
            Criterion::XTotal,
            [Percent(50), Percent(60), Percent(70), Percent(80), Percent(90)],
        ),
        (Criterion::Indicator, [Any, Any, Percent(70), Percent(80), Percent(90)]),
        (Criterion::Audit, [audit(1), audit(2), audit(3), audit(4), audit(5)]),
        (
            Criterion::S,
            [s_of_one_star, Percent(60), Percent(70), Percent(80), Percent(90)],
        ),
        (Criterion::SFace, [Any, Any, Percent(70), Percent(80), Percent(90)]),
        (
            Criterion::Operating,
            [one_star(Months(6)), Months(6), Months(6), Months(12), Months(12)],
        ),
        (
            Criterion::Accident,
            [
                one_star(NoneWithin(12)),
                NoneWithin(12),
                NoneWithin(12),
                NoneWithin(12),
                NoneWithin(24),
            ],
        ),
        (
            Criterion::Complaint,
            [
                one_star(AtMostRectified(3)),
                AtMostRectified(3),
                AtMostRectified(2),
                AtMostRectified(1),
                AtMostRectified(0),
            ],
        ),
        (
            Criterion::Negative,
            [one_star(negative), negative, negative, NoneWithin(12), NoneWithin(24)],
        ),
        (Criterion::Convenience, [Any, Any, Any, AtLeast(3), AtLeast(3)]),
    ];
    rows.into_iter()
        .filter(|(criterion, _)| *criterion != Criterion::Convenience || policy.example4 == Example4::Cap3)
        .map(|(criterion, conditions)| Row { criterion, conditions })
        .collect()
}
