//! Deviations from the frozen plan.

use chrono::NaiveDate;

use super::{Actors, actor};
use crate::survey::deviation::{Deviation, Kind, TEXT_MAX};
use crate::survey::id::{OutletId, PersonId};
use crate::survey::language::Text;
use crate::survey::plan_review::{COMMENT_MAX, Verdict};
use crate::view::grading::{Grid, Item, Section, Sheet, Typed, address, page};
use crate::view::office::form::{Choice, Form};
use crate::view::office::{Desk, moment};
use crate::view::words::Words;

/// What the page shows.
#[derive(Debug)]
pub struct DeviationsPage<'a> {
    /// Oldest first.
    pub rows: &'a [Deviation],
    /// Outlets in their order.
    pub outlets: &'a [(OutletId, Text)],
    /// Names of actors.
    pub names: &'a Actors,
    /// The last day in the field as it is in force.
    pub last_day: Option<NaiveDate>,
    /// The last day to which it may be extended.
    pub latest_day: Option<NaiveDate>,
    /// Whether the viewer may propose now.
    pub may_propose: bool,
    /// Whether the viewer may review now.
    pub may_review: bool,
}

/// The page; with what was typed where that must be corrected.
///
/// # Errors
/// What the template engine reports.
pub fn deviations(desk: &Desk, shown: &DeviationsPage<'_>, typed: &Typed) -> Result<String, askama::Error> {
    let words = desk.words();
    let me = desk.viewer.as_ref().map(|viewer| viewer.person);
    let is_mine = |one: &Deviation| me.is_some_and(|me: PersonId| one.is_by(me));
    let mut sections = vec![list(desk, shown)];
    // One verdict at a time, the oldest first.
    let waiting = shown.rows.iter().find(|one| one.waits() && !is_mine(one));
    if let Some(waiting) = waiting.filter(|_| shown.may_review) {
        sections.push(Section {
            id: "review".into(),
            heading: words.tn("planning-review", &[("n", waiting.seq.into())]),
            notes: vec![line(desk, shown.outlets, waiting)],
            facts: vec![(words.t("planning-reason"), waiting.reason.clone())],
            form: Some(verdict(desk, waiting, typed)),
            ..Section::default()
        });
    }
    if shown.may_propose {
        sections.push(Section {
            id: "propose".into(),
            heading: words.t("planning-propose"),
            notes: vec![extension(words, shown)],
            form: Some(proposal(desk, shown, typed)),
            ..Section::default()
        });
    }
    let sheet = Sheet {
        heading: words.t("planning-deviations"),
        lead: words.t("planning-deviations-lead"),
        sections,
        ..Sheet::default()
    };
    page(desk, sheet, typed)
}

fn extension(words: Words, shown: &DeviationsPage<'_>) -> String {
    let day = |day: NaiveDate| day.to_string().into();
    match (shown.last_day, shown.latest_day) {
        (Some(last), Some(latest)) if last < latest => {
            words.tn("planning-extension", &[("last", day(last)), ("latest", day(latest))])
        }
        (Some(last), _) => words.tn("planning-no-extension", &[("last", day(last))]),
        (None, _) => words.t("planning-no-period"),
    }
}

fn kind_name(words: Words, kind: Kind) -> String {
    match kind {
        Kind::Period => words.t("planning-kind-period"),
        Kind::Outlet => words.t("planning-kind-outlet"),
        Kind::FaceQuota => words.t("planning-kind-face"),
        Kind::ElectronicQuota => words.t("planning-kind-electronic"),
        Kind::Other => words.t("planning-kind-other"),
    }
}

fn name(desk: &Desk, outlets: &[(OutletId, Text)], id: &str) -> String {
    let found = outlets.iter().find(|(outlet, _)| outlet.to_string() == id);
    found.map_or_else(|| id.to_owned(), |(_, name)| name.get(desk.language).to_owned())
}

/// What was planned and what is done, as people read it; `named` gives the names of outlets.
pub(in crate::view) fn values(named: impl Fn(&str) -> String, one: &Deviation) -> (String, String) {
    match one.kind {
        Kind::Outlet => (named(&one.planned), named(&one.done)),
        _ => (one.planned.clone(), one.done.clone()),
    }
}

/// What it is about; `named` gives the names of outlets.
pub(in crate::view) fn about(words: Words, named: impl Fn(&str) -> String, one: &Deviation) -> String {
    let kind = kind_name(words, one.kind);
    match one.outlet.filter(|_| one.kind != Kind::Outlet) {
        Some(outlet) => format!("{kind} · {}", named(&outlet.to_string())),
        None => kind,
    }
}

/// A deviation in one line.
pub(in crate::view) fn line(desk: &Desk, outlets: &[(OutletId, Text)], one: &Deviation) -> String {
    let named = |id: &str| name(desk, outlets, id);
    let (planned, done) = values(named, one);
    let values = [
        ("about", about(desk.words(), named, one).into()),
        ("planned", planned.into()),
        ("done", done.into()),
    ];
    desk.words().tn("planning-line", &values)
}

fn list(desk: &Desk, shown: &DeviationsPage<'_>) -> Section {
    let words = desk.words();
    let row = |one: &Deviation| {
        let named = |id: &str| name(desk, shown.outlets, id);
        let (planned, done) = values(named, one);
        let proposed = format!("{} · {}", actor(shown.names, &one.proposed_by), moment(one.at_ms));
        let word = match &one.review {
            None => Item::plain(words.t("planning-waits")),
            Some(word) => {
                let said = match word.is_approved {
                    true => words.t("planning-in-force"),
                    false => words.t("planning-refused"),
                };
                let by = format!("{} · {}", actor(shown.names, &word.reviewed_by), moment(word.at_ms));
                Item::plain(said).small(match word.comment.as_str() {
                    "" => by,
                    comment => format!("{by} · {comment}"),
                })
            }
        };
        vec![
            Item::plain(format!("{} · {}", one.seq, about(words, named, one))).small(proposed),
            Item::plain(planned),
            Item::plain(done),
            Item::plain(one.reason.clone()),
            word,
        ]
    };
    Section {
        id: "list".into(),
        heading: words.t("planning-list"),
        grid: Some(Grid {
            head: vec![
                words.t("planning-what"),
                words.t("planning-planned"),
                words.t("planning-done"),
                words.t("planning-reason"),
                words.t("planning-word"),
            ],
            rows: shown.rows.iter().map(row).collect(),
        }),
        ..Section::default()
    }
}

fn verdict(desk: &Desk, waiting: &Deviation, typed: &Typed) -> Form {
    let words = desk.words();
    let options = Verdict::ALL.map(|verdict| {
        let text = match verdict {
            Verdict::Approve => words.t("planning-approve"),
            Verdict::Return => words.t("planning-refuse"),
        };
        Choice::new(verdict.as_str(), text)
    });
    typed
        .builder(desk, "review", address(desk, "deviations/review"))
        .hidden("seq", waiting.seq.to_string())
        .radios("verdict", words.t("approval-verdict"), options.into())
        .text("comment", words.t("approval-comment"), COMMENT_MAX)
        .hint(words.t("planning-comment-hint"))
        .optional()
        .submit(words.t("approval-send"))
}

fn proposal(desk: &Desk, shown: &DeviationsPage<'_>, typed: &Typed) -> Form {
    let words = desk.words();
    let kinds = Kind::ALL.map(|kind| Choice::new(kind.as_str(), kind_name(words, kind)));
    let outlets = || {
        let none = Choice::new("", words.t("planning-choose"));
        let outlets = shown.outlets.iter();
        let outlets = outlets.map(|(id, name)| Choice::new(id.to_string(), name.get(desk.language)));
        std::iter::once(none).chain(outlets).collect::<Vec<_>>()
    };
    typed
        .builder(desk, "propose", address(desk, "deviations"))
        .radios("kind", words.t("planning-what"), kinds.into())
        .day("last_day", words.t("planning-new-last-day"))
        .hint(words.t("planning-new-last-day-hint"))
        .optional()
        .select("outlet", words.t("planning-at-outlet"), outlets())
        .hint(words.t("planning-at-outlet-hint"))
        .optional()
        .select("instead", words.t("planning-instead"), outlets())
        .hint(words.t("planning-instead-hint"))
        .optional()
        .number("target", words.t("planning-target"))
        .hint(words.t("planning-target-hint"))
        .optional()
        .text("planned", words.t("planning-planned"), TEXT_MAX)
        .hint(words.t("planning-other-hint"))
        .optional()
        .text("done", words.t("planning-done"), TEXT_MAX)
        .hint(words.t("planning-other-hint"))
        .optional()
        .text("reason", words.t("planning-reason"), TEXT_MAX)
        .submit(words.t("planning-send"))
}
