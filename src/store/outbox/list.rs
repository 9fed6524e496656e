//! What stands in the outbox, counted and listed.

use std::collections::BTreeMap;

use diesel::prelude::*;

use crate::store::StoreError;
use crate::store::conn::Conn;
use crate::store::schema_mail::outbox_message;
use crate::survey::outbox::{MessageKind, MessageState};

/// A message that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dead {
    /// Its id.
    pub id: String,
    /// What it was.
    pub kind: MessageKind,
    /// Why it was given up: status of the mail server, or what was wrong with it.
    pub reason: String,
    /// Tries.
    pub attempts: i32,
    /// Last try, Unix ms.
    pub at_ms: i64,
}

/// The whole outbox.
#[derive(Debug, Clone, Default)]
pub struct Overview {
    /// Messages by state.
    pub counts: BTreeMap<MessageState, u64>,
    /// The oldest that waits though it is due, Unix ms.
    pub waits_since_ms: Option<i64>,
    /// Sent since the beginning of the day.
    pub sent_today: u64,
}

fn corrupt() -> StoreError {
    StoreError::Corrupt("state of a message".into())
}

/// The whole outbox in numbers.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn overview(conn: &mut Conn, day_began_ms: i64, now_ms: i64) -> Result<Overview, StoreError> {
    let rows: Vec<(String, i64)> = outbox_message::table
        .group_by(outbox_message::state)
        .select((outbox_message::state, diesel::dsl::count_star()))
        .load(conn)?;
    let counts = rows
        .into_iter()
        .map(|(state, n)| {
            let state = MessageState::parse(&state).ok_or_else(corrupt)?;
            Ok((state, u64::try_from(n).unwrap_or(0)))
        })
        .collect::<Result<_, StoreError>>()?;
    let waits_since_ms: Option<i64> = outbox_message::table
        .filter(outbox_message::state.eq(MessageState::Queued.as_str()))
        .filter(outbox_message::due_at_ms.le(now_ms))
        .select(diesel::dsl::min(outbox_message::due_at_ms))
        .first(conn)?;
    let sent: i64 = outbox_message::table
        .filter(outbox_message::sent_at_ms.ge(day_began_ms))
        .count()
        .get_result(conn)?;
    Ok(Overview {
        counts,
        waits_since_ms,
        sent_today: u64::try_from(sent).unwrap_or(0),
    })
}

/// Messages that were given up, the latest first; at most `rows_max`.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn dead(conn: &mut Conn, rows_max: i64) -> Result<Vec<Dead>, StoreError> {
    type Row = (String, String, String, i32, Option<i64>);
    let rows: Vec<Row> = outbox_message::table
        .filter(outbox_message::state.eq(MessageState::Failed.as_str()))
        .order((outbox_message::claimed_at_ms.desc(), outbox_message::id))
        .select((
            outbox_message::id,
            outbox_message::kind,
            outbox_message::reason,
            outbox_message::attempts,
            outbox_message::claimed_at_ms,
        ))
        .limit(rows_max)
        .load(conn)?;
    rows.into_iter()
        .map(|(id, kind, reason, attempts, at_ms)| {
            Ok(Dead {
                id,
                kind: MessageKind::parse(&kind).ok_or_else(corrupt)?,
                reason,
                attempts,
                at_ms: at_ms.unwrap_or_default(),
            })
        })
        .collect()
}
