//! Chains of events, link by link.

use diesel::prelude::*;

use super::Fault;
use crate::store::StoreError;
use crate::store::conn::Conn;
use crate::store::schema::{event, office_event};
use crate::survey::event::{Event, GENESIS};
use crate::survey::id::EvaluationId;

/// Rows of one page.
const ROWS: i64 = 2_000;

/// The chain of an evaluation.
///
/// # Errors
/// [`StoreError::Database`].
pub(super) fn evaluation(conn: &mut Conn, id: EvaluationId) -> Result<Chain, StoreError> {
    let mut chain = Chain::default();
    while chain.fault.is_none() {
        let page: Vec<Link> = event::table
            .filter(event::evaluation_id.eq(id.to_string()).and(event::seq.gt(chain.seq)))
            .order(event::seq)
            .select((
                event::seq,
                event::at_ms,
                event::actor,
                event::action,
                event::object,
                event::data,
                event::previous_hash,
                event::hash,
            ))
            .limit(ROWS)
            .load(conn)?;
        if page.is_empty() {
            break;
        }
        chain.fault = chain.follow(page);
    }
    Ok(chain)
}

/// The chain of what happened outside evaluations.
///
/// # Errors
/// [`StoreError::Database`].
pub(super) fn office(conn: &mut Conn) -> Result<Chain, StoreError> {
    let mut chain = Chain::default();
    while chain.fault.is_none() {
        let page: Vec<Link> = office_event::table
            .filter(office_event::seq.gt(chain.seq))
            .order(office_event::seq)
            .select((
                office_event::seq,
                office_event::at_ms,
                office_event::actor,
                office_event::action,
                office_event::object,
                office_event::data,
                office_event::previous_hash,
                office_event::hash,
            ))
            .limit(ROWS)
            .load(conn)?;
        if page.is_empty() {
            break;
        }
        chain.fault = chain.follow(page);
    }
    Ok(chain)
}

/// An event as it is stored: place, event, hash before, hash.
type Link = (i64, i64, String, String, String, String, String, String);

/// A chain as far as it was followed.
pub(super) struct Chain {
    seq: i64,
    hash: String,
    /// Events in order.
    pub events: u64,
    /// The first that is not.
    pub fault: Option<Fault>,
}

impl Default for Chain {
    fn default() -> Self {
        Self {
            seq: 0,
            hash: GENESIS.to_owned(),
            events: 0,
            fault: None,
        }
    }
}

impl Chain {
    fn follow(&mut self, page: Vec<Link>) -> Option<Fault> {
        for (seq, at_ms, actor, action, object, data, previous, hash) in page {
            if seq != self.seq + 1 {
                return Some(Fault::EventMissing(seq));
            }
            let event = Event {
                at_ms,
                actor,
                action,
                object,
                data,
            };
            if previous != self.hash || event.chained(seq, &previous) != hash {
                return Some(Fault::EventChanged(seq));
            }
            (self.seq, self.hash) = (seq, hash);
            self.events += 1;
        }
        None
    }
}
