//! A draw: frame, plan and seed are fixed and logged first; then it is carried out, once, and those drawn become recipients;
//! reserves follow in drawn order.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::{ListState, held, import, record, sha256};
use crate::personal::DataKey;
use crate::secret::SecretKey;
use crate::statistics::draw::{Drawn, METHOD};
use crate::store::conn::{Conn, per_backend};
use crate::store::grading::{Act, GradingError, log};
use crate::store::recipient::{self, NewRecipient};
use crate::store::schema_frame::{frame_case, frame_draw, frame_drawn};
use crate::store::{StoreError, WriteTx, plan_review};
use crate::survey::form::Problem;
use crate::survey::frame::take::{Prepared, SeedSource, drawn_file, frame_file, plan_file, read_plan_file};
use crate::survey::id::{EvaluationId, LinkId};
use crate::survey::language::Language;

/// Rows of one statement.
const ROWS_PER_STATEMENT: usize = 500;

/// A draw as it was fixed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draw {
    /// The frame's file.
    pub frame: String,
    /// The plan's file.
    pub plan: String,
    /// The seed.
    pub seed: String,
    /// Its public source; empty = made by the server.
    pub seed_source: String,
    /// When it was fixed, Unix ms.
    pub prepared_at_ms: i64,
    /// When it was carried out, Unix ms.
    pub drawn_at_ms: Option<i64>,
}

impl Draw {
    /// Hash of the frame's file.
    pub fn frame_sha256(&self) -> String {
        sha256(self.frame.as_bytes())
    }
}

/// The draw of a list.
///
/// # Errors
/// [`StoreError::Database`].
pub fn find(conn: &mut Conn, list: &str) -> Result<Option<Draw>, StoreError> {
    type Row = (String, String, String, String, i64, Option<i64>);
    let row: Option<Row> = frame_draw::table
        .find(list)
        .select((
            frame_draw::frame,
            frame_draw::plan,
            frame_draw::seed,
            frame_draw::seed_source,
            frame_draw::prepared_at_ms,
            frame_draw::drawn_at_ms,
        ))
        .first(conn)
        .optional()?;
    Ok(
        row.map(|(frame, plan, seed, seed_source, prepared_at_ms, drawn_at_ms)| Draw {
            frame,
            plan,
            seed,
            seed_source,
            prepared_at_ms,
            drawn_at_ms,
        }),
    )
}

/// Fixes a draw. `random` is the seed where the server makes it.
///
/// # Errors
/// [`GradingError::Refused`] without an approved plan or a basis that allows writing, and when one is fixed already.
pub fn prepare(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    list: &str,
    prepared: &Prepared,
    random: &str,
    (who, at_ms): Act,
) -> Result<(), GradingError> {
    let found = held(tx, id, list, ListState::Ready)?;
    if plan_review::approval(tx.conn, id)?.is_none() {
        return Err(GradingError::refused("", Problem::NotReady));
    }
    if !record::newest(tx.conn, list)?.is_some_and(|record| record.basis.allows_mail()) {
        return Err(GradingError::refused("", Problem::NotReady));
    }
    if find(tx.conn, list)?.is_some() {
        return Err(GradingError::refused("", Problem::Changed));
    }
    let mut cases: Vec<(String, String)> = frame_case::table
        .filter(frame_case::list_id.eq(list))
        .select((frame_case::id, frame_case::stratum))
        .load(tx.conn)?;
    cases.sort_by_key(|(id, _)| id.trim_start_matches('R').parse::<u32>().unwrap_or(u32::MAX));
    let frame = frame_file(cases.iter().map(|(id, stratum)| (id.as_str(), stratum.as_str())));
    let frame_sha256 = sha256(frame.as_bytes());
    if found.frame_sha256.as_ref() != Some(&frame_sha256) {
        return Err(StoreError::Corrupt(format!("the frame of list {list} is not what was imported")).into());
    }
    let (seed, source) = match &prepared.seed {
        SeedSource::Random => (random, ""),
        SeedSource::Public { name, seed } => (seed.as_str(), name.as_str()),
    };
    let plan = plan_file(&prepared.takes);
    let row = (
        frame_draw::evaluation_id.eq(id.to_string()),
        frame_draw::list_id.eq(list),
        frame_draw::frame.eq(frame),
        frame_draw::plan.eq(&plan),
        frame_draw::seed.eq(seed),
        frame_draw::seed_source.eq(source),
        frame_draw::prepared_by.eq(who.to_string()),
        frame_draw::prepared_at_ms.eq(at_ms),
    );
    diesel::insert_into(frame_draw::table).values(row).execute(tx.conn)?;
    let sizes: BTreeMap<_, _> = prepared
        .takes
        .iter()
        .map(|(name, take)| (name, (take.draw, take.reserves)))
        .collect();
    let data = serde_json::json!({
        "method": METHOD, "frame": frame_sha256, "plan": sha256(plan.as_bytes()), "sizes": sizes, "seed": seed,
        "seed_source": source, "reason": prepared.reason,
    });
    Ok(log(tx, id, (who, at_ms), ("draw.prepared", list), &data)?)
}

/// Carries a draw out: everybody drawn becomes a recipient, with a personal link.
///
/// # Errors
/// [`GradingError::Refused`] without a fixed draw, or when it was carried out already.
pub fn carry_out(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    list: &str,
    server: &SecretKey,
    (who, at_ms): Act,
) -> Result<(), GradingError> {
    held(tx, id, list, ListState::Ready)?;
    let fixed = find(tx.conn, list)?.filter(|draw| draw.drawn_at_ms.is_none());
    let fixed = fixed.ok_or_else(|| GradingError::refused("", Problem::Changed))?;
    let takes = read_plan_file(&fixed.plan).ok_or_else(|| StoreError::Corrupt(format!("plan of list {list}")))?;
    let drawn = crate::survey::frame::take::draw(&fixed.frame, &fixed.frame_sha256(), &fixed.seed, &takes)
        .map_err(|e| StoreError::Corrupt(e.to_string()))?;
    let row = frame_draw::table.find(list);
    let values = (
        frame_draw::drawn_by.eq(who.to_string()),
        frame_draw::drawn_at_ms.eq(at_ms),
    );
    diesel::update(row).set(values).execute(tx.conn)?;
    for some in drawn.chunks(ROWS_PER_STATEMENT) {
        let rows: Vec<_> = some
            .iter()
            .map(|case| {
                (
                    frame_drawn::evaluation_id.eq(id.to_string()),
                    frame_drawn::list_id.eq(list),
                    frame_drawn::stratum.eq(&case.stratum),
                    frame_drawn::place.eq(i64::try_from(case.place).unwrap_or(i64::MAX)),
                    frame_drawn::case_id.eq(&case.id),
                    frame_drawn::hash.eq(&case.hash),
                    frame_drawn::reserve.eq(case.reserve),
                    frame_drawn::released_at_ms.eq((!case.reserve).then_some(at_ms)),
                )
            })
            .collect();
        per_backend!(tx.conn, |c| diesel::insert_into(frame_drawn::table)
            .values(&rows)
            .execute(c))?;
    }
    let first: Vec<&str> = drawn
        .iter()
        .filter(|case| !case.reserve)
        .map(|case| case.id.as_str())
        .collect();
    admit(tx, id, list, &first, server)?;
    let data = serde_json::json!({
        "drawn": first.len(), "reserves": drawn.len() - first.len(), "result": sha256(drawn_file(&drawn).as_bytes()),
    });
    Ok(log(tx, id, (who, at_ms), ("draw.done", list), &data)?)
}

/// Lets the next `count` reserves of a stratum take part, in drawn order.
///
/// # Errors
/// [`GradingError::Refused`] when there are not so many, or the draw was not carried out.
pub fn release(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    list: &str,
    (stratum, count, reason): (&str, i64, &str),
    server: &SecretKey,
    (who, at_ms): Act,
) -> Result<(), GradingError> {
    held(tx, id, list, ListState::Ready)?;
    let next: Vec<(i64, String)> = frame_drawn::table
        .filter(frame_drawn::list_id.eq(list).and(frame_drawn::stratum.eq(stratum)))
        .filter(frame_drawn::released_at_ms.is_null())
        .order(frame_drawn::place)
        .select((frame_drawn::place, frame_drawn::case_id))
        .limit(count)
        .load(tx.conn)?;
    if i64::try_from(next.len()).unwrap_or(0) < count {
        return Err(GradingError::refused("count", Problem::OutOfRange));
    }
    for (place, _) in &next {
        let row = frame_drawn::table.find((list, stratum, place));
        diesel::update(row)
            .set(frame_drawn::released_at_ms.eq(at_ms))
            .execute(tx.conn)?;
    }
    let ids: Vec<&str> = next.iter().map(|(_, case)| case.as_str()).collect();
    admit(tx, id, list, &ids, server)?;
    let places: Vec<i64> = next.iter().map(|(place, _)| *place).collect();
    let data = serde_json::json!({"stratum": stratum, "places": places, "reason": reason});
    Ok(log(tx, id, (who, at_ms), ("draw.reserves-released", list), &data)?)
}

/// Makes recipients of cases. Nothing leads from a recipient back to her case.
fn admit(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    list: &str,
    cases: &[&str],
    server: &SecretKey,
) -> Result<(), GradingError> {
    let key: Option<DataKey> = recipient::find_key(tx.conn, server, list)?;
    let key = key.ok_or_else(|| GradingError::refused("", Problem::Changed))?;
    for some in cases.chunks(ROWS_PER_STATEMENT) {
        let rows: Vec<(String, String, String, String)> = frame_case::table
            .filter(frame_case::list_id.eq(list).and(frame_case::id.eq_any(some)))
            .select((
                frame_case::id,
                frame_case::outlet_id,
                frame_case::language,
                frame_case::sealed_contact,
            ))
            .load(tx.conn)?;
        for (case, outlet, language, contact) in rows {
            let corrupt = || StoreError::Corrupt(format!("case {case} of list {list}"));
            // Somebody who asked to be erased is not written to, drawn or not.
            let Some(contact) = import::contact(&key, list, &case, &contact)? else {
                continue;
            };
            let new = NewRecipient {
                id: format!("{:032x}", rand::random::<u128>()),
                list: list.to_owned(),
                outlet: outlet.parse().map_err(|_| corrupt())?,
                language: Language::from_tag(&language).ok_or_else(corrupt)?,
                email: contact.email,
                name: contact.name,
                link: LinkId::from_random(rand::random()),
            };
            recipient::add(tx, id, &new, server, &key)?;
        }
    }
    Ok(())
}

/// A stratum of a draw that was carried out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// Drawn at first.
    pub drawn: u64,
    /// Reserves in order.
    pub reserves: u64,
    /// Reserves that take part.
    pub released: u64,
}

/// What was drawn, stratum by stratum.
///
/// # Errors
/// [`StoreError::Database`].
pub fn progress(conn: &mut Conn, list: &str) -> Result<BTreeMap<String, Progress>, StoreError> {
    let rows: Vec<(String, bool, Option<i64>)> = frame_drawn::table
        .filter(frame_drawn::list_id.eq(list))
        .select((frame_drawn::stratum, frame_drawn::reserve, frame_drawn::released_at_ms))
        .load(conn)?;
    let mut strata: BTreeMap<String, Progress> = BTreeMap::new();
    for (stratum, reserve, released_at_ms) in rows {
        let one = strata.entry(stratum).or_default();
        match (reserve, released_at_ms) {
            (false, _) => one.drawn += 1,
            (true, released) => {
                one.reserves += 1;
                one.released += u64::from(released.is_some());
            }
        }
    }
    Ok(strata)
}

/// The drawn cases in the order of the draw's file.
///
/// # Errors
/// [`StoreError::Database`].
pub fn cases(conn: &mut Conn, list: &str) -> Result<Vec<Drawn>, StoreError> {
    let rows: Vec<(String, i64, bool, String, String)> = frame_drawn::table
        .filter(frame_drawn::list_id.eq(list))
        .select((
            frame_drawn::stratum,
            frame_drawn::place,
            frame_drawn::reserve,
            frame_drawn::case_id,
            frame_drawn::hash,
        ))
        .load(conn)?;
    let mut cases: Vec<Drawn> = rows
        .into_iter()
        .map(|(stratum, place, reserve, id, hash)| Drawn {
            stratum,
            place: place.try_into().unwrap_or_default(),
            reserve,
            id,
            hash,
        })
        .collect();
    // As bytes: databases sort by their own alphabets.
    cases.sort_by(|a, b| (&a.stratum, a.place).cmp(&(&b.stratum, b.place)));
    Ok(cases)
}
