//! What comes too late or by a wrong clock, what stays as it was uploaded, and telephone numbers left of free will.

use std::time::Duration;

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use perception::access::Role;
use perception::store::contact_phone::KEPT_MS;
use perception::store::recording::{self, FieldSetting};
use perception::store::{StoreError, retention, seal, withdrawal};
use perception::survey::evaluation::EvaluationState;
use perception::survey::sealing::Wait;
use perception::survey::submission::Receipt;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::harness::{Backend, DAY_MS, TestApp, await_until, message};
use crate::interview_journey::{begin, filled};
use crate::offline_device::{Device, Item, id, states};

both_backends!(
    what_comes_after_closing_counts_only_by_a_reviewers_word,
    a_wrong_clock_is_corrected_and_pointed_out,
    what_was_uploaded_is_append_only,
    a_number_left_of_free_will_is_sealed_and_erased_in_time,
);

fn what_comes_after_closing_counts_only_by_a_reviewers_word(backend: Backend) {
    let app = TestApp::spawn(backend);
    let evaluator = app.member(Role::Evaluator);
    let device = Device {
        app: &app,
        evaluator: &evaluator,
        offset_ms: 0,
    };
    let items = [
        device.interview(&id(1), "5"),
        device.interview(&id(2), "1"),
        device.approach(&id(3), "210"),
        device.interview(&id(4), "2"),
    ];
    app.close();
    for _ in 0..2 {
        assert!(device.upload(&items).iter().all(|line| line["state"] == "late"));
    }
    assert_eq!((app.responses(), app.counted()), (0, 0));
    assert_eq!(app.raw().count("event WHERE action = 'upload.late'"), 4);

    let reviewer = app.member(Role::Reviewer);
    let list = format!("/evaluations/{}/uploads", app.wave.id);
    let ways = reviewer.get(&list).attributes("main a.button.main", "href");
    assert_eq!(ways.len(), 4);
    assert!(
        app.member(Role::Manager)
            .get(&list)
            .attributes("main a.button.main", "href")
            .is_empty()
    );
    let decide = |item: &Item, decision: &str, reason: &str| {
        let path = format!("{list}/{}/{}", item.0, item.1);
        let mut form = reviewer.get(&path).form_to(&path);
        form.pick("decision", decision);
        form.write("reason", reason);
        reviewer.send(&form)
    };
    assert_eq!(
        decide(&items[0], "accept", "").status,
        422,
        "a decision needs its reason"
    );
    assert_eq!(decide(&items[0], "accept", "隧道内无网络").status, 303);
    assert_eq!(decide(&items[1], "reject", "时间不可信").status, 303);
    assert_eq!(decide(&items[2], "accept", "同上").status, 303);
    assert_eq!((app.responses(), app.counted()), (1, 1));
    assert_eq!(app.dispositions().get("210"), Some(&1));
    assert_eq!(app.raw().count("event WHERE action = 'upload.accepted'"), 2);
    let path = format!("{list}/{}/{}", items[0].0, items[0].1);
    let again = reviewer.get(&path);
    assert!(again.texts_of("main form").is_empty() && again.text().contains("隧道内无网络"));
    let csrf = reviewer.csrf("/account");
    let forced = [("csrf", csrf.as_str()), ("decision", "reject"), ("reason", "再来")];
    assert_eq!(reviewer.post(&path, &forced).status, 422, "decided once");
    let told = device.upload(&items);
    assert_eq!(states(&told)[0].0, "late", "the device hears the same");

    // Who withdraws takes along what was kept for the reviewer.
    let receipt = Receipt::parse(told[0]["receipt"].as_str().unwrap())
        .unwrap()
        .response_id();
    let withdrawn: Result<_, StoreError> = {
        let (store, catalogue) = (&app.installation.store, app.installation.store.catalogue().clone());
        let now_ms = app.installation.clock.now_ms();
        store.write_blocking(move |tx| withdrawal::withdraw(tx, &catalogue, receipt, now_ms))
    };
    assert_eq!(withdrawn.unwrap(), Some(withdrawal::Standing::Withdrawn));
    assert_eq!(app.raw().count("sync_item WHERE body = ''"), 1);
    assert!(reviewer.get(&list).text().contains("顾客撤回"));
    assert_eq!(app.counted(), 0);

    // Nobody decides about their own work.
    let both = evaluator.clone().joins(&app.installation, app.wave.id, Role::Reviewer);
    let path = format!("{list}/{}/{}", items[3].0, items[3].1);
    let csrf = both.csrf("/account");
    let own = [("csrf", csrf.as_str()), ("decision", "accept"), ("reason", "自己")];
    assert_ne!(both.post(&path, &own).status, 303);

    // Nothing is sealed while an upload waits, nor before what was accepted is looked at for flags.
    let store = &app.installation.store;
    let waits = || store.read_blocking(|conn| seal::waits(conn, app.wave.id)).unwrap();
    assert_eq!(waits(), [(Wait::Uploads, 1), (Wait::Flags, 1)]);
    let manager = app.member(Role::Manager);
    let sealing = format!("/evaluations/{}/seal", app.wave.id);
    let propose = || {
        let csrf = manager.csrf("/account");
        manager.post(&format!("{sealing}/proposal"), &[("csrf", &csrf)])
    };
    let refused = propose();
    assert_eq!(refused.status, 422);
    assert!(
        refused.text().contains(&message("zh-CN", "seal-error-uploads")),
        "{}",
        refused.text()
    );
    assert!(refused.attributes("main a", "href").contains(&list));
    assert_eq!(decide(&items[3], "reject", "时间不可信").status, 303);
    await_until(Duration::from_secs(20), "the answers are looked at once more", || {
        waits().is_empty()
    });
    assert_eq!(propose().status, 303);
    app.wave.advance(&app.installation, EvaluationState::Sealed).unwrap();
    assert_eq!(app.responses(), 1);
    app.consistent_tallies();

    // Thirty days after each decision its text goes; id, hash and decision stay, and the same upload is still known.
    let kept = |now_ms: i64| {
        erase_what_is_due(&app, now_ms);
        app.raw().count("sync_item WHERE body <> ''")
    };
    let now = app.installation.clock.now_ms();
    assert_eq!(kept(now + 30 * DAY_MS - 60_000), 3);
    assert_eq!(kept(now + 30 * DAY_MS + 60_000), 0);
    assert_eq!(app.raw().count("sync_decision"), 4);
    let mut raw = app.raw();
    let data = raw.text("SELECT data AS value FROM event WHERE action = 'uploads.erased'");
    assert!(data.contains("\"uploads\":3"), "{data}");
    assert!(reviewer.get(&list).text().contains("时间不可信"));
    assert_eq!(states(&device.upload(&items))[1].0, "late");
}

fn erase_what_is_due(app: &TestApp, now_ms: i64) {
    let done: Result<usize, StoreError> = app
        .installation
        .store
        .write_blocking(move |tx| retention::apply(tx, now_ms));
    done.unwrap();
}

fn a_wrong_clock_is_corrected_and_pointed_out(backend: Backend) {
    let app = TestApp::spawn(backend);
    let evaluator = app.member(Role::Evaluator);
    let device = Device {
        app: &app,
        evaluator: &evaluator,
        offset_ms: 3 * DAY_MS,
    };
    device.upload(&[device.interview(&id(1), "4")]);
    let now = app.installation.clock.now_ms();
    let off = app.raw().number("SELECT ended_at_ms AS value FROM interview") - now;
    assert!(off.abs() < 60_000, "{off}");
    assert_eq!(
        app.raw()
            .number("SELECT ended_at_ms - started_at_ms AS value FROM interview"),
        300_000
    );
    let text = app.raw().text("SELECT body AS value FROM interview_paradata");
    let clock = serde_json::from_str::<Value>(&text).unwrap()["clock"].clone();
    assert_eq!(clock["before"], json!(3 * DAY_MS));
    assert!((clock["upload"].as_i64().unwrap() - 3 * DAY_MS).abs() < 60_000);
    // A clock in the future, never asked before: the claim ends at its arrival.
    let ahead = Device {
        offset_ms: -2 * DAY_MS,
        ..device
    };
    let form = filled(&begin(&app, &evaluator), &["outlet"], "2");
    let item = ahead.item(&id(2), "interview", &form.pairs(), Some(0));
    app.close();
    assert_eq!(ahead.upload(&[item])[0]["state"], json!("late"));
    let page = app
        .member(Role::Reviewer)
        .get(&format!("/evaluations/{}/uploads", app.wave.id));
    assert!(page.text().contains("⚠ 快 2880 分钟"), "{}", page.text());
}

fn what_was_uploaded_is_append_only(backend: Backend) {
    let app = TestApp::spawn(backend);
    let evaluator = app.member(Role::Evaluator);
    let device = Device {
        app: &app,
        evaluator: &evaluator,
        offset_ms: 0,
    };
    let late = device.approach(&id(2), "230");
    device.upload(&[device.interview(&id(1), "4")]);
    app.close();
    let mut raw = app.raw();
    for sql in [
        "UPDATE sync_item SET outcome = 'stored', body = ''",
        "DELETE FROM sync_item",
        "UPDATE interview_paradata SET body = '{}'",
        "DELETE FROM interview_paradata",
    ] {
        assert!(raw.refused(sql).contains("append-only"), "{sql}");
    }
    let decision = |from: &str, accepted: &str| {
        let who = evaluator.person.unwrap();
        format!(
            "INSERT INTO sync_decision SELECT evaluation_id, client_id, hash, {accepted}, 'x', '{who}', 1 FROM sync_item WHERE {from}"
        )
    };
    raw.refused(&decision("outcome = 'stored'", "FALSE"));
    app.wave.advance(&app.installation, EvaluationState::Sealed).unwrap();
    device.upload(&[late]);
    raw.refused(&decision("outcome = 'late'", "TRUE"));
    raw.execute(&decision("outcome = 'late'", "FALSE")).unwrap();
    raw.refused("UPDATE sync_decision SET accepted = TRUE");
    raw.refused("DELETE FROM sync_decision");
}

/// What the script of the interview page does with a number.
pub fn sealed_on_a_device(public: &str, client: &str, number: &str) -> String {
    use data_encoding::BASE64URL_NOPAD;
    let server = BASE64URL_NOPAD.decode(public.as_bytes()).unwrap();
    let own = p256::SecretKey::from_slice(&[5; 32]).unwrap();
    let point = own.public_key().to_sec1_bytes();
    let shared = own.diffie_hellman(&p256::PublicKey::from_sec1_bytes(&server).unwrap());
    let mut key = [0; 32];
    hkdf::Hkdf::<Sha256>::new(Some(&[&point[..], &server].concat()), shared.raw_secret_bytes())
        .expand(b"perception-phone-v1", &mut key)
        .unwrap();
    let payload = Payload {
        msg: number.as_bytes(),
        aad: client.as_bytes(),
    };
    let closed = Aes256Gcm::new_from_slice(&key)
        .unwrap()
        .encrypt(&[3u8; 12].into(), payload)
        .unwrap();
    BASE64URL_NOPAD.encode(&[&point[..], &[3; 12], &closed].concat())
}

fn a_number_left_of_free_will_is_sealed_and_erased_in_time(backend: Backend) {
    let app = TestApp::spawn(backend);
    let evaluator = app.member(Role::Evaluator);
    let page = begin(&app, &evaluator);
    assert!(
        page.attributes("[data-phone-key]", "data-phone-key").is_empty(),
        "not asked for unless somebody says so"
    );
    let manager = app.member(Role::Manager);
    let list = format!("/evaluations/{}/uploads", app.wave.id);
    let mut setting = manager.get(&list).form_to(&list);
    setting.check("phone", "yes");
    assert_eq!(manager.send(&setting).status, 303);
    let found: Result<FieldSetting, StoreError> = app
        .installation
        .store
        .read_blocking(|conn| recording::setting(conn, app.wave.id));
    assert_eq!(
        found.unwrap(),
        FieldSetting {
            asks_location: false,
            asks_phone: true
        }
    );

    let leave = |number: &str| {
        let page = begin(&app, &evaluator);
        let public = page.attributes("[data-phone-key]", "data-phone-key").remove(0);
        let client = page.attributes("form.interview", "data-client").remove(0);
        let mut pairs = filled(&page, &["outlet"], "4").pairs();
        pairs.retain(|(name, _)| name != "phone_sealed" && name != "location");
        pairs.push(("phone_sealed".into(), sealed_on_a_device(&public, &client, number)));
        pairs.push(("phone_consent".into(), "yes".into()));
        pairs.push(("location".into(), "31.23,121.47".into()));
        pairs.push(("location_consent".into(), "yes".into()));
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        evaluator.follow(evaluator.post(&page.path, &pairs)).receipt();
    };
    leave("138 0013 8000");
    leave("021-61234567");
    leave("not a number");
    assert_eq!(app.responses(), 3, "an unreadable number costs no interview");
    assert_eq!(app.raw().count("contact_phone"), 2);
    assert_eq!(app.raw().count("contact_phone WHERE sealed LIKE '%138%'"), 0);
    assert_eq!(
        app.raw().count("interview_paradata WHERE body LIKE '%centideg%'"),
        0,
        "no place is asked for"
    );
    assert_eq!(app.raw().count("event WHERE data LIKE '%1380%'"), 0);

    let reviewer = app.member(Role::Reviewer);
    let phones = format!("/evaluations/{}/phones", app.wave.id);
    let page = reviewer.get(&phones);
    assert!(
        page.text().contains("13800138000") && page.text().contains("02161234567"),
        "{}",
        page.text()
    );
    assert_eq!(app.raw().count("event WHERE action = 'phone.seen'"), 1);
    let one = page.attributes("[name=interview]", "value").remove(0);
    let csrf = reviewer.csrf("/account");
    assert_eq!(
        reviewer.post(&phones, &[("csrf", &csrf), ("interview", &one)]).status,
        303
    );
    assert!(
        app.raw()
            .refused("UPDATE contact_phone SET sealed = 'x'")
            .contains("verified once")
    );
    let left = |now_ms: i64| {
        erase_what_is_due(&app, now_ms);
        app.raw().count("contact_phone")
    };
    let now = app.installation.clock.now_ms();
    assert_eq!(left(now + KEPT_MS - 60_000), 2);
    assert_eq!(left(now + KEPT_MS + 60_000), 1, "thirty days after verification");
    app.close();
    app.wave.advance(&app.installation, EvaluationState::Sealed).unwrap();
    assert_eq!(left(app.installation.clock.now_ms() + KEPT_MS - 60_000), 1);
    assert_eq!(
        left(app.installation.clock.now_ms() + KEPT_MS + 60_000),
        0,
        "thirty days after sealing"
    );
    assert_eq!(app.raw().count("event WHERE action = 'phone.erased'"), 2);
}
