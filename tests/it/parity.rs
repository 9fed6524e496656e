//! One story, two databases: the same tallies and the same result on SQLite and PostgreSQL, and tallies that are always
//! what the rows give, whatever happened in which order.

use perception::export;
use perception::store::disposition::{self, Approach};
use perception::store::link::NewLink;
use perception::store::response::{self, Accepted};
use perception::store::{StoreError, evaluation, link, report, scan};
use perception::survey::counting::Decision;
use perception::survey::disposition::Code;
use perception::survey::evaluation::EvaluationState;
use perception::survey::id::{DispositionId, LinkId, ResponseId};
use perception::survey::interview::{ContactNo, Ending};
use perception::survey::link::LinkKind;
use perception::survey::submission::Entry;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::harness::{Backend, Pen, Plan, Tallies, TestApp, Wave};

both_backends!(
    tallies_are_what_the_rows_give_whatever_happened,
    a_damaged_tally_is_found_and_rebuilt,
    the_scan_made_at_closing_follows_every_decision
);

/// A hand that does to an evaluation what people do, one command of the store each.
struct Field<'a> {
    app: &'a TestApp,
    wave: Wave,
    pen: Pen,
    responses: Vec<ResponseId>,
}

/// The time of all that happens; nothing depends on when a test runs.
const NOW_MS: i64 = 1_795_000_000_000;

impl<'a> Field<'a> {
    fn new(app: &'a TestApp, wave: Wave, seed: u64) -> Self {
        Self {
            app,
            wave,
            pen: Pen::new(seed),
            responses: Vec::new(),
        }
    }

    fn link(&mut self, kind: LinkKind, outlet: usize) -> LinkId {
        let id = LinkId::from_random(self.pen.bytes());
        let new = NewLink {
            id,
            outlet: self.wave.outlets[outlet],
            kind,
            opens_at_ms: None,
            closes_at_ms: None,
        };
        // The token matters to nobody here, only that no two are the same.
        let (wave, store, key) = (self.wave.id, &self.app.installation.store, rand::random::<[u8; 32]>());
        store
            .write_blocking(move |tx| link::insert(tx, wave, &new, &key))
            .unwrap();
        id
    }

    fn answer(&mut self, entry: Entry) {
        let submission = self.pen.submission(&self.wave, entry);
        let id = submission.receipt.response_id();
        let instrument = self.wave.instrument.clone();
        let store = &self.app.installation.store;
        let stored = store.write_blocking(move |tx| {
            let first = response::submit(tx, &instrument, &submission)?;
            assert_eq!(response::submit(tx, &instrument, &submission)?, Accepted::AlreadyStored);
            Ok::<_, response::SubmitError>(first)
        });
        assert_eq!(stored.unwrap(), Accepted::Stored);
        self.responses.push(id);
    }

    fn approach(&mut self, outlet: usize, code: Code) {
        let approach = Approach {
            evaluation: self.wave.id,
            outlet: self.wave.outlets[outlet],
            evaluator: self.wave.evaluators[0],
            ending: Ending {
                code,
                contact_no: ContactNo::FIRST,
                refusal_reason: None,
            },
            id: DispositionId::from_random(self.pen.bytes()),
            at_ms: NOW_MS,
            is_late: false,
        };
        let instrument = self.wave.instrument.clone();
        self.app
            .installation
            .store
            .write_blocking(move |tx| disposition::record_approach(tx, &instrument, &approach))
            .unwrap();
    }

    fn end_visit(&mut self, link: LinkId, code: Code) {
        let (wave, instrument, random) = (self.wave.id, self.wave.instrument.clone(), self.pen.bytes());
        let store = &self.app.installation.store;
        store
            .write_blocking(move |tx| disposition::end_visit(tx, &instrument, wave, link, code, random, NOW_MS))
            .unwrap();
    }

    fn decide(&mut self, response: usize, decision: Decision) {
        let (wave, instrument, id) = (self.wave.id, self.wave.instrument.clone(), self.responses[response]);
        let why = ("reviewer", "because", NOW_MS);
        self.app
            .installation
            .store
            .write_blocking(move |tx| response::decide(tx, &instrument, wave, id, decision, why))
            .unwrap();
    }

    /// Stored tallies and recounted ones.
    fn tallies(&self) -> (Tallies, Tallies) {
        self.app.tallies_of(&self.wave)
    }
}

/// Three outlets, all classes, contacts without an answer, decisions taken and taken back, a return after a wrong turn.
fn the_script(field: &mut Field<'_>) {
    for outlet in 0..3 {
        let code = field.link(LinkKind::Outlet, outlet);
        for number in 0..8 - outlet * 2 {
            let interview = field.pen.interview(&field.wave, outlet);
            field.answer(interview);
            field.answer(Entry::Link(code));
            let kind = if number % 2 == 0 {
                LinkKind::Personal
            } else {
                LinkKind::Printed
            };
            let personal = field.link(kind, outlet);
            field.answer(Entry::Link(personal));
        }
        for ended in [Code::Refusal, Code::NoService, Code::Interested, Code::Minor] {
            field.end_visit(code, ended);
        }
        for approached in [Code::Refusal, Code::NoContact, Code::Unable] {
            field.approach(outlet, approached);
        }
        let wrong_turn = field.link(LinkKind::Personal, outlet);
        field.end_visit(wrong_turn, Code::NoService);
        field.end_visit(wrong_turn, Code::Interested);
        if outlet == 1 {
            field.answer(Entry::Link(wrong_turn));
        }
    }
    for (response, decision) in [
        (0, Decision::Excluded),
        (1, Decision::Excluded),
        (1, Decision::Included),
        (2, Decision::Withdrawn),
        (3, Decision::Excluded),
        (3, Decision::Excluded),
        (4, Decision::Approved),
        (9, Decision::Withdrawn),
        (9, Decision::Included),
        (30, Decision::Excluded),
    ] {
        field.decide(response, decision);
    }
}

#[test]
fn one_script_gives_the_same_result_on_both_databases() {
    for approval in [false, true] {
        let told = [Backend::Sqlite, Backend::Postgres].map(|backend| {
            let plan = Plan {
                approval,
                ..Plan::default()
            };
            let app = TestApp::spawn_with(backend, plan, |_| {});
            let mut field = Field::new(&app, app.wave.clone(), 42);
            the_script(&mut field);
            let (stored, recounted) = field.tallies();
            assert_eq!(stored, recounted, "{backend:?}");
            app.close();
            let (catalogue, wave) = (app.installation.store.catalogue().clone(), app.wave.id);
            let report = app
                .installation
                .store
                .read_blocking(|conn| report::compute(conn, &catalogue, wave))
                .unwrap()
                .unwrap();
            let result = serde_json::to_string_pretty(&report.result).unwrap();
            let files = (
                export::json::encode(&report).unwrap(),
                export::csv::encode(&report).unwrap(),
            );
            (field.responses.len(), stored, result, files)
        });
        let (responses, tallies, ..) = &told[0];
        assert_eq!((*responses, tallies.len()), (55, 9));
        assert_eq!(told[0], told[1]);
    }
}

/// One thing that happens; the numbers choose among what there is.
#[derive(Debug, Clone, Copy)]
enum Step {
    Interview(usize),
    Scan(usize),
    Invited(usize),
    TurnedAway(usize),
    ComesBack(usize),
    Approach(usize),
    Decide(usize, usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let outlet = 0..3_usize;
    let step = prop_oneof![
        3 => outlet.clone().prop_map(Step::Interview),
        2 => outlet.clone().prop_map(Step::Scan),
        2 => outlet.clone().prop_map(Step::Invited),
        1 => outlet.clone().prop_map(Step::TurnedAway),
        1 => (0..100_usize).prop_map(Step::ComesBack),
        1 => outlet.prop_map(Step::Approach),
        6 => (0..100_usize, 0..4_usize).prop_map(|(response, decision)| Step::Decide(response, decision)),
    ];
    prop::collection::vec(step, 1..40)
}

fn play(app: &TestApp, steps: &[Step], approval: bool, seed: u64) -> Result<(), TestCaseError> {
    let wave = Wave::sow(
        &app.installation,
        Plan {
            seed: rand::random(),
            state: EvaluationState::Open,
            approval,
            evaluators: true,
            ..Plan::default()
        },
    );
    let mut field = Field::new(app, wave, seed);
    let codes = [0, 1, 2].map(|outlet| field.link(LinkKind::Outlet, outlet));
    let mut turned_away = Vec::new();
    for step in steps {
        match *step {
            Step::Interview(outlet) => {
                let interview = field.pen.interview(&field.wave, outlet);
                field.answer(interview);
            }
            Step::Scan(outlet) => field.answer(Entry::Link(codes[outlet])),
            Step::Invited(outlet) => {
                let link = field.link(LinkKind::Personal, outlet);
                field.answer(Entry::Link(link));
            }
            Step::TurnedAway(outlet) => {
                let link = field.link(LinkKind::Printed, outlet);
                field.end_visit(link, Code::Minor);
                turned_away.push(link);
            }
            Step::ComesBack(number) if !turned_away.is_empty() => {
                let link = turned_away.swap_remove(number % turned_away.len());
                field.answer(Entry::Link(link));
            }
            Step::Approach(outlet) => field.approach(outlet, Code::NoContact),
            Step::Decide(number, decision) if !field.responses.is_empty() => {
                field.decide(number % field.responses.len(), Decision::ALL[decision]);
            }
            Step::ComesBack(_) | Step::Decide(..) => {}
        }
    }
    let (stored, recounted) = field.tallies();
    prop_assert_eq!(stored, recounted);
    Ok(())
}

fn tallies_are_what_the_rows_give_whatever_happened(backend: Backend) {
    let app = TestApp::spawn(backend);
    let mut runner = TestRunner::new(Config {
        cases: 16,
        failure_persistence: None,
        max_shrink_iters: 60,
        ..Config::default()
    });
    runner
        .run(&(steps(), any::<bool>(), any::<u64>()), |(steps, approval, seed)| {
            play(&app, &steps, approval, seed)
        })
        .unwrap();
}

fn the_scan_made_at_closing_follows_every_decision(backend: Backend) {
    let app = TestApp::spawn(backend);
    let mut field = Field::new(&app, app.wave.clone(), 5);
    the_script(&mut field);
    let (store, wave, instrument) = (&app.installation.store, app.wave.id, app.wave.instrument.clone());
    let catalogue = store.catalogue().clone();
    let appendix = || {
        let report = store.read_blocking(|conn| report::compute(conn, &catalogue, wave));
        report.unwrap().unwrap().result.judgement.appendix
    };
    let rebuild = || {
        let instrument = instrument.clone();
        store
            .write_blocking(move |tx| response::rebuild_tallies(tx, wave, &instrument))
            .unwrap()
    };
    assert_eq!(appendix(), None, "no scan while customers answer");
    assert!(!rebuild() && appendix().is_none());
    assert!(!scan::complete(store, wave).unwrap());
    let (close, now_ms) = (EvaluationState::Closed, app.installation.clock.now_ms());
    store
        .write_blocking(move |tx| evaluation::advance(tx, wave, close, None, "test", now_ms))
        .unwrap();
    let pending = || {
        let report = store.read_blocking(|conn| report::compute(conn, &catalogue, wave));
        report.unwrap().unwrap().scan_pending
    };
    // Closing itself reads no response; the pass is made beside the writer.
    assert!(pending() && appendix().is_none());
    assert!(scan::complete(store, wave).unwrap() && !pending());
    let closed = appendix().unwrap();
    assert!(closed.mode_effect.is_some());
    field.decide(20, Decision::Excluded);
    let without = appendix().unwrap();
    assert_ne!(without, closed);
    assert!(!rebuild(), "the scan followed the decision");
    field.decide(20, Decision::Included);
    assert_eq!(appendix().unwrap(), closed);
    // What is erased is taken from the scan before it is gone.
    field.decide(20, Decision::Withdrawn);
    assert_eq!(appendix().unwrap(), without);
    assert!(!rebuild());
    let mut raw = app.raw();
    assert_eq!(raw.execute("DELETE FROM scan"), Ok(1));
    assert!(pending() && appendix().is_none());
    assert!(scan::complete(store, wave).unwrap());
    assert_eq!(appendix().unwrap(), without);
    field.decide(21, Decision::Excluded);
    assert!(!rebuild() && !pending());
}

fn a_damaged_tally_is_found_and_rebuilt(backend: Backend) {
    let app = TestApp::spawn(backend);
    let mut field = Field::new(&app, app.wave.clone(), 3);
    the_script(&mut field);
    let rebuild = || -> bool {
        let (wave, instrument) = (app.wave.id, app.wave.instrument.clone());
        app.installation
            .store
            .write_blocking(move |tx| -> Result<bool, StoreError> {
                assert!(evaluation::list_ids(tx.conn)?.contains(&wave));
                response::rebuild_tallies(tx, wave, &instrument)
            })
            .unwrap()
    };
    let right = app.consistent_tallies();
    assert!(!rebuild(), "nothing differs");
    let mut raw = app.raw();
    let tally = "outlet_id = (SELECT min(outlet_id) FROM tally) AND evidence_class = 'open'";
    // A tally of another outlet in its place is readable, and wrong.
    let other = raw.text("SELECT max(body) AS value FROM tally WHERE evidence_class = 'face'");
    assert_eq!(
        raw.execute(&format!("UPDATE tally SET body = '{other}' WHERE {tally}")),
        Ok(1)
    );
    assert_ne!(app.tallies(), right);
    assert!(rebuild(), "found");
    assert_eq!(app.consistent_tallies(), right);
    // One that an earlier version wrote, and none at all.
    for change in ["UPDATE tally SET body = '1;;;;;;'", "DELETE FROM tally"] {
        assert_eq!(raw.execute(&format!("{change} WHERE {tally}")), Ok(1));
        assert!(rebuild(), "found");
        assert_eq!(app.consistent_tallies(), right);
    }
    assert!(!rebuild());
    // What comes after a rebuild is added to it.
    let interview = field.pen.interview(&field.wave, 0);
    field.answer(interview);
    app.consistent_tallies();
}
