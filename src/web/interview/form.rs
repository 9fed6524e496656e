//! The interview form of a signed ticket: shown, stored once, acknowledged.

use std::sync::Arc;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};

use super::Visit;
use crate::clock::months_before;
use crate::store::disposition::{self, Approach};
use crate::store::interview::{self, Outcome};
use crate::store::paper as papers;
use crate::store::response::{self, SubmitError};
use crate::store::{StoreError, assignment, catalogue};
use crate::survey::admission::Refusal;
use crate::survey::answers::FormChoices;
use crate::survey::fieldwork::day_and_hour;
use crate::survey::form::{FieldError, Problem as Wrong, RawForm};
use crate::survey::interview::{Answered, Taken, Ticket};
use crate::survey::language::Language;
use crate::survey::paper::Paper;
use crate::survey::submission::{Entry, Interview, Submission};
use crate::view;
use crate::view::interview::{Halt, Scene};
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
    let (taken, paper) = match visit.read(&form) {
        Ok(read) => read,
        Err(errors) => return again(StatusCode::UNPROCESSABLE_ENTITY, &errors, None).await,
    };
    let language = Language::from_tag(form.first("lang")).unwrap_or(visit.desk.language);
    match visit.store(ticket, taken, paper, language).await {
        Ok(Some((outcome, repeated))) => Ok(visit.led_to(sealed, outcome, repeated)),
        Ok(None) => {
            let number = &visit.evaluation.instrument.questionnaire().in_person().paper_form_no.id;
            let taken = FieldError::new(number, Wrong::Taken);
            again(StatusCode::UNPROCESSABLE_ENTITY, &[taken], None).await
        }
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
            on_paper: self.on_paper,
        };
        let action = self.form(sealed);
        let text = view::interview::interview(&scene, &action, form, errors, halt)?;
        Ok(page::office(self.request, status, &text))
    }

    /// The form as it was taken down, and what the paper tells besides, where it was on paper.
    fn read(&self, form: &RawForm) -> Result<(Taken, Option<Paper>), Vec<FieldError>> {
        let months = months_before(self.now_ms);
        let choices = FormChoices {
            products: &self.evaluation.products,
            months: &months,
        };
        let questionnaire = self.evaluation.instrument.questionnaire();
        let paper = self.on_paper.then(|| Paper::parse(questionnaire, form, self.now_ms));
        match (Taken::parse(questionnaire, choices, form), paper.transpose()) {
            (Ok(taken), Ok(paper)) => Ok((taken, paper)),
            (taken, paper) => Err([paper.err(), taken.err()].into_iter().flatten().flatten().collect()),
        }
    }

    /// Stores what was taken down; nothing where the number of a paper form was entered before.
    async fn store(
        &self,
        ticket: Ticket,
        taken: Taken,
        paper: Option<Paper>,
        language: Language,
    ) -> Result<Option<(Outcome, bool)>, SubmitError> {
        let instrument = Arc::clone(&self.evaluation.instrument);
        let evaluator = self.signed.viewer.person;
        let at_ms = paper.as_ref().map_or(self.now_ms, |paper| paper.started_at_ms);
        let (submission, approach) = match taken {
            Taken::Answered(answered) => {
                let submission = self.submission(ticket, *answered, paper.as_ref(), language);
                (Some(submission), None)
            }
            Taken::Ended(ending) => {
                let approach = Approach {
                    id: ticket.approach(),
                    evaluation: ticket.evaluation,
                    outlet: ticket.outlet,
                    evaluator,
                    ending,
                    at_ms,
                };
                (None, Some(approach))
            }
        };
        self.state
            .store
            .write(move |tx| {
                // Sent twice at once, or first as an end and then as answers: what was stored first counts.
                if let Some(earlier) = interview::outcome(tx.conn, &ticket)? {
                    return Ok(Some((earlier, true)));
                }
                if let (Some(paper), Some(_)) = (&paper, &submission)
                    && papers::is_entered(tx.conn, ticket.evaluation, &paper.form_no)?
                {
                    return Ok(None);
                }
                if let Some(submission) = &submission {
                    response::submit(tx, &instrument, submission)?;
                }
                if let Some(approach) = &approach {
                    disposition::record_approach(tx, &instrument, approach)?;
                    return Ok(Some((Outcome::Ended(approach.ending.code), false)));
                }
                Ok(Some((Outcome::Answered, false)))
            })
            .await
    }

    fn submission(
        &self,
        ticket: Ticket,
        mut answered: Answered,
        paper: Option<&Paper>,
        language: Language,
    ) -> Submission {
        let (started_at_ms, ended_at_ms) = match paper {
            Some(paper) => {
                answered.on_paper(paper, self.now_ms);
                (paper.started_at_ms, paper.ended_at_ms)
            }
            None => (ticket.started_at_ms, self.now_ms.max(ticket.started_at_ms)),
        };
        Submission {
            evaluation: ticket.evaluation,
            entry: Entry::Interview(Interview {
                id: ticket.interview(),
                outlet: ticket.outlet,
                evaluator: self.signed.viewer.person,
                place: answered.place,
                started_at_ms,
                ended_at_ms,
                contact_no: answered.contact_no,
                protocol: answered.protocol,
            }),
            receipt: ticket.receipt(self.state.key.bytes()),
            answers: answered.answers,
            language,
            notice_version: self.evaluation.notice_version.clone().unwrap_or_default(),
            duration_s: u32::try_from((ended_at_ms - started_at_ms) / 1000).ok(),
            received_at_ms: self.now_ms,
            answers_salt: rand::random(),
            comment_salt: rand::random(),
        }
    }
}
