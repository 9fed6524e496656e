//! The one writer: a bounded queue into one thread that commits groups. No timer: an idle writer commits at once, and
//! groups grow only under load. A command is answered after COMMIT, never before; each runs in a savepoint of its own,
//! so one that fails takes nobody with it. If COMMIT fails, every command of the group failed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use diesel::connection::SimpleConnection;
use tokio::sync::{mpsc, oneshot};

use super::conn::{Access, Conn, DatabaseUrl, Manager};
use super::tally::{Change, Changes, TallyKey};
use super::{StoreError, StoreSettings, installation, tally};
use crate::survey::id::EvaluationId;
use crate::survey::instrument::Instrument;

/// What a command works with: the connection inside the open transaction, and the tallies it changes.
pub struct WriteTx<'a> {
    /// The writing connection.
    pub conn: &'a mut Conn,
    changes: Vec<(TallyKey, Arc<Instrument>, Change)>,
    recounted: Option<EvaluationId>,
}

impl WriteTx<'_> {
    /// Notes that an evaluation's tallies were just computed from the rows: what this group noted before is in them.
    pub(super) fn recounted(&mut self, evaluation: EvaluationId) {
        self.recounted = Some(evaluation);
    }

    /// Notes a change of a tally; it is stored in the same transaction.
    pub(super) fn tally(&mut self, key: TallyKey, instrument: &Arc<Instrument>, change: Change) {
        self.changes.push((key, Arc::clone(instrument), change));
    }
}

/// Tells the waiting side how the transaction ended.
type Reply = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// Runs inside the transaction; says whether to keep what it did.
type Command = Box<dyn FnOnce(&mut WriteTx<'_>) -> (bool, Reply) + Send>;

enum Message {
    Run(Command),
    Stop(oneshot::Sender<()>),
}

/// Signs of life, for the readiness page.
#[derive(Debug, Clone, Copy)]
pub struct Pulse {
    /// Whether the writer takes commands.
    pub running: bool,
    /// Last commit, Unix ms; `None` before the first.
    pub committed_at_ms: Option<i64>,
}

#[derive(Default)]
struct Vital {
    running: AtomicBool,
    committed_at_ms: AtomicI64,
}

#[derive(Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Message>,
    vital: Arc<Vital>,
}

impl Writer {
    pub(super) fn start(settings: &StoreSettings) -> Result<Self, StoreError> {
        let manager = Manager::new(settings.database.clone(), Access::Write);
        let (queue, receiver) = mpsc::channel(settings.write_queue_max);
        let vital = Arc::new(Vital::default());
        vital.running.store(true, Ordering::Relaxed);
        let mut room = Room::new(manager, settings, Arc::clone(&vital))?;
        std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || room.run(receiver))
            .map_err(|e| StoreError::Open(e.to_string()))?;
        Ok(Self { queue, vital })
    }

    pub(super) fn submit<T, E>(
        &self,
        command: impl FnOnce(&mut WriteTx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T, E>>, StoreError>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        let command: Command = Box::new(move |tx| {
            let result = command(tx);
            let keep = result.is_ok();
            let reply: Reply = Box::new(move |ended| {
                // Nobody may be waiting any more: the visitor has gone, the answer is stored all the same.
                drop(sender.send(ended.map_err(E::from).and(result)));
            });
            (keep, reply)
        });
        match self.queue.try_send(Message::Run(command)) {
            Ok(()) => Ok(receiver),
            Err(mpsc::error::TrySendError::Full(_)) => Err(StoreError::Busy),
            Err(mpsc::error::TrySendError::Closed(_)) => Err(StoreError::Stopped),
        }
    }

    pub(super) fn pulse(&self) -> Pulse {
        let committed = self.vital.committed_at_ms.load(Ordering::Relaxed);
        Pulse {
            running: self.vital.running.load(Ordering::Relaxed),
            committed_at_ms: (committed != 0).then_some(committed),
        }
    }

    pub(super) async fn stop(&self) {
        let (sender, receiver) = oneshot::channel();
        if self.queue.send(Message::Stop(sender)).await.is_ok() {
            drop(receiver.await);
        }
    }
}

/// The writer's own thread and all it holds.
struct Room {
    manager: Manager,
    conn: Option<Conn>,
    node: i32,
    batch_max: usize,
    begin: &'static str,
    vital: Arc<Vital>,
}

impl Room {
    fn new(manager: Manager, settings: &StoreSettings, vital: Arc<Vital>) -> Result<Self, StoreError> {
        // A SQLite transaction that writes must say so at its start, or two of them deadlock.
        let begin = match settings.database {
            DatabaseUrl::Sqlite(_) => "BEGIN IMMEDIATE",
            DatabaseUrl::Postgres(_) => "BEGIN",
        };
        let mut room = Self {
            manager,
            conn: None,
            node: 0,
            batch_max: settings.write_batch_max.max(1),
            begin,
            vital,
        };
        room.connect()?;
        Ok(room)
    }

    fn connect(&mut self) -> Result<(), StoreError> {
        let mut conn = self.manager.open()?;
        self.node = installation::claim_node(&mut conn)?;
        self.conn = Some(conn);
        Ok(())
    }

    fn run(&mut self, mut queue: mpsc::Receiver<Message>) {
        let _guard = EndProcessOnPanic;
        let mut group = Vec::with_capacity(self.batch_max);
        while let Some(message) = queue.blocking_recv() {
            let mut next = Some(message);
            let mut stopping = None;
            while let Some(message) = next.take() {
                match message {
                    Message::Run(command) => group.push(command),
                    Message::Stop(done) => {
                        stopping = Some(done);
                        break;
                    }
                }
                if group.len() < self.batch_max {
                    next = queue.try_recv().ok();
                }
            }
            self.commit_group(&mut group);
            if let Some(done) = stopping {
                self.vital.running.store(false, Ordering::Relaxed);
                let _ = done.send(());
                return;
            }
        }
        self.vital.running.store(false, Ordering::Relaxed);
    }

    fn commit_group(&mut self, group: &mut Vec<Command>) {
        if group.is_empty() {
            return;
        }
        if self.conn.is_none()
            && let Err(error) = self.connect()
        {
            tracing::error!(%error, "the database cannot be reached");
        }
        let mut replies = Vec::with_capacity(group.len());
        let ended = match self.conn.as_mut() {
            Some(conn) => run_group(conn, self.node, self.begin, group, &mut replies),
            None => Err(StoreError::Commit("no connection".into())),
        };
        // Commands that never ran are dropped here; their callers learn it from the closed channel.
        group.clear();
        match ended {
            Ok(()) => {
                let now = SystemTime::now()
                    .duration_since(UNIX_EPOCH)
                    .map_or(0, |d| d.as_millis());
                self.vital
                    .committed_at_ms
                    .store(i64::try_from(now).unwrap_or(i64::MAX), Ordering::Relaxed);
                replies.into_iter().for_each(|reply| reply(Ok(())));
            }
            Err(error) => {
                tracing::error!(%error, commands = replies.len(), "a group was not committed");
                // The state of the connection is unknown; a new one starts clean.
                self.conn = None;
                replies
                    .into_iter()
                    .for_each(|reply| reply(Err(StoreError::Commit(error.to_string()))));
            }
        }
    }
}

fn run_group(
    conn: &mut Conn,
    node: i32,
    begin: &str,
    group: &mut Vec<Command>,
    replies: &mut Vec<Reply>,
) -> Result<(), StoreError> {
    conn.batch_execute(begin)?;
    let mut changes = Changes::default();
    for command in group.drain(..) {
        conn.batch_execute("SAVEPOINT command")?;
        let mut tx = WriteTx {
            conn: &mut *conn,
            changes: Vec::new(),
            recounted: None,
        };
        let (keep, reply) = command(&mut tx);
        let (noted, recounted) = (std::mem::take(&mut tx.changes), tx.recounted);
        replies.push(reply);
        if keep {
            conn.batch_execute("RELEASE SAVEPOINT command")?;
            changes.note(recounted, noted);
        } else {
            conn.batch_execute("ROLLBACK TO SAVEPOINT command")?;
        }
    }
    tally::apply(conn, node, changes)?;
    Ok(conn.batch_execute("COMMIT")?)
}

/// A command that panics leaves an unknown state behind; nothing may be answered from it.
struct EndProcessOnPanic;

impl Drop for EndProcessOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!("the writer panicked; ending the process");
            std::process::abort();
        }
    }
}
