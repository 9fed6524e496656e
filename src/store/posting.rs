//! Plates and slips as evaluators posted and removed them.

use diesel::prelude::*;

use super::catalogue::Catalogue;
use super::conn::Conn;
use super::evaluation::Evaluation;
use super::grading::{Act, GradingError, log, person};
use super::schema_planning::posting;
use super::{StoreError, WriteTx, evaluation as evaluations, link, link_batch, outlet_code};
use crate::survey::evaluation::EvaluationState;
use crate::survey::form::Problem;
use crate::survey::id::EvaluationId;
use crate::survey::link::{LinkKind, LinkSecret};
use crate::survey::posting::{Deed, Item, Offer, Posted, Posting, secret_in, standing};

/// Rows of one evaluation.
const POSTINGS_MAX: i64 = 5_000;
/// Codes or batches that are offered.
const ITEMS_MAX: i64 = 500;
/// Milliseconds by which China is ahead.
const CHINA_OFFSET_MS: i64 = 8 * 3_600_000;

/// The plates and slips of an evaluation, outlet by outlet.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn offers(conn: &mut Conn, evaluation: &Evaluation, key: &[u8], now_ms: i64) -> Result<Vec<Offer>, StoreError> {
    let codes = outlet_code::list(conn, evaluation, key, ITEMS_MAX)?;
    let plates = codes.into_iter().map(|code| Offer {
        item: Item::Plate(code.id),
        outlet: code.outlet,
        name: code.outlet_name,
        mark: i64::from(code.generation),
        is_over: code.state.revoked,
    });
    let batches = link_batch::list(conn, evaluation, now_ms, ITEMS_MAX)?;
    let printed = batches.into_iter().filter(|batch| batch.kind == LinkKind::Printed);
    let slips = printed.map(|batch| Offer {
        item: Item::Slips(batch.id),
        outlet: batch.outlet,
        name: batch.outlet_name,
        mark: batch.created_at_ms,
        is_over: false,
    });
    Ok(plates.chain(slips).collect())
}

/// Every row of an evaluation, oldest first.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn list(conn: &mut Conn, id: EvaluationId) -> Result<Vec<Posted>, StoreError> {
    type Row = (
        (String, Option<String>, Option<String>, String),
        (i64, String, String, bool, String),
    );
    let rows: Vec<Row> = posting::table
        .filter(posting::evaluation_id.eq(id.to_string()))
        .order(posting::seq)
        .select((
            (posting::outlet_id, posting::link_id, posting::batch_id, posting::deed),
            (
                posting::done_at_ms,
                posting::spot,
                posting::photo,
                posting::scanned,
                posting::evaluator_id,
            ),
        ))
        .limit(POSTINGS_MAX)
        .load(conn)?;
    rows.into_iter()
        .map(
            |((outlet, link, batch, deed), (done_at_ms, spot, photo, is_scanned, evaluator))| {
                let corrupt = || StoreError::Corrupt(format!("posting at {outlet}"));
                let item = match (&link, &batch) {
                    (Some(link), _) => link.parse().ok().map(Item::Plate),
                    (_, Some(batch)) => batch.parse().ok().map(Item::Slips),
                    _ => None,
                };
                Ok(Posted {
                    item: item.ok_or_else(corrupt)?,
                    outlet: outlet.parse().map_err(|_| corrupt())?,
                    deed: Deed::parse(&deed).ok_or_else(corrupt)?,
                    done_at_ms,
                    spot,
                    photo,
                    is_scanned,
                    evaluator: person(&evaluator)?,
                })
            },
        )
        .collect()
}

/// Notes what an evaluator did. What was scanned must be a code of this very item; nothing of it is kept.
///
/// # Errors
/// [`GradingError::Refused`] outside fieldwork, for what is posted already or not, for what was withdrawn, and where a code
/// of something else was scanned.
pub fn note(
    tx: &mut WriteTx<'_>,
    catalogue: &Catalogue,
    id: EvaluationId,
    (new, offers): (&Posting, &[Offer]),
    key: &[u8],
    act: Act,
) -> Result<(), GradingError> {
    let state = evaluations::held_state(tx, id)?;
    if !matches!(
        state,
        EvaluationState::Frozen | EvaluationState::Open | EvaluationState::Closed
    ) {
        return Err(GradingError::refused("deed", Problem::NotPossible));
    }
    let offer = offers.iter().find(|offer| offer.item.to_string() == new.item);
    let offer = offer.ok_or_else(|| GradingError::refused("item", Problem::NotAChoice))?;
    let rows = list(tx.conn, id)?;
    let last = standing(&rows).get(&offer.item).copied();
    let hangs = last.is_some_and(|last| last.deed == Deed::Posted);
    if hangs == (new.deed == Deed::Posted) || (new.deed == Deed::Posted && offer.is_over) {
        return Err(GradingError::refused("deed", Problem::NotPossible));
    }
    let done_at_ms = new.when.and_utc().timestamp_millis() - CHINA_OFFSET_MS;
    if last.is_some_and(|last| done_at_ms < last.done_at_ms) {
        return Err(GradingError::refused("day", Problem::TooEarly));
    }
    if !new.scanned.is_empty() && !is_code_of(tx.conn, catalogue, id, offer.item, &new.scanned, key)? {
        return Err(GradingError::refused("scanned", Problem::ForeignCode));
    }
    let seq = rows.len() as i64 + 1;
    if seq > POSTINGS_MAX {
        return Err(GradingError::refused("item", Problem::NotPossible));
    }
    let (link, batch) = match offer.item {
        Item::Plate(link) => (Some(link.to_string()), None),
        Item::Slips(batch) => (None, Some(batch.to_string())),
    };
    let row = (
        posting::evaluation_id.eq(id.to_string()),
        posting::seq.eq(seq),
        posting::outlet_id.eq(offer.outlet.to_string()),
        posting::link_id.eq(link),
        posting::batch_id.eq(batch),
        posting::deed.eq(new.deed.as_str()),
        posting::done_at_ms.eq(done_at_ms),
        posting::spot.eq(&new.spot),
        posting::photo.eq(&new.photo),
        posting::scanned.eq(!new.scanned.is_empty()),
        posting::evaluator_id.eq(act.0.to_string()),
        posting::at_ms.eq(act.1),
    );
    diesel::insert_into(posting::table).values(row).execute(tx.conn)?;
    let action = match new.deed {
        Deed::Posted => "code.posted",
        Deed::Removed => "code.removed",
    };
    let data = serde_json::json!({"done_at_ms": done_at_ms, "spot": new.spot, "photo": new.photo});
    Ok(log(tx, id, act, (action, &offer.item.to_string()), &data)?)
}

/// Whether what was scanned leads to this item of this evaluation.
fn is_code_of(
    conn: &mut Conn,
    catalogue: &Catalogue,
    id: EvaluationId,
    item: Item,
    scanned: &str,
    key: &[u8],
) -> Result<bool, StoreError> {
    let Some(secret) = LinkSecret::parse(secret_in(scanned)) else {
        return Ok(false);
    };
    let found = link::find_by_hash(conn, catalogue, &secret.hash(key))?;
    Ok(found.is_some_and(|link| {
        let is_item = match item {
            Item::Plate(plate) => link.id == plate,
            Item::Slips(batch) => link.batch == Some(batch),
        };
        link.evaluation.id == id && is_item
    }))
}
