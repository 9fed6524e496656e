//! The record of a list; a correction is a newer row.

use diesel::prelude::*;

use super::{hold, json, read_json};
use crate::store::conn::Conn;
use crate::store::grading::{Act, GradingError, log};
use crate::store::schema_frame::{frame_draw, frame_record};
use crate::store::{StoreError, WriteTx};
use crate::survey::form::Problem;
use crate::survey::frame::record::FrameRecord;
use crate::survey::id::EvaluationId;

/// The newest record of a list.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn newest(conn: &mut Conn, list: &str) -> Result<Option<FrameRecord>, StoreError> {
    let body: Option<String> = frame_record::table
        .filter(frame_record::list_id.eq(list))
        .order(frame_record::version.desc())
        .select(frame_record::body)
        .first(conn)
        .optional()?;
    body.as_deref().map(read_json).transpose()
}

/// Records what is known about a list.
///
/// # Errors
/// [`GradingError::Refused`] outside fieldwork, for a list that is gone, and for another basis once somebody was drawn.
pub fn put(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    list: &str,
    record: &FrameRecord,
    (who, at_ms): Act,
) -> Result<(), GradingError> {
    hold(tx, id)?;
    let is_there = super::current(tx.conn, id)?.is_some_and(|found| found.id == list && found.erased_at_ms.is_none());
    if !is_there {
        return Err(GradingError::refused("", Problem::Changed));
    }
    let drawn: i64 = frame_draw::table
        .filter(frame_draw::list_id.eq(list))
        .count()
        .get_result(tx.conn)?;
    if drawn > 0 && !record.basis.allows_mail() {
        return Err(GradingError::refused("basis", Problem::NotPossible));
    }
    let last: Option<i32> = frame_record::table
        .filter(frame_record::list_id.eq(list))
        .select(diesel::dsl::max(frame_record::version))
        .first(tx.conn)?;
    let row = (
        frame_record::evaluation_id.eq(id.to_string()),
        frame_record::list_id.eq(list),
        frame_record::version.eq(last.unwrap_or(0) + 1),
        frame_record::body.eq(json(record)?),
        frame_record::recorded_by.eq(who.to_string()),
        frame_record::at_ms.eq(at_ms),
    );
    diesel::insert_into(frame_record::table).values(row).execute(tx.conn)?;
    let data = serde_json::json!({
        "basis": record.basis.as_str(), "extracted_on": record.extracted_on.to_string(), "declared": record.declared,
        "screen": record.screen, "registers": record.registers, "invoices": record.invoices,
    });
    Ok(log(tx, id, (who, at_ms), ("frame.recorded", list), &data)?)
}
