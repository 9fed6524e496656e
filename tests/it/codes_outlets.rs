//! Codes at outlets: made, withdrawn, replaced, limited to dates; who comes too late is counted, and nobody is told what
//! is not theirs.

use std::time::Duration;

use perception::access::Role;
use perception::survey::link::LinkKind;

use crate::harness::{Backend, DAY_MS, Plan, Staff, TestApp, Wave, await_until, message};

both_backends!(
    a_code_is_made_withdrawn_and_replaced,
    a_code_works_on_its_days_only,
    visitors_who_come_too_late_are_counted,
    plates_show_what_works_and_evaluators_see_only_them,
    strangers_learn_nothing_of_codes,
);

fn base(app: &TestApp) -> String {
    format!("/evaluations/{}/codes", app.wave.id)
}

/// What the page of a change asks, answered with a reason.
fn change(staff: &Staff, path: &str, reason: &str) -> u16 {
    let page = staff.get(path);
    assert_eq!(page.status, 200, "{path}: {}", page.text());
    let mut form = page.form_to(path);
    form.write("reason", reason);
    staff.send(&form).status
}

/// Where the plates of the evaluation lead: paths of this server.
fn plates(app: &TestApp, staff: &Staff) -> Vec<String> {
    let page = staff.get(&format!("{}/plates", base(app)));
    assert_eq!(page.status, 200, "{}", page.text());
    let links = page.attributes(".plate a", "href");
    links
        .iter()
        .map(|url| url.strip_prefix(&app.base).unwrap().to_owned())
        .collect()
}

fn events(app: &TestApp, action: &str) -> Vec<serde_json::Value> {
    let sql = format!("SELECT data AS value FROM event WHERE action = '{action}'");
    let texts = app.raw().texts(&sql);
    texts.iter().map(|text| serde_json::from_str(text).unwrap()).collect()
}

fn a_code_is_made_withdrawn_and_replaced(backend: Backend) {
    let app = TestApp::spawn(backend);
    let (manager, customer, base) = (app.member(Role::Manager), app.customer(), base(&app));
    let mut form = manager.get(&base).form_to(&base);
    form.pick("outlet", &app.wave.outlets[1].to_string());
    assert_eq!(manager.send(&form).status, 303);
    let first = plates(&app, &manager);
    assert_eq!(first.len(), 1);
    customer.answer(&first[0], &["consult"], "5").receipt();

    // Replaced: the old one is refused as withdrawn, forms in hand too; the new one works at once.
    let id = app.raw().text("SELECT id AS value FROM link");
    let mut in_hand = customer.begin(&first[0], &["consult"]).form();
    in_hand.rate_all("5");
    let rotate = format!("{base}/{id}/rotate");
    let empty = manager.send(&manager.get(&rotate).form_to(&rotate));
    assert_eq!(empty.status, 422, "no reason, no change");
    assert_eq!(app.raw().count("link"), 1);
    assert_eq!(change(&manager, &rotate, "牌子被拍照外传"), 303);
    await_until(Duration::from_secs(3), "the old code is refused", || {
        customer.get(&first[0]).text_of("h1") == message("zh-CN", "refusal-revoked")
    });
    let late = customer.send(&in_hand);
    assert_eq!(
        (late.status, late.text_of("h1")),
        (410, message("zh-CN", "refusal-revoked"))
    );
    let second = plates(&app, &manager);
    assert!(second.len() == 1 && second != first);
    customer.answer(&second[0], &["consult"], "4").receipt();
    assert_eq!(
        app.raw()
            .number("SELECT CAST(max(generation) AS BIGINT) AS value FROM link"),
        2
    );
    assert_eq!(
        manager.get(&rotate).status,
        404,
        "what was withdrawn is not replaced again"
    );

    // Withdrawn.
    let id = app.raw().text("SELECT id AS value FROM link WHERE generation = 2");
    assert_eq!(change(&manager, &format!("{base}/{id}/revoke"), "网点搬迁"), 303);
    assert!(plates(&app, &manager).is_empty());
    await_until(Duration::from_secs(3), "refused", || {
        customer.get(&second[0]).status == 410
    });
    assert_eq!(app.responses(), 2);
    let reasons: Vec<_> = ["code.rotated", "code.revoked"]
        .map(|action| events(&app, action)[0]["reason"].clone())
        .into();
    assert_eq!(reasons, ["牌子被拍照外传", "网点搬迁"]);
    assert_eq!(events(&app, "code.created").len(), 1);
    app.consistent_tallies();
}

fn a_code_works_on_its_days_only(backend: Backend) {
    let app = TestApp::spawn(backend);
    let (manager, customer, base) = (app.member(Role::Manager), app.customer(), base(&app));
    let link = app.open_link();
    let china_day = |days: i64| {
        let at_ms = app.installation.clock.now_ms() + 8 * 3_600_000 + days * DAY_MS;
        chrono::DateTime::from_timestamp_millis(at_ms)
            .unwrap()
            .date_naive()
            .to_string()
    };
    let dates = format!("{base}/{}/dates", link.id);
    let send = |opens: &str, closes: &str| {
        let mut form = manager.get(&dates).form_to(&dates);
        form.write("opens", opens);
        form.write("closes", closes);
        form.write("reason", "计划变更");
        manager.send(&form)
    };
    let wrong = send(&china_day(3), &china_day(2));
    assert_eq!(wrong.status, 422);
    assert_eq!(wrong.attributes("[role=alert] a", "href"), ["#closes"]);
    let (first, last) = (china_day(2), china_day(3));
    assert_eq!(send(&first, &last).status, 303);
    let shown = manager.get(&dates).form_to(&dates);
    assert_eq!(
        (shown.chosen("opens"), shown.chosen("closes")),
        (vec![&*first], vec![&*last])
    );
    let status = || customer.get(&link.path).status;
    await_until(Duration::from_secs(3), "not yet", || status() == 403);
    assert_eq!(plates(&app, &manager).len(), 1, "its plate is printed before it opens");
    // The whole of the last day counts; hours of the day do not matter, because both ends lie at midnight in China.
    app.installation.clock.advance_ms(2 * DAY_MS);
    assert_eq!(status(), 200);
    app.installation.clock.advance_ms(DAY_MS);
    assert_eq!(status(), 200);
    app.installation.clock.advance_ms(DAY_MS);
    assert_eq!(status(), 410);
    assert_eq!(events(&app, "code.limited").len(), 1);
}

fn visitors_who_come_too_late_are_counted(backend: Backend) {
    let app = TestApp::spawn(backend);
    let customer = app.customer();
    let (link, other) = (app.open_link(), app.open_link());
    app.revoke(&link);
    for _ in 0..5 {
        assert_eq!(customer.get(&link.path).status, 410);
        assert_eq!(
            customer.head(&link.path).status,
            410,
            "whoever asks for heads is no visitor"
        );
    }
    let counted = |what: &str| {
        let sql = format!("SELECT CAST(coalesce(sum(scans), 0) AS BIGINT) AS value FROM link_refusal WHERE {what}");
        app.raw().number(&sql)
    };
    let of = |id: &dyn std::fmt::Display| format!("source_id = '{id}'");
    await_until(Duration::from_secs(5), "five visitors", || counted(&of(&link.id)) == 5);
    app.installation.clock.advance_ms(DAY_MS);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..10).for_each(|_| drop(customer.get(&link.path))));
        }
    });
    await_until(Duration::from_secs(5), "forty more", || counted(&of(&link.id)) == 45);
    assert_eq!(app.raw().count("link_refusal"), 2, "one row per code and day");
    app.close();
    await_until(Duration::from_secs(5), "the other is over, too", || {
        customer.get(&other.path).status == 410 && counted(&of(&other.id)) > 0
    });
    let rows = app.member(Role::Manager).get(&base(&app)).text();
    assert!(
        rows.contains("45") && rows.contains(&message("zh-CN", "codes-state-revoked")),
        "{rows}"
    );
    // A used link that is opened again is nobody's business.
    let wave = Wave::sow(
        &app.installation,
        Plan {
            seed: 9,
            ..Plan::default()
        },
    );
    let personal = wave.link(&app.installation, LinkKind::Personal, 0);
    customer.answer(&personal.path, &["consult"], "5");
    assert_eq!(customer.get(&personal.path).status, 410);
    assert_eq!(counted(&format!("evaluation_id = '{}'", wave.id)), 0);
}

fn plates_show_what_works_and_evaluators_see_only_them(backend: Backend) {
    let app = TestApp::spawn(backend);
    let (manager, evaluator, base) = (app.member(Role::Manager), app.member(Role::Evaluator), base(&app));
    let links = [0, 1, 2].map(|outlet| app.wave.link(&app.installation, LinkKind::Outlet, outlet));
    app.revoke(&links[1]);
    let wanted = vec![links[0].path.clone(), links[2].path.clone()];
    for staff in [&manager, &evaluator] {
        assert_eq!(plates(&app, staff), wanted, "in the order of outlets");
        let drawing = staff.get(&format!("{base}/{}/plate.svg", links[0].id));
        assert_eq!((drawing.status, drawing.header("content-type")), (200, "image/svg+xml"));
        let text = drawing.source();
        for wanted in [
            "浦东服务网点",
            "Pudong outlet",
            "海晴电器有限公司",
            "2026 年度评价",
            "扫码说真话",
        ] {
            assert!(text.contains(wanted), "{wanted}");
        }
        for language in ["zh-CN", "en"] {
            let notice = message(language, "plate-staff").chars().take(8).collect::<String>();
            assert!(text.contains(&notice), "{notice}");
        }
        assert_eq!(staff.get(&format!("{base}/{}/plate.svg", links[1].id)).status, 404);
    }
    for path in ["", "/links", "/sheets", &format!("/{}/revoke", links[0].id)] {
        assert_eq!(evaluator.get(&format!("{base}{path}")).status, 403, "{path}");
    }
    app.close();
    assert!(plates(&app, &manager).is_empty());
    let page = manager.get(&base);
    assert!(
        page.attributes("select[name=outlet]", "name").is_empty(),
        "nothing is made after fieldwork"
    );
    let csrf = page.attributes("input[name=csrf]", "value")[0].clone();
    let outlet = app.wave.outlets[0].to_string();
    assert_eq!(manager.post(&base, &[("csrf", &csrf), ("outlet", &outlet)]).status, 400);
}

fn strangers_learn_nothing_of_codes(backend: Backend) {
    let app = TestApp::spawn(backend);
    let link = app.open_link();
    let elsewhere = Wave::sow(
        &app.installation,
        Plan {
            seed: 5,
            ..Plan::default()
        },
    );
    let foreign = Staff::signed_in(&app.base, &app.installation, &[Role::Manager]).joins(
        &app.installation,
        elsewhere.id,
        Role::Manager,
    );
    let base = base(&app);
    let of_link = ["plate.svg", "revoke", "rotate", "dates"].map(|end| format!("{base}/{}/{end}", link.id));
    let pages = ["", "/plates", "/links", "/sheets"].map(|end| format!("{base}{end}"));
    for path in pages.iter().chain(&of_link) {
        assert_eq!(foreign.get(path).status, 404, "{path}");
        assert_eq!(Staff::stranger(&app.base).get(path).status, 303, "{path}");
    }
    // A code of another evaluation, named inside one's own.
    let own = format!("/evaluations/{}/codes", elsewhere.id);
    let csrf = foreign.csrf(&own);
    for end in ["revoke", "rotate", "dates"] {
        let path = format!("{own}/{}/{end}", link.id);
        assert_eq!(foreign.get(&path).status, 404);
        assert_eq!(foreign.post(&path, &[("csrf", &csrf), ("reason", "x")]).status, 404);
    }
    let outlet = app.wave.outlets[0].to_string();
    assert_eq!(foreign.post(&own, &[("csrf", &csrf), ("outlet", &outlet)]).status, 422);
    assert_eq!(
        foreign.post(&own, &[("outlet", &outlet)]).status,
        403,
        "a form without the session's token"
    );
    assert_eq!((app.raw().count("link"), app.raw().count("link WHERE revoked")), (1, 0));
}
