//! The sampling plan: shown with its consequences, stored while the evaluation is a draft.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::{carried_out, is_manager, may};
use crate::access::Role;
use crate::store::evaluation::Evaluation;
use crate::store::plan_review::{self, Review};
use crate::store::{Conn, StoreError, WriteTx, deviation, event, person, plan as plans};
use crate::survey::evaluation::{Act, EvaluationState};
use crate::survey::form::{FieldError, RawForm};
use crate::survey::id::EvaluationId;
use crate::survey::plan::{self, Plan};
use crate::survey::plan_review::Verdict;
use crate::view;
use crate::view::evaluation::{PlanPage, Reviewable};
use crate::view::office::Room;
use crate::web::body;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::page;
use crate::web::state::WebState;

/// `GET /evaluations/{evaluation}/plan`.
pub async fn show(request: HttpRequest, state: web::Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    page_with(&request, &state, &signed, StatusCode::OK, None).await
}

pub(super) async fn page_with(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    status: StatusCode,
    typed: Option<(RawForm, Vec<FieldError>)>,
) -> Result<HttpResponse, Problem> {
    let (found, desk) = signed.inside(request, state, Room::Plan).await?;
    let (id, is_draft) = (found.id, found.state.allows(Act::ChangePlan));
    let (plan, hash) = state.store.read(move |conn| read(conn, id, is_draft)).await?;
    let waits = found.state == EvaluationState::Frozen;
    let review = state.store.read(move |conn| last_review(conn, id)).await?;
    let deviations = state.store.read(move |conn| deviation::of_evaluation(conn, id)).await?;
    let approved = review.as_ref().is_some_and(|(review, _)| {
        review.verdict == Verdict::Approve && Some(review.plan_hash.as_str()) == hash.as_deref()
    });
    let shown = PlanPage {
        evaluation: id,
        plan: plan.as_ref(),
        hash: hash.as_deref(),
        is_draft,
        may_store: is_draft && is_manager(signed),
        review: Reviewable {
            waits: waits && !approved,
            may_review: waits && !approved && signed.inside.has(Role::Reviewer),
            last: review
                .as_ref()
                .filter(|(review, _)| is_draft != (review.verdict == Verdict::Approve))
                .map(|(review, name)| (review.verdict, name.as_str(), review.at_ms, review.comment.as_str())),
        },
        deviations: &deviations,
    };
    let text = view::evaluation::plan(
        &desk,
        &shown,
        typed.as_ref().map(|(form, errors)| (form, errors.as_slice())),
    )?;
    Ok(page::office(request, status, &text))
}

/// The newest review with the reviewer's name.
fn last_review(conn: &mut Conn, id: EvaluationId) -> Result<Option<(Review, String)>, StoreError> {
    let Some(review) = plan_review::newest(conn, id)? else {
        return Ok(None);
    };
    let mut names = person::names(conn, &BTreeSet::from([review.reviewed_by.clone()]))?;
    let name = names.remove(&review.reviewed_by);
    let name = name.unwrap_or_else(|| review.reviewed_by.clone());
    Ok(Some((review, name)))
}

/// A draft's plan as it would be frozen now, or what was frozen, with the hash of what is stored.
fn read(conn: &mut Conn, id: EvaluationId, is_draft: bool) -> Result<(Option<Plan>, Option<String>), StoreError> {
    let stored = plans::find(conn, id)?;
    let hash = stored.as_ref().map(|stored| stored.hash.clone());
    let plan = match is_draft {
        true => Some(plans::present(conn, id)?),
        false => stored.map(|stored| stored.plan),
    };
    Ok((plan, hash))
}

/// `POST /evaluations/{evaluation}/plan`: stores the plan and writes its allocation into the outlets' targets.
pub async fn store(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let (found, _) = signed.inside(&request, &state, Room::Plan).await?;
    let (id, now_ms, typed, by) = (found.id, state.clock.now_ms(), form.clone(), signed.clone());
    let done = state
        .store
        .write(move |tx| put(tx, &found, &typed, &by, now_ms))
        .await?;
    match done {
        Ok(done) => carried_out(done, &format!("/evaluations/{id}/plan")),
        Err(errors) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            page_with(&request, &state, &signed, status, Some((form, errors))).await
        }
    }
}

/// `false` when the plan is fixed; what must be corrected, if anything, judged by the outlets of the same transaction.
fn put(
    tx: &mut WriteTx<'_>,
    found: &Evaluation,
    form: &RawForm,
    by: &Signed,
    now_ms: i64,
) -> Result<Result<bool, Vec<FieldError>>, StoreError> {
    let id = found.id;
    if !may(tx, id, Act::ChangePlan)? {
        return Ok(Ok(false));
    }
    let outlets = plans::outlets(tx.conn, id)?;
    let plan = match plan::parse(form, found.mode, &outlets) {
        Ok(plan) => match plans::find(tx.conn, id)? {
            Some(stored) => plan.drawn_as(&stored.plan),
            None => plan,
        },
        Err(errors) => return Ok(Err(errors)),
    };
    let hash = plans::put(tx, id, &plan)?;
    let (face, electronic) = plan.targets();
    let data = serde_json::json!({"hash": hash, "face": face, "electronic": electronic});
    let happened = super::happened(by, now_ms, "plan.stored", String::new(), &data);
    event::append(tx, id, &happened)?;
    Ok(Ok(true))
}
