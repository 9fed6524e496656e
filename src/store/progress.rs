//! How far fieldwork has come, from the tallies.

use diesel::prelude::*;

use super::conn::Conn;
use super::evaluation::Evaluation;
use super::schema::response;
use super::{StoreError, outlet, tally};
use crate::survey::EvidenceClass;
use crate::survey::id::EvaluationId;
use crate::survey::progress::{Done, OutletProgress, Progress};

const HOUR_MS: i64 = 3_600_000;

/// Counted answers and targets per outlet and channel.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn of(conn: &mut Conn, found: &Evaluation) -> Result<Progress, StoreError> {
    let tallies = tally::list(conn, found.id, &found.instrument)?;
    let counted = |outlet, class| {
        let key = tally::TallyKey {
            evaluation: found.id,
            outlet,
            class,
        };
        tallies.get(&key).map_or(0, |tally| tally.core().n)
    };
    let target = |planned: i32| u64::try_from(planned).unwrap_or_default();
    let outlets = outlet::list(conn, found.id)?.into_iter().map(|outlet| OutletProgress {
        id: outlet.id,
        face: Done {
            counted: counted(outlet.id, EvidenceClass::Face),
            target: target(outlet.target_face),
        },
        electronic: Done {
            counted: counted(outlet.id, EvidenceClass::Invited) + counted(outlet.id, EvidenceClass::Open),
            target: target(outlet.target_electronic),
        },
        invited: counted(outlet.id, EvidenceClass::Invited),
        name: outlet.name,
    });
    Ok(Progress {
        outlets: outlets.collect(),
    })
}

/// Whether an answer came in since a moment (to the hour).
///
/// # Errors
/// [`StoreError::Database`].
pub fn any_since(conn: &mut Conn, id: EvaluationId, since_ms: i64) -> Result<bool, StoreError> {
    let hour_ms = since_ms - since_ms.rem_euclid(HOUR_MS);
    let found: Option<i64> = response::table
        .filter(response::evaluation_id.eq(id.to_string()))
        .filter(response::received_hour_ms.ge(hour_ms))
        .select(response::received_hour_ms)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}
