//! What every handler may use.

use std::sync::{Arc, Mutex};

use ipnet::IpNet;
use tokio::sync::Semaphore;

use super::client::Misses;
use super::footfall::Footfall;
use super::scans::Scans;
use super::throttle::Throttle;
use super::visits::Visits;
use crate::clock::Clock;
use crate::credential::Hashing;
use crate::secret::SecretKey;
use crate::store::Store;
use crate::survey::id::EvaluationId;
use crate::survey::language::Text;
use crate::survey::mark::Bursts;

/// The demo's own pages; absent in a real installation.
#[derive(Debug, Clone)]
pub struct Demo {
    /// Evaluation that customers can answer now.
    pub open: EvaluationId,
    /// Evaluation with final results.
    pub closed: EvaluationId,
    /// Password of its accounts, whose logins are the names of the roles.
    pub password: String,
}

/// What pages tell about mail, and by what its invitations are bound.
#[derive(Debug, Clone)]
pub struct MailFacts {
    /// Name of the mail server.
    pub host: String,
    /// Sender.
    pub from: String,
    /// With more recipients than this another person must approve.
    pub approval_above: u32,
}

/// Shared by all handlers; wired in `app.rs`.
#[derive(Clone)]
pub struct WebState {
    /// The database.
    pub store: Store,
    /// Signs forms, derives links and receipts.
    pub key: SecretKey,
    /// The time.
    pub clock: Clock,
    /// Public address without a slash at its end.
    pub base_url: String,
    /// Mail; `None` = off.
    pub mail: Option<MailFacts>,
    /// Name of the certification body.
    pub body_name: Text,
    /// Its address for questions and rights, as the privacy notice names it.
    pub body_contact: String,
    /// Proxies whose word about the client is taken.
    pub trusted_proxies: Vec<IpNet>,
    /// Slows down guessing of links.
    pub misses: Arc<Misses>,
    /// Slows down guessing of passwords and codes.
    pub throttle: Arc<Throttle>,
    /// Hashes passwords, two at a time.
    pub hashing: Hashing,
    /// Passes over the responses of closed evaluations.
    pub scans: Arc<Scans>,
    /// Evidence packs that may be made at the same time: each is a scan of all answers and a file.
    pub packs: Arc<Semaphore>,
    /// The last minutes of every open code.
    pub bursts: Arc<Mutex<Bursts>>,
    /// Visitors who are counted.
    pub footfall: Arc<Footfall>,
    /// Links and survey pages kept for a moment.
    pub visits: Arc<Visits>,
    /// The demo, if this is one.
    pub demo: Option<Demo>,
}

impl WebState {
    /// Whether the worked example shows the pages of this evaluation, or those outside evaluations, to everybody.
    pub fn shows_without_account(&self, evaluation: Option<EvaluationId>) -> bool {
        let Some(demo) = &self.demo else { return false };
        evaluation.is_none_or(|id| demo.open == id || demo.closed == id)
    }
}
