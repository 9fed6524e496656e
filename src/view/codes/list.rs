//! Lists of outlets' codes and of batches of single-use links.

use askama::Template;
use chrono::NaiveDate;

use super::change::days;
use crate::survey::admission::Refusal;
use crate::survey::code_form::{LINKS_PER_BATCH_MAX, Term};
use crate::survey::form::{FieldError, RawForm};
use crate::survey::id::EvaluationId;
use crate::survey::language::Text;
use crate::survey::link::LinkKind;
use crate::view::office::form::{Choice, Control, Form, FormBuilder};
use crate::view::office::{Desk, Frame, moment};
use crate::view::words::Words;

/// Outlets to choose from: value in the form, name.
pub type Outlets = [(String, Text)];

/// A form as it was typed, and what must be corrected in it.
pub type Typed<'a> = (&'a RawForm, &'a [FieldError]);

/// An outlet's code.
#[derive(Debug, Clone)]
pub struct CodeRow {
    /// Its id.
    pub id: String,
    /// Its outlet.
    pub outlet: Text,
    /// Which code of its kind.
    pub generation: i32,
    /// Why it takes no answer now, if it takes none.
    pub refusal: Option<Refusal>,
    /// When it works.
    pub term: Term,
    /// Visitors after it had ended, and the day of the latest.
    pub late: (i64, Option<NaiveDate>),
}

/// A batch of single-use links.
#[derive(Debug, Clone)]
pub struct BatchRow {
    /// Its id.
    pub id: String,
    /// Its outlet.
    pub outlet: Text,
    /// Personal or printed.
    pub kind: LinkKind,
    /// When it was made, Unix ms.
    pub created_at_ms: i64,
    /// When its links work.
    pub term: Term,
    /// Its links by state.
    pub counts: Counts,
    /// Visitors after their link had ended.
    pub late: i64,
}

/// Links by state.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    /// Neither answered nor ended.
    pub unused: u32,
    /// Answered.
    pub used: u32,
    /// Over.
    pub expired: u32,
    /// Withdrawn.
    pub revoked: u32,
}

/// What the page of outlets' codes shows.
#[derive(Debug, Clone, Copy)]
pub struct CodesPage<'a> {
    /// The evaluation.
    pub evaluation: EvaluationId,
    /// Its outlets' codes.
    pub codes: &'a [CodeRow],
    /// Its outlets, while new codes may be made.
    pub outlets: Option<&'a Outlets>,
    /// Whether the plan foresees this way.
    pub is_foreseen: bool,
}

/// What a page of batches shows.
#[derive(Debug, Clone, Copy)]
pub struct LinksPage<'a> {
    /// The evaluation.
    pub evaluation: EvaluationId,
    /// Personal or printed.
    pub kind: LinkKind,
    /// Batches of this kind.
    pub batches: &'a [BatchRow],
    /// Its outlets, while new links may be made.
    pub outlets: Option<&'a Outlets>,
    /// Whether the plan foresees this way.
    pub is_foreseen: bool,
}

struct Code<'a> {
    id: &'a str,
    outlet: &'a str,
    version: String,
    state: String,
    term: String,
    late: i64,
    late_day: Option<String>,
    live: bool,
}

#[derive(Template)]
#[template(path = "office/codes/codes.html")]
struct Codes<'a> {
    frame: Frame,
    heading: String,
    base: &'a str,
    tabs: [(String, String, bool); 3],
    rows: Vec<Code<'a>>,
    form: Option<Form>,
    is_foreseen: bool,
}

struct Batch<'a> {
    id: &'a str,
    outlet: &'a str,
    made: String,
    term: String,
    counts: Counts,
    late: i64,
}

#[derive(Template)]
#[template(path = "office/codes/links.html")]
struct Links<'a> {
    frame: Frame,
    heading: String,
    lead: String,
    new: String,
    base: &'a str,
    tabs: [(String, String, bool); 3],
    rows: Vec<Batch<'a>>,
    form: Option<Form>,
    is_foreseen: bool,
}

#[derive(Template)]
#[template(path = "office/codes/batch.html")]
struct BatchPage<'a> {
    frame: Frame,
    heading: String,
    base: &'a str,
    id: &'a str,
    tabs: [(String, String, bool); 3],
    facts: Vec<(String, String)>,
    about: String,
    form: Option<Form>,
}

/// The codes of an evaluation's outlets, with the form that makes another.
///
/// # Errors
/// What the template engine reports.
pub fn codes(desk: &Desk, shown: &CodesPage<'_>, (typed, errors): Typed<'_>) -> Result<String, askama::Error> {
    let words = desk.words();
    let base = base(shown.evaluation);
    let row = |code: &'_ CodeRow| {
        let (late, day) = code.late;
        (
            late,
            day.map(|day| words.tn("codes-late-day", &[("day", day.to_string().into())])),
        )
    };
    let rows = shown.codes.iter().map(|code| {
        let (late, late_day) = row(code);
        Code {
            id: &code.id,
            outlet: code.outlet.get(desk.language),
            version: words.tn("plate-version", &[("n", code.generation.into())]),
            state: state(words, code.refusal),
            term: term(words, code.term),
            late,
            late_day,
            live: code.refusal != Some(Refusal::Revoked),
        }
    });
    let form = shown.outlets.map(|outlets| {
        let form = FormBuilder::new(words, base.as_str(), &desk.csrf, typed, errors);
        let form = form.select("outlet", words.t("head-outlet"), choices(desk, outlets));
        days(form, words).submit(words.t("codes-make"))
    });
    let heading = words.t("rail-codes");
    let page = Codes {
        frame: Frame::at(desk, &heading),
        heading,
        base: &base,
        tabs: tabs(words, &base, LinkKind::Outlet),
        rows: rows.collect(),
        form,
        is_foreseen: shown.is_foreseen,
    };
    page.render()
}

/// The batches of one kind, with the form that makes another.
///
/// # Errors
/// What the template engine reports.
pub fn links(desk: &Desk, shown: &LinksPage<'_>, (typed, errors): Typed<'_>) -> Result<String, askama::Error> {
    let words = desk.words();
    let base = base(shown.evaluation);
    let (heading, lead, new) = match shown.kind {
        LinkKind::Printed => (
            words.t("codes-tab-printed"),
            words.t("sheets-lead"),
            words.t("sheets-new"),
        ),
        _ => (
            words.t("codes-tab-personal"),
            words.t("links-lead"),
            words.t("links-new"),
        ),
    };
    let row = |batch: &'_ BatchRow| (term(words, batch.term), moment(batch.created_at_ms));
    let rows = shown.batches.iter().map(|batch| {
        let (term, made) = row(batch);
        Batch {
            id: &batch.id,
            outlet: batch.outlet.get(desk.language),
            made,
            term,
            counts: batch.counts,
            late: batch.late,
        }
    });
    let form = shown.outlets.map(|outlets| {
        let action = format!("{base}/{}", ending(shown.kind));
        let form = FormBuilder::new(words, action, &desk.csrf, typed, errors)
            .select("outlet", words.t("head-outlet"), choices(desk, outlets))
            .number("links", words.t("links-count"))
            .hint(words.tn("links-count-hint", &[("max", LINKS_PER_BATCH_MAX.into())]));
        days(form, words).submit(words.t("links-make"))
    });
    let page = Links {
        frame: Frame::at(desk, &heading),
        tabs: tabs(words, &base, shown.kind),
        rows: rows.collect(),
        base: &base,
        heading,
        lead,
        new,
        form,
        is_foreseen: shown.is_foreseen,
    };
    page.render()
}

/// One batch: its counts, and the way to its unused links.
///
/// # Errors
/// What the template engine reports.
pub fn batch(desk: &Desk, evaluation: EvaluationId, shown: &BatchRow) -> Result<String, askama::Error> {
    let words = desk.words();
    let base = base(evaluation);
    let (heading, about, submit, end) = match shown.kind {
        LinkKind::Printed => (
            words.t("codes-tab-printed"),
            words.t("slips-about"),
            words.t("slips-print"),
            "slips",
        ),
        _ => (
            words.t("codes-tab-personal"),
            words.t("links-about"),
            words.t("links-download"),
            "links.csv",
        ),
    };
    let counts = shown.counts;
    let facts = vec![
        (words.t("head-outlet"), shown.outlet.get(desk.language).to_owned()),
        (words.t("links-made"), moment(shown.created_at_ms)),
        (words.t("codes-head-term"), term(words, shown.term)),
        (words.t("links-head-unused"), counts.unused.to_string()),
        (words.t("links-head-used"), counts.used.to_string()),
        (words.t("links-head-expired"), counts.expired.to_string()),
        (words.t("links-head-revoked"), counts.revoked.to_string()),
        (words.t("codes-head-late"), shown.late.to_string()),
    ];
    let typed = RawForm::default();
    let form = (counts.unused > 0).then(|| {
        let action = format!("{base}/batches/{}/{end}", shown.id);
        FormBuilder::new(words, action, &desk.csrf, &typed, &[]).submit(submit)
    });
    let page = BatchPage {
        frame: Frame::at(desk, &heading),
        tabs: tabs(words, &base, shown.kind),
        id: &shown.id,
        base: &base,
        heading,
        facts,
        about,
        form,
    };
    page.render()
}

fn base(evaluation: EvaluationId) -> String {
    format!("/evaluations/{evaluation}/codes")
}

/// Last part of the address of a kind's page.
fn ending(kind: LinkKind) -> &'static str {
    match kind {
        LinkKind::Outlet => "",
        LinkKind::Personal => "links",
        LinkKind::Printed => "sheets",
    }
}

fn tabs(words: Words, base: &str, current: LinkKind) -> [(String, String, bool); 3] {
    let tab = |kind, text| {
        (
            format!("{base}/{}", ending(kind)).trim_end_matches('/').to_owned(),
            text,
            kind == current,
        )
    };
    [
        tab(LinkKind::Outlet, words.t("codes-tab-outlet")),
        tab(LinkKind::Personal, words.t("codes-tab-personal")),
        tab(LinkKind::Printed, words.t("codes-tab-printed")),
    ]
}

fn choices(desk: &Desk, outlets: &Outlets) -> Vec<Choice> {
    let choice = |(id, name): &(String, Text)| Choice::new(id.as_str(), name.get(desk.language));
    outlets.iter().map(choice).collect()
}

fn state(words: Words, refusal: Option<Refusal>) -> String {
    match refusal {
        Some(Refusal::NotYetOpen | Refusal::BeforeField(_)) => words.t("codes-state-early"),
        Some(Refusal::Revoked) => words.t("codes-state-revoked"),
        Some(Refusal::Unforeseen) => words.t("codes-state-unforeseen"),
        Some(_) => words.t("codes-state-over"),
        None => words.t("codes-state-works"),
    }
}

fn term(words: Words, term: Term) -> String {
    let text = |day: NaiveDate| day.to_string();
    match term.days() {
        (None, None) => words.t("codes-term-fieldwork"),
        (Some(first), None) => words.tn("codes-term-from", &[("first", text(first).into())]),
        (None, Some(last)) => words.tn("codes-term-until", &[("last", text(last).into())]),
        (Some(first), Some(last)) => words.tn(
            "codes-term-between",
            &[("first", text(first).into()), ("last", text(last).into())],
        ),
    }
}
