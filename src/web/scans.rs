//! Passes over the responses of closed evaluations, made beside the server's work, one at a time an evaluation.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::store::{Store, scan};
use crate::survey::id::EvaluationId;

/// Most passes at the same time; who comes on top begins when a page is asked for again.
const RUNNING_MAX: usize = 2;

/// Evaluations whose responses are passed over just now.
#[derive(Debug, Default)]
pub struct Scans(Mutex<BTreeSet<EvaluationId>>);

impl Scans {
    /// Begins a pass unless one is under way. It ends with the process: it stores nothing before its end, and the next
    /// page that misses it begins it again.
    pub fn begin(self: &Arc<Self>, store: &Store, evaluation: EvaluationId) {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if running.len() >= RUNNING_MAX || !running.insert(evaluation) {
            return;
        }
        drop(running);
        let (scans, store) = (Arc::clone(self), store.clone());
        let pass = move || {
            if let Err(error) = scan::complete(&store, evaluation) {
                tracing::warn!(%error, %evaluation, "the responses were not passed over");
            }
            scans.end(evaluation);
        };
        if let Err(error) = std::thread::Builder::new().name("scan".into()).spawn(pass) {
            tracing::warn!(%error, "no thread for a pass over the responses");
            self.end(evaluation);
        }
    }

    fn end(&self, evaluation: EvaluationId) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&evaluation);
    }
}
