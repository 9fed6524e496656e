//! An evaluator's day: outlets and targets, interviews, customers who may not take part.

use perception::access::Role;
use perception::store::disposition::{self, Approach};
use perception::survey::disposition::Code;
use perception::survey::id::{DispositionId, PersonId};
use perception::survey::interview::{ContactNo, Ending};

use crate::harness::{Backend, DAY_MS, Form, Page, Staff, TestApp, message};

both_backends!(
    an_interview_goes_from_the_start_page_to_the_customers_receipt,
    a_refused_interview_comes_back_as_it_was,
    only_what_applies_is_read,
    a_disqualifying_answer_is_counted_under_the_evaluator,
    after_closing_everything_typed_stays_on_the_page,
);

/// `/evaluations/…/outlets/…` of the evaluation's outlets.
pub fn at(app: &TestApp, outlet: usize, page: &str) -> String {
    format!(
        "/evaluations/{}/outlets/{}/{page}",
        app.wave.id, app.wave.outlets[outlet]
    )
}

/// The page of a new interview at the first outlet.
pub fn begin(app: &TestApp, evaluator: &Staff) -> Page {
    let page = evaluator.follow(evaluator.get(&at(app, 0, "interview")));
    assert_eq!(page.status, 200, "{}", page.text());
    page
}

/// The form of a page, filled in for a customer who used these services.
pub fn filled(page: &Page, services: &[&str], rating: &str) -> Form {
    let mut form = page.form_to(&page.path);
    form.check("consent", "yes");
    for (field, value) in [
        ("age18", "yes"),
        ("service_12m", "yes"),
        ("conflict", "no"),
        ("place", "outside"),
    ] {
        form.pick(field, value);
    }
    for service in services {
        form.check("services", service);
    }
    form.rate_all(rating);
    for field in ["id_card_shown", "show_card_used"] {
        form.pick(field, "yes");
    }
    for field in ["staff_within_earshot", "others_present"] {
        form.pick(field, "no");
    }
    form.write("selection_rule", "每第 3 位");
    form.check("evaluator_declaration", "yes");
    form
}

fn an_interview_goes_from_the_start_page_to_the_customers_receipt(backend: Backend) {
    let app = TestApp::spawn(backend);
    let evaluator = app.member(Role::Evaluator);
    nobody_there_the_day_before(&app, evaluator.person.unwrap());
    let today = evaluator.get("/today");
    assert!(
        today.text().contains("浦东服务网点") && today.text().contains("已完成 0 / 计划 20"),
        "{}",
        today.text()
    );
    let begins = today.attributes("main a.button.main", "href");
    assert_eq!(begins.len(), 3);

    let page = evaluator.follow(evaluator.get(&begins[0]));
    assert_eq!(page.status, 200, "{}", page.text());
    for words in [
        "的评价员person-",
        "海晴电器有限公司",
        "5 非常满意",
        "个人信息处理者",
        "您满意吗？",
    ] {
        assert!(page.text().contains(words), "{words}");
    }
    assert_eq!(
        evaluator.get(&page.path).attributes("form", "action"),
        page.attributes("form", "action")
    );
    app.installation.clock.advance_ms(5 * 60_000);
    let mut form = filled(&page, &["outlet", "complaint"], "4");
    assert_eq!(form.chosen("contact_no"), ["2"]);
    form.pick("complaint_fee", "no");
    form.write("comment", "很好");
    form.write("notes", "顾客很耐心\n愿意再访");
    let receipt = evaluator.follow(evaluator.send(&form));
    assert_eq!(
        (receipt.status, receipt.receipt().len()),
        (200, 19),
        "{}",
        receipt.text()
    );

    let mut raw = app.raw();
    assert_eq!(app.responses(), 1);
    let who = evaluator.person.unwrap().to_string();
    assert_eq!(raw.text("SELECT evaluator_id AS value FROM response"), who);
    assert_eq!(raw.text("SELECT evidence_class AS value FROM response"), "face");
    assert_eq!(
        raw.text("SELECT outlet_id AS value FROM interview"),
        app.wave.outlets[0].to_string()
    );
    assert_eq!(
        raw.number("SELECT CAST(ended_at_ms - started_at_ms - 300000 AS BIGINT) AS value FROM interview") / 30_000,
        0
    );
    assert_eq!(
        raw.number("SELECT CAST(duration_s AS BIGINT) AS value FROM response_content") / 30,
        10
    );
    let protocol: serde_json::Value =
        serde_json::from_str(&raw.text("SELECT protocol AS value FROM interview")).unwrap();
    assert_eq!(
        protocol,
        serde_json::json!({
            "id_card_shown": true, "show_card_used": true, "staff_within_earshot": false, "others_present": false,
            "selection_rule": "每第 3 位", "dialect": "", "paper_form_no": "", "notes": "顾客很耐心\n愿意再访",
            "evaluator_declaration": true,
        })
    );
    // The next one goes on where this one stopped.
    let next = begin(&app, &evaluator);
    let next = next.form_to(&next.path);
    assert_eq!(
        (next.chosen("contact_no"), next.chosen("selection_rule")),
        (vec!["3"], vec!["每第 3 位"])
    );
    let after = evaluator.get("/today").text();
    assert!(
        after.contains("已完成 1 / 计划 20") && after.contains("我今天：完成 1，接触 1 · 我累计：完成 1，接触 2"),
        "{after}"
    );
    app.consistent_tallies();
}

fn nobody_there_the_day_before(app: &TestApp, evaluator: PersonId) {
    let approach = Approach {
        id: DispositionId::from_random(rand::random()),
        evaluation: app.wave.id,
        outlet: app.wave.outlets[0],
        evaluator,
        ending: Ending {
            code: Code::NoContact,
            contact_no: ContactNo::FIRST,
            refusal_reason: None,
        },
        at_ms: app.installation.clock.now_ms() - DAY_MS,
        is_late: false,
    };
    let instrument = app.wave.instrument.clone();
    let store = &app.installation.store;
    let stored = store.write_blocking(move |tx| disposition::record_approach(tx, &instrument, &approach));
    assert!(stored.unwrap());
}

fn a_refused_interview_comes_back_as_it_was(backend: Backend) {
    let app = TestApp::spawn(backend);
    let evaluator = app.member(Role::Evaluator);
    let page = evaluator.get(&format!("{}?lang=en", begin(&app, &evaluator).path));
    let action = page.path.split('?').next().unwrap().to_owned();
    let empty = evaluator.send(&page.form_to(&action));
    assert_eq!((empty.status, empty.language().as_str()), (422, "en"));
    let fields = [
        "consent",
        "age18",
        "service_12m",
        "conflict",
        "services",
        "F01",
        "place",
        "id_card_shown",
        "show_card_used",
        "staff_within_earshot",
        "others_present",
        "selection_rule",
        "evaluator_declaration",
    ];
    let wanted: Vec<String> = fields.iter().map(|field| format!("#{field}")).collect();
    assert_eq!(empty.attributes("[role=alert] a", "href"), wanted);
    for field in fields {
        assert_eq!(empty.attributes(&format!("#{field}"), "id").len(), 1, "{field}");
        assert!(!empty.text_of(&format!("#{field}-error")).is_empty());
    }
    assert!(empty.text().contains(&message("en", "error-not-declared")));

    let refused_page = Page {
        path: action.clone(),
        ..empty
    };
    let mut form = filled(&refused_page, &["paid", "delivery"], "2");
    form.pick("product_category", "washer");
    form.check("integrity", "asked_high");
    form.write("contact_no", "0");
    form.write("comment", "<i>\"等\" & '很久'");
    form.write("notes", "记录");
    let refused = evaluator.send(&form);
    assert_eq!(
        (refused.status, refused.attributes("[role=alert] a", "href")),
        (422, vec!["#contact_no".to_owned()])
    );
    let mut kept = refused.form_to(&action);
    assert_eq!(kept.pairs(), form.pairs(), "everything that was typed");
    assert_eq!(app.responses(), 0);
    kept.write("contact_no", "12");
    let receipt = evaluator.follow(evaluator.send(&kept));
    receipt.receipt();
    assert_eq!(
        app.raw()
            .number("SELECT CAST(contact_no AS BIGINT) AS value FROM interview"),
        12
    );
    assert_eq!(app.raw().text("SELECT language AS value FROM response"), "en");
}

fn only_what_applies_is_read(backend: Backend) {
    let app = TestApp::spawn(backend);
    let evaluator = app.member(Role::Evaluator);
    let mut form = filled(&begin(&app, &evaluator), &["delivery"], "3");
    form.pick("complaint_fee", "yes");
    evaluator.follow(evaluator.send(&form)).receipt();
    let stored = app.raw().text("SELECT answers AS value FROM response_content");
    assert!(stored.contains("F01=3") && stored.contains("T02=3"), "{stored}");
    for never in ["K01", "E02", "V03", "fee"] {
        assert!(!stored.contains(never), "{never} was not asked of them: {stored}");
    }
    assert_eq!(
        app.dispositions().into_iter().collect::<Vec<_>>(),
        [("100".to_owned(), 1)]
    );
}

fn a_disqualifying_answer_is_counted_under_the_evaluator(backend: Backend) {
    let app = TestApp::spawn(backend);
    let evaluator = app.member(Role::Evaluator);
    for (number, (field, value, code)) in [
        ("age18", "no", "222"),
        ("service_12m", "no", "220"),
        ("conflict", "yes", "221"),
    ]
    .into_iter()
    .enumerate()
    {
        let page = begin(&app, &evaluator);
        let mut form = page.form_to(&page.path);
        form.pick(field, value);
        for _ in 0..2 {
            let told = evaluator.follow(evaluator.send(&form));
            assert!(
                told.path.ends_with(&format!("/interviews?recorded={code}")),
                "{}",
                told.path
            );
            assert!(told.text().contains("已记录："), "{}", told.text());
        }
        // What ended stays ended, even if the form is corrected afterwards.
        let corrected = evaluator.follow(evaluator.send(&filled(&page, &["outlet"], "5")));
        assert!(corrected.path.ends_with(&format!("recorded={code}")));
        assert_eq!(evaluator.follow(evaluator.get(&page.path)).path, corrected.path);
        let row = format!("disposition WHERE code = '{code}' AND contact_no = {}", number + 1);
        assert_eq!(app.raw().count(&row), 1);
    }
    // Who declines gives a reason, or none is recorded.
    let page = begin(&app, &evaluator);
    let mut form = page.form_to(&page.path);
    let decline = |form: &Form| {
        let pairs = form.pairs_with_button("action");
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        evaluator.post(&form.action, &pairs)
    };
    let without = decline(&form);
    assert_eq!(
        (without.status, without.attributes("[role=alert] a", "href")),
        (422, vec!["#refusal_reason".to_owned()])
    );
    form.pick("refusal_reason", "fear");
    assert_eq!(decline(&form).status, 303);
    assert_eq!(
        app.raw()
            .text("SELECT refusal_reason AS value FROM disposition WHERE code = '210'"),
        "fear"
    );
    assert_eq!(app.responses(), 0);
    let who = evaluator.person.unwrap();
    assert_eq!(
        app.raw().count(&format!(
            "disposition WHERE evaluator_id = '{who}' AND evidence_class = 'face'"
        )),
        4
    );
    assert_eq!(app.dispositions().values().sum::<u64>(), 4);
    app.consistent_tallies();
}

fn after_closing_everything_typed_stays_on_the_page(backend: Backend) {
    let app = TestApp::spawn(backend);
    let evaluator = app.member(Role::Evaluator);
    let stored = filled(&begin(&app, &evaluator), &["outlet"], "5");
    let receipt = evaluator.follow(evaluator.send(&stored)).receipt();
    let page = begin(&app, &evaluator);
    let mut form = filled(&page, &["outlet", "paid"], "1");
    form.write("comment", "来不及了");
    app.close();
    let late = evaluator.send(&form);
    assert_eq!(late.status, 410);
    assert!(
        late.text().contains(&message("zh-CN", "interview-closed")),
        "{}",
        late.text()
    );
    assert_eq!(late.form_to(&page.path).pairs(), form.pairs());
    assert_eq!(app.responses(), 1);
    assert_eq!(
        evaluator.follow(evaluator.send(&stored)).receipt(),
        receipt,
        "a stored one shows its receipt"
    );
    let list = format!("/evaluations/{}/interviews", app.wave.id);
    for closed in ["interview", "approach"] {
        let page = evaluator.follow(evaluator.get(&at(&app, 0, closed)));
        assert_eq!(page.path, list);
        assert!(
            page.text().contains(&message("zh-CN", "fieldwork-closed"))
                && page.attributes("main a.button", "href").is_empty()
        );
    }
    assert!(
        evaluator
            .get("/today")
            .text()
            .contains(&message("zh-CN", "today-nothing"))
    );
    app.consistent_tallies();
}
