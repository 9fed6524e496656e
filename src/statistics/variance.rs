//! Linearised variance of a points score R = ΣA/ΣB from additive sums. Exact.
//!
//! z_k = (a_k − R·b_k)/B; V = Σ_c n_c/(n_c−1) · (Σ_{k∈c} z_k² − n_c z̄_c²); df = n − number of strata. One stratum is
//! simple random sampling (statistics.md §3(a)); the strata {in-person, electronic} give V(S) of the pooled score (§5).
//! Without finite population correction.
//!
//! Source: Cochran, *Sampling Techniques* (1977) §6.11; Woodruff (1971). Reference implementation: R `survey`,
//! `svyratio` with strata, `options(survey.lonely.psu = "adjust")`.

use num_bigint::BigInt;
use num_traits::{One, Zero};

use super::exact::{self, Ratio};
use super::sums::Sums;

/// Variance of a points score.
#[derive(Debug, Clone, PartialEq)]
pub struct Variance {
    /// V, in squared fractions of full marks, not necessarily in lowest terms. Zero exactly when no response deviates
    /// within its stratum.
    pub value: Ratio,
    /// Degrees of freedom, at least 1.
    pub df: u64,
    /// A stratum held a single response; its z² was taken about zero, the mean over all strata ("adjust").
    pub lonely_stratum: bool,
    se: f64,
}

impl Variance {
    pub(super) fn new(value: Ratio, df: u64, lonely_stratum: bool) -> Self {
        Self {
            se: exact::to_f64(&value).sqrt(),
            value,
            df,
            lonely_stratum,
        }
    }

    /// The standard error √V, as a fraction of full marks.
    pub fn se(&self) -> f64 {
        self.se
    }

    /// Whether the standard error is zero; decided on the exact value.
    pub fn is_zero(&self) -> bool {
        self.value.is_zero()
    }
}

/// Variance of R = ΣA/ΣB over strata that were sampled independently. Strata without responses are left out; unscored
/// responses stay in n_c (domain estimation). Nothing when no points were available or df would be 0.
///
/// # Remarks
/// With D_c = Σ(B·a_k − A·b_k) and Q_c = Σ(B·a_k − A·b_k)², both integers, the stratum's term is
/// (n_c·Q_c − D_c²)/((n_c−1)·B⁴). In floating point the three-term sum Q_c would cancel for nearly constant scores.
pub fn of_ratio(strata: &[&Sums]) -> Option<Variance> {
    let present = || strata.iter().copied().filter(|sums| sums.n > 0);
    let n: u64 = present().map(|sums| sums.n).sum();
    let df = n.saturating_sub(present().count() as u64);
    let total = |part: fn(&Sums) -> i64| present().map(|sums| i128::from(part(sums))).sum::<i128>();
    let (a, b) = (total(|sums| sums.a), total(|sums| sums.b));
    if df == 0 || b == 0 {
        return None;
    }
    let value = by_machine(a, b, present()).unwrap_or_else(|| by_large_integers(&a.into(), &b.into(), present()));
    Some(Variance::new(value, df, present().any(|sums| sums.n == 1)))
}

/// V by machine integers, where they hold it. A page has thousands of these.
fn by_machine<'a>(a: i128, b: i128, strata: impl Iterator<Item = &'a Sums>) -> Option<Ratio> {
    // The sum of term/divisor over the strata, brought to one denominator.
    let (mut numerator, mut divisor) = (0_i128, 1_i128);
    let times = i128::checked_mul;
    for sums in strata {
        let n = i128::from(sums.n);
        let deviation = times(b, sums.a.into())?.checked_sub(times(a, sums.b.into())?)?;
        let squares = times(times(b, b)?, sums.aa)?
            .checked_sub(times(times(times(a, b)?, sums.ab)?, 2)?)?
            .checked_add(times(times(a, a)?, sums.bb)?)?;
        if n == 1 {
            numerator = numerator.checked_add(times(squares, divisor)?)?;
        } else {
            let term = times(squares, n)?.checked_sub(times(deviation, deviation)?)?;
            numerator = times(numerator, n - 1)?.checked_add(times(term, divisor)?)?;
            divisor = times(divisor, n - 1)?;
        }
    }
    Some(Ratio::new_raw(
        numerator.into(),
        times(divisor, b.checked_pow(4)?)?.into(),
    ))
}

/// The same fraction, however large its parts.
fn by_large_integers<'a>(a: &BigInt, b: &BigInt, strata: impl Iterator<Item = &'a Sums>) -> Ratio {
    let (mut numerator, mut divisor) = (BigInt::zero(), BigInt::one());
    for sums in strata {
        let deviation = b * sums.a - a * sums.b;
        let squares = b * b * sums.aa - a * b * sums.ab * 2 + a * a * sums.bb;
        if sums.n == 1 {
            numerator += squares * &divisor;
        } else {
            let term = squares * sums.n - &deviation * &deviation;
            numerator = numerator * (sums.n - 1) + term * &divisor;
            divisor *= sums.n - 1;
        }
    }
    // Not reduced: these numbers have hundreds of bits, and nobody reads them as a fraction.
    Ratio::new_raw(numerator, divisor * b.pow(4))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use crate::statistics::score::Points;
    use proptest::prelude::*;

    fn sums(rows: &[(i64, i64)]) -> Sums {
        rows.iter().fold(Sums::default(), |sum, (a, b)| {
            sum.plus(&Sums::of(Points {
                obtained: *a,
                available: *b,
            }))
            .unwrap()
        })
    }

    /// The definition, term by term in floating point.
    fn by_definition(strata: &[&[(i64, i64)]]) -> f64 {
        let rows = || strata.iter().flat_map(|rows| rows.iter());
        let a: f64 = rows().map(|row| row.0 as f64).sum();
        let b: f64 = rows().map(|row| row.1 as f64).sum();
        let term = |rows: &[(i64, i64)]| {
            let z: Vec<f64> = rows
                .iter()
                .map(|row| (row.0 as f64 - a / b * row.1 as f64) / b)
                .collect();
            let n = z.len() as f64;
            match z.as_slice() {
                [] => 0.0,
                [only] => only * only,
                _ => {
                    let mean = z.iter().sum::<f64>() / n;
                    n / (n - 1.0) * z.iter().map(|z| (z - mean).powi(2)).sum::<f64>()
                }
            }
        };
        strata.iter().map(|rows| term(rows)).sum()
    }

    #[test]
    fn degrees_of_freedom_count_only_strata_with_responses() {
        let two = sums(&[(8, 10), (9, 10)]);
        assert_eq!(of_ratio(&[&two]).unwrap().df, 1);
        assert_eq!(of_ratio(&[&two, &Sums::default()]).unwrap().df, 1);
        assert_eq!(of_ratio(&[&two, &two]).unwrap().df, 2);
        assert_eq!(of_ratio(&[&sums(&[(8, 10)])]), None);
        assert_eq!(of_ratio(&[&sums(&[(8, 10)]), &sums(&[(9, 10)])]), None);
        assert_eq!(of_ratio(&[&sums(&[(0, 0), (0, 0)])]), None);
    }

    #[test]
    fn a_single_response_beside_others_is_adjusted_and_named() {
        let variance = of_ratio(&[&sums(&[(5, 10)]), &sums(&[(8, 10), (9, 10), (10, 10)])]).unwrap();
        assert!(variance.lonely_stratum && variance.df == 2);
        let expected = by_definition(&[&[(5, 10)], &[(8, 10), (9, 10), (10, 10)]]);
        assert!((variance.se() - expected.sqrt()).abs() < 1e-15);
    }

    #[test]
    fn identical_scores_have_exactly_zero_variance() {
        // 1/3 is not a double; the float formula leaves a remainder.
        let rows: Vec<(i64, i64)> = (1..50).map(|k| (k, 3 * k)).collect();
        assert!(of_ratio(&[&sums(&rows)]).unwrap().is_zero());
        let nearly: Vec<(i64, i64)> = rows.iter().copied().chain([(1_000_001, 3_000_000)]).collect();
        assert!(!of_ratio(&[&sums(&nearly)]).unwrap().is_zero());
    }

    fn rows() -> impl Strategy<Value = Vec<(i64, i64)>> {
        proptest::collection::vec(
            (0_i64..=500, 0_i64..=500).prop_map(|(x, y)| (x.min(y), x.max(y))),
            2..30,
        )
    }

    proptest! {
        #[test]
        fn machine_integers_and_large_ones_give_the_same_fraction(one in rows(), other in rows(), lonely in rows()) {
            let strata = [sums(&one), sums(&other), sums(&lonely[..1])];
            let (a, b) = strata.iter().fold((0, 0), |(a, b), sums| (a + i128::from(sums.a), b + i128::from(sums.b)));
            prop_assume!(b > 0);
            let machine = by_machine(a, b, strata.iter()).unwrap();
            let large = by_large_integers(&a.into(), &b.into(), strata.iter());
            prop_assert_eq!((machine.numer(), machine.denom()), (large.numer(), large.denom()));
        }

        /// Large points leave the machine integers; the variance is a fraction of full marks and stays.
        #[test]
        fn large_points_need_large_integers(rows in rows()) {
            let large: Vec<(i64, i64)> = rows.iter().map(|(a, b)| (a * 1_000_000_007, (b + 1) * 1_000_000_007)).collect();
            let small: Vec<(i64, i64)> = rows.iter().map(|(a, b)| (*a, b + 1)).collect();
            let (small, large) = (sums(&small), sums(&large));
            prop_assert!(by_machine(large.a.into(), large.b.into(), [&large].into_iter()).is_none());
            let value = |sums: &Sums| of_ratio(&[sums]).unwrap().value;
            prop_assert_eq!(value(&small).reduced(), value(&large).reduced());
        }

        #[test]
        fn agrees_with_the_definition(face in rows(), elec in rows()) {
            let strata = [face.as_slice(), elec.as_slice()];
            if let Some(variance) = of_ratio(&[&sums(&face), &sums(&elec)]) {
                let expected = by_definition(&strata).sqrt();
                prop_assert!((variance.se() - expected).abs() <= 1e-9 * expected.max(1e-3));
            }
        }

        #[test]
        fn scaling_all_points_changes_nothing(rows in rows(), factor in 1_i64..1000) {
            let scaled: Vec<(i64, i64)> = rows.iter().map(|(a, b)| (a * factor, b * factor)).collect();
            prop_assert_eq!(of_ratio(&[&sums(&rows)]), of_ratio(&[&sums(&scaled)]));
        }
    }
}
