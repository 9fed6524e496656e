//! The result as a reader sees it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::sync::Arc;

use super::class::{Column, EvidenceClass};
use super::interval::IntervalRule;
use super::method::Method;
use super::result::{Evidence, SurveyResult};
use super::score::{Reply, ScoreScheme, ScoredItem};
use super::star::SurveyCriterion;
use super::study::{Outlet, Population, Scoring};
use super::suppress::{Cell, Undefined};
use super::tally::Tally;
use super::warning::Warning;

/// Four items; facets 0 and 1 partition them, facet 2 crosses.
pub(super) fn scheme() -> ScoreScheme {
    let item = |weight: u32, facets: &[usize]| ScoredItem {
        weight,
        full_points: 100,
        points: vec![0, 30, 60, 80, 100],
        facets: facets.to_vec(),
    };
    ScoreScheme::new(
        vec![item(3, &[0, 2]), item(1, &[0]), item(5, &[1, 2]), item(2, &[1])],
        3,
    )
    .unwrap()
}

pub(super) type Group = (usize, EvidenceClass, Tally);

pub(super) fn group(outlet: usize, class: EvidenceClass, codes: &[[u8; 4]]) -> Group {
    let scheme = scheme();
    let mut tally = Tally::empty(&scheme);
    for codes in codes {
        let replies = codes.map(|code| {
            if code == 0 {
                Reply::NotApplicable
            } else {
                Reply::Rated(code)
            }
        });
        tally.add(&scheme.score(&replies).unwrap(), None).unwrap();
    }
    (outlet, class, tally)
}

pub(super) fn compute(groups: &[Group], suppress_below: u64) -> SurveyResult {
    compute_of(&scheme(), groups, &Method::default(), suppress_below)
}

pub(super) fn compute_of(scheme: &ScoreScheme, groups: &[Group], method: &Method, suppress_below: u64) -> SurveyResult {
    let names = |count: usize| (0..count).map(|place| place.to_string()).collect();
    let (items, facets) = (names(scheme.items().len()), names(scheme.facet_count()));
    let scoring = Scoring::new(scheme.clone(), items, facets, scheme.facet_count()).unwrap();
    let outlet = |place: usize| Outlet {
        name: place.to_string(),
        customers: Some(10_000),
    };
    let population = Population::new((0..4).map(outlet).collect(), None, Vec::new()).unwrap();
    let mut evidence = Evidence::new(&Arc::new(scoring), &Arc::new(population));
    for (outlet, class, tally) in groups {
        evidence.add(*outlet, *class, tally.clone()).unwrap();
    }
    SurveyResult::compute(&evidence, method, suppress_below).unwrap()
}

/// n answers that score exactly these codes.
fn same(n: usize, codes: [u8; 4]) -> Vec<[u8; 4]> {
    vec![codes; n]
}

#[test]
fn note_1_example_1_from_answers_to_star() {
    // In person 3·80 + 1·80 + 5·60 + 2·100 = 820/1100 = 74.54 %; one weaker than 75 %, electronic full marks.
    let face = group(0, EvidenceClass::Face, &same(60, [4, 4, 3, 5]));
    let electronic = group(0, EvidenceClass::Invited, &same(140, [5, 5, 5, 5]));
    let result = compute(&[face, electronic], 5);
    let star = result.star.clone().unwrap();
    assert_eq!(result.overall.face.published().unwrap().rate.percent, "74.54");
    assert_eq!(result.overall.all.published().unwrap().rate.percent, "92.36");
    assert_eq!((star.supports_s, star.supports_face, star.star), (5, 3, 3));
    assert_eq!(star.limiting, [SurveyCriterion::SFace]);
}

#[test]
fn s_face_of_exactly_75_per_cent_and_s_of_90_per_cent_are_three_stars() {
    let one = ScoredItem {
        weight: 1,
        full_points: 100,
        points: vec![50, 100],
        facets: vec![],
    };
    let scheme = ScoreScheme::new(vec![one], 0).unwrap();
    let mut tallies = [Tally::empty(&scheme), Tally::empty(&scheme)];
    for (index, code, n) in [(0, 1, 40), (0, 2, 40), (1, 2, 120)] {
        for _ in 0..n {
            tallies[index]
                .add(&scheme.score(&[Reply::Rated(code)]).unwrap(), None)
                .unwrap();
        }
    }
    let [face, invited] = tallies;
    let groups = [(0, EvidenceClass::Face, face), (0, EvidenceClass::Invited, invited)];
    let result = compute_of(&scheme, &groups, &Method::default(), 5);
    assert_eq!(result.overall.face.published().unwrap().rate.percent, "75.00");
    assert_eq!(result.overall.all.published().unwrap().rate.percent, "90.00");
    assert_eq!(result.star.unwrap().star, 3);
}

#[test]
fn no_tally_at_all_is_incomplete_and_not_zero() {
    let result = compute(&[], 5);
    assert!(
        result
            .overall
            .iter()
            .all(|(_, cell)| *cell == Cell::Undefined(Undefined::NoAnswers))
    );
    assert_eq!(result.star, None);
    assert_eq!(result.warnings, [Warning::NoFace, Warning::NoElectronic]);
}

#[test]
fn without_electronic_answers_s_is_s_face() {
    let result = compute(&[group(3, EvidenceClass::Face, &same(70, [5, 4, 5, 4]))], 5);
    let (s, face) = (result.exact(Column::All).unwrap(), result.exact(Column::Face).unwrap());
    assert_eq!(s, face);
    assert_eq!(result.outlets[0].outlet, 3);
    assert_eq!(result.warnings, [Warning::NoElectronic, Warning::ZeroVariance]);
}

#[test]
fn without_interviews_two_stars_are_the_most() {
    let result = compute(&[group(0, EvidenceClass::Invited, &same(70, [5, 5, 5, 5]))], 5);
    assert_eq!(result.star.unwrap().star, 2);
    assert_eq!(result.warnings, [Warning::NoFace, Warning::NoFaceGate]);
}

#[test]
fn two_stars_from_electronic_answers_alone_are_flagged() {
    let face = group(0, EvidenceClass::Face, &same(60, [2, 2, 2, 2]));
    let open = group(0, EvidenceClass::Open, &same(200, [4, 4, 4, 4]));
    let result = compute(&[face, open], 5);
    assert_eq!(result.star.unwrap().star, 2);
    assert!(result.warnings.contains(&Warning::NoFaceGate));
    assert_eq!(
        result.overall.open.published().unwrap().interval_rule,
        IntervalRule::SelfSelected
    );
    assert_eq!(result.overall.electronic.published().unwrap().interval, None);
    assert!(result.overall.all.published().unwrap().interval.is_some());
}

#[test]
fn a_star_that_depends_on_the_score_rule_is_flagged() {
    // Short questionnaires of the unhappy weigh little in the points and fully in the person score.
    let mut codes = same(60, [5, 5, 5, 5]);
    codes.extend(same(20, [0, 2, 0, 0]));
    let result = compute(&[group(0, EvidenceClass::Face, &codes)], 5);
    assert_eq!(result.star.unwrap().star, 5);
    assert!(result.warnings.contains(&Warning::ScoreRuleSensitive));
}

#[test]
fn small_groups_are_withheld_and_leave_no_trace() {
    let mut face = group(0, EvidenceClass::Face, &same(3, [5, 4, 3, 2]));
    face.2.add_disposition("100", 3).unwrap();
    let groups = [
        face,
        group(1, EvidenceClass::Face, &same(30, [5, 5, 4, 4])),
        group(2, EvidenceClass::Face, &same(9, [5, 5, 4, 4])),
        group(0, EvidenceClass::Invited, &same(40, [4, 5, 4, 5])),
    ];
    let result = compute(&groups, 5);
    assert!(result.outlets[0].score.face.is_suppressed() && result.outlets[0].counted.face.is_suppressed());
    assert!(result.outlets[0].dispositions.face.is_suppressed());
    assert!(
        result.outlets[2].score.face.is_suppressed(),
        "the next smallest outlet protects the first"
    );
    assert!(result.outlets[1].score.face.published().is_some());
    assert!(result.overall.face.published().is_some() && result.overall.all.published().is_some());
    assert_eq!(
        serde_json::to_value(&result).unwrap()["outlets"][0]["score"]["face"],
        serde_json::json!({"state": "suppressed"})
    );
    assert!(compute(&groups, 0).outlets[0].score.face.published().is_some());
}

#[test]
fn a_withheld_headline_still_grades() {
    let result = compute(&[group(0, EvidenceClass::Face, &same(4, [5, 5, 5, 5]))], 5);
    assert!(result.overall.face.is_suppressed() && result.overall.all.is_suppressed());
    assert!(result.facets.iter().all(|facet| facet.face.is_suppressed()));
    assert_eq!((result.star.clone(), result.graded_star().unwrap().star), (None, 5));
    assert!(result.warnings.contains(&Warning::Insufficient));
    let said = &result.judgement;
    assert!(said.verdicts.s.is_empty() && said.verdicts.s_face.is_empty());
    assert!(said.sensitivity.is_none() && said.decision_support.is_none());
    let text = serde_json::to_string(&result).unwrap();
    assert!(!text.contains("obtained"));
}
