//! What the plan in force lets in, as it stands beside the evaluation's state: read with it by everything that arrives.

use diesel::prelude::*;

use super::conn::Conn;
use super::schema::evaluation;
use super::{StoreError, WriteTx};
use crate::survey::evaluation::EvaluationState;
use crate::survey::field::Field;
use crate::survey::id::EvaluationId;

/// How the field is stored: ways, first moment, first moment after it.
pub(super) type Row = (Option<String>, Option<i64>, Option<i64>);

pub(super) fn read((ways, from_ms, until_ms): Row) -> Result<Field, StoreError> {
    let corrupt = || StoreError::Corrupt(format!("ways {ways:?}"));
    Field::stored(ways.as_deref(), from_ms, until_ms).ok_or_else(corrupt)
}

/// State and field of an evaluation: whether interviews come in; `None` when there is no such evaluation.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn admission(conn: &mut Conn, id: EvaluationId) -> Result<Option<(EvaluationState, Field)>, StoreError> {
    let row = evaluation::table.find(id.to_string()).select((
        evaluation::state,
        (
            evaluation::field_ways,
            evaluation::field_from_ms,
            evaluation::field_until_ms,
        ),
    ));
    let row: Option<(String, Row)> = row.first(conn).optional()?;
    row.map(|(state, row)| {
        let state = EvaluationState::parse(&state).ok_or_else(|| StoreError::Corrupt(format!("state {state}")))?;
        Ok((state, read(row)?))
    })
    .transpose()
}

/// Writes down what the plan in force lets in.
///
/// # Errors
/// [`StoreError::Database`], also for what is fixed.
pub(super) fn set(tx: &mut WriteTx<'_>, id: EvaluationId, to: &Field) -> Result<(), StoreError> {
    let values = (
        evaluation::field_ways.eq(to.ways_text()),
        evaluation::field_from_ms.eq(to.from_ms()),
        evaluation::field_until_ms.eq(to.until_ms()),
    );
    let row = evaluation::table.find(id.to_string());
    diesel::update(row).set(values).execute(tx.conn)?;
    Ok(())
}
