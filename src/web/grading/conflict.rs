//! Declaring a conflict of interest.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::grading::fact::{LINE_MAX, yes_or_no};
use crate::store::{StoreError, conflict as store};
use crate::survey::form::{FormReader, Problem as Wrong};
use crate::view::grading::{self as view, Typed};
use crate::view::office::Room;
use crate::view::survey::Trouble;
use crate::web::acting::{act, answer, back, settle};
use crate::web::body;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::state::WebState;

/// `GET /evaluations/{evaluation}/conflict`.
pub async fn page(request: HttpRequest, state: Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    show(&request, &state, &signed, &Typed::default()).await
}

async fn show(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    typed: &Typed,
) -> Result<HttpResponse, Problem> {
    let (evaluation, desk) = signed.inside(request, state, Room::Conflict).await?;
    let id = evaluation.id;
    let declared: Result<_, StoreError> = state.store.read(move |conn| store::list(conn, id)).await;
    let mine = declared?.into_iter().find(|one| one.person == signed.viewer.person);
    let last = mine
        .as_ref()
        .map(|one| (one.conflicted, one.explanation.as_str(), one.at_ms));
    Ok(answer(request, typed, &view::conflict(&desk, last, typed)?))
}

/// `POST /evaluations/{evaluation}/conflict`.
pub async fn declare(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let id = signed.evaluation.ok_or(Trouble::NotFound)?;
    let mut reader = FormReader::new(&form);
    let conflicted = reader.choice("conflicted", yes_or_no);
    let explanation = reader.line("explanation", LINE_MAX);
    if conflicted == Some(true) && explanation.is_empty() {
        reader.refuse("explanation", Wrong::Empty);
    }
    let errors = match reader.done(conflicted) {
        Ok(conflicted) => {
            let act = act(&signed, &state);
            let done = state
                .store
                .write(move |tx| store::declare(tx, id, (conflicted, &explanation), act));
            settle(done.await)?
        }
        Err(errors) => errors,
    };
    match errors.is_empty() {
        // Who was only an evaluator has no way into the evaluation any more.
        true if form.has("conflicted", "yes") => Ok(crate::web::page::see_other("/")),
        true => Ok(back(id, "conflict")),
        false => show(&request, &state, &signed, &Typed::new("conflict", form, errors)).await,
    }
}
