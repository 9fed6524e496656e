//! Sealing: two people fix the record for good. What is sealed is bound by an event that carries the root over all
//! commitments and a hash of every table of the evaluation.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::conn::Conn;
use super::schema_proof::{seal, seal_proposal};
use super::table::{Cell, Table, row_hash};
use super::tables::{ALL, SEALED};
use super::{
    StoreError, StoreFailure, WriteTx, comment, dossier, evaluation, event as events, exclusion, flag, late, ledger,
    supervision,
};
use crate::survey::evaluation::EvaluationState;
use crate::survey::event::Event;
use crate::survey::id::{EvaluationId, PersonId};
use crate::survey::merkle;
use crate::survey::sealing::Wait;

/// Action of the event that fixes a record.
pub const SEALED_ACTION: &str = "record.sealed";
const PROPOSED_ACTION: &str = "record.seal_proposed";

/// Why nothing was sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// Fieldwork is not closed, or the record is sealed already.
    #[error("the evaluation is not where this step begins")]
    NotNow,
    /// Nobody has proposed it.
    #[error("nobody has proposed to seal this")]
    NotProposed,
    /// The same person proposed it.
    #[error("one person is one signature")]
    SamePerson,
    /// What was proposed is not what there is now.
    #[error("the result has changed since it was proposed")]
    Changed,
    /// Something must be settled first.
    #[error("{0:?} must be settled first")]
    Waits(Wait),
    /// The database said no.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl StoreFailure for SealError {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}

impl From<diesel::result::Error> for SealError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Store(error.into())
    }
}

/// A proposal to seal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Its number.
    pub version: i32,
    /// SHA-256 of the result.
    pub result_id: String,
    /// By whom.
    pub proposed_by: PersonId,
    /// When, Unix ms.
    pub at_ms: i64,
}

/// What must be settled before this can be sealed, with how many wait; in the order in which it is settled.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn waits(conn: &mut Conn, id: EvaluationId) -> Result<Vec<(Wait, u64)>, StoreError> {
    let mut waits = Vec::new();
    for wait in Wait::ALL {
        let n = match wait {
            Wait::Flags => u64::from(!flag::passed(conn, id)?.is_some_and(|passed| passed.is_final)),
            Wait::Interviews => supervision::open(conn, id)?,
            Wait::Uploads => late::waiting(conn, id)?,
            Wait::Comments => u64::from(comment::any_unread(conn, id)?),
            Wait::Exclusions => exclusion::open(conn, id)?,
        };
        if n > 0 {
            waits.push((wait, n));
        }
    }
    Ok(waits)
}

/// Proposes to seal this result.
///
/// # Errors
/// [`SealError::NotNow`] outside the closed state; [`SealError::Waits`].
pub fn propose(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    result_id: &str,
    (who, at_ms): (PersonId, i64),
) -> Result<(), SealError> {
    if evaluation::held_state(tx, id)? != EvaluationState::Closed {
        return Err(SealError::NotNow);
    }
    if let Some((first, _)) = waits(tx.conn, id)?.first() {
        return Err(SealError::Waits(*first));
    }
    let version = latest(tx.conn, id)?.map_or(1, |proposal| proposal.version + 1);
    let row = (
        seal_proposal::evaluation_id.eq(id.to_string()),
        seal_proposal::version.eq(version),
        seal_proposal::result_id.eq(result_id),
        seal_proposal::proposed_by.eq(who.to_string()),
        seal_proposal::at_ms.eq(at_ms),
    );
    diesel::insert_into(seal_proposal::table).values(row).execute(tx.conn)?;
    let data = serde_json::json!({"result": result_id});
    log(tx, id, (who, at_ms), PROPOSED_ACTION, &data)
}

/// Seals what was proposed: all hours are bound, the event with every hash is appended, the state goes on.
///
/// # Errors
/// [`SealError`].
pub fn confirm(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    result_id: &str,
    (who, at_ms): (PersonId, i64),
) -> Result<(), SealError> {
    if evaluation::held_state(tx, id)? != EvaluationState::Closed {
        return Err(SealError::NotNow);
    }
    if let Some((first, _)) = waits(tx.conn, id)?.first() {
        return Err(SealError::Waits(*first));
    }
    let proposal = latest(tx.conn, id)?.ok_or(SealError::NotProposed)?;
    if proposal.proposed_by == who {
        return Err(SealError::SamePerson);
    }
    if proposal.result_id != result_id {
        return Err(SealError::Changed);
    }
    ledger::record(tx, id, true, at_ms)?;
    let row = (
        seal::evaluation_id.eq(id.to_string()),
        seal::version.eq(proposal.version),
        seal::proposed_by.eq(proposal.proposed_by.to_string()),
        seal::sealed_by.eq(who.to_string()),
        seal::at_ms.eq(at_ms),
    );
    diesel::insert_into(seal::table).values(row).execute(tx.conn)?;
    let lines = ledger::lines(tx.conn, id)?;
    let data = serde_json::json!({
        "proposed_by": proposal.proposed_by.to_string(), "result": result_id, "responses": lines.len(),
        "root": merkle::root(&lines), "tables": digest(tx.conn, id, SEALED)?,
        "counters": dossier::counters(tx.conn, id)?,
    });
    log(tx, id, (who, at_ms), SEALED_ACTION, &data)?;
    Ok(evaluation::advance(
        tx,
        id,
        EvaluationState::Sealed,
        None,
        &who.to_string(),
        at_ms,
    )?)
}

fn log(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    (who, at_ms): (PersonId, i64),
    action: &str,
    data: &serde_json::Value,
) -> Result<(), SealError> {
    let happened = Event {
        at_ms,
        actor: who.to_string(),
        action: action.to_owned(),
        object: String::new(),
        data: data.to_string(),
    };
    Ok(events::append(tx, id, &happened)?)
}

/// The proposal that stands.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn latest(conn: &mut Conn, id: EvaluationId) -> Result<Option<Proposal>, StoreError> {
    let row: Option<(i32, String, String, i64)> = seal_proposal::table
        .filter(seal_proposal::evaluation_id.eq(id.to_string()))
        .order(seal_proposal::version.desc())
        .select((
            seal_proposal::version,
            seal_proposal::result_id,
            seal_proposal::proposed_by,
            seal_proposal::at_ms,
        ))
        .first(conn)
        .optional()?;
    row.map(|(version, result_id, by, at_ms)| {
        Ok(Proposal {
            version,
            result_id,
            proposed_by: by.parse().map_err(|_| StoreError::Corrupt(format!("person {by}")))?,
            at_ms,
        })
    })
    .transpose()
}

/// Who sealed an evaluation, and when.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn sealed(conn: &mut Conn, id: EvaluationId) -> Result<Option<(PersonId, i64)>, StoreError> {
    let row: Option<(String, i64)> = seal::table
        .find(id.to_string())
        .select((seal::sealed_by, seal::at_ms))
        .first(conn)
        .optional()?;
    row.map(|(by, at_ms)| {
        Ok((
            by.parse().map_err(|_| StoreError::Corrupt(format!("person {by}")))?,
            at_ms,
        ))
    })
    .transpose()
}

/// How many responses a sealed record has, and the root over their commitments, as the event that sealed it says.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn bound(conn: &mut Conn, id: EvaluationId) -> Result<Option<(u64, String)>, StoreError> {
    let events = events::list_by_object(conn, id, "")?;
    let Some(sealed) = events.into_iter().rev().find(|event| event.action == SEALED_ACTION) else {
        return Ok(None);
    };
    let data: serde_json::Value = serde_json::from_str(&sealed.data).unwrap_or_default();
    let count = data.get("responses").and_then(serde_json::Value::as_u64);
    let root = data.get("root").and_then(serde_json::Value::as_str);
    let bound = count.zip(root).map(|(count, root)| (count, root.to_owned()));
    bound
        .map(Some)
        .ok_or_else(|| StoreError::Corrupt(format!("{SEALED_ACTION} of {id}")))
}

/// What a set of tables holds of an evaluation: name → SHA-256 over the sorted hashes of its rows.
///
/// # Errors
/// [`StoreError::Database`].
pub(super) fn digest(
    conn: &mut Conn,
    id: EvaluationId,
    names: &[(&str, &[&str])],
) -> Result<BTreeMap<String, String>, StoreError> {
    let key = id.to_string();
    let mut digests = BTreeMap::new();
    for (table, volatile) in ALL.iter().filter_map(|table| {
        names
            .iter()
            .find(|(name, _)| *name == table.name)
            .map(|(_, v)| (table, *v))
    }) {
        let mut hashes = rows_of(conn, table, &key, volatile)?;
        hashes.sort_unstable();
        digests.insert(table.name.to_owned(), merkle::root(&hashes));
    }
    Ok(digests)
}

/// The hashes of an evaluation's rows in a table, columns that may still change left out.
fn rows_of(conn: &mut Conn, table: &Table, evaluation: &str, volatile: &[&str]) -> Result<Vec<[u8; 32]>, StoreError> {
    let Some(place) = table.place("evaluation_id").or_else(|| table.place("id")) else {
        return Err(StoreError::Corrupt(format!("{} belongs to no evaluation", table.name)));
    };
    let left_out: Vec<usize> = volatile.iter().filter_map(|name| table.place(name)).collect();
    let mut hashes = Vec::new();
    (table.read)(conn, &mut |row| {
        if row.get(place) == Some(&Cell::Text(evaluation.to_owned())) {
            let kept: Vec<Cell> = row
                .into_iter()
                .enumerate()
                .filter(|(place, _)| !left_out.contains(place))
                .map(|(_, cell)| cell)
                .collect();
            hashes.push(row_hash(&kept));
        }
        Ok(())
    })?;
    Ok(hashes)
}
