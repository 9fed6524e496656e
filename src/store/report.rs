//! The report of an evaluation, computed from its tallies alone: as fast with ten million answers as with ten.

use std::collections::{BTreeMap, BTreeSet};

use super::catalogue::Catalogue;
use super::conn::Conn;
use super::{StoreError, evaluation, event, outlet, person, tally};
use crate::statistics::interval::Confidence;
use crate::statistics::result::{ResultRule, SurveyResult};
use crate::survey::evaluation::EvaluationState;
use crate::survey::id::EvaluationId;
use crate::survey::report::{Interim, Report, ReportOutlet};

/// The report of an evaluation as it stands; `None` when there is no such evaluation.
///
/// # Errors
/// [`StoreError::Corrupt`] when the tallies do not fit the questionnaire.
pub fn compute(conn: &mut Conn, catalogue: &Catalogue, id: EvaluationId) -> Result<Option<Report>, StoreError> {
    let Some(found) = evaluation::find(conn, catalogue, id)? else {
        return Ok(None);
    };
    let outlets = outlet::list(conn, id)?;
    let places: BTreeMap<_, usize> = outlets
        .iter()
        .enumerate()
        .map(|(place, outlet)| (outlet.id, place))
        .collect();
    let tallies: Vec<_> = tally::list(conn, id, &found.instrument)?
        .into_iter()
        .filter_map(|(key, tally)| places.get(&key.outlet).map(|place| (*place, key.class, tally)))
        .collect();
    let method = found.instrument.method();
    let rule = ResultRule {
        confidence: Confidence::new(method.confidence()).map_err(|e| StoreError::Corrupt(e.to_string()))?,
        suppress_below: method.suppress_below(),
    };
    let result = SurveyResult::compute(found.instrument.scheme(), &tallies, &rule)
        .map_err(|e| StoreError::Corrupt(e.to_string()))?;
    let interim = match found.state {
        EvaluationState::Open => opened_interim(conn, id)?,
        _ => None,
    };
    Ok(Some(Report {
        evaluation: id,
        firm: found.firm,
        title: found.title,
        state: found.state,
        instrument: found.instrument,
        notice_version: found.notice_version,
        outlets: outlets
            .into_iter()
            .map(|outlet| ReportOutlet {
                id: outlet.id,
                name: outlet.name,
                customers: outlet.customers,
                target_face: outlet.target_face,
                target_electronic: outlet.target_electronic,
            })
            .collect(),
        interim,
        result,
    }))
}

fn opened_interim(conn: &mut Conn, id: EvaluationId) -> Result<Option<Interim>, StoreError> {
    let events = event::list_by_object(conn, id, "")?;
    let opened = events
        .into_iter()
        .find(|event| event.action == evaluation::INTERIM_OPENED);
    let Some(opened) = opened else { return Ok(None) };
    let mut names = person::names(conn, &BTreeSet::from([opened.actor.clone()]))?;
    Ok(Some(Interim {
        at_ms: opened.at_ms,
        actor: names.remove(&opened.actor).unwrap_or(opened.actor),
    }))
}
