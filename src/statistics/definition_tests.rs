//! The analysis against the definitions of statistics.md, row by row in floating point, on random samples: ten-point
//! scales, single-response outlets, empty channels, much "not applicable", all outlets visited, other margins.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::sync::Arc;

use proptest::prelude::*;

use super::analysis::{Analysis, Reach};
use super::class::EvidenceClass;
use super::figure::Figure;
use super::method::{Composition, Method};
use super::score::{ScoreScheme, ScoredItem};
use super::study::{Level, Margin, Outlet, Population, Scoring, Study};

const ITEMS: [(u32, u32); 4] = [(3, 10), (1, 10), (2, 5), (7, 2)];
const LEVELS: [usize; 2] = [2, 3];

#[derive(Debug, Clone)]
struct Response {
    outlet: usize,
    class: EvidenceClass,
    levels: [usize; 2],
    codes: Vec<u8>,
}

impl Response {
    fn points(&self) -> (f64, f64) {
        let rated = ITEMS.iter().zip(&self.codes).filter(|(_, code)| **code > 0);
        rated.fold((0.0, 0.0), |(a, b), ((weight, max), code)| {
            (a + f64::from(weight * u32::from(*code)), b + f64::from(weight * max))
        })
    }
    fn share(&self) -> (f64, f64) {
        match self.points() {
            (_, 0.0) => (0.0, 0.0),
            (a, b) => (a / b, 1.0),
        }
    }
}

/// What is asked, of whom, and how.
#[derive(Debug, Clone)]
struct Sample {
    rows: Vec<Response>,
    /// N_h − n_h of each outlet.
    more: Vec<u64>,
    frame_more: u64,
}

fn sample() -> impl Strategy<Value = Sample> {
    let code = |max: u32| prop_oneof![7 => 1..=max as u8, 3 => Just(0_u8)];
    let codes = ITEMS.map(|(_, max)| code(max)).prop_map(|codes| codes.to_vec());
    let class = proptest::sample::select(vec![
        EvidenceClass::Face,
        EvidenceClass::Face,
        EvidenceClass::Open,
        EvidenceClass::Invited,
    ]);
    let row = (0_usize..4, class, (0..LEVELS[0], 0..LEVELS[1]), codes);
    let row = row.prop_map(|(outlet, class, levels, codes)| Response {
        outlet,
        class,
        levels: levels.into(),
        codes,
    });
    let more = prop_oneof![1 => Just(0_u64), 4 => 1_u64..90];
    (
        proptest::collection::vec(row, 1..40),
        proptest::collection::vec(more, 4),
        0_u64..9,
    )
        .prop_map(|(rows, more, frame_more)| Sample { rows, more, frame_more })
}

impl Sample {
    fn face(&self) -> Vec<&Response> {
        self.rows
            .iter()
            .filter(|row| row.class == EvidenceClass::Face)
            .collect()
    }
    fn n(&self, outlet: usize) -> f64 {
        self.face().iter().filter(|row| row.outlet == outlet).count() as f64
    }
    fn customers(&self, outlet: usize) -> f64 {
        self.n(outlet) + self.more[outlet] as f64
    }
    fn visited(&self) -> Vec<usize> {
        (0..4).filter(|outlet| self.n(*outlet) > 0.0).collect()
    }
    fn frame(&self) -> f64 {
        self.visited().len() as f64 + self.frame_more as f64
    }
    fn weight(&self, row: &Response) -> f64 {
        self.customers(row.outlet) / self.n(row.outlet)
    }

    fn analysis(&self) -> Analysis {
        Analysis::of(&self.study(), &Method::default(), Reach::Files)
    }

    fn study(&self) -> Study {
        let item = |(index, (weight, max)): (usize, &(u32, u32))| ScoredItem {
            weight: *weight,
            full_points: *max,
            points: (1..=*max).collect(),
            facets: vec![index / 2],
        };
        let scheme = ScoreScheme::new(ITEMS.iter().enumerate().map(item).collect(), 2).unwrap();
        let names = |prefix: &str, count: usize| (0..count).map(|i| format!("{prefix}{i}")).collect::<Vec<_>>();
        let scoring = Scoring::new(scheme, names("q", 4), names("d", 2), 2).unwrap();
        let outlets = (0..4).map(|outlet| Outlet {
            name: outlet.to_string(),
            customers: Some(self.customers(outlet) as u64),
        });
        let margin = |(variable, count): (usize, &usize)| Margin {
            variable: format!("v{variable}"),
            levels: (0..*count)
                .map(|level| Level {
                    name: level.to_string(),
                    customers: self.margin(variable)[level],
                })
                .collect(),
        };
        let margins = LEVELS.iter().enumerate().map(margin).collect();
        let population = Population::new(outlets.collect(), Some(self.frame() as u64), margins).unwrap();
        let mut study = Study::new(Arc::new(scoring), Arc::new(population));
        for row in &self.rows {
            study.add(row.outlet, row.class, &row.levels, &row.codes).unwrap();
        }
        study
    }

    /// Known customers of each level, a little off what the weights give; the sums over all margins agree.
    fn margin(&self, variable: usize) -> Vec<u64> {
        let count = LEVELS[variable] as u64;
        (0..count)
            .map(|level| 300 / count + if level == 0 { 12 } else { 0 } - if level == 1 { 12 } else { 0 })
            .collect()
    }
}

/// Σ w a/Σ w b and its linearised values.
fn linearised(
    rows: &[&Response],
    score: fn(&Response) -> (f64, f64),
    weight: impl Fn(&Response) -> f64,
) -> Option<(f64, Vec<f64>)> {
    let sum = |part: fn((f64, f64)) -> f64| rows.iter().map(|row| weight(row) * part(score(row))).sum::<f64>();
    let (a, b) = (sum(|ab| ab.0), sum(|ab| ab.1));
    let z = rows
        .iter()
        .map(|row| weight(row) * (score(row).0 - a / b * score(row).1) / b)
        .collect();
    (b > 0.0).then_some((a / b, z))
}

fn spread(z: &[f64]) -> f64 {
    let mean = z.iter().sum::<f64>() / z.len() as f64;
    z.iter().map(|z| (z - mean).powi(2)).sum()
}

fn stratified(sample: &Sample, rows: &[&Response], z: &[f64], correct: bool) -> f64 {
    let term = |outlet: &usize| {
        let own: Vec<f64> = rows
            .iter()
            .zip(z)
            .filter(|(row, _)| row.outlet == *outlet)
            .map(|(_, z)| *z)
            .collect();
        let (n, all) = (own.len() as f64, sample.customers(*outlet));
        let left = if correct { 1.0 - n / all } else { 1.0 };
        left * if n > 1.0 {
            n / (n - 1.0) * spread(&own)
        } else {
            own[0] * own[0]
        }
    };
    sample.visited().iter().map(term).sum()
}

fn two_stage(sample: &Sample, rows: &[&Response], z: &[f64]) -> Option<(f64, f64)> {
    let visited = sample.visited();
    let total = |outlet: &usize| {
        rows.iter()
            .zip(z)
            .filter(|(row, _)| row.outlet == *outlet)
            .map(|(_, z)| *z)
            .sum::<f64>()
    };
    let totals: Vec<f64> = visited.iter().map(total).collect();
    let (m, frame) = (visited.len() as f64, sample.frame());
    let first = m / (m - 1.0) * spread(&totals);
    (m > 1.0).then(|| {
        (
            first,
            (1.0 - m / frame) * first + m / frame * stratified(sample, rows, z, true),
        )
    })
}

fn agrees(name: &str, found: Option<&Figure>, est: Option<f64>, variance: Option<f64>) -> Result<(), TestCaseError> {
    let found = found.unwrap();
    let close = |found: Option<f64>, expected: Option<f64>| match (found, expected) {
        (Some(found), Some(expected)) => (found - expected).abs() <= 1e-7 * expected.abs() + 1e-7,
        (found, expected) => found.is_none() && expected.is_none(),
    };
    prop_assert!(close(found.est, est), "{} est {:?} {:?}", name, found.est, est);
    let se = variance
        .filter(|_| est.is_some())
        .map(|variance| variance.max(0.0).sqrt());
    prop_assert!(close(found.se, se), "{} se {:?} {:?}", name, found.se, se);
    Ok(())
}

/// Weights raked row by row; nothing when a level has nobody.
fn raked(sample: &Sample, rows: &[&Response]) -> Option<Vec<f64>> {
    let mut weights: Vec<f64> = rows.iter().map(|row| sample.weight(row)).collect();
    for _ in 0..400 {
        for (variable, levels) in LEVELS.iter().enumerate() {
            for level in 0..*levels {
                let own: Vec<usize> = (0..rows.len()).filter(|k| rows[*k].levels[variable] == level).collect();
                let sum: f64 = own.iter().map(|k| weights[*k]).sum();
                if own.is_empty() {
                    return None;
                }
                own.iter()
                    .for_each(|k| weights[*k] *= sample.margin(variable)[level] as f64 / sum);
            }
        }
    }
    Some(weights)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn every_design_follows_its_definition(sample in sample()) {
        let (analysis, face) = (sample.analysis(), sample.face());
        let n = face.len() as f64;
        for (name, score) in [("points", Response::points as fn(&Response) -> _), ("person", Response::share)] {
            let plain = linearised(&face, score, |_| 1.0);
            let est = plain.as_ref().map(|found| found.0);
            let simple = plain.as_ref().filter(|_| n > 1.0).map(|found| n / (n - 1.0) * spread(&found.1));
            let group = |group: &str| format!("{group}_{name}_face");
            agrees(name, analysis.figure(&group("srs")), est, simple)?;
            let weighted = linearised(&face, score, |row| sample.weight(row));
            let est = weighted.as_ref().map(|found| found.0);
            let census = sample.visited().iter().all(|outlet| sample.more[*outlet] == 0);
            let within = weighted.as_ref().filter(|_| n > 1.0 || census).map(|found| stratified(&sample, &face, &found.1, true));
            agrees(name, analysis.figure(&group("strat_fpc")), est, within)?;
            let both = weighted.as_ref().and_then(|found| two_stage(&sample, &face, &found.1));
            agrees(name, analysis.figure(&group("twostage")), est, both.map(|found| found.1))?;
            if name == "points" {
                agrees(name, analysis.figure("cluster_nofpc_points_face"), est, both.map(|found| found.0))?;
                let without = weighted.as_ref().filter(|_| n > 1.0).map(|found| stratified(&sample, &face, &found.1, false));
                agrees(name, analysis.figure("strat_nofpc_points_face"), est, without)?;
                if sample.frame_more == 0 && both.is_some() {
                    let (found, other) = (analysis.figure("twostage_points_face"), analysis.figure("strat_fpc_points_face"));
                    prop_assert!((found.unwrap().se.unwrap() - other.unwrap().se.unwrap()).abs() < 1e-12, "m = M is (b)");
                }
            }
        }
        for (variable, level) in [(0, 0), (1, 2)] {
            let inside = face.iter().map(|row| row.levels[variable] == level).collect::<Vec<_>>();
            let (mut a, mut b) = (0.0, 0.0);
            for row in face.iter().zip(&inside).filter(|(_, inside)| **inside).map(|(row, _)| row) {
                a += sample.weight(row) * row.points().0;
                b += sample.weight(row) * row.points().1;
            }
            let est = (b > 0.0).then(|| a / b);
            let z: Vec<f64> = face.iter().zip(&inside).map(|(row, inside)| {
                let (own, full) = row.points();
                if *inside { sample.weight(row) * (own - a / b * full) / b } else { 0.0 }
            }).collect();
            let census = sample.visited().iter().all(|outlet| sample.more[*outlet] == 0);
            let variance = est.filter(|_| n > 1.0 || census).map(|_| stratified(&sample, &face, &z, true));
            agrees("domain", analysis.figure(&format!("domain_v{variable}{level}_strat_fpc_points_face")), est, variance)?;
        }
    }

    #[test]
    fn raking_meets_the_margins_and_its_residuals_have_no_fit_left(sample in sample()) {
        let (analysis, face) = (sample.analysis(), sample.face());
        let weights = raked(&sample, &face).filter(|_| face.iter().any(|row| row.points().1 > 0.0));
        let found = analysis.figure("calraking_v0_v1_points_face").unwrap();
        let Some(weights) = weights else {
            prop_assert_eq!(found.est, None);
            return Ok(());
        };
        // Margins that contradict the sample's cells have no weights; slow convergence is refused.
        let Some(est) = found.est else { return Ok(()) };
        let sum = |part: fn((f64, f64)) -> f64| face.iter().zip(&weights).map(|(row, w)| w * part(row.points())).sum::<f64>();
        let (a, b) = (sum(|ab| ab.0), sum(|ab| ab.1));
        prop_assert!((est - a / b).abs() < 1e-8, "{} {}", est, a / b);
        // Weighted least squares on the levels' dummies: what is left beside an orthonormal basis of them.
        let base: Vec<f64> = face.iter().map(|row| sample.weight(row)).collect();
        let dot = |x: &[f64], y: &[f64]| x.iter().zip(y).zip(&base).map(|((x, y), w)| w * x * y).sum::<f64>();
        let beside = |mut x: Vec<f64>, basis: &[Vec<f64>]| {
            for _ in 0..2 {
                for line in basis {
                    let along = dot(&x, line);
                    x.iter_mut().zip(line).for_each(|(x, line)| *x -= along * line);
                }
            }
            x
        };
        let mut basis: Vec<Vec<f64>> = Vec::new();
        for (variable, levels) in LEVELS.iter().enumerate() {
            for level in 0..*levels {
                let dummy: Vec<f64> = face.iter().map(|row| f64::from(u8::from(row.levels[variable] == level))).collect();
                let size = dot(&dummy, &dummy);
                let left = beside(dummy, &basis);
                let norm = dot(&left, &left).sqrt();
                if norm > 1e-6 * size.sqrt() {
                    basis.push(left.iter().map(|x| x / norm).collect());
                }
            }
        }
        let own = face.iter().map(|row| (row.points().0 - est * row.points().1) / b);
        let residuals = beside(own.collect(), &basis);
        let z: Vec<f64> = residuals.iter().zip(&weights).map(|(e, w)| e * w).collect();
        let expected = stratified(&sample, &face, &z, true).sqrt();
        prop_assert!((found.se.unwrap() - expected).abs() < 1e-7, "{:?} {}", found.se, expected);
    }

    #[test]
    fn pooled_and_its_covariance_follow_their_definition(sample in sample()) {
        let (analysis, face) = (sample.analysis(), sample.face());
        let all: Vec<&Response> = sample.rows.iter().collect();
        let Some((s, z)) = linearised(&all, Response::points, |_| 1.0) else { return Ok(()) };
        let part = |is_face: bool| -> Vec<f64> {
            let rows = all.iter().zip(&z).filter(|(row, _)| (row.class == EvidenceClass::Face) == is_face);
            rows.map(|(_, z)| *z).collect()
        };
        let (own, others) = (part(true), part(false));
        let term = |z: &[f64]| match z.len() {
            0 => 0.0,
            1 => z[0] * z[0],
            n => n as f64 / (n as f64 - 1.0) * spread(z),
        };
        let variance = (all.len() > 1).then(|| term(&own) + term(&others));
        agrees("pooled", analysis.figure("pooled_points_stratified_by_mode"), Some(s), variance)?;
        let Some((_, y)) = linearised(&face, Response::points, |_| 1.0).filter(|_| face.len() > 1) else { return Ok(()) };
        let n = y.len() as f64;
        let mean = |values: &[f64]| values.iter().sum::<f64>() / n;
        let (z_mean, y_mean) = (mean(&own), mean(&y));
        let products: f64 = own.iter().zip(&y).map(|(z, y)| (z - z_mean) * (y - y_mean)).sum();
        prop_assert!((analysis.joint.covariance.unwrap() - n / (n - 1.0) * products).abs() < 1e-12);
        if let Some(correlation) = analysis.joint.correlation {
            prop_assert!((-1.0..=1.0).contains(&correlation));
        }
    }

    #[test]
    fn headline_intervals_hold_the_score_and_stars_are_never_surer_than_fewer(sample in sample()) {
        let analysis = sample.analysis();
        for judged in [&analysis.headline.s, &analysis.headline.s_face].into_iter().flatten() {
            let (interval, est) = (judged.interval, judged.rate.est);
            prop_assert!(0.0 <= interval.lower && interval.lower <= est && est <= interval.upper && interval.upper <= 1.0);
        }
        let sure: Vec<f64> = analysis.files.as_ref().unwrap().decision.star_at_least.into_iter().flatten().collect();
        prop_assert!(sure.is_sorted() && sure.iter().all(|p| (0.0..=1.0).contains(p)));
    }
}

#[test]
fn a_fixed_share_of_one_is_s_face() {
    let rows = |class: EvidenceClass, codes: [u8; 4]| Response {
        outlet: 0,
        class,
        levels: [0, 0],
        codes: codes.to_vec(),
    };
    let sample = Sample {
        rows: vec![
            rows(EvidenceClass::Face, [9, 8, 5, 2]),
            rows(EvidenceClass::Face, [7, 10, 4, 2]),
            rows(EvidenceClass::Open, [1, 2, 0, 1]),
            rows(EvidenceClass::Open, [3, 2, 1, 1]),
        ],
        more: vec![9; 4],
        frame_more: 0,
    };
    let (study, one) = (sample.study(), num_rational::BigRational::from_integer(1.into()));
    let method = Method {
        composition: Composition::Fixed(one),
        ..Method::default()
    };
    let headline = Analysis::of(&study, &method, Reach::Files).headline;
    let (s, face) = (headline.s.unwrap(), headline.s_face.unwrap());
    assert_eq!((s.rate, s.interval), (face.rate, face.interval));
    assert!((s.se.unwrap() - face.se.unwrap()).abs() < 1e-15);
}
