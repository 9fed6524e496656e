//! Quantiles of Student's t distribution, accurate to about 1e-12 relative.
//!
//! Source: below 1000 degrees of freedom Newton's method on the upper tail (an incomplete beta function, `statrs`);
//! from there on the Cornish–Fisher expansion, Abramowitz & Stegun 26.7.5, because the incomplete beta function loses
//! digits as its parameters grow. Reference implementation: R `qt`.

use statrs::distribution::{Continuous, ContinuousCDF, Normal, StudentsT};

/// Degrees of freedom from which the expansion's first neglected term is below 1e-12.
const EXPANSION_FROM_DF: f64 = 1000.0;
/// Degrees of freedom from which the expansion is a start for Newton's method: within 1e-4 of the solution for the tails
/// of a confidence level.
const START_AT_EXPANSION_DF: f64 = 20.0;
/// Degrees of freedom from which tails come from the expansion: further than the quantile's, because its terms grow in the
/// far tail, and below where the continued fraction of the incomplete beta function needs too many steps.
const TAIL_EXPANSION_FROM_DF: f64 = 5000.0;

/// The value that Student's t exceeds with probability `upper_tail`, 0 < `upper_tail` < ½, with `df` > 0 degrees of
/// freedom (not necessarily whole). Nothing outside these ranges.
pub fn t_quantile(upper_tail: f64, df: f64) -> Option<f64> {
    if !(upper_tail > 0.0 && upper_tail < 0.5 && df > 0.0) {
        return None;
    }
    let z = -Normal::standard().inverse_cdf(upper_tail);
    if df >= EXPANSION_FROM_DF {
        return Some(expansion(z, df));
    }
    let student = StudentsT::new(0.0, 1.0, df).ok()?;
    // The tail is convex and falling to the right of 0, so Newton climbs without overshoot from anywhere left of the
    // solution, where z lies. Halley's step bends with the tail, −t·(df + 1)/(df + t²) being the slope of the logarithm of
    // the density: near the solution the error after it is of the third order.
    let mut t = if df < START_AT_EXPANSION_DF {
        z
    } else {
        expansion(z, df)
    };
    for _ in 0..200 {
        let newton = (student.sf(t) - upper_tail) / student.pdf(t);
        let bend = newton * t * (df + 1.0) / (df + t * t) / 2.0;
        t += if bend.abs() < 0.1 {
            newton / (1.0 - bend)
        } else {
            newton
        };
        // What remains after so small a step is below rounding.
        if newton.abs() <= 1e-5 * t {
            break;
        }
    }
    Some(t)
}

/// The probability that Student's t with `df` > 0 degrees of freedom exceeds `t`.
pub fn t_tail(t: f64, df: f64) -> Option<f64> {
    if df.is_nan() || df <= 0.0 || t.is_nan() {
        return None;
    }
    if t < 0.0 {
        return t_tail(-t, df).map(|tail| 1.0 - tail);
    }
    if t.is_infinite() {
        return Some(0.0);
    }
    if df < TAIL_EXPANSION_FROM_DF {
        return StudentsT::new(0.0, 1.0, df).ok().map(|student| student.sf(t));
    }
    // The normal deviate that the expansion turns into t; it grows with z, so Newton's method settles at once.
    let mut z = t;
    for _ in 0..50 {
        let slope = (expansion(z + 1e-6, df) - expansion(z - 1e-6, df)) / 2e-6;
        let step = (expansion(z, df) - t) / slope;
        z -= step;
        if step.abs() <= 1e-14 * z.abs() + 1e-300 {
            break;
        }
    }
    Some(Normal::standard().sf(z))
}

fn expansion(z: f64, df: f64) -> f64 {
    let s = z * z;
    let g1 = (s + 1.0) * z / 4.0;
    let g2 = ((5.0 * s + 16.0) * s + 3.0) * z / 96.0;
    let g3 = (((3.0 * s + 19.0) * s + 17.0) * s - 15.0) * z / 384.0;
    let g4 = ((((79.0 * s + 776.0) * s + 1482.0) * s - 1920.0) * s - 945.0) * z / 92_160.0;
    z + (g1 + (g2 + (g3 + g4 / df) / df) / df) / df
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Upper tail, degrees of freedom, quantile (finite trigonometric series A&S 26.7.3–4 in 60-digit arithmetic).
    const REFERENCE: [(f64, f64, f64); 32] = [
        (0.025, 1.0, 12.706204736174705),
        (0.025, 2.0, 4.302652729749464),
        (0.025, 3.0, 3.1824463052837095),
        (0.025, 4.0, 2.7764451051977943),
        (0.025, 5.0, 2.5705818356363155),
        (0.025, 7.0, 2.3646242515927853),
        (0.025, 10.0, 2.228138851986275),
        (0.025, 29.0, 2.0452296421327043),
        (0.025, 30.0, 2.042272456301238),
        (0.025, 59.0, 2.000995378088268),
        (0.025, 123.0, 1.9794386850933041),
        (0.025, 456.0, 1.9651799346026575),
        (0.025, 578.0, 1.9640767217449944),
        (0.025, 999.0, 1.96234146113345),
        (0.025, 1000.0, 1.9623390808264085),
        (0.025, 2500.0, 1.9609133447955673),
        (0.05, 1.0, 6.313751514675043),
        (0.05, 2.0, 2.9199855803537256),
        (0.05, 5.0, 2.0150483733330242),
        (0.05, 30.0, 1.6972608865939578),
        (0.05, 123.0, 1.6573363970486306),
        (0.05, 578.0, 1.6474941618836294),
        (0.05, 999.0, 1.6463803454275356),
        (0.05, 1000.0, 1.6463788172854648),
        (0.005, 1.0, 63.65674116287158),
        (0.005, 2.0, 9.924843200918293),
        (0.005, 5.0, 4.032142983555228),
        (0.005, 30.0, 2.7499956535672254),
        (0.005, 123.0, 2.6163917764279723),
        (0.005, 578.0, 2.584361948994637),
        (0.005, 999.0, 2.580759637267637),
        (0.005, 1000.0, 2.580754698065951),
    ];

    #[test]
    fn agrees_with_fifty_digit_values() {
        for (upper_tail, df, expected) in REFERENCE {
            let t = t_quantile(upper_tail, df).unwrap();
            assert!(
                (t / expected - 1.0).abs() < 2e-12,
                "tail {upper_tail} df {df}: {t} expected {expected}"
            );
        }
    }

    #[test]
    fn both_methods_meet_at_the_switch() {
        for upper_tail in [0.05, 0.025, 0.005] {
            let below = t_quantile(upper_tail, 999.999_999).unwrap();
            let above = t_quantile(upper_tail, 1000.0).unwrap();
            assert!((below / above - 1.0).abs() < 1e-11);
        }
    }

    #[test]
    fn arguments_outside_the_range_give_nothing() {
        for (upper_tail, df) in [(0.0, 5.0), (0.5, 5.0), (0.025, 0.0), (f64::NAN, 5.0), (0.025, f64::NAN)] {
            assert_eq!(t_quantile(upper_tail, df), None);
        }
        assert!((t_quantile(0.025, f64::INFINITY).unwrap() - 1.959_963_984_540_054).abs() < 1e-12);
    }
}
