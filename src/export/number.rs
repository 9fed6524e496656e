//! Numbers as text for other programs.

/// A double with 17 significant digits, trailing zeros left out: reads back as the same double, like C's `%.17g`. What is not finite
/// is `NA`.
pub fn significant(value: f64) -> String {
    if !value.is_finite() {
        return "NA".into();
    }
    let scientific = format!("{:.16e}", value.abs());
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let power: i32 = exponent.parse().unwrap_or(0);
    let (first, others) = digits.split_once('.').unwrap_or((digits, ""));
    let others = others.trim_end_matches('0');
    let sign = if value.is_sign_negative() { "-" } else { "" };
    let point = |whole: &str, fraction: &str| match fraction {
        "" => format!("{sign}{whole}"),
        _ => format!("{sign}{whole}.{fraction}"),
    };
    match (power, usize::try_from(power)) {
        // The same digits, the point moved.
        (0..17, Ok(places)) => match others.split_at_checked(places) {
            Some((whole, fraction)) => point(&format!("{first}{whole}"), fraction),
            None => point(&format!("{first}{others:0<places$}"), ""),
        },
        (-5..0, _) => {
            let zeros = "0".repeat(usize::try_from(-1 - power).unwrap_or(0));
            point("0", &format!("{zeros}{first}{others}"))
        }
        _ => point(first, others) + &format!("e{power:+03}"),
    }
}

#[cfg(test)]
mod tests {
    use super::significant;
    use proptest::prelude::*;

    #[test]
    fn numbers_look_as_other_tools_print_them() {
        for (value, text) in [
            (0.0, "0"),
            (1.0, "1"),
            (-5.0, "-5"),
            (0.1, "0.10000000000000001"),
            (0.5, "0.5"),
            (123_456_789.125, "123456789.125"),
            (1.62462245122e-47, "1.62462245122e-47"),
            (1e300, "1.0000000000000001e+300"),
            (f64::NAN, "NA"),
            (f64::INFINITY, "NA"),
        ] {
            assert_eq!(significant(value), text);
        }
    }

    proptest! {
        #[test]
        fn every_double_reads_back(bits: u64) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite());
            prop_assert_eq!(significant(value).parse::<f64>().unwrap(), value);
        }
    }
}
