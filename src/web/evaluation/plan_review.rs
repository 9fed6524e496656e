//! The reviewer's verdict on a frozen plan.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::{carried_out, plan};
use crate::store::plan_review::{self as store, Reviewed};
use crate::survey::form::{FieldError, Problem as Wrong};
use crate::survey::plan_review::parse;
use crate::view::office::Room;
use crate::web::body;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::state::WebState;

/// `POST /evaluations/{evaluation}/plan/review`: approved, or back to the draft with what must be changed.
pub async fn review(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let (found, _) = signed.inside(&request, &state, Room::Plan).await?;
    let (id, now_ms, actor, hash) = (
        found.id,
        state.clock.now_ms(),
        signed.actor(),
        form.first("plan").to_owned(),
    );
    let errors = match parse(&form) {
        Ok((verdict, comment)) => {
            let done = state
                .store
                .write(move |tx| store::review(tx, id, &hash, (verdict, &comment), (&actor, now_ms)));
            match done.await? {
                Reviewed::Own => vec![FieldError::new("verdict", Wrong::OwnWork)],
                done => return carried_out(done == Reviewed::Done, &format!("/evaluations/{id}/plan")),
            }
        }
        Err(errors) => errors,
    };
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    plan::page_with(&request, &state, &signed, status, Some((form, errors))).await
}
