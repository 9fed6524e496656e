//! Tally rows: one per outlet, evidence class and node. The row is read inside the writing transaction, one read and one
//! write per row and group; what is kept in memory is used only if the row says the same.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::mem;
use std::sync::Arc;
use std::thread::{self, ScopedJoinHandle};

use diesel::connection::DefaultLoadingMode;
use diesel::prelude::*;

use super::conn::{Conn, locked, per_backend};
use super::schema::tally;
use super::{StoreError, WriteTx, scan};
use crate::statistics::score::ResponseScore;
use crate::statistics::tally::Tally;
use crate::survey::EvidenceClass;
use crate::survey::disposition::Code;
use crate::survey::id::{EvaluationId, OutletId};
use crate::survey::instrument::Instrument;

/// Which tally.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TallyKey {
    /// Evaluation.
    pub evaluation: EvaluationId,
    /// Outlet.
    pub outlet: OutletId,
    /// Evidence class.
    pub class: EvidenceClass,
}

/// What happens to a tally.
#[derive(Debug, Clone)]
pub(super) enum Change {
    /// A response counts from now on.
    Count(ResponseScore, Option<u32>),
    /// It no longer counts.
    Uncount(ResponseScore, Option<u32>),
    /// A contact ended with this disposition (+1) or turned out to have another (−1).
    Disposition(Code, i64),
}

/// The changes of one group, by tally.
#[derive(Default)]
pub(super) struct Changes(BTreeMap<TallyKey, (Arc<Instrument>, Vec<Change>)>);

impl Changes {
    pub(super) fn note(&mut self, recounted: Option<EvaluationId>, changes: Vec<(TallyKey, Arc<Instrument>, Change)>) {
        self.0.retain(|key, _| Some(key.evaluation) != recounted);
        for (key, instrument, change) in changes {
            self.0
                .entry(key)
                .or_insert_with(|| (instrument, Vec::new()))
                .1
                .push(change);
        }
    }
}

/// Rows kept decoded: decoding costs more than everything else a small group does. An entry is used only while the row
/// in the database still has the very text it was decoded from, so a failed commit, another process or a rebuild can
/// never make it wrong.
#[derive(Default)]
pub(super) struct Decoded(HashMap<TallyKey, (String, Tally)>);

/// Some 10 kB each.
const DECODED_MAX: usize = 1_000;

impl Decoded {
    fn of(&mut self, key: &TallyKey, body: &str, instrument: &Instrument) -> Result<Tally, StoreError> {
        match self.0.remove(key) {
            Some((known, tally)) if known == body => Ok(tally),
            _ => decode(body, instrument),
        }
    }

    fn keep(&mut self, key: TallyKey, body: String, tally: Tally) {
        if self.0.len() >= DECODED_MAX {
            self.0.clear();
        }
        self.0.insert(key, (body, tally));
    }
}

/// Applies a group's changes to this node's rows; where other responses count now, a stored scan follows.
pub(super) fn apply(conn: &mut Conn, node: i32, changes: Changes, decoded: &mut Decoded) -> Result<(), StoreError> {
    let mut scanned: BTreeMap<EvaluationId, (Arc<Instrument>, Vec<scan::Moved>)> = BTreeMap::new();
    for (key, (instrument, _)) in &changes.0 {
        if !scanned.contains_key(&key.evaluation) && scan::is_made(conn, key.evaluation)? {
            scanned.insert(key.evaluation, (Arc::clone(instrument), Vec::new()));
        }
    }
    for (key, (instrument, changes)) in changes.0 {
        if let Some((_, moved)) = scanned.get_mut(&key.evaluation) {
            moved.extend(changes.iter().filter_map(|change| moved_by(&key, change)));
        }
        // A response that another node counted can only be taken from the sum: fold the rows into this node's first.
        let fold = changes
            .iter()
            .any(|change| matches!(change, Change::Uncount(..) | Change::Disposition(_, ..0)));
        let mut tally = if fold {
            fold_rows(conn, node, &key, &instrument, decoded)?
        } else {
            own_row(conn, node, &key, &instrument, decoded)?
        };
        for change in &changes {
            match change {
                Change::Count(score, duration_s) => tally.add(score, *duration_s),
                Change::Uncount(score, duration_s) => tally.subtract(score, *duration_s),
                Change::Disposition(code, by) => tally.add_disposition(code.as_str(), *by),
            }
            .map_err(|e| StoreError::Corrupt(format!("tally of outlet {}: {e}", key.outlet)))?;
        }
        let body = tally.encode();
        put_row(conn, node, &key, &body)?;
        decoded.keep(key, body, tally);
    }
    for (evaluation, (instrument, moved)) in scanned {
        if !moved.is_empty() {
            scan::follow(conn, evaluation, &instrument, &moved)?;
        }
    }
    Ok(())
}

fn moved_by(key: &TallyKey, change: &Change) -> Option<scan::Moved> {
    let (score, counts) = match change {
        Change::Count(score, _) => (score, true),
        Change::Uncount(score, _) => (score, false),
        Change::Disposition(..) => return None,
    };
    Some((key.outlet, key.class, scan::codes(score.replies()), counts))
}

fn names(key: &TallyKey) -> (String, String, &'static str) {
    (key.evaluation.to_string(), key.outlet.to_string(), key.class.as_str())
}

fn decode(body: &str, instrument: &Instrument) -> Result<Tally, StoreError> {
    Tally::decode(body, instrument.scheme()).map_err(|e| StoreError::Corrupt(format!("tally: {e}")))
}

/// This node's row, locked; made empty where it does not exist yet.
fn own_row(
    conn: &mut Conn,
    node: i32,
    key: &TallyKey,
    instrument: &Instrument,
    decoded: &mut Decoded,
) -> Result<Tally, StoreError> {
    let (evaluation, outlet, class) = names(key);
    let read = |conn: &mut Conn| -> QueryResult<Option<String>> {
        let row = tally::table
            .find((&evaluation, &outlet, class, node))
            .select(tally::body);
        locked!(conn, row, for_update, |q, c| q.get_result(c).optional())
    };
    if let Some(body) = read(conn)? {
        return decoded.of(key, &body, instrument);
    }
    let empty = Tally::empty(instrument.scheme());
    let row = (
        tally::evaluation_id.eq(&evaluation),
        tally::outlet_id.eq(&outlet),
        tally::evidence_class.eq(class),
        tally::node.eq(node),
        tally::body.eq(empty.encode()),
    );
    per_backend!(conn, |c| diesel::insert_into(tally::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    read(conn)?.map_or(Ok(empty), |body| decode(&body, instrument))
}

/// All nodes' rows added up in this node's place; the others are gone (their owners start anew). Locked in the order of
/// the nodes, so that two that fold the same tally wait instead of blocking each other.
fn fold_rows(
    conn: &mut Conn,
    node: i32,
    key: &TallyKey,
    instrument: &Instrument,
    decoded: &mut Decoded,
) -> Result<Tally, StoreError> {
    let (evaluation, outlet, class) = names(key);
    let rows = tally::table
        .filter(tally::evaluation_id.eq(&evaluation).and(tally::outlet_id.eq(&outlet)))
        .filter(tally::evidence_class.eq(class));
    let in_order = rows.order(tally::node).select(tally::node);
    let _: Vec<i32> = locked!(conn, in_order, for_update, |q, c| q.load(c))?;
    let mut sum = own_row(conn, node, key, instrument, decoded)?;
    let others = rows.filter(tally::node.ne(node));
    let bodies: Vec<String> = others.select(tally::body).load(conn)?;
    for body in &bodies {
        let row = decode(body, instrument)?;
        sum.merge(&row)
            .map_err(|e| StoreError::Corrupt(format!("tally: {e}")))?;
    }
    diesel::delete(others).execute(conn)?;
    Ok(sum)
}

fn put_row(conn: &mut Conn, node: i32, key: &TallyKey, body: &str) -> Result<(), StoreError> {
    let (evaluation, outlet, class) = names(key);
    let row = tally::table.find((evaluation, outlet, class, node));
    per_backend!(conn, |c| diesel::update(row).set(tally::body.eq(body)).execute(c))?;
    Ok(())
}

/// Rows in memory at a time, of a kB each.
const ROWS_HELD: usize = 256;

/// Outlet, class and text of a row.
type Stored = (String, String, String);

fn decode_row(
    evaluation: EvaluationId,
    (outlet, class, body): &Stored,
    instrument: &Instrument,
) -> Result<(TallyKey, Tally), StoreError> {
    let unreadable = |what: &str, value: &str| StoreError::Corrupt(format!("{what} {value}"));
    let key = TallyKey {
        evaluation,
        outlet: outlet.parse().map_err(|_| unreadable("outlet", outlet))?,
        class: EvidenceClass::parse(class).ok_or_else(|| unreadable("evidence class", class))?,
    };
    Ok((key, decode(body, instrument)?))
}

/// Hands over every tally row of an evaluation, in no order; of a tally that several nodes keep, one row after another. Only
/// a few rows are held at a time; some are decoded while the database reads the next and `each` takes those before.
///
/// # Errors
/// [`StoreError::Corrupt`] when a row does not fit the questionnaire; what `each` returns.
pub fn each<E: From<StoreError>>(
    conn: &mut Conn,
    evaluation: EvaluationId,
    instrument: &Instrument,
    mut each: impl FnMut(TallyKey, Tally) -> Result<(), E>,
) -> Result<(), E> {
    let query = tally::table
        .filter(tally::evaluation_id.eq(evaluation.to_string()))
        .select((tally::outlet_id, tally::evidence_class, tally::body));
    let mut take = |rows: &mut dyn Iterator<Item = QueryResult<Stored>>| {
        // A statement of SQLite that is asked again after its end begins anew.
        let mut rows = rows.fuse();
        thread::scope(|scope| {
            let mut decoding: Option<ScopedJoinHandle<'_, Result<Vec<_>, StoreError>>> = None;
            loop {
                let read: Result<Vec<Stored>, StoreError> = rows.by_ref().take(ROWS_HELD).map(|row| Ok(row?)).collect();
                let read = read?;
                let is_end = read.is_empty();
                let decode = move || read.iter().map(|row| decode_row(evaluation, row, instrument)).collect();
                let next = (!is_end).then(|| scope.spawn(decode));
                if let Some(running) = mem::replace(&mut decoding, next) {
                    let stopped = || StoreError::Corrupt("tallies: the decoding thread stopped".into());
                    for (key, tally) in running.join().unwrap_or_else(|_| Err(stopped()))? {
                        each(key, tally)?;
                    }
                }
                if is_end {
                    return Ok(());
                }
            }
        })
    };
    let failed = |e| E::from(StoreError::from(e));
    match conn {
        Conn::Postgres(c) => take(&mut query.load_iter::<Stored, DefaultLoadingMode>(c).map_err(failed)?),
        Conn::Sqlite(c) => take(&mut query.load_iter::<Stored, DefaultLoadingMode>(c).map_err(failed)?),
    }
}

/// Every tally of an evaluation, nodes added up, in the order of the keys.
///
/// # Errors
/// [`StoreError::Corrupt`] when a row does not fit the questionnaire.
pub fn list(
    conn: &mut Conn,
    evaluation: EvaluationId,
    instrument: &Instrument,
) -> Result<BTreeMap<TallyKey, Tally>, StoreError> {
    let mut sums: BTreeMap<TallyKey, Tally> = BTreeMap::new();
    each(conn, evaluation, instrument, |key, row| {
        match sums.entry(key) {
            Entry::Vacant(place) => {
                place.insert(row);
            }
            Entry::Occupied(mut place) => {
                let merged = place.get_mut().merge(&row);
                merged.map_err(|e| StoreError::Corrupt(format!("tally: {e}")))?;
            }
        }
        Ok::<(), StoreError>(())
    })?;
    Ok(sums)
}

/// Replaces an evaluation's tallies by these, which were computed from the rows in this transaction.
///
/// # Errors
/// [`StoreError::Database`].
pub fn replace(
    tx: &mut WriteTx<'_>,
    evaluation: EvaluationId,
    tallies: &BTreeMap<TallyKey, Tally>,
) -> Result<(), StoreError> {
    tx.recounted(evaluation);
    let evaluation = evaluation.to_string();
    diesel::delete(tally::table.filter(tally::evaluation_id.eq(&evaluation))).execute(tx.conn)?;
    for (key, value) in tallies.iter().filter(|(_, value)| !value.is_empty()) {
        let row = (
            tally::evaluation_id.eq(&evaluation),
            tally::outlet_id.eq(key.outlet.to_string()),
            tally::evidence_class.eq(key.class.as_str()),
            tally::node.eq(1),
            tally::body.eq(value.encode()),
        );
        diesel::insert_into(tally::table).values(row).execute(tx.conn)?;
    }
    Ok(())
}
