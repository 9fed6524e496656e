//! `/mail`: whether mail goes out, what could not be sent, tests, reports that came back.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::{read_address, test_notice};
use crate::clock::day_began_ms;
use crate::personal;
use crate::store::{Conn, StoreError, WriteTx, bounce, event, mail_switch, outbox};
use crate::survey::bounce::read;
use crate::survey::event::Event;
use crate::survey::form::{FormReader, Problem as Wrong};
use crate::view::grading::Typed;
use crate::view::mail::{self as view, Switchboard};
use crate::view::survey::Trouble;
use crate::web::acting::answer;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::state::WebState;
use crate::web::{body, page};

/// Dead letters on the page.
const DEAD_MAX: i64 = 200;
/// Longest report that can be pasted.
const REPORT_MAX: usize = 40_000;

async fn show(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    typed: &Typed,
    (applied, tested): (Option<usize>, bool),
) -> Result<HttpResponse, Problem> {
    let now_ms = state.clock.now_ms();
    let board = state.store.read(move |conn| board(conn, now_ms)).await?;
    let board = Switchboard {
        server: state.mail.as_ref().map(|mail| (mail.host.clone(), mail.from.clone())),
        applied,
        tested,
        ..board
    };
    let text = view::switchboard(&signed.desk(request), &board, typed)?;
    Ok(answer(request, typed, &text))
}

fn board(conn: &mut Conn, now_ms: i64) -> Result<Switchboard, StoreError> {
    let switch = mail_switch::find(conn)?;
    let overview = outbox::overview(conn, day_began_ms(now_ms), now_ms)?;
    let dead = outbox::dead(conn, DEAD_MAX)?.into_iter();
    Ok(Switchboard {
        paused: switch.paused.then_some((switch.changed_at_ms, switch.reason)),
        trouble: switch.trouble_at_ms.map(|at_ms| (switch.trouble, at_ms)),
        counts: overview.counts.into_iter().collect(),
        waits_since_ms: overview.waits_since_ms,
        sent_today: overview.sent_today,
        dead: dead
            .map(|one| (one.id, one.kind, one.reason, one.attempts, one.at_ms))
            .collect(),
        ..Switchboard::default()
    })
}

fn log(
    tx: &mut WriteTx<'_>,
    signed: &Signed,
    now_ms: i64,
    action: &str,
    data: &serde_json::Value,
) -> Result<(), StoreError> {
    let happened = Event {
        at_ms: now_ms,
        actor: signed.actor(),
        action: action.to_owned(),
        object: "mail".to_owned(),
        data: data.to_string(),
    };
    event::append_office(tx, &happened)
}

/// `GET /mail`.
pub async fn switchboard(request: HttpRequest, state: Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    show(&request, &state, &signed, &Typed::default(), (None, false)).await
}

/// `POST /mail`: pause or resume everything.
pub async fn turn(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let pauses = match form.first("to") {
        "pause" => true,
        "resume" => false,
        _ => return Err(Trouble::BadRequest.into()),
    };
    let now_ms = state.clock.now_ms();
    let done = state.store.write(move |tx| -> Result<(), StoreError> {
        let (turned, action) = match pauses {
            true => (mail_switch::pause(tx, "", now_ms)?, "mail.paused"),
            false => (mail_switch::resume(tx, now_ms)?, "mail.resumed"),
        };
        match turned {
            true => log(tx, &signed, now_ms, action, &serde_json::json!({})),
            false => Ok(()),
        }
    });
    done.await?;
    Ok(page::see_other("/mail"))
}

/// `POST /mail/test`.
pub async fn test(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    if state.mail.is_none() {
        return Err(Trouble::Outdated.into());
    }
    let mut reader = FormReader::new(&form);
    let address = read_address(&mut reader, "address");
    let address = match reader.done(address) {
        Ok(address) => address,
        Err(errors) => {
            let typed = Typed::new("test", form, errors);
            return show(&request, &state, &signed, &typed, (None, false)).await;
        }
    };
    let language = signed.desk(&request).language;
    let text = view::test(language, &state.body_name);
    let notice = test_notice(&state, (language, None), &address, text).ok_or(Trouble::Internal)?;
    let (now_ms, by) = (state.clock.now_ms(), signed.clone());
    let done = state.store.write(move |tx| -> Result<(), StoreError> {
        outbox::queue_notice(tx, &notice)?;
        log(tx, &by, now_ms, "mail.tested", &serde_json::json!({}))
    });
    done.await?;
    show(&request, &state, &signed, &Typed::default(), (None, true)).await
}

/// `POST /mail/retry`: dead letters once more.
pub async fn retry(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let ids: Vec<String> = form.all("id").map(str::to_owned).collect();
    if ids.is_empty() {
        let mut reader = FormReader::new(&form);
        reader.refuse("id", Wrong::Missing);
        let errors = reader.done(None::<()>).err().unwrap_or_default();
        let typed = Typed::new("retry", form, errors);
        return show(&request, &state, &signed, &typed, (None, false)).await;
    }
    let now_ms = state.clock.now_ms();
    let done = state.store.write(move |tx| -> Result<(), StoreError> {
        let mut retried = 0;
        for id in &ids {
            retried += u32::from(outbox::retry(tx, id, now_ms)?);
        }
        log(
            tx,
            &signed,
            now_ms,
            "mail.retried",
            &serde_json::json!({"messages": retried}),
        )
    });
    done.await?;
    Ok(page::see_other("/mail"))
}

/// `POST /mail/reports`: a returned message, pasted.
pub async fn reports(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let mut reader = FormReader::new(&form);
    let text = reader.text("report", REPORT_MAX);
    let found = read(&text);
    if found.is_empty() {
        reader.refuse("report", Wrong::NotAReport);
    }
    let found = match reader.done(Some(found)) {
        Ok(found) => found,
        Err(errors) => {
            let typed = Typed::new("reports", form, errors);
            return show(&request, &state, &signed, &typed, (None, false)).await;
        }
    };
    let index = |address: &str| personal::index(&state.key, address);
    let found: Vec<_> = found
        .into_iter()
        .map(|report| (report.recipient.as_deref().map(index), report))
        .collect();
    let (now_ms, by) = (state.clock.now_ms(), signed.clone());
    let done = state.store.write(move |tx| -> Result<usize, StoreError> {
        let known = bounce::apply(tx, &found, now_ms)?;
        let data = serde_json::json!({"messages": known});
        log(tx, &by, now_ms, "mail.reports-read", &data)?;
        Ok(known)
    });
    let known = done.await?;
    show(&request, &state, &signed, &Typed::default(), (Some(known), false)).await
}
