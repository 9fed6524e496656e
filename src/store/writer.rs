//! The one writer: a bounded queue into one thread that commits groups. No timer: an idle writer commits at once, and
//! groups grow only under load. A command is answered after COMMIT, never before; each runs in a savepoint of its own,
//! so one that fails takes nobody with it. If COMMIT fails, every command of the group failed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use diesel::connection::SimpleConnection;
use tokio::sync::{mpsc, oneshot};

use super::conn::{Access, Conn, DatabaseUrl, Manager};
use super::tally::{Change, Changes, TallyKey};
use super::{StoreError, StoreFailure, StoreSettings, installation, tally};
use crate::personal::DataKey;
use crate::survey::id::EvaluationId;
use crate::survey::instrument::Instrument;

/// What a command works with: the connection inside the open transaction, and the tallies it changes.
pub struct WriteTx<'a> {
    /// The writing connection.
    pub conn: &'a mut Conn,
    key: Option<&'a DataKey>,
    changes: Vec<(TallyKey, Arc<Instrument>, Change)>,
    recounted: Option<EvaluationId>,
}

impl<'a> WriteTx<'a> {
    /// What texts of customers are sealed under.
    pub(super) fn key(&self) -> Result<&'a DataKey, StoreError> {
        super::needed(self.key)
    }

    /// Notes that an evaluation's tallies were just computed from the rows: what this group noted before is in them.
    pub(super) fn recounted(&mut self, evaluation: EvaluationId) {
        self.recounted = Some(evaluation);
    }

    /// Notes a change of a tally; it is stored in the same transaction.
    pub(super) fn tally(&mut self, key: TallyKey, instrument: &Arc<Instrument>, change: Change) {
        self.changes.push((key, Arc::clone(instrument), change));
    }
}

/// Something to do inside a transaction, and somebody who waits for it.
trait Command: Send {
    /// Does it; may be called again after its savepoint was rolled back.
    fn run(&mut self, tx: &mut WriteTx<'_>) -> Ran;
    /// Tells the waiting side, once the transaction has ended.
    fn reply(self: Box<Self>, ended: Result<(), StoreError>);
}

/// How a command ended, and so what becomes of its savepoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ran {
    Kept,
    Undone,
    /// Undone by contention; worth another try alone.
    Contended,
}

struct Waiting<T, E, F> {
    work: F,
    result: Option<Result<T, E>>,
    sender: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Command for Waiting<T, E, F>
where
    T: Send,
    E: StoreFailure + Send,
    F: FnMut(&mut WriteTx<'_>) -> Result<T, E> + Send,
{
    fn run(&mut self, tx: &mut WriteTx<'_>) -> Ran {
        let result = (self.work)(tx);
        let ran = match &result {
            Ok(_) => Ran::Kept,
            Err(error) if error.store_error().is_some_and(StoreError::is_passing) => Ran::Contended,
            Err(_) => Ran::Undone,
        };
        self.result = Some(result);
        ran
    }

    fn reply(self: Box<Self>, ended: Result<(), StoreError>) {
        let result = match (ended, self.result) {
            (Ok(()), Some(result)) => result,
            (Ok(()), None) => Err(StoreError::Busy.into()),
            (Err(error), _) => Err(error.into()),
        };
        // Nobody may be waiting any more: the visitor has gone, the answer is stored all the same.
        drop(self.sender.send(result));
    }
}

type Group = Vec<Box<dyn Command>>;
/// A command that meets contention is run so many times alone before it is answered with it.
const TRIES_ALONE: usize = 4;
/// Others wait behind a group that waits: after this long nothing of it is begun or tried again.
const PATIENCE: Duration = Duration::from_secs(2);

enum Message {
    Run(Box<dyn Command>),
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
        work: impl FnMut(&mut WriteTx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T, E>>, StoreError>
    where
        T: Send + 'static,
        E: StoreFailure + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        let command = Waiting {
            work,
            result: None,
            sender,
        };
        match self.queue.try_send(Message::Run(Box::new(command))) {
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
    decoded: tally::Decoded,
    vital: Arc<Vital>,
    key: Option<DataKey>,
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
            decoded: tally::Decoded::default(),
            vital,
            key: settings.key.clone(),
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

    /// Commits a group; what met contention in it is run again, each command in a transaction of its own, so that it
    /// holds as little as possible.
    fn commit_group(&mut self, group: &mut Group) {
        let until = Instant::now() + PATIENCE;
        let mut contended = self.commit_once(std::mem::take(group), true, until);
        for attempt in 1..=TRIES_ALONE {
            let mut still = Vec::new();
            for command in contended {
                if Instant::now() >= until {
                    command.reply(Ok(()));
                    continue;
                }
                still.append(&mut self.commit_once(vec![command], attempt < TRIES_ALONE, until));
            }
            contended = still;
        }
    }

    /// One transaction. Returns the commands that met contention if they may be tried again; all others are answered.
    fn commit_once(&mut self, mut group: Group, again: bool, until: Instant) -> Group {
        if group.is_empty() {
            return group;
        }
        if self.conn.is_none()
            && let Err(error) = self.connect()
        {
            tracing::error!(%error, "the database cannot be reached");
        }
        let ended = match self.conn.as_mut() {
            Some(conn) => {
                let (node, begin, key) = (self.node, self.begin, self.key.as_ref());
                run_group(conn, (node, begin, key), &mut self.decoded, &mut group, until)
            }
            None => Err(StoreError::Commit("no connection".into())),
        };
        let again = again && Instant::now() < until;
        match ended {
            Ok(ran) => {
                let now = SystemTime::now()
                    .duration_since(UNIX_EPOCH)
                    .map_or(0, |d| d.as_millis());
                self.vital
                    .committed_at_ms
                    .store(i64::try_from(now).unwrap_or(i64::MAX), Ordering::Relaxed);
                let mut contended = Vec::new();
                for (command, ran) in group.into_iter().zip(ran) {
                    match ran {
                        Ran::Contended if again => contended.push(command),
                        _ => command.reply(Ok(())),
                    }
                }
                contended
            }
            Err(error) => {
                // The state of the connection is unknown; a new one starts clean.
                self.conn = None;
                if again && matches!(error, StoreError::Contended(_)) {
                    tracing::info!(%error, commands = group.len(), "a group met contention");
                    return group;
                }
                tracing::error!(%error, commands = group.len(), "a group was not committed");
                for command in group {
                    command.reply(Err(StoreError::Commit(error.to_string())));
                }
                Vec::new()
            }
        }
    }
}

fn run_group(
    conn: &mut Conn,
    (node, begin, key): (i32, &str, Option<&DataKey>),
    decoded: &mut tally::Decoded,
    group: &mut Group,
    until: Instant,
) -> Result<Vec<Ran>, StoreError> {
    conn.batch_execute(begin)?;
    // Waiting to begin was not the commands' doing.
    let until = until.max(Instant::now() + PATIENCE);
    let mut changes = Changes::default();
    let mut all = Vec::with_capacity(group.len());
    for command in group {
        if Instant::now() >= until {
            all.push(Ran::Contended);
            continue;
        }
        conn.batch_execute("SAVEPOINT command")?;
        let mut tx = WriteTx {
            conn: &mut *conn,
            key,
            changes: Vec::new(),
            recounted: None,
        };
        let ran = command.run(&mut tx);
        let (noted, recounted) = (std::mem::take(&mut tx.changes), tx.recounted);
        if ran == Ran::Kept {
            conn.batch_execute("RELEASE SAVEPOINT command")?;
            changes.note(recounted, noted);
        } else {
            conn.batch_execute("ROLLBACK TO SAVEPOINT command")?;
        }
        all.push(ran);
    }
    tally::apply(conn, node, changes, decoded)?;
    conn.batch_execute("COMMIT")?;
    Ok(all)
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
