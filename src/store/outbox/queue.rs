//! Putting messages into the outbox.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::store::conn::{Conn, per_backend};
use crate::store::schema_grading::{certificate, holder_notice};
use crate::store::schema_mail::{organisation_contact, outbox_message};
use crate::store::{StoreError, WriteTx};
use crate::survey::id::EvaluationId;
use crate::survey::language::Language;
use crate::survey::outbox::MessageKind;

/// Rows of one statement.
const ROWS_PER_STATEMENT: usize = 500;

/// A message of another part of the program.
#[derive(Debug, Clone)]
pub struct NewNotice {
    /// 128 random bits, hexadecimal.
    pub id: String,
    /// A notice, or a test.
    pub kind: MessageKind,
    /// What it comes from, so that it is queued once; tests have none.
    pub source: Option<String>,
    /// The evaluation it is about, if any.
    pub evaluation: Option<EvaluationId>,
    /// The address, sealed for this message (`personal::of_message`).
    pub sealed_address: String,
    /// Language of the frame around the text.
    pub language: Language,
    /// Subject.
    pub subject: String,
    /// Text; empty lines part its paragraphs. No secrets, no personal data.
    pub body: String,
    /// When it goes out, Unix ms.
    pub due_at_ms: i64,
}

/// Queues a message; `false` when one of the same source was queued before.
///
/// # Errors
/// [`StoreError::Database`].
pub fn queue_notice(tx: &mut WriteTx<'_>, new: &NewNotice) -> Result<bool, StoreError> {
    let row = (
        outbox_message::id.eq(&new.id),
        outbox_message::kind.eq(new.kind.as_str()),
        outbox_message::evaluation_id.eq(new.evaluation.map(|id| id.to_string())),
        outbox_message::round.eq(0),
        outbox_message::source.eq(&new.source),
        outbox_message::language.eq(new.language.tag()),
        outbox_message::sealed_address.eq(&new.sealed_address),
        outbox_message::subject.eq(&new.subject),
        outbox_message::body.eq(&new.body),
        outbox_message::due_at_ms.eq(new.due_at_ms),
        outbox_message::try_at_ms.eq(new.due_at_ms),
        blank(),
    );
    let queued = per_backend!(&mut *tx.conn, |c| diesel::insert_into(outbox_message::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(queued == 1)
}

type Blank = (
    diesel::dsl::Eq<outbox_message::state, &'static str>,
    diesel::dsl::Eq<outbox_message::reason, &'static str>,
    diesel::dsl::Eq<outbox_message::attempts, i32>,
    diesel::dsl::Eq<outbox_message::claimed_by, &'static str>,
);

/// What every message begins with.
fn blank() -> Blank {
    (
        outbox_message::state.eq("queued"),
        outbox_message::reason.eq(""),
        outbox_message::attempts.eq(0),
        outbox_message::claimed_by.eq(""),
    )
}

/// Queues letter `round` to drawn persons; whoever has it already gets it no second time.
///
/// # Errors
/// [`StoreError::Database`].
pub fn queue_invitations(
    tx: &mut WriteTx<'_>,
    evaluation: EvaluationId,
    recipients: &[(String, Language)],
    round: i32,
    due_at_ms: i64,
    mut fresh: impl FnMut() -> String,
) -> Result<usize, StoreError> {
    let kind = match round {
        0 => MessageKind::Invitation,
        _ => MessageKind::Reminder,
    };
    let mut queued = 0;
    for some in recipients.chunks(ROWS_PER_STATEMENT) {
        let rows: Vec<_> = some
            .iter()
            .map(|(recipient, language)| {
                (
                    outbox_message::id.eq(fresh()),
                    outbox_message::kind.eq(kind.as_str()),
                    outbox_message::evaluation_id.eq(evaluation.to_string()),
                    outbox_message::recipient_id.eq(recipient),
                    outbox_message::round.eq(round),
                    outbox_message::language.eq(language.tag()),
                    outbox_message::subject.eq(""),
                    outbox_message::body.eq(""),
                    outbox_message::due_at_ms.eq(due_at_ms),
                    outbox_message::try_at_ms.eq(due_at_ms),
                    blank(),
                )
            })
            .collect();
        queued += match &mut *tx.conn {
            Conn::Postgres(c) => diesel::insert_into(outbox_message::table)
                .values(&rows)
                .on_conflict_do_nothing()
                .execute(c)?,
            Conn::Sqlite(c) => diesel::insert_or_ignore_into(outbox_message::table)
                .values(&rows)
                .execute(c)?,
        };
    }
    Ok(queued)
}

/// A notice to the holder of a certificate that is due and for which an address is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueNotice {
    /// Number of the certificate.
    pub number: String,
    /// Place among its notices.
    pub seq: i32,
    /// What it tells.
    pub kind: String,
    /// As `personal` sealed it for the organisation.
    pub sealed_email: String,
    /// The organisation.
    pub organisation: String,
    /// Language of the organisation's mail.
    pub language: Language,
}

impl DueNotice {
    /// What the message comes from.
    pub fn source(&self) -> String {
        source_of(&self.number, self.seq)
    }
}

/// The source of a certificate's notice.
pub(super) fn source_of(number: &str, seq: i32) -> String {
    format!("holder:{number}:{seq}")
}

/// Number and place of a certificate's notice.
pub(super) fn holder_of(source: &str) -> Option<(&str, i32)> {
    let (number, seq) = source.strip_prefix("holder:")?.rsplit_once(':')?;
    Some((number, seq.parse().ok()?))
}

/// Notices of certificates whose day has come, that are not void and not queued; at most `rows_max`.
///
/// # Errors
/// [`StoreError::Database`].
pub fn due_holder_notices(conn: &mut Conn, today: NaiveDate, rows_max: i64) -> Result<Vec<DueNotice>, StoreError> {
    type Row = (String, i32, String, String, String, String);
    let rows: Vec<Row> = holder_notice::table
        .inner_join(certificate::table.on(certificate::number.eq(holder_notice::number)))
        .inner_join(
            organisation_contact::table.on(organisation_contact::organisation_id.eq(certificate::organisation_id)),
        )
        .filter(holder_notice::void.eq(false))
        .filter(holder_notice::sent_at_ms.is_null())
        .filter(holder_notice::send_on.le(today.to_string()))
        .order((holder_notice::send_on, holder_notice::number, holder_notice::seq))
        .select((
            holder_notice::number,
            holder_notice::seq,
            holder_notice::kind,
            organisation_contact::sealed_email,
            organisation_contact::organisation_id,
            organisation_contact::language,
        ))
        .limit(rows_max)
        .load(conn)?;
    let mut due = Vec::new();
    for (number, seq, kind, sealed_email, organisation, language) in rows {
        let known = outbox_message::table.filter(outbox_message::source.eq(source_of(&number, seq)));
        if known.count().get_result::<i64>(conn)? == 0 {
            due.push(DueNotice {
                number,
                seq,
                kind,
                sealed_email,
                organisation,
                language: Language::from_tag(&language).unwrap_or_default(),
            });
        }
    }
    Ok(due)
}
