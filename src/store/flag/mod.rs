//! Flags of responses: those decided on arrival, and those of a pass over all responses ([`complete`]).

mod evidence;
mod pass;

use std::collections::BTreeMap;

use diesel::dsl::count_star;
use diesel::prelude::*;

use super::StoreError;
use super::conn::{Conn, per_backend};
use super::schema::response;
use super::schema_quality::flag;
use crate::statistics::flag::{Flag, Rule};
use crate::survey::EvidenceClass;
use crate::survey::id::{EvaluationId, OutletId, ResponseId};

pub use evidence::{Evidence, beside};
pub(super) use pass::reopen;
pub use pass::{Passed, complete, due, passed};

/// Notes a flag that only the arrival of a response tells, unless it was not stored after all.
pub(super) fn raise(
    conn: &mut Conn,
    evaluation: EvaluationId,
    id: ResponseId,
    raised: &Flag,
) -> Result<(), StoreError> {
    if !super::response::is_stored(conn, evaluation, id)? {
        return Ok(());
    }
    let row = row(evaluation, &id.to_string(), raised);
    per_backend!(conn, |c| diesel::insert_into(flag::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

type NewFlag = (
    diesel::dsl::Eq<flag::evaluation_id, String>,
    diesel::dsl::Eq<flag::response_id, String>,
    diesel::dsl::Eq<flag::rule, &'static str>,
    diesel::dsl::Eq<flag::value, String>,
    diesel::dsl::Eq<flag::threshold, String>,
);

fn row(evaluation: EvaluationId, id: &str, raised: &Flag) -> NewFlag {
    (
        flag::evaluation_id.eq(evaluation.to_string()),
        flag::response_id.eq(id.to_owned()),
        flag::rule.eq(raised.rule.as_str()),
        flag::value.eq(raised.value.to_string()),
        flag::threshold.eq(raised.threshold.to_string()),
    )
}

/// Takes away the flags of a response that was withdrawn.
pub(super) fn forget(conn: &mut Conn, evaluation: EvaluationId, id: ResponseId) -> Result<(), StoreError> {
    let rows = flag::table.filter(
        flag::evaluation_id
            .eq(evaluation.to_string())
            .and(flag::response_id.eq(id.to_string())),
    );
    diesel::delete(rows).execute(conn)?;
    Ok(())
}

/// What a list of flagged responses is narrowed to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filter {
    /// With this flag.
    pub rule: Option<Rule>,
    /// At this outlet.
    pub outlet: Option<OutletId>,
    /// That came in this way.
    pub class: Option<EvidenceClass>,
}

/// Flagged responses by rule, outlet and class.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn counts(conn: &mut Conn, id: EvaluationId) -> Result<BTreeMap<(Rule, OutletId, EvidenceClass), u64>, StoreError> {
    let by = (flag::rule, response::outlet_id, response::evidence_class);
    let query = flag::table
        .inner_join(response::table.on(same_response()))
        .filter(flag::evaluation_id.eq(id.to_string()))
        .group_by(by)
        .select((flag::rule, response::outlet_id, response::evidence_class, count_star()));
    let rows: Vec<(String, String, String, i64)> = per_backend!(conn, |c| query.load(c))?;
    rows.into_iter()
        .map(|(rule, outlet, class, n)| {
            let corrupt = || StoreError::Corrupt(format!("flag {rule} at {outlet}, {class}"));
            let key = (
                Rule::parse(&rule).ok_or_else(corrupt)?,
                outlet.parse().map_err(|_| corrupt())?,
                EvidenceClass::parse(&class).ok_or_else(corrupt)?,
            );
            Ok((key, u64::try_from(n).unwrap_or(0)))
        })
        .collect()
}

#[diesel::dsl::auto_type]
fn same_response() -> _ {
    flag::evaluation_id
        .eq(response::evaluation_id)
        .and(flag::response_id.eq(response::id))
}

/// Responses with an answer that is excluded after review, by outlet.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn integrity(conn: &mut Conn, id: EvaluationId) -> Result<BTreeMap<OutletId, u64>, StoreError> {
    let rows: Vec<(String, String)> = flag::table
        .inner_join(response::table.on(same_response()))
        .filter(flag::evaluation_id.eq(id.to_string()))
        .filter(flag::rule.eq_any(Rule::INTEGRITY.map(Rule::as_str)))
        .select((response::outlet_id, flag::response_id))
        .distinct()
        .load(conn)?;
    let mut counts = BTreeMap::new();
    for (outlet, _) in rows {
        let outlet = outlet
            .parse()
            .map_err(|_| StoreError::Corrupt(format!("outlet {outlet}")))?;
        *counts.entry(outlet).or_insert(0) += 1;
    }
    Ok(counts)
}

/// Ids of flagged responses, a page of them in the order of their random ids after `after`.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn list(
    conn: &mut Conn,
    id: EvaluationId,
    filter: Filter,
    after: Option<ResponseId>,
    rows_max: i64,
) -> Result<Vec<ResponseId>, StoreError> {
    let mut query = flag::table
        .inner_join(response::table.on(same_response()))
        .filter(flag::evaluation_id.eq(id.to_string()))
        .filter(flag::response_id.gt(after.map(|id| id.to_string()).unwrap_or_default()))
        .select(flag::response_id)
        .distinct()
        .order(flag::response_id)
        .limit(rows_max)
        .into_boxed();
    if let Some(rule) = filter.rule {
        query = query.filter(flag::rule.eq(rule.as_str()));
    }
    if let Some(outlet) = filter.outlet {
        query = query.filter(response::outlet_id.eq(outlet.to_string()));
    }
    if let Some(class) = filter.class {
        query = query.filter(response::evidence_class.eq(class.as_str()));
    }
    let ids: Vec<String> = query.load(conn)?;
    ids.into_iter()
        .map(|id| id.parse().map_err(|_| StoreError::Corrupt(format!("response {id}"))))
        .collect()
}

/// The flags of some responses, in the order of the rules.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn of(
    conn: &mut Conn,
    id: EvaluationId,
    responses: &[ResponseId],
) -> Result<BTreeMap<ResponseId, Vec<Flag>>, StoreError> {
    let ids: Vec<String> = responses.iter().map(ToString::to_string).collect();
    let rows: Vec<(String, String, String, String)> = flag::table
        .filter(flag::evaluation_id.eq(id.to_string()))
        .filter(flag::response_id.eq_any(ids))
        .select((flag::response_id, flag::rule, flag::value, flag::threshold))
        .load(conn)?;
    let mut flags: BTreeMap<ResponseId, Vec<Flag>> = BTreeMap::new();
    for (response, rule, value, threshold) in rows {
        let corrupt = || StoreError::Corrupt(format!("flag {rule} of {response}"));
        let raised = Flag {
            rule: Rule::parse(&rule).ok_or_else(corrupt)?,
            value: value.parse().map_err(|_| corrupt())?,
            threshold: threshold.parse().map_err(|_| corrupt())?,
        };
        flags
            .entry(response.parse().map_err(|_| corrupt())?)
            .or_default()
            .push(raised);
    }
    flags
        .values_mut()
        .for_each(|flags| flags.sort_by_key(|raised| raised.rule));
    Ok(flags)
}
