//! Drawing the outlets to visit.

use super::{Actors, actor, cells};
use crate::survey::id::OutletId;
use crate::survey::outlet_draw::{LoggedDraw, REASON_MAX, SEED_MAX};
use crate::survey::plan::Plan;
use crate::view::grading::{Grid, Item, Section, Sheet, Typed, address, page};
use crate::view::office::form::Choice;
use crate::view::office::{Desk, moment};

/// What the page shows.
#[derive(Debug)]
pub struct DrawPage<'a> {
    /// The plan as it is.
    pub plan: &'a Plan,
    /// Every logged draw, oldest first.
    pub logged: &'a [LoggedDraw],
    /// Names of actors.
    pub names: &'a Actors,
    /// Whether the viewer may draw now.
    pub may_draw: bool,
}

/// The page; with what was typed where that must be corrected.
///
/// # Errors
/// What the template engine reports.
pub fn draw(desk: &Desk, shown: &DrawPage<'_>, typed: &Typed) -> Result<String, askama::Error> {
    let words = desk.words();
    let sizes = shown.plan.sizes();
    let rule = [("n", sizes.visits.into()), ("random", sizes.visits_at_random.into())];
    let mut sections = Vec::new();
    if let Some(newest) = shown.logged.last() {
        sections.push(result(desk, shown, newest, typed));
    }
    if shown.may_draw {
        sections.push(announcement(desk, shown, typed));
    }
    if !shown.logged.is_empty() {
        sections.push(history(desk, shown));
    }
    let nothing = sections.is_empty().then(|| words.t("planning-no-draw"));
    let sheet = Sheet {
        notices: nothing.into_iter().collect(),
        heading: words.t("planning-draw"),
        lead: words.tn("planning-draw-lead", &rule),
        sections,
    };
    page(desk, sheet, typed)
}

fn announcement(desk: &Desk, shown: &DrawPage<'_>, typed: &Typed) -> Section {
    let words = desk.words();
    let outlets = shown.plan.outlets().iter();
    let outlets = outlets.map(|outlet| Choice::new(outlet.id.to_string(), outlet.name.get(desk.language)));
    let form = typed
        .builder(desk, "draw", address(desk, "plan/draw"))
        .boxes("by_risk", words.t("planning-by-risk"), outlets.collect())
        .hint(words.t("planning-by-risk-hint"))
        .optional()
        .text("reason", words.t("planning-by-risk-reason"), REASON_MAX)
        .optional()
        .number("at_random", words.t("planning-at-random"))
        .hint(words.tn(
            "planning-at-random-hint",
            &[("random", shown.plan.sizes().visits_at_random.into())],
        ))
        .text("seed", words.t("planning-seed"), SEED_MAX)
        .hint(words.t("planning-seed-hint"))
        .optional()
        .submit(words.t("planning-log-seed"));
    Section {
        id: "announce".into(),
        heading: words.t("planning-log-heading"),
        form: Some(form),
        ..Section::default()
    }
}

/// The newest logged draw: what it gives, and the button that writes it into the plan.
fn result(desk: &Desk, shown: &DrawPage<'_>, newest: &LoggedDraw, typed: &Typed) -> Section {
    let words = desk.words();
    let is_in_plan = shown.plan.draw() == Some(&newest.draw);
    let name = |id: &OutletId| {
        let found = shown.plan.outlets().iter().find(|outlet| outlet.id == *id);
        found.map_or_else(|| id.to_string(), |outlet| outlet.name.get(desk.language).to_owned())
    };
    let mut section = Section {
        id: "newest".into(),
        heading: words.tn("planning-draw-number", &[("n", newest.seq.into())]),
        facts: vec![
            (words.t("planning-seed"), newest.draw.seed.clone()),
            (
                words.t("planning-frame-hash"),
                newest.draw.frame_sha256.chars().take(16).collect(),
            ),
            (words.t("planning-method"), newest.draw.method.clone()),
        ],
        ways: vec![
            (
                address(desk, &format!("plan/draw/{}/frame.csv", newest.seq)),
                words.t("planning-frame-file"),
            ),
            (
                address(desk, &format!("plan/draw/{}/plan.json", newest.seq)),
                words.t("planning-plan-file"),
            ),
        ],
        ..Section::default()
    };
    if !newest.draw.is_of(shown.plan) {
        section.notes.push(words.t("planning-draw-outdated"));
        return section;
    }
    if !is_in_plan {
        section.notes.push(words.t("planning-draw-ready"));
        section.form = shown.may_draw.then(|| {
            typed
                .builder(desk, "make", address(desk, "plan/draw/make"))
                .hidden("seq", newest.seq.to_string())
                .submit(words.t("planning-draw-make"))
        });
        return section;
    }
    section.notes.push(words.t("planning-draw-done"));
    let risky = shown.plan.outlets().iter().map(|outlet| outlet.id);
    let risky = risky.filter(|id| newest.draw.is_risky(*id));
    let risky = risky.map(|id| vec![Item::plain(name(&id)), Item::plain(words.t("planning-by-risk"))]);
    let mut rows: Vec<Vec<Item>> = risky.collect();
    if let Ok(drawn) = newest.draw.drawn(&newest.frame) {
        let place = |(place, id): (usize, &OutletId), reserve: bool| {
            let n = [("n", (place + 1).into())];
            let how = match reserve {
                false => words.tn("planning-drawn-place", &n),
                true => words.tn("planning-reserve-place", &n),
            };
            let how = Item::plain(how);
            vec![Item::plain(name(id)), if reserve { how.quiet() } else { how }]
        };
        rows.extend(drawn.visited.iter().enumerate().map(|one| place(one, false)));
        rows.extend(drawn.reserves.iter().enumerate().map(|one| place(one, true)));
    }
    section.grid = Some(Grid {
        head: vec![words.t("head-outlet"), words.t("planning-how-chosen")],
        rows,
    });
    section
}

fn history(desk: &Desk, shown: &DrawPage<'_>) -> Section {
    let words = desk.words();
    let row = |one: &LoggedDraw| {
        let mut row = cells([
            one.seq.to_string(),
            moment(one.at_ms),
            actor(shown.names, &one.logged_by),
            one.draw.at_random.to_string(),
        ]);
        row.push(Item::plain(one.draw.by_risk.len().to_string()).small(one.draw.reason.clone()));
        row.push(Item::plain(one.draw.seed.clone()));
        row
    };
    Section {
        id: "logged".into(),
        heading: words.t("planning-draws"),
        notes: vec![words.t("planning-draws-note")],
        grid: Some(Grid {
            head: vec![
                words.t("planning-head-number"),
                words.t("planning-head-logged"),
                words.t("planning-head-by"),
                words.t("planning-at-random"),
                words.t("planning-by-risk"),
                words.t("planning-seed"),
            ],
            rows: shown.logged.iter().map(row).collect(),
        }),
        ..Section::default()
    }
}
