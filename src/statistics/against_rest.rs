//! One of several against all the others together: means, shares, and Holm's adjustment over all of them.

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

use super::interviewer::{UNUSUAL_BELOW, holm};

/// With fewer interviews, or approaches, nobody is compared.
pub const LEAST: usize = 5;

/// One measure of one evaluator.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Value {
    /// Of the evaluator; nothing where it is not defined.
    pub own: Option<f64>,
    /// Of all the others.
    pub rest: Option<f64>,
    /// Standardised difference.
    pub z: Option<f64>,
    /// p value after Holm's adjustment over the evaluators.
    pub p_holm: Option<f64>,
    /// Somebody should look.
    pub is_flagged: bool,
}

/// Which end is suspicious.
#[derive(Clone, Copy)]
pub(super) enum Tail {
    Low,
    High,
    Both,
}

/// Mean and variance (n − 1) of at least two values.
pub(super) fn moments(values: &[f64]) -> Option<(f64, f64)> {
    let n = values.len() as f64;
    if n < 2.0 {
        return None;
    }
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    Some((mean, squares / (n - 1.0)))
}

/// Every group of values against all the others by Welch's t.
pub(super) fn means(values: &[Vec<f64>], tail: Tail) -> Vec<Value> {
    let value = |(place, own): (usize, &Vec<f64>)| {
        let others = values.iter().enumerate().filter(|(other, _)| *other != place);
        let rest: Vec<f64> = others.flat_map(|(_, values)| values.iter().copied()).collect();
        welch(own, &rest, tail)
    };
    adjusted(values.iter().enumerate().map(value).collect())
}

/// Welch's t of two means.
fn welch(own: &[f64], rest: &[f64], tail: Tail) -> (Value, Option<f64>) {
    let mean = |values: &[f64]| (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64);
    let mut value = Value {
        own: mean(own),
        rest: mean(rest),
        ..Value::default()
    };
    if own.len() < LEAST || rest.len() < LEAST {
        return (value, None);
    }
    let (Some((one, v1)), Some((other, v2))) = (moments(own), moments(rest)) else {
        return (value, None);
    };
    let (e1, e2) = (v1 / own.len() as f64, v2 / rest.len() as f64);
    let se = (e1 + e2).sqrt();
    if se.is_nan() || se <= 0.0 {
        return (value, None);
    }
    let t = (one - other) / se;
    let df = (e1 + e2).powi(2) / (e1 * e1 / (own.len() as f64 - 1.0) + e2 * e2 / (rest.len() as f64 - 1.0));
    value.z = Some(t);
    let p = StudentsT::new(0.0, 1.0, df).ok().map(|distribution| match tail {
        Tail::Low => distribution.cdf(t),
        Tail::High => distribution.sf(t),
        Tail::Both => 2.0 * distribution.sf(t.abs()),
    });
    (value, p)
}

/// How many of how many, each against all the others by the pooled standard error.
pub(super) fn shares(counts: &[(f64, f64)], tail: Tail) -> Vec<Value> {
    let all = counts
        .iter()
        .fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    let value = |(x, n): &(f64, f64)| {
        let (others, m) = (all.0 - x, all.1 - n);
        let ratio = |x: f64, n: f64| (n > 0.0).then(|| x / n);
        let mut value = Value {
            own: ratio(*x, *n),
            rest: ratio(others, m),
            ..Value::default()
        };
        let pooled = all.0 / all.1;
        let se = (pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m)).sqrt();
        let enough = *n >= LEAST as f64 && m >= LEAST as f64 && se > 0.0;
        value.z = value
            .own
            .zip(value.rest)
            .filter(|_| enough)
            .map(|(own, rest)| (own - rest) / se);
        let p = value.z.map(|z| match tail {
            Tail::Low => Normal::standard().cdf(z),
            Tail::High => Normal::standard().sf(z),
            Tail::Both => 2.0 * Normal::standard().sf(z.abs()),
        });
        (value, p)
    };
    adjusted(counts.iter().map(value).collect())
}

pub(super) fn adjusted(tested: Vec<(Value, Option<f64>)>) -> Vec<Value> {
    let p: Vec<Option<f64>> = tested.iter().map(|(_, p)| *p).collect();
    let values = tested.into_iter().zip(holm(&p));
    values
        .map(|((value, _), p_holm)| Value {
            p_holm,
            is_flagged: p_holm.is_some_and(|p| p < UNUSUAL_BELOW),
            ..value
        })
        .collect()
}
