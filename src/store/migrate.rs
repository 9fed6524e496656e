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
    // Before opening: two that create one SQLite file at once would meet already there.
    let _file = lock_file(url)?;
    let mut conn = Manager::new(url.clone(), Access::Write).open()?;
    let failed = |e: Box<dyn std::error::Error + Send + Sync>| StoreError::Open(format!("migration: {e}"));
    match &mut conn {
        Conn::Sqlite(c) => c.run_pending_migrations(SQLITE).map_err(failed).map(|v| names(&v)),
        Conn::Postgres(c) => {
            // Waiting for another node's migrations may take longer than a query may.
            c.batch_execute("SET statement_timeout = 0; SET lock_timeout = 0;")?;
            c.batch_execute(installation::LOCK_MIGRATIONS)?;
            let applied = c.run_pending_migrations(POSTGRES).map_err(failed).map(|v| names(&v));
            c.batch_execute(installation::UNLOCK_MIGRATIONS)?;
            applied
        }
    }
}

/// Whether a PostgreSQL database already holds an installation.
///
/// # Errors
/// [`StoreError::Open`] when the database cannot be read.
pub fn is_in_use(url: &DatabaseUrl) -> Result<bool, StoreError> {
    let mut conn = Manager::new(url.clone(), Access::Read).open()?;
    Ok(installation::key_check(&mut conn).is_ok())
}

/// The check value of the key that a database belongs to; `None` where it holds no installation.
///
/// # Errors
/// [`StoreError::Open`] when the database cannot be read.
pub fn key_check_of(url: &DatabaseUrl) -> Result<Option<String>, StoreError> {
    let mut conn = Manager::new(url.clone(), Access::Read).open()?;
    Ok(installation::key_check(&mut conn).unwrap_or_default())
}

fn names(versions: &[diesel::migration::MigrationVersion<'_>]) -> Vec<String> {
    versions.iter().map(ToString::to_string).collect()
}

/// A lock on a file beside a SQLite database, held until it is dropped.
fn lock_file(url: &DatabaseUrl) -> Result<Option<File>, StoreError> {
    let DatabaseUrl::Sqlite(path) = url else {
        return Ok(None);
    };
    let failed = |e: std::io::Error| StoreError::Open(format!("{}: {e}", path.display()));
    let mut name = path.clone().into_os_string();
    name.push(".lock");
    let file = File::create(name).map_err(failed)?;
    file.lock().map_err(failed)?;
    Ok(Some(file))
}
