//! An interview form as it is stored, by page or by upload: answers with paradata, or the end of an approach. What an
//! evaluation asks for besides answers.

use std::sync::Arc;

use diesel::prelude::*;

use super::conn::{Conn, per_backend};
use super::disposition::{self, Approach};
use super::interview::Outcome;
use super::response::{self, Accepted, SubmitError};
use super::schema_offline::{field_setting, interview_paradata};
use super::{StoreError, WriteTx, contact_phone, event};
use crate::survey::event::Event;
use crate::survey::id::{EvaluationId, InterviewId};
use crate::survey::instrument::Instrument;
use crate::survey::paradata::Paradata;
use crate::survey::submission::{Entry, Submission};

/// What is stored of one form.
#[derive(Debug, Clone)]
pub enum Record {
    /// Answers.
    Answered(Box<Answered>),
    /// An approach that led to none.
    Ended(Approach),
}

/// Answers with what else was noted.
#[derive(Debug, Clone)]
pub struct Answered {
    /// The submission; its entry is an interview.
    pub submission: Submission,
    /// How it went.
    pub paradata: Paradata,
    /// A telephone number given of free will, sealed.
    pub sealed_phone: Option<String>,
}

impl Record {
    /// Number of the paper form that an interview was taken down on.
    pub fn paper_form_no(&self) -> Option<&str> {
        let Self::Answered(answered) = self else { return None };
        match &answered.submission.entry {
            Entry::Interview(taken) if taken.protocol.paper.is_some() => Some(&taken.protocol.paper_form_no),
            _ => None,
        }
    }
}

/// Stores a form: the one way for pages and uploads. Who calls has looked that it is not stored yet.
///
/// # Errors
/// [`SubmitError`]; [`StoreError::Busy`] when another node stored the same form just now.
pub fn record(tx: &mut WriteTx<'_>, instrument: &Arc<Instrument>, record: &Record) -> Result<Outcome, SubmitError> {
    match record {
        Record::Ended(approach) => {
            if !disposition::record_approach(tx, instrument, approach)? {
                return Err(StoreError::Busy.into());
            }
            Ok(Outcome::Ended(approach.ending.code))
        }
        Record::Answered(answered) => {
            let submission = &answered.submission;
            let Entry::Interview(interview) = &submission.entry else {
                return Err(StoreError::Corrupt("an interview form without interview".into()).into());
            };
            if response::submit(tx, instrument, submission)? == Accepted::AlreadyStored {
                return Err(StoreError::Busy.into());
            }
            let (evaluation, at_ms) = (submission.evaluation, submission.received_at_ms);
            let actor = interview.evaluator.to_string();
            insert_paradata(tx, evaluation, interview.id, &answered.paradata, (&actor, at_ms))?;
            if let Some(sealed) = &answered.sealed_phone {
                contact_phone::insert(tx, evaluation, interview.id, sealed, (&actor, at_ms))?;
            }
            Ok(Outcome::Answered)
        }
    }
}

fn insert_paradata(
    tx: &mut WriteTx<'_>,
    evaluation: EvaluationId,
    id: InterviewId,
    paradata: &Paradata,
    (actor, at_ms): (&str, i64),
) -> Result<(), StoreError> {
    let (body, hash) = paradata.text().map_err(|e| StoreError::Corrupt(e.to_string()))?;
    let row = (
        interview_paradata::evaluation_id.eq(evaluation.to_string()),
        interview_paradata::interview_id.eq(id.to_string()),
        interview_paradata::body.eq(body),
    );
    diesel::insert_into(interview_paradata::table)
        .values(row)
        .execute(tx.conn)?;
    let happened = Event {
        at_ms,
        actor: actor.to_owned(),
        action: "interview.recorded".to_owned(),
        object: id.to_string(),
        data: serde_json::json!({"paradata": hash}).to_string(),
    };
    event::append(tx, evaluation, &happened)
}

/// The paradata of an interview as stored.
///
/// # Errors
/// [`StoreError::Database`].
pub fn paradata(conn: &mut Conn, evaluation: EvaluationId, id: InterviewId) -> Result<Option<String>, StoreError> {
    let row = interview_paradata::table.find((evaluation.to_string(), id.to_string()));
    Ok(row.select(interview_paradata::body).first(conn).optional()?)
}

/// What an evaluation asks for besides answers; nothing unless somebody said so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FieldSetting {
    /// The coarse location, with the customer's consent.
    pub asks_location: bool,
    /// A telephone number for verification, with the customer's consent.
    pub asks_phone: bool,
}

/// What an evaluation asks for.
///
/// # Errors
/// [`StoreError::Database`].
pub fn setting(conn: &mut Conn, evaluation: EvaluationId) -> Result<FieldSetting, StoreError> {
    let row: Option<(bool, bool)> = field_setting::table
        .find(evaluation.to_string())
        .select((field_setting::asks_location, field_setting::asks_phone))
        .first(conn)
        .optional()?;
    Ok(
        row.map_or_else(FieldSetting::default, |(asks_location, asks_phone)| FieldSetting {
            asks_location,
            asks_phone,
        }),
    )
}

/// Changes what an evaluation asks for, and logs it.
///
/// # Errors
/// [`StoreError::Database`].
pub fn set(
    tx: &mut WriteTx<'_>,
    evaluation: EvaluationId,
    to: FieldSetting,
    (actor, at_ms): (&str, i64),
) -> Result<(), StoreError> {
    let values = (
        field_setting::asks_location.eq(to.asks_location),
        field_setting::asks_phone.eq(to.asks_phone),
    );
    let row = (field_setting::evaluation_id.eq(evaluation.to_string()), values);
    per_backend!(&mut *tx.conn, |c| diesel::insert_into(field_setting::table)
        .values(row)
        .on_conflict(field_setting::evaluation_id)
        .do_update()
        .set(values)
        .execute(c))?;
    let happened = Event {
        at_ms,
        actor: actor.to_owned(),
        action: "fieldwork.setting".to_owned(),
        object: String::new(),
        data: serde_json::json!({"location": to.asks_location, "phone": to.asks_phone}).to_string(),
    };
    event::append(tx, evaluation, &happened)
}
