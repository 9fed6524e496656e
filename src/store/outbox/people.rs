//! Drawn persons and their letters: counted, listed, and who has none yet. Of answers only the used link is asked for.

use std::collections::BTreeMap;

use diesel::prelude::*;

use crate::store::StoreError;
use crate::store::conn::Conn;
use crate::store::schema::{link, outlet};
use crate::store::schema_mail::{mail_suppression, outbox_message};
use crate::store::schema_recipient::recipient;
use crate::survey::id::EvaluationId;
use crate::survey::invitation::{Filter, Funnel, LetterLine, RecipientLine};
use crate::survey::language::{Language, Text};
use crate::survey::outbox::MessageState;

fn corrupt() -> StoreError {
    StoreError::Corrupt("a letter".into())
}

/// Who may be written to and has no invitation yet, with the language of the letters; at most `rows_max`.
///
/// # Errors
/// [`StoreError::Database`].
pub fn unwritten(
    conn: &mut Conn,
    evaluation: EvaluationId,
    rows_max: i64,
) -> Result<Vec<(String, Language)>, StoreError> {
    let written = outbox_message::table
        .filter(outbox_message::evaluation_id.eq(evaluation.to_string()))
        .filter(outbox_message::recipient_id.eq(recipient::id.nullable()));
    let suppressed = mail_suppression::table.filter(mail_suppression::address_index.eq(recipient::email_index));
    let rows: Vec<(String, String)> = recipient::table
        .filter(recipient::evaluation_id.eq(evaluation.to_string()))
        .filter(recipient::stopped.is_null())
        .filter(diesel::dsl::not(diesel::dsl::exists(written)))
        .filter(diesel::dsl::not(diesel::dsl::exists(suppressed)))
        .order(recipient::id)
        .select((recipient::id, recipient::language))
        .limit(rows_max)
        .load(conn)?;
    let language = |tag: &str| Language::from_tag(tag).unwrap_or_default();
    Ok(rows.into_iter().map(|(id, tag)| (id, language(&tag))).collect())
}

/// Drawn persons by what became of their letters. Once a list is erased its persons are counted by their letters alone.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn counts(conn: &mut Conn, evaluation: EvaluationId) -> Result<Funnel, StoreError> {
    let id = evaluation.to_string();
    let count = |n: i64| u64::try_from(n).unwrap_or(0);
    let letters: Vec<(i32, String, i64)> = outbox_message::table
        .filter(outbox_message::evaluation_id.eq(&id))
        .filter(outbox_message::recipient_id.is_not_null())
        .group_by((outbox_message::round, outbox_message::state))
        .select((outbox_message::round, outbox_message::state, diesel::dsl::count_star()))
        .load(conn)?;
    let mut funnel = Funnel::default();
    for (round, state, n) in letters {
        let state = MessageState::parse(&state).ok_or_else(corrupt)?;
        match (round, state) {
            (0, MessageState::Queued | MessageState::Sending) => funnel.waiting += count(n),
            (0, MessageState::Sent) => funnel.reached += count(n),
            (0, MessageState::Failed) => funnel.failed += count(n),
            (0, MessageState::Bounced) => funnel.bounced += count(n),
            (0, MessageState::Cancelled) => funnel.cancelled += count(n),
            (1, MessageState::Sent | MessageState::Bounced) => funnel.reminded += count(n),
            _ => {}
        }
    }
    let written = funnel.waiting + funnel.reached + funnel.failed + funnel.bounced + funnel.cancelled;
    funnel.unwritten = u64::try_from(unwritten(conn, evaluation, i64::MAX)?.len()).unwrap_or(0);
    let drawn: i64 = recipient::table
        .filter(recipient::evaluation_id.eq(&id))
        .count()
        .get_result(conn)?;
    funnel.drawn = count(drawn).max(written);
    let used: i64 = recipient::table
        .inner_join(
            link::table.on(link::evaluation_id
                .eq(recipient::evaluation_id)
                .and(link::id.eq(recipient::link_id))),
        )
        .filter(recipient::evaluation_id.eq(&id))
        .filter(link::used.eq(true))
        .count()
        .get_result(conn)?;
    funnel.answered = count(used);
    let stopped: Vec<(Option<String>, i64)> = recipient::table
        .filter(recipient::evaluation_id.eq(&id))
        .filter(recipient::stopped.is_not_null())
        .group_by(recipient::stopped)
        .select((recipient::stopped, diesel::dsl::count_star()))
        .load(conn)?;
    for (why, n) in stopped {
        match why.as_deref() {
            Some("unsubscribed") => funnel.unsubscribed = count(n),
            Some("objected") => funnel.objected = count(n),
            _ => {}
        }
    }
    Ok(funnel)
}

/// Ids of the persons a filter leaves, in no telling order.
fn chosen(
    conn: &mut Conn,
    evaluation: &str,
    filter: Filter,
    (skip, rows_max): (i64, i64),
) -> Result<Vec<String>, StoreError> {
    let by_state = |one: MessageState, other: MessageState| {
        let has = outbox_message::table
            .filter(outbox_message::recipient_id.eq(recipient::id.nullable()))
            .filter(
                outbox_message::state
                    .eq(one.as_str())
                    .or(outbox_message::state.eq(other.as_str())),
            );
        recipient::table
            .filter(recipient::evaluation_id.eq(evaluation))
            .filter(diesel::dsl::exists(has))
            .order(recipient::id)
            .select(recipient::id)
            .offset(skip)
            .limit(rows_max)
    };
    let all = recipient::table
        .filter(recipient::evaluation_id.eq(evaluation))
        .order(recipient::id)
        .select(recipient::id)
        .offset(skip)
        .limit(rows_max);
    let used = link::table
        .filter(link::evaluation_id.eq(recipient::evaluation_id))
        .filter(link::id.eq(recipient::link_id))
        .filter(link::used.eq(true));
    let ids = match filter {
        Filter::All => all.load(conn)?,
        Filter::Waiting => by_state(MessageState::Queued, MessageState::Sending).load(conn)?,
        Filter::Sent => by_state(MessageState::Sent, MessageState::Sent).load(conn)?,
        Filter::Failed => by_state(MessageState::Failed, MessageState::Failed).load(conn)?,
        Filter::Bounced => by_state(MessageState::Bounced, MessageState::Bounced).load(conn)?,
        Filter::Answered => all.filter(diesel::dsl::exists(used)).load(conn)?,
        Filter::Stopped => all.filter(recipient::stopped.is_not_null()).load(conn)?,
    };
    Ok(ids)
}

/// Drawn persons with their letters; `rows_max` after leaving out `skip`.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn lines(
    conn: &mut Conn,
    evaluation: EvaluationId,
    filter: Filter,
    skip: i64,
    rows_max: i64,
) -> Result<Vec<RecipientLine>, StoreError> {
    let id = evaluation.to_string();
    let ids = chosen(conn, &id, filter, (skip, rows_max))?;
    type Person = (String, Option<String>, bool, String, String);
    let people: Vec<Person> = recipient::table
        .inner_join(
            link::table.on(link::evaluation_id
                .eq(recipient::evaluation_id)
                .and(link::id.eq(recipient::link_id))),
        )
        .inner_join(
            outlet::table.on(outlet::evaluation_id
                .eq(recipient::evaluation_id)
                .and(outlet::id.eq(recipient::outlet_id))),
        )
        .filter(recipient::evaluation_id.eq(&id))
        .filter(recipient::id.eq_any(&ids))
        .order(recipient::id)
        .select((
            recipient::id,
            recipient::stopped,
            link::used,
            outlet::name_zh,
            outlet::name_en,
        ))
        .load(conn)?;
    type Row = (Option<String>, i32, String, String, Option<i64>, i64);
    let rows: Vec<Row> = outbox_message::table
        .filter(outbox_message::evaluation_id.eq(&id))
        .filter(outbox_message::recipient_id.eq_any(&ids))
        .order(outbox_message::round)
        .select((
            outbox_message::recipient_id,
            outbox_message::round,
            outbox_message::state,
            outbox_message::reason,
            outbox_message::sent_at_ms,
            outbox_message::try_at_ms,
        ))
        .load(conn)?;
    let mut letters: BTreeMap<String, Vec<LetterLine>> = BTreeMap::new();
    for (to, round, state, reason, sent_at_ms, due_at_ms) in rows {
        letters.entry(to.unwrap_or_default()).or_default().push(LetterLine {
            round,
            state: MessageState::parse(&state).ok_or_else(corrupt)?,
            reason,
            sent_at_ms,
            due_at_ms,
        });
    }
    let line = |(id, stopped, answered, zh, en): Person| RecipientLine {
        letters: letters.remove(&id).unwrap_or_default(),
        outlet: Text::new(zh, en),
        answered,
        stopped,
        id,
    };
    Ok(people.into_iter().map(line).collect())
}
