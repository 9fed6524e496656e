//! Proposals and decisions as they are stored.

use std::collections::BTreeMap;

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::{Decided, Proposal, scored};
use crate::statistics::class::EvidenceClass;
use crate::statistics::score::Points;
use crate::store::StoreError;
use crate::store::conn::Conn;
use crate::store::schema::response;
use crate::store::schema_quality::{exclusion_decision, exclusion_item, exclusion_proposal, exclusion_verdict};
use crate::survey::exclusion::{Excluded, Kind, Reason, Scored};
use crate::survey::id::{EvaluationId, ResponseId};
use crate::survey::instrument::Instrument;

fn points(text: &str) -> Option<Points> {
    let (obtained, available) = text.split_once('/')?;
    Some(Points {
        obtained: obtained.parse().ok()?,
        available: available.parse().ok()?,
    })
}

#[diesel::dsl::auto_type]
fn same_number() -> _ {
    exclusion_decision::evaluation_id
        .eq(exclusion_proposal::evaluation_id)
        .and(exclusion_decision::number.eq(exclusion_proposal::number))
}

#[diesel::dsl::auto_type]
pub(super) fn open_proposals(id: EvaluationId) -> _ {
    let text: String = id.to_string();
    exclusion_proposal::table
        .filter(exclusion_proposal::evaluation_id.eq(text))
        .filter(not(exists(exclusion_decision::table.filter(same_number()))))
}

/// How many proposals wait for their decision.
///
/// # Errors
/// [`StoreError::Database`].
pub fn open(conn: &mut Conn, id: EvaluationId) -> Result<u64, StoreError> {
    let count: i64 = open_proposals(id).count().get_result(conn)?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// Whether a proposal about this response waits.
pub(super) fn waits(conn: &mut Conn, id: EvaluationId, response: ResponseId) -> Result<bool, StoreError> {
    let decided = exclusion_decision::table.filter(
        exclusion_decision::evaluation_id
            .eq(exclusion_item::evaluation_id)
            .and(exclusion_decision::number.eq(exclusion_item::number)),
    );
    let count: i64 = exclusion_item::table
        .filter(exclusion_item::evaluation_id.eq(id.to_string()))
        .filter(exclusion_item::response_id.eq(response.to_string()))
        .filter(not(exists(decided)))
        .count()
        .get_result(conn)?;
    Ok(count > 0)
}

/// One proposal.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn find(conn: &mut Conn, id: EvaluationId, number: i32) -> Result<Option<Proposal>, StoreError> {
    let mut found = read(conn, id, Some(number))?;
    Ok(found.pop())
}

/// Every proposal of an evaluation, latest first.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn list(conn: &mut Conn, id: EvaluationId) -> Result<Vec<Proposal>, StoreError> {
    read(conn, id, None)
}

/// What stands excluded by decisions so far.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn standing(conn: &mut Conn, instrument: &Instrument, id: EvaluationId) -> Result<Excluded, StoreError> {
    let mut excluded = Excluded {
        with: scored(conn, instrument, id)?,
        ..Excluded::default()
    };
    let mut reasons: BTreeMap<ResponseId, Reason> = BTreeMap::new();
    for proposal in list(conn, id)?.into_iter().rev() {
        let Some(decided) = proposal.decided else { continue };
        for response in decided.approved {
            match proposal.kind {
                Kind::Exclude => _ = reasons.insert(response, proposal.reason),
                Kind::Include => _ = reasons.remove(&response),
            }
        }
        excluded.with.add(decided.before, 1);
        excluded.with.add(decided.after, -1);
    }
    let of_verdict = exclusion_verdict::evaluation_id
        .eq(response::evaluation_id)
        .and(exclusion_verdict::response_id.eq(response::id));
    let classes: Vec<(String, String)> = exclusion_verdict::table
        .inner_join(response::table.on(of_verdict))
        .filter(exclusion_verdict::evaluation_id.eq(id.to_string()))
        .filter(exclusion_verdict::approved.eq(true))
        .select((response::id, response::evidence_class))
        .distinct()
        .load(conn)?;
    for (response, class) in classes {
        let corrupt = || StoreError::Corrupt(format!("response {response} of {class}"));
        let Some(reason) = reasons.get(&response.parse().map_err(|_| corrupt())?) else {
            continue;
        };
        *excluded.by_reason.entry(*reason).or_default() += 1;
        *excluded
            .by_class
            .entry(EvidenceClass::parse(&class).ok_or_else(corrupt)?)
            .or_default() += 1;
    }
    Ok(excluded)
}

fn read(conn: &mut Conn, id: EvaluationId, number: Option<i32>) -> Result<Vec<Proposal>, StoreError> {
    type Row = (i32, String, String, String, String, i64);
    let mut query = exclusion_proposal::table
        .filter(exclusion_proposal::evaluation_id.eq(id.to_string()))
        .order(exclusion_proposal::number.desc())
        .select((
            exclusion_proposal::number,
            exclusion_proposal::kind,
            exclusion_proposal::reason,
            exclusion_proposal::explanation,
            exclusion_proposal::proposed_by,
            exclusion_proposal::at_ms,
        ))
        .into_boxed();
    if let Some(number) = number {
        query = query.filter(exclusion_proposal::number.eq(number));
    }
    let rows: Vec<Row> = query.load(conn)?;
    rows.into_iter()
        .map(|(number, kind, reason, explanation, by, at_ms)| {
            let corrupt = || StoreError::Corrupt(format!("exclusion {number} of {id}"));
            let items: Vec<String> = exclusion_item::table
                .filter(exclusion_item::evaluation_id.eq(id.to_string()))
                .filter(exclusion_item::number.eq(number))
                .order(exclusion_item::response_id)
                .select(exclusion_item::response_id)
                .load(conn)?;
            let responses: Result<Vec<ResponseId>, _> = items.iter().map(|item| item.parse()).collect();
            Ok(Proposal {
                number,
                kind: Kind::parse(&kind).ok_or_else(corrupt)?,
                reason: Reason::parse(&reason).ok_or_else(corrupt)?,
                explanation,
                proposed_by: by.parse().map_err(|_| corrupt())?,
                at_ms,
                responses: responses.map_err(|_| corrupt())?,
                decided: decided(conn, id, number)?,
            })
        })
        .collect()
}

fn decided(conn: &mut Conn, id: EvaluationId, number: i32) -> Result<Option<Decided>, StoreError> {
    type Row = (String, i64, String, (String, String), (String, String));
    let row: Option<Row> = exclusion_decision::table
        .find((id.to_string(), number))
        .select((
            exclusion_decision::decided_by,
            exclusion_decision::at_ms,
            exclusion_decision::explanation,
            (exclusion_decision::s_before, exclusion_decision::s_face_before),
            (exclusion_decision::s_after, exclusion_decision::s_face_after),
        ))
        .first(conn)
        .optional()?;
    let Some((by, at_ms, explanation, before, after)) = row else {
        return Ok(None);
    };
    let corrupt = || StoreError::Corrupt(format!("decision about exclusion {number} of {id}"));
    let scored = |(all, face): (String, String)| {
        let sums = points(&all).zip(points(&face));
        sums.map(|(all, face)| Scored { all, face }).ok_or_else(corrupt)
    };
    let approved: Vec<String> = exclusion_verdict::table
        .filter(exclusion_verdict::evaluation_id.eq(id.to_string()))
        .filter(exclusion_verdict::number.eq(number))
        .filter(exclusion_verdict::approved.eq(true))
        .order(exclusion_verdict::response_id)
        .select(exclusion_verdict::response_id)
        .load(conn)?;
    let approved: Result<Vec<ResponseId>, _> = approved.iter().map(|one| one.parse()).collect();
    Ok(Some(Decided {
        by: by.parse().map_err(|_| corrupt())?,
        at_ms,
        explanation,
        approved: approved.map_err(|_| corrupt())?,
        before: scored(before)?,
        after: scored(after)?,
    }))
}
