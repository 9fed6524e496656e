//! Assignments of evaluators to outlets and days. Rows are only added; of one slot the newest counts.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::conn::Conn;
use super::grading::{Act, GradingError, day, hold_open, log, person};
use super::schema_fieldwork::assignment;
use super::{StoreError, WriteTx, conflict, evaluation as evaluations, membership};
use crate::access::Role;
use crate::survey::assignment::{ASSIGNMENTS_MAX, Assignment, Part, Selection, Slot};
use crate::survey::evaluation::EvaluationState;
use crate::survey::form::Problem;
use crate::survey::id::{EvaluationId, PersonId};

/// Makes an assignment, or changes target and selection of the one in this slot, before its day; `today` is the day in China.
///
/// # Errors
/// [`GradingError::Refused`] after fieldwork or once the day has begun; for somebody who is no evaluator here, declared a
/// conflict or nothing yet; where another part of the same day is assigned already; beyond [`ASSIGNMENTS_MAX`] rows.
pub fn set(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    new: &Assignment,
    today: NaiveDate,
    act: Act,
) -> Result<(), GradingError> {
    hold(tx, id, &new.slot, today)?;
    let who = new.slot.evaluator;
    if !membership::roles(tx.conn, id, who)?.has(Role::Evaluator) {
        return Err(GradingError::refused("evaluator", Problem::NotEntitled));
    }
    let declared = conflict::list(tx.conn, id)?.into_iter().find(|one| one.person == who);
    match declared.map(|one| one.conflicted) {
        None => return Err(GradingError::refused("evaluator", Problem::NoDeclaration)),
        Some(true) => return Err(GradingError::refused("evaluator", Problem::Conflicted)),
        Some(false) => {}
    }
    let others = list(tx.conn, id)?.into_iter().map(|one| one.slot);
    if others
        .into_iter()
        .any(|slot| slot != new.slot && slot.overlaps(&new.slot))
    {
        return Err(GradingError::refused("part", Problem::Taken));
    }
    append(tx, id, new, act, "assignment.set")
}

/// Takes an assignment back before its day, `today` being the day in China; nothing happens where there is none.
///
/// # Errors
/// [`GradingError::Refused`] after fieldwork or once the day has begun.
pub fn withdraw(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    slot: &Slot,
    today: NaiveDate,
    act: Act,
) -> Result<(), GradingError> {
    hold(tx, id, slot, today)?;
    let Some(known) = list(tx.conn, id)?.into_iter().find(|one| one.slot == *slot) else {
        return Ok(());
    };
    append(tx, id, &Assignment { target: 0, ..known }, act, "assignment.withdrawn")
}

fn hold(tx: &mut WriteTx<'_>, id: EvaluationId, slot: &Slot, today: NaiveDate) -> Result<(), GradingError> {
    hold_open(tx, id)?;
    let state = evaluations::state(tx.conn, id)?;
    if state.is_none_or(|state| state > EvaluationState::Open) {
        return Err(GradingError::refused("", Problem::NotPossible));
    }
    if slot.day <= today {
        return Err(GradingError::refused("day", Problem::DayBegun));
    }
    Ok(())
}

fn append(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    new: &Assignment,
    act: Act,
    action: &str,
) -> Result<(), GradingError> {
    let last: Option<i64> = assignment::table
        .filter(assignment::evaluation_id.eq(id.to_string()))
        .select(diesel::dsl::max(assignment::seq))
        .first(tx.conn)?;
    let seq = last.unwrap_or(0) + 1;
    if usize::try_from(seq).is_ok_and(|rows| rows > ASSIGNMENTS_MAX) {
        return Err(GradingError::refused("", Problem::OutOfRange));
    }
    let (step, numbers) = match &new.selection {
        Selection::Every(step) => (i32::try_from(*step).ok(), ""),
        Selection::List(numbers) => (None, numbers.as_str()),
    };
    let row = (
        assignment::evaluation_id.eq(id.to_string()),
        assignment::seq.eq(seq),
        assignment::outlet_id.eq(new.slot.outlet.to_string()),
        assignment::evaluator_id.eq(new.slot.evaluator.to_string()),
        assignment::day.eq(new.slot.day.to_string()),
        assignment::part.eq(new.slot.part.as_str()),
        assignment::target.eq(i32::try_from(new.target).unwrap_or(i32::MAX)),
        assignment::step.eq(step),
        assignment::list.eq(numbers),
        assignment::at_ms.eq(act.1),
    );
    diesel::insert_into(assignment::table).values(row).execute(tx.conn)?;
    let data = serde_json::json!({
        "day": new.slot.day.to_string(),
        "evaluator": new.slot.evaluator.to_string(),
        "list": numbers,
        "part": new.slot.part.as_str(),
        "step": step,
        "target": new.target,
    });
    Ok(log(tx, id, act, (action, &new.slot.outlet.to_string()), &data)?)
}

/// Every assignment that holds, by day, part, outlet and evaluator. One of somebody who is no evaluator of the evaluation
/// any more (a conflict was declared, the role was taken) is not among them.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn list(conn: &mut Conn, id: EvaluationId) -> Result<Vec<Assignment>, StoreError> {
    type Row = ((String, String, String, String), (i32, Option<i32>, String));
    let rows: Vec<Row> = assignment::table
        .filter(assignment::evaluation_id.eq(id.to_string()))
        .order(assignment::seq)
        .select((
            (
                assignment::outlet_id,
                assignment::evaluator_id,
                assignment::day,
                assignment::part,
            ),
            (assignment::target, assignment::step, assignment::list),
        ))
        .load(conn)?;
    let members = membership::list(conn, id)?;
    let is_evaluator = |who: PersonId| members.iter().any(|m| m.person == who && m.role == Role::Evaluator);
    let mut newest: BTreeMap<Slot, Assignment> = BTreeMap::new();
    for ((outlet, evaluator, on, part), (target, step, numbers)) in rows {
        let corrupt = || StoreError::Corrupt(format!("assignment of {evaluator} on {on}"));
        let slot = Slot {
            day: day(&on)?,
            part: Part::parse(&part).ok_or_else(corrupt)?,
            outlet: outlet.parse().map_err(|_| corrupt())?,
            evaluator: person(&evaluator)?,
        };
        let selection = match step {
            Some(step) => Selection::Every(u32::try_from(step).map_err(|_| corrupt())?),
            None => Selection::List(numbers),
        };
        let target = u32::try_from(target).map_err(|_| corrupt())?;
        newest.insert(
            slot,
            Assignment {
                slot,
                target,
                selection,
            },
        );
    }
    let holds = |one: &Assignment| one.target > 0 && is_evaluator(one.slot.evaluator);
    Ok(newest.into_values().filter(holds).collect())
}

/// The assignments of one evaluator, by day.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn list_of(conn: &mut Conn, id: EvaluationId, who: PersonId) -> Result<Vec<Assignment>, StoreError> {
    let all = list(conn, id)?.into_iter();
    Ok(all.filter(|one| one.slot.evaluator == who).collect())
}
