//! What an administrator may do to other people's accounts, and never to their own.

use perception::access::Role;

use crate::harness::{Backend, Office, PASSWORD, Staff, TestApp, message};

both_backends![
    who_is_disabled_is_out_at_once,
    changed_roles_end_sessions_and_count_at_the_next_sign_in,
    a_second_factor_is_reset_by_another_administrator_only,
    somebody_always_administers,
    what_happened_can_be_read,
];

fn act(staff: &Staff, path: &str) -> u16 {
    let csrf = staff.csrf("/account");
    staff.post(path, &[("csrf", &csrf)]).status
}

fn who_is_disabled_is_out_at_once(backend: Backend) {
    let app = TestApp::without_people(backend);
    app.account("boss", &[Role::Administrator]);
    let person = app.account("li", &[Role::Evaluator]);
    let (boss, staff, link) = (app.enter("boss"), app.enter("li"), app.link(Some(person)));
    assert_eq!(act(&boss, &format!("/people/{person}/disable")), 303);
    assert_eq!(staff.get("/account").location(), "/sign-in?next=/account");
    assert_eq!(app.try_sign_in(&staff, "li", PASSWORD).status, 422);
    assert_eq!(app.stranger().get(&link).status, 410);
    assert_eq!(
        act(&boss, &format!("/people/{person}/link")),
        403,
        "no link for a disabled account"
    );
    assert!(
        boss.get("/people")
            .text()
            .contains(&message("zh-CN", "people-disabled"))
    );
    assert_eq!(act(&boss, &format!("/people/{person}/enable")), 303);
    assert_eq!(staff.get("/account").status, 303, "a session that ended stays ended");
    assert_eq!(app.try_sign_in(&staff, "li", PASSWORD).status, 303);
}

fn changed_roles_end_sessions_and_count_at_the_next_sign_in(backend: Backend) {
    let app = TestApp::without_people(backend);
    app.account("boss", &[Role::Administrator]);
    let person = app.account("li", &[Role::Evaluator]);
    let (boss, staff) = (app.enter("boss"), app.enter("li"));
    assert_eq!(staff.get("/people").status, 403);
    let path = format!("/people/{person}");
    let page = boss.get(&path);
    let mut form = page.form_to(&format!("{path}/roles"));
    assert_eq!(form.chosen("roles"), ["evaluator"]);
    form.check("roles", "administrator");
    assert_eq!(boss.send(&form).location(), path);
    assert_eq!(staff.get("/account").status, 303);
    let staff = app.enter("li");
    assert_eq!(staff.get("/people").status, 200);
    let csrf = boss.csrf(&path);
    let none = boss.post(&format!("{path}/roles"), &[("csrf", &csrf)]);
    assert_eq!(none.status, 422);
    assert_eq!(
        boss.post(&format!("{path}/roles"), &[("csrf", &csrf), ("roles", "king")])
            .status,
        422
    );
}

fn a_second_factor_is_reset_by_another_administrator_only(backend: Backend) {
    let app = TestApp::without_people(backend);
    let own = app.account("boss", &[Role::Administrator]);
    let person = app.account("li", &[Role::Reviewer]);
    let boss = app.enter("boss");
    app.enrol(&app.enter("li"));
    let half = app.stranger();
    assert!(
        app.try_sign_in(&half, "li", PASSWORD)
            .location()
            .starts_with("/sign-in/code")
    );
    assert_eq!(act(&boss, &format!("/people/{person}/second-factor")), 303);
    assert_eq!(half.get("/sign-in/code").location(), "/sign-in?next=/");
    assert_eq!(app.try_sign_in(&half, "li", PASSWORD).location(), "/");
    assert_eq!(app.raw().count("recovery_code"), 0);
    let last = &app.events()[1];
    assert_eq!(
        (last.action.as_str(), &last.actor, &last.object),
        ("account.factor-reset", &own.to_string(), &person.to_string())
    );
    app.enrol(&boss);
    for end in ["second-factor", "disable", "roles", "link", "enable"] {
        assert_eq!(act(&boss, &format!("/people/{own}/{end}")), 403, "{end} of one's own");
    }
    assert!(
        boss.get(&format!("/people/{own}"))
            .text()
            .contains(&message("zh-CN", "people-self"))
    );
    assert_eq!(boss.get("/account").status, 200);
}

fn somebody_always_administers(backend: Backend) {
    let app = TestApp::without_people(backend);
    let one = app.account("one", &[Role::Administrator]);
    let two = app.account("two", &[Role::Administrator]);
    let (first, second) = (app.enter("one"), app.enter("two"));
    let (first_csrf, second_csrf) = (first.csrf("/account"), second.csrf("/account"));
    // Both at once: one of them must stay.
    std::thread::scope(|scope| {
        let a = scope.spawn(|| {
            first
                .post(&format!("/people/{two}/disable"), &[("csrf", &first_csrf)])
                .status
        });
        let b = scope.spawn(|| {
            second
                .post(&format!("/people/{one}/disable"), &[("csrf", &second_csrf)])
                .status
        });
        let statuses = [a.join().unwrap(), b.join().unwrap()];
        assert!(statuses.contains(&303), "{statuses:?}");
    });
    let left = app.raw().count("account WHERE NOT disabled");
    assert_eq!(left, 1);
}

fn what_happened_can_be_read(backend: Backend) {
    let app = TestApp::without_people(backend);
    app.account("boss", &[Role::Administrator]);
    let person = app.account("li", &[Role::Evaluator]);
    let boss = app.enter("boss");
    for _ in 0..26 {
        assert_eq!(act(&boss, &format!("/people/{person}/disable")), 303);
        assert_eq!(act(&boss, &format!("/people/{person}/enable")), 303);
    }
    let page = boss.get("/activity");
    assert_eq!((page.status, page.header("cache-control")), (200, "no-store"));
    let text = page.text();
    assert!(text.contains(&message("zh-CN", "account-did-disabled")) && text.contains("boss") && text.contains("li"));
    assert_eq!(page.texts_of("tbody tr").len(), 50);
    let older = boss.get("/activity?page=2");
    assert_eq!(older.texts_of("tbody tr").len(), 3);
    assert!(older.text().contains(&message("zh-CN", "account-did-signed-in")));
    assert!(boss.get("/activity?page=99999999999999999999&lang=en").status == 200);
}
