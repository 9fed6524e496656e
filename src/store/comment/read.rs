//! Comments, what was decided about them, and the incidents, as they are read.

use std::collections::BTreeMap;

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::sealed;
use crate::personal::DataKey;
use crate::store::StoreError;
use crate::store::conn::Conn;
use crate::store::grading::person;
use crate::store::schema::response_comment;
use crate::store::schema_comment::{comment_review, comment_theme, incident};
use crate::survey::comment::{Clearance, Concern, Incident, Status};
use crate::survey::id::{EvaluationId, PersonId, ResponseId};
use crate::survey::theme::Themes;

/// Incidents that those who score are shown.
const INCIDENTS_MAX: usize = 200;

/// A comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Whose, by the random id of the response.
    pub response: ResponseId,
    /// What was written; nothing once it was erased.
    pub text: Option<String>,
    /// What was decided; nothing while it is unread.
    pub reviewed: Option<Reviewed>,
    /// What it reports.
    pub incident: Option<Incident>,
}

/// What somebody decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reviewed {
    /// Whether it leaves, and as what.
    pub clearance: Clearance,
    /// What it is about.
    pub themes: Themes,
    /// By whom.
    pub by: PersonId,
    /// When, Unix ms.
    pub at_ms: i64,
}

/// An incident for those who score: what may be told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    /// Which kind.
    pub concern: Concern,
    /// The comment as it was cleared.
    pub text: Option<String>,
    /// In words of who read it.
    pub note: String,
}

/// What a list is narrowed to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Filter {
    /// Every comment.
    #[default]
    All,
    /// Those of a status.
    Of(Status),
    /// Those with an incident.
    Incidents,
}

/// Comments by status.
pub type Counts = BTreeMap<Status, u64>;

fn response_id(text: &str) -> Result<ResponseId, StoreError> {
    text.parse()
        .map_err(|_| StoreError::Corrupt(format!("response {text}")))
}

/// The newest status of every comment that was read.
fn statuses(conn: &mut Conn, id: EvaluationId) -> Result<BTreeMap<String, Status>, StoreError> {
    let rows: Vec<(String, String)> = comment_review::table
        .filter(comment_review::evaluation_id.eq(id.to_string()))
        .order((comment_review::response_id, comment_review::number))
        .select((comment_review::response_id, comment_review::status))
        .load(conn)?;
    rows.into_iter()
        .map(|(response, status)| {
            let status = Status::parse(&status).ok_or_else(|| StoreError::Corrupt(format!("review {status}")))?;
            Ok((response, status))
        })
        .collect()
}

fn ids(conn: &mut Conn, id: EvaluationId) -> Result<Vec<String>, StoreError> {
    Ok(response_comment::table
        .filter(response_comment::evaluation_id.eq(id.to_string()))
        .order(response_comment::response_id)
        .select(response_comment::response_id)
        .load(conn)?)
}

/// How many comments there are of every status.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn counts(conn: &mut Conn, id: EvaluationId) -> Result<Counts, StoreError> {
    let known = statuses(conn, id)?;
    let mut counts = Counts::new();
    for response in ids(conn, id)? {
        let status = known.get(&response).copied().unwrap_or(Status::Unread);
        *counts.entry(status).or_default() += 1;
    }
    Ok(counts)
}

/// Whether a comment still waits to be read: nothing is sealed before.
///
/// # Errors
/// [`StoreError::Database`].
pub fn any_unread(conn: &mut Conn, id: EvaluationId) -> Result<bool, StoreError> {
    let reviewed = comment_review::table.filter(
        comment_review::evaluation_id
            .eq(response_comment::evaluation_id)
            .and(comment_review::response_id.eq(response_comment::response_id)),
    );
    let unread: Option<String> = response_comment::table
        .filter(response_comment::evaluation_id.eq(id.to_string()))
        .filter(not(exists(reviewed)))
        .select(response_comment::response_id)
        .first(conn)
        .optional()?;
    Ok(unread.is_some())
}

/// The next unread comment after this one, else the first.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn unread_after(conn: &mut Conn, id: EvaluationId, after: ResponseId) -> Result<Option<ResponseId>, StoreError> {
    let known = statuses(conn, id)?;
    let after = after.to_string();
    let unread: Vec<String> = ids(conn, id)?
        .into_iter()
        .filter(|one| !known.contains_key(one))
        .collect();
    let next = unread.iter().find(|one| **one > after).or(unread.first());
    next.map(|one| response_id(one)).transpose()
}

/// Comments in the order of their random ids, after one of them; at most `rows_max`.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn list(
    conn: &mut Conn,
    key: &DataKey,
    id: EvaluationId,
    (filter, after): (Filter, Option<ResponseId>),
    rows_max: usize,
) -> Result<Vec<Comment>, StoreError> {
    let known = statuses(conn, id)?;
    let reported = match filter {
        Filter::Incidents => newest_incidents(conn, id)?,
        _ => BTreeMap::new(),
    };
    let after = after.map(|after| after.to_string()).unwrap_or_default();
    let chosen = |one: &String| {
        *one > after
            && match filter {
                Filter::All => true,
                Filter::Of(status) => known.get(one).copied().unwrap_or(Status::Unread) == status,
                Filter::Incidents => reported.get(one).is_some_and(|one| one.concern.is_some()),
            }
    };
    let chosen: Vec<String> = ids(conn, id)?.into_iter().filter(chosen).take(rows_max).collect();
    read(conn, key, id, &chosen)
}

/// One comment.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn find(
    conn: &mut Conn,
    key: &DataKey,
    id: EvaluationId,
    response: ResponseId,
) -> Result<Option<Comment>, StoreError> {
    Ok(read(conn, key, id, &[response.to_string()])?.pop())
}

fn read(conn: &mut Conn, key: &DataKey, id: EvaluationId, chosen: &[String]) -> Result<Vec<Comment>, StoreError> {
    type Review = (String, String, Option<String>, String, String, i64);
    let evaluation = id.to_string();
    let bodies: Vec<(String, String)> = response_comment::table
        .filter(response_comment::evaluation_id.eq(&evaluation))
        .filter(response_comment::response_id.eq_any(chosen))
        .order(response_comment::response_id)
        .select((response_comment::response_id, response_comment::body))
        .load(conn)?;
    let rows: Vec<Review> = comment_review::table
        .filter(comment_review::evaluation_id.eq(&evaluation))
        .filter(comment_review::response_id.eq_any(chosen))
        .order(comment_review::number)
        .select((
            comment_review::response_id,
            comment_review::status,
            comment_review::cleared,
            comment_review::themes,
            comment_review::reviewed_by,
            comment_review::at_ms,
        ))
        .load(conn)?;
    let mut reviews = BTreeMap::new();
    for (response, status, cleared, themes, by, at_ms) in rows {
        let corrupt = || StoreError::Corrupt(format!("review of {response}"));
        let reviewed = Reviewed {
            clearance: Clearance::of(&status, cleared).ok_or_else(corrupt)?,
            themes: Themes::parse(&themes).ok_or_else(corrupt)?,
            by: person(&by)?,
            at_ms,
        };
        reviews.insert(response, reviewed);
    }
    bodies
        .into_iter()
        .map(|(response, body)| {
            let one = response_id(&response)?;
            Ok(Comment {
                response: one,
                text: sealed::open(key, (&evaluation, &response), &body)?,
                reviewed: reviews.remove(&response),
                incident: incident_of(conn, id, one)?,
            })
        })
        .collect()
}

/// Themes that the evaluation added, by their numbers.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn own_themes(conn: &mut Conn, id: EvaluationId) -> Result<Vec<(u8, String)>, StoreError> {
    let rows: Vec<(i32, String)> = comment_theme::table
        .filter(comment_theme::evaluation_id.eq(id.to_string()))
        .order(comment_theme::number)
        .select((comment_theme::number, comment_theme::name))
        .load(conn)?;
    rows.into_iter()
        .map(|(number, name)| {
            let number = u8::try_from(number).map_err(|_| StoreError::Corrupt(format!("theme {number}")))?;
            Ok((number, name))
        })
        .collect()
}

type Row = (String, String, String);

fn told((response, kind, note): Row) -> (String, Incident) {
    let concern = Concern::parse(&kind);
    (response, Incident { concern, note })
}

/// What stands about every answer of which an incident was ever reported.
fn newest_incidents(conn: &mut Conn, id: EvaluationId) -> Result<BTreeMap<String, Incident>, StoreError> {
    let rows: Vec<Row> = incident::table
        .filter(incident::evaluation_id.eq(id.to_string()))
        .order(incident::number)
        .select((incident::response_id, incident::kind, incident::note))
        .load(conn)?;
    Ok(rows.into_iter().map(told).collect())
}

/// What an answer is said to report.
///
/// # Errors
/// [`StoreError::Database`].
pub fn incident_of(conn: &mut Conn, id: EvaluationId, response: ResponseId) -> Result<Option<Incident>, StoreError> {
    let row: Option<Row> = incident::table
        .filter(incident::evaluation_id.eq(id.to_string()))
        .filter(incident::response_id.eq(response.to_string()))
        .order(incident::number.desc())
        .select((incident::response_id, incident::kind, incident::note))
        .first(conn)
        .optional()?;
    Ok(row.map(told).map(|(_, incident)| incident))
}

/// Every incident, for those who score: the comment only as it was cleared.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn incidents(conn: &mut Conn, id: EvaluationId) -> Result<Vec<Reported>, StoreError> {
    let rows: Vec<(String, Option<String>)> = comment_review::table
        .filter(comment_review::evaluation_id.eq(id.to_string()))
        .order(comment_review::number)
        .select((comment_review::response_id, comment_review::cleared))
        .load(conn)?;
    let mut cleared: BTreeMap<String, Option<String>> = rows.into_iter().collect();
    let newest = newest_incidents(conn, id)?.into_iter();
    let reported = newest.filter_map(|(response, told)| {
        Some(Reported {
            concern: told.concern?,
            text: cleared.remove(&response).flatten(),
            note: told.note,
        })
    });
    Ok(reported.take(INCIDENTS_MAX).collect())
}
