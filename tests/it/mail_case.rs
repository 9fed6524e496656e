//! What the stories of letters share: a morning, drawn people, the manager's proposal, and what stands in a letter.

use std::time::Duration;

use perception::config::Settings;
use perception::personal::DataKey;
use perception::store::recipient::{self, NewRecipient};
use perception::store::{StoreError, outbox};
use perception::survey::id::{EvaluationId, LinkId};
use perception::survey::invitation::Funnel;
use perception::survey::language::Language;

use crate::harness::{Backend, DAY_MS, MailServer, Page, Plan, Received, Staff, TestApp, Wave};

pub const SOON: Duration = Duration::from_secs(40);
pub const HOUR_MS: i64 = 3_600_000;

/// A server at ten in the morning in China, beside a mail server.
pub fn morning(backend: Backend, server: &MailServer, change: impl FnOnce(&mut Settings)) -> TestApp {
    let app = TestApp::spawn_with(backend, Plan::default(), |settings| {
        server.set(settings);
        settings.mail_approval_above = 100;
        change(settings);
    });
    let clock = &app.installation.clock;
    let since_midnight = (clock.now_ms() + 8 * HOUR_MS).rem_euclid(DAY_MS);
    clock.advance_ms(DAY_MS - since_midnight + 10 * HOUR_MS);
    app
}

/// Draws people with these names and addresses; their ids.
pub fn draw(app: &TestApp, wave: &Wave, people: &[(&str, &str)]) -> Vec<String> {
    let (server, list, key) = (
        app.installation.key.clone(),
        format!("{:032x}", rand::random::<u128>()),
        DataKey::random(),
    );
    let new: Vec<NewRecipient> = people
        .iter()
        .map(|(name, email)| NewRecipient {
            id: format!("{:032x}", rand::random::<u128>()),
            list: list.clone(),
            outlet: wave.outlets[0],
            language: Language::ZhCn,
            email: (*email).to_owned(),
            name: (!name.is_empty()).then(|| (*name).to_owned()),
            link: LinkId::from_random(rand::random()),
        })
        .collect();
    let ids = new.iter().map(|one| one.id.clone()).collect();
    let wave = wave.id;
    let drawn = app
        .installation
        .store
        .write_blocking(move |tx| -> Result<(), StoreError> {
            recipient::add_key(tx, &server, &list, &key)?;
            new.iter()
                .try_for_each(|one| recipient::add(tx, wave, one, &server, &key))
        });
    drawn.unwrap();
    ids
}

pub fn at(wave: EvaluationId, end: &str) -> String {
    format!("/evaluations/{wave}/mail{end}")
}

/// Fills in the proposal as it is offered and sends it.
pub fn propose(manager: &Staff, wave: EvaluationId) -> Page {
    let path = at(wave, "");
    manager.send(&manager.get(&path).form_to(&path))
}

pub fn funnel(app: &TestApp, wave: EvaluationId) -> Funnel {
    let read: Result<_, StoreError> = app
        .installation
        .store
        .read_blocking(move |conn| outbox::counts(conn, wave));
    read.unwrap()
}

/// The personal link in a letter, as a path.
pub fn link_in(app: &TestApp, mail: &Received) -> String {
    let text = mail.plain();
    let start = format!("{}/s/", app.base);
    let place = text
        .find(&start)
        .unwrap_or_else(|| panic!("no link to {start} in {text}"));
    let token: String = text[place + start.len()..]
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    format!("/s/{token}")
}

/// The way out in the header of a letter, as a path.
pub fn way_out(app: &TestApp, mail: &Received) -> String {
    let header = mail.header("List-Unsubscribe").unwrap();
    let url = header.trim_matches(['<', '>']);
    url.strip_prefix(&app.base).unwrap().to_owned()
}
