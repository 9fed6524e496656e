//! Delivery reports applied to the outbox: what is returned for good ends there, and its address gets no more mail.

use super::suppression::{self, Suppressed};
use super::{StoreError, WriteTx, outbox};
use crate::survey::bounce::Report;

/// Applies reports, each with the index of the address it names; returns how many were about messages of ours.
///
/// # Errors
/// [`StoreError::Database`].
pub fn apply(tx: &mut WriteTx<'_>, reports: &[(Option<String>, Report)], now_ms: i64) -> Result<usize, StoreError> {
    let mut known = 0;
    for (index, report) in reports.iter().filter(|(_, report)| report.permanent) {
        let found = match &report.message_id {
            Some(id) => outbox::bounce(tx, id, &report.status)?,
            None => false,
        };
        if found {
            known += 1;
            if let Some(index) = index {
                suppression::add(tx, index, Suppressed::Bounced, now_ms)?;
            }
        }
    }
    Ok(known)
}
