//! Somebody at a desk or in the field: a browser with cookies that says where its forms come from.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use perception::access::{Role, RoleSet};
use perception::app::Installation;
use perception::store::session::Session;
use perception::store::{StoreError, account, evaluation, membership, session};
use perception::survey::id::{EvaluationId, PersonId};
use sha2::{Digest, Sha256};

use super::browser::{Customer, Page};
use super::form::Form;

/// A browser that keeps cookies.
#[derive(Clone)]
pub struct Staff {
    browser: Customer,
    origin: String,
    cookies: Arc<Mutex<BTreeMap<String, String>>>,
    /// Who it is, if the test made them.
    pub person: Option<PersonId>,
}

impl Staff {
    /// Somebody who is not signed in.
    pub fn stranger(base: &str) -> Self {
        Self {
            browser: Customer::at(base),
            origin: base.to_owned(),
            cookies: Arc::default(),
            person: None,
        }
    }

    /// Somebody whose account may hold these roles and who is signed in just now; the second factor is waived.
    pub fn signed_in(base: &str, installation: &Installation, roles: &[Role]) -> Self {
        let person = PersonId::from_random(rand::random());
        let token = data_encoding::BASE64URL_NOPAD.encode(&rand::random::<[u8; 32]>());
        let (roles, now_ms) = (RoleSet::from_iter(roles.iter().copied()), installation.clock.now_ms());
        let new = Session {
            token_hash: data_encoding::HEXLOWER.encode(&Sha256::digest(token.as_bytes())),
            person,
            is_full: true,
            device: "test".into(),
            created_at_ms: now_ms,
            seen_at_ms: now_ms,
            confirmed_at_ms: now_ms,
            tries: 0,
        };
        let name = format!("person-{}", &person.to_string()[..8]);
        let made = installation.store.write_blocking(move |tx| -> Result<(), StoreError> {
            evaluation::insert_person(tx, person, &name, &person.to_string(), now_ms)?;
            account::insert(tx, person, &name, roles, true, now_ms)?;
            session::begin(tx, &new)
        });
        made.unwrap();
        let staff = Self::stranger(base);
        staff.cookies.lock().unwrap().insert("sid".into(), token);
        Self {
            person: Some(person),
            ..staff
        }
    }

    /// Makes the person a member of an evaluation.
    pub fn joins(self, installation: &Installation, id: EvaluationId, role: Role) -> Self {
        let person = self.person.unwrap();
        let made = installation
            .store
            .write_blocking(move |tx| -> Result<(), StoreError> { membership::insert(tx, id, person, role) });
        made.unwrap();
        self
    }

    /// The value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    /// Puts a cookie into the browser.
    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().unwrap().insert(name.into(), value.into());
    }

    fn send_with(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Page {
        let jar: Vec<String> = self
            .cookies
            .lock()
            .unwrap()
            .iter()
            .map(|(n, v)| format!("{n}={v}"))
            .collect();
        let jar = jar.join("; ");
        let mut headers = headers.to_vec();
        if !jar.is_empty() {
            headers.push(("cookie", &jar));
        }
        let page = self.browser.try_send(method, path, &headers, body).unwrap();
        for line in page.headers.get_all("set-cookie") {
            let line = line.to_str().unwrap();
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            let mut jar = self.cookies.lock().unwrap();
            match line.contains("Max-Age=0") {
                true => jar.remove(name),
                false => jar.insert(name.into(), value.into()),
            };
        }
        page
    }

    /// Asks for a page.
    pub fn get(&self, path: &str) -> Page {
        self.send_with("GET", path, &[], None)
    }

    /// Sends a form, as a page of ours would.
    pub fn post(&self, path: &str, pairs: &[(&str, &str)]) -> Page {
        self.post_from(path, pairs, &[("origin", &self.origin.clone())])
    }

    /// Sends a form with these headers about where it comes from.
    pub fn post_from(&self, path: &str, pairs: &[(&str, &str)], headers: &[(&str, &str)]) -> Page {
        let body = serde_html_form::to_string(pairs).unwrap();
        let kind = ("content-type", "application/x-www-form-urlencoded");
        let headers: Vec<(&str, &str)> = headers.iter().copied().chain([kind]).collect();
        self.send_with("POST", path, &headers, Some(body.as_bytes()))
    }

    /// Sends a file with this session's token, as a browser does.
    pub fn upload(&self, path: &str, csrf: &str, name: &str, bytes: &[u8]) -> Page {
        const MARK: &str = "----a-mark-that-stands-in-no-file";
        let head = |disposition: &str| format!("--{MARK}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n");
        let body = [
            head("name=\"csrf\"").as_bytes(),
            csrf.as_bytes(),
            b"\r\n",
            head(&format!("name=\"file\"; filename=\"{name}\"")).as_bytes(),
            bytes,
            format!("\r\n--{MARK}--\r\n").as_bytes(),
        ]
        .concat();
        let kind = format!("multipart/form-data; boundary={MARK}");
        let headers = [("content-type", kind.as_str()), ("origin", &self.origin)];
        self.send_with("POST", path, &headers, Some(&body))
    }

    /// Sends bytes, as a script of ours would.
    pub fn post_bytes(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Page {
        let origin = self.origin.clone();
        let headers: Vec<(&str, &str)> = headers.iter().copied().chain([("origin", origin.as_str())]).collect();
        self.send_with("POST", path, &headers, Some(body))
    }

    /// Presses the button of a form that a page holds.
    pub fn send(&self, form: &Form) -> Page {
        let pairs = form.pairs();
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        self.post(&form.action, &pairs)
    }

    /// What forms of this session carry, read off a page.
    pub fn csrf(&self, path: &str) -> String {
        let page = self.get(path);
        let tokens = page.attributes("input[name=csrf]", "value");
        tokens
            .into_iter()
            .next()
            .unwrap_or_else(|| panic!("no form in {}", page.text()))
    }

    /// Goes where a redirect points, until there is a page.
    pub fn follow(&self, mut page: Page) -> Page {
        for _ in 0..5 {
            if page.status != 303 {
                return page;
            }
            page = self.get(page.location());
        }
        panic!("{} leads in circles", page.path)
    }
}
