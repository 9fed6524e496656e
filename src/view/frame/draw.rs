//! Sizes and seed of a draw; its reserves.

use super::super::grading::{Grid, Item, Section, Sheet, Typed, address, page};
use super::sample::DrawnStratum;
use crate::survey::frame::take::{SEED_MAX, SIZES_MAX, Strata, Takes};
use crate::survey::setup::REASON_MAX;
use crate::view::office::Desk;
use crate::view::office::form::Choice;

/// What the page of a draw shows.
#[derive(Debug)]
pub struct DrawPage<'a> {
    /// What the plan asks for.
    pub proposed: &'a Takes,
    /// The strata of the frame.
    pub strata: Option<&'a Strata>,
    /// Hash of the frame.
    pub frame_sha256: &'a str,
}

/// The page on which sizes and seed are fixed.
///
/// # Errors
/// What the template engine reports.
pub fn draw(desk: &Desk, about: &DrawPage<'_>, typed: &Typed) -> Result<String, askama::Error> {
    let words = desk.words();
    let rows = about.strata.into_iter().flatten().map(|(name, stratum)| {
        let take = about.proposed.get(name);
        let number = |n: Option<u64>| Item::plain(n.unwrap_or(0).to_string());
        vec![
            Item::plain(name.as_str()),
            number(Some(stratum.cases)),
            number(take.map(|take| take.draw)),
            number(take.map(|take| take.reserves)),
        ]
    });
    let proposal = Section {
        id: "proposal".into(),
        heading: words.t("frame-proposal"),
        notes: vec![words.t("frame-proposal-note")],
        grid: Some(Grid {
            head: vec![
                words.t("frame-stratum"),
                words.t("frame-cases"),
                words.t("frame-to-draw"),
                words.t("frame-reserves"),
            ],
            rows: rows.collect(),
        }),
        ..Section::default()
    };
    let origins = [
        Choice::new("random", words.t("frame-seed-random")),
        Choice::new("public", words.t("frame-seed-public")).noted(words.t("frame-seed-public-note")),
    ];
    let form = typed
        .builder(desk, "draw", address(desk, "sample/draw"))
        .lines("sizes", words.t("frame-sizes"), 8, SIZES_MAX)
        .hint(words.t("frame-sizes-hint"))
        .text("reason", words.t("frame-sizes-reason"), REASON_MAX)
        .optional()
        .radios("origin", words.t("frame-seed"), origins.to_vec())
        .text("seed_source", words.t("frame-seed-source"), SEED_MAX)
        .optional()
        .text("seed", words.t("frame-seed-text"), SEED_MAX)
        .optional()
        .cancel(address(desk, "sample"), words.t("frame-back"))
        .grave()
        .submit(words.t("frame-fix"));
    let fixing = Section {
        id: "fix".into(),
        heading: words.t("frame-fix-heading"),
        notes: vec![words.t("frame-fix-note")],
        facts: vec![(words.t("frame-hash"), about.frame_sha256.to_owned())],
        form: Some(form),
        ..Section::default()
    };
    let sheet = Sheet {
        heading: words.t("frame-draw-heading"),
        lead: words.t("frame-draw-lead"),
        sections: vec![proposal, fixing],
        ..Sheet::default()
    };
    page(desk, sheet, typed)
}

/// The page on which reserves are asked to take part.
///
/// # Errors
/// What the template engine reports.
pub fn reserves(desk: &Desk, drawn: &[DrawnStratum], typed: &Typed) -> Result<String, askama::Error> {
    let words = desk.words();
    let left = drawn.iter().filter(|one| one.reserves > one.released);
    let options: Vec<Choice> = left
        .map(|one| {
            let values = [
                ("name", one.name.as_str().into()),
                ("n", (one.reserves - one.released).into()),
            ];
            Choice::new(one.name.as_str(), words.tn("frame-reserves-left", &values))
        })
        .collect();
    let is_any = !options.is_empty();
    let form = typed
        .builder(desk, "reserves", address(desk, "sample/reserves"))
        .select("stratum", words.t("frame-stratum"), options)
        .number("count", words.t("frame-release-count"))
        .text("reason", words.t("frame-release-reason"), REASON_MAX)
        .cancel(address(desk, "sample"), words.t("frame-back"))
        .submit(words.t("frame-release"));
    let sheet = Sheet {
        heading: words.t("frame-release-heading"),
        lead: words.t("frame-release-lead"),
        sections: vec![Section {
            id: "reserves".into(),
            heading: words.t("frame-release-which"),
            notes: match is_any {
                true => Vec::new(),
                false => vec![words.t("frame-release-none")],
            },
            form: is_any.then_some(form),
            ..Section::default()
        }],
        ..Sheet::default()
    };
    page(desk, sheet, typed)
}
