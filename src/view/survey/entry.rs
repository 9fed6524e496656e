//! The page where a customer types the code of a slip.

use askama::Template;

use super::frame::Frame;
use crate::survey::language::Language;
use crate::survey::printed_code::{CHARACTERS, Mistyped};
use crate::view::words::Words;

#[derive(Template)]
#[template(path = "survey/entry.html")]
struct Entry<'a> {
    frame: Frame,
    heading: String,
    action: String,
    typed: &'a str,
    error: Option<String>,
}

/// The page, empty or with what was typed and what is wrong with it.
///
/// # Errors
/// What the template engine reports.
pub fn entry(language: Language, typed: &str, mistyped: Option<Mistyped>) -> Result<String, askama::Error> {
    let words = Words::new(language);
    let error = mistyped.map(|mistyped| match mistyped {
        Mistyped::Empty => words.t("entry-empty"),
        Mistyped::Length(n) => words.tn("entry-length", &[("n", n.into()), ("wanted", CHARACTERS.into())]),
        Mistyped::Character(letter) => words.tn("entry-character", &[("letter", letter.to_string().into())]),
        Mistyped::Check => words.t("entry-check"),
    });
    let heading = words.t("entry-heading");
    let title = match error {
        None => heading.clone(),
        Some(_) => words.tn("title-refused", &[("page", heading.as_str().into())]),
    };
    let page = Entry {
        frame: Frame::plain(language, &title, Some(&format!("/c?lang={}", language.other().tag()))),
        heading,
        action: format!("/c?lang={}", language.tag()),
        typed,
        error,
    };
    page.render()
}
