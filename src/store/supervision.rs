//! Supervision of interviews: how each one stands, and the reviewer's rulings. A ruling and its decision about the response
//! are one transaction, so tallies follow at once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use diesel::prelude::*;

use super::conn::Conn;
use super::evaluation::{self as evaluations, Evaluation};
use super::grading::{Act, GradingError, hold_open, log, person};
use super::response::{decide, decisions};
use super::schema::{evaluation, interview, method, response};
use super::schema_supervision::{interview_review, response_correction};
use super::{StoreError, WriteTx};
use crate::survey::counting::Decision;
use crate::survey::evaluation::EvaluationState;
use crate::survey::form::Problem;
use crate::survey::id::{EvaluationId, InterviewId, OutletId, PersonId, ResponseId};
use crate::survey::instrument::Instrument;
use crate::survey::method::{InterviewApproval, Method};
use crate::survey::supervision::{Counts, Ruling, Standing, Step};

/// An interview as its supervisors see it; nothing about how satisfied anybody is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supervised {
    /// The interview.
    pub interview: InterviewId,
    /// Its response.
    pub response: ResponseId,
    /// Who interviewed.
    pub evaluator: PersonId,
    /// Where.
    pub outlet: OutletId,
    /// Start, Unix ms.
    pub started_at_ms: i64,
    /// End, Unix ms.
    pub ended_at_ms: i64,
    /// The hour of its arrival, Unix ms.
    pub received_hour_ms: i64,
    /// Broken off: it never counts, and nobody rules on it.
    pub is_break_off: bool,
    /// Its customer took it back.
    pub is_withdrawn: bool,
    /// Corrections.
    pub corrections: usize,
    /// How it stands.
    pub standing: Standing,
}

impl Supervised {
    /// Whether anybody rules on it.
    pub fn is_reviewed(&self) -> bool {
        !self.is_break_off && !self.is_withdrawn
    }
}

/// What was said about an interview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// What happened.
    pub step: Step,
    /// Name of the reason of a rejection; else empty.
    pub reason: String,
    /// In words.
    pub comment: String,
    /// By whom.
    pub by: PersonId,
    /// When, Unix ms.
    pub at_ms: i64,
}

/// Every interview of an evaluation, or one evaluator's, latest first.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn list(conn: &mut Conn, id: EvaluationId, who: Option<PersonId>) -> Result<Vec<Supervised>, StoreError> {
    let mut found = read(conn, id, None)?;
    found.retain(|one| who.is_none_or(|who| one.evaluator == who));
    Ok(found)
}

/// One interview; `None` when there is none.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn find(conn: &mut Conn, id: EvaluationId, which: InterviewId) -> Result<Option<Supervised>, StoreError> {
    Ok(read(conn, id, Some(which))?.pop())
}

fn read(conn: &mut Conn, id: EvaluationId, which: Option<InterviewId>) -> Result<Vec<Supervised>, StoreError> {
    let key = id.to_string();
    let of_interview = interview::evaluation_id
        .nullable()
        .eq(response::evaluation_id.nullable())
        .and(interview::id.nullable().eq(response::interview_id));
    type Row = ((String, String, String, String), (i64, i64, i64), String);
    let mut rows = response::table
        .inner_join(interview::table.on(of_interview))
        .filter(response::evaluation_id.eq(&key))
        .filter(response::interview_id.is_not_null())
        .order((interview::started_at_ms.desc(), interview::id))
        .select((
            (
                interview::id,
                response::id,
                interview::evaluator_id,
                interview::outlet_id,
            ),
            (
                interview::started_at_ms,
                interview::ended_at_ms,
                response::received_hour_ms,
            ),
            response::status,
        ))
        .into_boxed();
    if let Some(which) = which {
        rows = rows.filter(response::interview_id.eq(which.to_string()));
    }
    let rows: Vec<Row> = rows.load(conn)?;
    let steps: Vec<(String, String)> = interview_review::table
        .filter(interview_review::evaluation_id.eq(&key))
        .order(interview_review::seq)
        .select((interview_review::interview_id, interview_review::step))
        .load(conn)?;
    let steps: BTreeMap<String, String> = steps.into_iter().collect();
    let corrected: Vec<String> = response_correction::table
        .filter(response_correction::evaluation_id.eq(&key))
        .select(response_correction::response_id)
        .load(conn)?;
    let withdrawn: BTreeSet<String> = decisions(conn, id)?
        .into_iter()
        .filter(|(_, history)| history.contains(&Decision::Withdrawn))
        .map(|(response, _)| response)
        .collect();
    let supervised = |((which, answer, who, place), (started_at_ms, ended_at_ms, received_hour_ms), status): Row| {
        let corrupt = || StoreError::Corrupt(format!("interview {which}"));
        let standing = match steps.get(&which) {
            Some(step) => Step::parse(step).ok_or_else(corrupt)?.leads_to(),
            None => Standing::Waiting,
        };
        Ok(Supervised {
            interview: which.parse().map_err(|_| corrupt())?,
            response: answer.parse().map_err(|_| corrupt())?,
            evaluator: person(&who)?,
            outlet: place.parse().map_err(|_| corrupt())?,
            started_at_ms,
            ended_at_ms,
            received_hour_ms,
            is_break_off: status == "R",
            is_withdrawn: withdrawn.contains(&answer),
            corrections: corrected.iter().filter(|response| **response == answer).count(),
            standing,
        })
    };
    rows.into_iter().map(supervised).collect()
}

/// How many interviews stand how; `None` where the method asks for no approval.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn counts(conn: &mut Conn, found: &Evaluation) -> Result<Option<Counts>, StoreError> {
    if found.instrument.method().interview_approval() == InterviewApproval::NotRequired {
        return Ok(None);
    }
    let mut counts = Counts::default();
    let interviews = list(conn, found.id, None)?;
    for one in interviews.iter().filter(|one| one.is_reviewed()) {
        counts.add(one.standing, one.corrections > 0);
    }
    Ok(Some(counts))
}

/// How many interviews of an evaluator are asked back, while an answer can still be given.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn asked_back(conn: &mut Conn, id: EvaluationId, who: PersonId) -> Result<usize, StoreError> {
    let steps: Vec<(String, String)> = interview_review::table
        .filter(interview_review::evaluation_id.eq(id.to_string()))
        .filter(interview_review::evaluator_id.eq(who.to_string()))
        .order(interview_review::seq)
        .select((interview_review::interview_id, interview_review::step))
        .load(conn)?;
    let newest: BTreeMap<String, String> = steps.into_iter().collect();
    let asked = newest.values().filter(|step| *step == Step::Returned.as_str()).count();
    Ok(match evaluations::state(conn, id)? {
        Some(EvaluationState::Open | EvaluationState::Closed) => asked,
        _ => 0,
    })
}

/// How many interviews wait for a reviewer or an evaluator, in an evaluation whose method asks for approval.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn open(conn: &mut Conn, id: EvaluationId) -> Result<u64, StoreError> {
    let hash: String = evaluation::table
        .find(id.to_string())
        .select(evaluation::method_hash)
        .first(conn)?;
    let body: String = method::table.find(hash).select(method::body).first(conn)?;
    let method = Method::from_json(body.as_bytes()).map_err(|e| StoreError::Corrupt(e.to_string()))?;
    if method.interview_approval() == InterviewApproval::NotRequired {
        return Ok(0);
    }
    let interviews = list(conn, id, None)?.into_iter();
    let open = interviews.filter(|one| one.is_reviewed() && one.standing.is_open());
    Ok(open.count() as u64)
}

/// Refuses once the record is sealed; until the transaction ends nobody seals it.
pub(super) fn hold_unsealed(tx: &mut WriteTx<'_>, id: EvaluationId) -> Result<(), GradingError> {
    match evaluations::held_state(tx, id)? {
        EvaluationState::Open | EvaluationState::Closed => Ok(()),
        _ => Err(GradingError::refused("", Problem::Sealed)),
    }
}

/// Rules on interviews: all of them, or none. Ruling the same way twice is ruling once.
///
/// # Errors
/// [`GradingError::Refused`] where the method asks for no approval, for one's own interview, one that is withdrawn or was
/// broken off, and after sealing.
pub fn rule(
    tx: &mut WriteTx<'_>,
    instrument: &Arc<Instrument>,
    id: EvaluationId,
    which: &[InterviewId],
    ruling: &Ruling,
    act: Act,
) -> Result<(), GradingError> {
    hold_open(tx, id)?;
    hold_unsealed(tx, id)?;
    if instrument.method().interview_approval() == InterviewApproval::NotRequired {
        return Err(GradingError::refused("ruling", Problem::NotPossible));
    }
    let decision = match ruling.step {
        Step::Approved => Decision::Approved,
        Step::Rejected => Decision::Rejected,
        Step::Returned => Decision::Returned,
        Step::Answered => return Err(GradingError::refused("ruling", Problem::NotAChoice)),
    };
    let known = read(tx.conn, id, None)?;
    for interview in which {
        let one = known.iter().find(|one| one.interview == *interview);
        let one = one.ok_or_else(|| GradingError::refused("ruling", Problem::NotPossible))?;
        if one.evaluator == act.0 {
            return Err(GradingError::refused("ruling", Problem::OwnWork));
        }
        if !one.is_reviewed() {
            return Err(GradingError::refused("ruling", Problem::NotPossible));
        }
        if one.standing == ruling.step.leads_to() {
            continue;
        }
        let reason = ruling.reason.map_or("", |reason| reason.as_str());
        append(tx, id, one, (ruling.step, reason, &ruling.comment), act)?;
        let (actor, at_ms) = (act.0.to_string(), act.1);
        decide(tx, instrument, id, one.response, decision, (&actor, reason, at_ms))?;
    }
    Ok(())
}

/// The evaluator's answer to a reviewer who asked back.
///
/// # Errors
/// [`GradingError::Refused`] for another's interview, or one that is not asked back.
pub fn answer(
    tx: &mut WriteTx<'_>,
    (id, which): (EvaluationId, InterviewId),
    comment: &str,
    act: Act,
) -> Result<(), GradingError> {
    hold_open(tx, id)?;
    hold_unsealed(tx, id)?;
    let one = find(tx.conn, id, which)?.filter(|one| one.standing == Standing::AskedBack);
    let one = one.ok_or_else(|| GradingError::refused("answer", Problem::NotPossible))?;
    if one.evaluator != act.0 {
        return Err(GradingError::refused("answer", Problem::NotEntitled));
    }
    append(tx, id, &one, (Step::Answered, "", comment), act)?;
    let about = ("interview.answered", &*one.response.to_string());
    Ok(log(tx, id, act, about, &serde_json::json!({}))?)
}

fn append(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    one: &Supervised,
    (step, reason, comment): (Step, &str, &str),
    (who, at_ms): Act,
) -> Result<(), StoreError> {
    let last: Option<i64> = interview_review::table
        .filter(interview_review::evaluation_id.eq(id.to_string()))
        .select(diesel::dsl::max(interview_review::seq))
        .first(tx.conn)?;
    let row = (
        interview_review::evaluation_id.eq(id.to_string()),
        interview_review::seq.eq(last.unwrap_or(0) + 1),
        interview_review::interview_id.eq(one.interview.to_string()),
        interview_review::evaluator_id.eq(one.evaluator.to_string()),
        interview_review::step.eq(step.as_str()),
        interview_review::reason.eq(reason),
        interview_review::comment.eq(comment),
        interview_review::acted_by.eq(who.to_string()),
        interview_review::at_ms.eq(at_ms),
    );
    diesel::insert_into(interview_review::table)
        .values(row)
        .execute(tx.conn)?;
    Ok(())
}

/// What was said about an interview, oldest first.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn said(conn: &mut Conn, id: EvaluationId, which: InterviewId) -> Result<Vec<Said>, StoreError> {
    let rows: Vec<(String, String, String, String, i64)> = interview_review::table
        .filter(interview_review::evaluation_id.eq(id.to_string()))
        .filter(interview_review::interview_id.eq(which.to_string()))
        .order(interview_review::seq)
        .select((
            interview_review::step,
            interview_review::reason,
            interview_review::comment,
            interview_review::acted_by,
            interview_review::at_ms,
        ))
        .load(conn)?;
    let read = |(step, reason, comment, by, at_ms): (String, String, String, String, i64)| {
        Ok(Said {
            step: Step::parse(&step).ok_or(StoreError::Corrupt(step))?,
            reason,
            comment,
            by: person(&by)?,
            at_ms,
        })
    };
    rows.into_iter().map(read).collect()
}
