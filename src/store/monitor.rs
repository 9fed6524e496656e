//! Fieldwork as it is watched: what alarms are raised from, and when answers came in.

use std::collections::BTreeMap;

use diesel::dsl::count_star;
use diesel::prelude::*;

use super::conn::Conn;
use super::evaluation::Evaluation;
use super::funnel::Source;
use super::schema::response;
use super::tally::TallyKey;
use super::{StoreError, flag, funnel, outlet, tally};
use crate::statistics::mode_effect::Welch;
use crate::statistics::person::PersonScore;
use crate::statistics::tally::Tally;
use crate::survey::EvidenceClass;
use crate::survey::alarm::{CodeTraffic, OutletTraffic};
use crate::survey::id::{EvaluationId, OutletId};

const DAY_MS: i64 = 24 * 3_600_000;
const CHINA_OFFSET_MS: i64 = 8 * 3_600_000;

/// Everything alarms are raised from, outlet by outlet; `with_scores` only for who may see them.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn traffic(
    conn: &mut Conn,
    found: &Evaluation,
    with_scores: bool,
) -> Result<BTreeMap<OutletId, OutletTraffic>, StoreError> {
    let tallies = tally::list(conn, found.id, &found.instrument)?;
    let (counts, integrity) = (flag::counts(conn, found.id)?, flag::integrity(conn, found.id)?);
    let mut outlets = BTreeMap::new();
    for known in outlet::list(conn, found.id)? {
        let of = |class| {
            tallies.get(&TallyKey {
                evaluation: found.id,
                outlet: known.id,
                class,
            })
        };
        let n = |class| of(class).map_or(0, |tally| tally.core().n);
        let electronic = n(EvidenceClass::Invited) + n(EvidenceClass::Open);
        let mut traffic = OutletTraffic {
            visitors_per_day: known.visitors_per_day.and_then(|n| u64::try_from(n).ok()),
            electronic: (electronic, u64::try_from(known.target_electronic).unwrap_or(0)),
            answers: electronic + n(EvidenceClass::Face),
            integrity: integrity.get(&known.id).copied().unwrap_or(0),
            ..OutletTraffic::default()
        };
        if with_scores {
            let others = [of(EvidenceClass::Invited), of(EvidenceClass::Face)];
            traffic.gap = gap(of(EvidenceClass::Open), others.into_iter().flatten())?;
        }
        outlets.insert(known.id, traffic);
    }
    for ((rule, outlet, _), n) in counts {
        if let Some(traffic) = outlets.get_mut(&outlet) {
            *traffic.flags.entry(rule).or_default() += n;
        }
    }
    for (outlet, code, traffic) in codes(conn, found.id)? {
        if let Some(known) = outlets.get_mut(&outlet) {
            known.codes.insert(code, traffic);
        }
    }
    Ok(outlets)
}

/// Open answers less the others in points of a hundred, with Welch's statistic.
fn gap<'a>(open: Option<&Tally>, others: impl Iterator<Item = &'a Tally>) -> Result<Option<(f64, f64)>, StoreError> {
    let mut sum: Option<Tally> = None;
    for tally in others {
        match &mut sum {
            Some(sum) => sum.merge(tally).map_err(|e| StoreError::Corrupt(e.to_string()))?,
            None => sum = Some(tally.clone()),
        }
    }
    let score = |tally: Option<&Tally>| tally.and_then(|tally| PersonScore::of(tally.person()));
    let welch = Welch::of(score(sum.as_ref()).as_ref(), score(open).as_ref());
    Ok(welch.diff.zip(welch.t).map(|(diff, t)| (-100.0 * diff, -t)))
}

fn codes(
    conn: &mut Conn,
    id: EvaluationId,
) -> Result<Vec<(OutletId, crate::survey::id::LinkId, CodeTraffic)>, StoreError> {
    let mut codes = BTreeMap::new();
    let whole = |n: i64| u64::try_from(n).unwrap_or(0);
    for visits in funnel::of_evaluation(conn, id)? {
        let Source::Code(code) = visits.source else { continue };
        let (traffic, days) = codes
            .entry((visits.outlet, code))
            .or_insert_with(|| (CodeTraffic::default(), BTreeMap::new()));
        traffic.opened += whole(visits.opened);
        traffic.completed += whole(visits.completed);
        *days.entry(day_of(visits.hour_ms)).or_insert(0) += whole(visits.completed);
    }
    Ok(codes
        .into_iter()
        .map(|((outlet, code), (traffic, days))| {
            let busiest_day = days.into_values().max().unwrap_or(0);
            (outlet, code, CodeTraffic { busiest_day, ..traffic })
        })
        .collect())
}

/// When the day of a moment began in China Standard Time, Unix ms.
fn day_of(at_ms: i64) -> i64 {
    let local = at_ms.saturating_add(CHINA_OFFSET_MS);
    local - local.rem_euclid(DAY_MS) - CHINA_OFFSET_MS
}

/// Answers per day (its beginning, Unix ms) and class, oldest first.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn arrivals(conn: &mut Conn, id: EvaluationId) -> Result<BTreeMap<(i64, EvidenceClass), u64>, StoreError> {
    let rows: Vec<(i64, String, i64)> = response::table
        .filter(response::evaluation_id.eq(id.to_string()))
        .group_by((response::received_hour_ms, response::evidence_class))
        .select((response::received_hour_ms, response::evidence_class, count_star()))
        .load(conn)?;
    let mut days = BTreeMap::new();
    for (hour_ms, class, n) in rows {
        let class = EvidenceClass::parse(&class).ok_or_else(|| StoreError::Corrupt(format!("class {class}")))?;
        *days.entry((day_of(hour_ms), class)).or_insert(0) += u64::try_from(n).unwrap_or(0);
    }
    Ok(days)
}
