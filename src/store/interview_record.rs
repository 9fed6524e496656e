//! What an interview holds: answers with their corrections, protocol, how it went.

use diesel::prelude::*;

use super::conn::Conn;
use super::grading::GradingError;
use super::schema::{interview, response_content};
use super::supervision::{Supervised, find};
use super::{StoreError, WriteTx, correction, recording};
use crate::survey::answers::Answers;
use crate::survey::content;
use crate::survey::form::Problem;
use crate::survey::id::{EvaluationId, InterviewId, ResponseId};
use crate::survey::instrument::Instrument;
use crate::survey::paradata::Course;

/// The answers of an interview as first taken down and after each correction; nothing once they are erased.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn answers(
    conn: &mut Conn,
    instrument: &Instrument,
    id: EvaluationId,
    of: ResponseId,
) -> Result<Vec<Answers>, StoreError> {
    let first: Option<String> = response_content::table
        .find((id.to_string(), of.to_string()))
        .select(response_content::answers)
        .first(conn)
        .optional()?;
    let corrected = correction::list(conn, id, of)?.into_iter().map(|one| one.line);
    let decode = |line: String| {
        content::decode(instrument.questionnaire(), &line, None)
            .map_err(|e| StoreError::Corrupt(format!("response {of}: {e}")))
    };
    first.into_iter().chain(corrected).map(decode).collect()
}

/// An interview and its answers as they stand.
///
/// # Errors
/// [`GradingError::Refused`] where there are none.
pub fn present(
    tx: &mut WriteTx<'_>,
    instrument: &Instrument,
    id: EvaluationId,
    which: InterviewId,
) -> Result<(Supervised, Answers), GradingError> {
    let found = match find(tx.conn, id, which)? {
        Some(one) => answers(tx.conn, instrument, id, one.response)?
            .pop()
            .map(|last| (one, last)),
        None => None,
    };
    found.ok_or_else(|| GradingError::refused("", Problem::NotPossible))
}

/// Protocol of an interview: place, and what was noted, as stored.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn protocol(
    conn: &mut Conn,
    id: EvaluationId,
    which: InterviewId,
) -> Result<(String, Option<i32>, serde_json::Value), StoreError> {
    let (place, contact_no, noted): (String, Option<i32>, String) = interview::table
        .find((id.to_string(), which.to_string()))
        .select((interview::place, interview::contact_no, interview::protocol))
        .first(conn)?;
    let noted = serde_json::from_str(&noted).map_err(|e| StoreError::Corrupt(format!("interview {which}: {e}")))?;
    Ok((place, contact_no, noted))
}

/// How an interview went, as the page and the device noted it; `None` for interviews from before that was noted.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn course(conn: &mut Conn, id: EvaluationId, which: InterviewId) -> Result<Option<Course>, StoreError> {
    let text = recording::paradata(conn, id, which)?;
    let read = text.map(|text| Course::read(&text)).transpose();
    read.map_err(|e| StoreError::Corrupt(format!("interview {which}: {e}")))
}
