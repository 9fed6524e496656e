//! Intervals for a score in [0, 1], and the rules for samples that no formula fits.
//!
//! Source: statistics.md §7. Logit t: R `survey::svyciprop(method = "xlogit")` applied to a bounded mean; plain t:
//! `confint` with `df = degf(design)`; perfect score: exact binomial (Clopper–Pearson) lower limit, valid for every score
//! bounded by 1 because P(X = 1) ≤ E X.

use num_traits::One;
use serde::Serialize;

use super::exact::{self, Ratio};
use super::figure::beta_quantile;
use super::student::t_quantile;
use super::variance::Variance;

/// A confidence level that is not within 0.5..=0.9999.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("confidence level {0} is not within 0.5..=0.9999")]
pub struct ConfidenceError(pub f64);

/// A two-sided confidence level, such as 0.95.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Confidence(f64);

impl Confidence {
    /// 95 %, the default of the method.
    pub const NINETY_FIVE: Confidence = Confidence(0.95);

    /// Checks a level.
    ///
    /// # Errors
    /// [`ConfidenceError`] outside 0.5..=0.9999.
    pub fn new(level: f64) -> Result<Self, ConfidenceError> {
        if (0.5..=0.9999).contains(&level) {
            Ok(Self(level))
        } else {
            Err(ConfidenceError(level))
        }
    }

    /// The level as a fraction.
    pub fn level(self) -> f64 {
        self.0
    }

    /// α/2, the probability left on either side.
    fn tail(self) -> f64 {
        (1.0 - self.0) / 2.0
    }
}

/// Limits, as fractions of full marks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// Lower limit.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
}

impl Interval {
    /// Everything a score can be: nothing is known.
    pub const WHOLE: Interval = Interval { lower: 0.0, upper: 1.0 };

    /// The lower limit in per cent, cut: what is printed is never narrower than what was computed.
    pub fn lower_percent(&self) -> String {
        format!("{:.2}", (self.lower * 10_000.0).floor() / 100.0)
    }

    /// The upper limit in per cent, rounded up.
    pub fn upper_percent(&self) -> String {
        format!("{:.2}", (self.upper * 10_000.0).ceil() / 100.0)
    }
}

/// Which rule gave the interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IntervalRule {
    /// The regular case: t on the logit scale.
    LogitT,
    /// Every scored customer gave full marks: exact lower limit.
    PerfectScore,
    /// Identical scores below full marks: a convention, not theory.
    IdenticalScores,
    /// A single scored response, or no degree of freedom: the whole range.
    Insufficient,
    /// Every customer was asked: the score itself.
    Census,
    /// All answers are self-selected: no sampling error can be stated, so there is no interval.
    SelfSelected,
}

impl IntervalRule {
    /// Stable name, equal to the JSON form.
    pub fn as_str(self) -> &'static str {
        match self {
            IntervalRule::LogitT => "logit_t",
            IntervalRule::PerfectScore => "perfect_score",
            IntervalRule::IdenticalScores => "identical_scores",
            IntervalRule::Insufficient => "insufficient",
            IntervalRule::Census => "census",
            IntervalRule::SelfSelected => "self_selected",
        }
    }
}

/// score ± t·se, not clipped: for comparison with the interval on the logit scale.
pub fn plain_t(score: &Ratio, se: f64, df: u64, confidence: Confidence) -> Option<Interval> {
    Some(plain_limits(score, t_quantile(confidence.tail(), df as f64)? * se))
}

fn plain_limits(score: &Ratio, margin: f64) -> Interval {
    let centre = exact::to_f64(score);
    Interval {
        lower: centre - margin,
        upper: centre + margin,
    }
}

/// expit(logit(score) ± margin/(score·(1−score))), the margin being t·se.
pub(super) fn logit_limits(score: &Ratio, margin: f64) -> Option<Interval> {
    let (p, q) = (exact::to_f64(score), exact::complement_to_f64(score));
    if !(p > 0.0 && q > 0.0) {
        return None;
    }
    let half = margin / (p * q);
    // expit(logit p ± h) = p / (p + q·e^∓h)
    let limit = |shift: f64| p / (p + q * shift.exp());
    Some(Interval {
        lower: limit(half).min(p),
        upper: limit(-half).max(p),
    })
}

/// Full marks from all `scored` customers: [(α/2)^(1/n), 1].
pub fn perfect_score(scored: u64, confidence: Confidence) -> Interval {
    Interval {
        lower: confidence.tail().powf(1.0 / scored as f64),
        upper: 1.0,
    }
}

/// The same score from all `scored` customers: score ± (1 − (α/2)^(1/n)), clipped to [0, 1].
pub fn identical_scores(score: &Ratio, scored: u64, confidence: Confidence) -> Interval {
    let (centre, half) = (exact::to_f64(score), 1.0 - confidence.tail().powf(1.0 / scored as f64));
    Interval {
        lower: (centre - half).max(0.0),
        upper: (centre + half).min(1.0),
    }
}

/// The interval that assumes nothing about how scores are spread: as if every customer gave either full marks or none, the
/// worst case of a bounded score. Korn & Graubard (1998) with the effective sample size capped at the scored responses. Two
/// to ten times wider than the others; the only one that a rare, very unhappy minority does not mislead (statistics.md §7).
/// Nothing without a scored response or for more than 10 000, where it is of no use.
pub fn no_assumption(score: &Ratio, se: Option<f64>, df: f64, scored: u64, confidence: Confidence) -> Option<Interval> {
    let (p, q) = (exact::to_f64(score), exact::complement_to_f64(score));
    let (n, tail) = (scored as f64, confidence.tail());
    let effective = || {
        let se = se.filter(|se| *se > 0.0)?;
        let ratio = t_quantile(tail, n - 1.0)? / t_quantile(tail, df)?;
        Some((p * q / (se * se) * ratio * ratio).min(n))
    };
    let effective = effective().unwrap_or(n);
    let (full, none) = (effective * p, effective * q);
    Some(Interval {
        lower: if full > 0.0 {
            beta_quantile(tail, full, none + 1.0)?
        } else {
            0.0
        },
        upper: if none > 0.0 {
            beta_quantile(1.0 - tail, full + 1.0, none)?
        } else {
            1.0
        },
    })
    .filter(|_| scored > 0)
}

/// The interval of a score that rests on `scored` > 0 responses, by the rule that fits; in the regular case score ± t·se
/// beside it.
pub fn choose(
    score: &Ratio,
    variance: Option<&Variance>,
    scored: u64,
    confidence: Confidence,
) -> (IntervalRule, Interval, Option<Interval>) {
    const NOTHING: (IntervalRule, Interval, Option<Interval>) = (IntervalRule::Insufficient, Interval::WHOLE, None);
    match variance {
        Some(variance) if scored > 1 => {
            if score.is_one() {
                (IntervalRule::PerfectScore, perfect_score(scored, confidence), None)
            } else if variance.is_zero() {
                let interval = identical_scores(score, scored, confidence);
                (IntervalRule::IdenticalScores, interval, None)
            } else {
                let margin = t_quantile(confidence.tail(), variance.df as f64).map(|t| t * variance.se());
                let limits = margin.and_then(|margin| Some((margin, logit_limits(score, margin)?)));
                limits.map_or(NOTHING, |(margin, interval)| {
                    (IntervalRule::LogitT, interval, Some(plain_limits(score, margin)))
                })
            }
        }
        _ => NOTHING,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn fraction(a: i64, b: i64) -> Ratio {
        Ratio::new(a.into(), b.into())
    }

    fn variance(value: Ratio, df: u64) -> Variance {
        Variance::new(value, df, false)
    }

    #[test]
    fn perfect_scores_need_29_interviews_to_prove_90_per_cent() {
        let one_sided = Confidence::new(0.90).unwrap();
        assert!(perfect_score(29, one_sided).lower > 0.90);
        assert!(perfect_score(28, one_sided).lower < 0.90);
        let none = variance(fraction(0, 1), 29);
        let (rule, interval, _) = choose(&fraction(1, 1), Some(&none), 30, Confidence::NINETY_FIVE);
        assert_eq!((rule, interval.upper), (IntervalRule::PerfectScore, 1.0));
        assert!((interval.lower - 0.884_296_691_777_972_2).abs() < 1e-12);
    }

    #[test]
    fn identical_scores_follow_the_convention_down_to_zero() {
        let none = variance(fraction(0, 1), 9);
        let half = 1.0 - 0.025_f64.powf(0.1);
        let (rule, interval, _) = choose(&fraction(4, 5), Some(&none), 10, Confidence::NINETY_FIVE);
        assert_eq!((rule, interval.upper), (IntervalRule::IdenticalScores, 1.0));
        assert!((interval.lower - (0.8 - half)).abs() < 1e-15);
        let (rule, interval, _) = choose(&fraction(0, 5), Some(&none), 10, Confidence::NINETY_FIVE);
        assert_eq!((rule, interval.lower), (IntervalRule::IdenticalScores, 0.0));
        assert!((interval.upper - half).abs() < 1e-15);
    }

    #[test]
    fn a_single_response_says_nothing() {
        let none = variance(fraction(0, 1), 1);
        for (found, scored) in [(None, 1), (None, 7), (Some(&none), 1)] {
            let (rule, interval, _) = choose(&fraction(1, 1), found, scored, Confidence::NINETY_FIVE);
            assert_eq!((rule, interval), (IntervalRule::Insufficient, Interval::WHOLE));
        }
    }

    #[test]
    fn levels_are_checked() {
        for level in [0.0, 0.49, 1.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(Confidence::new(level).is_err());
        }
        assert_eq!(Confidence::new(0.95).unwrap(), Confidence::NINETY_FIVE);
    }

    proptest! {
        #[test]
        fn the_interval_contains_the_estimate_and_stays_in_range(
            a in 0_i64..=1000, extra in 0_i64..=1000, v in 0_i64..=1_000_000, df in 1_u64..5000, level in 0.5_f64..0.9999
        ) {
            let score = fraction(a + 1, a + 1 + extra);
            let confidence = Confidence::new(level).unwrap();
            let found = variance(fraction(v, 4_000_000), df);
            let (rule, interval, _) = choose(&score, Some(&found), df + 1, confidence);
            let p = exact::to_f64(&score);
            prop_assert!(rule != IntervalRule::Insufficient);
            prop_assert!(0.0 <= interval.lower && interval.lower <= p && p <= interval.upper && interval.upper <= 1.0);
        }
    }
}
