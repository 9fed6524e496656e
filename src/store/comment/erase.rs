//! Originals of comments, erased thirty days after sealing; what was cleared stays.

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::ERASED_ACTION;
use crate::store::conn::Conn;
use crate::store::schema::{event, response_comment};
use crate::store::schema_proof::seal;
use crate::store::{StoreError, WriteTx, event as events};
use crate::survey::event::Event;
use crate::survey::id::EvaluationId;

/// Thirty days.
const KEPT_MS: i64 = 30 * 86_400_000;
/// Evaluations that one look erases.
const AT_ONCE_MAX: i64 = 20;

/// Evaluations whose originals are due: sealed thirty days ago, and not erased as a whole yet.
pub(in crate::store) fn due(conn: &mut Conn, now_ms: i64) -> Result<Vec<(String, String)>, StoreError> {
    let erased = event::table
        .filter(event::evaluation_id.eq(seal::evaluation_id))
        .filter(event::object.eq(""))
        .filter(event::action.eq(ERASED_ACTION));
    let comments = response_comment::table.filter(response_comment::evaluation_id.eq(seal::evaluation_id));
    let due: Vec<String> = seal::table
        .filter(seal::at_ms.le(now_ms.saturating_sub(KEPT_MS)))
        .filter(not(exists(erased)))
        .filter(exists(comments))
        .select(seal::evaluation_id)
        .limit(AT_ONCE_MAX)
        .load(conn)?;
    Ok(due.into_iter().map(|id| (id, String::new())).collect())
}

/// Erases the originals of an evaluation; the event comes first: the database lets nothing be erased without it.
pub(in crate::store) fn erase(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    reason: &str,
    at_ms: i64,
) -> Result<(), StoreError> {
    let kept = || {
        response_comment::table
            .filter(response_comment::evaluation_id.eq(id.to_string()))
            .filter(response_comment::body.ne(""))
    };
    let comments: i64 = kept().count().get_result(tx.conn)?;
    let happened = Event {
        at_ms,
        actor: "system".to_owned(),
        action: ERASED_ACTION.to_owned(),
        object: String::new(),
        data: serde_json::json!({"comments": comments, "reason": reason}).to_string(),
    };
    events::append(tx, id, &happened)?;
    diesel::update(kept())
        .set(response_comment::body.eq(""))
        .execute(tx.conn)?;
    Ok(())
}
