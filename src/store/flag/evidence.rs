//! A flagged response beside those that are most like it, without anybody's identity.

use diesel::prelude::*;

use super::of;
use crate::personal::DataKey;
use crate::statistics::flag::Flag;
use crate::store::conn::Conn;
use crate::store::response::Standing;
use crate::store::schema::{response, response_comment, response_content};
use crate::store::schema_quality::response_mark;
use crate::store::{StoreError, comment, response as responses};
use crate::survey::answers::Answers;
use crate::survey::content;
use crate::survey::id::{EvaluationId, ResponseId};
use crate::survey::instrument::Instrument;
use crate::survey::mark::Marks;

/// Others that are shown beside a response.
const OTHERS_MAX: i64 = 3;

/// What there is to judge a response by.
#[derive(Debug)]
pub struct Evidence {
    /// Which.
    pub id: ResponseId,
    /// How it stands.
    pub standing: Standing,
    /// What was answered, with the comment.
    pub answers: Answers,
    /// Seconds, where known.
    pub duration_s: Option<u32>,
    /// Its marks, while there are any.
    pub marks: Option<Marks>,
    /// Why somebody should look at it.
    pub flags: Vec<Flag>,
}

/// A response and those most like it: of one device, of one network, with the very same answers. Empty when there is none
/// of this id, or it was withdrawn.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn beside(
    conn: &mut Conn,
    key: &DataKey,
    instrument: &Instrument,
    evaluation: EvaluationId,
    id: ResponseId,
) -> Result<Vec<Evidence>, StoreError> {
    let Some((this, line)) = read(conn, key, instrument, evaluation, id)? else {
        return Ok(Vec::new());
    };
    let mut alike: Vec<String> = Vec::new();
    if let Some(marks) = &this.marks {
        let others = || {
            response_mark::table
                .filter(response_mark::evaluation_id.eq(evaluation.to_string()))
                .filter(response_mark::response_id.ne(id.to_string()))
                .order(response_mark::response_id)
                .select(response_mark::response_id)
                .limit(OTHERS_MAX)
        };
        alike = others().filter(response_mark::device.eq(&marks.device)).load(conn)?;
        let network: Vec<String> = others().filter(response_mark::network.eq(&marks.network)).load(conn)?;
        alike.extend(network);
    }
    let copies: Vec<String> = response_content::table
        .filter(response_content::evaluation_id.eq(evaluation.to_string()))
        .filter(response_content::response_id.ne(id.to_string()))
        .filter(response_content::answers.eq(line))
        .order(response_content::response_id)
        .select(response_content::response_id)
        .limit(OTHERS_MAX)
        .load(conn)?;
    alike.extend(copies);
    let mut shown = vec![this];
    for other in alike {
        let other: ResponseId = other
            .parse()
            .map_err(|_| StoreError::Corrupt(format!("response {other}")))?;
        let known = shown.iter().any(|one| one.id == other);
        if known || shown.len() > OTHERS_MAX.unsigned_abs() as usize {
            continue;
        }
        if let Some((other, _)) = read(conn, key, instrument, evaluation, other)? {
            shown.push(other);
        }
    }
    Ok(shown)
}

fn read(
    conn: &mut Conn,
    key: &DataKey,
    instrument: &Instrument,
    evaluation: EvaluationId,
    id: ResponseId,
) -> Result<Option<(Evidence, String)>, StoreError> {
    let comment_of = response_comment::evaluation_id
        .eq(response::evaluation_id)
        .and(response_comment::response_id.eq(response::id));
    let content_of = response_content::evaluation_id
        .eq(response::evaluation_id)
        .and(response_content::response_id.eq(response::id));
    let row: Option<(String, Option<i32>, Option<String>)> = response::table
        .inner_join(response_content::table.on(content_of))
        .left_join(response_comment::table.on(comment_of))
        .filter(response::evaluation_id.eq(evaluation.to_string()))
        .filter(response::id.eq(id.to_string()))
        .select((
            response_content::answers,
            response_content::duration_s,
            response_comment::body.nullable(),
        ))
        .first(conn)
        .optional()?;
    let (Some((line, duration_s, body)), Some(standing)) =
        (row, responses::standing(conn, instrument, evaluation, id)?)
    else {
        return Ok(None);
    };
    let row_of = (evaluation.to_string(), id.to_string());
    let comment = body
        .map(|body| comment::open(key, (&row_of.0, &row_of.1), &body))
        .transpose()?
        .flatten();
    let marks: Option<(String, String)> = response_mark::table
        .find((evaluation.to_string(), id.to_string()))
        .select((response_mark::device, response_mark::network))
        .first(conn)
        .optional()?;
    let evidence = Evidence {
        id,
        standing,
        answers: content::decode(instrument.questionnaire(), &line, comment)
            .map_err(|e| StoreError::Corrupt(format!("response {id}: {e}")))?,
        duration_s: duration_s.and_then(|s| u32::try_from(s).ok()),
        marks: marks.map(|(device, network)| Marks { device, network }),
        flags: of(conn, evaluation, &[id])?.remove(&id).unwrap_or_default(),
    };
    Ok(Some((evidence, line)))
}
