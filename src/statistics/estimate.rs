//! One score with everything that is said about it: counts, points, standard error, interval.

use serde::Serialize;

use super::exact::{self, Ratio};
use super::interval::{self, Confidence, Interval, IntervalRule};
use super::sums::Sums;
use super::suppress::Undefined;
use super::variance;

/// Decimals of a printed percentage.
const DECIMALS: u32 = 2;

/// An exact fraction of full marks with its two printed forms.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rate {
    /// The exact value; comparisons use this one only.
    #[serde(skip)]
    pub exact: Ratio,
    /// Per cent, cut to two decimals, never rounded up: `89.99`.
    pub percent: String,
    /// The nearest double of the fraction.
    pub est: f64,
}

impl From<Ratio> for Rate {
    fn from(exact: Ratio) -> Self {
        Self {
            percent: exact::percent_truncated(&exact, DECIMALS),
            est: exact::to_f64(&exact),
            exact,
        }
    }
}

/// What a standard error rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Interviews and invited answers only: customers were drawn.
    DesignBased,
    /// Self-selected answers take part, as if they were a random sample.
    ModelBased,
}

/// A points score: Σ obtained / Σ available over a group of responses.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Estimate {
    /// Responses, unscored ones included.
    pub n: u64,
    /// Responses with points available.
    pub scored: u64,
    /// A: points obtained.
    pub obtained: i128,
    /// B: points available.
    pub available: i128,
    /// A/B.
    #[serde(flatten)]
    pub rate: Rate,
    /// The person score of the same responses, where it is tallied: the mean of each customer's own share.
    pub person: Option<Rate>,
    /// Standard error, a fraction of full marks; nothing without a degree of freedom.
    pub se: Option<f64>,
    /// Degrees of freedom; 0 when `se` is nothing.
    pub df: u64,
    /// The interval by `interval_rule`; nothing for self-selected answers.
    pub interval: Option<Interval>,
    /// score ± t·se, for comparison in the regular case.
    pub interval_t: Option<Interval>,
    /// Which rule gave the interval.
    pub interval_rule: IntervalRule,
    /// The interval that assumes nothing about the spread of scores, for S and S_face.
    pub interval_no_assumption: Option<Interval>,
    /// What the standard error rests on.
    pub basis: Basis,
}

impl Estimate {
    /// The points score over independently sampled strata (one stratum: simple random sampling), of which `open`
    /// responses are self-selected.
    ///
    /// Where all responses are self-selected the standard error is kept as a measure of spread, and no interval is
    /// stated: AAPOR's rule for opt-in samples, statistics.md §4.
    ///
    /// # Errors
    /// [`Undefined`] when there is no response, or none with points available.
    pub fn of(strata: &[&Sums], open: u64, person: Option<Ratio>, confidence: Confidence) -> Result<Self, Undefined> {
        let n: u64 = strata.iter().map(|sums| sums.n).sum();
        let scored: u64 = strata.iter().map(|sums| sums.scored).sum();
        let obtained: i128 = strata.iter().map(|sums| i128::from(sums.a)).sum();
        let available: i128 = strata.iter().map(|sums| i128::from(sums.b)).sum();
        let Some(ratio) = exact::ratio(obtained, available) else {
            return Err(if n == 0 {
                Undefined::NoAnswers
            } else {
                Undefined::NotScored
            });
        };
        let variance = variance::of_ratio(strata);
        let (mut rule, interval, mut interval_t) = interval::choose(&ratio, variance.as_ref(), scored, confidence);
        let mut interval = Some(interval);
        if open == n {
            (rule, interval, interval_t) = (IntervalRule::SelfSelected, None, None);
        }
        Ok(Self {
            n,
            scored,
            obtained,
            available,
            rate: ratio.into(),
            person: person.map(Rate::from),
            se: variance.as_ref().map(variance::Variance::se),
            df: variance.as_ref().map_or(0, |found| found.df),
            interval,
            interval_t,
            interval_rule: rule,
            interval_no_assumption: None,
            basis: if open == 0 {
                Basis::DesignBased
            } else {
                Basis::ModelBased
            },
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
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

    fn of(strata: &[&Sums], open: u64) -> Result<Estimate, Undefined> {
        Estimate::of(strata, open, None, Confidence::NINETY_FIVE)
    }

    #[test]
    fn no_answer_is_not_zero_per_cent() {
        assert_eq!(of(&[&Sums::default()], 0), Err(Undefined::NoAnswers));
        assert_eq!(of(&[&sums(&[(0, 0), (0, 0)])], 0), Err(Undefined::NotScored));
        assert_eq!(of(&[&sums(&[(0, 10)])], 0).unwrap().rate.percent, "0.00");
    }

    #[test]
    fn an_unscored_response_changes_n_and_not_the_score() {
        let scored = sums(&[(8, 10), (9, 10), (5, 10)]);
        let more = scored.plus(&Sums::of(Points::default())).unwrap();
        let (before, after) = (of(&[&scored], 0).unwrap(), of(&[&more], 0).unwrap());
        assert_eq!((before.rate.exact, before.scored), (after.rate.exact, after.scored));
        assert_eq!((before.n, before.df), (3, 2));
        assert_eq!((after.n, after.df), (4, 3));
    }

    #[test]
    fn self_selected_answers_have_no_interval_and_say_so() {
        let (face, open) = (sums(&[(8, 10), (9, 10)]), sums(&[(7, 10), (10, 10), (5, 10)]));
        let alone = of(&[&open], 3).unwrap();
        assert_eq!((alone.interval, alone.interval_t), (None, None));
        assert_eq!(
            (alone.interval_rule, alone.basis),
            (IntervalRule::SelfSelected, Basis::ModelBased)
        );
        assert!(alone.se.is_some());
        let mixed = of(&[&face, &open], 3).unwrap();
        assert!(mixed.interval.is_some() && mixed.basis == Basis::ModelBased);
        assert_eq!(of(&[&face], 0).unwrap().basis, Basis::DesignBased);
    }

    #[test]
    fn the_json_form_is_flat_and_truncated() {
        let value = serde_json::to_value(of(&[&sums(&[(89_996, 100_000), (0, 0)])], 0).unwrap()).unwrap();
        assert_eq!(value.get("percent").unwrap(), "89.99");
        assert_eq!(value.get("obtained").unwrap(), 89_996);
        assert_eq!(value.get("est").unwrap(), 0.89996);
        assert_eq!(value.get("interval_rule").unwrap(), "insufficient");
    }

    fn rows() -> impl Strategy<Value = Vec<(i64, i64)>> {
        proptest::collection::vec((0_i64..=50, 1_i64..=50).prop_map(|(x, y)| (x.min(y), x.max(y))), 1..20)
    }

    proptest! {
        #[test]
        fn pooled_lies_between_its_parts_and_inside_its_interval(face in rows(), elec in rows()) {
            let (f, e) = (sums(&face), sums(&elec));
            let s = of(&[&f, &e], 0).unwrap();
            let parts = (of(&[&f], 0).unwrap().rate.exact, of(&[&e], 0).unwrap().rate.exact);
            prop_assert!(*parts.0.numer() >= 0.into());
            prop_assert!(s.rate.exact >= parts.0.clone().min(parts.1.clone()));
            prop_assert!(s.rate.exact <= parts.0.max(parts.1));
            let interval = s.interval.unwrap();
            prop_assert!(interval.lower <= s.rate.est && s.rate.est <= interval.upper);
        }
    }
}
