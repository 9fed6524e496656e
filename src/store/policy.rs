//! What the scheme owner settled: proposed by one, confirmed by another, in force for evaluations opened afterwards.

use diesel::prelude::*;

use super::conn::Conn;
use super::grading::{Act, GradingError, person};
use super::schema_policy::{evaluation_policy, policy_answer, policy_proposal};
use super::{StoreError, WriteTx, evaluation, event};
use crate::grading::policy::{Policy, Settled};
use crate::survey::evaluation::EvaluationState;
use crate::survey::event::Event;
use crate::survey::form::Problem;
use crate::survey::id::{EvaluationId, PersonId};

/// Proposals that are listed.
const HISTORY_MAX: i64 = 200;

/// What was proposed, and what became of it.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// Running number, from 1.
    pub number: i32,
    /// Every setting as proposed.
    pub policy: Policy,
    /// Why.
    pub reason: String,
    /// By whom.
    pub proposed_by: PersonId,
    /// When, Unix ms.
    pub at_ms: i64,
    /// What another person said.
    pub answer: Option<Answer>,
}

/// What another person said of a proposal.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The version it became; nothing where it was refused.
    pub version: Option<i32>,
    /// Why refused.
    pub remark: String,
    /// Who.
    pub answered_by: PersonId,
    /// When, Unix ms.
    pub at_ms: i64,
}

/// The settings in force now.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn current(conn: &mut Conn) -> Result<Settled, StoreError> {
    let last: Option<i32> = policy_answer::table
        .select(diesel::dsl::max(policy_answer::version))
        .first(conn)?;
    settled(conn, last)
}

/// The settings by which an evaluation is judged: those in force when it was opened, before that those in force now.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn of(conn: &mut Conn, id: EvaluationId) -> Result<Settled, StoreError> {
    let bound: Option<i32> = evaluation_policy::table
        .find(id.to_string())
        .select(evaluation_policy::version)
        .first(conn)
        .optional()?;
    match bound {
        None if evaluation::state(conn, id)?.is_none_or(|state| state < EvaluationState::Open) => current(conn),
        bound => settled(conn, bound),
    }
}

fn settled(conn: &mut Conn, version: Option<i32>) -> Result<Settled, StoreError> {
    let Some(version) = version else {
        return Ok(Settled::default());
    };
    let settings: String = policy_answer::table
        .inner_join(policy_proposal::table.on(policy_proposal::number.eq(policy_answer::number)))
        .filter(policy_answer::version.eq(version))
        .select(policy_proposal::settings)
        .first(conn)?;
    let policy = policy(&settings)?;
    Ok(Settled { version, policy })
}

fn policy(settings: &str) -> Result<Policy, StoreError> {
    Policy::from_json(settings).map_err(|error| StoreError::Corrupt(format!("policy: {error}")))
}

/// Binds an evaluation that is being opened to the settings in force; their version.
pub(super) fn bind(tx: &mut WriteTx<'_>, id: EvaluationId) -> Result<i32, StoreError> {
    let Settled { version, .. } = current(tx.conn)?;
    if version > 0 {
        let row = (
            evaluation_policy::evaluation_id.eq(id.to_string()),
            evaluation_policy::version.eq(version),
        );
        diesel::insert_into(evaluation_policy::table)
            .values(row)
            .execute(tx.conn)?;
    }
    Ok(version)
}

/// What was proposed, the latest first.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn history(conn: &mut Conn) -> Result<Vec<Proposal>, StoreError> {
    type Said = (Option<i32>, String, String, i64);
    type Row = (i32, String, String, String, i64, Option<Said>);
    let rows: Vec<Row> = policy_proposal::table
        .left_join(policy_answer::table.on(policy_answer::number.eq(policy_proposal::number)))
        .order(policy_proposal::number.desc())
        .limit(HISTORY_MAX)
        .select((
            policy_proposal::number,
            policy_proposal::settings,
            policy_proposal::reason,
            policy_proposal::proposed_by,
            policy_proposal::at_ms,
            (
                policy_answer::version,
                policy_answer::remark,
                policy_answer::answered_by,
                policy_answer::at_ms,
            )
                .nullable(),
        ))
        .load(conn)?;
    let answer = |(version, remark, by, at_ms): Said| -> Result<Answer, StoreError> {
        Ok(Answer {
            version,
            remark,
            answered_by: person(&by)?,
            at_ms,
        })
    };
    let read = |(number, settings, reason, by, at_ms, said): Row| -> Result<Proposal, StoreError> {
        Ok(Proposal {
            number,
            policy: policy(&settings)?,
            reason,
            proposed_by: person(&by)?,
            at_ms,
            answer: said.map(answer).transpose()?,
        })
    };
    rows.into_iter().map(read).collect()
}

/// Proposes settings. One proposal waits at a time: a newer one takes the place of one that nobody has answered.
///
/// # Errors
/// [`GradingError::Refused`] when they are those in force.
pub fn propose(tx: &mut WriteTx<'_>, new: &Policy, reason: &str, (who, at_ms): Act) -> Result<(), GradingError> {
    event::lock_office_chain(tx.conn)?;
    if current(tx.conn)?.policy == *new {
        return Err(GradingError::refused("reason", Problem::Unchanged));
    }
    let last: Option<i32> = policy_proposal::table
        .select(diesel::dsl::max(policy_proposal::number))
        .first(tx.conn)?;
    let number = last.unwrap_or(0) + 1;
    let row = (
        policy_proposal::number.eq(number),
        policy_proposal::settings.eq(new.to_json()),
        policy_proposal::reason.eq(reason),
        policy_proposal::proposed_by.eq(who.to_string()),
        policy_proposal::at_ms.eq(at_ms),
    );
    diesel::insert_into(policy_proposal::table)
        .values(row)
        .execute(tx.conn)?;
    let data = serde_json::json!({"settings": new, "reason": reason});
    Ok(log(tx, (who, at_ms), ("policy.proposed", number), &data)?)
}

/// Confirms the proposal that waits, by its number, or refuses it.
///
/// # Errors
/// [`GradingError::Refused`] for who proposed it, and when another proposal is there than the one that was seen.
pub fn answer(
    tx: &mut WriteTx<'_>,
    number: i32,
    (agrees, remark): (bool, &str),
    (who, at_ms): Act,
) -> Result<(), GradingError> {
    event::lock_office_chain(tx.conn)?;
    let waiting = history(tx.conn)?.into_iter().next();
    let waiting = waiting.filter(|latest| latest.number == number && latest.answer.is_none());
    let waiting = waiting.ok_or_else(|| GradingError::refused("approves", Problem::Changed))?;
    if waiting.proposed_by == who {
        return Err(GradingError::refused("approves", Problem::OwnWork));
    }
    let version = match agrees {
        true => Some(current(tx.conn)?.version + 1),
        false => None,
    };
    let row = (
        policy_answer::number.eq(number),
        policy_answer::proposed_by.eq(waiting.proposed_by.to_string()),
        policy_answer::version.eq(version),
        policy_answer::remark.eq(remark),
        policy_answer::answered_by.eq(who.to_string()),
        policy_answer::at_ms.eq(at_ms),
    );
    diesel::insert_into(policy_answer::table).values(row).execute(tx.conn)?;
    let action = match agrees {
        true => "policy.confirmed",
        false => "policy.refused",
    };
    let data = serde_json::json!({"settings": waiting.policy, "version": version, "remark": remark});
    Ok(log(tx, (who, at_ms), (action, number), &data)?)
}

fn log(
    tx: &mut WriteTx<'_>,
    (who, at_ms): Act,
    (action, number): (&str, i32),
    data: &serde_json::Value,
) -> Result<(), StoreError> {
    let happened = Event {
        at_ms,
        actor: who.to_string(),
        action: action.to_owned(),
        object: number.to_string(),
        data: data.to_string(),
    };
    event::append_office(tx, &happened)
}
