//! The append-only log of an evaluation.

use diesel::prelude::*;

use super::conn::Conn;
use super::schema::event;
use super::{StoreError, WriteTx, evaluation};
use crate::survey::event::{Event, GENESIS};
use crate::survey::id::EvaluationId;

/// Appends an event to its evaluation's chain. The evaluation's row is locked first, so that two nodes cannot take the
/// same place.
///
/// # Errors
/// [`StoreError::Database`].
pub fn append(tx: &mut WriteTx<'_>, evaluation: EvaluationId, happened: &Event) -> Result<(), StoreError> {
    evaluation::lock(tx.conn, evaluation)?;
    let last: Option<(i64, String)> = event::table
        .filter(event::evaluation_id.eq(evaluation.to_string()))
        .order(event::seq.desc())
        .select((event::seq, event::hash))
        .first(tx.conn)
        .optional()?;
    let (seq, previous) = last.map_or((1, GENESIS.to_owned()), |(seq, hash)| (seq + 1, hash));
    let row = (
        event::evaluation_id.eq(evaluation.to_string()),
        event::seq.eq(seq),
        event::at_ms.eq(happened.at_ms),
        event::actor.eq(&happened.actor),
        event::action.eq(&happened.action),
        event::object.eq(&happened.object),
        event::data.eq(&happened.data),
        event::hash.eq(happened.chained(seq, &previous)),
        event::previous_hash.eq(previous),
    );
    diesel::insert_into(event::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// The events about one object (empty text: the evaluation itself), oldest first.
///
/// # Errors
/// [`StoreError::Database`].
pub fn list_by_object(conn: &mut Conn, evaluation: EvaluationId, object: &str) -> Result<Vec<Event>, StoreError> {
    let rows: Vec<(i64, String, String, String, String)> = event::table
        .filter(
            event::evaluation_id
                .eq(evaluation.to_string())
                .and(event::object.eq(object)),
        )
        .order(event::seq)
        .select((event::at_ms, event::actor, event::action, event::object, event::data))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(at_ms, actor, action, object, data)| Event {
            at_ms,
            actor,
            action,
            object,
            data,
        })
        .collect())
}
