//! Erasing what is personal of somebody who asks: found by what they give, in lists by opening one entry after the other,
//! never by browsing; erased in one transaction; on record by a keyed hash of what they gave and counts.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::catalogue::Catalogue;
use super::comment::ERASED_ACTION;
use super::conn::Conn;
use super::frame::{self, ListState};
use super::grading::{Act, log, person};
use super::schema::{response, response_comment};
use super::schema_comment::erasure;
use super::schema_frame::{frame_case, frame_list};
use super::schema_offline::contact_phone;
use super::schema_recipient::recipient as recipients;
use super::suppression::{self, Suppressed};
use super::withdrawal::{self, Standing};
use super::{StoreError, WriteTx, event, recipient};
use crate::personal;
use crate::secret::SecretKey;
use crate::survey::erasure::{Asked, Erased, Way};
use crate::survey::event::Event;
use crate::survey::id::{EvaluationId, InterviewId, PersonId, ResponseId};
use crate::survey::submission::Receipt;

/// Entries of a list opened at once.
const ROWS: i64 = 2_000;
/// Erasures that the page lists.
const LISTED_MAX: i64 = 200;

/// Opens a telephone number left with an interview.
pub type Reveal = fn(&SecretKey, (EvaluationId, InterviewId), &str) -> Option<String>;

/// What there is of somebody.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Evaluation and id of people drawn.
    recipients: Vec<(String, String)>,
    /// Evaluation, list and id of entries.
    entries: Vec<(String, String, String)>,
    /// Evaluation and interview of telephone numbers.
    phones: Vec<(String, String)>,
    /// The answer of a receipt that may still be withdrawn.
    answer: Option<ResponseId>,
    /// Evaluation and response of a sealed answer whose comment is still kept.
    comment: Option<(String, String)>,
    /// Whether the withdrawn answer has a comment.
    has_comment: bool,
}

impl Found {
    /// What would be erased.
    pub fn erased(&self) -> Erased {
        let count = |n: usize| n as u64;
        Erased {
            recipients: count(self.recipients.len()),
            list_entries: count(self.entries.len()),
            phones: count(self.phones.len()),
            comments: u64::from(self.comment.is_some() || self.has_comment),
            answers: u64::from(self.answer.is_some()),
        }
    }
}

/// Looks for somebody. Opening a list of 50 000 takes under a second.
///
/// # Errors
/// [`StoreError::Corrupt`] under another key.
pub fn look(conn: &mut Conn, server: &SecretKey, reveal: Reveal, asked: &Asked) -> Result<Found, StoreError> {
    let mut found = Found::default();
    match asked.way {
        Way::Address => {
            found.recipients = recipients::table
                .filter(recipients::email_index.eq(personal::index(server, &asked.what)))
                .select((recipients::evaluation_id, recipients::id))
                .load(conn)?;
            found.entries = entries(conn, server, asked)?;
        }
        Way::Phone => {
            found.entries = entries(conn, server, asked)?;
            let rows: Vec<(String, String, String)> = contact_phone::table
                .select((
                    contact_phone::evaluation_id,
                    contact_phone::interview_id,
                    contact_phone::sealed,
                ))
                .load(conn)?;
            let is_theirs = |(evaluation, interview, sealed): &(String, String, String)| {
                let place = evaluation.parse().ok().zip(interview.parse().ok());
                let number = place.and_then(|place| reveal(server, place, sealed));
                number.is_some_and(|number| asked.is_phone(&number))
            };
            let theirs = rows.into_iter().filter(is_theirs);
            found.phones = theirs
                .map(|(evaluation, interview, _)| (evaluation, interview))
                .collect();
        }
        Way::Receipt => of_receipt(conn, asked, &mut found)?,
    }
    Ok(found)
}

fn of_receipt(conn: &mut Conn, asked: &Asked, found: &mut Found) -> Result<(), StoreError> {
    let Some(id) = Receipt::parse(&asked.what).map(|receipt| receipt.response_id()) else {
        return Ok(());
    };
    let standing = withdrawal::standing(conn, id)?;
    let row: Option<(String, Option<String>)> = response::table
        .filter(response::id.eq(id.to_string()))
        .select((response::evaluation_id, response::interview_id))
        .first(conn)
        .optional()?;
    let (Some((evaluation, interview)), Some(standing)) = (row, standing) else {
        return Ok(());
    };
    let kept: Option<String> = response_comment::table
        .find((&evaluation, id.to_string()))
        .filter(response_comment::body.ne(""))
        .select(response_comment::response_id)
        .first(conn)
        .optional()?;
    if let Some(interview) = interview {
        found.phones = contact_phone::table
            .filter(contact_phone::evaluation_id.eq(&evaluation))
            .filter(contact_phone::interview_id.eq(&interview))
            .select((contact_phone::evaluation_id, contact_phone::interview_id))
            .load(conn)?;
    }
    match standing {
        Standing::OnRecord => {
            found.answer = Some(id);
            found.has_comment = kept.is_some();
        }
        Standing::Sealed => found.comment = kept.map(|response| (evaluation, response)),
        Standing::Withdrawn => {}
    }
    Ok(())
}

/// Entries of customer lists with this address or number.
fn entries(conn: &mut Conn, server: &SecretKey, asked: &Asked) -> Result<Vec<(String, String, String)>, StoreError> {
    let lists: Vec<(String, String)> = frame_list::table
        .filter(frame_list::state.eq(ListState::Ready.as_str()))
        .select((frame_list::evaluation_id, frame_list::id))
        .load(conn)?;
    let mut found = Vec::new();
    for (evaluation, list) in lists {
        let Some(key) = recipient::find_key(conn, server, &list)? else {
            continue;
        };
        let mut after = String::new();
        loop {
            let rows: Vec<(String, String)> = frame_case::table
                .filter(frame_case::list_id.eq(&list).and(frame_case::id.gt(&after)))
                .order(frame_case::id)
                .select((frame_case::id, frame_case::sealed_contact))
                .limit(ROWS)
                .load(conn)?;
            let Some(last) = rows.last() else { break };
            after.clone_from(&last.0);
            for (case, sealed) in rows {
                let Some(contact) = frame::import::contact(&key, &list, &case, &sealed)? else {
                    continue;
                };
                let is_theirs = match asked.way {
                    Way::Address => contact.email.to_lowercase() == asked.what,
                    _ => contact.phone.is_some_and(|phone| asked.is_phone(&phone)),
                };
                if is_theirs {
                    found.push((evaluation.clone(), list.clone(), case));
                }
            }
        }
    }
    Ok(found)
}

/// Erases what was found, sees to it that nobody writes to the address again, and puts it on record under this id.
///
/// # Errors
/// [`StoreError::Database`].
pub fn carry_out(
    tx: &mut WriteTx<'_>,
    catalogue: &Catalogue,
    server: &SecretKey,
    (asked, found): (&Asked, &Found),
    id: &str,
    act: Act,
) -> Result<(), StoreError> {
    let mut erased = found.erased();
    let mut by_evaluation: BTreeMap<String, Erased> = BTreeMap::new();
    if asked.way == Way::Address {
        suppression::add(tx, &personal::index(server, &asked.what), Suppressed::Objected, act.1)?;
    }
    for (evaluation, recipient) in &found.recipients {
        diesel::delete(recipients::table.find((evaluation, recipient))).execute(tx.conn)?;
        by_evaluation.entry(evaluation.clone()).or_default().recipients += 1;
    }
    for (evaluation, list, case) in &found.entries {
        diesel::update(frame_case::table.find((list, case)))
            .set(frame_case::sealed_contact.eq(""))
            .execute(tx.conn)?;
        by_evaluation.entry(evaluation.clone()).or_default().list_entries += 1;
    }
    for (evaluation, interview) in &found.phones {
        diesel::delete(contact_phone::table.find((evaluation, interview))).execute(tx.conn)?;
        by_evaluation.entry(evaluation.clone()).or_default().phones += 1;
    }
    for (evaluation, counts) in by_evaluation {
        let data = serde_json::to_value(counts).map_err(|e| StoreError::Corrupt(e.to_string()))?;
        log(tx, evaluation_id(&evaluation)?, act, ("contact.erased", ""), &data)?;
    }
    if let Some(answer) = found.answer
        && withdrawal::withdraw(tx, catalogue, answer, act.1)? != Some(Standing::Withdrawn)
    {
        // Sealed since it was looked at: only the next request finds what is left to erase.
        erased.answers = 0;
        erased.comments = 0;
    }
    if let Some((evaluation, response)) = &found.comment {
        let data = serde_json::json!({"comments": 1});
        log(tx, evaluation_id(evaluation)?, act, (ERASED_ACTION, response), &data)?;
        diesel::update(response_comment::table.find((evaluation, response)))
            .set(response_comment::body.eq(""))
            .execute(tx.conn)?;
    }
    record(tx, server, (asked, &erased), id, act)
}

fn evaluation_id(text: &str) -> Result<EvaluationId, StoreError> {
    text.parse()
        .map_err(|_| StoreError::Corrupt(format!("evaluation {text}")))
}

fn record(
    tx: &mut WriteTx<'_>,
    server: &SecretKey,
    (asked, erased): (&Asked, &Erased),
    id: &str,
    (who, at_ms): Act,
) -> Result<(), StoreError> {
    let way = asked.way.as_str();
    let parts: [&[u8]; 3] = [b"perception-erasure-v1", way.as_bytes(), asked.what.as_bytes()];
    let request = data_encoding::HEXLOWER.encode(&server.mac(&parts));
    let text = serde_json::to_string(erased).map_err(|e| StoreError::Corrupt(e.to_string()))?;
    let row = (
        erasure::id.eq(id),
        erasure::way.eq(way),
        erasure::request.eq(&request),
        erasure::erased.eq(text),
        erasure::done_by.eq(who.to_string()),
        erasure::at_ms.eq(at_ms),
    );
    diesel::insert_into(erasure::table).values(row).execute(tx.conn)?;
    let happened = Event {
        at_ms,
        actor: who.to_string(),
        action: "person.erased".to_owned(),
        object: id.to_owned(),
        data: serde_json::json!({"way": way, "request": request, "erased": erased}).to_string(),
    };
    event::append_office(tx, &happened)
}

/// An erasure on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// Its id.
    pub id: String,
    /// By what the person was found.
    pub way: Way,
    /// Keyed hash of what they gave.
    pub request: String,
    /// What was erased.
    pub erased: Erased,
    /// By whom.
    pub by: PersonId,
    /// When, Unix ms.
    pub at_ms: i64,
}

/// Erasures, latest first.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn list(conn: &mut Conn) -> Result<Vec<Done>, StoreError> {
    let rows: Vec<(String, String, String, String, String, i64)> = erasure::table
        .order((erasure::at_ms.desc(), erasure::id))
        .limit(LISTED_MAX)
        .load(conn)?;
    rows.into_iter()
        .map(|(id, way, request, erased, by, at_ms)| {
            let corrupt = || StoreError::Corrupt(format!("erasure {id}"));
            Ok(Done {
                way: Way::parse(&way).ok_or_else(corrupt)?,
                erased: serde_json::from_str(&erased).map_err(|_| corrupt())?,
                by: person(&by)?,
                id,
                request,
                at_ms,
            })
        })
        .collect()
}
