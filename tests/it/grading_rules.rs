//! The rules of two persons.

use perception::access::Role;
use perception::store::membership;
use perception::store::{StoreError, conflict};

use crate::grading_case::{Case, refused, sent};
use crate::harness::{Backend, DAY_MS, TestApp, message};

both_backends!(
    nobody_confirms_what_they_entered,
    three_people_decide_and_only_downward,
    one_person_with_two_roles_is_still_one_person,
    who_has_a_conflict_is_no_evaluator,
    illegal_steps_of_a_certificate_are_refused,
    an_injury_found_at_surveillance_suspends,
);

fn nobody_confirms_what_they_entered(backend: Backend) {
    let app = TestApp::spawn(backend);
    let case = Case::first(&app);
    sent(&case.enter(&case.manager, "blacklist", &[("listed", "no")]));
    let check = case.at("facts/blacklist/blacklist/check");
    let csrf = case.manager.csrf(&case.at("conflict"));
    let own = case
        .manager
        .post(&check, &[("csrf", &csrf), ("agrees", "yes"), ("version", "1")]);
    assert!(refused(&own, "agrees").contains(&message("zh-CN", "error-own-work")));
    sent(&case.confirm(&case.evaluators[0], "blacklist", "blacklist"));
    // A correction must be confirmed again, and a check of the old version does nothing.
    let path = case.at("facts/blacklist/blacklist");
    let mut form = case.evaluators[1].get(&path).form_to(&path);
    form.pick("listed", "yes");
    sent(&case.evaluators[1].send(&form));
    let waits = case.manager.get(&case.at("facts"));
    assert!(
        waits.text().contains(&message("zh-CN", "fact-waiting")),
        "{}",
        waits.text()
    );
    let late = case
        .manager
        .post(&check, &[("csrf", &csrf), ("agrees", "yes"), ("version", "1")]);
    assert!(refused(&late, "agrees").contains(&message("zh-CN", "error-changed")));
    let again = case.evaluators[1].post(
        &check,
        &[
            ("csrf", &case.evaluators[1].csrf(&case.at("conflict"))),
            ("agrees", "yes"),
            ("version", "2"),
        ],
    );
    refused(&again, "agrees");
    sent(&case.confirm(&case.manager, "blacklist", "blacklist"));
}

fn three_people_decide_and_only_downward(backend: Backend) {
    let app = TestApp::spawn(backend);
    let case = Case::first(&app);
    case.prepare(&app, 85, "4");
    let decision = case.at("decision");
    let form = case.manager.get(&decision).form_to(&decision);
    let hash = form.chosen("case")[0].to_owned();
    let csrf = form.chosen("csrf")[0].to_owned();
    let try_it = |ruling: &str, reason: &str| {
        let pairs = [
            ("csrf", csrf.as_str()),
            ("case", &hash),
            ("ruling", ruling),
            ("reason", reason),
        ];
        case.manager.post(&decision, &pairs)
    };
    refused(&try_it("grant:5", "顾客喜欢"), "ruling");
    refused(&try_it("maintain", "x"), "ruling");
    refused(&try_it("grant:3", ""), "reason");
    let stale = case
        .manager
        .post(&decision, &[("csrf", &csrf), ("case", "0"), ("ruling", "grant:4")]);
    assert_eq!(stale.status, 422);
    sent(&try_it("grant:3", "整改刚完成，先看一年"));
    // Not before the reviewer, not by who proposed, not by who took part.
    let sign = |who: &crate::harness::Staff, place: &str, version: &str| {
        let token = who.csrf(&case.at("conflict"));
        let pairs = [("csrf", token.as_str()), ("approves", "yes"), ("version", version)];
        who.post(&case.at(&format!("decision/{place}")), &pairs)
    };
    let early = sign(&case.signatory, "signature", "1");
    assert!(
        early.status == 422 && early.text().contains(&message("zh-CN", "error-not-ready")),
        "{}",
        early.text()
    );
    for other in [&case.manager, &case.evaluators[0], &case.signatory] {
        assert_eq!(sign(other, "review", "1").status, 403);
    }
    assert_eq!(sign(&case.reviewer, "signature", "1").status, 403);
    // The case changes: what was proposed no longer stands.
    sent(&case.enter(&case.manager, "convenience", &[("services", "2")]));
    assert!(refused(&sign(&case.reviewer, "review", "1"), "approves").contains(&message("zh-CN", "error-changed")));
    sent(&case.confirm(&case.evaluators[0], "convenience", "convenience"));
    sent(&case.propose("grant:3", "整改刚完成，先看一年"));
    sent(&case.sign(&case.reviewer, "review", "yes"));
    sent(&case.sign(&case.signatory, "signature", "no"));
    assert_eq!(app.raw().count("certificate"), 0, "a refused signature issues nothing");
    sent(&case.propose("grant:4", ""));
    // An old proof of who is there is not enough for a signature.
    app.installation.clock.advance_ms(11 * 60_000);
    let confirm = sign(&case.reviewer, "review", "3");
    assert_eq!(confirm.status, 403, "{}", confirm.text());
    assert_eq!(app.raw().count("decision_signature WHERE version = 3"), 0);
}

fn one_person_with_two_roles_is_still_one_person(backend: Backend) {
    let app = TestApp::spawn(backend);
    let case = Case::first(&app);
    // Roles that exclude each other, given past the members' page.
    let (id, everywhere) = (case.id, case.manager.person.unwrap());
    let store = &app.installation.store;
    let given: Result<(), StoreError> = store.write_blocking(move |tx| {
        for role in [Role::Reviewer, Role::Signatory, Role::Evaluator] {
            membership::insert(tx, id, everywhere, role)?;
        }
        Ok(())
    });
    given.unwrap();
    case.prepare(&app, 85, "4");
    sent(&case.propose("grant:4", ""));
    let declare = case.at("conflict");
    let mut form = case.reviewer.get(&declare).form_to(&declare);
    form.pick("conflicted", "yes");
    form.write("explanation", "持有该公司股份");
    sent(&case.reviewer.send(&form));
    let conflicted = case.sign(&case.reviewer, "review", "yes");
    refused(&conflicted, "approves");
    form.pick("conflicted", "no");
    form.write("explanation", "已转让");
    sent(&case.reviewer.send(&form));
    let own = case.sign(&case.manager, "review", "yes");
    assert!(refused(&own, "approves").contains(&message("zh-CN", "error-own-work")));
    sent(&case.sign(&case.reviewer, "review", "yes"));
    let own = case.sign(&case.manager, "signature", "yes");
    assert!(refused(&own, "approves").contains(&message("zh-CN", "error-own-work")));
    assert_eq!(app.raw().count("certificate"), 0);
}

fn who_has_a_conflict_is_no_evaluator(backend: Backend) {
    let app = TestApp::spawn(backend);
    let case = Case::first(&app);
    let path = case.at("conflict");
    let evaluator = &case.evaluators[0];
    let mut form = evaluator.get(&path).form_to(&path);
    form.pick("conflicted", "yes");
    refused(&evaluator.send(&form), "explanation");
    form.write("explanation", "配偶在该公司任职");
    sent(&evaluator.send(&form));
    assert_eq!(
        evaluator.get(&case.at("scoring")).status,
        404,
        "no longer in the evaluation"
    );
    let (id, person) = (case.id, evaluator.person.unwrap());
    let store = &app.installation.store;
    let declared = store.read_blocking(move |conn| conflict::is_declared(conn, id, person));
    assert!(declared.unwrap());
    let assigned: Result<(), StoreError> =
        store.write_blocking(move |tx| membership::insert(tx, id, person, Role::Evaluator));
    assert!(assigned.is_err(), "the database refuses it, too");
}

fn illegal_steps_of_a_certificate_are_refused(backend: Backend) {
    let app = TestApp::spawn(backend);
    let case = Case::first(&app);
    case.prepare(&app, 85, "4");
    sent(&case.propose("grant:4", ""));
    sent(&case.sign(&case.reviewer, "review", "yes"));
    sent(&case.sign(&case.signatory, "signature", "yes"));
    let steps = case.at("certificate/steps");
    let propose = |step: &str, reason: &str| {
        let mut form = case.manager.get(&case.at("certificate")).form_to(&steps);
        form.pick("step", step);
        form.pick("reason", reason);
        form.write("takes_effect_on", &case.day(0));
        form.write("grounds", "来函");
        case.manager.send(&form)
    };
    refused(&propose("reinstate", "cause_removed"), "step");
    refused(&propose("expire", "term_ended"), "step");
    refused(&propose("suspend", "holder_request"), "reason");
    sent(&propose("suspend", "injury"));
    let own = case.manager.post(
        &case.at("certificate/signature"),
        &[
            ("csrf", &case.manager.csrf(&case.at("conflict"))),
            ("approves", "yes"),
            ("version", "1"),
        ],
    );
    assert_eq!(own.status, 403);
    let signature = case.at("certificate/signature");
    let mut form = case.signatory.get(&case.at("certificate")).form_to(&signature);
    refused(&case.signatory.send(&form), "approves");
    form.check("approves", "yes");
    sent(&case.signatory.send(&form));
    let number = crate::grading_case::latest_certificate(&app);
    let public = app.customer().get(&format!("/certificates/{number}"));
    assert!(
        public.text().contains("暂停") && public.text().contains("不得使用"),
        "{}",
        public.text()
    );
    // The same proposal is not carried out twice.
    let twice = case.signatory.send(&form);
    assert!(
        twice.status == 422 && twice.text().contains(&message("zh-CN", "error-changed")),
        "{}",
        twice.text()
    );
    assert_eq!(app.raw().count("certificate_step"), 2);
    // A report makes an extra evaluation due.
    let report = case.at("certificate/reports");
    let mut form = case.manager.get(&case.at("certificate")).form_to(&report);
    form.pick("kind", "accident");
    form.write("reported_on", &case.day(0));
    form.write("source", "媒体");
    form.write("account", "安装坠落");
    sent(&case.manager.send(&form));
    let page = case.manager.get(&case.at("certificate"));
    assert!(
        page.text().contains(&message("zh-CN", "duty-evaluate-extra")),
        "{}",
        page.text()
    );
    let ways = page.attributes("a", "href");
    let drafts = "evaluation WHERE mode = 'special' AND state = 'draft'";
    assert_eq!(app.raw().count(drafts), 1);
    let id = app
        .raw()
        .texts("SELECT id AS value FROM evaluation WHERE mode = 'special'")
        .pop()
        .unwrap();
    assert!(ways.contains(&format!("/evaluations/{id}")), "{ways:?}");
    let draft = case.manager.get(&format!("/evaluations/{id}"));
    for stated in ["增加的评价（最迟", "家用电器售后服务", "浦东服务网点"] {
        assert!(draft.text().contains(stated), "{stated}: {}", draft.text());
    }
    // The first page of its manager shows it; the evaluators are named anew.
    assert!(case.manager.get("/").text().contains("增加的评价（最迟"));
    assert_eq!(case.evaluators[0].get(&format!("/evaluations/{id}")).status, 404);
    // What is typed stays when a report is refused; a second report opens no second evaluation.
    let tomorrow = chrono::NaiveDate::parse_from_str(&case.day(0), "%Y-%m-%d").unwrap() + chrono::Days::new(1);
    form.write("reported_on", &tomorrow.to_string());
    let page = case.manager.send(&form);
    assert!(refused(&page, "reported_on").contains(&message("zh-CN", "error-in-future")));
    let mut form = page.form_to(&report);
    assert_eq!(form.chosen("account"), ["安装坠落"]);
    form.pick("kind", "complaint");
    form.write("reported_on", &case.day(0));
    sent(&case.manager.send(&form));
    assert_eq!(app.raw().count("certificate_report"), 2);
    assert_eq!(app.raw().count(drafts), 1);
    let again = Case::again(&app, "initial");
    let worksheet = again.manager.get(&again.at("decision")).text();
    assert!(
        worksheet.contains(&message("zh-CN", "obstacle-already-held")),
        "{worksheet}"
    );
    let unknown = app.customer().get("/certificates/ZY06-2026-9999");
    assert_eq!(unknown.status, 404);
}

fn an_injury_found_at_surveillance_suspends(backend: Backend) {
    let app = TestApp::spawn(backend);
    let first = Case::first(&app);
    first.prepare(&app, 85, "4");
    sent(&first.propose("grant:4", ""));
    sent(&first.sign(&first.reviewer, "review", "yes"));
    sent(&first.sign(&first.signatory, "signature", "yes"));
    app.installation.clock.advance_ms(300 * DAY_MS);
    let case = Case::again(&app, "special");
    case.prepare(&app, 95, "5");
    let day = case.day(20);
    let injury = [("on", day.as_str()), ("harm", "injury"), ("responsible", "yes")];
    sent(&case.enter(&case.manager, "accident", &injury));
    let links = case.manager.get(&case.at("facts")).attributes("table a", "href");
    let way = links
        .into_iter()
        .find(|href| href.contains("/facts/accident/"))
        .unwrap();
    let mut form = case.evaluators[1]
        .get(&format!("{way}/check"))
        .form_to(&format!("{way}/check"));
    form.pick("agrees", "yes");
    sent(&case.evaluators[1].send(&form));
    let decision = case.at("decision");
    let mut form = case.manager.get(&decision).form_to(&decision);
    assert!(
        !form.values("ruling").contains(&"maintain"),
        "{:?}",
        form.values("ruling")
    );
    form.pick("ruling", "suspend");
    let page = case.manager.send(&form);
    refused(&page, "reason");
    refused(&page, "reason_code");
    form.write("reason", "安装坠物伤人，整改中");
    form.pick("reason_code", "injury");
    sent(&case.manager.send(&form));
    sent(&case.sign(&case.reviewer, "review", "yes"));
    sent(&case.sign(&case.signatory, "signature", "yes"));
    let number = crate::grading_case::latest_certificate(&app);
    let public = app.customer().get(&format!("/certificates/{number}?lang=en"));
    assert!(
        public.text().contains("Suspended") && public.text().contains("four stars"),
        "{}",
        public.text()
    );
    // A suspension leads on by itself: withdrawal is due when it lasts too long.
    let page = case.manager.get(&case.at("certificate"));
    assert!(
        page.text().contains(&message("zh-CN", "duty-withdraw")),
        "{}",
        page.text()
    );
}
