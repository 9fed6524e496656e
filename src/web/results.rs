//! Results of an evaluation: page, CSV, JSON, all from one report.

use std::sync::Arc;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};

use super::error::{self, Problem};
use super::page::{self, Keep};
use super::state::WebState;
use crate::export;
use crate::store::report;
use crate::survey::id::EvaluationId;
use crate::survey::report::Report;
use crate::view;
use crate::view::survey::Trouble;

/// `GET /evaluations/{id}/results`.
pub async fn page(
    request: HttpRequest,
    state: web::Data<WebState>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let report = report_of(&state, &id).await?;
    let text = view::results::page(&report, error::language(&request))?;
    Ok(page::html(&request, StatusCode::OK, &text))
}

/// `GET /evaluations/{id}/results.csv`.
pub async fn csv(
    request: HttpRequest,
    state: web::Data<WebState>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let report = scores_of(&state, &id).await?;
    let bytes = export::csv::encode(&report).map_err(|e| Problem::Export(e.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|e| Problem::Export(e.to_string()))?;
    Ok(download(&request, &report, "csv", "text/csv; charset=utf-8", &text))
}

/// `GET /evaluations/{id}/results.json`, also `/api/evaluations/{id}/results`.
pub async fn json(
    request: HttpRequest,
    state: web::Data<WebState>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let report = scores_of(&state, &id).await?;
    let text = export::json::encode(&report).map_err(|e| Problem::Export(e.to_string()))?;
    Ok(download(&request, &report, "json", "application/json", &text))
}

fn download(request: &HttpRequest, report: &Report, ending: &str, kind: &'static str, text: &str) -> HttpResponse {
    let mut response = page::encoded(
        page::takes_gzip(request.headers()),
        StatusCode::OK,
        kind,
        Keep::Never,
        text,
    );
    let name = format!("inline; filename=\"results-{}.{ending}\"", report.evaluation);
    if let Ok(value) = header::HeaderValue::from_str(&name) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// The report of an evaluation that may be read here; anything else does not exist for the reader.
pub(super) async fn report_of(state: &WebState, id: &str) -> Result<Report, Problem> {
    let id: EvaluationId = id.parse().map_err(|_| Trouble::NotFound)?;
    if !state.readable_without_account(id) {
        return Err(Trouble::NotFound.into());
    }
    let catalogue = Arc::clone(state.store.catalogue());
    let found = state
        .store
        .read(move |conn| report::compute(conn, &catalogue, id))
        .await?;
    Ok(found.ok_or(Trouble::NotFound)?)
}

async fn scores_of(state: &WebState, id: &str) -> Result<Report, Problem> {
    let report = report_of(state, id).await?;
    if report.shows_scores() {
        Ok(report)
    } else {
        Err(Trouble::NotFound.into())
    }
}
