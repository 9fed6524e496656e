//! Accounts with passwords and second factors, as people use them.

use std::time::Duration;

use perception::access::password::Password;
use perception::access::session::{FIRST_LINK_MS, LINK_MS};
use perception::access::{Role, RoleSet};
use perception::credential;
use perception::store::set_up_link::{self, For};
use perception::store::{StoreError, account, evaluation, event};
use perception::survey::event::Event;
use perception::survey::id::PersonId;

use super::{Node, Page, Staff};

/// The password of every account made here.
pub const PASSWORD: &str = "correct horse battery";

/// The code that a device with this secret (base32) shows.
pub fn code_of(secret: &str, at_ms: i64) -> String {
    let bytes = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
    let totp = totp_rs::Builder::new().with_secret(bytes).build().unwrap();
    totp.generate(u64::try_from(at_ms / 1000).unwrap()).to_string()
}

/// What tests about accounts need of a server.
pub trait Office {
    /// The server.
    fn node(&self) -> &Node;

    /// Now.
    fn now_ms(&self) -> i64 {
        self.node().installation.clock.now_ms()
    }

    /// Moves the clock on.
    fn wait(&self, time: Duration) {
        let ms = i64::try_from(time.as_millis()).unwrap();
        self.node().installation.clock.advance_ms(ms);
    }

    /// Somebody at a browser that has never been here.
    fn stranger(&self) -> Staff {
        Staff::stranger(&self.node().base)
    }

    /// An account with [`PASSWORD`]; its login is its name.
    fn account(&self, login: &str, roles: &[Role]) -> PersonId {
        let (person, now_ms) = (PersonId::from_random(rand::random()), self.now_ms());
        let (login, roles) = (login.to_owned(), RoleSet::from_iter(roles.iter().copied()));
        let hash = credential::hash(&Password::typed(PASSWORD)).unwrap();
        let made = move |tx: &mut perception::store::WriteTx<'_>| -> Result<(), StoreError> {
            evaluation::insert_person(tx, person, &login, &format!("no {login}"), now_ms)?;
            account::insert(tx, person, &login, roles, true, now_ms)?;
            account::set_password(tx, person, &hash)
        };
        self.node().installation.store.write_blocking(made).unwrap();
        person
    }

    /// A one-time link of an account, or of the first administrator: its path.
    fn link(&self, whose: Option<PersonId>) -> String {
        let (token, now_ms) = (credential::token(), self.now_ms());
        let hash = credential::token_hash(&token);
        let (whose, life_ms) = match whose {
            Some(person) => (For::Person(person), LINK_MS),
            None => (For::FirstAdministrator, FIRST_LINK_MS),
        };
        let store = &self.node().installation.store;
        let issued: Result<(), StoreError> =
            store.write_blocking(move |tx| set_up_link::issue(tx, &hash, whose, now_ms, life_ms));
        issued.unwrap();
        format!("/set-up/{token}")
    }

    /// Types login and password on the page for it.
    fn try_sign_in(&self, staff: &Staff, login: &str, password: &str) -> Page {
        let mut form = staff.get("/sign-in").form_to("/sign-in");
        form.write("login", login);
        form.write("password", password);
        staff.send(&form)
    }

    /// Somebody who has just signed in with their password.
    fn enter(&self, login: &str) -> Staff {
        let staff = self.stranger();
        let page = self.try_sign_in(&staff, login, PASSWORD);
        assert_eq!(page.status, 303, "{}", page.text());
        staff
    }

    /// Sets up a second factor; its secret and the recovery codes.
    fn enrol(&self, staff: &Staff) -> (String, Vec<String>) {
        let page = staff.get("/account/second-factor");
        assert_eq!(page.status, 200, "{}", page.text());
        let secret = page.text_of(".secret").replace(' ', "");
        let mut form = page.form_to("/account/second-factor");
        form.write("code", &code_of(&secret, self.now_ms()));
        let codes = staff.send(&form);
        assert_eq!(codes.status, 200, "{}", codes.text());
        (secret, codes.texts_of(".secret"))
    }

    /// What happened outside evaluations, latest first.
    fn events(&self) -> Vec<Event> {
        let store = &self.node().installation.store;
        store.read_blocking(|conn| event::list_office(conn, 0, 100)).unwrap()
    }

    /// Its kinds, oldest first.
    fn actions(&self) -> Vec<String> {
        self.events().into_iter().rev().map(|event| event.action).collect()
    }
}

impl Office for super::TestApp {
    fn node(&self) -> &Node {
        self
    }
}

impl Office for super::EmptyApp {
    fn node(&self) -> &Node {
        self
    }
}
