//! Reads the sections of a tally's text: numbers, lists, pairs.

use std::collections::BTreeMap;

/// What is left of a section. Thousands of rows of hundreds of numbers are read for one page, so this looks at every byte
/// once.
pub(super) struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    pub fn new(section: &'a str) -> Self {
        Self(section.as_bytes())
    }

    pub fn next_is(&self, byte: u8) -> bool {
        self.0.first() == Some(&byte)
    }

    /// Steps over this byte, if it comes next.
    pub fn take(&mut self, byte: u8) -> bool {
        match self.0 {
            [first, rest @ ..] if *first == byte => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    /// A number as writing gives it: no sign, no zero in front.
    pub fn number<T: TryFrom<u128>>(&mut self) -> Option<T> {
        let all = self.0;
        let (mut value, mut digits) = (0_u64, 0);
        while let [digit @ b'0'..=b'9', rest @ ..] = self.0 {
            if digits == DIGITS_OF_U64 {
                return self.long_number(all);
            }
            value = value * 10 + u64::from(digit - b'0');
            digits += 1;
            self.0 = rest;
        }
        let padded = digits > 1 && all.first() == Some(&b'0');
        (digits > 0 && !padded).then(|| T::try_from(value.into()).ok())?
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn long_number<T: TryFrom<u128>>(&mut self, all: &'a [u8]) -> Option<T> {
        let end = all.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(all.len());
        let (digits, rest) = all.split_at(end);
        self.0 = rest;
        let text = std::str::from_utf8(digits).ok().filter(|text| !text.starts_with('0'))?;
        T::try_from(text.parse().ok()?).ok()
    }
}

/// So many digits are a number below 2^64, whatever they are.
const DIGITS_OF_U64: u32 = 19;

/// Room for the parts that a section usually has.
const PARTS: usize = 16;

/// The parts of a section; an empty one has none.
pub(super) fn list<T>(text: &str, part: impl Fn(&mut Cursor) -> Option<T>) -> Option<Vec<T>> {
    let mut cursor = Cursor::new(text);
    let mut parts = Vec::with_capacity(PARTS);
    while !cursor.is_empty() {
        if !parts.is_empty() && !cursor.take(b'|') {
            return None;
        }
        parts.push(part(&mut cursor)?);
    }
    Some(parts)
}

/// Pairs, each key above the one before.
pub(super) fn map<K: Ord, V>(
    text: &str,
    key: impl Fn(&mut Cursor) -> Option<K>,
    value: impl Fn(&mut Cursor) -> Option<V>,
) -> Option<BTreeMap<K, V>> {
    let pairs = list(text, |cursor| {
        let key = key(cursor)?;
        cursor.take(b':').then(|| Some((key, value(cursor)?)))?
    })?;
    let ascending = pairs.is_sorted_by(|one, next| one.0 < next.0);
    ascending.then(|| pairs.into_iter().collect())
}

pub(super) fn number<T: TryFrom<u128>>(cursor: &mut Cursor) -> Option<T> {
    cursor.number()
}

pub(super) fn code(cursor: &mut Cursor) -> Option<String> {
    let end = cursor.0.iter().position(|byte| *byte == b':')?;
    let (code, rest) = cursor.0.split_at(end);
    cursor.0 = rest;
    String::from_utf8(code.to_vec()).ok()
}
