//! What must hold of every grade, whatever the evidence.

use chrono::{Days, NaiveDate};
use proptest::prelude::*;

use super::calendar::{months_before, within};
use super::evidence::*;
use super::evidence_tests::*;
use super::grade::{CertificateAction, Grade, Hold, Outcome, Warning, grade};
use super::indicator::{Indicator, Indicators, Score};
use super::lift::Need;
use super::policy::{Example4, Policy};
use super::report::{CaseResult, codes};
use super::table::{Condition, Criterion, Finding, table};
use crate::statistics::exact::Ratio;
use crate::statistics::star::{supports_s, supports_s_face};

fn graded(evidence: &Evidence, policy: &Policy) -> Grade {
    match grade(evidence, policy) {
        Outcome::Graded(grade) => grade,
        Outcome::Incomplete(missing) => panic!("{missing:?}"),
    }
}

fn supports(grade: &Grade, criterion: Criterion) -> u8 {
    let judged = grade.criteria.iter().find(|judged| judged.row.criterion == criterion);
    judged.map_or(5, |judged| judged.supports)
}

fn printed(evidence: &Evidence, policy: &Policy) -> serde_json::Value {
    let outcome = grade(evidence, policy);
    serde_json::to_value(CaseResult {
        id: "x",
        outcome: &outcome,
        details: false,
    })
    .unwrap()
}

/// Every way to improve one input.
fn improvements(evidence: &Evidence) -> Vec<Evidence> {
    let mut better = Vec::new();
    // Longer ago is better, but not for what is not known yet.
    let earlier = |event: NaiveDate| match event <= evidence.decision_date {
        true => months_before(event, 9),
        false => event,
    };
    let mut add = |change: &dyn Fn(&mut Evidence)| {
        let mut one = evidence.clone();
        change(&mut one);
        better.push(one);
    };
    add(&|e| e.survey.s = Some(share(1000)));
    add(&|e| e.survey.s_face = Some(share(1000)));
    for place in 0..8 {
        add(&|e| {
            let mut rows = e.indicators.all().to_vec();
            if rows[place].marks().is_some() {
                let full = Ratio::from_integer(rows[place].full().into());
                rows[place] = Indicator::new(rows[place].clause(), Score::Marks(full)).unwrap();
            }
            e.indicators = Indicators::new(rows).unwrap();
        });
    }
    add(&|e| e.audit.iter_mut().for_each(|audit| audit.conclusion = Conclusion::Pass));
    add(&|e| e.audit.iter_mut().for_each(|audit| audit.serious_open = 0));
    add(&|e| {
        e.audit
            .iter_mut()
            .for_each(|audit| (audit.serious_raised, audit.serious_open) = (0, 0))
    });
    add(&|e| e.operating_since = e.operating_since.map(|since| months_before(since, 7)));
    add(&|e| e.blacklisted = false);
    add(&|e| e.convenience_services = e.convenience_services.map(|services| services + 1));
    for place in 0..evidence.accidents.len() {
        add(&|e| _ = e.accidents.remove(place));
        add(&|e| e.accidents[place].responsible = false);
        add(&|e| e.accidents[place].date = earlier(e.accidents[place].date));
    }
    for place in 0..evidence.major_complaints.len() {
        add(&|e| _ = e.major_complaints.remove(place));
        add(&|e| e.major_complaints[place].rectification = Rectification::Effective);
        add(&|e| e.major_complaints[place].date = earlier(e.major_complaints[place].date));
    }
    for place in 0..evidence.negative_info.len() {
        add(&|e| _ = e.negative_info.remove(place));
        add(&|e| e.negative_info[place].date = earlier(e.negative_info[place].date));
    }
    better
}

#[test]
fn every_condition_speaks_about_its_criterion() {
    let finest = |criterion| match criterion {
        Criterion::XTotal | Criterion::S | Criterion::SFace => Finding::Share(Some(Ratio::from_integer(1.into()))),
        Criterion::Indicator => Finding::Worst {
            clause: "4.1.1",
            share: Ratio::from_integer(1.into()),
        },
        Criterion::Audit => Finding::Audit {
            passed: true,
            raised: 0,
            open: 0,
        },
        Criterion::Operating => Finding::Months(1000),
        Criterion::Accident | Criterion::Negative => Finding::Latest {
            event: None,
            blacklisted: false,
        },
        Criterion::Complaint => Finding::Complaints {
            counted: 0,
            unrectified: 0,
        },
        Criterion::Convenience => Finding::Count(1000),
    };
    let policy = Policy {
        example4: Example4::Cap3,
        ..Policy::default()
    };
    let table = table(&policy);
    assert_eq!(
        table.iter().map(|row| row.criterion).collect::<Vec<_>>(),
        Criterion::ALL
    );
    for row in table {
        assert!(
            row.conditions
                .iter()
                .all(|condition| condition.holds(&finest(row.criterion), onsite())),
            "{row:?}"
        );
    }
}

#[test]
fn the_scheme_owners_answers_change_what_they_are_about() {
    let rows = |policy: &Policy| table(policy);
    let of = |policy: &Policy, criterion| rows(policy).into_iter().find(|row| row.criterion == criterion).unwrap();
    let default = Policy::default();
    let strict = Policy {
        one_star_other_conditions: true,
        one_star_min_s: 50,
        closed_serious_nc_star: 0,
        ..default
    };
    assert_eq!(of(&strict, Criterion::Operating).conditions[0], Condition::Months(6));
    assert_eq!(
        of(&strict, Criterion::S).supports(&Finding::Share(Some(Ratio::new(49.into(), 100.into()))), onsite()),
        0
    );
    let closed = Finding::Audit {
        passed: true,
        raised: 1,
        open: 0,
    };
    assert_eq!(of(&default, Criterion::Audit).supports(&closed, onsite()), 4);
    assert_eq!(of(&strict, Criterion::Audit).supports(&closed, onsite()), 0);
}

proptest! {
    #[test]
    fn the_star_is_the_minimum_and_what_limits_it_is_named(evidence in evidence(), policy in policies()) {
        let grade = graded(&evidence, &policy);
        let lowest = grade.criteria.iter().map(|judged| judged.supports).min().unwrap();
        prop_assert_eq!(grade.star, lowest);
        let limiting = grade.limiting();
        prop_assert_eq!(limiting.is_empty(), grade.star == 5);
        for judged in &grade.criteria {
            let limits = judged.supports == grade.star && grade.star < 5;
            prop_assert_eq!(limiting.contains(&judged.row.criterion), limits);
            prop_assert_eq!(judged.lift.is_some(), judged.supports < 5);
        }
        // A weighted mean is never below its minimum.
        if supports(&grade, Criterion::Indicator) >= 3 {
            prop_assert!(supports(&grade, Criterion::XTotal) >= supports(&grade, Criterion::Indicator));
        }
    }

    #[test]
    fn improving_one_input_never_lowers_the_star(evidence in evidence(), policy in policies()) {
        let before = graded(&evidence, &policy).star;
        for better in improvements(&evidence) {
            prop_assert!(graded(&better, &policy).star >= before, "{better:?}");
        }
    }

    #[test]
    fn the_order_of_lists_does_not_matter(evidence in evidence(), policy in policies(), turn in 0_usize..8) {
        let mut other = evidence.clone();
        let mut rows = other.indicators.all().to_vec();
        rows.rotate_left(turn);
        other.indicators = Indicators::new(rows).unwrap();
        other.accidents.reverse();
        other.major_complaints.reverse();
        other.negative_info.reverse();
        prop_assert_eq!(printed(&evidence, &policy), printed(&other, &policy));
    }

    #[test]
    fn events_outside_every_window_change_nothing(
        evidence in evidence(), accident in accident(), complaint in complaint(), negative in negative(),
        days in 1_u64..3000, late in any::<bool>(),
    ) {
        let policy = Policy::default();
        let mut more = evidence.clone();
        let (date, rectification) = match late {
            true => (evidence.decision_date + Days::new(days), complaint.rectification),
            // Before every window, the surveillance one included; what is not put right counts at any age.
            false => (months_before(onsite(), 36) - Days::new(days), Rectification::Effective),
        };
        more.accidents.push(Accident { date, ..accident });
        more.major_complaints.push(MajorComplaint { date, rectification, ..complaint });
        more.negative_info.push(NegativeInformation { date, ..negative });
        prop_assert_eq!(printed(&evidence, &policy), printed(&more, &policy));
    }

    #[test]
    fn the_survey_supports_what_its_own_pages_say(evidence in evidence()) {
        let grade = graded(&evidence, &Policy::default());
        let face = evidence.survey.s_face.as_ref().map(Share::ratio);
        prop_assert_eq!(supports(&grade, Criterion::S), supports_s(evidence.survey.s.as_ref().unwrap().ratio()));
        prop_assert_eq!(supports(&grade, Criterion::SFace), supports_s_face(face));
    }

    /// What is said to lift a criterion lifts it.
    #[test]
    fn a_lift_keeps_its_word(evidence in evidence(), policy in policies()) {
        for judged in graded(&evidence, &policy).criteria {
            let Some(lift) = judged.lift else { continue };
            prop_assert!(!lift.needs.is_empty());
            let criterion = judged.row.criterion;
            let mut then = evidence.clone();
            let mut provided = true;
            for need in &lift.needs {
                match need {
                    Need::Share(more) => match criterion {
                        Criterion::S => then.survey.s = Share::new(evidence.survey.s.as_ref().unwrap().ratio() + more),
                        Criterion::SFace => then.survey.s_face = Share::new(evidence.survey.s_face.as_ref().unwrap().ratio() + more),
                        _ => provided = false,
                    },
                    Need::Marks { clause, marks } => {
                        let raised = then.indicators.all().iter().map(|row| match row.marks() {
                            Some(had) if row.clause() == *clause => Indicator::new(clause, Score::Marks(had + marks)).unwrap(),
                            _ => row.clone(),
                        });
                        then.indicators = Indicators::new(raised.collect()).unwrap();
                    }
                    Need::InPersonSurvey => then.survey.s_face = Some(share(1000)),
                    Need::AnotherAudit => {
                        then.audit = Some(Audit { conclusion: Conclusion::Pass, serious_raised: 0, serious_open: 0 });
                    }
                    Need::CloseSerious(open) => then.audit.iter_mut().for_each(|audit| audit.serious_open -= open),
                    Need::OnsiteFrom(day) => {
                        then.onsite_date = *day;
                        then.decision_date = *day;
                    }
                    Need::Rectify(_) => then
                        .major_complaints
                        .iter_mut()
                        .for_each(|complaint| complaint.rectification = Rectification::Effective),
                    Need::OffBlacklist => then.blacklisted = false,
                    Need::Services(more) => then.convenience_services = then.convenience_services.map(|had| had + more),
                }
            }
            // What became known only later is not part of the promise.
            let decided = evidence.decision_date;
            then.accidents.retain(|accident| accident.date <= decided);
            then.major_complaints.retain(|complaint| complaint.date <= decided);
            then.negative_info.retain(|information| information.date <= decided);
            if provided {
                prop_assert!(supports(&graded(&then, &policy), criterion) >= lift.star, "{criterion:?} {lift:?}");
            }
        }
    }

    #[test]
    fn surveillance_follows_the_order_of_d19(evidence in evidence(), policy in policies()) {
        let grade = graded(&evidence, &policy);
        let holding = evidence.occasion.holding();
        prop_assert_eq!(grade.action.is_some(), holding.is_some());
        let harmful = |accident: &&Accident| accident.responsible && accident.kind != Harm::Property
            && accident.date <= evidence.decision_date;
        let counts = |date: NaiveDate| holding.map_or(within(date, 12, onsite()), |held| date >= held.last_evaluation);
        let injured = evidence.accidents.iter().filter(harmful).any(|accident| counts(accident.date));
        prop_assert_eq!(grade.holds.contains(&Hold::InjuryOrDeath), injured);
        prop_assert_eq!(grade.holds.contains(&Hold::Blacklisted), evidence.blacklisted);
        let Some(held) = holding else { return Ok(()) };
        let renewed = [CertificateAction::Downgrade, CertificateAction::Maintain, CertificateAction::Renew]
            .contains(&grade.action.unwrap());
        let applied = matches!(evidence.occasion, Occasion::Recertification(_));
        prop_assert_eq!(grade.action == Some(CertificateAction::Renew), applied && renewed);
        let upgrade = grade.warnings.contains(&Warning::UpgradeEligible);
        match grade.action.unwrap() {
            CertificateAction::SuspendOrWithdraw => prop_assert!(
                grade.holds.iter().any(|hold| *hold != Hold::ComplaintRectificationPending)
            ),
            CertificateAction::Withdraw => prop_assert_eq!(grade.star, 0),
            CertificateAction::Hold => prop_assert_eq!(&grade.holds, &[Hold::ComplaintRectificationPending]),
            CertificateAction::Downgrade => prop_assert!(grade.holds.is_empty() && (1..held.star).contains(&grade.star)),
            CertificateAction::Maintain => prop_assert!(grade.holds.is_empty() && grade.star >= held.star),
            CertificateAction::Renew => prop_assert!(grade.holds.is_empty() && grade.star >= 1),
        }
        prop_assert_eq!(upgrade, grade.action == Some(CertificateAction::Maintain) && grade.star > held.star);
    }

    #[test]
    fn what_is_missing_is_named_and_never_a_low_star(evidence in evidence(), gone in 1_u8..32) {
        let mut bare = evidence;
        let mut expected = Vec::new();
        let mut absent = |bit: u8, code: &str| {
            let absent = gone & (1 << bit) != 0;
            if absent { expected.push(code.to_owned()); }
            absent
        };
        if absent(0, "audit") { bare.audit = None; }
        if absent(1, "indicator:4.1.1") {
            let mut rows = bare.indicators.all().to_vec();
            rows[0] = Indicator::new("4.1.1", Score::Pending).unwrap();
            bare.indicators = Indicators::new(rows).unwrap();
        }
        if absent(2, "operating_since") { bare.operating_since = None; }
        if absent(3, "survey.s") { bare.survey.s = None; }
        if absent(4, "survey.sample") { bare.survey.sample_adequate = false; }
        match grade(&bare, &Policy::default()) {
            Outcome::Incomplete(missing) => prop_assert_eq!(codes(&missing), expected),
            Outcome::Graded(grade) => prop_assert!(false, "{grade:?}"),
        }
    }
}
