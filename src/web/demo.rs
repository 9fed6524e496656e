//! The demo's own page: what it is about, and where to go from here.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use super::error::{self, Problem};
use super::page;
use super::results::shown_report;
use super::state::WebState;
use crate::store::{StoreError, link};
use crate::survey::evaluation::EvaluationState;
use crate::survey::id::{EvaluationId, OutletId};
use crate::survey::link::{LinkKind, LinkSecret};
use crate::view;
use crate::view::demo::{DemoEvaluation, DemoHome};
use crate::view::survey::Trouble;

/// Links listed on one page.
const LINKS_MAX: i64 = 200;

/// `GET /` for visitors: what this is, and where to go from here.
pub(super) async fn home(request: &HttpRequest, state: &WebState) -> Result<HttpResponse, Problem> {
    let demo = state.demo.clone().ok_or(Trouble::NotFound)?;
    let mut evaluations = Vec::new();
    for id in [demo.open, demo.closed] {
        let report = shown_report(state, &id.to_string()).await?;
        // Only what can be answered now is offered.
        let (mut outlet, mut personal) = (Vec::new(), Vec::new());
        if report.state == EvaluationState::Open {
            outlet = usable(state, id, LinkKind::Outlet).await?;
            personal = usable(state, id, LinkKind::Personal).await?;
        }
        let survey = outlet.first().map(|(_, secret)| path(secret));
        let personal = personal.iter().take(3).map(|(_, secret)| path(secret)).collect();
        evaluations.push(DemoEvaluation {
            report,
            survey_href: survey,
            personal_hrefs: personal,
        });
    }
    let home = DemoHome {
        body: &state.body_name,
        evaluations: &evaluations,
        password: &demo.password,
    };
    Ok(page::html(
        request,
        StatusCode::OK,
        &view::demo::home(&home, error::language(request))?,
    ))
}

fn path(secret: &LinkSecret) -> String {
    format!("/s/{}", secret.as_str())
}

/// Links that work now, with their secrets.
async fn usable(state: &WebState, id: EvaluationId, kind: LinkKind) -> Result<Vec<(OutletId, LinkSecret)>, StoreError> {
    let (key, now_ms) = (state.key.clone(), state.clock.now_ms());
    state
        .store
        .read(move |conn| link::list_usable(conn, id, kind, key.bytes(), now_ms, LINKS_MAX))
        .await
}
