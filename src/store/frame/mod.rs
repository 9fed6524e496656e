//! Lists of customers: handed over, imported, described, drawn from, erased. What is personal in them is sealed under the
//! list's key; with the key it is gone.

pub mod draw;
pub mod import;
pub mod record;

use diesel::prelude::*;
use sha2::{Digest, Sha256};

use super::conn::Conn;
use super::grading::{Act, GradingError, log};
use super::schema_frame::{frame_case, frame_file, frame_list};
use super::{StoreError, WriteTx, evaluation, event, recipient};
use crate::personal::{self, DataKey};
use crate::secret::SecretKey;
use crate::survey::evaluation::EvaluationState;
use crate::survey::event::Event;
use crate::survey::form::Problem;
use crate::survey::frame::column::Reading;
use crate::survey::frame::summary::Summary;
use crate::survey::id::EvaluationId;

/// Where a list stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListState {
    /// The file is here, its columns may still be corrected.
    Uploaded,
    /// Its cases are being stored.
    Importing,
    /// It can be drawn from.
    Ready,
    /// Nothing of it can be read any more.
    Erased,
}

impl ListState {
    const ALL: [ListState; 4] = [
        ListState::Uploaded,
        ListState::Importing,
        ListState::Ready,
        ListState::Erased,
    ];

    /// Name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            ListState::Uploaded => "uploaded",
            ListState::Importing => "importing",
            ListState::Ready => "ready",
            ListState::Erased => "erased",
        }
    }
}

/// A list.
#[derive(Debug, Clone)]
pub struct FrameList {
    /// Its id.
    pub id: String,
    /// Its number in the evaluation, from 1.
    pub version: i32,
    /// Where it stands.
    pub state: ListState,
    /// SHA-256 of the organisation's file.
    pub file_sha256: String,
    /// How that was written.
    pub form: String,
    /// How it is read.
    pub reading: Reading,
    /// What was counted; there once an import began.
    pub summary: Option<Summary>,
    /// Cases stored so far.
    pub cases: i64,
    /// Hash of the frame's file without anything personal.
    pub frame_sha256: Option<String>,
    /// When it was handed over, Unix ms.
    pub uploaded_at_ms: i64,
    /// When it last changed, Unix ms.
    pub changed_at_ms: i64,
    /// When it was erased, Unix ms.
    pub erased_at_ms: Option<i64>,
}

/// A file that was handed over.
#[derive(Debug, Clone)]
pub struct NewList {
    /// 128 random bits, hexadecimal.
    pub id: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// How it is written.
    pub form: &'static str,
    /// How it is read unless somebody corrects it.
    pub reading: Reading,
}

fn sha256(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(bytes))
}

fn json(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|e| StoreError::Corrupt(e.to_string()))
}

fn read_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|e| StoreError::Corrupt(e.to_string()))
}

fn sealed<T>(text: Option<T>) -> Result<T, StoreError> {
    text.ok_or_else(|| StoreError::Corrupt("personal data could not be sealed or opened".into()))
}

/// Lists are handed over and drawn from once the plan is frozen, until fieldwork ends.
fn hold(tx: &mut WriteTx<'_>, id: EvaluationId) -> Result<(), GradingError> {
    match evaluation::held_state(tx, id)? {
        EvaluationState::Frozen | EvaluationState::Open => Ok(()),
        _ => Err(GradingError::refused("", Problem::NotReady)),
    }
}

/// The list as it stands in this transaction.
fn held(tx: &mut WriteTx<'_>, id: EvaluationId, list: &str, state: ListState) -> Result<FrameList, GradingError> {
    hold(tx, id)?;
    match current(tx.conn, id)? {
        Some(found) if found.id == list && found.state == state => Ok(found),
        _ => Err(GradingError::refused("", Problem::Changed)),
    }
}

/// The newest list of an evaluation.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn current(conn: &mut Conn, id: EvaluationId) -> Result<Option<FrameList>, StoreError> {
    type Row = (
        (String, i32, String, String, String),
        (String, Option<String>, i64, Option<String>),
        (i64, i64, Option<i64>),
    );
    let row: Option<Row> = frame_list::table
        .filter(frame_list::evaluation_id.eq(id.to_string()))
        .order(frame_list::version.desc())
        .select((
            (
                frame_list::id,
                frame_list::version,
                frame_list::state,
                frame_list::file_sha256,
                frame_list::form,
            ),
            (
                frame_list::reading,
                frame_list::summary,
                frame_list::cases,
                frame_list::frame_sha256,
            ),
            (
                frame_list::uploaded_at_ms,
                frame_list::changed_at_ms,
                frame_list::erased_at_ms,
            ),
        ))
        .first(conn)
        .optional()?;
    let read = |(head, body, times): Row| {
        let (id, version, state, file_sha256, form) = head;
        let (reading, summary, cases, frame_sha256) = body;
        let named = ListState::ALL.into_iter().find(|known| known.as_str() == state);
        Ok(FrameList {
            id,
            version,
            state: named.ok_or_else(|| StoreError::Corrupt(format!("list {state}")))?,
            file_sha256,
            form,
            reading: read_json(&reading)?,
            summary: summary.as_deref().map(read_json).transpose()?,
            cases,
            frame_sha256,
            uploaded_at_ms: times.0,
            changed_at_ms: times.1,
            erased_at_ms: times.2,
        })
    };
    row.map(read).transpose()
}

/// Takes a file in, sealed under a new key. A list that was not yet imported makes place.
///
/// # Errors
/// [`GradingError::Refused`] outside fieldwork and while an imported list is there.
pub fn upload(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    new: &NewList,
    server: &SecretKey,
    (who, at_ms): Act,
) -> Result<(), GradingError> {
    hold(tx, id)?;
    let before = current(tx.conn, id)?;
    match &before {
        Some(list) if list.state == ListState::Uploaded => erase(tx, id, &list.id, None, (&who.to_string(), at_ms))?,
        Some(list) if list.state != ListState::Erased => return Err(GradingError::refused("", Problem::Changed)),
        _ => {}
    }
    let key = DataKey::random();
    recipient::add_key(tx, server, &new.id, &key)?;
    let row = (
        frame_list::evaluation_id.eq(id.to_string()),
        frame_list::id.eq(&new.id),
        frame_list::version.eq(before.map_or(1, |list| list.version + 1)),
        frame_list::state.eq(ListState::Uploaded.as_str()),
        frame_list::file_sha256.eq(sha256(&new.bytes)),
        frame_list::form.eq(new.form),
        frame_list::reading.eq(json(&new.reading)?),
        frame_list::cases.eq(0_i64),
        frame_list::uploaded_by.eq(who.to_string()),
        frame_list::uploaded_at_ms.eq(at_ms),
        frame_list::changed_at_ms.eq(at_ms),
    );
    diesel::insert_into(frame_list::table).values(row).execute(tx.conn)?;
    let row = (
        frame_file::evaluation_id.eq(id.to_string()),
        frame_file::list_id.eq(&new.id),
        frame_file::sealed_bytes.eq(sealed(key.seal_bytes(&file_place(&new.id), &new.bytes))?),
    );
    diesel::insert_into(frame_file::table).values(row).execute(tx.conn)?;
    let data = serde_json::json!({"file": sha256(&new.bytes), "form": new.form, "bytes": new.bytes.len()});
    Ok(log(tx, id, (who, at_ms), ("list.uploaded", &new.id), &data)?)
}

fn file_place(list: &str) -> String {
    personal::place("frame_file", "sealed_bytes", list)
}

/// The file of a list that is not yet imported.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn file(conn: &mut Conn, server: &SecretKey, list: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let stored: Option<String> = frame_file::table
        .find(list)
        .select(frame_file::sealed_bytes)
        .first(conn)
        .optional()?;
    let (Some(stored), Some(key)) = (stored, recipient::find_key(conn, server, list)?) else {
        return Ok(None);
    };
    sealed(key.open_bytes(&file_place(list), &stored)).map(Some)
}

/// Corrects how a file is read.
///
/// # Errors
/// [`GradingError::Refused`] once it is being imported.
pub fn set_reading(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    list: &str,
    reading: &Reading,
    at_ms: i64,
) -> Result<(), GradingError> {
    held(tx, id, list, ListState::Uploaded)?;
    let values = (
        frame_list::reading.eq(json(reading)?),
        frame_list::changed_at_ms.eq(at_ms),
    );
    let row = frame_list::table.find((id.to_string(), list));
    diesel::update(row).set(values).execute(tx.conn)?;
    Ok(())
}

/// Erases a list: its key, its file, its cases and those drawn from it; counts, the record and the draw without names stay.
/// The event says who or what did it, and why. Nothing where it is erased already.
///
/// # Errors
/// [`StoreError::Database`].
pub fn erase(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    list: &str,
    reason: Option<&str>,
    (actor, at_ms): (&str, i64),
) -> Result<(), StoreError> {
    event::lock_chain(tx.conn, id)?;
    let row = frame_list::table
        .find((id.to_string(), list))
        .filter(frame_list::state.ne(ListState::Erased.as_str()));
    let values = (
        frame_list::state.eq(ListState::Erased.as_str()),
        frame_list::changed_at_ms.eq(at_ms),
        frame_list::erased_at_ms.eq(at_ms),
    );
    if diesel::update(row).set(values).execute(tx.conn)? == 0 {
        return Ok(());
    }
    diesel::delete(frame_file::table.find(list)).execute(tx.conn)?;
    let cases = diesel::delete(frame_case::table.filter(frame_case::list_id.eq(list))).execute(tx.conn)?;
    let recipients = recipient::erase(tx, list)?;
    let happened = Event {
        at_ms,
        actor: actor.to_owned(),
        action: "list.erased".to_owned(),
        object: list.to_owned(),
        data: serde_json::json!({"cases": cases, "recipients": recipients, "reason": reason}).to_string(),
    };
    event::append(tx, id, &happened)
}
