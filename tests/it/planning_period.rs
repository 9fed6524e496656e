//! What the approved plan says of ways and days holds for everything that arrives.

use std::time::Duration;

use perception::access::Role;
use perception::clock::{day_began_ms, day_in_china};
use perception::store::{StoreError, deviation, plan};
use perception::survey::deviation::Change;
use perception::survey::evaluation::EvaluationState;
use perception::survey::id::PersonId;
use perception::survey::link::LinkKind;
use perception::survey::plan_review::Verdict;
use perception::survey::plan_scope::{Scope, Way};

use crate::harness::{Backend, DAY_MS, Plan, TestApp, await_until, message};
use crate::interview_journey::{begin, filled};
use crate::offline_device::{Device, id as client, states};

both_backends!(answers_come_in_by_the_ways_and_in_the_days_of_the_plan);

const MINUTE_MS: i64 = 60_000;

/// An open evaluation with plates and letters, in the field tomorrow and the day after, for three days more at most.
fn planned(backend: Backend) -> (TestApp, Scope) {
    let draft = Plan {
        state: EvaluationState::Draft,
        ..Plan::default()
    };
    let app = TestApp::spawn_with(backend, draft, |_| {});
    let (id, now_ms) = (app.wave.id, app.installation.clock.now_ms());
    let scope = Scope {
        ways: vec![Way::Plate, Way::Mail],
        first_day: Some(day_in_china(now_ms + DAY_MS)),
        last_day: Some(day_in_china(now_ms + 2 * DAY_MS)),
        extension_days: 3,
        ..Scope::usual()
    };
    let stored = scope.clone();
    let put = app.installation.store.write_blocking(move |tx| {
        let usual = plan::present(tx.conn, id)?;
        plan::put(tx, id, &usual.scoped(stored.clone()))
    });
    put.unwrap();
    for state in [EvaluationState::Frozen, EvaluationState::Open] {
        app.wave.advance(&app.installation, state).unwrap();
    }
    (app, scope)
}

fn answers_come_in_by_the_ways_and_in_the_days_of_the_plan(backend: Backend) {
    let (app, scope) = planned(backend);
    let (clock, customer) = (&app.installation.clock, app.customer());
    let (first, last) = (scope.first_day.unwrap().to_string(), scope.last_day.unwrap());
    let (plate, slip) = (app.open_link(), app.wave.link(&app.installation, LinkKind::Printed, 0));
    let early = customer.get(&plate.path);
    assert!(early.status == 403 && early.text().contains(&first), "{}", early.text());

    // To the last minute of the last day.
    let end_ms = day_began_ms(clock.now_ms()) + 3 * DAY_MS;
    clock.advance_ms(end_ms - MINUTE_MS - clock.now_ms());
    let foreign = customer.get(&format!("{}?lang=en", slip.path));
    assert_eq!(foreign.status, 403);
    assert!(
        foreign.text().contains(&message("en", "refusal-unforeseen")),
        "{}",
        foreign.text()
    );
    let mut forms = [0, 1].map(|_| customer.begin(&plate.path, &["home"]).form());
    forms.iter_mut().for_each(|form| form.rate_all("4"));
    forms[1].write("comment", "师傅很耐心");
    let evaluator = app.member(Role::Evaluator);
    let device = Device {
        app: &app,
        evaluator: &evaluator,
        offset_ms: 0,
    };
    let in_time = device.interview(&client(1), "5");
    let online = filled(&begin(&app, &evaluator), &["outlet"], "5");

    // Half an hour later nothing begins any more; what was begun in time is taken.
    clock.advance_ms(30 * MINUTE_MS);
    let over = customer.get(&plate.path);
    assert!(
        over.status == 410 && over.text().contains(&last.to_string()),
        "{}",
        over.text()
    );
    assert_eq!(customer.send(&forms[0]).status, 303);
    assert_eq!(evaluator.send(&online).status, 303);
    let mut outside = online.pairs();
    outside.retain(|(name, _)| name != "csrf");
    let outside = device.item(&client(2), "interview", &outside, Some(0));
    clock.advance_ms(6 * MINUTE_MS);
    let list = format!("/evaluations/{}/interviews", app.wave.id);
    let page = evaluator.get(&list);
    assert!(page.text().contains(&last.to_string()), "{}", page.text());
    assert!(page.attributes("a.button.main", "href").is_empty());
    let began = evaluator.get(&format!(
        "/evaluations/{}/outlets/{}/interview",
        app.wave.id, app.wave.outlets[0]
    ));
    assert_eq!(began.location(), list);

    // An hour after the end a form comes too late, and with it comes back what was typed; an interview taken in time is taken
    // whenever it comes, one taken outside waits for a reviewer.
    clock.advance_ms(30 * MINUTE_MS);
    let refused = customer.send(&forms[1]);
    assert_eq!(refused.status, 410);
    assert!(
        refused.text_of("[role=alert]").contains(&last.to_string()),
        "{}",
        refused.text()
    );
    assert_eq!(refused.form().pairs(), forms[1].pairs(), "everything that was typed");
    assert!(refused.texts_of("form button").is_empty());
    let made_after = device.item(&client(3), "approach", &approach(), Some(0));
    let told = states(&device.upload(&[in_time, outside, made_after]));
    let told: Vec<&str> = told.iter().map(|(state, _)| state.as_str()).collect();
    assert_eq!(told, ["stored", "late", "late"]);
    assert_eq!((app.responses(), app.counted()), (3, 3));
    let reviewer = app.member(Role::Reviewer);
    let uploads = reviewer.get(&format!("/evaluations/{}/uploads", app.wave.id)).text();
    assert!(uploads.contains(&message("zh-CN", "uploads-outside")), "{uploads}");

    // Extended as planned and approved, it goes on; the database takes no other change.
    let (id, now_ms) = (app.wave.id, clock.now_ms());
    let extended = app
        .installation
        .store
        .write_blocking(move |tx| -> Result<(), StoreError> {
            let by = |n| PersonId::from_random([n; 16]);
            let change = Change::Period(last + chrono::Days::new(3));
            deviation::propose(tx, id, (&change, "雨天顾客少"), (by(1), now_ms)).unwrap();
            deviation::review(tx, id, 1, (Verdict::Approve, ""), (by(2), now_ms)).unwrap();
            Ok(())
        });
    extended.unwrap();
    await_until(Duration::from_secs(5), "the code works again", || {
        customer.get(&plate.path).status == 200
    });
    customer.answer(&plate.path, &["home"], "5");
    let mut raw = app.raw();
    for change in [
        "field_until_ms = field_until_ms - 1",
        "field_until_ms = NULL",
        "field_from_ms = NULL",
        "field_ways = NULL",
    ] {
        let why = raw.refused(&format!("UPDATE evaluation SET {change}"));
        assert!(why.contains("is fixed"), "{why}");
    }
    app.consistent_tallies();
}

fn approach() -> Vec<(String, String)> {
    let pairs = [("contact_no", "7"), ("outcome", "210"), ("refusal_reason", "fear")];
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
}
