//! The interview form of a signed ticket: shown, stored once, acknowledged.

use std::sync::Arc;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};

use super::Visit;
use super::record::{Origin, Recorder};
use crate::clock::months_before;
use crate::phone::PhoneKey;
use crate::store::interview::{self, Outcome};
use crate::store::paper as papers;
use crate::store::recording::{self, FieldSetting, Record};
use crate::store::response::SubmitError;
use crate::store::{StoreError, assignment, catalogue};
use crate::survey::admission::Refusal;
use crate::survey::answers::FormChoices;
use crate::survey::fieldwork::day_and_hour;
use crate::survey::form::{FieldError, Problem as Wrong, RawForm};
use crate::survey::interview::Ticket;
use crate::survey::language::Language;
use crate::survey::paper::Paper;
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
    // What was taken down on paper is entered later.
    let admitted = match visit.on_paper {
        true => visit.evaluation.state.admit(),
        false => visit.admit(),
    };
    if admitted.is_err() {
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
    Ok(page::see_other(&visit.form(&form)))
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
    let record = match visit.record(ticket, &form).await? {
        Ok(record) => record,
        Err(errors) => return again(StatusCode::UNPROCESSABLE_ENTITY, &errors, None).await,
    };
    match visit.store(ticket, record).await {
        Ok(Some((outcome, repeated))) => Ok(visit.led_to(sealed, outcome, repeated)),
        Ok(None) => {
            let number = &visit.evaluation.instrument.questionnaire().in_person().paper_form_no.id;
            let taken = FieldError::new(number, Wrong::Taken);
            again(StatusCode::UNPROCESSABLE_ENTITY, &[taken], None).await
        }
        Err(SubmitError::Refused(Refusal::Closed | Refusal::NotYetOpen)) => {
            again(StatusCode::GONE, &[], Some(Halt::Closed)).await
        }
        Err(SubmitError::Refused(refusal @ (Refusal::BeforeField(_) | Refusal::AfterField(_)))) => {
            again(StatusCode::GONE, &[], Some(Halt::Outside(refusal))).await
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
        None => return Ok(page::see_other(&visit.form(&path.2))),
    }
    let receipt = ticket.receipt(state.key.bytes());
    let text = view::interview::receipt(
        &visit.desk,
        (visit.evaluation.id, visit.outlet.id),
        &visit.outlet.name,
        &receipt,
        &state.base_url,
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

    /// The next running number, and how customers are selected: as assigned, else as the latest one was.
    async fn prefilled(&self) -> Result<RawForm, Problem> {
        let (evaluation, outlet, evaluator) = (self.evaluation.id, self.outlet.id, self.signed.viewer.person);
        let (day, hour) = day_and_hour(self.now_ms);
        let (next, rule, assigned) = self
            .state
            .store
            .read(move |conn| -> Result<_, StoreError> {
                Ok((
                    interview::next_contact_no(conn, evaluation, outlet, evaluator)?,
                    interview::last_selection_rule(conn, evaluation, outlet, evaluator)?,
                    assignment::list_of(conn, evaluation, evaluator)?,
                ))
            })
            .await?;
        let mut assigned = assigned.iter();
        let now = assigned.find(|one| !self.on_paper && one.slot.holds(evaluator, outlet, day, hour));
        let rule = now.map_or(rule, |one| {
            view::interview::selection(self.desk.words(), &one.selection)
        });
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
        let public = PhoneKey::of(&self.state.key)
            .map(|key| key.public())
            .unwrap_or_default();
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
            on_paper: self.on_paper,
        };
        let action = self.form(sealed);
        let text = view::interview::interview(&scene, &action, form, errors, halt)?;
        Ok(page::office(self.request, status, &text))
    }

    /// What the evaluation asks for besides answers; paper asks for nothing more.
    async fn setting(&self) -> Result<FieldSetting, Problem> {
        if self.on_paper {
            return Ok(FieldSetting::default());
        }
        let id = self.evaluation.id;
        let found: Result<_, StoreError> = self.state.store.read(move |conn| recording::setting(conn, id)).await;
        Ok(found?)
    }

    /// The record of the form as it was filled in here and now, or off a paper form; or every field to be corrected.
    async fn record(&self, ticket: Ticket, form: &RawForm) -> Result<Result<Record, Vec<FieldError>>, Problem> {
        let recorder = Recorder {
            key: &self.state.key,
            evaluation: &self.evaluation,
            setting: self.setting().await?,
        };
        let questionnaire = self.evaluation.instrument.questionnaire();
        let (paper, wrong) = match self
            .on_paper
            .then(|| Paper::parse(questionnaire, form, self.now_ms))
            .transpose()
        {
            Ok(paper) => (paper, Vec::new()),
            Err(errors) => (None, errors),
        };
        let here = (ticket.started_at_ms, self.now_ms.max(ticket.started_at_ms));
        let origin = Origin {
            id: ClientId::from_bytes(ticket.client_id),
            outlet: ticket.outlet,
            evaluator: ticket.evaluator,
            span_ms: paper
                .as_ref()
                .map_or(here, |paper| (paper.started_at_ms, paper.ended_at_ms)),
            received_at_ms: self.now_ms,
            language: Language::from_tag(form.first("lang")).unwrap_or(self.desk.language),
            clock: None,
            paper,
            is_late: false,
        };
        let read = recorder.record(Kind::Interview, form, &origin);
        Ok(match (read, wrong.is_empty()) {
            (Ok(record), true) => Ok(record),
            (read, _) => Err(wrong.into_iter().chain(read.err().into_iter().flatten()).collect()),
        })
    }

    /// Stores what was taken down; nothing where the number of a paper form was entered before.
    async fn store(&self, ticket: Ticket, record: Record) -> Result<Option<(Outcome, bool)>, SubmitError> {
        let instrument = Arc::clone(&self.evaluation.instrument);
        self.state
            .store
            .write(move |tx| {
                // Sent twice at once, or first as an end and then as answers: what was stored first counts.
                if let Some(earlier) = interview::outcome(tx.conn, &ticket)? {
                    return Ok(Some((earlier, true)));
                }
                if let Some(form_no) = record.paper_form_no()
                    && papers::is_entered(tx.conn, ticket.evaluation, form_no)?
                {
                    return Ok(None);
                }
                Ok(Some((recording::record(tx, &instrument, &record)?, false)))
            })
            .await
    }
}
