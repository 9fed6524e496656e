//! Back-checks: the plan says how many, the seed is on record before the draw, the same seed draws the same interviews, nobody
//! checks their own, a
//! contradiction is shown; and evaluators compared without a score before it is time.

use perception::access::Role;
use perception::store::{StoreError, back_check, plan, supervision};
use perception::survey::back_check as rules;
use perception::survey::evaluation::EvaluationState;
use perception::survey::plan_scope::Scope;

use crate::harness::{Backend, Plan, Staff, TestApp, message};
use crate::supervision_reviews::{address, interview};

both_backends!(
    a_seed_on_record_draws_the_same_again_and_others_check,
    evaluators_are_compared_without_scores_before_closing,
);

fn a_seed_on_record_draws_the_same_again_and_others_check(backend: Backend) {
    let draft = Plan {
        state: EvaluationState::Draft,
        ..Plan::default()
    };
    let app = TestApp::spawn_with(backend, draft, |_| {});
    let extent = rules::Extent { percent: 80, least: 2 };
    let id = app.wave.id;
    let planned: Result<_, StoreError> = app.installation.store.write_blocking(move |tx| {
        let scope = Scope {
            back_checks: extent,
            ..Scope::usual()
        };
        let usual = plan::present(tx.conn, id)?;
        plan::put(tx, id, &usual.scoped(scope))
    });
    planned.unwrap();
    for state in [EvaluationState::Frozen, EvaluationState::Open] {
        app.wave.advance(&app.installation, state).unwrap();
    }
    let (one, other) = (app.member(Role::Evaluator), app.member(Role::Evaluator));
    let (manager, reviewer) = (app.member(Role::Manager), app.member(Role::Reviewer));
    for _ in 0..5 {
        interview(&app, &one, "5");
    }
    interview(&app, &other, "4");
    let list = address(&app, "back-checks");
    let press = |end: &str, seed: Option<&str>| {
        let mut form = manager.get(&list).form_to(&format!("{list}/{end}"));
        if let Some(seed) = seed {
            form.write("seed", seed);
        }
        manager.send(&form).status
    };
    assert_eq!(press("seed", Some("2026-lottery-4711")), 303);
    assert_eq!(press("draw", None), 303);

    // Anybody draws the same again from the list of interviews, the seed and the plan.
    let (cases, interviews) = app
        .installation
        .store
        .read_blocking(move |conn| -> Result<_, StoreError> {
            Ok((back_check::list(conn, id)?, supervision::list(conn, id, None)?))
        })
        .unwrap();
    let frame: Vec<_> = interviews.iter().map(|one| (one.evaluator, one.interview)).collect();
    let again = rules::draw(&frame, "2026-lottery-4711", extent).unwrap();
    let drawn = |of: &dyn Fn() -> Vec<(String, u64, bool)>| {
        let mut all = of();
        all.sort();
        all
    };
    let stored = drawn(&|| {
        let each = cases.iter();
        each.map(|case| {
            let place = u64::try_from(case.place).unwrap();
            (case.interview.interview.to_string(), place, case.is_drawn)
        })
        .collect()
    });
    assert_eq!(
        stored,
        drawn(&|| again
            .iter()
            .map(|one| (one.id.clone(), one.place, !one.reserve))
            .collect())
    );
    assert_eq!(cases.iter().filter(|case| case.is_drawn).count(), 4 + 1);
    let mut raw = app.raw();
    let seeded = raw.text("SELECT data AS value FROM event WHERE action = 'back_check.seeded'");
    assert!(seeded.contains("\"least\":2,\"percent\":80"), "{seeded}");
    assert!(manager.get(&list).text().contains("80 %，至少 2 份"));
    let at = |raw: &mut crate::harness::Raw, action: &str| {
        raw.number(&format!("SELECT seq AS value FROM event WHERE action = '{action}'"))
    };
    assert!(at(&mut raw, "back_check.seeded") < at(&mut raw, "back_check.drawn"));

    // Nobody checks their own; the other one does, without seeing what was answered.
    let of_one = |staff: &Staff, n: usize| {
        let mine = cases
            .iter()
            .filter(|case| case.interview.evaluator == one.person.unwrap());
        let case = mine.filter(|case| case.is_drawn).nth(n).unwrap();
        let path = format!("{list}/{}", case.interview.interview);
        (staff.get(&path), path)
    };
    assert_eq!(of_one(&one, 0).0.status, 404);
    let record = |n: usize, answers: &[(&str, &str)]| {
        let (page, path) = of_one(&other, n);
        let mut form = page.form_to(&path);
        for (name, value) in answers {
            form.pick(name, value);
        }
        other.send(&form)
    };
    let bare = record(0, &[("reached", "yes")]);
    assert_eq!(
        (bare.status, bare.attributes("[role=alert] a", "href")),
        (
            422,
            ["way", "interviewed", "place", "day"]
                .map(|field| format!("#{field}"))
                .to_vec()
        )
    );
    let said = |interviewed, overall| {
        [
            ("way", "receipt"),
            ("reached", "yes"),
            ("interviewed", interviewed),
            ("place", "yes"),
            ("day", "unsure"),
            ("overall", overall),
        ]
    };
    assert_eq!(record(0, &said("yes", "5")).status, 303);
    assert_eq!(record(1, &said("no", "")).status, 303);
    assert_eq!(record(2, &[("way", "phone"), ("reached", "no")]).status, 303);

    // The reviewer sees what came of it, and one in reserve for whom nobody reached.
    let seen = reviewer.get(&list);
    let text = seen.text();
    for words in ["属实 1", "不符 1", "未联系上 1", "备选"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(
        reviewer
            .get(&address(&app, "evaluators"))
            .text()
            .contains("回访与 1 次访问不符")
    );
    assert!(
        !other.get(&list).text().contains("⚑"),
        "evaluators are not told what others found"
    );

    raw.refused("UPDATE back_check SET outcome = 'confirmed'");
    raw.refused("DELETE FROM back_check_case");
    raw.refused(
        "INSERT INTO back_check SELECT evaluation_id, seq + 90, interview_id, evaluator_id, way, outcome, interviewed, place, day, \
         overall, item, reply, remark, evaluator_id, at_ms FROM back_check WHERE seq = 1",
    );
    assert_eq!(raw.count("event WHERE action = 'back_check.recorded'"), 3);
    app.consistent_tallies();
}

fn evaluators_are_compared_without_scores_before_closing(backend: Backend) {
    let app = TestApp::spawn(backend);
    let (one, other) = (app.member(Role::Evaluator), app.member(Role::Evaluator));
    for rating in ["5", "4", "3", "5", "4", "2"] {
        interview(&app, &one, rating);
        interview(&app, &other, "3");
    }
    let page = address(&app, "evaluators");
    let reviewer = app.member(Role::Reviewer);
    let open = reviewer.get(&page);
    let score = message("zh-CN", "supervise-measure-score");
    let head = |page: &crate::harness::Page| page.texts_of("table[aria-labelledby=measures] thead th");
    assert!(open.status == 200 && !head(&open).contains(&score), "{}", open.text());
    assert!(open.text().contains(&message("zh-CN", "supervise-scores-hidden")));
    // Interviews of a test last a moment: every one is too short, and the page says so.
    assert!(open.text().contains("过短访问 6"), "{}", open.text());
    app.wave.advance(&app.installation, EvaluationState::Closed).unwrap();
    assert!(head(&reviewer.get(&page)).contains(&score));
    let rows = reviewer.get(&page).texts_of("table[aria-labelledby=measures] tbody tr");
    assert_eq!(rows.len(), 2);
}
