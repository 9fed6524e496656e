//! Parts 9 to 11: the results, what other rules would give, how far the bounds are.

use super::{Block, Part, Source, grid, part, quiet, row, tenth};
use crate::statistics::class::Column;
use crate::statistics::estimate::Estimate;
use crate::statistics::exact::{self, Ratio};
use crate::statistics::method::Design;
use crate::statistics::star::S_FROM;
use crate::statistics::suppress::Cell;
use crate::view::results::{Plot, Row, Shown, Table, judged, low_reasons, signed, tables};

pub(super) fn parts(source: &Source<'_>) -> Vec<Part> {
    vec![results(source), sensitivity(source), bounds(source)]
}

fn results(source: &Source<'_>) -> Part {
    let (words, report) = (source.words, source.report);
    let mut blocks = vec![
        Block::Table(tables::channels(words, report)),
        precision(source),
        Block::Facts(vec![(words.t("report-face-share"), face_share(source))]),
        Block::Table(tables::dimensions(words, report)),
        Block::Table(tables::headings(words, report)),
        Block::Plot(Box::new(Plot::of(words, report))),
        Block::Table(tables::items(words, report)),
        item_means(source),
    ];
    blocks.extend(low_reasons::table(words, report).map(Block::Table));
    blocks.push(match changes(source) {
        Some(table) => table,
        None => Block::Facts(vec![(words.t("report-change"), words.t("report-no-wave-before"))]),
    });
    part(9, words.t("report-part-9"), blocks)
}

/// Standard errors, spread, degrees of freedom.
fn precision(source: &Source<'_>) -> Block {
    let (words, result) = (source.words, &source.report.result);
    // Spread and design effect are no part of the published result: they are told where it withholds nothing.
    let outlets = result.outlets.iter().flat_map(|row| row.counted.iter());
    let nothing_withheld = !result
        .counted
        .iter()
        .chain(outlets)
        .any(|(_, cell)| cell.is_suppressed());
    let rows = Column::ALL.into_iter().map(|column| {
        let cell = result.overall.get(column);
        let points = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{:.2}", value * 100.0));
        // Whoever is drawn at random has a sampling error, who chose to answer has none.
        let error = |found: &Estimate| points(found.se.filter(|_| found.interval.is_some()));
        let spread = result
            .analysis()
            .tallies
            .get(column)
            .person_sd
            .filter(|_| nothing_withheld);
        let df = |found: &Estimate| match found.interval {
            Some(_) => found.df.to_string(),
            None => "–".to_owned(),
        };
        row(
            tables::column_name(words, column),
            [
                Shown::of(words, cell, |found| found.n.to_string()),
                Shown::of(words, cell, |found| found.scored.to_string()),
                Shown::of(words, cell, error),
                Shown::of(words, cell, |_| points(spread)),
                Shown::of(words, cell, df),
            ],
        )
    });
    let rows: Vec<Row> = rows.collect();
    let design = match result.rule.design_used {
        Design::Simple => words.t("report-design-simple"),
        Design::Stratified => words.t("report-design-stratified"),
        Design::TwoStage => words.t("report-design-two-stage"),
    };
    let [stratified, clustered] = result.analysis().design_effects.unwrap_or_default();
    let effect = match result.rule.design_used {
        Design::Simple => None,
        Design::Stratified => stratified.deff,
        Design::TwoStage => clustered.deff,
    };
    let effect = effect.filter(|_| nothing_withheld);
    let effect = effect.map_or_else(|| "–".to_owned(), |deff| format!("{deff:.2}"));
    Block::Table(Table {
        id: "precision",
        heading: words.t("report-precision"),
        head: vec![
            words.t("head-channel"),
            words.t("head-counted"),
            words.t("report-scored"),
            words.t("report-se"),
            words.t("report-sd"),
            words.t("report-df"),
        ],
        rows,
        notes: vec![words.tn("report-design", &[("design", design.into()), ("deff", effect.into())])],
    })
}

fn face_share(source: &Source<'_>) -> String {
    let counted = &source.report.result.counted;
    let both = counted
        .face
        .published()
        .zip(counted.all.published())
        .filter(|(_, all)| **all > 0);
    both.map_or_else(
        || source.words.t("cell-withheld"),
        |(face, all)| tenth(*face as f64 / *all as f64),
    )
}

/// Mean, ratings left empty, not applicable: the rest of what is said of an item.
fn item_means(source: &Source<'_>) -> Block {
    let (words, report) = (source.words, source.report);
    let items = report
        .instrument
        .questionnaire()
        .items()
        .iter()
        .zip(&report.result.items);
    let rows = items.map(|(item, found)| {
        let na = |n: u64, all: u64| match all {
            0 => "–".to_owned(),
            all => tenth(n as f64 / all as f64),
        };
        row(
            item.id.clone(),
            [
                Shown::of(words, &found.all, |summary| format!("{:.2}", summary.mean)),
                Shown::of(words, &found.all, |summary| summary.not_applicable.to_string()),
                Shown::of(words, &found.all, |summary| {
                    na(summary.not_applicable, summary.n + summary.not_applicable)
                }),
                Shown::of(words, &found.all, |summary| summary.skipped.to_string()),
            ],
        )
    });
    let head = vec![
        words.t("head-item"),
        words.t("report-mean"),
        words.t("head-not-applicable"),
        words.t("report-share-na"),
        words.t("report-skipped"),
    ];
    grid("item-means", words.t("report-item-means"), head, rows.collect())
}

/// S and S_face beside those of the wave before, as far as both are published.
fn changes(source: &Source<'_>) -> Option<Block> {
    let (words, before) = (source.words, source.dossier.previous.as_ref()?);
    let line = |label: String, column: Column| {
        let (now, then) = (
            source.report.result.overall.get(column),
            before.result.overall.get(column),
        );
        let change = match (now, then) {
            (Cell::Published(now), Cell::Published(then)) => {
                Shown::plain(signed(&(&now.rate.exact - &then.rate.exact)))
            }
            _ => quiet("–".into()),
        };
        row(label, [Shown::percent(words, then), Shown::percent(words, now), change])
    };
    let head = vec![
        words.t("head-gated"),
        before.title.get(source.language()).to_owned(),
        source.report.title.get(source.language()).to_owned(),
        words.t("report-change"),
    ];
    let rows = vec![
        line(words.t("score-s"), Column::All),
        line(words.t("score-s-face"), Column::Face),
    ];
    Some(grid("changes", words.t("report-changes"), head, rows))
}

fn sensitivity(source: &Source<'_>) -> Part {
    let words = source.words;
    let table = judged::sensitivity(words, source.report);
    let blocks = table.map_or_else(
        || vec![Block::Text(words.t("cell-withheld"))],
        |table| vec![Block::Table(table)],
    );
    part(10, words.t("report-part-10"), blocks)
}

fn bounds(source: &Source<'_>) -> Part {
    let (words, result) = (source.words, &source.report.result);
    let distance = |label: String, cell: &Cell<Estimate>| {
        let at = S_FROM.into_iter().map(|(_, percent)| {
            Shown::of(words, cell, |found| {
                signed(&(&found.rate.exact - Ratio::new(percent.into(), 100.into())))
            })
        });
        row(label, at.collect::<Vec<_>>())
    };
    let head = std::iter::once(words.t("head-gated"));
    let head = head.chain(S_FROM.into_iter().map(|(_, percent)| format!("{percent} %")));
    let close = |cell: &Cell<Estimate>| {
        let found = cell.published()?;
        let interval = found.interval?;
        let inside = S_FROM.into_iter().find(|(_, percent)| {
            let bound = f64::from(*percent) / 100.0;
            interval.lower < bound && bound <= interval.upper
        });
        inside.map(|(_, percent)| percent)
    };
    let mut blocks = vec![
        Block::Table(judged::verdicts(words, source.report)),
        grid(
            "distance",
            words.t("report-distance"),
            head.collect(),
            vec![
                distance(words.t("score-s"), &result.overall.all),
                distance(words.t("score-s-face"), &result.overall.face),
            ],
        ),
    ];
    for (name, cell) in [
        (words.t("score-s"), &result.overall.all),
        (words.t("score-s-face"), &result.overall.face),
    ] {
        if let Some(percent) = close(cell) {
            blocks.push(Block::Text(
                words.tn("report-close", &[("score", name.into()), ("bound", percent.into())]),
            ));
        }
    }
    blocks.extend(judged::decision(words, source.report).map(Block::Table));
    blocks.push(Block::Note(words.t("report-exact")));
    part(11, words.t("report-part-11"), blocks)
}

/// A published score as it is printed.
pub(super) fn printed(source: &Source<'_>, cell: &Cell<Estimate>) -> String {
    Shown::of(source.words, cell, |found| {
        format!("{} %", exact::percent_truncated(&found.rate.exact, 2))
    })
    .text
}
