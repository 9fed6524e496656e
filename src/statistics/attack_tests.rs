//! The result as an attacker sees it, who knows who took part where and which items everybody rated, adds and subtracts
//! published cells at will, and wants the answers of fewer people than a cell may rest on.
//!
//! Written independently of [`super::disclosure`]: by the rank of the published sums over a prime field, no rule of
//! suppression is used. `ATTACKS=50` makes fifty times as many surveys.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::class::{Column, EvidenceClass};
use super::method::{Method, Target};
use super::result::SurveyResult;
use super::result_tests::{Group, compute, compute_of, group, scheme};
use super::warning::Warning;

/// Answers of one outlet and class, code 0 where an item does not apply.
type Answers = (usize, EvidenceClass, Vec<[u8; 4]>);

/// Where an answer is: outlet, class, item.
type Place = (usize, EvidenceClass, usize);

fn tallies(answers: &[Answers]) -> Vec<Group> {
    answers
        .iter()
        .map(|(outlet, class, codes)| group(*outlet, *class, codes))
        .collect()
}

/// Sums over places, each place with the people behind it.
struct Knowledge {
    places: BTreeMap<Place, BTreeSet<usize>>,
    sums: Vec<BTreeMap<Place, u64>>,
}

impl Knowledge {
    /// What is published, of points (`counted` false) or of people, who are then in the place of item 0.
    fn of(result: &SurveyResult, answers: &[Answers], counted: bool) -> Self {
        let mut places: BTreeMap<Place, BTreeSet<usize>> = BTreeMap::new();
        let everybody = answers
            .iter()
            .flat_map(|(outlet, class, codes)| codes.iter().map(move |codes| (*outlet, *class, codes)));
        for (person, (outlet, class, codes)) in everybody.enumerate() {
            let rated = (0..4).filter(|item| codes[*item] > 0);
            let items: Vec<usize> = if counted { vec![0] } else { rated.collect() };
            for item in items {
                places.entry((outlet, class, item)).or_default().insert(person);
            }
        }
        let mut all = Self {
            places,
            sums: Vec::new(),
        };
        for column in Column::ALL {
            let of = |class: EvidenceClass| column.classes().contains(&class);
            let mut tell = |told: bool, has: &dyn Fn(Place) -> bool| {
                if told {
                    all.add(|place| u64::from(of(place.1) && has(place)));
                }
            };
            tell(result.overall.get(column).published().is_some(), &|_| true);
            for row in &result.outlets {
                tell(row.counted.get(column).published().is_some(), &|place| {
                    place.0 == row.outlet
                });
            }
            if counted {
                continue;
            }
            for (facet, row) in result.facets.iter().enumerate() {
                let items = scheme();
                let has = |place: Place| items.items()[place.2].facets.contains(&facet);
                tell(row.get(column).published().is_some(), &has);
            }
            for (item, row) in result.items.iter().enumerate() {
                tell(row.get(column).published().is_some(), &|place| place.2 == item);
            }
        }
        all
    }

    fn add(&mut self, factor: impl Fn(Place) -> u64) {
        let sum = self.places.keys().map(|place| (*place, factor(*place)));
        self.sums.push(sum.filter(|(_, factor)| *factor > 0).collect());
    }

    /// Fewer than `below` people whose answers, and nobody else's, make up some sum of sums.
    fn victims(&self, below: u64) -> Option<BTreeSet<usize>> {
        let basis = reduced(
            self.sums
                .iter()
                .map(|sum| {
                    self.places
                        .keys()
                        .map(|place| sum.get(place).copied().unwrap_or(0))
                        .collect()
                })
                .collect(),
        );
        self.coalitions(below).into_iter().find(|few| {
            let outside: Vec<bool> = self.places.values().map(|people| !people.is_subset(few)).collect();
            let left = |row: &Vec<u64>| {
                row.iter()
                    .zip(&outside)
                    .map(|(value, out)| value * u64::from(*out))
                    .collect()
            };
            reduced(basis.iter().map(left).collect()).len() < basis.len()
        })
    }

    /// The largest sets of fewer than `below` people that hold all people of some places.
    fn coalitions(&self, below: u64) -> Vec<BTreeSet<usize>> {
        const MOST: usize = 600;
        let fits = |people: &BTreeSet<usize>| (people.len() as u64) < below;
        let small: BTreeSet<BTreeSet<usize>> = self.places.values().filter(|people| fits(people)).cloned().collect();
        let (mut found, mut next) = (BTreeSet::new(), small.iter().cloned().collect::<Vec<_>>());
        let mut largest = Vec::new();
        while let Some(people) = next.pop() {
            if found.len() >= MOST || !found.insert(people.clone()) {
                continue;
            }
            let unions = small.iter().map(|more| &people | more);
            let larger: Vec<BTreeSet<usize>> = unions
                .filter(|union| fits(union) && union.len() > people.len())
                .collect();
            if larger.is_empty() {
                largest.push(people);
            }
            next.extend(larger);
        }
        largest
    }
}

const PRIME: u64 = 2_147_483_647;

fn inverse(value: u64) -> u64 {
    let (mut result, mut power, mut exponent) = (1, value % PRIME, PRIME - 2);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result * power % PRIME;
        }
        power = power * power % PRIME;
        exponent >>= 1;
    }
    result
}

/// Independent rows that span the same space.
fn reduced(mut rows: Vec<Vec<u64>>) -> Vec<Vec<u64>> {
    let (mut rank, width) = (0, rows.first().map_or(0, Vec::len));
    for column in 0..width {
        let Some(pivot) = (rank..rows.len()).find(|row| rows[*row][column] != 0) else {
            continue;
        };
        rows.swap(rank, pivot);
        let (done, rest) = rows.split_at_mut(rank + 1);
        let pivot = &done[rank];
        let scale = inverse(pivot[column]);
        for row in rest.iter_mut().filter(|row| row[column] != 0) {
            let factor = PRIME - row[column] * scale % PRIME;
            row.iter_mut()
                .zip(pivot)
                .for_each(|(value, lead)| *value = (*value + factor * lead) % PRIME);
        }
        rank += 1;
    }
    rows.truncate(rank);
    rows
}

pub(super) fn any_class() -> impl Strategy<Value = EvidenceClass> {
    prop_oneof![
        Just(EvidenceClass::Face),
        Just(EvidenceClass::Invited),
        Just(EvidenceClass::Open)
    ]
}

/// Answers without a pattern.
fn any_answers() -> impl Strategy<Value = Vec<Answers>> {
    let code = prop_oneof![3 => 1_u8..=5, 2 => Just(0_u8)];
    let codes = proptest::collection::vec(proptest::array::uniform4(code), 0..9);
    proptest::collection::vec((0_usize..4, any_class(), codes), 1..10)
}

/// Blocks of people who rated the same items, as where outlets offer different services, and single ones who did not.
fn answers_in_blocks() -> impl Strategy<Value = Vec<Answers>> {
    let block = (
        0_usize..4,
        any_class(),
        1_u8..16,
        1_u8..=5,
        prop_oneof![3 => 1_usize..4, 2 => 4_usize..20],
    );
    let one = |(outlet, class, mask, code, people): (usize, EvidenceClass, u8, u8, usize)| {
        let codes = [0, 1, 2, 3].map(|item| if mask >> item & 1 == 1 { code } else { 0 });
        (outlet, class, vec![codes; people])
    };
    proptest::collection::vec(block.prop_map(one), 1..10)
}

pub(super) fn attacks() -> u32 {
    std::env::var("ATTACKS")
        .ok()
        .and_then(|times| times.parse().ok())
        .unwrap_or(1)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150 * attacks(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_sum_of_published_cells_rests_on_few_people(
        answers in prop_oneof![any_answers(), answers_in_blocks()],
        below in 2_u64..6,
    ) {
        let result = compute(&tallies(&answers), below);
        for counted in [false, true] {
            let victims = Knowledge::of(&result, &answers, counted).victims(below);
            prop_assert!(victims.is_none(), "{victims:?} of {answers:?}");
        }
    }

    /// Weights by outlet are one more equation about in-person answers.
    #[test]
    fn nor_does_s_face_of_the_population(answers in answers_in_blocks(), below in 2_u64..6) {
        let method = Method { target: Target::Population, ..Method::default() };
        let result = compute_of(&scheme(), &tallies(&answers), &method, below);
        let mut known = Knowledge::of(&result, &answers, false);
        if result.overall.face.published().is_some() {
            let people = |outlet: usize| {
                let own = answers.iter().filter(|(place, class, _)| *place == outlet && *class == EvidenceClass::Face);
                own.map(|(_, _, codes)| codes.len() as u64).sum::<u64>().max(1)
            };
            let shares: Vec<u64> = (0..4).map(|outlet| inverse(people(outlet))).collect();
            known.add(|(outlet, class, _)| shares[outlet] * u64::from(class == EvidenceClass::Face));
        }
        prop_assert!(known.victims(below).is_none(), "{answers:?}");
    }

    #[test]
    fn no_published_cell_rests_on_few_people(answers in any_answers(), below in 2_u64..8) {
        let result = compute(&tallies(&answers), below);
        let rows = result.facets.iter().chain([&result.overall]).chain(result.outlets.iter().map(|outlet| &outlet.score));
        for cell in rows.flat_map(|row| row.iter().map(|(_, cell)| cell)) {
            prop_assert!(cell.published().is_none_or(|found| found.scored >= below));
        }
        for cell in result.items.iter().flat_map(|row| row.iter().map(|(_, cell)| cell)) {
            prop_assert!(cell.published().is_none_or(|found| found.n >= below));
        }
    }

    #[test]
    fn what_is_said_tells_nothing_of_withheld_cells(answers in any_answers(), below in 2_u64..8) {
        let result = compute(&tallies(&answers), below);
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
    fn suppression_never_changes_the_star_and_order_never_matters(answers in any_answers()) {
        let mut groups = tallies(&answers);
        let (published, open) = (compute(&groups, 5), compute(&groups, 0));
        prop_assert_eq!(published.graded_star(), open.star);
        groups.reverse();
        prop_assert_eq!(compute(&groups, 5), published);
    }
}

/// The attack must be able to succeed: with nothing withheld it finds people.
#[test]
fn the_attack_succeeds_where_nothing_is_withheld() {
    let answers = [
        (0, EvidenceClass::Face, vec![[5, 4, 3, 2]; 9]),
        (1, EvidenceClass::Face, vec![[5, 4, 3, 0]; 9]),
        (1, EvidenceClass::Open, vec![[1, 1, 1, 1]; 2]),
    ];
    let whole = compute(&tallies(&answers), 0);
    assert_eq!(
        Knowledge::of(&whole, &answers, false).victims(5).map(|few| few.len()),
        Some(2)
    );
    assert_eq!(
        Knowledge::of(&whole, &answers, true).victims(5).map(|few| few.len()),
        Some(2)
    );
}
