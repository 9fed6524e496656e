//! Deviations from a frozen plan: rows are only added, and nothing changes before a reviewer approved it.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::conn::Conn;
use super::grading::{Act, GradingError, log};
use super::outlet::{self, Outlet};
use super::schema_planning::{deviation, deviation_review};
use super::{StoreError, WriteTx, evaluation as evaluations, field, plan};
use crate::survey::deviation::{Change, Deviation, Kind, Word};
use crate::survey::evaluation::EvaluationState;
use crate::survey::field::Field;
use crate::survey::form::Problem;
use crate::survey::id::{EvaluationId, OutletId};
use crate::survey::plan_review::Verdict;
use crate::survey::plan_scope::Scope;

/// Deviations of one evaluation.
const DEVIATIONS_MAX: usize = 200;

/// Every deviation of an evaluation, oldest first.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn of_evaluation(conn: &mut Conn, id: EvaluationId) -> Result<Vec<Deviation>, StoreError> {
    type Row = ((i64, String, String), (String, String, String), (String, i64));
    let rows: Vec<Row> = deviation::table
        .filter(deviation::evaluation_id.eq(id.to_string()))
        .order(deviation::seq)
        .select((
            (deviation::seq, deviation::kind, deviation::outlet_id),
            (deviation::planned, deviation::done, deviation::reason),
            (deviation::proposed_by, deviation::at_ms),
        ))
        .load(conn)?;
    let words: Vec<(i64, bool, String, String, i64)> = deviation_review::table
        .filter(deviation_review::evaluation_id.eq(id.to_string()))
        .select((
            deviation_review::seq,
            deviation_review::approved,
            deviation_review::comment,
            deviation_review::reviewed_by,
            deviation_review::at_ms,
        ))
        .load(conn)?;
    let said = |seq: i64| {
        let word = words.iter().find(|word| word.0 == seq);
        word.map(|(_, is_approved, comment, reviewed_by, at_ms)| Word {
            is_approved: *is_approved,
            comment: comment.clone(),
            reviewed_by: reviewed_by.clone(),
            at_ms: *at_ms,
        })
    };
    rows.into_iter()
        .map(|((seq, kind, at), (planned, done, reason), (proposed_by, at_ms))| {
            let corrupt = || StoreError::Corrupt(format!("deviation {seq}"));
            let outlet = match at.is_empty() {
                true => None,
                false => Some(at.parse().map_err(|_| corrupt())?),
            };
            Ok(Deviation {
                seq,
                kind: Kind::parse(&kind).ok_or_else(corrupt)?,
                outlet,
                planned,
                done,
                reason,
                proposed_by,
                at_ms,
                review: said(seq),
            })
        })
        .collect()
}

/// The last day in the field as it is in force: the plan's, or the approved one; `None` where the plan names none.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn last_day(conn: &mut Conn, id: EvaluationId) -> Result<Option<NaiveDate>, StoreError> {
    let stored = plan::find(conn, id)?;
    let planned = stored.and_then(|stored| stored.plan.scope()?.last_day);
    let approved = |one: &Deviation| {
        (one.kind == Kind::Period && one.is_in_force())
            .then(|| one.done.parse().ok())
            .flatten()
    };
    let extended = of_evaluation(conn, id)?.iter().rev().find_map(approved);
    Ok(extended.or(planned))
}

/// Proposes a deviation; what was planned is what stands now.
///
/// # Errors
/// [`GradingError::Refused`] in states where there is nothing to deviate from, for what is so already, for an extension that
/// the plan does not allow, and while another proposal about the same waits.
pub fn propose(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    (change, reason): (&Change, &str),
    act: Act,
) -> Result<(), GradingError> {
    hold(tx, id, change.kind())?;
    let before = of_evaluation(tx.conn, id)?;
    if before.len() >= DEVIATIONS_MAX {
        return Err(GradingError::refused("kind", Problem::NotPossible));
    }
    let (at, planned, done) = standing(tx, id, change, &before)?;
    let waits = |one: &Deviation| one.review.is_none() && (one.kind, one.outlet) == (change.kind(), at);
    if change.kind() != Kind::Other && before.iter().any(waits) {
        return Err(GradingError::refused("kind", Problem::Taken));
    }
    let seq = before.last().map_or(1, |last| last.seq + 1);
    let at_text = at.map_or_else(String::new, |outlet| outlet.to_string());
    let row = (
        deviation::evaluation_id.eq(id.to_string()),
        deviation::seq.eq(seq),
        deviation::kind.eq(change.kind().as_str()),
        deviation::outlet_id.eq(&at_text),
        deviation::planned.eq(&planned),
        deviation::done.eq(&done),
        deviation::reason.eq(reason),
        deviation::proposed_by.eq(act.0.to_string()),
        deviation::at_ms.eq(act.1),
    );
    diesel::insert_into(deviation::table).values(row).execute(tx.conn)?;
    let data = serde_json::json!({
        "kind": change.kind().as_str(), "outlet": at_text, "planned": planned, "done": done, "reason": reason,
    });
    Ok(log(tx, id, act, ("deviation.proposed", &seq.to_string()), &data)?)
}

/// Says of a proposal that it is in force, and carries it out, or that it is not.
///
/// # Errors
/// [`GradingError::Refused`] for one's own, for one that was reviewed or does not exist, and where what was planned stands no
/// more.
pub fn review(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    seq: i64,
    (verdict, comment): (Verdict, &str),
    act: Act,
) -> Result<(), GradingError> {
    let all = of_evaluation(tx.conn, id)?;
    let found = all.iter().find(|one| one.seq == seq && one.review.is_none());
    let found = found.ok_or_else(|| GradingError::refused("", Problem::Changed))?;
    hold(tx, id, found.kind)?;
    if found.proposed_by == act.0.to_string() {
        return Err(GradingError::refused("verdict", Problem::OwnWork));
    }
    if verdict == Verdict::Approve {
        carry_out(tx, id, found, &all)?;
    }
    let is_approved = verdict == Verdict::Approve;
    let row = (
        deviation_review::evaluation_id.eq(id.to_string()),
        deviation_review::seq.eq(seq),
        deviation_review::approved.eq(is_approved),
        deviation_review::comment.eq(comment),
        deviation_review::proposed_by.eq(&found.proposed_by),
        deviation_review::reviewed_by.eq(act.0.to_string()),
        deviation_review::at_ms.eq(act.1),
    );
    diesel::insert_into(deviation_review::table)
        .values(row)
        .execute(tx.conn)?;
    let action = match is_approved {
        true => "deviation.approved",
        false => "deviation.refused",
    };
    let data = serde_json::json!({
        "kind": found.kind.as_str(), "planned": found.planned, "done": found.done, "reason": comment,
    });
    Ok(log(tx, id, act, (action, &seq.to_string()), &data)?)
}

/// There is a frozen plan to deviate from; after fieldwork only words remain.
fn hold(tx: &mut WriteTx<'_>, id: EvaluationId, kind: Kind) -> Result<(), GradingError> {
    match evaluations::held_state(tx, id)? {
        EvaluationState::Frozen | EvaluationState::Open => Ok(()),
        EvaluationState::Closed if kind == Kind::Other => Ok(()),
        _ => Err(GradingError::refused("kind", Problem::NotPossible)),
    }
}

/// Where a change is made, what stands there now, and what would.
fn standing(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    change: &Change,
    before: &[Deviation],
) -> Result<(Option<OutletId>, String, String), GradingError> {
    let (at, planned, done) = match change {
        Change::Period(last) => {
            let planned = may_extend(tx, id, *last, before)?;
            (None, planned.to_string(), last.to_string())
        }
        Change::Outlet { from, to } => {
            let (from, to) = (of(tx, id, *from, "outlet")?, of(tx, id, *to, "instead")?);
            if from.target_face == 0 {
                return Err(GradingError::refused("outlet", Problem::NotPossible));
            }
            (Some(from.id), from.id.to_string(), to.id.to_string())
        }
        Change::Quota {
            outlet,
            is_face,
            target,
        } => {
            let at = of(tx, id, *outlet, "outlet")?;
            let planned = if *is_face { at.target_face } else { at.target_electronic };
            (Some(at.id), planned.to_string(), target.to_string())
        }
        Change::Other(planned, done) => (None, planned.clone(), done.clone()),
    };
    match planned == done {
        true => Err(GradingError::refused("kind", Problem::Conflict)),
        false => Ok((at, planned, done)),
    }
}

/// The planned last day, if it may be extended to this one: once, as far as the plan says, and never after somebody looked at
/// scores.
fn may_extend(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    last: NaiveDate,
    before: &[Deviation],
) -> Result<NaiveDate, GradingError> {
    let refused = |problem| GradingError::refused("last_day", problem);
    let stored = plan::find(tx.conn, id)?;
    let scope = stored.as_ref().and_then(|stored| stored.plan.scope());
    let allowed = scope.and_then(|scope| scope.last_day.zip(scope.latest_day()));
    let (planned, latest) = allowed.ok_or_else(|| refused(Problem::NotPossible))?;
    let extended = |one: &Deviation| one.kind == Kind::Period && one.is_in_force();
    if evaluations::is_interim_opened(tx.conn, id)? || before.iter().any(extended) {
        return Err(refused(Problem::NotPossible));
    }
    match last > planned && last <= latest {
        true => Ok(planned),
        false => Err(refused(Problem::OutOfRange)),
    }
}

fn of(tx: &mut WriteTx<'_>, id: EvaluationId, wanted: OutletId, field: &str) -> Result<Outlet, GradingError> {
    let found = outlet::list(tx.conn, id)?
        .into_iter()
        .find(|outlet| outlet.id == wanted);
    found.ok_or_else(|| GradingError::refused(field, Problem::NoSuchOutlet))
}

/// Makes it so, if what was planned still stands.
fn carry_out(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    found: &Deviation,
    before: &[Deviation],
) -> Result<(), GradingError> {
    let corrupt = || StoreError::Corrupt(format!("deviation {}", found.seq));
    let changed = || GradingError::refused("", Problem::Changed);
    match (found.kind, found.outlet) {
        (Kind::Period, _) => {
            let last = found.done.parse().map_err(|_| corrupt())?;
            // Named at the button: the form has no day.
            may_extend(tx, id, last, before).map_err(|_| changed())?;
            let plan = plan::find(tx.conn, id)?.map(|stored| stored.plan);
            let scope = plan.as_ref().and_then(|plan| plan.scope()).cloned();
            let extended = scope.map(|scope| Scope {
                last_day: Some(last),
                ..scope
            });
            field::set(tx, id, &Field::of(extended.as_ref()))?;
        }
        (Kind::Outlet, Some(from)) => {
            let to = found.done.parse().map_err(|_| corrupt())?;
            let (from, to) = (of(tx, id, from, "")?, of(tx, id, to, "")?);
            let moved = to.target_face.saturating_add(from.target_face);
            outlet::set_targets(tx, id, from.id, (0, from.target_electronic))?;
            outlet::set_targets(tx, id, to.id, (moved, to.target_electronic))?;
        }
        (kind @ (Kind::FaceQuota | Kind::ElectronicQuota), Some(at)) => {
            let at = of(tx, id, at, "")?;
            let target: i32 = found.done.parse().map_err(|_| corrupt())?;
            let (stands, targets) = match kind {
                Kind::FaceQuota => (at.target_face, (target, at.target_electronic)),
                _ => (at.target_electronic, (at.target_face, target)),
            };
            if stands.to_string() != found.planned {
                return Err(changed());
            }
            outlet::set_targets(tx, id, at.id, targets)?;
        }
        (Kind::Other, _) => {}
        _ => return Err(corrupt().into()),
    }
    Ok(())
}
