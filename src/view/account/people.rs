//! Everybody's accounts, for administrators.

use askama::Template;

use super::sign_in::person_fields;
use super::{AccountFacts, role_names, state};
use crate::access::Role;
use crate::survey::form::{FieldError, RawForm};
use crate::view::office::form::{Choice, Control, Form, FormBuilder};
use crate::view::office::{Desk, Frame, role_name};
use crate::view::words::Words;

struct Line {
    person: String,
    name: String,
    registration_no: String,
    login: String,
    roles: String,
    state: String,
}

#[derive(Template)]
#[template(path = "office/account/people.html")]
struct PeoplePage {
    frame: Frame,
    lines: Vec<Line>,
}

/// The list.
///
/// # Errors
/// What the template engine reports.
pub fn people(desk: &Desk, accounts: &[AccountFacts]) -> Result<String, askama::Error> {
    let words = desk.words();
    let line = |account: &AccountFacts| Line {
        person: account.person.clone(),
        name: account.name.clone(),
        registration_no: account.registration_no.clone(),
        login: account.login.clone(),
        roles: role_names(words, account.roles),
        state: state(words, account),
    };
    PeoplePage {
        frame: Frame::at(desk, &words.t("people-heading")),
        lines: accounts.iter().map(line).collect(),
    }
    .render()
}

#[derive(Template)]
#[template(path = "office/account/plain.html")]
struct NewPage {
    frame: Frame,
    heading: String,
    lead: Option<String>,
    notice: Option<String>,
    form: Option<Form>,
    way: Option<(&'static str, String)>,
}

fn role_choices(words: Words) -> Vec<Choice> {
    let choice = |role: Role| {
        let choice = Choice::new(role.as_str(), role_name(words, role));
        match role.needs_second_factor() {
            true => choice.noted(words.t("people-role-factor")),
            false => choice,
        }
    };
    Role::ALL.into_iter().map(choice).collect()
}

/// The form for somebody new.
///
/// # Errors
/// What the template engine reports.
pub fn new_person(desk: &Desk, form: &RawForm, errors: &[FieldError]) -> Result<String, askama::Error> {
    let words = desk.words();
    let builder = FormBuilder::new(words, "/people/new", &desk.csrf, form, errors);
    let built = person_fields(builder, words)
        .boxes("roles", words.t("account-roles"), role_choices(words))
        .hint(words.t("people-roles-hint"))
        .cancel("/people", words.t("account-back"))
        .submit(words.t("people-add"));
    NewPage {
        frame: Frame::at(desk, &words.t("people-add")),
        heading: words.t("people-add"),
        lead: Some(words.t("people-add-lead")),
        notice: None,
        form: Some(built),
        way: None,
    }
    .render()
}

struct Act {
    end: &'static str,
    name: String,
    note: String,
    grave: bool,
}

#[derive(Template)]
#[template(path = "office/account/person.html")]
struct Page<'a> {
    frame: Frame,
    account: &'a AccountFacts,
    state: String,
    notice: Option<String>,
    form: Option<Form>,
    acts: Vec<Act>,
}

/// What the page of one person needs.
#[derive(Debug, Clone, Copy)]
pub struct PersonPage<'a> {
    /// The account.
    pub account: &'a AccountFacts,
    /// Whether it is the viewer's own, which somebody else must change.
    pub is_own: bool,
    /// Whether a change was refused because nobody would administer any more.
    pub is_last: bool,
    /// What was typed.
    pub form: &'a RawForm,
    /// What must be corrected.
    pub errors: &'a [FieldError],
}

/// One person's account, and what can be done about it.
///
/// # Errors
/// What the template engine reports.
pub fn person(desk: &Desk, page: &PersonPage<'_>) -> Result<String, askama::Error> {
    let (words, account) = (desk.words(), page.account);
    let form = (!page.is_own).then(|| {
        let action = format!("/people/{}/roles", account.person);
        FormBuilder::new(words, action, &desk.csrf, page.form, page.errors)
            .boxes("roles", words.t("account-roles"), role_choices(words))
            .hint(words.t("people-roles-change"))
            .submit(words.t("people-roles-save"))
    });
    let act = |end, name, note, grave| Act { end, name, note, grave };
    let mut acts = Vec::new();
    if account.disabled {
        acts.push(act(
            "enable",
            words.t("people-enable"),
            words.t("people-enable-note"),
            false,
        ));
    } else {
        acts.push(act("link", words.t("people-link"), words.t("people-link-note"), false));
        if account.has_second_factor {
            acts.push(act(
                "second-factor",
                words.t("people-factor"),
                words.t("people-factor-note"),
                true,
            ));
        }
        acts.push(act(
            "disable",
            words.t("people-disable"),
            words.t("people-disable-note"),
            true,
        ));
    }
    Page {
        frame: Frame::at(desk, &account.name),
        account,
        state: state(words, account),
        notice: page.is_last.then(|| words.t("people-last")),
        form,
        acts,
    }
    .render()
}

#[derive(Template)]
#[template(path = "office/account/link.html")]
struct LinkPage<'a> {
    frame: Frame,
    lead: String,
    link: &'a str,
}

/// A one-time link, shown this once.
///
/// # Errors
/// What the template engine reports.
pub fn link(desk: &Desk, name: &str, link: &str) -> Result<String, askama::Error> {
    let words = desk.words();
    LinkPage {
        frame: Frame::at(desk, &words.t("people-link-heading")),
        lead: words.tn("people-link-lead", &[("name", name.into())]),
        link,
    }
    .render()
}
