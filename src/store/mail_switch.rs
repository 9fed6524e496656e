//! Whether mail goes out at all, for the whole installation; and what the last try to reach the mail server met.

use diesel::prelude::*;

use super::conn::{Conn, locked};
use super::schema_mail::mail_switch;
use super::{StoreError, WriteTx};

/// The switch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Switch {
    /// Nothing is sent.
    pub paused: bool,
    /// Why: `restored`, `rejections`, or what somebody wrote.
    pub reason: String,
    /// Since when, Unix ms.
    pub changed_at_ms: i64,
    /// Why the mail server was not reached; empty when it was.
    pub trouble: String,
    /// When that was, Unix ms.
    pub trouble_at_ms: Option<i64>,
}

type Row = (bool, String, i64, String, Option<i64>);

fn read((paused, reason, changed_at_ms, trouble, trouble_at_ms): Row) -> Switch {
    Switch {
        paused,
        reason,
        changed_at_ms,
        trouble,
        trouble_at_ms,
    }
}

const COLUMNS: (
    mail_switch::paused,
    mail_switch::reason,
    mail_switch::changed_at_ms,
    mail_switch::trouble,
    mail_switch::trouble_at_ms,
) = (
    mail_switch::paused,
    mail_switch::reason,
    mail_switch::changed_at_ms,
    mail_switch::trouble,
    mail_switch::trouble_at_ms,
);

/// How it stands.
///
/// # Errors
/// [`StoreError::Database`].
pub fn find(conn: &mut Conn) -> Result<Switch, StoreError> {
    let row: Option<Row> = mail_switch::table.find(1).select(COLUMNS).first(conn).optional()?;
    Ok(row.map(read).unwrap_or_default())
}

/// How it stands, held until the transaction ends: of several nodes one takes a message at a time.
pub(super) fn hold(conn: &mut Conn) -> Result<Switch, StoreError> {
    let query = mail_switch::table.find(1).select(COLUMNS);
    let row: Option<Row> = locked!(conn, query, for_update, |q, c| q.first(c)).optional()?;
    Ok(row.map(read).unwrap_or_default())
}

/// Stops all mail; what is in hand is finished. `false` when it was stopped before.
///
/// # Errors
/// [`StoreError::Database`].
pub fn pause(tx: &mut WriteTx<'_>, reason: &str, now_ms: i64) -> Result<bool, StoreError> {
    turn(tx, true, reason, now_ms)
}

/// Lets mail go on.
///
/// # Errors
/// [`StoreError::Database`].
pub fn resume(tx: &mut WriteTx<'_>, now_ms: i64) -> Result<bool, StoreError> {
    turn(tx, false, "", now_ms)
}

fn turn(tx: &mut WriteTx<'_>, paused: bool, reason: &str, now_ms: i64) -> Result<bool, StoreError> {
    let other = mail_switch::table.find(1).filter(mail_switch::paused.ne(paused));
    let set = (
        mail_switch::paused.eq(paused),
        mail_switch::reason.eq(reason),
        mail_switch::changed_at_ms.eq(now_ms),
    );
    Ok(diesel::update(other).set(set).execute(tx.conn)? == 1)
}

/// Notes why the mail server was not reached; empty text: it was.
///
/// # Errors
/// [`StoreError::Database`].
pub fn note_trouble(tx: &mut WriteTx<'_>, trouble: &str, now_ms: i64) -> Result<(), StoreError> {
    let at_ms = (!trouble.is_empty()).then_some(now_ms);
    let set = (mail_switch::trouble.eq(trouble), mail_switch::trouble_at_ms.eq(at_ms));
    diesel::update(mail_switch::table.find(1)).set(set).execute(tx.conn)?;
    Ok(())
}
