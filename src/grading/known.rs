//! The evidence as it is known on the decision date: what lies in which window, and what follows from it for the
//! criteria, for 6.4 and for the reviewer.
//!
//! Source: requirements D9–D18 and "Windows" in §3.

use chrono::NaiveDate;

use super::calendar::{whole_months, within};
use super::evidence::{Conclusion, Evidence, Harm, MajorComplaint, Occasion, Rectification};
use super::grade::{Hold, Missing, Warning};
use super::indicator::Score;
use super::policy::{Example4, Policy};
use super::table::{Criterion, Finding};

/// Months before the on-site date in which negative information matters to some star (6.2, five stars).
const NEGATIVE_MONTHS: u32 = 24;
/// Months before the on-site date in which an injury is a hold at a first grading (D18).
const INJURY_MONTHS: u32 = 12;
/// Example 4 speaks of two convenience services.
const FEW_SERVICES: u32 = 2;

/// The evidence as far as it is known on the decision date.
pub(super) struct Known<'a> {
    pub(super) evidence: &'a Evidence,
    pub(super) policy: &'a Policy,
}

impl<'a> Known<'a> {
    pub(super) fn new(evidence: &'a Evidence, policy: &'a Policy) -> Self {
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

    /// What D17 asks for and is not there.
    pub(super) fn missing(&self) -> Vec<Missing> {
        let evidence = self.evidence;
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

    /// What the evidence says about every criterion; nothing when D17 calls the case incomplete.
    pub(super) fn findings(&self) -> Option<Vec<(Criterion, Finding)>> {
        let evidence = self.evidence;
        if !self.missing().is_empty() {
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
    pub(super) fn holds(&self) -> Vec<Hold> {
        let counts = |date: NaiveDate| match &self.evidence.occasion {
            Occasion::Initial => self.in_window(date, INJURY_MONTHS),
            Occasion::Surveillance(holding) | Occasion::Recertification(holding) | Occasion::Special(holding) => {
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

    pub(super) fn warnings(&self) -> Vec<Warning> {
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
