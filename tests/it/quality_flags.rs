//! What an answer leaves besides its answers: marks that go on schedule, flags that are the same however often they are
//! made, and never a refusal.

use perception::access::Role;
use perception::store::{StoreError, flag, retention, withdrawal};
use perception::survey::evaluation::EvaluationState;

use crate::harness::{Backend, Customer, DAY_MS, TestApp, TestLink};

both_backends!(
    a_burst_is_flagged_whole_and_refuses_nobody,
    a_personal_link_leaves_no_time,
    flags_are_the_same_however_often_they_are_made,
    marks_and_their_key_go_thirty_days_after_fieldwork,
);

const HOUR_MS: i64 = 3_600_000;

/// Moves the clock to this hour of the next day in China.
fn at_hour(app: &TestApp, hour: i64) {
    let now_ms = app.installation.clock.now_ms() + 8 * HOUR_MS;
    let wanted = now_ms - now_ms.rem_euclid(DAY_MS) + DAY_MS + hour * HOUR_MS;
    app.installation.clock.advance_ms(wanted - now_ms);
}

/// Fills in a form with a comment, and with a field that people do not see if `trap` is not empty.
fn say(customer: &Customer, link: &TestLink, code: &str, comment: &str, trap: &str) {
    let mut form = customer.begin(&link.path, &["home"]).form();
    form.rate_all(code);
    form.write("comment", comment);
    let mut pairs = form.pairs();
    pairs.retain(|(name, _)| name != "website");
    pairs.push(("website".into(), trap.into()));
    assert_eq!(customer.post(&form.action, &pairs).status, 303);
}

fn flagged(app: &TestApp, rule: &str) -> i64 {
    app.raw().count(&format!("flag WHERE rule = '{rule}'"))
}

fn pass(app: &TestApp) -> bool {
    flag::complete(&app.installation.store, app.wave.id, app.installation.clock.now_ms()).unwrap()
}

fn a_burst_is_flagged_whole_and_refuses_nobody(backend: Backend) {
    let app = TestApp::spawn(backend);
    let (customer, link) = (app.customer(), app.open_link());
    at_hour(&app, 10);
    for n in 0..5 {
        say(&customer, &link, "4", &format!("comment number {n}"), "");
    }
    assert_eq!(flagged(&app, "BURST"), 0);
    say(&customer, &link, "4", "", "http://spam.example");
    assert_eq!(flagged(&app, "BURST"), 6, "those before the one too many belong to it");
    assert_eq!(
        app.raw().texts("SELECT DISTINCT value FROM flag WHERE rule = 'BURST'"),
        ["6"],
        "no number that grows with the order of arrival"
    );
    assert_eq!((flagged(&app, "TRAP"), flagged(&app, "NIGHT")), (1, 0));
    at_hour(&app, 3);
    say(&customer, &link, "4", "", "");
    assert_eq!((flagged(&app, "BURST"), flagged(&app, "NIGHT")), (6, 1));
    assert_eq!(app.counted(), 7, "a flag excludes nothing");
    app.consistent_tallies();

    // The outlet's own network, registered afterwards by the manager on the page.
    let manager = app.member(Role::Manager);
    let page = format!("/evaluations/{}/monitoring", app.wave.id);
    let action = format!("{page}/networks");
    // Quotas by outlet and channel, electronic answers by way in, and all outlets together.
    let quotas = manager.get(&page).texts_of("table[aria-labelledby=quotas] tbody tr");
    assert_eq!(quotas.len(), 8, "{quotas:?}");
    assert!(
        quotas.iter().filter(|row| row.contains("邀请 0，公开 7")).count() == 2,
        "{quotas:?}"
    );
    let mut form = manager.get(&page).form_to(&action);
    form.write("address", "the Wi-Fi");
    let again = manager.send(&form);
    assert_eq!(
        (again.status, again.form_to(&action).written("address")),
        (422, "the Wi-Fi")
    );
    form.write("address", "127.0.0.1");
    assert_eq!(manager.send(&form).status, 303);
    assert!(pass(&app));
    assert_eq!(flagged(&app, "STAFF_NETWORK"), 7);
    assert_eq!(
        flagged(&app, "DUP_DEVICE"),
        6,
        "one device on one day; the seventh came on another"
    );
    assert_eq!(flagged(&app, "BURST"), 6, "what only the arrival tells is kept");
}

fn a_personal_link_leaves_no_time(backend: Backend) {
    let app = TestApp::spawn(backend);
    let customer = app.customer();
    at_hour(&app, 2);
    for _ in 0..7 {
        say(&customer, &app.personal_link(), "5", "", "");
    }
    assert_eq!((flagged(&app, "BURST"), flagged(&app, "NIGHT")), (0, 0));
    let mut raw = app.raw();
    assert_eq!(raw.count("response_mark"), 7);
    let columns = raw.texts("SELECT DISTINCT device || network AS value FROM response_mark");
    assert_eq!(columns.len(), 1);
    assert!(!columns[0].contains("127.0.0.1"));
}

fn flags_are_the_same_however_often_they_are_made(backend: Backend) {
    let app = TestApp::spawn(backend);
    let (customer, link) = (app.customer(), app.open_link());
    at_hour(&app, 10);
    for comment in [
        "师傅很热情，修得很快，非常满意，下次还来",
        "师傅很热情 修得很快 非常满意 下次还来！",
        "等了三天才有人上门，电话也打不通",
    ] {
        say(&customer, &link, "3", comment, "");
    }
    let mut form = customer.begin(&link.path, &["home"]).form();
    form.rate_all("5");
    form.check("integrity", "filled_in");
    assert_eq!(customer.send(&form).status, 303);
    let receipt = customer.answer(&link.path, &["home"], "2").receipt();
    assert!(pass(&app));
    let all = || {
        app.raw().texts(
            "SELECT response_id || ' ' || rule || ' ' || value || ' ' || threshold AS value FROM flag ORDER BY 1",
        )
    };
    let first = all();
    assert_eq!((flagged(&app, "DUP_COMMENT"), flagged(&app, "FILLED_IN")), (2, 1));
    assert!(flagged(&app, "SPEED_ITEM") >= 4, "{first:?}");
    assert!(pass(&app));
    assert_eq!(all(), first);

    // Withdrawn is withdrawn: nothing about the answer stays but that there was one.
    let receipt = perception::survey::submission::Receipt::parse(&receipt).unwrap();
    let (store, id) = (&app.installation.store, receipt.response_id());
    let catalogue = std::sync::Arc::clone(store.catalogue());
    let gone: Result<_, StoreError> = store.write_blocking(move |tx| withdrawal::withdraw(tx, &catalogue, id, 1));
    assert_eq!(gone.unwrap(), Some(withdrawal::Standing::Withdrawn));
    let mut raw = app.raw();
    for table in ["flag", "response_mark"] {
        assert_eq!(raw.count(&format!("{table} WHERE response_id = '{id}'")), 0);
    }
    app.wave.advance(&app.installation, EvaluationState::Closed).unwrap();
    assert!(pass(&app));
    let last = all();
    assert!(pass(&app), "made for good");
    assert_eq!(all(), last);
    assert_eq!(raw.count("flag_pass WHERE responses = 4 AND is_final"), 1);
}

fn marks_and_their_key_go_thirty_days_after_fieldwork(backend: Backend) {
    let app = TestApp::spawn(backend);
    let (customer, link) = (app.customer(), app.open_link());
    at_hour(&app, 10);
    customer.answer(&link.path, &["home"], "5");
    customer.answer(&link.path, &["home"], "5");
    app.wave.advance(&app.installation, EvaluationState::Closed).unwrap();
    pass(&app);
    let closed_ms = app.installation.clock.now_ms();
    let erase = |at_ms: i64| {
        let erased: Result<usize, StoreError> = app
            .installation
            .store
            .write_blocking(move |tx| retention::apply(tx, at_ms));
        erased.unwrap()
    };
    assert_eq!(
        (erase(closed_ms + 29 * DAY_MS), app.raw().count("response_mark")),
        (0, 2)
    );
    assert_eq!(
        (erase(closed_ms + 31 * DAY_MS), app.raw().count("response_mark")),
        (1, 0)
    );
    assert_eq!(app.raw().count("mark_key"), 0);
    assert_eq!(app.raw().count("event WHERE action = 'marks.erased'"), 1);
    assert_eq!(flagged(&app, "DUP_DEVICE"), 2, "what was found stays");
    // Also when everything is looked at once more, as after a late upload.
    app.raw().execute("UPDATE flag_pass SET is_final = FALSE").unwrap();
    assert!(pass(&app));
    assert_eq!(flagged(&app, "DUP_DEVICE"), 2, "what rests on erased marks stays");
    app.wave.advance(&app.installation, EvaluationState::Sealed).unwrap();
}
