//! What customers wrote is read by somebody before anything of it leaves; what identifies is taken out, what reports an
//! incident reaches those who score, and nothing is sealed while a comment is unread.

use perception::access::Role;
use perception::store::comment::{self, Filter};
use perception::store::{StoreError, retention, withdrawal};
use perception::survey::comment::Status;
use perception::survey::evaluation::EvaluationState;
use perception::survey::submission::Receipt;

use crate::harness::{Backend, DAY_MS, Page, TestApp, message, perception, said};

both_backends!(
    comments_are_read_cleared_and_passed_on,
    the_database_keeps_what_was_read,
);

const PLAIN: &str = "师傅很准时，讲解也清楚。";
const IDENTIFYING: &str = "李师傅弄坏了插座，差点触电，请打13800138000";
const ANGRY: &str = "太差了";

fn path(app: &TestApp, end: &str) -> String {
    format!("/evaluations/{}/{end}", app.wave.id)
}

fn say(app: &TestApp, comment: &str) -> String {
    let (customer, link) = (app.customer(), app.open_link());
    let mut form = customer.begin(&link.path, &["home"]).form();
    form.rate_all("3");
    form.write("comment", comment);
    let sent = customer.send(&form);
    customer.follow(sent).receipt()
}

/// The address of the comment with this text, as the list leads to it.
fn find(app: &TestApp, text: &str) -> String {
    let (store, id) = (&app.installation.store, app.wave.id);
    let all = store.read_blocking(|conn| comment::list(conn, store.key()?, id, (Filter::All, None), 50));
    let all: Result<Vec<comment::Comment>, StoreError> = all;
    let found = all.unwrap().into_iter().find(|one| one.text.as_deref() == Some(text));
    path(app, &format!("comments/{}", found.unwrap().response))
}

fn shows(page: &Page, key: &str) -> bool {
    page.text().contains(&message("zh-CN", key))
}

fn comments_are_read_cleared_and_passed_on(backend: Backend) {
    let app = TestApp::spawn(backend);
    for text in [PLAIN, IDENTIFYING, ANGRY] {
        say(&app, text);
    }
    let (manager, reviewer) = (app.member(Role::Manager), app.member(Role::Reviewer));
    let list = path(&app, "comments");
    let before = manager.get(&list);
    assert!(
        shows(&before, "comment-later") && !before.text().contains(PLAIN),
        "{}",
        before.text()
    );
    let csrf = manager.csrf("/account");
    let early = manager.post(
        &find(&app, PLAIN),
        &[("csrf", &csrf), ("status", "withheld"), ("theme", "other")],
    );
    assert_eq!(early.status, 409, "{}", early.text());
    app.close();

    // Nothing is sealed while somebody's comment is unread.
    let seal = path(&app, "seal/proposal");
    let refused = manager.post(&seal, &[("csrf", &csrf)]);
    assert_eq!(refused.status, 422);
    assert!(shows(&refused, "comment-error-wait"), "{}", refused.text());

    // Together: what looks like an identifier is not cleared so; what was ticked comes back.
    let page = manager.get(&list);
    assert!(
        page.text().contains(PLAIN) && page.text().contains("电话号码"),
        "{}",
        page.text()
    );
    let mut form = page.form_to(&list);
    for id in form
        .values("comment")
        .into_iter()
        .map(str::to_owned)
        .collect::<Vec<_>>()
    {
        form.check("comment", &id);
    }
    form.check("theme", "punctuality");
    form.pick("status", "cleared");
    let again = manager.send(&form);
    assert_eq!(again.status, 422);
    assert!(shows(&again, "comment-error-identifying"));
    assert_eq!(again.form_to(&list).chosen("comment").len(), 3);
    let mut form = manager.get(&list).form_to(&list);
    form.check("comment", find(&app, PLAIN).rsplit('/').next().unwrap());
    form.check("theme", "punctuality");
    form.pick("status", "cleared");
    assert_eq!(manager.send(&form).status, 303);

    // A theme of one's own; then one comment by itself, with what identifies marked and taken out.
    let themes = path(&app, "comments/themes");
    let add = |name: &str| {
        let mut form = reviewer.get(&list).form_to(&themes);
        form.write("name", name);
        reviewer.send(&form).status
    };
    assert_eq!((add("电器安全"), add("电器安全"), add("")), (303, 422, 422));
    let address = find(&app, IDENTIFYING);
    let page = reviewer.get(&address);
    assert_eq!(page.texts_of("mark"), ["李师傅", "13800138000"]);
    let mut form = page.form_to(&address);
    assert_eq!(form.written("text"), "［…］弄坏了插座，差点触电，请打［…］");
    form.pick("status", "cleared");
    form.check("theme", "own-1");
    form.pick("incident", "safety");
    let doubtful = reviewer.send(&form);
    assert_eq!(doubtful.status, 422);
    assert!(shows(&doubtful, "comment-error-identifying"));
    let mut form = doubtful.form_to(&address);
    assert_eq!(form.chosen("theme"), ["own-1"], "everything is kept");
    form.pick("status", "redacted");
    form.write("text", "［…］修好了插座");
    let invented = reviewer.send(&form);
    assert!(shows(&invented, "comment-error-redacted"), "{}", invented.text());
    let mut form = invented.form_to(&address);
    form.write("text", "［…］弄坏了插座，差点触电，[...]");
    let kept = reviewer.send(&form);
    assert_eq!(kept.status, 303, "{}", kept.text());
    assert_eq!(kept.location(), find(&app, ANGRY), "the next one that nobody has read");
    let mut form = reviewer.get(kept.location()).form_to(kept.location());
    form.pick("status", "withheld");
    form.check("theme", "attitude");
    form.pick("incident", "none");
    let last = reviewer.send(&form);
    assert_eq!(last.location(), list);

    // Those who score read what was cleared, and nothing else.
    let scoring = app.member(Role::Evaluator).get(&path(&app, "scoring"));
    let told = scoring.text();
    assert!(told.contains("［…］弄坏了插座，差点触电，［…］"), "{told}");
    assert!(!told.contains("李师傅") && !told.contains("13800138000"));
    // An answer without a comment reports, too, and who verifies reads no comment at all.
    let response = find(&app, ANGRY).rsplit('/').next().unwrap().to_owned();
    let evidence = path(&app, &format!("quality/responses/{response}"));
    let to = format!("{evidence}/incident");
    let mut form = manager.get(&evidence).form_to(&to);
    form.pick("incident", "privacy");
    let empty = manager.send(&form);
    assert_eq!(
        (empty.status, empty.attributes(".alert a", "href")),
        (422, vec!["#note".to_owned()])
    );
    let mut form = empty.form_to(&to);
    form.write("note", "称维修后接到推销电话");
    assert_eq!(manager.send(&form).status, 303);
    let auditor = app.member(Role::Auditor);
    assert!(!auditor.get(&evidence).text().contains(ANGRY) && manager.get(&evidence).text().contains(ANGRY));
    assert_eq!(auditor.get(&list).status, 403);
    let told = app.member(Role::Evaluator).get(&path(&app, "scoring")).text();
    assert!(told.contains("称维修后接到推销电话") && !told.contains(ANGRY), "{told}");

    // On record is who and when, not what.
    let mut raw = app.raw();
    let events = raw
        .texts("SELECT action || data AS value FROM event WHERE action LIKE 'comment.%' OR action LIKE 'incident.%'");
    assert_eq!(events.len(), 6, "{events:#?}");
    for text in ["插座", "太差", "推销"] {
        assert!(events.iter().all(|event| !event.contains(text)));
    }
    assert_eq!(manager.post(&seal, &[("csrf", &csrf)]).status, 303);
}

fn the_database_keeps_what_was_read(backend: Backend) {
    let app = TestApp::spawn(backend);
    let withdrawn = say(&app, IDENTIFYING);
    say(&app, PLAIN);
    app.close();
    let mut raw = app.raw();
    let bodies = raw.texts("SELECT body AS value FROM response_comment");
    assert!(bodies.iter().all(|body| !body.contains("师傅")), "sealed at rest");
    let insert_seal = [
        format!(
            "INSERT INTO seal_proposal VALUES ('{0}', 1, 'r', '0000000000000000000000000000000a', 1)",
            app.wave.id
        ),
        format!(
            "INSERT INTO seal VALUES ('{0}', 1, '0000000000000000000000000000000a', '0000000000000000000000000000000b', 1)",
            app.wave.id
        ),
    ];
    raw.execute(&insert_seal[0]).unwrap();
    assert!(raw.refused(&insert_seal[1]).contains("a comment waits"));
    app.wave.read_comments(&app.installation);
    raw.refused("UPDATE comment_review SET status = 'withheld', cleared = NULL");
    assert!(raw.refused("DELETE FROM comment_review").contains("withdrawal only"));
    raw.refused("UPDATE response_comment SET body = ''");

    // A withdrawal takes along what was decided about it.
    let id = Receipt::parse(&withdrawn).unwrap().response_id();
    let (store, catalogue) = (&app.installation.store, app.installation.store.catalogue().clone());
    let done: Result<_, StoreError> = store.write_blocking(move |tx| withdrawal::withdraw(tx, &catalogue, id, 1));
    done.unwrap();
    assert_eq!((raw.count("response_comment"), raw.count("comment_review")), (1, 1));

    app.wave.advance(&app.installation, EvaluationState::Sealed).unwrap();
    let late = format!(
        "INSERT INTO comment_review SELECT evaluation_id, response_id, 2, 'withheld', NULL, 'other', 'a', 1 \
         FROM response_comment WHERE evaluation_id = '{}'",
        app.wave.id
    );
    assert!(raw.refused(&late).contains("sealed"));
    let read = |status| {
        let (store, id) = (&app.installation.store, app.wave.id);
        let listed = store.read_blocking(|conn| comment::list(conn, store.key()?, id, (Filter::Of(status), None), 9));
        let listed: Result<Vec<comment::Comment>, StoreError> = listed;
        listed.unwrap()
    };
    let cleared = read(Status::Cleared);
    assert_eq!(cleared[0].reviewed.as_ref().unwrap().clearance.text(), Some(PLAIN));

    // Thirty days later the originals are gone, and everything is still in order.
    let now_ms = app.installation.clock.now_ms();
    let apply = |days: i64| -> usize {
        let done: Result<_, StoreError> = store.write_blocking(move |tx| retention::apply(tx, now_ms + days * DAY_MS));
        done.unwrap()
    };
    // The marks of devices go at the same time.
    assert_eq!((apply(29), apply(31), apply(31)), (0, 2, 0));
    assert_eq!(raw.count("response_comment WHERE body = ''"), 1);
    let after = read(Status::Cleared);
    assert_eq!((after[0].text.as_deref(), after[0].reviewed.is_some()), (None, true));
    let folder = app.database.folder.path();
    let verified = perception(folder, &["verify", "--database", &app.database.url])
        .output()
        .unwrap();
    assert!(verified.status.success(), "{}", said(&verified));
}
