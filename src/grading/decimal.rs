//! Decimals as written, exact (D2): `5.6` is 56/10 and never a double.

use num_bigint::BigInt;
use num_traits::{One, Zero};
use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;

use crate::statistics::exact::Ratio;

/// Longest decimal read, characters.
pub const LENGTH_MAX: usize = 100;

/// A decimal that is not negative, with the text it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal {
    text: String,
    value: Ratio,
}

/// Why a text is no decimal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// Below zero.
    #[error("{0} is negative")]
    Negative(String),
    /// Anything but digits with at most one point between them.
    #[error("{0} is not a decimal number such as \"9.5\"")]
    Unreadable(String),
    /// Longer than [`LENGTH_MAX`].
    #[error("a number of {0} characters is too long")]
    TooLong(usize),
}

impl Decimal {
    /// Reads digits, or digits with a point between them.
    ///
    /// # Errors
    /// [`DecimalError`]
    pub fn parse(text: &str) -> Result<Self, DecimalError> {
        if text.len() > LENGTH_MAX {
            return Err(DecimalError::TooLong(text.chars().count()));
        }
        let unreadable = || DecimalError::Unreadable(format!("{text:?}"));
        let (negative, size) = text.strip_prefix('-').map_or((false, text), |size| (true, size));
        let (whole, places) = size.split_once('.').unwrap_or((size, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(places) {
            return Err(unreadable());
        }
        let numerator: BigInt = format!("{whole}{places}").parse().map_err(|_| unreadable())?;
        if negative && !numerator.is_zero() {
            return Err(DecimalError::Negative(text.to_owned()));
        }
        let scale = u32::try_from(places.len()).map_or_else(|_| BigInt::one(), |places| BigInt::from(10).pow(places));
        Ok(Self {
            text: text.to_owned(),
            value: Ratio::new(numerator, scale),
        })
    }

    /// The exact value.
    pub fn value(&self) -> &Ratio {
        &self.value
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// From a JSON text or from the very characters of a JSON number; only from `serde_json`.
impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(from)?;
        let text = match raw.get().starts_with('"') {
            true => serde_json::from_str(raw.get()).map_err(de::Error::custom)?,
            false => raw.get().to_owned(),
        };
        Decimal::parse(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decimals_are_exact_where_doubles_are_not() {
        let seven = Ratio::from_integer(7.into());
        for (text, percent) in [("6.3", 90), ("5.6", 80), ("4.9", 70)] {
            let share = Decimal::parse(text).unwrap().value() / &seven;
            assert_eq!(share, Ratio::new(percent.into(), 100.into()), "{text}");
        }
        let token: Decimal = serde_json::from_str("89.99999999999999999999").unwrap();
        assert!(*token.value() < Ratio::from_integer(90.into()));
    }

    #[test]
    fn what_is_no_decimal_is_refused() {
        for text in [
            "", ".", "5.", ".5", "+5", "1e1", "NaN", "5,6", " 5", "５", "1.2.3", "0x10", "--1",
        ] {
            assert!(
                matches!(Decimal::parse(text), Err(DecimalError::Unreadable(_))),
                "{text}"
            );
        }
        assert!(matches!(Decimal::parse("-0.01"), Err(DecimalError::Negative(_))));
        assert!(Decimal::parse(&"9".repeat(101)).is_err());
        for json in ["true", "[1]", "{}", "1e1", "\"\"", "-1"] {
            assert!(serde_json::from_str::<Decimal>(json).is_err(), "{json}");
        }
        assert_eq!(serde_json::from_str::<Option<Decimal>>("null").unwrap(), None);
    }

    proptest! {
        #[test]
        fn hundredths_are_read_back(hundredths in 0_u32..1_000_000) {
            let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
            let read = Decimal::parse(&text).unwrap();
            prop_assert_eq!(read.value(), &Ratio::new(hundredths.into(), 100.into()));
        }
    }
}
