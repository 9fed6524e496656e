//! results.csv for spreadsheets: UTF-8 with BOM, CRLF, every cell quoted, and no cell that a spreadsheet would run as a
//! formula. One row per figure; results.xlsx has the same rows.

use crate::statistics::class::{ByColumn, Column, EvidenceClass};
use crate::statistics::estimate::Estimate;
use crate::statistics::suppress::Cell;
use crate::survey::disposition::Code;
use crate::survey::language::{Language, Text};
use crate::survey::report::Report;

pub(super) const HEADER: [&str; 15] = [
    "group",
    "id",
    "name_zh",
    "name_en",
    "class",
    "status",
    "n",
    "n_scored",
    "points_obtained",
    "points_available",
    "percent",
    "est",
    "se",
    "ci_low",
    "ci_high",
];

/// How many columns hold words; figures follow.
pub(super) const WORDS: usize = 6;
/// One figure with everything about it, in the order of [`HEADER`].
pub(super) type Line = [String; 15];

/// The report as one CSV file.
///
/// # Errors
/// [`csv::Error`]; writing into memory does not fail.
pub fn encode(report: &Report) -> Result<Vec<u8>, csv::Error> {
    let mut writer = sheet();
    writer.write_record(HEADER)?;
    for line in lines(report) {
        let cells = line.iter().enumerate();
        writer.write_record(cells.map(|(place, text)| match place < WORDS {
            true => harmless(text),
            false => text.clone(),
        }))?;
    }
    writer.into_inner().map_err(|e| csv::Error::from(e.into_error()))
}

/// Every figure of a report.
pub(super) fn lines(report: &Report) -> Vec<Line> {
    let mut sheet = Sheet(Vec::new());
    let questionnaire = report.instrument.questionnaire();
    sheet.scores("overall", "S", &Text::new("综合", "Overall"), &report.result.overall);
    let clause = |clause: &str| Text::new(clause, clause);
    let dimensions = questionnaire
        .dimensions()
        .iter()
        .map(|facet| ("dimension", facet.id.as_str(), facet.text.clone()));
    let headings = questionnaire
        .headings()
        .iter()
        .map(|heading| ("heading", heading.clause.as_str(), clause(&heading.clause)));
    for ((group, id, name), scores) in dimensions.chain(headings).zip(&report.result.facets) {
        sheet.scores(group, id, &name, scores);
    }
    for row in &report.result.outlets {
        if let Some(outlet) = report.outlets.get(row.outlet) {
            sheet.scores("outlet", &outlet.id.to_string(), &outlet.name, &row.score);
        }
    }
    for (item, scores) in questionnaire.items().iter().zip(&report.result.items) {
        for (column, cell) in scores.iter() {
            let figures = cell.published().map(|found| {
                let share = format!("{:?}", found.rate.est);
                [
                    found.n.to_string(),
                    found.n.to_string(),
                    String::new(),
                    String::new(),
                    found.rate.percent.clone(),
                    share,
                ]
            });
            sheet.row(
                ["item", &item.id],
                &item.text,
                column,
                status(cell),
                figures.unwrap_or_default(),
                Default::default(),
            );
        }
    }
    withdrawn(&mut sheet, report);
    low_reasons(&mut sheet, report);
    judged(&mut sheet, report);
    sheet.0
}

/// Answers that their customers withdrew, by way in: `n` alone.
fn withdrawn(sheet: &mut Sheet, report: &Report) {
    let code = Code::Withdrawn.as_str();
    let mut known = report.instrument.questionnaire().dispositions().iter();
    let name = known.find(|known| known.code == code).map(|known| known.text.clone());
    let name = name.unwrap_or_default();
    for class in EvidenceClass::ALL {
        let cell = report.result.dispositions.get(class);
        let n = cell
            .published()
            .map(|codes| codes.get(code).copied().unwrap_or(0).to_string());
        let mut figures = <[String; 6]>::default();
        figures[0] = n.unwrap_or_default();
        sheet.row(
            ["withdrawn", code],
            &name,
            class.into(),
            status(cell),
            figures,
            Default::default(),
        );
    }
}

/// Responses by reason for a low rating, as far as somebody named it.
fn low_reasons(sheet: &mut Sheet, report: &Report) {
    for (facet, reason, code) in report.instrument.questionnaire().low_reason_rows() {
        let Some(cell) = report.result.low_reasons.get(&code) else {
            continue;
        };
        let name = Text::new(
            format!(
                "{}：{}",
                facet.text.get(Language::ZhCn),
                reason.text.get(Language::ZhCn)
            ),
            format!("{}: {}", facet.text.get(Language::En), reason.text.get(Language::En)),
        );
        let mut figures = <[String; 6]>::default();
        if let ([n, ..], Some(count)) = (&mut figures, cell.published()) {
            *n = count.to_string();
        }
        let id = ["low_reason", &code];
        sheet.row(id, &name, Column::All, status(cell), figures, Default::default());
    }
}

/// How S and S_face stand to the bounds, what other rules give, how sure the stars are: rows whose `id` names the statement.
/// Only what is published has a row.
fn judged(sheet: &mut Sheet, report: &Report) {
    let found = &report.result.judgement;
    let unnamed = Text::new("", "");
    let float = |value: f64| format!("{value:?}");
    let mut put = |group: &str, id: &str, column, status: &str, percent: &str, est: String| {
        let nothing = String::new;
        let figures = [nothing(), nothing(), nothing(), nothing(), percent.to_owned(), est];
        sheet.row([group, id], &unnamed, column, status, figures, Default::default())
    };
    let verdicts = [(Column::All, &found.verdicts.s), (Column::Face, &found.verdicts.s_face)];
    for (column, verdicts) in verdicts {
        for verdict in verdicts {
            let bound = verdict.percent.to_string();
            let star = format!("star_{}", verdict.star);
            put(
                "verdict",
                &star,
                column,
                verdict.standing.as_str(),
                &bound,
                String::new(),
            );
        }
    }
    for line in found.sensitivity.iter().flat_map(|found| &found.lines) {
        for (column, rate) in [(Column::All, &line.s), (Column::Face, &line.s_face)] {
            if let Some(rate) = rate {
                let star = line
                    .star
                    .map_or_else(|| "no_star".into(), |star| format!("star_{star}"));
                put("sensitivity", line.rule, column, &star, &rate.percent, float(rate.est));
            }
        }
    }
    let Some(found) = &found.decision_support else {
        return;
    };
    for (star, sure) in [5, 4, 3, 2].into_iter().zip(found.star_exactly) {
        if let Some(sure) = sure {
            put(
                "decision_support",
                &format!("star_{star}"),
                Column::All,
                "sure",
                "",
                float(sure),
            );
        }
    }
    if let Some(sure) = found.one_or_below {
        put(
            "decision_support",
            "star_1_or_none",
            Column::All,
            "sure",
            "",
            float(sure),
        );
    }
    let needed = [
        ("more_interviews", Column::Face, found.face_more_interviews),
        (
            "more_interviews_assured",
            Column::Face,
            found.face_more_interviews_assured,
        ),
        ("more_answers", Column::All, found.s_more_answers),
        ("more_answers_assured", Column::All, found.s_more_answers_assured),
    ];
    for (id, column, more) in needed {
        if let Some(more) = more {
            put("decision_support", id, column, "count", "", more.to_string());
        }
    }
}

/// What stands in place of a figure, or that there is one.
pub(super) fn status<T>(cell: &Cell<T>) -> &'static str {
    match cell {
        Cell::Published(_) => "published",
        Cell::Suppressed => "suppressed",
        Cell::Undefined(reason) => reason.as_str(),
    }
}

/// A file that spreadsheets read rightly, still empty.
pub(super) fn sheet() -> csv::Writer<Vec<u8>> {
    // Spreadsheets take a file without this mark for the local encoding and spoil the Chinese.
    let bytes = "\u{feff}".as_bytes().to_vec();
    let mut builder = csv::WriterBuilder::new();
    builder
        .quote_style(csv::QuoteStyle::Always)
        .terminator(csv::Terminator::CRLF);
    builder.from_writer(bytes)
}

struct Sheet(Vec<Line>);

impl Sheet {
    fn scores(&mut self, group: &str, id: &str, name: &Text, scores: &ByColumn<Cell<Estimate>>) {
        for (column, cell) in scores.iter() {
            let (mut figures, mut precision) = (<[String; 6]>::default(), <[String; 3]>::default());
            if let Some(found) = cell.published() {
                figures = [
                    found.n.to_string(),
                    found.scored.to_string(),
                    found.obtained.to_string(),
                    found.available.to_string(),
                    found.rate.percent.clone(),
                    format!("{:?}", found.rate.est),
                ];
                let float = |value: Option<f64>| value.map(|value| format!("{value:?}")).unwrap_or_default();
                // No sampling error can be stated for self-selected answers alone.
                let se = if found.interval.is_some() { found.se } else { None };
                precision = [
                    float(se),
                    float(found.interval.map(|i| i.lower)),
                    float(found.interval.map(|i| i.upper)),
                ];
            }
            self.row([group, id], name, column, status(cell), figures, precision);
        }
    }

    fn row(
        &mut self,
        [group, id]: [&str; 2],
        name: &Text,
        column: Column,
        status: &str,
        figures: [String; 6],
        precision: [String; 3],
    ) {
        let [n, scored, obtained, available, percent, est] = figures;
        let [se, low, high] = precision;
        let words = [
            group,
            id,
            name.get(Language::ZhCn),
            name.get(Language::En),
            column.as_str(),
            status,
        ];
        let [group, id, zh, en, class, status] = words.map(str::to_owned);
        self.0.push([
            group, id, zh, en, class, status, n, scored, obtained, available, percent, est, se, low, high,
        ]);
    }
}

/// Text that a spreadsheet would take for a formula gets an apostrophe in front.
pub fn harmless(text: &str) -> String {
    let dangerous = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if dangerous { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn no_text_starts_a_formula() {
        for text in [
            "=1+1", "+cmd", "-2", "@SUM", "\t=1", "＝1", "＋1", "－1", "＠x", "\r=1", "\n=1",
        ] {
            assert!(harmless(text).starts_with('\''), "{text}");
        }
        assert_eq!(harmless("浦东=1号"), "浦东=1号");
    }
}
