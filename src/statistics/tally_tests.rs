//! Laws of the tally: order-free, mergeable, reversible, and the same after a trip through its text form.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use proptest::prelude::*;

use super::codec::DecodeError;
use super::score::{Reply, ResponseScore, ScoreScheme, ScoredItem};
use super::tally::{PersonSums, Tally, TallyError};
use super::variance;

fn scheme_with(factor: u32) -> ScoreScheme {
    let item = |weight: u32, facets: &[usize]| ScoredItem {
        weight: weight * factor,
        full_points: 100,
        points: vec![0, 30, 60, 80, 100],
        facets: facets.to_vec(),
    };
    ScoreScheme::new(vec![item(3, &[0, 2]), item(1, &[1, 2]), item(5, &[1]), item(2, &[])], 3).unwrap()
}

fn scheme() -> ScoreScheme {
    scheme_with(1)
}

type Answer = (Vec<Reply>, Option<u32>);

/// Reasons for low ratings; which ones an answer names follows from its duration.
const REASONS: [&str; 3] = ["x.late", "x.rude", "y.late"];

fn reply() -> impl Strategy<Value = Reply> {
    prop_oneof![
        6 => (1_u8..=5).prop_map(Reply::Rated),
        1 => Just(Reply::NotApplicable),
        1 => Just(Reply::Skipped),
        1 => Just(Reply::NotShown),
    ]
}

fn answers(max: usize) -> impl Strategy<Value = Vec<Answer>> {
    let answer = (proptest::collection::vec(reply(), 4), proptest::option::of(0_u32..5000));
    proptest::collection::vec(answer, 0..max)
}

fn tally_of(answers: &[Answer], scheme: &ScoreScheme) -> Tally {
    let mut tally = Tally::empty(scheme);
    for (replies, duration_s) in answers {
        tally.add(&scored(replies, *duration_s, scheme), *duration_s).unwrap();
    }
    tally
}

fn scored(replies: &[Reply], duration_s: Option<u32>, scheme: &ScoreScheme) -> ResponseScore {
    let named = duration_s.unwrap_or(0) / 100 % 8;
    let named = REASONS.iter().enumerate().filter(|(place, _)| named >> place & 1 == 1);
    let score = scheme.score(replies).unwrap();
    score.with_low_reasons(named.map(|(_, code)| (*code).to_owned()).collect())
}

fn rated(code: u8) -> ResponseScore {
    scheme().score(&[Reply::Rated(code); 4]).unwrap()
}

#[test]
fn the_text_form_is_short() {
    let scheme = scheme();
    let mut tally = Tally::empty(&scheme);
    assert_eq!(tally.encode(), "300000");
    tally.add_disposition("211", 2).unwrap();
    assert_eq!(tally.encode(), "30001321120");
    let replies = [Reply::Rated(5), Reply::Rated(3), Reply::NotShown, Reply::Skipped];
    tally.add(&scheme.score(&replies).unwrap(), Some(9999)).unwrap();
    // Facets: 1, 90 000 three times; 1, 3 600, 6 000, 10 000; 1, 129 600, 144 000, 160 000. Person: 400, 1, 360, 129 600.
    let facets = "1`lg2`lg2`lg21``3`k5`h91Pbn3Pd\\4PXl4";
    let text = format!("310000100001000000000000000001{facets}1`<1X;Pbn31``311321120");
    assert_eq!(tally.encode(), text);
    assert_eq!(Tally::decode(&text, &scheme).unwrap(), tally);
    let reasons = ["x.late".to_owned(), "y.late".to_owned()];
    let score = scheme.score(&replies).unwrap().with_low_reasons(reasons.into());
    tally.subtract(&scheme.score(&replies).unwrap(), Some(9999)).unwrap();
    tally.add(&score, Some(9999)).unwrap();
    let text = format!("{}26x.late16y.late1", text.strip_suffix('0').unwrap());
    assert_eq!(tally.encode(), text);
    assert_eq!(Tally::decode(&text, &scheme).unwrap(), tally);
    for (from, to) in [("y.late1", "y.late2"), ("y.late1", "y.late0"), ("y.late", "y late")] {
        let refused = Err(DecodeError::Inconsistent("low reasons"));
        assert_eq!(Tally::decode(&text.replacen(from, to, 1), &scheme), refused, "{to}");
    }
    let unfit = scheme
        .score(&replies)
        .unwrap()
        .with_low_reasons(["x;late".to_owned()].into());
    assert_eq!(tally.add(&unfit, None), Err(TallyError::LowReasonCode));
}

#[test]
fn damaged_text_is_named() {
    let scheme = scheme();
    let text = tally_of(&[(vec![Reply::Rated(4); 4], Some(60))], &scheme).encode();
    let read = |text: &str| Tally::decode(text, &scheme).map(drop);
    for other in ["", "1;;;;;;", "2;;;;;;211:2;", "4", "\u{3000}"] {
        assert_eq!(read(other), Err(DecodeError::Version));
    }
    // One duration of 60 s, no disposition, no reason.
    let before = text.strip_suffix("1l1100").unwrap();
    let end = |end: &str| read(&format!("{before}{end}")).unwrap_err();
    assert_eq!(end("1l110"), DecodeError::Section("low reasons"));
    assert_eq!(end("1l11"), DecodeError::Section("dispositions"));
    assert_eq!(end("1l1"), DecodeError::Section("durations"));
    assert_eq!(end("1lQ0100"), DecodeError::Section("durations")); // 60 with a zero in front
    assert_eq!(end("1l1200"), DecodeError::Inconsistent("durations")); // two for one response
    assert_eq!(end("1Pm3100"), DecodeError::Inconsistent("durations")); // 4 000 s
    assert_eq!(end("1l1113a b10"), DecodeError::Inconsistent("dispositions"));
    assert_eq!(end("1l111321100"), DecodeError::Inconsistent("dispositions")); // none of a code
    assert_eq!(end("1l1121b11a10"), DecodeError::Section("dispositions")); // not in order
    assert_eq!(end("1l1119211"), DecodeError::Section("dispositions")); // longer than the text
    assert_eq!(end("1l11000"), DecodeError::NotCanonical);
    let item = |to: &str| read(&text.replacen("0001000", to, 1)).unwrap_err();
    assert_eq!(item("0010000"), DecodeError::Inconsistent("points of the items"));
    assert_eq!(item("0001010"), DecodeError::Inconsistent("items"));
    // More than any responses give: a study adds such sums up unchecked.
    let mut large = Tally::decode(&text, &scheme).unwrap();
    large.facets[0].bb = i128::MAX;
    assert_eq!(read(&large.encode()), Err(DecodeError::Inconsistent("facets")));
    let mut large = Tally::decode(&text, &scheme).unwrap();
    let (b, a) = (large.core().b, large.core().a);
    large.person = [(
        b * 1_000_000,
        PersonSums {
            n: 1,
            a,
            aa: i128::from(a).pow(2),
        },
    )]
    .into();
    assert_eq!(read(&large.encode()), Err(DecodeError::Inconsistent("person")));
    // Written under other weights: the points do not fit the histograms.
    let other = tally_of(&[(vec![Reply::Rated(4); 4], None)], &scheme_with(2)).encode();
    assert_eq!(read(&other), Err(DecodeError::Inconsistent("points of the items")));
}

#[test]
fn what_was_never_counted_cannot_be_taken_out() {
    let scheme = scheme();
    let mut tally = Tally::empty(&scheme);
    assert_eq!(tally.subtract(&rated(5), None), Err(TallyError::Negative));
    tally.add(&rated(5), Some(30)).unwrap();
    let before = tally.clone();
    assert_eq!(tally.subtract(&rated(4), Some(30)), Err(TallyError::Negative));
    assert_eq!(tally.subtract(&rated(5), Some(31)), Err(TallyError::Negative));
    assert_eq!(tally.add_disposition("110", -1), Err(TallyError::Negative));
    for code in ["", "1;2", "a:b", "a|b", "é", &"1".repeat(33)] {
        assert_eq!(tally.add_disposition(code, 1), Err(TallyError::DispositionCode));
    }
    assert_eq!(tally, before);
    tally.subtract(&rated(5), Some(30)).unwrap();
    assert!(tally.is_empty());
}

#[test]
fn other_questionnaires_are_refused() {
    let one = ScoredItem {
        weight: 1,
        full_points: 5,
        points: vec![1, 2, 3, 4, 5],
        facets: vec![],
    };
    let other = ScoreScheme::new(vec![one], 0).unwrap();
    let mut tally = Tally::empty(&scheme());
    assert_eq!(tally.merge(&Tally::empty(&other)), Err(TallyError::Shape));
    let score = other.score(&[Reply::Rated(1)]).unwrap();
    assert_eq!(tally.add(&score, None), Err(TallyError::Shape));
    assert_eq!(tally.subtract(&score, None), Err(TallyError::Shape));
    assert!(tally.is_empty());
}

#[test]
fn overflow_leaves_the_tally_as_it_was() {
    let scheme = scheme();
    let mut tally = Tally::empty(&scheme);
    tally.add(&rated(5), None).unwrap();
    tally.add_disposition("100", i64::MAX).unwrap();
    tally.add_disposition("100", i64::MAX).unwrap();
    let before = tally.clone();
    assert_eq!(tally.merge(&before), Err(TallyError::Overflow));
    assert_eq!(tally.add_disposition("100", 2), Err(TallyError::Overflow));
    assert_eq!(tally, before);
}

proptest! {
    #[test]
    fn the_order_of_answers_does_not_matter(answers in answers(12), rotate in 0_usize..12) {
        let scheme = scheme();
        let mut other = answers.clone();
        other.reverse();
        if !other.is_empty() {
            let by = rotate % other.len();
            other.rotate_left(by);
        }
        prop_assert_eq!(tally_of(&answers, &scheme), tally_of(&other, &scheme));
    }

    #[test]
    fn merging_equals_counting_together(left in answers(12), right in answers(12)) {
        let scheme = scheme();
        let together: Vec<Answer> = left.iter().chain(&right).cloned().collect();
        let mut merged = tally_of(&left, &scheme);
        merged.merge(&tally_of(&right, &scheme)).unwrap();
        prop_assert_eq!(merged, tally_of(&together, &scheme));
    }

    #[test]
    fn taking_out_undoes_counting(kept in answers(8), passing in answers(8)) {
        let scheme = scheme();
        let all: Vec<Answer> = kept.iter().chain(&passing).cloned().collect();
        let mut tally = tally_of(&all, &scheme);
        for (replies, duration_s) in &passing {
            tally.subtract(&scored(replies, *duration_s, &scheme), *duration_s).unwrap();
        }
        prop_assert_eq!(tally.encode(), tally_of(&kept, &scheme).encode());
        prop_assert_eq!(tally, tally_of(&kept, &scheme));
    }

    #[test]
    fn the_text_form_is_faithful_and_canonical(
        left in answers(8),
        right in answers(8),
        counts in proptest::collection::btree_map("[a-z0-9.-]{1,5}", 1_i64..900, 0..4),
    ) {
        let scheme = scheme();
        let (mut one, two) = (tally_of(&left, &scheme), tally_of(&right, &scheme));
        for (code, count) in &counts {
            one.add_disposition(code, *count).unwrap();
        }
        prop_assert_eq!(&Tally::decode(&one.encode(), &scheme).unwrap(), &one);
        prop_assert_eq!(one == two, one.encode() == two.encode());
    }

    #[test]
    fn what_is_read_is_what_would_be_written(
        answers in answers(8),
        at in any::<prop::sample::Index>(),
        cut in 0_usize..3,
        put in "[0-o]{0,2}",
    ) {
        let scheme = scheme();
        let text = tally_of(&answers, &scheme).encode();
        let from = at.index(text.len());
        let changed = format!("{}{put}{}", &text[..from], &text[text.len().min(from + cut)..]);
        if let Ok(tally) = Tally::decode(&changed, &scheme) {
            prop_assert_eq!(tally.encode(), changed);
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[0-o]{0,60}") {
        if let Ok(tally) = Tally::decode(&format!("3{text}"), &scheme()) {
            prop_assert_eq!(tally.encode(), format!("3{text}"));
        }
    }

    #[test]
    fn histograms_reproduce_the_points(answers in answers(12)) {
        let scheme = scheme();
        let tally = tally_of(&answers, &scheme);
        let obtained: u64 = scheme.items().iter().zip(tally.items()).map(|(item, histogram)| {
            let points = item.points.iter().zip(&histogram.rated).map(|(x, n)| u64::from(*x) * n).sum::<u64>();
            u64::from(item.weight) * points
        }).sum();
        prop_assert_eq!(i64::try_from(obtained).unwrap(), tally.core().a);
        prop_assert_eq!(tally.person().values().map(|sums| sums.n).sum::<u64>(), tally.core().scored);
    }

    #[test]
    fn scaling_all_weights_leaves_score_and_variance(answers in answers(12), factor in 1_u32..50) {
        let (one, scaled) = (tally_of(&answers, &scheme()), tally_of(&answers, &scheme_with(factor)));
        let score = |tally: &Tally| super::exact::ratio(tally.core().a.into(), tally.core().b.into());
        prop_assert_eq!(score(&one), score(&scaled));
        prop_assert_eq!(variance::of_ratio(&[one.core()]), variance::of_ratio(&[scaled.core()]));
    }
}
