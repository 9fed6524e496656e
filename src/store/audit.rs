//! The management audit: checklist and findings.

use diesel::prelude::*;

use super::conn::Conn;
use super::grading::{Act, GradingError, day, hold_open, log, person};
use super::schema_grading::{audit_check, finding};
use super::{StoreError, WriteTx};
use crate::grading::audit::{ClauseCheck, Finding, FindingEntry};
use crate::grading::fact::{name_of, named};
use crate::survey::form::Problem;
use crate::survey::id::{EvaluationId, PersonId};

/// Records clauses that were gone through; what is already so is left alone.
///
/// # Errors
/// [`GradingError::Refused`] once the decision is signed.
pub fn check(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    new: &[ClauseCheck],
    (who, at_ms): Act,
) -> Result<(), GradingError> {
    hold_open(tx, id)?;
    let there = checks(tx.conn, id)?;
    let last: Option<i64> = audit_check::table
        .filter(audit_check::evaluation_id.eq(id.to_string()))
        .select(diesel::dsl::max(audit_check::seq))
        .first(tx.conn)?;
    let mut seq = last.unwrap_or(0);
    for check in new.iter().filter(|check| !there.contains(check)) {
        seq += 1;
        let row = (
            audit_check::evaluation_id.eq(id.to_string()),
            audit_check::seq.eq(seq),
            audit_check::clause.eq(&check.clause),
            audit_check::conform.eq(check.conform),
            audit_check::evidence.eq(&check.evidence),
            audit_check::checked_by.eq(who.to_string()),
            audit_check::at_ms.eq(at_ms),
        );
        diesel::insert_into(audit_check::table).values(row).execute(tx.conn)?;
        let data = serde_json::json!({"conform": check.conform, "evidence": check.evidence});
        log(tx, id, (who, at_ms), ("audit.checked", &check.clause), &data)?;
    }
    Ok(())
}

/// The checklist: the newest row of every clause that was gone through, by clause.
///
/// # Errors
/// [`StoreError::Database`].
pub fn checks(conn: &mut Conn, id: EvaluationId) -> Result<Vec<ClauseCheck>, StoreError> {
    let rows: Vec<(String, bool, String)> = audit_check::table
        .filter(audit_check::evaluation_id.eq(id.to_string()))
        .order(audit_check::seq)
        .select((audit_check::clause, audit_check::conform, audit_check::evidence))
        .load(conn)?;
    let mut newest = std::collections::BTreeMap::new();
    for (clause, conform, evidence) in rows {
        let check = ClauseCheck {
            clause: clause.clone(),
            conform,
            evidence,
        };
        newest.insert(clause, check);
    }
    Ok(newest.into_values().collect())
}

/// Raises a finding, or, with the version that was seen, corrects or closes one.
///
/// # Errors
/// [`GradingError::Refused`] once the decision is signed, or when somebody else changed it meanwhile.
pub fn put_finding(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    seen: Option<(i32, i32)>,
    entry: &FindingEntry,
    (who, at_ms): Act,
) -> Result<(), GradingError> {
    hold_open(tx, id)?;
    let there = findings(tx.conn, id)?;
    let (number, version) = match seen {
        None => (there.last().map_or(0, |last| last.number) + 1, 1),
        Some((number, version)) if there.iter().any(|f| (f.number, f.version) == (number, version)) => {
            (number, version + 1)
        }
        Some(_) => return Err(GradingError::refused("", Problem::Changed)),
    };
    let severity = name_of(&entry.severity);
    let row = (
        finding::evaluation_id.eq(id.to_string()),
        finding::number.eq(number),
        finding::version.eq(version),
        finding::clause.eq(&entry.clause),
        finding::severity.eq(&severity),
        finding::evidence.eq(&entry.evidence),
        finding::raised_on.eq(entry.raised_on.to_string()),
        finding::correction.eq(&entry.correction),
        finding::closed_on.eq(entry.closed_on.map(|day| day.to_string())),
        finding::entered_by.eq(who.to_string()),
        finding::at_ms.eq(at_ms),
    );
    diesel::insert_into(finding::table).values(row).execute(tx.conn)?;
    let action = match (seen, entry.closed_on) {
        (_, Some(_)) => "finding.closed",
        (None, None) => "finding.raised",
        (Some(_), None) => "finding.corrected",
    };
    let data = serde_json::json!({
        "version": version, "clause": entry.clause, "severity": severity, "evidence": entry.evidence,
        "raised_on": entry.raised_on.to_string(), "correction": entry.correction,
        "closed_on": entry.closed_on.map(|day| day.to_string()),
    });
    Ok(log(tx, id, (who, at_ms), (action, &number.to_string()), &data)?)
}

/// The latest version of every finding, by number.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn findings(conn: &mut Conn, id: EvaluationId) -> Result<Vec<Finding>, StoreError> {
    type Row = (i32, i32, String, String, String, String, String, Option<String>, String);
    let rows: Vec<Row> = finding::table
        .filter(finding::evaluation_id.eq(id.to_string()))
        .order((finding::number, finding::version))
        .select((
            finding::number,
            finding::version,
            finding::clause,
            finding::severity,
            finding::evidence,
            finding::raised_on,
            finding::correction,
            finding::closed_on,
            finding::entered_by,
        ))
        .load(conn)?;
    let mut latest: Vec<Finding> = Vec::new();
    for (number, version, clause, severity, evidence, raised_on, correction, closed_on, by) in rows {
        let entry = FindingEntry {
            clause,
            severity: named(&severity).ok_or(StoreError::Corrupt(severity))?,
            evidence,
            raised_on: day(&raised_on)?,
            correction,
            closed_on: closed_on.as_deref().map(day).transpose()?,
        };
        let found = Finding {
            number,
            version,
            entry,
            by: person(&by)?,
        };
        match latest.last_mut().filter(|last| last.number == number) {
            Some(last) => *last = found,
            None => latest.push(found),
        }
    }
    Ok(latest)
}

/// Everybody who audited.
pub(super) fn workers(conn: &mut Conn, id: EvaluationId) -> Result<Vec<PersonId>, StoreError> {
    let checked: Vec<String> = audit_check::table
        .filter(audit_check::evaluation_id.eq(id.to_string()))
        .select(audit_check::checked_by)
        .distinct()
        .load(conn)?;
    let found: Vec<String> = finding::table
        .filter(finding::evaluation_id.eq(id.to_string()))
        .select(finding::entered_by)
        .distinct()
        .load(conn)?;
    checked.iter().chain(&found).map(|id| person(id)).collect()
}
