//! Wiring only: settings → key, store, clock → server. Binds first, so that the port is known to whoever starts it.

use std::net::TcpListener;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::access::session::FIRST_LINK_MS;
use crate::clock::Clock;
use crate::config::Config;
use crate::credential::{self, Hashing};
use crate::mail::{Mailer, Sender};
use crate::personal::DataKey;
use crate::secret::SecretKey;
use crate::store::{self, Store, StoreError, StoreSettings, account, installation, set_up_link};
use crate::upkeep;
use crate::web::{self, Demo, MailFacts, Running, WebState};

/// Evidence packs made at the same time.
const PACKS_AT_ONCE: usize = 2;

/// Why the program cannot start: one line for the person who started it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting.
    #[error(transparent)]
    Config(#[from] crate::config::ConfigError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The address.
    #[error("cannot listen on {0}: {1}")]
    Listen(std::net::SocketAddr, std::io::Error),
    /// Mail.
    #[error("mail: {0}")]
    Mail(String),
    /// The key.
    #[error(
        "this database belongs to another secret key; restore the key that was saved with it (its file ends in .key, or set PERCEPTION_SECRET_KEY)"
    )]
    ForeignKey,
    /// While serving.
    #[error("server: {0}")]
    Serve(#[from] std::io::Error),
}

/// A database opened with its key.
#[derive(Clone)]
pub struct Installation {
    /// The database.
    pub store: Store,
    /// Its key.
    pub key: SecretKey,
    /// The time.
    pub clock: Clock,
    /// Hashes passwords.
    pub hashing: Hashing,
}

impl Installation {
    /// Creates and migrates the database where needed, and makes sure that the key is the one it belongs to.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn open(config: &Config, clock: Clock) -> Result<Self, StartError> {
        store::migrate(&config.database)?;
        let key = config.secret()?;
        let store = Store::open(&StoreSettings {
            database: config.database.clone(),
            readers_max: config.readers_max,
            write_queue_max: config.write_queue_max,
            write_batch_max: config.write_batch_max,
            key: Some(DataKey::of_server(&key)),
        })?;
        let (check, now_ms) = (key.check_value(), clock.now_ms());
        let known: Option<String> = store.read_blocking(installation::key_check)?;
        let holds = match known {
            Some(known) => known,
            None => {
                let check = check.clone();
                store.write_blocking(move |tx| installation::set_key_check_if_missing(tx, &check, now_ms))?
            }
        };
        if holds != check {
            return Err(StartError::ForeignKey);
        }
        Ok(Self {
            store,
            key,
            clock,
            hashing: Hashing::default(),
        })
    }
}

/// A bound server that does not serve yet.
pub struct App {
    listener: TcpListener,
    state: WebState,
    workers: usize,
    mailer: Option<Mailer>,
}

impl App {
    /// Binds the address and wires everything.
    ///
    /// # Errors
    /// [`StartError::Listen`].
    pub fn build(config: &Config, installation: Installation, demo: Option<Demo>) -> Result<Self, StartError> {
        let failed = |e| StartError::Listen(config.listen, e);
        let listener = TcpListener::bind(config.listen).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let base_url = config.base_url.clone().unwrap_or_else(|| format!("http://{address}"));
        let (store, key, clock) = (
            installation.store.clone(),
            installation.key.clone(),
            installation.clock.clone(),
        );
        let sender = Sender {
            base_url: base_url.clone(),
            body: config.body_name.clone(),
            contact: config.body_contact.clone(),
        };
        let mailer = match &config.mail {
            Some(mail) => Some(Mailer::new(mail, sender, store, key, clock).map_err(StartError::Mail)?),
            None => None,
        };
        let state = WebState {
            store: installation.store,
            key: installation.key,
            clock: installation.clock,
            base_url,
            mail: config.mail.as_ref().map(|mail| MailFacts {
                host: mail.host.clone(),
                from: mail.from.to_string(),
                approval_above: mail.approval_above,
            }),
            body_name: config.body_name.clone(),
            body_contact: config.body_contact.clone(),
            trusted_proxies: config.trusted_proxies.clone(),
            misses: Arc::new(web::Misses::new(config.rate_limit)),
            throttle: Arc::new(web::Throttle::new(config.rate_limit)),
            hashing: installation.hashing,
            scans: Arc::default(),
            packs: Arc::new(Semaphore::new(PACKS_AT_ONCE)),
            bursts: Arc::default(),
            footfall: Arc::default(),
            visits: Arc::default(),
            demo,
        };
        Ok(Self {
            listener,
            state,
            workers: config.workers,
            mailer,
        })
    }

    /// Public address without a slash at its end.
    pub fn base_url(&self) -> &str {
        &self.state.base_url
    }

    /// A one-time link for the first administrator, if nobody has an account yet.
    ///
    /// # Errors
    /// [`StartError::Store`].
    pub fn first_link(&self) -> Result<Option<String>, StartError> {
        let store = &self.state.store;
        if store.read_blocking(account::is_any)? {
            return Ok(None);
        }
        let (token, now_ms) = (credential::token(), self.state.clock.now_ms());
        let hash = credential::token_hash(&token);
        store.write_blocking(move |tx| {
            set_up_link::issue(tx, &hash, set_up_link::For::FirstAdministrator, now_ms, FIRST_LINK_MS)
        })?;
        Ok(Some(format!("{}/set-up/{token}", self.state.base_url)))
    }

    /// Serves until stopped.
    ///
    /// # Errors
    /// [`StartError::Serve`].
    pub fn run(self, on_ready: impl FnOnce(Running)) -> Result<(), StartError> {
        let mailer = self.mailer;
        let (store, key, clock) = (
            self.state.store.clone(),
            self.state.key.clone(),
            self.state.clock.clone(),
        );
        let beside = |stop: CancellationToken| async move {
            let mail = async {
                if let Some(mailer) = mailer {
                    mailer.run(stop.clone()).await;
                }
            };
            tokio::join!(mail, upkeep::run(store, key, clock, stop.clone()));
        };
        Ok(web::serve(self.listener, self.state, self.workers, beside, on_ready)?)
    }
}
