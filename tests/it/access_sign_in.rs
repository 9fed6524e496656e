//! Signing in, and what guessing gets.

use std::time::Duration;

use perception::access::Role;

use crate::harness::{Backend, Office, PASSWORD, Plan, TestApp};

both_backends![
    each_step_has_a_session_of_its_own,
    nobody_learns_which_logins_exist,
    guessing_has_to_wait_but_the_owner_does_not,
    a_network_that_guesses_has_to_wait,
    load_tests_are_not_limited_by_network_but_accounts_stay_safe,
    failures_become_few_events_without_what_was_typed,
    nobody_is_sent_elsewhere,
    a_password_hashed_weakly_is_hashed_anew,
];

fn each_step_has_a_session_of_its_own(backend: Backend) {
    let app = TestApp::without_people(backend);
    app.account("li", &[Role::Evaluator]);
    let staff = app.stranger();
    staff.set_cookie("sid", "chosen-by-somebody-else");
    let page = app.try_sign_in(&staff, "li", PASSWORD);
    assert_eq!((page.status, page.location()), (303, "/"));
    let first = staff.cookie("sid").unwrap();
    assert_ne!(first, "chosen-by-somebody-else");
    let cookie = page
        .headers
        .get_all("set-cookie")
        .iter()
        .find(|c| c.to_str().unwrap().starts_with("sid="));
    let cookie = cookie.unwrap().to_str().unwrap();
    for flag in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(flag), "{cookie}");
    }
    assert!(!cookie.contains("Max-Age") && !cookie.contains("Domain"), "{cookie}");
    assert_eq!(app.raw().count("session"), 1);
    assert!(
        !app.raw()
            .text("SELECT token_hash AS value FROM session")
            .contains(&first)
    );

    // Signing in again in the same browser ends the session before.
    staff.set_cookie("sid", &first);
    let form = [("login", "li"), ("password", PASSWORD), ("next", "/account")];
    let page = staff.post("/sign-in", &form);
    assert_eq!(page.location(), "/account");
    assert_ne!(staff.cookie("sid").unwrap(), first);
    assert_eq!(app.raw().count("session"), 1);

    let second = app.stranger();
    second.set_cookie("sid", &first);
    assert_eq!(second.get("/account").location(), "/sign-in?next=/account");
}

fn nobody_learns_which_logins_exist(backend: Backend) {
    let app = TestApp::without_people(backend);
    app.account("known", &[Role::Evaluator]);
    let disabled = app.account("gone", &[Role::Evaluator]);
    let off =
        move |tx: &mut perception::store::WriteTx<'_>| perception::store::account::set_disabled(tx, disabled, true);
    app.installation.store.write_blocking(off).unwrap();
    let hashing = &app.installation.hashing;
    let tried = |login: &str, password: &str| {
        let before = hashing.done();
        let page = app.try_sign_in(&app.stranger(), login, password);
        (page.status, page.text(), hashing.done() - before)
    };
    let wrong = tried("known", "not the password at all");
    assert_eq!((wrong.0, wrong.2), (422, 1));
    for (login, password) in [
        ("nobody", PASSWORD),
        ("gone", PASSWORD),
        ("gone", "not the password at all"),
        ("", ""),
    ] {
        assert_eq!(tried(login, password), wrong, "{login}");
    }
}

fn guessing_has_to_wait_but_the_owner_does_not(backend: Backend) {
    let app = TestApp::without_people(backend);
    app.account("li", &[Role::Evaluator]);
    let owner = app.enter("li");
    let outsider = app.stranger();
    for login in ["li", "nobody"] {
        fail_nine_times(&app, login);
        let hashed = app.installation.hashing.done();
        let page = app.try_sign_in(&outsider, login, PASSWORD);
        let seconds: i64 = page.header("retry-after").parse().unwrap();
        assert!(
            page.status == 429 && (1..=60).contains(&seconds),
            "{login}: {}",
            page.text()
        );
        assert_eq!(page.attributes("#login", "value"), [login], "what was typed stays");
        assert_eq!(page.attributes("#password", "value"), [""]);
        assert_eq!(app.installation.hashing.done(), hashed, "no work for who must wait");
    }
    app.account("other", &[Role::Evaluator]);
    let other = app.enter("other");
    fail_nine_times(&app, "li");
    // The owner's own browser has its own counter; somebody else's does not help.
    let right = [("login", "li"), ("password", PASSWORD)];
    assert_eq!(other.post("/sign-in", &right).status, 429);
    assert_eq!(owner.post("/sign-in", &right).status, 303);
    app.wait(Duration::from_secs(60));
    assert_eq!(
        app.try_sign_in(&outsider, "li", PASSWORD).status,
        303,
        "never locked for good"
    );
}

/// After it the next try has to wait 32 s at least; the network's counter starts anew.
fn fail_nine_times(app: &TestApp, login: &str) {
    app.wait(Duration::from_secs(601));
    for _ in 0..9 {
        assert_eq!(app.try_sign_in(&app.stranger(), login, "wrong").status, 422);
        app.wait(Duration::from_secs(60));
    }
    assert_eq!(app.try_sign_in(&app.stranger(), login, "wrong").status, 422);
}

fn a_network_that_guesses_has_to_wait(backend: Backend) {
    let app = TestApp::without_people(backend);
    app.account("li", &[Role::Evaluator]);
    let owner = app.enter("li");
    for n in 0..30 {
        assert_eq!(app.try_sign_in(&app.stranger(), &format!("guess{n}"), "x").status, 422);
    }
    let page = app.try_sign_in(&app.stranger(), "li", PASSWORD);
    assert_eq!(page.status, 429);
    assert!(page.header("retry-after").parse::<i64>().unwrap() > 500);
    assert_eq!(
        owner
            .post("/sign-in", &[("login", "li"), ("password", PASSWORD)])
            .status,
        303
    );
    app.wait(Duration::from_secs(600));
    assert_eq!(app.try_sign_in(&app.stranger(), "li", PASSWORD).status, 303);
}

fn load_tests_are_not_limited_by_network_but_accounts_stay_safe(backend: Backend) {
    let app = TestApp::spawn_with(backend, Plan::default(), |settings| settings.rate_limit = "off".into());
    for n in 0..31 {
        assert_eq!(app.try_sign_in(&app.stranger(), &format!("guess{n}"), "x").status, 422);
    }
    fail_nine_times(&app, "li");
    assert_eq!(app.try_sign_in(&app.stranger(), "li", "x").status, 429);
}

fn failures_become_few_events_without_what_was_typed(backend: Backend) {
    let app = TestApp::without_people(backend);
    let person = app.account("li", &[Role::Evaluator]);
    for login in ["li", "secret-of-a-stranger"] {
        for _ in 0..5 {
            app.try_sign_in(&app.stranger(), login, "wrong");
        }
    }
    app.wait(Duration::from_secs(1));
    app.enter("li");
    let events = app.events();
    let told: Vec<(&str, &str, &str)> = events
        .iter()
        .rev()
        .map(|e| (e.action.as_str(), e.object.as_str(), e.data.as_str()))
        .collect();
    let id = person.to_string();
    assert_eq!(
        told,
        [
            ("account.sign-in-failed", id.as_str(), "{\"failures\":5}"),
            ("account.sign-in-failed", "", "{\"failures\":5}"),
            ("account.signed-in", id.as_str(), "{\"failures\":5}"),
        ]
    );
}

fn nobody_is_sent_elsewhere(backend: Backend) {
    let app = TestApp::without_people(backend);
    app.account("li", &[Role::Evaluator]);
    for (next, way) in [
        ("//evil.example", "/"),
        ("https://evil.example/", "/"),
        ("/account", "/account"),
        ("/\\evil.example", "/"),
    ] {
        let form = [("login", "li"), ("password", PASSWORD), ("next", next)];
        assert_eq!(app.stranger().post("/sign-in", &form).header("location"), way, "{next}");
    }
    let foreign = [("sec-fetch-site", "cross-site")];
    let page = app
        .stranger()
        .post_from("/sign-in", &[("login", "li"), ("password", PASSWORD)], &foreign);
    assert_eq!(page.status, 403, "signing somebody in from elsewhere");
    assert_eq!(
        app.stranger().post_from("/sign-in", &[("login", "li")], &[]).status,
        403
    );
}

fn a_password_hashed_weakly_is_hashed_anew(backend: Backend) {
    use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};
    let app = TestApp::without_people(backend);
    let person = app.account("li", &[Role::Evaluator]);
    let weak = Argon2::new(
        Algorithm::Argon2id,
        Version::V0x13,
        Params::new(64, 1, 1, None).unwrap(),
    );
    let hash = weak
        .hash_password_with_salt(PASSWORD.as_bytes(), &[7; 16])
        .unwrap()
        .to_string();
    let set =
        move |tx: &mut perception::store::WriteTx<'_>| perception::store::account::set_password(tx, person, &hash);
    app.installation.store.write_blocking(set).unwrap();
    app.enter("li");
    let stored = app.raw().text("SELECT password_hash AS value FROM account");
    assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
    app.enter("li");
    assert_eq!(app.raw().text("SELECT password_hash AS value FROM account"), stored);
}
