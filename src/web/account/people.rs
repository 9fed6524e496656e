//! Everybody's accounts: the list, and somebody new.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::{event, facts, roles_json};
use crate::access::person::NewPerson;
use crate::access::session::LINK_MS;
use crate::credential;
use crate::store::set_up_link::{self, For};
use crate::store::{StoreError, account, evaluation, event as events};
use crate::survey::form::{FieldError, Problem as Wrong, RawForm};
use crate::survey::id::PersonId;
use crate::view::account as view;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::state::WebState;
use crate::web::{body, page};

/// `GET /people`.
///
/// # Errors
/// What the store or the template engine returns.
pub async fn list(request: HttpRequest, state: web::Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    let accounts = state.store.read(account::list).await?;
    let accounts: Vec<_> = accounts.into_iter().map(facts).collect();
    let text = view::people(&signed.desk(&request), &accounts)?;
    Ok(page::office(&request, StatusCode::OK, &text))
}

/// `GET /people/new`.
///
/// # Errors
/// What the template engine returns.
pub async fn new(request: HttpRequest, signed: Signed) -> Result<HttpResponse, Problem> {
    let text = view::new_person(&signed.desk(&request), &RawForm::default(), &[])?;
    Ok(page::office(&request, StatusCode::OK, &text))
}

/// `POST /people/new`: the answer is the link to hand over.
///
/// # Errors
/// What the store or the template engine returns.
pub async fn add(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let refused = |errors: &[FieldError]| -> Result<HttpResponse, Problem> {
        let text = view::new_person(&signed.desk(&request), &form, errors)?;
        Ok(page::office(&request, StatusCode::UNPROCESSABLE_ENTITY, &text))
    };
    let new = match NewPerson::parse(&form) {
        Ok(new) => new,
        Err(errors) => return refused(&errors),
    };
    let (person, token) = (PersonId::from_random(rand::random()), credential::token());
    let (hash, now_ms, actor) = (credential::token_hash(&token), state.clock.now_ms(), signed.actor());
    let name = new.name.clone();
    let taken = state
        .store
        .write(move |tx| -> Result<(bool, bool), StoreError> {
            let taken = account::taken(tx.conn, new.login.as_str(), &new.registration_no)?;
            if taken != (false, false) {
                return Ok(taken);
            }
            evaluation::insert_person(tx, person, &new.name, &new.registration_no, now_ms)?;
            account::insert(tx, person, new.login.as_str(), new.roles, false, now_ms)?;
            set_up_link::issue(tx, &hash, For::Person(person), now_ms, LINK_MS)?;
            let created = event(now_ms, &actor, "account.created", person, &roles_json(new.roles));
            events::append_office(tx, &created)?;
            events::append_office(tx, &event(now_ms, &actor, "account.link-issued", person, &json!({})))?;
            Ok(taken)
        })
        .await?;
    let errors: Vec<FieldError> = [(taken.1, "registration_no"), (taken.0, "login")]
        .into_iter()
        .filter(|(taken, _)| *taken)
        .map(|(_, field)| FieldError::new(field, Wrong::Taken))
        .collect();
    if !errors.is_empty() {
        return refused(&errors);
    }
    let link = format!("{}/set-up/{token}", state.base_url);
    let text = view::link(&signed.desk(&request), &name, &link)?;
    Ok(page::office(&request, StatusCode::OK, &text))
}
