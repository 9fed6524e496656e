//! Which responses count: decisions about them, and the recount from rows that must always agree with the tallies.

use std::collections::BTreeMap;
use std::sync::Arc;

use diesel::dsl::max;
use diesel::prelude::*;

use super::{score, status_code};
use crate::statistics::score::{Completeness, Points, ResponseScore};
use crate::statistics::tally::Tally;
use crate::store::conn::Conn;
use crate::store::schema::{event, response, response_content};
use crate::store::tally::{self, Change, TallyKey};
use crate::store::{StoreError, WriteTx, correction, disposition, evaluation, event as events, scan};
use crate::survey::EvidenceClass;
use crate::survey::content;
use crate::survey::counting::{self, Decision};
use crate::survey::disposition::Code;
use crate::survey::evaluation::EvaluationState;
use crate::survey::event::Event;
use crate::survey::id::{EvaluationId, OutletId, ResponseId};
use crate::survey::instrument::Instrument;

/// Rows of one page when every response is read.
pub(super) const SCAN_ROWS: i64 = 1_000;

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
    events::lock_chain(tx.conn, evaluation)?;
    let row = read_one(tx.conn, instrument, evaluation, id)?;
    let mut history = events::list_by_object(tx.conn, evaluation, &id.to_string())?;
    let before = row.counts(instrument, &history);
    let happened = Event {
        at_ms,
        actor: actor.to_owned(),
        action: decision.action().to_owned(),
        object: id.to_string(),
        data: serde_json::json!({"reason": reason}).to_string(),
    };
    events::append(tx, evaluation, &happened)?;
    history.push(happened);
    let key = TallyKey {
        evaluation,
        outlet: row.outlet,
        class: row.class,
    };
    let is_withdrawn = |history: &[Event]| {
        let mut decisions = history.iter().filter_map(|e| Decision::from_action(&e.action));
        decisions.any(|decision| decision == Decision::Withdrawn)
    };
    if decision == Decision::Withdrawn && !is_withdrawn(history.split_last().map_or(&[][..], |(_, earlier)| earlier)) {
        tx.tally(key, instrument, Change::Disposition(status_code(row.status), -1));
        tx.tally(key, instrument, Change::Disposition(Code::Withdrawn, 1));
    }
    match (before, row.counts(instrument, &history), row.score) {
        (false, true, Some(score)) => tx.tally(key, instrument, Change::Count(score, row.duration_s)),
        (true, false, Some(score)) => tx.tally(key, instrument, Change::Uncount(score, row.duration_s)),
        _ => {}
    }
    Ok(())
}

/// How a response stands, and what counting it or not would change.
#[derive(Debug, Clone)]
pub struct Standing {
    /// Outlet.
    pub outlet: OutletId,
    /// Evidence class.
    pub class: EvidenceClass,
    /// Its points; `None` once the content is erased.
    pub points: Option<Points>,
    /// Whether it counts.
    pub counts: bool,
    /// Whether it would count if it were neither excluded nor withdrawn.
    pub could_count: bool,
    /// Whether it is excluded.
    pub is_excluded: bool,
}

/// How a response stands; `None` when there is no such response.
///
/// # Errors
/// [`StoreError::Corrupt`] when the row is not readable.
pub fn standing(
    conn: &mut Conn,
    instrument: &Instrument,
    evaluation: EvaluationId,
    id: ResponseId,
) -> Result<Option<Standing>, StoreError> {
    let row = match read_one(conn, instrument, evaluation, id) {
        Err(StoreError::Database(diesel::result::Error::NotFound)) => return Ok(None),
        row => row?,
    };
    let history = events::list_by_object(conn, evaluation, &id.to_string())?;
    let decided = |wanted: &dyn Fn(Decision) -> bool| {
        history
            .iter()
            .rev()
            .find_map(|e| Decision::from_action(&e.action).filter(|d| wanted(*d)))
    };
    let last = decided(&|d| matches!(d, Decision::Excluded | Decision::Included));
    let kept: Vec<Event> = history
        .iter()
        .filter(|e| Decision::from_action(&e.action) == Some(Decision::Approved))
        .cloned()
        .collect();
    Ok(Some(Standing {
        outlet: row.outlet,
        class: row.class,
        counts: row.counts(instrument, &history),
        could_count: row.counts(instrument, &kept),
        is_excluded: last == Some(Decision::Excluded),
        points: row.score.map(|score| score.total()),
    }))
}

/// What a response adds to which tally as it stands; `None` where it does not count.
pub(in crate::store) type StandingScore = Option<(TallyKey, ResponseScore, Option<u32>)>;

/// What a response adds to its tally now.
///
/// # Errors
/// [`StoreError::Database`] when there is no such response.
pub(in crate::store) fn standing_score(
    conn: &mut Conn,
    instrument: &Instrument,
    evaluation: EvaluationId,
    id: ResponseId,
) -> Result<StandingScore, StoreError> {
    let row = read_one(conn, instrument, evaluation, id)?;
    let history = events::list_by_object(conn, evaluation, &id.to_string())?;
    let history = history.iter().filter_map(|e| Decision::from_action(&e.action));
    let approval = instrument.method().interview_approval();
    let counts = counting::counts(row.status, row.class, approval, history);
    let key = TallyKey {
        evaluation,
        outlet: row.outlet,
        class: row.class,
    };
    Ok(row.score.filter(|_| counts).map(|score| (key, score, row.duration_s)))
}

/// Takes from the tallies what a response added and adds what it adds now.
pub(in crate::store) fn replace(
    tx: &mut WriteTx<'_>,
    instrument: &Arc<Instrument>,
    before: StandingScore,
    after: StandingScore,
) {
    if let Some((key, score, duration_s)) = before {
        tx.tally(key, instrument, Change::Uncount(score, duration_s));
    }
    if let Some((key, score, duration_s)) = after {
        tx.tally(key, instrument, Change::Count(score, duration_s));
    }
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

impl Counted {
    fn counts(&self, instrument: &Instrument, history: &[Event]) -> bool {
        counting::counts(
            self.status,
            self.class,
            instrument.method().interview_approval(),
            history.iter().filter_map(|e| Decision::from_action(&e.action)),
        )
    }
}

pub(in crate::store) type Row = (String, String, String, String, Option<String>, Option<i32>);

fn counted(
    instrument: &Instrument,
    (id, outlet, class, status, answers, duration_s): Row,
) -> Result<(String, Counted), StoreError> {
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
            Some(score(instrument, &answers)?)
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

fn read_one(
    conn: &mut Conn,
    instrument: &Instrument,
    evaluation: EvaluationId,
    id: ResponseId,
) -> Result<Counted, StoreError> {
    let mut row: Row = response::table
        .left_join(response_content::table.on(same_response()))
        .filter(
            response::evaluation_id
                .eq(evaluation.to_string())
                .and(response::id.eq(id.to_string())),
        )
        .select(columns())
        .first(conn)?;
    let corrected = correction::line_of(conn, evaluation, id)?;
    row.4 = row.4.map(|answers| corrected.unwrap_or(answers));
    Ok(counted(instrument, row)?.1)
}

#[diesel::dsl::auto_type]
pub(super) fn columns() -> _ {
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
pub(super) fn same_response() -> _ {
    response_content::evaluation_id
        .eq(response::evaluation_id)
        .and(response_content::response_id.eq(response::id))
}

/// Recounts every tally of an evaluation from its rows, in pages, with bounded memory.
///
/// # Errors
/// [`StoreError::Corrupt`] when a row is not readable.
pub fn recount(
    conn: &mut Conn,
    evaluation: EvaluationId,
    instrument: &Instrument,
) -> Result<BTreeMap<TallyKey, Tally>, StoreError> {
    let mut tallies: BTreeMap<TallyKey, Tally> = BTreeMap::new();
    let mut entry = |outlet, class, change: &dyn Fn(&mut Tally) -> Result<(), StoreError>| {
        let key = TallyKey {
            evaluation,
            outlet,
            class,
        };
        change(tallies.entry(key).or_insert_with(|| Tally::empty(instrument.scheme())))
    };
    let overflow = |e: &dyn std::fmt::Display| StoreError::Corrupt(e.to_string());
    let decisions = decisions(conn, evaluation)?;
    let corrections = correction::lines(conn, evaluation)?;
    let approval = instrument.method().interview_approval();
    let mut after = String::new();
    loop {
        let page: Vec<Row> = response::table
            .left_join(response_content::table.on(same_response()))
            .filter(
                response::evaluation_id
                    .eq(evaluation.to_string())
                    .and(response::id.gt(&after)),
            )
            .order(response::id)
            .select(columns())
            .limit(SCAN_ROWS)
            .load(conn)?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.0);
        for mut row in page {
            correction::apply(&corrections, &mut row);
            let (id, row) = counted(instrument, row)?;
            let history = decisions.get(&id).into_iter().flatten().copied();
            let counts = counting::counts(row.status, row.class, approval, history.clone());
            let ended = match history.into_iter().any(|decision| decision == Decision::Withdrawn) {
                true => Code::Withdrawn,
                false => status_code(row.status),
            };
            entry(row.outlet, row.class, &|tally| {
                if let Some(score) = row.score.as_ref().filter(|_| counts) {
                    tally.add(score, row.duration_s).map_err(|e| overflow(&e))?;
                }
                tally.add_disposition(ended.as_str(), 1).map_err(|e| overflow(&e))
            })?;
        }
    }
    for (outlet, class, code, n) in disposition::count_all(conn, evaluation)? {
        entry(outlet, class, &|tally| {
            tally.add_disposition(code.as_str(), n).map_err(|e| overflow(&e))
        })?;
    }
    Ok(tallies)
}

/// Every decision about responses, oldest first, by response.
pub(in crate::store) fn decisions(
    conn: &mut Conn,
    evaluation: EvaluationId,
) -> Result<BTreeMap<String, Vec<Decision>>, StoreError> {
    let rows: Vec<(String, String)> = event::table
        .filter(
            event::evaluation_id
                .eq(evaluation.to_string())
                .and(event::action.like("response.%")),
        )
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

/// The place of the last decision about a response in the evaluation's chain.
///
/// # Errors
/// [`StoreError::Database`].
pub(in crate::store) fn last_decision(conn: &mut Conn, evaluation: EvaluationId) -> Result<Option<i64>, StoreError> {
    let decisions = event::table.filter(
        event::evaluation_id
            .eq(evaluation.to_string())
            .and(event::action.like("response.%")),
    );
    Ok(decisions.select(max(event::seq)).first(conn)?)
}

/// Recounts an evaluation, scans it again where it is closed, and stores what differs; says whether anything did.
///
/// # Errors
/// As [`recount`].
pub fn rebuild_tallies(
    tx: &mut WriteTx<'_>,
    evaluation: EvaluationId,
    instrument: &Instrument,
) -> Result<bool, StoreError> {
    evaluation::lock(tx.conn, evaluation)?;
    let mut counted = recount(tx.conn, evaluation, instrument)?;
    counted.retain(|_, tally| !tally.is_empty());
    let stored = match tally::list(tx.conn, evaluation, instrument) {
        // Damaged, or written by another version of the program.
        Err(StoreError::Corrupt(_)) => None,
        stored => Some(stored?),
    };
    let differs = stored.is_none_or(|mut stored| {
        stored.retain(|_, tally| !tally.is_empty());
        stored != counted
    });
    if differs {
        tally::replace(tx, evaluation, &counted)?;
    }
    let scanned = match evaluation::state(tx.conn, evaluation)? {
        Some(state) if state >= EvaluationState::Closed => scan::make(tx.conn, evaluation, instrument)?,
        _ => false,
    };
    Ok(differs || scanned)
}
