//! Assignments: made and changed by the manager before their day.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::NaiveDate;

use crate::access::Role;
use crate::clock::day_in_china;
use crate::store::grading::GradingError;
use crate::store::{StoreError, assignment as store, conflict, fieldwork, membership, outlet};
use crate::survey::assignment::{self, Part, Slot};
use crate::survey::evaluation::EvaluationState;
use crate::survey::fieldwork::done;
use crate::survey::form::{FieldError, RawForm};
use crate::view;
use crate::view::interview::{Planning, Staffed};
use crate::view::office::Room;
use crate::view::survey::Trouble;
use crate::web::acting::back;
use crate::web::body;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::page as pages;
use crate::web::state::WebState;

/// `GET /evaluations/{evaluation}/assignments`: `?slot=…` brings one of them back into the form.
pub async fn page(request: HttpRequest, state: web::Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    let slot = request.query_string().strip_prefix("slot=").and_then(read_slot);
    show(&request, &state, &signed, slot, None).await
}

/// A slot as its address names it: day, part, outlet, evaluator, parted by dots.
fn read_slot(text: &str) -> Option<Slot> {
    let mut parts = text.split('.');
    Some(Slot {
        day: NaiveDate::parse_from_str(parts.next()?, "%Y-%m-%d").ok()?,
        part: Part::parse(parts.next()?)?,
        outlet: parts.next()?.parse().ok()?,
        evaluator: parts.next()?.parse().ok()?,
    })
}

async fn show(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    chosen: Option<Slot>,
    typed: Option<(RawForm, Vec<FieldError>)>,
) -> Result<HttpResponse, Problem> {
    let (evaluation, desk) = signed.inside(request, state, Room::Interviews).await?;
    let id = evaluation.id;
    let read: Result<_, StoreError> = state
        .store
        .read(move |conn| {
            let declared = conflict::list(conn, id)?;
            let contacts = fieldwork::contacts(conn, id, None)?;
            let assigned = store::list(conn, id)?.into_iter();
            let members = membership::list(conn, id)?.into_iter();
            let evaluators = members.filter(|member| member.role == Role::Evaluator);
            let staffed = evaluators.map(|member| Staffed {
                conflicted: declared
                    .iter()
                    .find(|one| one.person == member.person)
                    .map(|one| one.conflicted),
                person: member.person,
                name: member.name,
            });
            let assigned: Vec<_> = assigned.map(|one| (done(&contacts, &one), one)).collect();
            Ok((assigned, staffed.collect::<Vec<_>>(), outlet::list(conn, id)?))
        })
        .await;
    let (assigned, evaluators, outlets) = read?;
    let planning = Planning {
        evaluation: id,
        assigned: &assigned,
        evaluators: &evaluators,
        outlets: &outlets
            .into_iter()
            .map(|outlet| (outlet.id, outlet.name, u32::try_from(outlet.target_face).unwrap_or(0)))
            .collect::<Vec<_>>(),
        today: day_in_china(state.clock.now_ms()),
        may_change: signed.inside.has(Role::Manager) && evaluation.state <= EvaluationState::Open,
        chosen,
    };
    let status = match &typed {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let text = view::interview::assignments(
        &desk,
        &planning,
        typed.as_ref().map(|(form, errors)| (form, &errors[..])),
    )?;
    Ok(pages::office(request, status, &text))
}

/// `POST /evaluations/{evaluation}/assignments`: makes or changes one.
pub async fn set(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let id = signed.evaluation.ok_or(Trouble::NotFound)?;
    let (now_ms, who) = (state.clock.now_ms(), signed.viewer.person);
    let today = day_in_china(now_ms);
    let known: Result<_, StoreError> = state
        .store
        .read(move |conn| Ok((outlet::list(conn, id)?, membership::list(conn, id)?)))
        .await;
    let (outlets, members) = known?;
    let outlets: Vec<_> = outlets.into_iter().map(|outlet| outlet.id).collect();
    let evaluators = members.into_iter().filter(|member| member.role == Role::Evaluator);
    let evaluators: Vec<_> = evaluators.map(|member| member.person).collect();
    let errors = match assignment::parse(&form, &outlets, &evaluators, today) {
        Ok(new) => {
            let stored = state
                .store
                .write(move |tx| store::set(tx, id, &new, today, (who, now_ms)))
                .await;
            match settled(stored)? {
                None => return Ok(back(id, "assignments")),
                Some(error) => vec![error],
            }
        }
        Err(errors) => errors,
    };
    show(&request, &state, &signed, None, Some((form, errors))).await
}

/// `POST /evaluations/{evaluation}/assignments/withdraw`: takes one back.
pub async fn withdraw(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let id = signed.evaluation.ok_or(Trouble::NotFound)?;
    let slot = read_slot(form.first("slot")).ok_or(Trouble::BadRequest)?;
    let act = (signed.viewer.person, state.clock.now_ms());
    let today = day_in_china(act.1);
    let stored = state
        .store
        .write(move |tx| store::withdraw(tx, id, &slot, today, act))
        .await;
    match settled(stored)? {
        None => Ok(back(id, "assignments")),
        Some(error) => show(&request, &state, &signed, None, Some((form, vec![error]))).await,
    }
}

fn settled(stored: Result<(), GradingError>) -> Result<Option<FieldError>, Problem> {
    match stored {
        Ok(()) => Ok(None),
        Err(GradingError::Refused(error)) => Ok(Some(error)),
        Err(GradingError::Store(error)) => Err(error.into()),
    }
}
