//! Uploads that a reviewer decides about, what evaluators may ask for besides answers, numbers for verification. No
//! answer is shown: whether an interview counts must not hang on what was said in it.

use askama::Template;

use crate::survey::form::{FieldError, RawForm};
use crate::survey::id::EvaluationId;
use crate::survey::language::Text;
use crate::survey::paradata::CLOCK_TOLERANCE_MS;
use crate::view::office::form::{Choice, Control, Form, FormBuilder};
use crate::view::office::{Desk, Frame, moment};
use crate::view::words::Words;

/// Longest reason of a decision, characters.
pub const REASON_MAX: usize = 200;

/// An upload as the pages show it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Id the device gave it.
    pub client: String,
    /// Hash of its text.
    pub hash: String,
    /// Who took it.
    pub evaluator: String,
    /// Where.
    pub outlet: Text,
    /// An interview; else an approach.
    pub is_interview: bool,
    /// Under a known id with another text; else after closing, or taken outside of the field.
    pub is_conflict: bool,
    /// Taken outside of the time in the field.
    pub is_outside: bool,
    /// From when to when, Unix ms by the server's clock, as the device claims; `None` once the customer withdrew.
    pub span_ms: Option<(i64, i64)>,
    /// Arrival, Unix ms.
    pub arrived_at_ms: i64,
    /// Server minus device, ms.
    pub clock_offset_ms: i64,
    /// Accepted or not, why, who, when (Unix ms).
    pub decision: Option<(bool, String, String, i64)>,
}

struct Card {
    heading: String,
    facts: Vec<(String, String)>,
    decided: Option<String>,
    href: Option<String>,
}

fn card(desk: &Desk, shown: &Shown, href: Option<String>) -> Card {
    let words = desk.words();
    let why = match (shown.is_conflict, shown.is_outside) {
        (true, _) => words.t("uploads-conflict"),
        (_, true) => words.t("uploads-outside"),
        _ => words.t("uploads-late"),
    };
    let kind = match shown.is_interview {
        true => words.t("uploads-interview"),
        false => words.t("uploads-approach"),
    };
    let span = shown.span_ms.map_or_else(
        || words.t("uploads-withdrawn"),
        |(from, to)| {
            words.tn(
                "uploads-span",
                &[("from", moment(from).into()), ("to", moment(to).into())],
            )
        },
    );
    let facts = vec![
        (words.t("uploads-why"), why),
        (words.t("role-evaluator"), shown.evaluator.clone()),
        (words.t("uploads-taken"), span),
        (words.t("uploads-arrived"), moment(shown.arrived_at_ms)),
        (words.t("uploads-clock"), clock(words, shown.clock_offset_ms)),
        (words.t("uploads-id"), shown.client.clone()),
    ];
    let decided = shown.decision.as_ref().map(|(accepted, reason, by, at_ms)| {
        let values = [
            ("by", by.as_str().into()),
            ("at", moment(*at_ms).into()),
            ("reason", reason.as_str().into()),
        ];
        match accepted {
            true => words.tn("uploads-accepted", &values),
            false => words.tn("uploads-rejected", &values),
        }
    });
    Card {
        heading: format!("{kind} · {}", shown.outlet.get(desk.language)),
        facts,
        href: href.filter(|_| decided.is_none()),
        decided,
    }
}

/// How far a clock is off, in words; more than five minutes is pointed out.
pub(in crate::view) fn clock(words: Words, offset_ms: i64) -> String {
    if offset_ms.abs() <= CLOCK_TOLERANCE_MS {
        return words.t("uploads-clock-right");
    }
    let minutes = [("minutes", ((offset_ms.abs() + 30_000) / 60_000).into())];
    match offset_ms > 0 {
        true => words.tn("uploads-clock-slow", &minutes),
        false => words.tn("uploads-clock-fast", &minutes),
    }
}

#[derive(Template)]
#[template(path = "interview/uploads.html")]
struct Uploads {
    frame: Frame,
    cards: Vec<Card>,
    phones: Option<String>,
    asked: Vec<String>,
    form: Option<Form>,
}

/// The uploads of an evaluation, and what its evaluators may ask for: `(location, phone)`.
///
/// # Errors
/// What the template engine reports.
pub fn uploads(
    desk: &Desk,
    evaluation: EvaluationId,
    shown: &[Shown],
    may_decide: bool,
    asks: (bool, bool),
    may_set: bool,
) -> Result<String, askama::Error> {
    let words = desk.words();
    let base = format!("/evaluations/{evaluation}");
    let cards = shown.iter().map(|one| {
        let href = may_decide.then(|| format!("{base}/uploads/{}/{}", one.client, one.hash));
        card(desk, one, href)
    });
    let ticked = |on: bool| if on { "yes" } else { "" }.to_owned();
    let now = RawForm::new(vec![
        ("location".into(), ticked(asks.0)),
        ("phone".into(), ticked(asks.1)),
    ]);
    let asked = [
        (asks.0, words.t("uploads-asks-location")),
        (asks.1, words.t("uploads-asks-phone")),
    ];
    let form = may_set.then(|| {
        FormBuilder::new(words, format!("{base}/uploads"), &desk.csrf, &now, &[])
            .tick(
                "location",
                words.t("uploads-location"),
                words.t("uploads-asks-location"),
            )
            .hint(words.t("uploads-location-hint"))
            .tick("phone", words.t("uploads-phone"), words.t("uploads-asks-phone"))
            .hint(words.t("uploads-phone-hint"))
            .submit(words.t("uploads-set"))
    });
    let page = Uploads {
        frame: Frame::at(desk, &words.t("uploads-heading")),
        cards: cards.collect(),
        phones: may_decide.then(|| format!("{base}/phones")),
        asked: asked.into_iter().filter(|(on, _)| *on).map(|(_, text)| text).collect(),
        form,
    };
    page.render()
}

#[derive(Template)]
#[template(path = "interview/upload.html")]
struct Upload {
    frame: Frame,
    card: Card,
    back: String,
    form: Option<Form>,
}

/// One upload with the form of the decision.
///
/// # Errors
/// What the template engine reports.
pub fn upload(
    desk: &Desk,
    evaluation: EvaluationId,
    shown: &Shown,
    form: &RawForm,
    errors: &[FieldError],
) -> Result<String, askama::Error> {
    let words = desk.words();
    let back = format!("/evaluations/{evaluation}/uploads");
    let mut choices = vec![Choice::new("reject", words.t("uploads-reject"))];
    if !shown.is_conflict {
        choices.insert(0, Choice::new("accept", words.t("uploads-accept")));
    }
    let action = format!("{back}/{}/{}", shown.client, shown.hash);
    let form = shown.decision.is_none().then(|| {
        FormBuilder::new(words, &action, &desk.csrf, form, errors)
            .radios("decision", words.t("uploads-decision"), choices)
            .text("reason", words.t("uploads-reason"), REASON_MAX)
            .cancel(back.clone(), words.t("approach-cancel"))
            .submit(words.t("uploads-decide"))
    });
    let page = Upload {
        frame: Frame::at(desk, &words.t("uploads-one")),
        card: card(desk, shown, None),
        back,
        form,
    };
    page.render()
}

/// A number that a customer left.
#[derive(Debug, Clone)]
pub struct Number {
    /// The interview.
    pub interview: String,
    /// The number; `None` where the key does not open it.
    pub number: Option<String>,
    /// When the customer agreed, Unix ms.
    pub consented_at_ms: i64,
    /// When the interview was verified by it, Unix ms.
    pub verified_at_ms: Option<i64>,
}

struct Line {
    interview: String,
    number: String,
    about: String,
    is_open: bool,
}

#[derive(Template)]
#[template(path = "interview/phones.html")]
struct Phones {
    frame: Frame,
    lines: Vec<Line>,
    action: String,
    back: String,
}

/// Numbers for verification.
///
/// # Errors
/// What the template engine reports.
pub fn phones(desk: &Desk, evaluation: EvaluationId, numbers: &[Number]) -> Result<String, askama::Error> {
    let words = desk.words();
    let line = |number: &Number| {
        let values = [(
            "at",
            moment(number.verified_at_ms.unwrap_or(number.consented_at_ms)).into(),
        )];
        Line {
            interview: number.interview.clone(),
            number: number.number.clone().unwrap_or_else(|| words.t("phones-unreadable")),
            about: match number.verified_at_ms {
                Some(_) => words.tn("phones-verified", &values),
                None => words.tn("phones-consented", &values),
            },
            is_open: number.verified_at_ms.is_none(),
        }
    };
    let page = Phones {
        frame: Frame::at(desk, &words.t("phones-heading")),
        lines: numbers.iter().map(line).collect(),
        action: format!("/evaluations/{evaluation}/phones"),
        back: format!("/evaluations/{evaluation}/uploads"),
    };
    page.render()
}
