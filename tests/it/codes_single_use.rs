//! Personal links and printed codes: made by the batch, handed out while unused, typed by customers, spent once by an
//! answer and by nothing else.

use std::time::Duration;

use perception::access::Role;
use perception::survey::evaluation::EvaluationState;

use crate::harness::{Backend, Customer, DAY_MS, Page, Plan, Staff, TestApp, await_until, message};

both_backends!(
    slips_are_printed_again_and_each_is_accepted_once,
    a_code_is_typed_as_people_type,
    looking_never_spends_a_link,
    personal_links_are_downloaded_while_unused,
    a_batch_is_withdrawn_and_made_anew,
    batches_belong_to_one_evaluation_and_one_kind,
);

fn codes(app: &TestApp) -> String {
    format!("/evaluations/{}/codes", app.wave.id)
}

/// Makes links of a kind (`links`, `sheets`); the page of the batch.
fn make(app: &TestApp, manager: &Staff, kind: &str, links: &str) -> Page {
    let path = format!("{}/{kind}", codes(app));
    let mut form = manager.get(&path).form_to(&path);
    form.pick("outlet", &app.wave.outlets[0].to_string());
    form.write("links", links);
    let made = manager.send(&form);
    assert_eq!(made.status, 303, "{}", made.text());
    let page = manager.get(made.location());
    assert_eq!(page.status, 200, "{}", page.text());
    page
}

/// Presses the batch's button: slips or file.
fn hand_out(manager: &Staff, batch: &Page, end: &str) -> Page {
    let page = manager.send(&batch.form_to(&format!("{}/{end}", batch.path)));
    assert_eq!(
        (page.status, page.header("cache-control")),
        (200, "no-store"),
        "{}",
        page.text()
    );
    page
}

/// Codes as printed on slips.
fn printed(slips: &Page) -> Vec<String> {
    let html = scraper::Html::parse_document(slips.source());
    let typed = scraper::Selector::parse(".slip .typed").unwrap();
    html.select(&typed).map(|slip| slip.text().collect()).collect()
}

/// Types a code on the page for it.
fn enter(customer: &Customer, typed: &str) -> Page {
    let mut form = customer.get("/c?lang=en").form();
    form.write("code", typed);
    customer.send(&form)
}

fn events(app: &TestApp, action: &str) -> i64 {
    app.raw().count(&format!("event WHERE action = '{action}'"))
}

fn slips_are_printed_again_and_each_is_accepted_once(backend: Backend) {
    let app = TestApp::spawn(backend);
    let (manager, customer) = (app.member(Role::Manager), app.customer());
    let batch = make(&app, &manager, "sheets", "26");
    let slips = hand_out(&manager, &batch, "slips");
    let sheets = slips.attributes(".slips", "class").len();
    let first = printed(&slips);
    assert_eq!((first.len(), sheets), (26, 2));
    assert!(
        first
            .iter()
            .all(|code| code.len() == 16 && code.matches('-').count() == 3),
        "{first:?}"
    );
    assert_eq!(
        first,
        printed(&hand_out(&manager, &batch, "slips")),
        "the same when printed again"
    );
    assert_eq!(events(&app, "slips.printed"), 2);

    let landing = enter(&customer, &first[0]);
    assert_eq!(landing.status, 303, "{}", landing.text());
    let path = landing.location().split('?').next().unwrap().to_owned();
    assert_eq!(path, format!("/s/{}", first[0].replace('-', "")));
    customer.answer(&path, &["home", "repair"], "5").receipt();
    assert_eq!(app.raw().count("response WHERE evidence_class = 'invited'"), 1);
    let again = customer.follow(enter(&customer, &first[0].to_lowercase()));
    assert_eq!(
        (again.status, again.text_of("h1")),
        (410, message("en", "refusal-used"))
    );
    // Two tabs of one slip: one answer.
    let second = format!("/s/{}", first[1].replace('-', ""));
    let [mut one, mut other] = [(); 2].map(|()| customer.begin(&second, &["consult"]).form());
    one.rate_all("5");
    other.rate_all("1");
    assert_eq!((customer.send(&one).status, customer.send(&other).status), (303, 410));
    assert_eq!(app.responses(), 2);
    let left = printed(&hand_out(&manager, &manager.get(&batch.path), "slips"));
    assert_eq!(left, first[2..]);
    let stored = app.raw().texts("SELECT token_hash AS value FROM link");
    assert!(stored.iter().all(|hash| hash.len() == 64 && !first.contains(hash)));
    app.consistent_tallies();
}

fn a_code_is_typed_as_people_type(backend: Backend) {
    let app = TestApp::spawn(backend);
    let (manager, customer) = (app.member(Role::Manager), app.customer());
    let slips = hand_out(&manager, &make(&app, &manager, "sheets", "40"), "slips");
    for code in printed(&slips) {
        let plain = code.replace('-', "");
        for typed in [
            code.to_lowercase(),
            code.replace('-', " "),
            plain.replace('0', "O").replace('1', "l"),
            format!("  {plain}\u{3000}"),
        ] {
            assert_eq!(
                enter(&customer, &typed).location(),
                format!("/s/{plain}?lang=en"),
                "{typed}"
            );
        }
    }
    let code = printed(&slips).remove(0);
    let wrong = |place: usize| -> String {
        let mut letters: Vec<char> = code.chars().collect();
        letters[place] = if letters[place] == '7' { '8' } else { '7' };
        letters.into_iter().collect()
    };
    // However often somebody mistypes, they are told at once and may go on: nothing was looked up, nothing counted.
    for place in [0, 5, 11, 15].into_iter().cycle().take(40) {
        let page = enter(&customer, &wrong(place));
        assert_eq!(
            (page.status, page.text_of("#code-error")),
            (422, message("en", "entry-check"))
        );
        assert_eq!(page.form().chosen("code"), [wrong(place)], "what was typed is kept");
    }
    assert_eq!(
        enter(&customer, "").text_of("#code-error"),
        message("en", "entry-empty")
    );
    assert!(enter(&customer, &code[..14]).text_of("#code-error").contains("12"));
    assert!(
        enter(&customer, &code.replacen(&code[..1], "U", 1))
            .text_of("#code-error")
            .contains('U')
    );
    assert_eq!(customer.follow(enter(&customer, &code)).status, 200);
    // Well-formed codes that nobody made are guesses, and guessing is slowed.
    let guess = |n: u64| {
        let link = perception::survey::id::LinkId::from_random(u128::from(n).to_be_bytes());
        let kind = perception::survey::link::LinkKind::Printed;
        let secret = perception::survey::link::LinkSecret::derive(b"another key", kind, link, 1);
        customer.follow(enter(&customer, secret.as_str())).status
    };
    let statuses: Vec<u16> = (0..12).map(guess).collect();
    assert_eq!((&statuses[..10], statuses[11]), (&[404; 10][..], 429));
    assert_eq!(
        customer.follow(enter(&customer, &code)).status,
        200,
        "the real code still works"
    );
}

fn looking_never_spends_a_link(backend: Backend) {
    let app = TestApp::spawn(backend);
    let customer = app.customer();
    for link in [app.personal_link(), app.printed_link()] {
        for _ in 0..3 {
            assert_eq!(
                (customer.head(&link.path).status, customer.get(&link.path).status),
                (200, 200)
            );
        }
        let rating = customer.begin(&link.path, &["consult"]);
        for path in [&rating.path, &format!("{}/receipt", rating.path)] {
            customer.head(path);
            customer.get(path);
        }
        assert_eq!(app.raw().count("link WHERE used"), 0);
        assert_eq!(customer.get(&link.path).status, 200);
    }
    assert_eq!((customer.head("/c").status, customer.get("/c").status), (200, 200));
    assert_eq!(app.responses() + app.raw().count("link_refusal"), 0);
}

fn personal_links_are_downloaded_while_unused(backend: Backend) {
    let app = TestApp::spawn(backend);
    let (manager, customer) = (app.member(Role::Manager), app.customer());
    let sql = format!(
        "UPDATE outlet SET name_zh = '=1+1网点', name_en = '@SUM' WHERE id = '{}'",
        app.wave.outlets[0]
    );
    app.raw().execute(&sql).unwrap();
    let path = format!("{}/links", codes(&app));
    for (links, problem) in [
        ("0", "error-out-of-range"),
        ("2001", "error-out-of-range"),
        ("", "error-empty"),
    ] {
        let mut form = manager.get(&path).form_to(&path);
        form.write("links", links);
        let refused = manager.send(&form);
        assert_eq!(
            (refused.status, refused.form_to(&path).chosen("links").concat()),
            (422, links.to_owned())
        );
        assert!(refused.text().contains(&message("zh-CN", problem)));
    }
    let batch = make(&app, &manager, "links", "2000");
    let file = hand_out(&manager, &batch, "links.csv");
    assert!(file.header("content-disposition").starts_with("attachment"));
    let text = file.source();
    assert!(
        text.starts_with("\u{feff}\"outlet_zh\",\"outlet_en\",\"url\"\r\n"),
        "{}",
        &text[..80]
    );
    let urls = |text: &str| -> Vec<String> {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let rows = reader.records().map(|row| row.unwrap());
        rows.map(|row| {
            assert_eq!((&row[0], &row[1]), ("'=1+1网点", "'@SUM"), "no cell is a formula");
            row[2].strip_prefix(&app.base).unwrap().to_owned()
        })
        .collect()
    };
    let first = urls(text);
    assert_eq!(first.iter().collect::<std::collections::BTreeSet<_>>().len(), 2000);
    customer.answer(&first[7], &["paid"], "3").receipt();
    let left = urls(hand_out(&manager, &batch, "links.csv").source());
    assert_eq!(left.len(), 1999);
    assert!(!left.contains(&first[7]));
    assert_eq!(events(&app, "links.downloaded"), 2);
    let looked = manager.get(&format!("{}/links.csv", batch.path));
    assert!(
        looked.header("content-type").starts_with("text/html"),
        "asking by GET shows the batch and logs nothing"
    );
    assert_eq!(events(&app, "links.downloaded"), 2);
    app.close();
    let over = manager.get(&batch.path);
    assert!(
        over.text().contains("1999") && over.attributes("main form", "action").is_empty(),
        "{}",
        over.text()
    );
    let csrf = over.attributes("input[name=csrf]", "value")[0].clone();
    assert_eq!(
        manager
            .post(&format!("{}/links.csv", batch.path), &[("csrf", &csrf)])
            .status,
        404
    );
}

fn a_batch_is_withdrawn_and_made_anew(backend: Backend) {
    let app = TestApp::spawn(backend);
    let (manager, customer) = (app.member(Role::Manager), app.customer());
    let batch = make(&app, &manager, "sheets", "5");
    let before = printed(&hand_out(&manager, &batch, "slips"));
    let path = |code: &str| format!("/s/{}", code.replace('-', ""));
    customer.answer(&path(&before[0]), &["consult"], "5").receipt();
    let change = |batch: &str, end: &str| {
        let path = format!("{batch}/{end}");
        let mut form = manager.get(&path).form_to(&path);
        assert_eq!(manager.send(&form).status, 422, "a reason is required");
        form.write("reason", "纸条遗失");
        let done = manager.send(&form);
        assert_eq!(done.status, 303, "{}", done.text());
        done.location().to_owned()
    };
    let anew = change(&batch.path, "reissue");
    assert_ne!(anew, batch.path);
    let after = printed(&hand_out(&manager, &manager.get(&anew), "slips"));
    assert_eq!(after.len(), 4, "as many as were unused");
    assert!(after.iter().all(|code| !before.contains(code)));
    for code in &before[1..] {
        let refused = customer.get(&path(code));
        assert_eq!(
            (refused.status, refused.text_of("h1")),
            (410, message("zh-CN", "refusal-revoked"))
        );
    }
    assert_eq!(
        customer.get(&path(&before[0])).text_of("h1"),
        message("zh-CN", "refusal-used")
    );
    customer.answer(&path(&after[0]), &["consult"], "5").receipt();
    assert_eq!(change(&anew, "revoke"), anew);
    assert_eq!(app.raw().count("link WHERE revoked"), 4 + 3);
    assert_eq!((events(&app, "links.reissued"), events(&app, "links.revoked")), (1, 1));
    // Counted by batch: nobody can see which slip came late.
    let counted = || app.raw().count("link_refusal WHERE scans = 4");
    await_until(Duration::from_secs(5), "four late visitors of the first batch", || {
        counted() == 1
    });
    assert_eq!(app.responses(), 2);
}

fn batches_belong_to_one_evaluation_and_one_kind(backend: Backend) {
    let app = TestApp::spawn(backend);
    let manager = app.member(Role::Manager);
    let batch = make(&app, &manager, "links", "3");
    let csrf = manager.csrf(&batch.path);
    let slips = manager.post(&format!("{}/slips", batch.path), &[("csrf", &csrf)]);
    assert_eq!(slips.status, 404, "personal links are not printed");
    let plan = Plan {
        seed: 5,
        state: EvaluationState::Draft,
        ..Plan::default()
    };
    let elsewhere = crate::harness::Wave::sow(&app.installation, plan);
    let foreign = Staff::signed_in(&app.base, &app.installation, &[Role::Manager]).joins(
        &app.installation,
        elsewhere.id,
        Role::Manager,
    );
    let moved = batch.path.replace(&app.wave.id.to_string(), &elsewhere.id.to_string());
    let csrf = foreign.csrf(&format!("/evaluations/{}/codes", elsewhere.id));
    for path in [&batch.path, &moved] {
        for end in ["", "/links.csv", "/revoke", "/reissue"] {
            assert_eq!(foreign.get(&format!("{path}{end}")).status, 404, "{path}{end}");
        }
        for end in ["/links.csv", "/revoke", "/reissue"] {
            let sent = [("csrf", csrf.as_str()), ("reason", "x")];
            assert_eq!(foreign.post(&format!("{path}{end}"), &sent).status, 404, "{path}{end}");
        }
    }
    assert_eq!(app.raw().count("link WHERE revoked"), 0);
    // Links with dates expire by themselves.
    let path = format!("{}/links", codes(&app));
    let mut form = manager.get(&path).form_to(&path);
    let today = chrono::DateTime::from_timestamp_millis(app.installation.clock.now_ms() + 8 * 3_600_000).unwrap();
    form.write("links", "2");
    form.write("closes", &today.date_naive().to_string());
    let dated = manager.send(&form).location().to_owned();
    assert_eq!(manager.get(&dated).attributes("main form", "action").len(), 1);
    app.installation.clock.advance_ms(DAY_MS);
    let later = Staff::signed_in(&app.base, &app.installation, &[Role::Manager]).joins(
        &app.installation,
        app.wave.id,
        Role::Manager,
    );
    assert!(
        later.get(&dated).attributes("main form", "action").is_empty(),
        "expired links are not handed out"
    );
}
