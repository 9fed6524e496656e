//! An installation as a whole: carried to another database, or into a file while it serves.
//!
//! Everything is read in one snapshot and written in one transaction, so that a copy is whole or not there; afterwards
//! both sides are compared table by table.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::Text;

use super::conn::{Access, Conn, DatabaseUrl, Manager};
use super::schema::{session, set_up_link, sqlite_master};
use super::schema_mail::mail_switch;
use super::table::{Extract, Table, extract};
use super::tables::ALL;
use super::{StoreError, migrate};

/// Rows of one INSERT: below PostgreSQL's 65 535 parameters at 32 columns.
const ROWS_AT_ONCE: usize = 500;

/// How far copying is: called with the name of a table when its rows are there, and how many.
pub type Progress<'a> = &'a mut dyn FnMut(&'static str, u64);

/// Why nothing was copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// Something is there already; only an empty database is written to.
    #[error("{0} is not empty ({1} has rows); nothing was written")]
    NotEmpty(String, &'static str),
    /// The two sides differ.
    #[error("{0} differs between the two sides; nothing of the copy stays")]
    Differs(&'static str),
    /// The database said no.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<diesel::result::Error> for CopyError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Copies every row of one database into another, which is created and migrated and must be empty; compares both sides.
/// Returns how many rows.
///
/// # Errors
/// [`CopyError`]; the target then holds an empty, migrated database.
pub fn copy(from: &DatabaseUrl, to: &DatabaseUrl, progress: Progress<'_>) -> Result<u64, CopyError> {
    migrate(to)?;
    let mut source = Manager::new(from.clone(), Access::Read).open()?;
    let mut target = Manager::new(to.clone(), Access::Write).open()?;
    if let Some(name) = occupied(&mut target)? {
        return Err(CopyError::NotEmpty(to.to_string(), name));
    }
    begin_snapshot(&mut source)?;
    begin(&mut target)?;
    // The one row that a new database comes with.
    diesel::delete(mail_switch::table).execute(&mut target)?;
    let triggers = suspend_triggers(&mut target)?;
    let mut rows = 0;
    for table in ALL {
        let copied = pour(&mut source, &mut target, table)?;
        progress(table.name, copied);
        rows += copied;
    }
    for table in ALL {
        if whole(&mut source, table)? != whole(&mut target, table)? {
            return Err(CopyError::Differs(table.name));
        }
    }
    resume_triggers(&mut target, &triggers)?;
    target.batch_execute("COMMIT").map_err(StoreError::from)?;
    Ok(rows)
}

/// Writes everything into a new file, which is itself a database of the embedded kind: one snapshot, while others write.
///
/// # Errors
/// [`CopyError`]; then there is no file.
pub fn snapshot(from: &DatabaseUrl, file: &Path, progress: Progress<'_>) -> Result<(), CopyError> {
    match from {
        DatabaseUrl::Sqlite(_) => {
            let mut conn = Manager::new(from.clone(), Access::Write).open()?;
            diesel::sql_query("VACUUM INTO ?")
                .bind::<Text, _>(file.to_string_lossy())
                .execute(&mut conn)?;
        }
        DatabaseUrl::Postgres(_) => {
            copy(from, &DatabaseUrl::Sqlite(file.to_owned()), progress)?;
        }
    }
    // One file, without the log that a database in use has beside it.
    let mut conn = Manager::new(DatabaseUrl::Sqlite(file.to_owned()), Access::Write).open()?;
    conn.batch_execute("PRAGMA journal_mode = DELETE")
        .map_err(StoreError::from)?;
    Ok(())
}

/// Ends every session, takes back every one-time link and pauses mail: what must not come to life again in a restored
/// database.
///
/// # Errors
/// [`StoreError::Database`].
pub fn calm(to: &DatabaseUrl, now_ms: i64) -> Result<(), StoreError> {
    let mut conn = Manager::new(to.clone(), Access::Write).open()?;
    conn.transaction(|conn| {
        diesel::delete(session::table).execute(conn)?;
        diesel::delete(set_up_link::table).execute(conn)?;
        let paused = (
            mail_switch::paused.eq(true),
            mail_switch::reason.eq("restored"),
            mail_switch::changed_at_ms.eq(now_ms),
        );
        diesel::update(mail_switch::table).set(paused).execute(conn)?;
        Ok(())
    })
}

/// Whether no table has a row. A database that has not been migrated is empty too.
///
/// # Errors
/// [`StoreError::Open`] when it cannot be opened.
pub fn is_vacant(url: &DatabaseUrl) -> Result<bool, StoreError> {
    if let DatabaseUrl::Sqlite(path) = url
        && !path.exists()
    {
        return Ok(true);
    }
    migrate(url)?;
    let mut conn = Manager::new(url.clone(), Access::Read).open()?;
    Ok(occupied(&mut conn)?.is_none())
}

/// The first table that has rows of somebody's.
fn occupied(conn: &mut Conn) -> Result<Option<&'static str>, StoreError> {
    for table in ALL.iter().filter(|table| table.name != "mail_switch") {
        if !is_empty(conn, table)? {
            return Ok(Some(table.name));
        }
    }
    Ok(None)
}

/// What SQLite finds wrong with a file; `None` = nothing.
///
/// # Errors
/// [`StoreError::Open`] when it is no database.
pub fn damage(file: &Path) -> Result<Option<String>, StoreError> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text)]
        integrity_check: String,
    }
    let mut conn = Manager::new(DatabaseUrl::Sqlite(file.to_owned()), Access::Read).open()?;
    let lines: Vec<Line> = diesel::sql_query("PRAGMA integrity_check(1)").load(&mut conn)?;
    let said = lines.into_iter().next().map(|line| line.integrity_check);
    Ok(said.filter(|said| said != "ok"))
}

/// How many tables [`copy`] reports.
pub fn tables() -> usize {
    ALL.len()
}

fn is_empty(conn: &mut Conn, table: &Table) -> Result<bool, StoreError> {
    let mut found = false;
    let read = (table.read)(conn, &mut |_| {
        found = true;
        Err(StoreError::Stopped) // the first row is enough
    });
    if found { Ok(false) } else { read.map(|()| true) }
}

/// Rows of a table from one database to the other.
fn pour(source: &mut Conn, target: &mut Conn, table: &Table) -> Result<u64, StoreError> {
    let (mut rows, mut waiting) = (0, Vec::with_capacity(ROWS_AT_ONCE));
    (table.read)(source, &mut |row| {
        waiting.push(row);
        rows += 1;
        if waiting.len() == ROWS_AT_ONCE {
            (table.insert)(target, &waiting)?;
            waiting.clear();
        }
        Ok(())
    })?;
    if !waiting.is_empty() {
        (table.insert)(target, &waiting)?;
    }
    Ok(rows)
}

fn whole(conn: &mut Conn, table: &Table) -> Result<Extract, StoreError> {
    extract(conn, table, &|_| true)
}

fn begin_snapshot(conn: &mut Conn) -> Result<(), StoreError> {
    match conn {
        Conn::Postgres(c) => c.batch_execute(
            "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; \
             BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        )?,
        Conn::Sqlite(c) => c.batch_execute("BEGIN")?,
    }
    Ok(())
}

fn begin(conn: &mut Conn) -> Result<(), StoreError> {
    match conn {
        Conn::Postgres(c) => {
            c.batch_execute("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; BEGIN")?
        }
        Conn::Sqlite(c) => c.batch_execute("BEGIN IMMEDIATE")?,
    }
    Ok(())
}

/// A statement about one trigger or table, its name quoted by the library.
struct About<'a> {
    before: &'static str,
    name: &'a str,
    after: &'static str,
}

impl<DB: diesel::backend::Backend> QueryFragment<DB> for About<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql(self.before);
        out.push_identifier(self.name)?;
        out.push_sql(self.after);
        Ok(())
    }
}

impl QueryId for About<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C> RunQueryDsl<C> for About<'_> {}

/// Puts the guards of this transaction aside: they watch over how rows come to be, and these rows have been. SQLite can only
/// drop them; returns their text.
fn suspend_triggers(conn: &mut Conn) -> Result<Vec<String>, StoreError> {
    match conn {
        Conn::Postgres(c) => {
            for table in ALL {
                guards(c, table.name, " DISABLE TRIGGER USER")?;
            }
            Ok(Vec::new())
        }
        Conn::Sqlite(c) => {
            let triggers: Vec<(String, String)> = sqlite_master::table
                .filter(sqlite_master::kind.eq("trigger"))
                .select((sqlite_master::name, sqlite_master::sql))
                .load(c)?;
            for (name, _) in &triggers {
                let drop = About {
                    before: "DROP TRIGGER ",
                    name,
                    after: "",
                };
                drop.execute(c)?;
            }
            Ok(triggers.into_iter().map(|(_, text)| text).collect())
        }
    }
}

fn resume_triggers(conn: &mut Conn, triggers: &[String]) -> Result<(), StoreError> {
    match conn {
        Conn::Postgres(c) => {
            for table in ALL {
                guards(c, table.name, " ENABLE TRIGGER USER")?;
            }
        }
        Conn::Sqlite(c) => {
            for text in triggers {
                c.batch_execute(text)?;
            }
        }
    }
    Ok(())
}

fn guards(conn: &mut PgConnection, name: &str, after: &'static str) -> Result<(), StoreError> {
    let alter = About {
        before: "ALTER TABLE ",
        name,
        after,
    };
    alter.execute(conn)?;
    Ok(())
}
