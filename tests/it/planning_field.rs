//! After the plan is frozen: what is done differently is proposed by one and approved by another; plates and slips are
//! posted and removed on record.

use std::time::Duration;

use perception::access::Role;
use perception::store::{deviation, evaluation, outlet};
use perception::survey::deviation::Kind;
use perception::survey::evaluation::EvaluationState;

use crate::harness::{Backend, Page, Staff, TestApp, await_until, message};
use crate::office_plan::{actions, draft, id_of, manager, review, reviewer, step};

both_backends!(
    a_deviation_is_in_force_once_another_person_approved_it,
    fieldwork_is_extended_once_as_planned_and_never_after_a_look_at_scores,
    plates_are_posted_and_removed_by_evaluators,
);

/// A frozen and approved plan with an end of fieldwork and an extension; its address and reviewer.
fn frozen(app: &TestApp, manager: &Staff) -> (String, Staff) {
    let path = draft(manager);
    let page = format!("{path}/plan");
    let mut form = manager.get(&page).form_to(&page);
    form.write("last_day", "2036-01-30");
    form.write("extension_days", "7");
    assert_eq!(manager.send(&form).status, 303);
    let reviewer = reviewer(app, &path);
    step(manager, &path);
    assert_eq!(review(&reviewer, &path, "approve", "").status, 303);
    (path, reviewer)
}

fn propose(manager: &Staff, path: &str, pairs: &[(&str, &str)]) -> Page {
    let page = format!("{path}/deviations");
    let mut form = manager.get(&page).form_to(&page);
    for (name, value) in pairs {
        match *name {
            "kind" | "outlet" | "instead" => form.pick(name, value),
            _ => form.write(name, value),
        }
    }
    manager.send(&form)
}

fn judge(reviewer: &Staff, path: &str, verdict: &str, comment: &str) -> Page {
    let page = format!("{path}/deviations");
    let mut form = reviewer.get(&page).form_to(&format!("{page}/review"));
    form.pick("verdict", verdict);
    form.write("comment", comment);
    reviewer.send(&form)
}

fn a_deviation_is_in_force_once_another_person_approved_it(backend: Backend) {
    let app = TestApp::spawn(backend);
    let manager = manager(&app);
    let (path, reviewer) = frozen(&app, &manager);
    let id = id_of(&path);
    let outlets = || {
        app.installation
            .store
            .read_blocking(|conn| outlet::list(conn, id))
            .unwrap()
    };
    let (a, b) = (outlets()[0].clone(), outlets()[1].clone());
    let (one, two) = (a.id.to_string(), b.id.to_string());
    let empty = propose(&manager, &path, &[("kind", "quota-face")]);
    assert_eq!(
        (empty.status, empty.attributes(".alert a", "href")),
        (422, vec!["#outlet".into(), "#target".into(), "#reason".into()])
    );
    let quota = [
        ("kind", "quota-electronic"),
        ("outlet", one.as_str()),
        ("target", "10"),
        ("reason", "顾客比预计少"),
    ];
    assert_eq!(propose(&manager, &path, &quota).status, 303);
    assert_eq!(propose(&manager, &path, &quota).status, 422, "the same waits already");
    assert_eq!(
        outlets()[0].target_electronic,
        a.target_electronic,
        "nothing before approval"
    );
    let led = reviewer.get(&path).attributes("a", "href");
    assert!(led.contains(&format!("{path}/deviations")), "the reviewer is led to it");
    assert_eq!(judge(&reviewer, &path, "return", "").status, 422, "a refusal says why");
    assert_eq!(judge(&reviewer, &path, "approve", "").status, 303);
    assert_eq!(outlets()[0].target_electronic, 10);

    // An outlet is replaced: its interviews go along.
    let replaced = [
        ("kind", "outlet"),
        ("outlet", one.as_str()),
        ("instead", two.as_str()),
        ("reason", "网点装修停业"),
    ];
    assert_eq!(propose(&manager, &path, &replaced).status, 303);
    assert_eq!(judge(&reviewer, &path, "approve", "同意").status, 303);
    let now = outlets();
    assert_eq!(
        (now[0].target_face, now[1].target_face),
        (0, a.target_face + b.target_face)
    );
    let other = [
        ("kind", "other"),
        ("planned", "上午和下午"),
        ("done", "只有下午"),
        ("reason", "上午不营业"),
    ];
    assert_eq!(propose(&manager, &path, &other).status, 303);
    assert_eq!(judge(&reviewer, &path, "return", "换一天").status, 303);
    let all = app
        .installation
        .store
        .read_blocking(|conn| deviation::of_evaluation(conn, id))
        .unwrap();
    let told: Vec<_> = all.iter().map(|one| (one.kind, one.is_in_force())).collect();
    assert_eq!(
        told,
        [
            (Kind::ElectronicQuota, true),
            (Kind::Outlet, true),
            (Kind::Other, false)
        ]
    );
    assert_eq!(
        (all[0].planned.clone(), all[0].done.as_str()),
        (a.target_electronic.to_string(), "10")
    );
    let plan = reviewer.get(&format!("{path}/plan")).text();
    assert!(
        plan.contains("只有下午") && plan.contains(&message("zh-CN", "planning-refused")),
        "{plan}"
    );
    let told: Vec<String> = actions(&app, &path)
        .into_iter()
        .filter(|a| a.starts_with("deviation."))
        .collect();
    assert_eq!(told.len(), 6);

    assert_eq!(propose(&manager, &path, &other).status, 303);

    // The sampling report tells both, and who said what.
    for _ in 0..2 {
        assert_eq!(step(&manager, &path).status, 303);
    }
    let report = manager.get(&format!("{path}/report")).text();
    for told in ["网点装修停业", "只有下午", "planning-in-force", "planning-refused"] {
        let told = if told.starts_with("planning") {
            message("zh-CN", told)
        } else {
            told.into()
        };
        assert!(report.contains(&told), "{told}: {report}");
    }

    // Nor does the database take a verdict of the proposer, a second one, or a change.
    let mut raw = app.raw();
    let by = &all[0].proposed_by;
    raw.refused(&format!(
        "INSERT INTO deviation_review VALUES ('{id}', 4, TRUE, '', '{by}', '{by}', 1)"
    ));
    let why = raw.refused(&format!(
        "INSERT INTO deviation_review VALUES ('{id}', 4, TRUE, '', 'somebody', 'another', 1)"
    ));
    assert!(why.contains("not the proposal"), "{why}");
    raw.refused(&format!(
        "INSERT INTO deviation_review VALUES ('{id}', 1, FALSE, 'x', '{by}', 'another', 1)"
    ));
    for table in ["deviation", "deviation_review"] {
        let why = raw.refused(&format!("DELETE FROM {table}"));
        assert!(why.contains("append-only"), "{why}");
    }
}

fn fieldwork_is_extended_once_as_planned_and_never_after_a_look_at_scores(backend: Backend) {
    let app = TestApp::spawn(backend);
    let manager = manager(&app);
    let extend = |path: &str, day: &str| {
        let pairs = [("kind", "period"), ("last_day", day), ("reason", "雨天顾客少")];
        propose(&manager, path, &pairs)
    };
    let (path, reviewer) = frozen(&app, &manager);
    let id = id_of(&path);
    let last_day = || {
        let read = app
            .installation
            .store
            .read_blocking(|conn| deviation::last_day(conn, id));
        read.unwrap().unwrap().to_string()
    };
    for day in ["2036-01-30", "2036-01-29", "2036-02-07"] {
        assert_eq!(extend(&path, day).status, 422, "{day}");
    }
    assert_eq!(extend(&path, "2036-02-06").status, 303);
    assert_eq!(last_day(), "2036-01-30");
    assert_eq!(judge(&reviewer, &path, "approve", "").status, 303);
    assert_eq!(last_day(), "2036-02-06");
    assert_eq!(extend(&path, "2036-02-06").status, 422, "once");

    // Proposed before somebody looks, it is not approved afterwards.
    let (path, reviewer) = frozen(&app, &manager);
    step(&manager, &path);
    assert_eq!(extend(&path, "2036-02-02").status, 303);
    let other = id_of(&path);
    let looked = app
        .installation
        .store
        .write_blocking(move |tx| evaluation::open_interim_results(tx, other, "x", "好奇", 1));
    looked.unwrap();
    assert_eq!(judge(&reviewer, &path, "approve", "").status, 422);
    assert_eq!(judge(&reviewer, &path, "return", "看过得分").status, 303);
    assert_eq!(extend(&path, "2036-02-02").status, 422);
}

fn plates_are_posted_and_removed_by_evaluators(backend: Backend) {
    let app = TestApp::spawn(backend);
    let id = app.wave.id;
    let page = format!("/evaluations/{id}/postings");
    let (evaluator, manager) = (app.member(Role::Evaluator), app.member(Role::Manager));
    assert!(
        evaluator
            .get(&format!("/evaluations/{id}/interviews"))
            .attributes("a", "href")
            .contains(&page)
    );
    let (code, foreign) = (app.open_link(), {
        // A plate of another evaluation of the same server.
        let manager = crate::office_plan::manager(&app);
        let (path, _) = frozen(&app, &manager);
        step(&manager, &path);
        let plates = manager.get(&format!("{path}/codes/plates"));
        let hrefs = plates.attributes("figcaption a", "href");
        hrefs.into_iter().next().unwrap()
    });
    let note = |deed: &str, scanned: &str| {
        let mut form = evaluator.get(&page).form_to(&page);
        form.pick("deed", deed);
        form.pick("item", &code.id.to_string());
        form.write("scanned", scanned);
        form.write("spot", "服务台");
        form.write("photo", "IMG-0017");
        evaluator.send(&form)
    };
    let wrong = note("posted", &foreign);
    assert_eq!(
        (wrong.status, wrong.attributes(".alert a", "href")),
        (422, vec!["#scanned".into()])
    );
    assert_eq!(wrong.form_to(&page).written("photo"), "IMG-0017");
    assert_eq!(note("removed", "").status, 422, "it hangs nowhere yet");
    let scanned = format!("{}{}", app.base, code.path);
    assert_eq!(note("posted", &scanned).status, 303);
    assert_eq!(note("posted", "").status, 422, "it hangs already");
    app.customer().answer(&code.path, &["home"], "5");
    await_until(Duration::from_secs(10), "the visit is counted", || {
        let ways = manager.get(&format!("/evaluations/{id}/funnel")).texts_of("tbody td");
        ways.contains(&"1".to_owned())
    });
    let seen = manager.get(&page).text();
    assert!(
        seen.contains("IMG-0017") && seen.contains(&message("zh-CN", "planning-was-scanned")),
        "{seen}"
    );
    assert_eq!(note("removed", "").status, 303);
    let csrf = manager.csrf("/");
    assert_eq!(manager.post(&page, &[("csrf", &csrf)]).status, 403, "only evaluators");
    // Somebody else's plate is none of the choices, whatever the form says.
    let csrf = evaluator.csrf(&page);
    let made_up = [
        ("csrf", csrf.as_str()),
        ("deed", "posted"),
        ("item", "00000000-0000-4000-8000-000000000000"),
        ("day", "2020-01-01"),
        ("time", "10:00"),
        ("spot", "x"),
        ("photo", "x"),
    ];
    assert_eq!(evaluator.post(&page, &made_up).status, 422);

    app.wave.advance(&app.installation, EvaluationState::Closed).unwrap();
    let report = manager.get(&format!("/evaluations/{id}/report")).text();
    let plates = report
        .split(&message("zh-CN", "report-plates"))
        .last()
        .unwrap()
        .to_owned();
    assert_eq!(plates.matches("IMG-0017").count(), 2, "{plates}");

    let mut raw = app.raw();
    assert_eq!(raw.count("posting"), 2);
    assert_eq!(raw.count("event WHERE action IN ('code.posted', 'code.removed')"), 2);
    let secret = code.path.rsplit('/').next().unwrap();
    assert_eq!(
        raw.count(&format!("event WHERE data LIKE '%{secret}%'")),
        0,
        "nothing scanned is kept"
    );
    let personal = app.personal_link();
    let (who, outlet) = (evaluator.person.unwrap(), app.wave.outlets[0]);
    let why = raw.refused(&format!(
        "INSERT INTO posting VALUES ('{id}', 9, '{outlet}', '{}', NULL, 'posted', 1, 'x', 'x', FALSE, '{who}', 2)",
        personal.id
    ));
    assert!(why.contains("what everybody may use"), "{why}");
    let why = raw.refused("DELETE FROM posting");
    assert!(why.contains("append-only"), "{why}");
}
