//! Spending a link leaves no trace of when (T7).
//!
//! PostgreSQL keeps with every row the transaction that wrote it, and a dump has rows in the order in which they were
//! written. A link that is marked as used in the transaction that stores its response would stand beside it for good, by
//! either. So some links of the same outlet that were used before are written again with it, in random order: of what the
//! transaction wrote, each is as likely the one. SQLite keeps neither: its tables are ordered by random ids.

use std::collections::BTreeSet;

use diesel::pg::PgConnection;
use diesel::prelude::*;
use rand::RngExt;
use rand::seq::SliceRandom;

use super::StoreError;
use super::schema::link;
use crate::survey::id::{EvaluationId, LinkId};

/// Links written beside the one that was spent, where so many were used before.
const COMPANY: usize = 16;

/// Writes a link that was just spent once more, among others.
///
/// The company are its neighbours by id on a ring, the link at a random place among them: nothing but the transaction
/// singles it out. Rows that another node holds are passed over.
pub(super) fn blend(conn: &mut PgConnection, evaluation: EvaluationId, id: LinkId) -> Result<(), StoreError> {
    let (evaluation, id) = (evaluation.to_string(), id.to_string());
    let outlet: String = link::table
        .find((&evaluation, &id))
        .select(link::outlet_id)
        .first(conn)?;
    let before = rand::rng().random_range(0..=COMPANY);
    let mut company = BTreeSet::new();
    for (count, is_after) in [(before, false), (COMPANY - before, true)] {
        company.extend(neighbours(conn, (&evaluation, &outlet, &id), count, is_after)?);
    }
    company.insert(id);
    let mut company: Vec<String> = company.into_iter().collect();
    company.shuffle(&mut rand::rng());
    for id in company {
        diesel::update(link::table.find((&evaluation, &id)))
            .set(link::used.eq(true))
            .execute(conn)?;
    }
    Ok(())
}

/// So many used links after (or before) one in the order of ids, which begins again at its end.
fn neighbours(
    conn: &mut PgConnection,
    (evaluation, outlet, id): (&str, &str, &str),
    count: usize,
    is_after: bool,
) -> Result<Vec<String>, StoreError> {
    let used = || {
        link::table
            .filter(link::evaluation_id.eq(evaluation).and(link::outlet_id.eq(outlet)))
            .filter(link::used.eq(true))
            .select(link::id)
            .for_update()
            .skip_locked()
    };
    let limit = |found: usize| i64::try_from(count - found.min(count)).unwrap_or(0);
    let mut found: Vec<String> = match is_after {
        true => used()
            .filter(link::id.gt(id))
            .order(link::id.asc())
            .limit(limit(0))
            .load(conn)?,
        false => used()
            .filter(link::id.lt(id))
            .order(link::id.desc())
            .limit(limit(0))
            .load(conn)?,
    };
    if found.len() < count {
        let rest = limit(found.len());
        let around: Vec<String> = match is_after {
            true => used()
                .filter(link::id.lt(id))
                .order(link::id.asc())
                .limit(rest)
                .load(conn)?,
            false => used()
                .filter(link::id.gt(id))
                .order(link::id.desc())
                .limit(rest)
                .load(conn)?,
        };
        found.extend(around);
    }
    Ok(found)
}
