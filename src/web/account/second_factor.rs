//! Setting up the second factor and its recovery codes.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::own::own_account;
use super::{enter, event, new_session};
use crate::credential::{self, SealedPlace, Seed};
use crate::store::account::Account;
use crate::store::{StoreError, event as events, second_factor, session as sessions};
use crate::survey::form::{FieldError, Problem as Wrong};
use crate::view::account as view;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::state::WebState;
use crate::web::{body, page, session};

/// `GET /account/second-factor`: what there is, or the way to set one up.
///
/// # Errors
/// What the store or the template engine returns.
pub async fn show(request: HttpRequest, state: web::Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    let account = own_account(&state, &signed).await?;
    if !account.has_second_factor {
        return offer(&request, &state, &signed, &account);
    }
    let left = state
        .store
        .read(move |conn| second_factor::codes_left(conn, account.person))
        .await?;
    let text = view::second_factor(&signed.desk(&request), left)?;
    Ok(page::office(&request, StatusCode::OK, &text))
}

/// `GET /account/second-factor/device`: another device in the place of the one there is.
///
/// # Errors
/// What the store or the template engine returns.
pub async fn device(request: HttpRequest, state: web::Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    let account = own_account(&state, &signed).await?;
    offer(&request, &state, &signed, &account)
}

fn offer(request: &HttpRequest, state: &WebState, signed: &Signed, account: &Account) -> Result<HttpResponse, Problem> {
    let seed = Seed::random();
    let place = SealedPlace::Form(account.person, signed.token_hash.clone());
    let sealed = seed.seal(&state.key, &place)?;
    enrol_page(request, state, signed, account, &seed, &sealed, &[])
}

fn enrol_page(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    account: &Account,
    seed: &Seed,
    sealed: &str,
    errors: &[FieldError],
) -> Result<HttpResponse, Problem> {
    let desk = signed.desk(request);
    let url = seed.url(state.body_name.get(desk.language), &account.login);
    let text = view::enrol(&desk, &url, &seed.base32(), sealed, errors)?;
    let status = match errors.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Ok(page::office(request, status, &text))
}

/// `POST /account/second-factor`: the first code of the new device proves that it has the seed.
///
/// # Errors
/// What the store or the template engine returns.
pub async fn send(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let account = own_account(&state, &signed).await?;
    let (person, sealed) = (account.person, form.first("seed"));
    let place = SealedPlace::Form(person, signed.token_hash.clone());
    let Some(seed) = Seed::open(&state.key, &place, sealed) else {
        return offer(&request, &state, &signed, &account);
    };
    let typed: String = form
        .first("code")
        .chars()
        .filter(char::is_ascii_digit)
        .take(12)
        .collect();
    let Some(step) = seed.step(&typed, state.clock.now_ms()) else {
        let wrong = [FieldError::new("code", Wrong::Wrong)];
        return enrol_page(&request, &state, &signed, &account, &seed, sealed, &wrong);
    };
    let kept = seed.seal(&state.key, &SealedPlace::Account(person))?;
    let codes = credential::recovery_codes();
    let hashes: Vec<String> = codes.iter().map(|code| credential::token_hash(code)).collect();
    let (token, session) = new_session(&request, person, true, state.clock.now_ms());
    let new = session.clone();
    let set = event(session.created_at_ms, person, "account.factor-set", person, &json!({}));
    state
        .store
        .write(move |tx| -> Result<(), StoreError> {
            second_factor::set(tx, person, &kept, step, &hashes)?;
            sessions::end_others(tx, person, None)?;
            sessions::begin(tx, &new)?;
            events::append_office(tx, &set)
        })
        .await?;
    let mut desk = signed.desk(&request);
    desk.csrf = session::csrf(&state.key, &session.token_hash);
    let response = page::office(&request, StatusCode::OK, &view::codes(&desk, &codes)?);
    Ok(enter(&state, response, &token, &session))
}

/// `POST /account/second-factor/codes`: new recovery codes in the place of the old ones.
///
/// # Errors
/// What the store or the template engine returns.
pub async fn new_codes(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    body::signed_form(&request, payload, &signed).await?;
    let account = own_account(&state, &signed).await?;
    if !account.has_second_factor {
        return Ok(page::see_other("/account/second-factor"));
    }
    let (person, codes) = (account.person, credential::recovery_codes());
    let hashes: Vec<String> = codes.iter().map(|code| credential::token_hash(code)).collect();
    let replaced = event(
        state.clock.now_ms(),
        person,
        "account.codes-replaced",
        person,
        &json!({}),
    );
    state
        .store
        .write(move |tx| -> Result<(), StoreError> {
            second_factor::replace_codes(tx, person, &hashes)?;
            events::append_office(tx, &replaced)
        })
        .await?;
    let text = view::codes(&signed.desk(&request), &codes)?;
    Ok(page::office(&request, StatusCode::OK, &text))
}
