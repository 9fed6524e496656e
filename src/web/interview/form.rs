//! The interview form of a signed ticket: shown, stored once, acknowledged.

use std::sync::Arc;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};

use super::Visit;
use super::record::{Origin, Recorder};
use crate::clock::months_before;
use crate::phone::PhoneKey;
use crate::store::fieldwork::{self, FieldSetting, Record};
use crate::store::interview::{self, Outcome};
use crate::store::response::SubmitError;
use crate::store::{StoreError, catalogue};
use crate::survey::admission::Refusal;
use crate::survey::answers::FormChoices;
use crate::survey::form::{FieldError, RawForm};
use crate::survey::interview::Ticket;
use crate::survey::language::Language;
use crate::survey::upload::{ClientId, Kind};
use crate::view;
use crate::view::interview::{Device, Halt, Scene};
use crate::view::office::Desk;
use crate::view::survey::Trouble;
use crate::web::body;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::page;
use crate::web::state::WebState;

/// `GET /evaluations/{evaluation}/outlets/{outlet}/interview`: signs a form that begins now. Nothing is stored.
pub async fn begin(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let visit = Visit::of(&request, &state, &signed, &path.1).await?;
    if visit.evaluation.state.admit().is_err() {
        return Ok(page::see_other(&visit.list()));
    }
    let ticket = Ticket {
        evaluation: visit.evaluation.id,
        outlet: visit.outlet.id,
        evaluator: signed.viewer.person,
        client_id: rand::random(),
        started_at_ms: visit.now_ms,
    };
    let form = ticket.seal(state.key.bytes());
    Ok(page::see_other(&format!("{}/interview/{form}", visit.base())))
}

/// `GET …/interview/{form}`: the page of a signed form, as often as it is asked for; once stored, where it led.
pub async fn interview(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    path: web::Path<(String, String, String)>,
) -> Result<HttpResponse, Problem> {
    let visit = Visit::of(&request, &state, &signed, &path.1).await?;
    let ticket = visit.own_ticket(&path.2)?;
    if let Some(outcome) = visit.outcome(ticket).await? {
        return Ok(visit.led_to(&path.2, outcome, false));
    }
    if visit.evaluation.state.admit().is_err() {
        return Ok(page::see_other(&visit.list()));
    }
    let prefilled = visit.prefilled().await?;
    visit.page(&path.2, StatusCode::OK, &prefilled, &[], None).await
}

/// `POST …/interview/{form}`: stores an interview or the end of an approach once. Order: signature → whose form →
/// already stored → state → validation → store; whatever is refused comes back with everything that was typed.
pub async fn submit(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    path: web::Path<(String, String, String)>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let visit = Visit::of(&request, &state, &signed, &path.1).await?;
    let sealed = path.2.as_str();
    let ticket = visit.ticket(sealed)?;
    let again = async |status, errors: &[FieldError], halt| visit.page(sealed, status, &form, errors, halt).await;
    if ticket.evaluator != signed.viewer.person {
        return again(StatusCode::FORBIDDEN, &[], Some(Halt::Foreign)).await;
    }
    if let Some(outcome) = visit.outcome(ticket).await? {
        return Ok(visit.led_to(sealed, outcome, true));
    }
    if visit.evaluation.state.admit().is_err() {
        return again(StatusCode::GONE, &[], Some(Halt::Closed)).await;
    }
    let origin = visit.origin(ticket, Language::from_tag(form.first("lang")).unwrap_or(visit.desk.language));
    let recorder = Recorder {
        key: &state.key,
        evaluation: &visit.evaluation,
        setting: visit.setting().await?,
    };
    let record = match recorder.record(Kind::Interview, &form, &origin) {
        Ok(record) => record,
        Err(errors) => return again(StatusCode::UNPROCESSABLE_ENTITY, &errors, None).await,
    };
    match visit.store(ticket, record).await {
        Ok((outcome, repeated)) => Ok(visit.led_to(sealed, outcome, repeated)),
        Err(SubmitError::Refused(Refusal::Closed | Refusal::NotYetOpen)) => {
            again(StatusCode::GONE, &[], Some(Halt::Closed)).await
        }
        Err(SubmitError::Store(error)) if error.is_passing() => {
            let mut response = again(StatusCode::SERVICE_UNAVAILABLE, &[], Some(Halt::Busy)).await?;
            let seconds = header::HeaderValue::from_static("2");
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
            Ok(response)
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET …/interview/{form}/receipt`: the code for the customer, for as long as its evaluator asks.
pub async fn receipt(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    path: web::Path<(String, String, String)>,
) -> Result<HttpResponse, Problem> {
    let visit = Visit::of(&request, &state, &signed, &path.1).await?;
    let ticket = visit.own_ticket(&path.2)?;
    match visit.outcome(ticket).await? {
        Some(Outcome::Answered) => {}
        Some(outcome) => return Ok(visit.led_to(&path.2, outcome, false)),
        None => return Ok(page::see_other(&format!("{}/interview/{}", visit.base(), path.2))),
    }
    let receipt = ticket.receipt(state.key.bytes());
    let text = view::interview::receipt(
        &visit.desk,
        (visit.evaluation.id, visit.outlet.id),
        &visit.outlet.name,
        &receipt,
        request.query_string() == "repeated",
    )?;
    Ok(page::office(&request, StatusCode::OK, &text))
}

impl Visit<'_> {
    /// A form that this server signed for this outlet.
    fn ticket(&self, sealed: &str) -> Result<Ticket, Problem> {
        let ticket = Ticket::open(self.state.key.bytes(), sealed)
            .filter(|ticket| ticket.evaluation == self.evaluation.id && ticket.outlet == self.outlet.id);
        Ok(ticket.ok_or(Trouble::NotFound)?)
    }

    /// A form that this server signed for this outlet and this evaluator.
    fn own_ticket(&self, sealed: &str) -> Result<Ticket, Problem> {
        let ticket = self.ticket(sealed)?;
        match ticket.evaluator == self.signed.viewer.person {
            true => Ok(ticket),
            false => Err(Trouble::NotFound.into()),
        }
    }

    async fn outcome(&self, ticket: Ticket) -> Result<Option<Outcome>, Problem> {
        let found = self.state.store.read(move |conn| interview::outcome(conn, &ticket));
        Ok(found.await?)
    }

    fn led_to(&self, sealed: &str, outcome: Outcome, repeated: bool) -> HttpResponse {
        page::see_other(&match outcome {
            Outcome::Answered => {
                let query = if repeated { "?repeated" } else { "" };
                format!("{}/interview/{sealed}/receipt{query}", self.base())
            }
            Outcome::Ended(code) => format!("{}?recorded={}", self.list(), code.as_str()),
        })
    }

    /// The next running number, and how the latest customer was selected.
    async fn prefilled(&self) -> Result<RawForm, Problem> {
        let (evaluation, outlet, evaluator) = (self.evaluation.id, self.outlet.id, self.signed.viewer.person);
        let (next, rule) = self
            .state
            .store
            .read(move |conn| -> Result<_, StoreError> {
                Ok((
                    interview::next_contact_no(conn, evaluation, outlet, evaluator)?,
                    interview::last_selection_rule(conn, evaluation, outlet, evaluator)?,
                ))
            })
            .await?;
        let asked = self.evaluation.instrument.questionnaire().in_person();
        Ok(RawForm::new(vec![
            (asked.contact_no.id.clone(), next.get().to_string()),
            (asked.selection_rule.id.clone(), rule),
        ]))
    }

    async fn page(
        &self,
        sealed: &str,
        status: StatusCode,
        form: &RawForm,
        errors: &[FieldError],
        halt: Option<Halt>,
    ) -> Result<HttpResponse, Problem> {
        let version = self.evaluation.notice_version.clone().unwrap_or_default();
        let notice = self
            .state
            .store
            .read(move |conn| catalogue::notice(conn, &version))
            .await?;
        // A page of its own, without the rail: nothing on it leads away by accident.
        let desk = Desk {
            here: None,
            language: Language::from_tag(form.first("lang")).unwrap_or(self.desk.language),
            ..self.desk.clone()
        };
        let months = months_before(self.now_ms);
        let setting = self.setting().await?;
        let public = PhoneKey::of(&self.state.key).map(|key| key.public()).unwrap_or_default();
        let client = Ticket::open(self.state.key.bytes(), sealed).map(|ticket| ClientId::from_bytes(ticket.client_id));
        let scene = Scene {
            desk: &desk,
            body: &self.state.body_name,
            firm: &self.evaluation.firm,
            outlet: &self.outlet.name,
            questionnaire: self.evaluation.instrument.questionnaire(),
            notice: &notice,
            choices: FormChoices {
                products: &self.evaluation.products,
                months: &months,
            },
            device: Device {
                client: &client.map(ClientId::text).unwrap_or_default(),
                phone_key: setting.asks_phone.then_some(public.as_str()),
                asks_location: setting.asks_location,
            },
        };
        let action = format!("{}/interview/{sealed}", self.base());
        let text = view::interview::interview(&scene, &action, form, errors, halt)?;
        Ok(page::office(self.request, status, &text))
    }

    /// What the evaluation asks for besides answers.
    async fn setting(&self) -> Result<FieldSetting, Problem> {
        let id = self.evaluation.id;
        let found: Result<_, StoreError> = self.state.store.read(move |conn| fieldwork::setting(conn, id)).await;
        Ok(found?)
    }

    /// What was filled in here and now.
    fn origin(&self, ticket: Ticket, language: Language) -> Origin {
        Origin {
            id: ClientId::from_bytes(ticket.client_id),
            outlet: ticket.outlet,
            evaluator: ticket.evaluator,
            span_ms: (ticket.started_at_ms, self.now_ms.max(ticket.started_at_ms)),
            received_at_ms: self.now_ms,
            language,
            clock: None,
            is_late: false,
        }
    }

    async fn store(&self, ticket: Ticket, record: Record) -> Result<(Outcome, bool), SubmitError> {
        let instrument = Arc::clone(&self.evaluation.instrument);
        self.state
            .store
            .write(move |tx| {
                // Sent twice at once, or first as an end and then as answers: what was stored first counts.
                if let Some(earlier) = interview::outcome(tx.conn, &ticket)? {
                    return Ok((earlier, true));
                }
                Ok((fieldwork::record(tx, &instrument, &record)?, false))
            })
            .await
    }
}
