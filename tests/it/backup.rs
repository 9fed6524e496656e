//! An installation as a whole: backed up while it serves, restored elsewhere, moved between the databases, verified.

use std::path::Path;
use std::process::Output;
use std::sync::atomic::{AtomicBool, Ordering};

use perception::access::Role;
use perception::store::response;
use perception::survey::counting::Decision;
use perception::survey::evaluation::EvaluationState;

use crate::harness::{Backend, Database, Pen, Plan, Raw, TestApp, perception, said};

both_backends![
    a_backup_taken_under_load_is_restored_whole_and_elsewhere,
    everything_moves_to_the_other_database_and_back,
];

fn run(app: &TestApp, key: Option<&str>, arguments: &[&str]) -> Output {
    let mut command = perception(app.database.folder.path(), arguments);
    if let Some(key) = key {
        command.env("PERCEPTION_SECRET_KEY", key);
    }
    command.output().unwrap()
}

fn key_of(app: &TestApp) -> String {
    data_encoding::HEXLOWER.encode(app.installation.key.bytes())
}

fn other(backend: Backend) -> Backend {
    match backend {
        Backend::Sqlite => Backend::Postgres,
        Backend::Postgres => Backend::Sqlite,
    }
}

fn a_backup_taken_under_load_is_restored_whole_and_elsewhere(backend: Backend) {
    let app = TestApp::spawn(backend);
    let manager = app.member(Role::Manager);
    assert_eq!(manager.get("/").status, 200);
    let (link, stop) = (app.open_link(), AtomicBool::new(false));
    let written = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    let mut sent = 0;
                    while !stop.load(Ordering::Acquire) {
                        app.customer().answer(&link.path, &["consult"], "4").receipt();
                        sent += 1;
                    }
                    sent
                })
            })
            .collect();
        crate::harness::await_until(std::time::Duration::from_secs(20), "answers come in", || {
            app.responses() > 5
        });
        let before = app.responses();
        let output = run(
            &app,
            Some(&key_of(&app)),
            &["backup", "a.backup", "--database", &app.database.url],
        );
        let after = app.responses();
        stop.store(true, Ordering::Release);
        assert!(output.status.success(), "{}", said(&output));
        assert!(writers.into_iter().map(|writer| writer.join().unwrap()).sum::<i64>() > 0);
        (before, after)
    });
    let folder = app.database.folder.path();
    let files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("a.backup"))
        .collect();
    assert_eq!(files, ["a.backup"], "one file");
    let again = run(
        &app,
        Some(&key_of(&app)),
        &["backup", "a.backup", "--database", &app.database.url],
    );
    assert_eq!(again.status.code(), Some(2), "{}", said(&again));

    // Without its key, with another key, onto something: refused, and nothing is written.
    let target = Database::new(other(backend));
    let restore = |key: Option<&str>, url: &str| run(&app, key, &["restore", "a.backup", "--database", url]);
    for (key, url) in [
        (None, target.url.as_str()),
        (
            Some("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"),
            &target.url,
        ),
        (Some(key_of(&app).as_str()), &app.database.url),
    ] {
        let refused = restore(key, url);
        assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
    }
    damage(folder, &folder.join("a.backup"));
    let refused = run(
        &app,
        Some(&key_of(&app)),
        &["restore", "damaged.backup", "--database", &target.url],
    );
    assert!(!refused.status.success(), "{}", said(&refused));

    for place in [target, Database::new(backend)] {
        let done = restore(Some(&key_of(&app)), &place.url);
        assert!(done.status.success(), "{}", said(&done));
        let verified = run(&app, None, &["verify", "--database", &place.url]);
        assert!(verified.status.success(), "{}", said(&verified));
        let mut raw = place.raw();
        let kept = raw.count("response");
        assert!((written.0..=written.1).contains(&kept), "{kept} of {written:?}");
        assert_eq!(raw.count("session"), 0, "everybody signs in again");
        assert_eq!(raw.count("mail_switch WHERE paused"), 1);
        assert!(app.raw().count("session") > 0);
        assert!(raw.count("event") > 0 && raw.count("account") > 0);
        // The guards are there again.
        assert!(raw.refused("DELETE FROM response").contains("append-only"));
    }
}

/// A backup with an answer changed past the program.
fn damage(folder: &Path, backup: &Path) {
    let path = folder.join("damaged.backup");
    std::fs::copy(backup, &path).unwrap();
    let mut raw = Raw::sqlite(path.to_str().unwrap());
    raw.execute("DROP TRIGGER response_content_never_updated").unwrap();
    raw.execute(
        "UPDATE response_content SET answers = replace(answers, '4', '5') \
         WHERE response_id = (SELECT min(response_id) FROM response_content)",
    )
    .unwrap();
}

fn everything_moves_to_the_other_database_and_back(backend: Backend) {
    let app = TestApp::spawn_with(backend, Plan::default(), |_| {});
    let (wave, store, mut pen) = (&app.wave, &app.installation.store, Pen::new(3));
    for number in 0..40 {
        let entry = pen.interview(wave, number % 3);
        let submission = pen.submission(wave, entry);
        let (instrument, id, receipt) = (wave.instrument.clone(), wave.id, submission.receipt.response_id());
        store
            .write_blocking(move |tx| {
                response::submit(tx, &instrument, &submission)?;
                if number % 5 == 0 {
                    response::decide(tx, &instrument, id, receipt, Decision::Excluded, ("reviewer", "why", 1))?;
                }
                Ok::<_, response::SubmitError>(())
            })
            .unwrap();
    }
    wave.advance(&app.installation, EvaluationState::Closed).unwrap();
    let (there, back) = (Database::new(other(backend)), Database::new(backend));
    for (from, to) in [(&app.database.url, &there.url), (&there.url, &back.url)] {
        let done = run(&app, None, &["copy", "--from", from, "--to", to]);
        assert!(done.status.success(), "{}", said(&done));
        let again = run(&app, None, &["copy", "--from", from, "--to", to]);
        assert_eq!(again.status.code(), Some(2), "{}", said(&again));
        assert!(
            String::from_utf8_lossy(&again.stderr).contains("not empty"),
            "{}",
            said(&again)
        );
    }
    let tallies = "SELECT body AS value FROM tally";
    assert_eq!(back.raw().texts(tallies), app.raw().texts(tallies));
    for table in ["response", "interview", "event", "person", "scan", "session"] {
        assert_eq!(back.raw().count(table), app.raw().count(table), "{table}");
    }
}
