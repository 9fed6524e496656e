//! Pages about one answer for whoever holds its receipt: asked for, on record, withdrawn, sealed.

use askama::Template;

use super::frame::Frame;
use super::message::message;
use crate::survey::language::Language;
use crate::survey::submission::Receipt;
use crate::view::words::Words;

/// Why a typed code leads to no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// No receipt looks like this.
    Mistyped,
    /// There is no such answer.
    Unknown,
}

#[derive(Template)]
#[template(path = "survey/record_entry.html")]
struct Entry<'a> {
    frame: Frame,
    heading: String,
    action: String,
    typed: &'a str,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "survey/record.html")]
struct Record<'a> {
    frame: Frame,
    heading: String,
    action: String,
    code: &'a str,
    error: Option<String>,
}

fn way(language: Language) -> String {
    format!("/r?lang={}", language.tag())
}

fn title(words: Words, heading: &str, is_refused: bool) -> String {
    match is_refused {
        true => words.tn("title-refused", &[("page", heading.into())]),
        false => heading.to_owned(),
    }
}

/// The page that asks for the code, empty or with what was typed and what is wrong with it.
///
/// # Errors
/// What the template engine reports.
pub fn record_entry(language: Language, typed: &str, doubt: Option<Doubt>) -> Result<String, askama::Error> {
    let words = Words::new(language);
    let error = doubt.map(|doubt| match doubt {
        Doubt::Mistyped => words.t("record-mistyped"),
        Doubt::Unknown => words.t("record-unknown"),
    });
    let heading = words.t("record-heading");
    let title = title(words, &heading, error.is_some());
    let page = Entry {
        frame: Frame::plain(language, &title, Some(&way(language.other()))),
        heading,
        action: way(language),
        typed,
        error,
    };
    page.render()
}

/// An answer that is on record and may be withdrawn. `unsure`: withdrawing was asked for without saying so twice.
///
/// # Errors
/// What the template engine reports.
pub fn on_record(language: Language, receipt: &Receipt, unsure: bool) -> Result<String, askama::Error> {
    let words = Words::new(language);
    let heading = words.t("record-found");
    let title = title(words, &heading, unsure);
    let page = Record {
        frame: Frame::plain(language, &title, None),
        heading,
        action: format!("/r/withdraw?lang={}", language.tag()),
        code: receipt.as_str(),
        error: unsure.then(|| words.t("record-sure-missing")),
    };
    page.render()
}

/// An answer that is on record for good.
///
/// # Errors
/// What the template engine reports.
pub fn sealed(language: Language) -> Result<String, askama::Error> {
    let words = Words::new(language);
    let next = Some(words.t("record-sealed-next"));
    let (heading, text) = (words.t("record-sealed"), words.t("record-sealed-text"));
    message(language, heading, text, next, None, None)
}

/// An answer that was withdrawn.
///
/// # Errors
/// What the template engine reports.
pub fn withdrawn(language: Language) -> Result<String, askama::Error> {
    let words = Words::new(language);
    let next = Some(words.t("record-withdrawn-next"));
    let (heading, text) = (words.t("record-withdrawn"), words.t("record-withdrawn-text"));
    message(language, heading, text, next, None, None)
}
