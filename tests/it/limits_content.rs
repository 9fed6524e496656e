//! What goes out and what is kept: headers of every response, hostile text, a store that is too busy.

use std::future::poll_fn;
use std::sync::mpsc;
use std::task::Poll;
use std::time::Duration;

use perception::store::StoreError;
use sha2::{Digest, Sha256};

use crate::harness::{Backend, Page, Plan, TestApp, await_until, message};

both_backends!(
    hostile_text_is_kept_as_text,
    a_busy_store_says_so_and_keeps_the_form,
    a_database_held_by_somebody_else_costs_time_and_no_answers,
);

#[test]
fn every_response_is_protected() {
    let app = TestApp::spawn(Backend::Sqlite);
    let (customer, link) = (app.customer(), app.open_link());
    let rating = customer.begin(&link.path, &["consult"]);
    let mut form = rating.form();
    let refused = customer.send(&form);
    form.rate_all("5");
    let stored = customer.send(&form);
    let receipt = customer.follow(stored.clone());
    let withdrawn = app.personal_link();
    app.revoke(&withdrawn);
    let put = customer
        .try_send("PUT", &link.path, &[("content-type", "text/plain")], Some(b""))
        .unwrap();
    let json = customer
        .try_send(
            "POST",
            &form.action,
            &[("content-type", "application/json")],
            Some(b"{}"),
        )
        .unwrap();
    let long = customer.get(&format!("/s/x?{}", "y".repeat(3000)));
    let mut landing = customer.get(&link.path).form();
    landing.pick("age18", "no");
    let ended = customer.follow(customer.send(&landing));
    let pages: Vec<(u16, Page)> = vec![
        (200, customer.get(&link.path)),
        (200, customer.head(&link.path)),
        (200, rating),
        (422, refused),
        (303, stored),
        (200, receipt),
        (200, ended),
        (410, customer.get(&withdrawn.path)),
        (404, customer.get("/s/UNKNOWN")),
        (404, customer.get("/nowhere")),
        (400, customer.get("/f/forged")),
        (405, put),
        (400, json),
        (414, long),
        (200, customer.get("/healthz")),
        (200, customer.get("/readyz")),
    ];
    for (status, page) in &pages {
        let what = format!("{} {}", page.path, page.status);
        assert_eq!(page.status, *status, "{what}: {}", page.text());
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("x-robots-tag", "noindex"),
            ("server", ""),
            ("x-powered-by", ""),
            ("set-cookie", ""),
            ("strict-transport-security", ""),
        ] {
            assert_eq!(page.header(name), value, "{name} of {what}");
        }
        let policy = page.header("content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ] {
            assert!(
                policy.split(';').any(|found| found.trim() == part),
                "{part} of {what}: {policy}"
            );
        }
        assert!(!policy.contains("unsafe-"), "{what}: {policy}");
        for feature in ["camera=()", "geolocation=()", "microphone=()"] {
            assert!(
                page.header("permissions-policy").contains(feature),
                "{feature} of {what}"
            );
        }
        // What belongs to one visitor is not kept by others; the landing page is the same for everybody.
        let caching = if page.path == link.path && [200].contains(status) {
            "no-cache"
        } else {
            "no-store"
        };
        assert_eq!(page.header("cache-control"), caching, "{what}");
    }
    let html = pages
        .iter()
        .filter(|(_, page)| page.header("content-type").starts_with("text/html") && !page.body.is_empty());
    let mut seen = 0;
    for (_, page) in html {
        // The policy lets exactly this stylesheet through: the hash is of the bytes between the tags.
        let (_, rest) = page.source().split_once("<style>").unwrap();
        let (style, after) = rest.split_once("</style>").unwrap();
        let hash = format!("'sha256-{}'", data_encoding::BASE64.encode(&Sha256::digest(style)));
        assert!(page.header("content-security-policy").contains(&hash), "{}", page.path);
        // Where a receipt is asked about later is told in full: the page is kept as a picture.
        let after = after.replace(&format!("{}/r", app.base), "");
        for forbidden in [
            "<style",
            "<script",
            " style=",
            " onclick=",
            "javascript:",
            "http://",
            "https://",
        ] {
            assert!(!after.contains(forbidden), "{forbidden} in {}", page.path);
        }
        seen += 1;
    }
    assert!(seen >= 11, "{seen}");
}

#[test]
fn behind_https_browsers_are_told_to_stay_there() {
    let https = |settings: &mut perception::config::Settings| settings.base_url = "https://survey.example.cn".into();
    let app = TestApp::spawn_with(Backend::Sqlite, Plan::default(), https);
    let customer = app.customer();
    for path in [&app.open_link().path, "/nowhere"] {
        assert_eq!(
            customer.get(path).header("strict-transport-security"),
            "max-age=31536000"
        );
    }
}

fn hostile_text_is_kept_as_text(backend: Backend) {
    let app = TestApp::spawn(backend);
    let (customer, link) = (app.customer(), app.open_link());
    let texts = [
        ("'); DROP TABLE response; --", None),
        ("\"><script>alert(1)</script><img src=x onerror=alert(1)>", None),
        ("{{ 7*7 }} {% include \"x\" %} ${7*7} &lt;b&gt; &amp; %3Cb%3E", None),
        ("=1+1\n+2\n-3\n@SUM(A1)\n＝1", None),
        ("</textarea></form><form action=//evil.example>", None),
        ("🙂👨‍👩‍👧 中文 ñ \u{202e}", None),
        ("a\u{0}b\u{7}c\u{1b}[31md\te", Some("abc[31mde")),
        ("\u{0}\u{1}\u{2}", Some("")),
    ];
    for (number, (text, kept)) in texts.iter().enumerate() {
        let form = customer.begin(&link.path, &["consult"]).form();
        let pairs = |extra: &[(&str, &str)]| -> Vec<(String, String)> {
            extra
                .iter()
                .chain([&("comment", *text)])
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect()
        };
        // First without a rating: it comes back in the text field and nowhere else.
        let refused = customer.post(&form.action, &pairs(&[]));
        assert_eq!(refused.status, 422, "{text:?}");
        if kept.is_none() {
            assert_eq!(refused.form().chosen("comment"), [*text], "shown back as it was typed");
        }
        assert_eq!(
            refused.source().matches("<script").count() + refused.source().matches("<img").count(),
            0,
            "{text:?}"
        );
        assert_eq!(refused.form().action, form.action, "{text:?}");
        let sent = customer.post(
            &form.action,
            &pairs(&[("F01", "5"), ("F02", "5"), ("F03", "5"), ("V01", "5"), ("S01", "5")]),
        );
        assert_eq!(sent.status, 303, "{text:?}: {}", sent.text());
        customer.follow(sent).receipt();
        assert_eq!(app.responses(), number as i64 + 1, "{text:?}");
        let stored = kept.unwrap_or(text);
        assert_eq!(
            app.comments().iter().filter(|body| *body == stored).count(),
            // Nothing left of it: nothing is stored.
            usize::from(!stored.is_empty()),
            "{text:?}"
        );
    }
    // Names and values that no page has are read and left aside.
    let form = customer.begin(&link.path, &["consult"]).form();
    let odd = [
        ("F01", "5"),
        ("Z99", "5"),
        ("'; --", "x"),
        ("evidence_class", "face"),
        ("outlet_id", "x"),
        ("T02", "1"),
        ("", ""),
    ];
    let pairs: Vec<_> = odd
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    assert_eq!(customer.post(&form.action, &pairs).status, 303);
    assert_eq!(
        app.raw().count("response WHERE evidence_class = 'open'"),
        texts.len() as i64 + 1
    );
    assert_eq!(
        app.raw()
            .count("response_content WHERE answers LIKE '%T02%' OR answers LIKE '%Z99%'"),
        0
    );
    app.consistent_tallies();
}

/// Somebody repairs or copies the database with another program and locks what the writer needs.
fn a_database_held_by_somebody_else_costs_time_and_no_answers(backend: Backend) {
    let app = TestApp::spawn(backend);
    let customer = app.customer();
    let mut form = customer.begin(&app.personal_link().path, &["outlet"]).form();
    form.rate_all("4");
    form.write("comment", "不要丢");
    let mut raw = app.raw();
    match backend {
        Backend::Sqlite => _ = raw.execute("BEGIN IMMEDIATE").unwrap(),
        Backend::Postgres => {
            raw.execute("BEGIN").unwrap();
            raw.execute("LOCK TABLE response_content IN EXCLUSIVE MODE").unwrap();
        }
    }
    let page = customer.send(&form);
    assert_eq!(
        (page.status, page.header("retry-after").is_empty()),
        (503, false),
        "{}",
        page.text()
    );
    assert_eq!(page.form().pairs(), form.pairs(), "everything is still there");
    raw.execute("ROLLBACK").unwrap();
    assert_eq!(app.responses() + app.raw().count("link WHERE used"), 0);
    customer.follow(customer.send(&page.form())).receipt();
    assert_eq!(app.responses(), 1);
    app.consistent_tallies();
}

/// One command holds the writer, others fill its queue: the next is too much.
fn a_busy_store_says_so_and_keeps_the_form(backend: Backend) {
    // Room for what the program writes by itself meanwhile; then filled to the brim.
    const QUEUE: usize = 8;
    let app = TestApp::spawn_with(backend, Plan::default(), |settings| settings.write_queue_max = QUEUE);
    let (customer, personal, open) = (app.customer(), app.personal_link(), app.open_link());
    let mut form = customer.begin(&personal.path, &["outlet"]).form();
    form.rate_all("2");
    form.write("comment", "等\n很久");
    let landing = customer.get(&open.path).form();
    let store = app.installation.store.clone();
    let (started, has_started) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let busy = std::thread::spawn({
        let store = store.clone();
        move || {
            store.write_blocking(move |_| {
                // Whatever becomes of this test: a panic here would end the process.
                let _ = started.send(());
                let _ = released.recv();
                Ok::<_, StoreError>(())
            })
        }
    });
    has_started.recv_timeout(Duration::from_secs(10)).unwrap();
    // Polled once, a command stands in the queue or is turned back.
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut waiting = Vec::new();
    loop {
        let mut one = Box::pin(store.write(|_| Ok::<_, StoreError>(())));
        match runtime.block_on(poll_fn(|context| Poll::Ready(one.as_mut().poll(context)))) {
            Poll::Pending => waiting.push(one),
            Poll::Ready(full) => break assert!(matches!(full, Err(StoreError::Busy)), "{full:?}"),
        }
        assert!(waiting.len() <= QUEUE);
    }

    let turned_back = customer.send(&form);
    assert_eq!(turned_back.status, 503, "{}", turned_back.text());
    assert!(turned_back.header("retry-after").parse::<u32>().unwrap() >= 1);
    assert!(
        turned_back.text().contains(&message("zh-CN", "busy-title")),
        "{}",
        turned_back.text()
    );
    let mut kept = turned_back.form();
    assert_eq!(
        (&kept.action, kept.pairs()),
        (&form.action, form.pairs()),
        "everything is still there"
    );
    // Declining is counted by the same writer.
    let declined = customer.post(&landing.action, &landing.pairs_with_button("action"));
    assert_eq!(
        (declined.status, declined.header("retry-after").is_empty()),
        (503, false)
    );
    // Reading goes on.
    assert_eq!(customer.get(&form.action).status, 200);
    assert_eq!(customer.get("/readyz").status, 200);
    assert_eq!(app.responses() + app.raw().count("disposition"), 0);

    release.send(()).unwrap();
    busy.join().unwrap().unwrap();
    waiting.into_iter().for_each(|one| runtime.block_on(one).unwrap());
    kept.pick("F01", "5");
    let mut reply = customer.send(&kept);
    await_until(Duration::from_secs(5), "the writer takes commands again", || {
        if reply.status == 503 {
            reply = customer.send(&kept);
        }
        reply.status != 503
    });
    assert_eq!(reply.status, 303);
    customer.follow(reply).receipt();
    assert_eq!(app.responses(), 1);
    app.consistent_tallies();
}
