//! Questionnaire and method: what they contain, which ones a draft uses, what customers will see.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::{carried_out, is_manager, may};
use crate::clock::months_before;
use crate::store::{StoreError, catalogue, evaluation, outlet};
use crate::survey::answers::FormChoices;
use crate::survey::evaluation::Act;
use crate::survey::form::{FieldError, RawForm};
use crate::survey::notice::Notice;
use crate::survey::questionnaire::ServiceSet;
use crate::survey::setup;
use crate::view;
use crate::view::evaluation::Offer;
use crate::view::office::Room;
use crate::view::survey::{Scene, Trouble};
use crate::web::body;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::page;
use crate::web::state::WebState;

/// `GET /evaluations/{evaluation}/instrument`.
pub async fn show(request: HttpRequest, state: web::Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    list(&request, &state, &signed, StatusCode::OK, &[]).await
}

async fn list(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    status: StatusCode,
    errors: &[FieldError],
) -> Result<HttpResponse, Problem> {
    let (found, desk) = signed.inside(request, state, Room::Instrument).await?;
    let offer = match is_manager(signed) {
        true => Some(offer(state).await?),
        false => None,
    };
    let text = view::evaluation::instrument(&desk, found.id, &found.instrument, offer.as_ref(), errors)?;
    Ok(page::office(request, status, &text))
}

async fn offer(state: &WebState) -> Result<Offer, StoreError> {
    let (questionnaires, methods) = state.store.read(catalogue::list).await?;
    Ok(Offer {
        questionnaires,
        methods,
    })
}

/// `POST /evaluations/{evaluation}/instrument`: another questionnaire or method for a draft.
pub async fn choose(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let id = signed.evaluation.ok_or(Trouble::NotFound)?;
    let (offer, now_ms, actor) = (offer(&state).await?, state.clock.now_ms(), signed.actor());
    let questionnaires: Vec<String> = offer.questionnaires.iter().map(|q| q.hash().to_owned()).collect();
    let methods: Vec<String> = offer.methods.iter().map(|m| m.hash().to_owned()).collect();
    match setup::parse_instrument(&form, &questionnaires, &methods) {
        Ok((questionnaire, method)) => {
            let catalogue = std::sync::Arc::clone(state.store.catalogue());
            let done = state
                .store
                .write(move |tx| -> Result<bool, StoreError> {
                    // The two must go together: this reads and checks them.
                    catalogue.instrument(tx.conn, &questionnaire, &method)?;
                    let may = may(tx, id, Act::ChangePlan)?;
                    if may {
                        evaluation::choose_instrument(tx, id, (&questionnaire, &method), &actor, now_ms)?;
                    }
                    Ok(may)
                })
                .await?;
            carried_out(done, &format!("/evaluations/{id}/instrument"))
        }
        Err(errors) => list(&request, &state, &signed, StatusCode::UNPROCESSABLE_ENTITY, &errors).await,
    }
}

/// `GET /evaluations/{evaluation}/preview`: phones' frames around the customer's pages.
pub async fn preview(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let (found, desk) = signed.inside(&request, &state, Room::Instrument).await?;
    let text = view::evaluation::preview(&desk, found.id)?;
    Ok(page::office(&request, StatusCode::OK, &text))
}

/// `GET /evaluations/{evaluation}/preview/{page}`: a customer's page that can send nothing: its policy forbids forms, the
/// frame around it does, and its address takes none.
pub async fn framed(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (found, desk) = signed.inside(&request, &state, Room::Instrument).await?;
    let id = found.id;
    let outlets = state.store.read(move |conn| outlet::list(conn, id)).await?;
    let questionnaire = found.instrument.questionnaire();
    let scene = Scene {
        language: desk.language,
        body: &state.body_name,
        firm: &found.firm,
        outlet: outlets.first().map(|outlet| &outlet.name),
        questionnaire,
    };
    let here = |language: crate::survey::language::Language| format!("{}?lang={}", request.path(), language.tag());
    let (action, other) = (here(desk.language), here(desk.language.other()));
    let text = match path.1.as_str() {
        "landing" => {
            let notice = Notice::render(
                questionnaire,
                &state.body_name,
                &state.body_contact,
                &found.retention_end,
            );
            view::survey::landing(&scene, &notice, &action, &other, &RawForm::default(), &[])?
        }
        "rating" => {
            let months = months_before(state.clock.now_ms());
            let choices = FormChoices {
                products: &found.products,
                months: &months,
            };
            let options = questionnaire.screening().service_options.len();
            let every = (0..options).fold(ServiceSet::default(), ServiceSet::with);
            view::survey::rating(
                &scene,
                every,
                choices,
                &action,
                Some(&other),
                &RawForm::default(),
                &[],
                None,
            )?
        }
        _ => return Err(Trouble::NotFound.into()),
    };
    Ok(page::html(&request, StatusCode::OK, &text))
}
