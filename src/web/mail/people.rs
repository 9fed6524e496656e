//! The state of every letter, person by person; whole addresses only with a reason, which is logged.

use actix_web::web::{Data, Payload, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::secret::SecretKey;
use crate::store::{Conn, StoreError, event, outbox, recipient};
use crate::survey::event::Event;
use crate::survey::form::FormReader;
use crate::survey::id::EvaluationId;
use crate::survey::invitation::{Filter, RecipientLine, masked};
use crate::view::grading::Typed;
use crate::view::mail::{self as view, RecipientsPage};
use crate::view::office::Room;
use crate::web::acting::answer;
use crate::web::body;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::state::WebState;

const PAGE_ROWS: i64 = 50;
/// Whole addresses shown at once.
const OPEN_ROWS: i64 = 200;
const PAGES_MAX: u32 = 2000;
const REASON_MAX: usize = 200;

/// What is asked for.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    show: String,
    #[serde(default)]
    page: u32,
}

type Lines = Vec<(RecipientLine, String)>;

fn read(
    conn: &mut Conn,
    key: &SecretKey,
    id: EvaluationId,
    (filter, skip, rows_max): (Filter, i64, i64),
    open: bool,
) -> Result<Lines, StoreError> {
    let lines = outbox::lines(conn, id, filter, skip, rows_max)?;
    let mut shown = Vec::with_capacity(lines.len());
    for line in lines {
        let email = recipient::contact(conn, key, &line.id)?.map(|contact| contact.email);
        let email = email.map(|email| if open { email } else { masked(&email) });
        shown.push((line, email.unwrap_or_default()));
    }
    Ok(shown)
}

/// `GET /evaluations/{evaluation}/mail/recipients`.
pub async fn recipients(
    request: HttpRequest,
    state: Data<WebState>,
    signed: Signed,
    asked: Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let (found, desk) = signed.inside(&request, &state, Room::Mail).await?;
    let (id, key) = (found.id, state.key.clone());
    let (filter, page) = (Filter::parse(&asked.show), asked.page.clamp(1, PAGES_MAX));
    let skip = i64::from(page - 1) * PAGE_ROWS;
    let lines = state
        .store
        .read(move |conn| read(conn, &key, id, (filter, skip, PAGE_ROWS + 1), false));
    let mut lines = lines.await?;
    let rows = usize::try_from(PAGE_ROWS).unwrap_or(50);
    let has_more = lines.len() > rows;
    lines.truncate(rows);
    let about = RecipientsPage {
        lines: &lines,
        filter,
        page,
        has_more,
        is_open: false,
    };
    Ok(answer(&request, &Typed::default(), &view::recipients(&desk, &about)?))
}

/// `GET /evaluations/{evaluation}/mail/addresses`: what it means to look.
pub async fn addresses_page(
    request: HttpRequest,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let (_, desk) = signed.inside(&request, &state, Room::Mail).await?;
    let typed = Typed::default();
    Ok(answer(&request, &typed, &view::addresses(&desk, &typed)?))
}

/// `POST /evaluations/{evaluation}/mail/addresses`: a deliberate, logged act with its reason.
pub async fn addresses(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let (found, desk) = signed.inside(&request, &state, Room::Mail).await?;
    let mut reader = FormReader::new(&form);
    let reason = reader.required_line("reason", REASON_MAX);
    let reason = match reader.done(Some(reason)) {
        Ok(reason) => reason,
        Err(errors) => {
            let typed = Typed::new("addresses", form, errors);
            return Ok(answer(&request, &typed, &view::addresses(&desk, &typed)?));
        }
    };
    let (id, key, now_ms, actor) = (found.id, state.key.clone(), state.clock.now_ms(), signed.actor());
    // Written down first: nothing is shown that was not logged.
    let logged = state.store.write(move |tx| -> Result<(), StoreError> {
        let happened = Event {
            at_ms: now_ms,
            actor: actor.clone(),
            action: "mail.addresses-shown".to_owned(),
            object: "mail".to_owned(),
            data: serde_json::json!({ "reason": reason }).to_string(),
        };
        event::append(tx, id, &happened)
    });
    logged.await?;
    let lines = state
        .store
        .read(move |conn| read(conn, &key, id, (Filter::All, 0, OPEN_ROWS), true));
    let lines = lines.await?;
    let about = RecipientsPage {
        lines: &lines,
        filter: Filter::All,
        page: 1,
        has_more: false,
        is_open: true,
    };
    Ok(answer(&request, &Typed::default(), &view::recipients(&desk, &about)?))
}
