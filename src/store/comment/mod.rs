//! Comments: read by somebody, given themes, cleared or withheld; incidents that they or answers report. Rows are only ever
//! added; the newest one about a response counts. They come in the order of random ids, without a time, a name or a link.

mod erase;
mod read;
mod report;
mod sealed;

use diesel::dsl::max;
use diesel::prelude::*;

use super::conn::{Conn, per_backend};
use super::evaluation;
use super::grading::{Act, GradingError, log};
use super::schema_comment::{comment_review, comment_theme, incident};
use super::{StoreError, WriteTx};
use crate::survey::comment::{Clearance, Incident, Ruling, Together};
use crate::survey::evaluation::EvaluationState;
use crate::survey::form::Problem;
use crate::survey::id::{EvaluationId, ResponseId};
use crate::survey::identifying::identifiers;
use crate::survey::theme::{OWN_MAX, THEMES_VERSION, Themes};

pub(super) use erase::{due, erase};
pub use read::{
    Comment, Counts, Filter, Reported, Reviewed, any_unread, counts, find, incident_of, incidents, list, own_themes,
    unread_after,
};
pub(super) use report::report as report_of;
pub(super) use sealed::{insert, is_genuine, open};

/// Action of the event by which texts are erased: of the response that is its object, of every one without.
pub(super) const ERASED_ACTION: &str = "comment.erased";

/// Comments are read, and incidents reported, from the first answer until sealing.
fn hold(tx: &mut WriteTx<'_>, id: EvaluationId) -> Result<(), GradingError> {
    match evaluation::held_state(tx, id)? {
        EvaluationState::Open | EvaluationState::Closed => Ok(()),
        _ => Err(GradingError::refused("", Problem::Sealed)),
    }
}

/// Writes down what somebody decided about a comment; `original` is the text that they read.
///
/// # Errors
/// [`GradingError::Refused`] for a sealed record, and when the comment is gone.
pub fn review(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    response: ResponseId,
    ruling: &Ruling,
    act: Act,
) -> Result<(), GradingError> {
    hold(tx, id)?;
    append(tx, id, response, (&ruling.clearance, &ruling.themes), act)?;
    Ok(report(tx, id, response, &ruling.incident, act)?)
}

/// Clears or withholds several comments at once.
///
/// # Errors
/// [`GradingError::Refused`] when one is gone, or is to be cleared although something in it looks like an identifier.
pub fn review_together(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    together: &Together,
    act: Act,
) -> Result<(), GradingError> {
    hold(tx, id)?;
    for response in &together.comments {
        let text = text_of(tx, id, *response)?;
        let clearance = match together.is_cleared {
            true if !identifiers(&text).is_empty() => {
                return Err(GradingError::refused("comment", Problem::Identifying));
            }
            true => Clearance::Cleared(text),
            false => Clearance::Withheld,
        };
        append(tx, id, *response, (&clearance, &together.themes), act)?;
    }
    Ok(())
}

/// The text of a comment that is there.
fn text_of(tx: &mut WriteTx<'_>, id: EvaluationId, response: ResponseId) -> Result<String, GradingError> {
    let of = (id.to_string(), response.to_string());
    let body = sealed::body_of(tx.conn, &of.0, &of.1)?;
    let text = match body {
        Some(body) => open(tx.key()?, (&of.0, &of.1), &body)?,
        None => None,
    };
    text.ok_or_else(|| GradingError::refused("", Problem::Changed))
}

fn append(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    response: ResponseId,
    (clearance, themes): (&Clearance, &Themes),
    act: Act,
) -> Result<(), GradingError> {
    if sealed::body_of(tx.conn, &id.to_string(), &response.to_string())?.is_none_or(|body| body.is_empty()) {
        return Err(GradingError::refused("", Problem::Changed));
    }
    let last: Option<i32> = comment_review::table
        .filter(comment_review::evaluation_id.eq(id.to_string()))
        .filter(comment_review::response_id.eq(response.to_string()))
        .select(max(comment_review::number))
        .first(tx.conn)?;
    let status = clearance.status().as_str();
    let row = (
        comment_review::evaluation_id.eq(id.to_string()),
        comment_review::response_id.eq(response.to_string()),
        comment_review::number.eq(last.unwrap_or(0) + 1),
        comment_review::status.eq(status),
        comment_review::cleared.eq(clearance.text()),
        comment_review::themes.eq(themes.codes()),
        comment_review::reviewed_by.eq(act.0.to_string()),
        comment_review::at_ms.eq(act.1),
    );
    diesel::insert_into(comment_review::table)
        .values(row)
        .execute(tx.conn)?;
    let data = serde_json::json!({"status": status, "themes": themes.codes(), "version": THEMES_VERSION});
    Ok(log(tx, id, act, ("comment.reviewed", &response.to_string()), &data)?)
}

/// Reports an incident about an answer, changes the note, or takes it back.
///
/// # Errors
/// [`GradingError::Refused`] for a sealed record, and when there is no such answer.
pub fn report_incident(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    response: ResponseId,
    told: &Incident,
    act: Act,
) -> Result<(), GradingError> {
    hold(tx, id)?;
    if !super::response::is_stored(tx.conn, id, response)? {
        return Err(GradingError::refused("", Problem::Changed));
    }
    Ok(report(tx, id, response, told, act)?)
}

/// Nothing where it is known already.
fn report(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    response: ResponseId,
    told: &Incident,
    act: Act,
) -> Result<(), StoreError> {
    let known = incident_of(tx.conn, id, response)?;
    if known.as_ref() == Some(told) || known.is_none() && told.concern.is_none() {
        return Ok(());
    }
    let last: Option<i32> = incident::table
        .filter(incident::evaluation_id.eq(id.to_string()))
        .filter(incident::response_id.eq(response.to_string()))
        .select(max(incident::number))
        .first(tx.conn)?;
    let kind = told.concern.map_or("none", |concern| concern.as_str());
    let row = (
        incident::evaluation_id.eq(id.to_string()),
        incident::response_id.eq(response.to_string()),
        incident::number.eq(last.unwrap_or(0) + 1),
        incident::kind.eq(kind),
        incident::note.eq(&told.note),
        incident::reported_by.eq(act.0.to_string()),
        incident::at_ms.eq(act.1),
    );
    diesel::insert_into(incident::table).values(row).execute(tx.conn)?;
    let data = serde_json::json!({"kind": kind});
    log(tx, id, act, ("incident.reported", &response.to_string()), &data)
}

/// Adds a theme of the evaluation's own.
///
/// # Errors
/// [`GradingError::Refused`] for a name that is there, and when there are too many.
pub fn add_theme(tx: &mut WriteTx<'_>, id: EvaluationId, name: &str, act: Act) -> Result<(), GradingError> {
    hold(tx, id)?;
    super::event::lock_chain(tx.conn, id)?;
    let own = own_themes(tx.conn, id)?;
    if own.iter().any(|(_, known)| known == name) {
        return Err(GradingError::refused("name", Problem::Taken));
    }
    if own.len() >= OWN_MAX {
        return Err(GradingError::refused("name", Problem::OutOfRange));
    }
    let row = (
        comment_theme::evaluation_id.eq(id.to_string()),
        comment_theme::number.eq(i32::try_from(own.len()).unwrap_or(i32::MAX).saturating_add(1)),
        comment_theme::name.eq(name),
        comment_theme::added_by.eq(act.0.to_string()),
        comment_theme::at_ms.eq(act.1),
    );
    diesel::insert_into(comment_theme::table).values(row).execute(tx.conn)?;
    Ok(log(
        tx,
        id,
        act,
        ("comment.theme_added", ""),
        &serde_json::json!({"theme": name}),
    )?)
}

/// Takes away what was decided about a response that was withdrawn, whose event is there already.
pub(super) fn forget(conn: &mut Conn, id: EvaluationId, response: ResponseId) -> Result<(), StoreError> {
    let (id, response) = (id.to_string(), response.to_string());
    let reviews = comment_review::table
        .filter(comment_review::evaluation_id.eq(&id))
        .filter(comment_review::response_id.eq(&response));
    diesel::delete(reviews).execute(conn)?;
    let incidents = incident::table
        .filter(incident::evaluation_id.eq(&id))
        .filter(incident::response_id.eq(&response));
    per_backend!(conn, |c| diesel::delete(incidents).execute(c))?;
    Ok(())
}
