//! The management audit: checklist and findings.

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::Case;
use crate::grading::audit::{Finding, parse_checklist, parse_finding};
use crate::store::audit as store;
use crate::survey::form::{FieldError, Problem as Wrong, RawForm};
use crate::view::grading::{self as view, Typed};
use crate::view::office::Room;
use crate::view::survey::Trouble;
use crate::web::acting::{act, answer, back, settle, today};
use crate::web::body;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::state::WebState;

/// `GET /evaluations/{evaluation}/audit`.
pub async fn overview(request: HttpRequest, state: Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    show(&request, &state, &signed, &Typed::default()).await
}

async fn show(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    typed: &Typed,
) -> Result<HttpResponse, Problem> {
    let (_, desk) = signed.inside(request, state, Room::Audit).await?;
    let case = Case::read(signed, state).await?;
    let text = view::audit(&desk, &case.record, &case.names, typed)?;
    Ok(answer(request, typed, &text))
}

/// `GET /evaluations/{evaluation}/audit/checklist`.
pub async fn checklist(request: HttpRequest, state: Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    show_checklist(&request, &state, &signed, &Typed::default()).await
}

async fn show_checklist(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    typed: &Typed,
) -> Result<HttpResponse, Problem> {
    let (_, desk) = signed.inside(request, state, Room::Audit).await?;
    let case = Case::read(signed, state).await?;
    Ok(answer(request, typed, &view::checklist(&desk, &case.record, typed)?))
}

/// `POST /evaluations/{evaluation}/audit/checklist`.
pub async fn check(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let case = Case::read(&signed, &state).await?;
    let errors = match parse_checklist(&case.record.scheme, &form) {
        Ok(checks) => {
            let (id, act) = (case.id, act(&signed, &state));
            settle(state.store.write(move |tx| store::check(tx, id, &checks, act)).await)?
        }
        Err(errors) => errors,
    };
    match errors.is_empty() {
        true => Ok(back(case.id, "audit")),
        false => show_checklist(&request, &state, &signed, &Typed::new("checklist", form, errors)).await,
    }
}

/// `POST /evaluations/{evaluation}/audit/findings`.
pub async fn raise(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let case = Case::read(&signed, &state).await?;
    let errors = put(&state, &signed, &case, None, &form).await?;
    match errors.is_empty() {
        true => Ok(back(case.id, "audit#findings")),
        false => show(&request, &state, &signed, &Typed::new("finding", form, errors)).await,
    }
}

async fn put(
    state: &WebState,
    signed: &Signed,
    case: &Case,
    known: Option<&Finding>,
    form: &RawForm,
) -> Result<Vec<FieldError>, Problem> {
    let seen = match known {
        None => None,
        Some(known) => match form.first("version").parse() {
            Ok(version) => Some((known.number, version)),
            Err(_) => return Ok(vec![FieldError::new("", Wrong::Changed)]),
        },
    };
    let others: Vec<&Finding> = case
        .record
        .findings
        .iter()
        .filter(|other| known.is_none_or(|known| known.number != other.number))
        .collect();
    match parse_finding(&case.record.scheme, &others, form, today(state)) {
        Ok(entry) => {
            let (id, act) = (case.id, act(signed, state));
            let done = state
                .store
                .write(move |tx| store::put_finding(tx, id, seen, &entry, act));
            settle(done.await)
        }
        Err(errors) => Ok(errors),
    }
}

/// `GET /evaluations/{evaluation}/audit/findings/{finding}`.
pub async fn finding(
    request: HttpRequest,
    state: Data<WebState>,
    signed: Signed,
    path: Path<(String, i32)>,
) -> Result<HttpResponse, Problem> {
    show_finding(&request, &state, &signed, path.1, &Typed::default()).await
}

async fn show_finding(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    number: i32,
    typed: &Typed,
) -> Result<HttpResponse, Problem> {
    let (_, desk) = signed.inside(request, state, Room::Audit).await?;
    let case = Case::read(signed, state).await?;
    let known = case.record.findings.iter().find(|finding| finding.number == number);
    let text = view::finding(&desk, &case.record, known.ok_or(Trouble::NotFound)?, typed)?;
    Ok(answer(request, typed, &text))
}

/// `POST /evaluations/{evaluation}/audit/findings/{finding}`.
pub async fn correct(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
    path: Path<(String, i32)>,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let case = Case::read(&signed, &state).await?;
    let known = case.record.findings.iter().find(|finding| finding.number == path.1);
    let known = known.ok_or(Trouble::NotFound)?;
    let errors = put(&state, &signed, &case, Some(known), &form).await?;
    match errors.is_empty() {
        true => Ok(back(case.id, "audit#findings")),
        false => show_finding(&request, &state, &signed, path.1, &Typed::new("finding", form, errors)).await,
    }
}
