//! Facts: entered by one person, confirmed by another.

use diesel::prelude::*;

use super::conn::Conn;
use super::grading::{Act, GradingError, hold_open, log, person};
use super::schema_grading::{fact, fact_check};
use super::{StoreError, WriteTx};
use crate::grading::fact::{Check, Entry, Fact};
use crate::survey::form::Problem;
use crate::survey::id::{EvaluationId, PersonId};

/// Records a fact, or a newer version of one; `seen` is the version it corrects, 0 for none.
///
/// # Errors
/// [`GradingError::Refused`] once the decision is signed, or when another version is there than the one that was seen.
pub fn insert(
    tx: &mut WriteTx<'_>,
    evaluation: EvaluationId,
    (id, seen): (&str, i32),
    entry: &Entry,
    (who, at_ms): Act,
) -> Result<(), GradingError> {
    hold_open(tx, evaluation)?;
    let last: Option<i32> = fact::table
        .filter(fact::evaluation_id.eq(evaluation.to_string()))
        .filter(fact::id.eq(id))
        .select(diesel::dsl::max(fact::version))
        .first(tx.conn)?;
    let problem = match last {
        last if last.unwrap_or(0) == seen => None,
        Some(_) if seen == 0 => Some(Problem::Taken),
        _ => Some(Problem::Changed),
    };
    if let Some(problem) = problem {
        let field = if id.starts_with("not_applicable") { "clause" } else { "" };
        return Err(GradingError::refused(field, problem));
    }
    let body = serde_json::to_string(&entry.statement).map_err(|e| StoreError::Corrupt(e.to_string()))?;
    let row = (
        fact::evaluation_id.eq(evaluation.to_string()),
        fact::id.eq(id),
        fact::version.eq(seen + 1),
        fact::body.eq(&body),
        fact::source.eq(&entry.source),
        fact::evidence.eq(&entry.evidence),
        fact::withdrawn.eq(entry.withdrawn),
        fact::entered_by.eq(who.to_string()),
        fact::at_ms.eq(at_ms),
    );
    diesel::insert_into(fact::table).values(row).execute(tx.conn)?;
    let action = match (entry.withdrawn, seen) {
        (true, _) => "fact.withdrawn",
        (false, 0) => "fact.entered",
        (false, _) => "fact.corrected",
    };
    let data = serde_json::json!({
        "version": seen + 1, "statement": entry.statement, "source": entry.source, "evidence": entry.evidence,
    });
    Ok(log(tx, evaluation, (who, at_ms), (action, id), &data)?)
}

/// Records what another person says to a version of a fact, once.
///
/// # Errors
/// [`GradingError::Refused`] for who entered it, for a version that is no longer the latest or has been checked, and once
/// the decision is signed.
pub fn check(
    tx: &mut WriteTx<'_>,
    evaluation: EvaluationId,
    (id, version): (&str, i32),
    (agrees, remark): (bool, &str),
    (who, at_ms): Act,
) -> Result<(), GradingError> {
    hold_open(tx, evaluation)?;
    let facts = list(tx.conn, evaluation)?;
    let current = facts
        .iter()
        .find(|fact| fact.id == id && fact.version == version && fact.check.is_none());
    let Some(current) = current else {
        return Err(GradingError::refused("agrees", Problem::Changed));
    };
    if current.entered_by == who {
        return Err(GradingError::refused("agrees", Problem::OwnWork));
    }
    let row = (
        fact_check::evaluation_id.eq(evaluation.to_string()),
        fact_check::fact_id.eq(id),
        fact_check::version.eq(version),
        fact_check::entered_by.eq(current.entered_by.to_string()),
        fact_check::agrees.eq(agrees),
        fact_check::remark.eq(remark),
        fact_check::checked_by.eq(who.to_string()),
        fact_check::at_ms.eq(at_ms),
    );
    diesel::insert_into(fact_check::table).values(row).execute(tx.conn)?;
    let action = if agrees { "fact.confirmed" } else { "fact.disputed" };
    let data = serde_json::json!({"version": version, "remark": remark});
    Ok(log(tx, evaluation, (who, at_ms), (action, id), &data)?)
}

/// The latest version of every fact, by kind and day of entry.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn list(conn: &mut Conn, evaluation: EvaluationId) -> Result<Vec<Fact>, StoreError> {
    type Row = (String, i32, String, String, String, bool, String, i64);
    let rows: Vec<Row> = fact::table
        .filter(fact::evaluation_id.eq(evaluation.to_string()))
        .order((fact::id, fact::version))
        .select((
            fact::id,
            fact::version,
            fact::body,
            fact::source,
            fact::evidence,
            fact::withdrawn,
            fact::entered_by,
            fact::at_ms,
        ))
        .load(conn)?;
    let mut checks = checks(conn, evaluation)?;
    let mut latest: Vec<Fact> = Vec::new();
    for (id, version, body, source, evidence, withdrawn, entered_by, at_ms) in rows {
        let statement = serde_json::from_str(&body).map_err(|e| StoreError::Corrupt(e.to_string()))?;
        let found = Fact {
            check: checks.remove(&(id.clone(), version)),
            version,
            entry: Entry {
                statement,
                source,
                evidence,
                withdrawn,
            },
            entered_by: person(&entered_by)?,
            at_ms,
            id,
        };
        match latest.last_mut().filter(|last| last.id == found.id) {
            Some(last) => *last = found,
            None => latest.push(found),
        }
    }
    latest.sort_by_key(|fact| (fact.entry.statement.kind(), fact.at_ms));
    Ok(latest)
}

type Checks = std::collections::BTreeMap<(String, i32), Check>;

fn checks(conn: &mut Conn, evaluation: EvaluationId) -> Result<Checks, StoreError> {
    type Row = (String, i32, bool, String, String, i64);
    let rows: Vec<Row> = fact_check::table
        .filter(fact_check::evaluation_id.eq(evaluation.to_string()))
        .select((
            fact_check::fact_id,
            fact_check::version,
            fact_check::agrees,
            fact_check::remark,
            fact_check::checked_by,
            fact_check::at_ms,
        ))
        .load(conn)?;
    let read = |(id, version, agrees, remark, by, at_ms): Row| {
        let check = Check {
            agrees,
            remark,
            by: person(&by)?,
            at_ms,
        };
        Ok(((id, version), check))
    };
    rows.into_iter().map(read).collect()
}

/// Everybody who entered facts.
pub(super) fn workers(conn: &mut Conn, evaluation: EvaluationId) -> Result<Vec<PersonId>, StoreError> {
    let entered: Vec<String> = fact::table
        .filter(fact::evaluation_id.eq(evaluation.to_string()))
        .select(fact::entered_by)
        .distinct()
        .load(conn)?;
    entered.iter().map(|id| person(id)).collect()
}
