//! Signing in, proving once more who is there, setting a password.

use askama::Template;

use crate::access::person::{LOGIN_MAX, NAME_MAX, NUMBER_MAX};
use crate::survey::form::{FieldError, RawForm};
use crate::view::office::form::{Control, Form, FormBuilder};
use crate::view::office::{Desk, Frame};
use crate::view::words::Words;

#[derive(Template)]
#[template(path = "office/account/plain.html")]
struct Page {
    frame: Frame,
    heading: String,
    lead: Option<String>,
    notice: Option<String>,
    form: Option<Form>,
    way: Option<(&'static str, String)>,
}

/// What is said above a form that was not carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// Login, password or code are not right; which one is not told.
    Wrong,
    /// To be tried again after so many seconds.
    Wait(i64),
    /// Too many at once.
    Busy,
    /// Too many wrong codes: from the beginning.
    Again,
}

impl Notice {
    fn text(self, words: Words) -> String {
        match self {
            Notice::Wrong => words.t("sign-wrong"),
            Notice::Wait(seconds) => words.tn("sign-wait", &[("n", seconds.into())]),
            Notice::Busy => words.t("sign-busy"),
            Notice::Again => words.t("sign-again"),
        }
    }
}

fn page(desk: &Desk, heading: String, notice: Option<Notice>, form: Form) -> Page {
    Page {
        frame: Frame::at(desk, &heading),
        heading,
        lead: None,
        notice: notice.map(|notice| notice.text(desk.words())),
        form: Some(form),
        way: None,
    }
}

/// Login and password. `form` holds `login` and `next`.
///
/// # Errors
/// What the template engine reports.
pub fn sign_in(desk: &Desk, form: &RawForm, notice: Option<Notice>) -> Result<String, askama::Error> {
    let words = desk.words();
    let built = FormBuilder::new(words, "/sign-in", "", form, &[])
        .hidden("next", form.first("next"))
        .text("login", words.t("account-login"), LOGIN_MAX)
        .autocomplete("username")
        .password("password", words.t("sign-password"), "current-password")
        .submit(words.t("sign-in"));
    page(desk, words.t("sign-in"), notice, built).render()
}

/// The second step.
///
/// # Errors
/// What the template engine reports.
pub fn code(desk: &Desk, next: &str, notice: Option<Notice>) -> Result<String, askama::Error> {
    let words = desk.words();
    let empty = RawForm::default();
    let form = FormBuilder::new(words, "/sign-in/code", &desk.csrf, &empty, &[])
        .hidden("next", next)
        .text("code", words.t("sign-code"), 40)
        .hint(words.t("sign-code-hint"))
        .autocomplete("one-time-code")
        .cancel("/sign-in", words.t("sign-other"))
        .submit(words.t("sign-go-on"));
    page(desk, words.t("sign-code-heading"), notice, form).render()
}

/// Proving once more who is there.
///
/// # Errors
/// What the template engine reports.
pub fn confirm(desk: &Desk, next: &str, with_code: bool, notice: Option<Notice>) -> Result<String, askama::Error> {
    let words = desk.words();
    let empty = RawForm::default();
    let mut form = FormBuilder::new(words, "/confirm", &desk.csrf, &empty, &[])
        .hidden("next", next)
        .password("password", words.t("sign-password"), "current-password");
    if with_code {
        form = form
            .text("code", words.t("sign-code"), 40)
            .hint(words.t("sign-code-hint"))
            .autocomplete("one-time-code");
    }
    let page = page(
        desk,
        words.t("sign-confirm-heading"),
        notice,
        form.submit(words.t("sign-go-on")),
    );
    Page {
        lead: Some(words.t("sign-confirm-lead")),
        ..page
    }
    .render()
}

fn passwords(builder: FormBuilder<'_>, words: Words) -> FormBuilder<'_> {
    builder
        .password("password", words.t("account-password-new"), "new-password")
        .hint(words.t("account-password-hint"))
        .password("password_again", words.t("account-password-again"), "new-password")
}

/// The first administrator of an installation.
///
/// # Errors
/// What the template engine reports.
pub fn first(desk: &Desk, action: &str, form: &RawForm, errors: &[FieldError]) -> Result<String, askama::Error> {
    let words = desk.words();
    let builder = person_fields(FormBuilder::new(words, action, "", form, errors), words);
    let built = passwords(builder, words).submit(words.t("sign-set-up"));
    let page = page(desk, words.t("sign-first-heading"), None, built);
    Page {
        lead: Some(words.t("sign-first-lead")),
        ..page
    }
    .render()
}

/// Name, number and login of somebody.
pub(super) fn person_fields(builder: FormBuilder<'_>, words: Words) -> FormBuilder<'_> {
    builder
        .text("name", words.t("account-name"), NAME_MAX)
        .autocomplete("name")
        .text("registration_no", words.t("account-number"), NUMBER_MAX)
        .hint(words.t("account-number-hint"))
        .text("login", words.t("account-login"), LOGIN_MAX)
        .hint(words.t("account-login-hint"))
        .autocomplete("username")
}

/// The password of somebody with a one-time link.
///
/// # Errors
/// What the template engine reports.
pub fn password_of(desk: &Desk, action: &str, login: &str, errors: &[FieldError]) -> Result<String, askama::Error> {
    let words = desk.words();
    let empty = RawForm::default();
    let builder = FormBuilder::new(words, action, "", &empty, errors);
    let built = passwords(builder, words).submit(words.t("sign-set-up"));
    let page = page(desk, words.t("sign-password-heading"), None, built);
    Page {
        lead: Some(words.tn("sign-password-lead", &[("login", login.into())])),
        ..page
    }
    .render()
}

/// A new password in the place of the old one.
///
/// # Errors
/// What the template engine reports.
pub fn changed_password(desk: &Desk, errors: &[FieldError]) -> Result<String, askama::Error> {
    let words = desk.words();
    let empty = RawForm::default();
    let builder = FormBuilder::new(words, "/account/password", &desk.csrf, &empty, errors).password(
        "password_current",
        words.t("account-password-current"),
        "current-password",
    );
    let built = passwords(builder, words)
        .cancel("/account", words.t("account-back"))
        .submit(words.t("account-password-change"));
    let page = page(desk, words.t("account-password-change"), None, built);
    Page {
        lead: Some(words.t("account-password-lead")),
        ..page
    }
    .render()
}

/// A one-time link that does not work (any more); why is not told.
///
/// # Errors
/// What the template engine reports.
pub fn gone(desk: &Desk) -> Result<String, askama::Error> {
    let words = desk.words();
    Page {
        frame: Frame::at(desk, &words.t("sign-gone-heading")),
        heading: words.t("sign-gone-heading"),
        lead: Some(words.t("sign-gone-lead")),
        notice: None,
        form: None,
        way: Some(("/sign-in", words.t("sign-in"))),
    }
    .render()
}
