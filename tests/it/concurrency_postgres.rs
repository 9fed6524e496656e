//! Several nodes on one PostgreSQL database, and everything that races: migrations, overlapping submissions, decisions,
//! the end of fieldwork. The races that concern one node run on SQLite too.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use perception::store::response::{self, Accepted};
use perception::store::{self, DatabaseUrl};
use perception::survey::submission::{Entry, Submission};
use perception::survey::ticket::Ticket;

use crate::harness::{
    Backend, Customer, Database, Node, Page, Pen, TestApp, TestLink, await_until, message, perception,
};

/// What a form handed out by [`TestApp::form_of`] sends: the telephone was used, everything is fine.
pub fn answers(rating: &str) -> Vec<(String, String)> {
    ["F01", "F02", "F03", "V01", "S01"]
        .map(|item| (item.to_owned(), rating.to_owned()))
        .to_vec()
}

/// Sends until the server has made up its mind: a 503 says "try again", and so does a customer.
pub fn send_patiently(customer: &Customer, form: &str, rating: &str) -> Page {
    for _ in 0..400 {
        let page = customer.post(form, &answers(rating));
        if page.status != 503 {
            return page;
        }
        assert!(!page.header("retry-after").is_empty());
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("{form} was never answered")
}

fn ticket_of(app: &TestApp, form: &str) -> Ticket {
    Ticket::open(app.installation.key.bytes(), form.strip_prefix("/f/").unwrap()).unwrap()
}

fn stored_key(app: &TestApp, form: &str) -> String {
    let receipt = ticket_of(app, form).receipt(app.installation.key.bytes());
    receipt.response_id().to_string()
}

#[test]
fn eight_processes_migrate_an_empty_database_at_once() {
    for backend in [Backend::Postgres, Backend::Sqlite] {
        let database = Database::new(backend);
        let arguments = ["migrate", "--database", &database.url];
        let children: Vec<_> = (0..8)
            .map(|_| {
                let mut command = perception(database.folder.path(), &arguments);
                command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
            })
            .collect();
        let outputs: Vec<_> = children
            .into_iter()
            .map(|child| child.wait_with_output().unwrap())
            .collect();
        let said: Vec<String> = outputs
            .iter()
            .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
            .collect();
        for output in &outputs {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        assert_eq!(
            said.iter().filter(|text| text.contains("applied")).count(),
            1,
            "one of them migrates: {said:?}"
        );
        assert_eq!(
            said.iter().filter(|text| text.contains("up to date")).count(),
            7,
            "{said:?}"
        );
        assert_eq!(database.raw().count("response"), 0);
        // In one process too: nothing is left to do.
        let url: DatabaseUrl = database.url.parse().unwrap();
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| store::migrate(&url))).collect();
            threads
                .into_iter()
                .for_each(|thread| assert_eq!(thread.join().unwrap().unwrap(), Vec::<String>::new()));
        });
    }
}

#[test]
fn two_nodes_store_overlapping_forms_once_each() {
    let app = TestApp::spawn(Backend::Postgres);
    let node = app.join();
    let customers = [app.customer(), node.customer()];
    let open = app.open_link();
    // Half of the forms are of single-use links, where form and link must agree.
    let forms: Vec<String> = (0..60)
        .map(|number| {
            if number % 2 == 0 {
                app.form_of(&open)
            } else {
                app.form_of(&app.personal_link())
            }
        })
        .collect();
    let pages: Vec<(usize, Page)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|thread| {
                let (customers, forms) = (&customers, &forms);
                // Every form goes to both nodes from four threads at about the same moment, each with its own rating.
                let rating = (1 + thread % 5).to_string();
                let send =
                    move |number: usize| (number, send_patiently(&customers[thread % 2], &forms[number], &rating));
                scope.spawn(move || {
                    (0..forms.len())
                        .filter(|number| (number + thread / 2) % 2 == 0)
                        .map(send)
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let refused: Vec<_> = pages
        .iter()
        .filter(|(_, page)| page.status != 303)
        .map(|(number, page)| (number, page.text()))
        .collect();
    assert!(
        refused.is_empty(),
        "every sender of a stored form gets its receipt: {} of {}: {:?}",
        refused.len(),
        pages.len(),
        refused.first()
    );
    for number in 0..forms.len() {
        let receipts: BTreeSet<String> = pages
            .iter()
            .filter(|(of, _)| *of == number)
            .map(|(_, page)| customers[number % 2].follow(page.clone()).receipt())
            .collect();
        assert_eq!(receipts.len(), 1, "one form, one receipt");
    }
    assert_eq!(app.responses(), 60);
    assert_eq!(app.raw().count("link WHERE used"), 30);
    assert_eq!(app.counted(), 60, "the nodes' tallies add up");
    assert_eq!(
        app.raw().number("SELECT count(DISTINCT node) AS value FROM tally"),
        2,
        "each node wrote its own"
    );
    app.consistent_tallies();
}

#[test]
fn a_sqlite_file_may_be_created_by_many_at_once() {
    for round in 0..15 {
        let database = Database::new(Backend::Sqlite);
        let url: DatabaseUrl = database.url.parse().unwrap();
        let start = std::sync::Barrier::new(8);
        let applied: Vec<usize> = std::thread::scope(|scope| {
            let migrate = || {
                start.wait();
                store::migrate(&url).map(|names| names.len())
            };
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(migrate)).collect();
            let done = threads.into_iter().map(|thread| thread.join().unwrap());
            done.collect::<Result<_, _>>()
                .unwrap_or_else(|error| panic!("round {round}: {error}"))
        });
        assert_eq!(
            applied.iter().filter(|names| **names > 0).count(),
            1,
            "one of them migrates"
        );
    }
}

/// Stores a form on one node and holds the transaction open while another node gets a form to store; returns the page
/// that the second one's sender ends at.
fn stored_while_another_waits(app: &TestApp, node: &Node, link: &TestLink, first: &str, second: &str) -> Page {
    let mut pen = Pen::new(rand::random());
    let ticket = ticket_of(app, first);
    let submission = Submission {
        receipt: ticket.receipt(app.installation.key.bytes()),
        ..pen.submission(&app.wave, Entry::Link(link.id))
    };
    let (stored, is_stored) = mpsc::channel::<()>();
    let (release, released) = mpsc::channel::<()>();
    let instrument = app.wave.instrument.clone();
    std::thread::scope(|scope| {
        let first = scope.spawn(|| {
            app.installation.store.write_blocking(move |tx| {
                let accepted = response::submit(tx, &instrument, &submission);
                _ = stored.send(());
                // Not for ever, should this test fail.
                _ = released.recv_timeout(Duration::from_secs(15));
                accepted
            })
        });
        is_stored.recv_timeout(Duration::from_secs(10)).unwrap();
        let second = scope.spawn(|| send_patiently(&node.customer(), second, "1"));
        let mut raw = app.raw();
        await_until(Duration::from_secs(10), "the other node waits for the first", || {
            raw.count("pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") > 0
        });
        release.send(()).unwrap();
        assert_eq!(first.join().unwrap().unwrap(), Accepted::Stored);
        second.join().unwrap()
    })
}

#[test]
fn a_form_that_another_node_is_storing_ends_at_its_receipt() {
    let app = TestApp::spawn(Backend::Postgres);
    let node = app.join();
    for link in [app.open_link(), app.personal_link(), app.printed_link()] {
        let form = app.form_of(&link);
        let page = stored_while_another_waits(&app, &node, &link, &form, &form);
        assert_eq!(page.status, 303, "{}", page.text());
        let receipt = node.customer().follow(page).receipt();
        assert_eq!(
            receipt,
            ticket_of(&app, &form).receipt(app.installation.key.bytes()).as_str()
        );
    }
    assert_eq!((app.responses(), app.raw().count("link WHERE used")), (3, 2));
    app.consistent_tallies();
}

#[test]
fn a_link_that_another_node_is_spending_is_spent() {
    let app = TestApp::spawn(Backend::Postgres);
    let node = app.join();
    for link in [app.personal_link(), app.printed_link()] {
        let (first, second) = (app.form_of(&link), app.form_of(&link));
        let page = stored_while_another_waits(&app, &node, &link, &first, &second);
        assert_eq!(
            (page.status, page.text_of("h1")),
            (410, message("zh-CN", "refusal-used"))
        );
        node.customer().follow(node.customer().get(&first)).receipt();
    }
    assert_eq!((app.responses(), app.raw().count("link WHERE used")), (2, 2));
    app.consistent_tallies();
}

/// A restarted database ends every connection. Who was in the middle of something tries again; nothing is lost or
/// stored twice.
#[test]
fn lost_connections_cost_a_retry_and_nothing_else() {
    let app = TestApp::spawn(Backend::Postgres);
    let node = app.join();
    let open = app.open_link();
    let personal: Vec<_> = (0..20).map(|_| app.personal_link()).collect();
    let done = AtomicUsize::new(0);
    let forms: Vec<String> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..4)
            .map(|client| {
                let customer = if client % 2 == 0 {
                    app.customer()
                } else {
                    node.customer()
                };
                let (app, open, personal, done) = (&app, &open, &personal, &done);
                scope.spawn(move || {
                    let links = (0..10).map(|number| {
                        if number % 2 == 0 {
                            open
                        } else {
                            &personal[client * 5 + number / 2]
                        }
                    });
                    let send = |link| {
                        let form = app.form_of(link);
                        let stored = || {
                            let status = customer.post(&form, &answers("5")).status;
                            assert!([303, 503].contains(&status), "{status}");
                            status == 303
                        };
                        await_until(Duration::from_secs(10), "a form is stored after all", stored);
                        done.fetch_add(1, Ordering::AcqRel);
                        form
                    };
                    links.map(send).collect::<Vec<_>>()
                })
            })
            .collect();
        let mut raw = app.raw();
        for end in 1..=6 {
            await_until(Duration::from_secs(20), "answers come in again", || {
                done.load(Ordering::Acquire) >= end * 5
            });
            // CASE, because WHERE may be worked through in any order.
            let ended = raw.number(
                "SELECT count(CASE WHEN datname = current_database() AND pid <> pg_backend_pid() \
                 THEN pg_terminate_backend(pid) END) AS value FROM pg_stat_activity",
            );
            assert!(ended > 0);
        }
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    let keys: BTreeSet<String> = app
        .raw()
        .texts("SELECT id AS value FROM response")
        .into_iter()
        .collect();
    assert_eq!(keys, forms.iter().map(|form| stored_key(&app, form)).collect());
    assert_eq!(
        (app.responses(), app.raw().count("link WHERE used"), app.counted()),
        (40, 20, 40)
    );
    app.consistent_tallies();
}

both_backends!(nothing_is_stored_after_fieldwork_has_ended);

fn nothing_is_stored_after_fieldwork_has_ended(backend: Backend) {
    let app = TestApp::spawn(backend);
    let node = (backend == Backend::Postgres).then(|| app.join());
    let open = app.open_link();
    let (acknowledged, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (ended, sent) = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|thread| {
                let customer = match &node {
                    Some(node) if thread % 2 == 1 => node.customer(),
                    _ => app.customer(),
                };
                let (app, open, acknowledged, stop) = (&app, &open, &acknowledged, &stop);
                scope.spawn(move || {
                    let mut sent = Vec::new();
                    while !stop.load(Ordering::Acquire) {
                        let form = app.form_of(open);
                        let page = send_patiently(&customer, &form, "4");
                        acknowledged.fetch_add(usize::from(page.status == 303), Ordering::AcqRel);
                        sent.push((form, page.status));
                    }
                    // Everybody tries once more after the end.
                    let late = app.form_of(open);
                    assert_eq!(send_patiently(&customer, &late, "1").status, 410);
                    sent
                })
            })
            .collect();
        await_until(Duration::from_secs(20), "fieldwork is under way", || {
            acknowledged.load(Ordering::Acquire) >= 60
        });
        app.close();
        // From here on nothing may come in, though requests are on their way.
        let ended = app.responses();
        stop.store(true, Ordering::Release);
        (
            ended,
            threads
                .into_iter()
                .flat_map(|thread| thread.join().unwrap())
                .collect::<Vec<_>>(),
        )
    });
    assert_eq!(app.responses(), ended, "something was stored after the end");
    let keys: BTreeSet<String> = app
        .raw()
        .texts("SELECT id AS value FROM response")
        .into_iter()
        .collect();
    let statuses: BTreeSet<u16> = sent.iter().map(|(_, status)| *status).collect();
    assert!(statuses.is_subset(&BTreeSet::from([303, 410])), "{statuses:?}");
    for (form, status) in &sent {
        assert_eq!(
            keys.contains(&stored_key(&app, form)),
            *status == 303,
            "acknowledged if and only if stored"
        );
    }
    let customer = app.customer();
    for (form, _) in sent.iter().filter(|(_, status)| *status == 303).take(5) {
        customer.follow(customer.post(form, &answers("1"))).receipt();
    }
    assert_eq!(app.counted(), u64::try_from(ended).unwrap());
    app.consistent_tallies();
}
