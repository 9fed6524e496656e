//! The draw: sizes and seed are fixed and logged, then it is carried out; reserves follow in drawn order; the files by which
//! anybody reruns it.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::{Sample, file};
use crate::store::StoreError;
use crate::store::frame::{ListState, draw as draws};
use crate::store::plan as plans;
use crate::survey::form::{FormReader, Problem as Wrong};
use crate::survey::frame::take::{self, Takes};
use crate::survey::setup::parse_reason;
use crate::view::frame::{self as view, DrawPage};
use crate::view::grading::Typed;
use crate::view::survey::Trouble;
use crate::web::acting::{act, answer, back, settle};
use crate::web::body;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::state::WebState;

/// Characters of a stratum's name.
const STRATUM_MAX: usize = 60;

impl Sample {
    /// What the plan asks for in the list's strata.
    async fn proposed(&self, state: &WebState) -> Result<Option<Takes>, Problem> {
        let id = self.id;
        let Some(summary) = self.list(ListState::Ready).and_then(|list| list.summary.as_ref()) else {
            return Ok(None);
        };
        let plan: Result<_, StoreError> = state.store.read(move |conn| plans::present(conn, id)).await;
        Ok(Some(take::proposed(&plan?, &summary.strata)))
    }

    /// Whether everything is there that a draw rests on.
    fn is_drawable(&self) -> bool {
        let may_write = self.record.as_ref().is_some_and(|record| record.basis.allows_mail());
        self.is_in_season() && self.is_approved && may_write && self.draw.is_none()
    }
}

/// `GET /evaluations/{evaluation}/sample/draw`.
pub async fn page(request: HttpRequest, state: Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    show(&request, &state, &signed, None).await
}

async fn show(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    typed: Option<Typed>,
) -> Result<HttpResponse, Problem> {
    let sample = Sample::read(request, state, signed).await?;
    let Some(proposed) = sample.proposed(state).await?.filter(|_| sample.is_drawable()) else {
        return Ok(back(sample.id, "sample"));
    };
    let pairs = vec![
        ("sizes".to_owned(), take::text(&proposed)),
        ("origin".to_owned(), "random".to_owned()),
    ];
    let typed = typed.unwrap_or_else(|| Typed::filled("draw", pairs));
    let list = sample.list.as_ref();
    let about = DrawPage {
        proposed: &proposed,
        strata: list
            .and_then(|list| list.summary.as_ref())
            .map(|summary| &summary.strata),
        frame_sha256: list.and_then(|list| list.frame_sha256.as_deref()).unwrap_or_default(),
    };
    let text = view::draw(&sample.desk, &about, &typed)?;
    Ok(answer(request, &typed, &text))
}

/// `POST /evaluations/{evaluation}/sample/draw`: fixes sizes and seed.
pub async fn prepare(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let sample = Sample::read(&request, &state, &signed).await?;
    let (id, proposed) = (sample.id, sample.proposed(&state).await?);
    let summary = sample.list.as_ref().and_then(|list| list.summary.clone());
    let (Some(proposed), Some(summary), Some(list)) = (proposed, summary, &sample.list) else {
        return Ok(back(id, "sample"));
    };
    let errors = match take::parse(&form, &summary.strata, &proposed) {
        Ok(prepared) => {
            let (list, act) = (list.id.clone(), act(&signed, &state));
            let random = format!("{:032x}", rand::random::<u128>());
            let done = state
                .store
                .write(move |tx| draws::prepare(tx, id, &list, &prepared, &random, act));
            settle(done.await)?
        }
        Err(errors) => errors,
    };
    match errors.is_empty() {
        true => Ok(back(id, "sample")),
        false => show(&request, &state, &signed, Some(Typed::new("draw", form, errors))).await,
    }
}

/// `POST /evaluations/{evaluation}/sample/draw/run`.
pub async fn carry_out(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let id = signed.evaluation.ok_or(Trouble::NotFound)?;
    let (list, key, act) = (form.first("list").to_owned(), state.key.clone(), act(&signed, &state));
    let done = state.store.write(move |tx| draws::carry_out(tx, id, &list, &key, act));
    let errors = settle(done.await)?;
    match errors.is_empty() {
        true => Ok(back(id, "sample")),
        false => super::show(&request, &state, &signed, &Typed::new("run", form, errors)).await,
    }
}

/// `GET /evaluations/{evaluation}/sample/reserves`.
pub async fn reserves_page(
    request: HttpRequest,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    show_reserves(&request, &state, &signed, &Typed::default()).await
}

async fn show_reserves(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    typed: &Typed,
) -> Result<HttpResponse, Problem> {
    let sample = Sample::read(request, state, signed).await?;
    if sample.list(ListState::Ready).is_none() || sample.progress.is_empty() {
        return Ok(back(sample.id, "sample"));
    }
    let about = sample.about(state.clock.now_ms());
    Ok(answer(
        request,
        typed,
        &view::reserves(&sample.desk, &about.drawn, typed)?,
    ))
}

/// `POST /evaluations/{evaluation}/sample/reserves`: the next of a stratum take part.
pub async fn release(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let sample = Sample::read(&request, &state, &signed).await?;
    let mut reader = FormReader::new(&form);
    let stratum = reader.required_line("stratum", STRATUM_MAX);
    let count = reader.number("count", 1..=1_000);
    if count.is_none() && form.first("count").trim().is_empty() {
        reader.refuse("count", Wrong::Empty);
    }
    let mut errors = reader.done(count).err().unwrap_or_default();
    let reason = parse_reason(&form).unwrap_or_else(|wrong| {
        errors.extend(wrong);
        String::new()
    });
    if let (Some(list), Some(count), true) = (&sample.list, count, errors.is_empty()) {
        let (id, list, key, act) = (sample.id, list.id.clone(), state.key.clone(), act(&signed, &state));
        let done = state
            .store
            .write(move |tx| draws::release(tx, id, &list, (&stratum, count, &reason), &key, act));
        errors = settle(done.await)?;
    }
    match errors.is_empty() {
        true => Ok(back(sample.id, "sample")),
        false => show_reserves(&request, &state, &signed, &Typed::new("reserves", form, errors)).await,
    }
}

/// `GET /evaluations/{evaluation}/sample/frame.csv`: ids and strata, nothing personal.
pub async fn frame_file(request: HttpRequest, state: Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    let sample = Sample::read(&request, &state, &signed).await?;
    let draw = sample.draw.ok_or(Trouble::NotFound)?;
    let name = "frame.csv";
    Ok(file(&request, name, "text/csv; charset=utf-8", &draw.frame))
}

/// `GET /evaluations/{evaluation}/sample/plan.json`.
pub async fn plan_file(request: HttpRequest, state: Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    let sample = Sample::read(&request, &state, &signed).await?;
    let draw = sample.draw.ok_or(Trouble::NotFound)?;
    let name = "plan.json";
    Ok(file(&request, name, "application/json", &draw.plan))
}

/// `GET /evaluations/{evaluation}/sample/drawn.csv`: as `perception draw` prints it.
pub async fn drawn_file(request: HttpRequest, state: Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    let sample = Sample::read(&request, &state, &signed).await?;
    let list = sample.list.ok_or(Trouble::NotFound)?.id;
    let cases: Result<_, StoreError> = state.store.read(move |conn| draws::cases(conn, &list)).await;
    let cases = cases?;
    if cases.is_empty() {
        return Err(Trouble::NotFound.into());
    }
    let name = "drawn.csv";
    let text = take::drawn_file(&cases);
    Ok(file(&request, name, "text/csv; charset=utf-8", &text))
}
