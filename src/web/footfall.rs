//! Counts of visitors: how far they come on each way in, and who comes after a code has ended. Nobody waits for them: they
//! are added up in memory for a moment and written together, so that a flood of scans is one small write at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::store::funnel::{self, HOUR_MS, Place, Stage};
use crate::store::link::Link;
use crate::store::link_refusal::{self, Source};
use crate::store::{Store, StoreError, WriteTx};
use crate::survey::id::EvaluationId;

/// Counts that may wait to be written; what comes on top is not counted.
const WAITING_MAX: usize = 4_000;
/// Visits of so long are written together.
const GATHER: Duration = Duration::from_secs(1);

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Count {
    /// Somebody came this far.
    Visit(Place, Stage),
    /// Somebody came too late, in the hour that begins then.
    Late(EvaluationId, Source, i64),
}

impl Count {
    fn add(self, tx: &mut WriteTx<'_>, n: i64) -> Result<(), StoreError> {
        match self {
            Self::Visit(place, stage) => funnel::add(tx, place, stage, n),
            Self::Late(evaluation, source, hour_ms) => link_refusal::add(tx, evaluation, source, hour_ms, n),
        }
    }
}

/// Visitors who are not yet written.
#[derive(Default)]
pub struct Footfall(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    counts: HashMap<Count, i64>,
    is_writing: bool,
}

impl Footfall {
    /// Counts somebody who came this far by a link that works.
    pub fn came(self: &Arc<Self>, store: &Store, link: &Link, stage: Stage, now_ms: i64) {
        let place = Place {
            evaluation: link.evaluation.id,
            outlet: link.outlet,
            source: funnel::Source::of(link.id, link.state.kind),
            hour_ms: hour_of(now_ms),
        };
        self.note(store, Count::Visit(place, stage));
    }

    /// Counts somebody who came by a link that has ended.
    pub fn came_late(self: &Arc<Self>, store: &Store, link: &Link, now_ms: i64) {
        let source = link.batch.map_or(Source::Code(link.id), Source::Batch);
        self.note(store, Count::Late(link.evaluation.id, source, hour_of(now_ms)));
    }

    fn note(self: &Arc<Self>, store: &Store, count: Count) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.add(count, 1);
        if !std::mem::replace(&mut waiting.is_writing, true) {
            let (footfall, store) = (Arc::clone(self), store.clone());
            actix_web::rt::spawn(async move {
                actix_web::rt::time::sleep(GATHER).await;
                footfall.write_all(&store).await;
            });
        }
    }

    /// Writes what waits, until nothing does.
    pub async fn write_all(&self, store: &Store) {
        while let Some(counts) = self.take() {
            let rows = counts.clone();
            let written: Result<(), StoreError> = store
                .write(move |tx| rows.iter().try_for_each(|(count, n)| count.add(tx, *n)))
                .await;
            if let Err(error) = written {
                tracing::warn!(%error, "visitors were not counted yet");
                return self.put_back(counts);
            }
        }
    }

    /// What waits; ends the writing when nothing does.
    fn take(&self) -> Option<HashMap<Count, i64>> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.is_writing = !waiting.counts.is_empty();
        waiting.is_writing.then(|| std::mem::take(&mut waiting.counts))
    }

    /// Puts back what could not be written; the next visitor tries again.
    fn put_back(&self, counts: HashMap<Count, i64>) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (count, n) in counts {
            waiting.add(count, n);
        }
        waiting.is_writing = false;
    }
}

fn hour_of(at_ms: i64) -> i64 {
    at_ms - at_ms.rem_euclid(HOUR_MS)
}

impl Waiting {
    fn add(&mut self, count: Count, n: i64) {
        if self.counts.len() < WAITING_MAX || self.counts.contains_key(&count) {
            let sum = self.counts.entry(count).or_default();
            *sum = sum.saturating_add(n);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::id::LinkId;

    #[test]
    fn what_waits_is_bounded_and_nothing_of_it_is_lost_by_a_failed_write() {
        let footfall = Footfall::default();
        let (wave, code) = (EvaluationId::from_random([1; 16]), |n: u16| {
            let mut bytes = [0; 16];
            bytes[14..].copy_from_slice(&n.to_be_bytes());
            Source::Code(LinkId::from_bytes(bytes))
        });
        for n in 0..9_000 {
            footfall.0.lock().unwrap().add(Count::Late(wave, code(n), 0), 1);
        }
        let taken = footfall.take().unwrap();
        assert_eq!(taken.len(), WAITING_MAX);
        footfall.0.lock().unwrap().add(Count::Late(wave, code(0), 0), 2);
        footfall.put_back(taken);
        assert_eq!(footfall.take().unwrap().get(&Count::Late(wave, code(0), 0)), Some(&3));
        assert!(footfall.take().is_none() && !footfall.0.lock().unwrap().is_writing);
    }
}
