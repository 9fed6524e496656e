//! One's own interviews: answers to reviewers, corrections.

use std::sync::Arc;

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::{line, named, outlets, row};
use crate::clock::months_before;
use crate::store::supervision::Supervised;
use crate::store::{StoreError, correction, interview_record, person, supervision as store};
use crate::survey::answers::{Answers, FormChoices};
use crate::survey::correction::{self as rules, Correction};
use crate::survey::evaluation::EvaluationState;
use crate::survey::form::{FieldError, FormReader, Problem as Wrong};
use crate::survey::method::InterviewApproval;
use crate::survey::supervision::{COMMENT_MAX, may_correct};
use crate::view::grading::Typed;
use crate::view::office::Room;
use crate::view::supervision::{self as view, InterviewPage};
use crate::view::survey::Trouble;
use crate::web::acting::{act, answer as page_or_again, back, settle};
use crate::web::body;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::state::WebState;

/// `GET /evaluations/{evaluation}/own-interviews`.
pub async fn list(request: HttpRequest, state: Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    let (found, desk) = signed.inside(&request, &state, Room::Interviews).await?;
    let (id, who) = (found.id, signed.viewer.person);
    let read: Result<_, StoreError> = state
        .store
        .read(move |conn| Ok((store::list(conn, id, Some(who))?, outlets(conn, id)?)))
        .await;
    let (interviews, outlets) = read?;
    let rows: Vec<_> = interviews.iter().map(row).collect();
    let is_asked = found.instrument.method().interview_approval() == InterviewApproval::Required;
    let text = view::own(&desk, &rows, &outlets, is_asked)?;
    Ok(page_or_again(&request, &Typed::default(), &text))
}

/// `GET /evaluations/{evaluation}/own-interviews/{interview}`.
pub async fn one(request: HttpRequest, state: Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    show(&request, &state, &signed, &Typed::default()).await
}

async fn show(
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
            let Some(one) = store::find(conn, id, which)?.filter(|one| one.evaluator == who) else {
                return Ok(None);
            };
            let corrections = correction::list(conn, id, one.response)?.into_iter();
            Ok(Some((
                interview_record::protocol(conn, id, which)?,
                store::said(conn, id, which)?,
                corrections.map(|c| (c.reason, c.note, c.at_ms)).collect::<Vec<_>>(),
                interview_record::answers(conn, &instrument, id, one.response)?,
                (person::all_names(conn)?, outlets(conn, id)?),
                one,
            )))
        })
        .await?;
    let (protocol, said, corrections, answers, (names, outlets), one) = read.ok_or(Trouble::NotFound)?;
    let is_time = matches!(found.state, EvaluationState::Open | EvaluationState::Closed);
    let corrects =
        is_time && !one.is_withdrawn && may_correct(one.standing, one.received_hour_ms, state.clock.now_ms());
    let about = InterviewPage {
        row: &row(&one),
        protocol: &protocol,
        course: None,
        said: &said.into_iter().map(line).collect::<Vec<_>>(),
        corrections: &corrections,
        answers: &answers,
        products: &found.products,
        names: &names,
        outlets: &outlets,
        is_asked: found.instrument.method().interview_approval() == InterviewApproval::Required,
        may_rule: false,
    };
    let months = answers.last().filter(|_| corrects).map(|before| months(&one, before));
    let text = view::own_interview(
        &desk,
        found.instrument.questionnaire(),
        &about,
        months.as_deref(),
        typed,
    )?;
    Ok(page_or_again(request, typed, &text))
}

/// The months of service that a correction of an interview may name.
fn months(one: &Supervised, before: &Answers) -> Vec<String> {
    rules::months(months_before(one.received_hour_ms), before)
}

/// `POST /evaluations/{evaluation}/own-interviews/{interview}/answer`: what the reviewer asked.
pub async fn answer(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let (id, which) = (signed.evaluation.ok_or(Trouble::NotFound)?, named(&request)?);
    let mut reader = FormReader::new(&form);
    let words = reader.text("answer", COMMENT_MAX);
    if words.is_empty() {
        reader.refuse("answer", Wrong::Empty);
    }
    let errors = match reader.done(Some(words)) {
        Ok(words) => {
            let act = act(&signed, &state);
            let done = state.store.write(move |tx| store::answer(tx, (id, which), &words, act));
            settle(done.await)?
        }
        Err(errors) => errors,
    };
    match errors.is_empty() {
        true => Ok(back(id, "own-interviews")),
        false => show(&request, &state, &signed, &Typed::new("answer", form, errors)).await,
    }
}

/// `POST /evaluations/{evaluation}/own-interviews/{interview}/correction`: other answers, with the reason.
pub async fn correct(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let (found, _) = signed.inside(&request, &state, Room::Interviews).await?;
    let (id, which, who) = (found.id, named(&request)?, act(&signed, &state));
    let typed = form.clone();
    let salt: [u8; 16] = rand::random();
    let done = state
        .store
        .write(move |tx| {
            // Judged by the answers as they stand in the transaction that changes them.
            let instrument = &found.instrument;
            let (one, before) = interview_record::present(tx, instrument, id, which)?;
            let choices = FormChoices {
                products: &found.products,
                months: &months(&one, &before),
            };
            match Correction::parse(instrument.questionnaire(), choices, &before, &typed) {
                Ok(new) => correction::correct(tx, instrument, (id, which), &new, salt, who).map(|()| Vec::new()),
                Err(errors) => Ok(errors),
            }
        })
        .await;
    let errors: Vec<FieldError> = match done {
        Ok(errors) => errors,
        Err(error) => settle(Err(error))?,
    };
    match errors.is_empty() {
        true => Ok(back(id, &format!("own-interviews/{which}"))),
        false => show(&request, &state, &signed, &Typed::new("correction", form, errors)).await,
    }
}
