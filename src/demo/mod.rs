//! The worked example: two organisations, fieldwork in every channel, one evaluation closed with results, one open for
//! answering now. Everything goes through the code that real answers take; only the customers are invented, by a seeded
//! generator, so that every demo tells the same story.

mod crowd;
mod customers;
mod errands;
mod field;
mod plan;
mod plot;
mod remarks;
mod staff;
mod story;
mod supervised;
mod verdict;

use std::path::PathBuf;

use crate::app::{App, Installation, StartError};
use crate::clock::Clock;
use crate::config::Config;
use crate::store::{self, DatabaseUrl, StoreError, evaluation, flag, scan};
use crate::survey::id::EvaluationId;
use crate::web::Demo;

/// Links and ids of the demo, for its ready file and its first line on the terminal.
#[derive(Debug, Clone)]
pub struct DemoLinks {
    /// Password of every account; their logins are the names of the roles.
    pub password: String,
    /// Evaluation that can be answered now.
    pub open: EvaluationId,
    /// Evaluation with final results.
    pub closed: EvaluationId,
    /// Path of an open outlet link.
    pub survey: String,
    /// Paths of unused personal links.
    pub invitations: Vec<String>,
    /// Path of a link whose survey is over.
    pub survey_closed: String,
    /// Path of a link that was withdrawn.
    pub survey_revoked: String,
    /// Path of a link that has not begun.
    pub survey_early: String,
}

/// A database that exists for one demo.
pub struct Throwaway {
    /// Where it is.
    pub url: DatabaseUrl,
    folder: Option<PathBuf>,
}

impl Throwaway {
    /// The database asked for, which must be new, or one in a folder of its own that goes with the demo.
    ///
    /// # Errors
    /// [`StartError`] when it exists already.
    pub fn new(asked: Option<DatabaseUrl>) -> Result<Self, StartError> {
        match asked {
            Some(url) => {
                let exists = match &url {
                    DatabaseUrl::Sqlite(path) => path.exists(),
                    DatabaseUrl::Postgres(_) => store::is_in_use(&url)?,
                };
                if exists {
                    return Err(
                        StoreError::Open(format!("{url} exists already; the demo only takes a new database")).into(),
                    );
                }
                Ok(Self { url, folder: None })
            }
            None => {
                let name = format!("perception-demo-{:016x}", rand::random::<u64>());
                let folder = std::env::temp_dir().join(name);
                std::fs::create_dir(&folder)?;
                Ok(Self {
                    url: DatabaseUrl::Sqlite(folder.join("demo.sqlite")),
                    folder: Some(folder),
                })
            }
        }
    }
}

impl Drop for Throwaway {
    fn drop(&mut self) {
        if let Some(folder) = self.folder.take() {
            // Nothing depends on the folder; what cannot be removed stays in the system's temporary files.
            drop(std::fs::remove_dir_all(folder));
        }
    }
}

/// Makes the example in an empty database and wires a server around it.
///
/// # Errors
/// [`StartError`].
pub fn build(config: &Config) -> Result<(App, DemoLinks), StartError> {
    let installation = Installation::open(config, Clock::default())?;
    if !installation.store.read_blocking(evaluation::list_ids)?.is_empty() {
        return Err(StoreError::Open("the demo only takes an empty database".into()).into());
    }
    let links = story::tell(&installation, config)?;
    for id in installation.store.read_blocking(evaluation::list_ids)? {
        scan::complete(&installation.store, id)?;
        flag::complete(&installation.store, id, installation.clock.now_ms())?;
    }
    let app = App::build(
        config,
        installation,
        Some(Demo {
            open: links.open,
            closed: links.closed,
            password: links.password.clone(),
        }),
    )?;
    Ok((app, links))
}
