//! Codes that hang at outlets: list, another one, withdraw, replace, limit to dates.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::{Path, ROWS_MAX, as_choices, base, dates, expect_may_make, happened, may_make, named, outlets_of};
use crate::store::evaluation::Evaluation;
use crate::store::link::{self, NewLink};
use crate::store::outlet_code::{self, OutletCode};
use crate::store::{StoreError, event};
use crate::survey::code_form::{self, Term};
use crate::survey::form::{FieldError, RawForm};
use crate::survey::id::{LinkId, OutletId};
use crate::survey::language::Text;
use crate::survey::link::LinkKind;
use crate::survey::plan_scope::Way;
use crate::view::codes::{self, Change, CodeRow, CodesPage};
use crate::view::office::{Desk, Room};
use crate::view::survey::Trouble;
use crate::web::body;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::page as pages;
use crate::web::state::WebState;

/// `GET /evaluations/{evaluation}/codes`.
pub async fn page(request: HttpRequest, state: web::Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    let (evaluation, desk) = signed.inside(&request, &state, Room::Codes).await?;
    let outlets = outlets_of(&state, evaluation.id).await?;
    let text = list(&state, &desk, &evaluation, &outlets, (&RawForm::default(), &[])).await?;
    Ok(pages::office(&request, StatusCode::OK, &text))
}

/// `POST /evaluations/{evaluation}/codes`: another code for an outlet.
pub async fn create(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let (evaluation, desk) = signed.inside(&request, &state, Room::Codes).await?;
    expect_may_make(&evaluation, LinkKind::Outlet)?;
    let outlets = outlets_of(&state, evaluation.id).await?;
    let ids: Vec<OutletId> = outlets.iter().map(|(id, _)| *id).collect();
    let new = match code_form::new_code(&form, &ids) {
        Ok(new) => new,
        Err(errors) => {
            let text = list(&state, &desk, &evaluation, &outlets, (&form, &errors)).await?;
            return Ok(pages::office(&request, StatusCode::UNPROCESSABLE_ENTITY, &text));
        }
    };
    let (key, now_ms, wave) = (state.key.clone(), state.clock.now_ms(), evaluation.id);
    let code = NewLink {
        id: LinkId::from_random(rand::random()),
        outlet: new.outlet,
        kind: LinkKind::Outlet,
        opens_at_ms: new.term.opens_at_ms,
        closes_at_ms: new.term.closes_at_ms,
    };
    let data = json!({"outlet": new.outlet.to_string(), "dates": dates(new.term)});
    let made = happened(&signed, now_ms, "code.created", code.id.to_string(), &data);
    let written: Result<(), StoreError> = state
        .store
        .write(move |tx| {
            link::insert(tx, wave, &code, key.bytes())?;
            event::append(tx, wave, &made)
        })
        .await;
    written?;
    Ok(pages::see_other(&base(wave)))
}

/// `GET /evaluations/{evaluation}/codes/{link}/revoke`, `…/rotate`, `…/dates`: asks once more.
pub async fn change(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    path: Path,
) -> Result<HttpResponse, Problem> {
    let (evaluation, desk) = signed.inside(&request, &state, Room::Codes).await?;
    let code = live(&state, &evaluation, named(&path)?).await?;
    let end = request.path().rsplit('/').next().unwrap_or_default();
    let kind = match end {
        "revoke" => Change::Revoke,
        "rotate" => Change::Rotate,
        _ => Change::Limit(term_of(&code)),
    };
    let text = ask(&desk, &evaluation, &code, kind, (&RawForm::default(), &[]))?;
    Ok(pages::office(&request, StatusCode::OK, &text))
}

/// `POST /evaluations/{evaluation}/codes/{link}/revoke`.
pub async fn revoke(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    path: Path,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let (evaluation, desk) = signed.inside(&request, &state, Room::Codes).await?;
    let code = live(&state, &evaluation, named(&path)?).await?;
    let reason = match code_form::reason(&form) {
        Ok(reason) => reason,
        Err(errors) => return again(&request, &desk, &evaluation, &code, Change::Revoke, (&form, &errors)),
    };
    let (wave, id, now_ms) = (evaluation.id, code.id, state.clock.now_ms());
    let done = happened(
        &signed,
        now_ms,
        "code.revoked",
        id.to_string(),
        &json!({"reason": reason}),
    );
    let written: Result<(), StoreError> = state
        .store
        .write(move |tx| match link::revoke(tx, wave, id)? {
            true => event::append(tx, wave, &done),
            false => Ok(()),
        })
        .await;
    written?;
    Ok(pages::see_other(&base(wave)))
}

/// `POST /evaluations/{evaluation}/codes/{link}/rotate`.
pub async fn rotate(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    path: Path,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let (evaluation, desk) = signed.inside(&request, &state, Room::Codes).await?;
    expect_may_make(&evaluation, LinkKind::Outlet)?;
    let code = live(&state, &evaluation, named(&path)?).await?;
    let reason = match code_form::reason(&form) {
        Ok(reason) => reason,
        Err(errors) => return again(&request, &desk, &evaluation, &code, Change::Rotate, (&form, &errors)),
    };
    let (wave, id, key, now_ms) = (evaluation.id, code.id, state.key.clone(), state.clock.now_ms());
    let successor = LinkId::from_random(rand::random());
    let data = json!({"reason": reason, "successor": successor.to_string()});
    let done = happened(&signed, now_ms, "code.rotated", id.to_string(), &data);
    let written: Result<(), StoreError> = state
        .store
        .write(
            move |tx| match outlet_code::rotate(tx, wave, id, successor, key.bytes())? {
                true => event::append(tx, wave, &done),
                false => Ok(()),
            },
        )
        .await;
    written?;
    Ok(pages::see_other(&base(wave)))
}

/// `POST /evaluations/{evaluation}/codes/{link}/dates`.
pub async fn set_dates(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    path: Path,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let (evaluation, desk) = signed.inside(&request, &state, Room::Codes).await?;
    let code = live(&state, &evaluation, named(&path)?).await?;
    let (term, reason) = match code_form::limit(&form) {
        Ok(limit) => limit,
        Err(errors) => {
            let kind = Change::Limit(term_of(&code));
            return again(&request, &desk, &evaluation, &code, kind, (&form, &errors));
        }
    };
    let (wave, id, now_ms) = (evaluation.id, code.id, state.clock.now_ms());
    let data = json!({"reason": reason, "before": dates(term_of(&code)), "dates": dates(term)});
    let done = happened(&signed, now_ms, "code.limited", id.to_string(), &data);
    let written: Result<(), StoreError> = state
        .store
        .write(move |tx| match outlet_code::limit(tx, wave, id, term)? {
            true => event::append(tx, wave, &done),
            false => Ok(()),
        })
        .await;
    written?;
    Ok(pages::see_other(&base(wave)))
}

/// A code of this evaluation that has not been withdrawn; of any other nothing is said.
async fn live(state: &WebState, evaluation: &Evaluation, id: LinkId) -> Result<OutletCode, Problem> {
    let codes = codes_of(state, evaluation).await?;
    let found = codes.into_iter().find(|code| code.id == id && !code.state.revoked);
    Ok(found.ok_or(Trouble::NotFound)?)
}

pub(super) async fn codes_of(state: &WebState, evaluation: &Evaluation) -> Result<Vec<OutletCode>, StoreError> {
    let (evaluation, key) = (evaluation.clone(), state.key.clone());
    state
        .store
        .read(move |conn| outlet_code::list(conn, &evaluation, key.bytes(), ROWS_MAX))
        .await
}

fn term_of(code: &OutletCode) -> Term {
    Term {
        opens_at_ms: code.state.opens_at_ms,
        closes_at_ms: code.state.closes_at_ms,
    }
}

async fn list(
    state: &WebState,
    desk: &Desk,
    evaluation: &Evaluation,
    outlets: &[(OutletId, Text)],
    typed: (&RawForm, &[FieldError]),
) -> Result<String, Problem> {
    let now_ms = state.clock.now_ms();
    let codes = codes_of(state, evaluation).await?;
    let row = |code: &OutletCode| CodeRow {
        id: code.id.to_string(),
        outlet: code.outlet_name.clone(),
        generation: code.generation,
        refusal: code.state.admit(now_ms).err(),
        term: term_of(code),
        late: (
            code.late.scans,
            Some(code.late)
                .filter(|late| late.scans > 0)
                .and_then(|late| code_form::date(late.last_day)),
        ),
    };
    let rows: Vec<CodeRow> = codes.iter().map(row).collect();
    let choices = as_choices(outlets);
    let shown = CodesPage {
        evaluation: evaluation.id,
        codes: &rows,
        outlets: may_make(evaluation, LinkKind::Outlet).then_some(&choices),
        is_foreseen: evaluation.field.takes(Way::Plate),
    };
    Ok(codes::codes(desk, &shown, typed)?)
}

fn ask(
    desk: &Desk,
    evaluation: &Evaluation,
    code: &OutletCode,
    kind: Change,
    (typed, errors): (&RawForm, &[FieldError]),
) -> Result<String, Problem> {
    let base = base(evaluation.id);
    let end = match kind {
        Change::Revoke => "revoke",
        Change::Rotate => "rotate",
        _ => "dates",
    };
    let action = format!("{base}/{}/{end}", code.id);
    let name = code.outlet_name.get(desk.language);
    Ok(codes::change(desk, kind, name, (&action, &base), typed, errors)?)
}

fn again(
    request: &HttpRequest,
    desk: &Desk,
    evaluation: &Evaluation,
    code: &OutletCode,
    kind: Change,
    typed: (&RawForm, &[FieldError]),
) -> Result<HttpResponse, Problem> {
    let text = ask(desk, evaluation, code, kind, typed)?;
    Ok(pages::office(request, StatusCode::UNPROCESSABLE_ENTITY, &text))
}
