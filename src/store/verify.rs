//! Whether the database is what it says it is: chains, commitments, tallies. Reads only, in one snapshot; names the first
//! divergence.

use std::fmt;

use diesel::prelude::*;

use super::StoreError;
use super::catalogue::Catalogue;
use super::conn::Conn;
use super::evaluation as evaluations;
use super::response::{decisions, recount};
use super::schema::{event, office_event, response, response_comment, response_content};
use super::tally;
use crate::survey::commitment;
use crate::survey::counting::Decision;
use crate::survey::event::{Event, GENESIS};
use crate::survey::id::EvaluationId;

/// Rows of one page.
const ROWS: i64 = 2_000;

/// What was looked at, and the first thing that is not in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    /// Events, of evaluations and of the office.
    pub events: u64,
    /// Responses whose content was compared with its commitment.
    pub responses: u64,
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
    /// The tallies are not those of the rows.
    Tallies,
    /// A row that no program of ours has written.
    Unreadable(String),
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.evaluation {
            Some(id) => write!(f, "evaluation {id}: ")?,
            None => f.write_str("office: ")?,
        }
        match &self.what {
            Fault::EventMissing(seq) => write!(f, "event {seq}: an event before it is missing"),
            Fault::EventChanged(seq) => write!(f, "event {seq} is not the one that was recorded"),
            Fault::Content(id) => write!(f, "response {id}: its content is not what it was committed to"),
            Fault::ContentMissing(id) => write!(f, "response {id}: its content is gone without a withdrawal"),
            Fault::Tallies => f.write_str("the tallies are not those of the responses"),
            Fault::Unreadable(why) => f.write_str(why),
        }
    }
}

/// Verifies everything.
///
/// # Errors
/// [`StoreError::Database`]; what is not in order is no error but [`Verified::divergence`].
pub fn verify(conn: &mut Conn, catalogue: &Catalogue) -> Result<Verified, StoreError> {
    let mut seen = Verified::default();
    for id in evaluations::list_ids(conn)? {
        let found = match verify_evaluation(conn, catalogue, id, &mut seen) {
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
    let mut chain = Chain::default();
    loop {
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
        if let Some(what) = chain.follow(page) {
            seen.divergence = Some(Divergence { evaluation: None, what });
            break;
        }
    }
    seen.events += chain.events;
    Ok(seen)
}

fn verify_evaluation(
    conn: &mut Conn,
    catalogue: &Catalogue,
    id: EvaluationId,
    seen: &mut Verified,
) -> Result<Option<Fault>, StoreError> {
    let mut chain = Chain::default();
    loop {
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
        if let Some(fault) = chain.follow(page) {
            return Ok(Some(fault));
        }
    }
    seen.events += chain.events;
    if let Some(fault) = verify_responses(conn, id, seen)? {
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

/// An event as it is stored: place, event, hash before, hash.
type Link = (i64, i64, String, String, String, String, String, String);

/// A chain while it is followed.
struct Chain {
    seq: i64,
    hash: String,
    events: u64,
}

impl Default for Chain {
    fn default() -> Self {
        Self {
            seq: 0,
            hash: GENESIS.to_owned(),
            events: 0,
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

/// Id, commitment, answers, their salt, the comment's salt, comment.
type Committed = (
    String,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
);

fn verify_responses(conn: &mut Conn, id: EvaluationId, seen: &mut Verified) -> Result<Option<Fault>, StoreError> {
    let decisions = decisions(conn, id)?;
    let mut after = String::new();
    loop {
        let page: Vec<Committed> = response::table
            .left_join(
                response_content::table.on(response_content::evaluation_id
                    .eq(response::evaluation_id)
                    .and(response_content::response_id.eq(response::id))),
            )
            .left_join(
                response_comment::table.on(response_comment::evaluation_id
                    .eq(response::evaluation_id)
                    .and(response_comment::response_id.eq(response::id))),
            )
            .filter(response::evaluation_id.eq(id.to_string()).and(response::id.gt(&after)))
            .order(response::id)
            .select((
                response::id,
                response::commitment,
                response_content::answers.nullable(),
                response_content::salt.nullable(),
                response_content::comment_salt.nullable(),
                response_comment::body.nullable(),
            ))
            .limit(ROWS)
            .load(conn)?;
        let Some(last) = page.last() else { return Ok(None) };
        after.clone_from(&last.0);
        for (response, committed, answers, salt, comment_salt, comment) in page {
            seen.responses += 1;
            let (Some(answers), Some(salt), Some(comment_salt)) = (answers, salt, comment_salt) else {
                let withdrawn = decisions
                    .get(&response)
                    .is_some_and(|history| history.contains(&Decision::Withdrawn));
                if withdrawn {
                    continue;
                }
                return Ok(Some(Fault::ContentMissing(response)));
            };
            let inner = |salt: &str, content: &str| {
                let bytes = data_encoding::HEXLOWER.decode(salt.as_bytes()).ok()?;
                Some(commitment::inner(&bytes.try_into().ok()?, content))
            };
            let opened = inner(&salt, &answers)
                .zip(inner(&comment_salt, comment.as_deref().unwrap_or_default()))
                .map(|(answers, comment)| commitment::commitment(&answers, &comment));
            if opened.as_ref() != Some(&committed) {
                return Ok(Some(Fault::Content(response)));
            }
        }
    }
}
