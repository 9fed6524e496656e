//! Personal data: what is kept how long, erasure for somebody who asks, and its confirmation for print.

use super::grading::{Grid, Item, Names, Section, Sheet, Typed, page};
use super::office::form::Choice;
use super::office::{Desk, moment};
use super::words::Words;
use crate::survey::erasure::{Asked, Erased, TYPED_MAX, Way};
use crate::survey::id::PersonId;
use crate::survey::retention::Retention;

/// An erasure on record.
#[derive(Debug, Clone)]
pub struct DoneShown {
    /// Its id.
    pub id: String,
    /// By what the person was found.
    pub way: Way,
    /// Keyed hash of what they gave.
    pub request: String,
    /// What was erased.
    pub erased: Erased,
    /// By whom, when (Unix ms).
    pub done: (PersonId, i64),
}

/// What the page shows.
#[derive(Debug)]
pub struct PrivacyPage<'a> {
    /// Every rule, when it was last looked after and when it last erased anything (Unix ms).
    pub schedule: &'a [(Retention, Option<i64>, Option<i64>)],
    /// Erasures, latest first.
    pub done: &'a [DoneShown],
    /// Names of people.
    pub names: &'a Names,
}

fn way_name(words: Words, way: Way) -> String {
    match way {
        Way::Address => words.t("privacy-way-address"),
        Way::Phone => words.t("privacy-way-phone"),
        Way::Receipt => words.t("privacy-way-receipt"),
    }
}

/// What a rule erases, and when.
fn rule(words: Words, retention: Retention) -> (String, String) {
    match retention {
        Retention::SealedList => (words.t("privacy-list"), words.t("retention-sealed-list")),
        Retention::ForgottenFile => (words.t("privacy-file"), words.t("retention-forgotten-file")),
        Retention::OldMarks => (words.t("privacy-marks"), words.t("retention-old-marks")),
        Retention::Comments => (words.t("privacy-comments"), words.t("retention-comments")),
        Retention::Phones => (words.t("privacy-phones"), words.t("retention-phones")),
    }
}

/// Schedule, form, what was done.
///
/// # Errors
/// What the template engine reports.
pub fn privacy(desk: &Desk, about: &PrivacyPage<'_>, typed: &Typed) -> Result<String, askama::Error> {
    let words = desk.words();
    let sheet = Sheet {
        heading: words.t("privacy-heading"),
        lead: words.t("privacy-lead"),
        sections: vec![schedule(words, about), request(desk, typed), done(words, about)],
        ..Sheet::default()
    };
    page(desk, sheet, typed)
}

fn schedule(words: Words, about: &PrivacyPage<'_>) -> Section {
    let at = |at_ms: Option<i64>| at_ms.map_or_else(|| "–".to_owned(), moment);
    let rows = about.schedule.iter().map(|(retention, looked, erased)| {
        let (what, when) = rule(words, *retention);
        vec![
            Item::plain(what),
            Item::plain(when),
            Item::plain(at(*looked)),
            Item::plain(at(*erased)),
        ]
    });
    Section {
        id: "schedule".into(),
        heading: words.t("privacy-schedule"),
        notes: vec![words.t("privacy-schedule-note")],
        grid: Some(Grid {
            head: vec![
                words.t("privacy-what"),
                words.t("privacy-when"),
                words.t("privacy-looked"),
                words.t("privacy-erased-at"),
            ],
            rows: rows.collect(),
        }),
        ..Section::default()
    }
}

fn request(desk: &Desk, typed: &Typed) -> Section {
    let words = desk.words();
    let ways = Way::ALL.map(|way| Choice::new(way.as_str(), way_name(words, way)));
    let form = typed
        .builder(desk, "request", "/privacy/requests".into())
        .radios("way", words.t("privacy-way"), ways.to_vec())
        .text("what", words.t("privacy-given"), TYPED_MAX)
        .hint(words.t("privacy-given-hint"))
        .submit(words.t("privacy-look"));
    Section {
        id: "request".into(),
        heading: words.t("privacy-request"),
        notes: vec![words.t("privacy-request-note")],
        form: Some(form),
        ..Section::default()
    }
}

fn done(words: Words, about: &PrivacyPage<'_>) -> Section {
    let rows = about.done.iter().map(|one| {
        let by = about.names.get(&one.done.0).cloned().unwrap_or_default();
        vec![
            Item::plain(moment(one.done.1)).link(format!("/privacy?request={}", one.id)),
            Item::plain(way_name(words, one.way)),
            Item::plain(by),
        ]
    });
    Section {
        id: "done".into(),
        heading: words.t("privacy-done"),
        grid: Some(Grid {
            head: vec![words.t("privacy-at"), words.t("privacy-way"), words.t("privacy-by")],
            rows: rows.collect(),
        }),
        ..Section::default()
    }
}

fn kinds(words: Words, erased: &Erased) -> Vec<(String, String)> {
    let kinds = [
        (words.t("privacy-recipients"), erased.recipients),
        (words.t("privacy-entries"), erased.list_entries),
        (words.t("privacy-numbers"), erased.phones),
        (words.t("privacy-texts"), erased.comments),
        (words.t("privacy-answers"), erased.answers),
    ];
    kinds.map(|(name, n)| (name, n.to_string())).to_vec()
}

/// The second step: what there is, and the button that erases it.
///
/// # Errors
/// What the template engine reports.
pub fn privacy_found(desk: &Desk, asked: &Asked, erased: &Erased) -> Result<String, askama::Error> {
    let words = desk.words();
    let typed = Typed::default();
    let form = typed
        .builder(desk, "confirm", "/privacy/requests/confirm".into())
        .hidden("way", asked.way.as_str())
        .hidden("what", asked.what.as_str())
        .cancel("/privacy", words.t("privacy-cancel"))
        .grave();
    let (note, form) = match erased.is_nothing() && asked.way != Way::Address {
        true => (words.t("privacy-nothing"), None),
        false => (
            words.t("privacy-confirm-note"),
            Some(form.submit(words.t("privacy-confirm"))),
        ),
    };
    let sheet = Sheet {
        heading: words.t("privacy-found"),
        lead: words.t("privacy-found-lead"),
        sections: vec![Section {
            id: "found".into(),
            heading: way_name(words, asked.way),
            notes: vec![note],
            facts: kinds(words, erased),
            form,
            ways: vec![("/privacy".to_owned(), words.t("privacy-back"))],
            ..Section::default()
        }],
        ..Sheet::default()
    };
    page(desk, sheet, &typed)
}

/// The confirmation, for print.
///
/// # Errors
/// What the template engine reports.
pub fn privacy_done(desk: &Desk, one: &DoneShown, names: &Names) -> Result<String, askama::Error> {
    let words = desk.words();
    let by = names.get(&one.done.0).cloned().unwrap_or_default();
    let mut facts = vec![
        (words.t("privacy-number"), one.id.clone()),
        (words.t("privacy-at"), moment(one.done.1)),
        (words.t("privacy-by"), by),
        (words.t("privacy-way"), way_name(words, one.way)),
        (words.t("privacy-hash"), one.request.clone()),
    ];
    facts.extend(kinds(words, &one.erased));
    let sheet = Sheet {
        heading: words.t("privacy-confirmation"),
        lead: words.t("privacy-confirmation-lead"),
        sections: vec![Section {
            id: "confirmation".into(),
            heading: words.t("privacy-erased"),
            facts,
            notes: vec![words.t("privacy-stays")],
            ways: vec![("/privacy".to_owned(), words.t("privacy-back"))],
            ..Section::default()
        }],
        ..Sheet::default()
    };
    page(desk, sheet, &Typed::default())
}
