//! The home of an evaluation, its steps, interim results.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::{carried_out, may};
use crate::access::Role;
use crate::secret::SecretKey;
use crate::store::checkpoint::Reason;
use crate::store::evaluation::Evaluation;
use crate::store::link::NewLink;
use crate::store::membership::Member;
use crate::store::{
    Conn, StoreError, WriteTx, catalogue, checkpoint, deviation, evaluation, event, link, membership, outlet, person,
    plan_review, progress, supervision,
};
use crate::survey::checkpoint::Chain;
use crate::survey::deviation::Deviation;
use crate::survey::evaluation::{Act, EvaluationState};
use crate::survey::form::RawForm;
use crate::survey::id::LinkId;
use crate::survey::language::Text;
use crate::survey::link::LinkKind;
use crate::survey::notice::Notice;
use crate::survey::plan_scope::Way;
use crate::survey::progress::{Progress, QUIET_MS, Situation, alarms};
use crate::survey::setup;
use crate::survey::supervision::Counts;
use crate::view;
use crate::view::evaluation::{Opened, Overview};
use crate::view::office::Room;
use crate::view::survey::Trouble;
use crate::web::body;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::page;
use crate::web::state::WebState;

/// With more answers than this, silence is not looked for: there is no order of arrival to look it up by.
const LOOKED_THROUGH_MAX: u64 = 50_000;

/// What is read for the page.
struct Read {
    progress: Progress,
    members: Vec<Member>,
    opened_at_ms: Option<i64>,
    lately: Option<bool>,
    plan_approved: bool,
    deviation_waits: bool,
    interviews: Option<Counts>,
    interim: Option<Opened>,
}

/// `GET /evaluations/{evaluation}`.
pub async fn show(request: HttpRequest, state: web::Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    shown(&request, &state, &signed, StatusCode::OK).await
}

/// The page; with another status where a step was asked for that it says nothing can be made of yet.
async fn shown(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    status: StatusCode,
) -> Result<HttpResponse, Problem> {
    let (found, desk) = signed.inside(request, state, Room::Home).await?;
    let now_ms = state.clock.now_ms();
    let asked = found.clone();
    let read = state.store.read(move |conn| read(conn, &asked, now_ms)).await?;
    let count = |role| read.members.iter().filter(|member| member.role == role).count();
    let alarms = alarms(&Situation {
        state: found.state,
        progress: &read.progress,
        evaluators: count(Role::Evaluator),
        reviewers: count(Role::Reviewer),
        opened_at_ms: read.opened_at_ms,
        lately: read.lately,
        now_ms,
    });
    let members: Vec<_> = read.members.iter().map(|m| (m.name.clone(), m.role)).collect();
    let products: Vec<Text> = found.products.iter().map(|product| product.text.clone()).collect();
    let shown = Overview {
        evaluation: found.id,
        state: found.state,
        instrument: &found.instrument,
        mode: found.mode,
        scope: &found.scope,
        retention_end: &found.retention_end,
        products: &products,
        progress: &read.progress,
        alarms: &alarms,
        members: &members,
        roles: signed.inside,
        plan_approved: read.plan_approved,
        deviation_waits: read.deviation_waits,
        interviews: read.interviews,
        interim: read.interim.as_ref(),
        is_refused: status != StatusCode::OK,
    };
    let text = view::evaluation::overview(&desk, &shown)?;
    Ok(page::office(request, status, &text))
}

fn read(conn: &mut Conn, found: &Evaluation, now_ms: i64) -> Result<Read, StoreError> {
    let events = event::list_by_object(conn, found.id, "")?;
    let progress = progress::of(conn, found)?;
    let counted = progress.face().counted + progress.electronic().counted;
    let lately = match found.state == EvaluationState::Open && counted <= LOOKED_THROUGH_MAX {
        true => Some(progress::any_since(conn, found.id, now_ms - QUIET_MS)?),
        false => None,
    };
    let interim = events.iter().find(|event| event.action == evaluation::INTERIM_OPENED);
    let interim = match interim {
        Some(event) => {
            let mut names = person::names(conn, &BTreeSet::from([event.actor.clone()]))?;
            let data: serde_json::Value = serde_json::from_str(&event.data).unwrap_or_default();
            Some(Opened {
                at_ms: event.at_ms,
                actor: names.remove(&event.actor).unwrap_or_else(|| event.actor.clone()),
                reason: data
                    .get("reason")
                    .and_then(serde_json::Value::as_str)
                    .unwrap_or_default()
                    .to_owned(),
            })
        }
        None => None,
    };
    let opened = events.iter().find(|event| event.action == "evaluation.open");
    Ok(Read {
        progress,
        members: membership::list(conn, found.id)?,
        opened_at_ms: opened.map(|event| event.at_ms),
        lately,
        plan_approved: plan_review::approval(conn, found.id)?.is_some(),
        deviation_waits: deviation::of_evaluation(conn, found.id)?.iter().any(Deviation::waits),
        interviews: supervision::counts(conn, found)?,
        interim,
    })
}

/// What opening needs besides the step itself.
#[derive(Clone)]
struct Opening {
    body: Text,
    contact: String,
    key: SecretKey,
}

/// `POST /evaluations/{evaluation}/step`: freeze, open or close. Sent twice, it is done once.
pub async fn step(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let to = EvaluationState::parse(form.first("to")).ok_or(Trouble::BadRequest)?;
    let (found, _) = signed.inside(&request, &state, Room::Home).await?;
    let (id, now_ms) = (found.id, state.clock.now_ms());
    let opening = Opening {
        body: state.body_name.clone(),
        contact: state.body_contact.clone(),
        key: state.key.clone(),
    };
    let by = signed.clone();
    let done = state
        .store
        .write(move |tx| advance(tx, &found, to, &by, &opening, now_ms))
        .await?;
    match done {
        Step::Taken => {
            if to == EvaluationState::Closed {
                state.scans.begin(&state.store, id, now_ms);
            }
            Ok(page::see_other(&format!("/evaluations/{id}")))
        }
        Step::InterviewsWait => shown(&request, &state, &signed, StatusCode::CONFLICT).await,
        Step::NotNow => Err(Trouble::Outdated.into()),
    }
}

/// What became of a step.
enum Step {
    Taken,
    /// Nothing is closed while an interview waits for somebody.
    InterviewsWait,
    /// The evaluation is not where it begins.
    NotNow,
}

fn advance(
    tx: &mut WriteTx<'_>,
    found: &Evaluation,
    to: EvaluationState,
    by: &Signed,
    opening: &Opening,
    now_ms: i64,
) -> Result<Step, StoreError> {
    let (id, actor) = (found.id, by.actor());
    let now = evaluation::held_state(tx, id)?;
    if now == to {
        return Ok(Step::Taken);
    }
    if now.next_by_manager() != Some(to) || outlet::list(tx.conn, id)?.is_empty() {
        return Ok(Step::NotNow);
    }
    if to == EvaluationState::Closed && supervision::open(tx.conn, id)? > 0 {
        return Ok(Step::InterviewsWait);
    }
    if to != EvaluationState::Open {
        evaluation::advance(tx, id, to, None, &actor, now_ms)?;
        if to == EvaluationState::Closed {
            checkpoint::issue(tx, &opening.key.seal(), Chain::Evaluation(id), Reason::Closing, now_ms)?;
        }
        return Ok(Step::Taken);
    }
    if plan_review::approval(tx.conn, id)?.is_none() {
        return Ok(Step::NotNow);
    }
    // Questionnaire and retention have been fixed since freezing, so what was read before is what counts.
    let notice = Notice::render(
        found.instrument.questionnaire(),
        &opening.body,
        &opening.contact,
        &found.retention_end,
    );
    catalogue::insert_notice_if_missing(tx, &notice)?;
    evaluation::advance(tx, id, to, Some(&notice.version), &actor, now_ms)?;
    let plates = found.field.takes(Way::Plate);
    for outlet in outlet::list_without_code(tx.conn, id)?.into_iter().filter(|_| plates) {
        let new = NewLink {
            id: LinkId::from_random(rand::random()),
            outlet,
            kind: LinkKind::Outlet,
            opens_at_ms: None,
            closes_at_ms: None,
        };
        link::insert(tx, id, &new, opening.key.bytes())?;
        let data = serde_json::json!({"outlet": outlet.to_string()});
        let made = super::happened(by, now_ms, "code.created", new.id.to_string(), &data);
        event::append(tx, id, &made)?;
    }
    checkpoint::issue(tx, &opening.key.seal(), Chain::Evaluation(id), Reason::Opening, now_ms)?;
    Ok(Step::Taken)
}

/// `GET /evaluations/{evaluation}/interim`: what opening interim results means.
pub async fn interim(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let (found, desk) = signed.inside(&request, &state, Room::Home).await?;
    if !found.state.allows(Act::OpenInterim) {
        return Err(Trouble::Outdated.into());
    }
    let text = view::evaluation::interim(&desk, found.id, &RawForm::default(), &[])?;
    Ok(page::office(&request, StatusCode::OK, &text))
}

/// `POST /evaluations/{evaluation}/interim`: a deliberate, logged act with its reason.
pub async fn open_interim(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let (found, desk) = signed.inside(&request, &state, Room::Home).await?;
    let (id, now_ms, actor) = (found.id, state.clock.now_ms(), signed.actor());
    match setup::parse_reason(&form) {
        Ok(reason) => {
            let done = state
                .store
                .write(move |tx| -> Result<bool, StoreError> {
                    let may = may(tx, id, Act::OpenInterim)?;
                    // Opened is opened: the first reason stands.
                    if may && !evaluation::is_interim_opened(tx.conn, id)? {
                        evaluation::open_interim_results(tx, id, &actor, &reason, now_ms)?;
                    }
                    Ok(may)
                })
                .await?;
            carried_out(done, &format!("/evaluations/{id}/results"))
        }
        Err(errors) => {
            let text = view::evaluation::interim(&desk, id, &form, &errors)?;
            Ok(page::office(&request, StatusCode::UNPROCESSABLE_ENTITY, &text))
        }
    }
}
