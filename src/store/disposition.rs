//! Contacts that ended without an answer: counted, without content.

use std::sync::Arc;

use diesel::prelude::*;

use super::conn::{Conn, per_backend};
use super::response::SubmitError;
use super::schema::{disposition, link};
use super::tally::{Change, TallyKey};
use super::{StoreError, WriteTx, field, link as links};
use crate::survey::EvidenceClass;
use crate::survey::admission::Refusal;
use crate::survey::disposition::Code;
use crate::survey::id::{DispositionId, EvaluationId, LinkId, OutletId, PersonId};
use crate::survey::instrument::Instrument;
use crate::survey::interview::Ending;

const HOUR_MS: i64 = 3_600_000;

/// Counts a visitor who ended before rating. An outlet's code counts every visit; a single-use link keeps its last
/// outcome, because it is one person.
///
/// # Errors
/// [`SubmitError::Refused`] when the link takes no answers any more.
pub fn end_visit(
    tx: &mut WriteTx<'_>,
    instrument: &Arc<Instrument>,
    evaluation: EvaluationId,
    id: LinkId,
    code: Code,
    random: [u8; 16],
    now_ms: i64,
) -> Result<(), SubmitError> {
    links::hold_evaluation(tx.conn, evaluation)?;
    let (outlet, state) = links::state(tx.conn, evaluation, id)?.ok_or(Refusal::Unknown)?;
    state.admit(now_ms)?;
    let key = TallyKey {
        evaluation,
        outlet,
        class: state.kind.evidence_class(),
    };
    if state.kind.single_use() {
        if let Some(earlier) = ended_code(tx.conn, evaluation, id)? {
            tx.tally(key, instrument, Change::Disposition(earlier, -1));
        }
        let row = link::table.find((evaluation.to_string(), id.to_string()));
        diesel::update(row)
            .set(link::ended_code.eq(code.as_str()))
            .execute(tx.conn)
            .map_err(StoreError::from)?;
    } else {
        let row = (
            disposition::evaluation_id.eq(evaluation.to_string()),
            disposition::id.eq(DispositionId::from_random(random).to_string()),
            disposition::outlet_id.eq(outlet.to_string()),
            disposition::evidence_class.eq(key.class.as_str()),
            disposition::code.eq(code.as_str()),
            disposition::hour_ms.eq(now_ms - now_ms.rem_euclid(HOUR_MS)),
        );
        diesel::insert_into(disposition::table)
            .values(row)
            .execute(tx.conn)
            .map_err(StoreError::from)?;
    }
    tx.tally(key, instrument, Change::Disposition(code, 1));
    Ok(())
}

/// The outcome a single-use link was left with, if any.
pub(super) fn ended_code(conn: &mut Conn, evaluation: EvaluationId, id: LinkId) -> Result<Option<Code>, StoreError> {
    let code: Option<String> = link::table
        .find((evaluation.to_string(), id.to_string()))
        .select(link::ended_code)
        .first(conn)?;
    Ok(code.as_deref().and_then(Code::parse))
}

/// Counts an approach of an evaluator that led to no interview; `false` when it was counted before.
///
/// # Errors
/// [`SubmitError::Refused`] outside fieldwork.
pub fn record_approach(
    tx: &mut WriteTx<'_>,
    instrument: &Arc<Instrument>,
    approach: &Approach,
) -> Result<bool, SubmitError> {
    let Approach {
        id,
        evaluation,
        outlet,
        evaluator,
        at_ms,
        is_late,
        ..
    } = *approach;
    let Ending {
        code,
        contact_no,
        ref refusal_reason,
    } = approach.ending;
    let row = disposition::table.find((evaluation.to_string(), id.to_string()));
    let known: Option<String> = row.select(disposition::id).first(tx.conn).optional()?;
    if known.is_some() {
        return Ok(false);
    }
    links::hold_evaluation(tx.conn, evaluation)?;
    let (state, in_force) = field::admission(tx.conn, evaluation)?.ok_or(Refusal::Unknown)?;
    state.admit_interview(in_force.admit_approach(at_ms), is_late)?;
    let row = (
        disposition::evaluation_id.eq(evaluation.to_string()),
        disposition::id.eq(id.to_string()),
        disposition::outlet_id.eq(outlet.to_string()),
        disposition::evidence_class.eq(EvidenceClass::Face.as_str()),
        disposition::evaluator_id.eq(evaluator.to_string()),
        disposition::code.eq(code.as_str()),
        disposition::hour_ms.eq(at_ms - at_ms.rem_euclid(HOUR_MS)),
        disposition::contact_no.eq(i32::try_from(contact_no.get()).ok()),
        disposition::refusal_reason.eq(refusal_reason.as_deref().unwrap_or_default()),
    );
    let inserted = per_backend!(&mut *tx.conn, |c| diesel::insert_into(disposition::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    if inserted == 1 {
        let key = TallyKey {
            evaluation,
            outlet,
            class: EvidenceClass::Face,
        };
        tx.tally(key, instrument, Change::Disposition(code, 1));
    }
    Ok(inserted == 1)
}

/// An approach that led to no interview.
#[derive(Debug, Clone)]
pub struct Approach {
    /// Its id: the same one is counted once.
    pub id: DispositionId,
    /// Evaluation.
    pub evaluation: EvaluationId,
    /// Outlet.
    pub outlet: OutletId,
    /// Who approached.
    pub evaluator: PersonId,
    /// How it ended.
    pub ending: Ending,
    /// When, Unix ms.
    pub at_ms: i64,
    /// Uploaded after fieldwork and accepted by a reviewer.
    pub is_late: bool,
}

/// Every contact without an answer: (outlet, class, code, how many), from the rows.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub(super) fn count_all(
    conn: &mut Conn,
    evaluation: EvaluationId,
) -> Result<Vec<(OutletId, EvidenceClass, Code, i64)>, StoreError> {
    let rows: Vec<(String, String, String, i64)> = disposition::table
        .filter(disposition::evaluation_id.eq(evaluation.to_string()))
        .group_by((disposition::outlet_id, disposition::evidence_class, disposition::code))
        .select((
            disposition::outlet_id,
            disposition::evidence_class,
            disposition::code,
            diesel::dsl::count_star(),
        ))
        .load(conn)?;
    let ended: Vec<(String, Option<String>, i64)> = link::table
        .filter(
            link::evaluation_id
                .eq(evaluation.to_string())
                .and(link::ended_code.is_not_null()),
        )
        .group_by((link::outlet_id, link::ended_code))
        .select((link::outlet_id, link::ended_code, diesel::dsl::count_star()))
        .load(conn)?;
    let ended = ended
        .into_iter()
        .map(|(outlet, code, n)| (outlet, "invited".to_owned(), code.unwrap_or_default(), n));
    rows.into_iter()
        .chain(ended)
        .map(|(outlet, class, code, n)| {
            let corrupt = || StoreError::Corrupt(format!("disposition {outlet} {class} {code}"));
            let outlet = outlet.parse().map_err(|_| corrupt())?;
            let class = EvidenceClass::parse(&class).ok_or_else(corrupt)?;
            Ok((outlet, class, Code::parse(&code).ok_or_else(corrupt)?, n))
        })
        .collect()
}
