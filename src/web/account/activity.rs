//! What happened outside evaluations, for administrators.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::store::{StoreError, account, event as events};
use crate::view::account::{self as view, Happened};
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::page;
use crate::web::state::WebState;

const LINES: i64 = 50;
const PAGES_MAX: i64 = 100_000;

/// `GET /activity?page=N`.
///
/// # Errors
/// What the store or the template engine returns.
pub async fn show(request: HttpRequest, state: web::Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    let asked = request
        .query_string()
        .split('&')
        .find_map(|pair| pair.strip_prefix("page="));
    let page = asked
        .and_then(|text| text.parse::<i64>().ok())
        .unwrap_or(1)
        .clamp(1, PAGES_MAX);
    let (mut listed, accounts) = state
        .store
        .read(move |conn| -> Result<_, StoreError> {
            // One more than shown tells whether there are older ones.
            let listed = events::list_office(conn, (page - 1) * LINES, LINES + 1)?;
            Ok((listed, account::list(conn)?))
        })
        .await?;
    let shown = usize::try_from(LINES).unwrap_or(usize::MAX);
    let is_more = listed.len() > shown;
    listed.truncate(shown);
    let names = accounts
        .into_iter()
        .map(|account| (account.person.to_string(), account.name))
        .collect();
    let happened = Happened {
        events: &listed,
        names: &names,
        page,
        is_more,
    };
    let text = view::activity(&signed.desk(&request), &happened)?;
    Ok(page::office(&request, StatusCode::OK, &text))
}
