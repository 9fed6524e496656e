//! What every noun of the grading shares: refusals with their field, the seal, events; and the whole record of an
//! evaluation, read at once.

use diesel::prelude::*;

use super::catalogue::Catalogue;
use super::conn::Conn;
use super::schema::evaluation;
use super::{StoreError, StoreFailure, WriteTx, audit, certificate, decision, event, fact, policy, report, scoring};
use crate::grading::certificate::State as CertificateState;
use crate::grading::evidence::{Holding, Occasion};
use crate::grading::record::{Figures, Record};
use crate::grading::ruling::Decision;
use crate::grading::scheme::{DEFAULT, Scheme};
use crate::statistics::class::Column;
use crate::statistics::exact::Ratio;
use crate::survey::evaluation::EvaluationState;
use crate::survey::event::Event;
use crate::survey::form::{FieldError, Problem};
use crate::survey::id::{EvaluationId, OrganisationId, PersonId};

/// Why a change of the grading was not made.
#[derive(Debug, thiserror::Error)]
pub enum GradingError {
    /// Not possible as entered: the field and why.
    #[error("{}: {:?}", .0.field, .0.problem)]
    Refused(FieldError),
    /// The store could not.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl GradingError {
    pub(super) fn refused(field: &str, problem: Problem) -> Self {
        Self::Refused(FieldError::new(field, problem))
    }
}

impl From<diesel::result::Error> for GradingError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Store(error.into())
    }
}

impl StoreFailure for GradingError {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            Self::Refused(_) => None,
        }
    }
}

/// Who did something, and when (Unix ms).
pub type Act = (PersonId, i64);

/// The scheme by which everything is graded.
///
/// # Errors
/// [`StoreError::Corrupt`] when the one that comes with the program does not pass its checks.
pub fn scheme() -> Result<Scheme, StoreError> {
    Scheme::from_json(DEFAULT).map_err(|e| StoreError::Corrupt(e.to_string()))
}

/// Waits until nobody else changes the evaluation; refuses when its decision is signed.
pub(super) fn hold_open(tx: &mut WriteTx<'_>, id: EvaluationId) -> Result<(), GradingError> {
    event::lock_chain(tx.conn, id)?;
    if decision::latest(tx.conn, id)?.is_some_and(|decision| decision.is_sealed()) {
        return Err(GradingError::refused("", Problem::Sealed));
    }
    Ok(())
}

/// Writes down what happened.
pub(super) fn log(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    (person, at_ms): Act,
    (action, object): (&str, &str),
    data: &serde_json::Value,
) -> Result<(), StoreError> {
    let happened = Event {
        at_ms,
        actor: person.to_string(),
        action: action.to_owned(),
        object: object.to_owned(),
        data: data.to_string(),
    };
    event::append(tx, id, &happened)
}

pub(super) fn person(id: &str) -> Result<PersonId, StoreError> {
    id.parse().map_err(|_| StoreError::Corrupt(format!("person {id}")))
}

pub(super) fn day(text: &str) -> Result<chrono::NaiveDate, StoreError> {
    crate::grading::calendar::parse_date(text).ok_or_else(|| StoreError::Corrupt(format!("day {text}")))
}

/// Whose evaluation it is, why it is done, and the certified scope.
///
/// # Errors
/// [`StoreError::Database`] when there is no such evaluation.
pub fn about(conn: &mut Conn, id: EvaluationId) -> Result<(OrganisationId, String, String), StoreError> {
    let (organisation, mode, scope): (String, String, String) = evaluation::table
        .find(id.to_string())
        .select((evaluation::organisation_id, evaluation::mode, evaluation::scope))
        .first(conn)?;
    let organisation = organisation
        .parse()
        .map_err(|_| StoreError::Corrupt(format!("organisation {organisation}")))?;
    Ok((organisation, mode, scope))
}

/// Everything recorded about an evaluation, the survey's exact figures included once fieldwork is over.
///
/// # Errors
/// [`StoreError::Database`] when there is no such evaluation; [`StoreError::Corrupt`].
pub fn record(conn: &mut Conn, catalogue: &Catalogue, id: EvaluationId) -> Result<Record, StoreError> {
    let (organisation, mode, _) = about(conn, id)?;
    let sealed = decision::latest(conn, id)?.filter(Decision::is_sealed);
    let occasion = match mode.as_str() {
        // A signed decision has changed the certificate: what was held before stands in the decided case.
        mode if sealed.is_some() => sealed.as_ref().and_then(|sealed| decided_occasion(mode, &sealed.input)),
        "initial" => Some(Occasion::Initial),
        mode => certificate::holding(conn, organisation, id)?.map(|holding| match mode {
            "special" => Occasion::Special(holding),
            "recertification" => Occasion::Recertification(holding),
            _ => Occasion::Surveillance(holding),
        }),
    };
    let held = certificate::held(conn, organisation)?.filter(|_| sealed.is_none());
    let valid = held
        .as_ref()
        .filter(|held| held.certificate.state() == CertificateState::Valid);
    let last_day = valid.and_then(|held| held.certificate.granted());
    Ok(Record {
        scheme: scheme()?,
        settled: policy::of(conn, id)?,
        occasion,
        already_held: mode == "initial" && held.is_some(),
        renewable_until: last_day.map(|granted| granted.last_day),
        facts: fact::list(conn, id)?,
        scores: scoring::list(conn, id)?,
        checks: audit::checks(conn, id)?,
        findings: audit::findings(conn, id)?,
        survey: figures(conn, catalogue, id)?,
    })
}

fn decided_occasion(mode: &str, input: &str) -> Option<Occasion> {
    let input: serde_json::Value = serde_json::from_str(input).ok()?;
    if mode == "initial" {
        return Some(Occasion::Initial);
    }
    let star = u8::try_from(input.get("current_star")?.as_u64()?).ok()?;
    let last_evaluation = day(input.get("last_evaluation_date")?.as_str()?).ok()?;
    let holding = Holding { star, last_evaluation };
    Some(match mode {
        "special" => Occasion::Special(holding),
        "recertification" => Occasion::Recertification(holding),
        _ => Occasion::Surveillance(holding),
    })
}

/// S and S_face of a survey that is over; never typed by hand.
fn figures(conn: &mut Conn, catalogue: &Catalogue, id: EvaluationId) -> Result<Option<Figures>, StoreError> {
    let over = |report: &crate::survey::report::Report| report.state > EvaluationState::Open;
    let report = report::compute(conn, catalogue, id)?.filter(over);
    Ok(report.map(|report| {
        let rate = |column| -> Option<Ratio> { Some(report.result.exact(column).ok()?.rate.exact.clone()) };
        Figures {
            s: rate(Column::All),
            s_face: rate(Column::Face),
        }
    }))
}
