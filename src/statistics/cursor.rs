//! Numbers in the text of a tally: to the base 32, the lowest digit first, each one letter from `0` on. A letter that is 32
//! further on says that more digits follow, so nothing separates numbers; counts below ten are read as they stand.

use num_traits::PrimInt;

const ZERO: u8 = b'0';
const DIGIT_BITS: u32 = 5;
const BASE: u8 = 1 << DIGIT_BITS;

/// Writes a number. None of a tally is below zero.
pub(super) fn put(out: &mut String, number: impl TryInto<u128>) {
    let mut rest = number.try_into().unwrap_or(0);
    while rest >= BASE.into() {
        out.push(char::from(ZERO + BASE + (rest as u8) % BASE));
        rest >>= DIGIT_BITS;
    }
    out.push(char::from(ZERO + rest as u8));
}

/// What is left of a text. Thousands of rows of hundreds of numbers are read for one page, so this looks at every byte
/// once.
pub(super) struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    pub fn new(text: &'a str) -> Self {
        Self(text.as_bytes())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A number as writing gives it.
    #[inline]
    pub fn number(&mut self) -> Option<u64> {
        self.digits()
    }

    /// A sum that may be larger; most are not, and are read faster.
    pub fn wide(&mut self) -> Option<i128> {
        let before = self.0;
        if let Some(number) = self.number() {
            return Some(number.into());
        }
        self.0 = before;
        self.digits::<u128>()?.try_into().ok()
    }

    /// Digits up to the last, which is no zero unless it stands alone; nothing for more than the number holds.
    #[inline]
    fn digits<T: PrimInt + From<u8>>(&mut self) -> Option<T> {
        let (mut value, mut shift) = (T::zero(), 0_usize);
        while shift < T::zero().count_zeros() as usize {
            let (digit, more) = self.digit()?;
            let own: T = digit.into();
            let part = own << shift;
            if part >> shift != own {
                return None;
            }
            value = value | part;
            if !more {
                return (digit > 0 || shift == 0).then_some(value);
            }
            shift += DIGIT_BITS as usize;
        }
        None
    }

    /// The next digit, and whether more follow.
    #[inline]
    fn digit(&mut self) -> Option<(u8, bool)> {
        let (letter, rest) = self.0.split_first()?;
        let digit = letter.wrapping_sub(ZERO);
        self.0 = rest;
        (digit < 2 * BASE).then_some((digit % BASE, digit >= BASE))
    }

    /// So many bytes of text.
    pub fn text(&mut self, length: u64) -> Option<String> {
        let (text, rest) = self.0.split_at_checked(length.try_into().ok()?)?;
        self.0 = rest;
        String::from_utf8(text.to_vec()).ok()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn small_numbers_are_readable_and_padded_ones_refused() {
        let text = |number: u64| {
            let mut out = String::new();
            put(&mut out, number);
            out
        };
        assert_eq!([0, 7, 31, 32, 3000].map(text), ["0", "7", "O", "P1", "hm2"]);
        for padded in ["P0", "P", "", "/", "p", "Q0"] {
            assert_eq!(Cursor::new(padded).number(), None, "{padded}");
            assert_eq!(Cursor::new(padded).wide(), None, "{padded}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(small in any::<u64>(), large in 0..=i128::MAX, shift in 0_u32..127) {
            let mut out = String::new();
            put(&mut out, small >> (shift % 64));
            put(&mut out, large >> shift);
            put(&mut out, u64::MAX);
            put(&mut out, i128::MAX);
            let mut cursor = Cursor::new(&out);
            prop_assert_eq!(cursor.number(), Some(small >> (shift % 64)));
            prop_assert_eq!(cursor.wide(), Some(large >> shift));
            prop_assert_eq!((cursor.number(), cursor.wide()), (Some(u64::MAX), Some(i128::MAX)));
            prop_assert!(cursor.is_empty());
        }
    }
}
