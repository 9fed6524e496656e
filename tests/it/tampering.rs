//! A sealed record, edited past the program in every way there is: `verify` finds each edit and cries wolf at none.
//!
//! 500 edits in a run; `PERCEPTION_TAMPERINGS=5000` makes it so many.

use std::path::{Path, PathBuf};

use perception::store::checkpoint::Reason;
use perception::store::verify::{Verified, verify};
use perception::store::{Store, StoreError, StoreSettings, checkpoint, response, seal};
use perception::survey::checkpoint::{Chain, Checkpoint};
use perception::survey::counting::Decision;
use perception::survey::evaluation::EvaluationState;
use perception::survey::id::PersonId;
use perception::survey::link::LinkKind;
use perception::survey::submission::Entry;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::harness::{Backend, Pen, Plan, Raw, TestApp, perception, said};

/// What belongs to the record, with the columns that are no part of it.
const RECORD: &[(&str, &[&str])] = &[
    ("evaluation", &[]),
    ("questionnaire", &[]),
    ("method", &[]),
    ("outlet", &[]),
    ("link", &["revoked"]),
    ("interview", &[]),
    ("response", &[]),
    ("response_content", &["duration_s"]),
    ("response_comment", &[]),
    ("disposition", &[]),
    ("tally", &[]),
    ("scan", &[]),
    ("plan", &[]),
    ("event", &[]),
    ("seal", &[]),
    ("seal_proposal", &[]),
    ("comment_review", &[]),
];

/// A sealed evaluation with answers of every class, decisions and a withdrawal; its checkpoint as it was kept elsewhere.
fn sealed(backend: Backend) -> (TestApp, Checkpoint) {
    let app = TestApp::spawn_with(backend, Plan::default(), |_| {});
    let (wave, store, mut pen) = (&app.wave, &app.installation.store, Pen::new(11));
    let mut receipts = Vec::new();
    for number in 0..36 {
        let outlet = pen.below(3);
        let entry = match number % 3 {
            0 => pen.interview(wave, outlet),
            1 => Entry::Link(wave.link(&app.installation, LinkKind::Outlet, outlet).id),
            _ => Entry::Link(wave.link(&app.installation, LinkKind::Personal, outlet).id),
        };
        let submission = pen.submission(wave, entry);
        receipts.push(submission.receipt.response_id());
        let instrument = wave.instrument.clone();
        store
            .write_blocking(move |tx| response::submit(tx, &instrument, &submission))
            .unwrap();
    }
    for (place, decision) in [(0, Decision::Excluded), (4, Decision::Withdrawn)] {
        let (id, instrument, receipt) = (wave.id, wave.instrument.clone(), receipts[place]);
        store
            .write_blocking(move |tx| response::decide(tx, &instrument, id, receipt, decision, ("reviewer", "why", 1)))
            .unwrap();
    }
    wave.advance(&app.installation, EvaluationState::Closed).unwrap();
    wave.read_comments(&app.installation);
    let (id, key, now_ms) = (wave.id, app.installation.key.seal(), app.installation.clock.now_ms());
    let [proposer, confirmer] = [0, 1].map(|_| PersonId::from_random(rand::random()));
    let kept = store
        .write_blocking(move |tx| -> Result<Checkpoint, seal::SealError> {
            seal::propose(tx, id, "result", (proposer, now_ms))?;
            assert!(matches!(
                seal::confirm(tx, id, "result", (proposer, now_ms)),
                Err(seal::SealError::SamePerson)
            ));
            assert!(matches!(
                seal::confirm(tx, id, "another", (confirmer, now_ms)),
                Err(seal::SealError::Changed)
            ));
            seal::confirm(tx, id, "result", (confirmer, now_ms))?;
            Ok(checkpoint::issue(
                tx,
                &key,
                Chain::Evaluation(id),
                Reason::Sealing,
                now_ms,
            )?)
        })
        .unwrap();
    (app, kept)
}

fn verified(app: &TestApp, path: &Path, kept: Option<&Checkpoint>) -> Result<Verified, StoreError> {
    let store = Store::open(&StoreSettings {
        database: format!("sqlite:{}", path.display()).parse().unwrap(),
        readers_max: 1,
        write_queue_max: 1,
        write_batch_max: 1,
        key: None,
    })?;
    let (catalogue, kept, key) = (store.catalogue().clone(), kept.cloned(), app.installation.key.clone());
    store.read_blocking(move |conn| verify(conn, &catalogue, kept.as_slice(), Some(&key)))
}

/// A copy without guards, as somebody has it who owns the machine.
fn unguarded(app: &TestApp) -> PathBuf {
    let path = app.database.folder.path().join("unguarded.sqlite");
    app.raw().execute(&format!("VACUUM INTO '{}'", path.display())).unwrap();
    let mut raw = Raw::sqlite(path.to_str().unwrap());
    for name in raw.texts("SELECT name AS value FROM sqlite_master WHERE type = 'trigger'") {
        raw.execute(&format!("DROP TRIGGER {name}")).unwrap();
    }
    raw.execute("PRAGMA journal_mode = DELETE").ok();
    path
}

#[test]
fn every_single_edit_of_a_sealed_record_is_found() {
    let (app, kept) = sealed(Backend::Sqlite);
    let template = unguarded(&app);
    let place = app.database.folder.path().join("edited.sqlite");
    assert_eq!(
        verified(&app, &template, Some(&kept)).unwrap().divergence,
        None,
        "no false alarm"
    );
    let edits = std::env::var("PERCEPTION_TAMPERINGS").map_or(500, |n| n.parse().unwrap());
    let (mut random, mut missed, mut done) = (StdRng::seed_from_u64(5), Vec::new(), 0);
    while done < edits {
        std::fs::copy(&template, &place).unwrap();
        let mut raw = Raw::sqlite(place.to_str().unwrap());
        raw.execute("PRAGMA foreign_keys = OFF").ok();
        let Some(edit) = edit(&mut raw, &mut random) else {
            continue;
        };
        drop(raw);
        done += 1;
        match verified(&app, &place, Some(&kept)) {
            Ok(seen) if seen.divergence.is_none() => missed.push(edit),
            // Rows that cannot be read at all are found, too.
            Ok(_) | Err(_) => {}
        }
    }
    assert!(
        missed.is_empty(),
        "{} of {done} missed:\n{}",
        missed.len(),
        missed.join("\n")
    );
}

/// One random edit: a cell, a row taken away, a row copied under another key. Nothing when the database itself refused it.
fn edit(raw: &mut Raw, random: &mut StdRng) -> Option<String> {
    let (table, left_out) = RECORD[random.random_range(0..RECORD.len())];
    let columns = raw.texts(&format!("SELECT name AS value FROM pragma_table_info('{table}')"));
    let keys = raw.texts(&format!(
        "SELECT name AS value FROM pragma_table_info('{table}') WHERE pk > 0"
    ));
    let rows = raw.count(table);
    if rows == 0 {
        return None;
    }
    let key = keys
        .iter()
        .map(|key| format!("CAST({key} AS TEXT)"))
        .collect::<Vec<_>>()
        .join(" || '|' || ");
    let all = raw.texts(&format!("SELECT {key} AS value FROM {table}"));
    let row = &all[random.random_range(0..all.len())];
    let column = &columns[random.random_range(0..columns.len())];
    if left_out.contains(&column.as_str()) {
        return None;
    }
    let sql = match random.random_range(0..6) {
        0 => format!("DELETE FROM {table} WHERE {key} = '{row}'"),
        1 => {
            let copied: Vec<String> = columns
                .iter()
                .map(|name| match keys.last() == Some(name) {
                    true => format!("CASE typeof({name}) WHEN 'integer' THEN {name} + 1000 ELSE {name} || 'a' END"),
                    false => name.clone(),
                })
                .collect();
            format!(
                "INSERT INTO {table} ({}) SELECT {} FROM {table} WHERE {key} = '{row}'",
                columns.join(", "),
                copied.join(", ")
            )
        }
        _ if raw.count(&format!(
            "pragma_table_info('{table}') WHERE name = '{column}' AND type = 'BOOLEAN'"
        )) == 1 =>
        {
            format!("UPDATE {table} SET {column} = 1 - {column} WHERE {key} = '{row}'")
        }
        _ => format!(
            "UPDATE {table} SET {column} = CASE typeof({column}) WHEN 'integer' THEN {column} + 1 \
             WHEN 'null' THEN '1' ELSE CASE {column} WHEN '' THEN 'x' ELSE substr({column}, 2) || 'z' END END \
             WHERE {key} = '{row}'"
        ),
    };
    match raw.execute(&sql) {
        Ok(1) => Some(sql),
        _ => None,
    }
}

#[test]
fn a_cut_tail_and_a_chain_written_anew_are_found_against_a_checkpoint_that_was_kept() {
    let (app, kept) = sealed(Backend::Sqlite);
    let folder = app.database.folder.path();
    std::fs::write(folder.join("kept.txt"), format!("# kept on paper\n\n{kept}\n")).unwrap();
    let ask = |database: &Path| {
        let url = format!("sqlite:{}", database.display());
        perception(folder, &["verify", "--database", &url, "--checkpoint", "kept.txt"])
            .output()
            .unwrap()
    };
    let path = unguarded(&app);
    let fine = ask(&path);
    assert!(fine.status.success(), "{}", said(&fine));
    let mut raw = Raw::sqlite(path.to_str().unwrap());
    raw.execute("DELETE FROM checkpoint").unwrap();
    raw.execute("DELETE FROM seal").unwrap();
    raw.execute("DELETE FROM event WHERE action IN ('record.sealed', 'record.seal_proposed', 'evaluation.sealed')")
        .unwrap();
    raw.execute("UPDATE evaluation SET state = 'closed'").unwrap();
    drop(raw);
    let cut = ask(&path);
    assert_eq!(cut.status.code(), Some(1), "{}", said(&cut));
    assert!(
        String::from_utf8_lossy(&cut.stdout).contains("does not lead through the checkpoint"),
        "{}",
        said(&cut)
    );
    // Without the checkpoint such a cut cannot be seen: that is what checkpoints are for.
    assert_eq!(verified(&app, &path, None).unwrap().divergence, None);
    std::fs::write(
        folder.join("kept.txt"),
        format!("{}x", kept.to_string().replace(" 1", " 2")),
    )
    .unwrap();
    assert_eq!(ask(&path).status.code(), Some(2), "a forged line is refused");
}

both_backends![a_sealed_record_takes_nothing_any_more_and_every_receipt_is_in_it];

fn a_sealed_record_takes_nothing_any_more_and_every_receipt_is_in_it(backend: Backend) {
    let app = TestApp::spawn(backend);
    let receipt = app
        .customer()
        .answer(&app.open_link().path, &["consult"], "4")
        .receipt();
    let address = format!("/record/{}", app.wave.id);
    assert_eq!(app.customer().get(&address).status, 404, "not before it is sealed");
    app.close();
    let (manager, reviewer) = (
        app.member(perception::access::Role::Manager),
        app.member(perception::access::Role::Reviewer),
    );
    let page = format!("/evaluations/{}/seal", app.wave.id);
    let proposal = manager.get(&page).form_to(&format!("{page}/proposal"));
    assert_eq!(manager.send(&proposal).status, 303);
    let confirmed = reviewer.send(&reviewer.get(&page).form_to(&page));
    assert_eq!(confirmed.status, 303, "{}", confirmed.text());

    let mut raw = app.raw();
    assert!(
        raw.refused("UPDATE evaluation SET state = 'closed'")
            .contains("forward")
    );
    assert!(raw.refused("DELETE FROM seal").contains("append-only"));
    let list = app.customer().get(&format!("{address}/commitments.txt"));
    assert_eq!(list.source().lines().count(), 1);
    // What the page tells people to do by themselves.
    let mut hash = <sha2::Sha256 as sha2::Digest>::new();
    sha2::Digest::update(&mut hash, format!("perception-receipt-v1{receipt}"));
    let digest = data_encoding::HEXLOWER.encode(&sha2::Digest::finalize(hash));
    // Two digits are fixed in every line; the page says which.
    let shown = |text: &str| {
        let digits = text.char_indices().filter(|(place, _)| ![12, 16].contains(place));
        digits.map(|(_, digit)| digit).collect::<String>()
    };
    assert_eq!(shown(&list.source()[..36].replace('-', "")), shown(&digest[..32]));
    let asked = app
        .customer()
        .post(&address, &[("receipt".into(), receipt.to_lowercase())]);
    assert!(asked.text().contains(list.source().trim()), "{}", asked.text());
    let other = app
        .customer()
        .post(&address, &[("receipt".into(), "AAAA-BBBB-CCCC-DDDD".into())]);
    assert!(!other.text().contains(list.source().trim()));
    assert_eq!(
        app.customer()
            .post(&address, &[("receipt".into(), "short".into())])
            .status,
        422
    );

    // Release is a separate act.
    let organisation = app.member(perception::access::Role::Organisation);
    let results = format!("/evaluations/{}/results", app.wave.id);
    assert_ne!(organisation.get(&results).status, 200);
    let release = reviewer
        .get(&page)
        .form_to(&format!("/evaluations/{}/release", app.wave.id));
    assert_eq!(reviewer.send(&release).status, 303);
    assert_eq!(organisation.get(&results).status, 200);
}
