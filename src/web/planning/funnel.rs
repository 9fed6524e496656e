//! How far customers come on each way in.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use crate::store::funnel::{self, Source};
use crate::store::{StoreError, outlet, outlet_code};
use crate::view::office::Room;
use crate::view::planning::{self as view, Way, WayIn};
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::page as pages;
use crate::web::state::WebState;

/// Codes that are told apart by their version.
const CODES_MAX: i64 = 500;

/// `GET /evaluations/{evaluation}/funnel`.
pub async fn page(request: HttpRequest, state: Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    let (found, desk) = signed.inside(&request, &state, Room::Interviews).await?;
    let key = state.key.bytes().to_vec();
    let read: Result<_, StoreError> = state
        .store
        .read(move |conn| {
            let hours = funnel::of_evaluation(conn, found.id)?;
            let codes = outlet_code::list(conn, &found, &key, CODES_MAX)?;
            Ok((hours, codes, outlet::list(conn, found.id)?))
        })
        .await;
    let (hours, codes, outlets) = read?;
    let totals = funnel::totals(&hours);
    let mut rows = Vec::new();
    for outlet in &outlets {
        for one in totals.iter().filter(|one| one.outlet == outlet.id) {
            let way = match one.source {
                Source::Code(link) => {
                    let code = codes.iter().find(|code| code.id == link);
                    Way::Plate(code.map_or(0, |code| code.generation))
                }
                Source::SingleUse(kind) => Way::SingleUse(kind),
            };
            rows.push(WayIn {
                outlet: &outlet.name,
                way,
                counts: [one.opened, one.started, one.completed],
            });
        }
    }
    Ok(pages::office(&request, StatusCode::OK, &view::funnel(&desk, &rows)?))
}
