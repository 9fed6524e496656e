//! Codes that hang at outlets, as the office sees them: list, next generation, dates.

use diesel::prelude::*;

use super::conn::Conn;
use super::evaluation::Evaluation;
use super::link::{NewLink, Place, insert_all, revoke};
use super::schema::{link, outlet};
use super::{StoreError, WriteTx, link_refusal};
use crate::survey::admission::LinkState;
use crate::survey::code_form::Term;
use crate::survey::id::{EvaluationId, LinkId, OutletId};
use crate::survey::language::Text;
use crate::survey::link::{LinkKind, LinkSecret};

/// An outlet's code as the office sees it.
#[derive(Debug, Clone)]
pub struct OutletCode {
    /// Its id.
    pub id: LinkId,
    /// Its outlet.
    pub outlet: OutletId,
    /// The outlet's name.
    pub outlet_name: Text,
    /// 1, or one more than the code it took the place of.
    pub generation: i32,
    /// Whether an answer may come in through it.
    pub state: LinkState,
    /// What its plate leads to.
    pub secret: LinkSecret,
    /// Who came after it had ended.
    pub late: link_refusal::Late,
}

/// Withdraws an outlet's code and puts its next generation, `successor`, in its place, under the same dates. Forms that
/// came from the old one are refused from now on, too. `false` when it was withdrawn before.
///
/// # Errors
/// [`StoreError::Database`].
pub fn rotate(
    tx: &mut WriteTx<'_>,
    evaluation: EvaluationId,
    id: LinkId,
    successor: LinkId,
    key: &[u8],
) -> Result<bool, StoreError> {
    if !revoke(tx, evaluation, id)? {
        return Ok(false);
    }
    let (outlet, generation, opens_at_ms, closes_at_ms): (String, i32, Option<i64>, Option<i64>) = link::table
        .find((evaluation.to_string(), id.to_string()))
        .select((link::outlet_id, link::generation, link::opens_at_ms, link::closes_at_ms))
        .first(tx.conn)?;
    let new = NewLink {
        id: successor,
        outlet: outlet.parse().map_err(|_| StoreError::Corrupt(format!("link {id}")))?,
        kind: LinkKind::Outlet,
        opens_at_ms,
        closes_at_ms,
    };
    let next = Place {
        batch: None,
        generation: generation + 1,
    };
    insert_all(tx.conn, evaluation, &[new], next, key)?;
    Ok(true)
}

/// Says when a link works. `false` when it was withdrawn before.
///
/// # Errors
/// [`StoreError::Database`].
pub fn limit(tx: &mut WriteTx<'_>, evaluation: EvaluationId, id: LinkId, term: Term) -> Result<bool, StoreError> {
    let row = link::table
        .find((evaluation.to_string(), id.to_string()))
        .filter(link::revoked.eq(false));
    let dates = (
        link::opens_at_ms.eq(term.opens_at_ms),
        link::closes_at_ms.eq(term.closes_at_ms),
    );
    Ok(diesel::update(row).set(dates).execute(tx.conn)? == 1)
}

/// The codes of an evaluation's outlets, in the order of outlets, the latest generation of a place first.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn list(
    conn: &mut Conn,
    evaluation: &Evaluation,
    key: &[u8],
    rows_max: i64,
) -> Result<Vec<OutletCode>, StoreError> {
    type Row = (String, String, i32, bool, Option<i64>, Option<i64>, String, String);
    let late = link_refusal::list(conn, evaluation.id)?;
    let rows: Vec<Row> = link::table
        .inner_join(
            outlet::table.on(link::evaluation_id
                .eq(outlet::evaluation_id)
                .and(link::outlet_id.eq(outlet::id))),
        )
        .filter(
            link::evaluation_id
                .eq(evaluation.id.to_string())
                .and(link::kind.eq(LinkKind::Outlet.as_str())),
        )
        .order((outlet::place, link::revoked, link::generation.desc(), link::id))
        .select((
            link::id,
            link::outlet_id,
            link::generation,
            link::revoked,
            link::opens_at_ms,
            link::closes_at_ms,
            outlet::name_zh,
            outlet::name_en,
        ))
        .limit(rows_max)
        .load(conn)?;
    let read = |(id, outlet, generation, revoked, opens_at_ms, closes_at_ms, zh, en): Row| {
        let corrupt = |_| StoreError::Corrupt(format!("link {id}"));
        let late = late.get(&id).copied().unwrap_or_default();
        let link: LinkId = id.parse().map_err(corrupt)?;
        Ok(OutletCode {
            id: link,
            outlet: outlet.parse().map_err(corrupt)?,
            outlet_name: Text::new(zh, en),
            generation,
            state: LinkState {
                evaluation: evaluation.state,
                kind: LinkKind::Outlet,
                revoked,
                used: false,
                field: evaluation.field,
                opens_at_ms,
                closes_at_ms,
            },
            secret: LinkSecret::derive(key, LinkKind::Outlet, link, generation),
            late,
        })
    };
    rows.into_iter().map(read).collect()
}
