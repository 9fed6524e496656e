//! A customer's way from a link to a receipt, without script and cookie.

use perception::statistics::sums::Sums;

use crate::harness::{Backend, FIRM, OUTLETS, Page, TestApp, message};

both_backends!(
    every_kind_of_link_leads_to_a_receipt_in_both_languages,
    the_other_language_is_one_link_away_and_the_same_form,
    those_who_may_not_or_will_not_answer_end_politely_and_are_counted_without_content,
    somebody_turned_away_by_mistake_may_come_back_with_a_personal_link,
    all_not_applicable_is_accepted_and_not_scored,
    a_break_off_is_stored_and_not_counted,
    looking_never_spends_a_link_nor_writes_anything,
);

fn every_kind_of_link_leads_to_a_receipt_in_both_languages(backend: Backend) {
    let app = TestApp::spawn(backend);
    let customer = app.customer();
    let links = [
        app.open_link(),
        app.open_link(),
        app.personal_link(),
        app.personal_link(),
        app.printed_link(),
        app.printed_link(),
    ];
    for (number, link) in links.iter().enumerate() {
        let (language, firm, outlet) = match number % 2 {
            0 => ("zh-CN", FIRM.0, OUTLETS[0].0),
            _ => ("en", FIRM.1, OUTLETS[0].1),
        };
        let path = if language == "en" {
            format!("{}?lang=en", link.path)
        } else {
            link.path.clone()
        };
        let landing = customer.get(&path);
        assert_eq!(landing.language(), language);
        assert!(
            landing.text().contains(firm) && landing.text().contains(outlet),
            "{}",
            landing.text()
        );

        let mut form = landing.form();
        form.check("consent", "yes");
        form.pick_labelled("age18", &message(language, "yes"));
        form.pick_labelled("service_12m", &message(language, "yes"));
        form.pick_labelled("conflict", &message(language, "no"));
        form.check("services", "outlet");
        let rating = customer.follow(customer.send(&form));
        assert_eq!(
            (rating.status, rating.language().as_str()),
            (200, language),
            "{}",
            rating.text()
        );
        assert!(rating.text().contains(firm) && rating.text().contains(outlet));

        let mut form = rating.form();
        form.rate_all("5");
        form.pick("F01", "4");
        // Ticked before they thought better of it: nothing is stored of it.
        form.check("low_reasons", "F01.unsolved");
        form.pick("product_category", "fridge");
        form.pick("customer_type", "home");
        form.check("integrity", "none");
        form.write("comment", "第一行\n第二行 <b>&amp;</b>");
        let sent = customer.send(&form);
        assert_eq!(sent.status, 303, "{}", sent.text());
        let receipt = customer.get(sent.location());
        assert_eq!((receipt.status, receipt.language().as_str()), (200, language));
        let code = receipt.receipt();
        assert_eq!(
            code.split('-').map(str::len).collect::<Vec<_>>(),
            [4, 4, 4, 4],
            "{code}"
        );
        assert!(receipt.text().contains(&code), "the code is not only an attribute");
        assert_eq!(customer.get(sent.location()).receipt(), code, "F5");
        assert_eq!(
            customer.follow(customer.get(&form.action)).receipt(),
            code,
            "Back and reload"
        );

        for page in [&landing, &rating, &sent, &receipt] {
            assert_eq!(page.header("set-cookie"), "", "{}", page.path);
            assert!(!page.source().contains("<script"), "{}", page.path);
        }
    }
    let mut raw = app.raw();
    assert_eq!(
        raw.count("response WHERE evidence_class = 'open' AND interview_id IS NULL AND status = 'I'"),
        2
    );
    assert_eq!(
        raw.count("response WHERE evidence_class = 'invited' AND interview_id IS NULL AND status = 'I'"),
        4
    );
    assert_eq!(raw.count("response WHERE language = 'en'"), 3);
    assert_eq!(raw.count("link WHERE kind <> 'outlet' AND used"), 4);
    assert_eq!(app.comments(), ["第一行\n第二行 <b>&amp;</b>"; 6]);
    let answers = raw.texts("SELECT answers AS value FROM response_content");
    let wanted = "1;services=outlet;G00=5;F01=4;F02=5;F03=5;V01=5;S01=5;K01=5;T01=5;E01=5;product=fridge;type=home;integrity=none";
    assert_eq!(answers, [wanted; 6]);
    // S: item weights 2+2+2+2+2+6+5+4 = 25 at 100 points, but F01 (weight 2) at 80.
    let sums = |n: u64| {
        let (a, b) = (2_460_i64, 2_500_i64);
        let times = |square: i64| i128::from(n) * i128::from(square);
        Sums {
            n,
            scored: n,
            a: n as i64 * a,
            b: n as i64 * b,
            aa: times(a * a),
            ab: times(a * b),
            bb: times(b * b),
        }
    };
    let tallies = app.consistent_tallies();
    let found: Vec<(bool, Sums)> = tallies
        .iter()
        .map(|(key, tally)| (key.ends_with("open"), *tally.core()))
        .collect();
    assert_eq!(found, [(false, sums(4)), (true, sums(2))], "{tallies:?}");
}

fn the_other_language_is_one_link_away_and_the_same_form(backend: Backend) {
    let app = TestApp::spawn(backend);
    let (customer, link) = (app.customer(), app.personal_link());
    let other = |page: &Page| page.attributes("header a[hreflang]", "href").concat();
    let landing = customer.get(&link.path);
    let english = customer.get(&other(&landing));
    assert_eq!(
        (landing.language().as_str(), english.language().as_str()),
        ("zh-CN", "en")
    );
    assert_eq!(customer.get(&other(&english)).language(), "zh-CN");

    let rating = customer.begin(&link.path, &["consult"]);
    let english = customer.get(&other(&rating));
    assert_eq!(
        (rating.language().as_str(), english.language().as_str()),
        ("zh-CN", "en")
    );
    let mut form = english.form();
    form.rate_all("3");
    let receipt = customer.follow(customer.send(&form));
    assert_eq!(receipt.language(), "en");
    let again = customer.follow(customer.send(&rating.form()));
    assert_eq!(
        (again.language().as_str(), again.receipt()),
        ("zh-CN", receipt.receipt())
    );
    assert_eq!(app.responses(), 1);
}

fn those_who_may_not_or_will_not_answer_end_politely_and_are_counted_without_content(backend: Backend) {
    let app = TestApp::spawn(backend);
    let customer = app.customer();
    let ways = [
        ("age18", "no", "222", "ended-minor"),
        ("service_12m", "no", "220", "ended-no-service"),
        ("conflict", "yes", "221", "ended-interested"),
    ];
    let open = app.open_link();
    for link in [open.path.clone(), app.personal_link().path] {
        let single_use = link != open.path;
        for (question, answer, code, words) in ways {
            for language in ["zh-CN", "en"] {
                let link = if single_use {
                    app.personal_link().path
                } else {
                    link.clone()
                };
                let mut form = customer.get(&format!("{link}?lang={language}")).form();
                // The first disqualifying answer is enough; what else was typed is not kept.
                form.check("services", "repair");
                form.pick(question, answer);
                let end = customer.follow(customer.send(&form));
                assert_eq!((end.status, end.language().as_str()), (200, language), "{}", end.text());
                assert!(end.text().contains(&message(language, words)), "{code}: {}", end.text());
            }
        }
        let form = customer.get(&link).form();
        let end = customer.follow(customer.post(&form.action, &form.pairs_with_button("action")));
        assert_eq!(end.status, 200);
        assert!(
            end.text().contains(&message("zh-CN", "ended-declined")),
            "{}",
            end.text()
        );
    }
    assert_eq!(app.responses(), 0);
    let counted = app.dispositions();
    assert_eq!(
        counted.iter().map(|(code, n)| (code.as_str(), *n)).collect::<Vec<_>>(),
        [("210", 2), ("220", 4), ("221", 4), ("222", 4)]
    );
    app.consistent_tallies();
    let mut raw = app.raw();
    assert_eq!(
        raw.count("disposition WHERE evidence_class = 'open' AND evaluator_id IS NULL"),
        7
    );
    assert_eq!(raw.count("link WHERE ended_code IS NOT NULL AND NOT used"), 7);
    for table in ["response_content", "response_comment", "interview"] {
        assert_eq!(raw.count(table), 0, "{table}");
    }
}

fn somebody_turned_away_by_mistake_may_come_back_with_a_personal_link(backend: Backend) {
    let app = TestApp::spawn(backend);
    let (customer, link) = (app.customer(), app.personal_link());
    for answer in ["age18", "service_12m"] {
        let mut form = customer.get(&link.path).form();
        form.pick(answer, "no");
        customer.send(&form);
    }
    assert_eq!(
        app.dispositions().into_iter().collect::<Vec<_>>(),
        [("220".to_owned(), 1)],
        "one person, the last outcome"
    );
    customer.answer(&link.path, &["consult"], "4");
    assert_eq!(
        app.dispositions().into_iter().collect::<Vec<_>>(),
        [("100".to_owned(), 1)]
    );
    assert_eq!(app.raw().count("link WHERE used AND ended_code IS NULL"), 1);
    app.consistent_tallies();
}

fn all_not_applicable_is_accepted_and_not_scored(backend: Backend) {
    let app = TestApp::spawn(backend);
    let customer = app.customer();
    customer.answer(&app.open_link().path, &["home", "complaint"], "0");
    let tallies = app.consistent_tallies();
    // One response, none scored, no points obtained or available.
    let unscored = Sums {
        n: 1,
        ..Sums::default()
    };
    assert!(tallies.values().all(|tally| *tally.core() == unscored), "{tallies:?}");
    assert_eq!(app.raw().count("response WHERE status = 'I'"), 1);
}

fn a_break_off_is_stored_and_not_counted(backend: Backend) {
    let app = TestApp::spawn(backend);
    let customer = app.customer();
    let mut form = customer
        .begin(&app.open_link().path, &["outlet", "home", "repair"])
        .form();
    form.pick("F01", "1");
    let receipt = customer.follow(customer.send(&form));
    assert_eq!(receipt.status, 200);
    receipt.receipt();
    assert_eq!(app.raw().count("response WHERE status = 'R'"), 1);
    assert_eq!(app.counted(), 0);
    assert_eq!(
        app.dispositions().into_iter().collect::<Vec<_>>(),
        [("211".to_owned(), 1)]
    );
    app.consistent_tallies();
}

fn looking_never_spends_a_link_nor_writes_anything(backend: Backend) {
    let app = TestApp::spawn(backend);
    let customer = app.customer();
    let written = |app: &TestApp| {
        let tables = [
            "response",
            "response_content",
            "disposition",
            "event",
            "tally",
            "link WHERE used OR ended_code IS NOT NULL",
        ];
        tables.map(|table| app.raw().count(table))
    };
    let before = written(&app);
    let links = [app.personal_link(), app.printed_link(), app.open_link()];
    for link in &links {
        let rating = customer.begin(&link.path, &["consult"]);
        for path in [&link.path, &rating.path] {
            for _ in 0..50 {
                assert_eq!(customer.get(path).status, 200);
                let head = customer.head(path);
                assert_eq!((head.status, head.body.len()), (200, 0), "HEAD {path}");
            }
        }
    }
    assert_eq!(written(&app), before);
    for link in &links {
        customer.answer(&link.path, &["consult"], "5");
    }
    assert_eq!(app.responses(), 3);
}
