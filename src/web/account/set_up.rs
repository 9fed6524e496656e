//! One-time links: the first administrator, and everybody who was given one. Looking at a link does not use it up.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::{chosen_password, enter, event, new_session, roles_json, visitor};
use crate::access::person::NewPerson;
use crate::credential;
use crate::store::account::{self, Account};
use crate::store::set_up_link::{self, For};
use crate::store::{StoreError, evaluation, event as events, session as sessions};
use crate::survey::form::{FieldError, RawForm};
use crate::survey::id::PersonId;
use crate::view::account as view;
use crate::view::survey::Trouble;
use crate::web::error::Problem;
use crate::web::state::WebState;
use crate::web::{body, client, page};

/// Whose link it is, with the account.
enum Link {
    First,
    Of(Box<Account>),
}

/// The link of an address; nothing for one that does not work. Guessing is slowed down.
async fn link(request: &HttpRequest, state: &WebState, token: &str) -> Result<Option<Link>, Problem> {
    let (hash, now_ms) = (credential::token_hash(token), state.clock.now_ms());
    let found = state
        .store
        .read(move |conn| -> Result<Option<Link>, StoreError> {
            Ok(match set_up_link::find(conn, &hash, now_ms)? {
                None => None,
                Some(For::FirstAdministrator) => (!account::is_any(conn)?).then_some(Link::First),
                Some(For::Person(person)) => account::find(conn, person)?
                    .filter(|account| !account.disabled)
                    .map(|account| Link::Of(Box::new(account))),
            })
        })
        .await?;
    if found.is_none() && !state.misses.allow(client::address(request, &state.trusted_proxies)) {
        return Err(Trouble::TooManyTries.into());
    }
    Ok(found)
}

fn gone(request: &HttpRequest) -> Result<HttpResponse, Problem> {
    let text = view::gone(&visitor(request, String::new()))?;
    Ok(page::office(request, StatusCode::GONE, &text))
}

fn shown(request: &HttpRequest, link: &Link, form: &RawForm, errors: &[FieldError]) -> Result<HttpResponse, Problem> {
    let (desk, action) = (visitor(request, String::new()), request.path());
    let text = match link {
        Link::First => view::first(&desk, action, form, errors)?,
        Link::Of(account) => view::password_of(&desk, action, &account.login, errors)?,
    };
    let status = match errors.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Ok(page::office(request, status, &text))
}

/// `GET /set-up/{token}`.
///
/// # Errors
/// [`Trouble::TooManyTries`]; what the store or the template engine returns.
pub async fn show(
    request: HttpRequest,
    state: web::Data<WebState>,
    token: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    match link(&request, &state, &token).await? {
        Some(link) => shown(&request, &link, &RawForm::default(), &[]),
        None => gone(&request),
    }
}

/// `POST /set-up/{token}`: uses the link up.
///
/// # Errors
/// [`Trouble::TooManyTries`]; what the store or the template engine returns.
pub async fn send(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<WebState>,
    token: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let form = body::form(&request, payload).await?;
    let Some(link) = link(&request, &state, &token).await? else {
        return gone(&request);
    };
    let (person, new) = match &link {
        Link::Of(account) => (account.person, Ok(None)),
        Link::First => (
            PersonId::from_random(rand::random()),
            NewPerson::parse_first(&form).map(Some),
        ),
    };
    let context = match &link {
        Link::Of(account) => [account.login.clone(), account.name.clone()],
        Link::First => [form.first("login").to_owned(), form.first("name").to_owned()],
    };
    let chosen = chosen_password(&form, &state, &[context[0].as_str(), context[1].as_str()]);
    let (new, chosen) = match (new, chosen) {
        (Ok(new), Ok(chosen)) => (new, chosen),
        (new, chosen) => {
            let errors = [new.err(), chosen.err()].into_iter().flatten().flatten();
            return shown(&request, &link, &form, &errors.collect::<Vec<_>>());
        }
    };
    let hash = state.hashing.hash(chosen).await?;
    let is_full = !matches!(&link, Link::Of(account) if account.has_second_factor);
    let must_enrol = matches!(&link, Link::First) || matches!(&link, Link::Of(account) if account.must_enrol());
    let (session_token, session) = new_session(&request, person, is_full, state.clock.now_ms());
    let (begun, link_hash) = (session.clone(), credential::token_hash(&token));
    let used = state
        .store
        .write(move |tx| -> Result<bool, StoreError> {
            let now_ms = begun.created_at_ms;
            match (set_up_link::spend(tx, &link_hash, now_ms)?, &new) {
                (Some(For::Person(spent)), None) if spent == person => {}
                (Some(For::FirstAdministrator), Some(new)) if !account::is_any(tx.conn)? => {
                    evaluation::insert_person(tx, person, &new.name, &new.registration_no, now_ms)?;
                    account::insert(tx, person, new.login.as_str(), new.roles, false, now_ms)?;
                    let data = roles_json(new.roles);
                    events::append_office(tx, &event(now_ms, person, "account.created", person, &data))?;
                }
                _ => return Ok(false),
            }
            account::set_password(tx, person, &hash)?;
            sessions::end_others(tx, person, None)?;
            sessions::begin(tx, &begun)?;
            let set = event(now_ms, person, "account.password-set", person, &json!({}));
            events::append_office(tx, &set)?;
            Ok(true)
        })
        .await?;
    if !used {
        return gone(&request);
    }
    let way = match (is_full, must_enrol) {
        (false, _) => "/sign-in/code",
        (true, true) => "/account/second-factor",
        (true, false) => "/",
    };
    Ok(enter(&state, page::see_other(way), &session_token, &session))
}
