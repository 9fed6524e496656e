//! The outbox against a real mail server: nothing is lost, nothing is sent twice but what was in hand, and one bad row
//! stops nobody.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::Timelike;
use perception::access::Role;
use perception::app::Installation;
use perception::clock::{Clock, in_china};
use perception::store::{StoreError, mail_switch};

use crate::harness::{
    Backend, DAY_MS, Database, MailServer, Plan, Program, Raw, Staff, TestApp, await_until, config, message, post,
};

both_backends!(
    every_message_ends_as_its_server_says,
    a_server_that_is_down_costs_nobody_a_try,
    paused_or_full_nothing_goes_out,
    what_was_sent_stays_sent,
    a_sender_that_is_refused_is_paused,
    a_notice_of_a_certificate_goes_out_on_its_day,
);

const SOON: Duration = Duration::from_secs(30);

fn state(raw: &mut Raw, id: &str) -> String {
    raw.text(&format!(
        "SELECT state || ' ' || reason || ' ' || attempts AS value FROM outbox_message WHERE id = '{id}'"
    ))
}

fn await_state(app: &TestApp, id: &str, wanted: &str) {
    let mut raw = app.raw();
    let mut last = String::new();
    let found = std::time::Instant::now();
    while last != wanted {
        last = state(&mut raw, id);
        assert!(found.elapsed() < SOON, "{id} is {last:?}, not {wanted:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn with(backend: Backend, server: &MailServer) -> TestApp {
    TestApp::spawn_with(backend, Plan::default(), |settings| server.set(settings))
}

fn every_message_ends_as_its_server_says(backend: Backend) {
    let server = MailServer::start();
    let app = with(backend, &server);
    let send = |address: &str, subject: &str| post(&app.installation, address, subject);
    let injected = send("ok@a.example", "早\r\nBcc: x@evil.example");
    let broken = send("ok@a.example\r\nBcc: x@evil.example", "早");
    let refused = send("refuse@a.example", "早");
    let tarpit = send("tarpit@a.example", "早");
    let deferred = send("defer2@a.example", "早");
    let dropped = send("drop1@a.example", "早");
    let fine = send("ok@a.example", "证书 1：变更");
    await_state(&app, &fine, "sent  1");
    await_state(&app, &tarpit, "sent  1");
    await_state(&app, &injected, "failed unusable 1");
    await_state(&app, &broken, "failed unusable 1");
    await_state(&app, &refused, "failed 550 5.1.1 1");
    await_state(&app, &deferred, "queued 451 4.7.1 1");
    await_state(&app, &dropped, "queued connection 1");

    // Put off for a minute, then two.
    app.installation.clock.advance_ms(61_000);
    await_state(&app, &deferred, "queued 451 4.7.1 2");
    await_state(&app, &dropped, "sent  2");
    app.installation.clock.advance_ms(121_000);
    await_state(&app, &deferred, "sent  3");

    let twice = server.received_by("drop1@a.example");
    assert_eq!(twice.len(), 2, "kept by the server, then sent again");
    assert_eq!(twice[0].message_id(), twice[1].message_id());
    let one = &server.received_by("ok@a.example")[0];
    assert_eq!(one.message_id(), format!("<{fine}@huaxin.example>"));
    assert!(one.plain().contains("第二段") && one.header("Auto-Submitted").is_some());
    let all = server.received();
    assert!(all.iter().all(|mail| !mail.data.contains("evil.example")), "{all:#?}");
    assert_eq!(all.len(), 5);
}

fn a_server_that_is_down_costs_nobody_a_try(backend: Backend) {
    let mut server = MailServer::start();
    let app = with(backend, &server);
    server.stop();
    let id = post(&app.installation, "ok@a.example", "早");
    await_until(SOON, "the trouble is written down", || {
        let switch: Result<_, StoreError> = app.installation.store.read_blocking(mail_switch::find);
        switch.unwrap().trouble == "connection"
    });
    await_state(&app, &id, "queued  0");
    let server = server.again();
    await_state(&app, &id, "sent  1");
    assert_eq!(server.received().len(), 1);
    let switch: Result<_, StoreError> = app.installation.store.read_blocking(mail_switch::find);
    assert_eq!(switch.unwrap().trouble, "");
}

fn paused_or_full_nothing_goes_out(backend: Backend) {
    let server = MailServer::start();
    let app = TestApp::spawn_with(backend, Plan::default(), |settings| {
        server.set(settings);
        settings.mail_per_day_max = 3;
    });
    let (store, now_ms) = (&app.installation.store, app.installation.clock.now_ms());
    let paused = store.write_blocking(move |tx| mail_switch::pause(tx, "restored", now_ms));
    assert!(paused.unwrap());
    for n in 0..5 {
        post(&app.installation, &format!("ok@{n}.example"), "早");
    }
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(server.received().len(), 0);
    let resumed = store.write_blocking(move |tx| mail_switch::resume(tx, now_ms));
    assert!(resumed.unwrap());
    await_until(SOON, "three go out", || server.received().len() == 3);
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(server.received().len(), 3, "a day has a limit");
    app.installation.clock.advance_ms(DAY_MS);
    await_until(SOON, "the others go out on the next day", || {
        server.received().len() == 5
    });
}

fn what_was_sent_stays_sent(backend: Backend) {
    let server = MailServer::start();
    let app = with(backend, &server);
    let id = post(&app.installation, "ok@a.example", "早");
    await_state(&app, &id, "sent  1");
    let mut raw = app.raw();
    for (sql, why) in [
        (
            "UPDATE outbox_message SET state = 'queued', sent_at_ms = NULL",
            "sent once",
        ),
        ("UPDATE outbox_message SET message_id = 'other'", "sent once"),
        ("DELETE FROM outbox_message", "never deleted"),
    ] {
        assert!(raw.refused(sql).contains(why), "{sql}");
    }
}

fn a_sender_that_is_refused_is_paused(backend: Backend) {
    let server = MailServer::start();
    let app = with(backend, &server);
    for n in 0..12 {
        post(&app.installation, &format!("refuse@{n}.example"), "早");
    }
    await_until(SOON, "mail is paused", || {
        let switch: Result<_, StoreError> = app.installation.store.read_blocking(mail_switch::find);
        switch.unwrap().reason == "rejections"
    });
    let mut raw = app.raw();
    assert_eq!(raw.count("outbox_message WHERE state = 'failed'"), 10);
    // The administrator reads why, lets it go on, and sends one of them again.
    let administrator = Staff::signed_in(&app.base, &app.installation, &[Role::Administrator]);
    let page = administrator.get("/mail");
    assert!(
        page.text().contains(&message("zh-CN", "mail-paused-rejections")),
        "{}",
        page.text()
    );
    assert_eq!(administrator.send(&page.form_to("/mail")).status, 303);
    await_until(SOON, "the others have their turn", || {
        raw.count("outbox_message WHERE state = 'failed'") == 12
    });
    let dead = raw.texts("SELECT id AS value FROM outbox_message").remove(0);
    let mut form = administrator.get("/mail").form_to("/mail/retry");
    assert_eq!(administrator.send(&form).status, 422, "none is chosen");
    form.check("id", &dead);
    assert_eq!(administrator.send(&form).status, 303);
    await_until(SOON, "it is refused once more", || {
        state(&mut app.raw(), &dead) == "failed 550 5.1.1 1" && server.received().is_empty()
    });
    assert_eq!(app.raw().count("office_event WHERE action = 'mail.retried'"), 1);
}

fn a_notice_of_a_certificate_goes_out_on_its_day(backend: Backend) {
    let server = MailServer::start();
    let app = with(backend, &server);
    // From noon on: a clock that passes midnight on the way would bring the notice of the next day as well.
    let past_midnight_ms = i64::from(in_china(app.installation.clock.now_ms()).num_seconds_from_midnight()) * 1000;
    app.installation.clock.advance_ms(DAY_MS * 3 / 2 - past_midnight_ms);
    let (wave, today) = (app.wave.id, in_china(app.installation.clock.now_ms()).date());
    let day = |days: u64| (today + chrono::Days::new(days)).to_string();
    let firm = app.raw().text("SELECT organisation_id AS value FROM evaluation");
    let certificate = format!(
        "INSERT INTO certificate (number, organisation_id, evaluation_id, scope, stars, issued_on, last_day) \
         VALUES ('HX-1', '{firm}', '{wave}', 'x', 4, '{}', '{}')",
        day(0),
        day(900)
    );
    app.raw().execute(&certificate).unwrap();
    for (seq, kind, on, void) in [
        (1, "remind:90", day(0), false),
        (2, "extra", day(0), true),
        (3, "remind:30", day(1), false),
    ] {
        let notice = format!(
            "INSERT INTO holder_notice (number, seq, kind, send_on, void) VALUES ('HX-1', {seq}, '{kind}', '{on}', {void})"
        );
        app.raw().execute(&notice).unwrap();
    }
    app.installation.clock.advance_ms(31_000);
    std::thread::sleep(Duration::from_millis(1200));
    assert_eq!(server.received().len(), 0, "no address is known");
    let manager = app.member(Role::Manager);
    let path = format!("/evaluations/{wave}/certificate/contact");
    let mut form = manager.get(&path).form_to(&path);
    form.write("address", "not an address");
    form.pick("language", "en");
    let page = manager.send(&form);
    assert!(page.status == 422 && page.text().contains(&message("zh-CN", "mail-error-address")));
    form.write("address", "ok@haiqing.example");
    assert_eq!(manager.send(&form).status, 303);
    assert!(manager.get(&path).text().contains("o•••@haiqing.example"));
    app.installation.clock.advance_ms(31_000);
    await_until(SOON, "the notice of the day goes out", || server.received().len() == 1);
    let mail = &server.received()[0];
    assert!(mail.plain().contains("90 days") && mail.plain().contains(&format!("{}/certificates/HX-1", app.base)));
    app.installation.clock.advance_ms(DAY_MS);
    await_until(SOON, "and the next on its day", || server.received().len() == 2);
    let mut raw = app.raw();
    await_until(SOON, "both are written down", || {
        raw.count("holder_notice WHERE sent_at_ms IS NOT NULL") == 2
    });
    assert_eq!(
        raw.count("outbox_message WHERE sealed_address <> ''"),
        0,
        "an address is kept no longer than needed"
    );
}

/// Of several nodes one sends a message.
#[test]
fn two_nodes_send_nothing_twice() {
    let server = MailServer::start();
    let app = with(Backend::Postgres, &server);
    let _second = app.join();
    let ids: Vec<String> = (0..60)
        .map(|n| post(&app.installation, &format!("ok@{n}.example"), "早"))
        .collect();
    await_until(SOON, "all are sent", || {
        app.raw().count("outbox_message WHERE state = 'sent'") == 60
    });
    assert_eq!(server.received().len(), ids.len());
    let nodes = app
        .raw()
        .number("SELECT count(DISTINCT claimed_by) AS value FROM outbox_message");
    assert_eq!(nodes, 2, "both took part");
}

/// What a node leaves in hand is taken over by another once its lease has run out, under the same Message-ID.
#[test]
fn a_dead_node_s_message_is_taken_over() {
    let server = MailServer::start();
    let app = with(Backend::Postgres, &server);
    let now_ms = app.installation.clock.now_ms();
    let paused = app
        .installation
        .store
        .write_blocking(move |tx| mail_switch::pause(tx, "test", now_ms));
    assert!(paused.unwrap());
    let id = post(&app.installation, "ok@a.example", "早");
    let taken = format!(
        "UPDATE outbox_message SET state = 'sending', claimed_by = 'dead', message_id = 'kept@old.example', attempts = 1, \
         lease_until_ms = {} WHERE id = '{id}'",
        now_ms + 120_000
    );
    app.raw().execute(&taken).unwrap();
    let resumed = app
        .installation
        .store
        .write_blocking(move |tx| mail_switch::resume(tx, now_ms));
    assert!(resumed.unwrap());
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(server.received().len(), 0, "it may still be at work");
    app.installation.clock.advance_ms(121_000);
    await_state(&app, &id, "sent  2");
    assert_eq!(server.received()[0].message_id(), "<kept@old.example>");
}

/// kill -9 at moments nobody chose; `PERCEPTION_TEST_MAIL_KILLS` makes it longer.
#[test]
fn after_every_kill_nothing_is_lost_and_only_what_was_in_hand_is_sent_again() {
    let kills: usize = std::env::var("PERCEPTION_TEST_MAIL_KILLS")
        .ok()
        .map_or(6, |text| text.parse().unwrap());
    let messages = 40 * kills;
    let server = MailServer::start();
    let database = Database::new(Backend::Sqlite);
    let folder = database.folder.path();
    let settings = folder.join("perception.toml");
    let text = format!(
        "smtp_host = \"127.0.0.1\"\nsmtp_port = {}\nsmtp_security = \"none\"\nmail_from = \"survey@huaxin.example\"\n\
         mail_per_minute_max = 100000\nmail_per_day_max = 100000\n",
        server.port
    );
    std::fs::write(&settings, text).unwrap();
    let installation = Installation::open(&config(&database, |_| {}), Clock::default()).unwrap();
    for n in 0..messages {
        post(&installation, &format!("ok@{n}.example"), "早");
    }
    drop(installation);
    let arguments = [
        "serve",
        "--database",
        &database.url,
        "--config",
        settings.to_str().unwrap(),
    ];
    let serve = || Program::start(folder, &arguments, SOON);
    let mut program = serve();
    for _ in 0..kills {
        let enough = server.received().len() + rand::random_range(5..30);
        await_until(SOON, "mail goes out after a restart", || {
            server.received().len() >= enough.min(messages)
        });
        std::thread::sleep(Duration::from_micros(rand::random_range(0..20_000)));
        program.kill();
        program = serve();
    }
    let mut raw = database.raw();
    await_until(Duration::from_secs(120), "all are sent", || {
        raw.count("outbox_message WHERE state = 'sent'") == i64::try_from(messages).unwrap()
    });
    assert!(program.stop().success(), "it ends when asked to");
    let mut copies: BTreeMap<String, usize> = BTreeMap::new();
    let mut ids: BTreeMap<String, String> = BTreeMap::new();
    for mail in server.received() {
        *copies.entry(mail.to.clone()).or_default() += 1;
        let id = ids.entry(mail.to.clone()).or_insert_with(|| mail.message_id());
        assert_eq!(*id, mail.message_id(), "a repeated message bears another id");
    }
    assert_eq!(copies.len(), messages, "none is lost");
    let again: usize = copies.values().map(|n| n - 1).sum();
    assert!(again <= kills && copies.values().all(|n| *n <= 2), "{again} repeated");
    println!("{messages} messages, {kills} kills, {again} repeated");
}
