//! How often somebody came after a code had ended, per day. No visit has a row of its own: of single-use links not even
//! the link is kept, only its batch.

use std::collections::HashMap;

use diesel::prelude::*;

use super::conn::{Conn, per_backend};
use super::schema::link_refusal;
use super::{StoreError, WriteTx};
use crate::survey::code_form::day_of;
use crate::survey::id::{EvaluationId, LinkBatchId, LinkId};

/// What ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// An outlet's code.
    Code(LinkId),
    /// Single-use links that were made together.
    Batch(LinkBatchId),
}

impl Source {
    fn id(&self) -> String {
        match self {
            Self::Code(id) => id.to_string(),
            Self::Batch(id) => id.to_string(),
        }
    }
}

/// Visitors who came too late.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Late {
    /// How many.
    pub scans: i64,
    /// Day of the latest one, as [`day_of`] counts.
    pub last_day: i64,
}

/// Adds visitors of one day.
///
/// # Errors
/// [`StoreError::Database`].
pub fn add(
    tx: &mut WriteTx<'_>,
    evaluation: EvaluationId,
    source: Source,
    at_ms: i64,
    scans: i64,
) -> Result<(), StoreError> {
    let row = (
        link_refusal::evaluation_id.eq(evaluation.to_string()),
        link_refusal::source_id.eq(source.id()),
        link_refusal::day.eq(day_of(at_ms)),
        link_refusal::scans.eq(scans),
    );
    let key = (link_refusal::evaluation_id, link_refusal::source_id, link_refusal::day);
    per_backend!(&mut *tx.conn, |c| diesel::insert_into(link_refusal::table)
        .values(row)
        .on_conflict(key)
        .do_update()
        .set(link_refusal::scans.eq(link_refusal::scans + scans))
        .execute(c))?;
    Ok(())
}

/// Visitors who came too late, by the id of what had ended.
pub(super) fn list(conn: &mut Conn, evaluation: EvaluationId) -> Result<HashMap<String, Late>, StoreError> {
    let rows: Vec<(String, i64, i64)> = link_refusal::table
        .filter(link_refusal::evaluation_id.eq(evaluation.to_string()))
        .select((link_refusal::source_id, link_refusal::day, link_refusal::scans))
        .load(conn)?;
    let mut found: HashMap<String, Late> = HashMap::new();
    for (source, day, scans) in rows {
        let late = found.entry(source).or_default();
        late.scans = late.scans.saturating_add(scans);
        late.last_day = late.last_day.max(day);
    }
    Ok(found)
}
