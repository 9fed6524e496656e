//! Counts of visitors who come after a code has ended. Nobody waits for them: they are added up in memory while a write
//! is under way and written together when it is done, so that a flood of scans is one small write at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::store::link_refusal::{self, Source};
use crate::store::{Store, StoreError};
use crate::survey::id::EvaluationId;

/// Codes that may wait to be written; what comes on top is not counted.
const WAITING_MAX: usize = 1_000;

/// Visitors who are not yet written.
#[derive(Default)]
pub struct LateScans(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    scans: HashMap<(EvaluationId, Source), i64>,
    is_writing: bool,
}

impl LateScans {
    /// Counts a visitor.
    pub fn note(self: &Arc<Self>, store: &Store, evaluation: EvaluationId, source: Source, now_ms: i64) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.add((evaluation, source), 1);
        if !std::mem::replace(&mut waiting.is_writing, true) {
            actix_web::rt::spawn(write_all(Arc::clone(self), store.clone(), now_ms));
        }
    }

    /// What waits; ends the writing when nothing does.
    fn take(&self) -> Option<HashMap<(EvaluationId, Source), i64>> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.is_writing = !waiting.scans.is_empty();
        waiting.is_writing.then(|| std::mem::take(&mut waiting.scans))
    }

    /// Puts back what could not be written; the next visitor tries again.
    fn put_back(&self, scans: HashMap<(EvaluationId, Source), i64>) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, n) in scans {
            waiting.add(key, n);
        }
        waiting.is_writing = false;
    }
}

impl Waiting {
    fn add(&mut self, key: (EvaluationId, Source), n: i64) {
        if self.scans.len() < WAITING_MAX || self.scans.contains_key(&key) {
            let scans = self.scans.entry(key).or_default();
            *scans = scans.saturating_add(n);
        }
    }
}

async fn write_all(late: Arc<LateScans>, store: Store, now_ms: i64) {
    while let Some(scans) = late.take() {
        let rows = scans.clone();
        let written: Result<(), StoreError> = store
            .write(move |tx| {
                for ((evaluation, source), n) in &rows {
                    link_refusal::add(tx, *evaluation, *source, now_ms, *n)?;
                }
                Ok(())
            })
            .await;
        if let Err(error) = written {
            tracing::warn!(%error, "scans of ended codes were not counted yet");
            return late.put_back(scans);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::id::LinkId;

    #[test]
    fn what_waits_is_bounded_and_nothing_of_it_is_lost_by_a_failed_write() {
        let late = LateScans::default();
        let (wave, code) = (EvaluationId::from_random([1; 16]), |n: u16| {
            let mut bytes = [0; 16];
            bytes[14..].copy_from_slice(&n.to_be_bytes());
            Source::Code(LinkId::from_bytes(bytes))
        });
        for n in 0..3_000 {
            late.0.lock().unwrap().add((wave, code(n)), 1);
        }
        let taken = late.take().unwrap();
        assert_eq!(taken.len(), WAITING_MAX);
        late.0.lock().unwrap().add((wave, code(0)), 2);
        late.put_back(taken);
        assert_eq!(late.take().unwrap().get(&(wave, code(0))), Some(&3));
        assert!(late.take().is_none() && !late.0.lock().unwrap().is_writing);
    }
}
