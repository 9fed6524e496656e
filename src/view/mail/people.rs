//! The office's page of every drawn person's letters, and the one before whole addresses.

use super::super::grading::{Grid, Item, Section, Sheet, Typed, address, is_any, page};
use super::state_name;
use crate::access::Role;
use crate::survey::invitation::{Filter, LetterLine, RecipientLine};
use crate::survey::outbox::MessageState;
use crate::view::office::{Desk, moment};
use crate::view::words::Words;

/// What the page of states shows.
#[derive(Debug)]
pub struct RecipientsPage<'a> {
    /// Drawn persons, each with her address as far as it may be shown.
    pub lines: &'a [(RecipientLine, String)],
    /// Which.
    pub filter: Filter,
    /// Number of the page, from 1.
    pub page: u32,
    /// Whether there are more.
    pub has_more: bool,
    /// Addresses are shown whole.
    pub is_open: bool,
}

/// The page of states, person by person.
///
/// # Errors
/// What the template engine reports.
pub fn recipients(desk: &Desk, about: &RecipientsPage<'_>) -> Result<String, askama::Error> {
    let words = desk.words();
    let end = if about.is_open {
        "mail/addresses"
    } else {
        "mail/recipients"
    };
    let at = |filter: Filter, page: u32| format!("{}?show={}&page={page}", address(desk, end), filter.as_str());
    let rows = about.lines.iter().map(|(line, address)| {
        vec![
            Item::plain(address.as_str()).small(line.outlet.get(desk.language)),
            Item::plain(letters(words, &line.letters)),
            Item::plain(match line.answered {
                true => words.t("mail-answered-yes"),
                false => words.t("mail-answered-no"),
            }),
            Item::plain(
                line.stopped
                    .as_deref()
                    .map_or_else(String::new, |why| stopped(words, why)),
            )
            .quiet(),
        ]
    });
    let mut ways: Vec<(String, String)> = Vec::new();
    if !about.is_open && is_any(desk, &[Role::Manager]) {
        ways.push((address(desk, "mail/addresses"), words.t("mail-to-addresses")));
    }
    if about.page > 1 {
        ways.push((at(about.filter, about.page - 1), words.t("mail-newer")));
    }
    if about.has_more {
        ways.push((at(about.filter, about.page + 1), words.t("mail-older")));
    }
    let filters = Filter::ALL.into_iter().filter(|filter| *filter != about.filter);
    let sheet = Sheet {
        heading: words.t("mail-recipients-heading"),
        lead: words.t("mail-recipients-lead"),
        sections: vec![
            Section {
                id: "filters".into(),
                heading: words.tn("mail-showing", &[("what", filter_name(words, about.filter).into())]),
                ways: filters
                    .map(|filter| (at(filter, 1), filter_name(words, filter)))
                    .collect(),
                ..Section::default()
            },
            Section {
                id: "people".into(),
                heading: words.t("mail-recipients"),
                grid: Some(Grid {
                    head: vec![
                        words.t("mail-address"),
                        words.t("mail-letters"),
                        words.t("mail-answered"),
                        words.t("mail-stopped"),
                    ],
                    rows: rows.collect(),
                }),
                ways,
                ..Section::default()
            },
        ],
        ..Sheet::default()
    };
    page(desk, sheet, &Typed::default())
}

/// The page before whole addresses: what it means to look.
///
/// # Errors
/// What the template engine reports.
pub fn addresses(desk: &Desk, typed: &Typed) -> Result<String, askama::Error> {
    let words = desk.words();
    let form = typed
        .builder(desk, "addresses", address(desk, "mail/addresses"))
        .text("reason", words.t("mail-addresses-reason"), 200)
        .cancel(address(desk, "mail/recipients"), words.t("mail-addresses-back"))
        .submit(words.t("mail-addresses-show"));
    let sheet = Sheet {
        heading: words.t("mail-addresses-heading"),
        lead: words.t("mail-addresses-lead"),
        sections: vec![Section {
            id: "addresses".into(),
            heading: words.t("mail-addresses-why"),
            form: Some(form),
            ..Section::default()
        }],
        ..Sheet::default()
    };
    page(desk, sheet, typed)
}

fn letters(words: Words, letters: &[LetterLine]) -> String {
    if letters.is_empty() {
        return words.t("mail-letter-none");
    }
    let one = |letter: &LetterLine| {
        let name = match letter.round {
            0 => words.t("mail-letter-first"),
            n => words.tn("mail-letter-reminder", &[("n", i64::from(n).into())]),
        };
        let at = match letter.state {
            MessageState::Sent | MessageState::Bounced => letter.sent_at_ms.unwrap_or(letter.due_at_ms),
            _ => letter.due_at_ms,
        };
        let values = [
            ("name", name.into()),
            ("state", state_name(words, letter.state).into()),
            ("at", moment(at).into()),
            ("reason", reason(words, &letter.reason).into()),
        ];
        match letter.reason.is_empty() {
            true => words.tn("mail-letter-line", &values),
            false => words.tn("mail-letter-why", &values),
        }
    };
    let all: Vec<String> = letters.iter().map(one).collect();
    all.join(&words.t("mail-letter-separator"))
}

/// Why a message failed, came back or was not sent, in words.
pub(super) fn reason(words: Words, reason: &str) -> String {
    match reason {
        "timeout" => words.t("mail-why-timeout"),
        "connection" => words.t("mail-why-connection"),
        "tls" => words.t("mail-why-tls"),
        "login" => words.t("mail-why-login"),
        "unusable" => words.t("mail-why-unusable"),
        "answered" => words.t("mail-why-answered"),
        "ended" => words.t("mail-why-ended"),
        "revoked" => words.t("mail-why-revoked"),
        "unforeseen" => words.t("mail-why-unforeseen"),
        "closed" => words.t("mail-why-closed"),
        "erased" => words.t("mail-why-erased"),
        "void" => words.t("mail-why-void"),
        "unsubscribed" | "objected" | "bounced" | "stopped" => stopped(words, reason),
        status => words.tn("mail-why-status", &[("status", status.into())]),
    }
}

fn stopped(words: Words, why: &str) -> String {
    match why {
        "unsubscribed" => words.t("mail-stopped-unsubscribed"),
        "objected" => words.t("mail-stopped-objected"),
        "bounced" => words.t("mail-stopped-bounced"),
        _ => words.t("mail-stopped-other"),
    }
}

fn filter_name(words: Words, filter: Filter) -> String {
    match filter {
        Filter::All => words.t("mail-filter-all"),
        Filter::Waiting => words.t("mail-filter-waiting"),
        Filter::Sent => words.t("mail-filter-sent"),
        Filter::Failed => words.t("mail-filter-failed"),
        Filter::Bounced => words.t("mail-filter-bounced"),
        Filter::Answered => words.t("mail-filter-answered"),
        Filter::Stopped => words.t("mail-filter-stopped"),
    }
}
