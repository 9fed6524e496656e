//! From an empty installation to a signed four-star certificate, and its downgrade a year later.

use crate::grading_case::{Case, latest_certificate, refused, sent};
use crate::harness::{Backend, DAY_MS, TestApp, message};

both_backends!(
    four_stars_and_two_a_year_later,
    evaluators_who_differ_settle,
    what_does_not_apply_needs_consent,
    what_was_found_on_site_and_what_customers_reported_is_shown_to_the_scorers,
);

fn four_stars_and_two_a_year_later(backend: Backend) {
    let app = TestApp::spawn(backend);
    let case = Case::first(&app);
    let worksheet = case.manager.get(&case.at("decision"));
    assert!(worksheet.text().contains(&message("zh-CN", "obstacle-survey-running")));
    case.prepare(&app, 85, "4");
    let worksheet = case.manager.get(&case.at("decision"));
    // 85 % of the marks of every clause; the customary points of "satisfied" are 80 of 100.
    for figure in ["85.00%", "80.00%", "四星级"] {
        assert!(worksheet.text().contains(figure), "{figure}: {}", worksheet.text());
    }
    sent(&case.propose("grant:4", ""));
    sent(&case.sign(&case.reviewer, "review", "yes"));
    sent(&case.sign(&case.signatory, "signature", "yes"));
    let number = latest_certificate(&app);
    let public = app.customer().get(&format!("/certificates/{number}"));
    assert_eq!(public.status, 200);
    for stated in [
        number.as_str(),
        "海晴电器有限公司",
        "四星级",
        "有效",
        "CQM/F-RZ-ZY-06-001",
    ] {
        assert!(public.text().contains(stated), "{stated}: {}", public.text());
    }
    // Nothing of the survey, no names of ours, no way into the office.
    for secret in ["80.00", "85.00", "S当面", "person-", "evaluations/"] {
        assert!(!public.source().contains(secret), "{secret}");
    }
    let notices = "holder_notice WHERE NOT void AND kind LIKE 'remind:%'";
    assert_eq!(app.raw().count(notices), 2);

    app.installation.clock.advance_ms(365 * DAY_MS);
    let later = Case::again(&app, "surveillance");
    let due = later.manager.get(&later.at("certificate"));
    assert!(
        due.text().contains(&message("zh-CN", "duty-evaluate")),
        "{}",
        due.text()
    );
    later.prepare(&app, 85, "3");
    let worksheet = later.manager.get(&later.at("decision"));
    assert!(worksheet.text().contains(&message("zh-CN", "decision-years")));
    assert!(worksheet.text().contains("-20.00"), "{}", worksheet.text());
    sent(&later.propose("downgrade:2", ""));
    sent(&later.sign(&later.reviewer, "review", "yes"));
    sent(&later.sign(&later.signatory, "signature", "yes"));
    let lower = latest_certificate(&app);
    assert_ne!(lower, number);
    let old = app.customer().get(&format!("/certificates/{number}?lang=en"));
    assert!(
        old.text().contains("Cancelled and reissued")
            && old.text().contains("Downgrade")
            && old.text().contains(&lower),
        "{}",
        old.text()
    );
    let new = app.customer().get(&format!("/certificates/{lower}?lang=en"));
    assert!(
        new.text().contains("two stars") && new.text().contains("Valid"),
        "{}",
        new.text()
    );
    let days = "SELECT last_day AS value FROM certificate";
    let days = app.raw().texts(days);
    assert!(days.len() == 2 && days[0] == days[1], "the term stays: {days:?}");
    // Every step is an event of its evaluation, and the worksheet still shows what was decided.
    let signed = "event WHERE action IN ('decision.signed', 'certificate.grant', 'certificate.downgrade')";
    assert_eq!(app.raw().count(signed), 2 + 3);
    let sealed = later.manager.get(&later.at("decision"));
    assert!(sealed.text().contains(&message("zh-CN", "decision-sealed")));
    assert!(sealed.text().contains("二星级"));
}

fn evaluators_who_differ_settle(backend: Backend) {
    let app = TestApp::spawn(backend);
    let case = Case::first(&app);
    case.score(&case.evaluators[0], 90);
    case.score(&case.evaluators[1], 80);
    let path = case.at("scoring/4.1.3");
    let agreed = format!("{path}/agreed");
    let mut form = case.manager.get(&path).form_to(&agreed);
    form.pick("clause", "4.1.3.1");
    form.write("marks", "4.9");
    form.write("reason", "复看照片");
    let page = case.manager.send(&form);
    assert!(refused(&page, "marks").contains(&message("zh-CN", "error-outside-others")));
    let mut again = page.form_to(&agreed);
    assert_eq!(again.chosen("reason"), ["复看照片"]);
    again.write("marks", "4.25");
    sent(&case.manager.send(&again));
    let overview = case.evaluators[0].get(&path);
    assert!(overview.text().contains("4.25"), "{}", overview.text());
    let left = case.manager.get(&case.at("decision")).text();
    let disputed = left.split("待商定：").nth(1).unwrap().split(' ').next().unwrap();
    assert!(
        disputed.contains("4.1.3.2") && !disputed.contains("4.1.3.1"),
        "{disputed}"
    );
}

fn what_does_not_apply_needs_consent(backend: Backend) {
    let app = TestApp::spawn(backend);
    let case = Case::first(&app);
    case.survey(&app, "5");
    for clause in ["4.1.3.1", "4.1.3.2"] {
        sent(&case.enter(&case.manager, "not_applicable", &[("clause", clause)]));
        let id = format!("not_applicable:{clause}");
        let way = case.at(&format!("facts/not_applicable/{id}/check"));
        let csrf = case.evaluators[0].csrf(&case.at("conflict"));
        let by_evaluator = case.evaluators[0].post(&way, &[("csrf", &csrf), ("agrees", "yes"), ("version", "1")]);
        assert_eq!(by_evaluator.status, 403);
        sent(&case.confirm(&case.reviewer, "not_applicable", &id));
    }
    let twice = case.enter(&case.manager, "not_applicable", &[("clause", "4.1.3.1")]);
    assert!(refused(&twice, "clause").contains(&message("zh-CN", "error-taken")));
    case.score(&case.evaluators[0], 95);
    case.audit();
    case.facts();
    let worksheet = case.manager.get(&case.at("decision")).text();
    assert!(
        worksheet.contains("95.00%") && worksheet.contains("五星级"),
        "{worksheet}"
    );
    assert!(worksheet.contains("4.1.3 整项不适用"), "{worksheet}");
}

/// A repaired product that did not work for 30 days.
const OBSERVED: [(&str, &str); 3] = [
    ("subject", "冰箱 工单 20261"),
    ("promised", "修后 30 天内正常使用"),
    ("actual", "第 12 天又不制冷"),
];

fn what_was_found_on_site_and_what_customers_reported_is_shown_to_the_scorers(backend: Backend) {
    let app = TestApp::spawn(backend);
    let case = Case::first(&app);
    let (customer, link) = (app.customer(), app.open_link());
    for (fee, at_home) in [("yes", "3"), ("yes", "5"), ("no", "1")] {
        let mut form = customer.begin(&link.path, &["home", "complaint"]).form();
        form.rate_all("5");
        form.pick("S01", "2");
        form.pick("S03", at_home);
        form.pick("complaint_fee", fee);
        assert_eq!(customer.send(&form).status, 303);
    }
    let scoring = case.at("scoring");
    let mut form = case.evaluators[0].get(&scoring).form_to(&case.at("observations"));
    form.pick("kind", "repair");
    for (field, typed) in OBSERVED {
        form.write(field, typed);
    }
    form.pick("met", "no");
    assert_eq!(case.evaluators[0].send(&form).status, 303);
    let shown = || case.evaluators[0].get(&scoring).text();
    for (_, typed) in OBSERVED {
        assert!(shown().contains(typed), "{typed}: {}", shown());
    }
    assert!(shown().contains(&message("zh-CN", "reported-later")), "{}", shown());
    app.close();
    let shown = shown();
    for told in [
        "说处理投诉收了费的：2 份",
        "人身、财产安全评分低的：1 项次",
        "个人信息保护评分低的：3 项次",
    ] {
        assert!(shown.contains(told), "{told}: {shown}");
    }
}
