//! Marks of devices and networks: keyed, apart from the answers, gone thirty days after fieldwork.

use std::net::IpAddr;

use diesel::prelude::*;

use super::conn::{Conn, per_backend};
use super::schema::event;
use super::schema_quality::{mark_key, outlet_network, response_mark};
use super::{StoreError, WriteTx, event as events, flag};
use crate::statistics::flag::{Flag, Rule};
use crate::survey::evaluation::EvaluationState;
use crate::survey::event::Event;
use crate::survey::id::{EvaluationId, LinkId, OutletId, ResponseId};
use crate::survey::link::LinkKind;
use crate::survey::mark::{BURST_MORE_THAN, Bursts, Hours, Marks, hour_of_day};

/// Thirty days (requirements.md §8.6).
const KEPT_MS: i64 = 30 * 24 * 3_600_000;
/// Addresses an outlet can have.
pub const NETWORKS_MAX: i64 = 20;

/// How an electronic answer arrived.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// From which address.
    pub address: IpAddr,
    /// What the browser calls itself.
    pub user_agent: String,
    /// Through which link.
    pub link: LinkId,
    /// What that is.
    pub kind: LinkKind,
    /// The outlet's hours, as written.
    pub hours: String,
    /// Whether a field that people do not see was filled in.
    pub is_trapped: bool,
    /// When, Unix ms.
    pub at_ms: i64,
}

/// Stores the marks of a response just stored, and what only its arrival tells. A personal link leaves no time and no
/// burst: who got it is known elsewhere.
///
/// # Errors
/// [`StoreError::Database`].
pub fn arrive(
    tx: &mut WriteTx<'_>,
    evaluation: EvaluationId,
    response: ResponseId,
    arrival: &Arrival,
    bursts: &mut Bursts,
) -> Result<(), StoreError> {
    let key = key(tx, evaluation)?;
    let marks = Marks::of(&key, arrival.address, &arrival.user_agent, arrival.at_ms);
    let row = (
        response_mark::evaluation_id.eq(evaluation.to_string()),
        response_mark::response_id.eq(response.to_string()),
        response_mark::device.eq(marks.device),
        response_mark::network.eq(marks.network),
    );
    per_backend!(&mut *tx.conn, |c| diesel::insert_into(response_mark::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    let on_arrival = |rule, value: f64, threshold: f64| Flag { rule, value, threshold };
    if arrival.is_trapped {
        flag::raise(tx.conn, evaluation, response, &on_arrival(Rule::Trap, 1.0, 0.0))?;
    }
    if arrival.kind.single_use() {
        return Ok(());
    }
    if Hours::of(&arrival.hours).are_over(arrival.at_ms) {
        let hour = hour_of_day(arrival.at_ms) as f64;
        flag::raise(tx.conn, evaluation, response, &on_arrival(Rule::Night, hour, hour))?;
    }
    for part in bursts.note(arrival.link, response, arrival.at_ms) {
        // The same value for all: a number that grows would be an order of arrival.
        let most = BURST_MORE_THAN as f64;
        flag::raise(tx.conn, evaluation, part, &on_arrival(Rule::Burst, most + 1.0, most))?;
    }
    Ok(())
}

/// The key of an evaluation's marks, made when the first is needed.
fn key(tx: &mut WriteTx<'_>, evaluation: EvaluationId) -> Result<Vec<u8>, StoreError> {
    if let Some(key) = find_key(tx.conn, evaluation)? {
        return Ok(key);
    }
    let row = (
        mark_key::evaluation_id.eq(evaluation.to_string()),
        mark_key::key.eq(data_encoding::HEXLOWER.encode(&rand::random::<[u8; 32]>())),
    );
    per_backend!(&mut *tx.conn, |c| diesel::insert_into(mark_key::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    // Another node may have been faster: its key counts, and is seen when this is run again.
    find_key(tx.conn, evaluation)?.ok_or(StoreError::Busy)
}

/// The key, while there is one.
pub(super) fn find_key(conn: &mut Conn, evaluation: EvaluationId) -> Result<Option<Vec<u8>>, StoreError> {
    let row = mark_key::table.find(evaluation.to_string()).select(mark_key::key);
    let text: Option<String> = row.first(conn).optional()?;
    text.map(|text| {
        let key = data_encoding::HEXLOWER.decode(text.as_bytes());
        key.map_err(|_| StoreError::Corrupt(format!("mark key of {evaluation}")))
    })
    .transpose()
}

/// Takes away the mark of a response that was withdrawn.
pub(super) fn forget(conn: &mut Conn, evaluation: EvaluationId, response: ResponseId) -> Result<(), StoreError> {
    let row = response_mark::table.find((evaluation.to_string(), response.to_string()));
    diesel::delete(row).execute(conn)?;
    Ok(())
}

/// Addresses of outlets' own networks.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn networks(conn: &mut Conn, evaluation: EvaluationId) -> Result<Vec<(OutletId, IpAddr)>, StoreError> {
    let rows: Vec<(String, String)> = outlet_network::table
        .filter(outlet_network::evaluation_id.eq(evaluation.to_string()))
        .order((outlet_network::outlet_id, outlet_network::address))
        .select((outlet_network::outlet_id, outlet_network::address))
        .load(conn)?;
    rows.into_iter()
        .map(|(outlet, address)| {
            let corrupt = || StoreError::Corrupt(format!("network {address} of {outlet}"));
            Ok((
                outlet.parse().map_err(|_| corrupt())?,
                address.parse().map_err(|_| corrupt())?,
            ))
        })
        .collect()
}

/// Registers an address of an outlet's own network; answers that came from it before are found, too, while their marks are
/// kept. `false` when there are too many.
///
/// # Errors
/// [`StoreError::Database`].
pub fn add_network(
    tx: &mut WriteTx<'_>,
    evaluation: EvaluationId,
    (outlet, address): (OutletId, IpAddr),
    (actor, at_ms): (&str, i64),
) -> Result<bool, StoreError> {
    events::lock_chain(tx.conn, evaluation)?;
    let known = outlet_network::table.filter(
        outlet_network::evaluation_id
            .eq(evaluation.to_string())
            .and(outlet_network::outlet_id.eq(outlet.to_string())),
    );
    let count: i64 = known.count().get_result(tx.conn)?;
    if count >= NETWORKS_MAX {
        return Ok(false);
    }
    let row = (
        outlet_network::evaluation_id.eq(evaluation.to_string()),
        outlet_network::outlet_id.eq(outlet.to_string()),
        outlet_network::address.eq(address.to_string()),
        outlet_network::added_by.eq(actor),
        outlet_network::at_ms.eq(at_ms),
    );
    let added = per_backend!(&mut *tx.conn, |c| diesel::insert_into(outlet_network::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    if added > 0 {
        let data = serde_json::json!({"address": address.to_string()});
        let happened = Event {
            at_ms,
            actor: actor.to_owned(),
            action: "outlet.network_added".into(),
            object: outlet.to_string(),
            data: data.to_string(),
        };
        events::append(tx, evaluation, &happened)?;
    }
    Ok(true)
}

/// Evaluations whose marks and key are due for erasure: thirty days after fieldwork ended, once the flags that rest on them
/// are stored for good.
pub(super) fn due(conn: &mut Conn, now_ms: i64) -> Result<Vec<(String, String)>, StoreError> {
    let flags_to_come: Vec<String> = flag::due(conn)?.iter().map(ToString::to_string).collect();
    let over: Vec<String> = mark_key::table
        .inner_join(event::table.on(event::evaluation_id.eq(mark_key::evaluation_id)))
        .filter(event::action.eq(format!("evaluation.{}", EvaluationState::Closed.as_str())))
        .filter(event::at_ms.le(now_ms.saturating_sub(KEPT_MS)))
        .filter(mark_key::evaluation_id.ne_all(flags_to_come))
        .select(mark_key::evaluation_id)
        .load(conn)?;
    Ok(over.into_iter().map(|id| (id, String::new())).collect())
}

/// Erases the marks of an evaluation and destroys their key.
pub(super) fn erase(tx: &mut WriteTx<'_>, id: EvaluationId, reason: &str, at_ms: i64) -> Result<(), StoreError> {
    let rows = response_mark::table.filter(response_mark::evaluation_id.eq(id.to_string()));
    let marks = diesel::delete(rows).execute(tx.conn)?;
    diesel::delete(mark_key::table.find(id.to_string())).execute(tx.conn)?;
    let happened = Event {
        at_ms,
        actor: "system".to_owned(),
        action: "marks.erased".to_owned(),
        object: String::new(),
        data: serde_json::json!({"marks": marks, "reason": reason}).to_string(),
    };
    events::append(tx, id, &happened)
}
