//! Forms that must be corrected, and links and forms that take no answer: a plain page in the visitor's language, the
//! right status, nothing lost, nothing stored.

use std::collections::BTreeMap;
use std::time::Duration;

use perception::secret::SecretKey;
use perception::survey::evaluation::EvaluationState;
use perception::survey::link::{LinkKind, LinkToken};
use perception::survey::ticket::Ticket;

use crate::harness::{Backend, Customer, DAY_MS, Page, Plan, TestApp, TestLink, await_until, message};

both_backends!(
    a_landing_form_that_must_be_corrected_comes_back_as_it_was,
    a_rating_form_that_must_be_corrected_comes_back_as_it_was,
    no_rating_at_all_is_refused,
    links_that_take_no_answer_say_why,
    a_link_withdrawn_or_closed_in_use_stops_at_once,
    an_expired_form_is_refused_but_a_stored_one_shows_its_receipt,
    a_forged_form_is_refused,
);

const HOUR_MS: i64 = 3_600_000;

/// Every error of a page stands beside its field, and the summary leads there.
fn assert_errors(page: &Page, fields: &[&str]) {
    let summary: Vec<String> = page.attributes("[role=alert] a", "href");
    let wanted: Vec<String> = fields.iter().map(|field| format!("#{field}")).collect();
    assert_eq!(summary, wanted, "{}", page.text());
    for field in fields {
        assert_eq!(
            page.attributes(&format!("#{field}"), "id").len(),
            1,
            "#{field} exists once"
        );
        assert!(!page.text_of(&format!("#{field}-error")).is_empty());
    }
    assert!(!page.attributes("[aria-invalid=true]", "aria-invalid").is_empty());
}

fn a_landing_form_that_must_be_corrected_comes_back_as_it_was(backend: Backend) {
    let app = TestApp::spawn(backend);
    let customer = app.customer();
    for link in [app.open_link(), app.personal_link()] {
        let empty = customer.send(&customer.get(&link.path).form());
        assert_eq!(empty.status, 422);
        assert_errors(&empty, &["consent", "age18", "service_12m", "conflict", "services"]);
        assert!(
            empty.text().contains(&message("zh-CN", "error-consent-missing")),
            "{}",
            empty.text()
        );
        assert!(
            empty.text().contains(&message("zh-CN", "error-no-service")),
            "{}",
            empty.text()
        );

        let mut form = customer.get(&format!("{}?lang=en", link.path)).form();
        form.pick("age18", "yes");
        form.pick("conflict", "no");
        form.check("services", "delivery");
        form.check("services", "complaint");
        let refused = customer.send(&form);
        assert_eq!((refused.status, refused.language().as_str()), (422, "en"));
        assert_errors(&refused, &["consent", "service_12m"]);
        let mut kept = refused.form();
        assert_eq!(kept.chosen("services"), ["delivery", "complaint"]);
        assert_eq!(
            (kept.chosen("age18"), kept.chosen("conflict")),
            (vec!["yes"], vec!["no"])
        );
        assert!(kept.chosen("consent").is_empty(), "consent is never ticked for anybody");
        kept.check("consent", "yes");
        kept.pick("service_12m", "yes");
        let rating = customer.follow(customer.send(&kept));
        assert_eq!(
            (rating.status, rating.language().as_str()),
            (200, "en"),
            "{}",
            rating.text()
        );
        assert!(!rating.form().values("T02").is_empty() && !rating.form().values("V03").is_empty());
    }
    assert_eq!(app.responses() + app.raw().count("disposition"), 0);
}

fn a_rating_form_that_must_be_corrected_comes_back_as_it_was(backend: Backend) {
    let app = TestApp::spawn(backend);
    let customer = app.customer();
    for (language, link) in [("zh-CN", app.open_link()), ("en", app.personal_link())] {
        let rating = customer.begin(&format!("{}?lang={language}", link.path), &["outlet", "complaint"]);
        let mut form = rating.form();
        form.rate_all("2");
        form.pick("K01", "0");
        form.pick("product_category", "washer");
        let month = form.values("service_month")[3].to_owned();
        form.pick("service_month", &month);
        form.pick("customer_type", "business");
        form.pick("complaint_fee", "yes");
        for reason in ["F01.unclear", "V01.impolite", "V03.impolite", "K01.crowded"] {
            form.check("low_reasons", reason);
        }
        form.check("integrity", "asked_high");
        form.check("integrity", "watched");
        let too_long = format!("\n  <i>\"等\" & '很久'\n{}", "字".repeat(300));
        form.write("comment", &too_long);

        let refused = customer.send(&form);
        assert_eq!((refused.status, refused.language().as_str()), (422, language));
        assert_errors(&refused, &["comment"]);
        assert!(
            refused.text().contains(&message(language, "error-too-long")),
            "{}",
            refused.text()
        );
        assert_eq!(
            app.raw().count("response WHERE evidence_class = 'invited'") + app.raw().count("link WHERE used"),
            0
        );
        let mut kept = refused.form();
        assert_eq!(kept.action, form.action, "the same form");
        assert_eq!(kept.pairs(), form.pairs(), "everything that was typed");

        kept.write("comment", "短");
        let receipt = customer.follow(customer.send(&kept));
        assert_eq!(receipt.status, 200, "{}", receipt.text());
        receipt.receipt();
    }
    // Reasons are stored with their low ratings, K01 has none; a dimension's reason counts once an answer.
    let answers = app.raw().texts("SELECT answers AS value FROM response_content");
    let reasons = ";low_reasons=F01.unclear+V01.impolite+V03.impolite";
    assert!(
        answers.len() == 2
            && answers
                .iter()
                .all(|line| line.starts_with("2;") && line.ends_with(reasons))
    );
    for tally in app.consistent_tallies().values() {
        let named = ["civility.impolite", "functionality.unclear"].map(|reason| (reason.to_owned(), 1));
        assert_eq!(*tally.low_reasons(), BTreeMap::from(named));
    }
    // Values that no page offers: each is named, whatever else is kept.
    let form = customer.begin(&app.open_link().path, &["outlet"]).form();
    for (field, value) in [
        ("F01", "6"),
        ("F01", "05"),
        ("F02", "五"),
        ("service_month", "1999-01"),
        ("integrity", "x"),
        ("product_category", "car"),
    ] {
        let pairs = vec![("F03".to_owned(), "4".to_owned()), (field.to_owned(), value.to_owned())];
        let refused = customer.post(&form.action, &pairs);
        assert_eq!(refused.status, 422, "{field}={value}");
        assert_errors(&refused, &[field]);
        assert_eq!(refused.form().chosen("F03"), ["4"]);
    }
    let twice = [("F01", "5"), ("F01", "1")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_errors(&customer.post(&form.action, &twice), &["F01"]);
    assert_eq!(app.responses(), 2);
    app.consistent_tallies();
}

fn no_rating_at_all_is_refused(backend: Backend) {
    let app = TestApp::spawn(backend);
    let customer = app.customer();
    let mut form = customer.begin(&app.open_link().path, &["paid"]).form();
    form.pick("G00", "5");
    form.write("comment", "只有留言");
    let refused = customer.send(&form);
    assert_eq!(refused.status, 422);
    assert_errors(&refused, &["F01"]);
    assert!(refused.text().contains(&message("zh-CN", "error-nothing-rated")));
    assert_eq!(refused.form().chosen("comment"), ["只有留言"]);
    assert_eq!(app.responses(), 0);
}

/// The page of a link that takes no answer: by GET, by HEAD and when its form is sent all the same.
fn assert_turned_away(customer: &Customer, path: &str, status: u16, words: &str) {
    let sent: Vec<(String, String)> = [
        ("consent", "yes"),
        ("age18", "yes"),
        ("service_12m", "yes"),
        ("conflict", "no"),
        ("services", "consult"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec();
    for language in ["zh-CN", "en"] {
        let path = format!("{path}?lang={language}");
        let page = customer.get(&path);
        assert_eq!(
            (page.status, page.language().as_str()),
            (status, language),
            "{words}: {}",
            page.text()
        );
        assert_eq!(page.text_of("h1"), message(language, words));
        assert!(
            page.text().contains(&message(language, &format!("{words}-next"))),
            "what to do now: {}",
            page.text()
        );
        assert_eq!(customer.head(&path).status, status);
        let posted = customer.post(&path, &sent);
        assert_eq!(
            (posted.status, posted.language().as_str()),
            (status, language),
            "{words}: {}",
            posted.text()
        );
        assert_eq!(posted.text_of("h1"), message(language, words));
    }
}

fn links_that_take_no_answer_say_why(backend: Backend) {
    let app = TestApp::spawn(backend);
    let customer = app.customer();
    let now_ms = app.installation.clock.now_ms();
    let link = |kind, opens, closes| app.wave.link_between(&app.installation, kind, 0, opens, closes).path;
    for kind in LinkKind::ALL {
        assert_turned_away(
            &customer,
            &link(kind, Some(now_ms + HOUR_MS), None),
            403,
            "refusal-early",
        );
        assert_turned_away(&customer, &link(kind, None, Some(now_ms - 1)), 410, "refusal-closed");
        let withdrawn = app.wave.link(&app.installation, kind, 0);
        app.revoke(&withdrawn);
        assert_turned_away(&customer, &withdrawn.path, 410, "refusal-revoked");
    }
    for used in [app.personal_link(), app.printed_link()] {
        customer.answer(&used.path, &["consult"], "5");
        assert_turned_away(&customer, &used.path, 410, "refusal-used");
    }
    let unknown = LinkToken::derive(b"another key", TestApp::open_link(&app).id, 1);
    assert_turned_away(&customer, &format!("/s/{}", unknown.as_str()), 404, "refusal-unknown");
    assert_eq!(app.responses(), 2);
    assert_eq!(app.raw().count("disposition"), 0);

    for (state, status, words) in [
        (EvaluationState::Draft, 403, "refusal-early"),
        (EvaluationState::Frozen, 403, "refusal-early"),
        (EvaluationState::Closed, 410, "refusal-closed"),
        (EvaluationState::Sealed, 410, "refusal-closed"),
        (EvaluationState::Released, 410, "refusal-closed"),
    ] {
        let wave = crate::harness::Wave::sow(
            &app.installation,
            Plan {
                seed: 100 + state as u64,
                state,
                ..Plan::default()
            },
        );
        for kind in [LinkKind::Outlet, LinkKind::Personal] {
            assert_turned_away(&customer, &wave.link(&app.installation, kind, 1).path, status, words);
        }
    }
}

fn a_link_withdrawn_or_closed_in_use_stops_at_once(backend: Backend) {
    let app = TestApp::spawn(backend);
    let customer = app.customer();
    let stops = |link: &TestLink, end: &dyn Fn(), words: &str| {
        let mut form = customer.begin(&link.path, &["consult"]).form();
        form.rate_all("1");
        end();
        let before = app.responses();
        let late = customer.send(&form);
        assert_eq!(
            (late.status, late.text_of("h1")),
            (410, message("zh-CN", words)),
            "a form in hand is not stored"
        );
        assert_eq!(app.responses(), before);
        // Pages of an outlet's code may be a second old.
        await_until(Duration::from_secs(3), "the pages say so too", || {
            customer.get(&link.path).status == 410 && customer.get(&form.action).status == 410
        });
    };
    for link in [app.open_link(), app.personal_link()] {
        stops(&link, &|| app.revoke(&link), "refusal-revoked");
    }
    let personal = app.personal_link();
    stops(
        &personal,
        &|| drop(customer.answer(&personal.path, &["home"], "5")),
        "refusal-used",
    );
    let (open, personal) = (app.open_link(), app.personal_link());
    let form = customer.begin(&personal.path, &["consult"]).form();
    stops(&open, &|| app.close(), "refusal-closed");
    assert_eq!(customer.send(&form).status, 410, "closed while in hand");
    assert_eq!(app.responses(), 1);
    app.consistent_tallies();
}

fn an_expired_form_is_refused_but_a_stored_one_shows_its_receipt(backend: Backend) {
    let app = TestApp::spawn(backend);
    let customer = app.customer();
    let (open, personal) = (app.open_link(), app.personal_link());
    let mut stored = customer.begin(&personal.path, &["consult"]).form();
    stored.rate_all("5");
    let receipt = customer.follow(customer.send(&stored)).receipt();
    let mut form = customer.begin(&open.path, &["consult"]).form();
    form.rate_all("4");
    let mut last_minute = customer.begin(&open.path, &["consult"]).form();
    last_minute.rate_all("4");

    app.installation.clock.advance_ms(DAY_MS - 60_000);
    assert_eq!(customer.send(&last_minute).status, 303, "a day is a day");
    app.installation.clock.advance_ms(61_000);
    for page in [
        customer.get(&form.action),
        customer.send(&form),
        customer.post(&form.action, &[]),
    ] {
        assert_eq!(
            (page.status, page.text_of("h1")),
            (410, message("zh-CN", "refusal-expired")),
            "{}",
            page.text()
        );
    }
    assert_eq!(app.responses(), 2);
    for page in [
        customer.get(&stored.action),
        customer.send(&stored),
        customer.post(&stored.action, &[]),
    ] {
        assert_eq!(
            customer.follow(page).receipt(),
            receipt,
            "a stored form shows its receipt"
        );
    }
    app.close();
    for page in [customer.get(&stored.action), customer.send(&stored)] {
        assert_eq!(customer.follow(page).receipt(), receipt, "also after closing");
    }
    assert_eq!(app.responses(), 2);
}

fn a_forged_form_is_refused(backend: Backend) {
    let app = TestApp::spawn(backend);
    let customer = app.customer();
    let form = customer.begin(&app.open_link().path, &["consult"]).form();
    let sealed = form.action.strip_prefix("/f/").unwrap().to_owned();
    let key = app.installation.key.bytes();
    let ticket = Ticket::open(key, &sealed).expect("the form in the URL is signed by this server");
    let changed = |place: usize| {
        let mut bytes = sealed.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        String::from_utf8(bytes).unwrap()
    };
    let mut forged: Vec<String> = [0, 30, 50, 70, 85, 102].map(changed).to_vec();
    forged.push(ticket.seal(SecretKey::random().bytes()));
    forged.extend([
        sealed[..sealed.len() - 1].to_owned(),
        format!("{sealed}A"),
        format!("{sealed}="),
        "x".to_owned(),
        "%00".to_owned(),
    ]);
    for form in forged {
        for page in [
            customer.get(&format!("/f/{form}?lang=en")),
            customer.get(&format!("/f/{form}/receipt?lang=en")),
            customer.post(&format!("/f/{form}?lang=en"), &[("F01".to_owned(), "5".to_owned())]),
        ] {
            assert_eq!(
                (page.status, page.text_of("h1")),
                (400, message("en", "refusal-invalid")),
                "{form}: {}",
                page.text()
            );
        }
    }
    assert_eq!(customer.get(&form.action).status, 200, "the genuine one still opens");
    // A receipt is shown only once there is one.
    assert_eq!(
        customer
            .follow(customer.get(&format!("{}/receipt", form.action)))
            .form()
            .action,
        form.action
    );
    assert_eq!(app.responses(), 0);
}
