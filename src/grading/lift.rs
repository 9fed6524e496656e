//! What would lift a criterion to the next star: the way from the decision to the company's next step.

use chrono::NaiveDate;
use num_traits::Zero;

use super::calendar::{first_clear_day, months_after};

use super::indicator::Indicator;
use super::known::Known;
use super::table::{Condition, Finding, Row};
use crate::statistics::exact::Ratio;

/// The next star a criterion does not support, and everything it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lift {
    /// The star.
    pub star: u8,
    /// What that star asks.
    pub condition: Condition,
    /// What is missing; all of it is needed.
    pub needs: Vec<Need>,
}

/// Something missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// So much more, as a share of full marks (0.05 is five percentage points).
    Share(Ratio),
    /// So many more marks of an indicator.
    Marks {
        /// Its clause.
        clause: &'static str,
        /// Marks.
        marks: Ratio,
    },
    /// A survey in person.
    InPersonSurvey,
    /// Another audit: what it found cannot be undone in this one.
    AnotherAudit,
    /// So many serious nonconformities closed.
    CloseSerious(u32),
    /// An on-site evaluation not before this day, with nothing new until then.
    OnsiteFrom(NaiveDate),
    /// So many major complaints effectively rectified.
    Rectify(u32),
    /// Off the government blacklist.
    OffBlacklist,
    /// So many more convenience services.
    Services(u32),
}

/// What it takes for a criterion to support one star more than it does.
pub(super) fn lift(row: &Row, finding: &Finding, supports: u8, known: &Known<'_>) -> Option<Lift> {
    let (star, condition) = (1..=5).zip(row.conditions).find(|(star, _)| *star > supports)?;
    let needs = match finding {
        Finding::Share(Some(share)) => vec![Need::Share(shortfall(share, condition))],
        Finding::Share(None) => vec![Need::InPersonSurvey],
        Finding::Worst { .. } => known
            .evidence
            .indicators
            .scored()
            .filter_map(|indicator| marks(indicator, condition))
            .collect(),
        Finding::Audit { passed, open, .. } => match (passed, condition) {
            (true, Condition::PassedAllClosed) => vec![Need::CloseSerious(*open)],
            _ => vec![Need::AnotherAudit],
        },
        Finding::Months(_) => months(known, condition),
        Finding::Latest { event, blacklisted } => latest(*event, *blacklisted, condition),
        Finding::Complaints { unrectified, .. } => complaints(known, *unrectified, condition),
        Finding::Count(count) => match condition {
            Condition::AtLeast(least) => vec![Need::Services(least.saturating_sub(*count))],
            _ => Vec::new(),
        },
    };
    Some(Lift { star, condition, needs })
}

fn shortfall(share: &Ratio, condition: Condition) -> Ratio {
    match condition {
        Condition::Percent(bound) => Ratio::new(bound.into(), 100.into()) - share,
        _ => Ratio::zero(),
    }
}

fn marks(indicator: &Indicator, condition: Condition) -> Option<Need> {
    let lacking = shortfall(&indicator.share()?, condition);
    (lacking > Ratio::zero()).then(|| Need::Marks {
        clause: indicator.clause(),
        marks: lacking * Ratio::from_integer(indicator.full().into()),
    })
}

fn months(known: &Known<'_>, condition: Condition) -> Vec<Need> {
    match (known.evidence.operating_since, condition) {
        (Some(since), Condition::Months(least)) => vec![Need::OnsiteFrom(months_after(since, least))],
        _ => Vec::new(),
    }
}

fn latest(event: Option<NaiveDate>, blacklisted: bool, condition: Condition) -> Vec<Need> {
    let mut needs = Vec::new();
    if blacklisted {
        needs.push(Need::OffBlacklist);
    }
    if let (Some(event), Condition::NoneWithin(months)) = (event, condition) {
        needs.push(Need::OnsiteFrom(first_clear_day(event, months)));
    }
    needs
}

fn complaints(known: &Known<'_>, unrectified: u32, condition: Condition) -> Vec<Need> {
    let mut needs = Vec::new();
    if unrectified > 0 {
        needs.push(Need::Rectify(unrectified));
    }
    let Condition::AtMostRectified(most) = condition else {
        return needs;
    };
    let too_many = usize::try_from(most)
        .ok()
        .and_then(|most| known.counted_complaints().get(most).copied());
    if let Some(latest_too_many) = too_many {
        let day = first_clear_day(latest_too_many, known.policy.complaint_window_months);
        needs.push(Need::OnsiteFrom(day));
    }
    needs
}
