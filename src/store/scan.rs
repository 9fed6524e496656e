//! The scan of an evaluation: what only a pass over its responses gives. Made when fieldwork closes, in the closing
//! transaction, and again at the end of every group of commands after which other responses count; pages only read it.

use std::collections::BTreeMap;
use std::sync::Arc;

use diesel::prelude::*;

use super::conn::Conn;
use super::schema::scan;
use super::{StoreError, outlet, response};
use crate::statistics::score::Reply;
use crate::statistics::study::{NOT_APPLICABLE, NOT_SHOWN, Outlet, Population, SKIPPED, Scan};
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
        let population = Population::new(known.collect(), None, Vec::new());
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

/// Reads every counted response once, in pages with bounded memory, and stores what differs; says whether anything did.
///
/// # Errors
/// [`StoreError::Corrupt`] when a row is not readable.
pub(super) fn make(conn: &mut Conn, evaluation: EvaluationId, instrument: &Instrument) -> Result<bool, StoreError> {
    let places = Places::of(&outlet::list(conn, evaluation)?)?;
    let scoring = instrument.scoring();
    let mut scan = Scan::new(scoring, &places.population);
    let corrupt = |e: &dyn std::fmt::Display| StoreError::Corrupt(format!("scan: {e}"));
    response::each_counted(conn, evaluation, instrument, |row| {
        let outlet = places.by_outlet.get(&row.outlet).ok_or_else(|| corrupt(&row.outlet))?;
        let codes: Vec<u8> = row.answers.replies().iter().map(code).collect();
        scan.add((scoring, &places.population), *outlet, row.class, &[], &codes)
            .map_err(|e| corrupt(&e))
    })?;
    let (made, stored) = (scan.encode(), body(conn, evaluation)?);
    if stored.as_ref() == Some(&made) {
        return Ok(false);
    }
    let id = evaluation.to_string();
    diesel::delete(scan::table.find(&id)).execute(conn)?;
    let row = (scan::evaluation_id.eq(&id), scan::body.eq(made));
    diesel::insert_into(scan::table).values(row).execute(conn)?;
    Ok(true)
}

/// Makes the scan again if there is one.
///
/// # Errors
/// As [`make`].
pub(super) fn renew(conn: &mut Conn, evaluation: EvaluationId, instrument: &Instrument) -> Result<bool, StoreError> {
    let row = scan::table.find(evaluation.to_string()).select(scan::evaluation_id);
    match row.first::<String>(conn).optional()? {
        Some(_) => make(conn, evaluation, instrument),
        None => Ok(false),
    }
}

fn code(reply: &Reply) -> u8 {
    match reply {
        Reply::Rated(code) => *code,
        Reply::NotApplicable => NOT_APPLICABLE,
        Reply::Skipped => SKIPPED,
        Reply::NotShown => NOT_SHOWN,
    }
}
