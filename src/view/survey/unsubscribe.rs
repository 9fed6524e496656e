//! The way out of invitations: a page that asks, and one that says it is done.

use askama::Template;

use super::frame::Frame;
use crate::survey::language::{Language, Text};
use crate::view::words::Words;

#[derive(Template)]
#[template(path = "survey/unsubscribe.html")]
struct Page {
    frame: Frame,
    heading: String,
    lead: String,
    action: String,
    rights: String,
}

/// The page with its two buttons; nothing happens before one is pressed. `path` is its own address.
///
/// # Errors
/// What the template engine reports.
pub fn unsubscribe(language: Language, path: &str, body: &Text, contact: &str) -> Result<String, askama::Error> {
    let words = Words::new(language);
    let heading = words.t("mail-out-heading");
    let other = format!("{path}?lang={}", language.other().tag());
    Page {
        frame: Frame::plain(language, &heading, Some(&other)),
        heading,
        lead: words.tn("mail-out-lead", &[("body", body.get(language).into())]),
        action: format!("{path}?lang={}", language.tag()),
        rights: words.tn("mail-out-rights", &[("contact", contact.into())]),
    }
    .render()
}

/// Said after it was done.
///
/// # Errors
/// What the template engine reports.
pub fn unsubscribed(language: Language, contact: &str) -> Result<String, askama::Error> {
    let words = Words::new(language);
    super::message::message(
        language,
        words.t("mail-out-done"),
        words.t("mail-out-done-text"),
        Some(words.tn("mail-out-rights", &[("contact", contact.into())])),
        None,
        None,
    )
}
