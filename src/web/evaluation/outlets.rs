//! Outlets: list, add, change, order, remove.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::setup::add_outlets;
use super::{carried_out, is_manager, may};
use crate::store::outlet::Outlet;
use crate::store::{StoreError, WriteTx, event, outlet};
use crate::survey::evaluation::Act;
use crate::survey::form::{FieldError, RawForm};
use crate::survey::id::{EvaluationId, OutletId};
use crate::survey::setup::{self, OUTLETS_MAX, OutletForm, OutletPlan};
use crate::view;
use crate::view::evaluation::OutletsPage;
use crate::view::office::Room;
use crate::view::survey::Trouble;
use crate::web::body;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::page;
use crate::web::state::WebState;

/// `GET /evaluations/{evaluation}/outlets`.
pub async fn show(request: HttpRequest, state: web::Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    let (status, form) = (StatusCode::OK, RawForm::default());
    list(&request, &state, &signed, status, &form, &[]).await
}

async fn list(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    status: StatusCode,
    form: &RawForm,
    errors: &[FieldError],
) -> Result<HttpResponse, Problem> {
    let (found, desk) = signed.inside(request, state, Room::Outlets).await?;
    let rows: Vec<_> = stored(state, found.id)
        .await?
        .iter()
        .map(|o| (o.id, as_form(o)))
        .collect();
    let shown = OutletsPage {
        evaluation: found.id,
        outlets: &rows,
        is_manager: is_manager(signed),
    };
    let text = view::evaluation::outlets(&desk, &shown, form, errors)?;
    Ok(page::office(request, status, &text))
}

async fn stored(state: &WebState, id: EvaluationId) -> Result<Vec<Outlet>, StoreError> {
    state.store.read(move |conn| outlet::list(conn, id)).await
}

fn as_form(stored: &Outlet) -> OutletForm {
    OutletForm {
        name: stored.name.clone(),
        address: stored.address.clone(),
        hours: stored.hours.clone(),
        visitors_per_day: stored.visitors_per_day,
        plan: Some(OutletPlan {
            customers: stored.customers,
            target_face: stored.target_face,
            target_electronic: stored.target_electronic,
        }),
    }
}

/// `POST /evaluations/{evaluation}/outlets`: adds some, one a line.
pub async fn add(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let id = signed.evaluation.ok_or(Trouble::NotFound)?;
    let (present, now_ms) = (stored(&state, id).await?.len(), state.clock.now_ms());
    let lines = match setup::parse_outlets(&form, present) {
        Ok(lines) => lines,
        Err(errors) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return list(&request, &state, &signed, status, &form, &errors).await;
        }
    };
    let done = state
        .store
        .write(move |tx| -> Result<bool, StoreError> {
            let present = outlet::list(tx.conn, id)?;
            if !may(tx, id, Act::ChangePlan)? || present.len() + lines.len() > OUTLETS_MAX {
                return Ok(false);
            }
            let place = present.iter().map(|outlet| outlet.place + 1).max().unwrap_or_default();
            add_outlets(tx, id, &lines, place, |outlet, data| {
                super::happened(&signed, now_ms, "outlet.added", outlet.to_string(), data)
            })?;
            Ok(true)
        })
        .await?;
    carried_out(done, &format!("/evaluations/{id}/outlets"))
}

/// The outlet that an address names.
async fn asked(state: &WebState, signed: &Signed, path: &(String, String)) -> Result<Outlet, Problem> {
    let id = signed.evaluation.ok_or(Trouble::NotFound)?;
    let outlet: OutletId = path.1.parse().map_err(|_| Trouble::NotFound)?;
    let found = stored(state, id).await?.into_iter().find(|each| each.id == outlet);
    Ok(found.ok_or(Trouble::NotFound)?)
}

/// `GET /evaluations/{evaluation}/outlets/{outlet}`.
pub async fn one(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (found, desk) = signed.inside(&request, &state, Room::Outlets).await?;
    let outlet = asked(&state, &signed, &path).await?;
    if !found.state.allows(Act::CorrectOutlet) {
        return Err(Trouble::Outdated.into());
    }
    let form = view::evaluation::outlet_form(&as_form(&outlet));
    let with_plan = found.state.allows(Act::ChangePlan);
    let text = view::evaluation::outlet(&desk, (found.id, outlet.id), &form, &[], with_plan)?;
    Ok(page::office(&request, StatusCode::OK, &text))
}

/// `POST /evaluations/{evaluation}/outlets/{outlet}`.
pub async fn change(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    path: web::Path<(String, String)>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let (found, desk) = signed.inside(&request, &state, Room::Outlets).await?;
    let outlet = asked(&state, &signed, &path).await?;
    let (id, now_ms, with_plan) = (found.id, state.clock.now_ms(), found.state.allows(Act::ChangePlan));
    match setup::parse_outlet(&form, with_plan) {
        Ok(typed) => {
            let done = state
                .store
                .write(move |tx| correct(tx, id, &outlet, &typed, &signed, now_ms))
                .await?;
            carried_out(done, &format!("/evaluations/{id}/outlets"))
        }
        Err(errors) => {
            let text = view::evaluation::outlet(&desk, (id, outlet.id), &form, &errors, with_plan)?;
            Ok(page::office(&request, StatusCode::UNPROCESSABLE_ENTITY, &text))
        }
    }
}

fn correct(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    before: &Outlet,
    typed: &OutletForm,
    by: &Signed,
    now_ms: i64,
) -> Result<bool, StoreError> {
    let needed = match typed.plan {
        Some(_) => Act::ChangePlan,
        None => Act::CorrectOutlet,
    };
    if !may(tx, id, needed)? {
        return Ok(false);
    }
    let plan = typed.plan.unwrap_or(OutletPlan {
        customers: before.customers,
        target_face: before.target_face,
        target_electronic: before.target_electronic,
    });
    let after = Outlet {
        id: before.id,
        place: before.place,
        name: typed.name.clone(),
        customers: plan.customers,
        target_face: plan.target_face,
        target_electronic: plan.target_electronic,
        address: typed.address.clone(),
        hours: typed.hours.clone(),
        visitors_per_day: typed.visitors_per_day,
    };
    outlet::update(tx, id, &after)?;
    let data = serde_json::json!({
        "name": after.name, "address": after.address, "hours": after.hours,
        "visitors_per_day": after.visitors_per_day, "customers": after.customers,
        "target_face": after.target_face, "target_electronic": after.target_electronic,
    });
    let happened = super::happened(by, now_ms, "outlet.changed", after.id.to_string(), &data);
    event::append(tx, id, &happened)?;
    Ok(true)
}

/// `POST /evaluations/{evaluation}/outlets/{outlet}/raise`: one place up.
pub async fn raise(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    path: web::Path<(String, String)>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    act(
        &request,
        &state,
        signed,
        &path,
        payload,
        "outlet.raised",
        |tx, id, outlet| {
            let all = outlet::list(tx.conn, id)?;
            let above = all.iter().take_while(|each| each.id != outlet).last();
            let moved = all.iter().find(|each| each.id == outlet);
            match above.zip(moved) {
                Some((above, moved)) => outlet::swap(tx, id, above, moved),
                None => Ok(()),
            }
        },
    )
    .await
}

/// `POST /evaluations/{evaluation}/outlets/{outlet}/remove`.
pub async fn remove(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    path: web::Path<(String, String)>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    act(
        &request,
        &state,
        signed,
        &path,
        payload,
        "outlet.removed",
        outlet::delete,
    )
    .await
}

/// Does something to a draft's outlet and logs it.
async fn act(
    request: &HttpRequest,
    state: &WebState,
    signed: Signed,
    path: &(String, String),
    payload: web::Payload,
    action: &'static str,
    done: impl Fn(&mut WriteTx<'_>, EvaluationId, OutletId) -> Result<(), StoreError> + Send + 'static,
) -> Result<HttpResponse, Problem> {
    body::signed_form(request, payload, &signed).await?;
    let outlet = asked(state, &signed, path).await?;
    let id = signed.evaluation.ok_or(Trouble::NotFound)?;
    let now_ms = state.clock.now_ms();
    let carried = state
        .store
        .write(move |tx| -> Result<bool, StoreError> {
            let may = may(tx, id, Act::ChangePlan)?;
            if may {
                done(tx, id, outlet.id)?;
                let data = serde_json::json!({"name": outlet.name});
                let happened = super::happened(&signed, now_ms, action, outlet.id.to_string(), &data);
                event::append(tx, id, &happened)?;
            }
            Ok(may)
        })
        .await?;
    carried_out(carried, &format!("/evaluations/{id}/outlets"))
}
