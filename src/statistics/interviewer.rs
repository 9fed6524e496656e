//! INTERVIEWER: does one evaluator's in-person score differ from that of all the others by more than chance explains?
//!
//! Source: statistics.md §11 (INTERVIEWER), §3(a) for the standard errors; Holm (1979) for many evaluators at once. A flag
//! asks a person to look, for customers are not dealt to evaluators at random: it proves nothing and excludes nobody.

use num_traits::Zero;
use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Normal};

use super::exact;
use super::sums::Sums;
use super::variance;

/// Holm-adjusted p values below this ask for a look (statistics.md §11, the table of thresholds).
pub const UNUSUAL_BELOW: f64 = 0.01;

/// One evaluator against all the others together.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Comparison {
    /// Responses of the evaluator, unscored ones included.
    pub n: u64,
    /// Points score of the evaluator, a fraction of full marks; nothing without a scored response.
    pub score: Option<f64>,
    /// Points score of all the others; nothing without a scored response of theirs.
    pub rest: Option<f64>,
    /// Own score less that of the rest, in fractions of full marks.
    pub difference: Option<f64>,
    /// Standard error of the difference, √(V own + V rest), each by §3(a). Nothing below two responses on either side.
    pub se: Option<f64>,
    /// Difference by standard error; nothing where the standard error is undefined or zero.
    pub z: Option<f64>,
    /// Two-sided normal p value of z.
    pub p: Option<f64>,
    /// The same after Holm's adjustment over all evaluators with a p value.
    pub p_holm: Option<f64>,
}

impl Comparison {
    /// Whether chance alone is an unlikely explanation ([`UNUSUAL_BELOW`]).
    pub fn is_unusual(&self) -> bool {
        self.p_holm.is_some_and(|p| p < UNUSUAL_BELOW)
    }
}

/// Compares every evaluator with all the others: in the order given, one entry an evaluator. `evaluators` holds the sums of
/// the in-person responses of each, which must not overlap.
pub fn compare(evaluators: &[Sums]) -> Vec<Comparison> {
    let mut all = Sums::default();
    evaluators.iter().for_each(|own| all.absorb(own));
    let mut compared: Vec<Comparison> = evaluators.iter().map(|own| one(own, &all)).collect();
    let p: Vec<Option<f64>> = compared.iter().map(|found| found.p).collect();
    for (found, adjusted) in compared.iter_mut().zip(holm(&p)) {
        found.p_holm = adjusted;
    }
    compared
}

fn one(own: &Sums, all: &Sums) -> Comparison {
    let score = exact::ratio(own.a.into(), own.b.into());
    let counted = Comparison {
        n: own.n,
        score: score.as_ref().map(exact::to_f64),
        ..Comparison::default()
    };
    let Ok(others) = all.minus(own) else {
        return counted;
    };
    let rest = exact::ratio(others.a.into(), others.b.into());
    let difference = score.zip(rest.clone()).map(|(own, rest)| own - rest);
    let variance = difference.as_ref().and_then(|_| {
        let part = |sums: &Sums| variance::of_ratio(&[sums]).map(|found| found.value);
        Some(part(own)? + part(&others)?)
    });
    let se = variance.as_ref().map(|variance| exact::to_f64(variance).sqrt());
    let difference = difference.as_ref().map(exact::to_f64);
    let z = difference
        .zip(se)
        .filter(|_| variance.is_some_and(|variance| !variance.is_zero()))
        .map(|(difference, se)| difference / se);
    Comparison {
        rest: rest.as_ref().map(exact::to_f64),
        difference,
        se,
        z,
        p: z.map(|z| 2.0 * Normal::standard().sf(z.abs())),
        ..counted
    }
}

/// Holm's step-down adjustment: the i-th smallest of m p values times m − i + 1, never less than the one before, at most 1.
/// What is not tested stays so and does not count.
pub fn holm(p: &[Option<f64>]) -> Vec<Option<f64>> {
    let mut tested: Vec<(usize, f64)> = (0..).zip(p).filter_map(|(place, p)| Some((place, (*p)?))).collect();
    tested.sort_by(|one, two| one.1.total_cmp(&two.1));
    let (mut adjusted, mut least) = (vec![None; p.len()], 0.0_f64);
    for (left, (place, p)) in (1..=tested.len()).rev().zip(tested) {
        least = least.max((p * left as f64).min(1.0));
        if let Some(found) = adjusted.get_mut(place) {
            *found = Some(least);
        }
    }
    adjusted
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::statistics::score::Points;
    use proptest::prelude::*;

    fn sums(rows: &[(i64, i64)]) -> Sums {
        rows.iter().fold(Sums::default(), |sum, (obtained, available)| {
            sum.plus(&Sums::of(Points {
                obtained: *obtained,
                available: *available,
            }))
            .unwrap()
        })
    }

    /// Five evaluators, one of them hard, one with a single interview; figures of tests/oracle/interviewer.py.
    #[test]
    fn agrees_with_scipy() {
        let compared = compare(&[
            sums(&[(40, 50), (45, 50), (30, 40), (0, 0), (50, 50)]),
            sums(&[(20, 50), (25, 50), (31, 40), (22, 50)]),
            sums(&[(48, 50), (50, 50), (39, 40), (47, 50), (45, 50), (41, 50)]),
            sums(&[(10, 10)]),
            sums(&[(44, 50), (46, 50), (36, 40), (40, 50)]),
        ]);
        let expected = [
            Some((
                0.8,
                0.07617487073143665,
                0.8982102887027573,
                0.36907344921189356,
                0.45828583475892803,
            )),
            Some((
                0.8985294117647059,
                0.07854958005709872,
                -4.872590506560018,
                1.1014436960103589e-06,
                4.405774784041435e-06,
            )),
            Some((
                0.756896551724138,
                0.06479667401398495,
                2.6874516892163145,
                0.007199951664518677,
                0.02159985499355603,
            )),
            None,
            Some((
                0.7985294117647059,
                0.062495175934751505,
                1.202569600573263,
                0.22914291737946402,
                0.45828583475892803,
            )),
        ];
        for (found, expected) in compared.iter().zip(expected) {
            let near = |found: Option<f64>, expected: f64| (found.unwrap() / expected - 1.0).abs() < 1e-9;
            match expected {
                None => assert_eq!(
                    (found.n, found.score, found.z, found.p_holm),
                    (1, Some(1.0), None, None)
                ),
                Some((rest, se, z, p, holm)) => assert!(
                    near(found.rest, rest)
                        && near(found.se, se)
                        && near(found.z, z)
                        && near(found.p, p)
                        && near(found.p_holm, holm),
                    "{found:?}"
                ),
            }
        }
        let unusual: Vec<bool> = compared.iter().map(Comparison::is_unusual).collect();
        assert_eq!(unusual, [false, true, false, false, false]);
    }

    #[test]
    fn nobody_is_compared_with_nobody() {
        assert_eq!(compare(&[]), []);
        let only = compare(&[sums(&[(4, 5), (3, 5)])]);
        assert_eq!((only[0].score, only[0].rest, only[0].z), (Some(0.7), None, None));
        // Everybody gave the same: nothing differs, and nothing can be tested.
        let same = compare(&[sums(&[(4, 5), (4, 5)]), sums(&[(4, 5), (4, 5)])]);
        assert_eq!((same[0].difference, same[0].z), (Some(0.0), None));
    }

    proptest! {
        /// Holm keeps the order of p values, never lowers one, and is Bonferroni for the smallest.
        #[test]
        fn holm_steps_down(p in proptest::collection::vec(proptest::option::of(0.0_f64..1.0), 0..12)) {
            let adjusted = holm(&p);
            let tested: Vec<(f64, f64)> = p.iter().zip(&adjusted).filter_map(|(p, a)| Some(((*p)?, (*a)?))).collect();
            prop_assert_eq!(tested.len(), p.iter().flatten().count());
            for (p, adjusted) in &tested {
                prop_assert!(p <= adjusted && *adjusted <= 1.0);
                prop_assert!(tested.iter().all(|other| other.0 < *p || other.1 >= *adjusted || other.0 == *p));
            }
            if let Some((p, adjusted)) = tested.iter().min_by(|one, two| one.0.total_cmp(&two.0)) {
                prop_assert_eq!(*adjusted, (p * tested.len() as f64).min(1.0));
            }
        }
    }
}
