//! Recertification: a holder applies for another term.

use crate::grading_case::{Case, latest_certificate, sent};
use crate::grading_policy::settle;
use crate::harness::{Backend, DAY_MS, TestApp, message};

both_backends!(
    a_better_result_renews_with_a_new_term_that_follows_the_old_one,
    what_is_suspended_or_over_is_not_renewed,
);

fn granted(case: &Case, app: &TestApp, ruling: &str) -> String {
    sent(&case.propose(ruling, ""));
    sent(&case.sign(&case.reviewer, "review", "yes"));
    sent(&case.sign(&case.signatory, "signature", "yes"));
    latest_certificate(app)
}

fn a_better_result_renews_with_a_new_term_that_follows_the_old_one(backend: Backend) {
    let app = TestApp::spawn(backend);
    let first = Case::first(&app);
    first.prepare(&app, 85, "4");
    let old = granted(&first, &app, "grant:4");
    app.installation.clock.advance_ms(1000 * DAY_MS);
    settle(&app, &[("certificate_term_months", "24")]);
    // A first evaluation of a holder leads nowhere; the worksheet names the way.
    let wrong = Case::again(&app, "initial");
    let worksheet = wrong.manager.get(&wrong.at("decision")).text();
    assert!(
        worksheet.contains(&message("zh-CN", "obstacle-already-held")),
        "{worksheet}"
    );
    let case = Case::following(&app, "recertification", 3);
    case.prepare(&app, 95, "5");
    let page = case.manager.get(&case.at("decision"));
    assert_eq!(
        page.form_to(&case.at("decision")).values("ruling"),
        ["grant:5", "grant:4", "grant:3", "grant:2", "grant:1", "refuse", "hold"]
    );
    let new = {
        sent(&case.propose("grant:5", ""));
        sent(&case.sign(&case.reviewer, "review", "yes"));
        sent(&case.sign(&case.signatory, "signature", "yes"));
        let query = format!("SELECT number AS value FROM certificate WHERE replaces = '{old}'");
        app.raw().text(&query)
    };
    let public = |number: &str| app.customer().get(&format!("/certificates/{number}?lang=en")).text();
    let (was, is) = (public(&old), public(&new));
    for told in ["Cancelled and reissued", "Renew", "four stars", new.as_str()] {
        assert!(was.contains(told), "{told}: {was}");
    }
    for told in ["five stars", "Valid", old.as_str()] {
        assert!(is.contains(told), "{told}: {is}");
    }
    // Nothing is lost by renewing early: the new term begins when the old one would have ended.
    let day = |number: &str| {
        let query = format!("SELECT last_day AS value FROM certificate WHERE number = '{number}'");
        chrono::NaiveDate::parse_from_str(&app.raw().text(&query), "%Y-%m-%d").unwrap()
    };
    let follows = day(&old) + chrono::Days::new(1) + chrono::Months::new(24) - chrono::Days::new(1);
    assert_eq!(day(&new), follows);
    assert_eq!(app.raw().count("certificate_step WHERE step = 'renew'"), 2);
    // One certificate at a time: everything afterwards is about the new one.
    let later = case.manager.get(&case.at("certificate"));
    assert!(later.text().contains(&new), "{}", later.text());
    assert_eq!(app.raw().count("event WHERE action = 'certificate.renew'"), 2);
}

fn what_is_suspended_or_over_is_not_renewed(backend: Backend) {
    let app = TestApp::spawn(backend);
    let first = Case::first(&app);
    let obstacle = |case: &Case| {
        let page = case.manager.get(&case.at("decision")).text();
        ["obstacle-no-certificate", "obstacle-not-renewable"].map(|key| page.contains(&message("zh-CN", key)))
    };
    let early = Case::again(&app, "recertification");
    assert_eq!(obstacle(&early), [true, false], "nothing is held yet");
    first.prepare(&app, 85, "4");
    granted(&first, &app, "grant:4");
    assert_eq!(obstacle(&early), [false, false]);
    let steps = first.at("certificate/steps");
    let mut form = first.manager.get(&first.at("certificate")).form_to(&steps);
    form.pick("step", "suspend");
    form.pick("reason", "injury");
    form.write("takes_effect_on", &first.day(0));
    form.write("grounds", "来函");
    sent(&first.manager.send(&form));
    let signature = first.at("certificate/signature");
    let mut form = first.signatory.get(&first.at("certificate")).form_to(&signature);
    form.check("approves", "yes");
    sent(&first.signatory.send(&form));
    early.prepare(&app, 95, "5");
    assert_eq!(obstacle(&early), [false, true]);
    let page = early.manager.get(&early.at("decision"));
    assert!(!page.attributes("form", "action").contains(&early.at("decision")));
}
