//! The scan of an evaluation: what only a pass over its responses gives. Made once after fieldwork is closed, outside of the
//! writer ([`complete`]); then it follows every decision by adding and subtracting what the response has. Pages only read it.

use std::collections::BTreeMap;
use std::sync::Arc;

use diesel::prelude::*;

use super::conn::{Conn, locked};
use super::schema::scan;
use super::{Store, StoreError, WriteTx, evaluation, event, outlet, response, tally};
use crate::statistics::class::EvidenceClass;
use crate::statistics::score::Reply;
use crate::statistics::study::{NOT_APPLICABLE, NOT_SHOWN, Outlet, Population, SKIPPED, Scan};
use crate::survey::evaluation::EvaluationState;
use crate::survey::id::{EvaluationId, OutletId};
use crate::survey::instrument::Instrument;

/// The outlets of an evaluation with their customers, and the place of each.
pub(super) struct Places {
    pub population: Arc<Population>,
    pub by_outlet: BTreeMap<OutletId, usize>,
}

impl Places {
    pub fn of(outlets: &[outlet::Outlet]) -> Result<Self, StoreError> {
        let known = outlets.iter().map(|outlet| Outlet {
            name: outlet.id.to_string(),
            customers: outlet.customers.and_then(|n| u64::try_from(n).ok()),
        });
        // Every outlet of the organisation stands in the plan, those visited and the others.
        let frame = u64::try_from(outlets.len()).ok().filter(|count| *count > 0);
        let population = Population::new(known.collect(), frame, Vec::new());
        Ok(Self {
            population: Arc::new(population.map_err(|e| StoreError::Corrupt(e.to_string()))?),
            by_outlet: outlets.iter().map(|outlet| outlet.id).zip(0..).collect(),
        })
    }
}

/// The stored scan; `None` before fieldwork is closed.
///
/// # Errors
/// [`StoreError::Corrupt`] when it does not fit the questionnaire.
pub(super) fn find(
    conn: &mut Conn,
    evaluation: EvaluationId,
    instrument: &Instrument,
    population: &Population,
) -> Result<Option<Scan>, StoreError> {
    let decode = |body: String| {
        Scan::decode(&body, instrument.scoring(), population).map_err(|e| StoreError::Corrupt(format!("scan: {e}")))
    };
    body(conn, evaluation)?.map(decode).transpose()
}

fn body(conn: &mut Conn, evaluation: EvaluationId) -> QueryResult<Option<String>> {
    let row = scan::table.find(evaluation.to_string()).select(scan::body);
    row.first(conn).optional()
}

/// Makes the scan again from the rows within this transaction and stores what differs; says whether anything did.
///
/// # Errors
/// [`StoreError::Corrupt`] when a row is not readable.
pub(super) fn make(conn: &mut Conn, evaluation: EvaluationId, instrument: &Instrument) -> Result<bool, StoreError> {
    let places = Places::of(&outlet::list(conn, evaluation)?)?;
    let mut scan = Scan::new(instrument.scoring(), &places.population);
    response::each_counted(conn, evaluation, instrument, |row| {
        let codes = codes(row.answers.replies());
        add(&mut scan, (instrument, &places), (row.outlet, row.class), &codes)
    })?;
    let (made, stored) = (scan.encode(), body(conn, evaluation)?);
    if stored.as_ref() == Some(&made) {
        return Ok(false);
    }
    put(conn, evaluation, &made)?;
    Ok(true)
}

/// Passes over the responses before giving up; each is begun again only when somebody decided about one meanwhile.
const TRIES: u32 = 5;

/// Makes the scan of a closed evaluation that has none: a pass over the responses outside of the writer, then one short
/// command. Says whether the scan is there afterwards; `false` before closing, and when decisions kept coming.
///
/// # Errors
/// [`StoreError::Corrupt`] when a row is not readable.
pub fn complete(store: &Store, id: EvaluationId) -> Result<bool, StoreError> {
    for _ in 0..TRIES {
        let catalogue = Arc::clone(store.catalogue());
        let begun = store.read_blocking(|conn| {
            let found = evaluation::find(conn, &catalogue, id)?.filter(|found| found.state >= EvaluationState::Closed);
            match found {
                Some(found) if !is_whole(conn, id, &found.instrument)? => {
                    Making::begin(conn, id, found.instrument).map(|making| Begun::Here(Box::new(making)))
                }
                found => Ok(Begun::Done(found.is_some())),
            }
        })?;
        let mut making = match begun {
            Begun::Here(making) => making,
            Begun::Done(there) => return Ok(there),
        };
        while store.read_blocking(|conn| making.page(conn))? {}
        if store.write_blocking(move |tx| making.keep(tx))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the stored scan has as many scored responses as the tallies. One that came on another node in the moment the scan
/// was stored is missing in it.
fn is_whole(conn: &mut Conn, evaluation: EvaluationId, instrument: &Instrument) -> Result<bool, StoreError> {
    let places = Places::of(&outlet::list(conn, evaluation)?)?;
    let stored = find(conn, evaluation, instrument, &places.population)?;
    let tallies = tally::list(conn, evaluation, instrument)?;
    let scored: u64 = tallies.values().map(|tally| tally.core().scored).sum();
    Ok(stored.is_some_and(|stored| stored.scored() == scored))
}

enum Begun {
    Here(Box<Making>),
    Done(bool),
}

/// A scan under way.
struct Making {
    evaluation: EvaluationId,
    instrument: Arc<Instrument>,
    places: Places,
    pass: response::Pass,
    last_decision: Option<i64>,
    scan: Scan,
}

impl Making {
    fn begin(conn: &mut Conn, evaluation: EvaluationId, instrument: Arc<Instrument>) -> Result<Self, StoreError> {
        let places = Places::of(&outlet::list(conn, evaluation)?)?;
        let last_decision = response::last_decision(conn, evaluation)?;
        Ok(Self {
            evaluation,
            scan: Scan::new(instrument.scoring(), &places.population),
            pass: response::Pass::begin(conn, evaluation)?,
            last_decision,
            places,
            instrument,
        })
    }

    fn page(&mut self, conn: &mut Conn) -> Result<bool, StoreError> {
        let (scan, places, instrument) = (&mut self.scan, &self.places, &self.instrument);
        self.pass.page(conn, instrument, |row| {
            let codes = codes(row.answers.replies());
            add(scan, (instrument, places), (row.outlet, row.class), &codes)
        })
    }

    /// Stores the scan unless other responses count by now than it has.
    fn keep(&mut self, tx: &mut WriteTx<'_>) -> Result<bool, StoreError> {
        event::lock_chain(tx.conn, self.evaluation)?;
        let tallies = tally::list(tx.conn, self.evaluation, &self.instrument)?;
        let scored: u64 = tallies.values().map(|tally| tally.core().scored).sum();
        let same = response::last_decision(tx.conn, self.evaluation)? == self.last_decision;
        if !same || scored != self.scan.scored() {
            return Ok(false);
        }
        put(tx.conn, self.evaluation, &self.scan.encode())?;
        Ok(true)
    }
}

/// A response that counts from now on (`true`) or no longer.
pub(super) type Moved = (OutletId, EvidenceClass, Vec<u8>, bool);

/// Whether there is a scan.
pub(super) fn is_made(conn: &mut Conn, evaluation: EvaluationId) -> Result<bool, StoreError> {
    let row = scan::table.find(evaluation.to_string()).select(scan::evaluation_id);
    Ok(row.first::<String>(conn).optional()?.is_some())
}

/// Lets a scan follow what counts now: its sums add up, so nothing else has to be read.
///
/// # Errors
/// [`StoreError::Corrupt`] when it does not fit the questionnaire.
pub(super) fn follow(
    conn: &mut Conn,
    evaluation: EvaluationId,
    instrument: &Instrument,
    moved: &[Moved],
) -> Result<(), StoreError> {
    let places = Places::of(&outlet::list(conn, evaluation)?)?;
    let empty = || Scan::new(instrument.scoring(), &places.population);
    let (mut more, mut less) = (empty(), empty());
    for (outlet, class, codes, counts) in moved {
        let part = if *counts { &mut more } else { &mut less };
        add(part, (instrument, &places), (*outlet, *class), codes)?;
    }
    let row = scan::table.find(evaluation.to_string()).select(scan::body);
    let stored: Option<String> = locked!(conn, row, for_update, |query, conn| query.first(conn).optional())?;
    let Some(stored) = stored else { return Ok(()) };
    let mut sums = Scan::decode(&stored, instrument.scoring(), &places.population)
        .map_err(|e| StoreError::Corrupt(format!("scan: {e}")))?;
    sums.merge(&more);
    // What it does not have cannot be taken from it: then it was wrong, and is made again from the rows.
    match sums.subtract(&less) {
        true => put(conn, evaluation, &sums.encode()),
        false => remove(conn, evaluation),
    }
}

fn add(
    scan: &mut Scan,
    (instrument, places): (&Instrument, &Places),
    (outlet, class): (OutletId, EvidenceClass),
    codes: &[u8],
) -> Result<(), StoreError> {
    let corrupt = |e: &dyn std::fmt::Display| StoreError::Corrupt(format!("scan: {e}"));
    let place = places.by_outlet.get(&outlet).ok_or_else(|| corrupt(&outlet))?;
    let about = (instrument.scoring().as_ref(), places.population.as_ref());
    scan.add(about, *place, class, &[], codes).map_err(|e| corrupt(&e))
}

fn remove(conn: &mut Conn, evaluation: EvaluationId) -> Result<(), StoreError> {
    diesel::delete(scan::table.find(evaluation.to_string())).execute(conn)?;
    Ok(())
}

fn put(conn: &mut Conn, evaluation: EvaluationId, body: &str) -> Result<(), StoreError> {
    remove(conn, evaluation)?;
    let row = (scan::evaluation_id.eq(evaluation.to_string()), scan::body.eq(body));
    diesel::insert_into(scan::table).values(row).execute(conn)?;
    Ok(())
}

/// The codes of a response as studies take them.
pub(super) fn codes(replies: &[Reply]) -> Vec<u8> {
    replies.iter().map(code).collect()
}

fn code(reply: &Reply) -> u8 {
    match reply {
        Reply::Rated(code) => *code,
        Reply::NotApplicable => NOT_APPLICABLE,
        Reply::Skipped => SKIPPED,
        Reply::NotShown => NOT_SHOWN,
    }
}
