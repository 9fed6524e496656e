//! Supervision of the open evaluation: most interviews are approved, some wait, one is asked back; some were drawn for
//! back-checks, and one of those is contradicted.

use std::sync::Arc;

use super::staff::Staff;
use super::story::DAY_MS;
use crate::store::grading::GradingError;
use crate::store::{StoreError, WriteTx, back_check, supervision};
use crate::survey::back_check::{Finding, Reached, Told, Way};
use crate::survey::id::EvaluationId;
use crate::survey::instrument::Instrument;
use crate::survey::supervision::{Ruling, Step};

/// The latest interviews, which nobody has looked at yet.
const WAITING: usize = 6;

/// What reviewer, manager and a second evaluator did.
pub(super) fn review(
    tx: &mut WriteTx<'_>,
    instrument: &Arc<Instrument>,
    id: EvaluationId,
    staff: &Staff,
    now_ms: i64,
) -> Result<(), StoreError> {
    let Some((manager, reviewer, _)) = staff.judges() else {
        return Ok(());
    };
    let at_ms = now_ms - DAY_MS / 2;
    let interviews = supervision::list(tx.conn, id, None)?;
    let reviewed = interviews.iter().filter(|one| one.is_reviewed());
    let mut reviewed = reviewed.map(|one| one.interview).skip(WAITING);
    if let Some(asked) = reviewed.next() {
        let ruling = Ruling {
            step: Step::Returned,
            reason: None,
            comment: "备注写“旁边有人”，是工作人员吗？ / The note says that others were present: staff?".to_owned(),
        };
        supervision::rule(tx, instrument, id, &[asked], &ruling, (reviewer, at_ms)).map_err(plain)?;
    }
    let rest: Vec<_> = reviewed.collect();
    supervision::rule(tx, instrument, id, &rest, &Ruling::approval(), (reviewer, at_ms)).map_err(plain)?;

    back_check::set_seed(tx, id, "2026-11-双色球-132", (manager, at_ms - DAY_MS)).map_err(plain)?;
    back_check::draw(tx, id, (manager, at_ms)).map_err(plain)?;
    let cases = back_check::list(tx.conn, id)?;
    let findings = [
        (Told::Yes, "凭回执核对"),
        (Told::Yes, ""),
        (Told::No, "称当日未到过网点"),
    ];
    for (case, (interviewed, remark)) in cases.iter().filter(|case| case.is_drawn).zip(findings) {
        let finding = Finding {
            way: Way::Receipt,
            reached: Some(Reached {
                interviewed,
                place: if interviewed == Told::Yes {
                    Told::Yes
                } else {
                    Told::Unsure
                },
                day: Told::Unsure,
                overall: None,
                reply: None,
            }),
            remark: remark.to_owned(),
        };
        let which = (id, case.interview.interview);
        back_check::record(tx, instrument, which, &finding, (reviewer, at_ms)).map_err(plain)?;
    }
    Ok(())
}

fn plain(error: GradingError) -> StoreError {
    match error {
        GradingError::Store(error) => error,
        GradingError::Refused(error) => StoreError::Corrupt(format!("the example was refused: {error:?}")),
    }
}
