//! Approaches that led to no interview, and what managers and reviewers see of everybody's fieldwork.

use perception::access::Role;

use crate::harness::{Backend, TestApp};
use crate::interview_journey::{at, begin, filled};

both_backends!(approaches_are_counted_once_by_their_outcome, managers_see_who_did_what,);

fn approaches_are_counted_once_by_their_outcome(backend: Backend) {
    let app = TestApp::spawn(backend);
    let evaluator = app.member(Role::Evaluator);
    let path = at(&app, 1, "approach");
    let offered = evaluator.get(&path).form_to(&path);
    let codes: Vec<String> = offered
        .values("outcome")
        .iter()
        .map(|code| (*code).to_owned())
        .collect();
    assert_eq!(
        codes,
        ["210", "240", "211", "230", "220", "221", "222", "223", "250", "251"]
    );
    for (number, code) in codes.iter().enumerate() {
        let mut form = evaluator.get(&path).form_to(&path);
        assert_eq!(form.chosen("contact_no"), [(number + 1).to_string()]);
        form.pick("outcome", code);
        if code == "210" {
            let refused = evaluator.send(&form);
            assert_eq!(refused.status, 422);
            form = refused.form_to(&path);
            assert_eq!(form.chosen("outcome"), ["210"], "what was chosen stays");
            form.pick("refusal_reason", "no_time");
        }
        for _ in 0..3 {
            let told = evaluator.follow(evaluator.send(&form));
            assert!(told.path.ends_with(&format!("recorded={code}")), "{}", told.text());
        }
    }
    assert_eq!(app.raw().count("disposition"), 10);
    assert_eq!(app.dispositions().into_iter().collect::<Vec<_>>(), {
        let mut each: Vec<(String, u64)> = codes.into_iter().map(|code| (code, 1)).collect();
        each.sort();
        each
    });
    assert!(evaluator.get("/today").text().contains("我今天：完成 0，接触 10"));
    // What no evaluator may record.
    let form = evaluator.get(&path).form_to(&path);
    let (csrf, id) = (form.chosen("csrf")[0], form.chosen("id")[0]);
    for code in ["100", "110", "260", "290", "x"] {
        let pairs = [("csrf", csrf), ("id", id), ("contact_no", "1"), ("outcome", code)];
        assert_eq!(evaluator.post(&path, &pairs).status, 422, "{code}");
    }
    assert_eq!(
        evaluator
            .post(&path, &[("csrf", csrf), ("outcome", "230"), ("contact_no", "1")])
            .status,
        400
    );
    app.consistent_tallies();
}

fn managers_see_who_did_what(backend: Backend) {
    let app = TestApp::spawn(backend);
    let (one, other) = (app.member(Role::Evaluator), app.member(Role::Evaluator));
    for (evaluator, times) in [(&one, 2), (&other, 1)] {
        for _ in 0..times {
            let form = filled(&begin(&app, evaluator), &["outlet"], "5");
            evaluator.follow(evaluator.send(&form)).receipt();
        }
    }
    let path = at(&app, 2, "approach");
    let mut form = other.get(&path).form_to(&path);
    form.pick("outcome", "230");
    other.send(&form);
    let list = format!("/evaluations/{}/interviews", app.wave.id);
    for role in [Role::Manager, Role::Reviewer] {
        let page = app.member(role).get(&list);
        let text = page.text();
        assert_eq!(page.status, 200);
        assert!(
            page.attributes("main a.button", "href").is_empty(),
            "who does not interview is offered none"
        );
        for words in ["100 完成 3", "230 语言或身体原因 1", "全部 3 / 3 0 / 0 0 / 1 3 / 4"] {
            assert!(text.contains(words), "{words}: {text}");
        }
        let row = format!(
            "person-{} 1 / 1 0 / 0 0 / 1 1 / 2",
            &other.person.unwrap().to_string()[..8]
        );
        assert!(text.contains(&row), "{row}: {text}");
    }
    let own = one.get(&list);
    assert!(!own.text().contains("230 语言或身体原因") && own.text().contains("我累计：完成 2，接触 2"));
    assert!(own.text().contains("已完成 3 / 计划 20"));
}
