//! Laws of the study: order-free, mergeable, and the same from rows and from tallies.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::statistics::score::{Reply, ScoreScheme, ScoredItem};

fn scoring() -> Arc<Scoring> {
    let item = |weight: u32, codes: u32, facet: usize| ScoredItem {
        weight,
        full_points: codes,
        points: (1..=codes).collect(),
        facets: vec![facet, 2],
    };
    let scheme = ScoreScheme::new(vec![item(3, 5, 0), item(1, 10, 0), item(2, 5, 1), item(7, 3, 1)], 3).unwrap();
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Arc::new(Scoring::new(scheme, names(&["a", "b", "c", "d"]), names(&["x", "y", "z"]), 2).unwrap())
}

fn population() -> Arc<Population> {
    let outlet = |name: &str| Outlet {
        name: name.into(),
        customers: Some(50),
    };
    let margin = |variable: &str, levels: &[&str]| Margin {
        variable: variable.into(),
        levels: levels
            .iter()
            .map(|name| Level {
                name: (*name).into(),
                customers: 10,
            })
            .collect(),
    };
    let margins = vec![margin("age", &["1", "2", "3"]), margin("service", &["p", "q"])];
    Arc::new(Population::new(vec![outlet("o"), outlet("p")], Some(9), margins).unwrap())
}

type Row = (usize, EvidenceClass, [usize; 2], Vec<u8>);

fn row() -> impl Strategy<Value = Row> {
    let code = |max: u8| prop_oneof![6 => 1..=max, 1 => Just(NOT_APPLICABLE), 1 => Just(SKIPPED), 1 => Just(NOT_SHOWN)];
    let codes = (code(5), code(10), code(5), code(3)).prop_map(|(a, b, c, d)| vec![a, b, c, d]);
    let class = proptest::sample::select(EvidenceClass::ALL.to_vec());
    (
        0_usize..2,
        class,
        (0_usize..3, 0_usize..2).prop_map(|(x, y)| [x, y]),
        codes,
    )
}

/// Whoever rates the first item lowest says why, and so for the third.
fn reasons(codes: &[u8]) -> std::collections::BTreeSet<String> {
    let low = ["x.late", "", "y.late", ""]
        .iter()
        .zip(codes)
        .filter(|(code, answer)| **answer == 1 && !code.is_empty());
    low.map(|(code, _)| (*code).to_owned()).collect()
}

fn study(rows: &[Row]) -> Study {
    let mut study = Study::new(scoring(), population());
    for (outlet, class, levels, codes) in rows {
        study.add(*outlet, *class, levels, codes).unwrap();
        study.count_low_reasons(&reasons(codes).into_iter().map(|code| (code, 1)).collect());
    }
    study
}

#[test]
fn what_does_not_fit_is_refused_and_changes_nothing() {
    let mut study = Study::new(scoring(), population());
    let face = EvidenceClass::Face;
    let ok = [5, 10, 5, 3];
    assert_eq!(study.add(2, face, &[0, 0], &ok), Err(StudyError::Outlet(2)));
    for levels in [&[0][..], &[3, 0], &[0, 2], &[0, 0, 0]] {
        assert_eq!(study.add(0, face, levels, &ok), Err(StudyError::Levels));
    }
    assert_eq!(study.add(0, face, &[0, 0], &[1, 1, 1]), Err(StudyError::Codes));
    for (codes, item, code) in [([6, 1, 1, 1], 0, 6), ([1, 1, 1, 4], 3, 4), ([1, 253, 1, 253], 1, 253)] {
        assert_eq!(
            study.add(0, face, &[0, 0], &codes),
            Err(StudyError::Code { item, code })
        );
    }
    assert!(study == Study::new(scoring(), population()));
}

proptest! {
    #[test]
    fn order_and_grouping_do_not_matter(
        (rows, shuffled) in proptest::collection::vec(row(), 0..700).prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
        cut in 0_usize..700,
    ) {
        let whole = study(&rows);
        let cut = cut.min(shuffled.len());
        let mut parts = study(&shuffled[..cut]);
        parts.merge(&study(&shuffled[cut..])).unwrap();
        prop_assert!(whole == parts);
    }

    #[test]
    fn a_study_of_tallies_equals_the_study_of_their_rows(rows in proptest::collection::vec(row(), 0..60)) {
        let (scoring, population) = (scoring(), population());
        let mut tallies = Vec::new();
        let mut scan = Scan::new(&scoring, &population);
        for (outlet, class, levels, codes) in &rows {
            let reply = |code: &u8| match *code {
                NOT_APPLICABLE => Reply::NotApplicable,
                SKIPPED => Reply::Skipped,
                NOT_SHOWN => Reply::NotShown,
                rating => Reply::Rated(rating),
            };
            let replies: Vec<Reply> = codes.iter().map(reply).collect();
            let mut tally = Tally::empty(scoring.scheme());
            let score = scoring.scheme().score(&replies).unwrap().with_low_reasons(reasons(codes));
            tally.add(&score, None).unwrap();
            tallies.push((*outlet, *class, tally));
            scan.add((&scoring, &population), *outlet, *class, levels, codes).unwrap();
        }
        let mut from_tallies = Study::of_tallies(scoring, population).with_scan(Some(scan));
        for (outlet, class, tally) in &tallies {
            from_tallies.add_tally(*outlet, *class, tally).unwrap();
        }
        prop_assert_eq!(from_tallies.digest(), study(&rows).digest());
        prop_assert!(from_tallies == study(&rows));
    }

    #[test]
    fn cross_sums_are_sums_over_the_rows_with_both(rows in proptest::collection::vec(row(), 0..300)) {
        let found = study(&rows);
        let scan = found.scan().unwrap();
        let rated = |row: &Row, item: usize| Some(row.3[item]).filter(|code| (1..NOT_SHOWN).contains(code)).map(u64::from);
        let mut pairs = scan.pairs().into_iter();
        for i in 0..4 {
            for j in i..4 {
                let mut sums = PairSums::default();
                for (x, y) in rows.iter().filter_map(|row| Some((rated(row, i)?, rated(row, j)?))) {
                    sums = PairSums { n: sums.n + 1, x: sums.x + x, y: sums.y + y, xy: sums.xy + x * y };
                }
                prop_assert_eq!(pairs.next(), Some(sums));
            }
        }
        let mut whole = ListwiseSums { x: vec![0; 4], ..ListwiseSums::default() };
        for row in rows.iter().filter(|row| (0..4).all(|item| rated(row, item).is_some())) {
            let codes: Vec<u64> = (0..4).filter_map(|item| rated(row, item)).collect();
            whole.n += 1;
            whole.tt += codes.iter().sum::<u64>().pow(2);
            for (sum, code) in whole.x.iter_mut().zip(&codes) {
                *sum += code;
                whole.xx += code * code;
            }
        }
        prop_assert_eq!(scan.listwise().pop(), Some(whole));
    }
}
