//! Numbers as text for other programs.

/// A double with 17 significant digits, trailing zeros left out: reads back as the same double, like C's `%.17g`. What is not finite
/// is `NA`.
pub fn significant(value: f64) -> String {
    if !value.is_finite() {
        return "NA".into();
    }
    let scientific = format!("{value:.16e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let power: i32 = exponent.parse().unwrap_or(0);
    let trim = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    if (-5..17).contains(&power) {
        let places = usize::try_from(16 - power).unwrap_or(0);
        trim(&format!("{value:.places$}"))
    } else {
        format!("{}e{power:+03}", trim(digits))
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
