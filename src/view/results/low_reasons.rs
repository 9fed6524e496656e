//! Why customers gave low ratings: counts by reason, the most frequent first.

use std::cmp::Reverse;

use super::table::{Row, Shown, Table};
use super::tables::withheld_note;
use crate::statistics::suppress::Cell;
use crate::survey::questionnaire::{Choice, Facet};
use crate::survey::report::Report;
use crate::view::words::Words;

/// Answers by reason; nothing where nobody gave one. What is withheld stands in one row together.
pub(in crate::view) fn table(words: Words, report: &Report) -> Option<Table> {
    let questionnaire = report.instrument.questionnaire();
    let named = questionnaire.low_reason_rows();
    let mut found: Vec<_> = named
        .filter_map(|(facet, reason, code)| Some((facet, reason, report.result.low_reasons.get(&code)?)))
        .collect();
    let all = found.len();
    found.retain(|(.., cell)| cell.published().is_some());
    found.sort_by_key(|(.., cell)| Reverse(cell.published().copied()));
    let withheld = all - found.len();
    let row = |(facet, reason, cell): (&Facet, &Choice, &Cell<u64>)| Row {
        label: reason.text.get(words.language()).to_owned(),
        small: Some(facet.text.get(words.language()).to_owned()),
        cells: vec![Shown::of(words, cell, u64::to_string)],
    };
    let rest = (withheld > 0).then(|| Row {
        label: words.tn("low-others", &[("n", withheld.into())]),
        small: None,
        cells: vec![Shown::of(words, &Cell::<u64>::Suppressed, u64::to_string)],
    });
    let rows: Vec<Row> = found.into_iter().map(row).chain(rest).collect();
    if rows.is_empty() {
        return None;
    }
    let scale = questionnaire.scale();
    let note = words.tn(
        "low-note",
        &[("low", scale.low_max().into()), ("max", scale.max().into())],
    );
    Some(Table {
        id: "low-reasons",
        heading: words.t("low-heading"),
        head: vec![words.t("low-head-reason"), words.t("low-head-answers")],
        notes: std::iter::once(note)
            .chain(withheld_note(words, report, &rows))
            .collect(),
        rows,
    })
}
