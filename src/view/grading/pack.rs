//! Who may take the evidence pack.

use super::{Grid, Item, Names, Section, Sheet, Typed, address, is_any, page, who};
use crate::access::Role;
use crate::survey::id::PersonId;
use crate::survey::pack_grant::{PackGrant, REASON_MAX};
use crate::view::office::form::Choice;
use crate::view::office::{Desk, moment};

/// What the page shows.
#[derive(Debug)]
pub struct PackPage<'a> {
    /// Oldest first.
    pub grants: &'a [PackGrant],
    /// Who may be granted it.
    pub auditors: Vec<(PersonId, String)>,
    /// Names of people.
    pub names: &'a Names,
    /// Now, Unix ms.
    pub now_ms: i64,
    /// Whether fieldwork is closed.
    pub is_ready: bool,
    /// Who looks.
    pub me: PersonId,
}

/// The page; with what was typed where that must be corrected.
///
/// # Errors
/// What the template engine reports.
pub fn pack(desk: &Desk, shown: &PackPage<'_>, typed: &Typed) -> Result<String, askama::Error> {
    let words = desk.words();
    let mut sections = Vec::new();
    if is_any(desk, &[Role::Auditor]) {
        sections.push(own(desk, shown, typed));
    }
    sections.push(list(desk, shown));
    if is_any(desk, &[Role::Reviewer]) {
        sections.push(grant(desk, shown, typed));
        sections.extend(end(desk, shown, typed));
    }
    let sheet = Sheet {
        heading: words.t("pack-heading"),
        lead: words.t("pack-lead"),
        sections,
        ..Sheet::default()
    };
    page(desk, sheet, typed)
}

/// For the auditor: until when, and the pack.
fn own(desk: &Desk, shown: &PackPage<'_>, typed: &Typed) -> Section {
    let words = desk.words();
    let mine = shown
        .grants
        .iter()
        .find(|grant| grant.person == shown.me && grant.is_open(shown.now_ms));
    let note = match mine {
        Some(grant) => words.tn("pack-mine", &[("until", moment(grant.until_ms).into())]),
        None => words.t("pack-none"),
    };
    let form = mine.map(|_| {
        let builder = typed.builder(desk, "take", address(desk, "pack.zip"));
        builder.submit(words.t("pack-take"))
    });
    Section {
        id: "take".into(),
        heading: words.t("pack-own"),
        notes: vec![note],
        form,
        ..Section::default()
    }
}

fn list(desk: &Desk, shown: &PackPage<'_>) -> Section {
    let words = desk.words();
    let row = |grant: &PackGrant| {
        let state = match &grant.ended {
            Some((by, at_ms)) => {
                Item::plain(words.t("pack-ended")).small(format!("{} · {}", who(shown.names, *by), moment(*at_ms)))
            }
            None if grant.is_open(shown.now_ms) => Item::plain(words.t("pack-open")),
            None => Item::plain(words.t("pack-over")),
        };
        vec![
            Item::plain(who(shown.names, grant.person)),
            Item::plain(moment(grant.at_ms)).small(who(shown.names, grant.granted_by)),
            Item::plain(moment(grant.until_ms)),
            Item::plain(grant.reason.clone()),
            state,
        ]
    };
    Section {
        id: "grants".into(),
        heading: words.t("pack-grants"),
        notes: vec![words.t("pack-grants-text")],
        grid: Some(Grid {
            head: vec![
                words.t("pack-person"),
                words.t("pack-from"),
                words.t("pack-until"),
                words.t("pack-reason"),
                words.t("pack-state"),
            ],
            rows: shown.grants.iter().rev().map(row).collect(),
        }),
        ..Section::default()
    }
}

fn grant(desk: &Desk, shown: &PackPage<'_>, typed: &Typed) -> Section {
    let words = desk.words();
    let people = shown.auditors.iter();
    let people = people.map(|(person, name)| Choice::new(person.to_string(), name.clone()));
    let (note, form) = match (shown.is_ready, shown.auditors.is_empty()) {
        (false, _) => (words.t("pack-later"), None),
        (true, true) => (words.t("pack-nobody"), None),
        (true, false) => {
            let form = typed
                .builder(desk, "grant", address(desk, "pack"))
                .select("person", words.t("pack-person"), people.collect())
                .number("days", words.t("pack-days"))
                .hint(words.t("pack-days-hint"))
                .text("reason", words.t("pack-reason"), REASON_MAX)
                .grave()
                .submit(words.t("pack-grant-button"));
            (words.t("pack-grant-text"), Some(form))
        }
    };
    Section {
        id: "grant".into(),
        heading: words.t("pack-grant"),
        notes: vec![note],
        form,
        ..Section::default()
    }
}

/// Ends the grants that are open, one at a time: the oldest first.
fn end(desk: &Desk, shown: &PackPage<'_>, typed: &Typed) -> Option<Section> {
    let words = desk.words();
    let open = shown.grants.iter().find(|grant| grant.is_open(shown.now_ms))?;
    let form = typed
        .builder(desk, "end", address(desk, "pack/end"))
        .hidden("seq", open.seq.to_string())
        .grave()
        .submit(words.t("pack-end-button"));
    let about = [
        ("person", who(shown.names, open.person).into()),
        ("until", moment(open.until_ms).into()),
    ];
    Some(Section {
        id: "end".into(),
        heading: words.t("pack-end"),
        notes: vec![words.tn("pack-end-text", &about)],
        form: Some(form),
        ..Section::default()
    })
}
