//! The database: diesel and SQL live here and nowhere else. Two verbs, [`Store::read`] and [`Store::write`]; one file
//! per noun. Two databases, one program: SQLite embedded, PostgreSQL shared.

mod conn;
mod migrate;
mod schema;
mod schema_comment;
mod schema_fieldwork;
mod schema_frame;
mod schema_grading;
mod schema_mail;
mod schema_offline;
mod schema_planning;
mod schema_policy;
mod schema_proof;
mod schema_quality;
mod schema_recipient;
mod schema_supervision;
mod table;
mod tables;
mod writer;

pub mod account;
pub mod assignment;
pub mod audit;
pub mod back_check;
pub mod bounce;
pub mod catalogue;
pub mod certificate;
pub mod checkpoint;
pub mod comment;
pub mod conflict;
pub mod contact_phone;
pub mod copy;
pub mod correction;
pub mod decision;
pub mod deviation;
pub mod disposition;
pub mod dossier;
pub mod erasure;
pub mod evaluation;
pub mod evaluator_work;
pub mod event;
pub mod exclusion;
pub mod fact;
pub mod field;
pub mod fieldwork;
pub mod flag;
pub mod frame;
pub mod funnel;
pub mod grading;
pub mod installation;
pub mod interview;
pub mod interview_record;
pub mod late;
pub mod ledger;
pub mod link;
pub mod link_batch;
mod link_company;
pub mod link_refusal;
pub mod mail_plan;
pub mod mail_switch;
pub mod mark;
pub mod membership;
pub mod monitor;
pub mod notice;
pub mod organisation;
pub mod organisation_contact;
pub mod outbox;
pub mod outlet;
pub mod outlet_code;
pub mod outlet_draw;
pub mod pack_grant;
pub mod paper;
pub mod person;
pub mod plan;
pub mod plan_review;
pub mod policy;
pub mod posting;
pub mod progress;
pub mod recipient;
pub mod recording;
pub mod report;
pub mod response;
pub mod retention;
pub mod scan;
pub mod scoring;
pub mod seal;
pub mod second_factor;
pub mod session;
pub mod set_up_link;
pub mod supervision;
pub mod suppression;
pub mod sync;
pub mod tally;
pub mod verify;
pub mod withdrawal;

use std::sync::Arc;
use std::time::Duration;

use diesel::r2d2::Pool;

pub use conn::{Conn, DatabaseUrl, DatabaseUrlError};
pub use copy::is_vacant;
pub use migrate::{is_in_use, key_check_of, migrate};
pub use writer::{Pulse, WriteTx};

use catalogue::Catalogue;
use conn::{Access, Manager};
use writer::Writer;

use crate::personal::DataKey;

/// How the store works; every limit has its reason in `config.rs`.
#[derive(Debug, Clone)]
pub struct StoreSettings {
    /// Where the data are.
    pub database: DatabaseUrl,
    /// Connections for reading.
    pub readers_max: u32,
    /// Commands that may wait for the writer; more are refused as busy.
    pub write_queue_max: usize,
    /// Commands in one transaction.
    pub write_batch_max: usize,
    /// What texts of customers are sealed under; without it none is stored or read.
    pub key: Option<DataKey>,
}

/// Why the store could not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Too much to do right now: try again.
    #[error("the store is busy")]
    Busy,
    /// The writer has stopped: the process is about to end.
    #[error("the writer has stopped")]
    Stopped,
    /// The transaction was not committed; nothing of it is stored.
    #[error("commit failed: {0}")]
    Commit(String),
    /// Somebody else held what was needed for too long: try again.
    #[error("the database is contended: {0}")]
    Contended(diesel::result::Error),
    /// The database said no.
    #[error("database: {0}")]
    Database(diesel::result::Error),
    /// The database cannot be opened.
    #[error("cannot open the database: {0}")]
    Open(String),
    /// Stored data that the program cannot have written.
    #[error("stored data are not readable: {0}")]
    Corrupt(String),
}

/// What the databases say, in the languages they say it in, when trying again would have helped: somebody held what was
/// needed, or the server was restarted. The library passes only the words on.
const CONTENTION: [&str; 11] = [
    "server closed the connection",
    "terminating connection",
    "no connection to the server",
    "deadlock detected",
    "due to lock timeout",
    "due to statement timeout",
    "database is locked",
    "database table is locked",
    "死锁",
    "锁超时",
    "语句超时",
];

impl From<diesel::result::Error> for StoreError {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::{DatabaseErrorKind, Error};
        let contended = match &error {
            Error::DatabaseError(DatabaseErrorKind::SerializationFailure | DatabaseErrorKind::ClosedConnection, _) => {
                true
            }
            Error::DatabaseError(_, about) => CONTENTION.iter().any(|words| about.message().contains(words)),
            _ => false,
        };
        if contended {
            Self::Contended(error)
        } else {
            Self::Database(error)
        }
    }
}

impl StoreError {
    /// Whether the same thing may succeed in a moment.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Busy | Self::Stopped | Self::Commit(_) | Self::Contended(_))
    }
}

/// The key, where there is one.
fn needed(key: Option<&DataKey>) -> Result<&DataKey, StoreError> {
    key.ok_or_else(|| StoreError::Open("the secret key is missing".into()))
}

/// An error that may have come from the store.
pub trait StoreFailure: From<StoreError> {
    /// The store's part of it, if any.
    fn store_error(&self) -> Option<&StoreError>;
}

impl StoreFailure for StoreError {
    fn store_error(&self) -> Option<&StoreError> {
        Some(self)
    }
}

/// Time to wait for a free reading connection before saying busy.
const CHECKOUT_TIMEOUT: Duration = Duration::from_secs(2);

/// A database in use: a pool of readers and one writer.
#[derive(Clone)]
pub struct Store {
    readers: Pool<Manager>,
    writer: Writer,
    catalogue: Arc<Catalogue>,
    key: Option<DataKey>,
}

impl Store {
    /// Opens a migrated database.
    ///
    /// # Errors
    /// [`StoreError::Open`] when it cannot be reached or has not been migrated.
    pub fn open(settings: &StoreSettings) -> Result<Self, StoreError> {
        let manager = Manager::new(settings.database.clone(), Access::Read);
        let readers = Pool::builder()
            .max_size(settings.readers_max)
            .connection_timeout(CHECKOUT_TIMEOUT)
            // A PostgreSQL server may have been restarted since; a SQLite file does not go away.
            .test_on_check_out(matches!(settings.database, DatabaseUrl::Postgres(_)))
            .build(manager)
            .map_err(|e| StoreError::Open(e.to_string()))?;
        let writer = Writer::start(settings)?;
        Ok(Self {
            readers,
            writer,
            catalogue: Arc::default(),
            key: settings.key.clone(),
        })
    }

    /// Runs a query on a reading connection, off the async threads.
    ///
    /// # Errors
    /// What the query returns, or [`StoreError::Busy`] after two seconds without a free connection.
    pub async fn read<T, E, F>(&self, query: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
    {
        let store = self.clone();
        match tokio::task::spawn_blocking(move || store.read_blocking(query)).await {
            Ok(result) => result,
            Err(_) => Err(StoreError::Stopped.into()),
        }
    }

    /// [`Store::read`] for command line and start-up.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub fn read_blocking<T, E: From<StoreError>>(&self, query: impl FnOnce(&mut Conn) -> Result<T, E>) -> Result<T, E> {
        let mut conn = self.readers.get().map_err(|_| StoreError::Busy)?;
        query(&mut conn)
    }

    /// Runs a command in the writer's next transaction; returns after COMMIT. A command that fails leaves nothing. One that
    /// meets contention (another node, a deadlock) is run again, so it must not consume what it works with.
    ///
    /// # Errors
    /// What the command returns; [`StoreError::Busy`] at once when the queue is full; [`StoreError::Commit`] when the
    /// transaction failed.
    pub async fn write<T, E, F>(&self, command: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: StoreFailure + Send + 'static,
        F: FnMut(&mut WriteTx<'_>) -> Result<T, E> + Send + 'static,
    {
        let reply = self.writer.submit(command)?;
        reply.await.unwrap_or_else(|_| Err(StoreError::Stopped.into()))
    }

    /// [`Store::write`] for command line and start-up.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub fn write_blocking<T, E, F>(&self, command: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: StoreFailure + Send + 'static,
        F: FnMut(&mut WriteTx<'_>) -> Result<T, E> + Send + 'static,
    {
        let reply = self.writer.submit(command)?;
        reply
            .blocking_recv()
            .unwrap_or_else(|_| Err(StoreError::Stopped.into()))
    }

    /// What texts of customers are sealed under.
    ///
    /// # Errors
    /// [`StoreError::Open`] where the database was opened without its key.
    pub fn key(&self) -> Result<&DataKey, StoreError> {
        needed(self.key.as_ref())
    }

    /// Questionnaires and methods, each read and checked once.
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// Whether the writer runs and when it last committed.
    pub fn pulse(&self) -> Pulse {
        self.writer.pulse()
    }

    /// Lets the writer finish what is queued and stops it. Commands after this are refused.
    pub async fn close(&self) {
        self.writer.stop().await;
    }
}
