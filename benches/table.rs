//! What a row prints: aligned lines of figure, must, aim and what was compared.

use std::fmt;

struct Line {
    cells: [String; 4],
    compared: String,
}

/// The result of one row.
pub struct Table {
    title: &'static str,
    lines: Vec<Line>,
}

const HEAD: [&str; 4] = ["", "measured", "must", "aim"];

impl Table {
    /// An empty table.
    pub fn new(title: &'static str) -> Self {
        Self {
            title,
            lines: Vec::new(),
        }
    }

    /// Adds a figure that is judged: what, its value, `[must, aim]`, what was compared.
    pub fn judged(&mut self, what: &str, value: String, goals: [&str; 2], compared: &str) {
        let cells = [what.to_owned(), value, goals[0].to_owned(), goals[1].to_owned()];
        self.lines.push(Line {
            cells,
            compared: compared.to_owned(),
        });
    }

    /// Adds a figure that explains another.
    pub fn also(&mut self, what: &str, value: String, compared: &str) {
        self.judged(what, value, ["", ""], compared);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.title)?;
        let width = |column: usize| {
            let cells = self.lines.iter().map(|line| line.cells[column].chars().count());
            cells.chain([HEAD[column].len()]).max().unwrap_or(0)
        };
        let widths: [usize; 4] = std::array::from_fn(width);
        let mut line = |cells: [&str; 4], compared: &str| {
            write!(f, "    {:<1$}", cells[0], widths[0])?;
            for (cell, width) in cells[1..].iter().zip(&widths[1..]) {
                write!(f, "  {cell:>width$}")?;
            }
            writeln!(f, "  {compared}")
        };
        line(HEAD, "compared")?;
        self.lines
            .iter()
            .try_for_each(|l| line([&l.cells[0], &l.cells[1], &l.cells[2], &l.cells[3]], &l.compared))
    }
}

/// The middle value.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let (low, high) = ((values.len() - 1) / 2, values.len() / 2);
    (values[low] + values[high]) / 2.0
}

/// Measures two things in turn, the one first that came second before, so that neither owns the quieter half of a run.
/// A first pair is thrown away: caches fill, files grow.
pub fn alternate<T>(rounds: usize, mut one: impl FnMut() -> T, mut other: impl FnMut() -> T) -> Vec<(T, T)> {
    let mut pairs = Vec::new();
    for round in 0..=rounds {
        let pair = if round % 2 == 0 {
            let first = one();
            (first, other())
        } else {
            let second = other();
            (one(), second)
        };
        pairs.push(pair);
    }
    pairs.split_off(1)
}
