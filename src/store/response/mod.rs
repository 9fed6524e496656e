//! Responses: stored once, counted by decisions, recountable at any time.

mod counting;
mod evidence;

use std::sync::Arc;

use diesel::prelude::*;

use super::conn::{Conn, per_backend};
use super::schema::{interview, response, response_content};
use super::tally::{Change, TallyKey};
use super::{StoreError, StoreFailure, WriteTx, disposition, field, link as links, paper};
use crate::statistics::score::{Completeness, ResponseScore};
use crate::survey::EvidenceClass;
use crate::survey::admission::Refusal;
use crate::survey::answers::Answers;
use crate::survey::commitment;
use crate::survey::content;
use crate::survey::counting::counts;
use crate::survey::disposition::Code;
use crate::survey::id::{EvaluationId, LinkId, OutletId, ResponseId};
use crate::survey::instrument::Instrument;
use crate::survey::submission::{Entry, Interview, Submission};

const HOUR_MS: i64 = 3_600_000;

pub(super) use counting::decisions;
pub(super) use counting::last_decision;
pub(super) use counting::{Row, replace, standing_score};
pub use counting::{Standing, decide, rebuild_tallies, recount, standing};
pub(super) use evidence::Pass;
pub use evidence::{Counted, each_counted};

/// What became of a submission that was not refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// Stored now.
    Stored,
    /// The same form or client id was stored before; that one counts.
    AlreadyStored,
}

/// Why a submission was not stored.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// The visitor is turned away.
    #[error("refused: {}", .0.as_str())]
    Refused(Refusal),
    /// The store could not.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl StoreFailure for SubmitError {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Refused(_) => None,
            Self::Store(error) => Some(error),
        }
    }
}

impl From<Refusal> for SubmitError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<diesel::result::Error> for SubmitError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Whether a form has been stored.
///
/// # Errors
/// [`StoreError::Database`].
pub fn is_stored(conn: &mut Conn, evaluation: EvaluationId, id: ResponseId) -> Result<bool, StoreError> {
    let row = response::table.filter(
        response::evaluation_id
            .eq(evaluation.to_string())
            .and(response::id.eq(id.to_string())),
    );
    let found = diesel::select(diesel::dsl::exists(row));
    Ok(per_backend!(conn, |c| found.get_result(c))?)
}

/// Stores a submission: the only way in for answers of every channel.
///
/// Order: already stored? → evaluation and link state → response, content, use of the link and tally, all in this
/// transaction. Outlet and evidence class come from the link or the interview, never from the form.
///
/// # Errors
/// [`SubmitError::Refused`] when no answer may come in this way now.
pub fn submit(
    tx: &mut WriteTx<'_>,
    instrument: &Arc<Instrument>,
    submission: &Submission,
) -> Result<Accepted, SubmitError> {
    let (evaluation, id) = (submission.evaluation, submission.receipt.response_id());
    if is_stored(tx.conn, evaluation, id)? {
        return Ok(Accepted::AlreadyStored);
    }
    let admitted = match &submission.entry {
        Entry::Link(link) => admit_link(tx, instrument, submission, *link),
        Entry::Interview(interview) => admit_interview(tx, evaluation, interview),
    };
    let way = match admitted {
        // Another node spent the link between the check and now. If it was for this very form, the next run finds it.
        Err(SubmitError::Refused(Refusal::Used)) if is_stored(tx.conn, evaluation, id)? => {
            return Err(StoreError::Busy.into());
        }
        admitted => admitted?,
    };
    let score = score(instrument, &submission.answers)?;
    let status = completeness(instrument, &score);
    if !insert(tx, instrument, submission, &way, status)? {
        // Another node stored the same form between the check and now: the next run finds it.
        return Err(StoreError::Busy.into());
    }
    let key = TallyKey {
        evaluation,
        outlet: way.outlet,
        class: way.class,
    };
    if counts(status, way.class, instrument.method().interview_approval(), []) {
        tx.tally(key, instrument, Change::Count(score, submission.duration_s));
    }
    tx.tally(key, instrument, Change::Disposition(status_code(status), 1));
    Ok(Accepted::Stored)
}

/// Where an answer belongs, as its way in decides.
struct Way<'a> {
    outlet: OutletId,
    class: EvidenceClass,
    interview: Option<&'a Interview>,
}

fn admit_link<'a>(
    tx: &mut WriteTx<'_>,
    instrument: &Arc<Instrument>,
    submission: &Submission,
    id: LinkId,
) -> Result<Way<'a>, SubmitError> {
    let evaluation = submission.evaluation;
    links::hold_evaluation(tx.conn, evaluation)?;
    let (outlet, state) = links::state(tx.conn, evaluation, id)?.ok_or(Refusal::Unknown)?;
    // The form was opened so long before it came.
    let took_ms = submission.duration_s.map_or(0, |seconds| i64::from(seconds) * 1000);
    state.admit_form(submission.received_at_ms - took_ms, submission.received_at_ms)?;
    let class = state.kind.evidence_class();
    if state.kind.single_use() {
        // Somebody who was turned away by mistake and came back: the earlier outcome no longer holds.
        if let Some(earlier) = disposition::ended_code(tx.conn, evaluation, id)? {
            tx.tally(
                TallyKey {
                    evaluation,
                    outlet,
                    class,
                },
                instrument,
                Change::Disposition(earlier, -1),
            );
        }
        if !links::spend(tx.conn, evaluation, id)? {
            return Err(Refusal::Used.into());
        }
    }
    Ok(Way {
        outlet,
        class,
        interview: None,
    })
}

fn admit_interview<'a>(
    tx: &mut WriteTx<'_>,
    evaluation: EvaluationId,
    taken: &'a Interview,
) -> Result<Way<'a>, SubmitError> {
    links::hold_evaluation(tx.conn, evaluation)?;
    let (state, in_force) = field::admission(tx.conn, evaluation)?.ok_or(Refusal::Unknown)?;
    state.admit_interview(in_force.admit(taken.started_at_ms, taken.ended_at_ms), taken.is_late)?;
    let row = (
        interview::evaluation_id.eq(evaluation.to_string()),
        interview::id.eq(taken.id.to_string()),
        interview::outlet_id.eq(taken.outlet.to_string()),
        interview::evaluator_id.eq(taken.evaluator.to_string()),
        interview::place.eq(taken.place.as_str()),
        interview::started_at_ms.eq(taken.started_at_ms),
        interview::ended_at_ms.eq(taken.ended_at_ms),
        interview::contact_no.eq(i32::try_from(taken.contact_no.get()).ok()),
        interview::protocol.eq(serde_json::to_string(&taken.protocol).map_err(|e| StoreError::Corrupt(e.to_string()))?),
    );
    let inserted = per_backend!(&mut *tx.conn, |c| diesel::insert_into(interview::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    if inserted == 0 {
        // Another node stored the same interview between the check and now: the next run finds it.
        return Err(StoreError::Busy.into());
    }
    paper::enter(tx, evaluation, taken)?;
    Ok(Way {
        outlet: taken.outlet,
        class: EvidenceClass::Face,
        interview: Some(taken),
    })
}

fn insert(
    tx: &mut WriteTx<'_>,
    instrument: &Instrument,
    submission: &Submission,
    way: &Way<'_>,
    status: Completeness,
) -> Result<bool, StoreError> {
    let evaluation = submission.evaluation.to_string();
    let id = submission.receipt.response_id().to_string();
    let line = content::encode(instrument.questionnaire(), &submission.answers);
    let comment = submission.answers.comment().unwrap_or_default();
    let commitment = commitment::commitment(
        &commitment::inner(&submission.answers_salt, &line),
        &commitment::inner(&submission.comment_salt, comment),
    );
    let row = (
        response::evaluation_id.eq(&evaluation),
        response::id.eq(&id),
        response::outlet_id.eq(way.outlet.to_string()),
        response::evidence_class.eq(way.class.as_str()),
        response::interview_id.eq(way.interview.map(|taken| taken.id.to_string())),
        response::evaluator_id.eq(way.interview.map(|taken| taken.evaluator.to_string())),
        response::status.eq(status_name(status)),
        response::language.eq(submission.language.tag()),
        response::notice_version.eq(&submission.notice_version),
        response::received_hour_ms.eq(submission.received_at_ms - submission.received_at_ms.rem_euclid(HOUR_MS)),
        response::commitment.eq(commitment),
    );
    let inserted = per_backend!(&mut *tx.conn, |c| diesel::insert_into(response::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    if inserted == 0 {
        return Ok(false);
    }
    let content = (
        response_content::evaluation_id.eq(&evaluation),
        response_content::response_id.eq(&id),
        response_content::answers.eq(line),
        response_content::duration_s.eq(submission.duration_s.and_then(|s| i32::try_from(s).ok())),
        response_content::salt.eq(data_encoding::HEXLOWER.encode(&submission.answers_salt)),
        // The salt of a comment is sealed with it; where there is none, that is what it proves.
        response_content::comment_salt.eq(match comment {
            "" => data_encoding::HEXLOWER.encode(&submission.comment_salt),
            _ => String::new(),
        }),
    );
    per_backend!(&mut *tx.conn, |c| diesel::insert_into(response_content::table)
        .values(content)
        .execute(c))?;
    if !comment.is_empty() {
        super::comment::insert(tx, (&evaluation, &id), (&submission.comment_salt, comment))?;
    }
    Ok(true)
}

fn score(instrument: &Instrument, answers: &Answers) -> Result<ResponseScore, StoreError> {
    let score = score_of(instrument, answers.replies())?;
    let reasons = instrument.questionnaire().low_reason_codes(answers.low_reasons());
    Ok(score.with_low_reasons(reasons))
}

fn score_of(instrument: &Instrument, replies: &[crate::survey::Reply]) -> Result<ResponseScore, StoreError> {
    let score = instrument.scheme().score(replies);
    score.map_err(|e| StoreError::Corrupt(e.to_string()))
}

fn completeness(instrument: &Instrument, score: &ResponseScore) -> Completeness {
    let method = instrument.method();
    instrument
        .scheme()
        .completeness(score, method.complete_at(), method.partial_at())
}

/// Whether replies are too few for a response that counts.
///
/// # Errors
/// [`StoreError::Corrupt`] for replies of another questionnaire.
pub(super) fn is_break_off(instrument: &Instrument, replies: &[crate::survey::Reply]) -> Result<bool, StoreError> {
    Ok(completeness(instrument, &score_of(instrument, replies)?) == Completeness::BreakOff)
}

fn status_name(status: Completeness) -> &'static str {
    match status {
        Completeness::Complete => "I",
        Completeness::Partial => "P",
        Completeness::BreakOff => "R",
    }
}

fn status_code(status: Completeness) -> Code {
    match status {
        Completeness::Complete => Code::Complete,
        Completeness::Partial => Code::Partial,
        Completeness::BreakOff => Code::BreakOff,
    }
}
