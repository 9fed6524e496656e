//! First and second moments of a linearised variable over a group of responses, and the exact sums they come from.
//!
//! For a ratio R = ΣA/ΣB the linearised variable of response k is proportional to u_k = a_k − R·b_k (Woodruff 1971;
//! statistics.md §3). A group's [`Moments`] of u follow from its five sums. With R as an integer of 192 fractional bits
//! everything until the last step is exact, so that nothing cancels when scores are nearly constant, and a group without
//! any deviation has exactly zero.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_traits::{Signed, Zero};

use super::exact::{self, Ratio};
use super::sums::Sums;
use super::tally::PersonSums;

/// Fractional bits of a ratio.
const RATIO_BITS: u64 = 192;
/// Fractional bits of a person score.
const PERSON_BITS: u64 = 128;
/// Squared deviations below 2^−(this) of the squared available points are what rounding of the ratio leaves of zero. True
/// deviations are above 2^−160 of them: |a·B − b·A| ≥ 1.
const ZERO_BITS: u64 = 300;
/// The same bound for person scores, which are cut to 128 bits; true deviations are above 2^−92 (|a/b − a'/b'| ≥ 1/(bb')).
const PERSON_ZERO_BITS: u64 = 110;

/// Five sums of any size over a group: of points, or of person scores as fractions of a common unit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct WideSums {
    pub n: u64,
    pub scored: u64,
    a: BigInt,
    b: BigInt,
    aa: BigInt,
    ab: BigInt,
    bb: BigInt,
    person: bool,
}

impl From<&Sums> for WideSums {
    fn from(sums: &Sums) -> Self {
        Self {
            n: sums.n,
            scored: sums.scored,
            a: sums.a.into(),
            b: sums.b.into(),
            aa: sums.aa.into(),
            ab: sums.ab.into(),
            bb: sums.bb.into(),
            person: false,
        }
    }
}

impl WideSums {
    /// The person scores of `n` responses: everyone has one unit available and obtains a_k/b_k of it.
    pub fn of_person(n: u64, by_available: &BTreeMap<i64, PersonSums>) -> Self {
        let (mut sums, mut scored) = (Self::default(), 0);
        for (b, part) in by_available {
            scored += part.n;
            sums.a += (BigInt::from(part.a) << PERSON_BITS) / b;
            sums.aa += (BigInt::from(part.aa) << (2 * PERSON_BITS)) / (BigInt::from(*b) * b);
        }
        Self {
            n,
            scored,
            ab: &sums.a << PERSON_BITS,
            b: BigInt::from(scored) << PERSON_BITS,
            bb: BigInt::from(scored) << (2 * PERSON_BITS),
            person: true,
            ..sums
        }
    }

    /// The same sums among `n` responses: those outside a domain have nothing available.
    pub fn among(self, n: u64) -> Self {
        Self { n, ..self }
    }

    /// Sum of the available points, in full marks (one per scored response for person scores).
    pub fn available(&self) -> f64 {
        let unit = if self.person { PERSON_BITS } else { 0 };
        exact::shifted_to_f64(&self.b, unit)
    }
}

/// A ratio of obtained to available points, to 192 fractional bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FixedRatio(BigInt);

impl FixedRatio {
    /// Σ w·A / Σ w·B, each group with its weight `numerator / denominator`; nothing when nothing is available.
    pub fn weighted<'a>(groups: impl Iterator<Item = (&'a WideSums, u64, u64)>) -> Option<Self> {
        // Weights are scaled to integers so finely that the quotient is right to the last bit kept.
        let (mut a, mut b) = (BigInt::zero(), BigInt::zero());
        for (sums, numerator, denominator) in groups.filter(|group| group.2 > 0) {
            let weight = (BigInt::from(numerator) << (2 * RATIO_BITS)) / denominator;
            a += &sums.a * &weight;
            b += &sums.b * weight;
        }
        b.is_positive().then(|| Self((a << RATIO_BITS) / b))
    }

    /// ΣA/ΣB.
    pub fn of<'a>(groups: impl IntoIterator<Item = &'a WideSums>) -> Option<Self> {
        Self::weighted(groups.into_iter().map(|sums| (sums, 1, 1)))
    }

    /// A double, unchanged.
    pub fn from_f64(value: f64) -> Option<Self> {
        let exact = Ratio::from_float(value)?;
        Some(Self((exact.numer() << RATIO_BITS) / exact.denom()))
    }

    /// The nearest double.
    pub fn value(&self) -> f64 {
        exact::shifted_to_f64(&self.0, RATIO_BITS)
    }
}

/// Number, sum, and sum of squared deviations from the group's mean.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Moments {
    pub n: f64,
    pub sum: f64,
    pub squares: f64,
}

impl Moments {
    /// Of u_k = a_k − R·b_k, in full marks.
    pub fn about(sums: &WideSums, ratio: &FixedRatio) -> Self {
        Self {
            n: sums.n as f64,
            sum: sum_about(sums, ratio),
            squares: products_about(sums, ratio, ratio),
        }
    }

    pub fn mean(&self) -> f64 {
        if self.n > 0.0 { self.sum / self.n } else { 0.0 }
    }

    /// Every value times `factor`.
    pub fn scaled(self, factor: f64) -> Self {
        Self {
            n: self.n,
            sum: self.sum * factor,
            squares: self.squares * factor * factor,
        }
    }

    /// Every value less `by`.
    pub fn less(self, by: f64) -> Self {
        Self {
            sum: self.sum - self.n * by,
            ..self
        }
    }

    /// Both groups together (Chan, Golub & LeVeque 1983).
    pub fn plus(self, other: Self) -> Self {
        let n = self.n + other.n;
        let between = if self.n > 0.0 && other.n > 0.0 {
            let gap = self.mean() - other.mean();
            gap * gap * self.n * other.n / n
        } else {
            0.0
        };
        Self {
            n,
            sum: self.sum + other.sum,
            squares: self.squares + other.squares + between,
        }
    }
}

fn in_units(value: BigInt, sums: &WideSums, power: u64) -> f64 {
    let unit = RATIO_BITS + if sums.person { PERSON_BITS } else { 0 };
    exact::shifted_to_f64(&value, power * unit)
}

fn sum_about(sums: &WideSums, ratio: &FixedRatio) -> f64 {
    in_units((&sums.a << RATIO_BITS) - &ratio.0 * &sums.b, sums, 1)
}

/// Σ (u_k − ū)(v_k − v̄) with u and v about two ratios.
pub(super) fn products_about(sums: &WideSums, one: &FixedRatio, two: &FixedRatio) -> f64 {
    if sums.n == 0 {
        return 0.0;
    }
    let mixed = (&one.0 + &two.0) * &sums.ab;
    let raw = (&sums.aa << (2 * RATIO_BITS)) - (mixed << RATIO_BITS) + &one.0 * &two.0 * &sums.bb;
    let total = |ratio: &FixedRatio| (&sums.a << RATIO_BITS) - &ratio.0 * &sums.b;
    let centred = raw * sums.n - total(one) * total(two);
    let zero_bits = if sums.person { PERSON_ZERO_BITS } else { ZERO_BITS };
    let noise = (&sums.bb * sums.n) << (2 * RATIO_BITS) >> zero_bits;
    if centred.abs() <= noise {
        return 0.0;
    }
    in_units(centred, sums, 2) / sums.n as f64
}
