//! Facts about this installation: which key it belongs to, which node this process is.

use diesel::prelude::*;

use super::conn::{Conn, per_backend};
use super::schema::installation;
use super::{StoreError, WriteTx};

/// Held while migrating. The number is arbitrary but fixed: "perc" in ASCII.
pub(super) const LOCK_MIGRATIONS: &str = "SELECT pg_advisory_lock(1885696611)";
/// Releases [`LOCK_MIGRATIONS`].
pub(super) const UNLOCK_MIGRATIONS: &str = "SELECT pg_advisory_unlock(1885696611)";
/// Space of the locks by which processes share out node numbers: "node" in ASCII.
const NODE_LOCK_SPACE: i32 = 1_852_793_957;
const NODES_MAX: i32 = 64;

diesel::define_sql_function! {
    /// PostgreSQL's session-level lock.
    fn pg_try_advisory_lock(space: diesel::sql_types::Integer, key: diesel::sql_types::Integer) -> diesel::sql_types::Bool;
}

/// The number under which this process writes its tally rows: the first that no other process on this database holds.
/// The lock lasts as long as the writer's connection.
///
/// # Errors
/// [`StoreError::Open`] when all 64 numbers are taken.
pub(super) fn claim_node(conn: &mut Conn) -> Result<i32, StoreError> {
    let Conn::Postgres(conn) = conn else { return Ok(1) };
    for node in 1..=NODES_MAX {
        if diesel::select(pg_try_advisory_lock(NODE_LOCK_SPACE, node)).get_result(conn)? {
            return Ok(node);
        }
    }
    Err(StoreError::Open(format!(
        "{NODES_MAX} nodes already write to this database"
    )))
}

/// The check value of the key this database belongs to; `None` for a new database.
///
/// # Errors
/// [`StoreError::Database`].
pub fn key_check(conn: &mut Conn) -> Result<Option<String>, StoreError> {
    Ok(installation::table
        .select(installation::key_check)
        .first(conn)
        .optional()?)
}

/// Records the key's check value in a new database; returns the one that holds, which another node may have set first.
///
/// # Errors
/// [`StoreError::Database`].
pub fn set_key_check_if_missing(tx: &mut WriteTx<'_>, check: &str, now_ms: i64) -> Result<String, StoreError> {
    let row = (
        installation::id.eq(1),
        installation::key_check.eq(check),
        installation::created_at_ms.eq(now_ms),
    );
    per_backend!(&mut *tx.conn, |c| diesel::insert_into(installation::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(installation::table.select(installation::key_check).first(tx.conn)?)
}
