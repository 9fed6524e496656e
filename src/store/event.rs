//! The append-only log of an evaluation.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::conn::Conn;
use super::schema::{event, office_event};
use super::{StoreError, WriteTx};
use crate::survey::event::{Event, GENESIS};
use crate::survey::id::EvaluationId;

/// Space of the locks on chains: "chai" in ASCII.
const CHAIN_LOCK_SPACE: i32 = 1_667_784_041;

diesel::define_sql_function! {
    /// PostgreSQL's lock until the end of the transaction.
    fn pg_advisory_xact_lock(space: diesel::sql_types::Integer, key: diesel::sql_types::Integer);
}
diesel::define_sql_function! {
    /// PostgreSQL's hash of a text. Two chains with one hash wait for each other, no more.
    fn hashtext(text: diesel::sql_types::Text) -> diesel::sql_types::Integer;
}

/// Locks an evaluation's chain until the transaction ends, so that two nodes cannot take the same place in it. Not by the
/// evaluation's row, which answers hold at the same time; on SQLite the transaction itself is the lock.
///
/// # Errors
/// [`StoreError::Contended`] when somebody else holds it for too long.
pub(super) fn lock_chain(conn: &mut Conn, evaluation: EvaluationId) -> Result<(), StoreError> {
    if let Conn::Postgres(conn) = conn {
        let chain = pg_advisory_xact_lock(CHAIN_LOCK_SPACE, hashtext(evaluation.to_string()));
        diesel::select(chain).execute(conn)?;
    }
    Ok(())
}

/// Appends an event to its evaluation's chain.
///
/// # Errors
/// [`StoreError::Database`].
pub fn append(tx: &mut WriteTx<'_>, evaluation: EvaluationId, happened: &Event) -> Result<(), StoreError> {
    lock_chain(tx.conn, evaluation)?;
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
    let rows: Vec<Row> = event::table
        .filter(
            event::evaluation_id
                .eq(evaluation.to_string())
                .and(event::object.eq(object)),
        )
        .order(event::seq)
        .select((event::at_ms, event::actor, event::action, event::object, event::data))
        .load(conn)?;
    Ok(rows.into_iter().map(read).collect())
}

/// What the events of an action committed to: object and the commitment in their data.
///
/// # Errors
/// [`StoreError::Database`].
pub(super) fn commitments(
    conn: &mut Conn,
    evaluation: EvaluationId,
    action: &str,
) -> Result<BTreeSet<(String, String)>, StoreError> {
    let rows: Vec<(String, String)> = event::table
        .filter(
            event::evaluation_id
                .eq(evaluation.to_string())
                .and(event::action.eq(action)),
        )
        .select((event::object, event::data))
        .load(conn)?;
    let read = |(object, data): (String, String)| {
        let data: serde_json::Value = serde_json::from_str(&data).ok()?;
        Some((object, data.get("commitment")?.as_str()?.to_owned()))
    };
    Ok(rows.into_iter().filter_map(read).collect())
}

/// As [`lock_chain`], for what belongs to no evaluation.
///
/// # Errors
/// [`StoreError::Contended`] when somebody else holds it for too long.
pub(super) fn lock_office_chain(conn: &mut Conn) -> Result<(), StoreError> {
    if let Conn::Postgres(conn) = conn {
        diesel::select(pg_advisory_xact_lock(CHAIN_LOCK_SPACE, 0)).execute(conn)?;
    }
    Ok(())
}

/// Appends an event to the chain of what happens outside evaluations: accounts, organisations.
///
/// # Errors
/// [`StoreError::Database`].
pub fn append_office(tx: &mut WriteTx<'_>, happened: &Event) -> Result<(), StoreError> {
    lock_office_chain(tx.conn)?;
    let last: Option<(i64, String)> = office_event::table
        .order(office_event::seq.desc())
        .select((office_event::seq, office_event::hash))
        .first(tx.conn)
        .optional()?;
    let (seq, previous) = last.map_or((1, GENESIS.to_owned()), |(seq, hash)| (seq + 1, hash));
    let row = (
        office_event::seq.eq(seq),
        office_event::at_ms.eq(happened.at_ms),
        office_event::actor.eq(&happened.actor),
        office_event::action.eq(&happened.action),
        office_event::object.eq(&happened.object),
        office_event::data.eq(&happened.data),
        office_event::hash.eq(happened.chained(seq, &previous)),
        office_event::previous_hash.eq(previous),
    );
    diesel::insert_into(office_event::table).values(row).execute(tx.conn)?;
    Ok(())
}

type Row = (i64, String, String, String, String);

fn read((at_ms, actor, action, object, data): Row) -> Event {
    Event {
        at_ms,
        actor,
        action,
        object,
        data,
    }
}

/// What happened outside evaluations, latest first; at most `rows_max` after leaving out `skip`.
///
/// # Errors
/// [`StoreError::Database`].
pub fn list_office(conn: &mut Conn, skip: i64, rows_max: i64) -> Result<Vec<Event>, StoreError> {
    let rows: Vec<Row> = office_event::table
        .order(office_event::seq.desc())
        .select((
            office_event::at_ms,
            office_event::actor,
            office_event::action,
            office_event::object,
            office_event::data,
        ))
        .offset(skip)
        .limit(rows_max)
        .load(conn)?;
    Ok(rows.into_iter().map(read).collect())
}

/// What happened in an evaluation, latest first; at most `rows_max` after leaving out `skip`.
///
/// # Errors
/// [`StoreError::Database`].
pub fn list(conn: &mut Conn, evaluation: EvaluationId, skip: i64, rows_max: i64) -> Result<Vec<Event>, StoreError> {
    let rows: Vec<Row> = event::table
        .filter(event::evaluation_id.eq(evaluation.to_string()))
        .order(event::seq.desc())
        .select((event::at_ms, event::actor, event::action, event::object, event::data))
        .offset(skip)
        .limit(rows_max)
        .load(conn)?;
    Ok(rows.into_iter().map(read).collect())
}
