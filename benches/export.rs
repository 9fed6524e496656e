//! Row 10: the evidence pack of an evaluation, asked for by an auditor, beside a scan of the same table.

use std::io::{BufRead, BufReader, Cursor};
use std::thread;
use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::{RunQueryDsl, SqliteConnection, sql_query};
use perception::access::{Role, RoleSet};
use perception::store::session::Session;
use perception::store::{StoreError, account, evaluation, flag, membership, pack_grant, scan, session};
use perception::survey::evaluation::EvaluationState;
use perception::survey::id::PersonId;
use perception::survey::pack_grant::Asked;
use sha2::{Digest, Sha256};

use crate::Plan;
use crate::http::Client;
use crate::server::Server;
use crate::survey::Survey;
use crate::table::{Table, alternate, median};

/// Answers unless asked otherwise.
const ANSWERS: u64 = 100_000;
/// Pages fetched before anything is measured.
const WARM_PAGES: u32 = 40;
/// Answers in one transaction while filling.
const FILL_GROUP: u64 = 10_000;

/// Reads every byte of every answer once.
const SCAN: &str = "SELECT SUM(LENGTH(answers) + LENGTH(outlet_id) + LENGTH(evidence_class)) AS bytes FROM response \
     JOIN response_content ON response_content.evaluation_id = response.evaluation_id AND response_id = response.id";

#[derive(QueryableByName)]
struct Bytes {
    #[diesel(sql_type = BigInt)]
    bytes: i64,
}

fn scan_ms(survey: &Survey) -> f64 {
    let mut conn = SqliteConnection::establish(survey.database().to_str().unwrap()).unwrap();
    let started = Instant::now();
    let read: Bytes = sql_query(SCAN).get_result(&mut conn).unwrap();
    assert!(read.bytes > 0);
    started.elapsed().as_secs_f64() * 1000.0
}

/// Closes the survey and lets somebody take its pack; the token of their session.
fn auditor(survey: &Survey) -> String {
    let installation = survey.installation();
    let (id, now_ms) = (survey.evaluation, installation.clock.now_ms());
    let [auditor, reviewer] = [0, 1].map(|_| PersonId::from_random(rand::random()));
    let token = data_encoding::BASE64URL_NOPAD.encode(&rand::random::<[u8; 32]>());
    let new = Session {
        token_hash: data_encoding::HEXLOWER.encode(&Sha256::digest(token.as_bytes())),
        person: auditor,
        is_full: true,
        device: "bench".into(),
        created_at_ms: now_ms,
        seen_at_ms: now_ms,
        confirmed_at_ms: now_ms,
        tries: 0,
    };
    let prepared = installation.store.write_blocking(move |tx| -> Result<(), StoreError> {
        evaluation::advance(tx, id, EvaluationState::Closed, None, "bench", now_ms)?;
        evaluation::insert_person(tx, auditor, "auditor", "A", now_ms)?;
        evaluation::insert_person(tx, reviewer, "reviewer", "R", now_ms)?;
        account::insert(
            tx,
            auditor,
            "auditor",
            RoleSet::from_iter([Role::Auditor]),
            true,
            now_ms,
        )?;
        membership::insert(tx, id, auditor, Role::Auditor)?;
        session::begin(tx, &new)
    });
    prepared.unwrap();
    let asked = Asked {
        person: auditor,
        days: 1,
        reason: "bench".into(),
    };
    let granted = installation
        .store
        .write_blocking(move |tx| pack_grant::grant(tx, id, &asked, (reviewer, now_ms)));
    granted.unwrap();
    assert!(scan::complete(&installation.store, id).unwrap());
    // The look for flags after closing is no part of a pack; the server would begin it beside the first one.
    assert!(flag::complete(&installation.store, id, now_ms).unwrap());
    token
}

/// Row 10.
pub fn pack(plan: &Plan) -> Table {
    let survey = Survey::new();
    let answers = plan.rows.unwrap_or(ANSWERS);
    survey.fill(answers, FILL_GROUP);
    let token = auditor(&survey);
    let server = Server::serve(&survey.database(), &[]);
    let mut client = Client::new(server.address);
    let path = format!("/evaluations/{}/pack", survey.evaluation);
    let head = format!(
        "host: {}\r\ncookie: sid={token}\r\nsec-fetch-site: same-origin\r\n",
        server.address
    );
    let mut page = String::new();
    // What a running server has anyway, such as every connection's copy of the schema, is no growth.
    for _ in 0..WARM_PAGES {
        page = client
            .send(format!("GET {path} HTTP/1.1\r\n{head}\r\n").as_bytes())
            .text();
        thread::sleep(Duration::from_millis(20));
    }
    let (_, csrf) = page.split_once("name=\"csrf\" value=\"").expect("a form");
    let form = format!("csrf={}", csrf.split('"').next().unwrap());
    let request = format!(
        "POST {path}.zip HTTP/1.1\r\n{head}content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
        form.len()
    );
    let before = server.memory_mib();
    let mut bytes = 0;
    let mut taken_ms = |client: &mut Client| {
        let started = Instant::now();
        let answer = client.send(request.as_bytes());
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, Some("application/zip"))
        );
        bytes = answer.body.len();
        started.elapsed().as_secs_f64() * 1000.0
    };
    let first_ms = taken_ms(&mut client);
    let growth = server.memory_peak_mib() - before;
    let pairs = alternate(plan.rounds, || taken_ms(&mut client), || scan_ms(&survey));
    assert_eq!(
        rows(client.send(request.as_bytes()).body),
        answers,
        "answers are missing in the pack"
    );
    let mut table = Table::new("Evidence pack over HTTP: every answer, shuffled, hashed, zipped, with all figures");
    let pack = median(pairs.iter().map(|(pack, _)| *pack));
    table.judged(
        "ms",
        format!("{pack:.0}"),
        ["1000", "200"],
        &format!(
            "{answers} answers, {:.1} MB sent (goals are for 100 000)",
            bytes as f64 / 1e6
        ),
    );
    table.judged(
        "memory growth, MiB",
        format!("{growth:.1}"),
        ["16", ""],
        "most resident memory during the first pack, above that before it",
    );
    table.also("first pack, ms", format!("{first_ms:.0}"), "");
    table.also(
        "pack ÷ scan",
        format!("{:.1}", median(pairs.iter().map(|(pack, scan)| pack / scan))),
        "alternating",
    );
    table.also(
        "scan, ms",
        format!("{:.0}", median(pairs.iter().map(|(_, scan)| *scan))),
        "SQL over the same tables: lengths of all answers",
    );
    table
}

/// Answers in a pack.
fn rows(zip: &[u8]) -> u64 {
    let mut archive = zip::ZipArchive::new(Cursor::new(zip)).unwrap();
    let file = archive.by_name("responses.csv").unwrap();
    BufReader::new(file).lines().count() as u64 - 1
}
