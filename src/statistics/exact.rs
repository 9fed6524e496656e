//! Exact fractions: threshold tests, truncated percentages, and the one conversion to floating point.
//!
//! Source: requirements D2 (exact comparison, display truncated), statistics.md §2.

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

/// An exact fraction.
pub type Ratio = BigRational;

/// Whether `obtained / available` reaches `percent` per cent: 100·A ≥ t·B. Exact for every input; false when nothing
/// was available, because no answer never counts as a pass.
pub fn at_least(obtained: i128, available: i128, percent: u32) -> bool {
    available > 0 && BigInt::from(obtained) * 100 >= BigInt::from(available) * percent
}

/// Whether a fraction reaches `percent` per cent. Exact.
pub fn ratio_at_least(ratio: &Ratio, percent: u32) -> bool {
    ratio.numer() * 100 >= ratio.denom() * percent
}

/// `obtained / available`, or nothing when nothing was available.
pub fn ratio(obtained: i128, available: i128) -> Option<Ratio> {
    (available > 0).then(|| {
        // In lowest terms by machine integers: a page makes thousands of these.
        let common = match (u64::try_from(obtained), u64::try_from(available)) {
            (Ok(obtained), Ok(available)) => obtained.gcd(&available).into(),
            _ => obtained.gcd(&available),
        };
        Ratio::new_raw((obtained / common).into(), (available / common).into())
    })
}

/// The least common multiple of positive numbers; 1 of none.
pub(super) fn common_multiple(numbers: impl IntoIterator<Item = i64>) -> BigInt {
    numbers.into_iter().fold(BigInt::one(), |common, number| {
        let (mut divisor, mut rest) = (number, (&common % number).to_i64().unwrap_or(0));
        while rest != 0 {
            (divisor, rest) = (rest, divisor % rest);
        }
        common * (number / divisor)
    })
}

/// A fraction as a percentage with this many decimals, cut towards zero: 89.996 % is `89.99` and never `90.00`.
pub fn percent_truncated(ratio: &Ratio, decimals: u32) -> String {
    let factor = 10_u128.pow(decimals + 2);
    let machine = |part: &BigInt| part.to_u64().map(u128::from);
    let (digits, is_negative) = match (machine(ratio.numer()), machine(ratio.denom())) {
        // Thousands of these stand on a page; their parts are nearly always machine integers.
        (Some(numerator), Some(denominator)) if decimals <= 4 => {
            ((numerator * factor / denominator).to_string(), false)
        }
        _ => {
            let scaled: BigInt = (ratio.numer() * factor) / ratio.denom();
            (scaled.abs().to_string(), scaled.is_negative())
        }
    };
    let sign = if is_negative { "-" } else { "" };
    let places = decimals as usize;
    if places == 0 {
        return format!("{sign}{digits}");
    }
    let padded = format!("{digits:0>width$}", width = places + 1);
    let (whole, fraction) = padded.split_at(padded.len() - places);
    format!("{sign}{whole}.{fraction}")
}

/// Integers up to here are doubles.
const DOUBLE_INTEGER_MAX: u64 = 1 << 53;

/// 1 − a fraction as the nearest double: formed exactly, because near full marks the subtraction of doubles would cancel.
pub(super) fn complement_to_f64(ratio: &Ratio) -> f64 {
    if let (Some(numerator), Some(denominator)) = (double_integer(ratio.numer()), double_integer(ratio.denom())) {
        return (denominator - numerator) as f64 / denominator as f64;
    }
    to_f64(&Ratio::new_raw(ratio.denom() - ratio.numer(), ratio.denom().clone()))
}

/// A number that is a double.
fn double_integer(number: &BigInt) -> Option<i64> {
    number
        .to_i64()
        .filter(|value| value.unsigned_abs() <= DOUBLE_INTEGER_MAX)
}

/// value / 2^bits as the nearest double.
pub(super) fn shifted_to_f64(value: &BigInt, bits: u64) -> f64 {
    // A power of two divides exactly, as long as nothing leaves the range of a double: in steps, far from its ends.
    let (mut double, mut left) = (value.to_f64().unwrap_or(f64::NAN), bits);
    if !double.is_finite() {
        return to_f64(&Ratio::new_raw(value.clone(), BigInt::one() << bits));
    }
    while left > 0 {
        let step = left.min(512);
        double *= 0.5_f64.powi(step as i32);
        left -= step;
    }
    double
}

/// The nearest double. Zero stays zero; a fraction outside the range of a double becomes an infinity.
pub fn to_f64(ratio: &Ratio) -> f64 {
    if ratio.is_zero() {
        return 0.0;
    }
    if let (Some(numerator), Some(denominator)) = (double_integer(ratio.numer()), double_integer(ratio.denom())) {
        // Both are doubles, and division rounds once.
        return numerator as f64 / denominator as f64;
    }
    // num-rational rounds the exact quotient once (55 or 56 quotient bits, then round to nearest).
    ratio.to_f64().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn fraction(numerator: i64, denominator: i64) -> Ratio {
        Ratio::new(numerator.into(), denominator.into())
    }

    #[test]
    fn bounds_of_clause_6_2_are_inclusive_and_exact() {
        for percent in [60, 70, 80, 90] {
            let tenths = i128::from(percent / 10);
            for size in [1, 3, 7, 1_000_003, 99_999_999_999_999, 100_000_000_000_000] {
                assert!(at_least(tenths * size, 10 * size, percent));
                assert!(!at_least(tenths * size - 1, 10 * size, percent));
                assert!(at_least(tenths * size + 1, 10 * size, percent));
            }
        }
        // 0.9 is not a double: floats get this one wrong by one unit in the last place or by luck only.
        assert!(at_least(900_000_000_000_000, 1_000_000_000_000_000, 90));
        assert!(!at_least(899_999_999_999_999, 1_000_000_000_000_000, 90));
        assert!(at_least(261, 290, 90)); // oracle edge case e14_on_threshold
    }

    #[test]
    fn nothing_available_never_passes() {
        assert!(!at_least(0, 0, 0));
        assert!(!at_least(5, 0, 60));
        assert!(ratio(5, 0).is_none());
    }

    #[test]
    fn extreme_sums_do_not_overflow() {
        assert!(at_least(i128::MAX, i128::MAX, 100));
        assert!(!at_least(i128::MAX - 1, i128::MAX, 100));
    }

    #[test]
    fn just_below_the_bound_neither_passes_nor_prints_as_the_bound() {
        let score = fraction(89_996, 100_000);
        assert!(!ratio_at_least(&score, 90));
        assert_eq!(percent_truncated(&score, 2), "89.99");
        assert_eq!(
            percent_truncated(&fraction(899_999_999_999, 1_000_000_000_000), 2),
            "89.99"
        );
        assert_eq!(percent_truncated(&fraction(9, 10), 2), "90.00");
    }

    #[test]
    fn percentages_are_padded_and_signed() {
        assert_eq!(percent_truncated(&fraction(1, 1), 2), "100.00");
        assert_eq!(percent_truncated(&fraction(0, 1), 2), "0.00");
        assert_eq!(percent_truncated(&fraction(1, 3000), 2), "0.03");
        assert_eq!(percent_truncated(&fraction(1, 3), 0), "33");
        assert_eq!(percent_truncated(&fraction(-1, 300), 2), "-0.33");
        assert_eq!(percent_truncated(&fraction(-1, 30_000_000), 2), "0.00");
    }

    proptest! {
        #[test]
        fn both_threshold_tests_agree(a in 0_i64..1_000_000_000_000_000, b in 1_i64..1_000_000_000_000_000, t in 0_u32..=100) {
            prop_assert_eq!(at_least(a.into(), b.into(), t), ratio_at_least(&fraction(a, b), t));
        }

        #[test]
        fn the_printed_percentage_never_exceeds_the_value(a in 0_i64..=1_000_000, extra in 0_i64..1_000_000) {
            let score = fraction(a, a + extra + 1);
            let printed: f64 = percent_truncated(&score, 2).parse().unwrap();
            let shown = Ratio::new(((printed * 100.0).round() as i64).into(), 10_000.into());
            prop_assert!(shown <= score);
            prop_assert!(&score - shown < fraction(1, 10_000));
        }

        #[test]
        fn a_ratio_is_in_lowest_terms(a in any::<i64>(), b in 1..i128::from(u64::MAX), times in 1_i128..1 << 60) {
            let found = ratio(i128::from(a) * times, b).unwrap();
            let reduced = Ratio::new((i128::from(a) * times).into(), b.into());
            prop_assert_eq!((found.numer(), found.denom()), (reduced.numer(), reduced.denom()));
        }

        #[test]
        fn a_shift_is_a_division(value in any::<i128>(), more in 0_u64..300, bits in 0_u64..500) {
            let value = BigInt::from(value) << more;
            let divided = to_f64(&Ratio::new(value.clone(), BigInt::one() << bits));
            prop_assert_eq!(shifted_to_f64(&value, bits), divided);
        }

        #[test]
        fn conversion_matches_float_division_for_small_numbers(a in 0_i64..1 << 50, b in 1_i64..1 << 50) {
            prop_assert_eq!(to_f64(&fraction(a, b)), a as f64 / b as f64);
        }
    }
}
