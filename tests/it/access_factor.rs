//! The second factor.

use std::time::Duration;

use perception::access::Role;

use crate::harness::{Backend, Office, PASSWORD, Page, Staff, TestApp, code_of};

both_backends![
    a_code_is_asked_and_works_once,
    a_recovery_code_works_once,
    five_wrong_codes_lead_back_to_the_password,
    codes_cannot_be_guessed_faster_with_the_password,
    another_device_takes_the_place_of_the_first,
    the_seed_is_sealed,
    who_merely_knows_the_password_signs_nobody_out,
];

const STEP: Duration = Duration::from_secs(30);

/// Somebody with a second factor; its secret and recovery codes.
fn enrolled(app: &TestApp, login: &str) -> (String, Vec<String>) {
    app.account(login, &[Role::Evaluator]);
    let codes = app.enrol(&app.enter(login));
    // The code that confirmed it is used up.
    app.wait(STEP);
    codes
}

fn half(app: &TestApp, login: &str) -> Staff {
    let staff = app.stranger();
    let page = app.try_sign_in(&staff, login, PASSWORD);
    assert_eq!(page.location(), "/sign-in/code?next=/");
    staff
}

fn type_code(staff: &Staff, code: &str) -> Page {
    let mut form = staff.get("/sign-in/code").form_to("/sign-in/code");
    form.write("code", code);
    staff.send(&form)
}

fn a_code_is_asked_and_works_once(backend: Backend) {
    let app = TestApp::without_people(backend);
    let (secret, _) = enrolled(&app, "li");
    let staff = half(&app, "li");
    let (half_sid, code) = (staff.cookie("sid").unwrap(), code_of(&secret, app.now_ms()));
    for path in ["/account", "/account/second-factor", "/confirm"] {
        assert_eq!(
            staff.get(path).location(),
            format!("/sign-in?next={path}"),
            "half is not in"
        );
    }
    assert_eq!(type_code(&staff, "000").status, 422);
    let foreign = staff.post("/sign-in/code", &[("code", &code), ("csrf", "x")]);
    assert_eq!(foreign.status, 422, "a form without this session's token");
    let entered = type_code(&staff, &code);
    assert_eq!((entered.status, entered.location()), (303, "/"));
    assert_ne!(staff.cookie("sid").unwrap(), half_sid);
    assert_eq!(staff.get("/account").status, 200);
    // Watched over the shoulder: the same code again, and the one of the step before.
    let thief = half(&app, "li");
    assert_eq!(type_code(&thief, &code).status, 422);
    assert_eq!(type_code(&thief, &code_of(&secret, app.now_ms() - 30_000)).status, 422);
    // The step before is accepted where it is new: a slow typist.
    let code = code_of(&secret, app.now_ms() + 30_000);
    app.wait(2 * STEP);
    assert_eq!(type_code(&thief, &code).status, 303);
}

fn a_recovery_code_works_once(backend: Backend) {
    let app = TestApp::without_people(backend);
    let (_, codes) = enrolled(&app, "li");
    let staff = half(&app, "li");
    assert_eq!(type_code(&staff, &codes[3].to_lowercase()).status, 303);
    assert!(staff.get("/account/second-factor").text().contains(" 9 "));
    assert_eq!(type_code(&half(&app, "li"), &codes[3]).status, 422);
    let page = staff
        .get("/account/second-factor")
        .form_to("/account/second-factor/codes");
    let new = staff.send(&page).texts_of(".secret");
    assert_eq!(new.len(), 10);
    assert_eq!(
        type_code(&half(&app, "li"), &codes[4]).status,
        422,
        "the old ones are gone"
    );
    assert_eq!(type_code(&half(&app, "li"), &new[0]).status, 303);
    let stored = app.raw().texts("SELECT code_hash AS value FROM recovery_code");
    assert!(
        stored
            .iter()
            .all(|hash| !new.iter().any(|code| code.replace(' ', "") == *hash))
    );
}

fn five_wrong_codes_lead_back_to_the_password(backend: Backend) {
    let app = TestApp::without_people(backend);
    let (secret, _) = enrolled(&app, "li");
    let staff = half(&app, "li");
    for _ in 0..5 {
        assert_eq!(type_code(&staff, "000000").status, 422);
        app.wait(Duration::from_secs(61));
    }
    let last = type_code(&staff, &code_of(&secret, app.now_ms()));
    assert_eq!(last.status, 422);
    assert_eq!(
        last.attributes("#password", "value"),
        [""],
        "back to the password: {}",
        last.text()
    );
    assert_eq!(staff.get("/sign-in/code").location(), "/sign-in?next=/");
}

fn codes_cannot_be_guessed_faster_with_the_password(backend: Backend) {
    let app = TestApp::without_people(backend);
    enrolled(&app, "li");
    // Eleven tries would take two minutes of waiting; these take seconds.
    let waited = (0..12).any(|_| {
        let staff = app.stranger();
        app.try_sign_in(&staff, "li", PASSWORD).status == 429 || type_code(&staff, "000000").status == 429
    });
    assert!(waited, "a known password does not buy free guesses at codes");
}

fn another_device_takes_the_place_of_the_first(backend: Backend) {
    let app = TestApp::without_people(backend);
    let (old, _) = enrolled(&app, "li");
    let staff = half(&app, "li");
    assert_eq!(type_code(&staff, &code_of(&old, app.now_ms())).status, 303);
    app.wait(STEP);
    let page = staff.get("/account/second-factor/device");
    let secret = page.text_of(".secret").replace(' ', "");
    let mut form = page.form_to("/account/second-factor");
    form.write("code", &code_of(&old, app.now_ms()));
    assert_eq!(
        staff.send(&form).status,
        422,
        "the new device must show that it has the new seed"
    );
    form.write("code", &code_of(&secret, app.now_ms()));
    assert_eq!(staff.send(&form).status, 200);
    app.wait(STEP);
    let again = half(&app, "li");
    assert_eq!(type_code(&again, &code_of(&old, app.now_ms())).status, 422);
    assert_eq!(type_code(&again, &code_of(&secret, app.now_ms())).status, 303);
    // Later it takes a fresh proof.
    app.wait(Duration::from_secs(11 * 60));
    let page = again.get("/account/second-factor/device");
    assert_eq!(page.location(), "/confirm?next=/account/second-factor/device");
}

fn the_seed_is_sealed(backend: Backend) {
    let app = TestApp::without_people(backend);
    let (secret, _) = enrolled(&app, "li");
    enrolled(&app, "wang");
    let bytes = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
    let of = |login: &str| format!("SELECT totp_secret AS value FROM account WHERE login = '{login}'");
    let stored = ["li", "wang"].map(|login| app.raw().text(&of(login)));
    assert!(
        stored
            .iter()
            .all(|seed| seed.starts_with("v1.") && !seed.contains(&secret))
    );
    let sealed = data_encoding::BASE64URL_NOPAD
        .decode(&stored[0].as_bytes()[3..])
        .unwrap();
    assert!(!sealed.windows(20).any(|part| part == bytes));
    // Moved to somebody else, it does not open.
    let moved = format!("UPDATE account SET totp_secret = '{}' WHERE login = 'wang'", stored[0]);
    app.raw().execute(&moved).unwrap();
    let staff = half(&app, "wang");
    assert_eq!(type_code(&staff, &code_of(&secret, app.now_ms())).status, 500);
}

fn who_merely_knows_the_password_signs_nobody_out(backend: Backend) {
    let app = TestApp::without_people(backend);
    app.account("li", &[Role::Evaluator]);
    let owner = app.enter("li");
    app.enrol(&owner);
    for _ in 0..7 {
        half(&app, "li");
    }
    assert_eq!(owner.get("/account").status, 200);
    assert_eq!(app.raw().count("session WHERE stage = 'password'"), 5);
}
