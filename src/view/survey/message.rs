//! Pages without a form: the receipt, polite ends, refusals, troubles.

use askama::Template;

use super::Scene;
use super::frame::Frame;
use crate::survey::admission::Refusal;
use crate::survey::disposition::Code;
use crate::survey::language::Language;
use crate::survey::submission::Receipt;
use crate::view::words::Words;

/// What went wrong with a request, as far as a visitor can use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// No such page (404).
    NotFound,
    /// The page does not take this method (405).
    MethodNotAllowed,
    /// The request body is too large (413).
    TooLarge,
    /// The address is too long (414).
    UrlTooLong,
    /// The headers are too large (431).
    HeadersTooLarge,
    /// The request took too long to arrive (408).
    TooSlow,
    /// Too many wrong codes from one place (429).
    TooManyTries,
    /// Not readable (400).
    BadRequest,
    /// Nobody is signed in (401).
    SignedOut,
    /// This person may not (403).
    Forbidden,
    /// What was asked for can no longer, or not yet, be done.
    Outdated,
    /// Not sent from a page of ours (403).
    Foreign,
    /// Our fault (500).
    Internal,
    /// Too much to do (503).
    Busy,
}

impl Trouble {
    /// Every trouble.
    pub const ALL: [Trouble; 14] = [
        Trouble::NotFound,
        Trouble::MethodNotAllowed,
        Trouble::TooLarge,
        Trouble::UrlTooLong,
        Trouble::HeadersTooLarge,
        Trouble::TooSlow,
        Trouble::TooManyTries,
        Trouble::BadRequest,
        Trouble::SignedOut,
        Trouble::Forbidden,
        Trouble::Outdated,
        Trouble::Foreign,
        Trouble::Internal,
        Trouble::Busy,
    ];
}

#[derive(Template)]
#[template(path = "survey/receipt.html")]
struct ReceiptPage<'a> {
    frame: Frame,
    thanks: &'a str,
    code: &'a str,
    rest: Option<&'a str>,
    repeated: bool,
    record: String,
    usage: String,
    totals_only: String,
}

#[derive(Template)]
#[template(path = "survey/message.html")]
struct Message {
    frame: Frame,
    heading: String,
    text: String,
    next: Option<String>,
    reference: Option<String>,
}

/// The receipt, with the code on the element `data-receipt`. `repeated`: this form had already been submitted, and
/// that first submission is the one that counts.
/// `base_url`: where the receipt is asked about later, as the page is kept as a picture.
///
/// # Errors
/// What the template engine reports.
pub fn receipt(scene: &Scene<'_>, receipt: &Receipt, base_url: &str, repeated: bool) -> Result<String, askama::Error> {
    let words = Words::new(scene.language);
    let closing = scene.text(&scene.questionnaire.texts().closing);
    let (thanks, rest) = closing.split_once("{code}").unwrap_or((closing, ""));
    let rest = rest.trim_matches(|c: char| c.is_whitespace() || matches!(c, '。' | '.'));
    let page = ReceiptPage {
        frame: Frame::of(scene, &words.t("receipt-title"), None),
        thanks: thanks.trim(),
        code: receipt.as_str(),
        rest: (!rest.is_empty()).then_some(rest),
        repeated,
        record: format!("/r?lang={}", scene.language.tag()),
        usage: words.tn("receipt-use", &[("address", format!("{base_url}/r").into())]),
        totals_only: words.tn("receipt-private", &[("firm", scene.firm().into())]),
    };
    page.render()
}

/// The polite end for somebody who declines or does not belong to those asked.
///
/// # Errors
/// What the template engine reports.
pub fn ended(language: Language, code: Code) -> Result<String, askama::Error> {
    let words = Words::new(language);
    let text = match code {
        Code::Refusal => words.t("ended-declined"),
        Code::Minor => words.t("ended-minor"),
        Code::NoService => words.t("ended-no-service"),
        Code::Interested => words.t("ended-interested"),
        Code::Complete
        | Code::Partial
        | Code::BreakOff
        | Code::Withdrawn
        | Code::NoContact
        | Code::Unable
        | Code::Duplicate
        | Code::Unknown
        | Code::UnknownCustomer => words.t("ended-other"),
    };
    message(
        language,
        words.t("ended-heading"),
        text,
        Some(words.t("ended-close")),
        None,
        None,
    )
}

/// Why this link or form takes no answer, and what to do.
///
/// # Errors
/// What the template engine reports.
pub fn refusal(language: Language, refusal: Refusal, other_language_href: &str) -> Result<String, askama::Error> {
    let (heading, text, next) = refusal_words(Words::new(language), refusal);
    message(language, heading, text, Some(next), None, Some(other_language_href))
}

/// What is the case, in a few words and in a sentence, and what to do.
pub(super) fn refusal_words(w: Words, refusal: Refusal) -> (String, String, String) {
    match refusal {
        Refusal::Unknown => (
            w.t("refusal-unknown"),
            w.t("refusal-unknown-text"),
            w.t("refusal-unknown-next"),
        ),
        Refusal::NotYetOpen => (
            w.t("refusal-early"),
            w.t("refusal-early-text"),
            w.t("refusal-early-next"),
        ),
        Refusal::Closed => (
            w.t("refusal-closed"),
            w.t("refusal-closed-text"),
            w.t("refusal-closed-next"),
        ),
        Refusal::BeforeField(day) => (
            w.t("refusal-early"),
            w.tn("refusal-before-text", &[("day", day.to_string().into())]),
            w.t("refusal-before-next"),
        ),
        Refusal::AfterField(day) => (
            w.t("refusal-closed"),
            w.tn("refusal-after-text", &[("day", day.to_string().into())]),
            w.t("refusal-closed-next"),
        ),
        Refusal::Unforeseen => (
            w.t("refusal-unforeseen"),
            w.t("refusal-unforeseen-text"),
            w.t("refusal-unforeseen-next"),
        ),
        Refusal::Revoked => (
            w.t("refusal-revoked"),
            w.t("refusal-revoked-text"),
            w.t("refusal-revoked-next"),
        ),
        Refusal::Used => (w.t("refusal-used"), w.t("refusal-used-text"), w.t("refusal-used-next")),
        Refusal::FormExpired => (
            w.t("refusal-expired"),
            w.t("refusal-expired-text"),
            w.t("refusal-expired-next"),
        ),
        Refusal::FormInvalid => (
            w.t("refusal-invalid"),
            w.t("refusal-invalid-text"),
            w.t("refusal-invalid-next"),
        ),
    }
}

/// What went wrong, with a reference that also stands in the log.
///
/// # Errors
/// What the template engine reports.
pub fn trouble(
    language: Language,
    trouble: Trouble,
    reference: &str,
    other_language_href: Option<&str>,
) -> Result<String, askama::Error> {
    let w = Words::new(language);
    let (heading, text) = match trouble {
        Trouble::NotFound => (w.t("trouble-not-found"), w.t("trouble-not-found-text")),
        Trouble::MethodNotAllowed => (w.t("trouble-method"), w.t("trouble-method-text")),
        Trouble::TooLarge => (w.t("trouble-too-large"), w.t("trouble-too-large-text")),
        Trouble::UrlTooLong => (w.t("trouble-url-too-long"), w.t("trouble-url-too-long-text")),
        Trouble::HeadersTooLarge => (w.t("trouble-headers"), w.t("trouble-headers-text")),
        Trouble::TooSlow => (w.t("trouble-too-slow"), w.t("trouble-too-slow-text")),
        Trouble::TooManyTries => (w.t("trouble-too-many"), w.t("trouble-too-many-text")),
        Trouble::BadRequest => (w.t("trouble-bad-request"), w.t("trouble-bad-request-text")),
        Trouble::SignedOut => (w.t("trouble-signed-out"), w.t("trouble-signed-out-text")),
        Trouble::Forbidden => (w.t("trouble-forbidden"), w.t("trouble-forbidden-text")),
        Trouble::Outdated => (w.t("trouble-outdated"), w.t("trouble-outdated-text")),
        Trouble::Foreign => (w.t("trouble-foreign"), w.t("trouble-foreign-text")),
        Trouble::Internal => (w.t("trouble-internal"), w.t("trouble-internal-text")),
        Trouble::Busy => (w.t("trouble-busy"), w.t("trouble-busy-text")),
    };
    let reference = w.tn("trouble-reference", &[("reference", reference.into())]);
    message(language, heading, text, None, Some(reference), other_language_href)
}

pub(super) fn message(
    language: Language,
    heading: String,
    text: String,
    next: Option<String>,
    reference: Option<String>,
    other_language_href: Option<&str>,
) -> Result<String, askama::Error> {
    let frame = Frame::plain(language, &heading, other_language_href);
    Message {
        frame,
        heading,
        text,
        next,
        reference,
    }
    .render()
}
