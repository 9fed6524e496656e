//! What the scheme owner settled: the settings, their history, a proposal and its confirmation.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::grading::policy::Policy;
use crate::grading::ruling::parse_signature;
use crate::store::{StoreError, person, policy as store};
use crate::survey::form::{FieldError, Problem as Wrong};
use crate::view::grading::{self as view, PolicyPage, Typed};
use crate::web::acting::{act, answer, settle};
use crate::web::body;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::page;
use crate::web::state::WebState;

/// `GET /policy`.
pub async fn page(request: HttpRequest, state: Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    show(&request, &state, &signed, &Typed::default()).await
}

async fn show(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    typed: &Typed,
) -> Result<HttpResponse, Problem> {
    let read: Result<_, StoreError> = state
        .store
        .read(|conn| Ok((store::current(conn)?, store::history(conn)?, person::all_names(conn)?)))
        .await;
    let (settled, history, names) = read?;
    let about = PolicyPage {
        settled,
        history: history.iter().map(shown).collect(),
        names: &names,
    };
    Ok(answer(
        request,
        typed,
        &view::policy(&signed.desk(request), &about, typed)?,
    ))
}

fn shown(proposal: &store::Proposal) -> view::PolicyProposal<'_> {
    view::PolicyProposal {
        number: proposal.number,
        policy: proposal.policy,
        reason: &proposal.reason,
        proposed: (proposal.proposed_by, proposal.at_ms),
        answer: proposal
            .answer
            .as_ref()
            .map(|said| (said.version, said.remark.as_str(), said.answered_by, said.at_ms)),
    }
}

/// `POST /policy`: proposes.
pub async fn propose(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let errors = match Policy::parse(&form) {
        Ok((policy, reason)) => {
            let act = act(&signed, &state);
            let done = state.store.write(move |tx| store::propose(tx, &policy, &reason, act));
            settle(done.await)?
        }
        Err(errors) => errors,
    };
    finish(&request, &state, &signed, Typed::new("proposal", form, errors)).await
}

/// `POST /policy/answer`: confirms or refuses what another person proposed.
pub async fn confirm(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let errors = match (parse_signature(&form), form.first("version").parse::<i32>()) {
        (Err(errors), _) => errors,
        (Ok(_), Err(_)) => vec![FieldError::new("", Wrong::Changed)],
        (Ok((agrees, remark)), Ok(number)) => {
            let act = act(&signed, &state);
            let done = state
                .store
                .write(move |tx| store::answer(tx, number, (agrees, &remark), act));
            settle(done.await)?
        }
    };
    finish(&request, &state, &signed, Typed::new("answer", form, errors)).await
}

async fn finish(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    typed: Typed,
) -> Result<HttpResponse, Problem> {
    match typed.errors.is_empty() {
        true => Ok(page::see_other("/policy")),
        false => show(request, state, signed, &typed).await,
    }
}
