//! The bivariate normal distribution function.
//!
//! Source: Drezner & Wesolowsky (1990) as refined by Genz (2004), *Numerical computation of rectangular bivariate and
//! trivariate normal and t probabilities*: Φ₂(h, k; ρ) = Φ(h)Φ(k) + ∫₀^asin(ρ) exp(−(h² + k² − 2hk sin θ)/(2 cos² θ)) dθ / 2π.
//! Here the integral is taken over panels that halve towards |ρ| = 1, each with a 10-point Gauss–Legendre rule.

use std::f64::consts::PI;

use statrs::distribution::{ContinuousCDF, Normal};

/// Positive nodes and weights of the 10-point Gauss–Legendre rule on [−1, 1] (Abramowitz & Stegun 25.4.30).
const RULE: [(f64, f64); 5] = [
    (0.148_874_338_981_631_22, 0.295_524_224_714_752_87),
    (0.433_395_394_129_247_2, 0.269_266_719_309_996_35),
    (0.679_409_568_299_024_4, 0.219_086_362_515_982_04),
    (0.865_063_366_688_984_5, 0.149_451_349_150_580_6),
    (0.973_906_528_517_171_7, 0.066_671_344_308_688_14),
];
/// Panels; the last ends within 2^−40 of a right angle's remainder, where the integrand is flat or vanishes.
const PANELS: u32 = 40;

/// P(X ≤ h, Y ≤ k) of standard normal X, Y with correlation ρ in [−1, 1].
pub fn bivariate_normal(h: f64, k: f64, rho: f64) -> f64 {
    let normal = Normal::standard();
    if h == f64::NEG_INFINITY || k == f64::NEG_INFINITY {
        return 0.0;
    }
    if h == f64::INFINITY {
        return normal.cdf(k);
    }
    if k == f64::INFINITY {
        return normal.cdf(h);
    }
    let independent = normal.cdf(h) * normal.cdf(k);
    if rho >= 1.0 {
        return normal.cdf(h.min(k));
    }
    if rho <= -1.0 {
        return (normal.cdf(h) - normal.cdf(-k)).max(0.0);
    }
    let angle = rho.asin();
    let integrand = |theta: f64| {
        let cos = theta.cos();
        (-(h * h + k * k - 2.0 * h * k * theta.sin()) / (2.0 * cos * cos)).exp()
    };
    let right = PI / 2.0 * rho.signum();
    let (mut from, mut sum) = (0.0, 0.0);
    for _ in 0..PANELS {
        // Half of what remains to the right angle, or all that remains to the end.
        let half = from + (right - from) / 2.0;
        let to = if half.abs() >= angle.abs() { angle } else { half };
        let (middle, radius) = ((from + to) / 2.0, (to - from) / 2.0);
        let pairs = RULE.iter();
        let panel: f64 = pairs
            .map(|(node, weight)| weight * (integrand(middle + radius * node) + integrand(middle - radius * node)))
            .sum();
        sum += panel * radius;
        from = to;
        if to == angle {
            break;
        }
    }
    (independent + sum / (2.0 * PI)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        // At the origin 1/4 + asin(ρ)/2π.
        for rho in [-0.999, -0.9, -0.3, 0.0, 0.5, 0.99, 0.999_999] {
            let expected = 0.25 + f64::asin(rho) / (2.0 * PI);
            assert!((bivariate_normal(0.0, 0.0, rho) - expected).abs() < 1e-12, "{rho}");
        }
        // P(X ≤ h, Y ≤ k; ρ) + P(X ≤ h, Y ≤ −k; −ρ) = P(X ≤ h).
        for (h, k, rho) in [
            (1.0, -0.5, 0.7),
            (2.0, 2.1, 0.95),
            (-3.0, 1.0, -0.4),
            (0.3, 0.4, 0.9999),
        ] {
            let sum = bivariate_normal(h, k, rho) + bivariate_normal(h, -k, -rho);
            assert!((sum - Normal::standard().cdf(h)).abs() < 1e-12, "{h} {k} {rho}");
            assert!((bivariate_normal(h, k, rho) - bivariate_normal(k, h, rho)).abs() < 1e-14);
        }
    }
}
