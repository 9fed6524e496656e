//! The result as a reader and as an attacker sees it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::sync::Arc;

use num_traits::{One, Zero};
use proptest::prelude::*;

use super::class::{ByColumn, Column, EvidenceClass};
use super::exact::Ratio;
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
fn scheme() -> ScoreScheme {
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

type Group = (usize, EvidenceClass, Tally);

fn group(outlet: usize, class: EvidenceClass, codes: &[[u8; 4]]) -> Group {
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

fn compute(groups: &[Group], suppress_below: u64) -> SurveyResult {
    compute_of(&scheme(), groups, suppress_below)
}

fn compute_of(scheme: &ScoreScheme, groups: &[Group], suppress_below: u64) -> SurveyResult {
    let names = |count: usize| (0..count).map(|place| place.to_string()).collect();
    let (items, facets) = (names(scheme.items().len()), names(scheme.facet_count()));
    let scoring = Scoring::new(scheme.clone(), items, facets, scheme.facet_count()).unwrap();
    let outlet = |place: usize| Outlet {
        name: place.to_string(),
        customers: Some(10_000),
    };
    let population = Population::new((0..4).map(outlet).collect(), None, Vec::new()).unwrap();
    let evidence = Evidence {
        scoring: &Arc::new(scoring),
        population: &Arc::new(population),
        tallies: groups,
        scan: None,
    };
    SurveyResult::compute(evidence, &Method::default(), suppress_below).unwrap()
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
    let result = compute_of(&scheme, &groups, 5);
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

/// An attacker's knowledge: one unknown per withheld cell, one equation per sum that the report makes obvious. Written
/// independently of `disclosure`: dense elimination over the rationals.
struct Attack {
    unknowns: BTreeMap<(usize, Column), usize>,
    equations: Vec<Vec<((usize, Column), i32)>>,
}

impl Attack {
    /// Rows: 0 overall, then outlets, facets, items.
    fn new(result: &SurveyResult, scheme: &ScoreScheme) -> Self {
        let flags = |hidden: &dyn Fn(Column) -> bool| ByColumn::from_fn(hidden);
        let mut rows = vec![flags(&|c| result.overall.get(c).is_suppressed())];
        rows.extend(
            result
                .outlets
                .iter()
                .map(|row| flags(&|c| row.score.get(c).is_suppressed())),
        );
        rows.extend(result.facets.iter().map(|row| flags(&|c| row.get(c).is_suppressed())));
        rows.extend(result.items.iter().map(|row| flags(&|c| row.get(c).is_suppressed())));
        let cells = (0..rows.len()).flat_map(|row| Column::ALL.map(|column| (row, column)));
        let hidden = cells.filter(|(row, column)| *rows[*row].get(*column));
        let unknowns = hidden.enumerate().map(|(index, cell)| (cell, index)).collect();
        let mut equations = Vec::new();
        for row in 0..rows.len() {
            equations.push(vec![
                ((row, Column::Electronic), 1),
                ((row, Column::Invited), -1),
                ((row, Column::Open), -1),
            ]);
            equations.push(vec![
                ((row, Column::All), 1),
                ((row, Column::Face), -1),
                ((row, Column::Electronic), -1),
            ]);
        }
        let first_facet = 1 + result.outlets.len();
        let first_item = first_facet + result.facets.len();
        let items = |facet: Option<usize>| -> Vec<usize> {
            let member = |index: &usize| facet.is_none_or(|facet| scheme.items()[*index].facets.contains(&facet));
            (0..scheme.items().len())
                .filter(member)
                .map(|index| first_item + index)
                .collect()
        };
        for column in Column::ALL {
            let mut sum = |total: usize, parts: Vec<usize>| {
                let parts = parts.into_iter().map(|part| ((part, column), -1));
                equations.push(parts.chain([((total, column), 1)]).collect());
            };
            sum(0, (1..first_facet).collect());
            sum(0, items(None));
            for facet in 0..result.facets.len() {
                sum(first_facet + facet, items(Some(facet)));
            }
        }
        Self { unknowns, equations }
    }

    /// The withheld cells that linear subtraction recovers.
    fn recovered(&self) -> Vec<(usize, Column)> {
        let width = self.unknowns.len();
        let mut matrix: Vec<Vec<Ratio>> = Vec::new();
        for equation in &self.equations {
            let mut row = vec![Ratio::zero(); width];
            for (cell, sign) in equation {
                if let Some(index) = self.unknowns.get(cell) {
                    row[*index] = Ratio::from_integer((*sign).into());
                }
            }
            matrix.push(row);
        }
        let mut rank = 0;
        for column in 0..width {
            let Some(pivot) = (rank..matrix.len()).find(|row| !matrix[*row][column].is_zero()) else {
                continue;
            };
            matrix.swap(rank, pivot);
            let lead = matrix[rank][column].clone();
            matrix[rank].iter_mut().for_each(|value| *value /= &lead);
            let pivot_row = matrix[rank].clone();
            for (_, row) in matrix.iter_mut().enumerate().filter(|(index, _)| *index != rank) {
                let factor = row[column].clone();
                if !factor.is_zero() {
                    row.iter_mut()
                        .zip(&pivot_row)
                        .for_each(|(value, pivot)| *value -= &factor * pivot);
                }
            }
            rank += 1;
        }
        let alone = |row: &&Vec<Ratio>| row.iter().filter(|value| !value.is_zero()).count() == 1;
        let solved: Vec<usize> = matrix
            .iter()
            .filter(alone)
            .filter_map(|row| row.iter().position(One::is_one))
            .collect();
        self.unknowns
            .iter()
            .filter(|(_, index)| solved.contains(index))
            .map(|(cell, _)| *cell)
            .collect()
    }
}

/// Every cell of the overall row and the outlets, by an unsuppressed computation: people behind it.
fn people(open: &SurveyResult, (row, column): (usize, Column)) -> u64 {
    let published = |cell: &Cell<u64>| cell.published().copied().unwrap_or(0);
    let estimate = |cell: &Cell<super::estimate::Estimate>| cell.published().map_or(0, |found| found.scored);
    let (outlets, facets) = (open.outlets.len(), open.facets.len());
    match row {
        0 => published(open.counted.get(column)),
        row if row <= outlets => published(open.outlets[row - 1].counted.get(column)),
        row if row <= outlets + facets => estimate(open.facets[row - outlets - 1].get(column)),
        row => open.items[row - outlets - facets - 1]
            .get(column)
            .published()
            .map_or(0, |found| found.n),
    }
}

fn groups() -> impl Strategy<Value = Vec<Group>> {
    let code = prop_oneof![3 => 1_u8..=5, 2 => Just(0_u8)];
    let answers = proptest::collection::vec(proptest::array::uniform4(code), 0..9);
    let class = prop_oneof![
        Just(EvidenceClass::Face),
        Just(EvidenceClass::Invited),
        Just(EvidenceClass::Open)
    ];
    let one = (0_usize..4, class, answers).prop_map(|(outlet, class, codes)| group(outlet, class, &codes));
    proptest::collection::vec(one, 1..10)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn subtraction_recovers_no_withheld_cell(groups in groups(), below in 2_u64..8) {
        let scheme = scheme();
        let (result, open) = (compute(&groups, below), compute(&groups, 0));
        let recovered = Attack::new(&result, &scheme).recovered();
        let sensitive: Vec<_> = recovered.into_iter().filter(|cell| people(&open, *cell) > 0).collect();
        prop_assert!(sensitive.is_empty(), "recovered {:?}", sensitive);
    }

    #[test]
    fn no_published_cell_rests_on_few_people(groups in groups(), below in 2_u64..8) {
        let result = compute(&groups, below);
        let rows = result.facets.iter().chain([&result.overall]).chain(result.outlets.iter().map(|outlet| &outlet.score));
        for cell in rows.flat_map(|row| row.iter().map(|(_, cell)| cell)) {
            prop_assert!(cell.published().is_none_or(|found| found.scored >= below));
        }
        for cell in result.items.iter().flat_map(|row| row.iter().map(|(_, cell)| cell)) {
            prop_assert!(cell.published().is_none_or(|found| found.n >= below));
        }
    }

    #[test]
    fn what_is_said_tells_nothing_of_withheld_cells(groups in groups(), below in 2_u64..8) {
        let result = compute(&groups, below);
        let (said, hidden) = (&result.judgement, |column| result.overall.get(column).is_suppressed());
        prop_assert!(!hidden(Column::All) || said.verdicts.s.is_empty());
        prop_assert!(!hidden(Column::Face) || said.verdicts.s_face.is_empty());
        let headline = !hidden(Column::All) && !hidden(Column::Face);
        prop_assert!(headline || said.sensitivity.is_none() && said.decision_support.is_none());
        for line in said.sensitivity.iter().flat_map(|found| &found.lines) {
            let open = match line.rule {
                "fixed_0.40" => !hidden(Column::Electronic),
                "without_open" => !hidden(Column::Invited) && !hidden(Column::Open),
                "other_target" => !result.outlets.iter().any(|outlet| outlet.score.face.is_suppressed()),
                _ => headline,
            };
            prop_assert!(open, "{} is shown", line.rule);
        }
        prop_assert!(said.sensitivity.is_some() || !result.warnings.contains(&Warning::ScoreRuleSensitive));
    }

    #[test]
    fn suppression_never_changes_the_star_and_order_never_matters(groups in groups()) {
        let (published, open) = (compute(&groups, 5), compute(&groups, 0));
        prop_assert_eq!(published.graded_star(), open.star);
        let mut reversed = groups;
        reversed.reverse();
        prop_assert_eq!(compute(&reversed, 5), published);
    }
}
