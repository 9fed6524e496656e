//! Signing in, second factor, sessions, accounts.

mod activity;
mod confirm;
mod own;
mod people;
mod person;
mod second_factor;
mod set_up;
mod sign_in;

pub use activity::show as activity;
pub use confirm::{send as confirmed, show as confirm};
pub use own::{change_password, end_sessions, password, show as own};
pub use people::{add, list as people, new as new_person};
pub use person::{disable, enable, issue_link, reset_second_factor, set_roles, show as person};
pub use second_factor::{device, new_codes, send as enrolled, show as second_factor};
pub use set_up::{send as set_up, show as set_up_page};
pub use sign_in::{code, code_sent, send as signed_in, show as sign_in, sign_out};

use actix_web::{HttpRequest, HttpResponse, http::header};
use serde_json::json;

use super::error::Problem;
use super::session::{self, SessionToken};
use super::state::WebState;
use super::throttle::device_cookie;
use super::{entrance, page};
use crate::access::RoleSet;
use crate::credential::{SealedPlace, Seed, TypedCode};
use crate::store::account::Account;
use crate::store::second_factor::Proof;
use crate::store::session::Session;
use crate::store::{self, StoreError};
use crate::survey::event::Event;
use crate::survey::form::{FieldError, Problem as Wrong, RawForm};
use crate::survey::id::PersonId;
use crate::view::account::AccountFacts;
use crate::view::office::Desk;

/// The frame of a page for somebody who is not signed in; `csrf` is that of an unfinished session.
fn visitor(request: &HttpRequest, csrf: String) -> Desk {
    Desk {
        language: page::office_language(request),
        viewer: None,
        csrf,
        here: None,
    }
}

/// A new session of a person in this browser, just proved.
fn new_session(request: &HttpRequest, person: PersonId, is_full: bool, now_ms: i64) -> (SessionToken, Session) {
    let token = SessionToken::random();
    let agent = request.headers().get(header::USER_AGENT);
    let session = Session {
        token_hash: token.hash(),
        person,
        is_full,
        device: crate::access::person::device(agent.and_then(|value| value.to_str().ok()).unwrap_or_default()),
        created_at_ms: now_ms,
        seen_at_ms: now_ms,
        confirmed_at_ms: now_ms,
        tries: 0,
    };
    (token, session)
}

/// Gives the browser its new session, and, once everything asked was answered, the mark of a known device.
fn enter(state: &WebState, mut response: HttpResponse, token: &SessionToken, session: &Session) -> HttpResponse {
    // Cookies of our own making always fit.
    drop(response.add_cookie(&token.cookie(state)));
    if session.is_full {
        drop(response.add_cookie(&device_cookie(state, session.person)));
    }
    response
}

/// An event about a person.
fn event(at_ms: i64, actor: impl ToString, action: &str, about: impl ToString, data: &serde_json::Value) -> Event {
    Event {
        at_ms,
        actor: actor.to_string(),
        action: action.to_owned(),
        object: about.to_string(),
        data: data.to_string(),
    }
}

fn roles_json(roles: RoleSet) -> serde_json::Value {
    json!({"roles": roles.iter().map(crate::access::Role::as_str).collect::<Vec<_>>()})
}

fn facts(account: Account) -> AccountFacts {
    AccountFacts {
        person: account.person.to_string(),
        name: account.name,
        registration_no: account.registration_no,
        login: account.login,
        roles: account.roles,
        has_password: account.has_password,
        has_second_factor: account.has_second_factor,
        disabled: account.disabled,
    }
}

/// Where `next` in an address or form leads.
fn aim(next: &str) -> String {
    entrance::aim(next)
}

/// `next` of an address.
fn asked_aim(request: &HttpRequest) -> String {
    let pair = request
        .query_string()
        .split('&')
        .find_map(|pair| pair.strip_prefix("next="));
    aim(pair.unwrap_or("/"))
}

/// What a typed code proves, if it is right for this moment.
async fn proof_of(state: &WebState, person: PersonId, typed: &str) -> Result<Option<Proof>, Problem> {
    let code = match TypedCode::parse(typed) {
        TypedCode::Recovery(hash) => return Ok(Some(Proof::Recovery(hash))),
        TypedCode::Time(code) => code,
    };
    let sealed = state
        .store
        .read(move |conn| store::second_factor::sealed_seed(conn, person))
        .await?;
    let Some(sealed) = sealed else { return Ok(None) };
    let seed = Seed::open(&state.key, &SealedPlace::Account(person), &sealed)
        .ok_or_else(|| StoreError::Corrupt(format!("second factor of {person}")))?;
    Ok(seed.step(&code, state.clock.now_ms()).map(Proof::Step))
}

/// Both typings of a new password, if they agree and it is good enough.
fn chosen_password(
    form: &RawForm,
    state: &WebState,
    context: &[&str],
) -> Result<crate::access::password::Password, Vec<FieldError>> {
    let body = &state.body_name;
    let context: Vec<&str> = context
        .iter()
        .copied()
        .chain(
            crate::survey::language::Language::ALL
                .iter()
                .map(|language| body.get(*language)),
        )
        .collect();
    let (once, again) = (form.first("password"), form.first("password_again"));
    let chosen = crate::access::password::Password::chosen(once, &context)
        .map_err(|problem| vec![FieldError::new("password", problem)])?;
    if once == again {
        Ok(chosen)
    } else {
        Err(vec![FieldError::new("password_again", Wrong::Wrong)])
    }
}

/// By what a session is named on its owner's pages: not its hash.
fn session_name(state: &WebState, token_hash: &str) -> String {
    let mac = state.key.mac(&[b"perception-session-name-v1", token_hash.as_bytes()]);
    data_encoding::BASE64URL_NOPAD.encode(mac.get(..12).unwrap_or(&mac))
}

/// The living session of a browser, however far it got.
async fn current(request: &HttpRequest, state: &WebState) -> Result<Option<(Session, Account)>, StoreError> {
    session::find(request, state).await
}
