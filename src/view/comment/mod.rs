//! Comments: the list with its counts, one comment with what may identify somebody marked, and the words for both.

mod names;

use std::collections::BTreeMap;

use super::grading::{Grid, Item, Names, Section, Sheet, Typed, address, page};
use super::office::form::Choice;
use super::office::{Desk, moment};
use super::words::Words;
use crate::survey::comment::{Clearance, Incident, NOTE_MAX, Status, TEXT_MAX};
use crate::survey::evaluation::EvaluationState;
use crate::survey::id::{PersonId, ResponseId};
use crate::survey::identifying::{GAP, Identifier, identifiers};
use crate::survey::theme::{NAME_MAX, OWN_MAX, THEMES_MAX, THEMES_VERSION, Theme, Themes};

use names::kind_name;
pub(in crate::view) use names::{concern_name, incident_choices, incident_line, status_name, theme_name};

/// A comment as its pages show it.
#[derive(Debug, Clone)]
pub struct CommentShown {
    /// Whose, by the random id of the response.
    pub id: ResponseId,
    /// What was written, while it is kept.
    pub text: Option<String>,
    /// What was decided: clearance, themes, by whom, when (Unix ms).
    pub reviewed: Option<(Clearance, Themes, PersonId, i64)>,
    /// What it reports.
    pub incident: Incident,
}

/// What the list shows.
#[derive(Debug)]
pub struct CommentsPage<'a> {
    /// State of the evaluation.
    pub state: EvaluationState,
    /// Comments by status.
    pub counts: &'a BTreeMap<Status, u64>,
    /// Which the list is narrowed to; `None` = those with an incident.
    pub status: Option<Status>,
    /// One page of them.
    pub comments: &'a [CommentShown],
    /// The last one, when there are more.
    pub next: Option<ResponseId>,
    /// Themes that the evaluation added.
    pub own: &'a [(u8, String)],
}

/// The kinds of identifiers that a text seems to have, in one line; empty where there are none.
fn warning(words: Words, text: &str) -> String {
    let mut kinds: Vec<Identifier> = identifiers(text).into_iter().map(|one| one.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let kinds: Vec<String> = kinds.into_iter().map(|kind| kind_name(words, kind)).collect();
    match kinds.is_empty() {
        true => String::new(),
        false => words.tn(
            "comment-may-hold",
            &[("kinds", kinds.join(&words.t("list-separator")).into())],
        ),
    }
}

fn themes_line(words: Words, themes: &Themes, own: &[(u8, String)]) -> String {
    let names: Vec<String> = themes.iter().map(|theme| theme_name(words, theme, own)).collect();
    names.join(&words.t("list-separator"))
}

/// A text with what may identify somebody marked: pieces, and whether each is marked.
fn pieces(text: &str) -> Vec<(String, bool)> {
    let (mut pieces, mut at) = (Vec::new(), 0);
    for one in identifiers(text) {
        pieces.push((text.get(at..one.from).unwrap_or_default().to_owned(), false));
        pieces.push((text.get(one.from..one.to).unwrap_or_default().to_owned(), true));
        at = one.to;
    }
    pieces.push((text.get(at..).unwrap_or_default().to_owned(), false));
    pieces.retain(|(piece, _)| !piece.is_empty());
    pieces
}

/// Whether somebody may decide now: until sealing.
fn is_open(state: EvaluationState) -> bool {
    matches!(state, EvaluationState::Open | EvaluationState::Closed)
}

/// The page before anybody may see what customers wrote.
///
/// # Errors
/// What the template engine reports.
pub fn comments_later(desk: &Desk) -> Result<String, askama::Error> {
    let words = desk.words();
    let sheet = Sheet {
        heading: words.t("comment-heading"),
        lead: words.t("comment-later"),
        ..Sheet::default()
    };
    page(desk, sheet, &Typed::default())
}

/// Counts, the list, added themes.
///
/// # Errors
/// What the template engine reports.
pub fn comments(desk: &Desk, about: &CommentsPage<'_>, typed: &Typed) -> Result<String, askama::Error> {
    let words = desk.words();
    let mut sections = vec![by_status(desk, about), list(desk, about, typed)];
    sections.push(own_themes(desk, about, typed));
    let sheet = Sheet {
        heading: words.t("comment-heading"),
        lead: words.t("comment-lead"),
        sections,
        ..Sheet::default()
    };
    page(desk, sheet, typed)
}

fn narrowed(desk: &Desk, query: &str) -> String {
    address(desk, &format!("comments?{query}#list"))
}

fn by_status(desk: &Desk, about: &CommentsPage<'_>) -> Section {
    let words = desk.words();
    let rows = Status::ALL.into_iter().map(|status| {
        let n = about.counts.get(&status).copied().unwrap_or(0);
        let to = narrowed(desk, &format!("status={}", status.as_str()));
        vec![
            Item::plain(status_name(words, status)).link(to),
            Item::plain(n.to_string()),
        ]
    });
    let to = narrowed(desk, "status=incident");
    let incidents = vec![Item::plain(words.t("comment-with-incident")).link(to), Item::plain("")];
    Section {
        id: "counts".into(),
        heading: words.t("comment-counts"),
        notes: vec![words.t("comment-rule")],
        grid: Some(Grid {
            head: vec![words.t("comment-status"), words.t("comment-number")],
            rows: rows.chain([incidents]).collect(),
        }),
        ..Section::default()
    }
}

fn theme_choices(words: Words, own: &[(u8, String)]) -> Vec<Choice> {
    let fixed = Theme::FIXED.iter().map(|(theme, _)| *theme);
    let themes = fixed.chain(own.iter().map(|(number, _)| Theme::Own(*number)));
    themes
        .map(|theme| Choice::new(theme.code(), theme_name(words, theme, own)))
        .collect()
}

fn list(desk: &Desk, about: &CommentsPage<'_>, typed: &Typed) -> Section {
    let words = desk.words();
    let (name, query) = match about.status {
        Some(status) => (status_name(words, status), status.as_str()),
        None => (words.t("comment-with-incident"), "incident"),
    };
    let next = about.next.map(|next| {
        let to = narrowed(desk, &format!("status={query}&after={next}"));
        (to, words.t("quality-next"))
    });
    let mut section = Section {
        id: "list".into(),
        heading: words.tn("comment-list", &[("status", name.into())]),
        ways: next.into_iter().collect(),
        ..Section::default()
    };
    let link = |one: &CommentShown| address(desk, &format!("comments/{}", one.id));
    let text = |one: &CommentShown| one.text.clone().unwrap_or_else(|| words.t("comment-erased"));
    if about.comments.is_empty() {
        section.notes.push(words.t("comment-none"));
    } else if about.status == Some(Status::Unread) && is_open(about.state) {
        let choices = about.comments.iter().map(|one| {
            let text = text(one);
            Choice::new(one.id.to_string(), &text)
                .noted(warning(words, &text))
                .with_way(link(one), words.t("comment-read"))
        });
        let statuses = [
            Choice::new(Status::Cleared.as_str(), words.t("comment-clear")),
            Choice::new(Status::Withheld.as_str(), words.t("comment-withhold")),
        ];
        section.notes.push(words.t("comment-together-lead"));
        section.form = Some(
            typed
                .builder(desk, "together", address(desk, "comments"))
                .boxes("comment", words.t("comment-comments"), choices.collect())
                .boxes("theme", words.t("comment-themes"), theme_choices(words, about.own))
                .hint(words.tn("comment-themes-hint", &[("most", THEMES_MAX.into())]))
                .radios("status", words.t("comment-decision"), statuses.to_vec())
                .submit(words.t("comment-decide-together")),
        );
    } else {
        let rows = about.comments.iter().map(|one| {
            let themes = one
                .reviewed
                .as_ref()
                .map(|(_, themes, ..)| themes_line(words, themes, about.own));
            let left = one.reviewed.as_ref().and_then(|(clearance, ..)| clearance.text());
            let shown = left.map_or_else(|| text(one), str::to_owned);
            let told = one.incident.concern.map(|concern| concern_name(words, concern));
            vec![
                Item::plain(shown).link(link(one)),
                Item::plain(themes.unwrap_or_default()),
                Item::plain(told.unwrap_or_default()).small(one.incident.note.clone()),
            ]
        });
        section.grid = Some(Grid {
            head: vec![
                words.t("comment-comment"),
                words.t("comment-themes"),
                words.t("comment-incident"),
            ],
            rows: rows.collect(),
        });
    }
    section
}

fn own_themes(desk: &Desk, about: &CommentsPage<'_>, typed: &Typed) -> Section {
    let words = desk.words();
    let form = (is_open(about.state) && about.own.len() < OWN_MAX).then(|| {
        typed
            .builder(desk, "theme", address(desk, "comments/themes"))
            .text("name", words.t("comment-theme-name"), NAME_MAX)
            .hint(words.tn("comment-theme-hint", &[("most", OWN_MAX.into())]))
            .submit(words.t("comment-theme-add"))
    });
    Section {
        id: "themes".into(),
        heading: words.t("comment-own-themes"),
        notes: vec![words.tn("comment-fixed-themes", &[("version", THEMES_VERSION.into())])],
        list: about.own.iter().map(|(_, name)| name.clone()).collect(),
        form,
        ..Section::default()
    }
}

/// What the page of one comment shows.
#[derive(Debug)]
pub struct CommentPage<'a> {
    /// State of the evaluation.
    pub state: EvaluationState,
    /// The comment.
    pub comment: &'a CommentShown,
    /// Themes that the evaluation added.
    pub own: &'a [(u8, String)],
    /// Names of people.
    pub names: &'a Names,
}

/// One comment, what was decided about it, and the form.
///
/// # Errors
/// What the template engine reports.
pub fn comment(desk: &Desk, about: &CommentPage<'_>, typed: &Typed) -> Result<String, askama::Error> {
    let words = desk.words();
    let one = about.comment;
    let text = one.text.clone().unwrap_or_default();
    let mut notes: Vec<String> = vec![warning(words, &text)];
    notes.retain(|note| !note.is_empty());
    let written = Section {
        id: "written".into(),
        heading: words.t("comment-written"),
        pieces: match one.text {
            Some(_) => pieces(&text),
            None => vec![(words.t("comment-erased"), false)],
        },
        notes,
        ways: vec![(address(desk, "comments#list"), words.t("comment-back"))],
        ..Section::default()
    };
    let mut sections = vec![written];
    sections.extend(one.reviewed.as_ref().map(|reviewed| decided(words, about, reviewed)));
    if is_open(about.state) && one.text.is_some() {
        let statuses = [
            Choice::new(Status::Cleared.as_str(), words.t("comment-clear")),
            Choice::new(Status::Redacted.as_str(), words.t("comment-redact")),
            Choice::new(Status::Withheld.as_str(), words.t("comment-withhold")),
        ];
        let form = typed
            .builder(desk, "ruling", address(desk, &format!("comments/{}", one.id)))
            .radios("status", words.t("comment-decision"), statuses.to_vec())
            .lines("text", words.t("comment-text"), 4, TEXT_MAX)
            .optional()
            .hint(words.tn("comment-text-hint", &[("gap", GAP.into())]))
            .tick("sure", words.t("comment-sure"), words.t("comment-sure-text"))
            .boxes("theme", words.t("comment-themes"), theme_choices(words, about.own))
            .hint(words.tn("comment-themes-hint", &[("most", THEMES_MAX.into())]))
            .radios("incident", words.t("comment-incident"), incident_choices(words))
            .hint(words.t("comment-incident-hint"))
            .text("note", words.t("comment-note"), NOTE_MAX)
            .optional()
            .hint(words.t("comment-note-hint"));
        sections.push(Section {
            id: "decide".into(),
            heading: words.t("comment-decide"),
            form: Some(form.submit(words.t("comment-keep"))),
            ..Section::default()
        });
    }
    let sheet = Sheet {
        heading: words.t("comment-comment"),
        lead: words.t("comment-lead"),
        sections,
        ..Sheet::default()
    };
    page(desk, sheet, typed)
}

fn decided(words: Words, about: &CommentPage<'_>, reviewed: &(Clearance, Themes, PersonId, i64)) -> Section {
    let (clearance, themes, by, at_ms) = reviewed;
    let by = about.names.get(by).cloned().unwrap_or_default();
    let mut facts = vec![
        (words.t("comment-status"), status_name(words, clearance.status())),
        (words.t("comment-themes"), themes_line(words, themes, about.own)),
        (words.t("comment-by"), format!("{by} · {}", moment(*at_ms))),
    ];
    let leaves = clearance
        .text()
        .map(|text| (words.t("comment-leaves"), text.to_owned()));
    facts.extend(leaves);
    if let Some(concern) = about.comment.incident.concern {
        let told = [concern_name(words, concern), about.comment.incident.note.clone()];
        facts.push((words.t("comment-incident"), told.join(" ")));
    }
    Section {
        id: "decided".into(),
        heading: words.t("comment-decided"),
        facts,
        ..Section::default()
    }
}
