//! The sampling report of an evaluation, as page and as files.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::entrance::Signed;
use super::error::Problem;
use super::page;
use super::results;
use super::state::WebState;
use crate::export;
use crate::store::dossier;
use crate::survey::dossier::Dossier;
use crate::survey::language::Language;
use crate::survey::report::Report;
use crate::view::office::Room;
use crate::view::report::{Document, Download, Naming, document, page as report_page};
use crate::view::survey::Trouble;

/// `GET /evaluations/{evaluation}/report`.
pub async fn page(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Option<Signed>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let (report, dossier) = read(&state, signed.as_ref(), &id).await?;
    let desk = results::desk(&request, &state, signed.as_ref(), Room::Results).await?;
    let document = compose(&state, desk.language, &report, &dossier)?;
    let base = format!("/evaluations/{}", report.evaluation);
    let downloads = [
        ("CSV", "results.csv"),
        ("JSON", "results.json"),
    ];
    let downloads = downloads.map(|(name, file)| Download { href: format!("{base}/{file}"), name });
    let text = report_page(&desk, &document, &downloads)?;
    Ok(page::office(&request, StatusCode::OK, &text))
}

/// What the report of an evaluation is made of, for whoever may see its scores.
async fn read(state: &WebState, signed: Option<&Signed>, id: &str) -> Result<(Report, Dossier), Problem> {
    let report = results::scores(state, signed, id).await?;
    let (catalogue, evaluation) = (Arc::clone(state.store.catalogue()), report.evaluation);
    let found = state.store.read(move |conn| dossier::read(conn, &catalogue, evaluation)).await?;
    Ok((report, found.ok_or(Trouble::NotFound)?))
}

fn compose(state: &WebState, language: Language, report: &Report, dossier: &Dossier) -> Result<Document, Problem> {
    let failed = |e: &dyn std::fmt::Display| Problem::Export(e.to_string());
    let (result_id, _) = export::json::document(report).map_err(|e| failed(&e))?;
    let naming = Naming {
        result_id: &result_id,
        base_url: &state.base_url,
        body: &state.body_name,
    };
    document(language, report, dossier, &naming).map_err(|e| failed(&e))
}
