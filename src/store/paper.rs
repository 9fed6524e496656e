//! Interviews that were taken down on paper: each number of a form is entered once in an evaluation.

use diesel::prelude::*;

use super::conn::{Conn, per_backend};
use super::grading::log;
use super::schema_fieldwork::paper_form;
use super::{StoreError, WriteTx};
use crate::survey::id::EvaluationId;
use crate::survey::submission::Interview;

/// Whether a form of this number was entered.
///
/// # Errors
/// [`StoreError::Database`].
pub fn is_entered(conn: &mut Conn, id: EvaluationId, form_no: &str) -> Result<bool, StoreError> {
    let row = paper_form::table.find((id.to_string(), form_no));
    let found: Option<String> = row.select(paper_form::form_no).first(conn).optional()?;
    Ok(found.is_some())
}

/// Records that an interview, stored just now, comes from a paper form; nothing where it does not.
///
/// # Errors
/// [`StoreError::Busy`] when another node entered this number just now: the next run finds it.
pub(super) fn enter(tx: &mut WriteTx<'_>, id: EvaluationId, taken: &Interview) -> Result<(), StoreError> {
    let Some(entered) = &taken.protocol.paper else {
        return Ok(());
    };
    let form_no = &taken.protocol.paper_form_no;
    let row = (
        paper_form::evaluation_id.eq(id.to_string()),
        paper_form::form_no.eq(form_no),
        paper_form::interview_id.eq(taken.id.to_string()),
        paper_form::reason.eq(&entered.reason),
        paper_form::entered_at_ms.eq(entered.at_ms),
    );
    let inserted = per_backend!(&mut *tx.conn, |c| diesel::insert_into(paper_form::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    if inserted == 0 {
        return Err(StoreError::Busy);
    }
    let data = serde_json::json!({"form_no": form_no, "started_at_ms": taken.started_at_ms});
    let act = (taken.evaluator, entered.at_ms);
    log(tx, id, act, ("paper.entered", &taken.id.to_string()), &data)
}
