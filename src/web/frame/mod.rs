//! The office's pages of the list of customers and the draw from it.

pub mod draw;
pub mod import;
pub mod record;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::entrance::Signed;
use super::error::Problem;
use super::page::{self as pages, Keep};
use super::state::WebState;
use crate::store::frame::draw::{self as draws, Draw, Progress};
use crate::store::frame::import::STALLED_MS;
use crate::store::frame::{self as lists, FrameList, ListState, record as records};
use crate::store::{StoreError, plan_review, retention};
use crate::survey::evaluation::EvaluationState;
use crate::survey::frame::record::FrameRecord;
use crate::survey::id::EvaluationId;
use crate::survey::setup::parse_reason;
use crate::view::frame::{self as view, DrawnStratum, FixedDraw, SamplePage, Stage};
use crate::view::grading::Typed;
use crate::view::office::{Desk, Room};
use crate::view::survey::Trouble;
use crate::web::acting::{answer, back};

/// The list of an evaluation with everything about it.
struct Sample {
    id: EvaluationId,
    desk: Desk,
    state: EvaluationState,
    list: Option<FrameList>,
    record: Option<FrameRecord>,
    draw: Option<Draw>,
    progress: std::collections::BTreeMap<String, Progress>,
    is_approved: bool,
}

impl Sample {
    /// # Errors
    /// What the store returns.
    async fn read(request: &HttpRequest, state: &WebState, signed: &Signed) -> Result<Self, Problem> {
        let (evaluation, desk) = signed.inside(request, state, Room::Sample).await?;
        let id = evaluation.id;
        let read = state.store.read(move |conn| -> Result<_, StoreError> {
            let Some(list) = lists::current(conn, id)? else {
                return Ok((None, None, None, Default::default(), false));
            };
            let (record, draw) = (records::newest(conn, &list.id)?, draws::find(conn, &list.id)?);
            let progress = draws::progress(conn, &list.id)?;
            let is_approved = plan_review::approval(conn, id)?.is_some();
            Ok((Some(list), record, draw, progress, is_approved))
        });
        let (list, record, draw, progress, is_approved) = read.await?;
        Ok(Self {
            id,
            desk,
            state: evaluation.state,
            list,
            record,
            draw,
            progress,
            is_approved,
        })
    }

    /// The list, if it is there and in this state.
    fn list(&self, state: ListState) -> Option<&FrameList> {
        self.list.as_ref().filter(|list| list.state == state)
    }

    /// Whether lists are handed over and drawn from now.
    fn is_in_season(&self) -> bool {
        matches!(self.state, EvaluationState::Frozen | EvaluationState::Open)
    }

    fn about<'a>(&'a self, now_ms: i64) -> SamplePage<'a> {
        let list = self.list.as_ref();
        SamplePage {
            stage: match list {
                None => Stage::None,
                Some(list) => match list.state {
                    ListState::Uploaded => Stage::Uploaded,
                    ListState::Importing => Stage::Importing {
                        stored: u64::try_from(list.cases).unwrap_or(0),
                        is_stalled: now_ms - list.changed_at_ms >= STALLED_MS,
                    },
                    ListState::Ready => Stage::Ready,
                    ListState::Erased => Stage::Erased {
                        at_ms: list.erased_at_ms.unwrap_or_default(),
                    },
                },
            },
            id: list.map(|list| list.id.as_str()),
            is_in_season: self.is_in_season(),
            is_draft: self.state == EvaluationState::Draft,
            is_approved: self.is_approved,
            file: list.map(|list| (list.form.as_str(), list.file_sha256.as_str(), list.uploaded_at_ms)),
            reading: list.map(|list| &list.reading),
            summary: list.and_then(|list| list.summary.as_ref()),
            record: self.record.as_ref(),
            draw: self.draw.as_ref().map(|draw| FixedDraw {
                frame_sha256: draw.frame_sha256(),
                seed: draw.seed.clone(),
                source: draw.seed_source.clone(),
                prepared_at_ms: draw.prepared_at_ms,
                drawn_at_ms: draw.drawn_at_ms,
                takes: crate::survey::frame::take::read_plan_file(&draw.plan).unwrap_or_default(),
            }),
            drawn: self
                .progress
                .iter()
                .map(|(name, one)| DrawnStratum {
                    name: name.clone(),
                    drawn: one.drawn,
                    reserves: one.reserves,
                    released: one.released,
                })
                .collect(),
        }
    }
}

/// `GET /evaluations/{evaluation}/sample`.
pub async fn page(request: HttpRequest, state: Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    show(&request, &state, &signed, &Typed::default()).await
}

async fn show(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    typed: &Typed,
) -> Result<HttpResponse, Problem> {
    let sample = Sample::read(request, state, signed).await?;
    let about = sample.about(state.clock.now_ms());
    let mut response = answer(request, typed, &view::sample(&sample.desk, &about, typed)?);
    if matches!(about.stage, Stage::Importing { is_stalled: false, .. }) {
        let refresh = header::HeaderName::from_static("refresh");
        response.headers_mut().insert(refresh, HeaderValue::from_static("2"));
    }
    Ok(response)
}

/// `GET /evaluations/{evaluation}/sample/erase`.
pub async fn erase_page(request: HttpRequest, state: Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    show_erase(&request, &state, &signed, &Typed::default()).await
}

async fn show_erase(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    typed: &Typed,
) -> Result<HttpResponse, Problem> {
    let sample = Sample::read(request, state, signed).await?;
    let is_there = sample.list.as_ref().is_some_and(|list| list.state != ListState::Erased);
    Ok(answer(request, typed, &view::erase(&sample.desk, is_there, typed)?))
}

/// `POST /evaluations/{evaluation}/sample/erase`: at any time, with a reason.
pub async fn erase(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = super::body::signed_form(&request, payload, &signed).await?;
    let id = signed.evaluation.ok_or(Trouble::NotFound)?;
    let reason = match parse_reason(&form) {
        Ok(reason) => reason,
        Err(errors) => return show_erase(&request, &state, &signed, &Typed::new("erase", form, errors)).await,
    };
    let (actor, now_ms) = (signed.actor(), state.clock.now_ms());
    let done = state.store.write(move |tx| -> Result<(), StoreError> {
        match lists::current(tx.conn, id)? {
            Some(list) => lists::erase(tx, id, &list.id, Some(&reason), (&actor, now_ms)),
            None => Ok(()),
        }
    });
    done.await?;
    state.store.read(retention::forget).await?;
    Ok(back(id, "sample"))
}

/// A file of the sample, to be kept.
fn file(request: &HttpRequest, name: &str, kind: &'static str, text: &str) -> HttpResponse {
    let gzip = pages::takes_gzip(request.headers());
    let response = pages::encoded(gzip, StatusCode::OK, kind, Keep::Never, text);
    pages::named(response, "attachment", name)
}
