//! A stream in pieces of whole records, so that several threads can read one file.
//!
//! RFC 4180 makes this possible: quotes come in pairs (a quote inside a quoted field is doubled), so a line end that is
//! preceded by an even number of quotes ends a record. In a file that breaks the rule a piece may end in the wrong place, but
//! only after the place where the rule is broken, which the reader of that piece reports.

use std::io::{self, Read};

/// Size of a piece; also the longest record.
pub(super) const CHUNK_BYTES: usize = 1 << 20;

/// A stream cut into pieces.
pub(super) struct Chunks<'a> {
    stream: &'a mut (dyn Read + Send),
    /// The beginning of the next piece, read already.
    rest: Vec<u8>,
    ended: bool,
    count: usize,
}

/// Why there is no next piece.
#[derive(Debug)]
pub(super) enum ChunkError {
    Io(io::Error),
    /// A record does not fit a piece.
    TooLong,
}

impl<'a> Chunks<'a> {
    pub fn new(stream: &'a mut (dyn Read + Send)) -> Self {
        Self {
            stream,
            rest: Vec::new(),
            ended: false,
            count: 0,
        }
    }

    /// Fills `piece` with the next whole records and gives its number, from 0; `None` at the end.
    pub fn next(&mut self, piece: &mut Vec<u8>) -> Result<Option<usize>, ChunkError> {
        piece.clear();
        piece.append(&mut self.rest);
        let wanted = CHUNK_BYTES.saturating_sub(piece.len());
        if !self.ended && wanted > 0 {
            let mut part = (&mut *self.stream).take(wanted as u64);
            let read = part.read_to_end(piece).map_err(ChunkError::Io)?;
            self.ended = read < wanted;
        }
        if piece.is_empty() {
            return Ok(None);
        }
        if !self.ended {
            let end = last_record_end(piece).ok_or(ChunkError::TooLong)?;
            self.rest.extend_from_slice(piece.get(end..).unwrap_or_default());
            piece.truncate(end);
        }
        self.count += 1;
        Ok(Some(self.count - 1))
    }

    /// Puts the end of a piece back: the next piece begins with it.
    pub fn put_back(&mut self, piece: &[u8]) {
        let behind = std::mem::replace(&mut self.rest, piece.to_vec());
        self.rest.extend(behind);
        self.count = 0;
    }
}

/// Where the last whole record ends.
fn last_record_end(piece: &[u8]) -> Option<usize> {
    let quotes = memchr::memchr_iter(b'"', piece).count();
    if quotes == 0 {
        return memchr::memrchr(b'\n', piece).map(|place| place + 1);
    }
    let mut inside = quotes % 2 == 1;
    for place in memchr::memrchr2_iter(b'\n', b'"', piece) {
        if piece.get(place) == Some(&b'"') {
            inside = !inside;
        } else if !inside {
            return Some(place + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(bytes: &[u8]) -> Result<Vec<Vec<u8>>, ChunkError> {
        let mut stream = bytes;
        let mut chunks = Chunks::new(&mut stream);
        let (mut found, mut piece) = (Vec::new(), Vec::new());
        while chunks.next(&mut piece)?.is_some() {
            found.push(piece.clone());
        }
        Ok(found)
    }

    #[test]
    fn no_piece_ends_inside_a_quoted_field() {
        let line = "a,\"b\nb \"\" \n\",c\r\n";
        let text = line.repeat(3 * CHUNK_BYTES / line.len());
        let found = pieces(text.as_bytes()).unwrap();
        assert!(found.len() >= 3);
        assert_eq!(found.concat(), text.as_bytes());
        assert!(
            found
                .iter()
                .all(|piece| piece.len() % line.len() == 0 && piece.len() <= CHUNK_BYTES)
        );
    }

    #[test]
    fn the_last_line_end_may_be_missing_and_an_endless_record_is_refused() {
        assert_eq!(pieces(b"a,b").unwrap(), [b"a,b"]);
        assert!(pieces(b"").unwrap().is_empty());
        let open = format!("a\n\"{}", "b\n".repeat(CHUNK_BYTES));
        assert!(matches!(pieces(open.as_bytes()), Err(ChunkError::TooLong)));
    }
}
