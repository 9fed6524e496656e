//! Parts of the page of the sample: what is known about the list, and its draw.

use super::super::grading::{Grid, Item, Section, Typed, address};
use super::names;
use super::sample::{SamplePage, Stage};
use crate::survey::frame::record::Source;
use crate::view::office::{Desk, moment};
use crate::view::words::Words;

pub(super) fn record(words: Words, desk: &Desk, about: &SamplePage<'_>, is_manager: bool) -> Section {
    let mut section = Section {
        id: "record".into(),
        heading: words.t("frame-record"),
        ..Section::default()
    };
    match about.record {
        None => section.notes.push(words.t("frame-record-none")),
        Some(record) => {
            section.facts = vec![
                (words.t("frame-basis"), names::basis(words, record.basis)),
                (words.t("frame-evidence"), record.evidence.clone()),
                (words.t("frame-source"), record.source.clone()),
                (words.t("frame-extracted"), record.extracted_on.to_string()),
            ];
            let all = [Source::Declared].into_iter().chain(Source::SEEN);
            let counts = all.filter_map(|source| Some((source, record.count(source)?)));
            section
                .facts
                .extend(counts.map(|(source, n)| (names::source(words, source), n.to_string())));
            section.facts.push((words.t("frame-complete"), record.complete.clone()));
            section.facts.push((words.t("frame-gaps"), record.gaps.clone()));
            if !record.basis.allows_mail() {
                section.notes.push(words.t("frame-basis-forbids"));
            }
            let rows = about.summary.map_or(0, |summary| u64::from(summary.rows));
            section.list = record
                .differing(rows)
                .into_iter()
                .map(|(source, count)| {
                    let values = [
                        ("source", names::source(words, source).into()),
                        ("count", count.into()),
                        ("rows", rows.into()),
                    ];
                    words.tn("frame-differs", &values)
                })
                .collect();
        }
    }
    if is_manager && about.is_in_season && about.stage == Stage::Ready {
        let name = match about.record {
            None => words.t("frame-record-make"),
            Some(_) => words.t("frame-record-correct"),
        };
        section.ways.push((address(desk, "sample/record"), name));
    }
    section
}

pub(super) fn draw(words: Words, desk: &Desk, about: &SamplePage<'_>, typed: &Typed, is_manager: bool) -> Section {
    let mut section = Section {
        id: "draw".into(),
        heading: words.t("frame-draw"),
        ..Section::default()
    };
    let may_act = is_manager && about.is_in_season && about.stage == Stage::Ready;
    let Some(fixed) = &about.draw else {
        let may_write = about.record.is_some_and(|record| record.basis.allows_mail());
        section.notes.push(match (about.is_approved, may_write) {
            (false, _) => words.t("frame-draw-needs-approval"),
            (_, false) => words.t("frame-draw-needs-basis"),
            _ => words.t("frame-draw-ready"),
        });
        if may_act && may_write && about.is_approved {
            section
                .ways
                .push((address(desk, "sample/draw"), words.t("frame-to-draw-page")));
        }
        return section;
    };
    section.facts = vec![
        (words.t("frame-fixed-at"), moment(fixed.prepared_at_ms)),
        (words.t("frame-hash"), fixed.frame_sha256.clone()),
        (words.t("frame-seed"), fixed.seed.clone()),
        (
            words.t("frame-seed-source"),
            match fixed.source.is_empty() {
                true => words.t("frame-seed-random"),
                false => fixed.source.clone(),
            },
        ),
    ];
    section.ways = vec![
        (address(desk, "sample/frame.csv"), words.t("frame-frame-file")),
        (address(desk, "sample/plan.json"), words.t("frame-plan-file")),
    ];
    match fixed.drawn_at_ms {
        None => {
            section.notes.push(words.t("frame-draw-fixed"));
            section.grid = Some(grid(
                words,
                fixed
                    .takes
                    .iter()
                    .map(|(name, take)| (name.as_str(), take.draw, take.reserves, 0)),
            ));
            if may_act {
                section.form = Some(
                    typed
                        .builder(desk, "run", address(desk, "sample/draw/run"))
                        .hidden("list", about.id.unwrap_or_default())
                        .grave()
                        .submit(words.t("frame-draw-run")),
                );
            }
        }
        Some(at_ms) => {
            section.notes.push(words.t("frame-draw-rerun"));
            section.facts.push((words.t("frame-drawn-at"), moment(at_ms)));
            section.grid = Some(grid(
                words,
                about
                    .drawn
                    .iter()
                    .map(|one| (one.name.as_str(), one.drawn, one.reserves, one.released)),
            ));
            section
                .ways
                .push((address(desk, "sample/drawn.csv"), words.t("frame-drawn-file")));
            if may_act {
                section
                    .ways
                    .push((address(desk, "sample/reserves"), words.t("frame-to-reserves")));
            }
            section.ways.push((address(desk, "mail"), words.t("frame-to-mail")));
        }
    }
    section
}

fn grid<'a>(words: Words, strata: impl Iterator<Item = (&'a str, u64, u64, u64)>) -> Grid {
    let row = |(name, drawn, reserves, released): (&str, u64, u64, u64)| {
        vec![
            Item::plain(name),
            Item::plain(drawn.to_string()),
            Item::plain(reserves.to_string()),
            Item::plain(released.to_string()),
        ]
    };
    Grid {
        head: vec![
            words.t("frame-stratum"),
            words.t("frame-to-draw"),
            words.t("frame-reserves"),
            words.t("frame-released"),
        ],
        rows: strata.map(row).collect(),
    }
}
