//! What became of every approach, with the outcome rates.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::store::{StoreError, fieldwork, outlet, person};
use crate::view;
use crate::view::office::Room;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::page as pages;
use crate::web::state::WebState;

/// `GET /evaluations/{evaluation}/contacts`.
pub async fn page(request: HttpRequest, state: web::Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    let (evaluation, desk) = signed.inside(&request, &state, Room::Interviews).await?;
    let id = evaluation.id;
    let read: Result<_, StoreError> = state
        .store
        .read(move |conn| {
            let outlets = outlet::list(conn, id)?
                .into_iter()
                .map(|outlet| (outlet.id, outlet.name));
            Ok((
                fieldwork::fieldwork_table(conn, id)?,
                person::all_names(conn)?,
                outlets.collect::<Vec<_>>(),
            ))
        })
        .await;
    let (table, names, outlets) = read?;
    let questionnaire = evaluation.instrument.questionnaire();
    let text = view::interview::contacts(&desk, questionnaire, &table, &names, &outlets)?;
    Ok(pages::office(&request, StatusCode::OK, &text))
}
