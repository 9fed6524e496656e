//! Exclusions by two people: proposals about responses, decided each by somebody else, with S before and after.

mod read;

use std::collections::BTreeSet;
use std::sync::Arc;

use diesel::dsl::max;
use diesel::prelude::*;

use super::conn::{Conn, per_backend};
use super::grading::{Act, GradingError, log};
use super::schema_quality::{exclusion_decision, exclusion_item, exclusion_proposal, exclusion_verdict};
use super::{StoreError, WriteTx, evaluation, response, tally};
use crate::statistics::score::Points;
use crate::survey::counting::Decision;
use crate::survey::evaluation::EvaluationState;
use crate::survey::exclusion::{Judgement, Kind, Reason, Scored, Wish};
use crate::survey::form::Problem;
use crate::survey::id::{EvaluationId, PersonId, ResponseId};
use crate::survey::instrument::Instrument;

pub use read::{find, list, open, standing};
use read::{open_proposals, waits};

/// Proposals that may wait at the same time.
const OPEN_MAX: i64 = 50;

/// A proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Its number in the evaluation.
    pub number: i32,
    /// What.
    pub kind: Kind,
    /// Why.
    pub reason: Reason,
    /// In words.
    pub explanation: String,
    /// By whom.
    pub proposed_by: PersonId,
    /// When, Unix ms.
    pub at_ms: i64,
    /// About which responses.
    pub responses: Vec<ResponseId>,
    /// What became of it; nothing while it waits.
    pub decided: Option<Decided>,
}

/// The decision about a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// By whom.
    pub by: PersonId,
    /// When, Unix ms.
    pub at_ms: i64,
    /// In words.
    pub explanation: String,
    /// The responses for which it was approved.
    pub approved: Vec<ResponseId>,
    /// Points before.
    pub before: Scored,
    /// Points after.
    pub after: Scored,
}

/// Makes a proposal; returns its number.
///
/// # Errors
/// [`GradingError::Refused`] outside fieldwork and review, and for responses of which it cannot be proposed.
pub fn propose(
    tx: &mut WriteTx<'_>,
    instrument: &Instrument,
    id: EvaluationId,
    wish: &Wish,
    (who, at_ms): Act,
) -> Result<i32, GradingError> {
    hold(tx, id)?;
    let waiting: i64 = open_proposals(id).count().get_result(tx.conn)?;
    if waiting >= OPEN_MAX {
        return Err(GradingError::refused("", Problem::NotReady));
    }
    for one in &wish.responses {
        let standing = response::standing(tx.conn, instrument, id, *one)?;
        let fits = standing.is_some_and(|standing| {
            let there = standing.points.is_some() && standing.could_count;
            there && standing.is_excluded == (wish.kind == Kind::Include)
        });
        if !fits {
            return Err(GradingError::refused("response", Problem::NotPossible));
        }
        if waits(tx.conn, id, *one)? {
            return Err(GradingError::refused("response", Problem::Taken));
        }
    }
    let last: Option<i32> = exclusion_proposal::table
        .filter(exclusion_proposal::evaluation_id.eq(id.to_string()))
        .select(max(exclusion_proposal::number))
        .first(tx.conn)?;
    let number = last.unwrap_or(0) + 1;
    let row = (
        exclusion_proposal::evaluation_id.eq(id.to_string()),
        exclusion_proposal::number.eq(number),
        exclusion_proposal::kind.eq(wish.kind.as_str()),
        exclusion_proposal::reason.eq(wish.reason.as_str()),
        exclusion_proposal::explanation.eq(&wish.explanation),
        exclusion_proposal::proposed_by.eq(who.to_string()),
        exclusion_proposal::at_ms.eq(at_ms),
    );
    diesel::insert_into(exclusion_proposal::table)
        .values(row)
        .execute(tx.conn)?;
    let items: Vec<_> = wish
        .responses
        .iter()
        .map(|response| {
            (
                exclusion_item::evaluation_id.eq(id.to_string()),
                exclusion_item::number.eq(number),
                exclusion_item::response_id.eq(response.to_string()),
            )
        })
        .collect();
    per_backend!(&mut *tx.conn, |c| diesel::insert_into(exclusion_item::table)
        .values(&items)
        .execute(c))?;
    let data = serde_json::json!({
        "kind": wish.kind.as_str(), "reason": wish.reason.as_str(), "explanation": wish.explanation,
        "responses": wish.responses.len(),
    });
    log(tx, id, (who, at_ms), ("exclusion.proposed", &number.to_string()), &data)?;
    Ok(number)
}

/// Decides a proposal: for every response of it, approved or refused. What is approved counts or does not from now on.
///
/// # Errors
/// [`GradingError::Refused`] for one's own proposal and one that was decided.
pub fn decide(
    tx: &mut WriteTx<'_>,
    instrument: &Arc<Instrument>,
    id: EvaluationId,
    number: i32,
    judgement: &Judgement,
    (who, at_ms): Act,
) -> Result<(), GradingError> {
    hold(tx, id)?;
    let proposal = find(tx.conn, id, number)?.filter(|proposal| proposal.decided.is_none());
    let Some(proposal) = proposal else {
        return Err(GradingError::refused("", Problem::Changed));
    };
    if proposal.proposed_by == who {
        return Err(GradingError::refused("", Problem::OwnWork));
    }
    let asked: BTreeSet<ResponseId> = proposal.responses.iter().copied().collect();
    if !judgement.approved.is_subset(&asked) {
        return Err(GradingError::refused("response", Problem::NotAChoice));
    }
    let approved: Vec<ResponseId> = judgement.approved.iter().copied().collect();
    let (before, after) = effect(tx.conn, instrument, id, proposal.kind, &approved)?;
    let row = (
        exclusion_decision::evaluation_id.eq(id.to_string()),
        exclusion_decision::number.eq(number),
        exclusion_decision::proposed_by.eq(proposal.proposed_by.to_string()),
        exclusion_decision::decided_by.eq(who.to_string()),
        exclusion_decision::explanation.eq(&judgement.explanation),
        exclusion_decision::at_ms.eq(at_ms),
        exclusion_decision::s_before.eq(text(before.all)),
        exclusion_decision::s_after.eq(text(after.all)),
        exclusion_decision::s_face_before.eq(text(before.face)),
        exclusion_decision::s_face_after.eq(text(after.face)),
    );
    diesel::insert_into(exclusion_decision::table)
        .values(row)
        .execute(tx.conn)?;
    let verdicts: Vec<_> = proposal
        .responses
        .iter()
        .map(|response| {
            (
                exclusion_verdict::evaluation_id.eq(id.to_string()),
                exclusion_verdict::number.eq(number),
                exclusion_verdict::response_id.eq(response.to_string()),
                exclusion_verdict::approved.eq(judgement.approved.contains(response)),
            )
        })
        .collect();
    per_backend!(&mut *tx.conn, |c| diesel::insert_into(exclusion_verdict::table)
        .values(&verdicts)
        .execute(c))?;
    // No score in the log: it is read during fieldwork, too. The row above is bound when the record is sealed.
    let data = serde_json::json!({
        "kind": proposal.kind.as_str(), "proposed_by": proposal.proposed_by.to_string(),
        "approved": approved.len(), "refused": proposal.responses.len() - approved.len(),
        "explanation": judgement.explanation,
    });
    log(tx, id, (who, at_ms), ("exclusion.decided", &number.to_string()), &data)?;
    let (decision, reason) = match proposal.kind {
        Kind::Exclude => (Decision::Excluded, proposal.reason.as_str()),
        Kind::Include => (Decision::Included, proposal.reason.as_str()),
    };
    for response in approved {
        // One that was withdrawn meanwhile stays withdrawn.
        let there = response::standing(tx.conn, instrument, id, response)?;
        if there.is_some_and(|standing| standing.points.is_some()) {
            let act = (who.to_string(), at_ms);
            response::decide(tx, instrument, id, response, decision, (&act.0, reason, act.1))?;
        }
    }
    Ok(())
}

/// Waits until nobody else changes the evaluation; refuses before fieldwork and once it is sealed.
fn hold(tx: &mut WriteTx<'_>, id: EvaluationId) -> Result<(), GradingError> {
    match evaluation::held_state(tx, id)? {
        EvaluationState::Open | EvaluationState::Closed => Ok(()),
        EvaluationState::Draft | EvaluationState::Frozen => Err(GradingError::refused("", Problem::NotReady)),
        EvaluationState::Sealed | EvaluationState::Released => Err(GradingError::refused("", Problem::Sealed)),
    }
}

/// Points before and after deciding so about these responses.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn effect(
    conn: &mut Conn,
    instrument: &Instrument,
    id: EvaluationId,
    kind: Kind,
    responses: &[ResponseId],
) -> Result<(Scored, Scored), StoreError> {
    let before = scored(conn, instrument, id)?;
    let mut after = before;
    for one in responses {
        let Some(standing) = response::standing(conn, instrument, id, *one)? else {
            continue;
        };
        let shift = match kind {
            Kind::Exclude if standing.counts => -1,
            Kind::Include if !standing.counts && standing.could_count && standing.is_excluded => 1,
            _ => 0,
        };
        after.shift(standing.class, standing.points.unwrap_or_default(), shift);
    }
    Ok((before, after))
}

/// Points of everything that counts, from the tallies.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn scored(conn: &mut Conn, instrument: &Instrument, id: EvaluationId) -> Result<Scored, StoreError> {
    let tallies = tally::list(conn, id, instrument)?;
    Ok(tallies.iter().map(|(key, tally)| (key.class, tally.core())).collect())
}

fn text(points: Points) -> String {
    format!("{}/{}", points.obtained, points.available)
}
