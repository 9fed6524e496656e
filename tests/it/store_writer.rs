//! The store's one writer: groups that commit together, commands that fail alone, answers only after COMMIT.

use std::pin::pin;
use std::sync::mpsc;
use std::task::Poll;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use perception::store::response::{self, SubmitError};
use perception::store::{StoreError, StoreFailure, WriteTx};
use perception::survey::counting::Decision;

use crate::harness::{Backend, Pen, TestApp};

both_backends!(
    a_command_that_fails_leaves_nothing_and_takes_nobody_with_it,
    an_answer_is_given_only_after_the_commit,
    when_the_commit_fails_every_command_of_the_group_failed,
);

fn insert_person(tx: &mut WriteTx<'_>, id: &str) -> Result<(), StoreError> {
    let values = format!("('{id}', 'somebody', '{id}', 0)");
    Ok(tx.conn.batch_execute(&format!(
        "INSERT INTO person (id, name, registration_no, created_at_ms) VALUES {values}"
    ))?)
}

type Command<E> = Box<dyn FnMut(&mut WriteTx<'_>) -> Result<(), E> + Send>;

/// Queues three commands behind one that is running, so that they become one group, and returns how they ended.
fn one_group<E: StoreFailure + Send + 'static>(app: &TestApp, commands: [Command<E>; 3]) -> Vec<Result<(), E>> {
    let store = &app.installation.store;
    let (running, is_running) = mpsc::channel::<()>();
    let (hold, held) = mpsc::channel::<()>();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut before = pin!(store.write(move |_| {
            _ = running.send(());
            _ = held.recv();
            Ok::<_, StoreError>(())
        }));
        let queued = std::future::poll_fn(|context| Poll::Ready(before.as_mut().poll(context).is_pending())).await;
        assert!(queued);
        is_running.recv_timeout(Duration::from_secs(10)).unwrap();
        let [one, two, three] = commands.map(|command| store.write(command));
        let release = async { hold.send(()).unwrap() };
        let (one, two, three, (), ended) = tokio::join!(one, two, three, release, before);
        ended.unwrap();
        vec![one, two, three]
    })
}

fn a_command_that_fails_leaves_nothing_and_takes_nobody_with_it(backend: Backend) {
    let app = TestApp::spawn(backend);
    let mut pen = Pen::new(1);
    let submission = pen.interview(&app.wave, 0);
    let submission = pen.submission(&app.wave, submission);
    let id = submission.receipt.response_id();
    let (instrument, wave) = (app.wave.instrument.clone(), app.wave.id);
    let before = app.raw().count("person");
    let ended = one_group::<SubmitError>(
        &app,
        [
            Box::new(|tx| Ok(insert_person(tx, "first")?)),
            Box::new(move |tx| {
                // Everything an answer and a decision write, and then something goes wrong.
                response::submit(tx, &instrument, &submission)?;
                response::decide(tx, &instrument, wave, id, Decision::Excluded, ("test", "", 1))?;
                insert_person(tx, "second")?;
                Ok(insert_person(tx, "first")?)
            }),
            Box::new(|tx| Ok(insert_person(tx, "third")?)),
        ],
    );
    assert!(ended[0].is_ok() && ended[2].is_ok(), "{ended:?}");
    assert!(
        matches!(ended[1], Err(SubmitError::Store(StoreError::Database(_)))),
        "{ended:?}"
    );
    let mut raw = app.raw();
    assert_eq!(raw.count("person"), before + 2);
    assert_eq!(raw.count("person WHERE id IN ('first', 'third')"), 2);
    let tables = [
        "response",
        "response_content",
        "response_comment",
        "interview",
        "event WHERE object <> ''",
        "tally",
    ];
    assert_eq!(tables.map(|table| raw.count(table)), [0; 6]);
}

fn an_answer_is_given_only_after_the_commit(backend: Backend) {
    let app = TestApp::spawn(backend);
    let mut raw = app.raw();
    let (looked, look) = mpsc::channel::<()>();
    let (inside, is_inside) = mpsc::channel::<()>();
    let store = app.installation.store.clone();
    let writing = std::thread::spawn(move || {
        store.write_blocking(move |tx| {
            insert_person(tx, "new")?;
            _ = inside.send(());
            _ = look.recv();
            Ok::<_, StoreError>(())
        })
    });
    is_inside.recv().unwrap();
    assert_eq!(
        raw.count("person WHERE id = 'new'"),
        0,
        "nobody sees what is not committed"
    );
    assert!(!writing.is_finished());
    looked.send(()).unwrap();
    writing.join().unwrap().unwrap();
    assert_eq!(
        raw.count("person WHERE id = 'new'"),
        1,
        "who has an answer finds what was written"
    );
}

fn when_the_commit_fails_every_command_of_the_group_failed(backend: Backend) {
    let app = TestApp::spawn(backend);
    let sabotage = match backend {
        // A broken reference that is only looked at by COMMIT.
        Backend::Sqlite => {
            "PRAGMA defer_foreign_keys = ON; INSERT INTO outlet (evaluation_id, id, place, name_zh, name_en) \
             VALUES ('none', 'none', 0, '', '')"
        }
        Backend::Postgres => {
            "CREATE TABLE later (id TEXT REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED); \
             INSERT INTO later VALUES ('nobody')"
        }
    };
    let ended = one_group::<StoreError>(
        &app,
        [
            Box::new(|tx| insert_person(tx, "first")),
            Box::new(move |tx| Ok(tx.conn.batch_execute(sabotage)?)),
            Box::new(|tx| insert_person(tx, "third")),
        ],
    );
    assert!(
        ended.iter().all(|ended| matches!(ended, Err(StoreError::Commit(_)))),
        "{ended:?}"
    );
    assert_eq!(app.raw().count("person WHERE id IN ('first', 'third')"), 0);
    // The next command finds a writer that works.
    app.installation
        .store
        .write_blocking(|tx| insert_person(tx, "first"))
        .unwrap();
    assert_eq!(app.raw().count("person WHERE id = 'first'"), 1);
    assert_eq!(app.customer().get("/readyz").status, 200);
    app.customer()
        .answer(&app.open_link().path, &["consult"], "5")
        .receipt();
    app.consistent_tallies();
}
