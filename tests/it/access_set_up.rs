//! From an empty installation to people who can sign in: one-time links.

use std::time::Duration;

use perception::access::Role;

use crate::harness::{Backend, Office, PASSWORD, TestApp, message};

both_backends![
    an_empty_installation_becomes_one_with_an_administrator,
    links_run_out_and_work_once,
    two_at_once_make_one_first_administrator,
    who_is_invited_sets_a_password_and_is_in,
    a_new_link_ends_the_old_one_and_every_session,
];

fn an_empty_installation_becomes_one_with_an_administrator(backend: Backend) {
    let app = TestApp::without_people(backend);
    let (link, staff) = (app.link(None), app.stranger());
    assert_eq!(staff.get(&link).status, 200);
    let page = staff.get(&link);
    assert_eq!((page.status, page.header("cache-control")), (200, "no-store"));
    let mut form = page.form_to(&link);
    form.write("name", "周明");
    form.write("registration_no", "A-1");
    form.write("login", "Zhou.Ming");
    for weak in ["short", "zhou.ming1234", "password1234"] {
        form.write("password", weak);
        form.write("password_again", weak);
        let refused = staff.send(&form);
        assert_eq!(refused.status, 422, "{weak}: {}", refused.text());
        assert!(refused.source().contains("周明") && !refused.source().contains(weak));
        assert_eq!(refused.attributes("#password", "aria-invalid"), ["true"]);
    }
    form.write("password", PASSWORD);
    form.write("password_again", "something else again");
    assert_eq!(
        staff.send(&form).attributes("#password_again", "aria-invalid"),
        ["true"]
    );
    form.write("password_again", PASSWORD);
    let entered = staff.send(&form);
    assert_eq!((entered.status, entered.location()), (303, "/account/second-factor"));
    assert_eq!(staff.send(&form).status, 410, "works once");

    // Nothing else opens before the second factor is there.
    let first_sid = staff.cookie("sid").unwrap();
    for path in ["/account", "/people", "/people/new", "/activity"] {
        assert_eq!(staff.get(path).location(), "/account/second-factor", "{path}");
    }
    let page = staff.get("/account/second-factor");
    let secret = page.text_of(".secret");
    assert_eq!(page.attributes("svg.seed path", "d").len(), 1);
    let mut wrong = page.form_to("/account/second-factor");
    wrong.write("code", "12345");
    let again = staff.send(&wrong);
    assert_eq!((again.status, again.text_of(".secret")), (422, secret));
    let (_, codes) = app.enrol(&staff);
    assert_eq!(codes.len(), 10);
    assert_ne!(
        staff.cookie("sid").unwrap(),
        first_sid,
        "a new session after the second factor"
    );
    let own = staff.get("/account");
    assert!(own.status == 200 && own.text().contains("周明") && own.text().contains("zhou.ming"));
    assert_eq!(
        app.actions(),
        ["account.created", "account.password-set", "account.factor-set"]
    );
    assert_eq!(
        app.stranger().get(&app.link(None)).status,
        410,
        "there is an account now"
    );
}

fn links_run_out_and_work_once(backend: Backend) {
    let app = TestApp::without_people(backend);
    let first = app.link(None);
    app.wait(Duration::from_secs(15 * 60 - 5));
    assert_eq!(app.stranger().get(&first).status, 200);
    app.wait(Duration::from_secs(5));
    let gone = app.stranger().get(&first);
    assert_eq!(gone.status, 410);
    let unknown = app.stranger().get("/set-up/AAAA");
    assert_eq!(unknown.text(), gone.text(), "why is not told");

    let person = app.account("li", &[Role::Evaluator]);
    let (link, staff) = (app.link(Some(person)), app.stranger());
    app.wait(Duration::from_secs(24 * 3600 - 5));
    let mut form = staff.get(&link).form_to(&link);
    form.write("password", "another long sentence");
    form.write("password_again", "another long sentence");
    app.wait(Duration::from_secs(5));
    assert_eq!(staff.send(&form).status, 410, "checked when it is used, too");
    assert_eq!(
        app.try_sign_in(&app.stranger(), "li", PASSWORD).status,
        303,
        "nothing changed"
    );
}

fn two_at_once_make_one_first_administrator(backend: Backend) {
    let app = TestApp::without_people(backend);
    let links = [app.link(None), app.link(None)];
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let tries: Vec<_> = links
            .iter()
            .enumerate()
            .map(|(n, link)| {
                let staff = app.stranger();
                scope.spawn(move || {
                    let mut form = staff.get(link).form_to(link);
                    for field in ["name", "registration_no", "login"] {
                        form.write(field, &format!("first{n}"));
                    }
                    form.write("password", PASSWORD);
                    form.write("password_again", PASSWORD);
                    staff.send(&form).status
                })
            })
            .collect();
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let entered = statuses.iter().filter(|status| **status == 303).count();
    assert_eq!((entered, app.raw().count("account")), (1, 1), "{statuses:?}");
}

fn who_is_invited_sets_a_password_and_is_in(backend: Backend) {
    let app = TestApp::without_people(backend);
    app.account("boss", &[Role::Administrator]);
    let boss = app.enter("boss");
    let mut form = boss.get("/people/new").form_to("/people/new");
    form.write("name", "李娜");
    form.write("registration_no", "no boss");
    form.write("login", "boss");
    let refused = boss.send(&form);
    assert_eq!(refused.status, 422);
    assert!(refused.source().contains("李娜") && refused.text().contains(&message("zh-CN", "error-missing")));
    form.check("roles", "evaluator");
    let taken = boss.send(&form);
    assert_eq!(taken.status, 422);
    assert_eq!(taken.attributes("#login", "aria-invalid"), ["true"]);
    assert_eq!(taken.attributes("#registration_no", "aria-invalid"), ["true"]);
    form.write("registration_no", "E-7");
    form.write("login", "li.na");
    let made = boss.send(&form);
    assert_eq!(made.status, 200, "{}", made.text());
    let link = made.text_of("#link");
    let path = link.strip_prefix(&app.base).unwrap().to_owned();
    assert!(!boss.get("/people").source().contains(&path), "shown once");
    assert!(boss.get("/people").text().contains(&message("zh-CN", "people-invited")));
    assert_eq!(
        app.try_sign_in(&app.stranger(), "li.na", "").status,
        422,
        "no password, no way in"
    );

    let invited = app.stranger();
    let mut form = invited.get(&path).form_to(&path);
    form.write("password", PASSWORD);
    form.write("password_again", PASSWORD);
    assert_eq!(invited.send(&form).location(), "/");
    assert_eq!(invited.get("/account").status, 200);
    assert_eq!(invited.get("/people").status, 403);
    assert_eq!(app.try_sign_in(&app.stranger(), "LI.NA", PASSWORD).status, 303);
}

fn a_new_link_ends_the_old_one_and_every_session(backend: Backend) {
    let app = TestApp::without_people(backend);
    let person = app.account("li", &[Role::Evaluator]);
    let (old, new) = (app.link(Some(person)), app.link(Some(person)));
    assert_eq!(app.stranger().get(&old).status, 410);
    let (earlier, staff) = (app.enter("li"), app.stranger());
    let mut form = staff.get(&new).form_to(&new);
    form.write("password", "another long sentence");
    form.write("password_again", "another long sentence");
    assert_eq!(staff.send(&form).status, 303);
    assert_eq!(earlier.get("/account").status, 303, "signed out");
    assert_eq!(app.try_sign_in(&app.stranger(), "li", PASSWORD).status, 422);
    assert_eq!(
        app.try_sign_in(&app.stranger(), "li", "another long sentence").status,
        303
    );
}
