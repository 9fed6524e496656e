//! The star ladder: S and S_face with their intervals against the bounds of clause 6.2, as one SVG.

use super::table::{Shown, interval_text, no_interval};
use super::{Place, axis_start, level, stated};
use crate::statistics::estimate::Estimate;
use crate::statistics::star::S_FROM;
use crate::statistics::suppress::Cell;
use crate::survey::report::Report;
use crate::view::words::Words;

const FIRST_ROW_PX: usize = 34;
const ROW_PX: usize = 58;

/// A line across the ladder with its words.
pub(crate) struct Bound {
    pub x: Place,
    pub label: String,
    pub middle: Place,
    pub star: String,
}

/// One score.
pub(crate) struct Mark {
    pub label: String,
    pub text: String,
    pub text_y: usize,
    pub bar_y: usize,
    pub point: Option<Place>,
    /// Where the interval begins and ends.
    pub range: Option<(Place, Place)>,
}

/// The ladder.
pub(crate) struct Ladder {
    pub description: String,
    pub start: String,
    pub bounds: Vec<Bound>,
    pub marks: Vec<Mark>,
    pub foot_y: usize,
    pub label_y: usize,
    pub height: usize,
    pub note: String,
}

impl Ladder {
    /// The ladder of a report.
    pub fn of(words: Words, report: &Report) -> Self {
        let overall = &report.result.overall;
        let rows = [
            (words.t("score-s"), &overall.all),
            (words.t("score-s-face"), &overall.face),
        ];
        let start = axis_start(rows.iter().map(|(_, cell)| *cell));
        let place = |percent: f64| Place((percent - start) / (100.0 - start));
        let marks: Vec<Mark> = rows
            .into_iter()
            .enumerate()
            .map(|(row, (label, cell))| mark(words, label, cell, FIRST_ROW_PX + row * ROW_PX, &place))
            .collect();
        let foot_y = FIRST_ROW_PX + marks.len() * ROW_PX;
        let said: Vec<String> = marks
            .iter()
            .map(|mark| format!("{} {}", mark.label, mark.text))
            .collect();
        Self {
            description: words.tn(
                "ladder-description",
                &[("scores", said.join(&words.t("list-separator")).into())],
            ),
            start: format!("{start:.0}"),
            bounds: S_FROM
                .into_iter()
                .rev()
                .map(|(star, percent)| bound(words, star, percent, &place))
                .collect(),
            marks,
            foot_y,
            label_y: foot_y + 18,
            height: foot_y + 24,
            note: words.tn("ladder-note", &[("level", level(report).into())]),
        }
    }
}

fn bound(words: Words, star: u8, percent: u32, place: &impl Fn(f64) -> Place) -> Bound {
    let from = f64::from(percent);
    Bound {
        x: place(from),
        label: percent.to_string(),
        middle: place(from + 5.0),
        star: words.tn("star-short", &[("n", star.into())]),
    }
}

fn mark(words: Words, label: String, cell: &Cell<Estimate>, top: usize, place: &impl Fn(f64) -> Place) -> Mark {
    let found = cell.published();
    let interval = found.and_then(stated);
    let per_cent = |share: f64| place(share * 100.0);
    let text = match (found, interval) {
        (Some(found), Some(interval)) => format!("{}%  ({})", found.rate.percent, interval_text(interval)),
        (Some(found), None) => format!("{}%  ({})", found.rate.percent, no_interval(words, found.interval_rule)),
        (None, _) => Shown::percent(words, cell).text,
    };
    Mark {
        label,
        text,
        text_y: top + 14,
        bar_y: top + 32,
        point: found.map(|found| per_cent(found.rate.est)),
        range: interval.map(|interval| (per_cent(interval.lower), per_cent(interval.upper))),
    }
}
