//! Whether a message that is due is still wanted: asked in the transaction that claims it.

use diesel::prelude::*;

use super::claim::{Content, Waiting};
use super::queue::holder_of;
use crate::store::StoreError;
use crate::store::conn::Conn;
use crate::store::schema_grading::holder_notice;
use crate::survey::id::{EvaluationId, LinkId};

/// What becomes of a message that is due.
pub(super) enum Gate {
    Go(Content),
    /// Its evaluation sends at other hours.
    Later(i64),
    /// No longer wanted, and why.
    Never(&'static str),
}

/// A letter to a drawn person, as it is sealed in the database.
#[derive(Debug, Clone)]
pub struct Letter {
    /// The evaluation.
    pub evaluation: EvaluationId,
    /// The drawn person.
    pub recipient: String,
    /// Index of the address, as the suppression list knows it.
    pub address_index: String,
    /// The personal link.
    pub link: LinkId,
    /// Its generation.
    pub generation: i32,
    /// Last moment it works, Unix ms.
    pub closes_at_ms: Option<i64>,
}

pub(super) fn ask(conn: &mut Conn, waiting: &Waiting, now_ms: i64) -> Result<Gate, StoreError> {
    match (&waiting.sealed_address, &waiting.recipient) {
        (Some(address), _) => notice(conn, waiting, address),
        (None, Some(recipient)) => letter(conn, waiting, recipient, now_ms),
        (None, None) => Err(StoreError::Corrupt(format!("message {}", waiting.id))),
    }
}

fn notice(conn: &mut Conn, waiting: &Waiting, sealed_address: &str) -> Result<Gate, StoreError> {
    if let Some((number, seq)) = waiting.source.as_deref().and_then(holder_of) {
        let void: Option<bool> = holder_notice::table
            .find((number, seq))
            .select(holder_notice::void)
            .first(conn)
            .optional()?;
        if void != Some(false) {
            return Ok(Gate::Never("void"));
        }
    }
    Ok(Gate::Go(Content::Notice {
        sealed_address: sealed_address.to_owned(),
        subject: waiting.subject.clone(),
        body: waiting.body.clone(),
    }))
}

fn letter(_: &mut Conn, _: &Waiting, _: &str, _: i64) -> Result<Gate, StoreError> {
    Ok(Gate::Never("erased"))
}
