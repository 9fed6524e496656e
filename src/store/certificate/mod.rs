//! Certificates: granted by a signed decision, changed by steps that two people sign.

mod extra;
mod step;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::conn::Conn;
use super::grading::{Act, GradingError, day, person};
use super::schema::organisation;
use super::schema_grading::{certificate, certificate_report, certificate_step};
use super::{StoreError, decision, policy};
use crate::grading::certificate::{Certificate, Granted, Reason, State, Step};
use crate::grading::evidence::Holding;
use crate::grading::fact::named;
use crate::grading::policy::Policy;
use crate::survey::id::{EvaluationId, OrganisationId, PersonId};
use crate::survey::language::Text;

pub use extra::{NewReport, Opening, extra, report};
pub use step::{NewStep, Proposed, carry_out, propose, proposed, sign};

/// A certificate as it stands.
#[derive(Debug, Clone)]
pub struct Held {
    /// Its number.
    pub number: String,
    /// Whose.
    pub organisation: OrganisationId,
    /// Name of the organisation.
    pub firm: Text,
    /// The evaluation it was granted on.
    pub evaluation: EvaluationId,
    /// The certified scope.
    pub scope: String,
    /// First day.
    pub issued_on: NaiveDate,
    /// Number of the certificate it took the place of.
    pub replaces: Option<String>,
    /// Number of the one that took its place.
    pub replaced_by: Option<String>,
    /// Star, term and state.
    pub certificate: Certificate,
    /// The settings that it was granted by.
    pub policy: Policy,
    /// What became of it, first step first.
    pub steps: Vec<Taken>,
}

/// A step that was taken.
#[derive(Debug, Clone)]
pub struct Taken {
    /// Which.
    pub step: Step,
    /// Why.
    pub reason: Reason,
    /// Where the certificate stood then.
    pub state: State,
    /// From when on.
    pub since: NaiveDate,
    /// What it rests on.
    pub evidence: String,
    /// Who proposed it.
    pub proposed_by: PersonId,
    /// Who signed it.
    pub signed_by: PersonId,
}

type Row = (String, String, String, String, i32, String, String, Option<String>);

const COLUMNS: (
    certificate::number,
    certificate::organisation_id,
    certificate::evaluation_id,
    certificate::scope,
    certificate::stars,
    certificate::issued_on,
    certificate::last_day,
    certificate::replaces,
) = (
    certificate::number,
    certificate::organisation_id,
    certificate::evaluation_id,
    certificate::scope,
    certificate::stars,
    certificate::issued_on,
    certificate::last_day,
    certificate::replaces,
);

fn read(conn: &mut Conn, row: Row) -> Result<Held, StoreError> {
    let (number, organisation_id, evaluation, scope, star, issued_on, last_day, replaces) = row;
    let corrupt = || StoreError::Corrupt(format!("certificate {number}"));
    let (zh, en): (String, String) = organisation::table
        .find(&organisation_id)
        .select((organisation::name_zh, organisation::name_en))
        .first(conn)?;
    let replaced_by = certificate::table
        .filter(certificate::replaces.eq(&number))
        .select(certificate::number)
        .first(conn)
        .optional()?;
    let steps = steps(conn, &number)?;
    let last = steps.last().ok_or_else(corrupt)?;
    let granted = Granted {
        star: u8::try_from(star).map_err(|_| corrupt())?,
        last_day: day(&last_day)?,
    };
    let evaluation = evaluation.parse().map_err(|_| corrupt())?;
    Ok(Held {
        organisation: organisation_id.parse().map_err(|_| corrupt())?,
        firm: Text::new(zh, en),
        policy: policy::of(conn, evaluation)?.policy,
        evaluation,
        issued_on: day(&issued_on)?,
        certificate: Certificate::kept(last.state, last.since, granted),
        scope,
        replaces,
        replaced_by,
        steps,
        number,
    })
}

fn steps(conn: &mut Conn, number: &str) -> Result<Vec<Taken>, StoreError> {
    type Row = (String, String, String, String, String, String, String);
    let rows: Vec<Row> = certificate_step::table
        .filter(certificate_step::number.eq(number))
        .order(certificate_step::seq)
        .select((
            certificate_step::step,
            certificate_step::reason,
            certificate_step::state,
            certificate_step::since,
            certificate_step::evidence,
            certificate_step::proposed_by,
            certificate_step::signed_by,
        ))
        .load(conn)?;
    let read = |(step, reason, state, since, evidence, proposed_by, signed_by): Row| {
        let corrupt = || StoreError::Corrupt(format!("step of {number}"));
        Ok(Taken {
            step: named(&step).ok_or_else(corrupt)?,
            reason: named(&reason).ok_or_else(corrupt)?,
            state: named(&state).ok_or_else(corrupt)?,
            since: day(&since)?,
            evidence,
            proposed_by: person(&proposed_by)?,
            signed_by: person(&signed_by)?,
        })
    };
    rows.into_iter().map(read).collect()
}

/// A certificate by its number.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn find(conn: &mut Conn, number: &str) -> Result<Option<Held>, StoreError> {
    let row: Option<Row> = certificate::table.find(number).select(COLUMNS).first(conn).optional()?;
    row.map(|row| read(conn, row)).transpose()
}

/// Certificates, the latest number first; at most `rows_max`.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn list(conn: &mut Conn, rows_max: i64) -> Result<Vec<Held>, StoreError> {
    let rows: Vec<Row> = certificate::table
        .order((certificate::issued_on.desc(), certificate::number.desc()))
        .select(COLUMNS)
        .limit(rows_max)
        .load(conn)?;
    rows.into_iter().map(|row| read(conn, row)).collect()
}

/// The certificates of an organisation, the latest first.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn list_of(conn: &mut Conn, organisation: OrganisationId) -> Result<Vec<Held>, StoreError> {
    let rows: Vec<Row> = certificate::table
        .filter(certificate::organisation_id.eq(organisation.to_string()))
        .order((certificate::issued_on.desc(), certificate::number.desc()))
        .select(COLUMNS)
        .load(conn)?;
    rows.into_iter().map(|row| read(conn, row)).collect()
}

/// The certificate that an organisation holds: valid or suspended.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn held(conn: &mut Conn, organisation: OrganisationId) -> Result<Option<Held>, StoreError> {
    let mut all = list_of(conn, organisation)?.into_iter();
    Ok(all.find(|held| matches!(held.certificate.state(), State::Valid | State::Suspended)))
}

/// What an organisation holds when `evaluation` is graded: its star, and the on-site day of the evaluation before.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn holding(
    conn: &mut Conn,
    organisation: OrganisationId,
    evaluation: EvaluationId,
) -> Result<Option<Holding>, StoreError> {
    let Some(granted) = held(conn, organisation)?.and_then(|held| held.certificate.granted()) else {
        return Ok(None);
    };
    let past = decision::past(conn, organisation)?;
    let before = past.iter().find(|past| past.evaluation != evaluation);
    Ok(before.map(|past| Holding {
        star: granted.star,
        last_evaluation: past.onsite,
    }))
}

/// The on-site day of the last decided evaluation of an organisation.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn last_onsite(conn: &mut Conn, organisation: OrganisationId) -> Result<Option<NaiveDate>, StoreError> {
    Ok(decision::past(conn, organisation)?.first().map(|past| past.onsite))
}

/// An accident or a major complaint that was reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    /// `accident` or `complaint`.
    pub kind: String,
    /// When it was heard of.
    pub on: NaiveDate,
    /// From where.
    pub source: String,
    /// What happened.
    pub account: String,
}

/// What was reported about a certificate, in order.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn reports(conn: &mut Conn, number: &str) -> Result<Vec<Reported>, StoreError> {
    let rows: Vec<(String, String, String, String)> = certificate_report::table
        .filter(certificate_report::number.eq(number))
        .order(certificate_report::seq)
        .select((
            certificate_report::kind,
            certificate_report::reported_on,
            certificate_report::source,
            certificate_report::account,
        ))
        .load(conn)?;
    rows.into_iter()
        .map(|(kind, on, source, account)| {
            Ok(Reported {
                kind,
                on: day(&on)?,
                source,
                account,
            })
        })
        .collect()
}
