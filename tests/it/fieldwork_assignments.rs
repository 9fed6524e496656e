//! Assignments: made before their day for evaluators who declared no conflict, followed on their day; what became of
//! approaches; paper forms entered later.

use chrono::{Days, NaiveDate};
use perception::access::Role;
use perception::clock::day_in_china;
use perception::store::{StoreError, assignment, conflict, event, fieldwork};
use perception::survey::assignment::{Assignment, Part, Selection, Slot};

use crate::harness::{Backend, Form, Page, Staff, TestApp, message};
use crate::interview_journey::{at, begin, filled};

both_backends!(
    only_who_declared_no_conflict_is_assigned,
    an_assignment_is_followed_on_its_day,
    outcome_rates_are_those_of_the_published_table,
    a_paper_form_is_entered_once,
    the_form_on_paper_asks_what_the_screen_asks,
);

fn page(app: &TestApp, end: &str) -> String {
    format!("/evaluations/{}/{end}", app.wave.id)
}

fn today(app: &TestApp) -> NaiveDate {
    day_in_china(app.installation.clock.now_ms())
}

fn declare(app: &TestApp, evaluator: &Staff, answer: &str) {
    let path = page(app, "conflict");
    let mut form = evaluator.get(&path).form_to(&path);
    form.pick("conflicted", answer);
    form.write("explanation", if answer == "yes" { "姐姐在该企业" } else { "" });
    assert_eq!(evaluator.send(&form).status, 303);
}

fn filled_in(app: &TestApp, manager: &Staff, evaluator: &Staff, (ahead, part, target): (u64, &str, &str)) -> Form {
    let path = page(app, "assignments");
    let mut form = manager.get(&path).form_to(&path);
    form.pick("evaluator", &evaluator.person.unwrap().to_string());
    form.pick("outlet", &app.wave.outlets[0].to_string());
    form.write("day", &(today(app) + Days::new(ahead)).to_string());
    form.pick("part", part);
    form.write("target", target);
    form.pick("selection", "every");
    form.write("step", "3");
    form
}

fn assigned(app: &TestApp) -> Vec<(Part, u32)> {
    let id = app.wave.id;
    let read = app
        .installation
        .store
        .read_blocking(move |conn| assignment::list(conn, id));
    read.unwrap()
        .into_iter()
        .map(|one| (one.slot.part, one.target))
        .collect()
}

fn only_who_declared_no_conflict_is_assigned(backend: Backend) {
    let app = TestApp::spawn(backend);
    let (manager, evaluator) = (app.member(Role::Manager), app.member(Role::Evaluator));
    let refused = |form: &Form, field: &str, key: &str| {
        let page = manager.send(form);
        assert_eq!(
            (page.status, page.attributes("[role=alert] a", "href")),
            (422, vec![format!("#{field}")])
        );
        assert!(page.text().contains(&message("zh-CN", key)), "{}", page.text());
        assert_eq!(
            page.form_to(&form.action).pairs(),
            form.pairs(),
            "everything that was typed"
        );
    };
    let tomorrow = filled_in(&app, &manager, &evaluator, (1, "morning", "6"));
    refused(&tomorrow, "evaluator", "assign-error-declaration");
    assert!(
        manager
            .get(&page(&app, "assignments"))
            .attributes("main a", "href")
            .contains(&page(&app, "conflict"))
    );

    declare(&app, &evaluator, "no");
    refused(
        &filled_in(&app, &manager, &evaluator, (0, "morning", "6")),
        "day",
        "assign-error-day",
    );
    for _ in 0..2 {
        assert_eq!(manager.send(&tomorrow).status, 303);
    }
    refused(
        &filled_in(&app, &manager, &evaluator, (1, "whole", "6")),
        "part",
        "error-taken",
    );
    assert_eq!(
        manager
            .send(&filled_in(&app, &manager, &evaluator, (1, "morning", "4")))
            .status,
        303
    );
    assert_eq!(
        manager
            .send(&filled_in(&app, &manager, &evaluator, (1, "afternoon", "5")))
            .status,
        303
    );
    assert_eq!(assigned(&app), [(Part::Morning, 4), (Part::Afternoon, 5)]);

    // One is taken back by its link.
    let grid = manager.get(&page(&app, "assignments"));
    let change = grid.attributes("td a", "href").into_iter().next().unwrap();
    let open = manager.get(change.split('#').next().unwrap());
    assert_eq!(open.form_to(&page(&app, "assignments")).chosen("target"), ["4"]);
    assert_eq!(
        manager.send(&open.form_to(&page(&app, "assignments/withdraw"))).status,
        303
    );
    assert_eq!(assigned(&app), [(Part::Afternoon, 5)]);

    // Who declares a conflict is sent nowhere any more.
    declare(&app, &evaluator, "yes");
    assert_eq!(assigned(&app), []);
    assert_eq!(
        manager.get(&page(&app, "assignments")).attributes("td a", "href").len(),
        0
    );
    let (id, outlet) = (app.wave.id, app.wave.outlets[0].to_string());
    let history = app
        .installation
        .store
        .read_blocking(move |conn| event::list_by_object(conn, id, &outlet))
        .unwrap();
    let actions: Vec<&str> = history.iter().map(|event| event.action.as_str()).collect();
    let (set, withdrawn) = ("assignment.set", "assignment.withdrawn");
    assert_eq!(actions, [set, set, set, set, withdrawn]);

    // The database refuses it, too, and keeps every row.
    let mut raw = app.raw();
    raw.refused(
        "INSERT INTO assignment SELECT evaluation_id, seq + 90, outlet_id, evaluator_id, day, part, 9, step, list, at_ms \
         FROM assignment WHERE seq = 1",
    );
    raw.refused("UPDATE assignment SET target = 9");
    raw.refused("DELETE FROM assignment");
    assert_eq!(raw.count("assignment"), 5);
}

/// An assignment of today, as it was made yesterday.
fn assign_today(app: &TestApp, evaluator: &Staff, target: u32) {
    let (id, who, outlet) = (app.wave.id, evaluator.person.unwrap(), app.wave.outlets[0]);
    let (day, at_ms) = (today(app), app.installation.clock.now_ms());
    let slot = Slot {
        day,
        part: Part::Whole,
        outlet,
        evaluator: who,
    };
    let new = Assignment {
        slot,
        target,
        selection: Selection::Every(4),
    };
    let made = app.installation.store.write_blocking(move |tx| {
        conflict::declare(tx, id, (false, ""), (who, at_ms))?;
        assignment::set(tx, id, &new, day - Days::new(1), (who, at_ms))
    });
    made.unwrap();
}

fn an_assignment_is_followed_on_its_day(backend: Backend) {
    let app = TestApp::spawn(backend);
    let evaluator = app.member(Role::Evaluator);
    let unassigned = evaluator.get("/today");
    assert!(unassigned.text().contains(&message("zh-CN", "today-unassigned")));
    assign_today(&app, &evaluator, 6);
    let start = evaluator.get("/today");
    assert!(
        start.text().contains("已完成 0 / 目标 6") && start.text().contains("每第 4 位离开的顾客"),
        "{}",
        start.text()
    );
    let begins = start.attributes("main a.button.main", "href");
    assert_eq!(
        (begins[0].as_str(), begins.len()),
        (at(&app, 0, "interview").as_str(), 3),
        "assigned first, each once"
    );

    let interview = evaluator.follow(evaluator.get(&begins[0]));
    assert_eq!(
        interview.form_to(&interview.path).chosen("selection_rule"),
        ["每第 4 位离开的顾客"]
    );
    evaluator
        .follow(evaluator.send(&filled(&interview, &["outlet"], "5")))
        .receipt();
    let path = at(&app, 0, "approach");
    let mut form = evaluator.get(&path).form_to(&path);
    form.pick("outcome", "240");
    evaluator.send(&form);
    assert!(evaluator.get("/today").text().contains("已完成 1 / 目标 6"));
    // The manager sees the same; another evaluator has a day of their own.
    assert!(
        app.member(Role::Manager)
            .get(&page(&app, "assignments"))
            .text()
            .contains("1/6")
    );
    assert!(
        app.member(Role::Evaluator)
            .get("/today")
            .text()
            .contains(&message("zh-CN", "today-unassigned"))
    );
}

fn outcome_rates_are_those_of_the_published_table(backend: Backend) {
    let app = TestApp::spawn(backend);
    let evaluator = app.member(Role::Evaluator);
    for _ in 0..3 {
        evaluator
            .follow(evaluator.send(&filled(&begin(&app, &evaluator), &["outlet"], "5")))
            .receipt();
    }
    let mut near = filled(&begin(&app, &evaluator), &["outlet"], "4");
    near.pick("staff_within_earshot", "yes");
    evaluator.follow(evaluator.send(&near)).receipt();
    let path = at(&app, 1, "approach");
    for (code, reason) in [("210", "fear"), ("210", "fear"), ("240", ""), ("220", ""), ("250", "")] {
        let mut form = evaluator.get(&path).form_to(&path);
        form.pick("outcome", code);
        if !reason.is_empty() {
            form.pick("refusal_reason", reason);
        }
        assert_eq!(evaluator.send(&form).status, 303);
    }
    // I 4, R 2, NC 1, U 1, NE 1: RR1 4/8, COOP1 4/6, CON1 6/8, REF1 2/8.
    let contacts = app.member(Role::Reviewer).get(&page(&app, "contacts"));
    let cells = contacts.texts_of("table[aria-labelledby=rates] tbody tr:first-child td");
    assert_eq!(
        cells,
        [
            "9", "50.0 %", "66.6 %", "75.0 %", "25.0 %", "4", "0", "2", "1", "0", "1", "1"
        ]
    );
    let text = contacts.text();
    for words in [
        "怕影响售后或关系 2",
        "230 语言或身体原因 language or health O — —",
        "240 没联系上/没回复 no contact / no reply NC UO —",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let (id, outlets) = (app.wave.id, app.wave.outlets.clone());
    let table: Result<_, StoreError> = app
        .installation
        .store
        .read_blocking(move |conn| fieldwork::fieldwork_table(conn, id));
    let table = table.unwrap();
    let who = evaluator.person.unwrap();
    let shop = &table.rows[&(who, outlets[0])];
    assert_eq!((shop.contacts.done(), shop.staff_present, shop.on_paper), (4, 1, 0));
    assert_eq!(table.rows[&(who, outlets[1])].reasons["fear"], 2);
    assert_eq!(table.all.contacts.approached(), 9);
}

fn paper(app: &TestApp, evaluator: &Staff) -> Page {
    let page = evaluator.follow(evaluator.get(&at(app, 0, "paper")));
    assert_eq!(page.status, 200, "{}", page.text());
    page
}

fn a_paper_form_is_entered_once(backend: Backend) {
    let app = TestApp::spawn(backend);
    let evaluator = app.member(Role::Evaluator);
    let yesterday = today(&app) - Days::new(1);
    let bare = evaluator.send(&filled(&paper(&app, &evaluator), &["outlet"], "5"));
    let fields = ["paper_form_no", "paper_day", "paper_start", "paper_end", "paper_reason"];
    assert_eq!(
        (bare.status, bare.attributes("[role=alert] a", "href")),
        (422, fields.map(|field| format!("#{field}")).to_vec())
    );
    let noted = |number: &str, end: &str| {
        let mut form = filled(&paper(&app, &evaluator), &["outlet"], "5");
        form.write("paper_form_no", number);
        form.write("paper_day", &yesterday.to_string());
        form.write("paper_start", "10:00");
        form.write("paper_end", end);
        form.write("paper_reason", "地下室没有信号");
        form
    };
    let backwards = evaluator.send(&noted("A-001", "09:59"));
    assert_eq!(
        (backwards.status, backwards.attributes("[role=alert] a", "href")),
        (422, vec!["#paper_end".to_owned()])
    );
    let form = noted("A-001", "10:06");
    let receipt = evaluator.follow(evaluator.send(&form)).receipt();
    assert_eq!(
        evaluator.follow(evaluator.send(&form)).receipt(),
        receipt,
        "sent twice, stored once"
    );

    let again = noted("A-001", "10:20");
    let refused = evaluator.send(&again);
    assert_eq!(
        (refused.status, refused.attributes("[role=alert] a", "href")),
        (422, vec!["#paper_form_no".to_owned()])
    );
    assert_eq!(
        refused.form_to(&again.action).pairs(),
        again.pairs(),
        "everything that was typed"
    );
    assert_eq!(app.responses(), 1);

    let mut raw = app.raw();
    let midnight_ms = yesterday.and_hms_opt(0, 0, 0).unwrap().and_utc().timestamp_millis() - 8 * 3_600_000;
    let started = raw.number("SELECT started_at_ms AS value FROM interview");
    assert_eq!(started, midnight_ms + 10 * 3_600_000);
    assert_eq!(
        raw.number("SELECT CAST(duration_s AS BIGINT) AS value FROM response_content"),
        360
    );
    assert_eq!(raw.text("SELECT evidence_class AS value FROM response"), "face");
    assert_eq!(
        raw.text("SELECT reason AS value FROM paper_form WHERE form_no = 'A-001'"),
        "地下室没有信号"
    );
    let late = raw.number("SELECT p.entered_at_ms - i.ended_at_ms AS value FROM paper_form p, interview i");
    assert!(late > 0);
    raw.refused("UPDATE paper_form SET form_no = 'A-002'");
    raw.refused("DELETE FROM paper_form");
    assert_eq!(raw.count("event WHERE action = 'paper.entered'"), 1);
    let id = app.wave.id;
    let table = app
        .installation
        .store
        .read_blocking(move |conn| fieldwork::fieldwork_table(conn, id))
        .unwrap();
    assert_eq!((table.all.on_paper, table.all.median_duration_s()), (1, Some(360)));
    app.consistent_tallies();
}

fn the_form_on_paper_asks_what_the_screen_asks(backend: Backend) {
    let app = TestApp::spawn(backend);
    let evaluator = app.member(Role::Evaluator);
    let screen = begin(&app, &evaluator);
    let sheet = evaluator.get(&page(&app, "paper"));
    let printed = sheet.text_of(".paper");
    // The reasons of a refusal stand on the page of approaches.
    for legend in screen.texts_of("form.interview section > fieldset legend") {
        let question = legend.split_whitespace().next().unwrap().to_owned();
        assert!(printed.contains(&question), "{question}");
    }
    for reason in screen.texts_of("form.interview .why .choice") {
        assert!(printed.contains(reason.trim()), "{reason}");
    }
    assert!(printed.contains("打 2 分及以下时"));
    let form = screen.form_to(&screen.path);
    let ratings = form
        .radio_groups()
        .into_iter()
        .filter(|name| form.values(name).contains(&"5"));
    assert_eq!(sheet.attributes(".asks li.rate", "class").len(), ratings.count());
    assert!(printed.contains("纸质问卷号") && sheet.attributes(".paper svg, .paper img", "src").is_empty());
    let cards = sheet.texts_of(".card-sheet li");
    assert_eq!(cards, screen.texts_of(".showcard li"));
}
