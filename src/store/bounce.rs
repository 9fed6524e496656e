//! Delivery reports applied to the outbox: what is returned for good ends there, and its address gets no more mail.

use super::suppression::{self, Suppressed};
use super::{StoreError, WriteTx, outbox, recipient};
use crate::survey::bounce::Report;

/// Applies reports, each with the index of the address it names; returns how many were about messages of ours.
///
/// # Errors
/// [`StoreError::Database`].
pub fn apply(tx: &mut WriteTx<'_>, reports: &[(Option<String>, Report)], now_ms: i64) -> Result<usize, StoreError> {
    let mut known = 0;
    for (index, report) in reports.iter().filter(|(_, report)| report.permanent) {
        let by_id = match &report.message_id {
            Some(id) => outbox::bounce(tx, id, &report.status)?,
            None => false,
        };
        // Some servers return nothing of the message; then the address says whose it was.
        let found = by_id
            || match index {
                Some(index) => outbox::bounce_address(tx, index, &report.status)?,
                None => false,
            };
        if found {
            known += 1;
            if let Some(index) = index {
                suppression::add(tx, index, Suppressed::Bounced, now_ms)?;
                recipient::stop_address(tx, index, Suppressed::Bounced.as_str())?;
            }
        }
    }
    Ok(known)
}
