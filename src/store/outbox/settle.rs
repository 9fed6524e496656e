//! How a message ended, for now or for good. Only who holds the claim settles it.

use diesel::prelude::*;

use super::queue::{holder_of, queue_invitations};
use crate::store::schema_grading::holder_notice;
use crate::store::schema_mail::outbox_message;
use crate::store::schema_recipient::recipient;
use crate::store::{StoreError, WriteTx, mail_plan};
use crate::survey::id::EvaluationId;
use crate::survey::language::Language;
use crate::survey::outbox::MessageState;

/// Ends a claim; `false` when it is no longer this node's.
fn settle(
    tx: &mut WriteTx<'_>,
    (id, node): (&str, &str),
    (state, reason): (MessageState, &str),
    (try_at_ms, sent_at_ms): (Option<i64>, Option<i64>),
) -> Result<bool, StoreError> {
    let held = outbox_message::table
        .find(id)
        .filter(outbox_message::state.eq(MessageState::Sending.as_str()))
        .filter(outbox_message::claimed_by.eq(node));
    let set = (
        outbox_message::state.eq(state.as_str()),
        outbox_message::reason.eq(reason),
        outbox_message::lease_until_ms.eq(None::<i64>),
        outbox_message::sent_at_ms.eq(sent_at_ms),
    );
    let settled = diesel::update(held).set(set).execute(tx.conn)? == 1;
    if let Some(at_ms) = try_at_ms.filter(|_| settled) {
        diesel::update(outbox_message::table.find(id))
            .set(outbox_message::try_at_ms.eq(at_ms))
            .execute(tx.conn)?;
    }
    Ok(settled)
}

/// The mail server took it. A letter to a drawn person is followed by the next reminder of the plan, and a notice of a
/// certificate has gone out.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn sent(tx: &mut WriteTx<'_>, (id, node): (&str, &str), next_id: &str, now_ms: i64) -> Result<bool, StoreError> {
    if !settle(tx, (id, node), (MessageState::Sent, ""), (None, Some(now_ms)))? {
        return Ok(false);
    }
    type Row = (Option<String>, Option<String>, i32, String, Option<String>);
    let (evaluation, recipient, round, language, source): Row = outbox_message::table
        .find(id)
        .select((
            outbox_message::evaluation_id,
            outbox_message::recipient_id,
            outbox_message::round,
            outbox_message::language,
            outbox_message::source,
        ))
        .first(tx.conn)?;
    if let Some((number, seq)) = source.as_deref().and_then(holder_of) {
        let notice = holder_notice::table
            .find((number, seq))
            .filter(holder_notice::sent_at_ms.is_null());
        diesel::update(notice.filter(holder_notice::void.eq(false)))
            .set(holder_notice::sent_at_ms.eq(now_ms))
            .execute(tx.conn)?;
    }
    // Nobody needs the address of a notice any more.
    let notice = outbox_message::table
        .find(id)
        .filter(outbox_message::sealed_address.is_not_null());
    diesel::update(notice)
        .set(outbox_message::sealed_address.eq(""))
        .execute(tx.conn)?;
    let evaluation: Option<EvaluationId> = evaluation.and_then(|text| text.parse().ok());
    if let Some((evaluation, recipient)) = evaluation.zip(recipient) {
        let plan = mail_plan::approved(tx.conn, evaluation)?;
        let next = usize::try_from(round).unwrap_or(usize::MAX).saturating_add(1);
        if let Some(due_at_ms) = plan.and_then(|plan| plan.schedule.reminder_at_ms(next, now_ms)) {
            let to = [(recipient, Language::from_tag(&language).unwrap_or_default())];
            queue_invitations(tx, evaluation, &to, round + 1, due_at_ms, || next_id.to_owned())?;
        }
    }
    Ok(true)
}

/// To be tried again later.
///
/// # Errors
/// [`StoreError::Database`].
pub fn put_off(tx: &mut WriteTx<'_>, held: (&str, &str), reason: &str, try_at_ms: i64) -> Result<bool, StoreError> {
    settle(tx, held, (MessageState::Queued, reason), (Some(try_at_ms), None))
}

/// Given up: it waits on the page of dead letters.
///
/// # Errors
/// [`StoreError::Database`].
pub fn give_up(tx: &mut WriteTx<'_>, held: (&str, &str), reason: &str) -> Result<bool, StoreError> {
    settle(tx, held, (MessageState::Failed, reason), (None, None))
}

/// As [`bounce`], for the latest letters to an address.
///
/// # Errors
/// [`StoreError::Database`].
pub fn bounce_address(tx: &mut WriteTx<'_>, index: &str, reason: &str) -> Result<bool, StoreError> {
    let ids: Vec<String> = recipient::table
        .filter(recipient::email_index.eq(index))
        .select(recipient::id)
        .load(tx.conn)?;
    let mut any = false;
    for id in ids {
        let last: Option<Option<String>> = outbox_message::table
            .filter(outbox_message::recipient_id.eq(&id))
            .filter(outbox_message::sent_at_ms.is_not_null())
            .order(outbox_message::round.desc())
            .select(outbox_message::message_id)
            .first(tx.conn)
            .optional()?;
        if let Some(message_id) = last.flatten() {
            any |= bounce(tx, &message_id, reason)?;
        }
    }
    Ok(any)
}

/// Queues a dead letter once more, with as many tries as a new one.
///
/// # Errors
/// [`StoreError::Database`].
pub fn retry(tx: &mut WriteTx<'_>, id: &str, now_ms: i64) -> Result<bool, StoreError> {
    let dead = outbox_message::table
        .find(id)
        .filter(outbox_message::state.eq(MessageState::Failed.as_str()));
    let set = (
        outbox_message::state.eq(MessageState::Queued.as_str()),
        outbox_message::attempts.eq(0),
        outbox_message::try_at_ms.eq(now_ms),
    );
    Ok(diesel::update(dead).set(set).execute(tx.conn)? == 1)
}

/// The server of the recipient returned it for good. Whether it is a message of ours, returned now or before.
///
/// # Errors
/// [`StoreError::Database`].
pub fn bounce(tx: &mut WriteTx<'_>, message_id: &str, reason: &str) -> Result<bool, StoreError> {
    let row = outbox_message::table.filter(outbox_message::message_id.eq(message_id));
    let set = (
        outbox_message::state.eq(MessageState::Bounced.as_str()),
        outbox_message::reason.eq(reason),
    );
    let sent = row.filter(outbox_message::state.eq(MessageState::Sent.as_str()));
    diesel::update(sent).set(set).execute(tx.conn)?;
    let bounced = row.filter(outbox_message::state.eq(MessageState::Bounced.as_str()));
    Ok(bounced.count().get_result::<i64>(tx.conn)? > 0)
}
