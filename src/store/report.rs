//! The report of an evaluation, computed from its tallies alone: as fast with ten million answers as with ten.

use std::collections::BTreeSet;

use super::catalogue::Catalogue;
use super::conn::Conn;
use super::scan::{self, Places};
use super::{StoreError, evaluation, event, outlet, person, supervision, tally};
use crate::statistics::result::{Evidence, SurveyResult};
use crate::statistics::study::StudyError;
use crate::survey::EvidenceClass;
use crate::survey::evaluation::EvaluationState;
use crate::survey::exclusion::Scored;
use crate::survey::id::EvaluationId;
use crate::survey::method::Method;
use crate::survey::report::{Interim, Report, ReportOutlet};

/// The report of an evaluation as it stands, as far as the page of results shows it, small cells withheld; `None` when there
/// is no such evaluation.
///
/// # Errors
/// [`StoreError::Corrupt`] when the tallies do not fit the questionnaire.
pub fn compute(conn: &mut Conn, catalogue: &Catalogue, id: EvaluationId) -> Result<Option<Report>, StoreError> {
    of(conn, catalogue, id, |evidence, method| {
        SurveyResult::for_page(evidence, method.statistical(), method.suppress_below())
    })
}

/// The same with what the sampling report states besides.
///
/// # Errors
/// As [`compute`].
pub fn sampling(conn: &mut Conn, catalogue: &Catalogue, id: EvaluationId) -> Result<Option<Report>, StoreError> {
    of(conn, catalogue, id, |evidence, method| {
        SurveyResult::compute(evidence, method.statistical(), method.suppress_below())
    })
}

/// The same with nothing withheld: for an evidence pack, whose holder has the responses.
///
/// # Errors
/// As [`compute`].
pub fn whole(conn: &mut Conn, catalogue: &Catalogue, id: EvaluationId) -> Result<Option<Report>, StoreError> {
    of(conn, catalogue, id, |evidence, method| {
        SurveyResult::compute(evidence, method.statistical(), 0)
    })
}

fn of(
    conn: &mut Conn,
    catalogue: &Catalogue,
    id: EvaluationId,
    make: impl Fn(&Evidence, &Method) -> Result<SurveyResult, StudyError>,
) -> Result<Option<Report>, StoreError> {
    let Some(found) = evaluation::find(conn, catalogue, id)? else {
        return Ok(None);
    };
    let outlets = outlet::list(conn, id)?;
    let places = Places::of(&outlets)?;
    let instrument = &found.instrument;
    let corrupt = |e: &dyn std::fmt::Display| StoreError::Corrupt(e.to_string());
    let mut evidence = Evidence::new(instrument.scoring(), &places.population);
    tally::each(conn, id, instrument, |key, tally| {
        match places.by_outlet.get(&key.outlet) {
            Some(place) => evidence.add(*place, key.class, tally).map_err(|e| corrupt(&e)),
            None => Ok(()),
        }
    })?;
    let sums = evidence.sums();
    let by_class = || EvidenceClass::ALL.into_iter().map(|class| (class, sums.get(class)));
    let method = instrument.method();
    // A response that came on another node in the moment of closing may be missing in the scan: then it is made again.
    let scored: u64 = by_class().map(|(_, sums)| sums.scored).sum();
    let scan = scan::find(conn, id, instrument, &places.population)?.filter(|scan| scan.scored() == scored);
    let scan_pending = found.state >= EvaluationState::Closed && scan.is_none();
    let margin = by_class().collect::<Scored>().margin(instrument.scheme());
    let margin = margin.filter(|_| method.statistical().is_pooled());
    let result = make(&evidence.with_scan(scan), method).map_err(|e| corrupt(&e))?;
    let interim = match found.state {
        EvaluationState::Open => opened_interim(conn, id)?,
        _ => None,
    };
    let interviews = supervision::counts(conn, &found)?;
    Ok(Some(Report {
        evaluation: id,
        interviews,
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
        scan_pending,
        margin,
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
