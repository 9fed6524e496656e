//! What every handler may use.

use std::sync::Arc;

use ipnet::IpNet;

use super::client::Misses;
use super::throttle::Throttle;
use super::late::LateScans;
use super::visits::Visits;
use crate::clock::Clock;
use crate::credential::Hashing;
use crate::secret::SecretKey;
use crate::store::Store;
use crate::survey::id::EvaluationId;
use crate::survey::language::Text;

/// The demo's own pages; absent in a real installation.
#[derive(Debug, Clone)]
pub struct Demo {
    /// Evaluation that customers can answer now.
    pub open: EvaluationId,
    /// Evaluation with final results.
    pub closed: EvaluationId,
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
    /// Name of the certification body.
    pub body_name: Text,
    /// Proxies whose word about the client is taken.
    pub trusted_proxies: Vec<IpNet>,
    /// Slows down guessing of links.
    pub misses: Arc<Misses>,
    /// Slows down guessing of passwords and codes.
    pub throttle: Arc<Throttle>,
    /// Hashes passwords, two at a time.
    pub hashing: Hashing,
    /// Visitors of codes that have ended.
    pub late: Arc<LateScans>,
    /// Links and survey pages kept for a moment.
    pub visits: Arc<Visits>,
    /// The demo, if this is one.
    pub demo: Option<Demo>,
}

impl WebState {
    /// The demo's evaluation of this id: results are readable without an account only there.
    pub fn readable_without_account(&self, id: EvaluationId) -> bool {
        self.demo
            .as_ref()
            .is_some_and(|demo| demo.open == id || demo.closed == id)
    }
}
