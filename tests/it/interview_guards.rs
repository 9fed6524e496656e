//! In person is what came in this way and nothing else: who may, whose form it is, once, and what the database refuses.

use perception::access::Role;
use perception::store::disposition::{self, Approach};
use perception::store::response;
use perception::survey::disposition::Code;
use perception::survey::evaluation::EvaluationState;
use perception::survey::id::{DispositionId, PersonId};
use perception::survey::interview::{ContactNo, Ending, Ticket};
use perception::survey::submission::Entry;

use crate::harness::{Backend, Pen, Plan, Staff, TestApp, Wave, message};
use crate::interview_journey::{at, begin, filled};

both_backends!(
    twenty_parallel_posts_are_one_interview,
    neither_channel_nor_evaluator_nor_time_is_chosen_by_a_form,
    nobody_else_may_interview,
    a_forged_or_foreign_form_is_none,
    the_database_refuses_who_is_no_evaluator_of_the_evaluation,
);

fn twenty_parallel_posts_are_one_interview(backend: Backend) {
    let app = TestApp::spawn(backend);
    let evaluator = app.member(Role::Evaluator);
    let other_node = app.join();
    let form = filled(&begin(&app, &evaluator), &["outlet", "repair"], "4");
    let start = std::sync::Barrier::new(20);
    let at_node = |place: usize| {
        // The same person at another address of the same installation.
        let staff = match place % 2 {
            0 => evaluator.clone(),
            _ => {
                let staff = Staff::stranger(&other_node.base);
                staff.set_cookie("sid", &evaluator.cookie("sid").unwrap());
                staff
            }
        };
        start.wait();
        staff.follow(staff.send(&form)).receipt()
    };
    let receipts: Vec<String> = std::thread::scope(|scope| {
        let at_node = &at_node;
        let threads: Vec<_> = (0..20).map(|place| scope.spawn(move || at_node(place))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(receipts.iter().all(|receipt| *receipt == receipts[0]), "{receipts:?}");
    let mut raw = app.raw();
    assert_eq!((app.responses(), raw.count("interview"), app.counted()), (1, 1, 1));
    // The first one counts, whatever is sent later.
    let repeated = evaluator.follow(evaluator.post(&form.action, &[("csrf", form.chosen("csrf")[0]), ("age18", "no")]));
    assert_eq!(repeated.receipt(), receipts[0]);
    assert!(repeated.text().contains(&message("zh-CN", "interview-repeated")));
    assert_eq!(raw.count("disposition"), 0);
    app.consistent_tallies();
}

fn neither_channel_nor_evaluator_nor_time_is_chosen_by_a_form(backend: Backend) {
    let app = TestApp::spawn(backend);
    let (evaluator, other) = (app.member(Role::Evaluator), app.member(Role::Evaluator));
    let form = filled(&begin(&app, &evaluator), &["outlet"], "5");
    let (victim, outlet) = (other.person.unwrap().to_string(), app.wave.outlets[1].to_string());
    let forged = [
        ("evaluator_id", victim.as_str()),
        ("evidence_class", "open"),
        ("channel", "electronic"),
        ("outlet_id", &outlet),
        ("start_time", "1"),
        ("started_at_ms", "1"),
        ("end_time", "2"),
    ];
    let pairs = form.pairs();
    let pairs: Vec<(&str, &str)> = pairs
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .chain(forged)
        .collect();
    evaluator.follow(evaluator.post(&form.action, &pairs)).receipt();
    let mut raw = app.raw();
    let me = evaluator.person.unwrap().to_string();
    assert_eq!(raw.text("SELECT evidence_class AS value FROM response"), "face");
    assert_eq!(raw.text("SELECT evaluator_id AS value FROM interview"), me);
    assert_eq!(
        raw.text("SELECT outlet_id AS value FROM response"),
        app.wave.outlets[0].to_string()
    );
    assert!(raw.number("SELECT CAST(started_at_ms AS BIGINT) AS value FROM interview") > 1_000_000_000_000);

    // A customer's form cannot say that it was an interview.
    let customer = app.customer();
    let mut rated = customer.begin(&app.open_link().path, &["outlet"]).form();
    rated.rate_all("5");
    let mut pairs = rated.pairs();
    for (name, value) in [
        ("evaluator_id", me.as_str()),
        ("evidence_class", "face"),
        ("place", "inside"),
        ("evaluator_declaration", "yes"),
    ] {
        pairs.push((name.to_owned(), value.to_owned()));
    }
    assert_eq!(customer.post(&rated.action, &pairs).status, 303);
    assert_eq!(raw.count("response WHERE evidence_class = 'face'"), 1);
    assert_eq!(
        raw.count("response WHERE evidence_class = 'open' AND evaluator_id IS NULL"),
        1
    );
}

fn nobody_else_may_interview(backend: Backend) {
    let app = TestApp::spawn(backend);
    let evaluator = app.member(Role::Evaluator);
    let form = filled(&begin(&app, &evaluator), &["outlet"], "5");
    let pages = [
        at(&app, 0, "interview"),
        at(&app, 0, "approach"),
        form.action.clone(),
        format!("{}/receipt", form.action),
    ];
    for role in Role::IN_EVALUATIONS.into_iter().filter(|role| *role != Role::Evaluator) {
        let member = app.member(role);
        for page in &pages {
            assert_eq!(member.get(page).status, 403, "{role:?} {page}");
        }
        assert_eq!(member.send(&form).status, 403, "{role:?}");
        let sees = matches!(role, Role::Manager | Role::Reviewer);
        let list = format!("/evaluations/{}/interviews", app.wave.id);
        assert_eq!(member.get(&list).status, if sees { 200 } else { 403 }, "{role:?}");
    }
    // An evaluator of another evaluation does not even learn that this one exists.
    let elsewhere = Wave::sow(
        &app.installation,
        Plan {
            seed: 9,
            ..Plan::default()
        },
    );
    let stranger = Staff::signed_in(&app.base, &app.installation, &[Role::Evaluator]).joins(
        &app.installation,
        elsewhere.id,
        Role::Evaluator,
    );
    for page in &pages {
        assert_eq!(stranger.get(page).status, 404, "{page}");
    }
    assert_eq!(stranger.send(&form).status, 404);
    let nobody = Staff::stranger(&app.base);
    for page in &pages {
        assert!(nobody.get(page).location().starts_with("/sign-in"), "{page}");
    }
    let kept = nobody.send(&form);
    assert_eq!(kept.status, 401);
    assert_eq!(
        kept.form_to(&form.action).chosen("F01"),
        ["5"],
        "what was typed is kept until they sign in"
    );
    assert_eq!(app.responses() + app.raw().count("disposition"), 0);
}

fn a_forged_or_foreign_form_is_none(backend: Backend) {
    let app = TestApp::spawn(backend);
    let (evaluator, other) = (app.member(Role::Evaluator), app.member(Role::Evaluator));
    let page = begin(&app, &evaluator);
    let sealed = page.path.rsplit('/').next().unwrap().to_owned();
    let ticket = Ticket::open(app.installation.key.bytes(), &sealed).expect("signed by this server");
    assert_eq!(ticket.evaluator, evaluator.person.unwrap());
    let csrf = evaluator.csrf(&page.path);
    let back_dated = Ticket {
        started_at_ms: 1,
        ..ticket
    };
    for forged in [
        back_dated.seal(b"another key"),
        sealed[1..].to_owned(),
        format!("{sealed}A"),
        "x".to_owned(),
    ] {
        let path = at(&app, 0, &format!("interview/{forged}"));
        assert_eq!(evaluator.get(&path).status, 404);
        assert_eq!(evaluator.post(&path, &[("csrf", &csrf)]).status, 404);
    }
    // A genuine form of another outlet.
    let moved = at(&app, 1, &format!("interview/{sealed}"));
    assert_eq!(evaluator.get(&moved).status, 404);
    assert_eq!(evaluator.post(&moved, &[("csrf", &csrf)]).status, 404);
    // Somebody else's form is not theirs to send; what it holds stays on the page.
    let mut pairs = filled(&page, &["outlet"], "3").pairs();
    let theirs = other.csrf(&at(&app, 0, "approach"));
    pairs
        .iter_mut()
        .filter(|(name, _)| name == "csrf")
        .for_each(|(_, value)| *value = theirs.clone());
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let refused = other.post(&page.path, &pairs);
    assert_eq!(refused.status, 403);
    assert!(
        refused.text().contains(&message("zh-CN", "interview-foreign")),
        "{}",
        refused.text()
    );
    assert_eq!(refused.form_to(&page.path).chosen("F01"), ["3"]);
    assert_eq!(other.get(&page.path).status, 404);
    assert_eq!(app.responses(), 0);
}

fn the_database_refuses_who_is_no_evaluator_of_the_evaluation(backend: Backend) {
    let app = TestApp::spawn(backend);
    let mut pen = Pen::new(3);
    let manager = app.member(Role::Manager).person.unwrap();
    let nobody = PersonId::from_random(rand::random());
    for person in [manager, nobody] {
        let Entry::Interview(mut taken) = pen.interview(&app.wave, 0) else {
            unreachable!()
        };
        taken.evaluator = person;
        let submission = pen.submission(&app.wave, Entry::Interview(taken));
        let instrument = app.wave.instrument.clone();
        let stored = app
            .installation
            .store
            .write_blocking(move |tx| response::submit(tx, &instrument, &submission));
        assert!(stored.is_err(), "{person}");
        let approach = Approach {
            id: DispositionId::from_random(rand::random()),
            evaluation: app.wave.id,
            outlet: app.wave.outlets[0],
            evaluator: person,
            ending: Ending {
                code: Code::NoContact,
                contact_no: ContactNo::FIRST,
                refusal_reason: None,
            },
            at_ms: 0,
            is_late: false,
        };
        let instrument = app.wave.instrument.clone();
        let stored = app
            .installation
            .store
            .write_blocking(move |tx| disposition::record_approach(tx, &instrument, &approach));
        assert!(stored.is_err(), "{person}");
    }
    let mut raw = app.raw();
    let insert = format!(
        "INSERT INTO interview (evaluation_id, id, outlet_id, evaluator_id, place, started_at_ms, ended_at_ms) \
         VALUES ('{}', 'i', '{}', '{manager}', 'inside', 1, 2)",
        app.wave.id, app.wave.outlets[0]
    );
    assert!(
        raw.refused(&insert)
            .contains("only an evaluator of the evaluation interviews")
    );
    let theirs = insert.replace(&manager.to_string(), &app.wave.evaluators[0].to_string());
    assert_eq!(raw.execute(&theirs), Ok(1), "one of its evaluators may");
    assert_eq!(
        (app.responses(), raw.count("interview"), raw.count("disposition")),
        (0, 1, 0)
    );

    // Outside fieldwork nobody may.
    app.wave.advance(&app.installation, EvaluationState::Closed).unwrap();
    let late = pen.interview(&app.wave, 0);
    let submission = pen.submission(&app.wave, late);
    let instrument = app.wave.instrument.clone();
    let stored = app
        .installation
        .store
        .write_blocking(move |tx| response::submit(tx, &instrument, &submission));
    assert!(matches!(stored, Err(response::SubmitError::Refused(_))), "{stored:?}");
    assert_eq!(app.responses(), 0);
}
