//! A database of its own for every test, and a way to look into it (or attack it) past the program.

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::result::Error;
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::SqliteConnection;
use tempfile::TempDir;

/// Which of the two databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// A database that exists for one test.
pub struct Database {
    /// As `--database` takes it.
    pub url: String,
    backend: Backend,
    /// Where the SQLite file is, and where programs under test may write.
    pub folder: TempDir,
}

impl Database {
    /// An empty database: a file that does not exist yet, or a new database on the PostgreSQL server of this test run.
    pub fn new(backend: Backend) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = match backend {
            Backend::Sqlite => format!("sqlite:{}", folder.path().join("test.sqlite").display()),
            Backend::Postgres => {
                let name = format!("perception_test_{:032x}", rand::random::<u128>());
                administer(&format!("CREATE DATABASE {name}"));
                let server = postgres_server();
                let (host, _) = server
                    .rsplit_once('/')
                    .expect("PERCEPTION_TEST_POSTGRES ends in /DATABASE");
                format!("{host}/{name}")
            }
        };
        Self { url, backend, folder }
    }

    /// A connection past the program, with the program's rights.
    pub fn raw(&self) -> Raw {
        match self.backend {
            Backend::Sqlite => Raw::sqlite(self.url.strip_prefix("sqlite:").unwrap()),
            Backend::Postgres => Raw::Postgres(PgConnection::establish(&self.url).unwrap()),
        }
    }

    /// Which of the two.
    pub fn backend(&self) -> Backend {
        self.backend
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if self.backend == Backend::Postgres
            && let Some((_, name)) = self.url.rsplit_once('/')
        {
            administer(&format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
}

fn administer(sql: &str) {
    let mut conn = PgConnection::establish(&postgres_server()).expect("the server of PERCEPTION_TEST_POSTGRES answers");
    conn.batch_execute(sql).unwrap();
}

/// The server of this test run. A test that needs it and finds none fails: a skipped test proves nothing.
fn postgres_server() -> String {
    std::env::var("PERCEPTION_TEST_POSTGRES").expect(
        "PERCEPTION_TEST_POSTGRES names no PostgreSQL server; run `tests/run it` or `tests/postgres.sh cargo test`",
    )
}

/// A plain connection.
pub enum Raw {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    value: i64,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    value: String,
}

impl Raw {
    /// Opens a SQLite file.
    pub fn sqlite(path: &str) -> Self {
        let mut conn = SqliteConnection::establish(path).unwrap();
        conn.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON;")
            .unwrap();
        Self::Sqlite(conn)
    }

    /// Runs one statement.
    pub fn execute(&mut self, sql: &str) -> Result<usize, Error> {
        match self {
            Self::Sqlite(conn) => diesel::sql_query(sql).execute(conn),
            Self::Postgres(conn) => diesel::sql_query(sql).execute(conn),
        }
    }

    /// The number of rows of a table, with a condition or not: `responses("response WHERE …")`.
    pub fn count(&mut self, from: &str) -> i64 {
        self.number(&format!("SELECT count(*) AS value FROM {from}"))
    }

    /// The one number of a query that calls it `value`.
    pub fn number(&mut self, sql: &str) -> i64 {
        let rows: Vec<Number> = match self {
            Self::Sqlite(conn) => diesel::sql_query(sql).load(conn),
            Self::Postgres(conn) => diesel::sql_query(sql).load(conn),
        }
        .unwrap();
        assert_eq!(rows.len(), 1, "{sql}");
        rows[0].value
    }

    /// The texts of a query that calls them `value`, sorted.
    pub fn texts(&mut self, sql: &str) -> Vec<String> {
        let rows: Vec<Line> = match self {
            Self::Sqlite(conn) => diesel::sql_query(sql).load(conn),
            Self::Postgres(conn) => diesel::sql_query(sql).load(conn),
        }
        .unwrap();
        let mut texts: Vec<String> = rows.into_iter().map(|row| row.value).collect();
        texts.sort();
        texts
    }

    /// The one text of a query that calls it `value`.
    pub fn text(&mut self, sql: &str) -> String {
        let mut texts = self.texts(sql);
        assert_eq!(texts.len(), 1, "{sql}");
        texts.remove(0)
    }

    /// Why a statement is refused; a statement that succeeds is a failed test.
    pub fn refused(&mut self, sql: &str) -> String {
        match self.execute(sql) {
            Ok(rows) => panic!("the database took it ({rows} rows): {sql}"),
            Err(error) => error.to_string(),
        }
    }
}
