//! Who may take the evidence pack of an evaluation: grants are only added, and ended early at most once.

use diesel::prelude::*;

use super::conn::Conn;
use super::grading::{Act, GradingError, log};
use super::schema_proof::pack_grant;
use super::{StoreError, WriteTx, evaluation};
use crate::survey::evaluation::EvaluationState;
use crate::survey::form::Problem;
use crate::survey::id::{EvaluationId, PersonId};
use crate::survey::pack_grant::{Asked, PackGrant};

const DAY_MS: i64 = 86_400_000;
/// Grants of one evaluation.
const GRANTS_MAX: usize = 200;

/// Every grant of an evaluation, oldest first.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn of_evaluation(conn: &mut Conn, id: EvaluationId) -> Result<Vec<PackGrant>, StoreError> {
    type Row = ((i64, String, String), (String, i64, i64), (Option<String>, Option<i64>));
    let rows: Vec<Row> = pack_grant::table
        .filter(pack_grant::evaluation_id.eq(id.to_string()))
        .order(pack_grant::seq)
        .select((
            (pack_grant::seq, pack_grant::person_id, pack_grant::granted_by),
            (pack_grant::reason, pack_grant::at_ms, pack_grant::until_ms),
            (pack_grant::ended_by, pack_grant::ended_at_ms),
        ))
        .load(conn)?;
    let grant = |((seq, person, granted_by), (reason, at_ms, until_ms), (ended_by, ended_at_ms)): Row| {
        let who = |text: String| -> Result<PersonId, StoreError> {
            text.parse()
                .map_err(|_| StoreError::Corrupt(format!("pack grant {seq} of {id}")))
        };
        Ok(PackGrant {
            seq,
            person: who(person)?,
            granted_by: who(granted_by)?,
            reason,
            at_ms,
            until_ms,
            ended: ended_by.map(who).transpose()?.zip(ended_at_ms),
        })
    };
    rows.into_iter().map(grant).collect()
}

/// Whether a person may take the pack now.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn is_open_for(conn: &mut Conn, id: EvaluationId, person: PersonId, now_ms: i64) -> Result<bool, StoreError> {
    let all = of_evaluation(conn, id)?;
    Ok(all.iter().any(|grant| grant.person == person && grant.is_open(now_ms)))
}

/// Grants the pack to an auditor, from now on.
///
/// # Errors
/// [`GradingError::Refused`] before fieldwork is closed, for whom has a grant that is open, and beyond 200 grants.
pub fn grant(tx: &mut WriteTx<'_>, id: EvaluationId, asked: &Asked, act: Act) -> Result<(), GradingError> {
    if evaluation::held_state(tx, id)? < EvaluationState::Closed {
        return Err(GradingError::refused("", Problem::NotReady));
    }
    let before = of_evaluation(tx.conn, id)?;
    if before
        .iter()
        .any(|grant| grant.person == asked.person && grant.is_open(act.1))
    {
        return Err(GradingError::refused("person", Problem::Taken));
    }
    if before.len() >= GRANTS_MAX {
        return Err(GradingError::refused("", Problem::NotPossible));
    }
    let seq = before.last().map_or(1, |last| last.seq + 1);
    let until_ms = act.1.saturating_add(asked.days.saturating_mul(DAY_MS));
    let row = (
        pack_grant::evaluation_id.eq(id.to_string()),
        pack_grant::seq.eq(seq),
        pack_grant::person_id.eq(asked.person.to_string()),
        pack_grant::granted_by.eq(act.0.to_string()),
        pack_grant::reason.eq(&asked.reason),
        pack_grant::at_ms.eq(act.1),
        pack_grant::until_ms.eq(until_ms),
    );
    diesel::insert_into(pack_grant::table).values(row).execute(tx.conn)?;
    let data = serde_json::json!({"seq": seq, "until_ms": until_ms, "reason": asked.reason});
    let object = asked.person.to_string();
    Ok(log(tx, id, act, ("evidence.granted", &object), &data)?)
}

/// Ends a grant before its time.
///
/// # Errors
/// [`GradingError::Refused`] for one that is not open.
pub fn end(tx: &mut WriteTx<'_>, id: EvaluationId, seq: i64, act: Act) -> Result<(), GradingError> {
    evaluation::held_state(tx, id)?;
    let all = of_evaluation(tx.conn, id)?;
    let found = all.iter().find(|grant| grant.seq == seq && grant.is_open(act.1));
    let found = found.ok_or_else(|| GradingError::refused("", Problem::Changed))?;
    diesel::update(pack_grant::table.find((id.to_string(), seq)))
        .set((
            pack_grant::ended_by.eq(act.0.to_string()),
            pack_grant::ended_at_ms.eq(act.1),
        ))
        .execute(tx.conn)?;
    let data = serde_json::json!({"seq": seq});
    let object = found.person.to_string();
    Ok(log(tx, id, act, ("evidence.grant_ended", &object), &data)?)
}
