//! The page of the sample: what the list is, what is known about it, what looks odd, what was drawn, and what comes next.

use super::super::grading::{Grid, Item, Section, Sheet, Typed, address, is_any, page};
use super::{names, parts};
use crate::access::Role;
use crate::survey::frame::check::Out;
use crate::survey::frame::column::Reading;
use crate::survey::frame::flag::Flag;
use crate::survey::frame::record::FrameRecord;
use crate::survey::frame::summary::Summary;
use crate::survey::frame::take::Takes;
use crate::survey::setup::REASON_MAX;
use crate::view::office::{Desk, moment};
use crate::view::words::Words;

/// Where the list stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// There is none.
    None,
    /// A file is here.
    Uploaded,
    /// Cases are being stored.
    Importing {
        /// So many are.
        stored: u64,
        /// Nothing came for a while.
        is_stalled: bool,
    },
    /// It can be drawn from.
    Ready,
    /// It was erased.
    Erased {
        /// When, Unix ms.
        at_ms: i64,
    },
}

/// A draw that was fixed.
#[derive(Debug)]
pub struct FixedDraw {
    /// Hash of the frame.
    pub frame_sha256: String,
    /// Seed.
    pub seed: String,
    /// Its public source; empty = made by the server.
    pub source: String,
    /// When it was fixed, Unix ms.
    pub prepared_at_ms: i64,
    /// When it was carried out, Unix ms.
    pub drawn_at_ms: Option<i64>,
    /// How much is drawn.
    pub takes: Takes,
}

/// A stratum of a draw that was carried out.
#[derive(Debug)]
pub struct DrawnStratum {
    /// Its name.
    pub name: String,
    /// Drawn at first.
    pub drawn: u64,
    /// Reserves in order.
    pub reserves: u64,
    /// Reserves that take part.
    pub released: u64,
}

/// What the page shows.
#[derive(Debug)]
pub struct SamplePage<'a> {
    /// Where the list stands.
    pub stage: Stage,
    /// Its id.
    pub id: Option<&'a str>,
    /// Lists are handed over and drawn from now.
    pub is_in_season: bool,
    /// The plan is not frozen yet.
    pub is_draft: bool,
    /// The plan is approved.
    pub is_approved: bool,
    /// The organisation's file: form, hash, when it came.
    pub file: Option<(&'a str, &'a str, i64)>,
    /// How it is read.
    pub reading: Option<&'a Reading>,
    /// What was counted.
    pub summary: Option<&'a Summary>,
    /// What is known about it.
    pub record: Option<&'a FrameRecord>,
    /// The draw.
    pub draw: Option<FixedDraw>,
    /// What was drawn.
    pub drawn: Vec<DrawnStratum>,
}

/// Counts of an import.
pub(super) fn counts(words: Words, summary: &Summary) -> Vec<(String, String)> {
    let mut facts = vec![
        (words.t("frame-count-rows"), summary.rows.to_string()),
        (words.t("frame-count-cases"), summary.cases.to_string()),
        (words.t("frame-count-errors"), summary.errors.to_string()),
    ];
    let out = Out::ALL
        .into_iter()
        .filter_map(|out| Some((out, summary.out.get(&out)?)));
    facts.extend(out.map(|(out, n)| (names::out(words, out), n.to_string())));
    facts
}

/// What looks odd.
pub(super) fn flags(words: Words, flags: &[Flag]) -> Section {
    let rows = flags.iter().map(|flag| {
        vec![
            Item::plain(names::rule(words, flag.rule)),
            Item::plain(names::percent(flag.value)).small(flag.count.to_string()),
            Item::plain(names::percent(flag.threshold)),
        ]
    });
    Section {
        id: "flags".into(),
        heading: words.t("frame-flags"),
        notes: vec![words.t("frame-flags-note")],
        grid: Some(Grid {
            head: vec![
                words.t("frame-rule"),
                words.t("frame-value"),
                words.t("frame-threshold"),
            ],
            rows: rows.collect(),
        }),
        ..Section::default()
    }
}

/// The page.
///
/// # Errors
/// What the template engine reports.
pub fn sample(desk: &Desk, about: &SamplePage<'_>, typed: &Typed) -> Result<String, askama::Error> {
    let words = desk.words();
    let is_manager = is_any(desk, &[Role::Manager]);
    let mut sections = vec![list(words, desk, about, is_manager)];
    if matches!(about.stage, Stage::Ready | Stage::Erased { .. }) {
        if let Some(summary) = about.summary {
            match summary.flags.is_empty() {
                true => sections.push(Section {
                    id: "flags".into(),
                    heading: words.t("frame-flags"),
                    notes: vec![words.t("frame-flags-none")],
                    ..Section::default()
                }),
                false => sections.push(flags(words, &summary.flags)),
            }
        }
        sections.push(parts::record(words, desk, about, is_manager));
        sections.push(parts::draw(words, desk, about, typed, is_manager));
    }
    let sheet = Sheet {
        heading: words.t("frame-heading"),
        lead: words.t("frame-lead"),
        sections,
        ..Sheet::default()
    };
    page(desk, sheet, typed)
}

fn list(words: Words, desk: &Desk, about: &SamplePage<'_>, is_manager: bool) -> Section {
    let mut section = Section {
        id: "list".into(),
        heading: words.t("frame-list"),
        ..Section::default()
    };
    section.notes.push(match about.stage {
        Stage::None if about.is_draft => words.t("frame-stage-draft"),
        Stage::None => words.t("frame-stage-none"),
        Stage::Uploaded => words.t("frame-stage-uploaded"),
        Stage::Importing { stored, is_stalled } => {
            let n = [("n", stored.into())];
            match is_stalled {
                false => words.tn("frame-stage-importing", &n),
                true => words.tn("frame-stage-stalled", &n),
            }
        }
        Stage::Ready => words.t("frame-stage-ready"),
        Stage::Erased { at_ms } => words.tn("frame-stage-erased", &[("at", moment(at_ms).into())]),
    });
    if let (Some((form, hash, at_ms)), Some(reading)) = (about.file, about.reading) {
        section.facts = vec![
            (words.t("frame-handed-over"), moment(at_ms)),
            (words.t("frame-form"), form.to_owned()),
            (words.t("frame-file-hash"), hash.to_owned()),
            (words.t("frame-period"), format!("{} – {}", reading.from, reading.until)),
        ];
    }
    if let Some(summary) = about.summary {
        section.facts.extend(counts(words, summary));
        section
            .facts
            .push((words.t("frame-strata"), summary.strata.len().to_string()));
    }
    if !is_manager {
        return section;
    }
    let may_upload = about.is_in_season && matches!(about.stage, Stage::None | Stage::Uploaded | Stage::Erased { .. });
    if about.stage == Stage::Uploaded {
        section
            .ways
            .push((address(desk, "sample/columns"), words.t("frame-to-columns")));
    }
    if matches!(about.stage, Stage::Importing { is_stalled: true, .. }) {
        let form = Typed::default();
        let form = form
            .builder(desk, "import", address(desk, "sample/import"))
            .hidden("list", about.id.unwrap_or_default());
        section.form = Some(form.submit(words.t("frame-import-again")));
        section
            .ways
            .push((address(desk, "sample/erase"), words.t("frame-to-erase")));
    }
    if may_upload {
        section
            .ways
            .push((address(desk, "sample/upload"), words.t("frame-to-upload")));
    }
    if about.stage == Stage::Ready || about.stage == Stage::Uploaded {
        if about.summary.is_some_and(|summary| summary.errors > 0) {
            section
                .ways
                .push((address(desk, "sample/errors.csv"), words.t("frame-errors-file")));
        }
        section
            .ways
            .push((address(desk, "sample/erase"), words.t("frame-to-erase")));
    }
    section
}

/// The page before a list is erased.
///
/// # Errors
/// What the template engine reports.
pub fn erase(desk: &Desk, is_there: bool, typed: &Typed) -> Result<String, askama::Error> {
    let words = desk.words();
    let form = typed
        .builder(desk, "erase", address(desk, "sample/erase"))
        .text("reason", words.t("frame-erase-reason"), REASON_MAX)
        .cancel(address(desk, "sample"), words.t("frame-back"))
        .grave()
        .submit(words.t("frame-erase"));
    let sheet = Sheet {
        heading: words.t("frame-erase-heading"),
        lead: words.t("frame-erase-lead"),
        sections: vec![Section {
            id: "erase".into(),
            heading: words.t("frame-erase-why"),
            notes: match is_there {
                true => Vec::new(),
                false => vec![words.t("frame-erase-nothing")],
            },
            form: is_there.then_some(form),
            ..Section::default()
        }],
        ..Sheet::default()
    };
    page(desk, sheet, typed)
}
