//! Erasing somebody's personal data because they ask for it: how they are found, and what is erased. What was counted stays,
//! without a way back to them.
//!
//! Source: PIPL art. 47; security.md §4; product.md O5.

use super::form::{FieldError, FormReader, Problem, RawForm};
use super::submission::Receipt;

/// Characters of what is typed.
pub const TYPED_MAX: usize = 254;
/// Digits of a telephone number.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=20;

/// By what somebody is found; nobody browses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The mail address at which they were invited.
    Address,
    /// The telephone number in a list, or left with an interview.
    Phone,
    /// The code of a receipt.
    Receipt,
}

impl Way {
    /// Every way.
    pub const ALL: [Way; 3] = [Way::Address, Way::Phone, Way::Receipt];

    /// Name in forms and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Way::Address => "address",
            Way::Phone => "phone",
            Way::Receipt => "receipt",
        }
    }

    /// The way of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.as_str() == name)
    }
}

/// Who asks, as they are looked for.
#[derive(Clone, PartialEq, Eq)]
pub struct Asked {
    /// By what.
    pub way: Way,
    /// The address in lower case, the digits of the number, the code as it is printed.
    pub what: String,
}

impl std::fmt::Debug for Asked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Asked({:?}, hidden)", self.way)
    }
}

impl Asked {
    /// Reads the form; `address` reads a mail address.
    ///
    /// # Errors
    /// Every field that must be corrected.
    pub fn parse(form: &RawForm, address: impl Fn(&str) -> Option<String>) -> Result<Self, Vec<FieldError>> {
        let mut reader = FormReader::new(form);
        let way = reader.choice("way", Way::parse);
        let typed = reader.required_line("what", TYPED_MAX);
        let what = way.filter(|_| !typed.is_empty()).and_then(|way| {
            let (read, problem) = match way {
                Way::Address => (address(&typed).map(|text| text.to_lowercase()), Problem::NotAnAddress),
                Way::Phone => (digits(&typed), Problem::NotANumber),
                Way::Receipt => (
                    Receipt::parse(&typed).map(|receipt| receipt.as_str().to_owned()),
                    Problem::NotAReceipt,
                ),
            };
            if read.is_none() {
                reader.refuse("what", problem);
            }
            read.map(|what| Self { way, what })
        });
        reader.done(what)
    }

    /// Whether a telephone number as it is kept is the one that was typed; a country code or none makes no difference.
    pub fn is_phone(&self, kept: &str) -> bool {
        let domestic = |number: &str| number.trim_start_matches("86").trim_start_matches('0').to_owned();
        self.way == Way::Phone && digits(kept).is_some_and(|kept| domestic(&kept) == domestic(&self.what))
    }
}

/// The digits of a telephone number; `None` for what is none.
fn digits(typed: &str) -> Option<String> {
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let rest = typed
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, ' ' | '-' | '+' | '(' | ')'));
    (rest && PHONE_DIGITS.contains(&digits.len())).then_some(digits)
}

/// What is erased, counted by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Erased {
    /// People drawn and invited.
    pub recipients: u64,
    /// Entries of customer lists.
    pub list_entries: u64,
    /// Telephone numbers left with interviews.
    pub phones: u64,
    /// Texts of comments.
    pub comments: u64,
    /// Answers withdrawn.
    pub answers: u64,
}

impl Erased {
    /// Whether there is nothing.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(way: &str, what: &str) -> Result<Asked, Vec<FieldError>> {
        let pairs = [("way", way), ("what", what)].map(|(n, v)| (n.to_owned(), v.to_owned()));
        Asked::parse(&RawForm::new(pairs.to_vec()), |text| {
            text.contains('@').then(|| text.to_owned())
        })
    }

    #[test]
    fn who_asks_is_found_however_it_is_typed_and_never_printed() {
        let asked = ask("phone", "+86 138-0013-8000").unwrap();
        assert!(asked.is_phone("13800138000") && asked.is_phone("8613800138000") && !asked.is_phone("13800138001"));
        assert!(ask("phone", "021 6123 4567").unwrap().is_phone("02161234567"));
        assert_eq!(ask("address", "Zhang@Mail.example").unwrap().what, "zhang@mail.example");
        assert_eq!(ask("receipt", "aaaabbbbccccdddd").unwrap().what, "AAAA-BBBB-CCCC-DDDD");
        assert!(!format!("{asked:?}").contains("138"));
        for (way, what) in [
            ("phone", "张三"),
            ("address", "nobody"),
            ("receipt", "AAAA"),
            ("name", "张三"),
            ("phone", ""),
        ] {
            assert!(ask(way, what).is_err(), "{way} {what}");
        }
    }
}
