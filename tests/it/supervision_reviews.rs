//! Review of interviews where the method asks for it, and their corrections: only what is approved counts, nobody approves
//! their own, what was changed stays beside what it replaces.

use std::sync::Arc;

use perception::access::Role;
use perception::store::grading::GradingError;
use perception::store::{StoreError, supervision, tally};
use perception::survey::EvidenceClass;
use perception::survey::evaluation::EvaluationState;
use perception::survey::form::Problem;
use perception::survey::supervision::{Ruling, Standing, Step};

use crate::harness::{Backend, Office, Page, Plan, Staff, TestApp, message};
use crate::interview_journey::{begin, filled};

both_backends!(
    only_approved_interviews_count,
    nobody_rules_on_their_own_interview,
    a_corrected_answer_stays_beside_the_first_one,
    nothing_is_closed_or_sealed_while_interviews_wait,
);

fn supervised(backend: Backend) -> TestApp {
    let plan = Plan {
        approval: true,
        ..Plan::default()
    };
    TestApp::spawn_with(backend, plan, |_| {})
}

pub fn address(app: &TestApp, end: &str) -> String {
    format!("/evaluations/{}/{end}", app.wave.id)
}

pub fn interview(app: &TestApp, evaluator: &Staff, rating: &str) {
    let form = filled(&begin(app, evaluator), &["outlet"], rating);
    evaluator.follow(evaluator.send(&form)).receipt();
}

/// Counted interviews and their points obtained and available, by the stored tallies, which a recount confirms.
fn counted(app: &TestApp) -> (u64, i64, i64) {
    app.consistent_tallies();
    let (id, instrument) = (app.wave.id, Arc::clone(&app.wave.instrument));
    let store = &app.installation.store;
    let tallies = store
        .read_blocking(move |conn| tally::list(conn, id, &instrument))
        .unwrap();
    let face = tallies.iter().filter(|(key, _)| key.class == EvidenceClass::Face);
    face.fold((0, 0, 0), |(n, a, b), (_, tally)| {
        (n + tally.core().n, a + tally.core().a, b + tally.core().b)
    })
}

/// The interviews of the list, latest first, by their addresses.
fn listed(page: &Page) -> Vec<String> {
    page.attributes("tbody th a", "href")
}

fn rule(reviewer: &Staff, path: &str, (ruling, reason, comment): (&str, &str, &str)) -> Page {
    let mut form = reviewer.get(path).form_to(path);
    form.pick("ruling", ruling);
    form.pick("reason", reason);
    form.write("comment", comment);
    reviewer.send(&form)
}

fn only_approved_interviews_count(backend: Backend) {
    let app = supervised(backend);
    let (evaluator, reviewer) = (app.member(Role::Evaluator), app.member(Role::Reviewer));
    for rating in ["5", "4", "2"] {
        interview(&app, &evaluator, rating);
    }
    assert_eq!(counted(&app), (0, 0, 0), "every interview waits");
    let list = address(&app, "reviews");
    let page = reviewer.get(&list);
    let waiting = listed(&page);
    assert_eq!((page.status, waiting.len()), (200, 3));

    // Several at once; nothing chosen is refused.
    let empty = reviewer.send(&page.form_to(&list));
    assert_eq!(
        (empty.status, empty.attributes("[role=alert] a", "href")),
        (422, vec!["#interview".to_owned()])
    );
    let mut form = page.form_to(&list);
    for way in &waiting[..2] {
        form.check("interview", way.rsplit('/').next().unwrap());
    }
    for _ in 0..2 {
        assert_eq!(reviewer.send(&form).status, 303);
    }
    let (n, two, _) = counted(&app);
    assert_eq!(n, 2);

    // What must be said is asked for, with everything kept.
    let last = &waiting[2];
    let bare = rule(&reviewer, last, ("rejected", "", ""));
    assert_eq!(
        (bare.status, bare.attributes("[role=alert] a", "href")),
        (422, vec!["#reason".to_owned(), "#comment".to_owned()])
    );
    assert_eq!(bare.form_to(last).chosen("ruling"), ["rejected"]);
    let asked = rule(&reviewer, last, ("returned", "", "当时有工作人员在旁边吗？"));
    assert_eq!(asked.status, 303);
    assert_eq!(counted(&app).0, 2);

    // The evaluator finds the question on the first page, answers it, and the interview waits again.
    let today = evaluator.get("/today");
    let own = address(&app, "own-interviews");
    assert!(today.attributes(".banner a", "href").contains(&own), "{}", today.text());
    let one = listed(&evaluator.get(&own)).remove(0);
    let page = evaluator.get(&one);
    assert!(page.text().contains("当时有工作人员在旁边吗？"));
    let mut form = page.form_to(&format!("{one}/answer"));
    form.write("answer", "没有，门口无人。");
    assert_eq!(evaluator.send(&form).status, 303);
    assert!(evaluator.get("/today").attributes(".banner a", "href").is_empty());
    assert!(reviewer.get(last).text().contains("没有，门口无人。"));
    assert_eq!(rule(&reviewer, last, ("approved", "", "")).status, 303);
    let (n, three, _) = counted(&app);
    assert!(n == 3 && three > two);

    // An approved one that is rejected no longer counts; every step stands in the log with its reason.
    assert_eq!(
        rule(&reviewer, last, ("rejected", "staff_present", "工作人员在场")).status,
        303
    );
    assert_eq!(counted(&app).0, 2);
    let mut raw = app.raw();
    assert_eq!(raw.count("event WHERE action = 'response.approved'"), 3);
    assert_eq!(
        raw.count("event WHERE action IN ('response.returned', 'response.rejected')"),
        2
    );
    assert_eq!(raw.count("event WHERE action = 'interview.answered'"), 1);
    let counts = reviewer.get(&list).text();
    assert!(counts.contains("已批准 2") && counts.contains("不予采用 1"), "{counts}");
    raw.refused("UPDATE interview_review SET step = 'approved'");
    raw.refused("DELETE FROM interview_review");
}

fn nobody_rules_on_their_own_interview(backend: Backend) {
    let app = supervised(backend);
    let evaluator = app.member(Role::Evaluator);
    interview(&app, &evaluator, "5");
    let (id, who, now_ms) = (app.wave.id, evaluator.person.unwrap(), app.installation.clock.now_ms());
    let one = app
        .installation
        .store
        .read_blocking(move |conn| supervision::list(conn, id, None))
        .unwrap()
        .remove(0);
    assert_eq!((one.evaluator, one.standing), (who, Standing::Waiting));
    let instrument = Arc::clone(&app.wave.instrument);
    let ruled = app.installation.store.write_blocking(move |tx| {
        supervision::rule(
            tx,
            &instrument,
            id,
            &[one.interview],
            &Ruling::approval(),
            (who, now_ms),
        )
    });
    assert!(matches!(ruled, Err(GradingError::Refused(error)) if error.problem == Problem::OwnWork));
    assert_eq!(counted(&app).0, 0);
    // The database refuses it, too: only answers are by who interviewed.
    let refused = format!(
        "INSERT INTO interview_review SELECT evaluation_id, 1, id, evaluator_id, 'approved', '', '', evaluator_id, {now_ms} \
         FROM interview"
    );
    app.raw().refused(&refused);
    let foreign = "(SELECT MIN(person.id) FROM person WHERE person.id <> evaluator_id)";
    let answered = refused.replace(
        "'approved', '', '', evaluator_id",
        &format!("'answered', '', 'x', {foreign}"),
    );
    assert_ne!(answered, refused);
    app.raw().refused(&answered);
    // Another evaluator does not see it, and cannot answer for the first.
    let other = app.member(Role::Evaluator);
    let own = address(&app, &format!("own-interviews/{}", one.interview));
    assert_eq!((evaluator.get(&own).status, other.get(&own).status), (200, 404));
}

fn a_corrected_answer_stays_beside_the_first_one(backend: Backend) {
    let app = supervised(backend);
    let (evaluator, reviewer) = (app.member(Role::Evaluator), app.member(Role::Reviewer));
    interview(&app, &evaluator, "5");
    let own = listed(&evaluator.get(&address(&app, "own-interviews"))).remove(0);
    let review = own.replace("own-interviews", "reviews");
    let correction = format!("{own}/correction");
    let change = |item: &str, value: &str, reason: &str| {
        let mut form = evaluator.get(&own).form_to(&correction);
        form.pick(item, value);
        if !reason.is_empty() {
            form.pick("reason", reason);
        }
        evaluator.send(&form)
    };
    let bare = change("F01", "2", "");
    assert_eq!(
        (bare.status, bare.attributes("[role=alert] a", "href")),
        (422, vec!["#reason".to_owned()])
    );
    assert_eq!(bare.form_to(&correction).chosen("F01"), ["2"], "what was chosen stays");
    let same = change("F01", "5", "mistaken");
    assert!(same.status == 422 && same.text().contains(&message("zh-CN", "supervise-error-unchanged")));
    assert_eq!(change("F01", "2", "mistaken").status, 303);

    // What is approved is what it was corrected to; both stand beside each other.
    let full = {
        assert_eq!(rule(&reviewer, &review, ("approved", "", "")).status, 303);
        counted(&app)
    };
    let seen = reviewer.get(&review);
    let rows = seen.texts_of("table[aria-labelledby=answers] tbody tr");
    let changed: Vec<&String> = rows
        .iter()
        .filter(|row| row.contains("5 ") && row.contains("2 "))
        .collect();
    assert_eq!(changed.len(), 1, "{rows:?}");
    assert!(reviewer.get(&address(&app, "reviews")).text().contains("有更正 1"));
    assert!(full.0 == 1 && full.1 < full.2);

    // Ruled on: not any more, on the page, in the code and in the database; asked back: again.
    assert!(
        evaluator
            .get(&own)
            .text()
            .contains(&message("zh-CN", "supervise-correct-over"))
    );
    let insert = "INSERT INTO response_correction SELECT evaluation_id, response_id, version + 1, interview_id, evaluator_id, \
                  answers, salt, commitment, reason, note, corrected_by, at_ms FROM response_correction";
    app.raw().refused(insert);
    assert_eq!(rule(&reviewer, &review, ("returned", "", "F02 也核对一下")).status, 303);
    assert_eq!(counted(&app).0, 0, "until it is approved again");
    app.wait(std::time::Duration::from_secs(3 * 24 * 3600));
    let (evaluator, reviewer) = (again(&app, &evaluator, Role::Evaluator), app.member(Role::Reviewer));
    let mut form = evaluator.get(&own).form_to(&correction);
    form.pick("F01", "5");
    form.pick("F02", "1");
    form.pick("reason", "other");
    form.write("note", "与录音笔记核对");
    assert_eq!(evaluator.send(&form).status, 303);

    // Other services ask for other questions, which must be spoken of; those of the old ones no longer count.
    let mut form = evaluator.get(&own).form_to(&correction);
    form.pick("reason", "mistaken");
    let send = |mut pairs: Vec<(String, String)>| {
        pairs.retain(|(name, value)| !(name == "services" && value == "outlet"));
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        evaluator.post(&correction, &pairs)
    };
    form.check("services", "delivery");
    let asked = send(form.pairs());
    assert_eq!(
        (asked.status, asked.attributes("[role=alert] a", "href")),
        (422, vec!["#T02".to_owned(), "#S02".to_owned()])
    );
    let mut form = asked.form_to(&correction);
    assert_eq!(
        (form.chosen("services"), form.values("K01").len()),
        (vec!["delivery"], 0)
    );
    form.pick("T02", "4");
    form.pick("S02", "-");
    assert_eq!(send(form.pairs()).status, 303);
    assert_eq!(rule(&reviewer, &review, ("approved", "", "")).status, 303);
    let other = counted(&app);
    assert!(other.0 == 1 && other.2 != full.2, "{full:?} {other:?}");
    let rows = reviewer
        .get(&review)
        .texts_of("table[aria-labelledby=answers] tbody tr");
    let dropped = rows.iter().filter(|row| row.ends_with("不涉及")).count();
    assert!(
        dropped == 3 && rows.iter().any(|row| row.ends_with("未回答")),
        "{rows:?}"
    );

    let mut raw = app.raw();
    assert_eq!(
        (raw.count("response_content"), raw.count("response_correction")),
        (1, 3)
    );
    let mut version = |version: i32| {
        raw.text(&format!(
            "SELECT answers AS value FROM response_correction WHERE version = {version}"
        ))
    };
    let [one, two, three] = [1, 2, 3].map(&mut version);
    assert!(one.contains("F01=2") && two.contains("F01=5;F02=1"), "{one} {two}");
    assert!(
        three.contains("services=delivery;") && three.contains("T02=4;S02=-") && !three.contains("K01"),
        "{three}"
    );
    assert!(
        raw.text("SELECT answers AS value FROM response_content")
            .contains("F01=5")
    );
    assert_eq!(raw.count("event WHERE action = 'response.corrected'"), 3);
    let data = raw.text("SELECT data AS value FROM event WHERE action = 'response.corrected' ORDER BY seq LIMIT 1");
    assert!(
        data.contains("commitment") && !data.contains("F01"),
        "no answers in the log: {data}"
    );
    raw.refused("UPDATE response_correction SET answers = ''");
    raw.refused("DELETE FROM response_correction");
}

/// The same person signed in anew.
fn again(app: &TestApp, staff: &Staff, role: Role) -> Staff {
    let mut fresh = app.member(role);
    let (old, new) = (staff.person.unwrap(), fresh.person.unwrap());
    app.raw()
        .execute(&format!(
            "UPDATE session SET person_id = '{old}' WHERE person_id = '{new}'"
        ))
        .unwrap();
    fresh.person = Some(old);
    fresh
}

fn nothing_is_closed_or_sealed_while_interviews_wait(backend: Backend) {
    let app = supervised(backend);
    let (evaluator, reviewer, manager) = (
        app.member(Role::Evaluator),
        app.member(Role::Reviewer),
        app.member(Role::Manager),
    );
    interview(&app, &evaluator, "5");
    let (home, step) = (address(&app, ""), address(&app, "step"));
    let home = home.trim_end_matches('/').to_owned();
    let close = |manager: &Staff| {
        let csrf = manager.csrf("/account");
        manager.post(&step, &[("csrf", &csrf), ("to", "closed")])
    };
    let told = manager.get(&home).text();
    assert!(told.contains("还有 1 次访问等待复核人或评价员处理"), "{told}");
    let refused = close(&manager);
    assert_eq!(refused.status, 409);
    let alert = refused.text_of("[role=alert]");
    assert!(
        alert.contains(&message("zh-CN", "overview-not-closed")) && alert.contains("还有 1 次"),
        "{alert}"
    );
    // Closed all the same (as a late upload would leave it), it is not sealed.
    app.wave.advance(&app.installation, EvaluationState::Closed).unwrap();
    let seal = address(&app, "seal");
    let page = manager.get(&seal);
    assert!(
        page.attributes("main a", "href").contains(&address(&app, "reviews")),
        "{}",
        page.text()
    );
    assert!(page.texts_of("main form button").is_empty(), "nothing to press");
    let csrf = manager.csrf("/account");
    let refused = manager.post(&address(&app, "seal/proposal"), &[("csrf", &csrf)]);
    assert_eq!(refused.status, 422, "{}", refused.text());
    assert!(refused.text().contains(&message("zh-CN", "supervise-error-wait")));
    let one = listed(&reviewer.get(&address(&app, "reviews"))).remove(0);
    assert_eq!(rule(&reviewer, &one, ("approved", "", "")).status, 303);
    let proposed = manager.send(&manager.get(&seal).form_to(&address(&app, "seal/proposal")));
    assert_eq!(proposed.status, 303, "{}", proposed.text());
    app.wave.advance(&app.installation, EvaluationState::Sealed).unwrap();
    assert_eq!(counted(&app).0, 1);
    // A sealed record takes no ruling.
    let (id, who, now_ms) = (app.wave.id, reviewer.person.unwrap(), app.installation.clock.now_ms());
    let instrument = Arc::clone(&app.wave.instrument);
    let which = one.rsplit('/').next().unwrap().parse().unwrap();
    let ruling = Ruling {
        step: Step::Returned,
        reason: None,
        comment: "x".into(),
    };
    let ruled: Result<(), GradingError> = app
        .installation
        .store
        .write_blocking(move |tx| supervision::rule(tx, &instrument, id, &[which], &ruling, (who, now_ms)));
    assert!(matches!(ruled, Err(GradingError::Refused(error)) if error.problem == Problem::Sealed));
    let said: Result<_, StoreError> = app
        .installation
        .store
        .read_blocking(move |conn| supervision::said(conn, id, which));
    assert_eq!(said.unwrap().len(), 1);
    app.raw().refused("INSERT INTO interview_review SELECT evaluation_id, seq + 1, interview_id, evaluator_id, 'returned', '', 'x', acted_by, at_ms FROM interview_review");
}
