//! What the chain says of rows, and the rows: answers against commitments, commitments against the hours of the chain, tables
//! against what was sealed and signed.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::{Fault, Verified};
use crate::personal::DataKey;
use crate::store::conn::Conn;
use crate::store::correction;
use crate::store::decision::DECISION_SIGNED;
use crate::store::response::decisions;
use crate::store::schema::{event, response, response_comment, response_content};
use crate::store::seal::{SEALED_ACTION, digest};
use crate::store::tables::{JUDGED, SEALED};
use crate::store::{StoreError, comment, evaluation as evaluations, ledger};
use crate::survey::commitment;
use crate::survey::counting::Decision;
use crate::survey::evaluation::EvaluationState;
use crate::survey::id::EvaluationId;
use crate::survey::merkle;

/// Rows of one page.
const ROWS: i64 = 2_000;

/// The first fault of an evaluation's rows.
///
/// # Errors
/// [`StoreError`].
pub(super) fn verify(
    conn: &mut Conn,
    id: EvaluationId,
    key: Option<&DataKey>,
    seen: &mut Verified,
) -> Result<Option<Fault>, StoreError> {
    if let Some(fault) = state(conn, id)? {
        return Ok(Some(fault));
    }
    if let Some(fault) = responses(conn, id, key, seen)? {
        return Ok(Some(fault));
    }
    if let Some(response) = correction::broken(conn, id)? {
        return Ok(Some(Fault::Content(response)));
    }
    if let Some(fault) = hours(conn, id, seen)? {
        return Ok(Some(fault));
    }
    if let Some(fault) = sealed(conn, id)? {
        return Ok(Some(fault));
    }
    tables(conn, id, DECISION_SIGNED, JUDGED)
}

/// Whether the evaluation stands where its last step led.
fn state(conn: &mut Conn, id: EvaluationId) -> Result<Option<Fault>, StoreError> {
    let steps: Vec<String> = EvaluationState::ALL
        .iter()
        .map(|state| format!("evaluation.{}", state.as_str()))
        .collect();
    let last: Option<String> = event::table
        .filter(
            event::evaluation_id
                .eq(id.to_string())
                .and(event::action.eq_any(&steps)),
        )
        .order(event::seq.desc())
        .select(event::action)
        .first(conn)
        .optional()?;
    let stands = evaluations::state(conn, id)?.unwrap_or(EvaluationState::Draft);
    let led = last.map_or(Some(EvaluationState::Draft), |action| {
        EvaluationState::parse(action.trim_start_matches("evaluation."))
    });
    Ok((led != Some(stands)).then(|| Fault::Table("evaluation".into())))
}

/// Whether every hour holds the answers that its event bound. Answers that no event has bound yet are counted.
fn hours(conn: &mut Conn, id: EvaluationId, seen: &mut Verified) -> Result<Option<Fault>, StoreError> {
    let closed = evaluations::state(conn, id)?.is_some_and(|state| state >= EvaluationState::Sealed);
    let (there, recorded) = (ledger::hours(conn, id)?, ledger::recorded(conn, id)?);
    for (hour, told) in &recorded {
        let lines = there.get(hour).map(Vec::as_slice).unwrap_or_default();
        if ledger::told(lines) != *told {
            return Ok(Some(Fault::Hour(*hour)));
        }
    }
    for (hour, lines) in there.iter().filter(|(hour, _)| !recorded.contains_key(hour)) {
        if closed {
            return Ok(Some(Fault::Hour(*hour)));
        }
        seen.unbound += lines.len() as u64;
    }
    Ok(None)
}

/// What the last event of an action says.
fn last(conn: &mut Conn, id: EvaluationId, action: &str) -> Result<Option<serde_json::Value>, StoreError> {
    let data: Option<String> = event::table
        .filter(event::evaluation_id.eq(id.to_string()).and(event::action.eq(action)))
        .order(event::seq.desc())
        .select(event::data)
        .first(conn)
        .optional()?;
    data.map(|text| serde_json::from_str(&text).map_err(|e| StoreError::Corrupt(format!("{action}: {e}"))))
        .transpose()
}

/// The record against the event that sealed it; a sealed evaluation without one is a fault, too.
fn sealed(conn: &mut Conn, id: EvaluationId) -> Result<Option<Fault>, StoreError> {
    let is_sealed = evaluations::state(conn, id)?.is_some_and(|state| state >= EvaluationState::Sealed);
    let told = last(conn, id, SEALED_ACTION)?;
    if is_sealed != told.is_some() {
        return Ok(Some(Fault::Table("evaluation".into())));
    }
    let Some(told) = told else { return Ok(None) };
    let lines = ledger::lines(conn, id)?;
    if told.get("root").and_then(serde_json::Value::as_str) != Some(merkle::root(&lines).as_str()) {
        return Ok(Some(Fault::Table("response".into())));
    }
    tables(conn, id, SEALED_ACTION, SEALED)
}

/// Tables against the hashes that the last event of an action carries.
fn tables(
    conn: &mut Conn,
    id: EvaluationId,
    action: &str,
    names: &[(&str, &[&str])],
) -> Result<Option<Fault>, StoreError> {
    let Some(told) = last(conn, id, action)?.and_then(|data| data.get("tables").cloned()) else {
        return Ok(None);
    };
    let told: BTreeMap<String, String> =
        serde_json::from_value(told).map_err(|e| StoreError::Corrupt(format!("{action}: {e}")))?;
    // What was not there yet when it was sealed is not looked for.
    let names: Vec<_> = names
        .iter()
        .filter(|(name, _)| told.contains_key(*name))
        .copied()
        .collect();
    let found = digest(conn, id, &names)?;
    Ok(told
        .into_iter()
        .find(|(name, hash)| found.get(name) != Some(hash))
        .map(|(name, _)| Fault::Table(name)))
}

/// Id and commitment; answers, their salt, the salt of no comment; body and digest of a comment.
type Committed = (
    (String, String),
    Option<(String, String, String)>,
    Option<(String, String)>,
);

/// The digest of a comment, sealed or erased, or of none; `None` for one that is not what it was.
fn comment_digest(
    key: Option<&DataKey>,
    of: (&str, &str),
    salt_of_none: &str,
    comment: Option<(&str, &str)>,
    was_erased: bool,
) -> Option<[u8; 32]> {
    let Some((body, digest)) = comment else {
        return inner(salt_of_none, "");
    };
    let is_whole = match (body, key) {
        ("", _) => was_erased,
        (body, Some(key)) => comment::is_genuine(key, of, body, digest),
        (_, None) => true,
    };
    let bytes = data_encoding::HEXLOWER.decode(digest.as_bytes()).ok()?;
    (is_whole && salt_of_none.is_empty()).then(|| bytes.try_into().ok())?
}

fn inner(salt: &str, content: &str) -> Option<[u8; 32]> {
    let bytes = data_encoding::HEXLOWER.decode(salt.as_bytes()).ok()?;
    Some(commitment::inner(&bytes.try_into().ok()?, content))
}

/// Of which responses comments were erased; an empty name is all of them.
fn erased(conn: &mut Conn, id: EvaluationId) -> Result<BTreeSet<String>, StoreError> {
    let objects: Vec<String> = event::table
        .filter(event::evaluation_id.eq(id.to_string()))
        .filter(event::action.eq(comment::ERASED_ACTION))
        .select(event::object)
        .load(conn)?;
    Ok(objects.into_iter().collect())
}

fn responses(
    conn: &mut Conn,
    id: EvaluationId,
    key: Option<&DataKey>,
    seen: &mut Verified,
) -> Result<Option<Fault>, StoreError> {
    let (evaluation, decisions, erased) = (id.to_string(), decisions(conn, id)?, erased(conn, id)?);
    let mut after = String::new();
    loop {
        let page: Vec<Committed> = response::table
            .left_join(
                response_content::table.on(response_content::evaluation_id
                    .eq(response::evaluation_id)
                    .and(response_content::response_id.eq(response::id))),
            )
            .left_join(
                response_comment::table.on(response_comment::evaluation_id
                    .eq(response::evaluation_id)
                    .and(response_comment::response_id.eq(response::id))),
            )
            .filter(response::evaluation_id.eq(id.to_string()).and(response::id.gt(&after)))
            .order(response::id)
            .select((
                (response::id, response::commitment),
                (
                    response_content::answers,
                    response_content::salt,
                    response_content::comment_salt,
                )
                    .nullable(),
                (response_comment::body, response_comment::digest).nullable(),
            ))
            .limit(ROWS)
            .load(conn)?;
        let Some(last) = page.last() else { return Ok(None) };
        after.clone_from(&last.0.0);
        for ((response, committed), content, comment) in page {
            seen.responses += 1;
            let Some((answers, salt, comment_salt)) = content else {
                let withdrawn = decisions
                    .get(&response)
                    .is_some_and(|history| history.contains(&Decision::Withdrawn));
                if withdrawn {
                    continue;
                }
                return Ok(Some(Fault::ContentMissing(response)));
            };
            let comment = comment.as_ref().map(|(body, digest)| (body.as_str(), digest.as_str()));
            let was_erased = erased.contains("") || erased.contains(&response);
            let of = (evaluation.as_str(), response.as_str());
            let opened = inner(&salt, &answers)
                .zip(comment_digest(key, of, &comment_salt, comment, was_erased))
                .map(|(answers, comment)| commitment::commitment(&answers, &comment));
            if opened.as_ref() != Some(&committed) {
                return Ok(Some(Fault::Content(response)));
            }
        }
    }
}
