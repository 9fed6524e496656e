//! Sends what waits in the outbox: the only room that knows the mail library. One message at a time in a process, so that
//! after a crash at most the one in hand goes out again, under the same Message-ID. In this order: is anything due? can
//! the server be reached? claim, send, settle.

mod post;
mod returned;
mod write;

use std::path::PathBuf;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::clock::{Clock, day_began_ms, day_in_china};
use crate::config::MailConfig;
use crate::secret::SecretKey;
use crate::store::outbox::{self, Claim, Claimed, Limits, NewNotice};
use crate::store::{Store, StoreError, mail_switch};
use crate::survey::language::Text;
use crate::survey::outbox::{MessageKind, wait_ms};
use crate::{personal, view};
use post::{MESSAGE_TIMEOUT, Parcel, Post, Refused};

/// How often the outbox is looked at while nothing is due.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How often reports are read and notices of other parts collected.
const COLLECT_EVERY_MS: i64 = 30_000;
const NOTICES_AT_ONCE: i64 = 1000;
/// Longest wait for a server that cannot be reached.
const UNREACHED_WAIT_MAX: Duration = Duration::from_secs(60);
/// After so many refusals for good in a row something is wrong with the sender, not with the recipients: mail is paused.
const REFUSALS_IN_A_ROW_MAX: u32 = 10;
const SETTLE_TRIES: u32 = 20;

/// What the worker works with.
pub struct Mailer {
    store: Store,
    key: SecretKey,
    clock: Clock,
    base_url: String,
    body: Text,
    contact: String,
    limits: Limits,
    folder: Option<PathBuf>,
    post: Post,
}

/// Around the worker: what belongs to the installation.
#[derive(Debug, Clone)]
pub struct Sender {
    /// Public address without a slash at its end, from the settings alone.
    pub base_url: String,
    /// Name of the certification body.
    pub body: Text,
    /// Its address for questions and rights.
    pub contact: String,
}

/// What the worker remembers from turn to turn.
#[derive(Debug, Default)]
struct Memory {
    collected_at_ms: i64,
    unreached: u32,
    told: bool,
    refusals: u32,
}

impl Mailer {
    /// A worker for this installation.
    ///
    /// # Errors
    /// A line that says why mail cannot be set up on this machine.
    pub fn new(
        config: &MailConfig,
        sender: Sender,
        store: Store,
        key: SecretKey,
        clock: Clock,
    ) -> Result<Self, String> {
        // Both languages in one line: who reads the sender has not yet chosen one.
        let name = format!(
            "{} {}",
            sender.body.get(crate::survey::language::Language::ZhCn),
            sender.body.get(crate::survey::language::Language::En)
        );
        let limits = Limits {
            per_minute_max: config.per_minute_max,
            per_day_max: config.per_day_max,
            node: format!("{:032x}", rand::random::<u128>()),
            lease_ms: 2 * i64::try_from(MESSAGE_TIMEOUT.as_millis()).unwrap_or(120_000),
            domain: config.from.domain().to_owned(),
            day_began_ms: 0,
        };
        Ok(Self {
            post: Post::new(config, &name).map_err(|error| error.to_string())?,
            folder: config.bounce_folder.clone(),
            base_url: sender.base_url,
            body: sender.body,
            contact: sender.contact,
            limits,
            store,
            key,
            clock,
        })
    }

    /// Works until told to stop; a message in hand is finished first.
    pub async fn run(self, stop: CancellationToken) {
        if let Err(error) = self.store.write(outbox::recover).await {
            tracing::warn!(%error, "messages in hand of an ended process were not put back");
        }
        let mut memory = Memory::default();
        while !stop.is_cancelled() {
            let wait = match self.turn(&mut memory).await {
                Ok(wait) => wait,
                Err(error) => {
                    tracing::warn!(%error, "the outbox could not be worked on");
                    UNREACHED_WAIT_MAX / 12
                }
            };
            tokio::select! { () = stop.cancelled() => {}, () = tokio::time::sleep(wait) => {} }
        }
        self.post.close().await;
    }

    /// One look at the outbox; how long to wait before the next.
    async fn turn(&self, memory: &mut Memory) -> Result<Duration, StoreError> {
        let now_ms = self.clock.now_ms();
        if now_ms - memory.collected_at_ms >= COLLECT_EVERY_MS {
            memory.collected_at_ms = now_ms;
            self.collect(now_ms).await?;
        }
        if !self.store.read(move |conn| outbox::is_due(conn, now_ms)).await? {
            return Ok(LOOK_EVERY);
        }
        let switch = self.store.read(mail_switch::find).await?;
        if switch.paused {
            return Ok(LOOK_EVERY);
        }
        if let Err(refused) = self.post.reach().await {
            return self.unreached(memory, &refused).await;
        }
        if memory.told || !switch.trouble.is_empty() {
            self.store
                .write(move |tx| mail_switch::note_trouble(tx, "", now_ms))
                .await?;
        }
        (memory.unreached, memory.told) = (0, false);
        // Reaching the server may have taken a while.
        let now_ms = self.clock.now_ms();
        let limits = Limits {
            day_began_ms: day_began_ms(now_ms),
            ..self.limits.clone()
        };
        match self.store.write(move |tx| outbox::claim(tx, &limits, now_ms)).await? {
            Claim::Taken(claimed) => {
                self.deliver(*claimed, memory).await?;
                Ok(Duration::ZERO)
            }
            Claim::Again => Ok(Duration::ZERO),
            Claim::Nothing | Claim::Paused => Ok(LOOK_EVERY),
            Claim::Full => Ok(LOOK_EVERY * 4),
        }
    }

    async fn unreached(&self, memory: &mut Memory, refused: &Refused) -> Result<Duration, StoreError> {
        memory.unreached = memory.unreached.saturating_add(1);
        if !memory.told {
            memory.told = true;
            tracing::warn!(reason = refused.reason, "the mail server is not reached");
            let (reason, now_ms) = (refused.reason.clone(), self.clock.now_ms());
            self.store
                .write(move |tx| mail_switch::note_trouble(tx, &reason, now_ms))
                .await?;
        }
        let doubled = LOOK_EVERY * 2_u32.pow(memory.unreached.min(8));
        Ok(doubled.min(UNREACHED_WAIT_MAX).mul_f64(rand::random_range(0.8..1.0)))
    }

    async fn deliver(&self, claimed: Claimed, memory: &mut Memory) -> Result<(), StoreError> {
        let sent = match self.parcel(&claimed).await {
            Ok(Some(parcel)) => self.post.send(parcel).await,
            Ok(None) => Err(Refused::unusable()),
            // A busy store is no fault of the message.
            Err(error) if error.is_passing() => Err(Refused::passing("store")),
            Err(error) => {
                tracing::warn!(%error, "a message could not be written");
                Err(Refused::unusable())
            }
        };
        memory.refusals = match &sent {
            Err(refused) if refused.permanent && refused.reason != "unusable" => memory.refusals + 1,
            Err(_) => memory.refusals,
            Ok(()) => 0,
        };
        // Sent and not written down would be sent again: the store may be busy for a moment, so it is asked more than once.
        for attempt in 1..=SETTLE_TRIES {
            match self.settle(&claimed, &sent).await {
                Ok(()) => break,
                Err(error) if error.is_passing() && attempt < SETTLE_TRIES => {
                    tokio::time::sleep(Duration::from_millis(250)).await;
                }
                Err(error) => return Err(error),
            }
        }
        if memory.refusals >= REFUSALS_IN_A_ROW_MAX {
            memory.refusals = 0;
            tracing::error!("mail is paused: the mail server refuses everything");
            let now_ms = self.clock.now_ms();
            self.store
                .write(move |tx| mail_switch::pause(tx, "rejections", now_ms))
                .await?;
        }
        Ok(())
    }

    async fn settle(&self, claimed: &Claimed, sent: &Result<(), Refused>) -> Result<(), StoreError> {
        let (id, node, now_ms) = (claimed.id.clone(), self.limits.node.clone(), self.clock.now_ms());
        let wait = wait_ms(claimed.attempts, rand::random());
        let settled = match sent.clone() {
            Ok(()) => {
                let next = format!("{:032x}", rand::random::<u128>());
                self.store
                    .write(move |tx| outbox::sent(tx, (&id, &node), &next, now_ms))
                    .await?
            }
            Err(refused) => match wait.filter(|_| !refused.permanent) {
                Some(wait) => {
                    self.store
                        .write(move |tx| outbox::put_off(tx, (&id, &node), &refused.reason, now_ms + wait))
                        .await?
                }
                None => {
                    self.store
                        .write(move |tx| outbox::give_up(tx, (&id, &node), &refused.reason))
                        .await?
                }
            },
        };
        if !settled {
            tracing::warn!("a message was settled by another node in the meantime");
        }
        Ok(())
    }

    /// Reports that came back, and notices of certificates whose day has come.
    async fn collect(&self, now_ms: i64) -> Result<(), StoreError> {
        if let Some(folder) = self.folder.clone() {
            self.read_reports(folder, now_ms).await?;
        }
        let today = day_in_china(now_ms);
        let due = self
            .store
            .read(move |conn| outbox::due_holder_notices(conn, today, NOTICES_AT_ONCE))
            .await?;
        for notice in due {
            let id = format!("{:032x}", rand::random::<u128>());
            let own = personal::DataKey::of_server(&self.key);
            let address = own.open(&personal::of_organisation(&notice.organisation), &notice.sealed_email);
            let sealed = address.and_then(|address| own.seal(&personal::of_message(&id), &address));
            let Some(sealed_address) = sealed else { continue };
            let page = format!("{}/certificates/{}", self.base_url, notice.number);
            let (subject, body) = view::mail::certificate_notice(notice.language, &notice.number, &notice.kind, &page);
            let new = NewNotice {
                id,
                kind: MessageKind::Notice,
                source: Some(notice.source()),
                evaluation: None,
                sealed_address,
                language: notice.language,
                subject,
                body,
                due_at_ms: now_ms,
            };
            self.store.write(move |tx| outbox::queue_notice(tx, &new)).await?;
        }
        Ok(())
    }
}
