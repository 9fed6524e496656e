//! Single-use links that were made together. Of each only stands whether it was used; lists show how many.

use std::collections::HashMap;

use diesel::prelude::*;

use super::conn::Conn;
use super::evaluation::Evaluation;
use super::link::{self as links, NewLink, Place};
use super::schema::{link, link_batch, outlet};
use super::{StoreError, WriteTx, link_refusal};
use crate::survey::admission::{LinkState, Refusal};
use crate::survey::code_form::{NewBatch, Term};
use crate::survey::id::{EvaluationId, LinkBatchId, LinkId, OutletId};
use crate::survey::language::Text;
use crate::survey::link::{LinkKind, LinkSecret};

/// How many links of a batch are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Answered.
    pub used: u32,
    /// Neither answered nor ended; they work, or will.
    pub unused: u32,
    /// Over without an answer.
    pub expired: u32,
    /// Withdrawn without an answer.
    pub revoked: u32,
}

/// A batch as the office sees it.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Its id.
    pub id: LinkBatchId,
    /// Its outlet.
    pub outlet: OutletId,
    /// The outlet's name.
    pub outlet_name: Text,
    /// Personal or printed.
    pub kind: LinkKind,
    /// When it was made, Unix ms.
    pub created_at_ms: i64,
    /// When its links work.
    pub term: Term,
    /// Its links by state.
    pub counts: Counts,
    /// Who came after their link had ended.
    pub late: link_refusal::Late,
}

/// Makes links with ids from `fresh`.
///
/// # Errors
/// [`StoreError::Database`].
pub fn create(
    tx: &mut WriteTx<'_>,
    evaluation: EvaluationId,
    (id, new): (LinkBatchId, &NewBatch),
    mut fresh: impl FnMut() -> LinkId,
    key: &[u8],
    now_ms: i64,
) -> Result<(), StoreError> {
    let row = (
        link_batch::evaluation_id.eq(evaluation.to_string()),
        link_batch::id.eq(id.to_string()),
        link_batch::outlet_id.eq(new.outlet.to_string()),
        link_batch::kind.eq(new.kind.as_str()),
        link_batch::links.eq(i32::try_from(new.links).unwrap_or(i32::MAX)),
        link_batch::created_at_ms.eq(now_ms),
    );
    diesel::insert_into(link_batch::table).values(row).execute(tx.conn)?;
    let one = |_| NewLink {
        id: fresh(),
        outlet: new.outlet,
        kind: new.kind,
        opens_at_ms: new.term.opens_at_ms,
        closes_at_ms: new.term.closes_at_ms,
    };
    let all: Vec<NewLink> = (0..new.links).map(one).collect();
    let place = Place {
        batch: Some(id),
        generation: 1,
    };
    links::insert_all(tx.conn, evaluation, &all, place, key)
}

/// Withdraws what has not been used; how many links that were.
///
/// # Errors
/// [`StoreError::Database`].
pub fn revoke(tx: &mut WriteTx<'_>, evaluation: EvaluationId, id: LinkBatchId) -> Result<u32, StoreError> {
    let unused = link::table.filter(
        link::evaluation_id
            .eq(evaluation.to_string())
            .and(link::batch_id.eq(id.to_string()))
            .and(link::used.eq(false))
            .and(link::revoked.eq(false)),
    );
    let changed = diesel::update(unused).set(link::revoked.eq(true)).execute(tx.conn)?;
    Ok(u32::try_from(changed).unwrap_or(u32::MAX))
}

/// The secrets of the links that are neither used nor withdrawn, in no telling order.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn list_unused(
    conn: &mut Conn,
    evaluation: EvaluationId,
    id: LinkBatchId,
    key: &[u8],
) -> Result<Vec<LinkSecret>, StoreError> {
    let rows: Vec<(String, String, i32)> = link::table
        .filter(
            link::evaluation_id
                .eq(evaluation.to_string())
                .and(link::batch_id.eq(id.to_string()))
                .and(link::used.eq(false))
                .and(link::revoked.eq(false)),
        )
        .order(link::id)
        .select((link::id, link::kind, link::generation))
        .load(conn)?;
    let read = |(id, kind, generation): (String, String, i32)| {
        let corrupt = || StoreError::Corrupt(format!("link {id}"));
        let kind = LinkKind::parse(&kind).ok_or_else(corrupt)?;
        let link = id.parse().map_err(|_| corrupt())?;
        Ok(LinkSecret::derive(key, kind, link, generation))
    };
    rows.into_iter().map(read).collect()
}

type Row = (String, String, String, i64, String, String);
type Group = (Option<String>, String, bool, bool, Option<i64>, Option<i64>, i64);

/// The batches of an evaluation, latest first.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn list(conn: &mut Conn, evaluation: &Evaluation, now_ms: i64, rows_max: i64) -> Result<Vec<Batch>, StoreError> {
    let rows: Vec<Row> = link_batch::table
        .inner_join(
            outlet::table.on(link_batch::evaluation_id
                .eq(outlet::evaluation_id)
                .and(link_batch::outlet_id.eq(outlet::id))),
        )
        .filter(link_batch::evaluation_id.eq(evaluation.id.to_string()))
        .order((link_batch::created_at_ms.desc(), link_batch::id))
        .select((
            link_batch::id,
            link_batch::outlet_id,
            link_batch::kind,
            link_batch::created_at_ms,
            outlet::name_zh,
            outlet::name_en,
        ))
        .limit(rows_max)
        .load(conn)?;
    let late = link_refusal::list(conn, evaluation.id)?;
    let counted = count(conn, evaluation, now_ms)?;
    let read = |(id, outlet, kind, created_at_ms, zh, en): Row| {
        let corrupt = || StoreError::Corrupt(format!("batch {id}"));
        let (term, counts) = counted.get(&id).copied().unwrap_or_default();
        Ok(Batch {
            id: id.parse().map_err(|_| corrupt())?,
            outlet: outlet.parse().map_err(|_| corrupt())?,
            outlet_name: Text::new(zh, en),
            kind: LinkKind::parse(&kind).ok_or_else(corrupt)?,
            created_at_ms,
            term,
            counts,
            late: late.get(&id).copied().unwrap_or_default(),
        })
    };
    rows.into_iter().map(read).collect()
}

/// Links by batch and state. The links of a batch work at the same time.
fn count(conn: &mut Conn, evaluation: &Evaluation, now_ms: i64) -> Result<HashMap<String, (Term, Counts)>, StoreError> {
    let by = (
        link::batch_id,
        link::kind,
        link::used,
        link::revoked,
        link::opens_at_ms,
        link::closes_at_ms,
    );
    let groups: Vec<Group> = link::table
        .filter(
            link::evaluation_id
                .eq(evaluation.id.to_string())
                .and(link::batch_id.is_not_null()),
        )
        .group_by(by)
        .select((
            link::batch_id,
            link::kind,
            link::used,
            link::revoked,
            link::opens_at_ms,
            link::closes_at_ms,
            diesel::dsl::count_star(),
        ))
        .load(conn)?;
    let mut found: HashMap<String, (Term, Counts)> = HashMap::new();
    for (batch, kind, used, revoked, opens_at_ms, closes_at_ms, links) in groups {
        let (term, counts) = found.entry(batch.unwrap_or_default()).or_default();
        *term = Term {
            opens_at_ms,
            closes_at_ms,
        };
        let links = u32::try_from(links).unwrap_or(u32::MAX);
        let admitted = LinkState {
            evaluation: evaluation.state,
            kind: LinkKind::parse(&kind).ok_or_else(|| StoreError::Corrupt(format!("link of kind {kind}")))?,
            revoked,
            used: false,
            field: evaluation.field,
            opens_at_ms,
            closes_at_ms,
        }
        .admit(now_ms);
        match admitted {
            _ if used => counts.used += links,
            Err(Refusal::Revoked) => counts.revoked += links,
            Err(Refusal::Closed | Refusal::AfterField(_)) => counts.expired += links,
            _ => counts.unused += links,
        }
    }
    Ok(found)
}
