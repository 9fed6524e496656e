//! What is on record, bound into the chain: the commitments of an evaluation's responses, hour by hour.
//!
//! An answer appends no event of its own: that would store an order of arrival (T7) and cost every customer a place in a queue.
//! Instead one event an hour carries the root over all commitments received in it, in the order of their random ids. Answers
//! of an hour that has no event yet are bound by the next one; at closing all are.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::conn::Conn;
use super::schema::{event, response};
use super::{StoreError, WriteTx, event as events};
use crate::survey::event::Event;
use crate::survey::id::{EvaluationId, ResponseId};
use crate::survey::merkle;

/// Action of the event of an hour; its object is the hour, Unix ms.
pub const HOUR_RECORDED: &str = "responses.recorded";
/// Nodes whose clocks differ may still bring answers of an hour that has ended.
const SETTLED_MS: i64 = 3_600_000;
const HOUR_MS: i64 = 3_600_000;

/// The line of a response in the published list: `id commitment`.
pub fn line(id: &str, commitment: &str) -> String {
    format!("{id} {commitment}")
}

/// The lines of an evaluation's responses by hour, each hour in the order of ids.
///
/// # Errors
/// [`StoreError::Database`].
pub(super) fn hours(conn: &mut Conn, evaluation: EvaluationId) -> Result<BTreeMap<i64, Vec<String>>, StoreError> {
    let rows: Vec<(i64, String, String)> = response::table
        .filter(response::evaluation_id.eq(evaluation.to_string()))
        .select((response::received_hour_ms, response::id, response::commitment))
        .load(conn)?;
    let mut hours: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for (hour, id, commitment) in rows {
        hours.entry(hour).or_default().push(line(&id, &commitment));
    }
    hours.values_mut().for_each(|lines| lines.sort_unstable());
    Ok(hours)
}

/// What an hour's event says of it: number of responses and root.
pub(super) fn told(lines: &[String]) -> String {
    serde_json::json!({"n": lines.len(), "root": merkle::root(lines)}).to_string()
}

/// Hour → what the last event about it says.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub(super) fn recorded(conn: &mut Conn, evaluation: EvaluationId) -> Result<BTreeMap<i64, String>, StoreError> {
    let rows: Vec<(String, String)> = event::table
        .filter(
            event::evaluation_id
                .eq(evaluation.to_string())
                .and(event::action.eq(HOUR_RECORDED)),
        )
        .order(event::seq)
        .select((event::object, event::data))
        .load(conn)?;
    rows.into_iter()
        .map(|(hour, told)| {
            let hour = hour
                .parse()
                .map_err(|_| StoreError::Corrupt(format!("recorded hour {hour}")))?;
            Ok((hour, told))
        })
        .collect()
}

/// Binds every hour that has ended a while ago, or with `all` every answer there is, where that is not done yet. Says whether
/// anything was bound.
///
/// # Errors
/// [`StoreError::Database`].
pub fn record(tx: &mut WriteTx<'_>, evaluation: EvaluationId, all: bool, now_ms: i64) -> Result<bool, StoreError> {
    events::lock_chain(tx.conn, evaluation)?;
    let known = recorded(tx.conn, evaluation)?;
    let mut any = false;
    for (hour, lines) in hours(tx.conn, evaluation)? {
        let told = told(&lines);
        let settled = all || hour + HOUR_MS + SETTLED_MS <= now_ms;
        if settled && known.get(&hour) != Some(&told) {
            let happened = Event {
                at_ms: now_ms,
                actor: "system".into(),
                action: HOUR_RECORDED.into(),
                object: hour.to_string(),
                data: told,
            };
            events::append(tx, evaluation, &happened)?;
            any = true;
        }
    }
    Ok(any)
}

/// Every line of an evaluation's record, in the order of ids: what is published when it is sealed.
///
/// # Errors
/// [`StoreError::Database`].
pub fn lines(conn: &mut Conn, evaluation: EvaluationId) -> Result<Vec<String>, StoreError> {
    let rows: Vec<(String, String)> = response::table
        .filter(response::evaluation_id.eq(evaluation.to_string()))
        .order(response::id)
        .select((response::id, response::commitment))
        .load(conn)?;
    let mut lines: Vec<String> = rows.iter().map(|(id, commitment)| line(id, commitment)).collect();
    lines.sort_unstable();
    Ok(lines)
}

/// Lines of one page.
const PAGE_ROWS: i64 = 5_000;

/// The next lines after this id, so that nobody holds them all.
///
/// # Errors
/// [`StoreError::Database`].
pub fn page(conn: &mut Conn, evaluation: EvaluationId, after: &str) -> Result<Vec<(String, String)>, StoreError> {
    Ok(response::table
        .filter(
            response::evaluation_id
                .eq(evaluation.to_string())
                .and(response::id.gt(after)),
        )
        .order(response::id)
        .select((response::id, response::commitment))
        .limit(PAGE_ROWS)
        .load(conn)?)
}

/// The line of one response.
///
/// # Errors
/// [`StoreError::Database`].
pub fn line_of(conn: &mut Conn, evaluation: EvaluationId, id: ResponseId) -> Result<Option<String>, StoreError> {
    let commitment: Option<String> = response::table
        .find((evaluation.to_string(), id.to_string()))
        .select(response::commitment)
        .first(conn)
        .optional()?;
    Ok(commitment.map(|commitment| line(&id.to_string(), &commitment)))
}
