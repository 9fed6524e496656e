//! Drawing the outlets to visit: seed and frame first, the draw afterwards.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::actors;
use crate::access::Role;
use crate::store::grading::GradingError;
use crate::store::{StoreError, outlet_draw as store, plan as plans};
use crate::survey::evaluation::Act;
use crate::survey::form::RawForm;
use crate::survey::id::{EvaluationId, OutletId};
use crate::survey::outlet_draw::{self, OutletDraw};
use crate::view::grading::Typed;
use crate::view::office::Room;
use crate::view::planning::{self as view, DrawPage};
use crate::view::survey::Trouble;
use crate::web::acting::{act, answer, settle};
use crate::web::body;
use crate::web::entrance::Signed;
use crate::web::error::Problem;
use crate::web::page::{self as pages, Keep};
use crate::web::state::WebState;

/// `GET /evaluations/{evaluation}/plan/draw`.
pub async fn page(request: HttpRequest, state: Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    show(&request, &state, &signed, Typed::default()).await
}

async fn show(request: &HttpRequest, state: &WebState, signed: &Signed, typed: Typed) -> Result<HttpResponse, Problem> {
    let (found, desk) = signed.inside(request, state, Room::Plan).await?;
    let id = found.id;
    let read: Result<_, StoreError> = state
        .store
        .read(move |conn| Ok((store::list(conn, id)?, plans::present(conn, id)?, actors(conn)?)))
        .await;
    let (logged, plan, names) = read?;
    let shown = DrawPage {
        plan: &plan,
        logged: &logged,
        names: &names,
        may_draw: found.state.allows(Act::ChangePlan) && signed.inside.has(Role::Manager),
    };
    Ok(answer(request, &typed, &view::draw(&desk, &shown, &typed)?))
}

/// `POST /evaluations/{evaluation}/plan/draw`: logs frame and seed.
pub async fn announce(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let id = signed.evaluation.ok_or(Trouble::NotFound)?;
    let plan = state.store.read(move |conn| plans::present(conn, id)).await?;
    let outlets: Vec<OutletId> = plan.outlets().iter().map(|outlet| outlet.id).collect();
    let otherwise = format!("{:032x}", rand::random::<u128>());
    let errors = match outlet_draw::parse(&form, &outlets, plan.sizes().visits_at_random, &otherwise) {
        Ok((draw, frame)) => {
            let act = act(&signed, &state);
            let done = state.store.write(move |tx| store::announce(tx, id, &draw, &frame, act));
            settle(done.await)?
        }
        Err(errors) => errors,
    };
    match errors.is_empty() {
        true => Ok(back(id)),
        false => show(&request, &state, &signed, Typed::new("draw", form, errors)).await,
    }
}

/// `POST /evaluations/{evaluation}/plan/draw/make`: draws by the newest seed and writes the outlets into the plan.
pub async fn make(
    request: HttpRequest,
    payload: Payload,
    state: Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let id = signed.evaluation.ok_or(Trouble::NotFound)?;
    let seq = seq_of(&form).ok_or(Trouble::BadRequest)?;
    let act = act(&signed, &state);
    let done: Result<(), GradingError> = state.store.write(move |tx| store::carry_out(tx, id, seq, act)).await;
    let errors = settle(done)?;
    match errors.is_empty() {
        true => Ok(back(id)),
        false => show(&request, &state, &signed, Typed::new("make", form, errors)).await,
    }
}

fn seq_of(form: &RawForm) -> Option<i64> {
    form.first("seq").parse().ok()
}

fn back(id: EvaluationId) -> HttpResponse {
    pages::see_other(&format!("/evaluations/{id}/plan/draw"))
}

/// `GET /evaluations/{evaluation}/plan/draw/{number}/frame.csv`: for `perception draw`.
pub async fn frame(
    state: Data<WebState>,
    signed: Signed,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (frame, _) = logged(&state, &signed, &path.1).await?;
    Ok(file("text/csv; charset=utf-8", &frame))
}

/// `GET /evaluations/{evaluation}/plan/draw/{number}/plan.json`: for `perception draw`.
pub async fn plan(
    state: Data<WebState>,
    signed: Signed,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (_, draw) = logged(&state, &signed, &path.1).await?;
    Ok(file("application/json", &draw.plan()))
}

async fn logged(state: &WebState, signed: &Signed, number: &str) -> Result<(String, OutletDraw), Problem> {
    let id = signed.evaluation.ok_or(Trouble::NotFound)?;
    let seq: i64 = number.parse().map_err(|_| Trouble::NotFound)?;
    let all = state.store.read(move |conn| store::list(conn, id)).await?;
    let found = all.into_iter().find(|one| one.seq == seq).ok_or(Trouble::NotFound)?;
    Ok((found.frame, found.draw))
}

fn file(kind: &'static str, text: &str) -> HttpResponse {
    pages::encoded(false, StatusCode::OK, kind, Keep::Never, text)
}
