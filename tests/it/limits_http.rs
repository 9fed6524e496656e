//! Requests that no browser sends, and the limits that keep the server alive: each gets a plain answer, the server goes
//! on, nothing is stored.

use std::time::{Duration, Instant};

use crate::harness::{Backend, Plan, Reply, TestApp, TestLink, Wire, message};

/// A POST of a rating form as bytes, with these header lines and this body.
fn post(path: &str, lines: &str, body: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n{lines}\r\n{body}")
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")
}

struct Scene {
    app: TestApp,
    link: TestLink,
    form: String,
}

fn scene() -> Scene {
    let app = TestApp::spawn(Backend::Sqlite);
    let link = app.open_link();
    let form = app.form_of(&link);
    Scene { app, link, form }
}

impl Scene {
    fn ask(&self, request: impl AsRef<[u8]>) -> Reply {
        Wire::ask(&self.app.base, request)
    }

    /// The server still serves, and nothing came in.
    fn is_unharmed(&self) {
        assert_eq!(self.app.customer().get(&self.link.path).status, 200);
        assert_eq!(self.app.customer().get("/healthz").status, 200);
        assert_eq!(self.app.responses(), 0);
    }
}

#[test]
fn a_body_that_stalls_or_trickles_is_given_up_after_ten_seconds() {
    let scene = scene();
    let started = Instant::now();
    let mut stalled: Vec<Wire> = (0..50)
        .map(|_| {
            let mut wire = Wire::to(&scene.app.base);
            wire.send(post(&scene.form, "Content-Length: 400\r\n", "F01=5&comment=half"));
            wire
        })
        .collect();
    let mut trickling = Wire::to(&scene.app.base);
    trickling.send(post(&scene.form, "Content-Length: 400\r\n", "comment="));
    // Ten times the time a customer needs; the others are not kept waiting by those who stall.
    let customer = scene.app.customer();
    let mut letters = 0;
    while started.elapsed() < Duration::from_millis(8_500) {
        assert_eq!(customer.get(&scene.link.path).status, 200);
        assert!(trickling.send("x"), "given up too early, after {:?}", started.elapsed());
        letters += 1;
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(letters < 400, "the body was never complete");
    for wire in stalled.iter_mut().chain([&mut trickling]) {
        if let Some(reply) = wire.reply(Duration::from_secs(15).saturating_sub(started.elapsed())) {
            assert_eq!(reply.status, 408, "{reply:?}");
            assert!(
                reply.body.contains(&message("zh-CN", "trouble-too-slow")),
                "{}",
                reply.body
            );
        }
        let took = started.elapsed();
        assert!(
            (Duration::from_secs(9)..Duration::from_secs(13)).contains(&took),
            "{took:?}"
        );
    }
    scene.is_unharmed();
}

#[test]
fn headers_that_do_not_end_are_given_up_after_five_seconds() {
    let scene = scene();
    let started = Instant::now();
    let starts = [
        "",
        "GET",
        "GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: ",
        "POST /f/x HTTP/1.1\r\nContent-Le",
    ];
    let mut wires = starts.map(|start| {
        let mut wire = Wire::to(&scene.app.base);
        wire.send(start);
        wire
    });
    for wire in &mut wires {
        if let Some(reply) = wire.reply(Duration::from_secs(9)) {
            assert_eq!(reply.status, 408, "{reply:?}");
        }
    }
    assert!(
        started.elapsed() > Duration::from_secs(3),
        "a slow telephone gets its time"
    );
    scene.is_unharmed();
}

#[test]
fn bodies_have_a_limit() {
    let scene = scene();
    let customer = scene.app.customer();
    let comment = |bytes: usize| vec![("comment".to_owned(), "x".repeat(bytes))];
    // A full comment in Chinese is far from the limit, and too long a comment is a matter of the form.
    assert_eq!(customer.post(&scene.form, &comment(60_000)).status, 422);
    let (size, body) = (64 * 1024 + 1, "comment=".to_owned() + &"x".repeat(64 * 1024 - 7));
    let replies = [
        scene.ask(post(&scene.form, &format!("Content-Length: {size}\r\n"), &body)),
        scene.ask(post(
            &scene.form,
            "Transfer-Encoding: chunked\r\n",
            &format!("{size:x}\r\n{body}\r\n0\r\n\r\n"),
        )),
        scene.ask(post(&scene.link.path, &format!("Content-Length: {size}\r\n"), &body)),
    ];
    for reply in replies {
        assert_eq!(reply.status, 413, "{}", reply.head);
        assert!(
            reply.body.contains(&message("zh-CN", "trouble-too-large")),
            "{}",
            reply.body
        );
    }
    let many: Vec<(String, String)> = (0..500).map(|n| (format!("f{n}"), "1".to_owned())).collect();
    assert_eq!(customer.post(&scene.form, &many).status, 413, "too many fields");
    scene.is_unharmed();
}

#[test]
fn addresses_and_headers_have_limits() {
    let scene = scene();
    let long = |bytes: usize| get(&format!("{}?lang=en&{}", scene.link.path, "x".repeat(bytes)));
    assert_eq!(scene.ask(long(1_900)).status, 200);
    for bytes in [2_048, 8_000, 20_000] {
        assert_eq!(scene.ask(long(bytes)).status, 414, "{bytes}");
    }
    let padded = |bytes: usize, lines: usize| {
        let lines: String = (0..lines)
            .map(|n| format!("X-Pad-{n}: {}\r\n", "x".repeat(bytes / lines)))
            .collect();
        format!("GET {} HTTP/1.1\r\nHost: x\r\n{lines}\r\n", scene.link.path)
    };
    assert_eq!(scene.ask(padded(14_000, 7)).status, 200);
    for (bytes, lines) in [(17_000, 1), (17_000, 20), (60_000, 4)] {
        let reply = scene.ask(padded(bytes, lines));
        assert_eq!(reply.status, 431, "{bytes} in {lines}: {}", reply.head);
    }
    scene.is_unharmed();
}

#[test]
fn what_is_not_a_form_is_refused() {
    let scene = scene();
    let body = "F01=5";
    let lengths = format!("Content-Length: {}\r\n", body.len());
    for (kind, path) in [
        ("application/json", &scene.form),
        ("multipart/form-data; boundary=x", &scene.form),
        ("text/plain", &scene.link.path),
        ("", &scene.form),
    ] {
        let reply = scene.ask(format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\n{lengths}\r\n{body}"
        ));
        assert_eq!(reply.status, 400, "{kind}: {}", reply.head);
        assert!(
            reply.body.contains(&message("zh-CN", "trouble-bad-request")),
            "{}",
            reply.body
        );
    }
    assert_eq!(
        scene
            .ask(format!(
                "POST {} HTTP/1.1\r\nHost: x\r\n{lengths}\r\n{body}",
                scene.form
            ))
            .status,
        400
    );
    // Bytes that are no text, percent signs that encode nothing: read as what they are, which is no rating.
    for body in [
        "F01=%FF%FE&F02=%zz",
        "%=%&F01=%E4%B8",
        "F01",
        "=5",
        "&&&",
        "F01=%00",
        "\u{feff}F01=5",
    ] {
        let reply = scene.ask(post(&scene.form, &format!("Content-Length: {}\r\n", body.len()), body));
        assert!([400, 422].contains(&reply.status), "{body}: {}", reply.head);
        assert!(reply.body.contains("</html>"), "{body}: a page");
    }
    let raw = [
        post(&scene.form, "Content-Length: 6\r\n", "").as_bytes(),
        b"F01=\xff\xfe",
    ]
    .concat();
    assert!([400, 422].contains(&scene.ask(raw).status));
    for path in [
        "/s/%FF%FE",
        "/s/%00",
        "/s/%",
        "/f/%2e%2e%2f",
        "/s/..%2f..%2fetc%2fpasswd",
        "/s/%E4%B8%AD",
        "/static/..%2f..%2fCargo.toml",
    ] {
        let reply = scene.ask(get(path));
        assert!([400, 404].contains(&reply.status), "{path}: {}", reply.head);
    }
    scene.is_unharmed();
}

#[test]
fn ambiguous_requests_are_refused() {
    let scene = scene();
    let form = &scene.form;
    for (what, request) in [
        (
            "length and chunks",
            post(
                form,
                "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                "5\r\nF01=5\r\n0\r\n\r\n",
            ),
        ),
        (
            "two lengths",
            post(form, "Content-Length: 5\r\nContent-Length: 50\r\n", "F01=5"),
        ),
        ("a signed length", post(form, "Content-Length: +5\r\n", "F01=5")),
        (
            "an endless length",
            post(form, "Content-Length: 99999999999999999999999\r\n", "F01=5"),
        ),
        (
            "unknown coding",
            post(
                form,
                "Transfer-Encoding: chunked, nonsense\r\n",
                "5\r\nF01=5\r\n0\r\n\r\n",
            ),
        ),
        ("no host", format!("GET {} HTTP/1.1\r\n\r\n", scene.link.path)),
        (
            "two hosts",
            format!("GET {} HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", scene.link.path),
        ),
        (
            "a space in a name",
            format!("GET {} HTTP/1.1\r\nHost: x\r\nX Y: z\r\n\r\n", scene.link.path),
        ),
        ("not HTTP", "EHLO mail.example.cn\r\n\r\n".to_owned()),
    ] {
        let mut wire = Wire::to(&scene.app.base);
        wire.send(request);
        // Refused with 400, or the connection is closed; never served, and never two answers.
        if let Some(reply) = wire.reply(Duration::from_secs(8)) {
            assert_eq!(reply.status, 400, "{what}: {}", reply.head);
        }
    }
    scene.is_unharmed();
}

#[test]
fn methods_and_paths_that_do_not_exist_are_named() {
    let scene = scene();
    let routes = [
        (scene.link.path.clone(), "GET, HEAD, POST"),
        (scene.form.clone(), "GET, HEAD, POST"),
        (format!("{}/receipt", scene.form), "GET, HEAD"),
        ("/end/210".to_owned(), "GET, HEAD"),
        ("/healthz".to_owned(), "GET, HEAD"),
        ("/readyz".to_owned(), "GET, HEAD"),
    ];
    for (path, allowed) in &routes {
        for method in ["TRACE", "PUT", "DELETE", "PATCH", "BREW"] {
            let reply = scene.ask(format!(
                "{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
            ));
            assert_eq!(
                (reply.status, reply.header("allow")),
                (405, *allowed),
                "{method} {path}: {}",
                reply.head
            );
        }
    }
    let reply = scene.ask("POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    assert_eq!((reply.status, reply.header("allow")), (405, "GET, HEAD"));
    for path in [
        "/nowhere",
        "/s",
        "/s/",
        "/f/",
        "/admin",
        "/.env",
        "/s/a/b",
        "/end/100",
        "/end/999",
        "/static/survey.css",
    ] {
        let reply = scene.ask(get(&format!("{path}?lang=en")));
        assert_eq!(reply.status, 404, "{path}: {}", reply.head);
        assert!(reply.body.contains(r#"lang="en""#), "{path}: in the visitor's language");
    }
    // Who is not signed in cannot tell an evaluation from none; the demo's codes are nowhere else.
    let wave = scene.app.wave.id;
    for path in ["results", "results.csv", "results.json"] {
        for id in [wave.to_string(), "0".to_owned()] {
            let reply = scene.ask(get(&format!("/evaluations/{id}/{path}")));
            let aim = format!("/sign-in?next=/evaluations/{id}/{path}");
            assert_eq!((reply.status, reply.header("location")), (303, aim.as_str()), "{path}");
        }
    }
    assert_eq!(scene.ask(get(&format!("/evaluations/{wave}/qr"))).status, 404);
    assert_eq!(scene.ask(get(&format!("/api/evaluations/{wave}/results"))).status, 401);
    scene.is_unharmed();
}

#[test]
fn guessing_links_is_slowed_and_hinders_nobody_else() {
    let scene = scene();
    let customer = scene.app.customer();
    let guess = |n: usize| {
        customer.get(&format!(
            "/s/{}",
            "ABCDEFGHIJ".chars().cycle().skip(n).take(32).collect::<String>()
        ))
    };
    let statuses: Vec<u16> = (0..10).map(|n| guess(n).status).collect();
    assert_eq!(statuses, [404; 10]);
    let slowed = guess(3);
    assert_eq!(slowed.status, 429, "{}", slowed.text());
    assert!(slowed.header("retry-after").parse::<u32>().unwrap() >= 1);
    assert!(
        slowed.text().contains(&message("zh-CN", "trouble-too-many")),
        "{}",
        slowed.text()
    );
    assert_eq!(
        customer.post("/s/SHORT", &[]).status,
        429,
        "guessing by POST is guessing"
    );
    // A whole shop shares that address.
    let receipt = customer.answer(&scene.link.path, &["consult"], "5");
    assert_eq!(receipt.status, 200);
    assert_eq!(
        customer.answer(&scene.app.personal_link().path, &["home"], "4").status,
        200
    );

    let app = TestApp::spawn_with(Backend::Sqlite, Plan::default(), |settings| {
        settings.rate_limit = "off".into()
    });
    assert!(
        (0..30).all(|n| app.customer().get(&format!("/s/UNKNOWN{n}")).status == 404),
        "switched off for load tests"
    );
}
