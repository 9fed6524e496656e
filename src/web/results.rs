//! Results of an evaluation: page, CSV, JSON, all from one report.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::entrance::Signed;
use super::error::Problem;
use super::page::{self, Keep};
use super::state::WebState;
use crate::access::Sight;
use crate::export;
use crate::store::catalogue::Catalogue;
use crate::store::{Conn, StoreError, report};
use crate::survey::id::EvaluationId;
use crate::survey::report::Report;
use crate::view;
use crate::view::office::{Desk, Room};
use crate::view::survey::Trouble;

/// `GET /evaluations/{evaluation}/results`.
pub async fn page(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Option<Signed>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let (report, sight) = seen(&state, signed.as_ref(), &id, report::compute).await?;
    let desk = desk(&request, &state, signed.as_ref(), Room::Results).await?;
    let text = view::results::page(&desk, &report, sight == Sight::Scores)?;
    Ok(page::office(&request, StatusCode::OK, &text))
}

/// The desk of whoever reads results; the worked example shows them to visitors, too.
pub(super) async fn desk(
    request: &HttpRequest,
    state: &WebState,
    signed: Option<&Signed>,
    room: Room,
) -> Result<Desk, Problem> {
    Ok(match signed {
        Some(signed) if !signed.inside.is_empty() => signed.inside(request, state, room).await?.1,
        Some(signed) => signed.desk(request),
        None => Desk {
            language: page::office_language(request),
            viewer: None,
            csrf: String::new(),
            here: None,
        },
    })
}

/// `GET /evaluations/{evaluation}/results.csv`.
pub async fn csv(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Option<Signed>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let report = scores(&state, signed.as_ref(), &id).await?;
    let bytes = export::csv::encode(&report).map_err(|e| Problem::Export(e.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|e| Problem::Export(e.to_string()))?;
    Ok(download(&request, &report, "csv", "text/csv; charset=utf-8", &text))
}

/// `GET /evaluations/{evaluation}/results.json`, also `/api/evaluations/{evaluation}/results`.
pub async fn json(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Option<Signed>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let report = scores(&state, signed.as_ref(), &id).await?;
    let text = export::json::encode(&report).map_err(|e| Problem::Export(e.to_string()))?;
    Ok(download(&request, &report, "json", "application/json", &text))
}

fn download(request: &HttpRequest, report: &Report, ending: &str, kind: &'static str, text: &str) -> HttpResponse {
    let response = page::encoded(
        page::takes_gzip(request.headers()),
        StatusCode::OK,
        kind,
        Keep::Never,
        text,
    );
    page::named(response, "inline", &format!("results-{}.{ending}", report.evaluation))
}

/// The report of an evaluation that the worked example shows to everybody; anything else does not exist for the reader.
pub(super) async fn shown_report(state: &WebState, id: &str) -> Result<Report, Problem> {
    let id = id.parse().map_err(|_| Trouble::NotFound)?;
    match state.shows_without_account(Some(id)) {
        true => report_of(state, id, report::compute).await,
        false => Err(Trouble::NotFound.into()),
    }
}

/// The report, and as much of it as this reader may see.
async fn seen(
    state: &WebState,
    signed: Option<&Signed>,
    id: &str,
    compute: Compute,
) -> Result<(Report, Sight), Problem> {
    let id = id.parse().map_err(|_| Trouble::NotFound)?;
    let report = report_of(state, id, compute).await?;
    let sight = match signed {
        Some(signed) => Sight::of(signed.inside, report.state, report.interim.is_some()),
        None if !state.shows_without_account(Some(id)) => Sight::Nothing,
        None if report.shows_scores() => Sight::Scores,
        None => Sight::Counts,
    };
    match sight {
        Sight::Nothing => Err(Trouble::NotFound.into()),
        _ => Ok((report, sight)),
    }
}

/// The report for whoever may see its scores.
pub(super) async fn scores(state: &WebState, signed: Option<&Signed>, id: &str) -> Result<Report, Problem> {
    match seen(state, signed, id, report::sampling).await? {
        (report, Sight::Scores) => Ok(report),
        _ => Err(Trouble::NotFound.into()),
    }
}

/// How much of a report is computed.
type Compute = fn(&mut Conn, &Catalogue, EvaluationId) -> Result<Option<Report>, StoreError>;

async fn report_of(state: &WebState, id: EvaluationId, compute: Compute) -> Result<Report, Problem> {
    let catalogue = Arc::clone(state.store.catalogue());
    let found = state
        .store
        .read(move |conn| compute(conn, &catalogue, id))
        .await?
        .ok_or(Trouble::NotFound)?;
    if found.scan_pending {
        state.scans.begin(&state.store, id, state.clock.now_ms());
    }
    Ok(found)
}
