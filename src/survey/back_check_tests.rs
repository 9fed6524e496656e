//! The one rule that judges, what a form must say, and that a seed fixes the sample.

use super::*;
use proptest::prelude::*;

fn said(interviewed: Told, place: Told, overall: Option<u8>, reply: Option<u8>) -> Finding {
    Finding {
        way: Way::Phone,
        reached: Some(Reached {
            interviewed,
            place,
            day: Told::Unsure,
            overall,
            reply,
        }),
        remark: String::new(),
    }
}

#[test]
fn one_rule_judges() {
    let first = |finding: Finding| finding.outcome(Some(5), Some(5));
    assert_eq!(first(said(Told::Yes, Told::Yes, Some(5), Some(4))), Outcome::Confirmed);
    assert_eq!(first(said(Told::No, Told::Unsure, None, None)), Outcome::Contradicted);
    assert_eq!(
        first(said(Told::Yes, Told::No, Some(5), Some(5))),
        Outcome::Contradicted
    );
    // One rating changes its mind, two tell another story; what is not remembered tells nothing.
    assert_eq!(first(said(Told::Yes, Told::Yes, Some(2), Some(4))), Outcome::Confirmed);
    assert_eq!(
        first(said(Told::Yes, Told::Yes, Some(2), Some(3))),
        Outcome::Contradicted
    );
    assert_eq!(
        first(said(Told::Unsure, Told::Unsure, None, Some(1))),
        Outcome::Confirmed
    );
    let nobody = Finding {
        reached: None,
        ..said(Told::Yes, Told::Yes, None, None)
    };
    assert_eq!(first(nobody), Outcome::Unreachable);
}

#[test]
fn what_a_form_must_say_depends_on_who_was_reached() {
    let bytes = include_bytes!("../../questionnaires/cqm-after-sales-perception-1.1.0.json");
    let questionnaire = Questionnaire::from_json(bytes).unwrap();
    let read = |pairs: &[(&str, &str)]| {
        let form = RawForm::new(pairs.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect());
        let errors = Finding::parse(&questionnaire, &form).err().unwrap_or_default();
        errors.into_iter().map(|error| error.field).collect::<Vec<_>>()
    };
    assert_eq!(read(&[]), ["way", "reached"]);
    assert_eq!(read(&[("way", "phone"), ("reached", "no")]), [""; 0]);
    assert_eq!(
        read(&[("way", "phone"), ("reached", "yes")]),
        ["interviewed", "place", "day"]
    );
    assert_eq!(
        read(&[("way", "phone"), ("reached", "yes"), ("interviewed", "no")]),
        [""; 0]
    );
    let wrong = [
        ("way", "x"),
        ("reached", "yes"),
        ("interviewed", "no"),
        ("overall", "6"),
    ];
    assert_eq!(read(&wrong), ["way", "overall"]);
}

proptest! {
    /// The same seed gives the same sample whatever the order; of everybody at least three, or one in ten.
    #[test]
    fn a_seed_fixes_the_sample(each in proptest::collection::vec(1_usize..60, 1..5), seed in "[a-z0-9]{1,20}") {
        let mut interviews = Vec::new();
        for (number, n) in (0_u8..).zip(&each) {
            for k in 0..*n {
                let interview = InterviewId::from_random([number, u8::try_from(k).unwrap(), 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6, 7]);
                interviews.push((PersonId::from_random([number; 16]), interview));
            }
        }
        let drawn = draw(&interviews, &seed).unwrap();
        interviews.reverse();
        prop_assert_eq!(&drawn, &draw(&interviews, &seed).unwrap());
        prop_assert_eq!(drawn.len(), interviews.len());
        let taken = drawn.iter().filter(|one| !one.reserve).count();
        prop_assert_eq!(taken, each.iter().map(|n| size(*n)).sum::<usize>());
        prop_assert!(each.iter().all(|n| size(*n) == (*n).min(3).max(n.div_ceil(10))));
    }
}
