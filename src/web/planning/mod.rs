//! Around the plan: outlets drawn, deviations, plates in the field, how far customers come on each way in.

pub mod deviation;
pub mod draw;
pub mod funnel;
pub mod posting;

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use super::entrance::Signed;
use super::error::Problem;
use super::page;
use super::state::WebState;
use crate::store::grading::{Act, GradingError};
use crate::store::{Conn, StoreError, person};
use crate::survey::form::FieldError;
use crate::view::grading::Typed;

/// Names of actors by their ids.
type Actors = BTreeMap<String, String>;

fn act(signed: &Signed, state: &WebState) -> Act {
    (signed.viewer.person, state.clock.now_ms())
}

/// What must be corrected, or nothing when it was done.
fn settle(done: Result<(), GradingError>) -> Result<Vec<FieldError>, Problem> {
    match done {
        Ok(()) => Ok(Vec::new()),
        Err(GradingError::Refused(error)) => Ok(vec![error]),
        Err(GradingError::Store(error)) => Err(error.into()),
    }
}

/// A page, or the same page again with what must be corrected.
fn answer(request: &HttpRequest, typed: &Typed, text: &str) -> HttpResponse {
    let status = match typed.errors.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    page::office(request, status, text)
}

fn actors(conn: &mut Conn) -> Result<Actors, StoreError> {
    let names = person::all_names(conn)?.into_iter();
    Ok(names.map(|(id, name)| (id.to_string(), name)).collect())
}
