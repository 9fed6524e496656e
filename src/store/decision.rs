//! Decisions: proposed, reviewed, signed; sealed afterwards.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::catalogue::Catalogue;
use super::conn::Conn;
use super::grading::{Act, GradingError, day, hold_open, log, person, record};
use super::schema::evaluation;
use super::schema_grading::{decision, decision_signature};
use super::tables::JUDGED;
use super::{StoreError, WriteTx, audit, certificate, conflict, fact, scoring, seal};
use crate::grading::fact::{name_of, named};
use crate::grading::ruling::{Decision, Place, Proposal, Ruling, Signature};
use crate::survey::form::Problem;
use crate::survey::id::{EvaluationId, OrganisationId, PersonId};

/// Action of a decision's second signature.
pub(super) const DECISION_SIGNED: &str = "decision.signed";

/// A proposal with the case it was made on, by the hash that its page showed.
#[derive(Debug, Clone)]
pub struct NewDecision {
    /// What is proposed.
    pub proposal: Proposal,
    /// SHA-256 of the graded case.
    pub input_hash: String,
    /// The star that the rules recommend.
    pub recommended: u8,
    /// The day of the decision: the end of every window.
    pub decided_on: NaiveDate,
}

/// Records a proposal; an earlier one that nobody has signed is superseded.
///
/// # Errors
/// [`GradingError::Refused`] once a decision is signed, while something stands in the way, or when the case has changed.
pub fn propose(
    tx: &mut WriteTx<'_>,
    catalogue: &Catalogue,
    id: EvaluationId,
    new: &NewDecision,
    (who, at_ms): Act,
) -> Result<(), GradingError> {
    hold_open(tx, id)?;
    let record = record(tx.conn, catalogue, id)?;
    let compiled = record.compile(new.decided_on);
    let evidence = compiled.evidence.filter(|_| compiled.obstacles.is_empty());
    let evidence = evidence.ok_or_else(|| GradingError::refused("ruling", Problem::NotReady))?;
    let (input, input_hash) = record.input(&evidence);
    if input_hash != new.input_hash {
        return Err(GradingError::refused("", Problem::Changed));
    }
    let version = latest(tx.conn, id)?.map_or(0, |last| last.version) + 1;
    let Proposal {
        ruling,
        reason_code,
        reason,
    } = &new.proposal;
    let row = (
        decision::evaluation_id.eq(id.to_string()),
        decision::version.eq(version),
        decision::input.eq(&input),
        decision::input_hash.eq(&input_hash),
        decision::ruling.eq(ruling.as_str()),
        decision::stars.eq(ruling.star().map(i32::from)),
        decision::recommended.eq(i32::from(new.recommended)),
        decision::reason_code.eq(reason_code.as_ref().map(name_of)),
        decision::reason.eq(reason),
        decision::decided_on.eq(new.decided_on.to_string()),
        decision::proposed_by.eq(who.to_string()),
        decision::at_ms.eq(at_ms),
    );
    diesel::insert_into(decision::table).values(row).execute(tx.conn)?;
    let data = serde_json::json!({
        "ruling": ruling.code(), "recommended": new.recommended, "reason": reason, "input": input_hash,
    });
    Ok(log(
        tx,
        id,
        (who, at_ms),
        ("decision.proposed", &version.to_string()),
        &data,
    )?)
}

/// Records a signature, or the refusal of one. The second one carries the decision out in the same transaction.
///
/// # Errors
/// [`GradingError::Refused`] for who took part in the evaluation, proposed, or signed already; out of order; for a case
/// or a version that has changed since; for a step that the certificate does not know.
pub fn sign(
    tx: &mut WriteTx<'_>,
    catalogue: &Catalogue,
    id: EvaluationId,
    (version, place): (i32, Place),
    (approves, remark): (bool, &str),
    (who, at_ms): Act,
) -> Result<(), GradingError> {
    hold_open(tx, id)?;
    let refuse = |problem| GradingError::refused("approves", problem);
    let decision = latest(tx.conn, id)?.filter(|latest| latest.version == version);
    let decision = decision.ok_or_else(|| refuse(Problem::Changed))?;
    let conflicts = conflict::list(tx.conn, id)?;
    if conflicts
        .iter()
        .any(|declared| declared.person == who && declared.conflicted)
    {
        return Err(refuse(Problem::Conflicted));
    }
    let record = record(tx.conn, catalogue, id)?;
    let evidence = record.compile(decision.decided_on).evidence;
    let hash = evidence.map(|evidence| record.input(&evidence).1).unwrap_or_default();
    let worked = workers(tx.conn, id)?;
    if let Some(problem) = decision.refuses(place, who, &worked, &hash) {
        return Err(refuse(problem));
    }
    let row = (
        decision_signature::evaluation_id.eq(id.to_string()),
        decision_signature::version.eq(version),
        decision_signature::place.eq(name_of(&place)),
        decision_signature::proposed_by.eq(decision.proposed_by.to_string()),
        decision_signature::approves.eq(approves),
        decision_signature::remark.eq(remark),
        decision_signature::signed_by.eq(who.to_string()),
        decision_signature::at_ms.eq(at_ms),
    );
    diesel::insert_into(decision_signature::table)
        .values(row)
        .execute(tx.conn)?;
    let action = match (approves, place) {
        (false, _) => "decision.returned",
        (true, Place::Review) => "decision.reviewed",
        (true, Place::Signature) => DECISION_SIGNED,
    };
    let mut data = serde_json::json!({"input": decision.input_hash, "remark": remark});
    if action == DECISION_SIGNED && decision.proposal.ruling != Ruling::Hold {
        // What this signature closes is bound by it, row by row.
        data = serde_json::json!({
            "input": decision.input_hash, "remark": remark, "tables": seal::digest(tx.conn, id, JUDGED)?,
        });
    }
    log(tx, id, (who, at_ms), (action, &version.to_string()), &data)?;
    if approves && place == Place::Signature {
        certificate::carry_out(tx, id, &decision, (who, at_ms))?;
    }
    Ok(())
}

/// Everybody who took part in an evaluation's case: they scored, audited, entered facts or proposed.
fn workers(conn: &mut Conn, id: EvaluationId) -> Result<Vec<PersonId>, StoreError> {
    let proposed: Vec<String> = decision::table
        .filter(decision::evaluation_id.eq(id.to_string()))
        .select(decision::proposed_by)
        .load(conn)?;
    let mut workers: Vec<PersonId> = proposed.iter().map(|id| person(id)).collect::<Result<_, _>>()?;
    workers.extend(scoring::workers(conn, id)?);
    workers.extend(audit::workers(conn, id)?);
    workers.extend(fact::workers(conn, id)?);
    Ok(workers)
}

/// The latest decision of an evaluation with its signatures.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn latest(conn: &mut Conn, id: EvaluationId) -> Result<Option<Decision>, StoreError> {
    type Row = (
        i32,
        String,
        String,
        String,
        Option<i32>,
        i32,
        Option<String>,
        String,
        String,
        String,
        i64,
    );
    let row: Option<Row> = decision::table
        .filter(decision::evaluation_id.eq(id.to_string()))
        .order(decision::version.desc())
        .select((
            decision::version,
            decision::input,
            decision::input_hash,
            decision::ruling,
            decision::stars,
            decision::recommended,
            decision::reason_code,
            decision::reason,
            decision::decided_on,
            decision::proposed_by,
            decision::at_ms,
        ))
        .first(conn)
        .optional()?;
    let Some((version, input, input_hash, ruling, star, recommended, code, reason, decided_on, proposed_by, at_ms)) =
        row
    else {
        return Ok(None);
    };
    let corrupt = || StoreError::Corrupt(format!("decision {version} of {id}"));
    let star = star.map(u8::try_from).transpose().map_err(|_| corrupt())?;
    let code = code.map(|code| named(&code).ok_or_else(corrupt)).transpose()?;
    Ok(Some(Decision {
        version,
        input,
        input_hash,
        proposal: Proposal {
            ruling: Ruling::parse(&ruling, star).ok_or_else(corrupt)?,
            reason_code: code,
            reason,
        },
        recommended: u8::try_from(recommended).map_err(|_| corrupt())?,
        decided_on: day(&decided_on)?,
        proposed_by: person(&proposed_by)?,
        at_ms,
        signatures: signatures(conn, id, version)?,
    }))
}

fn signatures(conn: &mut Conn, id: EvaluationId, version: i32) -> Result<Vec<Signature>, StoreError> {
    type Row = (String, bool, String, String, i64);
    let rows: Vec<Row> = decision_signature::table
        .filter(decision_signature::evaluation_id.eq(id.to_string()))
        .filter(decision_signature::version.eq(version))
        .order((decision_signature::at_ms, decision_signature::place))
        .select((
            decision_signature::place,
            decision_signature::approves,
            decision_signature::remark,
            decision_signature::signed_by,
            decision_signature::at_ms,
        ))
        .load(conn)?;
    let read = |(place, approves, remark, by, at_ms): Row| {
        Ok(Signature {
            place: named(&place).ok_or(StoreError::Corrupt(place))?,
            approves,
            remark,
            by: person(&by)?,
            at_ms,
        })
    };
    rows.into_iter().map(read).collect()
}

/// A decided evaluation of an organisation.
#[derive(Debug, Clone)]
pub struct Past {
    /// The evaluation.
    pub evaluation: EvaluationId,
    /// First day on site.
    pub onsite: NaiveDate,
    /// The signed decision.
    pub decision: Decision,
}

/// The decided evaluations of an organisation, the latest on-site day first.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn past(conn: &mut Conn, organisation: OrganisationId) -> Result<Vec<Past>, StoreError> {
    let ids: Vec<String> = evaluation::table
        .filter(evaluation::organisation_id.eq(organisation.to_string()))
        .select(evaluation::id)
        .load(conn)?;
    let mut past = Vec::new();
    for id in ids {
        let corrupt = || StoreError::Corrupt(format!("evaluation {id}"));
        let evaluation: EvaluationId = id.parse().map_err(|_| corrupt())?;
        let Some(decision) = latest(conn, evaluation)?.filter(Decision::is_sealed) else {
            continue;
        };
        let input: serde_json::Value = serde_json::from_str(&decision.input).map_err(|_| corrupt())?;
        let onsite = input
            .get("onsite_date")
            .and_then(|day| day.as_str())
            .ok_or_else(corrupt)?;
        past.push(Past {
            evaluation,
            onsite: day(onsite)?,
            decision,
        });
    }
    past.sort_by_key(|past| std::cmp::Reverse(past.onsite));
    Ok(past)
}
