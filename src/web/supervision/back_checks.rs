//! Back-checks: seed, draw, what was found.

use std::sync::Arc;

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::{named, outlets};
use crate::access::Role;
use crate::store::evaluation::Evaluation;
use crate::store::{Conn, StoreError, back_check as store, person};
use crate::survey::back_check::{Counts, Finding, SEED_MAX};
use crate::survey::evaluation::EvaluationState;
use crate::survey::form::FormReader;
use crate::survey::id::EvaluationId;
use crate::survey::instrument::Instrument;
use crate::view::grading::Typed;
use crate::view::office::Room;
use crate::view::supervision::{self as view, BackChecksPage, CaseLine, ResultLine};
use crate::view::survey::Trouble;
use crate::web::acting::{act, answer, back, settle};
use crate::web::body;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::state::WebState;

/// `GET /evaluations/{evaluation}/back-checks`.
pub async fn list(request: HttpRequest, state: Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    show_list(&request, &state, &signed, &Typed::default()).await
}

async fn show_list(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    typed: &Typed,
) -> Result<HttpResponse, Problem> {
    let (found, desk) = signed.inside(request, state, Room::Interviews).await?;
    let (id, instrument) = (found.id, Arc::clone(&found.instrument));
    let read: Result<_, StoreError> = state
        .store
        .read(move |conn| {
            let mut lines = Vec::new();
            let cases = store::list(conn, id)?;
            let mut all = Counts::default();
            for case in &cases {
                all.add(case.is_drawn, case.checked.as_ref().map(|checked| checked.outcome));
                lines.push(line(conn, &instrument, id, case)?);
            }
            let rounds = store::rounds(conn, id)?.into_iter();
            Ok((
                rounds
                    .map(|round| (round.number, round.seed, round.at_ms, round.interviews))
                    .collect::<Vec<_>>(),
                lines,
                (all, store::extent(conn, id)?),
                person::all_names(conn)?,
                outlets(conn, id)?,
            ))
        })
        .await;
    let (rounds, cases, (counts, extent), names, outlets) = read?;
    let about = BackChecksPage {
        rounds: &rounds,
        cases: &cases,
        counts,
        extent,
        names: &names,
        outlets: &outlets,
        may_draw: signed.inside.has(Role::Manager),
        oversees: signed.inside.has_any(&[Role::Manager, Role::Reviewer]),
        is_time: is_time(&found),
    };
    let text = view::back_checks(&desk, &about, typed)?;
    Ok(answer(request, typed, &text))
}

fn is_time(found: &Evaluation) -> bool {
    matches!(found.state, EvaluationState::Open | EvaluationState::Closed)
}

fn line(
    conn: &mut Conn,
    instrument: &Instrument,
    id: EvaluationId,
    case: &store::Case,
) -> Result<CaseLine, StoreError> {
    let result = match &case.checked {
        None => None,
        Some(checked) => {
            let first = store::repeated(conn, instrument, id, case)?;
            let (overall, _, reply) = first.unwrap_or_default();
            let apart = |first: Option<u8>, again: Option<u8>| Some(i16::from(again?) - i16::from(first?));
            Some(ResultLine {
                outcome: checked.outcome,
                told: checked.told.clone(),
                steps: [apart(overall, checked.overall), apart(reply, checked.reply)],
                remark: checked.remark.clone(),
                by: checked.by,
                at_ms: checked.at_ms,
            })
        }
    };
    Ok(CaseLine {
        interview: case.interview.interview,
        evaluator: case.interview.evaluator,
        outlet: case.interview.outlet,
        started_at_ms: case.interview.started_at_ms,
        place: (case.round, case.place),
        is_drawn: case.is_drawn,
        result,
    })
}

/// `POST /evaluations/{evaluation}/back-checks/seed`: where none is typed, one of 128 random bits.
pub async fn seed(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let id = signed.evaluation.ok_or(Trouble::NotFound)?;
    let mut reader = FormReader::new(&form);
    let typed = reader.line("seed", SEED_MAX);
    let seed = match typed.is_empty() {
        true => data_encoding::HEXLOWER.encode(&rand::random::<[u8; 16]>()),
        false => typed,
    };
    let errors = match reader.done(Some(seed)) {
        Ok(seed) => {
            let act = act(&signed, &state);
            let done = state.store.write(move |tx| store::set_seed(tx, id, &seed, act));
            settle(done.await)?
        }
        Err(errors) => errors,
    };
    match errors.is_empty() {
        true => Ok(back(id, "back-checks")),
        false => show_list(&request, &state, &signed, &Typed::new("seed", form, errors)).await,
    }
}

/// `POST /evaluations/{evaluation}/back-checks/draw`.
pub async fn draw(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let id = signed.evaluation.ok_or(Trouble::NotFound)?;
    let act = act(&signed, &state);
    let done = state.store.write(move |tx| store::draw(tx, id, act));
    let errors = settle(done.await)?;
    match errors.is_empty() {
        true => Ok(back(id, "back-checks")),
        false => show_list(&request, &state, &signed, &Typed::new("draw", form, errors)).await,
    }
}

/// `GET /evaluations/{evaluation}/back-checks/{interview}`: never for who interviewed.
pub async fn one(request: HttpRequest, state: Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    show_one(&request, &state, &signed, &Typed::default()).await
}

async fn show_one(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    typed: &Typed,
) -> Result<HttpResponse, Problem> {
    let (found, desk) = signed.inside(request, state, Room::Interviews).await?;
    let (which, id, who) = (named(request)?, found.id, signed.viewer.person);
    let instrument = Arc::clone(&found.instrument);
    let read = state
        .store
        .read(move |conn| -> Result<_, StoreError> {
            let mut cases = store::list(conn, id)?.into_iter();
            let Some(case) = cases.find(|case| case.interview.interview == which && case.interview.evaluator != who)
            else {
                return Ok(None);
            };
            let item = store::repeated(conn, &instrument, id, &case)?.map(|(_, item, _)| item);
            let line = line(conn, &instrument, id, &case)?;
            Ok(Some((
                line,
                item.unwrap_or_default(),
                person::all_names(conn)?,
                outlets(conn, id)?,
            )))
        })
        .await?;
    let (case, item, names, outlets) = read.filter(|_| is_time(&found)).ok_or(Trouble::NotFound)?;
    let questionnaire = found.instrument.questionnaire();
    let text = view::back_check(&desk, questionnaire, &case, (&names, &outlets), &item, typed)?;
    Ok(answer(request, typed, &text))
}

/// `POST /evaluations/{evaluation}/back-checks/{interview}`: what the customer said, without who they are.
pub async fn record(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let (found, _) = signed.inside(&request, &state, Room::Interviews).await?;
    let (id, which, act) = (found.id, named(&request)?, act(&signed, &state));
    let errors = match Finding::parse(found.instrument.questionnaire(), &form) {
        Ok(finding) => {
            let done = state
                .store
                .write(move |tx| store::record(tx, &found.instrument, (id, which), &finding, act));
            settle(done.await)?
        }
        Err(errors) => errors,
    };
    match errors.is_empty() {
        true => Ok(back(id, "back-checks")),
        false => show_one(&request, &state, &signed, &Typed::new("check", form, errors)).await,
    }
}
