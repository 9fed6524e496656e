//! The evidence pack by grant: a reviewer lets an auditor take it, the auditor takes it, everybody sees who did.

use std::fs::File;
use std::sync::Arc;

use actix_web::web::{self, Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::acting::{act, answer, back, settle};
use super::body;
use super::entrance::Signed;
use super::error::Problem;
use super::page;
use super::state::WebState;
use crate::access::Role;
use crate::evidence::{self, EvidenceError, Taker};
use crate::store::{Conn, StoreError, membership, pack_grant as store, person};
use crate::survey::evaluation::EvaluationState;
use crate::survey::form::FieldError;
use crate::survey::id::{EvaluationId, PersonId};
use crate::survey::pack_grant;
use crate::view::grading::{PackPage, Typed, pack as view};
use crate::view::office::Room;
use crate::view::survey::Trouble;

/// `GET /evaluations/{evaluation}/pack`.
pub async fn page(request: HttpRequest, state: Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    show(&request, &state, &signed, &Typed::default()).await
}

async fn show(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    typed: &Typed,
) -> Result<HttpResponse, Problem> {
    let (found, desk) = signed.inside(request, state, Room::Seal).await?;
    let id = found.id;
    let read: Result<_, StoreError> = state
        .store
        .read(move |conn| {
            Ok((
                store::of_evaluation(conn, id)?,
                auditors(conn, id)?,
                person::all_names(conn)?,
            ))
        })
        .await;
    let (grants, auditors, names) = read?;
    let shown = PackPage {
        grants: &grants,
        auditors,
        names: &names,
        now_ms: state.clock.now_ms(),
        is_ready: found.state >= EvaluationState::Closed,
        me: signed.viewer.person,
    };
    Ok(answer(request, typed, &view(&desk, &shown, typed)?))
}

/// Who may be granted it, with their names.
fn auditors(conn: &mut Conn, id: EvaluationId) -> Result<Vec<(PersonId, String)>, StoreError> {
    let members = membership::list(conn, id)?.into_iter();
    let auditors = members.filter(|member| member.role == Role::Auditor);
    Ok(auditors.map(|member| (member.person, member.name)).collect())
}

/// `POST /evaluations/{evaluation}/pack`: lets an auditor take it.
pub async fn grant(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let id = signed.evaluation.ok_or(Trouble::NotFound)?;
    let auditors = state.store.read(move |conn| auditors(conn, id)).await?;
    let auditors: Vec<PersonId> = auditors.into_iter().map(|(person, _)| person).collect();
    let errors = match pack_grant::parse(&form, &auditors) {
        Ok(asked) => {
            let act = act(&signed, &state);
            settle(state.store.write(move |tx| store::grant(tx, id, &asked, act)).await)?
        }
        Err(errors) => errors,
    };
    finish(&request, &state, &signed, Typed::new("grant", form, errors)).await
}

/// `POST /evaluations/{evaluation}/pack/end`: ends a grant before its time.
pub async fn end(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let id = signed.evaluation.ok_or(Trouble::NotFound)?;
    let seq: i64 = form.first("seq").parse().map_err(|_| Trouble::BadRequest)?;
    let act = act(&signed, &state);
    let errors: Vec<FieldError> = settle(state.store.write(move |tx| store::end(tx, id, seq, act)).await)?;
    finish(&request, &state, &signed, Typed::new("end", form, errors)).await
}

async fn finish(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    typed: Typed,
) -> Result<HttpResponse, Problem> {
    match typed.errors.is_empty() {
        true => Ok(back(signed.evaluation.ok_or(Trouble::NotFound)?, "pack")),
        false => show(request, state, signed, &typed).await,
    }
}

/// `POST /evaluations/{evaluation}/pack.zip`: the pack, for whom it is granted to; that it was taken is on record before the
/// first byte leaves. It is made in a file without a name, so that it is whole before it is sent and never held in memory.
pub async fn take(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    body::signed_form(&request, payload, &signed).await?;
    let id = signed.evaluation.ok_or(Trouble::NotFound)?;
    let place = Arc::clone(&state.packs).try_acquire_owned();
    let place = place.map_err(|_| Trouble::Busy)?;
    let (me, now_ms) = act(&signed, &state);
    let (store, seal) = (state.store.clone(), state.key.seal());
    let made = web::block(move || -> Result<File, EvidenceError> {
        let _place = place;
        evidence::gather(&store, seal, id, Taker::Auditor(me), now_ms)?.into_zip()
    });
    match made.await.map_err(|e| Problem::Export(e.to_string()))? {
        Ok(file) => page::sent("application/zip", &format!("evidence-{id}.zip"), file),
        Err(EvidenceError::NotGranted | EvidenceError::StillRuns | EvidenceError::Changed) => {
            Err(Trouble::Outdated.into())
        }
        Err(EvidenceError::NotFound) => Err(Trouble::NotFound.into()),
        Err(EvidenceError::Store(error)) => Err(error.into()),
        Err(error) => Err(Problem::Export(error.to_string())),
    }
}
