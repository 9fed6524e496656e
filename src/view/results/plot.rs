//! Outlets side by side: in-person and electronic scores with their intervals, as one SVG with its table.

use super::table::{Row, Shown, Table};
use super::tables::withheld_note;
use super::{Place, axis_start, level, stated};
use crate::statistics::class::ByColumn;
use crate::statistics::estimate::Estimate;
use crate::statistics::star::S_FROM;
use crate::statistics::suppress::Cell;
use crate::survey::report::Report;
use crate::view::words::Words;

const FIRST_ROW_PX: usize = 24;
const ROW_PX: usize = 56;

/// One score on the line of its outlet.
pub(crate) struct Dot {
    pub x: Place,
    pub y: usize,
    /// Where the interval begins and ends.
    pub range: Option<(Place, Place)>,
    pub electronic: bool,
}

/// An outlet.
pub(crate) struct Line {
    pub name: String,
    pub text_y: usize,
    pub dots: Vec<Dot>,
}

/// The plot with its table.
pub(crate) struct Plot {
    pub description: String,
    pub key: [String; 2],
    pub start: String,
    /// Bounds of the stars: place and per cent.
    pub bounds: Vec<(Place, String)>,
    pub lines: Vec<Line>,
    pub foot_y: usize,
    pub label_y: usize,
    pub height: usize,
    pub table: Table,
}

impl Plot {
    /// The plot of a report; what is withheld is not drawn, and neither is an outlet without a published score.
    pub fn of(words: Words, report: &Report) -> Self {
        let rows: Vec<(&str, &ByColumn<Cell<Estimate>>)> = report
            .result
            .outlets
            .iter()
            .filter_map(|row| {
                let outlet = report.outlets.get(row.outlet)?;
                Some((outlet.name.get(words.language()), &row.score))
            })
            .collect();
        let start = axis_start(rows.iter().flat_map(|(_, score)| [&score.face, &score.electronic]));
        let place = |share: f64| Place((share * 100.0 - start) / (100.0 - start));
        let mut lines = Vec::new();
        for (name, score) in &rows {
            let text_y = FIRST_ROW_PX + lines.len() * ROW_PX;
            let dot = |cell: &Cell<Estimate>, y: usize, electronic: bool| {
                let found = cell.published()?;
                Some(Dot {
                    x: place(found.rate.est),
                    y,
                    range: stated(found).map(|interval| (place(interval.lower), place(interval.upper))),
                    electronic,
                })
            };
            let dots = [
                dot(&score.face, text_y + 14, false),
                dot(&score.electronic, text_y + 28, true),
            ];
            let dots: Vec<Dot> = dots.into_iter().flatten().collect();
            if !dots.is_empty() {
                lines.push(Line {
                    name: (*name).to_owned(),
                    text_y,
                    dots,
                });
            }
        }
        let foot_y = FIRST_ROW_PX + lines.len() * ROW_PX - 8;
        Self {
            description: words.tn("plot-description", &[("n", lines.len().into())]),
            key: [words.t("column-face"), words.t("column-electronic")],
            start: format!("{start:.0}"),
            bounds: S_FROM
                .into_iter()
                .map(|(_, percent)| (place(f64::from(percent) / 100.0), percent.to_string()))
                .collect(),
            lines,
            foot_y,
            label_y: foot_y + 18,
            height: foot_y + 24,
            table: table(words, report, &rows),
        }
    }
}

fn table(words: Words, report: &Report, rows: &[(&str, &ByColumn<Cell<Estimate>>)]) -> Table {
    let rows: Vec<Row> = rows
        .iter()
        .map(|(name, score)| Row {
            label: (*name).to_owned(),
            small: None,
            cells: [&score.face, &score.electronic, &score.all]
                .map(|cell| Shown::score(words, cell))
                .into(),
        })
        .collect();
    Table {
        id: "outlets",
        heading: words.t("table-outlets"),
        head: vec![
            words.t("head-outlet"),
            words.t("column-face"),
            words.t("column-electronic"),
            words.t("column-all"),
        ],
        notes: [
            Some(words.tn("note-intervals", &[("level", level(report).into())])),
            withheld_note(words, report, &rows),
        ]
        .into_iter()
        .flatten()
        .collect(),
        rows,
    }
}
