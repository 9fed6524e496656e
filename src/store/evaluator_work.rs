//! What every evaluator did, as the comparison of evaluators takes it.

use std::collections::BTreeMap;

use chrono::Datelike;
use diesel::prelude::*;

use super::conn::Conn;
use super::schema::{response, response_content};
use super::{StoreError, correction, interview, supervision};
use crate::statistics::evaluator::{Interview, Work};
use crate::survey::content;
use crate::survey::disposition::Code;
use crate::survey::fieldwork::day_and_hour;
use crate::survey::id::{EvaluationId, PersonId};
use crate::survey::instrument::Instrument;

/// The interviews of every evaluator with their answers as they stand, whether they count or not, without those broken off
/// or withdrawn; and everybody approached.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn works(
    conn: &mut Conn,
    instrument: &Instrument,
    id: EvaluationId,
) -> Result<BTreeMap<PersonId, Work>, StoreError> {
    let of_response = response_content::evaluation_id
        .eq(response::evaluation_id)
        .and(response_content::response_id.eq(response::id));
    let lines: Vec<(String, String)> = response::table
        .inner_join(response_content::table.on(of_response))
        .filter(response::evaluation_id.eq(id.to_string()))
        .filter(response::interview_id.is_not_null())
        .select((response::id, response_content::answers))
        .load(conn)?;
    let mut lines: BTreeMap<String, String> = lines.into_iter().collect();
    lines.extend(correction::lines(conn, id)?);
    let mut works: BTreeMap<PersonId, Work> = BTreeMap::new();
    for one in supervision::list(conn, id, None)? {
        let Some(line) = lines.get(&one.response.to_string()).filter(|_| one.is_reviewed()) else {
            continue;
        };
        let corrupt = |e: &dyn std::fmt::Display| StoreError::Corrupt(format!("response {}: {e}", one.response));
        let answers = content::decode(instrument.questionnaire(), line, None).map_err(|e| corrupt(&e))?;
        let score = instrument.scheme().score(answers.replies()).map_err(|e| corrupt(&e))?;
        works.entry(one.evaluator).or_default().interviews.push(Interview {
            replies: answers.replies().to_vec(),
            points: score.total(),
            started_at_ms: one.started_at_ms,
            ended_at_ms: one.ended_at_ms,
            day: day_and_hour(one.started_at_ms).0.num_days_from_ce().into(),
        });
    }
    for ((evaluator, _), contacts) in interview::contacts(conn, id, 0)? {
        let work = works.entry(evaluator).or_default();
        work.approaches += u64::try_from(contacts.approached()).unwrap_or_default();
        work.refusals += u64::try_from(contacts.count(Code::Refusal)).unwrap_or_default();
    }
    Ok(works)
}
