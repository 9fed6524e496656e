//! The log of an evaluation, page by page.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::store::{StoreError, event, person};
use crate::view;
use crate::view::evaluation::Activity;
use crate::view::office::Room;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::page;
use crate::web::state::WebState;

const ROWS: usize = 50;
/// Pages that can be asked for.
const PAGES_MAX: u32 = 100_000;

/// `GET /evaluations/{evaluation}/activity?page=N`.
pub async fn show(request: HttpRequest, state: web::Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    let (found, desk) = signed.inside(&request, &state, Room::Activity).await?;
    let (id, number) = (found.id, asked_page(&request));
    let skip = i64::from(number - 1) * ROWS as i64;
    let mut shown = state
        .store
        .read(move |conn| -> Result<Activity, StoreError> {
            let events = event::list(conn, id, skip, ROWS as i64 + 1)?;
            let people: BTreeSet<String> = events
                .iter()
                .flat_map(|event| [event.actor.clone(), event.object.clone()])
                .collect();
            Ok(Activity {
                evaluation: id,
                names: person::names(conn, &people)?,
                has_older: events.len() > ROWS,
                events,
                page: number,
            })
        })
        .await?;
    shown.events.truncate(ROWS);
    let text = view::evaluation::activity(&desk, &shown)?;
    Ok(page::office(&request, StatusCode::OK, &text))
}

fn asked_page(request: &HttpRequest) -> u32 {
    let asked = request
        .query_string()
        .split('&')
        .find_map(|pair| pair.strip_prefix("page="));
    asked
        .and_then(|number| number.parse().ok())
        .unwrap_or(1)
        .clamp(1, PAGES_MAX)
}
