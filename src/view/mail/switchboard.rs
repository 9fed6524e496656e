//! The administrator's page about mail, and the address of an organisation.

use super::super::grading::{Grid, Item, Section, Sheet, Typed, address, page};
use super::people::reason;
use super::{kind_name, state_name};
use crate::survey::outbox::{MessageKind, MessageState};
use crate::view::office::form::Choice;
use crate::view::office::{Desk, moment};

/// A message that was given up: id, what it was, why, tries, last try (Unix ms).
pub type DeadLine = (String, MessageKind, String, i32, i64);

/// What the page shows.
#[derive(Debug, Default)]
pub struct Switchboard {
    /// Server and sender; `None` = mail is off.
    pub server: Option<(String, String)>,
    /// All mail is paused: since (Unix ms), and why.
    pub paused: Option<(i64, String)>,
    /// Why the server was not reached, and when (Unix ms).
    pub trouble: Option<(String, i64)>,
    /// Messages by state.
    pub counts: Vec<(MessageState, u64)>,
    /// Since when the oldest message waits though it is due, Unix ms.
    pub waits_since_ms: Option<i64>,
    /// Sent today.
    pub sent_today: u64,
    /// Messages that were given up.
    pub dead: Vec<DeadLine>,
    /// Reports that were pasted: how many were about messages of ours.
    pub applied: Option<usize>,
    /// A test was queued.
    pub tested: bool,
}

/// The administrator's page about mail.
///
/// # Errors
/// What the template engine reports.
pub fn switchboard(desk: &Desk, about: &Switchboard, typed: &Typed) -> Result<String, askama::Error> {
    let words = desk.words();
    let mut notices = Vec::new();
    if about.server.is_none() {
        notices.push(words.t("mail-off"));
    }
    if let Some((since_ms, why)) = &about.paused {
        let why = match why.as_str() {
            "restored" => words.t("mail-paused-restored"),
            "rejections" => words.t("mail-paused-rejections"),
            "" => words.t("mail-paused-by-hand"),
            why => why.to_owned(),
        };
        let values = [("at", moment(*since_ms).into()), ("why", why.into())];
        notices.push(words.tn("mail-paused-since", &values));
    }
    if let Some((why, at_ms)) = &about.trouble {
        let values = [("at", moment(*at_ms).into()), ("why", reason(words, why).into())];
        notices.push(words.tn("mail-trouble", &values));
    }
    if let Some(n) = about.applied {
        notices.push(words.tn("mail-reports-applied", &[("n", n.into())]));
    }
    if about.tested {
        notices.push(words.t("mail-tested"));
    }
    let sections = vec![
        state(desk, about),
        dead(desk, about, typed),
        turn(desk, about, typed),
        test(desk, about, typed),
        reports(desk, typed),
    ];
    let sheet = Sheet {
        heading: words.t("mail-board-heading"),
        lead: words.t("mail-board-lead"),
        notices,
        sections: sections.into_iter().flatten().collect(),
    };
    page(desk, sheet, typed)
}

fn state(desk: &Desk, about: &Switchboard) -> Option<Section> {
    let words = desk.words();
    let mut facts = Vec::new();
    if let Some((host, from)) = &about.server {
        facts.push((words.t("mail-board-host"), host.clone()));
        facts.push((words.t("mail-board-from"), from.clone()));
    }
    facts.extend(
        about
            .counts
            .iter()
            .map(|(state, n)| (state_name(words, *state), n.to_string())),
    );
    facts.push((words.t("mail-board-today"), about.sent_today.to_string()));
    if let Some(at_ms) = about.waits_since_ms {
        facts.push((words.t("mail-board-waits"), moment(at_ms)));
    }
    Some(Section {
        id: "state".into(),
        heading: words.t("mail-board-state"),
        facts,
        ..Section::default()
    })
}

fn dead(desk: &Desk, about: &Switchboard, typed: &Typed) -> Option<Section> {
    let words = desk.words();
    let rows = about.dead.iter().map(|(_, kind, why, attempts, at_ms)| {
        vec![
            Item::plain(moment(*at_ms)),
            Item::plain(kind_name(words, *kind)),
            Item::plain(reason(words, why)),
            Item::plain(attempts.to_string()),
        ]
    });
    let options = about.dead.iter().map(|(id, kind, _, _, at_ms)| {
        Choice::new(id.as_str(), format!("{} {}", moment(*at_ms), kind_name(words, *kind)))
    });
    let form = typed
        .builder(desk, "retry", "/mail/retry".to_owned())
        .boxes("id", words.t("mail-dead-which"), options.collect())
        .submit(words.t("mail-dead-retry"));
    Some(Section {
        id: "dead".into(),
        heading: words.t("mail-dead"),
        notes: vec![words.t("mail-dead-note")],
        grid: Some(Grid {
            head: vec![
                words.t("mail-dead-at"),
                words.t("mail-dead-kind"),
                words.t("mail-dead-why"),
                words.t("mail-dead-attempts"),
            ],
            rows: rows.collect(),
        }),
        form: (!about.dead.is_empty()).then_some(form),
        ..Section::default()
    })
}

fn turn(desk: &Desk, about: &Switchboard, typed: &Typed) -> Option<Section> {
    let words = desk.words();
    let builder = typed.builder(desk, "turn", "/mail".to_owned());
    let (note, form) = match about.paused {
        None => (
            words.t("mail-pause-note"),
            builder.hidden("to", "pause").grave().submit(words.t("mail-pause")),
        ),
        Some(_) => (
            words.t("mail-unpause-note"),
            builder.hidden("to", "resume").submit(words.t("mail-unpause")),
        ),
    };
    Some(Section {
        id: "turn".into(),
        heading: words.t("mail-turn"),
        notes: vec![note],
        form: Some(form),
        ..Section::default()
    })
}

fn test(desk: &Desk, about: &Switchboard, typed: &Typed) -> Option<Section> {
    let words = desk.words();
    about.server.as_ref()?;
    let form = typed
        .builder(desk, "test", "/mail/test".to_owned())
        .text("address", words.t("mail-test-address"), 254)
        .submit(words.t("mail-test-send"));
    Some(Section {
        id: "test".into(),
        heading: words.t("mail-test-heading"),
        notes: vec![words.t("mail-test-note")],
        form: Some(form),
        ..Section::default()
    })
}

fn reports(desk: &Desk, typed: &Typed) -> Option<Section> {
    let words = desk.words();
    let form = typed
        .builder(desk, "reports", "/mail/reports".to_owned())
        .lines("report", words.t("mail-report"), 8, 40_000)
        .submit(words.t("mail-report-read"));
    Some(Section {
        id: "reports".into(),
        heading: words.t("mail-reports"),
        notes: vec![words.t("mail-reports-note")],
        form: Some(form),
        ..Section::default()
    })
}

/// The address to which notices about an organisation's certificate go; `known` is the one that holds, masked.
///
/// # Errors
/// What the template engine reports.
pub fn contact(desk: &Desk, known: Option<&str>, typed: &Typed) -> Result<String, askama::Error> {
    let words = desk.words();
    let languages = [
        ("zh-CN", words.t("mail-contact-zh")),
        ("en", words.t("mail-contact-en")),
    ];
    let form = typed
        .builder(desk, "contact", address(desk, "certificate/contact"))
        .text("address", words.t("mail-contact-address"), 254)
        .radios(
            "language",
            words.t("mail-contact-language"),
            languages.map(|(value, text)| Choice::new(value, text)).to_vec(),
        )
        .cancel(address(desk, "certificate"), words.t("mail-contact-back"))
        .submit(words.t("mail-contact-set"));
    let said = match known {
        Some(known) => words.tn("mail-contact-known", &[("address", known.into())]),
        None => words.t("mail-contact-none"),
    };
    let sheet = Sheet {
        heading: words.t("mail-contact-heading"),
        lead: words.t("mail-contact-lead"),
        sections: vec![Section {
            id: "contact".into(),
            heading: words.t("mail-contact-section"),
            notes: vec![said],
            form: Some(form),
            ..Section::default()
        }],
        ..Sheet::default()
    };
    page(desk, sheet, typed)
}
