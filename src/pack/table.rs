//! The small files of a pack as checked rows.

use std::io::Read;

use super::error::{PackError, quote};

/// A row with its line.
pub(super) struct Row<'a> {
    file: &'a str,
    columns: &'a [(&'a str, usize)],
    pub line: u64,
    record: &'a csv::StringRecord,
}

/// Reads a table by the names of its columns, which may stand in any order among others; optional ones may be missing.
pub(super) fn rows(
    file: &str,
    stream: &mut dyn Read,
    columns: &[&str],
    optional: &[&str],
    mut each: impl FnMut(&Row<'_>) -> Result<(), PackError>,
) -> Result<(), PackError> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(stream);
    let mut record = csv::StringRecord::new();
    let mut next = |record: &mut csv::StringRecord| {
        reader.read_record(record).map_err(|e| {
            let line = e.position().map(csv::Position::line);
            let mut error = PackError::of(file, unreadable(&e));
            error.line = line;
            error
        })
    };
    if !next(&mut record)? {
        return Err(PackError::at(
            file,
            1,
            "",
            format!("empty; expected a header {}", columns.join(",")),
        ));
    }
    let header = record.clone();
    let mut places = Vec::new();
    for column in columns.iter().chain(optional) {
        let mut found = header
            .iter()
            .enumerate()
            .filter(|(_, name)| name.trim_start_matches('\u{feff}') == *column);
        let Some((place, _)) = found.next() else {
            if optional.contains(column) {
                continue;
            }
            return Err(PackError::at(file, 1, column, "this column is missing"));
        };
        if found.next().is_some() {
            return Err(PackError::at(file, 1, column, "this column is there twice"));
        }
        places.push((*column, place));
    }
    while next(&mut record)? {
        let line = record.position().map_or(0, csv::Position::line);
        each(&Row {
            file,
            columns: &places,
            line,
            record: &record,
        })?;
    }
    Ok(())
}

fn unreadable(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("{len} fields, expected {expected_len} as in the header")
        }
        csv::ErrorKind::Utf8 { .. } => "not UTF-8".into(),
        _ => error.to_string(),
    }
}

impl Row<'_> {
    /// A cell; empty when it is.
    pub fn text(&self, column: &str) -> &str {
        let place = self
            .columns
            .iter()
            .find(|(name, _)| *name == column)
            .map(|(_, place)| *place);
        place.and_then(|place| self.record.get(place)).unwrap_or_default()
    }

    /// A name: anything but nothing.
    pub fn name(&self, column: &str) -> Result<&str, PackError> {
        let text = self.text(column);
        if text.is_empty() {
            return Err(self.wrong(column, "empty; expected a name"));
        }
        Ok(text)
    }

    /// A whole number within bounds.
    pub fn number(&self, column: &str, low: u64, high: u64) -> Result<u64, PackError> {
        let text = self.text(column);
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        text.parse()
            .ok()
            .filter(|number| digits && (low..=high).contains(number))
            .ok_or_else(|| {
                let found = quote(text.as_bytes());
                self.wrong(column, format!("{found}; expected a whole number {low}..{high}"))
            })
    }

    /// A whole number within bounds, or nothing.
    pub fn number_if_any(&self, column: &str, low: u64, high: u64) -> Result<Option<u64>, PackError> {
        if self.text(column).is_empty() {
            return Ok(None);
        }
        self.number(column, low, high).map(Some)
    }

    /// A finite decimal number above 0, or nothing.
    pub fn decimal_if_any(&self, column: &str) -> Result<Option<f64>, PackError> {
        let text = self.text(column);
        if text.is_empty() {
            return Ok(None);
        }
        let number = text
            .parse()
            .ok()
            .filter(|number: &f64| *number > 0.0 && number.is_finite());
        number
            .map(Some)
            .ok_or_else(|| self.wrong(column, format!("{}; expected a number above 0", quote(text.as_bytes()))))
    }

    /// An error at this row.
    pub fn wrong(&self, column: &str, problem: impl Into<String>) -> PackError {
        PackError::at(self.file, self.line, column, problem)
    }
}
