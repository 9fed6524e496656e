//! Where a customer types the code of a receipt: whether the answer is on record, and its withdrawal until sealing.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::store::withdrawal::{self, Standing};
use crate::survey::form::RawForm;
use crate::survey::submission::Receipt;
use crate::view;
use crate::view::survey::{Doubt, Trouble};
use crate::web::error::{self, Problem};
use crate::web::state::WebState;
use crate::web::{body, client, page};

/// Longest text that is shown again.
const TYPED_MAX: usize = 60;

/// `GET /r`.
pub async fn ask(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let text = view::survey::record_entry(error::language(&request), "", None)?;
    Ok(page::html(&request, StatusCode::OK, &text))
}

/// `POST /r`: how the answer stands, nothing of what it says.
pub async fn tell(
    request: HttpRequest,
    state: web::Data<WebState>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let form = body::form(&request, payload).await?;
    let Some(receipt) = Receipt::parse(form.first("code")) else {
        return again(&request, &form, Doubt::Mistyped);
    };
    let id = receipt.response_id();
    let found = state.store.read(move |conn| withdrawal::standing(conn, id)).await?;
    answer(&request, &state, &form, &receipt, found, StatusCode::OK, false)
}

/// `POST /r/withdraw`: erases the answer once the customer has said that they are sure.
pub async fn withdraw(
    request: HttpRequest,
    state: web::Data<WebState>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let form = body::form(&request, payload).await?;
    let Some(receipt) = Receipt::parse(form.first("code")) else {
        return again(&request, &form, Doubt::Mistyped);
    };
    let (id, now_ms, catalogue) = (
        receipt.response_id(),
        state.clock.now_ms(),
        Arc::clone(state.store.catalogue()),
    );
    let is_sure = form.has("sure", "yes");
    let found = match is_sure {
        true => {
            let done = state
                .store
                .write(move |tx| withdrawal::withdraw(tx, &catalogue, id, now_ms));
            done.await?
        }
        false => state.store.read(move |conn| withdrawal::standing(conn, id)).await?,
    };
    let unsure = !is_sure && found == Some(Standing::OnRecord);
    let status = match unsure {
        true => StatusCode::UNPROCESSABLE_ENTITY,
        false => StatusCode::OK,
    };
    answer(&request, &state, &form, &receipt, found, status, unsure)
}

/// The page about an answer; who asks for one that is not there is slowed like whoever guesses links.
fn answer(
    request: &HttpRequest,
    state: &WebState,
    form: &RawForm,
    receipt: &Receipt,
    found: Option<Standing>,
    status: StatusCode,
    unsure: bool,
) -> Result<HttpResponse, Problem> {
    match found {
        Some(standing) => {
            let text = match standing {
                Standing::OnRecord => view::survey::on_record(error::language(request), receipt, unsure)?,
                Standing::Sealed => view::survey::sealed(error::language(request))?,
                Standing::Withdrawn => view::survey::withdrawn(error::language(request))?,
            };
            Ok(page::html(request, status, &text))
        }
        None if state.misses.allow(client::address(request, &state.trusted_proxies)) => {
            again(request, form, Doubt::Unknown)
        }
        None => Err(Trouble::TooManyTries.into()),
    }
}

fn again(request: &HttpRequest, form: &RawForm, doubt: Doubt) -> Result<HttpResponse, Problem> {
    let typed: String = form.first("code").chars().take(TYPED_MAX).collect();
    let text = view::survey::record_entry(error::language(request), &typed, Some(doubt))?;
    Ok(page::html(request, StatusCode::UNPROCESSABLE_ENTITY, &text))
}
