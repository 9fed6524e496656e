//! The plan stage of the office: stored in the draft, frozen with it, its figures those of `perception plan`.

use perception::access::Role;
use perception::store::{event, outlet, plan};

use crate::harness::{Backend, Staff, TestApp, message, perception, said};
use crate::office_plan::{actions, draft, id_of, manager, step};

both_backends!(
    a_plan_is_stored_its_targets_written_and_frozen_with_it,
    whoever_never_opens_the_page_has_the_usual_plan,
    contradictions_are_refused_with_everything_kept,
    the_figures_are_those_of_the_command,
);

fn targets(app: &TestApp, path: &str) -> Vec<(i32, i32)> {
    let id = id_of(path);
    let read = app.installation.store.read_blocking(|conn| outlet::list(conn, id));
    read.unwrap()
        .iter()
        .map(|o| (o.target_face, o.target_electronic))
        .collect()
}

fn stored(app: &TestApp, path: &str) -> Option<plan::StoredPlan> {
    let id = id_of(path);
    app.installation
        .store
        .read_blocking(|conn| plan::find(conn, id))
        .unwrap()
}

/// Particulars of the last event of a kind.
fn logged(app: &TestApp, path: &str, action: &str) -> serde_json::Value {
    let id = id_of(path);
    let events = app
        .installation
        .store
        .read_blocking(|conn| event::list(conn, id, 0, 200))
        .unwrap();
    let found = events.iter().find(|event| event.action == action).unwrap();
    serde_json::from_str(&found.data).unwrap()
}

fn a_plan_is_stored_its_targets_written_and_frozen_with_it(backend: Backend) {
    let app = TestApp::spawn(backend);
    let manager = manager(&app);
    let path = draft(&manager);
    let page = format!("{path}/plan");
    let first = manager.get(&page);
    assert!(
        first.text().contains(&message("zh-CN", "sampling-lead-usual")),
        "{}",
        first.text()
    );
    assert_eq!(first.attributes("svg.curve", "role"), ["img"]);
    let mut form = first.form_to(&page);
    form.write("half_width_face", "4");
    assert_eq!(manager.send(&form).status, 303);
    // 322 and 268 customers: 64 interviews for ± 4 points, and 96 electronic answers.
    let kept = stored(&app, &path).unwrap();
    assert_eq!(kept.plan.sizes().population, Some(590));
    let (face, electronic) = kept.plan.targets();
    assert_eq!(
        (face, electronic),
        (kept.plan.sizes().face, kept.plan.sizes().electronic)
    );
    assert!(face > 60 && face * 5 <= (face + electronic) * 2);
    let by_outlet: Vec<(i32, i32)> = kept
        .plan
        .outlets()
        .iter()
        .map(|o| (o.target_face as i32, o.target_electronic as i32))
        .collect();
    assert_eq!(targets(&app, &path), by_outlet);
    assert_eq!(logged(&app, &path, "plan.stored")["hash"], kept.hash.as_str());
    assert_eq!(manager.get(&page).form_to(&page).written("half_width_face"), "4");

    // Changed by hand at an outlet: the page says so, and what is frozen is what stands at the outlets.
    let list = manager.get(&format!("{path}/outlets"));
    let edit = list
        .attributes("a", "href")
        .into_iter()
        .rfind(|a| a.contains("/outlets/"))
        .unwrap();
    let mut form = manager.get(&edit).form_to(&edit);
    form.write("target_face", "7");
    assert_eq!(manager.send(&form).status, 303);
    assert!(
        manager
            .get(&page)
            .text()
            .contains(&message("zh-CN", "sampling-remark-targets"))
    );
    step(&manager, &path);
    let frozen = stored(&app, &path).unwrap();
    assert_eq!(frozen.plan.outlets()[1].target_face, 7);
    assert_eq!(frozen.plan.aims(), kept.plan.aims());
    assert_eq!(targets(&app, &path)[1].0, 7);
    assert_eq!(logged(&app, &path, "evaluation.frozen")["plan"], frozen.hash.as_str());

    // From now on neither the program nor the database changes it.
    let fixed = manager.get(&page);
    assert!(fixed.text().contains(&message("zh-CN", "sampling-lead-fixed")));
    assert!(!fixed.attributes("form", "action").contains(&page));
    let csrf = manager.csrf("/");
    assert_eq!(manager.post(&page, &[("csrf", &csrf), ("sd", "10")]).status, 409);
    let mut raw = app.raw();
    let id = id_of(&path);
    let why = raw.refused(&format!("UPDATE plan SET body = '{{}}' WHERE evaluation_id = '{id}'"));
    assert!(why.contains("the plan is fixed"), "{why}");
    let why = raw.refused(&format!("DELETE FROM plan WHERE evaluation_id = '{id}'"));
    assert!(why.contains("never deleted"), "{why}");
    assert_eq!(stored(&app, &path).unwrap().hash, frozen.hash);
    for language in ["zh-CN", "en"] {
        let log = manager.get(&format!("{path}/activity?lang={language}")).text();
        let sentence = message(language, "activity-plan-stored").replace("{ $actor }", "");
        assert!(log.contains(sentence.trim()), "{log}");
    }
}

fn whoever_never_opens_the_page_has_the_usual_plan(backend: Backend) {
    let app = TestApp::spawn(backend);
    let manager = manager(&app);
    let path = draft(&manager);
    let before = targets(&app, &path);
    assert!(stored(&app, &path).is_none());
    step(&manager, &path);
    let frozen = stored(&app, &path).unwrap();
    assert_eq!(targets(&app, &path), before, "freezing changes no target");
    assert_eq!(frozen.plan.targets(), (60, 90));
    assert_eq!(logged(&app, &path, "evaluation.frozen")["plan"], frozen.hash.as_str());
    assert!(!actions(&app, &path).contains(&"plan.stored".to_owned()));
    let mut raw = app.raw();
    let without = "evaluation WHERE state <> 'draft' AND id NOT IN (SELECT evaluation_id FROM plan)";
    assert_eq!(raw.count(without), 0);
    // Reviewer and auditor read it, nobody but a manager may send.
    let own = format!("/evaluations/{}/plan", app.wave.id);
    for role in [Role::Reviewer, Role::Auditor] {
        let reader = app.member(role);
        let page = reader.get(&own);
        assert_eq!(
            (page.status, page.attributes("form", "action").contains(&own)),
            (200, false)
        );
        assert!(page.text().contains(&frozen.plan.sizes().face.to_string()));
    }
}

fn contradictions_are_refused_with_everything_kept(backend: Backend) {
    let app = TestApp::spawn(backend);
    let manager = manager(&app);
    let path = draft(&manager);
    let page = format!("{path}/plan");
    let before = targets(&app, &path);
    let mut form = manager.get(&page).form_to(&page);
    form.write("half_width_all", "9");
    form.write("bound", "95");
    form.write("expected", "90.5");
    form.write("costs", "番禺,3");
    let refused = manager.send(&form);
    assert_eq!(refused.status, 422);
    assert_eq!(
        refused.attributes(".alert a", "href"),
        ["#half_width_all", "#costs", "#expected"]
    );
    assert_eq!(refused.form_to(&page).pairs(), form.pairs(), "everything is kept");
    let mut form = manager.get(&page).form_to(&page);
    form.pick("rule", "cost-optimal");
    let refused = manager.send(&form);
    assert_eq!(
        (refused.status, refused.attributes(".alert a", "href")),
        (422, vec!["#costs".into()])
    );
    assert!(stored(&app, &path).is_none());
    assert_eq!(targets(&app, &path), before);
}

/// What `perception plan` says.
fn command(arguments: &[&str], outlets: &str) -> serde_json::Value {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("outlets.csv"), outlets).unwrap();
    let all = [&["plan", "--format", "json"], arguments].concat();
    let output = perception(folder.path(), &all).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn the_figures_are_those_of_the_command(backend: Backend) {
    let app = TestApp::spawn(backend);
    let manager: Staff = manager(&app);
    let path = draft(&manager);
    let page = format!("{path}/plan");
    let mut form = manager.get(&page).form_to(&page);
    for (field, text) in [
        ("sd", "17.5"),
        ("design_effect", "1.2"),
        ("confidence", "90"),
        ("half_width_face", "3.5"),
        ("half_width_all", "2"),
        ("sds", "天河服务中心,20\n越秀服务中心,10"),
        ("bound", "80"),
        ("expected", "84"),
        ("response_electronic", "20"),
    ] {
        form.write(field, text);
    }
    form.pick("rule", "neyman");
    assert_eq!(manager.send(&form).status, 303);
    let kept = stored(&app, &path).unwrap().plan;
    let given = ["--sd", "0.175", "--design-effect", "1.2", "--population", "590"];
    let answers = |arguments: &[&str]| command(&[arguments, &given].concat(), "")["answers"].as_u64();
    let half_width = |e| answers(&["half-width", "--confidence", "0.9", "--half-width", e]);
    let sizes = kept.sizes();
    assert_eq!(half_width("0.035"), Some(sizes.face_for_half_width));
    assert_eq!(half_width("0.02"), Some(sizes.all_for_half_width));
    let prove = [
        "prove",
        "--threshold",
        "0.8",
        "--truth",
        "0.84",
        "--alpha",
        "0.1",
        "--power",
        "0.8",
    ];
    assert_eq!(answers(&prove), sizes.all_for_proof);
    let visits = command(&["outlets", "--count", "2"], "");
    assert_eq!(
        (visits["outlets"].as_u64(), visits["random_at_least"].as_u64()),
        (Some(sizes.visits), Some(sizes.visits_at_random))
    );
    let outlets: Vec<_> = kept.outlets().iter().collect();
    let lines = format!(
        "outlet,N_customers,sd\n{},322,0.2\n{},268,0.1\n",
        outlets[0].id, outlets[1].id
    );
    for (size, of) in [(sizes.face, 0), (sizes.electronic, 1)] {
        let size = size.to_string();
        let asked = [
            "allocate",
            "outlets.csv",
            "--size",
            &size,
            "--rule",
            "neyman",
            "--response-rate",
            "0.2",
        ];
        let said = command(&asked, &lines);
        for outlet in &outlets {
            let planned = [outlet.target_face, outlet.target_electronic][of];
            assert_eq!(said["answers"][outlet.id.to_string()].as_u64(), Some(planned), "{said}");
            let drawn = said["strata"][outlet.id.to_string()]["draw"].as_u64();
            let invited = kept.invitations(planned).min(outlet.customers.unwrap());
            assert!(of == 0 || drawn == Some(invited), "{said}");
        }
    }
}
