//! Sessions: how long they live, how they end, and what happens to a form that comes too late.

use std::time::Duration;

use perception::access::Role;

use crate::harness::{Backend, Form, Office, PASSWORD, Staff, TestApp, message};

both_backends![
    sessions_end_by_themselves,
    sessions_are_listed_and_ended,
    a_sixth_session_ends_the_one_unseen_longest,
    who_signs_out_is_out,
    acts_that_matter_ask_once_more,
    guessing_at_the_confirmation_ends_the_session,
    a_new_password_ends_every_other_session,
    forms_without_the_right_token_keep_what_was_typed,
    a_form_interrupted_by_the_end_of_a_session_can_be_sent_on,
];

const MINUTE: Duration = Duration::from_secs(60);

fn is_in(staff: &Staff) -> bool {
    staff.get("/account").status == 200
}

fn sessions_end_by_themselves(backend: Backend) {
    let app = TestApp::without_people(backend);
    app.account("desk", &[Role::Manager]);
    app.account("field", &[Role::Evaluator]);
    let (desk, field) = (app.enter("desk"), app.enter("field"));
    app.wait(29 * MINUTE);
    assert!(is_in(&desk));
    // Noted in the background.
    std::thread::sleep(Duration::from_millis(300));
    app.wait(29 * MINUTE);
    assert!(is_in(&desk), "seen 29 minutes ago");
    std::thread::sleep(Duration::from_millis(300));
    app.wait(30 * MINUTE);
    assert!(!is_in(&desk) && is_in(&field));
    std::thread::sleep(Duration::from_millis(300));
    app.wait(120 * MINUTE);
    assert!(!is_in(&field));
    let whole = app.enter("desk");
    for _ in 0..18 {
        app.wait(25 * MINUTE);
        assert!(is_in(&whole));
        std::thread::sleep(Duration::from_millis(150));
    }
    app.wait(29 * MINUTE);
    assert!(is_in(&whole), "7 h 59");
    app.wait(MINUTE);
    assert!(!is_in(&whole), "eight hours in all");
}

fn sessions_are_listed_and_ended(backend: Backend) {
    let app = TestApp::without_people(backend);
    app.account("li", &[Role::Manager]);
    app.account("wang", &[Role::Manager]);
    let (one, two, three, other) = (app.enter("li"), app.enter("li"), app.enter("li"), app.enter("wang"));
    let page = one.get("/account");
    let names: Vec<String> = page.attributes("input[name=session]", "value");
    assert_eq!(names.len(), 3, "two others and all others: {names:?}");
    let csrf = one.csrf("/account");
    // Somebody else's session cannot be ended by its name.
    let foreign = other.csrf("/account");
    for name in &names {
        other.post("/account/sessions/end", &[("csrf", &foreign), ("session", name)]);
    }
    assert!(is_in(&two) && is_in(&three));
    one.post("/account/sessions/end", &[("csrf", &csrf), ("session", &names[0])]);
    assert_eq!([&two, &three].iter().filter(|staff| is_in(staff)).count(), 1);
    one.post("/account/sessions/end", &[("csrf", &csrf), ("session", "others")]);
    assert!(is_in(&one) && !is_in(&two) && !is_in(&three) && is_in(&other));
}

fn a_sixth_session_ends_the_one_unseen_longest(backend: Backend) {
    let app = TestApp::without_people(backend);
    app.account("li", &[Role::Manager]);
    let all: Vec<Staff> = (0..6)
        .map(|_| {
            app.wait(Duration::from_secs(1));
            app.enter("li")
        })
        .collect();
    let alive: Vec<bool> = all.iter().map(is_in).collect();
    assert_eq!(alive, [false, true, true, true, true, true]);
}

fn who_signs_out_is_out(backend: Backend) {
    let app = TestApp::without_people(backend);
    app.account("li", &[Role::Manager]);
    let staff = app.enter("li");
    let sid = staff.cookie("sid").unwrap();
    let page = staff.get("/account");
    let refused = staff.post("/sign-out", &[("csrf", "x")]);
    assert_eq!(refused.status, 403);
    assert!(is_in(&staff));
    let out = staff.send(&page.form_to("/sign-out"));
    assert_eq!((out.status, out.location()), (303, "/sign-in"));
    assert_eq!(out.header("clear-site-data"), "\"cache\"");
    assert_eq!(staff.cookie("sid"), None);
    staff.set_cookie("sid", &sid);
    assert!(!is_in(&staff), "ended on the server, not in the browser alone");
    assert_eq!(app.actions().last().unwrap(), "account.signed-out");
}

fn acts_that_matter_ask_once_more(backend: Backend) {
    let app = TestApp::without_people(backend);
    app.account("boss", &[Role::Administrator]);
    let boss = app.enter("boss");
    assert_eq!(boss.get("/people/new").status, 200);
    let mut late = boss.get("/people/new").form_to("/people/new");
    late.write("name", "李娜");
    app.wait(10 * MINUTE + Duration::from_secs(1));
    assert_eq!(boss.get("/people/new").location(), "/confirm?next=/people/new");
    assert_eq!(
        boss.get("/people").status,
        200,
        "looking at the list is not changing it"
    );
    let kept = boss.send(&late);
    assert_eq!(kept.status, 403);
    assert!(kept.source().contains("李娜") && kept.text().contains(&message("zh-CN", "interrupted-prove")));
    let sid = boss.cookie("sid").unwrap();
    let mut form = boss.get("/confirm?next=/people/new").form_to("/confirm");
    form.write("password", "wrong");
    assert_eq!(boss.send(&form).status, 422);
    form.write("password", PASSWORD);
    let confirmed = boss.send(&form);
    assert_eq!((confirmed.status, confirmed.location()), (303, "/people/new"));
    assert_ne!(boss.cookie("sid").unwrap(), sid);
    assert_eq!(boss.get("/people/new").status, 200);
    // What was interrupted can be sent on.
    let again = boss.send(&kept.form_to("/people/new"));
    assert!(
        again.status == 403 && again.source().contains("李娜"),
        "of an earlier session: shown once more"
    );
    let sent = boss.send(&again.form_to("/people/new"));
    assert!(sent.status == 422 && sent.source().contains("李娜"));
}

fn guessing_at_the_confirmation_ends_the_session(backend: Backend) {
    let app = TestApp::without_people(backend);
    app.account("li", &[Role::Manager]);
    let staff = app.enter("li");
    let mut form = staff.get("/confirm").form_to("/confirm");
    form.write("password", "wrong");
    for _ in 0..5 {
        assert_eq!(staff.send(&form).status, 422);
    }
    form.write("password", PASSWORD);
    assert_eq!(staff.send(&form).location(), "/sign-in?next=/");
    assert!(!is_in(&staff));
}

fn a_new_password_ends_every_other_session(backend: Backend) {
    let app = TestApp::without_people(backend);
    app.account("li", &[Role::Manager]);
    let (staff, other) = (app.enter("li"), app.enter("li"));
    let sid = staff.cookie("sid").unwrap();
    let mut form = staff.get("/account/password").form_to("/account/password");
    let new = "quite another sentence";
    form.write("password_current", "wrong");
    form.write("password", new);
    form.write("password_again", new);
    assert_eq!(
        staff.send(&form).attributes("#password_current", "aria-invalid"),
        ["true"]
    );
    form.write("password_current", PASSWORD);
    assert_eq!(staff.send(&form).location(), "/account");
    assert_ne!(staff.cookie("sid").unwrap(), sid);
    assert!(is_in(&staff) && !is_in(&other));
    assert_eq!(app.try_sign_in(&app.stranger(), "li", PASSWORD).status, 422);
    assert_eq!(app.try_sign_in(&app.stranger(), "li", new).status, 303);
}

fn new_person(csrf: &str) -> [(&str, &str); 5] {
    [
        ("csrf", csrf),
        ("name", "李娜"),
        ("registration_no", "E-7"),
        ("login", "li.na"),
        ("roles", "evaluator"),
    ]
}

fn forms_without_the_right_token_keep_what_was_typed(backend: Backend) {
    let app = TestApp::without_people(backend);
    app.account("boss", &[Role::Administrator]);
    app.account("other", &[Role::Administrator]);
    let (boss, other) = (app.enter("boss"), app.enter("other"));
    let old = boss.csrf("/account");
    boss.send(&filled_confirmation(&boss));
    for csrf in ["", "x", &other.csrf("/account"), &old] {
        let page = boss.post("/people/new", &new_person(csrf));
        assert_eq!(page.status, 403, "{csrf}");
        assert!(page.source().contains("李娜") && page.source().contains("E-7"));
    }
    let foreign = [("origin", "https://evil.example")];
    let right = boss.csrf("/account");
    assert_eq!(boss.post_from("/people/new", &new_person(&right), &foreign).status, 403);
    assert_eq!(app.raw().count("account"), 2, "nothing was done");
    let page = boss.post("/people/new", &new_person(&old));
    assert_eq!(
        boss.send(&page.form_to("/people/new")).status,
        200,
        "confirmed by one more click"
    );
    assert_eq!(app.raw().count("account"), 3);
}

fn filled_confirmation(staff: &Staff) -> Form {
    let mut form = staff.get("/confirm").form_to("/confirm");
    form.write("password", PASSWORD);
    form
}

fn a_form_interrupted_by_the_end_of_a_session_can_be_sent_on(backend: Backend) {
    let app = TestApp::without_people(backend);
    app.account("boss", &[Role::Administrator]);
    let boss = app.enter("boss");
    let csrf = boss.csrf("/people/new");
    app.wait(31 * MINUTE);
    let page = boss.post("/people/new", &new_person(&csrf));
    assert_eq!(page.status, 401);
    assert!(page.source().contains("李娜"));
    assert_eq!(page.attributes("a[target=_blank]", "href"), ["/sign-in"]);
    assert_eq!(app.try_sign_in(&boss, "boss", PASSWORD).status, 303);
    let again = boss.send(&page.form_to("/people/new"));
    assert_eq!(
        again.status,
        403,
        "shown once more under the new session: {}",
        again.text()
    );
    assert_eq!(boss.send(&again.form_to("/people/new")).status, 200);
    assert_eq!(app.raw().count("account"), 2);
}
