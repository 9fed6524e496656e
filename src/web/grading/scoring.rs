//! Scoring: overview, one heading, what was settled, hard facts.

use std::sync::Arc;

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::Case;
use crate::grading::{observation, scoring};
use crate::store::{StoreError, comment, report, scoring as store, tally};
use crate::survey::evaluation::EvaluationState;
use crate::survey::id::EvaluationId;
use crate::survey::report::Report;
use crate::view::grading::{self as view, ScoringPage, Typed};
use crate::view::office::Room;
use crate::view::survey::Trouble;
use crate::web::acting::{act, answer, back, settle};
use crate::web::body;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::state::WebState;

/// `GET /evaluations/{evaluation}/scoring`.
pub async fn overview(request: HttpRequest, state: Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    show(&request, &state, &signed, &Typed::default()).await
}

async fn show(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    typed: &Typed,
) -> Result<HttpResponse, Problem> {
    let (_, desk) = signed.inside(request, state, Room::Scoring).await?;
    let case = Case::read(signed, state).await?;
    let (id, catalogue) = (case.id, Arc::clone(state.store.catalogue()));
    let read: Result<_, StoreError> = state
        .store
        .read(move |conn| {
            let report = report::compute(conn, &catalogue, id)?;
            let over = report.filter(|report| report.state > EvaluationState::Open);
            let incidents = match over {
                Some(_) => comment::incidents(conn, id)?,
                None => Vec::new(),
            };
            let reported = over.map(|report| reported(conn, id, &report)).transpose()?;
            Ok((store::observations(conn, id)?, reported, incidents))
        })
        .await;
    let (observations, reported, incidents) = read?;
    let incidents: Vec<_> = incidents
        .into_iter()
        .map(|one| (one.concern, one.text, one.note))
        .collect();
    let about = ScoringPage {
        record: &case.record,
        names: &case.names,
        observations: &observations,
        reported,
        incidents: &incidents,
    };
    Ok(answer(request, typed, &view::scoring(&desk, &about, typed)?))
}

/// Answers that report a complaint fee; low ratings of safety and of privacy in the answers that count.
fn reported(conn: &mut crate::store::Conn, id: EvaluationId, report: &Report) -> Result<[u64; 3], StoreError> {
    let questionnaire = report.instrument.questionnaire();
    let is_safety = |dimension: usize| {
        let known = questionnaire.dimensions().get(dimension);
        known.is_some_and(|dimension| dimension.id == "safety")
    };
    let tallies = tally::list(conn, id, &report.instrument)?;
    let low_codes = usize::from(questionnaire.scale().low_max());
    let low = |place: usize| -> u64 {
        let items = tallies.values().filter_map(|tally| tally.items().get(place));
        items.flat_map(|item| item.rated.iter().take(low_codes)).sum()
    };
    let mut counts = [store::charged_for_complaints(conn, id)?, 0, 0];
    let items = questionnaire.items().iter().enumerate();
    for (place, item) in items.filter(|(_, item)| is_safety(item.dimension)) {
        let private = item.clauses.iter().any(|clause| clause.starts_with("4.1.1.4"));
        let [_, safety, privacy] = &mut counts;
        *if private { privacy } else { safety } += low(place);
    }
    Ok(counts)
}

/// `POST /evaluations/{evaluation}/observations`.
pub async fn observe(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let id = signed.evaluation.ok_or(Trouble::NotFound)?;
    let errors = match observation::parse(&form) {
        Ok(new) => {
            let act = act(&signed, &state);
            settle(state.store.write(move |tx| store::observe(tx, id, &new, act)).await)?
        }
        Err(errors) => errors,
    };
    match errors.is_empty() {
        true => Ok(back(id, "scoring#observations")),
        false => show(&request, &state, &signed, &Typed::new("observation", form, errors)).await,
    }
}

/// `GET /evaluations/{evaluation}/scoring/{heading}`.
pub async fn heading(
    request: HttpRequest,
    state: Data<WebState>,
    signed: Signed,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    show_heading(&request, &state, &signed, &path.1, &Typed::default()).await
}

async fn show_heading(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    heading: &str,
    typed: &Typed,
) -> Result<HttpResponse, Problem> {
    let (_, desk) = signed.inside(request, state, Room::Scoring).await?;
    let case = Case::read(signed, state).await?;
    let heading = case.record.scheme.heading(heading).ok_or(Trouble::NotFound)?;
    let text = view::heading(&desk, &case.record, &case.names, heading, typed)?;
    Ok(answer(request, typed, &text))
}

/// `POST /evaluations/{evaluation}/scoring/{heading}`: an evaluator's marks.
pub async fn score(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let case = Case::read(&signed, &state).await?;
    let heading = case.record.scheme.heading(&path.1).ok_or(Trouble::NotFound)?;
    let errors = match scoring::parse(heading, &form) {
        Ok(marked) => {
            let (id, act) = (case.id, act(&signed, &state));
            settle(
                state
                    .store
                    .write(move |tx| store::insert(tx, id, &marked, false, act))
                    .await,
            )?
        }
        Err(errors) => errors,
    };
    match errors.is_empty() {
        true => Ok(back(case.id, &format!("scoring/{}", heading.clause))),
        false => show_heading(&request, &state, &signed, &path.1, &Typed::new("marks", form, errors)).await,
    }
}

/// `POST /evaluations/{evaluation}/scoring/{heading}/agreed`: what the evaluators settled on.
pub async fn agree(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let case = Case::read(&signed, &state).await?;
    let errors = match scoring::parse_agreed(&case.record.scheme, &case.record.scores, &form) {
        Ok(marked) => {
            let (id, act) = (case.id, act(&signed, &state));
            let marked = [marked];
            settle(
                state
                    .store
                    .write(move |tx| store::insert(tx, id, &marked, true, act))
                    .await,
            )?
        }
        Err(errors) => errors,
    };
    match errors.is_empty() {
        true => Ok(back(case.id, "scoring")),
        false => show_heading(&request, &state, &signed, &path.1, &Typed::new("agreed", form, errors)).await,
    }
}
