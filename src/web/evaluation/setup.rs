//! A new evaluation on one page, and a draft's settings.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Datelike;

use super::{carried_out, may};
use crate::access::Role;
use crate::clock::day_in_china;
use crate::store::evaluation::NewEvaluation;
use crate::store::outlet::Outlet;
use crate::store::{StoreError, WriteTx, catalogue, evaluation, event, membership, organisation, outlet};
use crate::survey::evaluation::Act;
use crate::survey::event::Event;
use crate::survey::form::{FieldError, Problem as Wrong, RawForm};
use crate::survey::id::{EvaluationId, OrganisationId, OutletId};
use crate::survey::setup::{self, Organisation, OutletLine, Settings, Setup};
use crate::view;
use crate::view::evaluation::SetupOffer;
use crate::view::office::Room;
use crate::view::survey::Trouble;
use crate::web::body;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::page;
use crate::web::state::WebState;

/// Organisations in the list of known ones.
const ORGANISATIONS_MAX: i64 = 1_000;

/// `GET /evaluations/new`.
pub async fn begin(request: HttpRequest, state: web::Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    let usual = state
        .store
        .write(|tx| -> Result<_, StoreError> { catalogue::insert_usual_if_missing(tx) })
        .await?;
    let offer = offer(&state).await?;
    let today = day_in_china(state.clock.now_ms());
    let form = view::evaluation::setup_form(
        today.year(),
        &setup::usual_retention_end(today).to_string(),
        usual.questionnaire().hash(),
        usual.method().hash(),
    );
    let text = view::evaluation::new(&signed.desk(&request), &offer, &form, &[])?;
    Ok(page::office(&request, StatusCode::OK, &text))
}

/// `POST /evaluations/new`: a draft with its outlets; whoever made it manages it.
pub async fn create(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let (offer, now_ms) = (offer(&state).await?, state.clock.now_ms());
    let hashes = (
        offer
            .questionnaires
            .iter()
            .map(|each| each.hash().to_owned())
            .collect::<Vec<_>>(),
        offer
            .methods
            .iter()
            .map(|each| each.hash().to_owned())
            .collect::<Vec<_>>(),
    );
    let errors = match setup::parse_setup(&form, day_in_china(now_ms), &hashes.0, &hashes.1) {
        Ok(setup) => {
            let id = EvaluationId::from_random(rand::random());
            let by = signed.clone();
            let made = state.store.write(move |tx| insert(tx, id, &setup, &by, now_ms)).await?;
            if made {
                return Ok(page::see_other(&format!("/evaluations/{id}")));
            }
            vec![FieldError::new("organisation", Wrong::NotAChoice)]
        }
        Err(errors) => errors,
    };
    let text = view::evaluation::new(&signed.desk(&request), &offer, &form, &errors)?;
    Ok(page::office(&request, StatusCode::UNPROCESSABLE_ENTITY, &text))
}

async fn offer(state: &WebState) -> Result<SetupOffer, StoreError> {
    let read = state.store.read(|conn| -> Result<SetupOffer, StoreError> {
        let (questionnaires, methods) = catalogue::list(conn)?;
        let known = organisation::list(conn, ORGANISATIONS_MAX)?;
        Ok(SetupOffer {
            organisations: known.into_iter().map(|each| (each.id, each.name)).collect(),
            questionnaires,
            methods,
        })
    });
    read.await
}

/// `false` when the organisation is none that is known.
fn insert(tx: &mut WriteTx<'_>, id: EvaluationId, setup: &Setup, by: &Signed, now_ms: i64) -> Result<bool, StoreError> {
    let organisation = match &setup.organisation {
        Organisation::Known(known) if !organisation::exists(tx.conn, *known)? => return Ok(false),
        Organisation::Known(known) => *known,
        Organisation::New(name, credit_code) => {
            let made = OrganisationId::from_random(rand::random());
            organisation::insert(tx, made, name, credit_code, now_ms)?;
            let data = serde_json::json!({"name": name, "credit_code": credit_code});
            let happened = super::happened(by, now_ms, "organisation.added", made.to_string(), &data);
            event::append_office(tx, &happened)?;
            made
        }
    };
    let settings = setup.settings.clone();
    let new = NewEvaluation {
        id,
        organisation,
        title: settings.title,
        questionnaire_hash: setup.instrument.0.clone(),
        method_hash: setup.instrument.1.clone(),
        products: settings.products,
        retention_end: settings.retention_end.to_string(),
        mode: settings.mode,
        scope: settings.scope,
    };
    evaluation::insert(tx, &new, &by.actor(), now_ms)?;
    let manager = by.viewer.person;
    membership::insert(tx, id, manager, Role::Manager)?;
    let data = serde_json::json!({"role": Role::Manager.as_str()});
    event::append(
        tx,
        id,
        &super::happened(by, now_ms, "member.added", manager.to_string(), &data),
    )?;
    add_outlets(tx, id, &setup.outlets, 0, |outlet, data| {
        super::happened(by, now_ms, "outlet.added", outlet.to_string(), data)
    })?;
    Ok(true)
}

/// Adds outlets from this place on, with the usual targets.
pub(super) fn add_outlets(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    lines: &[OutletLine],
    from_place: i32,
    happened: impl Fn(OutletId, &serde_json::Value) -> Event,
) -> Result<(), StoreError> {
    let present = usize::try_from(from_place).unwrap_or_default();
    let (target_face, target_electronic) = setup::usual_targets(lines.len() + present);
    for (place, line) in (from_place..).zip(lines) {
        let new = Outlet {
            id: OutletId::from_random(rand::random()),
            place,
            name: line.name.clone(),
            customers: line.customers,
            target_face,
            target_electronic,
            address: String::new(),
            hours: String::new(),
            visitors_per_day: None,
        };
        outlet::insert(tx, id, &new)?;
        event::append(tx, id, &happened(new.id, &serde_json::json!({"name": new.name})))?;
    }
    Ok(())
}

/// `GET /evaluations/{evaluation}/settings`.
pub async fn settings(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let (found, desk) = signed.inside(&request, &state, Room::Home).await?;
    if !found.state.allows(Act::ChangePlan) {
        return Err(Trouble::Outdated.into());
    }
    let stored = Settings {
        title: found.title,
        mode: found.mode,
        scope: found.scope,
        products: found.products,
        retention_end: found.retention_end.parse().map_err(|_| Trouble::Internal)?,
    };
    let form = view::evaluation::settings_form(&stored);
    let text = view::evaluation::settings(&desk, found.id, &form, &[])?;
    Ok(page::office(&request, StatusCode::OK, &text))
}

/// `POST /evaluations/{evaluation}/settings`.
pub async fn change_settings(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let form: RawForm = body::signed_form(&request, payload, &signed).await?;
    let (found, desk) = signed.inside(&request, &state, Room::Home).await?;
    let (id, now_ms, actor) = (found.id, state.clock.now_ms(), signed.actor());
    match setup::parse_settings(&form, day_in_china(now_ms)) {
        Ok(settings) => {
            let done = state
                .store
                .write(move |tx| -> Result<bool, StoreError> {
                    let may = may(tx, id, Act::ChangePlan)?;
                    if may {
                        evaluation::change_settings(tx, id, &settings, &actor, now_ms)?;
                    }
                    Ok(may)
                })
                .await?;
            carried_out(done, &format!("/evaluations/{id}"))
        }
        Err(errors) => {
            let text = view::evaluation::settings(&desk, id, &form, &errors)?;
            Ok(page::office(&request, StatusCode::UNPROCESSABLE_ENTITY, &text))
        }
    }
}
