//! Fieldwork in person: what became of an interview form, what evaluators have done, where they go on.

use std::collections::BTreeMap;

use diesel::dsl::{count_star, max};
use diesel::prelude::*;

use super::StoreError;
use super::conn::Conn;
use super::schema::{disposition, interview, response};
use crate::survey::disposition::Code;
use crate::survey::id::{EvaluationId, OutletId, PersonId};
use crate::survey::interview::{ContactNo, Contacts, Ticket};

/// What became of an interview form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A response with its receipt.
    Answered,
    /// An approach that led to none.
    Ended(Code),
}

/// What became of a form; `None` while nothing has.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn outcome(conn: &mut Conn, ticket: &Ticket) -> Result<Option<Outcome>, StoreError> {
    let evaluation = ticket.evaluation.to_string();
    let answered: Option<String> = interview::table
        .find((&evaluation, ticket.interview().to_string()))
        .select(interview::id)
        .first(conn)
        .optional()?;
    if answered.is_some() {
        return Ok(Some(Outcome::Answered));
    }
    let ended: Option<String> = disposition::table
        .find((&evaluation, ticket.approach().to_string()))
        .select(disposition::code)
        .first(conn)
        .optional()?;
    ended
        .map(|code| {
            let known = Code::parse(&code).ok_or_else(|| StoreError::Corrupt(format!("disposition {code}")));
            known.map(Outcome::Ended)
        })
        .transpose()
}

/// What evaluators' approaches came to, per evaluator and outlet, of those since a full hour (Unix ms).
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn contacts(
    conn: &mut Conn,
    evaluation: EvaluationId,
    since_ms: i64,
) -> Result<BTreeMap<(PersonId, OutletId), Contacts>, StoreError> {
    type Row = (Option<String>, String, String, i64);
    // Interviews alone: through the partial index on them, past all electronic answers.
    let interviews: Vec<Row> = response::table
        .filter(response::evaluation_id.eq(evaluation.to_string()))
        .filter(response::interview_id.is_not_null())
        .filter(response::received_hour_ms.ge(since_ms))
        .group_by((response::evaluator_id, response::outlet_id, response::status))
        .select((
            response::evaluator_id,
            response::outlet_id,
            response::status,
            count_star(),
        ))
        .load(conn)?;
    let approaches: Vec<Row> = disposition::table
        .filter(disposition::evaluation_id.eq(evaluation.to_string()))
        .filter(disposition::evaluator_id.is_not_null())
        .filter(disposition::hour_ms.ge(since_ms))
        .group_by((disposition::evaluator_id, disposition::outlet_id, disposition::code))
        .select((
            disposition::evaluator_id,
            disposition::outlet_id,
            disposition::code,
            count_star(),
        ))
        .load(conn)?;
    let mut found: BTreeMap<(PersonId, OutletId), Contacts> = BTreeMap::new();
    for (evaluator, outlet, how, n) in interviews.into_iter().chain(approaches) {
        let corrupt = || StoreError::Corrupt(format!("contact of {evaluator:?} at {outlet}: {how}"));
        let code = match how.as_str() {
            "I" => Some(Code::Complete),
            "P" => Some(Code::Partial),
            "R" => Some(Code::BreakOff),
            code => Code::parse(code),
        };
        let evaluator = evaluator
            .as_deref()
            .and_then(|id| id.parse().ok())
            .ok_or_else(corrupt)?;
        let outlet = outlet.parse().map_err(|_| corrupt())?;
        found
            .entry((evaluator, outlet))
            .or_default()
            .add(code.ok_or_else(corrupt)?, n);
    }
    Ok(found)
}

/// The running number of an evaluator's next approach at an outlet.
///
/// # Errors
/// [`StoreError::Database`].
pub fn next_contact_no(
    conn: &mut Conn,
    evaluation: EvaluationId,
    outlet: OutletId,
    evaluator: PersonId,
) -> Result<ContactNo, StoreError> {
    let (evaluation, outlet, evaluator) = (evaluation.to_string(), outlet.to_string(), evaluator.to_string());
    let interviews: Option<i32> = interview::table
        .filter(interview::evaluation_id.eq(&evaluation))
        .filter(interview::outlet_id.eq(&outlet))
        .filter(interview::evaluator_id.eq(&evaluator))
        .select(max(interview::contact_no))
        .first(conn)?;
    let approaches: Option<i32> = disposition::table
        .filter(disposition::evaluation_id.eq(&evaluation))
        .filter(disposition::outlet_id.eq(&outlet))
        .filter(disposition::evaluator_id.eq(&evaluator))
        .select(max(disposition::contact_no))
        .first(conn)?;
    let last = interviews.max(approaches).and_then(|no| u32::try_from(no).ok());
    Ok(last.and_then(ContactNo::new).map_or(ContactNo::FIRST, ContactNo::next))
}

/// How an evaluator selected the customer of their latest interview at an outlet: usually the same for the next one.
///
/// # Errors
/// [`StoreError::Database`].
pub fn last_selection_rule(
    conn: &mut Conn,
    evaluation: EvaluationId,
    outlet: OutletId,
    evaluator: PersonId,
) -> Result<String, StoreError> {
    let protocol: Option<String> = interview::table
        .filter(interview::evaluation_id.eq(evaluation.to_string()))
        .filter(interview::outlet_id.eq(outlet.to_string()))
        .filter(interview::evaluator_id.eq(evaluator.to_string()))
        .order((interview::ended_at_ms.desc(), interview::id))
        .select(interview::protocol)
        .first(conn)
        .optional()?;
    let noted: Option<serde_json::Value> = protocol.and_then(|text| serde_json::from_str(&text).ok());
    Ok(noted
        .and_then(|noted| Some(noted.get("selection_rule")?.as_str()?.to_owned()))
        .unwrap_or_default())
}
