//! QR codes, personal links and printed codes of an evaluation.

mod batches;
mod outlets;
mod plates;

pub use batches::{
    batch, change_batch, create_links, create_sheets, download, links, print, reissue, revoke_batch, sheets,
};
pub use outlets::{change, create, page, revoke, rotate, set_dates};
pub use plates::{drawing, open_plates, plates};

use serde_json::{Value, json};

use super::entrance::Signed;
use super::error::Problem;
use super::state::WebState;
use crate::store::evaluation::Evaluation;
use crate::store::outlet;
use crate::survey::code_form::Term;
use crate::survey::evaluation::EvaluationState;
use crate::survey::event::Event;
use crate::survey::id::{EvaluationId, OutletId};
use crate::survey::language::Text;
use crate::survey::link::LinkKind;
use crate::survey::plan_scope::Way;
use crate::view::survey::Trouble;

/// Codes or batches listed on one page.
const ROWS_MAX: i64 = 500;

/// Evaluation and code or batch of an address.
type Path = actix_web::web::Path<(String, String)>;

/// The code or batch that an address names.
fn named<T: std::str::FromStr>(path: &Path) -> Result<T, Problem> {
    path.1.parse().map_err(|_| Trouble::NotFound.into())
}

fn base(evaluation: EvaluationId) -> String {
    format!("/evaluations/{evaluation}/codes")
}

/// Ways in are made until fieldwork ends, as the plan foresees them.
fn may_make(evaluation: &Evaluation, kind: LinkKind) -> bool {
    evaluation.state <= EvaluationState::Open && evaluation.field.takes(Way::of(kind))
}

fn expect_may_make(evaluation: &Evaluation, kind: LinkKind) -> Result<(), Problem> {
    // The page offers no form then; who sends one all the same gets no more than this.
    if may_make(evaluation, kind) {
        Ok(())
    } else {
        Err(Trouble::BadRequest.into())
    }
}

async fn outlets_of(state: &WebState, id: EvaluationId) -> Result<Vec<(OutletId, Text)>, Problem> {
    let outlets = state.store.read(move |conn| outlet::list(conn, id)).await?;
    Ok(outlets.into_iter().map(|outlet| (outlet.id, outlet.name)).collect())
}

fn as_choices(outlets: &[(OutletId, Text)]) -> Vec<(String, Text)> {
    outlets
        .iter()
        .map(|(id, name)| (id.to_string(), name.clone()))
        .collect()
}

fn happened(signed: &Signed, now_ms: i64, action: &str, object: String, data: &Value) -> Event {
    Event {
        at_ms: now_ms,
        actor: signed.actor(),
        action: action.to_owned(),
        object,
        data: data.to_string(),
    }
}

fn dates(term: Term) -> Value {
    json!({"opens_at_ms": term.opens_at_ms, "closes_at_ms": term.closes_at_ms})
}
