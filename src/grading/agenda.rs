//! When something is due on a certificate.
//!
//! Source: CQM/F-RZ-ZY-06-001 5.1 (once a year, more after accidents and major complaints); requirements §9: the yearly
//! evaluation counts from the last on-site day, reminders 90 and 30 days before, suspension when it is more than three
//! months late, withdrawal when a suspension lasts longer than its limit, an extra evaluation within 30 days.

use chrono::{Days, NaiveDate};

use super::calendar::months_after;
use super::certificate::{Certificate, Reason, State, Step};
use super::policy::Policy;

/// Months between two yearly evaluations (5.1).
const YEAR_MONTHS: u32 = 12;
/// Months an evaluation may be late before the certificate is suspended.
const LATE_MONTHS: u32 = 3;
/// Days before the evaluation on which the holder is reminded.
const REMINDER_DAYS: [u64; 2] = [90, 30];
/// Days within which an extra evaluation follows a reported accident or major complaint.
const EXTRA_DAYS: u64 = 30;

/// Something due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Duty {
    /// Remind the holder of the yearly evaluation, so many days before it.
    Remind(u64),
    /// Evaluate: yearly.
    Evaluate,
    /// Evaluate additionally, by this day at the latest.
    EvaluateExtra,
    /// Suspend: the yearly evaluation is too late.
    Suspend,
    /// Withdraw: the suspension has lasted too long.
    Withdraw,
    /// The term is over.
    Expire,
}

/// Everything due on a certificate, earliest first: its yearly evaluation counted from the first on-site day of the last
/// one, the end of its term or of its suspension, and one extra evaluation for every event reported since. Nothing for
/// a certificate that is neither valid nor suspended.
pub fn agenda(
    certificate: &Certificate,
    last_onsite: NaiveDate,
    reported: &[NaiveDate],
    policy: &Policy,
) -> Vec<(NaiveDate, Duty)> {
    let due = months_after(last_onsite, YEAR_MONTHS);
    let mut agenda: Vec<(NaiveDate, Duty)> = match certificate.state() {
        State::Valid => REMINDER_DAYS
            .into_iter()
            .map(|days| (due - Days::new(days), Duty::Remind(days)))
            .chain([
                (due, Duty::Evaluate),
                (day_after(months_after(due, LATE_MONTHS)), Duty::Suspend),
            ])
            .chain(
                certificate
                    .granted()
                    .map(|granted| (day_after(granted.last_day), Duty::Expire)),
            )
            .collect(),
        State::Suspended => {
            let limit = months_after(certificate.since(), policy.suspension_limit_months);
            // A suspended certificate cannot outlive its term either.
            let term = certificate.granted().map_or(limit, |granted| granted.last_day);
            vec![(day_after(limit.min(term)), Duty::Withdraw)]
        }
        _ => return Vec::new(),
    };
    let extra = reported.iter().filter(|event| **event > last_onsite);
    agenda.extend(extra.map(|event| (extra_until(*event), Duty::EvaluateExtra)));
    agenda.sort();
    agenda
}

/// The day by which the extra evaluation of an event reported on this day is due.
pub fn extra_until(reported: NaiveDate) -> NaiveDate {
    reported + Days::new(EXTRA_DAYS)
}

/// The step that an agenda has ready on this day, and its reason: what is overdue is proposed by itself, and still signed
/// by people. The end of the term goes before everything else.
pub fn prepared(agenda: &[(NaiveDate, Duty)], today: NaiveDate) -> Option<(NaiveDate, Duty, Step, Reason)> {
    let mut due = agenda
        .iter()
        .filter(|(day, _)| *day <= today)
        .filter_map(|(day, duty)| {
            let (step, reason) = match duty {
                Duty::Suspend => (Step::Suspend, Reason::EvaluationOverdue),
                Duty::Withdraw => (Step::Withdraw, Reason::CauseNotRemoved),
                Duty::Expire => (Step::Expire, Reason::TermEnded),
                Duty::Remind(_) | Duty::Evaluate | Duty::EvaluateExtra => return None,
            };
            Some((*day, *duty, step, reason))
        });
    let first = due.next()?;
    Some(due.fold(first, |kept, one| if one.1 == Duty::Expire { one } else { kept }))
}

fn day_after(day: NaiveDate) -> NaiveDate {
    day.succ_opt().unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::super::certificate::{Decision, Proposal};
    use super::*;

    fn day(text: &str) -> NaiveDate {
        super::super::calendar::parse_date(text).unwrap()
    }

    fn after(certificate: Certificate, step: Step, reason: Reason, on: &str) -> Certificate {
        let star = (step == Step::Grant).then_some(4);
        let decision = Decision::new(&Proposal {
            step,
            reason,
            star,
            recommended: star,
            on: day(on),
            evidence: "minutes",
            proposed_by: "a",
            signed_by: "b",
        });
        let taken = certificate.take(&decision.unwrap(), &Policy::default());
        taken.unwrap().certificate
    }

    fn valid() -> Certificate {
        let applied = Certificate::applied(day("2026-05-01"));
        let evaluating = after(applied, Step::Evaluate, Reason::ApplicationAccepted, "2026-05-10");
        after(evaluating, Step::Grant, Reason::ResultSupportsStar, "2026-07-06")
    }

    #[test]
    fn a_valid_certificate_has_a_year_before_it() {
        let reported = [day("2026-06-01"), day("2026-09-01")];
        let agenda = agenda(&valid(), day("2026-06-15"), &reported, &Policy::default());
        let expected = [
            ("2026-10-01", Duty::EvaluateExtra),
            ("2027-03-17", Duty::Remind(90)),
            ("2027-05-16", Duty::Remind(30)),
            ("2027-06-15", Duty::Evaluate),
            ("2027-09-16", Duty::Suspend),
            ("2029-07-06", Duty::Expire),
        ];
        assert_eq!(agenda, expected.map(|(on, duty)| (day(on), duty)));
    }

    #[test]
    fn a_suspension_ends_by_itself_in_a_withdrawal() {
        let suspended = after(valid(), Step::Suspend, Reason::Injury, "2026-08-31");
        let agenda = agenda(&suspended, day("2026-06-15"), &[], &Policy::default());
        assert_eq!(agenda, [(day("2027-03-01"), Duty::Withdraw)]);
    }

    #[test]
    fn what_is_overdue_is_prepared_from_its_day_on() {
        let agenda_of = |held: &Certificate| agenda(held, day("2026-06-15"), &[], &Policy::default());
        let ready = |held: &Certificate, today: &str| {
            let ready = prepared(&agenda_of(held), day(today));
            ready.map(|(since, _, step, reason)| (since, step, reason))
        };
        let held = valid();
        assert_eq!(
            ready(&held, "2027-09-15"),
            None,
            "three months late is not more than three months late"
        );
        let late = (day("2027-09-16"), Step::Suspend, Reason::EvaluationOverdue);
        assert_eq!(ready(&held, "2027-09-16"), Some(late));
        let over = (day("2029-07-06"), Step::Expire, Reason::TermEnded);
        assert_eq!(ready(&held, "2029-07-06"), Some(over));
        let suspended = after(held, Step::Suspend, Reason::EvaluationOverdue, "2027-09-16");
        assert_eq!(ready(&suspended, "2028-03-16"), None);
        let long = (day("2028-03-17"), Step::Withdraw, Reason::CauseNotRemoved);
        assert_eq!(ready(&suspended, "2028-03-17"), Some(long));
    }

    #[test]
    fn nothing_is_due_on_what_is_over() {
        let withdrawn = after(valid(), Step::Withdraw, Reason::Death, "2026-08-31");
        let agenda = agenda(&withdrawn, day("2026-06-15"), &[day("2026-07-01")], &Policy::default());
        assert_eq!(agenda, []);
    }
}
