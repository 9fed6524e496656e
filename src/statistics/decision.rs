//! Decision support: how sure a score is to reach a bound, and how many interviews would settle it. It never changes a star.
//!
//! Source: statistics.md §8. All statements read the interval's distribution on the logit scale as a confidence
//! distribution: 把握度, not a probability of the certificate.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Normal};

use super::bivariate::bivariate_normal;
use super::figure::Figure;
use super::star::S_FROM;
use super::student::{t_quantile, t_tail};

/// Bounds of S and S_face, best first: stars 5, 4, 3, 2.
pub const BOUNDS: [f64; 4] = [0.9, 0.8, 0.7, 0.6];

/// Most interviews that are searched for; beyond this the score is as good as on the bound.
const INTERVIEWS_MAX: u64 = 1 << 52;

/// Decision support for S and S_face. Nothing where a score or its standard error is undefined.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Decision {
    /// How sure S reaches 90, 80, 70, 60 %.
    pub s_at_least: [Option<f64>; 4],
    /// How sure S_face reaches them.
    pub face_at_least: [Option<f64>; 4],
    /// How sure the survey supports at least 5, 4, 3, 2 stars.
    pub star_at_least: [Option<f64>; 4],
    /// How sure it supports exactly 5, 4, 3, 2 stars.
    pub star_exactly: [Option<f64>; 4],
    /// How sure it supports at most one star.
    pub one_or_below: Option<f64>,
    /// The bound nearest to S_face on the logit scale.
    pub face_nearest: Option<f64>,
    /// Interviews still needed to tell S_face from that bound, if the score stays where it is; where outlets were drawn
    /// these are in new outlets.
    pub face_more_interviews: Option<u64>,
    /// The same with 80 % assurance, because the score will move.
    pub face_more_interviews_assured: Option<u64>,
    /// How many new outlets that takes, where outlets were drawn first.
    pub face_more_outlets: Option<NewOutlets>,
    /// The bound nearest to S on the logit scale.
    pub s_nearest: Option<f64>,
    /// Answers still needed to tell S from that bound, in the channels' present proportion, if the score stays where it is.
    pub s_more_answers: Option<u64>,
    /// The same with 80 % assurance.
    pub s_more_answers_assured: Option<u64>,
    /// The same as if drawn from endlessly many customers at once, with the bound nearest to the unweighted S_face.
    pub face_more_interviews_simple: Option<u64>,
}

/// What interviews of a design rest on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// Interviews made, n.
    pub n: u64,
    /// Strata H.
    pub strata: u64,
    /// Customers N; nothing when unknown.
    pub customers: Option<u64>,
}

/// New outlets, with interviews in each as many as there were on average in those visited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct NewOutlets {
    /// Outlets.
    pub outlets: u64,
    /// Interviews in them.
    pub interviews: u64,
}

impl NewOutlets {
    /// From S_face with the standard error between outlets, `outlets` drawn as clusters (n = m, N = M), and the interviews
    /// made in them.
    pub(super) fn needed(between: &Figure, outlets: Sample, interviews: u64, assurance: Assurance) -> Option<Self> {
        let more = more_interviews(between, nearest_bound(between)?, outlets, assurance)?;
        let take = u128::from(interviews).div_ceil(u128::from(outlets.n.max(1)));
        Some(Self {
            outlets: more,
            interviews: u64::try_from(u128::from(more) * take).unwrap_or(u64::MAX),
        })
    }
}

/// How sure further interviews shall settle a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assurance {
    /// If the score stays where it is: one chance in two.
    Even,
    /// Four chances in five.
    Eighty,
}

impl Assurance {
    /// t_{.95}, or t_{.95} + t_{.80}.
    fn quantile(self, df: f64) -> Option<f64> {
        let beyond = match self {
            Assurance::Even => 0.0,
            Assurance::Eighty => t_quantile(0.20, df)?,
        };
        Some(t_quantile(0.05, df)? + beyond)
    }
}

impl Decision {
    /// From S and S_face with their samples, the unweighted S_face, and the correlation of S and the unweighted S_face.
    pub fn of(
        (s, answers): (&Figure, Sample),
        face: (&Figure, Sample),
        simple: (&Figure, Sample),
        correlation: Option<f64>,
    ) -> Self {
        let more = |score: &Figure, sample, assurance| more_interviews(score, nearest_bound(score)?, sample, assurance);
        let s_at_least = BOUNDS.map(|bound| at_least(s, bound));
        let face_at_least = BOUNDS.map(|bound| at_least(face.0, bound));
        let mut star_at_least = [None; 4];
        let mut best = Some(0.0_f64);
        let sides = s_at_least.iter().zip(&face_at_least);
        for (((s, face), (star, _)), place) in sides.zip(S_FROM).zip(&mut star_at_least) {
            // Two stars have no condition on S_face.
            let own = if star == 2 { *s } else { both(*s, *face, correlation) };
            // A running maximum: more stars are never surer than fewer.
            best = match (best, own) {
                (Some(best), Some(own)) => Some(best.max(own)),
                (None, Some(own)) if star == 2 => Some(own),
                _ => None,
            };
            *place = best;
        }
        let mut above = Some(0.0);
        let star_exactly = star_at_least.map(|own| {
            let exactly = above.zip(own).map(|(above, own)| own - above);
            above = own;
            exactly
        });
        Self {
            s_at_least,
            face_at_least,
            star_at_least,
            star_exactly,
            one_or_below: above.map(|two| 1.0 - two),
            face_nearest: nearest_bound(face.0),
            face_more_interviews: more(face.0, face.1, Assurance::Even),
            face_more_interviews_assured: more(face.0, face.1, Assurance::Eighty),
            face_more_outlets: None,
            face_more_interviews_simple: more(simple.0, simple.1, Assurance::Even),
            s_nearest: nearest_bound(s),
            s_more_answers: more(s, answers, Assurance::Even),
            s_more_answers_assured: more(s, answers, Assurance::Eighty),
        }
    }
}

fn logit(p: f64) -> f64 {
    (p / (1.0 - p)).ln()
}

/// How sure the true score is at least `bound`: 1 − F_{t,df}((logit t − logit p)/s_L).
pub fn at_least(score: &Figure, bound: f64) -> Option<f64> {
    let (p, error) = (score.est?, score.logit_se()?);
    if error == 0.0 {
        return Some(if p >= bound { 1.0 } else { 0.0 });
    }
    t_tail((logit(bound) - logit(p)) / error, score.df?)
}

fn both(s: Option<f64>, face: Option<f64>, correlation: Option<f64>) -> Option<f64> {
    let normal = Normal::standard();
    let deviate = |p: f64| match p {
        p if p <= 0.0 => f64::NEG_INFINITY,
        p if p >= 1.0 => f64::INFINITY,
        p => normal.inverse_cdf(p),
    };
    let (h, k) = (deviate(s?), deviate(face?));
    // With one side certain the correlation does not matter, and may be undefined.
    let rho = match correlation {
        Some(rho) => rho,
        None if h.is_infinite() || k.is_infinite() => 0.0,
        None => return None,
    };
    Some(bivariate_normal(h, k, rho))
}

/// The bound of clause 6.2 nearest to a score on the logit scale; a perfect score is nearest to the highest.
pub fn nearest_bound(score: &Figure) -> Option<f64> {
    let p = score.est?;
    let distance = |bound: f64| {
        if p <= 0.0 || p >= 1.0 {
            (bound - p).abs()
        } else {
            (logit(p) - logit(bound)).abs()
        }
    };
    BOUNDS
        .into_iter()
        .min_by(|one, two| distance(*one).total_cmp(&distance(*two)))
}

/// Interviews still needed until a score that stays where it is differs from `bound` at 5 % one-sided, with this assurance.
/// Nothing when a score on the bound could never be settled.
pub fn more_interviews(score: &Figure, bound: f64, sample: Sample, assurance: Assurance) -> Option<u64> {
    let (p, error, n) = (score.est?, score.logit_se()?, sample.n);
    let inverse = |count: u64| 1.0 / count as f64;
    let customers = sample.customers.filter(|customers| *customers > 0);
    let left = customers.map_or(0.0, inverse);
    let distance = (logit(p) - logit(bound)).abs();
    let last = customers.unwrap_or(INTERVIEWS_MAX);
    if n >= last {
        return Some(0);
    }
    let unit = error * error / (inverse(n) - left);
    let settled = |count: u64| {
        if Some(count) == customers {
            return true;
        }
        let df = count.saturating_sub(sample.strata) as f64;
        let t = assurance.quantile(df).unwrap_or(f64::INFINITY);
        let half = (unit * (inverse(count) - left).max(0.0)).sqrt();
        // No error at all settles whatever differs.
        if half == 0.0 {
            distance > 0.0
        } else {
            distance >= t * half
        }
    };
    if settled(n) {
        return Some(0);
    }
    let (mut low, mut high) = (n, last);
    if !settled(high) {
        return None;
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if settled(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    Some(high - n)
}
