//! The pass over all responses of an evaluation, outside of the writer: repeated while answers come in, made for good after
//! the end of fieldwork.

use std::collections::HashSet;
use std::sync::Arc;

use diesel::prelude::*;

use super::{NewFlag, row};
use crate::personal::DataKey;
use crate::statistics::flag::{Flag, Rule};
use crate::store::conn::{Conn, per_backend};
use crate::store::schema::{evaluation as evaluations, interview, response, response_comment, response_content};
use crate::store::schema_quality::{flag, flag_pass, response_mark};
use crate::store::schema_supervision::response_correction;
use crate::store::{Store, StoreError, WriteTx, comment, evaluation, mark};
use crate::survey::EvidenceClass;
use crate::survey::answers::Answers;
use crate::survey::content;
use crate::survey::evaluation::EvaluationState;
use crate::survey::flagging::{Basis, Seen, Usual};
use crate::survey::id::{EvaluationId, OutletId};
use crate::survey::instrument::Instrument;
use crate::survey::mark::{Marks, network_mark};

/// Responses of one page of a pass, and flags of one statement.
const PAGE_ROWS: i64 = 1_000;
const ROWS_PER_STATEMENT: usize = 500;

/// The last pass of an evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passed {
    /// Responses it read.
    pub responses: u64,
    /// Whether it was made after the end of fieldwork.
    pub is_final: bool,
    /// When, Unix ms.
    pub at_ms: i64,
}

/// The last pass; nothing before the first.
///
/// # Errors
/// [`StoreError::Database`].
pub fn passed(conn: &mut Conn, evaluation: EvaluationId) -> Result<Option<Passed>, StoreError> {
    let row: Option<(i64, bool, i64)> = flag_pass::table
        .find(evaluation.to_string())
        .select((flag_pass::responses, flag_pass::is_final, flag_pass::at_ms))
        .first(conn)
        .optional()?;
    Ok(row.map(|(responses, is_final, at_ms)| Passed {
        responses: u64::try_from(responses).unwrap_or(0),
        is_final,
        at_ms,
    }))
}

/// A response came or changed after the last pass: it is made again.
///
/// # Errors
/// [`StoreError::Database`].
pub(in crate::store) fn reopen(tx: &mut WriteTx<'_>, evaluation: EvaluationId) -> Result<(), StoreError> {
    let row = flag_pass::table.find(evaluation.to_string());
    diesel::update(row)
        .set(flag_pass::is_final.eq(false))
        .execute(tx.conn)?;
    Ok(())
}

/// Evaluations after fieldwork whose last pass is still to come.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn due(conn: &mut Conn) -> Result<Vec<EvaluationId>, StoreError> {
    let done = flag_pass::table
        .filter(flag_pass::is_final.eq(true))
        .select(flag_pass::evaluation_id);
    let ids: Vec<String> = evaluations::table
        .filter(evaluations::state.eq(EvaluationState::Closed.as_str()))
        .filter(evaluations::id.ne_all(done))
        .select(evaluations::id)
        .load(conn)?;
    ids.into_iter()
        .map(|id| id.parse().map_err(|_| StoreError::Corrupt(format!("evaluation {id}"))))
        .collect()
}

/// A response as a pass reads it.
struct Row {
    id: String,
    outlet: String,
    class: EvidenceClass,
    duration_s: Option<u32>,
    answers: Answers,
    marks: Option<Marks>,
}

type Columns = (
    String,
    String,
    String,
    String,
    Option<i32>,
    Option<String>,
    Option<String>,
    Option<String>,
);

fn page(
    conn: &mut Conn,
    key: &DataKey,
    evaluation: EvaluationId,
    instrument: &Instrument,
    after: &str,
) -> Result<Vec<Row>, StoreError> {
    let of = evaluation.to_string();
    let content_of = response_content::evaluation_id
        .eq(response::evaluation_id)
        .and(response_content::response_id.eq(response::id));
    let comment_of = response_comment::evaluation_id
        .eq(response::evaluation_id)
        .and(response_comment::response_id.eq(response::id));
    let mark_of = response_mark::evaluation_id
        .eq(response::evaluation_id)
        .and(response_mark::response_id.eq(response::id));
    let rows: Vec<Columns> = response::table
        .inner_join(response_content::table.on(content_of))
        .left_join(response_comment::table.on(comment_of))
        .left_join(response_mark::table.on(mark_of))
        .filter(response::evaluation_id.eq(&of).and(response::id.gt(after)))
        .order(response::id)
        .select((
            response::id,
            response::outlet_id,
            response::evidence_class,
            response_content::answers,
            response_content::duration_s,
            response_comment::body.nullable(),
            response_mark::device.nullable(),
            response_mark::network.nullable(),
        ))
        .limit(PAGE_ROWS)
        .load(conn)?;
    rows.into_iter()
        .map(|(id, outlet, class, line, duration_s, body, device, network)| {
            let corrupt = |what: &dyn std::fmt::Display| StoreError::Corrupt(format!("response {id}: {what}"));
            let comment = body
                .map(|body| comment::open(key, (&of, &id), &body))
                .transpose()?
                .flatten();
            Ok(Row {
                class: EvidenceClass::parse(&class).ok_or_else(|| corrupt(&class))?,
                duration_s: duration_s.and_then(|s| u32::try_from(s).ok()),
                answers: content::decode(instrument.questionnaire(), &line, comment).map_err(|e| corrupt(&e))?,
                marks: device.zip(network).map(|(device, network)| Marks { device, network }),
                id,
                outlet,
            })
        })
        .collect()
}

impl Row {
    fn seen(&self) -> Seen<'_> {
        Seen {
            class: self.class,
            duration_s: self.duration_s,
            answers: &self.answers,
            marks: self.marks.as_ref(),
        }
    }
}

/// Makes the flags of an evaluation in fieldwork or after it: two readings of all responses, page by page on reading
/// connections, and short commands that replace the flags of a page. Says whether it was done; a final pass is made once.
///
/// # Errors
/// [`StoreError::Corrupt`] when a row is not readable.
pub fn complete(store: &Store, id: EvaluationId, now_ms: i64) -> Result<bool, StoreError> {
    let catalogue = Arc::clone(store.catalogue());
    let begun = store.read_blocking(|conn| -> Result<_, StoreError> {
        let found = evaluation::find(conn, &catalogue, id)?;
        let done = passed(conn, id)?.is_some_and(|passed| passed.is_final);
        let marks = (mark::find_key(conn, id)?, mark::networks(conn, id)?);
        Ok((found, done, marks, later(conn, id)?))
    })?;
    let (found, done, (key, networks), begun_with) = begun;
    let state = |state| matches!(state, EvaluationState::Open | EvaluationState::Closed);
    let Some(found) = found.filter(|found| state(found.state)) else {
        return Ok(done);
    };
    if done {
        return Ok(true);
    }
    // Without the marks nothing can be said anew of what rests on them: it stays.
    let kept: Vec<&'static str> = Rule::ON_ARRIVAL
        .iter()
        .chain(key.is_none().then_some(&Rule::BY_MARKS).into_iter().flatten())
        .map(|rule| rule.as_str())
        .collect();
    let staff: HashSet<(String, String)> = key
        .map(|key| {
            let mark = |(outlet, address): &(OutletId, _)| (outlet.to_string(), network_mark(&key, *address));
            networks.iter().map(mark).collect()
        })
        .unwrap_or_default();
    let instrument = &found.instrument;
    let mut basis = Basis::empty(instrument);
    each_page(store, id, instrument, |rows| {
        rows.iter().for_each(|row| basis.add(instrument, &row.seen()));
        Ok(())
    })?;
    let usual = basis.usual();
    each_page(store, id, instrument, |rows| {
        keep(store, id, flags_of(rows, &usual, instrument, &staff), kept.clone())
    })?;
    let (responses, is_final) = (usual.responses, found.state == EvaluationState::Closed);
    store.write_blocking(move |tx| {
        let is_final = is_final && later(tx.conn, id)? == begun_with;
        finish(tx, id, responses, is_final, now_ms)
    })
}

/// Counts of all that can still come or change after fieldwork: interviews and corrections.
fn later(conn: &mut Conn, id: EvaluationId) -> Result<(i64, i64), StoreError> {
    let interviews = interview::table.filter(interview::evaluation_id.eq(id.to_string()));
    let corrections = response_correction::table.filter(response_correction::evaluation_id.eq(id.to_string()));
    Ok((
        interviews.count().get_result(conn)?,
        corrections.count().get_result(conn)?,
    ))
}

fn each_page(
    store: &Store,
    id: EvaluationId,
    instrument: &Instrument,
    mut each: impl FnMut(&[Row]) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let (key, mut after) = (store.key()?, String::new());
    loop {
        let rows = store.read_blocking(|conn| page(conn, key, id, instrument, &after))?;
        let Some(last) = rows.last() else { return Ok(()) };
        after.clone_from(&last.id);
        each(&rows)?;
    }
}

type Flagged = Vec<(String, Vec<Flag>)>;

fn flags_of(rows: &[Row], usual: &Usual, instrument: &Instrument, staff: &HashSet<(String, String)>) -> Flagged {
    rows.iter()
        .map(|row| {
            let network = row.marks.as_ref().map(|marks| marks.network.clone());
            let from_staff = network.is_some_and(|network| staff.contains(&(row.outlet.clone(), network)));
            (row.id.clone(), usual.flags(instrument, &row.seen(), from_staff))
        })
        .collect()
}

/// Replaces the flags of a page, but for the rules in `kept`.
fn keep(store: &Store, id: EvaluationId, flagged: Flagged, kept: Vec<&'static str>) -> Result<(), StoreError> {
    let flagged = Arc::new(flagged);
    store.write_blocking(move |tx| {
        let (Some((first, _)), Some((last, _))) = (flagged.first(), flagged.last()) else {
            return Ok(());
        };
        if evaluation::held_state(tx, id)? > EvaluationState::Closed {
            return Ok(());
        }
        let old = flag::table
            .filter(flag::evaluation_id.eq(id.to_string()))
            .filter(flag::response_id.ge(first).and(flag::response_id.le(last)))
            .filter(flag::rule.ne_all(&kept));
        diesel::delete(old).execute(tx.conn)?;
        // A customer may have withdrawn one since it was read.
        let ids: Vec<&str> = flagged
            .iter()
            .filter(|(_, flags)| !flags.is_empty())
            .map(|(id, _)| id.as_str())
            .collect();
        let there: Vec<String> = response_content::table
            .filter(response_content::evaluation_id.eq(id.to_string()))
            .filter(response_content::response_id.eq_any(ids))
            .select(response_content::response_id)
            .load(tx.conn)?;
        let there: HashSet<String> = there.into_iter().collect();
        let rows: Vec<NewFlag> = flagged
            .iter()
            .filter(|(response, _)| there.contains(response))
            .flat_map(|(response, flags)| flags.iter().map(move |raised| row(id, response, raised)))
            .collect();
        for some in rows.chunks(ROWS_PER_STATEMENT) {
            per_backend!(&mut *tx.conn, |c| diesel::insert_into(flag::table)
                .values(some)
                .execute(c))?;
        }
        Ok(())
    })
}

fn finish(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    responses: u64,
    is_final: bool,
    at_ms: i64,
) -> Result<bool, StoreError> {
    // Fieldwork may have ended meanwhile; then the last pass is still to come.
    let state = evaluation::held_state(tx, id)?;
    if state > EvaluationState::Closed {
        return Ok(false);
    }
    diesel::delete(flag_pass::table.find(id.to_string())).execute(tx.conn)?;
    let row = (
        flag_pass::evaluation_id.eq(id.to_string()),
        flag_pass::responses.eq(i64::try_from(responses).unwrap_or(i64::MAX)),
        flag_pass::is_final.eq(is_final),
        flag_pass::at_ms.eq(at_ms),
    );
    diesel::insert_into(flag_pass::table).values(row).execute(tx.conn)?;
    Ok(true)
}
