//! A list of customers from the organisation's file to those drawn, and until nothing of it is left.

use std::time::Duration;

use perception::access::Role;
use perception::store::frame::{self, ListState};
use perception::store::{StoreError, event, recipient, retention};
use perception::survey::evaluation::EvaluationState;
use perception::survey::id::EvaluationId;

use crate::harness::{Backend, DAY_MS, OUTLETS, Plan, Staff, TestApp, await_until, perception};
use crate::mail_case::funnel;

both_backends!(
    a_list_is_imported_recorded_drawn_and_erased,
    thirty_days_after_sealing_a_list_is_gone,
    only_a_list_with_a_basis_and_an_approved_plan_is_drawn_from,
);

/// Customers in all three outlets and two types of service.
fn list(customers: usize) -> String {
    let mut text = "工单号,姓名,邮箱,手机,网点,服务类型,服务日期\n".to_owned();
    let day = chrono::Utc::now().date_naive();
    for k in 0..customers {
        let (outlet, service) = (OUTLETS[k % 3].0, ["维修", "安装"][k / 3 % 2]);
        let day = day - chrono::Days::new(30 + (k % 200) as u64);
        text += &format!(
            "W{k},客户{k},canary{}@shop{}.example,,{outlet},{service},{day}\n",
            k * 37 % 9973,
            k % 90
        );
    }
    text
}

pub fn at(wave: EvaluationId, end: &str) -> String {
    format!("/evaluations/{wave}/sample{end}")
}

/// Hands a file over, imports it as guessed and waits until it is there.
pub fn import(app: &TestApp, manager: &Staff, bytes: &[u8]) {
    let wave = app.wave.id;
    let csrf = manager.csrf(&at(wave, "/upload"));
    let sent = manager.upload(&at(wave, "/upload"), &csrf, "list.csv", bytes);
    assert_eq!(sent.status, 303, "{}", sent.text());
    let page = manager.get(&at(wave, "/columns"));
    assert_eq!(page.status, 200);
    assert!(!page.text().contains("canary"), "masked: {}", page.text());
    let begun = manager.send(&page.form_to(&at(wave, "/import")));
    assert_eq!(begun.status, 303);
    await_until(Duration::from_secs(120), "the list is imported", || {
        manager.get(&at(wave, "")).text().contains("名单已导入")
    });
}

pub fn record(app: &TestApp, manager: &Staff, basis: &str) {
    let path = at(app.wave.id, "/record");
    let mut form = manager.get(&path).form_to(&path);
    let refused = manager.send(&form);
    assert_eq!(refused.status, 422, "nothing is known yet");
    form.pick("basis", basis);
    for (field, text) in [
        ("evidence", "服务单样张第 4 条"),
        ("source", "工单系统"),
        ("extracted_on", "2026-01-05"),
        ("declared", "100"),
        ("complete", "王经理 2026-01-06"),
        ("gaps", "无邮箱的客户"),
    ] {
        form.write(field, text);
    }
    assert_eq!(manager.send(&form).status, 303);
}

/// Sizes of five with five reserves in every stratum, with a reason.
pub fn fix(app: &TestApp, manager: &Staff) {
    let path = at(app.wave.id, "/draw");
    let page = manager.get(&path);
    let mut form = page.form_to(&path);
    let sizes: Vec<String> = form
        .written("sizes")
        .lines()
        .map(|line| format!("{}; 5; 5", line.split(';').next().unwrap()))
        .collect();
    form.write("sizes", &sizes.join("\n"));
    assert_eq!(manager.send(&form).status, 422, "another size needs a reason");
    form.write("reason", "示例：先抽一部分");
    assert_eq!(manager.send(&form).status, 303);
}

fn events(app: &TestApp) -> Vec<(String, String)> {
    let id = app.wave.id;
    let read: Result<_, StoreError> = app
        .installation
        .store
        .read_blocking(move |conn| event::list(conn, id, 0, 100));
    let mut all: Vec<_> = read
        .unwrap()
        .into_iter()
        .map(|event| (event.action, event.data))
        .collect();
    all.reverse();
    all
}

fn current(app: &TestApp) -> frame::FrameList {
    let id = app.wave.id;
    let read: Result<_, StoreError> = app
        .installation
        .store
        .read_blocking(move |conn| frame::current(conn, id));
    read.unwrap().unwrap()
}

fn has_key(app: &TestApp, list: &str) -> bool {
    let (key, list) = (app.installation.key.clone(), list.to_owned());
    let read: Result<_, StoreError> = app
        .installation
        .store
        .read_blocking(move |conn| recipient::find_key(conn, &key, &list));
    read.unwrap().is_some()
}

fn a_list_is_imported_recorded_drawn_and_erased(backend: Backend) {
    let app = TestApp::spawn(backend);
    let (wave, manager) = (app.wave.id, app.member(Role::Manager));
    let gbk = encoding_rs::GBK.encode(&list(90)).0.into_owned();
    let broken = [
        gbk.as_slice(),
        b"W90,x,=1+1,,1,,2026\n",
        b"W91,y,a@b.example,,9,,2026-01-02\n",
    ]
    .concat();
    import(&app, &manager, &broken);
    let text = manager.get(&at(wave, "")).text();
    for part in ["CSV, GBK", "92", "90"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let errors = manager.get(&at(wave, "/errors.csv"));
    assert!(
        errors.source().contains("\"92\",") && !errors.source().contains("=1+1"),
        "{}",
        errors.source()
    );

    record(&app, &manager, "clause");
    fix(&app, &manager);
    assert_eq!(manager.get(&at(wave, "/draw")).status, 303, "what is fixed stays fixed");
    assert_eq!(funnel(&app, wave).drawn, 0, "the seed stands before anybody is drawn");
    let page = manager.get(&at(wave, ""));
    let run = page.form_to(&at(wave, "/draw/run"));
    assert_eq!(manager.send(&run).status, 303);
    assert_eq!(manager.send(&run).status, 422, "once");
    assert_eq!(funnel(&app, wave).drawn, 30);

    // Rerun elsewhere from the two files and the seed.
    let folder = tempfile::tempdir().unwrap();
    let auditor = app.member(Role::Auditor);
    for name in ["frame.csv", "plan.json", "drawn.csv"] {
        let file = auditor.get(&at(wave, &format!("/{name}")));
        assert!(file.status == 200 && !file.source().contains("canary"), "{name}");
        std::fs::write(folder.path().join(name), file.source()).unwrap();
    }
    let logged = events(&app);
    let place = |action: &str| logged.iter().position(|(name, _)| name == action).unwrap();
    assert!(place("list.imported") < place("draw.prepared") && place("draw.prepared") < place("draw.done"));
    let prepared: serde_json::Value = serde_json::from_str(&logged[place("draw.prepared")].1).unwrap();
    let arguments = [
        "draw",
        "frame.csv",
        "--plan",
        "plan.json",
        "--seed",
        prepared["seed"].as_str().unwrap(),
    ];
    let again = perception(folder.path(), &arguments).output().unwrap();
    let drawn = std::fs::read_to_string(folder.path().join("drawn.csv")).unwrap();
    assert_eq!(String::from_utf8(again.stdout).unwrap(), drawn);
    assert_eq!(drawn.lines().count(), 1 + 60);

    let path = at(wave, "/reserves");
    let mut form = manager.get(&path).form_to(&path);
    form.write("count", "6");
    form.write("reason", "五人无法送达");
    assert_eq!(manager.send(&form).status, 422, "there are five");
    form.write("count", "2");
    assert_eq!(manager.send(&form).status, 303);
    assert_eq!(funnel(&app, wave).drawn, 32);

    let list = current(&app);
    assert!(has_key(&app, &list.id));
    let path = at(wave, "/erase");
    let mut form = manager.get(&path).form_to(&path);
    assert_eq!(manager.send(&form).status, 422, "a reason");
    form.write("reason", "组织要求删除");
    assert_eq!(manager.send(&form).status, 303);
    assert_eq!(current(&app).state, ListState::Erased);
    assert!(!has_key(&app, &list.id) && funnel(&app, wave).drawn == 0);
    assert_eq!(auditor.get(&at(wave, "/drawn.csv")).source(), drawn, "the draw stays");
    app.wave.advance(&app.installation, EvaluationState::Closed).unwrap();
    let report = manager.get(&format!("/evaluations/{wave}/report")).text();
    for told in [prepared["seed"].as_str().unwrap(), "收到 92 条，抽样框 90 位顾客"] {
        assert!(report.contains(told), "{told}: {report}");
    }
    assert!(!report.contains("canary"));
    let logged = events(&app);
    let (_, last) = logged.iter().rfind(|(name, _)| name == "list.erased").unwrap();
    assert!(
        last.contains("\"cases\":90") && last.contains("\"recipients\":32"),
        "{last}"
    );
    assert!(
        logged
            .iter()
            .all(|(_, data)| !data.contains("canary") && !data.contains("example"))
    );
}

fn only_a_list_with_a_basis_and_an_approved_plan_is_drawn_from(backend: Backend) {
    let plan = Plan {
        state: EvaluationState::Frozen,
        ..Plan::default()
    };
    let app = TestApp::spawn_with(backend, plan, |_| {});
    let (wave, manager) = (app.wave.id, app.member(Role::Manager));
    import(&app, &manager, list(30).as_bytes());
    record(&app, &manager, "clause");
    assert_eq!(manager.get(&at(wave, "/draw")).status, 303, "nobody approved the plan");
    app.wave.advance(&app.installation, EvaluationState::Open).unwrap();
    let page = manager.get(&at(wave, "/draw"));
    assert_eq!(page.status, 200);
    record_again(&app, &manager, "gateway");
    let form = page.form_to(&at(wave, "/draw"));
    let refused = manager.send(&form);
    assert_eq!(refused.status, 303, "back to the page that says why");
    assert!(!events(&app).iter().any(|(name, _)| name == "draw.prepared"));
    // What is no list is told by name; what is too large, too.
    let csrf = manager.csrf(&at(wave, "/erase"));
    let path = at(wave, "/upload");
    let told = |bytes: &[u8], part: &str| {
        let page = manager.upload(&path, &csrf, "x", bytes);
        assert_eq!(page.status, 422);
        assert!(page.text().contains(part), "{part}: {}", page.text());
    };
    told(b"", "没有选文件");
    told(b"\xD0\xCF\x11\xE0", ".xls");
    told(b"a,b\n\xFF\xFF\xFF", "第 2 行");
    told(&vec![b'a'; 5 * 1024 * 1024 + 10], "5 MiB");
    let reviewer = app.member(Role::Reviewer);
    assert!(reviewer.get(&at(wave, "")).text().contains("30"));
}

fn record_again(app: &TestApp, manager: &Staff, basis: &str) {
    let path = at(app.wave.id, "/record");
    let mut form = manager.get(&path).form_to(&path);
    form.pick("basis", basis);
    assert_eq!(manager.send(&form).status, 303);
}

fn thirty_days_after_sealing_a_list_is_gone(backend: Backend) {
    let app = TestApp::spawn(backend);
    let manager = app.member(Role::Manager);
    import(&app, &manager, list(12).as_bytes());
    let list = current(&app);
    for state in [EvaluationState::Closed, EvaluationState::Sealed] {
        app.wave.advance(&app.installation, state).unwrap();
    }
    let apply = |days: i64| -> usize {
        let now_ms = app.installation.clock.now_ms() + days * DAY_MS;
        let done: Result<_, StoreError> = app
            .installation
            .store
            .write_blocking(move |tx| retention::apply(tx, now_ms));
        done.unwrap()
    };
    assert_eq!((apply(29), has_key(&app, &list.id)), (0, true));
    assert_eq!((apply(31), has_key(&app, &list.id)), (1, false));
    assert_eq!(apply(31), 0, "once");
    let logged = events(&app);
    let (_, data) = logged.iter().rfind(|(name, _)| name == "list.erased").unwrap();
    assert!(
        data.contains("30 days after sealing") && data.contains("\"cases\":12"),
        "{data}"
    );
}

/// Nothing of a customer is ever readable in the file, and what was sealed leaves it with the list.
#[test]
fn a_database_file_holds_no_address_and_after_erasure_nothing_of_the_list() {
    let app = TestApp::spawn(Backend::Sqlite);
    let (wave, manager) = (app.wave.id, app.member(Role::Manager));
    import(&app, &manager, list(40).as_bytes());
    record(&app, &manager, "clause");
    let (list, installation) = (current(&app), &app.installation);
    let (key, name) = (installation.key.clone(), list.id.clone());
    let read: Result<_, StoreError> = installation
        .store
        .read_blocking(move |conn| recipient::find_key(conn, &key, &name));
    let mark = format!("{}.", read.unwrap().unwrap().id());
    let folder = app.database.folder.path().to_owned();
    let holds = |text: &str| {
        let mut files = std::fs::read_dir(&folder)
            .unwrap()
            .map(|file| std::fs::read(file.unwrap().path()).unwrap());
        files.any(|bytes| memchr::memmem::find(&bytes, text.as_bytes()).is_some())
    };
    assert!(holds(&mark) && !holds("canary") && !holds("客户1"));
    let path = at(wave, "/erase");
    let mut form = manager.get(&path).form_to(&path);
    form.write("reason", "试验删除名单");
    assert_eq!(manager.send(&form).status, 303);
    // The log goes, too, while the server runs.
    assert!(!holds(&mark), "sealed rows were overwritten");
}

#[test]
fn fifty_thousand_customers_are_imported_beside_the_pages() {
    let app = TestApp::spawn(Backend::Sqlite);
    let manager = app.member(Role::Manager);
    let mut text = "email,outlet\n".to_owned();
    for k in 0..50_000 {
        text += &format!("c{}@shop{}.example,{}\n", k * 7, k % 90, 1 + k % 3);
    }
    import(&app, &manager, text.as_bytes());
    let summary = current(&app).summary.unwrap();
    assert_eq!((summary.rows, summary.cases, summary.strata.len()), (50_000, 50_000, 3));
}
