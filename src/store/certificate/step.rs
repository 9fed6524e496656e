//! Steps of a certificate: by a signed decision, or proposed by one person and signed by another.

use chrono::{Datelike, NaiveDate};
use diesel::prelude::*;

use super::{Act, GradingError, Held};
use crate::grading::agenda::{Duty, agenda};
use crate::grading::certificate::{Certificate, Decision, Granted, Proposal, Reason, Step};
use crate::grading::fact::{name_of, named};
use crate::grading::policy::Policy;
use crate::grading::ruling::{self, Ruling};
use crate::store::conn::Conn;
use crate::store::grading::{about, day, log, person};
use crate::store::schema_grading::{certificate, certificate_proposal, certificate_step};
use crate::store::{StoreError, WriteTx, event, notice, policy};
use crate::survey::evaluation::Mode;
use crate::survey::form::Problem;
use crate::survey::id::{EvaluationId, OrganisationId, PersonId};

/// What the numbers of certificates begin with: the rule they were granted by.
const PREFIX: &str = "ZY06";

/// Carries out a decision that was just signed.
///
/// # Errors
/// [`GradingError::Refused`] when the certificate knows no such step.
pub fn carry_out(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    decision: &ruling::Decision,
    (who, at_ms): Act,
) -> Result<(), GradingError> {
    let (organisation, mode, scope) = about(tx.conn, id)?;
    let held = super::held(tx.conn, organisation)?;
    let on = decision.decided_on;
    let words = match decision.proposal.reason.as_str() {
        "" => decision.input_hash.clone(),
        reason => format!("{reason} ({})", decision.input_hash),
    };
    let new = |step, reason| NewStep {
        step,
        reason,
        star: decision.proposal.ruling.star(),
        recommended: Some(decision.recommended),
        on,
        evidence: words.clone(),
        proposed_by: decision.proposed_by,
    };
    match (decision.proposal.ruling, held) {
        (Ruling::Grant(_), None) => {
            let applied = Certificate::applied(on);
            let policy = policy::of(tx.conn, id)?.policy;
            let accepted = NewStep {
                star: None,
                ..new(Step::Evaluate, Reason::ApplicationAccepted)
            };
            let evaluating = take(&applied, &accepted, who, &policy)?.certificate;
            let grant = new(Step::Grant, Reason::ResultSupportsStar);
            let granted = take(&evaluating, &grant, who, &policy)?.certificate;
            let row = granted.granted().ok_or_else(|| refused(Problem::NotPossible))?;
            let number = insert(tx, (id, organisation, &scope), (row, on), None)?;
            push_step(tx, (id, &number, 1), &grant, granted, (who, at_ms))?;
            remind(tx, organisation, &number, (granted, &policy))
        }
        (Ruling::Refuse | Ruling::Hold, _) => Ok(()),
        (Ruling::Grant(_), Some(held)) if Mode::parse(&mode) == Some(Mode::Recertification) => {
            let renewed = new(Step::Renew, Reason::ResultSupportsStar);
            follow(tx, &held, &renewed, Some((id, &scope)), (who, at_ms))
        }
        // One certificate at a time; the case names this obstacle long before.
        (Ruling::Grant(_), Some(_)) => Err(refused(Problem::NotPossible)),
        (Ruling::Maintain, Some(held)) => remind(tx, organisation, &held.number, (held.certificate, &held.policy)),
        (ruling, Some(held)) => {
            let step = ruling.step().ok_or_else(|| refused(Problem::NotPossible))?;
            let reason = decision
                .proposal
                .reason_code
                .ok_or_else(|| refused(Problem::NotPossible))?;
            follow(tx, &held, &new(step, reason), None, (who, at_ms))
        }
        (_, None) => Err(refused(Problem::NotPossible)),
    }
}

/// A step to be taken.
#[derive(Debug, Clone)]
pub struct NewStep {
    /// Which.
    pub step: Step,
    /// Why.
    pub reason: Reason,
    /// The star granted or reissued.
    pub star: Option<u8>,
    /// The star that the rules recommend.
    pub recommended: Option<u8>,
    /// From when on.
    pub on: NaiveDate,
    /// What it rests on.
    pub evidence: String,
    /// Who proposed it.
    pub proposed_by: PersonId,
}

fn refused(problem: Problem) -> GradingError {
    GradingError::refused("approves", problem)
}

fn take(
    from: &Certificate,
    new: &NewStep,
    signed_by: PersonId,
    policy: &Policy,
) -> Result<crate::grading::certificate::Taken, GradingError> {
    let (proposed_by, signed_by) = (new.proposed_by.to_string(), signed_by.to_string());
    let proposal = Proposal {
        step: new.step,
        reason: new.reason,
        star: new.star,
        recommended: new.recommended,
        on: new.on,
        evidence: &new.evidence,
        proposed_by: &proposed_by,
        signed_by: &signed_by,
    };
    let decision = Decision::new(&proposal).map_err(|_| refused(Problem::NotPossible))?;
    from.take(&decision, policy).map_err(|_| refused(Problem::NotPossible))
}

/// Takes a step of a certificate that is there, its successor and notices included. A renewal rests on an evaluation of its
/// own, with the scope and the settings of that; everything else happens to what was granted once.
fn follow(
    tx: &mut WriteTx<'_>,
    held: &Held,
    new: &NewStep,
    renewal: Option<(EvaluationId, &str)>,
    (who, at_ms): Act,
) -> Result<(), GradingError> {
    let policy = match renewal {
        Some((evaluation, _)) => policy::of(tx.conn, evaluation)?.policy,
        None => held.policy,
    };
    let taken = take(&held.certificate, new, who, &policy)?;
    let seq = i32::try_from(held.steps.len()).unwrap_or(i32::MAX) + 1;
    push_step(
        tx,
        (held.evaluation, &held.number, seq),
        new,
        taken.certificate,
        (who, at_ms),
    )?;
    if let Some((successor, row)) = taken.successor.and_then(|next| Some((next, next.granted()?))) {
        notice::void_reminders(tx, &held.number)?;
        let (evaluation, scope) = renewal.unwrap_or((held.evaluation, held.scope.as_str()));
        let place = (evaluation, held.organisation, scope);
        let number = insert(tx, place, (row, new.on), Some(&held.number))?;
        push_step(tx, (evaluation, &number, 1), new, successor, (who, at_ms))?;
        return remind(tx, held.organisation, &number, (successor, &policy));
    }
    if taken.certificate.state().is_final() {
        notice::void_reminders(tx, &held.number)?;
    }
    Ok(())
}

fn insert(
    tx: &mut WriteTx<'_>,
    (evaluation, organisation, scope): (EvaluationId, OrganisationId, &str),
    (granted, on): (Granted, NaiveDate),
    replaces: Option<&str>,
) -> Result<String, GradingError> {
    // Numbers run through all evaluations: two nodes must not take the same one.
    event::lock_office_chain(tx.conn)?;
    let year = format!("{PREFIX}-{}-", on.year());
    let there: i64 = certificate::table
        .filter(certificate::number.like(format!("{year}%")))
        .count()
        .get_result(tx.conn)?;
    let number = format!("{year}{:04}", there + 1);
    let row = (
        certificate::number.eq(&number),
        certificate::organisation_id.eq(organisation.to_string()),
        certificate::evaluation_id.eq(evaluation.to_string()),
        certificate::scope.eq(scope),
        certificate::stars.eq(i32::from(granted.star)),
        certificate::issued_on.eq(on.to_string()),
        certificate::last_day.eq(granted.last_day.to_string()),
        certificate::replaces.eq(replaces),
    );
    diesel::insert_into(certificate::table).values(row).execute(tx.conn)?;
    Ok(number)
}

fn push_step(
    tx: &mut WriteTx<'_>,
    (evaluation, number, seq): (EvaluationId, &str, i32),
    new: &NewStep,
    after: Certificate,
    (who, at_ms): Act,
) -> Result<(), GradingError> {
    let step = name_of(&new.step);
    let row = (
        certificate_step::number.eq(number),
        certificate_step::seq.eq(seq),
        certificate_step::step.eq(&step),
        certificate_step::reason.eq(name_of(&new.reason)),
        certificate_step::state.eq(name_of(&after.state())),
        certificate_step::since.eq(after.since().to_string()),
        certificate_step::evidence.eq(&new.evidence),
        certificate_step::proposed_by.eq(new.proposed_by.to_string()),
        certificate_step::signed_by.eq(who.to_string()),
        certificate_step::at_ms.eq(at_ms),
    );
    diesel::insert_into(certificate_step::table)
        .values(row)
        .execute(tx.conn)?;
    notice::put(tx, number, &format!("step:{step}"), new.on)?;
    let data = serde_json::json!({
        "state": name_of(&after.state()), "reason": name_of(&new.reason), "evidence": new.evidence,
        "proposed_by": new.proposed_by.to_string(), "star": after.granted().map(|granted| granted.star),
    });
    Ok(log(
        tx,
        evaluation,
        (who, at_ms),
        (&format!("certificate.{step}"), number),
        &data,
    )?)
}

/// Reminders of the next yearly evaluation in place of those of the last.
fn remind(
    tx: &mut WriteTx<'_>,
    organisation: OrganisationId,
    number: &str,
    (certificate, policy): (Certificate, &Policy),
) -> Result<(), GradingError> {
    notice::void_reminders(tx, number)?;
    let Some(onsite) = super::last_onsite(tx.conn, organisation)? else {
        return Ok(());
    };
    for (on, duty) in agenda(&certificate, onsite, &[], policy) {
        if let Duty::Remind(days) = duty {
            notice::put(tx, number, &notice::reminder(days), on)?;
        }
    }
    Ok(())
}

/// A step that waits for its second signature.
#[derive(Debug, Clone)]
pub struct Proposed {
    /// Version among the proposals of this place.
    pub version: i32,
    /// What is proposed.
    pub new: NewStep,
}

/// Proposes a step outside an evaluation: overdue, the holder's wish, a cause removed or not, the end of the term.
///
/// # Errors
/// [`GradingError::Refused`] when the certificate knows no such step from where it stands.
pub fn propose(tx: &mut WriteTx<'_>, held: &Held, new: &NewStep, at_ms: i64) -> Result<(), GradingError> {
    // Whether it is possible does not depend on who signs, as long as it is somebody else.
    let somebody = PersonId::from_random([0; 16]);
    take(&held.certificate, new, somebody, &held.policy)
        .map_err(|_| GradingError::refused("step", Problem::NotPossible))?;
    let seq = i32::try_from(held.steps.len()).unwrap_or(i32::MAX) + 1;
    let last: Option<i32> = certificate_proposal::table
        .filter(certificate_proposal::number.eq(&held.number))
        .filter(certificate_proposal::seq.eq(seq))
        .select(diesel::dsl::max(certificate_proposal::version))
        .first(tx.conn)?;
    let step = name_of(&new.step);
    let row = (
        certificate_proposal::number.eq(&held.number),
        certificate_proposal::seq.eq(seq),
        certificate_proposal::version.eq(last.unwrap_or(0) + 1),
        certificate_proposal::step.eq(&step),
        certificate_proposal::reason.eq(name_of(&new.reason)),
        certificate_proposal::takes_effect_on.eq(new.on.to_string()),
        certificate_proposal::evidence.eq(&new.evidence),
        certificate_proposal::proposed_by.eq(new.proposed_by.to_string()),
        certificate_proposal::at_ms.eq(at_ms),
    );
    diesel::insert_into(certificate_proposal::table)
        .values(row)
        .execute(tx.conn)?;
    let data = serde_json::json!({"step": step, "reason": name_of(&new.reason), "evidence": new.evidence});
    let act = (new.proposed_by, at_ms);
    Ok(log(
        tx,
        held.evaluation,
        act,
        ("certificate.step_proposed", &held.number),
        &data,
    )?)
}

/// The proposal that waits for a certificate's next step: the latest.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn proposed(conn: &mut Conn, held: &Held) -> Result<Option<Proposed>, StoreError> {
    type Row = (i32, String, String, String, String, String);
    let seq = i32::try_from(held.steps.len()).unwrap_or(i32::MAX) + 1;
    let row: Option<Row> = certificate_proposal::table
        .filter(certificate_proposal::number.eq(&held.number))
        .filter(certificate_proposal::seq.eq(seq))
        .order(certificate_proposal::version.desc())
        .select((
            certificate_proposal::version,
            certificate_proposal::step,
            certificate_proposal::reason,
            certificate_proposal::takes_effect_on,
            certificate_proposal::evidence,
            certificate_proposal::proposed_by,
        ))
        .first(conn)
        .optional()?;
    let Some((version, step, reason, on, evidence, proposed_by)) = row else {
        return Ok(None);
    };
    let corrupt = || StoreError::Corrupt(format!("proposal about {}", held.number));
    Ok(Some(Proposed {
        version,
        new: NewStep {
            step: named(&step).ok_or_else(corrupt)?,
            reason: named(&reason).ok_or_else(corrupt)?,
            star: None,
            recommended: None,
            on: day(&on)?,
            evidence,
            proposed_by: person(&proposed_by)?,
        },
    }))
}

/// Signs the step that waits, by its version, and takes it.
///
/// # Errors
/// [`GradingError::Refused`] for who proposed it, and when another proposal is there than the one that was seen.
pub fn sign(tx: &mut WriteTx<'_>, held: &Held, version: i32, act: Act) -> Result<(), GradingError> {
    let waiting = proposed(tx.conn, held)?.filter(|proposed| proposed.version == version);
    let waiting = waiting.ok_or_else(|| refused(Problem::Changed))?;
    if waiting.new.proposed_by == act.0 {
        return Err(refused(Problem::OwnWork));
    }
    follow(tx, held, &waiting.new, None, act)
}
