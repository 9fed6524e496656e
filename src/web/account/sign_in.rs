//! Password, then the code of the second factor; and out again. The session's token is new after each step.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;
use subtle::ConstantTimeEq;

use super::{aim, asked_aim, current, enter, event, new_session, proof_of, visitor};
use crate::access::password::Password;
use crate::access::person::LOGIN_MAX;
use crate::credential::{self, HashError};
use crate::store::account::{self, Account};
use crate::store::second_factor;
use crate::store::session::{self as sessions, Session};
use crate::store::{StoreError, event as events};
use crate::survey::form::RawForm;
use crate::survey::id::PersonId;
use crate::view::account::{self as view, Notice};
use crate::view::office::Interruption;
use crate::web::error::{Interrupted, Problem};
use crate::web::state::WebState;
use crate::web::throttle::Try;
use crate::web::{body, page, session};

/// `GET /sign-in`.
///
/// # Errors
/// What the store or the template engine returns.
pub async fn show(request: HttpRequest, state: web::Data<WebState>) -> Result<HttpResponse, Problem> {
    let next = asked_aim(&request);
    if current(&request, &state)
        .await?
        .is_some_and(|(session, _)| session.is_full)
    {
        return Ok(page::see_other(&next));
    }
    let form = RawForm::new(vec![("next".into(), next)]);
    let text = view::sign_in(&visitor(&request, String::new()), &form, None)?;
    Ok(page::office(&request, StatusCode::OK, &text))
}

fn again(request: &HttpRequest, form: &RawForm, notice: Notice) -> Result<HttpResponse, Problem> {
    let kept = RawForm::new(vec![
        ("login".into(), form.first("login").chars().take(LOGIN_MAX).collect()),
        ("next".into(), aim(form.first("next"))),
    ]);
    let text = view::sign_in(&visitor(request, String::new()), &kept, Some(notice))?;
    Ok(answer(request, notice, &text))
}

/// A page that says why not, with the status and header that go with it.
pub(super) fn answer(request: &HttpRequest, notice: Notice, text: &str) -> HttpResponse {
    let (status, seconds) = match notice {
        Notice::Wrong | Notice::Again => (StatusCode::UNPROCESSABLE_ENTITY, None),
        Notice::Wait(seconds) => (StatusCode::TOO_MANY_REQUESTS, Some(seconds)),
        Notice::Busy => (StatusCode::SERVICE_UNAVAILABLE, Some(5)),
    };
    let mut response = page::office(request, status, text);
    if let Some(seconds) = seconds {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// `POST /sign-in`. Known and unknown logins take the same work and get the same answers.
///
/// # Errors
/// What the store or the template engine returns.
pub async fn send(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<WebState>,
) -> Result<HttpResponse, Problem> {
    let form = body::form(&request, payload).await?;
    let login = form.first("login").trim().to_ascii_lowercase();
    let (typed, asked) = (Password::typed(form.first("password")), login.clone());
    let found = state
        .store
        .read(move |conn| account::find_by_login(conn, &asked))
        .await?;
    let known = found.as_ref().map(|(account, _)| account.person);
    let tried = match state.throttle.begin(&request, &state, &login, known) {
        Ok(tried) => tried,
        Err(seconds) => return again(&request, &form, Notice::Wait(seconds)),
    };
    let stored = found.as_ref().and_then(|(_, stored)| stored.clone());
    let fits = match state.hashing.verify(typed.clone(), stored.clone()).await {
        Err(HashError::Busy) => {
            state.throttle.take_back(&tried);
            return again(&request, &form, Notice::Busy);
        }
        fits => fits?,
    };
    let account = found.map(|(account, _)| account);
    let Some(account) = account.filter(|account| fits && !account.disabled) else {
        note_failure(&state, known, &tried).await?;
        return again(&request, &form, Notice::Wrong);
    };
    let hash = match stored.filter(|stored| !credential::is_current(stored)) {
        Some(_) => state.hashing.hash(typed).await.ok(),
        None => None,
    };
    pass(&request, &state, &account, &tried, hash, &aim(form.first("next"))).await
}

/// The password was right.
async fn pass(
    request: &HttpRequest,
    state: &WebState,
    account: &Account,
    tried: &Try,
    new_hash: Option<String>,
    next: &str,
) -> Result<HttpResponse, Problem> {
    let is_full = !account.has_second_factor;
    let (person, now_ms) = (account.person, state.clock.now_ms());
    let (token, session) = new_session(request, person, is_full, now_ms);
    let (new, before) = (session.clone(), tried.before);
    let earlier = current(request, state).await?.map(|(session, _)| session);
    let written = move |tx: &mut crate::store::WriteTx<'_>| -> Result<(), StoreError> {
        if let Some(hash) = &new_hash {
            account::set_password(tx, person, hash)?;
        }
        if let Some(earlier) = &earlier {
            sessions::end(tx, earlier.person, &earlier.token_hash)?;
        }
        sessions::begin(tx, &new)?;
        if is_full {
            events::append_office(tx, &signed_in(&new, before))?;
        }
        Ok(())
    };
    state.store.write(written).await?;
    let way = if is_full {
        state.throttle.forget(tried);
        match account.must_enrol() {
            true => "/account/second-factor".to_owned(),
            false => next.to_owned(),
        }
    } else {
        // Failures stay until the code is right, too: a known password does not buy free guesses at codes.
        state.throttle.take_back(tried);
        format!("/sign-in/code?next={next}")
    };
    Ok(enter(state, page::see_other(&way), &token, &session))
}

fn signed_in(session: &Session, failures_before: u32) -> crate::survey::event::Event {
    let data = json!({"failures": failures_before});
    event(
        session.created_at_ms,
        session.person,
        "account.signed-in",
        session.person,
        &data,
    )
}

/// Failures become events where waiting begins and whenever they double: a flood of tries is no flood of events. What
/// a stranger typed is not kept.
async fn note_failure(state: &WebState, known: Option<PersonId>, tried: &Try) -> Result<(), StoreError> {
    tracing::info!(known = known.is_some(), before = tried.before, "sign-in failed");
    let Some(failures) = tried.noteworthy else {
        return Ok(());
    };
    let about = known.map(|person| person.to_string()).unwrap_or_default();
    let data = json!({"failures": failures});
    let failed = event(state.clock.now_ms(), "system", "account.sign-in-failed", about, &data);
    state.store.write(move |tx| events::append_office(tx, &failed)).await
}

/// `GET /sign-in/code`.
///
/// # Errors
/// What the store or the template engine returns.
pub async fn code(request: HttpRequest, state: web::Data<WebState>) -> Result<HttpResponse, Problem> {
    let next = asked_aim(&request);
    match current(&request, &state).await? {
        Some((session, _)) if !session.is_full => {
            let desk = visitor(&request, session::csrf(&state.key, &session.token_hash));
            Ok(page::office(&request, StatusCode::OK, &view::code(&desk, &next, None)?))
        }
        Some(_) => Ok(page::see_other(&next)),
        None => Ok(page::see_other(&format!("/sign-in?next={next}"))),
    }
}

/// `POST /sign-in/code`.
///
/// # Errors
/// What the store or the template engine returns.
pub async fn code_sent(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<WebState>,
) -> Result<HttpResponse, Problem> {
    let form = body::form(&request, payload).await?;
    let next = aim(form.first("next"));
    let half = current(&request, &state).await?.filter(|(session, _)| !session.is_full);
    let Some((half, account)) = half else {
        return Ok(page::see_other(&format!("/sign-in?next={next}")));
    };
    let csrf = session::csrf(&state.key, &half.token_hash);
    let told = |notice| -> Result<HttpResponse, Problem> {
        let text = view::code(&visitor(&request, csrf.clone()), &next, Some(notice))?;
        Ok(answer(&request, notice, &text))
    };
    if !bool::from(form.first("csrf").as_bytes().ct_eq(csrf.as_bytes())) {
        return told(Notice::Wrong);
    }
    let person = account.person;
    let tried = match state.throttle.begin(&request, &state, &account.login, Some(person)) {
        Ok(tried) => tried,
        Err(seconds) => return told(Notice::Wait(seconds)),
    };
    let proof = proof_of(&state, person, form.first("code")).await?;
    let (token, session) = new_session(&request, person, true, state.clock.now_ms());
    let (new, before) = (session.clone(), tried.before);
    let outcome = state
        .store
        .write(move |tx| -> Result<Outcome, StoreError> {
            if !sessions::count_try(tx, person, &half.token_hash)? {
                return Ok(Outcome::Again);
            }
            let Some(proof) = &proof else { return Ok(Outcome::Wrong) };
            if !second_factor::accept(tx, person, proof)? {
                return Ok(Outcome::Wrong);
            }
            sessions::replace(tx, &half.token_hash, &new)?;
            events::append_office(tx, &signed_in(&new, before))?;
            Ok(Outcome::In)
        })
        .await?;
    match outcome {
        Outcome::In => {
            state.throttle.forget(&tried);
            Ok(enter(&state, page::see_other(&next), &token, &session))
        }
        Outcome::Wrong => {
            note_failure(&state, Some(person), &tried).await?;
            told(Notice::Wrong)
        }
        Outcome::Again => {
            note_failure(&state, Some(person), &tried).await?;
            let kept = RawForm::new(vec![("login".into(), account.login), ("next".into(), next.clone())]);
            again(&request, &kept, Notice::Again)
        }
    }
}

enum Outcome {
    In,
    Wrong,
    Again,
}

/// `POST /sign-out`. Only the cache is cleared: interviews that wait in the browser stay.
///
/// # Errors
/// [`Interruption::Again`] for a form of an earlier session; what the store returns.
pub async fn sign_out(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<WebState>,
) -> Result<HttpResponse, Problem> {
    let form = body::form(&request, payload).await?;
    if let Some((session, account)) = current(&request, &state).await? {
        let csrf = session::csrf(&state.key, &session.token_hash);
        if !bool::from(form.first("csrf").as_bytes().ct_eq(csrf.as_bytes())) {
            return Err(Interrupted::at(Interruption::Again, visitor(&request, csrf), form).into());
        }
        let person = account.person;
        let out = event(state.clock.now_ms(), person, "account.signed-out", person, &json!({}));
        state
            .store
            .write(move |tx| -> Result<(), StoreError> {
                sessions::end(tx, person, &session.token_hash)?;
                events::append_office(tx, &out)
            })
            .await?;
    }
    let mut response = page::see_other("/sign-in");
    drop(response.add_cookie(&session::removal(&state)));
    response.headers_mut().insert(
        header::HeaderName::from_static("clear-site-data"),
        header::HeaderValue::from_static("\"cache\""),
    );
    Ok(response)
}
