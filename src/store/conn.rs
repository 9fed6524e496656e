//! Connections to either database behind one enum.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;

use super::StoreError;

/// A connection to whichever database is in use. SQLite stands last because it takes any text for a path.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    /// The shared database.
    Postgres(PgConnection),
    /// The embedded database.
    Sqlite(SqliteConnection),
}

/// One expression for both databases where the enum's common dialect has no such clause (conflict clauses, row locks), and
/// for the statements of every answer: a query of one database is known by its type, one of the enum is written out as
/// text each time. Written once, so that the two cannot drift.
macro_rules! per_backend {
    ($conn:expr, |$c:ident| $body:expr) => {
        match $conn {
            $crate::store::conn::Conn::Postgres($c) => $body,
            $crate::store::conn::Conn::Sqlite($c) => $body,
        }
    };
}
/// A query with a row lock on PostgreSQL; SQLite's write transaction already excludes everybody else.
macro_rules! locked {
    ($conn:expr, $query:expr, $lock:ident, |$q:ident, $c:ident| $body:expr) => {
        match $conn {
            $crate::store::conn::Conn::Postgres($c) => {
                let $q = $query.$lock();
                $body
            }
            $crate::store::conn::Conn::Sqlite($c) => {
                let $q = $query;
                $body
            }
        }
    };
}
pub(super) use {locked, per_backend};

/// Where the data are: `sqlite:PATH` or `postgres://…`.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file of the embedded database.
    Sqlite(PathBuf),
    /// A PostgreSQL connection URL.
    Postgres(String),
}

/// The text names no database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither sqlite:PATH nor postgres://…")]
pub struct DatabaseUrlError(String);

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;
    fn from_str(text: &str) -> Result<Self, DatabaseUrlError> {
        if let Some(path) = text
            .strip_prefix("sqlite:")
            .filter(|path| !path.is_empty() && *path != ":memory:")
        {
            return Ok(Self::Sqlite(path.trim_start_matches("//").into()));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        Err(DatabaseUrlError(
            text.split('@').next_back().unwrap_or_default().to_owned(),
        ))
    }
}

impl fmt::Display for DatabaseUrl {
    /// The URL without its password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => match url.split_once("://").and_then(|(scheme, rest)| {
                let (account, place) = rest.rsplit_once('@')?;
                let user = account.split_once(':').map_or(account, |(user, _)| user);
                Some((scheme, user, place))
            }) {
                Some((scheme, user, place)) => write!(f, "{scheme}://{user}@{place}"),
                None => f.write_str(url),
            },
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

/// Opens connections of one kind. Our own manager, because the derived one would try PostgreSQL and then quietly create
/// a SQLite file of that name.
#[derive(Debug, Clone)]
pub(super) struct Manager {
    url: DatabaseUrl,
    access: Access,
}

/// Durable at every commit; wait for locks instead of failing; a REPLACE counts as a deletion, so that it meets the same
/// triggers; nothing of a damaged schema is trusted.
const SQLITE_SETUP: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
     PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON; PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON; PRAGMA cache_size = -8000;";
/// Readers come again and again for the same few pages, and a pass over everything would only fill the memory.
const SQLITE_READ_ONLY: &str = "PRAGMA query_only = ON; PRAGMA cache_size = -2000;";
/// No query and no idle transaction may hold others up.
const POSTGRES_SETUP: &str = "SET statement_timeout = '5s'; SET lock_timeout = '2s'; \
     SET idle_in_transaction_session_timeout = '10s'; SET client_min_messages = 'warning';";
const POSTGRES_READ_ONLY: &str = "SET default_transaction_read_only = on;";

impl Manager {
    pub(super) fn new(url: DatabaseUrl, access: Access) -> Self {
        Self { url, access }
    }

    pub(super) fn open(&self) -> Result<Conn, StoreError> {
        let failed = |e: &dyn fmt::Display| StoreError::Open(format!("{}: {e}", self.url));
        let read = self.access == Access::Read;
        match &self.url {
            DatabaseUrl::Sqlite(path) => {
                let mut conn = SqliteConnection::establish(&path.to_string_lossy()).map_err(|e| failed(&e))?;
                conn.batch_execute(SQLITE_SETUP).map_err(|e| failed(&e))?;
                if read {
                    conn.batch_execute(SQLITE_READ_ONLY).map_err(|e| failed(&e))?;
                }
                Ok(Conn::Sqlite(conn))
            }
            DatabaseUrl::Postgres(url) => {
                let mut conn = PgConnection::establish(url).map_err(|e| failed(&e))?;
                conn.batch_execute(POSTGRES_SETUP).map_err(|e| failed(&e))?;
                if read {
                    conn.batch_execute(POSTGRES_READ_ONLY).map_err(|e| failed(&e))?;
                }
                Ok(Conn::Postgres(conn))
            }
        }
    }
}

impl diesel::r2d2::ManageConnection for Manager {
    type Connection = Conn;
    type Error = StoreError;

    fn connect(&self) -> Result<Conn, StoreError> {
        self.open()
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<(), StoreError> {
        Ok(conn.batch_execute("SELECT 1")?)
    }

    /// A lost PostgreSQL connection is thrown away on return; a SQLite file does not go away.
    fn has_broken(&self, conn: &mut Conn) -> bool {
        match conn {
            Conn::Postgres(_) => std::thread::panicking() || conn.batch_execute("SELECT 1").is_err(),
            Conn::Sqlite(_) => std::thread::panicking(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_url_is_one_of_two_kinds_and_shows_no_password() {
        assert_eq!("sqlite:a/b.db".parse(), Ok(DatabaseUrl::Sqlite("a/b.db".into())));
        let postgres: DatabaseUrl = "postgres://me:secret@host/db".parse().unwrap();
        assert_eq!(postgres.to_string(), "postgres://me@host/db");
        for wrong in ["", "sqlite:", "sqlite::memory:", "mysql://x", "some.db"] {
            assert!(wrong.parse::<DatabaseUrl>().is_err(), "{wrong}");
        }
    }
}
