//! Deviations from the frozen plan: proposed, and put in force by a reviewer.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::actors;
use crate::access::Role;
use crate::store::{StoreError, deviation as store, outlet, plan as plans};
use crate::survey::deviation;
use crate::survey::evaluation::EvaluationState;
use crate::survey::id::OutletId;
use crate::survey::plan_review;
use crate::view::grading::Typed;
use crate::view::office::Room;
use crate::view::planning::{self as view, DeviationsPage};
use crate::view::survey::Trouble;
use crate::web::acting::{act, answer, back, settle};
use crate::web::body;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::state::WebState;

/// `GET /evaluations/{evaluation}/deviations`.
pub async fn page(request: HttpRequest, state: Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    show(&request, &state, &signed, Typed::default()).await
}

async fn show(request: &HttpRequest, state: &WebState, signed: &Signed, typed: Typed) -> Result<HttpResponse, Problem> {
    let (found, desk) = signed.inside(request, state, Room::Plan).await?;
    let id = found.id;
    let read: Result<_, StoreError> = state
        .store
        .read(move |conn| {
            let rows = store::of_evaluation(conn, id)?;
            let period = (store::last_day(conn, id)?, plans::find(conn, id)?);
            Ok((rows, period, outlet::list(conn, id)?, actors(conn)?))
        })
        .await;
    let (rows, (last_day, stored), outlets, names) = read?;
    let is_running = matches!(
        found.state,
        EvaluationState::Frozen | EvaluationState::Open | EvaluationState::Closed
    );
    let shown = DeviationsPage {
        rows: &rows,
        outlets: &outlets
            .into_iter()
            .map(|outlet| (outlet.id, outlet.name))
            .collect::<Vec<_>>(),
        names: &names,
        last_day,
        latest_day: stored.and_then(|stored| stored.plan.scope()?.latest_day()),
        may_propose: is_running && signed.inside.has(Role::Manager),
        may_review: is_running && signed.inside.has(Role::Reviewer),
    };
    Ok(answer(request, &typed, &view::deviations(&desk, &shown, &typed)?))
}

/// `POST /evaluations/{evaluation}/deviations`: proposes one.
pub async fn propose(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let id = signed.evaluation.ok_or(Trouble::NotFound)?;
    let outlets = state.store.read(move |conn| outlet::list(conn, id)).await?;
    let outlets: Vec<OutletId> = outlets.into_iter().map(|outlet| outlet.id).collect();
    let errors = match deviation::parse(&form, &outlets) {
        Ok((change, reason)) => {
            let act = act(&signed, &state);
            let done = state
                .store
                .write(move |tx| store::propose(tx, id, (&change, &reason), act));
            settle(done.await)?
        }
        Err(errors) => errors,
    };
    match errors.is_empty() {
        true => Ok(back(id, "deviations")),
        false => show(&request, &state, &signed, Typed::new("propose", form, errors)).await,
    }
}

/// `POST /evaluations/{evaluation}/deviations/review`: in force, or refused.
pub async fn review(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let id = signed.evaluation.ok_or(Trouble::NotFound)?;
    let seq: i64 = form.first("seq").parse().map_err(|_| Trouble::BadRequest)?;
    let errors = match plan_review::parse(&form) {
        Ok((verdict, comment)) => {
            let act = act(&signed, &state);
            let done = state
                .store
                .write(move |tx| store::review(tx, id, seq, (verdict, &comment), act));
            settle(done.await)?
        }
        Err(errors) => errors,
    };
    match errors.is_empty() {
        true => Ok(back(id, "deviations")),
        false => show(&request, &state, &signed, Typed::new("review", form, errors)).await,
    }
}
