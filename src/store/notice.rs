//! Notices to holders of certificates, waiting for their day.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::conn::Conn;
use super::grading::day;
use super::schema_grading::holder_notice;
use super::{StoreError, WriteTx};

/// Kinds that begin so are reminders of a yearly evaluation.
const REMINDER: &str = "remind:";

/// A notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What it tells: `step:suspend`, `remind:90`, `extra`.
    pub kind: String,
    /// The day on which it goes out.
    pub send_on: NaiveDate,
    /// Whether a newer one took its place.
    pub void: bool,
    /// When it went out, Unix ms.
    pub sent_at_ms: Option<i64>,
}

/// The kind of a reminder so many days before the yearly evaluation.
pub fn reminder(days: u64) -> String {
    format!("{REMINDER}{days}")
}

/// Puts a notice into the outbox.
///
/// # Errors
/// [`StoreError::Database`].
pub fn put(tx: &mut WriteTx<'_>, number: &str, kind: &str, send_on: NaiveDate) -> Result<(), StoreError> {
    let last: Option<i32> = holder_notice::table
        .filter(holder_notice::number.eq(number))
        .select(diesel::dsl::max(holder_notice::seq))
        .first(tx.conn)?;
    let row = (
        holder_notice::number.eq(number),
        holder_notice::seq.eq(last.unwrap_or(0) + 1),
        holder_notice::kind.eq(kind),
        holder_notice::send_on.eq(send_on.to_string()),
    );
    diesel::insert_into(holder_notice::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Takes back the reminders that have not gone out: the evaluation was done, or the certificate is over.
///
/// # Errors
/// [`StoreError::Database`].
pub fn void_reminders(tx: &mut WriteTx<'_>, number: &str) -> Result<(), StoreError> {
    let waiting = holder_notice::table
        .filter(holder_notice::number.eq(number))
        .filter(holder_notice::void.eq(false))
        .filter(holder_notice::sent_at_ms.is_null())
        .filter(holder_notice::kind.like(format!("{REMINDER}%")));
    diesel::update(waiting)
        .set(holder_notice::void.eq(true))
        .execute(tx.conn)?;
    Ok(())
}

/// The notices of a certificate in order of entry.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn list(conn: &mut Conn, number: &str) -> Result<Vec<Notice>, StoreError> {
    let rows: Vec<(String, String, bool, Option<i64>)> = holder_notice::table
        .filter(holder_notice::number.eq(number))
        .order(holder_notice::seq)
        .select((
            holder_notice::kind,
            holder_notice::send_on,
            holder_notice::void,
            holder_notice::sent_at_ms,
        ))
        .load(conn)?;
    rows.into_iter()
        .map(|(kind, send_on, void, sent_at_ms)| {
            Ok(Notice {
                kind,
                send_on: day(&send_on)?,
                void,
                sent_at_ms,
            })
        })
        .collect()
}
