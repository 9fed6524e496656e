//! Whether the database is what it says it is: chains, commitments, tallies. Reads only, in one snapshot; names the first
//! divergence.

mod chain;
mod record;

use std::fmt;

use diesel::prelude::*;
use diesel::sql_types::Text;
use sha2::{Digest, Sha256};

use super::catalogue::Catalogue;
use super::conn::Conn;
use super::response::recount;
use super::schema::{method, questionnaire};
use super::{StoreError, checkpoint, evaluation as evaluations, tally};
use crate::personal::DataKey;
use crate::secret::SecretKey;
use crate::survey::checkpoint::{Chain, Checkpoint};
use crate::survey::id::EvaluationId;

/// What was looked at, and the first thing that is not in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    /// Events, of evaluations and of the office.
    pub events: u64,
    /// Responses whose content was compared with its commitment.
    pub responses: u64,
    /// Answers that no event of the chain has bound yet: those of the last hours.
    pub unbound: u64,
    /// Checkpoints compared with their chains.
    pub checkpoints: u64,
    /// Tallies compared with a recount.
    pub tallies: u64,
    /// The first divergence, in the order chain, responses, tallies, evaluation by evaluation.
    pub divergence: Option<Divergence>,
}

/// Something that the program cannot have left so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Divergence {
    /// The evaluation; `None` = outside evaluations.
    pub evaluation: Option<EvaluationId>,
    /// Where and what.
    pub what: Fault,
}

/// Kinds of divergence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// An event is missing before this place of the chain.
    EventMissing(i64),
    /// This event is not the one that was appended.
    EventChanged(i64),
    /// A response's content is not what was committed to.
    Content(String),
    /// A response's content is gone, though nobody withdrew it.
    ContentMissing(String),
    /// The answers of this hour (Unix ms) are not those that were bound.
    Hour(i64),
    /// A table is not what was sealed or signed.
    Table(String),
    /// The chain does not lead through this checkpoint: its tail was cut off, or it was written anew.
    Checkpoint(String),
    /// A checkpoint was signed with another key than this installation's.
    ForeignKey(String),
    /// The tallies are not those of the rows.
    Tallies,
    /// A row that no program of ours has written.
    Unreadable(String),
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.evaluation {
            Some(id) => write!(f, "evaluation {id}: ")?,
            None => f.write_str("installation: ")?,
        }
        match &self.what {
            Fault::EventMissing(seq) => write!(f, "event {seq}: an event before it is missing"),
            Fault::EventChanged(seq) => write!(f, "event {seq} is not the one that was recorded"),
            Fault::Content(id) => write!(f, "response {id}: its content is not what it was committed to"),
            Fault::ContentMissing(id) => write!(f, "response {id}: its content is gone without a withdrawal"),
            Fault::Hour(hour) => {
                let hour = chrono::DateTime::from_timestamp_millis(*hour).unwrap_or_default();
                write!(
                    f,
                    "the answers of {} UTC are not those that were recorded",
                    hour.format("%F %H:00")
                )
            }
            Fault::Table(name) => write!(f, "{name}: its rows are not those that were sealed"),
            Fault::Checkpoint(line) => write!(f, "the chain does not lead through the checkpoint {line}"),
            Fault::ForeignKey(line) => write!(f, "signed with a foreign key: {line}"),
            Fault::Tallies => f.write_str("the tallies are not those of the responses"),
            Fault::Unreadable(why) => f.write_str(why),
        }
    }
}

/// Verifies everything, against the checkpoints that are stored and those that were `kept` elsewhere. With the installation's
/// key, checkpoints by any other are refused, and comments are opened and compared with their digests.
///
/// # Errors
/// [`StoreError::Database`]; what is not in order is no error but [`Verified::divergence`].
pub fn verify(
    conn: &mut Conn,
    catalogue: &Catalogue,
    kept: &[Checkpoint],
    key: Option<&SecretKey>,
) -> Result<Verified, StoreError> {
    let mut seen = Verified::default();
    let (personal, public) = (key.map(DataKey::of_server), key.map(|key| key.seal().public()));
    let key = public.as_deref();
    for checkpoint in kept {
        if let Some(divergence) = against(conn, checkpoint, key)? {
            seen.divergence = Some(divergence);
            return Ok(seen);
        }
        seen.checkpoints += 1;
    }
    if let Some(what) = orphan(conn)? {
        seen.divergence = Some(Divergence { evaluation: None, what });
        return Ok(seen);
    }
    for id in evaluations::list_ids(conn)? {
        let found = match verify_evaluation(conn, catalogue, id, (key, personal.as_ref()), &mut seen) {
            Err(StoreError::Corrupt(why)) => Some(Fault::Unreadable(why)),
            other => other?,
        };
        if let Some(what) = found {
            seen.divergence = Some(Divergence {
                evaluation: Some(id),
                what,
            });
            return Ok(seen);
        }
    }
    let chain = chain::office(conn)?;
    if let Some(what) = chain.fault {
        seen.divergence = Some(Divergence { evaluation: None, what });
    } else if let Some(what) = stored(conn, Chain::Office, key, &mut seen)? {
        seen.divergence = Some(Divergence { evaluation: None, what });
    }
    seen.events += chain.events;
    Ok(seen)
}

/// A row that refers to nothing, or a document that does not bear the hash of its text. PostgreSQL takes no row of the first
/// kind; a SQLite file may have been written with its references switched off.
fn orphan(conn: &mut Conn) -> Result<Option<Fault>, StoreError> {
    #[derive(QueryableByName)]
    struct Violation {
        #[diesel(sql_type = Text)]
        table: String,
    }
    if let Conn::Sqlite(conn) = conn {
        let found: Vec<Violation> = diesel::sql_query("PRAGMA foreign_key_check").load(conn)?;
        if let Some(first) = found.into_iter().next() {
            return Ok(Some(Fault::Table(first.table)));
        }
    }
    let documents: [(&str, Vec<(String, String)>); 2] = [
        ("questionnaire", questionnaire::table.load(conn)?),
        ("method", method::table.load(conn)?),
    ];
    for (name, bodies) in documents {
        let hash = |text: &str| data_encoding::HEXLOWER.encode(&Sha256::digest(text));
        if bodies.iter().any(|(named, body)| hash(body) != *named) {
            return Ok(Some(Fault::Table(name.into())));
        }
    }
    Ok(None)
}

/// Whether a chain leads through a checkpoint.
fn against(conn: &mut Conn, kept: &Checkpoint, key: Option<&str>) -> Result<Option<Divergence>, StoreError> {
    let head = kept.head();
    let fault = if key.is_some_and(|key| key != kept.key()) {
        Fault::ForeignKey(kept.to_string())
    } else if checkpoint::hash_at(conn, head.chain, head.seq)?.as_ref() == Some(&head.hash) {
        return Ok(None);
    } else {
        Fault::Checkpoint(kept.to_string())
    };
    Ok(Some(Divergence {
        evaluation: match head.chain {
            Chain::Office => None,
            Chain::Evaluation(id) => Some(id),
        },
        what: fault,
    }))
}

/// The first stored checkpoint of a chain that is not in order.
fn stored(conn: &mut Conn, of: Chain, key: Option<&str>, seen: &mut Verified) -> Result<Option<Fault>, StoreError> {
    for (_, stored) in checkpoint::list(conn, of)? {
        if stored.head().chain != of {
            return Ok(Some(Fault::Checkpoint(stored.to_string())));
        }
        if let Some(divergence) = against(conn, &stored, key)? {
            return Ok(Some(divergence.what));
        }
        seen.checkpoints += 1;
    }
    Ok(None)
}

fn verify_evaluation(
    conn: &mut Conn,
    catalogue: &Catalogue,
    id: EvaluationId,
    (key, personal): (Option<&str>, Option<&DataKey>),
    seen: &mut Verified,
) -> Result<Option<Fault>, StoreError> {
    let chain = chain::evaluation(conn, id)?;
    seen.events += chain.events;
    if let Some(fault) = chain.fault {
        return Ok(Some(fault));
    }
    if let Some(fault) = stored(conn, Chain::Evaluation(id), key, seen)? {
        return Ok(Some(fault));
    }
    if let Some(fault) = record::verify(conn, id, personal, seen)? {
        return Ok(Some(fault));
    }
    let evaluation = evaluations::find(conn, catalogue, id)?
        .ok_or_else(|| StoreError::Corrupt(format!("evaluation {id} is gone")))?;
    let mut counted = recount(conn, id, &evaluation.instrument)?;
    let mut stored = tally::list(conn, id, &evaluation.instrument)?;
    counted.retain(|_, tally| !tally.is_empty());
    stored.retain(|_, tally| !tally.is_empty());
    seen.tallies += counted.len() as u64;
    Ok((counted != stored).then_some(Fault::Tallies))
}
