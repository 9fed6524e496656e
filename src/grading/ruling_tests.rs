//! Rulings: never above the recommendation, three different people.

use chrono::NaiveDate;

use super::calendar::months_before;
use super::evidence::{Accident, Audit, Conclusion, Evidence, Harm, Holding, Occasion, Survey};
use super::evidence_tests::{onsite, share};
use super::grade::{CertificateAction, Grade, Hold, Outcome, Warning};
use super::indicator::{ANNEX, Indicator, Indicators, Score};
use super::policy::Policy;
use super::ruling::*;
use super::table::Criterion;
use crate::statistics::exact::Ratio;
use crate::survey::form::{Problem, RawForm};
use crate::survey::id::PersonId;

fn grade(star: u8, action: Option<CertificateAction>, holds: &[Hold], warnings: &[Warning]) -> Grade {
    Grade {
        star,
        x_total: Default::default(),
        criteria: Vec::new(),
        holds: holds.to_vec(),
        warnings: warnings.to_vec(),
        action,
    }
}

fn holder(star: u8) -> Occasion {
    Occasion::Surveillance(Holding {
        star,
        last_evaluation: NaiveDate::MIN,
    })
}

fn read(grade: &Grade, occasion: &Occasion, pairs: &[(&str, &str)]) -> Result<Proposal, Vec<(String, Problem)>> {
    let form = RawForm::new(pairs.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect());
    parse(grade, occasion, &form).map_err(|errors| errors.into_iter().map(|e| (e.field, e.problem)).collect())
}

#[test]
fn an_override_goes_downward_or_on_hold_and_never_up() {
    for star in 0..=5_u8 {
        let first = possible(&grade(star, None, &[], &[]), &Occasion::Initial);
        assert!(
            first
                .iter()
                .all(|ruling| ruling.star().is_none_or(|granted| granted <= star))
        );
        assert!(first.contains(&Ruling::Hold) && first.contains(&Ruling::Refuse));
        for held in 1..=5_u8 {
            let action = if star == 0 {
                CertificateAction::Withdraw
            } else if star < held {
                CertificateAction::Downgrade
            } else {
                CertificateAction::Maintain
            };
            let later = possible(&grade(star, Some(action), &[], &[]), &holder(held));
            assert!(
                later
                    .iter()
                    .all(|r| r.star().is_none_or(|star_now| star_now <= star && star_now < held))
            );
            assert!(later.iter().all(|r| !matches!(r, Ruling::Grant(_))));
            assert_eq!(later.contains(&Ruling::Maintain), action == CertificateAction::Maintain);
        }
    }
    let four = grade(4, None, &[], &[]);
    let refused = |field: &str, problem| Err(vec![(field.to_owned(), problem)]);
    assert_eq!(
        read(&four, &Occasion::Initial, &[("ruling", "grant:5")]),
        refused("ruling", Problem::NotAChoice)
    );
    assert_eq!(
        read(&four, &Occasion::Initial, &[("ruling", "grant:3")]),
        refused("reason", Problem::Empty)
    );
    assert!(read(&four, &Occasion::Initial, &[("ruling", "grant:4")]).is_ok());
}

#[test]
fn what_is_unsettled_can_only_be_held_and_a_fact_of_6_4_needs_reasons() {
    let unsettled = grade(5, None, &[], &[Warning::UnconfirmedComplaint]);
    let pairs = [("ruling", "grant:5")];
    assert_eq!(
        read(&unsettled, &Occasion::Initial, &pairs),
        Err(vec![("ruling".to_owned(), Problem::NotReady)])
    );
    assert!(
        read(
            &unsettled,
            &Occasion::Initial,
            &[("ruling", "hold"), ("reason", "wait")]
        )
        .is_ok()
    );
    let injured = grade(4, None, &[Hold::InjuryOrDeath], &[]);
    assert_eq!(
        read(&injured, &Occasion::Initial, &[("ruling", "grant:4")]),
        Err(vec![("reason".to_owned(), Problem::Empty)])
    );
    let blacklisted = grade(4, Some(CertificateAction::SuspendOrWithdraw), &[Hold::Blacklisted], &[]);
    assert_eq!(recommended(&blacklisted), Ruling::Withdraw);
    let pairs = [
        ("ruling", "withdraw"),
        ("reason", "listed"),
        ("reason_code", "holder_request"),
    ];
    assert_eq!(
        read(&blacklisted, &holder(4), &pairs),
        Err(vec![("reason_code".to_owned(), Problem::NotAChoice)])
    );
}

#[test]
fn three_different_people_decide_in_order_on_the_same_case() {
    let person = |n: u8| PersonId::from_random([n; 16]);
    let mut decision = Decision {
        version: 1,
        input: String::new(),
        input_hash: "a".into(),
        proposal: Proposal {
            ruling: Ruling::Grant(4),
            reason_code: None,
            reason: String::new(),
        },
        recommended: 4,
        decided_on: NaiveDate::MIN,
        proposed_by: person(1),
        at_ms: 0,
        signatures: Vec::new(),
    };
    let worked = [person(1), person(9)];
    let sign = |decision: &Decision, place, who: u8, hash| decision.refuses(place, person(who), &worked, hash);
    assert_eq!(sign(&decision, Place::Review, 1, "a"), Some(Problem::OwnWork));
    assert_eq!(sign(&decision, Place::Review, 9, "a"), Some(Problem::OwnWork));
    assert_eq!(sign(&decision, Place::Signature, 3, "a"), Some(Problem::NotReady));
    assert_eq!(sign(&decision, Place::Review, 2, "b"), Some(Problem::Changed));
    assert_eq!(sign(&decision, Place::Review, 2, "a"), None);
    let signature = |place, who| Signature {
        place,
        approves: true,
        remark: String::new(),
        by: person(who),
        at_ms: 0,
    };
    decision.signatures.push(signature(Place::Review, 2));
    assert_eq!(sign(&decision, Place::Signature, 2, "a"), Some(Problem::OwnWork));
    assert_eq!(sign(&decision, Place::Signature, 3, "a"), None);
    decision.signatures.push(signature(Place::Signature, 3));
    assert!(decision.is_sealed());
}

/// Evidence that supports five stars throughout.
fn best(occasion: Occasion, s_tenths: i64, accidents: Vec<Accident>) -> Evidence {
    let full = |(clause, full): &(&str, u32)| {
        Indicator::new(clause, Score::Marks(Ratio::from_integer((*full).into()))).unwrap()
    };
    Evidence {
        occasion,
        onsite_date: onsite(),
        decision_date: onsite(),
        operating_since: Some(months_before(onsite(), 40)),
        indicators: Indicators::new(ANNEX.iter().map(full).collect()).unwrap(),
        audit: Some(Audit {
            conclusion: Conclusion::Pass,
            serious_raised: 0,
            serious_open: 0,
        }),
        survey: Survey {
            s: Some(share(s_tenths)),
            s_face: Some(share(950)),
            sample_adequate: true,
        },
        accidents,
        major_complaints: Vec::new(),
        negative_info: Vec::new(),
        blacklisted: false,
        convenience_services: None,
    }
}

/// Neither a fact of 6.4 nor an override downward makes a criterion limit: at five stars none does, below it those that do.
#[test]
fn what_limits_is_empty_exactly_at_five_with_holds_and_overrides_too() {
    let graded = |evidence: &Evidence| match super::grade::grade(evidence, &Policy::default()) {
        Outcome::Graded(found) => found,
        Outcome::Incomplete(missing) => panic!("{missing:?}"),
    };
    // Injured before every window of the table, but since the last evaluation: five stars, and a hold.
    let held = Occasion::Surveillance(Holding {
        star: 4,
        last_evaluation: months_before(onsite(), 30),
    });
    let injured = vec![Accident {
        date: months_before(onsite(), 28),
        kind: Harm::Injury,
        responsible: true,
    }];
    let five = graded(&best(held, 950, injured.clone()));
    assert_eq!((five.star, five.holds.as_slice()), (5, &[Hold::InjuryOrDeath][..]));
    assert!(five.limiting().is_empty());
    assert_eq!(
        possible(&five, &held),
        [Ruling::Suspend, Ruling::Withdraw, Ruling::Hold]
    );
    // Lowered by a person: the rules still name nothing that limits, so that the reason must be a person's own.
    let first = graded(&best(Occasion::Initial, 950, Vec::new()));
    assert!(first.star == 5 && first.limiting().is_empty());
    let lowered = |pairs: &[(&str, &str)]| read(&first, &Occasion::Initial, pairs);
    assert_eq!(
        lowered(&[("ruling", "grant:4")]),
        Err(vec![("reason".to_owned(), Problem::Empty)])
    );
    assert!(lowered(&[("ruling", "grant:4"), ("reason", "one year first")]).is_ok());
    let four = graded(&best(held, 899, injured));
    assert_eq!((four.star, four.limiting()), (4, vec![Criterion::S]));
}

/// A recertification grants what the result supports, higher than before too, or less, or nothing.
#[test]
fn a_recertification_grants_again() {
    let held = Occasion::Recertification(Holding {
        star: 3,
        last_evaluation: months_before(onsite(), 12),
    });
    let renewed = grade(5, Some(CertificateAction::Renew), &[], &[]);
    let all = [5, 4, 3, 2, 1].map(Ruling::Grant).to_vec();
    assert_eq!(
        possible(&renewed, &held),
        [all, vec![Ruling::Refuse, Ruling::Hold]].concat()
    );
}
