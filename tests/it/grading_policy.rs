//! What the scheme owner settles: two people, versions, and which evaluation is judged by which.

use perception::access::Role;

use crate::grading_case::{Case, latest_certificate, refused, sent};
use crate::harness::{Backend, Office, Page, Plan, Staff, TestApp, Wave, message};

both_backends!(
    settings_are_proposed_by_one_and_confirmed_by_another,
    an_evaluation_keeps_the_version_it_was_opened_under,
);

fn somebody(app: &TestApp, roles: &[Role]) -> Staff {
    Staff::signed_in(&app.base, &app.installation, roles)
}

/// Proposes these changes of the settings in force.
pub fn propose(who: &Staff, changes: &[(&str, &str)]) -> Page {
    let mut form = who.get("/policy").form_to("/policy");
    for (name, value) in changes {
        match form.radio_groups().iter().any(|group| group == name) {
            true => form.pick(name, value),
            false => form.write(name, value),
        }
    }
    who.send(&form)
}

/// Says yes or no to the proposal that waits.
pub fn answer(who: &Staff, word: &str) -> Page {
    let mut form = who.get("/policy").form_to("/policy/answer");
    form.pick("approves", word);
    form.write("remark", "会议纪要");
    who.send(&form)
}

/// Settings that two people have just put in force.
pub fn settle(app: &TestApp, changes: &[(&str, &str)]) {
    let reason = [changes, &[("reason", "技术委员会决定")]].concat();
    sent(&propose(&somebody(app, &[Role::Administrator]), &reason));
    sent(&answer(&somebody(app, &[Role::Signatory]), "yes"));
}

fn settings_are_proposed_by_one_and_confirmed_by_another(backend: Backend) {
    let app = TestApp::spawn(backend);
    let proposer = somebody(&app, &[Role::Administrator, Role::Signatory]);
    let signatory = somebody(&app, &[Role::Signatory]);
    let reader = somebody(&app, &[Role::Auditor]);
    // The register of certificates leads there from the first page.
    assert!(
        reader
            .get("/")
            .attributes("a", "href")
            .contains(&"/certificates".into())
    );
    assert!(
        reader
            .get("/certificates")
            .attributes("a", "href")
            .contains(&"/policy".into())
    );
    let page = reader.get("/policy");
    assert!(page.text().contains(&message("zh-CN", "policy-version-none")));
    assert!(
        page.attributes("form", "action")
            .iter()
            .all(|action| action == "/sign-out")
    );
    assert!(reader.get("/policy?lang=en").text().contains("Defaults (version 0)"));

    // Everything that is wrong at once, each field named, everything kept.
    let typed = [
        ("negative_window_months", "13"),
        ("certificate_term_months", "1"),
        ("one_star_min_s", "61"),
        ("complaint_window_months", "两年"),
        ("suspension_limit_months", ""),
    ];
    let page = propose(&proposer, &typed);
    for field in typed.map(|(field, _)| field).iter().chain(&["reason"]) {
        refused(&page, field);
    }
    let kept = page.form_to("/policy");
    for (field, text) in typed {
        assert_eq!(kept.written(field), text);
    }
    assert!(
        refused(&propose(&proposer, &[("reason", "没有改变")]), "reason")
            .contains(&message("zh-CN", "policy-error-unchanged"))
    );
    assert_eq!(app.raw().count("policy_proposal"), 0);

    sent(&propose(
        &proposer,
        &[("example4", "cap3"), ("reason", "方案所有者来函")],
    ));
    // The second takes the place of the first, also for who is still looking at the first.
    let mut stale = signatory.get("/policy").form_to("/policy/answer");
    stale.pick("approves", "yes");
    sent(&propose(
        &proposer,
        &[("certificate_term_months", "24"), ("reason", "改为两年")],
    ));
    assert!(refused(&signatory.send(&stale), "approves").contains(&message("zh-CN", "error-changed")));
    // Not by who proposed it, whatever roles they hold; with a reason where refused; lately re-authenticated.
    assert!(
        !proposer
            .get("/policy")
            .attributes("form", "action")
            .contains(&"/policy/answer".to_owned())
    );
    let own = [
        ("csrf", proposer.csrf("/policy")),
        ("version", "2".into()),
        ("approves", "yes".into()),
    ];
    let own: Vec<(&str, &str)> = own.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let own = proposer.post("/policy/answer", &own);
    assert!(
        own.status == 422 && own.text().contains(&message("zh-CN", "error-own-work")),
        "{}",
        own.text()
    );
    let mut silent = signatory.get("/policy").form_to("/policy/answer");
    silent.pick("approves", "no");
    refused(&signatory.send(&silent), "remark");
    sent(&answer(&signatory, "no"));
    sent(&propose(
        &proposer,
        &[("certificate_term_months", "48"), ("reason", "改为四年")],
    ));
    app.installation.clock.advance_ms(11 * 60_000);
    assert_eq!(answer(&signatory, "yes").status, 403);
    assert_eq!(app.raw().count("policy_answer WHERE version IS NOT NULL"), 0);
    sent(&answer(&somebody(&app, &[Role::Signatory]), "yes"));

    let page = reader.get("/policy?lang=en").text();
    for told in [
        "Version 1",
        "36 months → 48 months",
        "改为两年",
        "returned: ",
        "Superseded",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    let office: Vec<String> = app.actions().into_iter().filter(|a| a.starts_with("policy.")).collect();
    assert_eq!(
        office,
        [
            "policy.proposed",
            "policy.proposed",
            "policy.refused",
            "policy.proposed",
            "policy.confirmed"
        ]
    );
    for statement in ["UPDATE policy_answer SET remark = 'x'", "DELETE FROM policy_proposal"] {
        assert!(app.raw().refused(statement).contains("append-only"), "{statement}");
    }
}

fn an_evaluation_keeps_the_version_it_was_opened_under(backend: Backend) {
    let app = TestApp::spawn(backend);
    let before = Case::first(&app);
    settle(&app, &[("example4", "cap3"), ("certificate_term_months", "24")]);
    let after = Wave::sow(
        &app.installation,
        Plan {
            seed: 7,
            ..Plan::default()
        },
    );
    let after = Case::of(&app, after);
    // Later settings touch neither.
    settle(&app, &[("example4", "off")]);
    let version = |n: &str| message("zh-CN", "policy-version").replace("{ $n }", n);
    for (case, named, ruling, months) in [
        (&before, message("zh-CN", "policy-version-none"), "grant:5", 36),
        (&after, version("1"), "grant:3", 24),
    ] {
        case.prepare(&app, 95, "5");
        sent(&case.enter(&case.manager, "convenience", &[("services", "2")]));
        sent(&case.confirm(&case.evaluators[0], "convenience", "convenience"));
        let worksheet = case.manager.get(&case.at("decision"));
        let judged = message("zh-CN", "policy-judged-by").replace("{ $version }", &named);
        assert!(worksheet.text().contains(&judged), "{judged}: {}", worksheet.text());
        let decision = case.at("decision");
        assert_eq!(worksheet.form_to(&decision).values("ruling")[0], ruling);
        sent(&case.propose(ruling, ""));
        sent(&case.sign(&case.reviewer, "review", "yes"));
        sent(&case.sign(&case.signatory, "signature", "yes"));
        assert!(case.manager.get(&decision).text().contains(&judged));
        let number = latest_certificate(&app);
        let page = app.customer().get(&format!("/certificates/{number}")).text();
        let today = chrono::NaiveDate::parse_from_str(&case.day(0), "%Y-%m-%d").unwrap();
        let last_day = today + chrono::Months::new(months) - chrono::Days::new(1);
        assert!(page.contains(&last_day.to_string()), "{last_day}: {page}");
    }
    // The signed case holds the settings themselves.
    let input = app.raw().texts("SELECT input AS value FROM decision ORDER BY input");
    assert!(
        input.iter().any(|input| input.contains(r#""example4":"cap3""#)),
        "{input:?}"
    );
    let moved = "UPDATE evaluation_policy SET version = 2";
    assert!(app.raw().refused(moved).contains("append-only"));
}
