//! The reviewer's rulings on interviews.

use std::sync::Arc;

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::{line, named, outlets, row};
use crate::access::{Role, Sight};
use crate::store::evaluation::Evaluation;
use crate::store::{StoreError, correction, interview_record, person, supervision as store};
use crate::survey::evaluation::EvaluationState;
use crate::survey::form::{FieldError, Problem as Wrong, RawForm};
use crate::survey::id::InterviewId;
use crate::survey::method::InterviewApproval;
use crate::survey::supervision::{BULK_MAX, Ruling, Standing};
use crate::view::grading::Typed;
use crate::view::office::Room;
use crate::view::supervision::{self as view, InterviewPage};
use crate::view::survey::Trouble;
use crate::web::acting::{act, answer, back, settle, sight};
use crate::web::body;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::state::WebState;

/// `GET /evaluations/{evaluation}/reviews`: `?state=…` shows those that stand so.
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
    let may_rule = signed.inside.has(Role::Reviewer) && is_supervised(&found);
    let read: Result<_, StoreError> = state
        .store
        .read(move |conn| {
            Ok((
                store::list(conn, found.id, None)?,
                store::counts(conn, &found)?,
                person::all_names(conn)?,
                outlets(conn, found.id)?,
            ))
        })
        .await;
    let (interviews, counts, names, outlets) = read?;
    let rows: Vec<_> = interviews.iter().map(row).collect();
    let shown = request.query_string().strip_prefix("state=").and_then(Standing::parse);
    let about = (&names, &outlets);
    let text = view::reviews(&desk, &rows, counts.as_ref(), about, (shown, may_rule), typed)?;
    Ok(answer(request, typed, &text))
}

/// Whether reviewers rule on interviews now.
fn is_supervised(found: &Evaluation) -> bool {
    found.instrument.method().interview_approval() == InterviewApproval::Required
        && matches!(found.state, EvaluationState::Open | EvaluationState::Closed)
}

/// `POST /evaluations/{evaluation}/reviews`: approves several at once.
pub async fn approve(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let chosen: Result<Vec<InterviewId>, _> = form.all("interview").map(str::parse).collect();
    let wrong = |problem| vec![FieldError::new("interview", problem)];
    let errors = match chosen {
        Ok(chosen) if chosen.is_empty() => wrong(Wrong::Missing),
        Ok(chosen) if chosen.len() > BULK_MAX => wrong(Wrong::OutOfRange),
        Ok(chosen) => rule(&request, &state, &signed, chosen, Ruling::approval()).await?,
        Err(_) => wrong(Wrong::NotAChoice),
    };
    match errors.is_empty() {
        true => Ok(back(signed.evaluation.ok_or(Trouble::NotFound)?, "reviews")),
        false => show_list(&request, &state, &signed, &Typed::new("bulk", form, errors)).await,
    }
}

async fn rule(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    which: Vec<InterviewId>,
    ruling: Ruling,
) -> Result<Vec<FieldError>, Problem> {
    let (found, _) = signed.inside(request, state, Room::Interviews).await?;
    let act = act(signed, state);
    let done = state
        .store
        .write(move |tx| store::rule(tx, &found.instrument, found.id, &which, &ruling, act));
    settle(done.await)
}

/// `GET /evaluations/{evaluation}/reviews/{interview}`.
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
    let (which, id, instrument) = (named(request)?, found.id, Arc::clone(&found.instrument));
    let (roles, stands) = (signed.inside, found.state);
    let read = state
        .store
        .read(move |conn| -> Result<_, StoreError> {
            let Some(one) = store::find(conn, id, which)? else {
                return Ok(None);
            };
            // Who rules on interviews reads their answers one by one; everybody else when scores may be seen.
            let sees = roles.has(Role::Reviewer) || sight(conn, id, roles, stands)? == Sight::Scores;
            let answers = match sees {
                true => interview_record::answers(conn, &instrument, id, one.response)?,
                false => Vec::new(),
            };
            let corrections = correction::list(conn, id, one.response)?.into_iter();
            Ok(Some((
                (
                    interview_record::protocol(conn, id, which)?,
                    interview_record::course(conn, id, which)?,
                ),
                store::said(conn, id, which)?,
                corrections.map(|c| (c.reason, c.note, c.at_ms)).collect::<Vec<_>>(),
                answers,
                (person::all_names(conn)?, outlets(conn, id)?),
                one,
            )))
        })
        .await?;
    let ((protocol, course), said, corrections, answers, (names, outlets), one) = read.ok_or(Trouble::NotFound)?;
    let own = one.evaluator == signed.viewer.person;
    let about = InterviewPage {
        row: &row(&one),
        protocol: &protocol,
        course: course.as_ref(),
        said: &said.into_iter().map(line).collect::<Vec<_>>(),
        corrections: &corrections,
        answers: &answers,
        products: &found.products,
        names: &names,
        outlets: &outlets,
        is_asked: found.instrument.method().interview_approval() == InterviewApproval::Required,
        may_rule: signed.inside.has(Role::Reviewer) && is_supervised(&found) && one.is_reviewed() && !own,
    };
    let text = view::review(&desk, found.instrument.questionnaire(), &about, typed)?;
    Ok(answer(request, typed, &text))
}

/// `POST /evaluations/{evaluation}/reviews/{interview}`: approved, rejected or asked back.
pub async fn ruling(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form: RawForm = body::signed_form(&request, payload, &signed).await?;
    let which = named(&request)?;
    let errors = match Ruling::parse(&form) {
        Ok(ruling) => rule(&request, &state, &signed, vec![which], ruling).await?,
        Err(errors) => errors,
    };
    match errors.is_empty() {
        true => Ok(back(signed.evaluation.ok_or(Trouble::NotFound)?, "reviews")),
        false => show_one(&request, &state, &signed, &Typed::new("ruling", form, errors)).await,
    }
}
