//! What a plan says of customers is approved with it; outlets are drawn by a seed logged before, as anybody can again.

use std::fs;

use perception::store::plan;
use perception::survey::plan_scope::{Exclusion, Way};

use crate::harness::{Backend, TestApp, message, perception};
use crate::office_plan::{actions, draft, filled, id_of, manager, review, reviewer, step};

both_backends!(
    outlets_are_drawn_by_a_logged_seed_and_again_by_the_command,
    what_the_plan_says_of_customers_is_approved_with_it,
);

fn outlets_are_drawn_by_a_logged_seed_and_again_by_the_command(backend: Backend) {
    let app = TestApp::spawn(backend);
    let manager = manager(&app);
    let mut form = filled(&manager);
    let lines: Vec<String> = (1..=9).map(|n| format!("第{n}服务中心,{}", 200 + n)).collect();
    form.write("outlets", &lines.join("\n"));
    let path = manager.send(&form).location().to_owned();
    let (page, make) = (format!("{path}/plan/draw"), format!("{path}/plan/draw/make"));
    assert!(
        manager
            .get(&format!("{path}/plan"))
            .attributes("a", "href")
            .contains(&page)
    );
    let first = manager.get(&page);
    let outlets = first.attributes("input[name=by_risk]", "value");
    assert_eq!(outlets.len(), 9);
    let announce = |seed: &str, at_random: &str, reason: &str| {
        let mut form = manager.get(&page).form_to(&page);
        form.check("by_risk", &outlets[4]);
        form.write("at_random", at_random);
        form.write("seed", seed);
        form.write("reason", reason);
        manager.send(&form)
    };
    let refused = announce("x", "0", "");
    assert_eq!(
        (refused.status, refused.attributes(".alert a", "href")),
        (422, vec!["#reason".into(), "#at_random".into()])
    );
    assert_eq!(refused.form_to(&page).written("seed"), "x");
    assert_eq!(announce("福彩3D 2026311 期", "2", "两起投诉").status, 303);
    assert!(
        !actions(&app, &path).contains(&"draw.made".to_owned()),
        "logged, not drawn"
    );

    let ready = manager.get(&page);
    assert_eq!(manager.send(&ready.form_to(&make)).status, 303);
    let id = id_of(&path);
    let stored = || {
        let read = app.installation.store.read_blocking(|conn| plan::find(conn, id));
        read.unwrap().unwrap().plan
    };
    let visited: Vec<String> = stored()
        .outlets()
        .iter()
        .filter(|outlet| outlet.is_visited)
        .map(|outlet| outlet.id.to_string())
        .collect();
    assert!(visited.len() == 3 && visited.contains(&outlets[4]));

    // The command finds the same two from what the page hands out.
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| {
        let got = manager.get(&format!("{page}/1/{name}"));
        assert_eq!(got.status, 200);
        let to = folder.path().join(name);
        fs::write(&to, got.source()).unwrap();
        to.display().to_string()
    };
    let (frame, takes) = (file("frame.csv"), file("plan.json"));
    let arguments = [
        "draw",
        &frame,
        "--plan",
        &takes,
        "--seed",
        "福彩3D 2026311 期",
        "--format",
        "json",
    ];
    let output = perception(folder.path(), &arguments).output().unwrap();
    assert!(output.status.success(), "{}", crate::harness::said(&output));
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let drawn: Vec<&str> = told["cases"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["role"] != "reserve")
        .map(|one| one["id"].as_str().unwrap())
        .collect();
    assert_eq!(drawn.len(), 2);
    assert!(drawn.iter().all(|id| visited.contains(&(*id).to_owned())), "{told}");

    // Another draw is logged beside the first; an older button draws no more.
    assert_eq!(announce("", "3", "两起投诉").status, 303);
    let stale = manager.send(&ready.form_to(&make));
    assert_eq!(stale.status, 422);
    assert_eq!(stored().draw().unwrap().at_random, 2);
    let mut raw = app.raw();
    assert_eq!(raw.count("outlet_draw"), 2);
    let why = raw.refused("DELETE FROM outlet_draw");
    assert!(why.contains("append-only"), "{why}");
    step(&manager, &path);
    assert_eq!(
        manager.get(&page).attributes("form[action*=draw]", "action"),
        Vec::<String>::new()
    );
    let row = format!("INSERT INTO outlet_draw VALUES ('{id}', 9, 'x', 'x', 'x', 1)");
    let why = raw.refused(&row);
    assert!(why.contains("in the draft"), "{why}");
    for language in ["zh-CN", "en"] {
        let log = manager.get(&format!("{path}/activity?lang={language}")).text();
        assert!(!log.contains("draw."), "{log}");
    }
}

fn what_the_plan_says_of_customers_is_approved_with_it(backend: Backend) {
    let app = TestApp::spawn(backend);
    let manager = manager(&app);
    let path = draft(&manager);
    let page = format!("{path}/plan");
    let reviewer = reviewer(&app, &path);
    let mut form = manager.get(&page).form_to(&page);
    assert!(
        form.chosen("ways").len() == 3 && form.chosen("exclusions").len() == 5,
        "as usual"
    );
    form.write("population", "天河、越秀的安装和维修顾客");
    form.write("last_day", "2026-01-09");
    form.write("first_day", "2026-01-10");
    let refused = manager.send(&form);
    assert_eq!(
        (refused.status, refused.attributes(".alert a", "href")),
        (422, vec!["#last_day".into()])
    );
    let mut form = refused.form_to(&page);
    form.write("last_day", "2026-01-30");
    form.write("extension_days", "7");
    assert_eq!(manager.send(&form).status, 303);
    let id = id_of(&path);
    let stored = || {
        let read = app.installation.store.read_blocking(|conn| plan::find(conn, id));
        read.unwrap().unwrap()
    };
    let before = stored();
    let scope = before.plan.scope().unwrap().clone();
    assert!(scope.ways.contains(&Way::Plate) && scope.exclusions.contains(&Exclusion::Minors));
    assert_eq!(scope.latest_day().unwrap().to_string(), "2026-02-06");
    let text = reviewer.get(&page).text();
    for told in ["天河、越秀的安装和维修顾客", "2026-01-10", "2026-02-06"] {
        assert!(text.contains(told), "{told}: {text}");
    }
    assert!(!text.contains(&message("zh-CN", "planning-remark-population")));

    // One word more is another plan: its hash is what the reviewer approves.
    let mut form = manager.get(&page).form_to(&page);
    form.write("gaps", "没有电话的到店顾客");
    assert_eq!(manager.send(&form).status, 303);
    assert_ne!(stored().hash, before.hash);
    step(&manager, &path);
    let frozen = stored().hash;
    assert_eq!(review(&reviewer, &path, "approve", "").status, 303);
    let mut raw = app.raw();
    let approved = format!("plan_review WHERE approved AND plan_hash = '{frozen}'");
    assert_eq!(raw.count(&approved), 1);
}
