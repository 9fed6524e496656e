//! Printed single-use codes: short enough to be typed from a slip of paper. Twelve characters of Crockford's base 32
//! (60 bits) and a check character, shown as `XXXX-XXXX-XXXX-X`.
//!
//! The check: characters as elements of GF(32), position weights the powers of a primitive element α. The weights of two
//! positions differ, so every wrong character and every two swapped characters are noticed, wherever they stand.

use std::fmt;

/// No I, L, O and U (Crockford).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const DATA_CHARACTERS: usize = 12;
/// Characters that are typed, check character included.
pub const CHARACTERS: usize = DATA_CHARACTERS + 1;

/// What is wrong with a code as it was typed; found without asking anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mistyped {
    /// Nothing was typed.
    Empty,
    /// This many characters instead of thirteen.
    Length(usize),
    /// A character that stands in no code.
    Character(char),
    /// One character is wrong, or two are swapped.
    Check,
}

/// A code whose check character is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintedCode(String);

impl PrintedCode {
    /// The code of 60 bits: the first of these eight bytes, the last four bits left out.
    pub(super) fn of_bytes(bytes: [u8; 8]) -> Self {
        let bits = u64::from_be_bytes(bytes) >> 4;
        let digit = |place: usize| u8::try_from(bits >> (5 * (DATA_CHARACTERS - 1 - place)) & 31).unwrap_or(0);
        let digits = (0..DATA_CHARACTERS).map(digit);
        let check = times_alpha(digits.clone().fold(0, |sum, digit| times_alpha(sum) ^ digit));
        Self(digits.chain([check]).map(character).collect())
    }

    /// Reads what somebody typed: letter case, spaces and dashes do not matter, O is 0, I and L are 1, and full-width
    /// characters of Chinese keyboards are read as what they show.
    ///
    /// # Errors
    /// [`Mistyped`].
    pub fn parse(typed: &str) -> Result<Self, Mistyped> {
        let letters: Vec<char> = typed.chars().map(half_width).filter(|c| !is_filler(*c)).collect();
        let mut code = String::with_capacity(CHARACTERS);
        let mut sum = 0;
        if letters.is_empty() {
            return Err(Mistyped::Empty);
        }
        for letter in &letters {
            let meant = match letter.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let digit = value(meant).ok_or(Mistyped::Character(*letter))?;
            sum = times_alpha(sum) ^ digit;
            code.push(meant);
        }
        match (letters.len(), sum) {
            (CHARACTERS, 0) => Ok(Self(code)),
            (CHARACTERS, _) => Err(Mistyped::Check),
            (typed, _) => Err(Mistyped::Length(typed)),
        }
    }

    /// Its thirteen characters, as they stand in URLs.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// As printed: `XXXX-XXXX-XXXX-X`.
impl fmt::Display for PrintedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, letter) in self.0.chars().enumerate() {
            if place > 0 && place % 4 == 0 {
                f.write_str("-")?;
            }
            write!(f, "{letter}")?;
        }
        Ok(())
    }
}

/// Multiplication by α = x in GF(2)[x]/(x⁵ + x² + 1), where x is primitive.
fn times_alpha(element: u8) -> u8 {
    let carried = if element & 0b1_0000 != 0 { 0b10_0101 } else { 0 };
    (element << 1) ^ carried
}

fn character(digit: u8) -> char {
    ALPHABET.get(usize::from(digit)).copied().unwrap_or(b'0').into()
}

fn value(letter: char) -> Option<u8> {
    let place = ALPHABET.iter().position(|known| char::from(*known) == letter)?;
    u8::try_from(place).ok()
}

pub(super) fn half_width(letter: char) -> char {
    match letter {
        '！'..='～' => char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter),
        other => other,
    }
}

pub(super) fn is_filler(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '-' | '‐' | '‑' | '–' | '—' | '_' | '.')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn codes() -> impl Strategy<Value = PrintedCode> {
        any::<[u8; 8]>().prop_map(PrintedCode::of_bytes)
    }

    /// A code with its characters changed.
    fn changed(code: &PrintedCode, change: impl FnOnce(&mut Vec<char>)) -> String {
        let mut letters: Vec<char> = code.as_str().chars().collect();
        change(&mut letters);
        letters.into_iter().collect()
    }

    proptest! {
        #[test]
        fn a_code_is_read_however_it_is_typed(code in codes()) {
            let shown = code.to_string();
            prop_assert_eq!((shown.len(), shown.matches('-').count()), (16, 3));
            let full_width = |c: char| char::from_u32(u32::from(c) + 0xfee0).unwrap();
            let variants = [
                shown.clone(),
                shown.to_lowercase(),
                shown.replace('-', " "),
                shown.replace('-', ""),
                shown.replace('-', "——"),
                format!("\u{3000}{shown} "),
                shown.replace('0', "O").replace('1', "I"),
                shown.replace('0', "o").replace('1', "l"),
                shown.chars().map(full_width).collect(),
            ];
            for typed in variants {
                prop_assert_eq!(PrintedCode::parse(&typed), Ok(code.clone()), "{}", typed);
            }
        }

        #[test]
        fn every_wrong_character_is_noticed(code in codes(), place in 0..CHARACTERS, other in 0..32u8) {
            let typed = changed(&code, |letters| letters[place] = character(other));
            let wanted = if typed == code.as_str() { Ok(code.clone()) } else { Err(Mistyped::Check) };
            prop_assert_eq!(PrintedCode::parse(&typed), wanted);
        }

        #[test]
        fn every_two_swapped_characters_are_noticed(code in codes(), one in 0..CHARACTERS, other in 0..CHARACTERS) {
            let typed = changed(&code, |letters| letters.swap(one, other));
            let wanted = if typed == code.as_str() { Ok(code.clone()) } else { Err(Mistyped::Check) };
            prop_assert_eq!(PrintedCode::parse(&typed), wanted);
        }

        #[test]
        fn different_bits_are_different_codes(one in any::<u64>(), other in any::<u64>()) {
            let code = |bits: u64| PrintedCode::of_bytes(bits.to_be_bytes());
            prop_assert_eq!(code(one) == code(other), one >> 4 == other >> 4);
        }

        #[test]
        fn whatever_is_typed_gets_an_answer(typed in "\\PC{0,40}") {
            if let Ok(code) = PrintedCode::parse(&typed) {
                prop_assert_eq!(PrintedCode::parse(code.as_str()), Ok(code));
            }
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert_eq!(PrintedCode::parse(" - "), Err(Mistyped::Empty));
        assert_eq!(PrintedCode::parse("0000-0000-0000"), Err(Mistyped::Length(12)));
        assert_eq!(PrintedCode::parse("0000-0000-0000-00"), Err(Mistyped::Length(14)));
        assert_eq!(PrintedCode::parse("0000-0000-0000-U"), Err(Mistyped::Character('U')));
        assert_eq!(PrintedCode::parse("0000-0000-0000-1"), Err(Mistyped::Check));
        // By hand: 1 at place 11 has the weight α, so the check character is α = 2.
        assert!(PrintedCode::parse("0000-0000-0001-2").is_ok());
        // The weights of thirteen positions are different elements.
        let weights: std::collections::BTreeSet<u8> = std::iter::successors(Some(1), |w| Some(times_alpha(*w)))
            .take(31)
            .collect();
        assert_eq!(weights.len(), 31);
    }
}
