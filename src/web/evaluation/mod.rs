//! Setting up and running evaluations: the office's first page, plan, outlets, people, steps, log.

pub mod activity;
pub mod home;
pub mod instrument;
pub mod members;
pub mod outlets;
pub mod overview;
pub mod plan;
pub mod plan_review;
pub mod setup;

use actix_web::HttpResponse;
use serde_json::Value;

use super::entrance::Signed;
use super::error::Problem;
use super::page;
use crate::access::Role;
use crate::store::{StoreError, WriteTx, evaluation};
use crate::survey::evaluation::Act;
use crate::survey::event::Event;
use crate::survey::id::EvaluationId;
use crate::view::survey::Trouble;

/// Something that this person did now.
fn happened(signed: &Signed, now_ms: i64, action: &str, object: String, data: &Value) -> Event {
    Event {
        at_ms: now_ms,
        actor: signed.actor(),
        action: action.to_owned(),
        object,
        data: data.to_string(),
    }
}

/// Whether this may be done now; if so, it stays so until the transaction ends.
fn may(tx: &mut WriteTx<'_>, id: EvaluationId, act: Act) -> Result<bool, StoreError> {
    Ok(evaluation::held_state(tx, id)?.allows(act))
}

/// After a command: on to a page if it was carried out, a refusal if the state no longer, or not yet, allows it.
fn carried_out(done: bool, way: &str) -> Result<HttpResponse, Problem> {
    match done {
        true => Ok(page::see_other(way)),
        false => Err(Trouble::Outdated.into()),
    }
}

fn is_manager(signed: &Signed) -> bool {
    signed.inside.has(Role::Manager)
}
