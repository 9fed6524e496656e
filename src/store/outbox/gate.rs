//! Whether a message that is due is still wanted: asked in the transaction that claims it.

use diesel::prelude::*;

use super::claim::{Content, Waiting};
use super::queue::holder_of;
use crate::store::conn::Conn;
use crate::store::schema::link;
use crate::store::schema_grading::holder_notice;
use crate::store::schema_recipient::recipient as recipients;
use crate::store::{StoreError, field, link as links, mail_plan, suppression};
use crate::survey::evaluation::EvaluationState;
use crate::survey::id::{EvaluationId, LinkId};
use crate::survey::plan_scope::Way;

/// What becomes of a message that is due.
pub(super) enum Gate {
    Go(Content),
    /// Its evaluation sends at other hours.
    Later(i64),
    /// No longer wanted, and why.
    Never(&'static str),
}

/// A letter to a drawn person, as it is sealed in the database.
#[derive(Debug, Clone)]
pub struct Letter {
    /// The evaluation.
    pub evaluation: EvaluationId,
    /// The drawn person.
    pub recipient: String,
    /// Index of the address, as the suppression list knows it.
    pub address_index: String,
    /// The personal link.
    pub link: LinkId,
    /// Its generation.
    pub generation: i32,
    /// First moment it no longer works, as the link or the plan says, Unix ms.
    pub closes_at_ms: Option<i64>,
}

pub(super) fn ask(conn: &mut Conn, waiting: &Waiting, now_ms: i64) -> Result<Gate, StoreError> {
    match (&waiting.sealed_address, &waiting.recipient) {
        (Some(address), _) => notice(conn, waiting, address),
        (None, Some(recipient)) => letter(conn, waiting, recipient, now_ms),
        (None, None) => Err(StoreError::Corrupt(format!("message {}", waiting.id))),
    }
}

fn notice(conn: &mut Conn, waiting: &Waiting, sealed_address: &str) -> Result<Gate, StoreError> {
    if let Some((number, seq)) = waiting.source.as_deref().and_then(holder_of) {
        let void: Option<bool> = holder_notice::table
            .find((number, seq))
            .select(holder_notice::void)
            .first(conn)
            .optional()?;
        if void != Some(false) {
            return Ok(Gate::Never("void"));
        }
    }
    Ok(Gate::Go(Content::Notice {
        sealed_address: sealed_address.to_owned(),
        subject: waiting.subject.clone(),
        body: waiting.body.clone(),
    }))
}

type Row = (
    String,
    Option<String>,
    String,
    i32,
    bool,
    bool,
    Option<String>,
    Option<i64>,
    Option<i64>,
);

/// Order: is she still in a list? may her evaluation ask? was she, or her address, stopped? does her link still wait? is it
/// an hour at which one writes?
fn letter(conn: &mut Conn, waiting: &Waiting, recipient: &str, now_ms: i64) -> Result<Gate, StoreError> {
    let corrupt = || StoreError::Corrupt(format!("message {}", waiting.id));
    let id = waiting.evaluation.as_deref().ok_or_else(corrupt)?;
    let evaluation: EvaluationId = id.parse().map_err(|_| corrupt())?;
    let row: Option<Row> = recipients::table
        .find((id, recipient))
        .inner_join(
            link::table.on(link::evaluation_id
                .eq(recipients::evaluation_id)
                .and(link::id.eq(recipients::link_id))),
        )
        .select((
            recipients::email_index,
            recipients::stopped,
            link::id,
            link::generation,
            link::revoked,
            link::used,
            link::ended_code,
            link::opens_at_ms,
            link::closes_at_ms,
        ))
        .first(conn)
        .optional()?;
    let Some((address_index, stopped, link, generation, revoked, used, ended, opens_at_ms, closes_at_ms)) = row else {
        return Ok(Gate::Never("erased"));
    };
    // Held, so that it is not closed while the letter is on its way out of the queue.
    links::hold_evaluation(conn, evaluation)?;
    let Some((EvaluationState::Open, in_force)) = field::admission(conn, evaluation)? else {
        return Ok(Gate::Never("closed"));
    };
    if !in_force.takes(Way::Mail) {
        return Ok(Gate::Never("unforeseen"));
    }
    let suppressed = suppression::find(conn, &address_index)?;
    if let Some(why) = stopped.or(suppressed) {
        return Ok(Gate::Never(match why.as_str() {
            "unsubscribed" => "unsubscribed",
            "objected" => "objected",
            "bounced" => "bounced",
            _ => "stopped",
        }));
    }
    match () {
        () if used => return Ok(Gate::Never("answered")),
        () if revoked => return Ok(Gate::Never("revoked")),
        () if ended.is_some() => return Ok(Gate::Never("ended")),
        () => {}
    }
    let closes_at_ms = closes_at_ms.into_iter().chain(in_force.until_ms()).min();
    if closes_at_ms.is_some_and(|at_ms| at_ms <= now_ms) {
        return Ok(Gate::Never("ended"));
    }
    let opens_at_ms = opens_at_ms.into_iter().chain(in_force.from_ms()).max();
    if let Some(at_ms) = opens_at_ms.filter(|at_ms| *at_ms > now_ms) {
        return Ok(Gate::Later(at_ms));
    }
    let plan = mail_plan::approved(conn, evaluation)?;
    let at_ms = plan.map_or(now_ms, |plan| plan.schedule.not_before(now_ms));
    if at_ms > now_ms {
        return Ok(Gate::Later(at_ms));
    }
    Ok(Gate::Go(Content::Letter(Box::new(Letter {
        evaluation,
        recipient: recipient.to_owned(),
        address_index,
        link: link.parse().map_err(|_| corrupt())?,
        generation,
        closes_at_ms,
    }))))
}
