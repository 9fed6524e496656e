//! How many answers a plan needs.
//!
//! Source: statistics.md §9; Cochran, Sampling Techniques (1977), §§4.4–4.6 (size for a half-width, finite population), §9A
//! (design effect of clusters). Scores are shares of full marks, 0..=1.

use statrs::distribution::{ContinuousCDF, Normal};

/// Why no size can be given.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum SizeError {
    /// A quantity outside its range.
    #[error("{name} {value} is not within {low}..{high}")]
    Range {
        /// What it is.
        name: &'static str,
        /// What was given.
        value: f64,
        /// Lower bound, excluded.
        low: f64,
        /// Upper bound.
        high: f64,
    },
    /// A true score that does not lie above the threshold proves nothing.
    #[error("a true score of {truth} does not lie above the threshold {threshold}")]
    NotAbove {
        /// True score.
        truth: f64,
        /// Threshold.
        threshold: f64,
    },
    /// More answers than can be counted.
    #[error("the size is beyond any survey")]
    TooLarge,
}

/// What is known beforehand about scores and sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Assumptions {
    /// Standard deviation of a customer's score: 0.06–0.10 for good services, 0.15–0.20 for mixed ones; from a pilot or the
    /// last year.
    pub sd: f64,
    /// Design effect, ≥ 1: by what factor the variance exceeds that of a simple random sample.
    pub design_effect: f64,
    /// Customers; nothing = unknown, taken as infinite.
    pub population: Option<u64>,
}

/// Design effect of clusters of `take` answers each, whose scores correlate by `icc` within a cluster: 1 + (b̄ − 1)·ICC.
///
/// # Errors
/// [`SizeError::Range`].
pub fn cluster_effect(take: f64, icc: f64) -> Result<f64, SizeError> {
    within("take per cluster", take, 0.0, 1e9)?;
    if !(0.0..=1.0).contains(&icc) {
        return Err(range("icc", icc, 0.0, 1.0));
    }
    Ok((1.0 + (take - 1.0) * icc).max(1.0))
}

/// Answers for a confidence interval of ± `half_width`: n₀ = deff·(zσ/e)², n = ⌈n₀/(1 + n₀/N)⌉.
///
/// # Errors
/// [`SizeError`].
pub fn for_half_width(half_width: f64, confidence: f64, given: &Assumptions) -> Result<u64, SizeError> {
    check(given)?;
    within("half-width", half_width, 0.0, 1.0)?;
    within("confidence", confidence, 0.0, 0.999_999)?;
    let z = upper_quantile((1.0 - confidence) / 2.0);
    finish((z * given.sd / half_width).powi(2), given)
}

/// Half-width of the interval that `answers` answers give: e = z·σ·√(deff·(1/n − 1/N)), the inverse of [`for_half_width`]; 0
/// where every customer answers.
///
/// # Errors
/// [`SizeError::Range`].
pub fn half_width(answers: u64, confidence: f64, given: &Assumptions) -> Result<f64, SizeError> {
    check(given)?;
    within("answers", answers as f64, 0.0, f64::INFINITY)?;
    within("confidence", confidence, 0.0, 0.999_999)?;
    let left = 1.0 / answers as f64 - given.population.map_or(0.0, |n| 1.0 / n as f64);
    Ok(upper_quantile((1.0 - confidence) / 2.0) * given.sd * (given.design_effect * left.max(0.0)).sqrt())
}

/// Answers to prove a score at or above `threshold`, one-sided with error `alpha`, where the true score is `truth`, and to succeed
/// with probability `power`: n₀ = deff·((z_{1−α} + z_{power})·σ/(μ − t))².
///
/// # Errors
/// [`SizeError`].
pub fn to_prove(threshold: f64, truth: f64, alpha: f64, power: f64, given: &Assumptions) -> Result<u64, SizeError> {
    check(given)?;
    within("threshold", threshold, 0.0, 1.0)?;
    within("true score", truth, 0.0, 1.0)?;
    within("alpha", alpha, 0.0, 0.5)?;
    within("power", power, 0.0, 0.999_999)?;
    if truth <= threshold {
        return Err(SizeError::NotAbove { truth, threshold });
    }
    let z = upper_quantile(alpha) + upper_quantile(1.0 - power);
    if z <= 0.0 {
        return Ok(1);
    }
    finish((z * given.sd / (truth - threshold)).powi(2), given)
}

/// Cases to draw for `answers` answers: ⌈n/(response rate · share of eligible cases)⌉.
///
/// # Errors
/// [`SizeError`].
pub fn cases_to_draw(answers: u64, response_rate: f64, eligible: f64) -> Result<u64, SizeError> {
    within("response rate", response_rate, 0.0, 1.0)?;
    within("eligible share", eligible, 0.0, 1.0)?;
    whole(answers as f64 / (response_rate * eligible))
}

/// The value a standard normal exceeds with this probability.
fn upper_quantile(tail: f64) -> f64 {
    -Normal::standard().inverse_cdf(tail)
}

fn finish(simple: f64, given: &Assumptions) -> Result<u64, SizeError> {
    let infinite = given.design_effect * simple;
    let finite = given
        .population
        .map_or(infinite, |n| infinite / (1.0 + infinite / n as f64));
    Ok(whole(finite)?.min(given.population.unwrap_or(u64::MAX)))
}

/// Rounded up; what exceeds a whole number by rounding errors only is that number.
fn whole(size: f64) -> Result<u64, SizeError> {
    let size = (size * (1.0 - 1e-12)).ceil().max(1.0);
    if size < 1e15 {
        Ok(size as u64)
    } else {
        Err(SizeError::TooLarge)
    }
}

fn check(given: &Assumptions) -> Result<(), SizeError> {
    within("standard deviation", given.sd, 0.0, 0.5)?;
    if !(1.0..=1000.0).contains(&given.design_effect) {
        return Err(range("design effect", given.design_effect, 1.0, 1000.0));
    }
    if given.population == Some(0) {
        return Err(range("population", 0.0, 0.0, f64::INFINITY));
    }
    Ok(())
}

fn within(name: &'static str, value: f64, low: f64, high: f64) -> Result<(), SizeError> {
    if value > low && value <= high {
        Ok(())
    } else {
        Err(range(name, value, low, high))
    }
}

fn range(name: &'static str, value: f64, low: f64, high: f64) -> SizeError {
    SizeError::Range { name, value, low, high }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn given(sd: f64, population: Option<u64>) -> Assumptions {
        Assumptions {
            sd,
            design_effect: 1.0,
            population,
        }
    }

    #[test]
    fn the_worked_figures_of_the_sampling_rules() {
        for (half_width, sd, infinite, five_hundred) in [
            (0.03, 0.10, 43, 40),
            (0.03, 0.15, 97, 81),
            (0.02, 0.10, 97, 81),
            (0.02, 0.15, 217, 151),
            (0.01, 0.10, 385, 218),
            (0.01, 0.15, 865, 317),
        ] {
            assert_eq!(for_half_width(half_width, 0.95, &given(sd, None)), Ok(infinite));
            assert_eq!(
                for_half_width(half_width, 0.95, &given(sd, Some(500))),
                Ok(five_hundred)
            );
        }
        for (truth, sd, n) in [
            (0.92, 0.10, 155),
            (0.92, 0.15, 348),
            (0.93, 0.10, 69),
            (0.93, 0.15, 155),
        ] {
            assert_eq!(to_prove(0.9, truth, 0.05, 0.8, &given(sd, None)), Ok(n));
        }
        let clustered = Assumptions {
            design_effect: 1.3,
            ..given(0.15, None)
        };
        assert_eq!(for_half_width(0.05, 0.95, &clustered), Ok(45));
        assert_eq!(for_half_width(0.03, 0.95, &clustered), Ok(125));
        assert_eq!(cases_to_draw(45, 0.3, 0.9), Ok(167));
        assert_eq!(cases_to_draw(30, 0.1, 1.0), Ok(300));
        assert_eq!(cluster_effect(5.0, 0.05), Ok(1.2));
    }

    #[test]
    fn what_cannot_be_planned_is_named() {
        let name = |result: Result<u64, SizeError>| result.unwrap_err().to_string();
        assert!(name(for_half_width(0.0, 0.95, &given(0.1, None))).contains("half-width"));
        assert!(name(for_half_width(0.1, 1.0, &given(0.1, None))).contains("confidence"));
        assert!(name(for_half_width(0.1, 0.9, &given(0.6, None))).contains("standard deviation"));
        assert!(name(for_half_width(f64::NAN, 0.9, &given(0.1, None))).contains("half-width"));
        assert!(name(to_prove(0.9, 0.9, 0.05, 0.8, &given(0.1, None))).contains("above the threshold"));
        assert!(name(cases_to_draw(10, 0.0, 1.0)).contains("response rate"));
        assert_eq!(for_half_width(1e-9, 0.95, &given(0.1, None)), Err(SizeError::TooLarge));
    }

    proptest! {
        #[test]
        fn the_size_keeps_its_promise_and_one_less_does_not(e in 0.005_f64..0.2, sd in 0.02_f64..0.4, n in 2_u64..100_000) {
            let size = for_half_width(e, 0.95, &given(sd, Some(n))).unwrap();
            // e² ≥ z²σ²(1/n − 1/N), the half-width with the finite population correction.
            let reached = super::half_width(size, 0.95, &given(sd, Some(n))).unwrap();
            let half_width = |size: u64| 1.959_963_984_540_054 * sd * (1.0 / size as f64 - 1.0 / n as f64).max(0.0).sqrt();
            prop_assert!((reached - half_width(size)).abs() < 1e-9);
            prop_assert!(half_width(size) <= e * (1.0 + 1e-9));
            prop_assert!(size == 1 || half_width(size - 1) > e * (1.0 - 1e-9));
        }
    }
}
