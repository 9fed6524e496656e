//! What happened outside evaluations, in words.

use std::collections::BTreeMap;

use askama::Template;

use super::role_names;
use crate::access::{Role, RoleSet};
use crate::survey::event::Event;
use crate::view::office::{Desk, Frame, moment};
use crate::view::words::Words;

/// A page of the log.
#[derive(Debug, Clone, Copy)]
pub struct Happened<'a> {
    /// Events, latest first.
    pub events: &'a [Event],
    /// Names by person id.
    pub names: &'a BTreeMap<String, String>,
    /// Number of the page, from 1.
    pub page: i64,
    /// Whether there are older events.
    pub is_more: bool,
}

struct Line {
    at: String,
    actor: String,
    what: String,
    more: String,
    object: String,
}

#[derive(Template)]
#[template(path = "office/account/activity.html")]
struct Page {
    frame: Frame,
    lines: Vec<Line>,
    newer: Option<i64>,
    older: Option<i64>,
}

/// The log.
///
/// # Errors
/// What the template engine reports.
pub fn activity(desk: &Desk, happened: &Happened<'_>) -> Result<String, askama::Error> {
    let words = desk.words();
    let name = |id: &str| match id {
        "system" => words.t("account-system"),
        id => happened.names.get(id).cloned().unwrap_or_else(|| id.to_owned()),
    };
    let line = |event: &Event| Line {
        at: moment(event.at_ms),
        actor: name(&event.actor),
        what: what(words, &event.action),
        more: more(words, &event.data),
        object: if event.object == event.actor {
            String::new()
        } else {
            name(&event.object)
        },
    };
    Page {
        frame: Frame::at(desk, &words.t("account-activity-heading")),
        lines: happened.events.iter().map(line).collect(),
        newer: (happened.page > 1).then(|| happened.page - 1),
        older: happened.is_more.then(|| happened.page + 1),
    }
    .render()
}

/// An event in words; one that is not known here by its name.
fn what(words: Words, action: &str) -> String {
    match action {
        "account.created" => words.t("account-did-created"),
        "account.roles-changed" => words.t("account-did-roles"),
        "account.disabled" => words.t("account-did-disabled"),
        "account.enabled" => words.t("account-did-enabled"),
        "account.link-issued" => words.t("account-did-link"),
        "account.password-set" => words.t("account-did-password"),
        "account.factor-set" => words.t("account-did-factor"),
        "account.factor-reset" => words.t("account-did-factor-reset"),
        "account.codes-replaced" => words.t("account-did-codes"),
        "account.signed-in" => words.t("account-did-signed-in"),
        "account.sign-in-failed" => words.t("account-did-failed"),
        "account.confirmed" => words.t("account-did-confirmed"),
        "account.session-ended" => words.t("account-did-ended"),
        "account.signed-out" => words.t("account-did-signed-out"),
        "policy.proposed" => words.t("policy-did-propose"),
        "policy.confirmed" => words.t("policy-did-confirm"),
        "policy.refused" => words.t("policy-did-refuse"),
        "mail.paused" => words.t("mail-did-paused"),
        "mail.resumed" => words.t("mail-did-unpaused"),
        "mail.tested" => words.t("mail-did-tested"),
        "mail.retried" => words.t("mail-did-retried"),
        "mail.reports-read" => words.t("mail-did-reports"),
        "person.erased" => words.t("privacy-did"),
        other => other.to_owned(),
    }
}

/// Roles and numbers of failures; the rest of the particulars is for machines.
fn more(words: Words, data: &str) -> String {
    let data: serde_json::Value = serde_json::from_str(data).unwrap_or_default();
    let roles = data.get("roles").and_then(serde_json::Value::as_array);
    if let Some(roles) = roles {
        let roles: RoleSet = roles.iter().filter_map(|role| Role::parse(role.as_str()?)).collect();
        return role_names(words, roles);
    }
    match data.get("failures").and_then(serde_json::Value::as_u64) {
        Some(n) if n > 0 => words.tn("account-failures", &[("n", n.into())]),
        _ => String::new(),
    }
}
