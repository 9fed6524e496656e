//! Personal data: the schedule by which it goes, and erasure for somebody who asks, in two steps.

use std::sync::Arc;

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::acting::{act, answer};
use super::body;
use super::entrance::Signed;
use super::error::Problem;
use super::page;
use super::state::WebState;
use crate::store::erasure::{self as store, Done, Found};
use crate::store::{StoreError, person, retention};
use crate::survey::erasure::Asked;
use crate::survey::form::RawForm;
use crate::view::grading::Typed;
use crate::view::privacy::{self as view, DoneShown, PrivacyPage};
use crate::view::survey::Trouble;
use crate::{personal, phone};

/// `GET /privacy`, and `?request=…` for the confirmation of one erasure.
pub async fn page(request: HttpRequest, state: Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    let pairs: Vec<(String, String)> = serde_html_form::from_str(request.query_string()).unwrap_or_default();
    let wanted = RawForm::new(pairs).first("request").to_owned();
    show(&request, &state, &signed, &wanted, &Typed::default()).await
}

fn shown(done: Done) -> DoneShown {
    DoneShown {
        id: done.id,
        way: done.way,
        request: done.request,
        erased: done.erased,
        done: (done.by, done.at_ms),
    }
}

async fn show(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    wanted: &str,
    typed: &Typed,
) -> Result<HttpResponse, Problem> {
    let read: Result<_, StoreError> = state
        .store
        .read(|conn| Ok((retention::schedule(conn)?, store::list(conn)?, person::all_names(conn)?)))
        .await;
    let (schedule, done, names) = read?;
    let done: Vec<DoneShown> = done.into_iter().map(shown).collect();
    let desk = signed.desk(request);
    if !wanted.is_empty() {
        let one = done.iter().find(|one| one.id == wanted).ok_or(Trouble::NotFound)?;
        return Ok(answer(request, typed, &view::privacy_done(&desk, one, &names)?));
    }
    let about = PrivacyPage {
        schedule: &schedule,
        done: &done,
        names: &names,
    };
    Ok(answer(request, typed, &view::privacy(&desk, &about, typed)?))
}

async fn look_for(state: &WebState, asked: &Asked) -> Result<Found, Problem> {
    let (key, wanted) = (state.key.clone(), asked.clone());
    let found: Result<_, StoreError> = state
        .store
        .read(move |conn| store::look(conn, &key, phone::reveal, &wanted))
        .await;
    Ok(found?)
}

/// `POST /privacy/requests`: what there is of somebody. What was typed stands in no address and no log.
pub async fn look(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let asked = match Asked::parse(&form, personal::parse_address) {
        Ok(asked) => asked,
        Err(errors) => return show(&request, &state, &signed, "", &Typed::new("request", form, errors)).await,
    };
    let found = look_for(&state, &asked).await?;
    let text = view::privacy_found(&signed.desk(&request), &asked, &found.erased())?;
    Ok(answer(&request, &Typed::default(), &text))
}

/// `POST /privacy/requests/confirm`: erases what there is.
pub async fn erase(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let asked = match Asked::parse(&form, personal::parse_address) {
        Ok(asked) => asked,
        Err(errors) => return show(&request, &state, &signed, "", &Typed::new("request", form, errors)).await,
    };
    let found = look_for(&state, &asked).await?;
    let id = format!("{:032x}", rand::random::<u128>());
    let (key, catalogue) = (state.key.clone(), Arc::clone(state.store.catalogue()));
    let (act, name) = (act(&signed, &state), id.clone());
    let done: Result<(), StoreError> = state
        .store
        .write(move |tx| store::carry_out(tx, &catalogue, &key, (&asked, &found), &name, act))
        .await;
    done?;
    let forgotten: Result<(), StoreError> = state.store.read(retention::forget).await;
    forgotten?;
    Ok(page::see_other(&format!("/privacy?request={id}")))
}
