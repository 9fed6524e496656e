//! A customer's way through: landing → rating → receipt. Works without script and cookie; a visit that submits nothing
//! writes nothing.

use std::sync::Arc;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};

use super::error::{self, Problem};
use super::page::{self, Fragments, Keep};
use super::state::WebState;
use super::visits::PageKey;
use super::{body, client};
use crate::clock::months_before;
use crate::store::evaluation::Evaluation;
use crate::store::link::Link;
use crate::store::response::{self, Accepted, SubmitError};
use crate::store::{StoreError, catalogue, disposition, link};
use crate::survey::admission::Refusal;
use crate::survey::answers::{Answers, FormChoices};
use crate::survey::disposition::Code;
use crate::survey::form::{FieldError, RawForm};
use crate::survey::id::ResponseId;
use crate::survey::language::Language;
use crate::survey::link::LinkToken;
use crate::survey::screening::{self, Screened};
use crate::survey::submission::{Entry, Submission};
use crate::survey::ticket::Ticket;
use crate::view;
use crate::view::survey::{Scene, Trouble};

const HTML: &str = "text/html; charset=utf-8";
/// Stand for the form and its twin in the other language while a rating page is rendered once for everybody.
const FORM_MARK: &str = "THIS-FORM-GOES-HERE";
const OTHER_MARK: &str = "THE-OTHER-LANGUAGE-GOES-HERE";

/// `GET /s/{token}`: notice, consent, screening. The same for everybody who scans the code.
pub async fn landing(request: HttpRequest, state: web::Data<WebState>, token: web::Path<String>) -> Result<HttpResponse, Problem> {
    let link = link_of(&request, &state, &token).await?;
    link.state.admit(state.clock.now_ms())?;
    let language = error::language(&request);
    let gzip = page::takes_gzip(request.headers());
    if link.state.kind.single_use() {
        let text = landing_text(&state, &link, &token, language, &RawForm::default(), &[]).await?;
        return Ok(page::html(&request, StatusCode::OK, &text));
    }
    let key = PageKey::Landing(token.clone(), language);
    let kept = match state.visits.page(&key) {
        Some(kept) => kept,
        None => {
            let text = landing_text(&state, &link, &token, language, &RawForm::default(), &[]).await?;
            state.visits.keep_page(key, Fragments::new(&text, &[]))
        }
    };
    Ok(page::respond(StatusCode::OK, HTML, Keep::Revalidate, kept.fill(&[], gzip), gzip))
}

/// `POST /s/{token}`: eligible → a signed form; not eligible → a polite end, counted without content.
pub async fn begin(
    request: HttpRequest,
    state: web::Data<WebState>,
    token: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let form = body::form(&request, payload).await?;
    let link = link_of(&request, &state, &token).await?;
    let now_ms = state.clock.now_ms();
    link.state.admit(now_ms)?;
    let language = Language::from_tag(form.first("lang")).unwrap_or_else(|| error::language(&request));
    match screening::screen(link.evaluation.instrument.questionnaire(), &form) {
        Ok(Screened::Eligible(services)) => {
            let ticket = Ticket {
                evaluation: link.evaluation.id,
                link: link.id,
                form_id: rand::random(),
                issued_at_s: u64::try_from(now_ms / 1000).unwrap_or(0),
                language,
                services,
            };
            Ok(see_other(&format!("/f/{}", ticket.seal(state.key.bytes()))))
        }
        Ok(Screened::Ended(code)) => {
            let (instrument, evaluation, id) = (Arc::clone(&link.evaluation.instrument), link.evaluation.id, link.id);
            let random = rand::random();
            state.store.write(move |tx| disposition::end_visit(tx, &instrument, evaluation, id, code, random, now_ms)).await?;
            Ok(see_other(&format!("/end/{}?lang={}", code.as_str(), language.tag())))
        }
        Err(errors) => {
            let text = landing_text(&state, &link, &token, language, &form, &errors).await?;
            Ok(page::html(&request, StatusCode::UNPROCESSABLE_ENTITY, &text))
        }
    }
}

/// `GET /end/{code}`: thanks to somebody who does not take part.
pub async fn ended(request: HttpRequest, code: web::Path<String>) -> Result<HttpResponse, Problem> {
    let shown = [Code::Refusal, Code::NoService, Code::Interested, Code::Minor];
    let code = Code::parse(&code).filter(|code| shown.contains(code)).ok_or(Trouble::NotFound)?;
    Ok(page::html(&request, StatusCode::OK, &view::survey::ended(error::language(&request), code)?))
}

/// `GET /f/{form}`: the rating page of a signed form, as often as it is asked for; once stored, its receipt.
pub async fn rating(request: HttpRequest, state: web::Data<WebState>, form: web::Path<String>) -> Result<HttpResponse, Problem> {
    let ticket = ticket_of(&state, &form)?;
    let now_ms = state.clock.now_ms();
    if is_stored(&state, &ticket).await? {
        return Ok(see_other(&format!("/f/{form}/receipt")));
    }
    let link = link_of_ticket(&state, &ticket).await?;
    link.state.admit(now_ms)?;
    if ticket.is_expired(seconds(now_ms)) {
        return Err(Refusal::FormExpired.into());
    }
    let key = PageKey::Rating(ticket.evaluation, link.outlet, ticket.language, ticket.services);
    let kept = match state.visits.page(&key) {
        Some(kept) => kept,
        None => {
            let way = Ways { action: &format!("/f/{FORM_MARK}"), other: Some(&format!("/f/{OTHER_MARK}")) };
            let text = rating_text(&state, &link, &ticket, &way, &RawForm::default(), &[], false)?;
            state.visits.keep_page(key, Fragments::new(&text, &[FORM_MARK, OTHER_MARK]))
        }
    };
    let other = ticket.in_language(ticket.language.other()).seal(state.key.bytes());
    let gzip = page::takes_gzip(request.headers());
    Ok(page::respond(StatusCode::OK, HTML, Keep::Never, kept.fill(&[&form, &other], gzip), gzip))
}

/// `POST /f/{form}`: stores the answers once. Order: signature → already stored → state, expiry, link → validation →
/// store; whatever is refused comes back with everything that was typed.
pub async fn submit(
    request: HttpRequest,
    state: web::Data<WebState>,
    form: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let raw = body::form(&request, payload).await?;
    let ticket = ticket_of(&state, &form)?;
    let link = link_of_ticket(&state, &ticket).await?;
    let now_ms = state.clock.now_ms();
    let expired = ticket.is_expired(seconds(now_ms));
    let months = months_before(now_ms);
    let choices = FormChoices { products: &link.evaluation.products, months: &months };
    let parsed = Answers::parse(link.evaluation.instrument.questionnaire(), ticket.services, choices, &raw);
    let outcome = match parsed {
        Ok(answers) if !expired => store(&state, &link, &ticket, answers, now_ms).await,
        parsed => not_storable(&state, &ticket, now_ms).await.map(|stored| match (stored, parsed) {
            (true, _) => Outcome::Repeated,
            (false, Err(errors)) if !expired => Outcome::Invalid(errors),
            (false, _) => Outcome::Expired,
        }),
    };
    let again = |status, errors: &[FieldError], busy| {
        let way = Ways { action: &format!("/f/{form}"), other: None };
        let text = rating_text(&state, &link, &ticket, &way, &raw, errors, busy)?;
        Ok(page::html(&request, status, &text))
    };
    match outcome {
        Ok(Outcome::Stored) => Ok(see_other(&format!("/f/{form}/receipt"))),
        Ok(Outcome::Repeated) => Ok(see_other(&format!("/f/{form}/receipt?repeated"))),
        Ok(Outcome::Expired) => Err(Refusal::FormExpired.into()),
        Ok(Outcome::Invalid(errors)) => again(StatusCode::UNPROCESSABLE_ENTITY, &errors, false),
        Err(SubmitError::Store(StoreError::Busy | StoreError::Stopped | StoreError::Commit(_))) => {
            let mut response = again(StatusCode::SERVICE_UNAVAILABLE, &[], true)?;
            response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("2"));
            Ok(response)
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /f/{form}/receipt`: the receipt of a stored form, for as long as anybody asks.
pub async fn receipt(request: HttpRequest, state: web::Data<WebState>, form: web::Path<String>) -> Result<HttpResponse, Problem> {
    let ticket = ticket_of(&state, &form)?;
    if !is_stored(&state, &ticket).await? {
        return Ok(see_other(&format!("/f/{form}")));
    }
    let link = link_of_ticket(&state, &ticket).await?;
    let repeated = request.query_string() == "repeated";
    let receipt = ticket.receipt(state.key.bytes());
    let scene = scene(&state, &link, ticket.language);
    Ok(page::html(&request, StatusCode::OK, &view::survey::receipt(&scene, &receipt, repeated)?))
}

enum Outcome {
    Stored,
    Repeated,
    Expired,
    Invalid(Vec<FieldError>),
}

/// Where a rating page posts to, and where it is found in the other language.
struct Ways<'a> {
    action: &'a str,
    other: Option<&'a str>,
}

async fn store(state: &WebState, link: &Link, ticket: &Ticket, answers: Answers, now_ms: i64) -> Result<Outcome, SubmitError> {
    let submission = Submission {
        evaluation: ticket.evaluation,
        entry: Entry::Link(ticket.link),
        key: ticket.submission_key(),
        receipt: ticket.receipt(state.key.bytes()),
        answers,
        language: ticket.language,
        notice_version: link.evaluation.notice_version.clone().unwrap_or_default(),
        duration_s: u32::try_from(seconds(now_ms).saturating_sub(ticket.issued_at_s)).ok(),
        received_at_ms: now_ms,
        answers_salt: rand::random(),
        comment_salt: rand::random(),
    };
    let instrument = Arc::clone(&link.evaluation.instrument);
    let id = ResponseId::from_random(rand::random());
    state.store.write(move |tx| response::submit(tx, &instrument, &submission, id)).await.map(|accepted| match accepted {
        Accepted::Stored => Outcome::Stored,
        Accepted::AlreadyStored => Outcome::Repeated,
    })
}

/// For a form that cannot be stored as it is: already stored after all, or may it still be corrected?
async fn not_storable(state: &WebState, ticket: &Ticket, now_ms: i64) -> Result<bool, SubmitError> {
    let (ticket, catalogue) = (*ticket, Arc::clone(state.store.catalogue()));
    state
        .store
        .read(move |conn| {
            if response::is_stored(conn, ticket.evaluation, &ticket.submission_key())? {
                return Ok(true);
            }
            let link = link::find(conn, &catalogue, ticket.evaluation, ticket.link)?.ok_or(Refusal::Unknown)?;
            link.state.admit(now_ms)?;
            Ok(false)
        })
        .await
}

fn seconds(ms: i64) -> u64 {
    u64::try_from(ms / 1000).unwrap_or(0)
}

fn see_other(location: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, location))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish()
}

fn ticket_of(state: &WebState, form: &str) -> Result<Ticket, Problem> {
    Ticket::open(state.key.bytes(), form).ok_or(Problem::Refused(Refusal::FormInvalid))
}

async fn is_stored(state: &WebState, ticket: &Ticket) -> Result<bool, Problem> {
    let (evaluation, key) = (ticket.evaluation, ticket.submission_key());
    Ok(state.store.read(move |conn| response::is_stored(conn, evaluation, &key)).await?)
}

/// The link of a token from a URL; guessing is counted and slowed.
async fn link_of(request: &HttpRequest, state: &WebState, token: &str) -> Result<Arc<Link>, Problem> {
    if let Some(known) = state.visits.link_by_token(token) {
        return Ok(known);
    }
    let found = match LinkToken::parse(token) {
        None => None,
        Some(parsed) => {
            let catalogue = Arc::clone(state.store.catalogue());
            state.store.read(move |conn| link::find_by_token(conn, &catalogue, &parsed)).await?
        }
    };
    match found {
        Some(link) => {
            let link = Arc::new(link);
            state.visits.keep_link(Some(token), &link);
            Ok(link)
        }
        None if state.misses.allow(client::address(request, &state.trusted_proxies)) => Err(Refusal::Unknown.into()),
        None => Err(Trouble::TooManyTries.into()),
    }
}

async fn link_of_ticket(state: &WebState, ticket: &Ticket) -> Result<Arc<Link>, Problem> {
    if let Some(known) = state.visits.link(ticket.link) {
        return Ok(known);
    }
    let (ticket, catalogue) = (*ticket, Arc::clone(state.store.catalogue()));
    let found = state.store.read(move |conn| link::find(conn, &catalogue, ticket.evaluation, ticket.link)).await?;
    let link = Arc::new(found.ok_or(Refusal::Unknown)?);
    state.visits.keep_link(None, &link);
    Ok(link)
}

fn scene<'a>(state: &'a WebState, link: &'a Link, language: Language) -> Scene<'a> {
    let Evaluation { firm, instrument, .. } = &*link.evaluation;
    Scene { language, body: &state.body_name, firm, outlet: Some(&link.outlet_name), questionnaire: instrument.questionnaire() }
}

async fn landing_text(
    state: &WebState,
    link: &Link,
    token: &str,
    language: Language,
    form: &RawForm,
    errors: &[FieldError],
) -> Result<String, Problem> {
    let version = link.evaluation.notice_version.clone().unwrap_or_default();
    let notice = state.store.read(move |conn| catalogue::notice(conn, &version)).await?;
    let action = format!("/s/{token}?lang={}", language.tag());
    let other = format!("/s/{token}?lang={}", language.other().tag());
    Ok(view::survey::landing(&scene(state, link, language), &notice, &action, &other, form, errors)?)
}

fn rating_text(
    state: &WebState,
    link: &Link,
    ticket: &Ticket,
    ways: &Ways<'_>,
    form: &RawForm,
    errors: &[FieldError],
    busy: bool,
) -> Result<String, Problem> {
    let months = months_before(state.clock.now_ms());
    let choices = FormChoices { products: &link.evaluation.products, months: &months };
    let scene = scene(state, link, ticket.language);
    Ok(view::survey::rating(&scene, ticket.services, choices, ways.action, ways.other, form, errors, busy)?)
}
