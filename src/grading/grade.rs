//! The grade: what every criterion supports, the star as their minimum, what limits it, and what 6.4 makes of it.
//!
//! Source: CQM/F-RZ-ZY-06-001 6.2–6.4; requirements D1, D7, D14–D20. The star is a recommendation (D22).

use super::evidence::{Evidence, Occasion};
use super::known::Known;
use super::lift::{Lift, lift};
use super::policy::Policy;
use super::table::{Criterion, Finding, Row, table};
use crate::statistics::exact::Ratio;

/// What came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Something that no grade can do without is not there (D17); never a low star.
    Incomplete(Vec<Missing>),
    /// A star, or none.
    Graded(Grade),
}

/// What is not there yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The score of an applicable indicator.
    Indicator(&'static str),
    /// The audit's verdict.
    Audit,
    /// When the service began.
    OperatingSince,
    /// S.
    S,
    /// A sample judged adequate.
    Sample,
}

/// A grade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grade {
    /// The recommended star, 1..=5; 0 is no certificate.
    pub star: u8,
    /// X as a share of the applicable full marks, exact.
    pub x_total: Ratio,
    /// Every criterion of the table, in its order.
    pub criteria: Vec<Judged>,
    /// Facts of 6.4, sorted by their code.
    pub holds: Vec<Hold>,
    /// What a reviewer must know, in no particular order.
    pub warnings: Vec<Warning>,
    /// What becomes of the certificate held; nothing at a first grading.
    pub action: Option<CertificateAction>,
}

impl Grade {
    /// The criteria equal to the star, sorted by name; none at five stars.
    pub fn limiting(&self) -> Vec<Criterion> {
        let lowest = self.criteria.iter().filter(|judged| judged.supports == self.star);
        let mut limiting: Vec<Criterion> = match self.star {
            5 => Vec::new(),
            _ => lowest.map(|judged| judged.row.criterion).collect(),
        };
        limiting.sort_by_key(|criterion| criterion.as_str());
        limiting
    }
}

/// A criterion with everything that a decision needs to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The criterion and what every star asks of it.
    pub row: Row,
    /// What the evidence says.
    pub finding: Finding,
    /// Highest star it supports, 0..=5.
    pub supports: u8,
    /// What would lift it to the next star it does not support; nothing at five.
    pub lift: Option<Lift>,
}

/// A fact of 6.4 that needs a recorded decision (D18, D19).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hold {
    /// On a government blacklist.
    Blacklisted,
    /// A confirmed major complaint that cannot be rectified.
    ComplaintFailedRectification,
    /// A confirmed major complaint whose rectification is not over.
    ComplaintRectificationPending,
    /// Injury or death through the service.
    InjuryOrDeath,
}

/// What a reviewer must know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Warning {
    /// An indicator was left out (D16); the reviewer must agree.
    IndicatorNotApplicable(&'static str),
    /// No S_face: two stars at most (D5).
    SFaceMissing,
    /// The recorded verdict is conform although a serious nonconformity is open (D8).
    PassWithOpenSeriousNc,
    /// A complaint that would matter is not confirmed; settle it before the decision (D14).
    UnconfirmedComplaint,
    /// Negative information that would matter is not confirmed; settle it before the decision (D14).
    UnconfirmedNegativeInfo,
    /// Example 4 has no basis in the table (D15).
    Example4NotInTable,
    /// Better than the certificate held; an upgrade needs an application (D20).
    UpgradeEligible,
}

/// What becomes of the certificate held (D19).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateAction {
    /// It stays.
    Maintain,
    /// It is cancelled and reissued lower.
    Downgrade,
    /// A recertification: another one takes its place, with the star of this result and a new term.
    Renew,
    /// It is withdrawn.
    Withdraw,
    /// Nothing is decided until the rectification is over.
    Hold,
    /// A person decides which.
    SuspendOrWithdraw,
}

/// Grades one evaluation.
pub fn grade(evidence: &Evidence, policy: &Policy) -> Outcome {
    let known = Known::new(evidence, policy);
    let Some(findings) = known.findings() else {
        return Outcome::Incomplete(known.missing());
    };
    let rows = table(policy);
    let criteria: Vec<Judged> = findings
        .into_iter()
        .filter_map(|(criterion, finding)| {
            let row = *rows.iter().find(|row| row.criterion == criterion)?;
            let supports = row.supports(&finding, evidence.onsite_date);
            let lift = lift(&row, &finding, supports, &known);
            Some(Judged {
                row,
                finding,
                supports,
                lift,
            })
        })
        .collect();
    let star = criteria.iter().map(|judged| judged.supports).min().unwrap_or(0);
    let holds = known.holds();
    let action = action(evidence, star, &holds);
    let mut warnings = known.warnings();
    let held = evidence.occasion.holding().map_or(u8::MAX, |holding| holding.star);
    if action == Some(CertificateAction::Maintain) && star > held {
        warnings.push(Warning::UpgradeEligible);
    }
    Outcome::Graded(Grade {
        star,
        x_total: evidence.indicators.x_total().unwrap_or_default(),
        criteria,
        holds,
        warnings,
        action,
    })
}

/// Surveillance order of D19. A recertification is judged in the same order; it was applied for, so that a better result
/// counts too (D20).
fn action(evidence: &Evidence, star: u8, holds: &[Hold]) -> Option<CertificateAction> {
    let holding = evidence.occasion.holding()?;
    let pending = |hold: &Hold| *hold == Hold::ComplaintRectificationPending;
    Some(if holds.iter().any(|hold| !pending(hold)) {
        CertificateAction::SuspendOrWithdraw
    } else if star == 0 {
        CertificateAction::Withdraw
    } else if holds.iter().any(pending) {
        CertificateAction::Hold
    } else if matches!(evidence.occasion, Occasion::Recertification(_)) {
        CertificateAction::Renew
    } else if star < holding.star {
        CertificateAction::Downgrade
    } else {
        CertificateAction::Maintain
    })
}
