//! What is erased by the clock. Every rule names what is due and erases it, with an event that says so without the data.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::conn::Conn;
use super::frame::{self, ListState};
use super::schema_comment::retention_run;
use super::schema_frame::frame_list;
use super::schema_proof::seal;
use super::{StoreError, WriteTx, comment, contact_phone, late, mark};
use crate::survey::id::EvaluationId;
use crate::survey::retention::Retention;

const DAY_MS: i64 = 86_400_000;
/// A customer list is kept so long after sealing (requirements.md §8.6).
const LIST_MS: i64 = 30 * DAY_MS;
/// A file that nobody confirmed is kept so long.
const UPLOAD_MS: i64 = DAY_MS;
/// Things that one look erases; the next look is a minute away.
const AT_ONCE_MAX: i64 = 20;
/// Between two notes that nothing was due.
const NOTED_MS: i64 = DAY_MS / 24;

/// An evaluation and the id of what is due in it.
type Due = (String, String);

/// A rule of retention.
pub struct Rule {
    /// Which.
    pub retention: Retention,
    due: fn(&mut Conn, i64) -> Result<Vec<Due>, StoreError>,
    erase: fn(&mut WriteTx<'_>, EvaluationId, &str, &'static str, i64) -> Result<(), StoreError>,
}

/// Every rule.
pub const RULES: &[Rule] = &[
    Rule {
        retention: Retention::SealedList,
        due: sealed_lists,
        erase: erase_list,
    },
    Rule {
        retention: Retention::ForgottenFile,
        due: forgotten_files,
        erase: erase_list,
    },
    Rule {
        retention: Retention::OldMarks,
        due: mark::due,
        erase: |tx, id, _, rule, now_ms| mark::erase(tx, id, rule, now_ms),
    },
    Rule {
        retention: Retention::Comments,
        due: comment::due,
        erase: |tx, id, _, rule, now_ms| comment::erase(tx, id, rule, now_ms),
    },
    Rule {
        retention: Retention::Phones,
        due: contact_phone::due,
        erase: contact_phone::erase,
    },
    Rule {
        retention: Retention::DecidedUploads,
        due: late::due,
        erase: |tx, id, _, rule, now_ms| late::erase(tx, id, rule, now_ms),
    },
];

/// Erases what is due; how much that was.
///
/// # Errors
/// [`StoreError::Database`].
pub fn apply(tx: &mut WriteTx<'_>, now_ms: i64) -> Result<usize, StoreError> {
    let mut erased = 0;
    for rule in RULES {
        let before = erased;
        for (evaluation, object) in (rule.due)(tx.conn, now_ms)? {
            let corrupt = |_| StoreError::Corrupt(format!("evaluation {evaluation}"));
            (rule.erase)(
                tx,
                evaluation.parse().map_err(corrupt)?,
                &object,
                rule.retention.as_str(),
                now_ms,
            )?;
            erased += 1;
        }
        note(tx, rule.retention, erased > before, now_ms)?;
    }
    Ok(erased)
}

/// Notes that a rule was looked after; once an hour is enough where nothing was due.
fn note(tx: &mut WriteTx<'_>, rule: Retention, has_erased: bool, now_ms: i64) -> Result<(), StoreError> {
    let key = rule.as_str();
    let known: Option<(i64, Option<i64>)> = retention_run::table
        .find(key)
        .select((retention_run::looked_at_ms, retention_run::erased_at_ms))
        .first(tx.conn)
        .optional()?;
    if known.is_some_and(|(looked, _)| now_ms - looked < NOTED_MS) && !has_erased {
        return Ok(());
    }
    let erased_at_ms = match has_erased {
        true => Some(now_ms),
        false => known.and_then(|(_, erased)| erased),
    };
    diesel::delete(retention_run::table.find(key)).execute(tx.conn)?;
    let row = (
        retention_run::rule.eq(key),
        retention_run::looked_at_ms.eq(now_ms),
        retention_run::erased_at_ms.eq(erased_at_ms),
    );
    diesel::insert_into(retention_run::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// A rule with its last look and its last erasure, Unix ms.
pub type LastRun = (Retention, Option<i64>, Option<i64>);

/// When every rule ran.
///
/// # Errors
/// [`StoreError::Database`].
pub fn schedule(conn: &mut Conn) -> Result<Vec<LastRun>, StoreError> {
    let rows: Vec<(String, i64, Option<i64>)> = retention_run::table.load(conn)?;
    let run = |rule: &Rule| {
        let known = rows.iter().find(|(name, ..)| name == rule.retention.as_str());
        let looked = known.map(|(_, looked, _)| *looked);
        (rule.retention, looked, known.and_then(|(_, _, erased)| *erased))
    };
    Ok(RULES.iter().map(run).collect())
}

/// Lets SQLite's write-ahead log go, in which deleted rows stand until it is written over; PostgreSQL keeps its own until it
/// recycles them. Waits for readers at most as long as for any lock.
///
/// # Errors
/// [`StoreError::Database`].
pub fn forget(conn: &mut Conn) -> Result<(), StoreError> {
    if let Conn::Sqlite(conn) = conn {
        conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE);")?;
    }
    Ok(())
}

fn sealed_lists(conn: &mut Conn, now_ms: i64) -> Result<Vec<Due>, StoreError> {
    let sealed: Vec<String> = seal::table
        .filter(seal::at_ms.le(now_ms - LIST_MS))
        .select(seal::evaluation_id)
        .load(conn)?;
    Ok(frame_list::table
        .filter(frame_list::state.ne(ListState::Erased.as_str()))
        .filter(frame_list::evaluation_id.eq_any(sealed))
        .select((frame_list::evaluation_id, frame_list::id))
        .limit(AT_ONCE_MAX)
        .load(conn)?)
}

fn forgotten_files(conn: &mut Conn, now_ms: i64) -> Result<Vec<Due>, StoreError> {
    Ok(frame_list::table
        .filter(frame_list::state.eq_any([ListState::Uploaded.as_str(), ListState::Importing.as_str()]))
        .filter(frame_list::changed_at_ms.le(now_ms - UPLOAD_MS))
        .select((frame_list::evaluation_id, frame_list::id))
        .limit(AT_ONCE_MAX)
        .load(conn)?)
}

fn erase_list(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    list: &str,
    rule: &'static str,
    now_ms: i64,
) -> Result<(), StoreError> {
    frame::erase(tx, id, list, Some(rule), ("system", now_ms))
}
