//! Draws of outlets to visit: logged with their seed before they are made, every one of them kept.

use diesel::prelude::*;

use super::conn::Conn;
use super::grading::{Act, GradingError, log};
use super::schema_planning::outlet_draw;
use super::{StoreError, WriteTx, evaluation as evaluations, plan};
use crate::survey::evaluation::Act as Doing;
use crate::survey::form::Problem;
use crate::survey::id::EvaluationId;
use crate::survey::outlet_draw::{LoggedDraw, OutletDraw};

/// Draws that may be logged for one evaluation.
const DRAWS_MAX: usize = 100;

/// Every draw of an evaluation, oldest first.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn list(conn: &mut Conn, id: EvaluationId) -> Result<Vec<LoggedDraw>, StoreError> {
    let rows: Vec<(i64, String, String, String, i64)> = outlet_draw::table
        .filter(outlet_draw::evaluation_id.eq(id.to_string()))
        .order(outlet_draw::seq)
        .select((
            outlet_draw::seq,
            outlet_draw::frame,
            outlet_draw::body,
            outlet_draw::logged_by,
            outlet_draw::at_ms,
        ))
        .load(conn)?;
    rows.into_iter()
        .map(|(seq, frame, body, logged_by, at_ms)| {
            let draw = serde_json::from_str(&body).map_err(|e| StoreError::Corrupt(format!("draw {seq}: {e}")))?;
            Ok(LoggedDraw {
                seq,
                frame,
                draw,
                logged_by,
                at_ms,
            })
        })
        .collect()
}

/// Logs frame and seed before the draw.
///
/// # Errors
/// [`GradingError::Refused`] outside the draft, or after too many draws.
pub fn announce(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    draw: &OutletDraw,
    frame: &str,
    act: Act,
) -> Result<(), GradingError> {
    hold_draft(tx, id)?;
    let before = list(tx.conn, id)?;
    if before.len() >= DRAWS_MAX {
        return Err(GradingError::refused("seed", Problem::NotPossible));
    }
    let seq = before.last().map_or(1, |last| last.seq + 1);
    let body = serde_json::to_string(draw).map_err(|e| StoreError::Corrupt(e.to_string()))?;
    let row = (
        outlet_draw::evaluation_id.eq(id.to_string()),
        outlet_draw::seq.eq(seq),
        outlet_draw::frame.eq(frame),
        outlet_draw::body.eq(&body),
        outlet_draw::logged_by.eq(act.0.to_string()),
        outlet_draw::at_ms.eq(act.1),
    );
    diesel::insert_into(outlet_draw::table).values(row).execute(tx.conn)?;
    let data = serde_json::json!({"draw": draw});
    Ok(log(tx, id, act, ("draw.logged", &seq.to_string()), &data)?)
}

/// Draws by the newest logged seed and writes the outlets into the plan.
///
/// # Errors
/// [`GradingError::Refused`] outside the draft, where another one is the newest, or where the outlets have changed since.
pub fn carry_out(tx: &mut WriteTx<'_>, id: EvaluationId, seq: i64, act: Act) -> Result<(), GradingError> {
    hold_draft(tx, id)?;
    let newest = list(tx.conn, id)?.pop().filter(|newest| newest.seq == seq);
    let newest = newest.ok_or_else(|| GradingError::refused("", Problem::Changed))?;
    let changed = |_| GradingError::refused("", Problem::Changed);
    let drawn = newest.draw.drawn(&newest.frame).map_err(changed)?;
    let seed = newest.draw.seed.clone();
    let plan = plan::present(tx.conn, id)?;
    if !newest.draw.is_of(&plan) {
        return Err(GradingError::refused("", Problem::Changed));
    }
    let plan = plan.visiting(newest.draw, &drawn.visited);
    let plan = plan.allocated().map_err(GradingError::Refused)?;
    let hash = plan::put(tx, id, &plan)?;
    let text = |ids: &[crate::survey::id::OutletId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
    let data = serde_json::json!({
        "seed": seed, "visited": text(&drawn.visited), "reserves": text(&drawn.reserves), "plan": hash,
    });
    Ok(log(tx, id, act, ("draw.made", &seq.to_string()), &data)?)
}

fn hold_draft(tx: &mut WriteTx<'_>, id: EvaluationId) -> Result<(), GradingError> {
    match evaluations::held_state(tx, id)?.allows(Doing::ChangePlan) {
        true => Ok(()),
        false => Err(GradingError::refused("", Problem::NotPossible)),
    }
}
