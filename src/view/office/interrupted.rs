//! A form that arrived but may not be carried out yet: everything typed is kept and can be sent on.

use askama::Template;

use super::{Desk, Frame};
use crate::survey::form::RawForm;
use crate::view::words::Words;

/// What is missing before a form can be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interruption {
    /// Nobody is signed in any more.
    SignedOut,
    /// The person must prove once more who they are.
    Confirm,
    /// The form belongs to an earlier session.
    Again,
}

#[derive(Template)]
#[template(path = "office/interrupted.html")]
struct Page<'a> {
    frame: Frame,
    text: String,
    way: Option<(&'static str, String)>,
    action: &'a str,
    csrf: &'a str,
    fields: &'a [(String, String)],
}

/// The page that keeps a form. `action` is where it was sent to; secrets among its fields are left out.
///
/// # Errors
/// What the template engine reports.
pub fn interrupted(desk: &Desk, why: Interruption, action: &str, form: &RawForm) -> Result<String, askama::Error> {
    let words: Words = desk.words();
    let (text, way) = match why {
        Interruption::SignedOut => (
            words.t("interrupted-signed-out"),
            Some(("/sign-in", words.t("interrupted-sign-in"))),
        ),
        Interruption::Confirm => (
            words.t("interrupted-confirm"),
            Some(("/confirm", words.t("interrupted-prove"))),
        ),
        Interruption::Again => (words.t("interrupted-again"), None),
    };
    let page = Page {
        frame: Frame::at(desk, &words.t("interrupted-heading")),
        text,
        way,
        action,
        csrf: &desk.csrf,
        fields: &form
            .pairs()
            .filter(|(name, _)| !is_secret(name))
            .map(|(n, v)| (n.to_owned(), v.to_owned()))
            .collect::<Vec<_>>(),
    };
    page.render()
}

fn is_secret(name: &str) -> bool {
    ["csrf", "password", "code"]
        .iter()
        .any(|secret| name.starts_with(secret))
}
