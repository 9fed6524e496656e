//! Declarations of conflicts of interest, per evaluation and person; the newest one counts (art. 13, 5.4.1).

use diesel::prelude::*;

use super::conn::Conn;
use super::grading::{Act, GradingError, hold_open, log, person};
use super::schema_grading::conflict_declaration;
use super::{StoreError, WriteTx, membership};
use crate::access::Role;
use crate::survey::id::{EvaluationId, PersonId};

/// What somebody declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// Who.
    pub person: PersonId,
    /// Whether there is a conflict.
    pub conflicted: bool,
    /// Which; empty where there is none.
    pub explanation: String,
    /// When, Unix ms.
    pub at_ms: i64,
}

/// Records what somebody declares. Who declares a conflict stops being an evaluator of the evaluation at once.
///
/// # Errors
/// [`GradingError::Refused`] once the decision is signed.
pub fn declare(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    (conflicted, explanation): (bool, &str),
    (who, at_ms): Act,
) -> Result<(), GradingError> {
    hold_open(tx, id)?;
    let last: Option<i64> = conflict_declaration::table
        .filter(conflict_declaration::evaluation_id.eq(id.to_string()))
        .select(diesel::dsl::max(conflict_declaration::seq))
        .first(tx.conn)?;
    let row = (
        conflict_declaration::evaluation_id.eq(id.to_string()),
        conflict_declaration::seq.eq(last.unwrap_or(0) + 1),
        conflict_declaration::person_id.eq(who.to_string()),
        conflict_declaration::conflicted.eq(conflicted),
        conflict_declaration::explanation.eq(explanation),
        conflict_declaration::at_ms.eq(at_ms),
    );
    diesel::insert_into(conflict_declaration::table)
        .values(row)
        .execute(tx.conn)?;
    if conflicted {
        membership::delete(tx, id, who, Role::Evaluator)?;
    }
    let data = serde_json::json!({"conflicted": conflicted, "explanation": explanation});
    Ok(log(
        tx,
        id,
        (who, at_ms),
        ("conflict.declared", &who.to_string()),
        &data,
    )?)
}

/// Whether somebody declared a conflict, so that they cannot be made an evaluator; the database refuses it, too.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn is_declared(conn: &mut Conn, id: EvaluationId, who: PersonId) -> Result<bool, StoreError> {
    let mut declared = list(conn, id)?.into_iter();
    Ok(declared.any(|declared| declared.person == who && declared.conflicted))
}

/// The newest declaration of everybody who made one.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn list(conn: &mut Conn, id: EvaluationId) -> Result<Vec<Declaration>, StoreError> {
    let rows: Vec<(String, bool, String, i64)> = conflict_declaration::table
        .filter(conflict_declaration::evaluation_id.eq(id.to_string()))
        .order(conflict_declaration::seq.desc())
        .select((
            conflict_declaration::person_id,
            conflict_declaration::conflicted,
            conflict_declaration::explanation,
            conflict_declaration::at_ms,
        ))
        .load(conn)?;
    let mut newest: Vec<Declaration> = Vec::new();
    for (who, conflicted, explanation, at_ms) in rows {
        let who = person(&who)?;
        if newest.iter().all(|known| known.person != who) {
            newest.push(Declaration {
                person: who,
                conflicted,
                explanation,
                at_ms,
            });
        }
    }
    Ok(newest)
}
