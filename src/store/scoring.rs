//! Marks of chapter 4.1 and the hard facts found on site.

use diesel::prelude::*;

use super::conn::Conn;
use super::grading::{Act, GradingError, hold_open, log, person};
use super::schema::response_content;
use super::schema_grading::{observation, score};
use super::{StoreError, WriteTx};
use crate::grading::decimal::Decimal;
use crate::grading::observation::{Observation, ObservationRow};
use crate::grading::scoring::{Marked, ScoreRow};
use crate::survey::id::{EvaluationId, PersonId};

/// Adds marks, one evaluator's or what the evaluators settled on. Marks that are already so are left alone.
///
/// # Errors
/// [`GradingError::Refused`] once the decision is signed.
pub fn insert(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    marked: &[Marked],
    agreed: bool,
    (who, at_ms): Act,
) -> Result<(), GradingError> {
    hold_open(tx, id)?;
    let there = list(tx.conn, id)?;
    let mut seq = there.last().map_or(0, |row| row.seq);
    for new in marked {
        let mine = |row: &&ScoreRow| row.by == who && row.agreed == agreed && row.marked.clause == new.clause;
        if !agreed && there.iter().rfind(mine).is_some_and(|row| row.marked == *new) {
            continue;
        }
        seq += 1;
        let row = (
            score::evaluation_id.eq(id.to_string()),
            score::seq.eq(seq),
            score::clause.eq(&new.clause),
            score::marks.eq(new.marks.as_str()),
            score::evidence.eq(&new.evidence),
            score::agreed.eq(agreed),
            score::scored_by.eq(who.to_string()),
            score::at_ms.eq(at_ms),
        );
        diesel::insert_into(score::table).values(row).execute(tx.conn)?;
        let data = serde_json::json!({"marks": new.marks.as_str(), "evidence": new.evidence});
        let action = if agreed { "score.agreed" } else { "score.given" };
        log(tx, id, (who, at_ms), (action, &new.clause), &data)?;
    }
    Ok(())
}

/// Every mark of an evaluation in order of entry.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn list(conn: &mut Conn, id: EvaluationId) -> Result<Vec<ScoreRow>, StoreError> {
    type Row = (i64, String, String, String, bool, String, i64);
    let rows: Vec<Row> = score::table
        .filter(score::evaluation_id.eq(id.to_string()))
        .order(score::seq)
        .select((
            score::seq,
            score::clause,
            score::marks,
            score::evidence,
            score::agreed,
            score::scored_by,
            score::at_ms,
        ))
        .load(conn)?;
    let read = |(seq, clause, marks, evidence, agreed, by, at_ms): Row| {
        Ok(ScoreRow {
            seq,
            marked: Marked {
                clause,
                marks: Decimal::parse(&marks).map_err(|e| StoreError::Corrupt(e.to_string()))?,
                evidence,
            },
            agreed,
            by: person(&by)?,
            at_ms,
        })
    };
    rows.into_iter().map(read).collect()
}

/// Adds a hard fact found on site.
///
/// # Errors
/// [`GradingError::Refused`] once the decision is signed.
pub fn observe(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    new: &Observation,
    (who, at_ms): Act,
) -> Result<(), GradingError> {
    hold_open(tx, id)?;
    let last: Option<i64> = observation::table
        .filter(observation::evaluation_id.eq(id.to_string()))
        .select(diesel::dsl::max(observation::seq))
        .first(tx.conn)?;
    let kind = new.kind.as_str();
    let row = (
        observation::evaluation_id.eq(id.to_string()),
        observation::seq.eq(last.unwrap_or(0) + 1),
        observation::kind.eq(kind),
        observation::subject.eq(&new.subject),
        observation::promised.eq(&new.promised),
        observation::actual.eq(&new.actual),
        observation::met.eq(new.met),
        observation::observed_by.eq(who.to_string()),
        observation::at_ms.eq(at_ms),
    );
    diesel::insert_into(observation::table).values(row).execute(tx.conn)?;
    let data = serde_json::json!({
        "subject": new.subject, "promised": new.promised, "actual": new.actual, "met": new.met,
    });
    Ok(log(tx, id, (who, at_ms), ("observation.added", kind), &data)?)
}

/// The hard facts of an evaluation in order of entry.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn observations(conn: &mut Conn, id: EvaluationId) -> Result<Vec<ObservationRow>, StoreError> {
    type Row = (String, String, String, String, bool, String, i64);
    let rows: Vec<Row> = observation::table
        .filter(observation::evaluation_id.eq(id.to_string()))
        .order(observation::seq)
        .select((
            observation::kind,
            observation::subject,
            observation::promised,
            observation::actual,
            observation::met,
            observation::observed_by,
            observation::at_ms,
        ))
        .load(conn)?;
    let read = |(kind, subject, promised, actual, met, by, at_ms): Row| {
        Ok(ObservationRow {
            observation: Observation {
                kind: crate::grading::fact::named(&kind).ok_or_else(|| StoreError::Corrupt(kind.clone()))?,
                subject,
                promised,
                actual,
                met,
            },
            by: person(&by)?,
            at_ms,
        })
    };
    rows.into_iter().map(read).collect()
}

/// How many stored answers say that handling a complaint was charged for.
///
/// # Errors
/// [`StoreError::Database`].
pub fn charged_for_complaints(conn: &mut Conn, id: EvaluationId) -> Result<u64, StoreError> {
    // A part of an answer line ends at a semicolon or with the line.
    let found = response_content::answers
        .like("%;fee=yes;%")
        .or(response_content::answers.like("%;fee=yes"));
    let rows = response_content::table.filter(response_content::evaluation_id.eq(id.to_string()).and(found));
    let count: i64 = rows.count().get_result(conn)?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// Everybody who gave marks.
pub(super) fn workers(conn: &mut Conn, id: EvaluationId) -> Result<Vec<PersonId>, StoreError> {
    let scored: Vec<String> = score::table
        .filter(score::evaluation_id.eq(id.to_string()))
        .select(score::scored_by)
        .distinct()
        .load(conn)?;
    let observed: Vec<String> = observation::table
        .filter(observation::evaluation_id.eq(id.to_string()))
        .select(observation::observed_by)
        .distinct()
        .load(conn)?;
    scored.iter().chain(&observed).map(|id| person(id)).collect()
}
