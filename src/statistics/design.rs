//! Variances under the sampling designs of statistics.md §3, from the moments of the linearised variable in each outlet.
//!
//! Source: Cochran, *Sampling Techniques* (1977) §5.5 (stratified), §11 (two-stage), §10 (ultimate clusters). Reference
//! implementation: R `survey::svydesign` with `fpc`, `options(survey.lonely.psu = "adjust")`.

use super::moments::Moments;

/// Linearised values in one outlet that was visited, with its customers where they are known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct OutletMoments {
    pub moments: Moments,
    pub customers: Option<u64>,
}

/// A variance with its degrees of freedom.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct DesignVariance {
    /// V; nothing without two responses or two clusters.
    pub value: Option<f64>,
    /// Degrees of freedom, first stage.
    pub df: u64,
}

impl DesignVariance {
    pub fn se(&self) -> Option<f64> {
        self.value.map(f64::sqrt)
    }
}

/// (a) Simple random sampling without correction: V = n/(n−1) Σ(z − z̄)², df = n − 1.
pub(super) fn simple(z: Moments) -> DesignVariance {
    DesignVariance {
        value: (z.n > 1.0).then(|| z.n / (z.n - 1.0) * z.squares),
        df: (z.n as u64).saturating_sub(1),
    }
}

/// Strata without correction, singles about zero: the channels of a pooled score. Empty strata do not count.
pub(super) fn channels(strata: &[Moments]) -> DesignVariance {
    let present: Vec<OutletMoments> = strata
        .iter()
        .filter(|z| z.n > 0.0)
        .map(|z| OutletMoments {
            moments: *z,
            customers: None,
        })
        .collect();
    match present.as_slice() {
        [only] => simple(only.moments),
        _ => stratified_without_correction(&present),
    }
}

fn degrees(strata: &[OutletMoments]) -> u64 {
    let n: f64 = strata.iter().map(|stratum| stratum.moments.n).sum();
    (n as u64).saturating_sub(strata.len() as u64)
}

fn stratum_term(z: Moments, fraction_left: f64) -> f64 {
    if z.n > 1.0 {
        fraction_left * z.n / (z.n - 1.0) * z.squares
    } else {
        fraction_left * z.sum * z.sum
    }
}

/// 1 − n/N, at least 0; nothing when N is unknown.
fn fraction_left(outlet: &OutletMoments) -> Option<f64> {
    let customers = outlet.customers? as f64;
    (customers > 0.0).then(|| ((customers - outlet.moments.n) / customers).max(0.0))
}

/// (b) Stratified by outlet with finite population correction; df = n − H. A single response of more customers counts
/// about zero, the mean of all linearised values ("adjust"), which never claims zero variance. Nothing where an outlet's
/// customers are unknown.
pub(super) fn stratified(outlets: &[OutletMoments]) -> Option<DesignVariance> {
    let (mut sum, mut n, mut census) = (0.0, 0.0, true);
    for outlet in outlets {
        let left = fraction_left(outlet)?;
        sum += stratum_term(outlet.moments, left);
        n += outlet.moments.n;
        census &= left == 0.0;
    }
    Some(DesignVariance {
        value: (n > 1.0 || census && n > 0.0).then_some(sum),
        df: degrees(outlets),
    })
}

/// (b) without finite population correction.
pub(super) fn stratified_without_correction(outlets: &[OutletMoments]) -> DesignVariance {
    let n: f64 = outlets.iter().map(|outlet| outlet.moments.n).sum();
    let sum = outlets.iter().map(|outlet| stratum_term(outlet.moments, 1.0)).sum();
    DesignVariance {
        value: (n > 1.0).then_some(sum),
        df: degrees(outlets),
    }
}

/// Outlets as ultimate clusters drawn with replacement: V1 = m/(m−1) Σ(t_i − t̄)², df = m − 1.
pub(super) fn clusters(outlets: &[OutletMoments]) -> DesignVariance {
    let totals = outlets.iter().map(|outlet| Moments {
        n: 1.0,
        sum: outlet.moments.sum,
        squares: 0.0,
    });
    simple(totals.fold(Moments::default(), Moments::plus))
}

/// V1 with the first-stage correction 1 − m/M only: zero when every outlet was visited ("R-compatible").
pub(super) fn clusters_corrected(outlets: &[OutletMoments], frame_outlets: u64) -> DesignVariance {
    let first = clusters(outlets);
    let (m, frame) = (outlets.len() as f64, frame_outlets as f64);
    DesignVariance {
        value: first.value.map(|value| (1.0 - m / frame) * value),
        ..first
    }
}

/// (c) Two stages: outlets drawn from `frame_outlets`, customers within outlets; df = m − 1. Nothing where an outlet's
/// customers are unknown.
pub(super) fn two_stage(outlets: &[OutletMoments], frame_outlets: u64) -> Option<DesignVariance> {
    let first = clusters_corrected(outlets, frame_outlets);
    let mut within = 0.0;
    for outlet in outlets {
        within += stratum_term(outlet.moments, fraction_left(outlet)?);
    }
    let share = outlets.len() as f64 / frame_outlets as f64;
    Some(DesignVariance {
        value: first.value.map(|value| value + share * within),
        ..first
    })
}
