//! Rows in random order, without holding them all: each goes to one of many heaps by lot, small heaps in memory and large
//! ones in files without a name; then one heap after another is read, shuffled and handed over. Every order is equally
//! likely (Rao 1961, Sandelius 1962).

use std::io::{Read, Seek, Write};

use rand::RngExt;
use rand::seq::SliceRandom;
use tempfile::SpooledTempFile;

use super::error::PackError;

const HEAPS: usize = 64;
/// A heap of so many bytes leaves memory for a file.
const IN_MEMORY_BYTES: usize = 16 << 10;
/// Rows of so many bytes together are refused: some twenty million answers.
const BYTES_MAX: u64 = 2 << 30;

/// Rows on their way into a random order.
#[derive(Debug)]
pub(super) struct Shuffle {
    heaps: Vec<SpooledTempFile>,
    bytes: u64,
    rows: usize,
}

impl Shuffle {
    pub fn new() -> Self {
        Self {
            heaps: (0..HEAPS).map(|_| SpooledTempFile::new(IN_MEMORY_BYTES)).collect(),
            bytes: 0,
            rows: 0,
        }
    }

    /// Rows in it.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Adds a row, one line with its end.
    pub fn add(&mut self, line: &str) -> Result<(), PackError> {
        self.bytes += line.len() as u64;
        if self.bytes > BYTES_MAX {
            let problem = format!("more than {} MiB of responses in one pack", BYTES_MAX >> 20);
            return Err(PackError::of("responses.csv", problem));
        }
        let heap = rand::rng().random_range(0..HEAPS);
        if let Some(heap) = self.heaps.get_mut(heap) {
            heap.write_all(line.as_bytes()).map_err(|e| unwritten(&e))?;
        }
        self.rows += 1;
        Ok(())
    }

    /// Hands over every row.
    pub fn each(self, mut each: impl FnMut(&str) -> Result<(), PackError>) -> Result<(), PackError> {
        let mut text = String::new();
        for mut heap in self.heaps {
            text.clear();
            heap.rewind().map_err(|e| unwritten(&e))?;
            heap.read_to_string(&mut text).map_err(|e| unwritten(&e))?;
            let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
            lines.shuffle(&mut rand::rng());
            lines.into_iter().try_for_each(&mut each)?;
        }
        Ok(())
    }
}

fn unwritten(error: &dyn std::fmt::Display) -> PackError {
    PackError::of("responses.csv", format!("a temporary file: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Through memory and files alike: every row once, and each row as likely in each quarter.
    #[test]
    fn rows_come_back_once_each_in_an_order_of_chance() {
        const ROWS: usize = 40_000;
        let mut shuffle = Shuffle::new();
        for row in 0..ROWS {
            shuffle.add(&format!("{row},{}\n", "x".repeat(60))).unwrap();
        }
        assert_eq!(shuffle.len(), ROWS);
        let mut order: Vec<usize> = Vec::new();
        let number = |line: &str| line.split_once(',').unwrap().0.parse::<usize>().unwrap();
        shuffle
            .each(|line| {
                order.push(number(line));
                Ok(())
            })
            .unwrap();
        // A quarter of the rows that came first stands in each quarter; six standard deviations are ± 274.
        for quarter in order.chunks(ROWS / 4) {
            let first = quarter.iter().filter(|row| **row < ROWS / 4).count();
            assert!(first.abs_diff(ROWS / 16) < 300, "{first}");
        }
        let rising = order.windows(2).filter(|pair| pair[0] < pair[1]).count();
        assert!(rising.abs_diff(ROWS / 2) < 600, "{rising}");
        order.sort_unstable();
        assert!(order.into_iter().eq(0..ROWS));
    }
}
