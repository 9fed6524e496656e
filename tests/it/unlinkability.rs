//! T7: whoever has the whole database, with the order of its rows and what PostgreSQL keeps beside them, cannot tell which
//! link an answer came through. The same attacks find nearly everything in tables that were filled naively.

use std::collections::{BTreeMap, BTreeSet};

use perception::store::response;
use perception::survey::link::LinkKind;
use perception::survey::submission::Entry;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

use crate::harness::{Backend, Pen, Raw, TestApp};

both_backends!(a_dump_does_not_tell_who_answered_what);

const CUSTOMERS: usize = 48;
/// Each link is one of up to seventeen that its transaction wrote: chance alone finds three.
const FOUND_MAX: usize = CUSTOMERS / 4;

/// A used link or a response as an attacker sees it: its id, its place in the file, the transaction that wrote it.
struct Row {
    id: String,
    place: String,
    transaction: String,
}

/// The rows of a table in the order in which the database stores them, which is the order of a dump.
fn stored(raw: &mut Raw, table: &str, condition: &str) -> Vec<Row> {
    let sql = match raw {
        Raw::Sqlite(_) => {
            format!("SELECT printf('%08d', row_number() OVER ()) || '||' || id AS value FROM {table} {condition}")
        }
        Raw::Postgres(_) => format!(
            "SELECT lpad((ctid::text::point)[0]::text, 8, '0') || lpad((ctid::text::point)[1]::text, 8, '0') \
             || '|' || xmin::text || '|' || id AS value FROM {table} {condition}"
        ),
    };
    let row = |text: String| {
        let mut parts = text.split('|').map(str::to_owned);
        let mut part = || parts.next().unwrap();
        let (place, transaction) = (part(), part());
        Row {
            id: part(),
            place,
            transaction,
        }
    };
    // The texts come sorted, and so by place.
    raw.texts(&sql).into_iter().map(row).collect()
}

/// Response → link, by the order in which both lie in their files.
fn by_order(links: &[Row], responses: &[Row]) -> BTreeMap<String, String> {
    let pairs = responses.iter().zip(links);
    pairs
        .map(|(response, link)| (response.id.clone(), link.id.clone()))
        .collect()
}

/// The same by the order of the transactions that wrote them.
fn by_order_of_transactions(links: &[Row], responses: &[Row]) -> BTreeMap<String, String> {
    let sorted = |rows: &[Row]| {
        let mut ids: Vec<(u64, String, String)> = rows
            .iter()
            .map(|row| (row.transaction.parse().unwrap_or(0), row.place.clone(), row.id.clone()))
            .collect();
        ids.sort();
        ids
    };
    let pairs = sorted(responses).into_iter().zip(sorted(links));
    pairs.map(|((.., response), (.., link))| (response, link)).collect()
}

/// The same by the transaction both were written in; of several links the last in the file, or the first.
fn by_transaction(links: &[Row], responses: &[Row], last: bool) -> BTreeMap<String, String> {
    let guess = |response: &Row| {
        let mut same = links.iter().filter(|link| link.transaction == response.transaction);
        let link = if last { same.next_back() } else { same.next() }?;
        (!link.transaction.is_empty()).then(|| (response.id.clone(), link.id.clone()))
    };
    responses.iter().filter_map(guess).collect()
}

/// How many of the pairs every attack finds.
fn attacks(raw: &mut Raw, links: &str, responses: &str, truth: &BTreeSet<(String, String)>) -> [usize; 4] {
    let (links, responses) = (stored(raw, links, "WHERE used"), stored(raw, responses, ""));
    assert_eq!((links.len(), responses.len()), (CUSTOMERS, CUSTOMERS));
    let guesses = [
        by_order(&links, &responses),
        by_order_of_transactions(&links, &responses),
        by_transaction(&links, &responses, true),
        by_transaction(&links, &responses, false),
    ];
    guesses.map(|guesses| guesses.into_iter().filter(|pair| truth.contains(pair)).count())
}

fn a_dump_does_not_tell_who_answered_what(backend: Backend) {
    let app = TestApp::spawn(backend);
    let (wave, mut pen, mut raw) = (&app.wave, Pen::new(3), app.raw());
    // Links that nobody uses lie among the others.
    let mut links: Vec<_> = (0..CUSTOMERS * 2)
        .map(|_| wave.link(&app.installation, LinkKind::Personal, 0).id)
        .collect();
    links.shuffle(&mut StdRng::seed_from_u64(4));
    links.truncate(CUSTOMERS);
    // What a program would do that thinks of foreign keys alone: no key, but a row each in the order of arrival.
    raw.execute("CREATE TABLE naive_link (id TEXT NOT NULL, used BOOLEAN NOT NULL)")
        .unwrap();
    raw.execute("CREATE TABLE naive_response (id TEXT NOT NULL)").unwrap();
    let (mut truth, mut naive_truth) = (BTreeSet::new(), BTreeSet::new());
    for (number, link) in links.into_iter().enumerate() {
        let submission = pen.submission(wave, Entry::Link(link));
        truth.insert((submission.receipt.response_id().to_string(), link.to_string()));
        let instrument = wave.instrument.clone();
        let store = &app.installation.store;
        store
            .write_blocking(move |tx| response::submit(tx, &instrument, &submission))
            .unwrap();
        let (link, response) = (format!("{:x}", pen.below(1 << 40)), format!("r{number}"));
        let one = match backend {
            Backend::Postgres => vec![format!(
                "WITH stored AS (INSERT INTO naive_response VALUES ('{response}')) INSERT INTO naive_link VALUES ('{link}', TRUE)"
            )],
            Backend::Sqlite => vec![
                format!("INSERT INTO naive_response VALUES ('{response}')"),
                format!("INSERT INTO naive_link VALUES ('{link}', TRUE)"),
            ],
        };
        one.iter().for_each(|sql| assert_eq!(raw.execute(sql).unwrap(), 1));
        naive_truth.insert((response, link));
    }
    let naive = attacks(&mut raw, "naive_link", "naive_response", &naive_truth);
    let real = attacks(&mut raw, "link", "response", &truth);
    match backend {
        Backend::Postgres => assert_eq!(naive, [CUSTOMERS; 4]),
        // SQLite knows no transactions of rows, but of these tables the order of arrival.
        Backend::Sqlite => assert_eq!((naive[0], naive[2]), (CUSTOMERS, 0)),
    }
    assert!(real.iter().all(|found| *found <= FOUND_MAX), "{real:?} of {CUSTOMERS}");
    if backend == Backend::Sqlite {
        for table in [
            "link",
            "response",
            "response_content",
            "response_comment",
            "response_mark",
            "flag",
        ] {
            assert!(
                raw.refused(&format!("SELECT rowid FROM {table}")).contains("rowid"),
                "{table} has an order of arrival"
            );
        }
    }
}
