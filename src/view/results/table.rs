//! A table of figures: every cell is text that is ready to be read.

use crate::statistics::estimate::{Basis, Estimate};
use crate::statistics::exact::{self, Ratio};
use crate::statistics::interval::{Interval, IntervalRule};
use crate::statistics::suppress::{Cell, Undefined};
use crate::view::words::Words;

/// Decimals of a printed percentage.
const DECIMALS: u32 = 2;

/// A table under its own heading.
pub(crate) struct Table {
    pub id: &'static str,
    pub heading: String,
    pub head: Vec<String>,
    pub rows: Vec<Row>,
    pub notes: Vec<String>,
}

/// A row and what it is about.
pub(crate) struct Row {
    pub label: String,
    pub small: Option<String>,
    pub cells: Vec<Shown>,
}

/// A cell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Shown {
    pub text: String,
    pub small: Option<String>,
    /// Words in place of a figure.
    pub quiet: bool,
}

impl Shown {
    /// A figure or a word that stands for itself.
    pub fn plain(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// A published figure, or why there is none.
    pub fn of<T>(words: Words, cell: &Cell<T>, text: impl Fn(&T) -> String) -> Self {
        match cell {
            Cell::Published(value) => Self::plain(text(value)),
            Cell::Suppressed => Self {
                text: words.t("cell-withheld"),
                quiet: true,
                small: None,
            },
            Cell::Undefined(reason) => Self {
                text: undefined(words, *reason),
                quiet: true,
                small: None,
            },
        }
    }

    /// A score in per cent.
    pub fn percent(words: Words, cell: &Cell<Estimate>) -> Self {
        Self::of(words, cell, |found| found.rate.percent.clone())
    }

    /// A score in per cent with its interval in small print, or why none is stated.
    pub fn score(words: Words, cell: &Cell<Estimate>) -> Self {
        let small = cell.published().map(|_| Self::interval(words, cell).text);
        Self {
            small,
            ..Self::percent(words, cell)
        }
    }

    /// A score with what it is without, where it is published and tallied.
    pub fn person(words: Words, cell: &Cell<Estimate>) -> Self {
        Self::of(words, cell, |found| {
            found
                .person
                .as_ref()
                .map_or_else(|| "–".to_owned(), |person| person.percent.clone())
        })
    }

    /// The interval of a score, or why there is none; what it rests on in small print.
    pub fn interval(words: Words, cell: &Cell<Estimate>) -> Self {
        let Cell::Published(found) = cell else {
            return Self::of(words, cell, |_| String::new());
        };
        let stated = found
            .interval
            .filter(|_| found.interval_rule != IntervalRule::Insufficient);
        match stated {
            Some(interval) => Self {
                text: interval_text(interval),
                small: (found.basis == Basis::ModelBased).then(|| words.t("basis-model")),
                quiet: false,
            },
            None => Self {
                text: no_interval(words, found.interval_rule),
                small: None,
                quiet: true,
            },
        }
    }

    /// In-person minus electronic, percentage points, from the exact scores; withheld as soon as one of them is.
    pub fn difference(words: Words, face: &Cell<Estimate>, electronic: &Cell<Estimate>) -> Self {
        match (face, electronic) {
            (Cell::Published(face), Cell::Published(electronic)) => {
                Self::plain(signed(&(&face.rate.exact - &electronic.rate.exact)))
            }
            (Cell::Suppressed, _) | (_, Cell::Suppressed) => Self {
                text: words.t("cell-withheld"),
                quiet: true,
                small: None,
            },
            _ => Self {
                text: "–".to_owned(),
                quiet: true,
                small: None,
            },
        }
    }
}

/// A count, or why there is none.
pub(in crate::view) fn count(words: Words, cell: &Cell<u64>) -> String {
    Shown::of(words, cell, u64::to_string).text
}

/// Limits in per cent, cut like every percentage: `82.42–84.40`.
pub(in crate::view) fn interval_text(interval: Interval) -> String {
    let percent = |limit: f64| {
        Ratio::from_float(limit).map_or_else(String::new, |exact| exact::percent_truncated(&exact, DECIMALS))
    };
    format!("{}–{}", percent(interval.lower), percent(interval.upper))
}

/// Why no interval is stated.
pub(in crate::view) fn no_interval(words: Words, rule: IntervalRule) -> String {
    match rule {
        IntervalRule::SelfSelected => words.t("interval-self-selected"),
        _ => words.t("interval-insufficient"),
    }
}

fn undefined(words: Words, reason: Undefined) -> String {
    match reason {
        Undefined::NoAnswers => words.t("cell-no-answers"),
        Undefined::NotScored => words.t("cell-not-scored"),
    }
}

pub(in crate::view) fn signed(difference: &Ratio) -> String {
    let text = exact::percent_truncated(difference, DECIMALS);
    match text.strip_prefix('-') {
        Some(size) => format!("\u{2212}{size}"),
        None if difference.numer().sign() == num_bigint::Sign::NoSign => text,
        None => format!("+{text}"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn figures_are_cut_and_never_rounded() {
        assert_eq!(
            interval_text(Interval {
                lower: 0.824_299,
                upper: 0.899_969
            }),
            "82.42–89.99"
        );
        assert_eq!(interval_text(Interval::WHOLE), "0.00–100.00");
        let ratio = |a: i64, b: i64| Ratio::new(a.into(), b.into());
        assert_eq!(signed(&ratio(61_099, 1_000_000)), "+6.10");
        assert_eq!(signed(&ratio(-61_099, 1_000_000)), "\u{2212}6.10");
        assert_eq!(signed(&ratio(0, 1)), "0.00");
    }
}
