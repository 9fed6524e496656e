//! What the database itself holds on to, whoever asks: an evaluation's life, and which class a response is of.

use perception::survey::evaluation::EvaluationState;

use crate::harness::{Backend, Plan, TestApp, Wave};
use crate::store_guards::fieldwork;

both_backends!(
    a_response_is_of_the_class_that_stands_behind_it,
    an_evaluation_goes_forward_one_step_at_a_time,
    questionnaire_and_method_are_fixed_by_freezing,
    no_response_outside_fieldwork,
);

/// An INSERT of an electronic response that the database accepts, with some columns changed.
fn insert_response(wave: &Wave, changes: &[(&str, &str)]) -> String {
    let random = || format!("{:032x}", rand::random::<u128>());
    let mut columns: Vec<(&str, String)> = vec![
        ("evaluation_id", wave.id.to_string()),
        ("id", random()),
        ("outlet_id", wave.outlets[0].to_string()),
        ("evidence_class", "open".into()),
        ("status", "I".into()),
        ("language", "en".into()),
        ("notice_version", wave.notice.version.clone()),
        ("received_hour_ms", "1794999600000".into()),
        ("commitment", random()),
    ];
    for (name, value) in changes {
        columns.retain(|(column, _)| column != name);
        columns.push((name, (*value).to_owned()));
    }
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let values: Vec<String> = columns.iter().map(|(_, value)| format!("'{value}'")).collect();
    format!(
        "INSERT INTO response ({}) VALUES ({})",
        names.join(", "),
        values.join(", ")
    )
}

fn a_response_is_of_the_class_that_stands_behind_it(backend: Backend) {
    let app = TestApp::spawn(backend);
    fieldwork(&app);
    let (wave, mut raw) = (&app.wave, app.raw());
    let (evaluator, stranger) = (wave.evaluators[0].to_string(), wave.evaluators[1].to_string());
    let (here, there) = (wave.outlets[0].to_string(), wave.outlets[2].to_string());
    let interview = "11111111-1111-4111-8111-111111111111";
    raw.execute(&format!(
        "INSERT INTO interview (evaluation_id, id, outlet_id, evaluator_id, place, started_at_ms, ended_at_ms) \
         VALUES ('{}', '{interview}', '{here}', '{evaluator}', 'inside', 1, 2)",
        wave.id
    ))
    .unwrap();
    let used = raw.text("SELECT min(interview_id) AS value FROM response WHERE interview_id IS NOT NULL");
    let face = ("evidence_class", "face");
    let with = |changes: &[(&'static str, &str)]| insert_response(wave, changes);
    for (what, sql) in [
        ("face without anything", with(&[face])),
        ("face without interview", with(&[face, ("evaluator_id", &evaluator)])),
        ("face without evaluator", with(&[face, ("interview_id", interview)])),
        (
            "face by somebody else",
            with(&[face, ("interview_id", interview), ("evaluator_id", &stranger)]),
        ),
        (
            "face at another outlet",
            with(&[
                face,
                ("interview_id", interview),
                ("evaluator_id", &evaluator),
                ("outlet_id", &there),
            ]),
        ),
        (
            "face twice",
            with(&[face, ("interview_id", &used), ("evaluator_id", &evaluator)]),
        ),
        ("open with evaluator", with(&[("evaluator_id", &evaluator)])),
        (
            "invited with interview",
            with(&[
                ("evidence_class", "invited"),
                ("interview_id", interview),
                ("evaluator_id", &evaluator),
            ]),
        ),
        ("another class", with(&[("evidence_class", "email")])),
        ("no class", with(&[("evidence_class", "")])),
        ("another status", with(&[("status", "X")])),
        ("the minute of arrival", with(&[("received_hour_ms", "1794999660000")])),
        ("an unknown outlet", with(&[("outlet_id", interview)])),
        ("an unknown notice", with(&[("notice_version", "0")])),
    ] {
        let before = raw.count("response");
        raw.refused(&sql);
        assert_eq!(raw.count("response"), before, "{what}");
    }
    // The same rows without the fault are taken: they were refused for the right reason.
    raw.execute(&with(&[])).unwrap();
    raw.execute(&with(&[("evidence_class", "invited")])).unwrap();
    raw.execute(&with(&[
        face,
        ("interview_id", interview),
        ("evaluator_id", &evaluator),
    ]))
    .unwrap();
    // A form is stored once: its receipt makes the id. An interview gives one response.
    let id = raw.text("SELECT min(id) AS value FROM response");
    raw.refused(&with(&[("id", &id)]));
    raw.refused(&with(&[
        face,
        ("interview_id", interview),
        ("evaluator_id", &evaluator),
    ]));
    // And keeps its class.
    for class in ["face", "invited", "open"] {
        raw.refused(&format!("UPDATE response SET evidence_class = '{class}'"));
    }
    raw.refused("UPDATE response SET evidence_class = 'open', interview_id = NULL, evaluator_id = NULL");
    // Contacts without an answer follow the same rule.
    let contact = |class: &str, evaluator: &str| {
        let place = format!("'{}', '{:032x}', '{here}'", wave.id, rand::random::<u128>());
        format!(
            "INSERT INTO disposition (evaluation_id, id, outlet_id, evidence_class, evaluator_id, code, hour_ms) \
             VALUES ({place}, '{class}', {evaluator}, '210', 0)"
        )
    };
    raw.refused(&contact("face", "NULL"));
    raw.refused(&contact("open", &format!("'{evaluator}'")));
    raw.execute(&contact("face", &format!("'{evaluator}'"))).unwrap();
}

fn an_evaluation_goes_forward_one_step_at_a_time(backend: Backend) {
    let app = TestApp::spawn_with(
        backend,
        Plan {
            state: EvaluationState::Draft,
            ..Plan::default()
        },
        |_| {},
    );
    let (wave, mut raw) = (&app.wave, app.raw());
    for from in EvaluationState::ALL {
        for to in EvaluationState::ALL
            .into_iter()
            .filter(|to| *to != from && Some(*to) != from.next())
        {
            let events = raw.count("event");
            raw.refused(&format!(
                "UPDATE evaluation SET state = '{}', notice_version = '{}'",
                to.as_str(),
                wave.notice.version
            ));
            assert!(wave.advance(&app.installation, to).is_err(), "{from:?} → {to:?}");
            assert_eq!(raw.count("event"), events, "what is refused leaves no event");
        }
        if from == EvaluationState::Frozen {
            raw.refused("UPDATE evaluation SET state = 'open'");
        }
        assert_eq!(raw.text("SELECT state AS value FROM evaluation"), from.as_str());
        if let Some(next) = from.next() {
            wave.advance(&app.installation, next).unwrap();
        }
    }
    let actions = raw.texts("SELECT action AS value FROM event WHERE action LIKE 'evaluation.%'");
    let steps = ["closed", "created", "frozen", "open", "released", "sealed"];
    assert_eq!(actions, steps.map(|step| format!("evaluation.{step}")));
    raw.refused("UPDATE evaluation SET state = 'unsealed'");
}

fn questionnaire_and_method_are_fixed_by_freezing(backend: Backend) {
    let app = TestApp::spawn_with(
        backend,
        Plan {
            state: EvaluationState::Draft,
            ..Plan::default()
        },
        |_| {},
    );
    let (wave, mut raw) = (&app.wave, app.raw());
    raw.execute("INSERT INTO questionnaire (hash, body) VALUES ('q', '{}')")
        .unwrap();
    raw.execute("INSERT INTO method (hash, body) VALUES ('m', '{}')")
        .unwrap();
    raw.execute("INSERT INTO notice (version, text_zh, text_en) VALUES ('n', '', '')")
        .unwrap();
    raw.execute("INSERT INTO organisation (id, name_zh, name_en, created_at_ms) VALUES ('o', '', '', 0)")
        .unwrap();
    let instrument = &wave.instrument;
    let (questionnaire, method) = (instrument.questionnaire().hash(), instrument.method().hash());
    raw.execute("UPDATE evaluation SET questionnaire_hash = 'q', method_hash = 'm'")
        .unwrap();
    raw.execute(&format!(
        "UPDATE evaluation SET questionnaire_hash = '{questionnaire}', method_hash = '{method}'"
    ))
    .unwrap();
    raw.refused("UPDATE evaluation SET method_hash = 'unknown'");
    let mut state = EvaluationState::Draft;
    while let Some(next) = state.next() {
        wave.advance(&app.installation, next).unwrap();
        state = next;
        for change in ["questionnaire_hash = 'q'", "method_hash = 'm'", "organisation_id = 'o'"] {
            let why = raw.refused(&format!("UPDATE evaluation SET {change}"));
            assert!(why.contains("fixed"), "{state:?}: {why}");
        }
        if state >= EvaluationState::Open {
            raw.refused("UPDATE evaluation SET notice_version = 'n'");
            raw.refused("UPDATE evaluation SET notice_version = NULL");
        }
    }
}

fn no_response_outside_fieldwork(backend: Backend) {
    let app = TestApp::spawn_with(
        backend,
        Plan {
            state: EvaluationState::Draft,
            ..Plan::default()
        },
        |_| {},
    );
    let (wave, mut raw) = (&app.wave, app.raw());
    for state in EvaluationState::ALL {
        if state != EvaluationState::Draft {
            wave.advance(&app.installation, state).unwrap();
        }
        let insert = insert_response(wave, &[]);
        match state {
            // Interviews that were taken offline during fieldwork arrive after it.
            EvaluationState::Open | EvaluationState::Closed => assert_eq!(raw.execute(&insert), Ok(1)),
            _ => {
                let why = raw.refused(&insert);
                assert!(why.contains("outside fieldwork"), "{state:?}: {why}");
            }
        }
    }
    assert_eq!(raw.count("response"), 2);
}
