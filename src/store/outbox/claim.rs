//! Taking the next message: one at a time, under the lock of the switch, so that of several nodes one takes it.

use diesel::prelude::*;

use super::gate::{self, Gate, Letter};
use crate::store::conn::{Conn, per_backend};
use crate::store::schema_mail::{mail_halt, outbox_message};
use crate::store::{StoreError, WriteTx, mail_switch};
use crate::survey::language::Language;
use crate::survey::outbox::{MessageKind, MessageState};

/// Messages looked at in one transaction before it lets others in.
const LOOKED_AT_MAX: usize = 50;
const MINUTE_MS: i64 = 60_000;

/// What bounds a claim.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Messages in a minute.
    pub per_minute_max: u32,
    /// Messages in a day.
    pub per_day_max: u32,
    /// Who claims.
    pub node: String,
    /// A claim that is not settled by then may be taken by another, ms.
    pub lease_ms: i64,
    /// Right-hand side of message ids.
    pub domain: String,
    /// When the day began, Unix ms.
    pub day_began_ms: i64,
}

/// A message in hand.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// Its id.
    pub id: String,
    /// `Message-ID` without brackets: the same at every try.
    pub message_id: String,
    /// What it is.
    pub kind: MessageKind,
    /// 0, or the number of the reminder.
    pub round: i32,
    /// Tries, this one included.
    pub attempts: u32,
    /// Language of the message.
    pub language: Language,
    /// What is to be sent to whom.
    pub content: Content,
}

/// What is to be sent.
#[derive(Debug, Clone)]
pub enum Content {
    /// A text to a sealed address.
    Notice {
        /// As `personal` sealed it.
        sealed_address: String,
        /// Subject.
        subject: String,
        /// Text.
        body: String,
    },
    /// A letter to a drawn person.
    Letter(Box<Letter>),
}

/// What a claim brought.
#[derive(Debug, Clone)]
pub enum Claim {
    /// A message: send it and say how it went.
    Taken(Box<Claimed>),
    /// Nothing is due.
    Nothing,
    /// All that was looked at is no longer wanted; there may be more.
    Again,
    /// Mail is paused.
    Paused,
    /// As many as may be sent in this minute or day.
    Full,
}

/// Whether anything waits for its turn: a glance that locks nothing.
///
/// # Errors
/// [`StoreError::Database`].
pub fn is_due(conn: &mut Conn, now_ms: i64) -> Result<bool, StoreError> {
    let due = outbox_message::table.filter(
        outbox_message::state
            .eq(MessageState::Queued.as_str())
            .and(outbox_message::try_at_ms.le(now_ms))
            .or(outbox_message::state
                .eq(MessageState::Sending.as_str())
                .and(outbox_message::lease_until_ms.lt(now_ms))),
    );
    let found = diesel::select(diesel::dsl::exists(due));
    Ok(per_backend!(conn, |c| found.get_result(c))?)
}

/// Puts back what an ended process left in hand. Only where no other process can be at work: on SQLite, at the start.
///
/// # Errors
/// [`StoreError::Database`].
pub fn recover(tx: &mut WriteTx<'_>) -> Result<usize, StoreError> {
    match tx.conn {
        Conn::Postgres(_) => Ok(0),
        Conn::Sqlite(_) => put_back(tx.conn, i64::MAX),
    }
}

fn put_back(conn: &mut Conn, before_ms: i64) -> Result<usize, StoreError> {
    let left = outbox_message::table
        .filter(outbox_message::state.eq(MessageState::Sending.as_str()))
        .filter(outbox_message::lease_until_ms.lt(before_ms));
    let set = (
        outbox_message::state.eq(MessageState::Queued.as_str()),
        outbox_message::lease_until_ms.eq(None::<i64>),
    );
    Ok(diesel::update(left).set(set).execute(conn)?)
}

fn claimed_since(conn: &mut Conn, since_ms: i64) -> Result<u32, StoreError> {
    let claimed: i64 = outbox_message::table
        .filter(outbox_message::claimed_at_ms.ge(since_ms))
        .count()
        .get_result(conn)?;
    Ok(u32::try_from(claimed).unwrap_or(u32::MAX))
}

/// A row as it waits.
#[derive(Debug, Clone, Queryable)]
pub(super) struct Waiting {
    pub id: String,
    pub kind: String,
    pub evaluation: Option<String>,
    pub recipient: Option<String>,
    pub round: i32,
    pub source: Option<String>,
    pub language: String,
    pub sealed_address: Option<String>,
    pub subject: String,
    pub body: String,
    pub message_id: Option<String>,
    pub attempts: i32,
}

fn next(conn: &mut Conn, now_ms: i64) -> Result<Option<Waiting>, StoreError> {
    let halted = mail_halt::table.filter(mail_halt::evaluation_id.nullable().eq(outbox_message::evaluation_id));
    let query = outbox_message::table
        .filter(outbox_message::state.eq(MessageState::Queued.as_str()))
        .filter(outbox_message::try_at_ms.le(now_ms))
        .filter(
            outbox_message::recipient_id
                .is_null()
                .or(diesel::dsl::not(diesel::dsl::exists(halted))),
        )
        .order((outbox_message::try_at_ms, outbox_message::id))
        .select((
            outbox_message::id,
            outbox_message::kind,
            outbox_message::evaluation_id,
            outbox_message::recipient_id,
            outbox_message::round,
            outbox_message::source,
            outbox_message::language,
            outbox_message::sealed_address,
            outbox_message::subject,
            outbox_message::body,
            outbox_message::message_id,
            outbox_message::attempts,
        ));
    Ok(query.first(conn).optional()?)
}

/// Takes the next message that is due and still wanted. Whether a person has answered, was stopped, or her evaluation has
/// closed is asked in this transaction.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn claim(tx: &mut WriteTx<'_>, limits: &Limits, now_ms: i64) -> Result<Claim, StoreError> {
    if mail_switch::hold(tx.conn)?.paused {
        return Ok(Claim::Paused);
    }
    put_back(tx.conn, now_ms)?;
    if claimed_since(tx.conn, limits.day_began_ms)? >= limits.per_day_max
        || claimed_since(tx.conn, now_ms - MINUTE_MS)? >= limits.per_minute_max
    {
        return Ok(Claim::Full);
    }
    for _ in 0..LOOKED_AT_MAX {
        let Some(waiting) = next(tx.conn, now_ms)? else {
            return Ok(Claim::Nothing);
        };
        let row = outbox_message::table.find(waiting.id.clone());
        match gate::ask(tx.conn, &waiting, now_ms)? {
            Gate::Go(content) => return Ok(Claim::Taken(Box::new(take(tx, waiting, content, limits, now_ms)?))),
            Gate::Later(at_ms) => {
                diesel::update(row)
                    .set(outbox_message::try_at_ms.eq(at_ms))
                    .execute(tx.conn)?;
            }
            Gate::Never(reason) => {
                let set = (
                    outbox_message::state.eq(MessageState::Cancelled.as_str()),
                    outbox_message::reason.eq(reason),
                );
                diesel::update(row).set(set).execute(tx.conn)?;
            }
        }
    }
    Ok(Claim::Again)
}

fn take(
    tx: &mut WriteTx<'_>,
    waiting: Waiting,
    content: Content,
    limits: &Limits,
    now_ms: i64,
) -> Result<Claimed, StoreError> {
    let corrupt = || StoreError::Corrupt(format!("message {}", waiting.id));
    let message_id = match &waiting.message_id {
        Some(given) => given.clone(),
        None => format!("{}@{}", waiting.id, limits.domain),
    };
    let set = (
        outbox_message::state.eq(MessageState::Sending.as_str()),
        outbox_message::message_id.eq(&message_id),
        outbox_message::attempts.eq(waiting.attempts + 1),
        outbox_message::claimed_by.eq(&limits.node),
        outbox_message::claimed_at_ms.eq(now_ms),
        outbox_message::lease_until_ms.eq(now_ms + limits.lease_ms),
    );
    diesel::update(outbox_message::table.find(&waiting.id))
        .set(set)
        .execute(tx.conn)?;
    Ok(Claimed {
        message_id,
        kind: MessageKind::parse(&waiting.kind).ok_or_else(corrupt)?,
        round: waiting.round,
        attempts: u32::try_from(waiting.attempts + 1).map_err(|_| corrupt())?,
        language: Language::from_tag(&waiting.language).ok_or_else(corrupt)?,
        content,
        id: waiting.id,
    })
}
