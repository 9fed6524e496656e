//! An auditor's journey: signing in, a pack that leaves the server only by a reviewer's grant, for a time, on record; then,
//! without the server, the same figures as those that are published.

use perception::access::Role;
use perception::store::{StoreError, membership, pack_grant};
use serde_json::Value;

use crate::harness::{Backend, Office, Page, Raw, Staff, TestApp, perception, said};

both_backends!(an_auditor_takes_the_pack_by_grant_alone_and_recomputes_what_is_published);

const DAY_MS: i64 = 86_400_000;

fn ask(reviewer: &Staff, at: &str, auditor: &Staff, days: &str, reason: &str) -> Page {
    let person = auditor.person.unwrap().to_string();
    let csrf = reviewer.csrf("/account");
    reviewer.post(
        at,
        &[("csrf", &csrf), ("person", &person), ("days", days), ("reason", reason)],
    )
}

fn take(auditor: &Staff, at: &str) -> Page {
    let csrf = auditor.csrf("/account");
    auditor.post(&format!("{at}.zip"), &[("csrf", &csrf)])
}

/// Somebody with a password, who signs in and finds the evaluation by following links.
fn signs_in(app: &TestApp) -> Staff {
    let (id, person) = (app.wave.id, app.account("auditor", &[Role::Auditor]));
    let joined = app
        .installation
        .store
        .write_blocking(move |tx| -> Result<(), StoreError> { membership::insert(tx, id, person, Role::Auditor) });
    joined.unwrap();
    let mut auditor = app.enter("auditor");
    auditor.person = Some(person);
    let own = format!("/evaluations/{id}");
    let home = auditor.get("/");
    assert!(home.attributes("a", "href").contains(&own), "{}", home.text());
    let pages = auditor.get(&own).attributes("a", "href");
    assert!(
        pages.contains(&format!("{own}/seal")) && pages.contains(&format!("{own}/results")),
        "{pages:?}"
    );
    let links = auditor.get(&format!("{own}/seal")).attributes("a", "href");
    assert!(links.contains(&format!("{own}/pack")), "{links:?}");
    auditor
}

/// Far from the server, with the file, the checkpoints and the published results alone.
fn recomputes(app: &TestApp, auditor: &Staff, pack: &[u8]) {
    let own = format!("/evaluations/{}", app.wave.id);
    let published = auditor.get(&format!("{own}/results.json")).json();
    let checkpoints = auditor.get(&format!("{own}/checkpoints.txt"));
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::write(elsewhere.path().join("taken.zip"), pack).unwrap();
    std::fs::write(elsewhere.path().join("kept.txt"), &checkpoints.body).unwrap();
    let run = |arguments: &[&str]| {
        let output = perception(elsewhere.path(), arguments).output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        output
    };
    assert!(checkpoints.source().lines().count() > 0);
    let verified = run(&["verify", "taken.zip", "--checkpoint", "kept.txt"]);
    assert!(said(&verified).contains("recomputed"), "{}", said(&verified));
    let estimated = run(&["estimate", "taken.zip", "--published", "--format", "json"]);
    let estimated: Value = serde_json::from_slice(&estimated.stdout).unwrap();
    let mut published = published;
    assert!(published.as_object_mut().unwrap().remove("evaluation").is_some());
    assert_eq!(estimated["results"][0], published);
    assert_eq!(published["overall"]["all"]["value"]["n"], 6);
    // What people read is that figure.
    let percent = published["overall"]["all"]["value"]["percent"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        auditor.get(&format!("{own}/results?lang=en")).text().contains(&percent),
        "{percent}"
    );
}

fn an_auditor_takes_the_pack_by_grant_alone_and_recomputes_what_is_published(backend: Backend) {
    let app = TestApp::spawn(backend);
    let (customer, link) = (app.customer(), app.open_link());
    for code in ["2", "3", "5", "5", "4", "4"] {
        customer.answer(&link.path, &["home"], code);
    }
    let at = format!("/evaluations/{}/pack", app.wave.id);
    let (reviewer, other) = (app.member(Role::Reviewer), app.member(Role::Auditor));
    let auditor = signs_in(&app);
    assert_eq!(ask(&reviewer, &at, &auditor, "7", "x").status, 422, "fieldwork runs");
    app.close();
    let nothing = take(&auditor, &at);
    assert!(
        nothing.status >= 400 && !nothing.body.starts_with(b"PK"),
        "{}",
        nothing.text()
    );

    let again = ask(&reviewer, &at, &auditor, "31", "抽查");
    assert_eq!(again.status, 422);
    let kept = again.form_to(&at);
    assert_eq!((kept.written("days"), kept.written("reason")), ("31", "抽查"));
    let made = ask(&reviewer, &at, &auditor, "7", "抽查");
    assert_eq!(made.status, 303, "{}", made.text());
    assert_eq!(ask(&reviewer, &at, &auditor, "7", "x").status, 422, "one at a time");

    let taken = auditor.send(&auditor.get(&at).form_to(&format!("{at}.zip")));
    assert_eq!((taken.status, taken.header("content-type")), (200, "application/zip"));
    recomputes(&app, &auditor, &taken.body);
    assert!(take(&other, &at).status >= 400, "it was granted to somebody else");

    let (id, store) = (app.wave.id, &app.installation.store);
    let now_ms = app.installation.clock.now_ms();
    let open_at = |now_ms| {
        let person = auditor.person.unwrap();
        store
            .read_blocking(|conn| pack_grant::is_open_for(conn, id, person, now_ms))
            .unwrap()
    };
    assert!(open_at(now_ms) && open_at(now_ms + 6 * DAY_MS) && !open_at(now_ms + 7 * DAY_MS));
    a_pack_that_fails_is_no_pack(&app, &auditor, &at);
    app.raw().refused("UPDATE pack_grant SET until_ms = until_ms + 1");
    app.raw().refused("DELETE FROM pack_grant");

    let ended = reviewer.send(&reviewer.get(&at).form_to(&format!("{at}/end")));
    assert_eq!(ended.status, 303, "{}", ended.text());
    assert!(!open_at(now_ms) && take(&auditor, &at).status >= 400);
    app.raw().refused("UPDATE pack_grant SET ended_at_ms = 0");
    let log = app
        .raw()
        .texts("SELECT action AS value FROM event WHERE action LIKE 'evidence.%'");
    // Taken once, and once in vain; who was refused left nothing.
    assert_eq!(
        log,
        [
            "evidence.exported",
            "evidence.exported",
            "evidence.grant_ended",
            "evidence.granted"
        ]
    );
}

/// The database fails half-way: the auditor gets a page that says so, and not a byte of a pack.
fn a_pack_that_fails_is_no_pack(app: &TestApp, auditor: &Staff, at: &str) {
    let mut raw = app.raw();
    let trigger = "response_content_never_updated";
    let off = match app.database.backend() {
        Backend::Sqlite => format!("DROP TRIGGER {trigger}"),
        Backend::Postgres => format!("ALTER TABLE response_content DISABLE TRIGGER {trigger}"),
    };
    raw.execute(&off).unwrap();
    let last = "response_id = (SELECT max(response_id) FROM response_content)";
    let spoil =
        |raw: &mut Raw, with: &str| raw.execute(&format!("UPDATE response_content SET answers = {with} WHERE {last}"));
    spoil(&mut raw, "'!' || answers").unwrap();
    let failed = take(auditor, at);
    assert_eq!(failed.status, 500, "{}", failed.text());
    assert!(failed.header("content-type").starts_with("text/html") && failed.header("content-disposition").is_empty());
    spoil(&mut raw, "substr(answers, 2)").unwrap();
}
