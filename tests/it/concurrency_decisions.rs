//! Two nodes on one PostgreSQL database: decisions about each other's responses while answers come in.

use std::sync::mpsc;
use std::time::Duration;

use perception::store::response::{self, SubmitError};
use perception::store::{Store, StoreError};
use perception::survey::counting::Decision;
use perception::survey::id::ResponseId;

use crate::concurrency_postgres::send_patiently;
use crate::harness::{Backend, Pen, TestApp, Wave};

/// Whether an error asks for another try; anything else is a failure.
fn says_try_again(error: &StoreError) -> bool {
    matches!(error, StoreError::Busy | StoreError::Commit(_) | StoreError::Stopped)
}

/// Decides about a response; when the store says "try again", does.
fn decide_patiently(store: &Store, wave: &Wave, id: ResponseId, decision: Decision) {
    for _ in 0..40 {
        let (evaluation, instrument) = (wave.id, wave.instrument.clone());
        let why = ("reviewer", "race", 1);
        match store.write_blocking(move |tx| response::decide(tx, &instrument, evaluation, id, decision, why)) {
            Ok(()) => return,
            Err(error) if says_try_again(&error) => {}
            Err(error) => panic!("{decision:?} of {id}: {error}"),
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("{decision:?} of {id} was never recorded")
}

/// The worst moment: on both nodes an answer has just been stored, in a transaction that goes on with a decision.
#[test]
fn decisions_that_meet_answers_of_another_node_do_not_fail() {
    let app = TestApp::spawn(Backend::Postgres);
    let node = app.join();
    let mut pen = Pen::new(12);
    let stores = [&app.installation.store, &node.installation.store];
    let earlier: Vec<ResponseId> = stores
        .iter()
        .map(|store| interview(store, &app.wave, &mut pen))
        .collect();
    // Each node waits for the other between its answer and its decision; not for ever, one may have to wait for the end
    // of the other's transaction.
    let (arrive, arrived): (Vec<_>, Vec<_>) = (0..2).map(|_| mpsc::channel::<()>()).unzip();
    std::thread::scope(|scope| {
        for (place, arrived) in arrived.into_iter().enumerate() {
            let (store, other, wave, target) =
                (stores[place], arrive[1 - place].clone(), &app.wave, earlier[1 - place]);
            let entry = pen.interview(wave, place);
            let (submission, instrument) = (pen.submission(wave, entry), wave.instrument.clone());
            let (first, again, decided) = (submission.clone(), instrument.clone(), instrument.clone());
            scope.spawn(move || {
                let (hold, held) = mpsc::channel::<()>();
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                let queued = runtime.block_on(async {
                    // What is queued while a command runs becomes one transaction.
                    let block = store.write(move |_| Ok::<_, StoreError>(_ = held.recv()));
                    let submit = store.write(move |tx| response::submit(tx, &again, &first));
                    let meet = store.write(move |_| {
                        _ = other.send(());
                        _ = arrived.recv_timeout(Duration::from_secs(1));
                        Ok::<_, StoreError>(())
                    });
                    let evaluation = wave.id;
                    let why = ("reviewer", "race", 1);
                    let decide = store
                        .write(move |tx| response::decide(tx, &decided, evaluation, target, Decision::Excluded, why));
                    let release = async { hold.send(()).unwrap() };
                    tokio::join!(block, submit, meet, decide, release)
                });
                queued.0.unwrap();
                match queued.3 {
                    Ok(()) => {}
                    Err(error) if says_try_again(&error) => decide_patiently(store, wave, target, Decision::Excluded),
                    Err(error) => panic!("the decision of node {place}: {error}"),
                }
                match queued.1 {
                    Ok(_) => {}
                    Err(SubmitError::Store(error)) if says_try_again(&error) => {
                        store
                            .write_blocking(move |tx| response::submit(tx, &instrument, &submission))
                            .unwrap();
                    }
                    Err(error) => panic!("the answer of node {place}: {error}"),
                }
            });
        }
    });
    assert_eq!(
        (
            app.responses(),
            app.raw().count("event WHERE action = 'response.excluded'")
        ),
        (4, 2)
    );
    app.consistent_tallies();
}

/// Stores an interview.
fn interview(store: &Store, wave: &Wave, pen: &mut Pen) -> ResponseId {
    let outlet = pen.below(3);
    let entry = pen.interview(wave, outlet);
    let (submission, instrument) = (pen.submission(wave, entry), wave.instrument.clone());
    let id = submission.receipt.response_id();
    store
        .write_blocking(move |tx| response::submit(tx, &instrument, &submission))
        .unwrap();
    id
}

#[test]
fn two_nodes_decide_about_each_others_responses() {
    let app = TestApp::spawn(Backend::Postgres);
    let node = app.join();
    let mut pen = Pen::new(11);
    let stores = [&app.installation.store, &node.installation.store];
    let responses: Vec<ResponseId> = (0..24)
        .map(|number| {
            let entry = pen.interview(&app.wave, number % 3);
            let (submission, instrument) = (pen.submission(&app.wave, entry), app.wave.instrument.clone());
            let id = submission.receipt.response_id();
            stores[number % 2]
                .write_blocking(move |tx| response::submit(tx, &instrument, &submission))
                .unwrap();
            id
        })
        .collect();
    // Each node excludes and includes what the other stored, while both go on storing.
    let link = app.open_link();
    std::thread::scope(|scope| {
        for (node, customer) in [app.customer(), node.customer()].into_iter().enumerate() {
            let (app, responses, stores, link) = (&app, &responses, &stores, &link);
            scope.spawn(move || {
                for (number, id) in responses.iter().enumerate().filter(|(number, _)| number % 2 != node) {
                    let decision = if number % 3 == 0 {
                        Decision::Withdrawn
                    } else {
                        Decision::Excluded
                    };
                    decide_patiently(stores[node], &app.wave, *id, decision);
                }
            });
            scope.spawn(move || {
                for _ in 0..20 {
                    assert_eq!(send_patiently(&customer, &app.form_of(link), "5").status, 303);
                }
            });
        }
    });
    assert_eq!(app.responses(), 64);
    assert_eq!(app.raw().count("event WHERE action LIKE 'response.%'"), 24);
    app.consistent_tallies();
}
