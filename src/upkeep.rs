//! What is done by the clock, beside the pages: hours of answers bound into the chain, checkpoints, flags after fieldwork;
//! marks, telephone numbers and lists of customers erased when their time is over.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::secret::SecretKey;
use crate::store::{Store, StoreError, checkpoint, flag, retention};

/// Between two looks at what is due.
const PERIOD: Duration = Duration::from_secs(60);

/// Looks every minute what is due, until told to stop. A failure is logged and tried again.
pub async fn run(store: Store, key: SecretKey, clock: Clock, stop: CancellationToken) {
    loop {
        let (key, now_ms) = (key.clone(), clock.now_ms());
        let done: Result<(), StoreError> = store.write(move |tx| checkpoint::upkeep(tx, &key.seal(), now_ms)).await;
        let (kept, clock) = (store.clone(), clock.clone());
        let flags = tokio::task::spawn_blocking(move || flags(&kept, clock.now_ms()));
        let flags = flags.await.unwrap_or(Err(StoreError::Stopped));
        if let Err(error) = done.and(flags) {
            tracing::warn!(%error, "upkeep");
        }
        let erased: Result<usize, StoreError> = store.write(move |tx| retention::apply(tx, now_ms)).await;
        let forgotten = match erased {
            Ok(0) => Ok(()),
            Ok(_) => store.read(retention::forget).await,
            Err(error) => Err(error),
        };
        if let Err(error) = forgotten {
            tracing::warn!(%error, "retention");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(PERIOD) => {}
        }
    }
}

/// The last flags of evaluations after fieldwork.
fn flags(store: &Store, now_ms: i64) -> Result<(), StoreError> {
    for id in store.read_blocking(flag::due)? {
        flag::complete(store, id, now_ms)?;
    }
    Ok(())
}
