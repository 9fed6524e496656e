//! Uploads of devices: stored once, acknowledged by id and hash, nothing lost and nothing mixed.

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use perception::access::Role;
use perception::store::contact_phone::{self, KEPT_MS};
use perception::store::recording::{self, FieldSetting};
use perception::store::{StoreError, withdrawal};
use perception::survey::evaluation::EvaluationState;
use perception::survey::id::OutletId;
use perception::survey::submission::Receipt;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::harness::{Backend, DAY_MS, Office, Page, Staff, TestApp};
use crate::interview_journey::{at, begin, filled};

both_backends!(
    ten_uploads_store_once_and_say_the_same,
    each_item_is_taken_or_not_by_itself,
    what_the_page_stored_is_not_stored_again,
    what_comes_after_closing_counts_only_by_a_reviewers_word,
    a_wrong_clock_is_corrected_and_pointed_out,
    only_the_evaluators_own_session_may_upload,
    what_was_uploaded_is_append_only,
    a_number_left_of_free_will_is_sealed_and_erased_in_time,
    a_device_takes_along_no_secret,
);

/// An evaluator's device.
pub struct Device<'a> {
    pub app: &'a TestApp,
    pub evaluator: &'a Staff,
    /// Server minus device, ms.
    pub offset_ms: i64,
}

/// `(id, hash, body)`.
pub type Item = (String, String, String);

impl Device<'_> {
    fn now_ms(&self) -> i64 {
        self.app.installation.clock.now_ms() - self.offset_ms
    }

    /// An item with these pairs.
    pub fn item(&self, id: &str, kind: &str, pairs: &[(String, String)], known_offset_ms: Option<i64>) -> Item {
        let pairs: Vec<_> = pairs.iter().filter(|(name, _)| name != "csrf").collect();
        let body = json!({
            "v": 1, "id": id, "kind": kind, "evaluation": self.app.wave.id.to_string(),
            "outlet": self.app.wave.outlets[0].to_string(), "evaluator": self.evaluator.person.unwrap().to_string(),
            "started_at_ms": self.now_ms() - 300_000, "ended_at_ms": self.now_ms(), "clock_offset_ms": known_offset_ms,
            "form": pairs,
        });
        sealed(id, &body.to_string())
    }

    /// A complete interview.
    pub fn interview(&self, id: &str, rating: &str) -> Item {
        let form = filled(&begin(self.app, self.evaluator), &["outlet"], rating);
        self.item(id, "interview", &form.pairs(), Some(self.offset_ms))
    }

    /// An approach that led to none.
    pub fn approach(&self, id: &str, outcome: &str) -> Item {
        let pairs = [("contact_no", "7"), ("outcome", outcome), ("refusal_reason", "fear")];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        self.item(id, "approach", &pairs, None)
    }

    /// Uploads; the answer about each.
    pub fn upload(&self, items: &[Item]) -> Vec<Value> {
        let page = self.send(items);
        assert_eq!(page.status, 200, "{}", page.source());
        page.json()["items"].as_array().unwrap().clone()
    }

    fn send(&self, items: &[Item]) -> Page {
        let hello = self.evaluator.get("/sync");
        assert_eq!(hello.status, 200);
        let csrf = hello.json()["csrf"].as_str().unwrap().to_owned();
        self.post(items, &csrf)
    }

    fn post(&self, items: &[Item], csrf: &str) -> Page {
        let items: Vec<Value> = items
            .iter()
            .map(|(id, hash, body)| json!({"id": id, "hash": hash, "body": body}))
            .collect();
        let batch = json!({"sent_at_ms": self.now_ms(), "items": items}).to_string();
        let headers = [("content-type", "application/json"), ("x-perception-sync", csrf)];
        self.evaluator.post_bytes("/sync", &headers, batch.as_bytes())
    }
}

fn sealed(id: &str, body: &str) -> Item {
    let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(body.as_bytes()));
    (id.to_owned(), hash, body.to_owned())
}

fn id(n: u8) -> String {
    format!("{n:02x}").repeat(16)
}

fn states(told: &[Value]) -> Vec<(String, i64)> {
    told.iter()
        .map(|line| {
            (
                line["state"].as_str().unwrap().to_owned(),
                line["status"].as_i64().unwrap(),
            )
        })
        .collect()
}

fn ten_uploads_store_once_and_say_the_same(backend: Backend) {
    let app = TestApp::spawn(backend);
    let evaluator = app.member(Role::Evaluator);
    let device = Device {
        app: &app,
        evaluator: &evaluator,
        offset_ms: 0,
    };
    let items = [device.interview(&id(1), "4"), device.approach(&id(2), "210")];
    let first = device.upload(&items);
    assert_eq!(first[0]["receipt"].as_str().unwrap().len(), 19);
    assert_eq!(
        (&first[0]["hash"], &first[1]["code"]),
        (&json!(items[0].1), &json!("210"))
    );
    for _ in 0..9 {
        assert_eq!(device.upload(&items), first);
    }
    assert_eq!((app.responses(), app.raw().count("disposition")), (1, 1));
    let who = evaluator.person.unwrap().to_string();
    assert_eq!(app.raw().text("SELECT evaluator_id AS value FROM response"), who);
    assert_eq!(app.raw().text("SELECT evidence_class AS value FROM response"), "face");
    let paradata: Value =
        serde_json::from_str(&app.raw().text("SELECT body AS value FROM interview_paradata")).unwrap();
    assert_eq!(
        (&paradata["source"], &paradata["selection_no"]),
        (&json!("device"), &json!(1))
    );
    let bound = app
        .raw()
        .text("SELECT data AS value FROM event WHERE action = 'interview.recorded'");
    let text = app.raw().text("SELECT body AS value FROM interview_paradata");
    assert!(bound.contains(&sealed("", &text).1), "{bound}");

    // Another content under the same id changes nothing and is kept.
    let other = device.interview(&id(1), "1");
    for _ in 0..2 {
        assert_eq!(states(&device.upload(&[other.clone()])), [("conflict".into(), 409)]);
    }
    assert_eq!(app.responses(), 1);
    assert!(
        app.raw()
            .text("SELECT answers AS value FROM response_content")
            .contains("F01=4")
    );
    let kept = app
        .raw()
        .text("SELECT body AS value FROM sync_item WHERE outcome = 'conflict'");
    assert_eq!(kept, other.2);
    assert_eq!(app.raw().count("event WHERE action = 'upload.conflict'"), 1);
    let reviewer = app.member(Role::Reviewer);
    let path = format!("/evaluations/{}/uploads/{}/{}", app.wave.id, other.0, other.1);
    let page = reviewer.get(&path);
    assert_eq!(
        (page.status, page.attributes("[value=accept]", "value").len()),
        (200, 0)
    );
    app.consistent_tallies();
}

fn each_item_is_taken_or_not_by_itself(backend: Backend) {
    let app = TestApp::spawn(backend);
    let evaluator = app.member(Role::Evaluator);
    let device = Device {
        app: &app,
        evaluator: &evaluator,
        offset_ms: 0,
    };
    let good = device.approach(&id(1), "230");
    let mut broken = device.approach(&id(2), "230");
    broken.2 = broken.2.replace("230", "210");
    let incomplete = device.item(&id(3), "interview", &[("age18".into(), "yes".into())], None);
    let elsewhere = sealed(
        &id(4),
        &device.approach(&id(4), "230").2.replace(
            &app.wave.outlets[0].to_string(),
            &OutletId::from_random([9; 16]).to_string(),
        ),
    );
    let ended = device.item(
        &id(5),
        "interview",
        &[("contact_no".into(), "8".into()), ("age18".into(), "no".into())],
        None,
    );
    let told = device.upload(&[good, broken, incomplete, elsewhere, ended]);
    let wanted = [
        ("stored", 200),
        ("refused", 403),
        ("invalid", 422),
        ("refused", 403),
        ("stored", 200),
    ];
    assert_eq!(states(&told), wanted.map(|(state, status)| (state.to_owned(), status)));
    let fields = told[2]["fields"].as_array().unwrap();
    assert!(fields.contains(&json!("consent")) && fields.contains(&json!("evaluator_declaration")));
    assert_eq!((&told[3]["why"], &told[4]["code"]), (&json!("place"), &json!("222")));
    assert_eq!((app.responses(), app.raw().count("disposition")), (0, 2));
    // Corrected under the same id.
    let corrected = device.interview(&id(3), "5");
    assert_eq!(states(&device.upload(&[corrected]))[0].0, "stored");
    assert_eq!(app.responses(), 1);
    app.consistent_tallies();
}

fn what_the_page_stored_is_not_stored_again(backend: Backend) {
    let app = TestApp::spawn(backend);
    let evaluator = app.member(Role::Evaluator);
    let device = Device {
        app: &app,
        evaluator: &evaluator,
        offset_ms: 0,
    };
    let page = begin(&app, &evaluator);
    let form = filled(&page, &["outlet"], "3");
    let receipt = evaluator.follow(evaluator.send(&form)).receipt();
    // The device never saw the answer and uploads the same form; its id stands in the form's ticket.
    let client = page.attributes("form.interview", "data-client").remove(0);
    let told = device.upload(&[device.item(&client, "interview", &form.pairs(), None)]);
    assert_eq!(
        (&told[0]["state"], &told[0]["receipt"]),
        (&json!("stored"), &json!(receipt))
    );
    let other = device.item(&client, "interview", &filled(&page, &["outlet"], "1").pairs(), None);
    assert_eq!(device.upload(&[other])[0]["state"], json!("conflict"));
    assert_eq!(app.responses(), 1);

    let page = evaluator.get(&at(&app, 0, "approach"));
    let mut form = page.form_to(&at(&app, 0, "approach"));
    form.pick("outcome", "230");
    assert_eq!(evaluator.send(&form).status, 303);
    let client = form.chosen("id")[0].replace('-', "");
    let told = device.upload(&[device.item(&client, "approach", &form.pairs(), None)]);
    assert_eq!((&told[0]["state"], &told[0]["code"]), (&json!("stored"), &json!("230")));
    assert_eq!(app.raw().count("disposition"), 1);
    app.consistent_tallies();
}

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

    app.wave.advance(&app.installation, EvaluationState::Sealed).unwrap();
    assert_eq!(decide(&items[3], "accept", "太迟").status, 422);
    assert_eq!(decide(&items[3], "reject", "封存后不再计入").status, 303);
    assert_eq!(app.responses(), 1);
    app.consistent_tallies();
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

fn only_the_evaluators_own_session_may_upload(backend: Backend) {
    let app = TestApp::spawn(backend);
    let (evaluator, other) = (app.member(Role::Evaluator), app.member(Role::Evaluator));
    let device = Device {
        app: &app,
        evaluator: &evaluator,
        offset_ms: 0,
    };
    let item = device.approach(&id(1), "230");
    for token in ["", "x", &other.csrf("/account")] {
        assert_eq!(device.post(std::slice::from_ref(&item), token).status, 403);
    }
    let csrf = evaluator.get("/sync").json()["csrf"].as_str().unwrap().to_owned();
    let plain = evaluator.post("/sync", &[("csrf", &csrf)]);
    assert_eq!(plain.status, 400, "a form is not an upload");
    let many: Vec<Item> = (0..201).map(|_| item.clone()).collect();
    assert_eq!(device.post(&many, &csrf).status, 413);
    let long = sealed(&id(2), &"x".repeat(1024 * 1024));
    assert_eq!(device.post(&[long], &csrf).status, 413);
    let nobody = app.stranger();
    for page in [nobody.get("/sync"), nobody.get("/sync/kit"), nobody.post("/sync", &[])] {
        assert_eq!(
            (page.status, page.header("content-type")),
            (401, "application/problem+json")
        );
    }
    // Somebody else's queue on the same device is not theirs, and their id is not free for others.
    let borrowed = Device {
        evaluator: &other,
        ..device
    };
    assert_eq!(borrowed.upload(std::slice::from_ref(&item))[0]["why"], json!("foreign"));
    assert_eq!(device.upload(std::slice::from_ref(&item))[0]["state"], json!("stored"));
    assert_eq!(
        borrowed.upload(&[borrowed.approach(&id(1), "230")])[0]["why"],
        json!("foreign")
    );
    let manager = app.member(Role::Manager);
    let desk = Device {
        evaluator: &manager,
        ..device
    };
    assert_eq!(desk.upload(&[desk.approach(&id(5), "230")])[0]["why"], json!("place"));
    assert_eq!(app.raw().count("disposition"), 1);
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
    device.upload(&[late]);
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
    raw.execute("UPDATE evaluation SET state = 'sealed'").unwrap();
    raw.refused(&decision("outcome = 'late'", "TRUE"));
    raw.execute(&decision("outcome = 'late'", "FALSE")).unwrap();
    raw.refused("UPDATE sync_decision SET accepted = TRUE");
    raw.refused("DELETE FROM sync_decision");
}

/// What the script of the interview page does with a number.
fn sealed_on_a_device(public: &str, client: &str, number: &str) -> String {
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
    let purge = |now_ms: i64| {
        let done: Result<usize, StoreError> = app
            .installation
            .store
            .write_blocking(move |tx| contact_phone::purge(tx, now_ms));
        done.unwrap()
    };
    let now = app.installation.clock.now_ms();
    assert_eq!(purge(now + KEPT_MS - 60_000), 0);
    assert_eq!(purge(now + KEPT_MS + 60_000), 1, "thirty days after verification");
    app.close();
    app.wave.advance(&app.installation, EvaluationState::Sealed).unwrap();
    assert_eq!(purge(app.installation.clock.now_ms() + KEPT_MS - 60_000), 0);
    assert_eq!(
        purge(app.installation.clock.now_ms() + KEPT_MS + 60_000),
        1,
        "thirty days after sealing"
    );
}

fn a_device_takes_along_no_secret(backend: Backend) {
    let app = TestApp::spawn(backend);
    let evaluator = app.member(Role::Evaluator);
    let kit = evaluator.get("/sync/kit");
    assert_eq!(kit.status, 200);
    let csrf = evaluator.csrf("/account");
    assert!(!kit.source().contains(&csrf), "no token of the session");
    let kit = kit.json();
    assert_eq!(kit["person"], json!(evaluator.person.unwrap().to_string()));
    assert_eq!(kit["evaluations"][0]["outlets"].as_array().unwrap().len(), 3);
    assert_eq!(kit["receipts"].as_array().unwrap().len(), 200);
    for page in ["interview", "approach"] {
        for language in ["zh-CN", "en"] {
            let html = kit["evaluations"][0]["pages"][language][page].as_str().unwrap();
            assert!(html.contains("HOLE-ACTION") && html.contains("HOLE-OUTLET"), "{page}");
        }
    }
    for file in kit["files"].as_array().unwrap() {
        assert_eq!(evaluator.get(file.as_str().unwrap()).status, 200, "{file}");
    }
    // A receipt taken along is the one of its id.
    let device = Device {
        app: &app,
        evaluator: &evaluator,
        offset_ms: 0,
    };
    let receipt = &kit["receipts"][3];
    let told = device.upload(&[device.interview(receipt["id"].as_str().unwrap(), "4")]);
    assert_eq!(told[0]["receipt"], receipt["code"]);
    let outsider = Staff::signed_in(&app.base, &app.installation, &[Role::Evaluator]);
    assert_eq!(outsider.get("/sync/kit").json()["evaluations"], json!([]));
}
