//! Responses: stored once, counted by decisions, recountable at any time.

use std::collections::BTreeMap;
use std::sync::Arc;

use diesel::prelude::*;

use super::conn::{Conn, per_backend};
use super::schema::{event, interview, response, response_comment, response_content};
use super::tally::{Change, TallyKey};
use super::{StoreError, WriteTx, disposition, evaluation, link as links, tally};
use crate::statistics::score::{Completeness, ResponseScore};
use crate::statistics::tally::Tally;
use crate::survey::EvidenceClass;
use crate::survey::admission::Refusal;
use crate::survey::commitment;
use crate::survey::content;
use crate::survey::counting::{self, Decision};
use crate::survey::disposition::Code;
use crate::survey::event::Event;
use crate::survey::id::{EvaluationId, LinkId, OutletId, ResponseId};
use crate::survey::instrument::Instrument;
use crate::survey::submission::{Entry, Interview, Submission, SubmissionKey};

const HOUR_MS: i64 = 3_600_000;
/// Rows of one page when every response is read.
const SCAN_ROWS: i64 = 2_000;

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
pub fn is_stored(conn: &mut Conn, evaluation: EvaluationId, key: &SubmissionKey) -> Result<bool, StoreError> {
    let row = response::table
        .filter(response::evaluation_id.eq(evaluation.to_string()).and(response::submission_key.eq(key.as_str())));
    Ok(diesel::select(diesel::dsl::exists(row)).get_result(conn)?)
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
    id: ResponseId,
) -> Result<Accepted, SubmitError> {
    let evaluation = submission.evaluation;
    if is_stored(tx.conn, evaluation, &submission.key)? {
        return Ok(Accepted::AlreadyStored);
    }
    let way = match &submission.entry {
        Entry::Link(link) => admit_link(tx, instrument, submission, *link)?,
        Entry::Interview(interview) => admit_interview(tx, evaluation, interview)?,
    };
    let score = score(instrument, submission.answers.replies())?;
    let status = completeness(instrument, &score);
    if !insert(tx.conn, instrument, submission, id, &way, status)? {
        // Another node stored the same form between the check and now.
        return Err(StoreError::Busy.into());
    }
    let key = TallyKey { evaluation, outlet: way.outlet, class: way.class };
    if counting::counts(status, way.class, instrument.method().interview_approval(), []) {
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
    state.admit(submission.received_at_ms)?;
    let class = state.kind.evidence_class();
    if state.kind.single_use() {
        // Somebody who was turned away by mistake and came back: the earlier outcome no longer holds.
        if let Some(earlier) = disposition::ended_code(tx.conn, evaluation, id)? {
            tx.tally(TallyKey { evaluation, outlet, class }, instrument, Change::Disposition(earlier, -1));
        }
        if !links::spend(tx.conn, evaluation, id)? {
            return Err(Refusal::Used.into());
        }
    }
    Ok(Way { outlet, class, interview: None })
}

fn admit_interview<'a>(tx: &mut WriteTx<'_>, evaluation: EvaluationId, taken: &'a Interview) -> Result<Way<'a>, SubmitError> {
    links::hold_evaluation(tx.conn, evaluation)?;
    let row = (
        interview::evaluation_id.eq(evaluation.to_string()),
        interview::id.eq(taken.id.to_string()),
        interview::outlet_id.eq(taken.outlet.to_string()),
        interview::evaluator_id.eq(taken.evaluator.to_string()),
        interview::place.eq(taken.place.as_str()),
        interview::started_at_ms.eq(taken.started_at_ms),
        interview::ended_at_ms.eq(taken.ended_at_ms),
    );
    diesel::insert_into(interview::table).values(row).execute(tx.conn)?;
    Ok(Way { outlet: taken.outlet, class: EvidenceClass::Face, interview: Some(taken) })
}

fn insert(
    conn: &mut Conn,
    instrument: &Instrument,
    submission: &Submission,
    id: ResponseId,
    way: &Way<'_>,
    status: Completeness,
) -> Result<bool, StoreError> {
    let (evaluation, id) = (submission.evaluation.to_string(), id.to_string());
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
        response::submission_key.eq(submission.key.as_str()),
        response::receipt_hash.eq(submission.receipt.hash()),
        response::commitment.eq(commitment),
    );
    let inserted = per_backend!(conn, |c| diesel::insert_into(response::table).values(row).on_conflict_do_nothing().execute(c))?;
    if inserted == 0 {
        return Ok(false);
    }
    let content = (
        response_content::evaluation_id.eq(&evaluation),
        response_content::response_id.eq(&id),
        response_content::answers.eq(line),
        response_content::duration_s.eq(submission.duration_s.and_then(|s| i32::try_from(s).ok())),
        response_content::salt.eq(data_encoding::HEXLOWER.encode(&submission.answers_salt)),
    );
    diesel::insert_into(response_content::table).values(content).execute(conn)?;
    let comment = (
        response_comment::evaluation_id.eq(&evaluation),
        response_comment::response_id.eq(&id),
        response_comment::body.eq(comment),
        response_comment::salt.eq(data_encoding::HEXLOWER.encode(&submission.comment_salt)),
    );
    diesel::insert_into(response_comment::table).values(comment).execute(conn)?;
    Ok(true)
}

fn score(instrument: &Instrument, replies: &[crate::survey::Reply]) -> Result<ResponseScore, StoreError> {
    instrument.scheme().score(replies).map_err(|e| StoreError::Corrupt(e.to_string()))
}

fn completeness(instrument: &Instrument, score: &ResponseScore) -> Completeness {
    let method = instrument.method();
    instrument.scheme().completeness(score, method.complete_at(), method.partial_at())
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

/// Records a decision about a response; its tally follows in the same transaction.
///
/// # Errors
/// [`StoreError::Database`] when there is no such response.
pub fn decide(
    tx: &mut WriteTx<'_>,
    instrument: &Arc<Instrument>,
    evaluation: EvaluationId,
    id: ResponseId,
    decision: Decision,
    (actor, reason, at_ms): (&str, &str, i64),
) -> Result<(), StoreError> {
    evaluation::lock(tx.conn, evaluation)?;
    let row = read_one(tx.conn, instrument, evaluation, id)?;
    let mut history = super::event::list_by_object(tx.conn, evaluation, &id.to_string())?;
    let approval = instrument.method().interview_approval();
    let counts = |history: &[Event]| {
        counting::counts(row.status, row.class, approval, history.iter().filter_map(|e| Decision::from_action(&e.action)))
    };
    let before = counts(&history);
    let happened = Event {
        at_ms,
        actor: actor.to_owned(),
        action: decision.action().to_owned(),
        object: id.to_string(),
        data: serde_json::json!({"reason": reason}).to_string(),
    };
    super::event::append(tx, evaluation, &happened)?;
    history.push(happened);
    let key = TallyKey { evaluation, outlet: row.outlet, class: row.class };
    match (before, counts(&history), row.score) {
        (false, true, Some(score)) => tx.tally(key, instrument, Change::Count(score, row.duration_s)),
        (true, false, Some(score)) => tx.tally(key, instrument, Change::Uncount(score, row.duration_s)),
        _ => {}
    }
    Ok(())
}

/// A response as counting needs it.
struct Counted {
    outlet: OutletId,
    class: EvidenceClass,
    status: Completeness,
    /// `None` once the content is erased.
    score: Option<ResponseScore>,
    duration_s: Option<u32>,
}

type Row = (String, String, String, String, Option<String>, Option<i32>);

fn counted(instrument: &Instrument, (id, outlet, class, status, answers, duration_s): Row) -> Result<(String, Counted), StoreError> {
    let corrupt = |what: &dyn std::fmt::Display| StoreError::Corrupt(format!("response {id}: {what}"));
    let status = match status.as_str() {
        "I" => Completeness::Complete,
        "P" => Completeness::Partial,
        "R" => Completeness::BreakOff,
        other => return Err(corrupt(&other)),
    };
    let score = match &answers {
        None => None,
        Some(line) => {
            let answers = content::decode(instrument.questionnaire(), line, None).map_err(|e| corrupt(&e))?;
            Some(score(instrument, answers.replies())?)
        }
    };
    let row = Counted {
        outlet: outlet.parse().map_err(|_| corrupt(&outlet))?,
        class: EvidenceClass::parse(&class).ok_or_else(|| corrupt(&class))?,
        status,
        score,
        duration_s: duration_s.and_then(|s| u32::try_from(s).ok()),
    };
    Ok((id, row))
}

fn read_one(conn: &mut Conn, instrument: &Instrument, evaluation: EvaluationId, id: ResponseId) -> Result<Counted, StoreError> {
    let row: Row = response::table
        .left_join(response_content::table.on(same_response()))
        .filter(response::evaluation_id.eq(evaluation.to_string()).and(response::id.eq(id.to_string())))
        .select(columns())
        .first(conn)?;
    Ok(counted(instrument, row)?.1)
}

#[diesel::dsl::auto_type]
fn columns() -> _ {
    (
        response::id,
        response::outlet_id,
        response::evidence_class,
        response::status,
        response_content::answers.nullable(),
        response_content::duration_s.nullable(),
    )
}

#[diesel::dsl::auto_type]
fn same_response() -> _ {
    response_content::evaluation_id.eq(response::evaluation_id).and(response_content::response_id.eq(response::id))
}

/// Recounts every tally of an evaluation from its rows, in pages, with bounded memory.
///
/// # Errors
/// [`StoreError::Corrupt`] when a row is not readable.
pub fn recount(conn: &mut Conn, evaluation: EvaluationId, instrument: &Instrument) -> Result<BTreeMap<TallyKey, Tally>, StoreError> {
    let mut tallies: BTreeMap<TallyKey, Tally> = BTreeMap::new();
    let mut entry = |outlet, class, change: &dyn Fn(&mut Tally) -> Result<(), StoreError>| {
        let key = TallyKey { evaluation, outlet, class };
        change(tallies.entry(key).or_insert_with(|| Tally::empty(instrument.scheme())))
    };
    let overflow = |e: &dyn std::fmt::Display| StoreError::Corrupt(e.to_string());
    let decisions = decisions(conn, evaluation)?;
    let approval = instrument.method().interview_approval();
    let mut after = String::new();
    loop {
        let page: Vec<Row> = response::table
            .left_join(response_content::table.on(same_response()))
            .filter(response::evaluation_id.eq(evaluation.to_string()).and(response::id.gt(&after)))
            .order(response::id)
            .select(columns())
            .limit(SCAN_ROWS)
            .load(conn)?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.0);
        for row in page {
            let (id, row) = counted(instrument, row)?;
            let history = decisions.get(&id).into_iter().flatten().copied();
            let counts = counting::counts(row.status, row.class, approval, history);
            entry(row.outlet, row.class, &|tally| {
                if let Some(score) = row.score.as_ref().filter(|_| counts) {
                    tally.add(score, row.duration_s).map_err(|e| overflow(&e))?;
                }
                tally.add_disposition(status_code(row.status).as_str(), 1).map_err(|e| overflow(&e))
            })?;
        }
    }
    for (outlet, class, code, n) in disposition::count_all(conn, evaluation)? {
        entry(outlet, class, &|tally| tally.add_disposition(code.as_str(), n).map_err(|e| overflow(&e)))?;
    }
    Ok(tallies)
}

/// Every decision about responses, oldest first, by response.
fn decisions(conn: &mut Conn, evaluation: EvaluationId) -> Result<BTreeMap<String, Vec<Decision>>, StoreError> {
    let rows: Vec<(String, String)> = event::table
        .filter(event::evaluation_id.eq(evaluation.to_string()).and(event::action.like("response.%")))
        .order(event::seq)
        .select((event::object, event::action))
        .load(conn)?;
    let mut decisions: BTreeMap<String, Vec<Decision>> = BTreeMap::new();
    for (object, action) in rows {
        if let Some(decision) = Decision::from_action(&action) {
            decisions.entry(object).or_default().push(decision);
        }
    }
    Ok(decisions)
}

/// Recounts an evaluation and stores what differs; says whether anything did.
///
/// # Errors
/// As [`recount`].
pub fn rebuild_tallies(tx: &mut WriteTx<'_>, evaluation: EvaluationId, instrument: &Instrument) -> Result<bool, StoreError> {
    evaluation::lock(tx.conn, evaluation)?;
    let mut counted = recount(tx.conn, evaluation, instrument)?;
    counted.retain(|_, tally| !tally.is_empty());
    let mut stored = tally::list(tx.conn, evaluation, instrument)?;
    stored.retain(|_, tally| !tally.is_empty());
    let differs = stored != counted;
    if differs {
        tally::replace(tx, evaluation, &counted)?;
    }
    Ok(differs)
}
