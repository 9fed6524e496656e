//! Uploads of devices: stored once, acknowledged by id and hash, nothing lost and nothing mixed.

use perception::access::Role;
use perception::store::{StoreError, late};
use perception::survey::id::OutletId;
use serde_json::{Value, json};

use crate::harness::{Backend, Office, Staff, TestApp};
use crate::interview_journey::{at, begin, filled};
use crate::offline_device::{Device, Item, id, sealed, states};

both_backends!(
    ten_uploads_store_once_and_say_the_same,
    each_item_is_taken_or_not_by_itself,
    what_the_page_stored_is_not_stored_again,
    only_the_evaluators_own_session_may_upload,
    a_device_takes_along_no_secret,
);

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
        assert_eq!(
            states(&device.upload(std::slice::from_ref(&other))),
            [("conflict".into(), 409)]
        );
    }
    assert_eq!(app.responses(), 1);
    assert!(
        app.raw()
            .text("SELECT answers AS value FROM response_content")
            .contains("F01=4")
    );
    let (store, id) = (&app.installation.store, app.wave.id);
    let kept = store.read_blocking(|conn| late::list_kept(conn, store.key()?, id, 9));
    let kept: Result<Vec<late::Kept>, StoreError> = kept;
    assert_eq!(kept.unwrap()[0].body, other.2);
    assert_eq!(app.raw().count("sync_item WHERE body LIKE '%form%'"), 0, "sealed");
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
