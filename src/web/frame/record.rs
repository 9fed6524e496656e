//! What is known about the list: source, counts, completeness, basis of consent.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::Sample;
use crate::store::frame::record as records;
use crate::survey::frame::record::FrameRecord;
use crate::view::frame as view;
use crate::view::grading::Typed;
use crate::web::acting::{act, answer, back, settle, today};
use crate::web::body;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::state::WebState;

/// `GET /evaluations/{evaluation}/sample/record`.
pub async fn page(request: HttpRequest, state: Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    show(&request, &state, &signed, None).await
}

async fn show(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    typed: Option<Typed>,
) -> Result<HttpResponse, Problem> {
    let sample = Sample::read(request, state, signed).await?;
    let pairs = || sample.record.as_ref().map_or_else(Vec::new, FrameRecord::pairs);
    let typed = typed.unwrap_or_else(|| Typed::filled("record", pairs()));
    let is_open = sample.is_in_season() && sample.list.as_ref().is_some_and(|list| list.erased_at_ms.is_none());
    let text = view::record(&sample.desk, is_open, &typed)?;
    Ok(answer(request, &typed, &text))
}

/// `POST /evaluations/{evaluation}/sample/record`.
pub async fn put(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let sample = Sample::read(&request, &state, &signed).await?;
    let Some(list) = &sample.list else {
        return Ok(back(sample.id, "sample"));
    };
    let errors = match FrameRecord::parse(&form, today(&state)) {
        Ok(record) => {
            let (id, list, act) = (sample.id, list.id.clone(), act(&signed, &state));
            let done = state.store.write(move |tx| records::put(tx, id, &list, &record, act));
            settle(done.await)?
        }
        Err(errors) => errors,
    };
    match errors.is_empty() {
        true => Ok(back(sample.id, "sample")),
        false => show(&request, &state, &signed, Some(Typed::new("record", form, errors))).await,
    }
}
