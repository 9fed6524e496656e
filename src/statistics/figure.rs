//! An estimate with standard error and intervals, in floating point: what a group of the estimates file states.
//!
//! Source: statistics.md §7. t and logit t: R `confint(df = degf)`, `svyciprop("xlogit")`; Korn & Graubard (1998):
//! `svyciprop("beta")`, not capped.

use serde::Serialize;
use statrs::distribution::{Beta, Continuous, ContinuousCDF, Normal};

use super::design::DesignVariance;
use super::interval::Interval;
use super::student::t_quantile;

/// How much of a figure is stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// The estimate.
    Estimate,
    /// Estimate and standard error.
    StandardError,
    /// All of it.
    Block,
}

/// An estimate; nothing where something is undefined.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// How much of it is stated.
    pub extent: Extent,
    /// The estimate, a fraction of full marks.
    pub est: Option<f64>,
    /// Its standard error.
    pub se: Option<f64>,
    /// Degrees of freedom.
    pub df: Option<f64>,
    /// est ± t·se at 90 and 95 %.
    pub ci_t: [Option<Interval>; 2],
    /// The same on the logit scale, back-transformed.
    pub ci_logit: [Option<Interval>; 2],
    /// Effective sample size of the Korn–Graubard interval.
    pub kg_neff: Option<f64>,
    /// Korn–Graubard interval at 95 %.
    pub ci_kg_95: Option<Interval>,
}

/// Confidence levels of a block, per cent.
pub const LEVELS: [u32; 2] = [90, 95];

impl Figure {
    /// A figure that is not defined.
    pub fn undefined(extent: Extent) -> Self {
        Self {
            extent,
            est: None,
            se: None,
            df: None,
            ci_t: [None; 2],
            ci_logit: [None; 2],
            kg_neff: None,
            ci_kg_95: None,
        }
    }

    /// Only an estimate.
    pub fn estimate(est: Option<f64>) -> Self {
        Self {
            est,
            ..Self::undefined(Extent::Estimate)
        }
    }

    /// Estimate and standard error.
    pub fn with_se(est: Option<f64>, se: Option<f64>) -> Self {
        Self {
            est,
            se: est.and(se),
            ..Self::undefined(Extent::StandardError)
        }
    }

    /// Everything, from an estimate over `n` responses (unscored ones included) and its variance.
    pub(super) fn block(est: Option<f64>, variance: Option<DesignVariance>, n: u64) -> Self {
        let (Some(est), Some(variance)) = (est, variance) else {
            return Self::undefined(Extent::Block);
        };
        let (se, df) = (variance.se(), variance.df as f64);
        let quantiles = LEVELS.map(|level| t_quantile((100.0 - f64::from(level)) / 200.0, df));
        let intervals = |of: fn(f64, f64, f64) -> Option<Interval>| quantiles.map(|t| of(est, se?, t?));
        let kg = se.and_then(|se| korn_graubard(est, se, df, n));
        Self {
            extent: Extent::Block,
            est: Some(est),
            se,
            df: Some(df),
            ci_t: intervals(plain),
            ci_logit: intervals(logit),
            kg_neff: kg.map(|kg| kg.0),
            ci_kg_95: kg.and_then(|kg| kg.1),
        }
    }

    /// Standard error on the logit scale, s_L = se/(p(1−p)); nothing at 0 and 1.
    pub fn logit_se(&self) -> Option<f64> {
        let (p, se) = (self.est?, self.se?);
        (p > 0.0 && p < 1.0).then(|| se / (p * (1.0 - p)))
    }
}

fn plain(est: f64, se: f64, t: f64) -> Option<Interval> {
    Some(Interval {
        lower: est - t * se,
        upper: est + t * se,
    })
}

fn logit(p: f64, se: f64, t: f64) -> Option<Interval> {
    let q = 1.0 - p;
    if !(p > 0.0 && q > 0.0 && se > 0.0) {
        return None;
    }
    let half = t * se / (p * q);
    let limit = |shift: f64| p / (p + q * shift.exp());
    Some(Interval {
        lower: limit(half),
        upper: limit(-half),
    })
}

/// Effective sample size, and the interval of that many trials with the share `p` of successes.
fn korn_graubard(p: f64, se: f64, df: f64, n: u64) -> Option<(f64, Option<Interval>)> {
    if !(p > 0.0 && p < 1.0 && se > 0.0 && n > 1) {
        return None;
    }
    let ratio = t_quantile(0.025, n as f64 - 1.0)? / t_quantile(0.025, df)?;
    let effective = p * (1.0 - p) / (se * se) * ratio * ratio;
    let x = effective * p;
    let interval = || {
        Some(Interval {
            lower: beta_quantile(0.025, x, effective - x + 1.0)?,
            upper: beta_quantile(0.975, x + 1.0, effective - x)?,
        })
    };
    Some((effective, interval()))
}

/// Largest effective sample size of a Korn–Graubard interval: the library's continued fraction has 140 terms and needs
/// about the root of it. Samples of this size have no use for the interval.
const KG_EFFECTIVE_MAX: f64 = 10_000.0;

/// The quantile of a beta distribution by Halley's method between bounds that halve (the library's own quantile does not
/// return for some parameters). It starts from the normal approximation of Abramowitz & Stegun 26.5.22.
pub(super) fn beta_quantile(probability: f64, a: f64, b: f64) -> Option<f64> {
    let beta = Beta::new(a, b).ok().filter(|_| a + b <= KG_EFFECTIVE_MAX)?;
    let (mut low, mut high, mut x) = (0.0_f64, 1.0_f64, near_quantile(probability, a, b));
    for _ in 0..200 {
        let gap = beta.cdf(x) - probability;
        if gap > 0.0 {
            high = x;
        } else {
            low = x;
        }
        let newton = gap / beta.pdf(x);
        let bend = (newton * ((a - 1.0) / x - (b - 1.0) / (1.0 - x))).clamp(-1.0, 1.0);
        let step = newton / (1.0 - bend / 2.0);
        // Convergence is cubic: what remains after such a step is below rounding.
        if step.abs() <= 1e-7 * x * (1.0 - x) {
            return Some(x - step);
        }
        let next = x - step;
        x = if next > low && next < high {
            next
        } else {
            (low + high) / 2.0
        };
        if high - low <= f64::EPSILON * x {
            break;
        }
    }
    Some(x)
}

/// About the quantile; the mean where the approximation does not hold.
fn near_quantile(probability: f64, a: f64, b: f64) -> f64 {
    let mean = a / (a + b);
    if a <= 1.0 || b <= 1.0 {
        return mean;
    }
    let z = Normal::standard().inverse_cdf(1.0 - probability);
    let (left, right) = (1.0 / (2.0 * a - 1.0), 1.0 / (2.0 * b - 1.0));
    let (h, lambda) = (2.0 / (left + right), (z * z - 3.0) / 6.0);
    let w = z * (h + lambda).sqrt() / h - (right - left) * (lambda + 5.0 / 6.0 - 2.0 / (3.0 * h));
    let near = a / (a + b * (2.0 * w).exp());
    if near > 0.0 && near < 1.0 { near } else { mean }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_beta_quantile_returns_and_is_inverse(p in 0.001_f64..0.999, a in 1e-3_f64..4000.0, b in 1e-3_f64..4000.0) {
            let x = beta_quantile(p, a, b).unwrap();
            let beta = Beta::new(a, b).unwrap();
            // Where the distribution jumps between neighbouring doubles no x hits p.
            let near = |x: f64| beta.cdf(x.clamp(0.0, 1.0));
            prop_assert!(near(x * (1.0 - 1e-9)) <= p + 1e-7 && near(x * (1.0 + 1e-9) + 1e-300) >= p - 1e-7);
        }
    }
}
