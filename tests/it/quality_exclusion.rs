//! Excluding answers takes two people, in the code and in the database; the figures before and after are those that
//! everything recomputes.

use perception::access::Role;
use perception::statistics::class::Column;
use perception::statistics::exact::Ratio;
use perception::store::{exclusion, report};
use perception::survey::evaluation::EvaluationState;
use perception::survey::exclusion::Reason;

use crate::harness::{Backend, Page, Staff, TestApp, message};

both_backends!(
    two_people_exclude_and_count_again,
    the_database_refuses_one_person_and_a_sealed_record,
    before_closing_nobody_sees_a_score_and_the_organisation_sees_nothing,
);

/// S and S_face as the report computes them.
fn scores(app: &TestApp) -> (Option<Ratio>, Option<Ratio>) {
    let (store, id) = (&app.installation.store, app.wave.id);
    let report = store.read_blocking(|conn| report::whole(conn, store.catalogue(), id));
    let result = report.unwrap().unwrap().result;
    let scored = store.read_blocking(|conn| exclusion::scored(conn, &app.wave.instrument, id));
    let scored = scored.unwrap();
    let of = |column| result.exact(column).ok().map(|score| score.rate.exact.clone());
    assert_eq!(scored.s(), of(Column::All), "tallies and report agree");
    assert_eq!(scored.s_face(), of(Column::Face));
    (scored.s(), scored.s_face())
}

fn path(app: &TestApp, end: &str) -> String {
    format!("/evaluations/{}/{end}", app.wave.id)
}

/// An evaluation with a few hurried answers, closed.
fn closed(app: &TestApp) {
    let (customer, link) = (app.customer(), app.open_link());
    for code in ["2", "3", "5", "5", "4"] {
        customer.answer(&link.path, &["home"], code);
    }
    app.close();
    let (store, now_ms) = (&app.installation.store, app.installation.clock.now_ms());
    perception::store::flag::complete(store, app.wave.id, now_ms).unwrap();
}

fn propose(staff: &Staff, app: &TestApp, how_many: usize, kind: &str, reason: &str) -> Page {
    let mut form = staff
        .get(&path(app, "quality"))
        .form_to(&path(app, "quality/proposals"));
    let ids: Vec<String> = form
        .values("response")
        .into_iter()
        .take(how_many)
        .map(str::to_owned)
        .collect();
    for id in &ids {
        form.check("response", id);
    }
    form.pick("kind", kind);
    form.pick("reason", reason);
    staff.send(&form)
}

fn two_people_exclude_and_count_again(backend: Backend) {
    let app = TestApp::spawn(backend);
    closed(&app);
    let (manager, reviewer) = (app.member(Role::Manager), app.member(Role::Reviewer));
    let before = scores(&app);

    // A refused form comes back with everything that was chosen.
    let mut form = manager
        .get(&path(&app, "quality"))
        .form_to(&path(&app, "quality/proposals"));
    let ids: Vec<String> = form.values("response").into_iter().map(str::to_owned).collect();
    assert_eq!(ids.len(), 5, "all of them were hurried");
    form.check("response", &ids[0]);
    form.pick("kind", "exclude");
    form.pick("reason", "other");
    let again = manager.send(&form);
    assert_eq!(again.status, 422);
    let kept = again.form_to(&path(&app, "quality/proposals"));
    assert_eq!(kept.chosen("response"), [ids[0].as_str()]);

    let made = propose(&manager, &app, 2, "exclude", "careless");
    assert_eq!(made.status, 303, "{}", made.text());
    let proposal = made.location().to_owned();
    assert_eq!(scores(&app), before, "a proposal changes nothing");
    // The same answer is not proposed twice, and the proposer decides nothing.
    assert_eq!(propose(&manager, &app, 1, "exclude", "careless").status, 422);
    let csrf = manager.csrf(&path(&app, "quality"));
    assert_eq!(manager.post(&proposal, &[("csrf", &csrf)]).status, 403);

    let seen = reviewer.get(&proposal);
    assert!(
        seen.text().contains(&message("zh-CN", "quality-before")),
        "{}",
        seen.text()
    );
    let form = seen.form_to(&proposal);
    assert_eq!(form.chosen("response").len(), 2, "to begin with everything is ticked");
    let [one, other] = [0, 1].map(|n| form.chosen("response")[n].to_owned());
    let csrf = reviewer.csrf(&proposal);
    let pairs = [("csrf", csrf.as_str()), ("response", &one)];
    assert_eq!(
        reviewer.post(&proposal, &pairs).status,
        422,
        "a refusal needs its reason"
    );
    let pairs = [pairs[0], pairs[1], ("explanation", "the other one is genuine")];
    assert_eq!(reviewer.post(&proposal, &pairs).status, 303);
    assert_eq!(reviewer.post(&proposal, &pairs).status, 422, "decided is decided");
    assert_eq!(app.counted(), 4);
    app.consistent_tallies();
    let standing = app
        .installation
        .store
        .read_blocking(|conn| exclusion::standing(conn, &app.wave.instrument, app.wave.id));
    let standing = standing.unwrap();
    assert_eq!((standing.with.s(), standing.with.s_face()), before);
    assert_eq!(
        standing.by_reason.into_iter().collect::<Vec<_>>(),
        [(Reason::Careless, 1)]
    );
    // The report counts it by its reason; S with one excluded answer would tell what was in it.
    let report = manager.get(&path(&app, "report"));
    assert!(report.text().contains(&message("zh-CN", "quality-reason-careless")));
    let after = scores(&app);
    assert_ne!(after, before);
    let stored = app
        .installation
        .store
        .read_blocking(|conn| exclusion::find(conn, app.wave.id, 1));
    let decided = stored.unwrap().unwrap().decided.unwrap();
    assert_eq!((decided.before.s(), decided.before.s_face()), before);
    assert_eq!((decided.after.s(), decided.after.s_face()), after);
    let mut raw = app.raw();
    assert_eq!(raw.count("event WHERE action = 'response.excluded'"), 1);
    assert_eq!(
        raw.count(&format!(
            "exclusion_verdict WHERE response_id = '{other}' AND NOT approved"
        )),
        1
    );

    // Counting it again takes two people, too; the reviewer proposes, another one decides.
    let mut form = reviewer
        .get(&path(&app, "quality"))
        .form_to(&path(&app, "quality/proposals"));
    form.check("response", &one);
    form.pick("kind", "include");
    form.pick("reason", "cleared_up");
    form.write("explanation", "the customer was called");
    let made = reviewer.send(&form);
    assert_eq!(made.status, 303, "{}", made.text());
    let proposal = made.location().to_owned();
    let csrf = reviewer.csrf(&path(&app, "quality"));
    let own = reviewer.post(&proposal, &[("csrf", &csrf), ("response", &one)]);
    assert!(
        own.text().contains(&message("zh-CN", "error-own-work")),
        "{}",
        own.text()
    );
    assert_eq!(raw.count("exclusion_decision"), 1);

    // Nothing is sealed while a proposal waits.
    let csrf = manager.csrf(&path(&app, "seal"));
    let seal = manager.post(&path(&app, "seal/proposal"), &[("csrf", &csrf)]);
    assert_eq!(seal.status, 422);
    assert!(seal.text().contains(&message("zh-CN", "error-exclusions-wait")));
    let another = app.member(Role::Reviewer);
    assert_eq!(another.send(&another.get(&proposal).form_to(&proposal)).status, 303);
    assert_eq!((scores(&app), app.counted()), (before, 5));
    let standing = app
        .installation
        .store
        .read_blocking(|conn| exclusion::standing(conn, &app.wave.instrument, app.wave.id));
    assert!(standing.unwrap().by_class.is_empty(), "nothing is excluded any more");
    app.consistent_tallies();
    assert_eq!(
        manager.post(&path(&app, "seal/proposal"), &[("csrf", &csrf)]).status,
        303
    );
}

fn the_database_refuses_one_person_and_a_sealed_record(backend: Backend) {
    let app = TestApp::spawn(backend);
    closed(&app);
    let manager = app.member(Role::Manager);
    assert_eq!(propose(&manager, &app, 1, "exclude", "bulk").status, 303);
    let mut raw = app.raw();
    let decide = |by: &str| {
        format!(
            "INSERT INTO exclusion_decision SELECT evaluation_id, number, proposed_by, {by}, '', 1, '1/2', '1/2', '0/0', '0/0' \
             FROM exclusion_proposal"
        )
    };
    raw.refused(&decide("proposed_by"));
    let seal = format!("INSERT INTO seal_proposal VALUES ('{0}', 1, 'r', 'a', 1)", app.wave.id);
    raw.execute(&seal).unwrap();
    let seal = format!("INSERT INTO seal VALUES ('{0}', 1, 'a', 'b', 1)", app.wave.id);
    assert!(raw.refused(&seal).contains("waits"), "sealing waits for the decision");
    raw.execute(&decide("'another'")).unwrap();
    for table in ["exclusion_proposal", "exclusion_item", "exclusion_decision"] {
        raw.refused(&format!("DELETE FROM {table}"));
        raw.refused(&format!("UPDATE {table} SET number = 7"));
    }
    raw.execute(&seal).unwrap();
    raw.execute("UPDATE evaluation SET state = 'sealed'").unwrap();
    let late = format!(
        "INSERT INTO exclusion_proposal VALUES ('{}', 2, 'exclude', 'bulk', '', 'a', 1)",
        app.wave.id
    );
    assert!(raw.refused(&late).contains("sealed"));
}

fn before_closing_nobody_sees_a_score_and_the_organisation_sees_nothing(backend: Backend) {
    let app = TestApp::spawn(backend);
    let (customer, link) = (app.customer(), app.open_link());
    for code in ["1", "5", "5"] {
        customer.answer(&link.path, &["home"], code);
    }
    perception::store::flag::complete(&app.installation.store, app.wave.id, app.installation.clock.now_ms()).unwrap();
    let (manager, reviewer) = (app.member(Role::Manager), app.member(Role::Reviewer));
    let made = propose(&manager, &app, 1, "exclude", "careless");
    let proposal = made.location().to_owned();
    let id = app.raw().text("SELECT response_id AS value FROM exclusion_item");
    let evidence = path(&app, &format!("quality/responses/{id}"));
    for staff in [&manager, &reviewer] {
        for page in [
            path(&app, "quality"),
            path(&app, "monitoring"),
            proposal.clone(),
            evidence.clone(),
        ] {
            let page = staff.get(&page);
            assert_eq!(page.status, 200);
            for key in ["margin-heading", "quality-before"] {
                assert!(
                    !page.text().contains(&message("zh-CN", key)),
                    "{}: {}",
                    page.path,
                    page.text()
                );
            }
        }
        assert!(
            staff
                .get(&evidence)
                .text()
                .contains(&message("zh-CN", "quality-answers-later"))
        );
    }
    // The log is read during fieldwork and tells no score either.
    assert_eq!(reviewer.send(&reviewer.get(&proposal).form_to(&proposal)).status, 303);
    let data = app
        .raw()
        .text("SELECT data AS value FROM event WHERE action = 'exclusion.decided'");
    assert!(!data.contains('/'), "{data}");
    let organisation = app.member(Role::Organisation);
    for end in ["quality", "monitoring"] {
        assert_eq!(organisation.get(&path(&app, end)).status, 403);
    }
    assert_eq!(organisation.get(&proposal).status, 403);
    assert_eq!(organisation.get(&evidence).status, 403);
    app.wave.advance(&app.installation, EvaluationState::Closed).unwrap();
    assert!(
        manager
            .get(&path(&app, "quality"))
            .text()
            .contains(&message("zh-CN", "margin-heading"))
    );
    assert!(
        !manager
            .get(&evidence)
            .text()
            .contains(&message("zh-CN", "quality-answers-later"))
    );
}
