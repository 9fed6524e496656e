//! Links: ways in for customers.

use std::sync::Arc;

use diesel::prelude::*;

use super::catalogue::Catalogue;
use super::conn::{Conn, per_backend};
use super::evaluation::{self, Evaluation};
use super::schema::{self, link, outlet};
use super::{StoreError, WriteTx, field, link_company};
use crate::survey::admission::LinkState;
use crate::survey::evaluation::EvaluationState;
use crate::survey::id::{EvaluationId, LinkBatchId, LinkId, OutletId};
use crate::survey::language::Text;
use crate::survey::link::{LinkKind, LinkSecret};

/// A new link.
#[derive(Debug, Clone)]
pub struct NewLink {
    /// Its id, from which the token is derived.
    pub id: LinkId,
    /// Outlet that answers through it rate.
    pub outlet: OutletId,
    /// What it is.
    pub kind: LinkKind,
    /// First moment it works, Unix ms.
    pub opens_at_ms: Option<i64>,
    /// First moment it no longer works, Unix ms.
    pub closes_at_ms: Option<i64>,
}

/// A link with what its pages show.
#[derive(Debug, Clone)]
pub struct Link {
    /// Its id.
    pub id: LinkId,
    /// Its outlet.
    pub outlet: OutletId,
    /// The outlet's name.
    pub outlet_name: Text,
    /// When it serves, as written.
    pub outlet_hours: String,
    /// The links it was made with, if it is one of many.
    pub batch: Option<LinkBatchId>,
    /// Whether an answer may come in through it.
    pub state: LinkState,
    /// The evaluation it belongs to.
    pub evaluation: Arc<Evaluation>,
}

/// Adds a link; only the hash of its secret is kept.
///
/// # Errors
/// [`StoreError::Database`].
pub fn insert(
    tx: &mut WriteTx<'_>,
    evaluation: EvaluationId,
    new: &NewLink,
    key: &[u8],
) -> Result<LinkSecret, StoreError> {
    let first = Place {
        batch: None,
        generation: 1,
    };
    insert_all(tx.conn, evaluation, std::slice::from_ref(new), first, key)?;
    Ok(LinkSecret::derive(key, new.kind, new.id, first.generation))
}

/// Where new links belong.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub batch: Option<LinkBatchId>,
    pub generation: i32,
}

/// Rows of one statement; ten columns each stay far below what the databases allow.
const ROWS_PER_STATEMENT: usize = 500;

/// Adds links.
pub(super) fn insert_all(
    conn: &mut Conn,
    evaluation: EvaluationId,
    links: &[NewLink],
    place: Place,
    key: &[u8],
) -> Result<(), StoreError> {
    for some in links.chunks(ROWS_PER_STATEMENT) {
        let row = |new: &NewLink| {
            (
                link::evaluation_id.eq(evaluation.to_string()),
                link::id.eq(new.id.to_string()),
                link::outlet_id.eq(new.outlet.to_string()),
                link::kind.eq(new.kind.as_str()),
                link::token_hash.eq(LinkSecret::derive(key, new.kind, new.id, place.generation).hash(key)),
                link::generation.eq(place.generation),
                link::opens_at_ms.eq(new.opens_at_ms),
                link::closes_at_ms.eq(new.closes_at_ms),
                link::batch_id.eq(place.batch.map(|id| id.to_string())),
            )
        };
        let rows: Vec<_> = some.iter().map(row).collect();
        per_backend!(conn, |c| diesel::insert_into(link::table).values(&rows).execute(c))?;
    }
    Ok(())
}

/// Withdraws a link: later visitors get a polite page. `false` when it was withdrawn before.
///
/// # Errors
/// [`StoreError::Database`].
pub fn revoke(tx: &mut WriteTx<'_>, evaluation: EvaluationId, id: LinkId) -> Result<bool, StoreError> {
    let row = link::table
        .find((evaluation.to_string(), id.to_string()))
        .filter(link::revoked.eq(false));
    let changed = diesel::update(row).set(link::revoked.eq(true)).execute(tx.conn)?;
    Ok(changed == 1)
}

/// The link of a secret, by what [`LinkSecret::hash`] makes of it, whatever its state.
///
/// # Errors
/// [`StoreError::Corrupt`] for rows the program cannot have written.
pub fn find_by_hash(conn: &mut Conn, catalogue: &Catalogue, hash: &str) -> Result<Option<Link>, StoreError> {
    let ids: Option<(String, String)> = link::table
        .filter(link::token_hash.eq(hash))
        .select((link::evaluation_id, link::id))
        .first(conn)
        .optional()?;
    let Some((evaluation, id)) = ids else { return Ok(None) };
    let corrupt = |_| StoreError::Corrupt(format!("link {id}"));
    find(
        conn,
        catalogue,
        evaluation.parse().map_err(corrupt)?,
        id.parse().map_err(corrupt)?,
    )
}

/// A link by its id.
///
/// # Errors
/// As [`find_by_hash`].
pub fn find(
    conn: &mut Conn,
    catalogue: &Catalogue,
    evaluation: EvaluationId,
    id: LinkId,
) -> Result<Option<Link>, StoreError> {
    let Some((outlet, state)) = state(conn, evaluation, id)? else {
        return Ok(None);
    };
    let (zh, en, hours, batch): (String, String, String, Option<String>) = link::table
        .inner_join(
            outlet::table.on(link::evaluation_id
                .eq(outlet::evaluation_id)
                .and(link::outlet_id.eq(outlet::id))),
        )
        .filter(
            link::evaluation_id
                .eq(evaluation.to_string())
                .and(link::id.eq(id.to_string())),
        )
        .select((outlet::name_zh, outlet::name_en, outlet::hours, link::batch_id))
        .first(conn)?;
    let evaluation = evaluation::find(conn, catalogue, evaluation)?
        .ok_or_else(|| StoreError::Corrupt(format!("link {id} without its evaluation")))?;
    Ok(Some(Link {
        id,
        outlet,
        outlet_name: Text::new(zh, en),
        outlet_hours: hours,
        batch: batch.and_then(|id| id.parse().ok()),
        state,
        evaluation: Arc::new(evaluation),
    }))
}

/// Links of one kind that work now, with the secrets to print or mail, in the order of outlets.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn list_usable(
    conn: &mut Conn,
    evaluation: EvaluationId,
    kind: LinkKind,
    key: &[u8],
    now_ms: i64,
    rows_max: i64,
) -> Result<Vec<(OutletId, LinkSecret)>, StoreError> {
    let rows: Vec<(String, String, i32)> = link::table
        .inner_join(
            outlet::table.on(link::evaluation_id
                .eq(outlet::evaluation_id)
                .and(link::outlet_id.eq(outlet::id))),
        )
        .filter(
            link::evaluation_id
                .eq(evaluation.to_string())
                .and(link::kind.eq(kind.as_str())),
        )
        .filter(
            link::revoked
                .eq(false)
                .and(link::used.eq(false))
                .and(link::ended_code.is_null()),
        )
        .filter(link::opens_at_ms.is_null().or(link::opens_at_ms.le(now_ms)))
        .filter(link::closes_at_ms.is_null().or(link::closes_at_ms.gt(now_ms)))
        .order((outlet::place, link::id))
        .select((link::outlet_id, link::id, link::generation))
        .limit(rows_max)
        .load(conn)?;
    rows.into_iter()
        .map(|(outlet, id, generation)| {
            let corrupt = |_| StoreError::Corrupt(format!("link {id}"));
            Ok((
                outlet.parse().map_err(corrupt)?,
                LinkSecret::derive(key, kind, id.parse().map_err(corrupt)?, generation),
            ))
        })
        .collect()
}

type StateRow = (
    (String, String, bool, bool, Option<i64>, Option<i64>),
    (String, field::Row),
);

/// What admission needs, with the evaluation's row held against closing until the transaction ends.
pub(super) fn state(
    conn: &mut Conn,
    evaluation: EvaluationId,
    id: LinkId,
) -> Result<Option<(OutletId, LinkState)>, StoreError> {
    let query = link::table
        .inner_join(schema::evaluation::table.on(schema::evaluation::id.eq(link::evaluation_id)))
        .filter(
            link::evaluation_id
                .eq(evaluation.to_string())
                .and(link::id.eq(id.to_string())),
        )
        .select((
            (
                link::outlet_id,
                link::kind,
                link::revoked,
                link::used,
                link::opens_at_ms,
                link::closes_at_ms,
            ),
            (
                schema::evaluation::state,
                (
                    schema::evaluation::field_ways,
                    schema::evaluation::field_from_ms,
                    schema::evaluation::field_until_ms,
                ),
            ),
        ));
    let row: Option<StateRow> = per_backend!(conn, |c| query.get_result(c)).optional()?;
    let Some(((outlet, kind, revoked, used, opens_at_ms, closes_at_ms), (state, field))) = row else {
        return Ok(None);
    };
    let corrupt = || StoreError::Corrupt(format!("link {id}"));
    let state = LinkState {
        evaluation: EvaluationState::parse(&state).ok_or_else(corrupt)?,
        kind: LinkKind::parse(&kind).ok_or_else(corrupt)?,
        revoked,
        used,
        field: field::read(field)?,
        opens_at_ms,
        closes_at_ms,
    };
    Ok(Some((outlet.parse().map_err(|_| corrupt())?, state)))
}

/// Holds an evaluation's state until the transaction ends, so that no answer slips in while it is being closed. SQLite's
/// write transaction holds everything.
pub(super) fn hold_evaluation(conn: &mut Conn, evaluation: EvaluationId) -> Result<(), StoreError> {
    if let Conn::Postgres(conn) = conn {
        let row = schema::evaluation::table
            .find(evaluation.to_string())
            .select(schema::evaluation::id);
        let _: Option<String> = row.for_share().first(conn).optional()?;
    }
    Ok(())
}

/// Spends a single-use link; `false` when somebody else has. The row tells nothing of when.
pub(super) fn spend(conn: &mut Conn, evaluation: EvaluationId, id: LinkId) -> Result<bool, StoreError> {
    let unspent = link::table
        .find((evaluation.to_string(), id.to_string()))
        .filter(link::used.eq(false));
    let changed = diesel::update(unspent)
        .set((link::used.eq(true), link::ended_code.eq(None::<String>)))
        .execute(conn)?;
    if let (1, Conn::Postgres(conn)) = (changed, conn) {
        link_company::blend(conn, evaluation, id)?;
    }
    Ok(changed == 1)
}
