//! The grade: what every criterion supports, the star as their minimum, what limits it, and what 6.4 makes of it.
//!
//! Source: CQM/F-RZ-ZY-06-001 6.2–6.4; requirements D1, D7, D14–D20. The star is a recommendation (D22).

use chrono::NaiveDate;

use super::calendar::{whole_months, within};
use super::evidence::{Conclusion, Evidence, Harm, MajorComplaint, Occasion, Rectification};
use super::indicator::Score;
use super::lift::{Lift, lift};
use super::policy::{Example4, Policy};
use super::table::{Criterion, Finding, Row, table};
use crate::statistics::exact::Ratio;

/// Months before the on-site date in which negative information matters to some star (6.2, five stars).
const NEGATIVE_MONTHS: u32 = 24;
/// Months before the on-site date in which an injury is a hold at a first grading (D18).
const INJURY_MONTHS: u32 = 12;
/// Example 4 speaks of two convenience services.
const FEW_SERVICES: u32 = 2;

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
        return Outcome::Incomplete(missing(evidence));
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

/// What D17 asks for and is not there.
fn missing(evidence: &Evidence) -> Vec<Missing> {
    let unscored = evidence
        .indicators
        .all()
        .iter()
        .filter(|row| *row.score() == Score::Pending);
    let mut missing: Vec<Missing> = unscored.map(|row| Missing::Indicator(row.clause())).collect();
    let others = [
        (Missing::Audit, evidence.audit.is_none()),
        (Missing::OperatingSince, evidence.operating_since.is_none()),
        (Missing::S, evidence.survey.s.is_none()),
        (Missing::Sample, !evidence.survey.sample_adequate),
    ];
    missing.extend(others.into_iter().filter(|(_, absent)| *absent).map(|(what, _)| what));
    missing
}

/// Surveillance order of D19.
fn action(evidence: &Evidence, star: u8, holds: &[Hold]) -> Option<CertificateAction> {
    let holding = evidence.occasion.holding()?;
    let pending = |hold: &Hold| *hold == Hold::ComplaintRectificationPending;
    Some(if holds.iter().any(|hold| !pending(hold)) {
        CertificateAction::SuspendOrWithdraw
    } else if star == 0 {
        CertificateAction::Withdraw
    } else if holds.iter().any(pending) {
        CertificateAction::Hold
    } else if star < holding.star {
        CertificateAction::Downgrade
    } else {
        CertificateAction::Maintain
    })
}

/// The evidence as far as it is known on the decision date.
pub(super) struct Known<'a> {
    pub(super) evidence: &'a Evidence,
    pub(super) policy: &'a Policy,
}

impl<'a> Known<'a> {
    fn new(evidence: &'a Evidence, policy: &'a Policy) -> Self {
        Self { evidence, policy }
    }

    fn happened(&self, event: NaiveDate) -> bool {
        event <= self.evidence.decision_date
    }

    fn in_window(&self, event: NaiveDate, months: u32) -> bool {
        self.happened(event) && within(event, months, self.evidence.onsite_date)
    }

    /// Complaints that count if they are confirmed: in the window, or of any age and not effectively rectified (D9).
    fn relevant_complaints(&self) -> impl Iterator<Item = &MajorComplaint> {
        self.evidence.major_complaints.iter().filter(|complaint| {
            self.happened(complaint.date)
                && (complaint.rectification != Rectification::Effective || self.counts(complaint))
        })
    }

    fn counts(&self, complaint: &MajorComplaint) -> bool {
        self.in_window(complaint.date, self.policy.complaint_window_months)
    }

    /// Dates of the confirmed complaints in the window, latest first.
    pub(super) fn counted_complaints(&self) -> Vec<NaiveDate> {
        let counted = self
            .relevant_complaints()
            .filter(|complaint| complaint.confirmed && self.counts(complaint));
        let mut dates: Vec<NaiveDate> = counted.map(|complaint| complaint.date).collect();
        dates.sort_by(|a, b| b.cmp(a));
        dates
    }

    fn confirmed_complaints(&self, state: Rectification) -> usize {
        self.relevant_complaints()
            .filter(|complaint| complaint.confirmed && complaint.rectification == state)
            .count()
    }

    /// What the evidence says about every criterion; nothing when D17 calls the case incomplete.
    fn findings(&self) -> Option<Vec<(Criterion, Finding)>> {
        let evidence = self.evidence;
        if !missing(evidence).is_empty() {
            return None;
        }
        let (audit, since, worst) = (evidence.audit?, evidence.operating_since?, evidence.indicators.worst()?);
        let accidents = evidence.accidents.iter().filter(|accident| accident.responsible);
        let negative = evidence
            .negative_info
            .iter()
            .filter(|information| information.confirmed);
        let latest = |dates: &mut dyn Iterator<Item = NaiveDate>| dates.filter(|date| self.happened(*date)).max();
        let unrectified =
            self.confirmed_complaints(Rectification::Pending) + self.confirmed_complaints(Rectification::Failed);
        let mut findings = vec![
            (Criterion::XTotal, Finding::Share(evidence.indicators.x_total())),
            (
                Criterion::Indicator,
                Finding::Worst {
                    clause: worst.clause(),
                    share: worst.share()?,
                },
            ),
            (
                Criterion::Audit,
                Finding::Audit {
                    passed: audit.conclusion == Conclusion::Pass,
                    raised: audit.serious_raised,
                    open: audit.serious_open,
                },
            ),
            (
                Criterion::S,
                Finding::Share(evidence.survey.s.as_ref().map(|s| s.ratio().clone())),
            ),
            (
                Criterion::SFace,
                Finding::Share(evidence.survey.s_face.as_ref().map(|s| s.ratio().clone())),
            ),
            (
                Criterion::Operating,
                Finding::Months(whole_months(since, evidence.onsite_date)),
            ),
            (
                Criterion::Accident,
                Finding::Latest {
                    event: latest(&mut accidents.map(|accident| accident.date)),
                    blacklisted: false,
                },
            ),
            (
                Criterion::Complaint,
                Finding::Complaints {
                    counted: count(self.counted_complaints().len()),
                    unrectified: count(unrectified),
                },
            ),
            (
                Criterion::Negative,
                Finding::Latest {
                    event: latest(&mut negative.map(|information| information.date)),
                    blacklisted: evidence.blacklisted,
                },
            ),
        ];
        if self.policy.example4 == Example4::Cap3
            && let Some(services) = self.few_services()
        {
            findings.push((Criterion::Convenience, Finding::Count(services)));
        }
        Some(findings)
    }

    /// Recorded convenience services, where example 4 speaks of so few.
    fn few_services(&self) -> Option<u32> {
        self.evidence
            .convenience_services
            .filter(|services| *services <= FEW_SERVICES)
    }

    /// Facts of 6.4 (D18).
    fn holds(&self) -> Vec<Hold> {
        let counts = |date: NaiveDate| match &self.evidence.occasion {
            Occasion::Initial => self.in_window(date, INJURY_MONTHS),
            Occasion::Surveillance(holding) | Occasion::Special(holding) => {
                self.happened(date) && date >= holding.last_evaluation
            }
        };
        let harmed = self
            .evidence
            .accidents
            .iter()
            .any(|accident| accident.responsible && accident.kind != Harm::Property && counts(accident.date));
        let facts = [
            (Hold::Blacklisted, self.evidence.blacklisted),
            (
                Hold::ComplaintFailedRectification,
                self.confirmed_complaints(Rectification::Failed) > 0,
            ),
            (
                Hold::ComplaintRectificationPending,
                self.confirmed_complaints(Rectification::Pending) > 0,
            ),
            (Hold::InjuryOrDeath, harmed),
        ];
        facts
            .into_iter()
            .filter(|(_, holds)| *holds)
            .map(|(hold, _)| hold)
            .collect()
    }

    fn warnings(&self) -> Vec<Warning> {
        let evidence = self.evidence;
        let left_out = evidence
            .indicators
            .all()
            .iter()
            .filter(|row| *row.score() == Score::NotApplicable);
        let mut warnings: Vec<Warning> = left_out
            .map(|row| Warning::IndicatorNotApplicable(row.clause()))
            .collect();
        let open_pass = evidence
            .audit
            .is_some_and(|audit| audit.conclusion == Conclusion::Pass && audit.serious_open > 0);
        let unconfirmed_negative = evidence
            .negative_info
            .iter()
            .any(|information| !information.confirmed && self.in_window(information.date, NEGATIVE_MONTHS));
        let facts = [
            (Warning::SFaceMissing, evidence.survey.s_face.is_none()),
            (Warning::PassWithOpenSeriousNc, open_pass),
            (
                Warning::UnconfirmedComplaint,
                self.relevant_complaints().any(|complaint| !complaint.confirmed),
            ),
            (Warning::UnconfirmedNegativeInfo, unconfirmed_negative),
            (
                Warning::Example4NotInTable,
                self.policy.example4 == Example4::Advisory && self.few_services().is_some(),
            ),
        ];
        warnings.extend(
            facts
                .into_iter()
                .filter(|(_, holds)| *holds)
                .map(|(warning, _)| warning),
        );
        warnings
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
