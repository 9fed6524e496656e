//! Difference between channels: Welch's test on the person scores, its effect size, and Wilcoxon's rank sum.
//!
//! Source: Welch (1947), Hedges (1981), Wilcoxon (1945); statistics.md §11. Reference implementation: R `t.test`,
//! `wilcox.test(exact = FALSE)`. Mode, self-selection and coverage are confounded: a difference between channels, no more.

use std::cmp::Ordering;

use num_traits::{ToPrimitive, Zero};
use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Normal};

use super::exact;
use super::person::PersonScore;
use super::score::Points;
use super::student::{t_quantile, t_tail};

/// Welch's test of the mean person scores, in-person minus electronic. Nothing where a variance is undefined or both are 0.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Welch {
    /// Test statistic.
    pub t: Option<f64>,
    /// Satterthwaite's degrees of freedom.
    pub df: Option<f64>,
    /// Two-sided p value.
    pub p: Option<f64>,
    /// Difference of the means.
    pub diff: Option<f64>,
    /// Lower 95 % limit of the difference.
    pub lo95: Option<f64>,
    /// Upper 95 % limit of the difference.
    pub hi95: Option<f64>,
    /// Difference by the pooled standard deviation.
    pub cohen_d: Option<f64>,
    /// The same, corrected for small samples.
    pub hedges_g: Option<f64>,
}

/// Wilcoxon's rank sum test of the person scores; nothing where a channel is empty.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Wilcoxon {
    /// Rank sum of the in-person scores less its smallest value.
    pub w: Option<f64>,
    /// Two-sided p value: normal, corrected for ties and continuity.
    pub p: Option<f64>,
}

/// Satterthwaite's degrees of freedom of a sum of independent variances, each with its own.
pub fn satterthwaite(parts: &[(f64, f64)]) -> Option<f64> {
    let total: f64 = parts.iter().map(|part| part.0).sum();
    let below: f64 = parts.iter().map(|(variance, df)| variance * variance / df).sum();
    (below > 0.0).then(|| total * total / below)
}

impl Welch {
    /// From the person scores of both channels.
    pub fn of(face: Option<&PersonScore>, electronic: Option<&PersonScore>) -> Self {
        let (Some(face), Some(electronic)) = (face, electronic) else {
            return Self::default();
        };
        let diff = exact::to_f64(&(&face.mean - &electronic.mean));
        let known = Self {
            diff: Some(diff),
            ..Self::default()
        };
        let (Some(v_face), Some(v_electronic)) = (&face.variance, &electronic.variance) else {
            return known;
        };
        let (v_face, v_electronic) = (exact::to_f64(v_face), exact::to_f64(v_electronic));
        let (n_face, n_electronic) = (face.n as f64, electronic.n as f64);
        let parts = [
            (v_face / n_face, n_face - 1.0),
            (v_electronic / n_electronic, n_electronic - 1.0),
        ];
        let Some(df) = satterthwaite(&parts) else {
            return known;
        };
        let se = parts.iter().map(|part| part.0).sum::<f64>().sqrt();
        let t = diff / se;
        let half = t_quantile(0.025, df).map(|quantile| quantile * se);
        let freedom = n_face + n_electronic - 2.0;
        let pooled = (((n_face - 1.0) * v_face + (n_electronic - 1.0) * v_electronic) / freedom).sqrt();
        let d = diff / pooled;
        Self {
            t: Some(t),
            df: Some(df),
            p: t_tail(t.abs(), df).map(|tail| 2.0 * tail),
            diff: Some(diff),
            lo95: half.map(|half| diff - half),
            hi95: half.map(|half| diff + half),
            cohen_d: Some(d),
            hedges_g: Some(d * (1.0 - 3.0 / (4.0 * freedom - 1.0))),
        }
    }
}

impl Wilcoxon {
    /// From how often every pair of points occurs in person and electronically. Ties are exact: fractions, not floats.
    pub fn of(scores: impl Iterator<Item = (Points, [u64; 2])>) -> Self {
        let mut scores: Vec<(Points, [u64; 2])> = scores.collect();
        scores.sort_by(|one, two| compare(&one.0, &two.0));
        // Twice the ranks, so that mid-ranks are whole.
        let (mut before, mut face, mut electronic) = (0_i128, 0_i128, 0_i128);
        let (mut twice_ranks, mut ties) = (0_i128, 0_i128);
        for group in scores.chunk_by(|one, two| compare(&one.0, &two.0) == Ordering::Equal) {
            let count =
                |channel: fn(&[u64; 2]) -> u64| group.iter().map(|row| i128::from(channel(&row.1))).sum::<i128>();
            let (own, others) = (count(|channels| channels[0]), count(|channels| channels[1]));
            let tied = own + others;
            twice_ranks += own * (2 * before + tied + 1);
            ties += tied * tied * tied - tied;
            before += tied;
            face += own;
            electronic += others;
        }
        if face.is_zero() || electronic.is_zero() {
            return Self::default();
        }
        let w = (twice_ranks - face * (face + 1)) as f64 / 2.0;
        let (n_face, n_electronic, n) = (face as f64, electronic as f64, before as f64);
        let spread = n_face * n_electronic / 12.0 * ((n + 1.0) - ties.to_f64().unwrap_or(0.0) / (n * (n - 1.0)));
        let gap = w - n_face * n_electronic / 2.0;
        let continuity = if gap == 0.0 { 0.0 } else { 0.5 * gap.signum() };
        let z = (gap - continuity) / spread.sqrt();
        Self {
            w: Some(w),
            p: (spread > 0.0).then(|| (2.0 * Normal::standard().sf(z.abs())).min(1.0)),
        }
    }
}

fn compare(one: &Points, two: &Points) -> Ordering {
    (one.obtained * two.available).cmp(&(two.obtained * one.available))
}
