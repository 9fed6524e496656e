//! The first page of somebody who is signed in; visitors of the worked example get its own.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::access::Role;
use crate::store::catalogue::Catalogue;
use crate::store::membership::Place;
use crate::store::{Conn, StoreError, evaluation, membership, progress};
use crate::survey::evaluation::EvaluationState;
use crate::view;
use crate::view::evaluation::HomePlace;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::state::WebState;
use crate::web::{demo, page};

/// Roles of one person that are listed; who has more finds the older evaluations through newer ones' lists.
const PLACES_MAX: i64 = 200;

/// `GET /`.
pub async fn show(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Option<Signed>,
) -> Result<HttpResponse, Problem> {
    let Some(signed) = signed else {
        return demo::home(&request, &state).await;
    };
    let (person, catalogue) = (signed.viewer.person, Arc::clone(state.store.catalogue()));
    let places = state
        .store
        .read(move |conn| -> Result<Vec<HomePlace>, StoreError> {
            let places = membership::list_places(conn, person, PLACES_MAX)?;
            places.into_iter().map(|place| shown(conn, &catalogue, place)).collect()
        })
        .await?;
    let text = view::evaluation::home(&signed.desk(&request), &places)?;
    Ok(page::office(&request, StatusCode::OK, &text))
}

fn shown(conn: &mut Conn, catalogue: &Catalogue, place: Place) -> Result<HomePlace, StoreError> {
    let team = place.roles.has_any(&Role::TEAM) && place.state == EvaluationState::Open;
    let found = match team {
        true => evaluation::find(conn, catalogue, place.evaluation)?,
        false => None,
    };
    Ok(HomePlace {
        progress: found.map(|found| progress::of(conn, &found)).transpose()?,
        evaluation: place.evaluation,
        firm: place.firm,
        title: place.title,
        state: place.state,
        roles: place.roles,
    })
}
