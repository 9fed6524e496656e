//! Somebody asks to be erased: found by what they give, erased in two steps, on record without their data.

use perception::access::Role;
use perception::store::{StoreError, frame, suppression, withdrawal};
use perception::survey::evaluation::EvaluationState;
use perception::survey::submission::Receipt;

use crate::frame_sample::{self, fix, import, record};
use crate::harness::{Backend, OUTLETS, Page, Staff, TestApp, message, perception, said};
use crate::mail_case::funnel;

both_backends!(who_asks_is_erased_and_nobody_else);

fn list() -> String {
    let mut text = "工单号,姓名,邮箱,手机,网点,服务类型,服务日期\n".to_owned();
    let day = chrono::Utc::now().date_naive() - chrono::Days::new(40);
    for k in 0..30 {
        let outlet = OUTLETS[k % 3].0;
        text += &format!("W{k},顾客{k},kh{k}@shop{k}.example,138001380{k:02},{outlet},维修,{day}\n");
    }
    text
}

/// The first step.
fn look(officer: &Staff, way: &str, what: &str) -> Page {
    let mut form = officer.get("/privacy").form_to("/privacy/requests");
    form.pick("way", way);
    form.write("what", what);
    officer.send(&form)
}

/// Both steps; the confirmation.
fn erase(officer: &Staff, way: &str, what: &str) -> Page {
    let found = look(officer, way, what);
    assert_eq!(found.status, 200, "{}", found.text());
    let done = officer.send(&found.form_to("/privacy/requests/confirm"));
    assert_eq!(done.status, 303, "{}", done.text());
    assert!(!done.location().contains(what));
    officer.get(done.location())
}

fn counts(page: &Page) -> Vec<String> {
    let facts = page.texts_of(".facts dd");
    facts[facts.len() - 5..].to_vec()
}

fn who_asks_is_erased_and_nobody_else(backend: Backend) {
    let app = TestApp::spawn(backend);
    let (wave, manager) = (app.wave.id, app.member(Role::Manager));
    let officer = Staff::signed_in(&app.base, &app.installation, &[Role::Administrator]);
    import(&app, &manager, list().as_bytes());
    record(&app, &manager, "clause");
    fix(&app, &manager);
    let run = frame_sample::at(wave, "/draw/run");
    assert_eq!(
        manager
            .send(&manager.get(&frame_sample::at(wave, "")).form_to(&run))
            .status,
        303
    );
    let drawn = funnel(&app, wave).drawn;

    // By address: whoever it is in the list, drawn or not.
    assert_eq!(look(&officer, "address", "nobody").status, 422);
    let kept = look(&officer, "phone", "张三");
    assert_eq!(
        (kept.status, kept.form_to("/privacy/requests").written("what")),
        (422, "张三")
    );
    let nothing = look(&officer, "phone", "13900000000");
    assert!(
        nothing.text().contains(&message("zh-CN", "privacy-nothing")),
        "{}",
        nothing.text()
    );
    let found = look(&officer, "address", "KH3@shop3.example");
    assert_eq!(counts(&found)[1], "1");
    assert!(!found.text().contains("顾客3"), "{}", found.text());
    assert_eq!(
        look(&officer, "address", "kh3@shop3.example").text(),
        found.text(),
        "looking erases nothing"
    );
    let mut erased = 0;
    for k in 0..30 {
        let told = counts(&erase(&officer, "address", &format!("kh{k}@shop{k}.example")));
        erased += told[0].parse::<u64>().unwrap();
        if k == 3 {
            let now = counts(&look(&officer, "address", "kh3@shop3.example"));
            assert_eq!(now, ["0"; 5]);
            assert_eq!(
                counts(&look(&officer, "phone", "138 0013 8003"))[1],
                "0",
                "the entry is gone as a whole"
            );
            assert_eq!(counts(&look(&officer, "phone", "+86 138 0013 8004"))[1], "1");
        }
    }
    assert_eq!((erased, funnel(&app, wave).drawn), (drawn, 0));
    let index = perception::personal::index(&app.installation.key, "kh3@shop3.example");
    let stopped: Result<_, StoreError> = app
        .installation
        .store
        .read_blocking(|conn| suppression::find(conn, &index));
    assert_eq!(stopped.unwrap().as_deref(), Some("objected"));
    // Reserves that were erased are passed over.
    let current: Result<_, StoreError> = app.installation.store.read_blocking(|conn| frame::current(conn, wave));
    assert!(current.unwrap().is_some());

    // By receipt: withdrawn until sealing, only the text of the comment afterwards.
    let say = |text: &str| {
        let (customer, link) = (app.customer(), app.open_link());
        let mut form = customer.begin(&link.path, &["home"]).form();
        form.rate_all("2");
        form.write("comment", text);
        let sent = customer.send(&form);
        customer.follow(sent).receipt()
    };
    let (first, second) = (say("删掉我"), say("以后再删我"));
    assert_eq!(
        counts(&erase(&officer, "receipt", &first.to_lowercase())),
        ["0", "0", "0", "1", "1"]
    );
    let id = Receipt::parse(&first).unwrap().response_id();
    let standing: Result<_, StoreError> = app
        .installation
        .store
        .read_blocking(|conn| withdrawal::standing(conn, id));
    assert_eq!(standing.unwrap(), Some(withdrawal::Standing::Withdrawn));
    app.close();
    app.wave.advance(&app.installation, EvaluationState::Sealed).unwrap();
    assert_eq!(counts(&erase(&officer, "receipt", &second)), ["0", "0", "0", "1", "0"]);
    let mut raw = app.raw();
    assert_eq!(
        (
            raw.count("response_comment WHERE body <> ''"),
            raw.count("response_content")
        ),
        (0, 1)
    );
    app.consistent_tallies();

    // On record: who, when, how many of what; never what they gave.
    assert_eq!(
        (
            raw.count("erasure"),
            raw.count("office_event WHERE action = 'person.erased'")
        ),
        (32, 32)
    );
    raw.refused("UPDATE erasure SET done_by = 'x'");
    raw.refused("DELETE FROM erasure");
    let told = raw.texts("SELECT request || erased AS value FROM erasure").join("");
    let logged = raw.texts("SELECT data AS value FROM office_event").join("");
    for part in ["kh3", "shop3", first.as_str(), "删我"] {
        assert!(!told.contains(part) && !logged.contains(part), "{part}");
    }
    assert_eq!(officer.get("/privacy?request=x").status, 404);
    assert_eq!(manager.get("/privacy").status, 403);
    let folder = app.database.folder.path();
    let verified = perception(folder, &["verify", "--database", &app.database.url])
        .output()
        .unwrap();
    assert!(verified.status.success(), "{}", said(&verified));
}
