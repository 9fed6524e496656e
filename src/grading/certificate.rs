//! The life of a certificate: which step may follow which, for which reasons, and on whose word.
//!
//! Source: CQM/F-RZ-ZY-06-001 5.1, 6.4; requirements §9, D18–D20, D22. When something is due is told by [`super::agenda`].

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::calendar::last_day_of;
use super::grade::CertificateAction;
use super::policy::Policy;

/// Where a certificate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Asked for.
    Applied,
    /// The organisation is being evaluated for the first time.
    Evaluating,
    /// Not granted; the end.
    Refused,
    /// In force (有效).
    Valid,
    /// Not in force for the time being (暂停).
    Suspended,
    /// Another one took its place, lower (降级换证) or for a new term (再认证换证); the end of this number.
    Replaced,
    /// Withdrawn (撤销); the end.
    Withdrawn,
    /// Given up by its holder (注销); the end.
    Cancelled,
    /// Its term is over (过期失效); the end.
    Expired,
}

impl State {
    /// Every state.
    pub const ALL: [State; 9] = [
        State::Applied,
        State::Evaluating,
        State::Refused,
        State::Valid,
        State::Suspended,
        State::Replaced,
        State::Withdrawn,
        State::Cancelled,
        State::Expired,
    ];

    /// Whether nothing follows.
    pub fn is_final(self) -> bool {
        STEPS.iter().all(|(_, from, _)| *from != self)
    }
}

/// A step of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The first evaluation begins.
    Evaluate,
    /// A star is granted.
    Grant,
    /// No star is granted.
    Refuse,
    /// The certificate is suspended.
    Suspend,
    /// The cause is removed.
    Reinstate,
    /// The certificate is cancelled and a lower one issued, with a new number and the same last day.
    Downgrade,
    /// A recertification ends well: another certificate takes its place.
    Renew,
    /// The certificate is withdrawn.
    Withdraw,
    /// The holder gives it up.
    Cancel,
    /// Its term is over.
    Expire,
}

/// Every legal step, from where to where. There are no others.
pub const STEPS: [(Step, State, State); 11] = [
    (Step::Evaluate, State::Applied, State::Evaluating),
    (Step::Grant, State::Evaluating, State::Valid),
    (Step::Refuse, State::Evaluating, State::Refused),
    (Step::Suspend, State::Valid, State::Suspended),
    (Step::Reinstate, State::Suspended, State::Valid),
    (Step::Downgrade, State::Valid, State::Replaced),
    (Step::Renew, State::Valid, State::Replaced),
    (Step::Withdraw, State::Valid, State::Withdrawn),
    (Step::Withdraw, State::Suspended, State::Withdrawn),
    (Step::Cancel, State::Valid, State::Cancelled),
    (Step::Expire, State::Valid, State::Expired),
];

/// Why a step is taken: a closed list (A15).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// An application was accepted.
    ApplicationAccepted,
    /// The result supports a star.
    ResultSupportsStar,
    /// The result supports no star, or the audit failed.
    BelowEveryStar,
    /// The yearly evaluation is more than three months late.
    EvaluationOverdue,
    /// A confirmed major complaint cannot be rectified (6.4).
    ComplaintNotRectified,
    /// Injury through the service (6.4).
    Injury,
    /// Death through the service (6.4).
    Death,
    /// On a government blacklist (6.4).
    Blacklisted,
    /// The survey was tampered with.
    SurveyTampering,
    /// The organisation gave false data.
    FalseData,
    /// What led to the suspension is removed.
    CauseRemoved,
    /// The suspension ended and what led to it is not removed.
    CauseNotRemoved,
    /// The result is below the star held (6.4).
    BelowStarHeld,
    /// The holder asked for it.
    HolderRequest,
    /// The term is over.
    TermEnded,
    /// Another fact in the sense of 6.4 ("等情况"); the evidence gives the reasoning.
    OtherReasoned,
}

impl Reason {
    /// The steps this reason can carry.
    pub fn steps(self) -> &'static [Step] {
        match self {
            Reason::ApplicationAccepted => &[Step::Evaluate],
            Reason::ResultSupportsStar => &[Step::Grant, Step::Renew],
            Reason::BelowEveryStar => &[Step::Refuse, Step::Withdraw],
            Reason::EvaluationOverdue => &[Step::Suspend],
            Reason::ComplaintNotRectified
            | Reason::Injury
            | Reason::Death
            | Reason::Blacklisted
            | Reason::SurveyTampering
            | Reason::FalseData => &[Step::Suspend, Step::Withdraw],
            Reason::CauseRemoved => &[Step::Reinstate],
            Reason::CauseNotRemoved => &[Step::Withdraw],
            Reason::BelowStarHeld => &[Step::Downgrade],
            Reason::HolderRequest => &[Step::Cancel],
            Reason::TermEnded => &[Step::Expire],
            Reason::OtherReasoned => &[Step::Refuse, Step::Suspend, Step::Withdraw],
        }
    }

    /// What 6.4 leaves to a person, as it is proposed: withdraw on death, blacklist or false data, else suspend while
    /// rectification is possible. Nothing for reasons that leave no choice.
    pub fn proposed(self) -> Option<Step> {
        match self {
            Reason::Death | Reason::Blacklisted | Reason::FalseData => Some(Step::Withdraw),
            Reason::ComplaintNotRectified | Reason::Injury | Reason::SurveyTampering => Some(Step::Suspend),
            _ => None,
        }
    }
}

/// The steps that a surveillance outcome leaves open (D19); none where the certificate stays as it is or the decision
/// waits for a rectification.
pub fn steps_of(action: CertificateAction) -> &'static [Step] {
    match action {
        CertificateAction::Maintain | CertificateAction::Hold => &[],
        CertificateAction::Downgrade => &[Step::Downgrade],
        CertificateAction::Renew => &[Step::Renew],
        CertificateAction::Withdraw => &[Step::Withdraw],
        CertificateAction::SuspendOrWithdraw => &[Step::Suspend, Step::Withdraw],
    }
}

/// A step that may be taken: its reason carries it, it has evidence and two signatures. The caller keeps the proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    step: Step,
    reason: Reason,
    star: Option<u8>,
    on: NaiveDate,
}

/// Why a decision or a step is not possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// The certificate is not where this step begins.
    #[error("a certificate that is {0:?} has no step {1:?}")]
    NoSuchStep(State, Step),
    /// The reason does not carry the step.
    #[error("{0:?} is no reason to {1:?}")]
    ReasonDoesNotFit(Reason, Step),
    /// A change of state needs two different signatures.
    #[error("two different people sign")]
    OneSignature,
    /// A change of state needs evidence.
    #[error("evidence is missing")]
    NoEvidence,
    /// The step needs a star that it lacks, or has one that it does not need.
    #[error("a star belongs to granting, renewing and downgrading, and only there")]
    StarMisplaced,
    /// Overrides go downward only (D22), a downgrade below the star held (6.4), and a star is 1 to 5.
    #[error("{0} stars are not possible here")]
    StarTooHigh(u8),
    /// Earlier than the step before it.
    #[error("{0} is before the last step")]
    TooEarly(NaiveDate),
    /// The term is over, or not over yet.
    #[error("{0} does not fit the term of the certificate")]
    Term(NaiveDate),
}

/// What a decision is made of, before it is checked.
#[derive(Debug, Clone, Copy)]
pub struct Proposal<'a> {
    /// The step.
    pub step: Step,
    /// Why.
    pub reason: Reason,
    /// The star granted, or reissued; only there.
    pub star: Option<u8>,
    /// The star that the grading recommends, where the step rests on one.
    pub recommended: Option<u8>,
    /// Day from which it holds.
    pub on: NaiveDate,
    /// What it rests on.
    pub evidence: &'a str,
    /// Who proposes it, from the certification personnel.
    pub proposed_by: &'a str,
    /// Who signs it, for the head of the body.
    pub signed_by: &'a str,
}

impl Decision {
    /// A checked decision.
    ///
    /// # Errors
    /// [`StepError`] when the reason does not carry the step, evidence or a second signature is missing, or the star is
    /// above the recommended one (D22).
    pub fn new(proposal: &Proposal<'_>) -> Result<Self, StepError> {
        let Proposal {
            step, reason, star, on, ..
        } = *proposal;
        if !reason.steps().contains(&step) {
            return Err(StepError::ReasonDoesNotFit(reason, step));
        }
        if proposal.evidence.trim().is_empty() {
            return Err(StepError::NoEvidence);
        }
        let (proposed_by, signed_by) = (proposal.proposed_by.trim(), proposal.signed_by.trim());
        if proposed_by.is_empty() || signed_by.is_empty() || proposed_by == signed_by {
            return Err(StepError::OneSignature);
        }
        match (matches!(step, Step::Grant | Step::Downgrade | Step::Renew), star) {
            (true, Some(star)) if star == 0 || star > proposal.recommended.unwrap_or(0).min(5) => {
                return Err(StepError::StarTooHigh(star));
            }
            (true, None) | (false, Some(_)) => return Err(StepError::StarMisplaced),
            _ => {}
        }
        Ok(Self { step, reason, star, on })
    }

    /// The step.
    pub fn step(&self) -> Step {
        self.step
    }

    /// Why.
    pub fn reason(&self) -> Reason {
        self.reason
    }
}

/// A certificate, or the application for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Certificate {
    state: State,
    since: NaiveDate,
    granted: Option<Granted>,
}

/// What a granted certificate says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Granted {
    /// Its star, 1..=5.
    pub star: u8,
    /// Its last day.
    pub last_day: NaiveDate,
}

/// What a step leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// The certificate after it.
    pub certificate: Certificate,
    /// The certificate issued in its place, under a new number.
    pub successor: Option<Certificate>,
    /// Whether the holder is told and the change is published (art. 26): everything about a granted certificate.
    pub published: bool,
}

impl Certificate {
    /// An application.
    pub fn applied(on: NaiveDate) -> Self {
        Self {
            state: State::Applied,
            since: on,
            granted: None,
        }
    }

    /// A granted certificate as it was kept.
    pub fn kept(state: State, since: NaiveDate, granted: Granted) -> Self {
        let granted = Some(granted);
        Self { state, since, granted }
    }

    /// Where it stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// The day of the last step.
    pub fn since(&self) -> NaiveDate {
        self.since
    }

    /// What it says, once granted.
    pub fn granted(&self) -> Option<Granted> {
        self.granted
    }

    /// Whether marks may be used: only while it is valid.
    pub fn marks_may_be_used(&self) -> bool {
        self.state == State::Valid
    }

    /// Takes a decided step.
    ///
    /// # Errors
    /// [`StepError`] when no such step leads on from here, it lies before the last one, it does not fit the term, or a
    /// reissued star is not below the one held.
    pub fn take(&self, decision: &Decision, policy: &Policy) -> Result<Taken, StepError> {
        let Decision { step, star, on, .. } = *decision;
        let (_, _, state) = STEPS
            .into_iter()
            .find(|(known, from, _)| *known == step && *from == self.state)
            .ok_or(StepError::NoSuchStep(self.state, step))?;
        if on < self.since {
            return Err(StepError::TooEarly(on));
        }
        let over = self.granted.is_some_and(|granted| on > granted.last_day);
        // After its term a certificate only ends.
        let fits = match step {
            Step::Expire => over,
            Step::Withdraw => true,
            _ => !over,
        };
        if !fits {
            return Err(StepError::Term(on));
        }
        let mut next = Self {
            state,
            since: on,
            ..*self
        };
        let mut successor = None;
        match (step, star, self.granted) {
            (Step::Grant, Some(star), _) => {
                let last_day = last_day_of(on, policy.certificate_term_months);
                next.granted = Some(Granted { star, last_day });
            }
            // Nobody loses by renewing early: the new term follows the old one without a gap.
            (Step::Renew, Some(star), Some(held)) => {
                let begins = held.last_day.succ_opt().unwrap_or(held.last_day);
                let last_day = last_day_of(begins, policy.certificate_term_months);
                successor = Some(Self::kept(State::Valid, on, Granted { star, last_day }));
            }
            (Step::Downgrade, Some(star), Some(held)) => {
                if star >= held.star {
                    return Err(StepError::StarTooHigh(star));
                }
                successor = Some(Self::kept(State::Valid, on, Granted { star, ..held }));
            }
            _ => {}
        }
        Ok(Taken {
            certificate: next,
            successor,
            published: next.granted.is_some(),
        })
    }
}
