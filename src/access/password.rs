//! Which passwords are good enough. Length counts and guessability; no rules about kinds of characters, no expiry.
//!
//! Source: design/security.md §3 (passwords), OWASP ASVS 5.0 chapter 6.2. Common passwords and guessability: D. L. Wheeler,
//! "zxcvbn: Low-Budget Password Strength Estimation", USENIX Security 2016.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use zxcvbn::{Score, zxcvbn};

use crate::survey::form::Problem;

/// Shortest password, characters.
pub const CHARS_MIN: usize = 12;
/// Longest password, characters.
pub const CHARS_MAX: usize = 128;
/// What anybody would try first in a program like this, beside the person's and the body's own names.
const PRODUCT_WORDS: [&str; 10] = [
    "perception",
    "survey",
    "认证",
    "评价",
    "顾客感知",
    "调查",
    "售后服务",
    "renzheng",
    "pingjia",
    "administrator",
];

/// A password in Unicode's composed form (NFC), so that every keyboard types the same one. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// A password as typed, to be compared with the stored one.
    pub fn typed(text: &str) -> Self {
        Self(text.nfc().take(4 * CHARS_MAX).collect())
    }

    /// A new password, if it is good enough. `context` are words that others would guess: login, names, the body.
    ///
    /// # Errors
    /// [`Problem::Empty`], [`Problem::TooShort`], [`Problem::TooLong`], or [`Problem::Guessable`].
    pub fn chosen(text: &str, context: &[&str]) -> Result<Self, Problem> {
        let password: String = text.nfc().take(CHARS_MAX + 1).collect();
        match password.chars().count() {
            0 => return Err(Problem::Empty),
            n if n < CHARS_MIN => return Err(Problem::TooShort),
            n if n > CHARS_MAX => return Err(Problem::TooLong),
            _ => {}
        }
        // A word counts also where it is only a part of a name: login@body, "Li Wei".
        let words: Vec<&str> = context
            .iter()
            .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()).chain([*text]))
            .filter(|word| word.chars().count() > 1)
            .chain(PRODUCT_WORDS)
            .collect();
        if zxcvbn(&password, &words).score() < Score::Three {
            return Err(Problem::Guessable);
        }
        Ok(Self(password))
    }

    /// What is hashed.
    pub fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn chosen(text: &str) -> Result<Password, Problem> {
        Password::chosen(
            text,
            &["zhou.ming", "周明", "华信认证中心", "Huaxin Certification Centre"],
        )
    }

    #[test]
    fn long_and_unexpected_is_enough_of_any_letters() {
        for good in [
            "correct horse battery",
            "明月几时有把酒问青天不知",
            "v8#kQz!mW2pLx9",
            "  räume im herbst  ",
        ] {
            assert!(chosen(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn what_others_would_try_is_refused() {
        assert_eq!(chosen(""), Err(Problem::Empty));
        assert_eq!(chosen("v8#kQz!mW2p"), Err(Problem::TooShort));
        assert_eq!(chosen(&"v8#kQz!mW2pL".repeat(11)), Err(Problem::TooLong));
        for weak in [
            "password1234",
            "qwertyuiop123",
            "aaaaaaaaaaaaaaa",
            "123456789012345",
            "zhou.ming2024",
            "huaxinhuaxin1",
            "perception2026",
            "华信认证中心华信认证中心",
        ] {
            assert_eq!(chosen(weak), Err(Problem::Guessable), "{weak}");
        }
    }

    #[test]
    fn one_letter_typed_in_two_ways_is_one_password_and_none_is_printed() {
        assert_eq!(Password::typed("u\u{308}ber"), Password::typed("\u{fc}ber"));
        assert_eq!(format!("{:?}", Password::typed("secret")), "Password(hidden)");
    }

    proptest! {
        #[test]
        fn what_was_chosen_is_recognised_when_typed(text in "\\PC{12,60}") {
            if let Ok(password) = chosen(&text) {
                prop_assert_eq!(Password::typed(&text), password);
            }
        }
    }
}
