//! Pages that ask once more before something about codes changes.

use askama::Template;

use crate::survey::code_form::{REASON_CHARACTERS_MAX, Term};
use crate::survey::form::{FieldError, RawForm};
use crate::view::office::form::{Control, Form, FormBuilder};
use crate::view::office::{Desk, Frame};

/// What is to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// An outlet's code is withdrawn.
    Revoke,
    /// An outlet's code is replaced by its next generation.
    Rotate,
    /// An outlet's code works on other days.
    Limit(Term),
    /// Unused links are withdrawn.
    RevokeUnused(u32),
    /// Unused links are withdrawn and as many new ones made.
    Reissue(u32),
}

#[derive(Template)]
#[template(path = "office/codes/change.html")]
struct Page {
    frame: Frame,
    heading: String,
    about: String,
    form: Form,
}

/// The page of a change to what is called `name`; `action` is where it is posted, `back` where it is left.
///
/// # Errors
/// What the template engine reports.
pub fn change(
    desk: &Desk,
    change: Change,
    name: &str,
    (action, back): (&str, &str),
    typed: &RawForm,
    errors: &[FieldError],
) -> Result<String, askama::Error> {
    let words = desk.words();
    let called = [("name", name.into())];
    let counted = |n: u32| [("name", name.into()), ("n", n.into())];
    let (heading, about, submit) = match change {
        Change::Revoke => (
            words.t("codes-revoke"),
            words.tn("codes-revoke-about", &called),
            words.t("codes-act-revoke"),
        ),
        Change::Rotate => (
            words.t("codes-rotate"),
            words.tn("codes-rotate-about", &called),
            words.t("codes-act-rotate"),
        ),
        Change::Limit(_) => (
            words.t("codes-limit"),
            words.tn("codes-limit-about", &called),
            words.t("codes-act-limit"),
        ),
        Change::RevokeUnused(n) => (
            words.t("links-revoke"),
            words.tn("links-revoke-about", &counted(n)),
            words.t("links-act-revoke"),
        ),
        Change::Reissue(n) => (
            words.t("links-reissue"),
            words.tn("links-reissue-about", &counted(n)),
            words.t("links-act-reissue"),
        ),
    };
    let known;
    let mut typed = typed;
    if let Change::Limit(term) = change
        && typed.pairs().next().is_none()
    {
        known = of_term(term);
        typed = &known;
    }
    let mut form = FormBuilder::new(words, action, &desk.csrf, typed, errors);
    if matches!(change, Change::Limit(_)) {
        form = days(form, words);
    } else {
        form = form.grave();
    }
    let form = form
        .text("reason", words.t("codes-reason"), REASON_CHARACTERS_MAX)
        .hint(words.t("codes-reason-hint"))
        .cancel(back, words.t("codes-back"))
        .submit(submit);
    let page = Page {
        frame: Frame::at(desk, &heading),
        heading,
        about,
        form,
    };
    page.render()
}

fn of_term(term: Term) -> RawForm {
    let (first, last) = term.days();
    let pair = |name: &str, day: Option<chrono::NaiveDate>| day.map(|day| (name.to_owned(), day.to_string()));
    RawForm::new(
        [pair("opens", first), pair("closes", last)]
            .into_iter()
            .flatten()
            .collect(),
    )
}

/// The two days between which something works.
pub(super) fn days(form: FormBuilder<'_>, words: crate::view::words::Words) -> FormBuilder<'_> {
    form.day("opens", words.t("codes-opens"))
        .optional()
        .hint(words.t("codes-opens-hint"))
        .day("closes", words.t("codes-closes"))
        .optional()
        .hint(words.t("codes-closes-hint"))
}
