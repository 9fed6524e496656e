//! Sealing and release, checkpoints, and the public record of a sealed evaluation.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use futures_util::stream;

use super::acting::{answer, back};
use super::body;
use super::entrance::Signed;
use super::error::{self, Problem};
use super::page::{self, Keep};
use super::state::WebState;
use crate::export;
use crate::store::checkpoint::{self, Reason};
use crate::store::seal::{self as store, SealError};
use crate::store::{Conn, StoreError, evaluation, ledger, person, report, scan};
use crate::survey::checkpoint::{Chain, Checkpoint};
use crate::survey::evaluation::EvaluationState;
use crate::survey::form::{FieldError, Problem as Wrong};
use crate::survey::id::EvaluationId;
use crate::survey::merkle;
use crate::survey::sealing::Wait;
use crate::survey::submission::Receipt;
use crate::view::grading::{RecordPage, SealPage, Typed, record as record_view, seal as seal_view};
use crate::view::office::Room;
use crate::view::survey::Trouble;

/// `GET /evaluations/{evaluation}/seal`.
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
                store::latest(conn, id)?,
                store::sealed(conn, id)?,
                store::waits(conn, id)?,
                ledger::lines(conn, id)?,
                checkpoint::list(conn, Chain::Evaluation(id))?,
                person::all_names(conn)?,
            ))
        })
        .await;
    let (proposal, sealed, waits, lines, checkpoints, names) = read?;
    let waits = match found.state {
        EvaluationState::Closed => waits,
        _ => Vec::new(),
    };
    if waits.iter().any(|(wait, _)| *wait == Wait::Flags) {
        state.scans.begin(&state.store, id, state.clock.now_ms());
    }
    let checkpoints: Vec<_> = checkpoints
        .into_iter()
        .map(|(reason, line)| (reason.as_str(), line))
        .collect();
    let about = SealPage {
        state: found.state,
        proposal: proposal
            .as_ref()
            .map(|proposal| (proposal.proposed_by, proposal.result_id.as_str(), proposal.at_ms)),
        sealed,
        waits: &waits,
        responses: lines.len(),
        root: merkle::root(&lines),
        checkpoints: &checkpoints,
        key: state.key.seal().public(),
        names: &names,
        me: signed.viewer.person,
    };
    Ok(answer(request, typed, &seal_view(&desk, &about, typed)?))
}

/// The id of the result, with the scan of the responses made that its appendix needs.
async fn result_id(state: &WebState, id: EvaluationId) -> Result<String, Problem> {
    let (store, catalogue) = (state.store.clone(), Arc::clone(state.store.catalogue()));
    let computed = tokio::task::spawn_blocking(move || -> Result<_, StoreError> {
        scan::complete(&store, id)?;
        store.read_blocking(move |conn| report::whole(conn, &catalogue, id))
    })
    .await
    .map_err(|_| StoreError::Stopped)?;
    let report = computed?.ok_or(Trouble::NotFound)?;
    let (result_id, _) = export::json::document(&report).map_err(|e| Problem::Export(e.to_string()))?;
    Ok(result_id)
}

/// `POST /evaluations/{evaluation}/seal/proposal`: the first of two people.
pub async fn propose(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    body::signed_form(&request, payload, &signed).await?;
    let id = signed.evaluation.ok_or(Trouble::NotFound)?;
    let (result, act) = (
        result_id(&state, id).await?,
        (signed.viewer.person, state.clock.now_ms()),
    );
    let done = state.store.write(move |tx| store::propose(tx, id, &result, act)).await;
    settle(&request, &state, &signed, id, done).await
}

/// `POST /evaluations/{evaluation}/seal`: the second.
pub async fn confirm(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    body::signed_form(&request, payload, &signed).await?;
    let id = signed.evaluation.ok_or(Trouble::NotFound)?;
    let (result, act) = (
        result_id(&state, id).await?,
        (signed.viewer.person, state.clock.now_ms()),
    );
    let key = state.key.seal();
    let done = state
        .store
        .write(move |tx| {
            store::confirm(tx, id, &result, act)?;
            checkpoint::issue(tx, &key, Chain::Evaluation(id), Reason::Sealing, act.1)?;
            Ok(())
        })
        .await;
    settle(&request, &state, &signed, id, done).await
}

async fn settle(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    id: EvaluationId,
    done: Result<(), SealError>,
) -> Result<HttpResponse, Problem> {
    let wrong = match done {
        Ok(()) => return Ok(back(id, "seal")),
        Err(SealError::Store(error)) => return Err(error.into()),
        Err(SealError::NotNow | SealError::NotProposed) => return Err(Trouble::Outdated.into()),
        Err(SealError::SamePerson) => Wrong::OwnWork,
        Err(SealError::Changed) => Wrong::Changed,
        Err(SealError::Waits(Wait::Flags)) => Wrong::FlagsWait,
        Err(SealError::Waits(Wait::Interviews)) => Wrong::InterviewsWait,
        Err(SealError::Waits(Wait::Uploads)) => Wrong::UploadsWait,
        Err(SealError::Waits(Wait::Comments)) => Wrong::CommentsWait,
        Err(SealError::Waits(Wait::Exclusions)) => Wrong::ExclusionsWait,
    };
    let typed = Typed::new("seal", Default::default(), vec![FieldError::new("", wrong)]);
    show(request, state, signed, &typed).await
}

/// `POST /evaluations/{evaluation}/release`: the organisation may read the result from now on.
pub async fn release(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    body::signed_form(&request, payload, &signed).await?;
    let id = signed.evaluation.ok_or(Trouble::NotFound)?;
    let (actor, now_ms) = (signed.actor(), state.clock.now_ms());
    let done: Result<bool, StoreError> = state
        .store
        .write(move |tx| {
            let now = evaluation::held_state(tx, id)?;
            if now == EvaluationState::Sealed {
                evaluation::advance(tx, id, EvaluationState::Released, None, &actor, now_ms)?;
            }
            Ok(now >= EvaluationState::Sealed)
        })
        .await;
    match done? {
        true => Ok(back(id, "seal")),
        false => Err(Trouble::Outdated.into()),
    }
}

/// `GET /evaluations/{evaluation}/checkpoints.txt`: every line, to be kept elsewhere.
pub async fn checkpoints(request: HttpRequest, state: Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    let id = signed.evaluation.ok_or(Trouble::NotFound)?;
    let listed: Result<_, StoreError> = state
        .store
        .read(move |conn| checkpoint::list(conn, Chain::Evaluation(id)))
        .await;
    let text: String = listed?.iter().map(|(_, line)| format!("{line}\n")).collect();
    Ok(plain(&request, &text))
}

/// What is public of a sealed evaluation.
struct Public {
    found: evaluation::Evaluation,
    sealed_at_ms: i64,
    /// Number and root of its responses.
    bound: (u64, String),
    checkpoint: Option<Checkpoint>,
}

/// # Errors
/// [`Trouble::NotFound`] for what does not exist or is not sealed: from outside they look alike.
async fn public(state: &WebState, id: &str) -> Result<Public, Problem> {
    let id: EvaluationId = id.parse().map_err(|_| Trouble::NotFound)?;
    let catalogue = Arc::clone(state.store.catalogue());
    let read: Result<_, StoreError> = state
        .store
        .read(move |conn: &mut Conn| {
            let Some((_, sealed_at_ms)) = store::sealed(conn, id)? else {
                return Ok(None);
            };
            let Some(found) = evaluation::find(conn, &catalogue, id)? else {
                return Ok(None);
            };
            let checkpoints = checkpoint::list(conn, Chain::Evaluation(id))?;
            let checkpoint = checkpoints.into_iter().find(|(reason, _)| *reason == Reason::Sealing);
            let Some(bound) = store::bound(conn, id)? else {
                return Ok(None);
            };
            Ok(Some(Public {
                found,
                sealed_at_ms,
                bound,
                checkpoint: checkpoint.map(|(_, checkpoint)| checkpoint),
            }))
        })
        .await;
    Ok(read?.ok_or(Trouble::NotFound)?)
}

/// `GET /record/{evaluation}`: the sealed record for everybody.
pub async fn record(request: HttpRequest, state: Data<WebState>, id: Path<String>) -> Result<HttpResponse, Problem> {
    let public = public(&state, &id).await?;
    show_record(&request, &public, &Typed::default(), None)
}

/// `POST /record/{evaluation}`: whether a receipt is in it.
pub async fn find(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let form = body::form(&request, payload).await?;
    let public = public(&state, &id).await?;
    match Receipt::parse(form.first("receipt")) {
        Some(receipt) => {
            let (evaluation, id) = (public.found.id, receipt.response_id());
            let line = state.store.read(move |conn| ledger::line_of(conn, evaluation, id));
            let line: Option<String> = line.await?;
            let typed = Typed::new("receipt", form, Vec::new());
            show_record(&request, &public, &typed, Some(line.as_deref()))
        }
        None => {
            let errors = vec![FieldError::new("receipt", Wrong::NotAReceipt)];
            show_record(&request, &public, &Typed::new("receipt", form, errors), None)
        }
    }
}

fn show_record(
    request: &HttpRequest,
    public: &Public,
    typed: &Typed,
    found: Option<Option<&str>>,
) -> Result<HttpResponse, Problem> {
    let about = RecordPage {
        evaluation: public.found.id,
        firm: &public.found.firm,
        title: &public.found.title,
        sealed_at_ms: public.sealed_at_ms,
        responses: public.bound.0,
        root: public.bound.1.clone(),
        checkpoint: public.checkpoint.as_ref(),
        found,
    };
    let status = match typed.errors.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let text = record_view(error::language(request), &about, typed)?;
    Ok(page::html(request, status, &text))
}

/// `GET /record/{evaluation}/commitments.txt`: the list that every receipt can be looked up in, page by page from the
/// database. Where a page fails the connection ends without the mark of the end, so that nobody takes a part for the list.
pub async fn commitments(state: Data<WebState>, id: Path<String>) -> Result<HttpResponse, Problem> {
    let id = public(&state, &id).await?.found.id;
    let pages = stream::try_unfold((state.store.clone(), String::new()), move |(store, after)| async move {
        let page = store.read(move |conn| ledger::page(conn, id, &after)).await;
        let page: Vec<(String, String)> = page.map_err(|e: StoreError| std::io::Error::other(e))?;
        let Some((last, _)) = page.last().cloned() else {
            return Ok(None);
        };
        let lines = page.iter().map(|(id, commitment)| ledger::line(id, commitment) + "\n");
        Ok::<_, std::io::Error>(Some((Bytes::from(lines.collect::<String>()), (store, last))))
    });
    Ok(page::streamed("text/plain; charset=utf-8", pages))
}

fn plain(request: &HttpRequest, text: &str) -> HttpResponse {
    let gzip = page::takes_gzip(request.headers());
    page::encoded(gzip, StatusCode::OK, "text/plain; charset=utf-8", Keep::Never, text)
}
