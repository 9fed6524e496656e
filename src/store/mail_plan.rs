//! Who is written to when: proposed by the manager, approved by another person above a number of recipients.

use diesel::prelude::*;

use super::conn::{Conn, per_backend};
use super::schema_mail::{mail_halt, mail_plan};
use super::{StoreError, WriteTx, event};
use crate::survey::id::{EvaluationId, PersonId};
use crate::survey::invitation::Schedule;

/// A plan as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailPlan {
    /// Number among the plans of its evaluation, from 1.
    pub version: i32,
    /// When letters go out.
    pub schedule: Schedule,
    /// Persons it was proposed for.
    pub recipients: i64,
    /// `None` while it waits; else whether it was approved.
    pub approved: Option<bool>,
    /// Who proposed it.
    pub proposed_by: PersonId,
    /// When, Unix ms.
    pub proposed_at_ms: i64,
    /// Who decided, where somebody had to.
    pub decided_by: Option<PersonId>,
}

type Row = (i32, String, i32, i32, String, i64, String, String, i64, Option<String>);

fn read(evaluation: EvaluationId, row: Row) -> Result<MailPlan, StoreError> {
    let (version, first_on, from, to, gaps, recipients, state, by, proposed_at_ms, decided_by) = row;
    let corrupt = || StoreError::Corrupt(format!("mail plan {version} of {evaluation}"));
    Ok(MailPlan {
        version,
        schedule: Schedule::stored(&first_on, from, to, &gaps).ok_or_else(corrupt)?,
        recipients,
        approved: match state.as_str() {
            "proposed" => None,
            state => Some(state == "approved"),
        },
        proposed_by: by.parse().map_err(|_| corrupt())?,
        proposed_at_ms,
        decided_by: decided_by.and_then(|text| text.parse().ok()),
    })
}

/// Plans of one evaluation that are read at once; more than anybody proposes.
const PLANS_MAX: i64 = 500;

/// The latest first.
fn list(conn: &mut Conn, evaluation: EvaluationId) -> Result<Vec<MailPlan>, StoreError> {
    let rows: Vec<Row> = mail_plan::table
        .filter(mail_plan::evaluation_id.eq(evaluation.to_string()))
        .order(mail_plan::version.desc())
        .select((
            mail_plan::version,
            mail_plan::first_on,
            mail_plan::from_hour,
            mail_plan::to_hour,
            mail_plan::gaps,
            mail_plan::recipients,
            mail_plan::state,
            mail_plan::proposed_by,
            mail_plan::proposed_at_ms,
            mail_plan::decided_by,
        ))
        .limit(PLANS_MAX)
        .load(conn)?;
    rows.into_iter().map(|row| read(evaluation, row)).collect()
}

/// The latest plan.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn latest(conn: &mut Conn, evaluation: EvaluationId) -> Result<Option<MailPlan>, StoreError> {
    Ok(list(conn, evaluation)?.into_iter().next())
}

/// The latest plan that was approved or needed no approval.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn approved(conn: &mut Conn, evaluation: EvaluationId) -> Result<Option<MailPlan>, StoreError> {
    Ok(list(conn, evaluation)?
        .into_iter()
        .find(|plan| plan.approved == Some(true)))
}

/// Stores a proposal; returns its number. `waits`: somebody else must approve it.
///
/// # Errors
/// [`StoreError::Database`].
pub fn propose(
    tx: &mut WriteTx<'_>,
    evaluation: EvaluationId,
    (schedule, recipients): (&Schedule, i64),
    waits: bool,
    (by, now_ms): (PersonId, i64),
) -> Result<i32, StoreError> {
    // Two who propose at once take numbers one after the other.
    event::lock_chain(tx.conn, evaluation)?;
    let version = latest(tx.conn, evaluation)?.map_or(1, |plan| plan.version + 1);
    let (from_hour, to_hour) = schedule.hours();
    let row = (
        mail_plan::evaluation_id.eq(evaluation.to_string()),
        mail_plan::version.eq(version),
        mail_plan::first_on.eq(schedule.first_on().to_string()),
        mail_plan::from_hour.eq(i32::from(from_hour)),
        mail_plan::to_hour.eq(i32::from(to_hour)),
        mail_plan::gaps.eq(schedule.gaps_text()),
        mail_plan::recipients.eq(recipients),
        mail_plan::state.eq(if waits { "proposed" } else { "approved" }),
        mail_plan::proposed_by.eq(by.to_string()),
        mail_plan::proposed_at_ms.eq(now_ms),
    );
    diesel::insert_into(mail_plan::table).values(row).execute(tx.conn)?;
    Ok(version)
}

/// Decides a plan that waits; `false` when it no longer does, or by its own proposer.
///
/// # Errors
/// [`StoreError::Database`].
pub fn decide(
    tx: &mut WriteTx<'_>,
    evaluation: EvaluationId,
    version: i32,
    approves: bool,
    (by, now_ms): (PersonId, i64),
) -> Result<bool, StoreError> {
    let waiting = mail_plan::table
        .find((evaluation.to_string(), version))
        .filter(mail_plan::state.eq("proposed"))
        .filter(mail_plan::proposed_by.ne(by.to_string()));
    let set = (
        mail_plan::state.eq(if approves { "approved" } else { "refused" }),
        mail_plan::decided_by.eq(by.to_string()),
        mail_plan::decided_at_ms.eq(now_ms),
    );
    Ok(diesel::update(waiting).set(set).execute(tx.conn)? == 1)
}

/// Stops the letters of an evaluation at once; `false` when they were stopped.
///
/// # Errors
/// [`StoreError::Database`].
pub fn halt(tx: &mut WriteTx<'_>, evaluation: EvaluationId, now_ms: i64) -> Result<bool, StoreError> {
    let row = (
        mail_halt::evaluation_id.eq(evaluation.to_string()),
        mail_halt::at_ms.eq(now_ms),
    );
    let halted = per_backend!(&mut *tx.conn, |c| diesel::insert_into(mail_halt::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(halted == 1)
}

/// Lets the letters of an evaluation go on.
///
/// # Errors
/// [`StoreError::Database`].
pub fn resume(tx: &mut WriteTx<'_>, evaluation: EvaluationId) -> Result<bool, StoreError> {
    Ok(diesel::delete(mail_halt::table.find(evaluation.to_string())).execute(tx.conn)? == 1)
}

/// Since when the letters of an evaluation are stopped, Unix ms.
///
/// # Errors
/// [`StoreError::Database`].
pub fn halted(conn: &mut Conn, evaluation: EvaluationId) -> Result<Option<i64>, StoreError> {
    Ok(mail_halt::table
        .find(evaluation.to_string())
        .select(mail_halt::at_ms)
        .first(conn)
        .optional()?)
}
