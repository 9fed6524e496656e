//! Plates for the printer.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::outlets::codes_of;
use super::{Path, named};
use crate::store::evaluation::{self, Evaluation};
use crate::store::outlet_code::OutletCode;
use crate::survey::admission::Refusal;
use crate::survey::id::{EvaluationId, LinkId};
use crate::view::codes::{self, Plate};
use crate::view::office::{Desk, Room};
use crate::view::survey::Trouble;
use crate::web::entrance::Signed;
use crate::web::error::{self, Problem};
use crate::web::page::{self as pages, Keep};
use crate::web::state::WebState;

/// `GET /evaluations/{evaluation}/codes/plates`: one A4 page per code that works or will.
pub async fn plates(request: HttpRequest, state: web::Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    let (evaluation, desk) = signed.inside(&request, &state, Room::Codes).await?;
    let text = page_of(&state, &desk, &evaluation).await?;
    Ok(pages::office(&request, StatusCode::OK, &text))
}

/// `GET /evaluations/{evaluation}/qr`: the same for visitors of the demo.
pub async fn open_plates(
    request: HttpRequest,
    state: web::Data<WebState>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let id: EvaluationId = id.parse().map_err(|_| Trouble::NotFound)?;
    if !state.shows_without_account(Some(id)) {
        return Err(Trouble::NotFound.into());
    }
    let catalogue = Arc::clone(state.store.catalogue());
    let found = state
        .store
        .read(move |conn| evaluation::find(conn, &catalogue, id))
        .await?;
    let desk = Desk {
        language: error::language(&request),
        viewer: None,
        csrf: String::new(),
        here: None,
    };
    let text = page_of(&state, &desk, &found.ok_or(Trouble::NotFound)?).await?;
    Ok(pages::html(&request, StatusCode::OK, &text))
}

/// `GET /evaluations/{evaluation}/codes/{link}/plate.svg`.
pub async fn drawing(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    path: Path,
) -> Result<HttpResponse, Problem> {
    let (evaluation, _) = signed.inside(&request, &state, Room::Codes).await?;
    let codes = printable(&state, &evaluation).await?;
    let id: LinkId = named(&path)?;
    let code = codes.iter().find(|code| code.id == id).ok_or(Trouble::NotFound)?;
    let text = codes::plate(&plate(&state, &evaluation, code, &url(&state, code)))?;
    let gzip = pages::takes_gzip(request.headers());
    Ok(pages::encoded(
        gzip,
        StatusCode::OK,
        "image/svg+xml",
        Keep::Never,
        &text,
    ))
}

async fn page_of(state: &WebState, desk: &Desk, evaluation: &Evaluation) -> Result<String, Problem> {
    let codes = printable(state, evaluation).await?;
    let urls: Vec<String> = codes.iter().map(|code| url(state, code)).collect();
    let plates: Vec<Plate<'_>> = codes
        .iter()
        .zip(&urls)
        .map(|(code, url)| plate(state, evaluation, code, url))
        .collect();
    Ok(codes::plates(desk, &plates)?)
}

/// Codes that work or will.
async fn printable(state: &WebState, evaluation: &Evaluation) -> Result<Vec<OutletCode>, Problem> {
    let now_ms = state.clock.now_ms();
    let mut codes = codes_of(state, evaluation).await?;
    codes.retain(|code| {
        matches!(
            code.state.admit(now_ms),
            Ok(()) | Err(Refusal::NotYetOpen | Refusal::BeforeField(_))
        )
    });
    Ok(codes)
}

fn url(state: &WebState, code: &OutletCode) -> String {
    format!("{}/s/{}", state.base_url, code.secret.as_str())
}

fn plate<'a>(state: &'a WebState, evaluation: &'a Evaluation, code: &'a OutletCode, url: &'a str) -> Plate<'a> {
    Plate {
        body: &state.body_name,
        firm: &evaluation.firm,
        title: &evaluation.title,
        outlet: &code.outlet_name,
        call: &evaluation.instrument.questionnaire().texts().plate,
        url,
        generation: code.generation,
    }
}
