//! Signed checkpoints of the chains.

use diesel::prelude::*;

use super::conn::{Conn, per_backend};
use super::schema::{event, office_event};
use super::schema_proof::checkpoint;
use super::{StoreError, WriteTx, evaluation as evaluations, ledger};
use crate::survey::checkpoint::{Chain, Checkpoint, Head, Seal};

/// A checkpoint is made where none is younger.
const DAY_MS: i64 = 24 * 3_600_000;

/// Why a checkpoint was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Fieldwork began.
    Opening,
    /// Fieldwork ended.
    Closing,
    /// The record was sealed.
    Sealing,
    /// Something was handed out.
    Export,
    /// A day has passed.
    Daily,
}

impl Reason {
    /// Name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::Closing => "closing",
            Self::Sealing => "sealing",
            Self::Export => "export",
            Self::Daily => "daily",
        }
    }

    /// The reason of a name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Opening, Self::Closing, Self::Sealing, Self::Export, Self::Daily]
            .into_iter()
            .find(|reason| reason.as_str() == name)
    }
}

/// Where a chain stands; `None` for one without events.
///
/// # Errors
/// [`StoreError::Database`].
pub fn head(conn: &mut Conn, chain: Chain, at_ms: i64) -> Result<Option<Head>, StoreError> {
    let last: Option<(i64, String)> = match chain {
        Chain::Office => office_event::table
            .order(office_event::seq.desc())
            .select((office_event::seq, office_event::hash))
            .first(conn)
            .optional()?,
        Chain::Evaluation(id) => event::table
            .filter(event::evaluation_id.eq(id.to_string()))
            .order(event::seq.desc())
            .select((event::seq, event::hash))
            .first(conn)
            .optional()?,
    };
    Ok(last.map(|(seq, hash)| Head {
        chain,
        seq,
        hash,
        at_ms,
    }))
}

/// The hash of a chain's event with this number.
///
/// # Errors
/// [`StoreError::Database`].
pub(super) fn hash_at(conn: &mut Conn, chain: Chain, seq: i64) -> Result<Option<String>, StoreError> {
    Ok(match chain {
        Chain::Office => office_event::table
            .find(seq)
            .select(office_event::hash)
            .first(conn)
            .optional()?,
        Chain::Evaluation(id) => event::table
            .find((id.to_string(), seq))
            .select(event::hash)
            .first(conn)
            .optional()?,
    })
}

/// Signs where a chain stands and keeps the line.
///
/// # Errors
/// [`StoreError::Corrupt`] for a chain without events.
pub fn issue(
    tx: &mut WriteTx<'_>,
    seal: &Seal,
    chain: Chain,
    reason: Reason,
    now_ms: i64,
) -> Result<Checkpoint, StoreError> {
    let head =
        head(tx.conn, chain, now_ms)?.ok_or_else(|| StoreError::Corrupt(format!("the chain {chain} is empty")))?;
    let signed = seal.sign(head);
    let row = (
        checkpoint::chain.eq(chain.to_string()),
        checkpoint::seq.eq(signed.head().seq),
        checkpoint::reason.eq(reason.as_str()),
        checkpoint::at_ms.eq(now_ms),
        checkpoint::line.eq(signed.to_string()),
    );
    // The same place for the same reason was signed before: that one stands.
    per_backend!(&mut *tx.conn, |c| diesel::insert_into(checkpoint::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(signed)
}

/// The checkpoints of a chain, latest first.
///
/// # Errors
/// [`StoreError::Corrupt`] for a line that nobody signed.
pub fn list(conn: &mut Conn, chain: Chain) -> Result<Vec<(Reason, Checkpoint)>, StoreError> {
    let rows: Vec<(String, String)> = checkpoint::table
        .filter(checkpoint::chain.eq(chain.to_string()))
        .order((checkpoint::seq.desc(), checkpoint::at_ms.desc()))
        .select((checkpoint::reason, checkpoint::line))
        .load(conn)?;
    rows.into_iter()
        .map(|(reason, line)| {
            let corrupt = || StoreError::Corrupt(format!("checkpoint {line}"));
            Ok((
                Reason::parse(&reason).ok_or_else(corrupt)?,
                line.parse().map_err(|_| corrupt())?,
            ))
        })
        .collect()
}

/// What is due by now: hours that have ended are bound, and chains that have grown since their last checkpoint get one a day.
///
/// # Errors
/// [`StoreError::Database`].
pub fn upkeep(tx: &mut WriteTx<'_>, seal: &Seal, now_ms: i64) -> Result<(), StoreError> {
    let mut chains = vec![Chain::Office];
    for id in evaluations::list_ids(tx.conn)? {
        ledger::record(tx, id, false, now_ms)?;
        chains.push(Chain::Evaluation(id));
    }
    for chain in chains {
        let last: Option<(i64, i64)> = checkpoint::table
            .filter(checkpoint::chain.eq(chain.to_string()))
            .order(checkpoint::seq.desc())
            .select((checkpoint::seq, checkpoint::at_ms))
            .first(tx.conn)
            .optional()?;
        let Some(head) = head(tx.conn, chain, now_ms)? else {
            continue;
        };
        if last.is_none_or(|(seq, at_ms)| seq < head.seq && at_ms + DAY_MS <= now_ms) {
            issue(tx, seal, chain, Reason::Daily, now_ms)?;
        }
    }
    Ok(())
}
