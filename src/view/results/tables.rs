//! The tables of the result page.

use super::level;
use super::table::{Row, Shown, Table, count};
use crate::statistics::class::{ByColumn, Column, EvidenceClass};
use crate::statistics::estimate::Estimate;
use crate::statistics::suppress::Cell;
use crate::survey::report::{Report, ReportOutlet};
use crate::view::words::Words;

/// The words for a column.
pub(in crate::view) fn column_name(words: Words, column: Column) -> String {
    match column {
        Column::Face => words.t("column-face"),
        Column::Invited => words.t("column-invited"),
        Column::Open => words.t("column-open"),
        Column::Electronic => words.t("column-electronic"),
        Column::All => words.t("column-all"),
    }
}

fn column_note(words: Words, column: Column) -> String {
    match column {
        Column::Face => words.t("column-face-note"),
        Column::Invited => words.t("column-invited-note"),
        Column::Open => words.t("column-open-note"),
        Column::Electronic => words.t("column-electronic-note"),
        Column::All => words.t("column-all-note"),
    }
}

/// What "withheld" means, where a table says it.
pub(in crate::view) fn withheld_note(words: Words, report: &Report, rows: &[Row]) -> Option<String> {
    let withheld = words.t("cell-withheld");
    let said = rows.iter().flat_map(|row| &row.cells).any(|cell| cell.text == withheld);
    said.then(|| words.tn("note-withheld", &[("n", report.result.rule.suppress_below.into())]))
}

/// One row per channel and evidence class: counts, score, interval, person score.
pub(in crate::view) fn channels(words: Words, report: &Report) -> Table {
    let result = &report.result;
    let row = |column: Column| {
        let score = result.overall.get(column);
        Row {
            label: column_name(words, column),
            small: Some(column_note(words, column)),
            cells: vec![
                Shown::of(words, result.counted.get(column), u64::to_string),
                Shown::percent(words, score),
                Shown::interval(words, score),
                Shown::person(words, score),
            ],
        }
    };
    let rows: Vec<Row> = Column::ALL.into_iter().map(row).collect();
    let notes = [
        Some(words.t("note-open")),
        Some(words.t("note-person")),
        withheld_note(words, report, &rows),
    ];
    Table {
        id: "channels",
        heading: words.t("table-channels"),
        head: vec![
            words.t("head-channel"),
            words.t("head-counted"),
            words.t("head-score"),
            words.tn("head-interval", &[("level", level(report).into())]),
            words.t("head-person"),
        ],
        rows,
        notes: notes.into_iter().flatten().collect(),
    }
}

/// In-person, electronic, their difference, both.
fn compared(words: Words, scores: &ByColumn<Cell<Estimate>>) -> Vec<Shown> {
    vec![
        Shown::score(words, &scores.face),
        Shown::score(words, &scores.electronic),
        Shown::difference(words, &scores.face, &scores.electronic),
        Shown::score(words, &scores.all),
    ]
}

fn compared_head(words: Words) -> [String; 4] {
    [
        words.t("column-face"),
        words.t("column-electronic"),
        words.t("head-difference"),
        words.t("column-all"),
    ]
}

/// The six dimensions by channel.
pub(in crate::view) fn dimensions(words: Words, report: &Report) -> Table {
    let dimensions = report.instrument.questionnaire().dimensions();
    let rows: Vec<Row> = dimensions
        .iter()
        .zip(&report.result.facets)
        .map(|(facet, scores)| Row {
            label: facet.text.get(words.language()).to_owned(),
            small: Some(words.tn("row-weight", &[("weight", facet.weight.into())])),
            cells: compared(words, scores),
        })
        .collect();
    Table {
        id: "dimensions",
        heading: words.t("table-dimensions"),
        head: std::iter::once(words.t("head-dimension"))
            .chain(compared_head(words))
            .collect(),
        notes: [
            words.tn("note-intervals", &[("level", level(report).into())]),
            words.t("note-difference"),
        ]
        .into_iter()
        .chain(withheld_note(words, report, &rows))
        .collect(),
        rows,
    }
}

/// The first-level indicators 4.1.1 … 4.1.8 by channel, with the names and marks of the annex.
pub(in crate::view) fn headings(words: Words, report: &Report) -> Table {
    let questionnaire = report.instrument.questionnaire();
    let scores = report.result.facets.iter().skip(questionnaire.dimensions().len());
    let rows: Vec<Row> = questionnaire
        .headings()
        .iter()
        .zip(scores)
        .map(|(heading, scores)| Row {
            label: format!("{} {}", heading.clause, annex_name(words, &heading.clause)),
            small: Some(words.tn("row-marks", &[("marks", heading.marks.into())])),
            cells: compared(words, scores),
        })
        .collect();
    Table {
        id: "headings",
        heading: words.t("table-headings"),
        head: std::iter::once(words.t("head-heading"))
            .chain(compared_head(words))
            .collect(),
        notes: std::iter::once(words.tn("note-intervals", &[("level", level(report).into())]))
            .chain(withheld_note(words, report, &rows))
            .collect(),
        rows,
    }
}

/// Name of a first-level indicator in the annex of the specification; nothing for a clause it does not have.
pub(in crate::view) fn annex_name(words: Words, clause: &str) -> String {
    match clause {
        "4.1.1" => words.t("annex-basic"),
        "4.1.2" => words.t("annex-outlets"),
        "4.1.3" => words.t("annex-delivery"),
        "4.1.4" => words.t("annex-support"),
        "4.1.5" => words.t("annex-repair"),
        "4.1.6" => words.t("annex-charges"),
        "4.1.7" => words.t("annex-returns"),
        "4.1.8" => words.t("annex-complaints"),
        _ => String::new(),
    }
}

/// Every item: score by channel, share of the two best answers, not applicable.
pub(in crate::view) fn items(words: Words, report: &Report) -> Table {
    let items = report.instrument.questionnaire().items();
    let rows: Vec<Row> = items
        .iter()
        .zip(&report.result.items)
        .map(|(item, found)| {
            let percent = |column| Shown::of(words, found.get(column), |summary| summary.rate.percent.clone());
            Row {
                label: format!("{} {}", item.id, item.text.get(words.language())),
                small: None,
                cells: vec![
                    percent(Column::Face),
                    percent(Column::Electronic),
                    percent(Column::All),
                    Shown::of(words, &found.all, |summary| summary.top_two.percent.clone()),
                    Shown::of(words, &found.all, |summary| summary.n.to_string()),
                    Shown::of(words, &found.all, |summary| summary.not_applicable.to_string()),
                ],
            }
        })
        .collect();
    Table {
        id: "items",
        heading: words.tn("table-items", &[("n", items.len().into())]),
        head: vec![
            words.t("head-item"),
            words.t("column-face"),
            words.t("column-electronic"),
            words.t("column-all"),
            words.t("head-top-two"),
            words.t("head-ratings"),
            words.t("head-not-applicable"),
        ],
        notes: withheld_note(words, report, &rows).into_iter().collect(),
        rows,
    }
}

/// Counted answers against the plan, per outlet and class; scores once they may be shown.
pub(in crate::view) fn progress(words: Words, report: &Report) -> Table {
    let row = |(place, outlet): (usize, &ReportOutlet)| {
        let found = report.result.outlets.iter().find(|row| row.outlet == place);
        let counted = |column| found.map_or_else(|| "0".to_owned(), |row| count(words, row.counted.get(column)));
        let of_target = |column, target: i32| {
            let small = Some(words.tn("cell-target", &[("n", target.into())]));
            Shown {
                small,
                ..Shown::plain(counted(column))
            }
        };
        let mut cells = vec![
            of_target(Column::Face, outlet.target_face),
            Shown::plain(counted(Column::Invited)),
            Shown::plain(counted(Column::Open)),
            of_target(Column::Electronic, outlet.target_electronic),
        ];
        if report.shows_scores() {
            let none = Shown {
                text: words.t("cell-no-answers"),
                quiet: true,
                small: None,
            };
            cells.push(found.map_or(none, |row| Shown::percent(words, &row.score.all)));
        }
        let customers = outlet.customers.map(|n| words.tn("row-customers", &[("n", n.into())]));
        Row {
            label: outlet.name.get(words.language()).to_owned(),
            small: customers,
            cells,
        }
    };
    let rows: Vec<Row> = report.outlets.iter().enumerate().map(row).collect();
    let columns = [Column::Face, Column::Invited, Column::Open, Column::Electronic];
    let mut head: Vec<String> = std::iter::once(words.t("head-outlet"))
        .chain(columns.map(|column| column_name(words, column)))
        .collect();
    if report.shows_scores() {
        head.push(words.t("head-score"));
    }
    Table {
        id: "progress",
        heading: words.t("table-progress"),
        head,
        notes: withheld_note(words, report, &rows).into_iter().collect(),
        rows,
    }
}

/// How contacts ended, per class.
pub(in crate::view) fn dispositions(words: Words, report: &Report) -> Table {
    let contacts = &report.result.dispositions;
    let occurs = |code: &str| {
        EvidenceClass::ALL.into_iter().any(|class| {
            contacts
                .get(class)
                .published()
                .and_then(|by_code| by_code.get(code))
                .is_some_and(|n| *n > 0)
        })
    };
    let cell = |class, code: &str| {
        Shown::of(words, contacts.get(class), |by_code| {
            by_code.get(code).copied().unwrap_or(0).to_string()
        })
    };
    let rows: Vec<Row> = report
        .instrument
        .questionnaire()
        .dispositions()
        .iter()
        .filter(|disposition| occurs(&disposition.code))
        .map(|disposition| Row {
            label: disposition.text.get(words.language()).to_owned(),
            small: Some(disposition.code.clone()),
            cells: EvidenceClass::ALL
                .into_iter()
                .map(|class| cell(class, &disposition.code))
                .collect(),
        })
        .collect();
    let classes = EvidenceClass::ALL
        .into_iter()
        .map(|class| column_name(words, class.into()));
    Table {
        id: "dispositions",
        heading: words.t("table-dispositions"),
        head: std::iter::once(words.t("head-disposition")).chain(classes).collect(),
        notes: withheld_note(words, report, &rows).into_iter().collect(),
        rows,
    }
}
