//! What a manager changes while an evaluation is a draft, and what can no longer be changed afterwards.

use perception::store::outlet;
use perception::survey::language::Language;

use crate::harness::{Backend, Plan, Staff, TestApp, message};
use crate::office_plan::{actions, draft, filled, id_of, manager, step};

both_backends!(
    outlets_are_planned_in_the_draft_and_only_corrected_later,
    title_scope_and_instrument_change_in_the_draft_only,
    the_preview_shows_customers_pages_and_sends_nothing,
    known_organisations_are_not_typed_again,
);

fn outlets_are_planned_in_the_draft_and_only_corrected_later(backend: Backend) {
    let app = TestApp::spawn(backend);
    let manager = manager(&app);
    let path = draft(&manager);
    let list = format!("{path}/outlets");
    let names = || -> Vec<(String, i32)> {
        let id = id_of(&path);
        let read = app
            .installation
            .store
            .read_blocking(|conn| outlet::list(conn, id))
            .unwrap();
        let name = |o: &outlet::Outlet| o.name.get(Language::ZhCn).to_owned();
        read.iter().map(|o| (name(o), o.target_face)).collect()
    };
    assert_eq!(names(), [("天河服务中心".into(), 30), ("越秀服务中心".into(), 30)]);
    let mut form = manager.get(&list).form_to(&list);
    form.write("outlets", "海珠服务中心");
    assert_eq!(manager.send(&form).status, 303);

    let page = manager.get(&list);
    let raise = page
        .attributes("form", "action")
        .into_iter()
        .filter(|a| a.ends_with("/raise"))
        .collect::<Vec<_>>();
    assert_eq!(raise.len(), 2, "the first one cannot go up");
    assert_eq!(manager.send(&page.form_to(&raise[1])).status, 303);
    let order: Vec<String> = names().into_iter().map(|(name, _)| name).collect();
    assert_eq!(order, ["天河服务中心", "海珠服务中心", "越秀服务中心"]);

    let page = manager.get(&list);
    let remove = page
        .attributes("form", "action")
        .into_iter()
        .find(|a| a.ends_with("/remove"))
        .unwrap();
    assert_eq!(manager.send(&page.form_to(&remove)).status, 303);
    assert_eq!(names().len(), 2);

    let edit = page
        .attributes("a", "href")
        .into_iter()
        .rfind(|a| a.contains("/outlets/"))
        .unwrap();
    let mut form = manager.get(&edit).form_to(&edit);
    form.write("target_face", "1２");
    form.write("visitors_per_day", "多");
    let refused = manager.send(&form);
    assert_eq!(
        (refused.status, refused.attributes(".alert a", "href")),
        (422, vec!["#visitors_per_day".into()])
    );
    let mut form = refused.form_to(&edit);
    form.write("visitors_per_day", "80");
    assert_eq!(manager.send(&form).status, 303);
    assert_eq!(names()[1].1, 12);

    step(&manager, &path);
    let fixed = manager.get(&list);
    assert!(
        !fixed
            .attributes("form", "action")
            .iter()
            .any(|a| a.contains("/outlets")),
        "{}",
        fixed.text()
    );
    let mut form = manager.get(&edit).form_to(&edit);
    assert!(!form.visible().contains(&"target_face".to_owned()));
    form.write("hours", "周一至周六 9:00–18:00");
    assert_eq!(manager.send(&form).status, 303);
    assert_eq!(names()[1].1, 12, "a correction leaves the plan alone");
    let csrf = manager.csrf("/");
    for late in [format!("{edit}/remove"), format!("{edit}/raise")] {
        assert_eq!(manager.post(&late, &[("csrf", &csrf)]).status, 409);
    }
    assert_eq!(manager.post(&list, &[("csrf", &csrf), ("outlets", "番禺")]).status, 409);
    let of_another = format!("{path}/outlets/{}", app.wave.outlets[0]);
    assert_eq!(manager.get(&of_another).status, 404, "another evaluation's outlet");
    let outlet_events = actions(&app, &path)
        .into_iter()
        .filter(|a| a.starts_with("outlet."))
        .collect::<Vec<_>>();
    assert_eq!(
        outlet_events,
        [
            "outlet.added",
            "outlet.added",
            "outlet.added",
            "outlet.raised",
            "outlet.removed",
            "outlet.changed",
            "outlet.changed"
        ]
    );
}

fn title_scope_and_instrument_change_in_the_draft_only(backend: Backend) {
    let app = TestApp::spawn_with(
        backend,
        Plan {
            approval: true,
            ..Plan::default()
        },
        |_| {},
    );
    let manager = manager(&app);
    let path = draft(&manager);
    let settings = format!("{path}/settings");
    let mut form = manager.get(&settings).form_to(&settings);
    assert_eq!(form.written("scope"), "定制家具的配送、安装和维修");
    form.write("scope", "定制家具的安装");
    form.write("products", "衣柜 | Wardrobe\n床");
    form.pick("mode", "special");
    assert_eq!(manager.send(&form).status, 303);
    let again = manager.get(&settings).form_to(&settings);
    assert_eq!(
        (again.written("products"), again.chosen("mode")),
        ("衣柜 | Wardrobe\n床", vec!["special"])
    );

    // This database knows a second method; the draft may use it.
    let instrument = format!("{path}/instrument");
    let mut form = manager.get(&instrument).form_to(&instrument);
    let before = form.chosen("method").concat();
    let other = form
        .values("method")
        .into_iter()
        .find(|hash| *hash != before)
        .unwrap()
        .to_owned();
    form.pick("method", &other);
    assert_eq!(manager.send(&form).status, 303);
    let page = manager.get(&instrument);
    assert_eq!(page.form_to(&instrument).chosen("method").concat(), other);
    assert!(
        page.text().contains(&message("zh-CN", "method-approval-required")),
        "{}",
        page.text()
    );
    let csrf = manager.csrf("/");
    let unknown = [("csrf", csrf.as_str()), ("questionnaire", "0000"), ("method", &other)];
    assert_eq!(manager.post(&instrument, &unknown).status, 422);

    step(&manager, &path);
    let questionnaire = form.chosen("questionnaire").concat();
    let late = [
        ("csrf", csrf.as_str()),
        ("questionnaire", &questionnaire),
        ("method", &before),
    ];
    assert_eq!(
        (manager.post(&instrument, &late).status, manager.get(&settings).status),
        (409, 409)
    );
    assert!(
        !manager
            .get(&instrument)
            .attributes("form", "action")
            .contains(&instrument)
    );
    let changed = actions(&app, &path);
    assert!(changed.contains(&"evaluation.changed".into()) && changed.contains(&"instrument.chosen".into()));
}

fn the_preview_shows_customers_pages_and_sends_nothing(backend: Backend) {
    let app = TestApp::spawn(backend);
    let manager = manager(&app);
    let path = draft(&manager);
    let before = app.responses();
    let preview = manager.get(&format!("{path}/preview?lang=en"));
    assert!(preview.header("content-security-policy").contains("frame-src 'self'"));
    assert!(
        preview
            .header("content-security-policy")
            .contains("frame-ancestors 'none'")
    );
    let framed = preview.attributes("iframe", "src");
    assert_eq!(framed.len(), 2);
    assert!(
        preview
            .attributes("iframe", "sandbox")
            .iter()
            .all(|allowed| allowed == "allow-same-origin")
    );
    for address in &framed {
        let page = manager.get(address);
        let policy = page.header("content-security-policy");
        assert!(
            page.status == 200 && policy.contains("form-action 'none'") && policy.contains("frame-ancestors 'self'")
        );
        assert_eq!(page.language(), "en");
        let form = page.form();
        assert_eq!(manager.send(&form).status, 405, "its address takes no form");
        // Nobody without the role sees it, and nobody at all without an account.
        assert_eq!(Staff::stranger(&app.base).get(address).status, 303);
    }
    let rating = manager.get(&framed[1]);
    assert!(rating.form().radio_groups().len() > 24, "every item is shown");
    assert_eq!(manager.get(&format!("{path}/preview/receipt")).status, 404);
    assert_eq!(app.responses(), before);
}

fn known_organisations_are_not_typed_again(backend: Backend) {
    let app = TestApp::spawn(backend);
    let manager = manager(&app);
    let organisations = app.raw().count("organisation");
    let mut form = filled(&manager);
    let known = form.values("organisation").last().unwrap().to_string();
    form.pick("organisation", &known);
    form.write("firm", "");
    assert_eq!(manager.send(&form).status, 303);
    assert_eq!(app.raw().count("organisation"), organisations);
    let csrf = manager.csrf("/");
    let mut pairs: Vec<(String, String)> = form.pairs();
    for (name, value) in &mut pairs {
        match name.as_str() {
            "organisation" => *value = app.wave.id.to_string(),
            "csrf" => value.clone_from(&csrf),
            _ => {}
        }
    }
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let refused = manager.post("/evaluations/new", &pairs);
    assert_eq!(
        (refused.status, refused.attributes(".alert a", "href")),
        (422, vec!["#organisation".into()])
    );
}
