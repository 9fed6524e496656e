//! Migrations, embedded in the binary and applied under a lock: of many nodes starting at once one migrates.

use std::fs::File;

use diesel::connection::SimpleConnection;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::conn::{Access, Conn, DatabaseUrl, Manager};
use super::{StoreError, installation};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Creates the database file where there is none, applies what is pending and returns the names applied.
///
/// # Errors
/// [`StoreError::Open`] when the database cannot be opened or a migration fails; nothing of a failed one stays.
pub fn migrate(url: &DatabaseUrl) -> Result<Vec<String>, StoreError> {
    let mut conn = Manager::new(url.clone(), Access::Write).open()?;
    let locked = lock(&mut conn, url)?;
    let failed = |e: Box<dyn std::error::Error + Send + Sync>| StoreError::Open(format!("migration: {e}"));
    let applied = match &mut conn {
        Conn::Postgres(c) => c.run_pending_migrations(POSTGRES).map_err(failed).map(|v| names(&v)),
        Conn::Sqlite(c) => c.run_pending_migrations(SQLITE).map_err(failed).map(|v| names(&v)),
    };
    if let Locked::Session = locked {
        conn.batch_execute(installation::UNLOCK_MIGRATIONS)?;
    }
    applied
}

/// Whether a PostgreSQL database already holds an installation.
///
/// # Errors
/// [`StoreError::Open`] when the database cannot be read.
pub fn is_in_use(url: &DatabaseUrl) -> Result<bool, StoreError> {
    let mut conn = Manager::new(url.clone(), Access::Read).open()?;
    Ok(installation::key_check(&mut conn).is_ok())
}

fn names(versions: &[diesel::migration::MigrationVersion<'_>]) -> Vec<String> {
    versions.iter().map(ToString::to_string).collect()
}

/// What holds the lock until it is dropped.
enum Locked {
    Session,
    File(#[allow(dead_code, reason = "held for its lock")] File),
}

/// PostgreSQL: a session lock. SQLite: a lock on a file beside the database.
fn lock(conn: &mut Conn, url: &DatabaseUrl) -> Result<Locked, StoreError> {
    match url {
        DatabaseUrl::Postgres(_) => {
            // Waiting for another node's migrations may take longer than a query may.
            conn.batch_execute("SET statement_timeout = 0; SET lock_timeout = 0;")?;
            conn.batch_execute(installation::LOCK_MIGRATIONS)?;
            Ok(Locked::Session)
        }
        DatabaseUrl::Sqlite(path) => {
            let failed = |e: std::io::Error| StoreError::Open(format!("{}: {e}", path.display()));
            let mut name = path.clone().into_os_string();
            name.push(".lock");
            let file = File::create(name).map_err(failed)?;
            file.lock().map_err(failed)?;
            Ok(Locked::File(file))
        }
    }
}
