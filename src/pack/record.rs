//! Fields of RFC 4180 records, without copying: comma, optional quotes, CRLF or LF.

use std::borrow::Cow;

/// What stood behind a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Another field.
    Field,
    /// The end of the record.
    Record,
}

/// The rules of RFC 4180 are broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed(pub &'static str);

/// Reads fields one after the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What has not been read.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Skips an empty line; says whether there was one.
    pub fn skip_empty_line(&mut self) -> bool {
        match self.rest {
            [b'\n', rest @ ..] | [b'\r', b'\n', rest @ ..] => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    /// The usual answer, followed by a comma: a single digit, or nothing (`Some(None)`). Anything else is left to [`Self::field`].
    #[inline]
    pub fn answer(&mut self) -> Option<Option<u8>> {
        let (answer, rest) = match self.rest {
            [digit @ b'0'..=b'9', b',', rest @ ..] => (Some(digit - b'0'), rest),
            [b',', rest @ ..] => (None, rest),
            _ => return None,
        };
        self.rest = rest;
        Some(answer)
    }

    /// The next field and what ends it.
    #[inline]
    pub fn field(&mut self) -> Result<(Cow<'a, [u8]>, End), Malformed> {
        if self.rest.first() == Some(&b'"') {
            return self.quoted();
        }
        // Digits and letters lie above the comma: one comparison for most bytes.
        let special = |byte: &u8| *byte <= b',' && matches!(byte, b',' | b'\n' | b'\r' | b'"');
        let length = self.rest.iter().position(special).unwrap_or(self.rest.len());
        let (field, rest) = self.rest.split_at(length);
        if rest.first() == Some(&b'"') {
            return Err(Malformed("a quote inside a field that does not begin with one"));
        }
        Ok((Cow::Borrowed(field), self.end(rest)?))
    }

    fn quoted(&mut self) -> Result<(Cow<'a, [u8]>, End), Malformed> {
        let mut rest = self.rest.get(1..).unwrap_or_default();
        let mut copied: Option<Vec<u8>> = None;
        loop {
            let length = memchr::memchr(b'"', rest).ok_or(Malformed("a quoted field that is not closed"))?;
            let (part, after) = rest.split_at(length);
            match after {
                [b'"', b'"', more @ ..] => {
                    let copy = copied.get_or_insert_default();
                    copy.extend_from_slice(part);
                    copy.push(b'"');
                    rest = more;
                }
                _ => {
                    let end = self.end(after.get(1..).unwrap_or_default())?;
                    let field = match copied {
                        Some(mut copy) => {
                            copy.extend_from_slice(part);
                            Cow::Owned(copy)
                        }
                        None => Cow::Borrowed(part),
                    };
                    return Ok((field, end));
                }
            }
        }
    }

    #[inline]
    fn end(&mut self, rest: &'a [u8]) -> Result<End, Malformed> {
        let (end, rest) = match rest {
            [b',', rest @ ..] => (End::Field, rest),
            [] => (End::Record, rest),
            [b'\n', rest @ ..] | [b'\r', b'\n', rest @ ..] => (End::Record, rest),
            [b'\r', ..] => return Err(Malformed("a carriage return without a line feed")),
            _ => return Err(Malformed("something between a closing quote and the comma")),
        };
        self.rest = rest;
        Ok(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn record(bytes: &[u8]) -> Result<Vec<Vec<u8>>, Malformed> {
        let (mut cursor, mut fields) = (Cursor::new(bytes), Vec::new());
        loop {
            let (field, end) = cursor.field()?;
            fields.push(field.into_owned());
            if end == End::Record {
                return Ok(fields);
            }
        }
    }

    #[test]
    fn broken_quotes_are_named() {
        for (text, word) in [
            ("a,b\"c\n", "inside"),
            ("\"a", "closed"),
            ("\"a\"b,c\n", "between"),
            ("a\rb\n", "carriage"),
        ] {
            assert!(record(text.as_bytes()).unwrap_err().0.contains(word), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_any_writer_quotes_is_read_back(fields in proptest::collection::vec("[a\",\n\r é]{0,6}", 1..6), crlf: bool) {
            let quote = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
            let line = fields.iter().map(quote).collect::<Vec<_>>().join(",") + if crlf { "\r\n" } else { "\n" };
            let read = record(line.as_bytes()).unwrap();
            prop_assert_eq!(read, fields.iter().map(|f| f.as_bytes().to_vec()).collect::<Vec<_>>());
        }
    }
}
