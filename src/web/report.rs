//! The sampling report of an evaluation, as page and as files.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::entrance::Signed;
use super::error::Problem;
use super::page::{self};
use super::results;
use super::state::WebState;
use crate::export;
use crate::print::{self, PrintError};
use crate::store::dossier;
use crate::survey::dossier::Dossier;
use crate::survey::language::Language;
use crate::survey::report::Report;
use crate::view::office::{Desk, Room};
use crate::view::report::{Document, Download, Naming, Unprinted, document, page as report_page};
use crate::view::survey::Trouble;

/// The other forms of the same result.
const DOWNLOADS: [(&str, &str); 7] = [
    ("PDF", "report.pdf"),
    ("XLSX", "results.xlsx"),
    ("CSV", "results.csv"),
    ("JSON", "results.json"),
    ("Codebook", "codebook.csv"),
    ("R", "responses.R"),
    ("SPSS", "responses.sps"),
];

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
    show(&request, &desk, &document, &report, None)
}

fn show(
    request: &HttpRequest,
    desk: &Desk,
    document: &Document,
    report: &Report,
    notice: Option<Unprinted<'_>>,
) -> Result<HttpResponse, Problem> {
    let base = format!("/evaluations/{}", report.evaluation);
    let downloads = DOWNLOADS.map(|(name, file)| Download {
        href: format!("{base}/{file}"),
        name,
    });
    let status = match notice {
        Some(_) => StatusCode::SERVICE_UNAVAILABLE,
        None => StatusCode::OK,
    };
    let text = report_page(desk, document, &downloads, notice)?;
    Ok(page::office(request, status, &text))
}

/// `GET /evaluations/{evaluation}/report.pdf`. Where it cannot be printed the page says why; it can be printed itself.
pub async fn pdf(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Option<Signed>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let (report, dossier) = read(&state, signed.as_ref(), &id).await?;
    let language = page::office_language(&request);
    let document = compose(&state, language, &report, &dossier)?;
    let printed = web::block(move || (print::pdf(&document), document)).await;
    let (printed, document) = printed.map_err(|e| Problem::Export(e.to_string()))?;
    let why = match &printed {
        Ok(bytes) => {
            let name = format!("report-{}-{}.pdf", report.evaluation, language.tag());
            return Ok(page::download("application/pdf", &name, bytes.clone()));
        }
        Err(PrintError::File(error)) => return Err(Problem::Export(error.clone())),
        Err(PrintError::NoFont) => Unprinted::NoFont,
        Err(PrintError::NoGlyph(text)) => Unprinted::NoGlyph(text),
    };
    let desk = results::desk(&request, &state, signed.as_ref(), Room::Results).await?;
    show(&request, &desk, &document, &report, Some(why))
}

/// `GET /evaluations/{evaluation}/results.xlsx`.
pub async fn xlsx(
    state: web::Data<WebState>,
    signed: Option<Signed>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let (report, dossier) = read(&state, signed.as_ref(), &id).await?;
    let failed = |e: &dyn std::fmt::Display| Problem::Export(e.to_string());
    let (result_id, _) = export::json::document(&report).map_err(|e| failed(&e))?;
    let bytes = export::xlsx::encode(&report, &dossier, &result_id).map_err(|e| failed(&e))?;
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    Ok(page::download(
        kind,
        &format!("results-{}.xlsx", report.evaluation),
        bytes,
    ))
}

/// `GET /evaluations/{evaluation}/codebook.csv`.
pub async fn codebook(
    state: web::Data<WebState>,
    signed: Option<Signed>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let report = results::scores(&state, signed.as_ref(), &id).await?;
    let bytes = export::codebook::csv(report.instrument.questionnaire()).map_err(|e| Problem::Export(e.to_string()))?;
    Ok(page::download("text/csv; charset=utf-8", "codebook.csv", bytes))
}

/// `GET /evaluations/{evaluation}/responses.R`: reads a pack's responses into R.
pub async fn r(
    state: web::Data<WebState>,
    signed: Option<Signed>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let report = results::scores(&state, signed.as_ref(), &id).await?;
    let text = export::codebook::r(report.instrument.questionnaire());
    Ok(page::download(
        "text/plain; charset=utf-8",
        "responses.R",
        text.into_bytes(),
    ))
}

/// `GET /evaluations/{evaluation}/responses.sps`: reads a pack's responses into SPSS.
pub async fn sps(
    state: web::Data<WebState>,
    signed: Option<Signed>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let report = results::scores(&state, signed.as_ref(), &id).await?;
    let text = export::codebook::sps(report.instrument.questionnaire());
    Ok(page::download(
        "text/plain; charset=utf-8",
        "responses.sps",
        text.into_bytes(),
    ))
}

/// What the report of an evaluation is made of, for whoever may see its scores.
async fn read(state: &WebState, signed: Option<&Signed>, id: &str) -> Result<(Report, Dossier), Problem> {
    let report = results::scores(state, signed, id).await?;
    let (catalogue, evaluation) = (Arc::clone(state.store.catalogue()), report.evaluation);
    let found = state
        .store
        .read(move |conn| dossier::read(conn, &catalogue, evaluation))
        .await?;
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
