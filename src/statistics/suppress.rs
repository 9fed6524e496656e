//! What may be published of a cell: its value, nothing because too few people stand behind it, or nothing because there
//! is nothing.
//!
//! Source: requirements §8.1 (cells with fewer than 5 respondents), statistics.md §13.

use serde::Serialize;

/// Why a value does not exist. Never printed as 0 %.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Undefined {
    /// No answer.
    NoAnswers,
    /// Answers, but nobody rated anything: all not applicable or skipped.
    NotScored,
}

impl Undefined {
    /// Stable name, equal to the JSON form.
    pub fn as_str(self) -> &'static str {
        match self {
            Undefined::NoAnswers => "no_answers",
            Undefined::NotScored => "not_scored",
        }
    }
}

/// A published cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", content = "value", rename_all = "snake_case")]
pub enum Cell<T> {
    /// The value.
    Published(T),
    /// Withheld: too few people, or another cell could be computed from it. Not even its size is told.
    Suppressed,
    /// There is no value.
    Undefined(Undefined),
}

impl<T> Cell<T> {
    /// The published value.
    pub fn published(&self) -> Option<&T> {
        match self {
            Cell::Published(value) => Some(value),
            Cell::Suppressed | Cell::Undefined(_) => None,
        }
    }

    /// Whether the value is withheld.
    pub fn is_suppressed(&self) -> bool {
        matches!(self, Cell::Suppressed)
    }

    /// The cell of a value, or of the reason why there is none.
    pub(super) fn of(withheld: bool, value: Result<T, Undefined>) -> Self {
        match value {
            _ if withheld => Cell::Suppressed,
            Ok(value) => Cell::Published(value),
            Err(reason) => Cell::Undefined(reason),
        }
    }
}
