//! No certificate ever takes a step that requirements §9 does not have.

use chrono::NaiveDate;
use proptest::prelude::*;

use super::calendar::months_after;
use super::certificate::*;
use super::grade::CertificateAction;
use super::policy::Policy;

const STEP_KINDS: [Step; 10] = [
    Step::Evaluate,
    Step::Grant,
    Step::Refuse,
    Step::Suspend,
    Step::Reinstate,
    Step::Downgrade,
    Step::Renew,
    Step::Withdraw,
    Step::Cancel,
    Step::Expire,
];
const REASONS: [Reason; 16] = [
    Reason::ApplicationAccepted,
    Reason::ResultSupportsStar,
    Reason::BelowEveryStar,
    Reason::EvaluationOverdue,
    Reason::ComplaintNotRectified,
    Reason::Injury,
    Reason::Death,
    Reason::Blacklisted,
    Reason::SurveyTampering,
    Reason::FalseData,
    Reason::CauseRemoved,
    Reason::CauseNotRemoved,
    Reason::BelowStarHeld,
    Reason::HolderRequest,
    Reason::TermEnded,
    Reason::OtherReasoned,
];

fn day(after: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 6, 15).unwrap() + chrono::Days::new(after)
}

fn proposal(step: Step, reason: Reason, star: Option<u8>, on: NaiveDate) -> Proposal<'static> {
    Proposal {
        step,
        reason,
        star,
        recommended: Some(5),
        on,
        evidence: "minutes",
        proposed_by: "evaluator",
        signed_by: "head",
    }
}

/// A certificate granted on day 0.
fn valid(star: u8) -> Certificate {
    let applied = Certificate::applied(day(0));
    let evaluating = take(
        applied,
        proposal(Step::Evaluate, Reason::ApplicationAccepted, None, day(0)),
    )
    .unwrap();
    let grant = proposal(Step::Grant, Reason::ResultSupportsStar, Some(star), day(0));
    take(evaluating.certificate, grant).unwrap().certificate
}

fn take(certificate: Certificate, proposal: Proposal<'_>) -> Result<Taken, StepError> {
    certificate.take(&Decision::new(&proposal)?, &Policy::default())
}

/// 2029-06-14: three years, the day before the anniversary.
const LAST_DAY: u64 = 1095;

#[test]
fn the_arrows_are_those_of_requirements_9() {
    let arrows = |from: State| -> Vec<State> {
        let steps = STEPS.iter().filter(|(_, known, _)| *known == from);
        steps.map(|(_, _, to)| *to).collect()
    };
    assert_eq!(arrows(State::Applied), [State::Evaluating]);
    assert_eq!(arrows(State::Evaluating), [State::Valid, State::Refused]);
    assert_eq!(
        arrows(State::Valid),
        [
            State::Suspended,
            State::Replaced,
            State::Replaced,
            State::Withdrawn,
            State::Cancelled,
            State::Expired
        ]
    );
    assert_eq!(arrows(State::Suspended), [State::Valid, State::Withdrawn]);
    let over = [
        State::Refused,
        State::Replaced,
        State::Withdrawn,
        State::Cancelled,
        State::Expired,
    ];
    assert_eq!(
        State::ALL
            .into_iter()
            .filter(|state| state.is_final())
            .collect::<Vec<_>>(),
        over
    );
    // Every step has a reason, and what 6.4 proposes is a step the reason carries.
    for step in STEP_KINDS {
        assert!(REASONS.iter().any(|reason| reason.steps().contains(&step)), "{step:?}");
    }
    for reason in REASONS {
        assert!(
            reason.proposed().is_none_or(|step| reason.steps().contains(&step)),
            "{reason:?}"
        );
    }
}

#[test]
fn a_decision_needs_two_signatures_evidence_and_a_reason_that_fits() {
    let good = proposal(Step::Suspend, Reason::Injury, None, day(1));
    assert!(Decision::new(&good).is_ok());
    let alone = Proposal {
        signed_by: " evaluator",
        ..good
    };
    assert_eq!(Decision::new(&alone), Err(StepError::OneSignature));
    let unsigned = Proposal { signed_by: "", ..good };
    assert_eq!(Decision::new(&unsigned), Err(StepError::OneSignature));
    let bare = Proposal { evidence: " ", ..good };
    assert_eq!(Decision::new(&bare), Err(StepError::NoEvidence));
    let odd = Proposal {
        reason: Reason::HolderRequest,
        ..good
    };
    assert_eq!(
        Decision::new(&odd),
        Err(StepError::ReasonDoesNotFit(Reason::HolderRequest, Step::Suspend))
    );
}

#[test]
fn a_star_is_overridden_downward_only() {
    let grant = proposal(Step::Grant, Reason::ResultSupportsStar, Some(4), day(1));
    for (recommended, possible) in [(Some(5), true), (Some(4), true), (Some(3), false), (None, false)] {
        assert_eq!(
            Decision::new(&Proposal { recommended, ..grant }).is_ok(),
            possible,
            "{recommended:?}"
        );
    }
    let down = |star| {
        take(
            valid(3),
            proposal(Step::Downgrade, Reason::BelowStarHeld, Some(star), day(1)),
        )
    };
    assert_eq!(down(3), Err(StepError::StarTooHigh(3)));
    let taken = down(2).unwrap();
    let successor = taken.successor.unwrap();
    assert_eq!(
        (taken.certificate.state(), successor.state()),
        (State::Replaced, State::Valid)
    );
    assert_eq!(
        successor.granted(),
        Some(Granted {
            star: 2,
            last_day: day(LAST_DAY)
        })
    );
    assert!(taken.published && !taken.certificate.marks_may_be_used());
}

#[test]
fn after_its_term_a_certificate_only_ends() {
    let on = |certificate, step, reason, when| {
        take(certificate, proposal(step, reason, None, day(when))).map(|taken| taken.certificate.state())
    };
    let suspended = take(valid(5), proposal(Step::Suspend, Reason::Injury, None, day(1000)))
        .unwrap()
        .certificate;
    let (last, after) = (LAST_DAY, LAST_DAY + 1);
    assert_eq!(
        on(valid(5), Step::Expire, Reason::TermEnded, last),
        Err(StepError::Term(day(last)))
    );
    assert_eq!(on(valid(5), Step::Expire, Reason::TermEnded, after), Ok(State::Expired));
    assert_eq!(
        on(suspended, Step::Reinstate, Reason::CauseRemoved, last),
        Ok(State::Valid)
    );
    assert_eq!(
        on(suspended, Step::Reinstate, Reason::CauseRemoved, after),
        Err(StepError::Term(day(after)))
    );
    assert_eq!(
        on(suspended, Step::Withdraw, Reason::CauseNotRemoved, after),
        Ok(State::Withdrawn)
    );
}

#[test]
fn a_surveillance_outcome_leads_only_to_steps_a_valid_certificate_has() {
    for action in [
        CertificateAction::Maintain,
        CertificateAction::Hold,
        CertificateAction::Downgrade,
        CertificateAction::Renew,
        CertificateAction::Withdraw,
        CertificateAction::SuspendOrWithdraw,
    ] {
        for step in steps_of(action) {
            assert!(
                STEPS
                    .iter()
                    .any(|(known, from, _)| known == step && *from == State::Valid)
            );
        }
        let stays = matches!(action, CertificateAction::Maintain | CertificateAction::Hold);
        assert_eq!(steps_of(action).is_empty(), stays);
    }
}

proptest! {
    /// Whatever is tried in whatever order: a step succeeds only along an arrow; only a renewal raises a star or moves the
    /// last day, by exactly one term; time never runs back, and what is over stays over.
    #[test]
    fn no_illegal_path_exists(
        tries in proptest::collection::vec((0_usize..10, 0_usize..16, proptest::option::of(0_u8..7), 0_u64..400), 1..60)
    ) {
        let policy = Policy::default();
        let mut now = Certificate::applied(day(0));
        let mut clock = 0;
        for (step, reason, star, later) in tries {
            let (step, reason) = (STEP_KINDS[step], REASONS[reason]);
            let on = day(clock + later);
            let Ok(decision) = Decision::new(&proposal(step, reason, star, on)) else { continue };
            prop_assert!(reason.steps().contains(&step));
            match now.take(&decision, &policy) {
                Err(_) => {}
                Ok(taken) => {
                    let next = taken.certificate;
                    prop_assert!(STEPS.contains(&(step, now.state(), next.state())));
                    prop_assert!(!now.state().is_final() && next.since() >= now.since());
                    prop_assert_eq!(taken.published, next.granted().is_some());
                    prop_assert_eq!(taken.successor.is_some(), matches!(step, Step::Downgrade | Step::Renew));
                    if let Some(held) = now.granted() {
                        prop_assert_eq!(next.granted(), Some(held));
                        for successor in taken.successor.iter().filter_map(Certificate::granted) {
                            prop_assert!((1..=5).contains(&successor.star));
                            let later = match step {
                                Step::Renew => 36,
                                _ => {
                                    prop_assert!(successor.star < held.star);
                                    0
                                }
                            };
                            // Terms begin on the 15th or near it, so that no month is too short.
                            let from = held.last_day.succ_opt().unwrap();
                            let until = successor.last_day.succ_opt().unwrap();
                            prop_assert!(months_after(from, later) == until);
                        }
                    }
                    if next.marks_may_be_used() {
                        prop_assert!(next.granted().is_some_and(|granted| on <= granted.last_day));
                    }
                    // Life goes on with the certificate that is in force.
                    now = taken.successor.unwrap_or(next);
                    clock += later;
                }
            }
        }
    }
}
