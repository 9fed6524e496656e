//! The rating form of a signed ticket: shown, stored once, acknowledged.

use std::sync::{Arc, PoisonError};

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};

use super::{HTML, link_of_ticket, scene, seconds};
use crate::clock::months_before;
use crate::store::funnel::Stage;
use crate::store::link::{self, Link};
use crate::store::mark::{self, Arrival};
use crate::store::response::{self, Accepted, SubmitError};
use crate::survey::admission::Refusal;
use crate::survey::answers::{Answers, FormChoices};
use crate::survey::form::{FieldError, RawForm};
use crate::survey::submission::{Entry, Receipt, Submission};
use crate::survey::ticket::Ticket;
use crate::view;
use crate::view::survey::Halt;
use crate::web::body;
use crate::web::client;
use crate::web::error::{self, Problem};
use crate::web::page::{self, Fragments, Keep};
use crate::web::state::WebState;
use crate::web::visits::PageKey;

/// Stand for the form and its twin in the other language while a rating page is rendered once for everybody.
const FORM_MARK: &str = "THIS-FORM-GOES-HERE";
const OTHER_MARK: &str = "THE-OTHER-LANGUAGE-GOES-HERE";

/// A field that people do not see; programs that fill in whatever they find give themselves away.
const TRAP: &str = "website";

/// `GET /f/{form}`: the rating page of a signed form, as often as it is asked for; once stored, its receipt.
pub async fn rating(
    request: HttpRequest,
    state: web::Data<WebState>,
    form: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let visit = Visit::of(&request, &state, &form)?;
    visit.show().await.map_err(|problem| visit.tell(problem))
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
    let visit = Visit::of(&request, &state, &form)?;
    visit.submit(&raw).await.map_err(|problem| visit.tell(problem))
}

/// `GET /f/{form}/receipt`: the receipt of a stored form, for as long as anybody asks.
pub async fn receipt(
    request: HttpRequest,
    state: web::Data<WebState>,
    form: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let visit = Visit::of(&request, &state, &form)?;
    visit.receipt().await.map_err(|problem| visit.tell(problem))
}

/// A request with a form that this server signed.
struct Visit<'a> {
    request: &'a HttpRequest,
    state: &'a WebState,
    form: &'a str,
    ticket: Ticket,
    now_ms: i64,
}

impl<'a> Visit<'a> {
    fn of(request: &'a HttpRequest, state: &'a WebState, form: &'a str) -> Result<Self, Problem> {
        let ticket = Ticket::open(state.key.bytes(), form).ok_or(Refusal::FormInvalid)?;
        let now_ms = state.clock.now_ms();
        Ok(Self {
            request,
            state,
            form,
            ticket,
            now_ms,
        })
    }

    /// A visitor who began in a language is told in it what went wrong.
    fn tell(&self, problem: Problem) -> Problem {
        problem.in_language(self.ticket.language)
    }

    /// When the form was handed out, Unix ms.
    fn opened_at_ms(&self) -> i64 {
        opened_at_ms(&self.ticket)
    }

    fn is_expired(&self) -> bool {
        self.ticket.is_expired(seconds(self.now_ms))
    }

    async fn show(&self) -> Result<HttpResponse, Problem> {
        let Self {
            state, ticket, form, ..
        } = self;
        if is_stored(state, ticket).await? {
            return Ok(page::see_other(&format!("/f/{form}/receipt")));
        }
        let link = link_of_ticket(state, ticket).await?;
        link.state.admit_form(self.opened_at_ms(), self.now_ms)?;
        if self.is_expired() {
            return Err(Refusal::FormExpired.into());
        }
        let key = PageKey::Rating(ticket.evaluation, link.outlet, ticket.language, ticket.services);
        let kept = match state.visits.page(&key) {
            Some(kept) => kept,
            None => {
                let way = Ways {
                    action: &format!("/f/{FORM_MARK}"),
                    other: Some(&format!("/f/{OTHER_MARK}")),
                };
                let text = rating_text(state, &link, ticket, &way, &RawForm::default(), &[], None)?;
                state
                    .visits
                    .keep_page(key, Fragments::new(&text, &[FORM_MARK, OTHER_MARK]))
            }
        };
        let other = ticket.in_language(ticket.language.other()).seal(state.key.bytes());
        let gzip = page::takes_gzip(self.request.headers());
        let body = kept.fill(&[form, &other], gzip);
        Ok(page::respond(StatusCode::OK, HTML, Keep::Never, body, gzip))
    }

    async fn submit(&self, raw: &RawForm) -> Result<HttpResponse, Problem> {
        let Self {
            state, ticket, form, ..
        } = self;
        let link = link_of_ticket(state, ticket).await?;
        match self.decide(&link, raw).await {
            Ok(Outcome::Stored) => {
                state.footfall.came(&state.store, &link, Stage::Completed, self.now_ms);
                Ok(page::see_other(&format!("/f/{form}/receipt")))
            }
            Ok(Outcome::Repeated) => Ok(page::see_other(&format!("/f/{form}/receipt?repeated"))),
            Ok(Outcome::Expired) => self.turned_away(&link, raw, Refusal::FormExpired),
            Ok(Outcome::Invalid(errors)) => self.again(&link, raw, StatusCode::UNPROCESSABLE_ENTITY, &errors, None),
            Err(SubmitError::Refused(refusal)) => self.turned_away(&link, raw, refusal),
            Err(SubmitError::Store(error)) if error.is_passing() => {
                let status = StatusCode::SERVICE_UNAVAILABLE;
                let mut response = self.again(&link, raw, status, &[], Some(Halt::Busy))?;
                response
                    .headers_mut()
                    .insert(header::RETRY_AFTER, header::HeaderValue::from_static("2"));
                Ok(response)
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn decide(&self, link: &Link, raw: &RawForm) -> Result<Outcome, SubmitError> {
        let months = months_before(self.now_ms);
        let choices = FormChoices {
            products: &link.evaluation.products,
            months: &months,
        };
        let questionnaire = link.evaluation.instrument.questionnaire();
        let parsed = Answers::parse(questionnaire, self.ticket.services, choices, raw);
        let expired = self.is_expired();
        let errors = match parsed {
            Ok(answers) if !expired => return self.store(link, answers, raw).await,
            Ok(_) => Vec::new(),
            Err(errors) => errors,
        };
        Ok(match not_storable(self.state, &self.ticket, self.now_ms).await? {
            true => Outcome::Repeated,
            false if expired => Outcome::Expired,
            false => Outcome::Invalid(errors),
        })
    }

    async fn store(&self, link: &Link, answers: Answers, raw: &RawForm) -> Result<Outcome, SubmitError> {
        let Self {
            state, ticket, now_ms, ..
        } = self;
        let submission = Submission {
            evaluation: ticket.evaluation,
            entry: Entry::Link(ticket.link),
            receipt: ticket.receipt(state.key.bytes()),
            answers,
            language: ticket.language,
            notice_version: link.evaluation.notice_version.clone().unwrap_or_default(),
            duration_s: u32::try_from(seconds(*now_ms).saturating_sub(ticket.issued_at_s)).ok(),
            received_at_ms: *now_ms,
            answers_salt: rand::random(),
            comment_salt: rand::random(),
        };
        let arrival = self.arrival(link, raw);
        let (instrument, bursts) = (Arc::clone(&link.evaluation.instrument), Arc::clone(&state.bursts));
        let stored = state.store.write(move |tx| {
            let accepted = response::submit(tx, &instrument, &submission)?;
            if accepted == Accepted::Stored {
                let mut bursts = bursts.lock().unwrap_or_else(PoisonError::into_inner);
                let id = submission.receipt.response_id();
                mark::arrive(tx, submission.evaluation, id, &arrival, &mut bursts)?;
            }
            Ok(accepted)
        });
        stored.await.map(|accepted| match accepted {
            Accepted::Stored => Outcome::Stored,
            Accepted::AlreadyStored => Outcome::Repeated,
        })
    }

    fn arrival(&self, link: &Link, raw: &RawForm) -> Arrival {
        let agent = self.request.headers().get(header::USER_AGENT);
        Arrival {
            address: client::address(self.request, &self.state.trusted_proxies),
            user_agent: agent
                .and_then(|agent| agent.to_str().ok())
                .unwrap_or_default()
                .to_owned(),
            link: link.id,
            kind: link.state.kind,
            hours: link.outlet_hours.clone(),
            is_trapped: !raw.first(TRAP).is_empty(),
            at_ms: self.now_ms,
        }
    }

    /// Why the answers are not taken, with everything that was typed; of a link that somebody answered nothing is shown.
    fn turned_away(&self, link: &Link, raw: &RawForm, refusal: Refusal) -> Result<HttpResponse, Problem> {
        match refusal {
            Refusal::Unknown | Refusal::Used | Refusal::FormInvalid => Err(refusal.into()),
            _ => {
                let halt = Some(Halt::Refused(refusal));
                self.again(link, raw, error::refusal_status(refusal), &[], halt)
            }
        }
    }

    /// The form once more, with everything that was typed.
    fn again(
        &self,
        link: &Link,
        raw: &RawForm,
        status: StatusCode,
        errors: &[FieldError],
        halt: Option<Halt>,
    ) -> Result<HttpResponse, Problem> {
        let way = Ways {
            action: &format!("/f/{}", self.form),
            other: None,
        };
        let text = rating_text(self.state, link, &self.ticket, &way, raw, errors, halt)?;
        Ok(page::html(self.request, status, &text))
    }

    async fn receipt(&self) -> Result<HttpResponse, Problem> {
        let Self {
            state, ticket, form, ..
        } = self;
        if !is_stored(state, ticket).await? {
            return Ok(page::see_other(&format!("/f/{form}")));
        }
        let link = link_of_ticket(state, ticket).await?;
        let repeated = self.request.query_string() == "repeated";
        let key = PageKey::Receipt(ticket.evaluation, link.outlet, ticket.language, repeated);
        let kept = match state.visits.page(&key) {
            Some(kept) => kept,
            None => {
                let mark = Receipt::mark();
                let text =
                    view::survey::receipt(&scene(state, &link, ticket.language), &mark, &state.base_url, repeated)?;
                state.visits.keep_page(key, Fragments::new(&text, &[mark.as_str()]))
            }
        };
        let receipt = ticket.receipt(state.key.bytes());
        let gzip = page::takes_gzip(self.request.headers());
        let body = kept.fill(&[receipt.as_str()], gzip);
        Ok(page::respond(StatusCode::OK, HTML, Keep::Never, body, gzip))
    }
}

fn opened_at_ms(ticket: &Ticket) -> i64 {
    i64::try_from(ticket.issued_at_s)
        .unwrap_or(i64::MAX / 1000)
        .saturating_mul(1000)
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

/// For a form that cannot be stored as it is: already stored after all, or may it still be corrected?
async fn not_storable(state: &WebState, ticket: &Ticket, now_ms: i64) -> Result<bool, SubmitError> {
    let id = ticket.receipt(state.key.bytes()).response_id();
    let (ticket, catalogue) = (*ticket, Arc::clone(state.store.catalogue()));
    state
        .store
        .read(move |conn| {
            if response::is_stored(conn, ticket.evaluation, id)? {
                return Ok(true);
            }
            let link = link::find(conn, &catalogue, ticket.evaluation, ticket.link)?.ok_or(Refusal::Unknown)?;
            link.state.admit_form(opened_at_ms(&ticket), now_ms)?;
            Ok(false)
        })
        .await
}

fn rating_text(
    state: &WebState,
    link: &Link,
    ticket: &Ticket,
    ways: &Ways<'_>,
    form: &RawForm,
    errors: &[FieldError],
    halt: Option<Halt>,
) -> Result<String, Problem> {
    let months = months_before(state.clock.now_ms());
    let choices = FormChoices {
        products: &link.evaluation.products,
        months: &months,
    };
    let scene = scene(state, link, ticket.language);
    Ok(view::survey::rating(
        &scene,
        ticket.services,
        choices,
        ways.action,
        ways.other,
        form,
        errors,
        halt,
    )?)
}

async fn is_stored(state: &WebState, ticket: &Ticket) -> Result<bool, Problem> {
    let (evaluation, id) = (ticket.evaluation, ticket.receipt(state.key.bytes()).response_id());
    Ok(state
        .store
        .read(move |conn| response::is_stored(conn, evaluation, id))
        .await?)
}
