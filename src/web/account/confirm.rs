//! Proving once more who is there, before acts that matter.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::sign_in::answer;
use super::{aim, asked_aim, enter, event, new_session, proof_of};
use crate::access::password::Password;
use crate::credential::HashError;
use crate::store::{StoreError, account, event as events, second_factor, session as sessions};
use crate::view::account::{self as view, Notice};
use crate::view::survey::Trouble;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::state::WebState;
use crate::web::{body, page};

/// `GET /confirm`.
///
/// # Errors
/// What the store or the template engine returns.
pub async fn show(request: HttpRequest, state: web::Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    let person = signed.viewer.person;
    let account = state.store.read(move |conn| account::find(conn, person)).await?;
    let with_code = account.ok_or(Trouble::NotFound)?.has_second_factor;
    let text = view::confirm(&signed.desk(&request), &asked_aim(&request), with_code, None)?;
    Ok(page::office(&request, StatusCode::OK, &text))
}

enum Outcome {
    Confirmed,
    Wrong,
    SignedOut,
}

/// `POST /confirm`: after five wrong tries the session ends.
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
    let (person, next) = (signed.viewer.person, aim(form.first("next")));
    let found = state.store.read(move |conn| -> Result<_, StoreError> {
        Ok((account::find(conn, person)?, account::password_hash(conn, person)?))
    });
    let (account, stored) = found.await?;
    let with_code = account.ok_or(Trouble::NotFound)?.has_second_factor;
    let told = |notice| -> Result<HttpResponse, Problem> {
        let text = view::confirm(&signed.desk(&request), &next, with_code, Some(notice))?;
        Ok(answer(&request, notice, &text))
    };
    let fits = match state
        .hashing
        .verify(Password::typed(form.first("password")), stored)
        .await
    {
        Err(HashError::Busy) => return told(Notice::Busy),
        fits => fits?,
    };
    let proof = match with_code {
        true => proof_of(&state, person, form.first("code")).await?,
        false => None,
    };
    let (token, session) = new_session(&request, person, true, state.clock.now_ms());
    let (old, mut new) = (signed.token_hash.clone(), session.clone());
    let confirmed = event(session.created_at_ms, person, "account.confirmed", person, &json!({}));
    let outcome = state
        .store
        .write(move |tx| -> Result<Outcome, StoreError> {
            let Some((before, _)) = sessions::find(tx.conn, &old, new.seen_at_ms)? else {
                return Ok(Outcome::SignedOut);
            };
            if !sessions::count_try(tx, person, &old)? {
                return Ok(Outcome::SignedOut);
            }
            let accepted = match (&proof, with_code) {
                (_, false) => fits,
                (Some(proof), true) => fits && second_factor::accept(tx, person, proof)?,
                (None, true) => false,
            };
            if !accepted {
                return Ok(Outcome::Wrong);
            }
            // Proving again does not make a session live longer.
            new.created_at_ms = before.created_at_ms;
            sessions::replace(tx, &old, &new)?;
            events::append_office(tx, &confirmed)?;
            Ok(Outcome::Confirmed)
        })
        .await?;
    match outcome {
        Outcome::Confirmed => Ok(enter(&state, page::see_other(&next), &token, &session)),
        Outcome::Wrong => told(Notice::Wrong),
        Outcome::SignedOut => Ok(page::see_other(&format!("/sign-in?next={next}"))),
    }
}
