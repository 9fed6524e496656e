//! One's own account: facts, sessions, password.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::{chosen_password, enter, event, facts, new_session, session_name};
use crate::access::password::Password;
use crate::store::account::{self, Account};
use crate::store::{StoreError, event as events, session as sessions};
use crate::survey::form::{FieldError, Problem as Wrong};
use crate::view::account::{self as view, Device};
use crate::view::survey::Trouble;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::state::WebState;
use crate::web::{body, page};

pub(super) async fn own_account(state: &WebState, signed: &Signed) -> Result<Account, Problem> {
    let person = signed.viewer.person;
    let account = state.store.read(move |conn| account::find(conn, person)).await?;
    Ok(account.ok_or(Trouble::NotFound)?)
}

/// `GET /account`.
///
/// # Errors
/// What the store or the template engine returns.
pub async fn show(request: HttpRequest, state: web::Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    let account = own_account(&state, &signed).await?;
    let person = account.person;
    let mut listed = state.store.read(move |conn| sessions::list(conn, person)).await?;
    listed.sort_by_key(|session| std::cmp::Reverse(session.seen_at_ms));
    let devices = listed.into_iter().map(|session| Device {
        id: session_name(&state, &session.token_hash),
        current: session.token_hash == signed.token_hash,
        device: session.device,
        created_at_ms: session.created_at_ms,
        seen_at_ms: session.seen_at_ms,
    });
    let text = view::own(&signed.desk(&request), &facts(account), devices.collect())?;
    Ok(page::office(&request, StatusCode::OK, &text))
}

/// `POST /account/sessions/end`: one session by its name, or every `other`.
///
/// # Errors
/// What the store returns.
pub async fn end_sessions(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let (person, own) = (signed.viewer.person, signed.token_hash.clone());
    let (asked, shared) = (form.first("session").to_owned(), state.clone());
    let ended = event(
        state.clock.now_ms(),
        person,
        "account.session-ended",
        person,
        &json!({}),
    );
    state
        .store
        .write(move |tx| -> Result<(), StoreError> {
            if asked == "others" {
                sessions::end_others(tx, person, Some(&own))?;
            } else {
                let listed = sessions::list(tx.conn, person)?;
                let named = listed.iter().find(|s| session_name(&shared, &s.token_hash) == asked);
                let Some(named) = named else { return Ok(()) };
                sessions::end(tx, person, &named.token_hash)?;
            }
            events::append_office(tx, &ended)
        })
        .await?;
    Ok(page::see_other("/account"))
}

/// `GET /account/password`.
///
/// # Errors
/// What the template engine returns.
pub async fn password(request: HttpRequest, signed: Signed) -> Result<HttpResponse, Problem> {
    let text = view::changed_password(&signed.desk(&request), &[])?;
    Ok(page::office(&request, StatusCode::OK, &text))
}

/// `POST /account/password`: every session ends, this one goes on under a new token.
///
/// # Errors
/// What the store or the template engine returns.
pub async fn change_password(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let account = own_account(&state, &signed).await?;
    let refused = |errors: &[FieldError]| -> Result<HttpResponse, Problem> {
        let text = view::changed_password(&signed.desk(&request), errors)?;
        Ok(page::office(&request, StatusCode::UNPROCESSABLE_ENTITY, &text))
    };
    let context = [account.login.as_str(), account.name.as_str()];
    let chosen = match chosen_password(&form, &state, &context) {
        Ok(chosen) => chosen,
        Err(errors) => return refused(&errors),
    };
    let (person, own) = (account.person, signed.token_hash.clone());
    let counted = state
        .store
        .write(move |tx| sessions::count_try(tx, person, &own))
        .await?;
    if !counted {
        return Ok(page::see_other("/sign-in?next=/account/password"));
    }
    let stored = state
        .store
        .read(move |conn| account::password_hash(conn, person))
        .await?;
    let current = Password::typed(form.first("password_current"));
    if !state.hashing.verify(current, stored).await? {
        return refused(&[FieldError::new("password_current", Wrong::Wrong)]);
    }
    let hash = state.hashing.hash(chosen).await?;
    let (token, session) = new_session(&request, person, true, state.clock.now_ms());
    let new = session.clone();
    let set = event(
        session.created_at_ms,
        person,
        "account.password-set",
        person,
        &json!({}),
    );
    state
        .store
        .write(move |tx| -> Result<(), StoreError> {
            account::set_password(tx, person, &hash)?;
            sessions::end_others(tx, person, None)?;
            sessions::begin(tx, &new)?;
            events::append_office(tx, &set)
        })
        .await?;
    Ok(enter(&state, page::see_other("/account"), &token, &session))
}
