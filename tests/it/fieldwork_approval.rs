//! A frozen plan is approved by another person, exactly as it is frozen, before any customer is contacted.

use perception::store::{StoreError, event, plan, plan_review};
use perception::survey::plan_review::Verdict;

use crate::harness::{Backend, TestApp, message};
use crate::office_plan::{actions, draft, id_of, manager, review, reviewer, step};

both_backends!(
    a_returned_plan_is_changed_and_approved,
    nobody_approves_their_own_plan_nor_another_one_than_the_frozen,
);

fn a_returned_plan_is_changed_and_approved(backend: Backend) {
    let app = TestApp::spawn(backend);
    let manager = manager(&app);
    let path = draft(&manager);
    let page = format!("{path}/plan");
    let reviewer = reviewer(&app, &path);
    assert!(
        !reviewer
            .get(&page)
            .attributes("form", "action")
            .contains(&format!("{page}/review"))
    );
    step(&manager, &path);
    let waits = manager.get(&path);
    assert!(
        waits.text().contains(&message("zh-CN", "approval-next")),
        "{}",
        waits.text()
    );
    assert!(!waits.attributes("form", "action").contains(&format!("{path}/step")));
    assert!(
        reviewer.get(&path).attributes("a", "href").contains(&page),
        "the reviewer is led to it"
    );

    let silent = review(&reviewer, &path, "return", "");
    assert_eq!(
        (silent.status, silent.attributes(".alert a", "href")),
        (422, vec!["#comment".into()])
    );
    assert_eq!(review(&reviewer, &path, "return", "越秀的访问太少").status, 303);
    let back = manager.get(&page);
    assert!(back.text().contains("越秀的访问太少"), "{}", back.text());
    let mut form = back.form_to(&page);
    form.write("half_width_face", "4");
    assert_eq!(manager.send(&form).status, 303);
    step(&manager, &path);
    assert_eq!(review(&reviewer, &path, "approve", "").status, 303);
    let approved = manager.get(&page);
    let (before, _) = message("zh-CN", "approval-given").split_once("{ $at }").map_or_else(
        || panic!("the date is said"),
        |(before, after)| (before.replace("{ $actor }", ""), after.to_owned()),
    );
    assert!(approved.text().contains(before.trim()), "{}", approved.text());
    step(&manager, &path);
    let told: Vec<String> = actions(&app, &path)
        .into_iter()
        .filter(|action| action.starts_with("plan.") || action.starts_with("evaluation."))
        .collect();
    assert_eq!(
        told,
        [
            "evaluation.created",
            "evaluation.frozen",
            "plan.returned",
            "plan.stored",
            "evaluation.frozen",
            "plan.approved",
            "evaluation.open"
        ]
    );
    for language in ["zh-CN", "en"] {
        let log = manager.get(&format!("{path}/activity?lang={language}")).text();
        assert!(!log.contains("plan."), "{log}");
    }
}

fn nobody_approves_their_own_plan_nor_another_one_than_the_frozen(backend: Backend) {
    let app = TestApp::spawn(backend);
    let manager = manager(&app);
    let path = draft(&manager);
    let id = id_of(&path);
    step(&manager, &path);
    // Who froze it is made its reviewer, too.
    let store = &app.installation.store;
    let read: Result<_, StoreError> = store.read_blocking(move |conn| {
        let events = event::list(conn, id, 0, 10)?;
        Ok((plan::find(conn, id)?, events))
    });
    let (stored, events) = read.unwrap();
    let hash = stored.unwrap().hash;
    let frozen = events.iter().find(|event| event.action == "evaluation.frozen").unwrap();
    let give = |hash: &str, by: &str| {
        let (hash, by) = (hash.to_owned(), by.to_owned());
        let done: Result<_, StoreError> =
            store.write_blocking(move |tx| plan_review::review(tx, id, &hash, (Verdict::Approve, ""), (&by, 1)));
        done.unwrap()
    };
    assert_eq!(give(&hash, &frozen.actor), plan_review::Reviewed::Own);
    assert_eq!(give("0000", "another"), plan_review::Reviewed::Outdated);

    // Nor does the database let it open, go back, or take a verdict on another text.
    let mut raw = app.raw();
    let to = |state: &str| format!("UPDATE evaluation SET state = '{state}' WHERE id = '{id}'");
    let why = raw.refused(&to("open"));
    assert!(why.contains("the plan is not approved"), "{why}");
    let why = raw.refused(&to("draft"));
    assert!(why.contains("forward one step"), "{why}");
    let row = |hash: &str, by: &str| {
        format!("INSERT INTO plan_review VALUES ('{id}', 9, '{hash}', TRUE, '', 'one', '{by}', 1)")
    };
    let why = raw.refused(&row("0000", "another"));
    assert!(why.contains("only the frozen plan"), "{why}");
    raw.refused(&row(&hash, "one"));
    assert_eq!(give(&hash, "another"), plan_review::Reviewed::Done);
    let why = raw.refused(&format!(
        "UPDATE plan_review SET approved = FALSE WHERE evaluation_id = '{id}'"
    ));
    assert!(why.contains("append-only"), "{why}");
}
