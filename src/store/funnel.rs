//! How far visitors come on each way in, per hour: first page opened, form begun, form sent in. Sums only, never a visitor:
//! single-use links are counted together by outlet and kind.

use std::fmt;

use diesel::prelude::*;

use super::conn::{Conn, per_backend};
use super::schema_planning::funnel;
use super::{StoreError, WriteTx};
use crate::survey::id::{EvaluationId, LinkId, OutletId};
use crate::survey::link::LinkKind;

/// Milliseconds of an hour.
pub const HOUR_MS: i64 = 3_600_000;

/// A way in as far as it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// An outlet's code.
    Code(LinkId),
    /// All single-use links of one kind.
    SingleUse(LinkKind),
}

impl Source {
    /// The way in that a link is.
    pub fn of(id: LinkId, kind: LinkKind) -> Self {
        match kind.single_use() {
            true => Self::SingleUse(kind),
            false => Self::Code(id),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let kind = LinkKind::parse(text).filter(|kind| kind.single_use());
        kind.map(Self::SingleUse).or_else(|| text.parse().ok().map(Self::Code))
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(id) => write!(f, "{id}"),
            Self::SingleUse(kind) => f.write_str(kind.as_str()),
        }
    }
}

/// How far somebody came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The first page was shown.
    Opened,
    /// A form was made.
    Started,
    /// The form was stored.
    Completed,
}

/// One way in at one outlet in one hour (or, added up, in many).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visits {
    /// Whose customers.
    pub outlet: OutletId,
    /// Which way in.
    pub source: Source,
    /// Beginning of the hour, Unix ms.
    pub hour_ms: i64,
    /// First pages shown; one visitor may ask for several.
    pub opened: i64,
    /// Forms made.
    pub started: i64,
    /// Forms stored.
    pub completed: i64,
}

/// Where visits are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    /// Evaluation.
    pub evaluation: EvaluationId,
    /// Outlet.
    pub outlet: OutletId,
    /// Way in.
    pub source: Source,
    /// Beginning of the hour, Unix ms.
    pub hour_ms: i64,
}

/// Adds visits.
///
/// # Errors
/// [`StoreError::Database`].
pub fn add(tx: &mut WriteTx<'_>, place: Place, stage: Stage, visits: i64) -> Result<(), StoreError> {
    let of = |counted| if stage == counted { visits } else { 0 };
    let (opened, started, completed) = (of(Stage::Opened), of(Stage::Started), of(Stage::Completed));
    let row = (
        funnel::evaluation_id.eq(place.evaluation.to_string()),
        funnel::outlet_id.eq(place.outlet.to_string()),
        funnel::source.eq(place.source.to_string()),
        funnel::hour_ms.eq(place.hour_ms),
        funnel::opened.eq(opened),
        funnel::started.eq(started),
        funnel::completed.eq(completed),
    );
    let key = (
        funnel::evaluation_id,
        funnel::outlet_id,
        funnel::source,
        funnel::hour_ms,
    );
    let more = (
        funnel::opened.eq(funnel::opened + opened),
        funnel::started.eq(funnel::started + started),
        funnel::completed.eq(funnel::completed + completed),
    );
    per_backend!(&mut *tx.conn, |c| diesel::insert_into(funnel::table)
        .values(row)
        .on_conflict(key)
        .do_update()
        .set(more)
        .execute(c))?;
    Ok(())
}

/// Every way in of an evaluation, hour by hour, oldest first. Counts are kept in memory for a second and written in
/// groups, so the last second of a crash is missing; how many answers there are say the tallies.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn of_evaluation(conn: &mut Conn, evaluation: EvaluationId) -> Result<Vec<Visits>, StoreError> {
    type Row = (String, String, i64, i64, i64, i64);
    let rows: Vec<Row> = funnel::table
        .filter(funnel::evaluation_id.eq(evaluation.to_string()))
        .order((funnel::hour_ms, funnel::outlet_id, funnel::source))
        .select((
            funnel::outlet_id,
            funnel::source,
            funnel::hour_ms,
            funnel::opened,
            funnel::started,
            funnel::completed,
        ))
        .load(conn)?;
    rows.into_iter()
        .map(|(outlet, source, hour_ms, opened, started, completed)| {
            let corrupt = || StoreError::Corrupt(format!("funnel {source} at {outlet}"));
            Ok(Visits {
                outlet: outlet.parse().map_err(|_| corrupt())?,
                source: Source::parse(&source).ok_or_else(corrupt)?,
                hour_ms,
                opened,
                started,
                completed,
            })
        })
        .collect()
}

/// The hours of every way in added up, in the order they first appear; `hour_ms` is the first one's.
pub fn totals(visits: &[Visits]) -> Vec<Visits> {
    let mut sums: Vec<Visits> = Vec::new();
    for one in visits {
        match sums
            .iter_mut()
            .find(|sum| (sum.outlet, sum.source) == (one.outlet, one.source))
        {
            Some(sum) => {
                sum.opened = sum.opened.saturating_add(one.opened);
                sum.started = sum.started.saturating_add(one.started);
                sum.completed = sum.completed.saturating_add(one.completed);
            }
            None => sums.push(*one),
        }
    }
    sums
}
