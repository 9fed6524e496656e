//! The way out that stands in every invitation. GET shows, POST does; programs may POST at once (RFC 8058).

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::store::suppression::{self, Suppressed};
use crate::survey::unsubscribe::Unsubscribe;
use crate::view;
use crate::view::survey::Trouble;
use crate::web::body;
use crate::web::client;
use crate::web::error::{self, Problem};
use crate::web::page;
use crate::web::state::WebState;

fn open(request: &HttpRequest, state: &WebState, token: &str) -> Result<Unsubscribe, Problem> {
    match Unsubscribe::open(token, state.key.bytes()) {
        Some(who) => Ok(who),
        None if state.misses.allow(client::address(request, &state.trusted_proxies)) => Err(Trouble::NotFound.into()),
        None => Err(Trouble::TooManyTries.into()),
    }
}

/// `GET /unsubscribe/{token}`: programs that follow links change nothing.
pub async fn unsubscribe(
    request: HttpRequest,
    state: web::Data<WebState>,
    token: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    open(&request, &state, &token)?;
    let language = error::language(&request);
    let path = format!("/unsubscribe/{token}");
    let text = view::survey::unsubscribe(language, &path, &state.body_name, &state.body_contact)?;
    Ok(page::html(&request, StatusCode::OK, &text))
}

/// `POST /unsubscribe/{token}`: done at once, and as often as one likes.
pub async fn unsubscribed(
    request: HttpRequest,
    state: web::Data<WebState>,
    token: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let who = open(&request, &state, &token)?;
    // A mail program may send its one click as any kind of form; what is not readable is a plain wish to leave.
    let form = body::form(&request, payload).await.unwrap_or_default();
    let why = match form.first("why") {
        "objected" => Suppressed::Objected,
        _ => Suppressed::Unsubscribed,
    };
    let now_ms = state.clock.now_ms();
    state
        .store
        .write(move |tx| suppression::leave(tx, &who, why, now_ms))
        .await?;
    let text = view::survey::unsubscribed(error::language(&request), &state.body_contact)?;
    Ok(page::html(&request, StatusCode::OK, &text))
}
