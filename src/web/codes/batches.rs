//! Single-use links: made by the batch, counted, downloaded or printed while unused, withdrawn, made anew.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::{Path, ROWS_MAX, as_choices, base, dates, expect_may_make, happened, may_make, named, outlets_of};
use crate::export;
use crate::store::evaluation::Evaluation;
use crate::store::link_batch::{self, Batch};
use crate::store::{StoreError, event};
use crate::survey::code_form::{self, NewBatch};
use crate::survey::form::{FieldError, RawForm};
use crate::survey::id::{LinkBatchId, LinkId, OutletId};
use crate::survey::link::{LinkKind, LinkSecret};
use crate::survey::plan_scope::Way;
use crate::survey::printed_code::PrintedCode;
use crate::view::codes::{self, BatchRow, Change, Counts, LinksPage, Slips};
use crate::view::office::{Desk, Room};
use crate::view::survey::Trouble;
use crate::web::body;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::page::{self as pages, Keep};
use crate::web::state::WebState;

/// `GET /evaluations/{evaluation}/codes/links`: personal links.
pub async fn links(request: HttpRequest, state: web::Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    show(&request, &state, &signed, LinkKind::Personal).await
}

/// `GET /evaluations/{evaluation}/codes/sheets`: printed codes.
pub async fn sheets(request: HttpRequest, state: web::Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    show(&request, &state, &signed, LinkKind::Printed).await
}

/// `POST /evaluations/{evaluation}/codes/links`.
pub async fn create_links(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    create(&request, &state, &signed, payload, LinkKind::Personal).await
}

/// `POST /evaluations/{evaluation}/codes/sheets`.
pub async fn create_sheets(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    create(&request, &state, &signed, payload, LinkKind::Printed).await
}

/// `GET /evaluations/{evaluation}/codes/batches/{batch}`.
pub async fn batch(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    path: Path,
) -> Result<HttpResponse, Problem> {
    let (evaluation, desk) = signed.inside(&request, &state, Room::Codes).await?;
    let batch = find(&state, &evaluation, named(&path)?).await?;
    let text = codes::batch(&desk, evaluation.id, &row(&batch))?;
    Ok(pages::office(&request, StatusCode::OK, &text))
}

/// `GET /evaluations/{evaluation}/codes/batches/{batch}/revoke`, `…/reissue`: asks once more.
pub async fn change_batch(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    path: Path,
) -> Result<HttpResponse, Problem> {
    let (evaluation, desk) = signed.inside(&request, &state, Room::Codes).await?;
    let batch = find(&state, &evaluation, named(&path)?).await?;
    let unused = batch.counts.unused;
    let kind = match request.path().ends_with("/reissue") {
        true => Change::Reissue(unused),
        false => Change::RevokeUnused(unused),
    };
    let text = ask(&desk, &evaluation, &batch, kind, (&RawForm::default(), &[]))?;
    Ok(pages::office(&request, StatusCode::OK, &text))
}

/// `POST /evaluations/{evaluation}/codes/batches/{batch}/revoke`.
pub async fn revoke_batch(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    path: Path,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let (evaluation, desk) = signed.inside(&request, &state, Room::Codes).await?;
    let batch = find(&state, &evaluation, named(&path)?).await?;
    let reason = match code_form::reason(&form) {
        Ok(reason) => reason,
        Err(errors) => {
            let kind = Change::RevokeUnused(batch.counts.unused);
            let text = ask(&desk, &evaluation, &batch, kind, (&form, &errors))?;
            return Ok(pages::office(&request, StatusCode::UNPROCESSABLE_ENTITY, &text));
        }
    };
    let (wave, id, now_ms) = (evaluation.id, batch.id, state.clock.now_ms());
    let written: Result<(), StoreError> = state
        .store
        .write(move |tx| {
            let links = link_batch::revoke(tx, wave, id)?;
            let data = json!({"reason": reason, "links": links});
            event::append(
                tx,
                wave,
                &happened(&signed, now_ms, "links.revoked", id.to_string(), &data),
            )
        })
        .await;
    written?;
    Ok(pages::see_other(&format!("{}/batches/{id}", base(wave))))
}

/// `POST /evaluations/{evaluation}/codes/batches/{batch}/reissue`.
pub async fn reissue(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    path: Path,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let (evaluation, desk) = signed.inside(&request, &state, Room::Codes).await?;
    let batch = find(&state, &evaluation, named(&path)?).await?;
    expect_may_make(&evaluation, batch.kind)?;
    let reason = match code_form::reason(&form) {
        Ok(reason) => reason,
        Err(errors) => {
            let kind = Change::Reissue(batch.counts.unused);
            let text = ask(&desk, &evaluation, &batch, kind, (&form, &errors))?;
            return Ok(pages::office(&request, StatusCode::UNPROCESSABLE_ENTITY, &text));
        }
    };
    let (wave, id, now_ms) = (evaluation.id, batch.id, state.clock.now_ms());
    let (key, successor) = (state.key.clone(), LinkBatchId::from_random(rand::random()));
    let written: Result<bool, StoreError> = state
        .store
        .write(move |tx| {
            let links = link_batch::revoke(tx, wave, id)?;
            if links == 0 {
                return Ok(false);
            }
            let new = NewBatch {
                outlet: batch.outlet,
                kind: batch.kind,
                links,
                term: batch.term,
            };
            link_batch::create(tx, wave, (successor, &new), fresh, key.bytes(), now_ms)?;
            let data = json!({"reason": reason, "links": links, "successor": successor.to_string()});
            event::append(
                tx,
                wave,
                &happened(&signed, now_ms, "links.reissued", id.to_string(), &data),
            )?;
            Ok(true)
        })
        .await;
    let shown = if written? { successor } else { id };
    Ok(pages::see_other(&format!("{}/batches/{shown}", base(wave))))
}

/// `POST /evaluations/{evaluation}/codes/batches/{batch}/links.csv`: the unused links; logged, kept nowhere.
pub async fn download(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    path: Path,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    body::signed_form(&request, payload, &signed).await?;
    let (evaluation, _) = signed.inside(&request, &state, Room::Codes).await?;
    let batch = find(&state, &evaluation, named(&path)?).await?;
    let secrets = hand_out(&state, &signed, &evaluation, &batch, LinkKind::Personal).await?;
    let urls: Vec<String> = secrets
        .iter()
        .map(|secret| format!("{}/s/{}", state.base_url, secret.as_str()))
        .collect();
    let bytes = export::links::encode(&batch.outlet_name, &urls).map_err(|e| Problem::Export(e.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|e| Problem::Export(e.to_string()))?;
    let gzip = pages::takes_gzip(request.headers());
    let response = pages::encoded(gzip, StatusCode::OK, "text/csv; charset=utf-8", Keep::Never, &text);
    let name = format!("links-{}.csv", batch.id);
    Ok(pages::named(response, "attachment", &name))
}

/// `POST /evaluations/{evaluation}/codes/batches/{batch}/slips`: the page that prints the unused codes; logged.
pub async fn print(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    path: Path,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    body::signed_form(&request, payload, &signed).await?;
    let (evaluation, desk) = signed.inside(&request, &state, Room::Codes).await?;
    let batch = find(&state, &evaluation, named(&path)?).await?;
    let secrets = hand_out(&state, &signed, &evaluation, &batch, LinkKind::Printed).await?;
    let codes: Vec<PrintedCode> = secrets
        .into_iter()
        .filter_map(|secret| match secret {
            LinkSecret::Code(code) => Some(code),
            LinkSecret::Token(_) => None,
        })
        .collect();
    let back = format!("{}/batches/{}", base(evaluation.id), batch.id);
    let (body, base_url) = (state.body_name.clone(), state.base_url.clone());
    // Two thousand codes are drawn; others are not kept waiting.
    let drawn = web::block(move || {
        let slips = Slips {
            body: &body,
            firm: &evaluation.firm,
            outlet: &batch.outlet_name,
            base_url: &base_url,
            codes: &codes,
        };
        codes::slips(&desk, &slips, &back)
    });
    let text = drawn.await.map_err(|_| Problem::Trouble(Trouble::Internal))??;
    Ok(pages::html(&request, StatusCode::OK, &text))
}

/// The secrets of what is unused; that they were handed out, and how many, is logged first.
async fn hand_out(
    state: &WebState,
    signed: &Signed,
    evaluation: &Evaluation,
    batch: &Batch,
    kind: LinkKind,
) -> Result<Vec<LinkSecret>, Problem> {
    if batch.kind != kind || batch.counts.unused == 0 {
        return Err(Trouble::NotFound.into());
    }
    let (wave, id, key, now_ms) = (evaluation.id, batch.id, state.key.clone(), state.clock.now_ms());
    let secrets = state
        .store
        .read(move |conn| link_batch::list_unused(conn, wave, id, key.bytes()))
        .await?;
    let action = match kind {
        LinkKind::Printed => "slips.printed",
        _ => "links.downloaded",
    };
    let data = json!({"links": secrets.len()});
    let done = happened(signed, now_ms, action, id.to_string(), &data);
    let written: Result<(), StoreError> = state.store.write(move |tx| event::append(tx, wave, &done)).await;
    written?;
    Ok(secrets)
}

async fn show(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    kind: LinkKind,
) -> Result<HttpResponse, Problem> {
    let (evaluation, desk) = signed.inside(request, state, Room::Codes).await?;
    let text = list(state, &desk, &evaluation, kind, (&RawForm::default(), &[])).await?;
    Ok(pages::office(request, StatusCode::OK, &text))
}

async fn create(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    payload: web::Payload,
    kind: LinkKind,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(request, payload, signed).await?;
    let (evaluation, desk) = signed.inside(request, state, Room::Codes).await?;
    expect_may_make(&evaluation, kind)?;
    let outlets = outlets_of(state, evaluation.id).await?;
    let ids: Vec<OutletId> = outlets.iter().map(|(id, _)| *id).collect();
    let new = match code_form::new_batch(&form, kind, &ids) {
        Ok(new) => new,
        Err(errors) => {
            let text = list(state, &desk, &evaluation, kind, (&form, &errors)).await?;
            return Ok(pages::office(request, StatusCode::UNPROCESSABLE_ENTITY, &text));
        }
    };
    let (key, now_ms, wave) = (state.key.clone(), state.clock.now_ms(), evaluation.id);
    let id = LinkBatchId::from_random(rand::random());
    let data = json!({
        "outlet": new.outlet.to_string(), "kind": kind.as_str(), "links": new.links, "dates": dates(new.term),
    });
    let made = happened(signed, now_ms, "links.created", id.to_string(), &data);
    let written: Result<(), StoreError> = state
        .store
        .write(move |tx| {
            link_batch::create(tx, wave, (id, &new), fresh, key.bytes(), now_ms)?;
            event::append(tx, wave, &made)
        })
        .await;
    written?;
    Ok(pages::see_other(&format!("{}/batches/{id}", base(wave))))
}

fn fresh() -> LinkId {
    LinkId::from_random(rand::random())
}

async fn batches_of(state: &WebState, evaluation: &Evaluation) -> Result<Vec<Batch>, StoreError> {
    let (evaluation, now_ms) = (evaluation.clone(), state.clock.now_ms());
    state
        .store
        .read(move |conn| link_batch::list(conn, &evaluation, now_ms, ROWS_MAX))
        .await
}

/// A batch of this evaluation; any other does not exist.
async fn find(state: &WebState, evaluation: &Evaluation, id: LinkBatchId) -> Result<Batch, Problem> {
    let batches = batches_of(state, evaluation).await?;
    let found = batches.into_iter().find(|batch| batch.id == id);
    Ok(found.ok_or(Trouble::NotFound)?)
}

async fn list(
    state: &WebState,
    desk: &Desk,
    evaluation: &Evaluation,
    kind: LinkKind,
    typed: (&RawForm, &[FieldError]),
) -> Result<String, Problem> {
    let batches = batches_of(state, evaluation).await?;
    let rows: Vec<BatchRow> = batches.iter().filter(|batch| batch.kind == kind).map(row).collect();
    let choices = as_choices(&outlets_of(state, evaluation.id).await?);
    let shown = LinksPage {
        evaluation: evaluation.id,
        kind,
        batches: &rows,
        outlets: may_make(evaluation, kind).then_some(&choices),
        is_foreseen: evaluation.field.takes(Way::of(kind)),
    };
    Ok(codes::links(desk, &shown, typed)?)
}

fn row(batch: &Batch) -> BatchRow {
    let link_batch::Counts {
        used,
        unused,
        expired,
        revoked,
    } = batch.counts;
    BatchRow {
        id: batch.id.to_string(),
        outlet: batch.outlet_name.clone(),
        kind: batch.kind,
        created_at_ms: batch.created_at_ms,
        term: batch.term,
        counts: Counts {
            unused,
            used,
            expired,
            revoked,
        },
        late: batch.late.scans,
    }
}

fn ask(
    desk: &Desk,
    evaluation: &Evaluation,
    batch: &Batch,
    kind: Change,
    (typed, errors): (&RawForm, &[FieldError]),
) -> Result<String, Problem> {
    let back = format!("{}/batches/{}", base(evaluation.id), batch.id);
    let end = match kind {
        Change::Reissue(_) => "reissue",
        _ => "revoke",
    };
    let name = batch.outlet_name.get(desk.language);
    Ok(codes::change(
        desk,
        kind,
        name,
        (&format!("{back}/{end}"), &back),
        typed,
        errors,
    )?)
}
