//! An evaluation's invitations: how far they are, what would go out, when, with whose approval; stop and go.

use std::collections::BTreeMap;

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

use super::{read_address, test_notice};
use crate::clock::day_in_china;
use crate::store::evaluation::Evaluation;
use crate::store::mail_plan::MailPlan;
use crate::store::{Conn, StoreError, WriteTx, evaluation, event, mail_plan, mail_switch, outbox, person, recipient};
use crate::survey::evaluation::EvaluationState;
use crate::survey::event::Event;
use crate::survey::form::{FieldError, FormReader, Problem as Wrong, RawForm};
use crate::survey::id::{EvaluationId, PersonId};
use crate::survey::invitation::{Funnel, Schedule, masked};
use crate::survey::language::Language;
use crate::view::grading::Typed;
use crate::view::mail::{self as view, Invitation, InvitationsPage, Letter, PlanLine};
use crate::view::office::Room;
use crate::view::survey::Trouble;
use crate::web::acting::{answer, back};
use crate::web::body;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::state::WebState;

/// Letters that are shown before they are sent.
const SAMPLES: usize = 3;
/// Persons of one evaluation that are written to.
pub(super) const RECIPIENTS_MAX: i64 = 50_000;

/// What is read for the page.
struct Read {
    is_paused: bool,
    halted_at_ms: Option<i64>,
    funnel: Funnel,
    plan: Option<MailPlan>,
    names: BTreeMap<PersonId, String>,
    samples: Vec<recipient::Contact>,
}

fn read(conn: &mut Conn, key: &crate::secret::SecretKey, id: EvaluationId) -> Result<Read, StoreError> {
    let first = outbox::unwritten(conn, id, i64::try_from(SAMPLES).unwrap_or(3))?;
    let mut samples = Vec::new();
    for (recipient, _) in first {
        samples.extend(recipient::contact(conn, key, &recipient)?);
    }
    Ok(Read {
        is_paused: mail_switch::find(conn)?.paused,
        halted_at_ms: mail_plan::halted(conn, id)?,
        funnel: outbox::counts(conn, id)?,
        plan: mail_plan::latest(conn, id)?,
        names: person::all_names(conn)?,
        samples,
    })
}

/// `GET /evaluations/{evaluation}/mail`.
pub async fn invitations(request: HttpRequest, state: Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    let first = day_in_china(state.clock.now_ms()).to_string();
    let filled = [
        ("first_on", first.as_str()),
        ("from_hour", "9"),
        ("to_hour", "20"),
        ("reminder1", "5"),
        ("reminder2", "7"),
    ];
    let pairs = filled.map(|(name, value)| (name.to_owned(), value.to_owned()));
    show(&request, &state, &signed, &Typed::filled("plan", pairs.to_vec())).await
}

async fn show(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    typed: &Typed,
) -> Result<HttpResponse, Problem> {
    let (found, desk) = signed.inside(request, state, Room::Mail).await?;
    let (id, key) = (found.id, state.key.clone());
    let read = state.store.read(move |conn| read(conn, &key, id)).await?;
    let samples: Vec<(String, Letter)> = read
        .samples
        .iter()
        .map(|contact| (masked(&contact.email), example(state, &found, contact.language)))
        .collect();
    let name = |person: PersonId| read.names.get(&person).cloned().unwrap_or_default();
    let plan = read.plan.as_ref().map(|plan| PlanLine {
        version: plan.version,
        schedule: plan.schedule.clone(),
        recipients: plan.recipients,
        approved: plan.approved,
        proposed_by: name(plan.proposed_by),
        is_mine: plan.proposed_by == signed.viewer.person,
        decided_by: plan.decided_by.map(name),
    });
    let about = InvitationsPage {
        is_on: state.mail.is_some(),
        is_paused: read.is_paused,
        halted_at_ms: read.halted_at_ms,
        is_open: found.state == EvaluationState::Open,
        funnel: read.funnel,
        plan,
        approval_above: state.mail.as_ref().map_or(0, |mail| mail.approval_above),
        samples: &samples,
    };
    Ok(answer(request, typed, &view::invitations(&desk, &about, typed)?))
}

/// The invitation as it would go out, with links that lead nowhere.
fn example(state: &WebState, found: &Evaluation, language: Language) -> Letter {
    view::invitation(&Invitation {
        language,
        body: &state.body_name,
        contact: &state.body_contact,
        firm: &found.firm,
        name: None,
        until: None,
        link: &format!("{}/s/EXAMPLE", state.base_url),
        unsubscribe: &format!("{}/unsubscribe/EXAMPLE", state.base_url),
        is_reminder: false,
    })
}

/// Who acts, and when.
type By = (PersonId, i64);

fn log(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    (by, now_ms): By,
    action: &str,
    data: &serde_json::Value,
) -> Result<(), StoreError> {
    let happened = Event {
        at_ms: now_ms,
        actor: by.to_string(),
        action: action.to_owned(),
        object: "mail".to_owned(),
        data: data.to_string(),
    };
    event::append(tx, id, &happened)
}

fn refused(field: &str, problem: Wrong) -> Result<Vec<FieldError>, StoreError> {
    Ok(vec![FieldError::new(field, problem)])
}

fn queue(tx: &mut WriteTx<'_>, id: EvaluationId, schedule: &Schedule, now_ms: i64) -> Result<(), StoreError> {
    let all = outbox::unwritten(tx.conn, id, RECIPIENTS_MAX)?;
    let due_at_ms = schedule.not_before(schedule.first_at_ms().max(now_ms));
    let fresh = || format!("{:032x}", rand::random::<u128>());
    outbox::queue_invitations(tx, id, &all, 0, due_at_ms, fresh)?;
    Ok(())
}

/// What must be corrected, judged by what is there in this transaction.
fn schedule(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    schedule: &Schedule,
    above: u32,
    by: By,
) -> Result<Vec<FieldError>, StoreError> {
    if evaluation::held_state(tx, id)? != EvaluationState::Open {
        return refused("first_on", Wrong::NotReady);
    }
    if mail_plan::latest(tx.conn, id)?.is_some_and(|plan| plan.approved.is_none()) {
        return refused("first_on", Wrong::NotPossible);
    }
    let n = i64::try_from(outbox::unwritten(tx.conn, id, RECIPIENTS_MAX)?.len()).unwrap_or(i64::MAX);
    if n == 0 {
        return refused("first_on", Wrong::NotReady);
    }
    let waits = n > i64::from(above);
    let version = mail_plan::propose(tx, id, (schedule, n), waits, by)?;
    let data = json!({
        "version": version, "recipients": n, "first_on": schedule.first_on().to_string(),
        "hours": schedule.hours(), "reminders_after_days": schedule.gaps(), "approval": waits,
    });
    log(tx, id, by, "mail.proposed", &data)?;
    if !waits {
        queue(tx, id, schedule, by.1)?;
    }
    Ok(Vec::new())
}

/// `POST /evaluations/{evaluation}/mail`: letters to everybody for whom none is planned.
pub async fn propose(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let id = signed.evaluation.ok_or(Trouble::NotFound)?;
    let Some(mail) = &state.mail else {
        return Err(Trouble::Outdated.into());
    };
    let (above, now_ms) = (mail.approval_above, state.clock.now_ms());
    let by = (signed.viewer.person, now_ms);
    let errors = match Schedule::parse(&form, day_in_china(now_ms)) {
        Ok(typed) => {
            let done = state.store.write(move |tx| schedule(tx, id, &typed, above, by));
            done.await?
        }
        Err(errors) => errors,
    };
    finish(&request, &state, &signed, ("plan", form, errors)).await
}

async fn finish(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    (which, form, errors): (&'static str, RawForm, Vec<FieldError>),
) -> Result<HttpResponse, Problem> {
    let id = signed.evaluation.ok_or(Trouble::NotFound)?;
    match errors.is_empty() {
        true => Ok(back(id, "mail")),
        false => show(request, state, signed, &Typed::new(which, form, errors)).await,
    }
}

fn settle(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    (version, approves): (i32, bool),
    by: By,
) -> Result<Vec<FieldError>, StoreError> {
    let open = evaluation::held_state(tx, id)? == EvaluationState::Open;
    let waiting = mail_plan::latest(tx.conn, id)?;
    let Some(plan) = waiting.filter(|plan| plan.version == version && plan.approved.is_none()) else {
        return refused("approves", Wrong::Changed);
    };
    if plan.proposed_by == by.0 {
        return refused("approves", Wrong::OwnWork);
    }
    if approves && !open {
        return refused("approves", Wrong::NotReady);
    }
    let n = outbox::unwritten(tx.conn, id, RECIPIENTS_MAX)?.len();
    if approves && i64::try_from(n).unwrap_or(i64::MAX) > plan.recipients {
        // More people than the proposal told of: it must be proposed anew.
        return refused("approves", Wrong::Changed);
    }
    mail_plan::decide(tx, id, version, approves, by)?;
    let action = if approves { "mail.approved" } else { "mail.refused" };
    log(tx, id, by, action, &json!({"version": version, "recipients": n}))?;
    if approves {
        queue(tx, id, &plan.schedule, by.1)?;
    }
    Ok(Vec::new())
}

/// `POST /evaluations/{evaluation}/mail/approval`: the second person's word.
pub async fn decide(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let id = signed.evaluation.ok_or(Trouble::NotFound)?;
    let mut reader = FormReader::new(&form);
    let approves = reader.choice("approves", |text| match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    });
    let version = form.first("version").parse::<i32>().unwrap_or(0);
    let by = (signed.viewer.person, state.clock.now_ms());
    let errors = match reader.done(approves) {
        Ok(approves) => {
            let done = state.store.write(move |tx| settle(tx, id, (version, approves), by));
            done.await?
        }
        Err(errors) => errors,
    };
    finish(&request, &state, &signed, ("approval", form, errors)).await
}

/// `POST /evaluations/{evaluation}/mail/halt`: stop at once, or go on.
pub async fn halt(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let id = signed.evaluation.ok_or(Trouble::NotFound)?;
    let halts = match form.first("to") {
        "halt" => true,
        "resume" => false,
        _ => return Err(Trouble::BadRequest.into()),
    };
    let by = (signed.viewer.person, state.clock.now_ms());
    let done = state.store.write(move |tx| -> Result<(), StoreError> {
        let (turned, action) = match halts {
            true => (mail_plan::halt(tx, id, by.1)?, "mail.halted"),
            false => (mail_plan::resume(tx, id)?, "mail.resumed"),
        };
        match turned {
            true => log(tx, id, by, action, &json!({})),
            false => Ok(()),
        }
    });
    done.await?;
    finish(&request, &state, &signed, ("halt", form, Vec::new())).await
}

/// `POST /evaluations/{evaluation}/mail/test`: the invitation to oneself.
pub async fn test_letter(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let (found, desk) = signed.inside(&request, &state, Room::Mail).await?;
    if state.mail.is_none() {
        return Err(Trouble::Outdated.into());
    }
    let mut reader = FormReader::new(&form);
    let address = read_address(&mut reader, "address");
    let errors = match reader.done(address) {
        Ok(address) => {
            let letter = example(&state, &found, desk.language);
            let text = (letter.subject.clone(), letter.text());
            let place = (desk.language, Some(found.id));
            let notice = test_notice(&state, place, &address, text).ok_or(Trouble::Internal)?;
            let done = state.store.write(move |tx| outbox::queue_notice(tx, &notice));
            done.await?;
            Vec::new()
        }
        Err(errors) => errors,
    };
    finish(&request, &state, &signed, ("test", form, errors)).await
}
