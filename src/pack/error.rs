//! What is wrong with a pack, and where.

use std::fmt;

/// Why a pack cannot be read: file, line, column and what was expected there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackError {
    /// File in the pack, or the pack itself.
    pub file: String,
    /// Line, from 1.
    pub line: Option<u64>,
    /// Name of the column.
    pub column: Option<String>,
    /// What is wrong and what was expected.
    pub problem: String,
}

impl PackError {
    /// An error of a file as a whole.
    pub fn of(file: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            line: None,
            column: None,
            problem: problem.into(),
        }
    }

    pub(super) fn at(file: &str, line: u64, column: &str, problem: impl Into<String>) -> Self {
        Self {
            line: Some(line),
            column: (!column.is_empty()).then(|| column.to_owned()),
            ..Self::of(file, problem)
        }
    }
}

impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column {column}")?;
        }
        write!(f, ": {}", self.problem)
    }
}

impl std::error::Error for PackError {}

/// A cell as it may be quoted in a message: short, on one line.
pub(super) fn quote(cell: &[u8]) -> String {
    let text = String::from_utf8_lossy(cell);
    let short: String = text.chars().take(40).collect();
    let more = if short.len() < text.len() { "…" } else { "" };
    format!("{short:?}{more}")
}
