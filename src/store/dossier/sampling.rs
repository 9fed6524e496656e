//! How the sample came about: deviations, draws, the list of customers, plates, back-checks.

use crate::store::conn::Conn;
use crate::store::{StoreError, back_check, deviation, frame, outlet_draw, posting};
use crate::survey::back_check::Counts;
use crate::survey::deviation::Deviation;
use crate::survey::dossier::{CustomerList, Sampling, Taken};
use crate::survey::id::EvaluationId;
use crate::survey::posting::Posted;

/// What was on record at `until_ms`; people by name.
pub(super) fn read(
    conn: &mut Conn,
    id: EvaluationId,
    until_ms: i64,
    named: impl Fn(&str) -> String,
) -> Result<Sampling, StoreError> {
    let mut outlet_draws = outlet_draw::list(conn, id)?;
    outlet_draws.retain(|draw| draw.at_ms <= until_ms);
    let mut postings: Vec<Posted> = posting::list(conn, id)?;
    postings.retain(|posted| posted.done_at_ms <= until_ms);
    let mut back_checks = Counts::default();
    for case in back_check::list(conn, id)? {
        back_checks.add(case.is_drawn, case.checked.map(|checked| checked.outcome));
    }
    Ok(Sampling {
        deviations: deviations(conn, id, until_ms, named)?,
        outlet_draws,
        list: list(conn, id)?,
        postings,
        back_checks,
    })
}

fn deviations(
    conn: &mut Conn,
    id: EvaluationId,
    until_ms: i64,
    named: impl Fn(&str) -> String,
) -> Result<Vec<Deviation>, StoreError> {
    let mut deviations = deviation::of_evaluation(conn, id)?;
    deviations.retain(|one| one.at_ms <= until_ms);
    for one in &mut deviations {
        one.proposed_by = named(&one.proposed_by);
        one.review = one.review.take().filter(|word| word.at_ms <= until_ms);
        if let Some(word) = &mut one.review {
            word.reviewed_by = named(&word.reviewed_by);
        }
    }
    Ok(deviations)
}

/// The list that stands; lists and draws end with fieldwork, long before sealing.
fn list(conn: &mut Conn, id: EvaluationId) -> Result<Option<CustomerList>, StoreError> {
    let Some(found) = frame::current(conn, id)? else {
        return Ok(None);
    };
    let draw = frame::draw::find(conn, &found.id)?;
    Ok(Some(CustomerList {
        record: frame::record::newest(conn, &found.id)?,
        summary: found.summary,
        uploaded_at_ms: found.uploaded_at_ms,
        taken: draw.map(|draw| Taken {
            frame_sha256: draw.frame_sha256(),
            seed: draw.seed,
            seed_source: draw.seed_source,
            fixed_at_ms: draw.prepared_at_ms,
        }),
    }))
}
