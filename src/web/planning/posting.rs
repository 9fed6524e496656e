//! Plates and slips in the field, as evaluators post and remove them.

use std::sync::Arc;

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::access::Role;
use crate::clock::in_china;
use crate::store::funnel::Source;
use crate::store::{StoreError, funnel, person, posting as store};
use crate::survey::posting::{self, Item};
use crate::view::grading::Typed;
use crate::view::office::Room;
use crate::view::planning::{self as view, PostingsPage};
use crate::web::acting::{act, answer, back, settle};
use crate::web::body;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::state::WebState;

/// `GET /evaluations/{evaluation}/postings`.
pub async fn page(request: HttpRequest, state: Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    show(&request, &state, &signed, Typed::default()).await
}

async fn show(request: &HttpRequest, state: &WebState, signed: &Signed, typed: Typed) -> Result<HttpResponse, Problem> {
    let (found, desk) = signed.inside(request, state, Room::Interviews).await?;
    let (key, now_ms) = (state.key.bytes().to_vec(), state.clock.now_ms());
    let id = found.id;
    let read: Result<_, StoreError> = state
        .store
        .read(move |conn| {
            let visits = funnel::totals(&funnel::of_evaluation(conn, id)?);
            let offers = store::offers(conn, &found, &key, now_ms)?;
            Ok((offers, store::list(conn, id)?, visits, person::all_names(conn)?))
        })
        .await;
    let (offers, rows, visits, names) = read?;
    let came = |item| match item {
        Item::Plate(link) => visits
            .iter()
            .find(|one| one.source == Source::Code(link))
            .map(|one| (one.opened, one.completed)),
        Item::Slips(_) => None,
    };
    let shown = PostingsPage {
        offers: &offers
            .into_iter()
            .map(|offer| (came(offer.item), offer))
            .collect::<Vec<_>>(),
        rows: &rows,
        names: &names,
        may_note: signed.inside.has(Role::Evaluator),
        sees_visits: signed.inside.has_any(&[Role::Manager, Role::Reviewer]),
        now: in_china(now_ms),
    };
    Ok(answer(request, &typed, &view::postings(&desk, &shown, &typed)?))
}

/// `POST /evaluations/{evaluation}/postings`.
pub async fn note(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let (found, _) = signed.inside(&request, &state, Room::Interviews).await?;
    let (id, act, key) = (found.id, act(&signed, &state), state.key.bytes().to_vec());
    let under = key.clone();
    let offers = state
        .store
        .read(move |conn| store::offers(conn, &found, &under, act.1))
        .await?;
    let items: Vec<String> = offers.iter().map(|offer| offer.item.to_string()).collect();
    let errors = match posting::parse(&form, &items, in_china(act.1)) {
        Ok(new) => {
            let catalogue = Arc::clone(state.store.catalogue());
            let done = state
                .store
                .write(move |tx| store::note(tx, &catalogue, id, (&new, &offers), &key, act));
            settle(done.await)?
        }
        Err(errors) => errors,
    };
    match errors.is_empty() {
        true => Ok(back(id, "postings")),
        false => show(&request, &state, &signed, Typed::new("note", form, errors)).await,
    }
}
