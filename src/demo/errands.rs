//! What people do in the open evaluation: assignments made four days ago, some of them for today, and a proposal to exclude
//! answers that came in one after the other.

use chrono::Days;

use super::staff::Staff;
use super::story::DAY_MS;
use crate::clock::day_in_china;
use crate::statistics::flag::Rule;
use crate::store::catalogue::Catalogue;
use crate::store::flag::{self, Filter};
use crate::store::grading::GradingError;
use crate::store::{StoreError, WriteTx, assignment, conflict, evaluation, exclusion, outlet};
use crate::survey::assignment::{Assignment, Part, Selection, Slot};
use crate::survey::exclusion::{Kind, Reason, Wish};
use crate::survey::id::{EvaluationId, PersonId};

/// Declarations of the evaluators, then two half days at every outlet around today.
pub(super) fn assign(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    manager: PersonId,
    evaluators: &[PersonId],
    now_ms: i64,
) -> Result<(), StoreError> {
    let at_ms = now_ms - 4 * DAY_MS;
    let planned_on = day_in_china(at_ms);
    for evaluator in evaluators {
        conflict::declare(tx, id, (false, ""), (*evaluator, at_ms)).map_err(plain)?;
    }
    let outlets = outlet::list(tx.conn, id)?;
    for (place, outlet) in (0u64..).zip(outlets.iter().filter(|outlet| outlet.target_face > 0)) {
        let number = usize::try_from(place).unwrap_or(0) % evaluators.len().max(1);
        let Some(evaluator) = evaluators.get(number) else {
            return Ok(());
        };
        // Four days ahead is today.
        let (first, second) = match place < 3 {
            true => (Part::Morning, Part::Afternoon),
            false => (Part::Afternoon, Part::Morning),
        };
        for (ahead, part) in [(place % 3 + 2, first), (place % 3 + 4, second)] {
            let Some(day) = planned_on.checked_add_days(Days::new(ahead)) else {
                continue;
            };
            let slot = Slot {
                day,
                part,
                outlet: outlet.id,
                evaluator: *evaluator,
            };
            let new = Assignment {
                slot,
                target: 10,
                selection: Selection::Every(3),
            };
            assignment::set(tx, id, &new, planned_on, (manager, at_ms)).map_err(plain)?;
        }
    }
    Ok(())
}

/// The manager proposes to exclude a burst; the decision is left to whoever explores the demo.
pub(super) fn doubt(
    tx: &mut WriteTx<'_>,
    catalogue: &Catalogue,
    id: EvaluationId,
    staff: &Staff,
    now_ms: i64,
) -> Result<(), StoreError> {
    let burst = Filter {
        rule: Some(Rule::Burst),
        ..Filter::default()
    };
    let responses = flag::list(tx.conn, id, burst, None, 12)?;
    let (Some((manager, ..)), Some(found)) = (staff.judges(), evaluation::find(tx.conn, catalogue, id)?) else {
        return Ok(());
    };
    if responses.is_empty() {
        return Ok(());
    }
    let wish = Wish {
        kind: Kind::Exclude,
        responses: responses.into_iter().collect(),
        reason: Reason::Bulk,
        explanation: "同一设备几分钟内连续提交，全部满分 / One device, within minutes, full marks".into(),
    };
    exclusion::propose(tx, &found.instrument, id, &wish, (manager, now_ms))
        .map(drop)
        .map_err(plain)
}

/// The example is never refused by its own rules; if it is, the program is at fault.
pub(super) fn plain(error: GradingError) -> StoreError {
    match error {
        GradingError::Store(error) => error,
        GradingError::Refused(error) => StoreError::Corrupt(format!("the example was refused: {error:?}")),
    }
}
