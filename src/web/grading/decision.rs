//! The worksheet, the proposal, the two signatures.

use std::sync::Arc;

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::Case;
use crate::grading::grade::{Outcome, grade};
use crate::grading::record::{Compiled, x_of};
use crate::grading::ruling::{Place, Progress, parse, parse_signature};
use crate::statistics::suppress::Cell;
use crate::store::decision::NewDecision;
use crate::store::{StoreError, decision as store, grading, report};
use crate::survey::form::{FieldError, Problem as Wrong};
use crate::survey::report::Report;
use crate::view::grading::{self as view, Comparison, DecisionPage, Typed, Year};
use crate::view::office::Room;
use crate::view::survey::Trouble;
use crate::web::acting::{act, answer, back, settle, today};
use crate::web::body;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::state::WebState;

/// `GET /evaluations/{evaluation}/decision`.
pub async fn page(request: HttpRequest, state: Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    show(&request, &state, &signed, &Typed::default()).await
}

/// The case as it is decided: on the day of the decision that waits or holds, else today.
fn compile(case: &Case, state: &WebState) -> (Compiled, Option<Outcome>, String) {
    let standing = case.decision.as_ref().filter(|decision| {
        decision.is_sealed() || !matches!(decision.progress(), Progress::Returned | Progress::Signed)
    });
    let on = standing.map_or_else(|| today(state), |decision| decision.decided_on);
    let compiled = case.record.compile(on);
    let outcome = compiled
        .evidence
        .as_ref()
        .map(|evidence| grade(evidence, &case.record.settled.policy));
    let hash = compiled.evidence.as_ref().map(|evidence| case.record.input(evidence).1);
    (compiled, outcome, hash.unwrap_or_default())
}

async fn show(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    typed: &Typed,
) -> Result<HttpResponse, Problem> {
    let (_, desk) = signed.inside(request, state, Room::Decision).await?;
    let case = Case::read(signed, state).await?;
    let (compiled, outcome, input_hash) = compile(&case, state);
    let x = compiled
        .evidence
        .as_ref()
        .and_then(|evidence| evidence.indicators.x_total());
    let (comparison, withheld) = surveys(state, &case, x).await?;
    let about = DecisionPage {
        record: &case.record,
        compiled: &compiled,
        outcome: outcome.as_ref(),
        input_hash: &input_hash,
        decision: case.decision.as_ref(),
        names: &case.names,
        comparison: comparison.as_ref(),
        withheld,
    };
    Ok(answer(request, typed, &view::decision(&desk, &about, typed)?))
}

/// This survey beside the one of the decided evaluation before it, and whether S and S_face are withheld.
async fn surveys(
    state: &WebState,
    case: &Case,
    x: Option<crate::statistics::exact::Ratio>,
) -> Result<(Option<Comparison>, [bool; 2]), Problem> {
    let (id, catalogue, onsite) = (case.id, Arc::clone(state.store.catalogue()), case.record.onsite());
    let read: Result<_, StoreError> = state
        .store
        .read(move |conn| {
            let now = report::compute(conn, &catalogue, id)?;
            let (organisation, ..) = grading::about(conn, id)?;
            let past = store::past(conn, organisation)?.into_iter();
            let mut earlier =
                past.filter(|past| past.evaluation != id && onsite.is_none_or(|onsite| past.onsite < onsite));
            let before = match earlier.next() {
                Some(past) => report::compute(conn, &catalogue, past.evaluation)?.map(|found| (past.decision, found)),
                None => None,
            };
            Ok((now, before))
        })
        .await;
    let (now, before) = read?;
    let Some(now) = now.filter(Report::shows_scores) else {
        return Ok((None, [false; 2]));
    };
    let overall = &now.result.overall;
    let withheld = [&overall.all, &overall.face].map(|cell| *cell == Cell::Suppressed);
    let comparison = before.map(|(decision, report)| Comparison {
        before: Year {
            title: report.title.clone(),
            x: x_of(&decision.input),
            report,
        },
        now: Year {
            title: now.title.clone(),
            x,
            report: now,
        },
    });
    Ok((comparison, withheld))
}

/// `POST /evaluations/{evaluation}/decision`: proposes.
pub async fn propose(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let case = Case::read(&signed, &state).await?;
    let decided_on = today(&state);
    let evidence = case.record.compile(decided_on).evidence;
    let graded = evidence
        .as_ref()
        .map(|evidence| (grade(evidence, &case.record.settled.policy), evidence.occasion));
    let errors = match graded {
        Some((Outcome::Graded(found), occasion)) => match parse(&found, &occasion, &form) {
            Ok(proposal) => {
                let new = NewDecision {
                    proposal,
                    input_hash: form.first("case").to_owned(),
                    recommended: found.star,
                    decided_on,
                };
                let (id, act, catalogue) = (case.id, act(&signed, &state), Arc::clone(state.store.catalogue()));
                let done = state
                    .store
                    .write(move |tx| store::propose(tx, &catalogue, id, &new, act));
                settle(done.await)?
            }
            Err(errors) => errors,
        },
        _ => vec![FieldError::new("", Wrong::NotReady)],
    };
    match errors.is_empty() {
        true => Ok(back(case.id, "decision")),
        false => show(&request, &state, &signed, &Typed::new("proposal", form, errors)).await,
    }
}

/// `POST /evaluations/{evaluation}/decision/review`.
pub async fn review(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    sign(request, payload, state, signed, (Place::Review, "review")).await
}

/// `POST /evaluations/{evaluation}/decision/signature`.
pub async fn signature(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    sign(request, payload, state, signed, (Place::Signature, "signature")).await
}

async fn sign(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
    (place, which): (Place, &'static str),
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let id = signed.evaluation.ok_or(Trouble::NotFound)?;
    let errors = match (parse_signature(&form), form.first("version").parse::<i32>()) {
        (Err(errors), _) => errors,
        (Ok(_), Err(_)) => vec![FieldError::new("", Wrong::Changed)],
        (Ok((approves, remark)), Ok(version)) => {
            let (act, catalogue) = (act(&signed, &state), Arc::clone(state.store.catalogue()));
            let done = state
                .store
                .write(move |tx| store::sign(tx, &catalogue, id, (version, place), (approves, &remark), act));
            settle(done.await)?
        }
    };
    match errors.is_empty() {
        true => Ok(back(id, "decision")),
        false => show(&request, &state, &signed, &Typed::new(which, form, errors)).await,
    }
}
