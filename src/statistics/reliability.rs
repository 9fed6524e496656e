//! Cronbach's alpha of a scale.
//!
//! Source: Cronbach (1951); statistics.md §11. Pairwise: `psych::alpha`, raw (covariances over the rows with both items);
//! listwise: over the rows with every item of the scale.

use serde::Serialize;

use super::study::{ListwiseSums, PairSums};

/// Rows of a pair below which alpha is shaky.
pub const SHAKY_BELOW: u64 = 30;

/// Reliability of one scale.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reliability {
    /// Name of the dimension, or `total`.
    pub scale: String,
    /// Rows with every item rated.
    pub n_complete: u64,
    /// Alpha over those rows.
    pub listwise: Option<f64>,
    /// Alpha from pairwise covariances.
    pub pairwise: Option<f64>,
    /// Fewest rows behind a pairwise covariance.
    pub n_pair_min: u64,
}

/// (Σxy − ΣxΣy/n)/(n−1), products in integers.
fn covariance(sums: &PairSums) -> Option<f64> {
    let n = i128::from(sums.n);
    let top = n * i128::from(sums.xy) - i128::from(sums.x) * i128::from(sums.y);
    (n > 1).then(|| top as f64 / (n * (n - 1)) as f64)
}

fn alpha(items: usize, trace: f64, total: f64) -> Option<f64> {
    let k = items as f64;
    (items > 1 && total > 0.0).then(|| k / (k - 1.0) * (1.0 - trace / total))
}

/// Of the items `scale` among `item_count`, from the pairs in the order (1,1), (1,2), …, (2,2), ….
pub(super) fn reliability(
    name: &str,
    scale: &[usize],
    item_count: usize,
    pairs: &[PairSums],
    listwise: Option<&ListwiseSums>,
) -> Reliability {
    // Rows before the one of the smaller item have item_count, item_count − 1, … entries.
    let pair = |i: usize, j: usize| {
        let (low, high) = (i.min(j), i.max(j));
        pairs.get(low * (2 * item_count + 1 - low) / 2 + high - low)
    };
    let mut n_pair_min = u64::MAX;
    let (mut trace, mut total) = (Some(0.0), Some(0.0));
    for i in scale {
        for j in scale {
            let sums = pair(*i, *j).copied().unwrap_or_default();
            n_pair_min = n_pair_min.min(sums.n);
            let value = covariance(&sums);
            total = total.zip(value).map(|(total, value)| total + value);
            if i == j {
                trace = trace.zip(value).map(|(trace, value)| trace + value);
            }
        }
    }
    let complete = listwise.cloned().unwrap_or_default();
    Reliability {
        scale: name.to_owned(),
        n_complete: complete.n,
        listwise: listwise_alpha(scale.len(), &complete),
        pairwise: trace
            .zip(total)
            .and_then(|(trace, total)| alpha(scale.len(), trace, total)),
        n_pair_min: if scale.is_empty() { 0 } else { n_pair_min },
    }
}

/// tr C/ΣC as the items' variances to the variance of the row totals.
fn listwise_alpha(items: usize, sums: &ListwiseSums) -> Option<f64> {
    let n = i128::from(sums.n);
    let square = |x: u64| i128::from(x) * i128::from(x);
    let squares: i128 = sums.x.iter().map(|x| square(*x)).sum();
    let trace = n * i128::from(sums.xx) - squares;
    let total = n * i128::from(sums.tt) - square(sums.x.iter().sum());
    (n > 1).then(|| alpha(items, trace as f64, total as f64)).flatten()
}
