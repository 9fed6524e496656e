//! The words for what people choose from in the grading.

use super::super::office::form::Choice;
use super::super::words::Words;
use crate::grading::agenda::Duty;
use crate::grading::audit::Severity;
use crate::grading::certificate::{Reason, State, Step};
use crate::grading::evidence::{Basis, Conclusion, Harm, Rectification};
use crate::grading::fact::{Kind, name_of, named};
use crate::grading::observation;
use crate::grading::ruling::Ruling;
use crate::view::office::star_name;

pub(super) fn yes_no(words: Words, yes: bool) -> String {
    match yes {
        true => words.t("grading-yes"),
        false => words.t("grading-no"),
    }
}

pub(super) fn yes_no_choices(words: Words) -> Vec<Choice> {
    [("yes", true), ("no", false)]
        .map(|(value, yes)| Choice::new(value, yes_no(words, yes)))
        .to_vec()
}

pub(super) fn kind(words: Words, kind: Kind) -> String {
    match kind {
        Kind::Onsite => words.t("fact-onsite"),
        Kind::Operating => words.t("fact-operating"),
        Kind::Accident => words.t("fact-accident"),
        Kind::Complaint => words.t("fact-complaint"),
        Kind::Negative => words.t("fact-negative"),
        Kind::Blacklist => words.t("fact-blacklist"),
        Kind::Convenience => words.t("fact-convenience"),
        Kind::NotApplicable => words.t("fact-not-applicable"),
        Kind::Sample => words.t("fact-sample"),
        Kind::Verdict => words.t("fact-verdict"),
    }
}

pub(super) fn harm(words: Words, harm: Harm) -> String {
    match harm {
        Harm::Property => words.t("harm-property"),
        Harm::Injury => words.t("harm-injury"),
        Harm::Death => words.t("harm-death"),
    }
}

pub(super) fn basis(words: Words, basis: Basis) -> String {
    match basis {
        Basis::Media => words.t("basis-media"),
        Basis::GovSite => words.t("basis-gov-site"),
        Basis::AdminPenalty => words.t("basis-admin-penalty"),
    }
}

pub(super) fn rectification(words: Words, rectification: Rectification) -> String {
    match rectification {
        Rectification::Effective => words.t("rectification-effective"),
        Rectification::Pending => words.t("rectification-pending"),
        Rectification::Failed => words.t("rectification-failed"),
    }
}

pub(super) fn conclusion(words: Words, conclusion: Conclusion) -> String {
    match conclusion {
        Conclusion::Pass => words.t("audit-conform"),
        Conclusion::Fail => words.t("audit-not-conform"),
    }
}

pub(super) fn severity(words: Words, severity: Severity) -> String {
    match severity {
        Severity::Serious => words.t("severity-serious"),
        Severity::Minor => words.t("severity-minor"),
        Severity::Observation => words.t("severity-observation"),
    }
}

pub(super) fn observed(words: Words, kind: observation::Kind) -> String {
    match kind {
        observation::Kind::Hotline => words.t("observed-hotline"),
        observation::Kind::Repair => words.t("observed-repair"),
        observation::Kind::Delivery => words.t("observed-delivery"),
        observation::Kind::Appointment => words.t("observed-appointment"),
        observation::Kind::Duration => words.t("observed-duration"),
        observation::Kind::Returns => words.t("observed-returns"),
        observation::Kind::Complaint => words.t("observed-complaint"),
    }
}

pub(super) fn ruling(words: Words, ruling: Ruling) -> String {
    match ruling {
        Ruling::Grant(star) => words.tn("ruling-grant", &[("star", star_name(words, star).into())]),
        Ruling::Refuse => words.t("ruling-refuse"),
        Ruling::Maintain => words.t("ruling-maintain"),
        Ruling::Downgrade(star) => words.tn("ruling-downgrade", &[("star", star_name(words, star).into())]),
        Ruling::Suspend => words.t("ruling-suspend"),
        Ruling::Withdraw => words.t("ruling-withdraw"),
        Ruling::Hold => words.t("ruling-hold"),
    }
}

pub(super) fn state(words: Words, state: State) -> String {
    match state {
        State::Applied => words.t("certificate-applied"),
        State::Evaluating => words.t("certificate-evaluating"),
        State::Refused => words.t("certificate-refused"),
        State::Valid => words.t("certificate-valid"),
        State::Suspended => words.t("certificate-suspended"),
        State::Replaced => words.t("certificate-replaced"),
        State::Withdrawn => words.t("certificate-withdrawn"),
        State::Cancelled => words.t("certificate-cancelled"),
        State::Expired => words.t("certificate-expired"),
    }
}

pub(super) fn step(words: Words, step: Step) -> String {
    match step {
        Step::Evaluate => words.t("step-evaluate"),
        Step::Grant => words.t("step-grant"),
        Step::Refuse => words.t("step-refuse"),
        Step::Suspend => words.t("step-suspend"),
        Step::Reinstate => words.t("step-reinstate"),
        Step::Downgrade => words.t("step-downgrade"),
        Step::Renew => words.t("step-renew"),
        Step::Withdraw => words.t("step-withdraw"),
        Step::Cancel => words.t("step-cancel"),
        Step::Expire => words.t("step-expire"),
    }
}

pub(super) fn reason(words: Words, reason: Reason) -> String {
    match reason {
        Reason::ApplicationAccepted => words.t("reason-application-accepted"),
        Reason::ResultSupportsStar => words.t("reason-result-supports-star"),
        Reason::BelowEveryStar => words.t("reason-below-every-star"),
        Reason::EvaluationOverdue => words.t("reason-evaluation-overdue"),
        Reason::ComplaintNotRectified => words.t("reason-complaint-not-rectified"),
        Reason::Injury => words.t("reason-injury"),
        Reason::Death => words.t("reason-death"),
        Reason::Blacklisted => words.t("reason-blacklisted"),
        Reason::SurveyTampering => words.t("reason-survey-tampering"),
        Reason::FalseData => words.t("reason-false-data"),
        Reason::CauseRemoved => words.t("reason-cause-removed"),
        Reason::CauseNotRemoved => words.t("reason-cause-not-removed"),
        Reason::BelowStarHeld => words.t("reason-below-star-held"),
        Reason::HolderRequest => words.t("reason-holder-request"),
        Reason::TermEnded => words.t("reason-term-ended"),
        Reason::OtherReasoned => words.t("reason-other"),
    }
}

/// Reasons that carry any of these steps, as options.
pub(super) fn reasons(words: Words, steps: &[Step]) -> Vec<Choice> {
    const ALL: [Reason; 13] = [
        Reason::ComplaintNotRectified,
        Reason::Injury,
        Reason::Death,
        Reason::Blacklisted,
        Reason::SurveyTampering,
        Reason::FalseData,
        Reason::BelowEveryStar,
        Reason::EvaluationOverdue,
        Reason::CauseRemoved,
        Reason::CauseNotRemoved,
        Reason::HolderRequest,
        Reason::TermEnded,
        Reason::OtherReasoned,
    ];
    let fitting = ALL
        .into_iter()
        .filter(|known| known.steps().iter().any(|step| steps.contains(step)));
    let options = fitting.map(|known| Choice::new(name_of(&known), reason(words, known)));
    chosen_from(words, options)
}

/// Options of a list in which nothing is chosen yet.
pub(super) fn chosen_from(words: Words, options: impl Iterator<Item = Choice>) -> Vec<Choice> {
    let none = Choice::new("", words.t("grading-choose"));
    std::iter::once(none).chain(options).collect()
}

pub(super) fn duty(words: Words, duty: Duty) -> String {
    match duty {
        Duty::Remind(days) => words.tn("duty-remind", &[("n", days.into())]),
        Duty::Evaluate => words.t("duty-evaluate"),
        Duty::EvaluateExtra => words.t("duty-evaluate-extra"),
        Duty::Suspend => words.t("duty-suspend"),
        Duty::Withdraw => words.t("duty-withdraw"),
        Duty::Expire => words.t("duty-expire"),
    }
}

pub(in crate::view) fn notice(words: Words, kind: &str) -> String {
    match kind.split_once(':') {
        Some(("remind", days)) => words.tn("notice-remind", &[("days", days.into())]),
        Some(("step", kind)) => {
            let step = named::<Step>(kind).map(|one| step(words, one));
            words.tn("notice-step", &[("step", step.unwrap_or_default().into())])
        }
        _ => words.t("notice-extra"),
    }
}
