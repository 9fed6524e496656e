//! What the database itself refuses, whoever asks: raw SQL with the program's rights, past all of the program's code.

use diesel::connection::SimpleConnection;
use perception::store::{StoreError, event, response};
use perception::survey::counting::Decision;
use perception::survey::event::{Event, GENESIS};
use perception::survey::id::ResponseId;
use perception::survey::link::LinkKind;
use perception::survey::submission::{Entry, Submission};

use crate::harness::{Backend, Pen, Raw, TestApp};

both_backends!(
    what_is_recorded_is_neither_changed_nor_deleted,
    not_even_by_replacing_or_emptying,
    content_is_erased_only_through_a_withdrawal,
    a_link_stays_what_it_is,
    events_form_one_chain,
);

/// Two interviews, an answer through a link, and an approach that led to nothing; ids of the responses.
pub fn fieldwork(app: &TestApp) -> Vec<ResponseId> {
    let mut pen = Pen::new(7);
    let link = app.open_link();
    let entries = [
        pen.interview(&app.wave, 0),
        pen.interview(&app.wave, 1),
        Entry::Link(link.id),
    ];
    let ids = entries.map(|entry| {
        let submission = pen.submission(&app.wave, entry);
        let id = submission.receipt.response_id();
        submit(app, submission);
        id
    });
    let mut form = app.customer().get(&link.path).form();
    form.pick("age18", "no");
    app.customer().send(&form);
    ids.to_vec()
}

fn submit(app: &TestApp, mut submission: Submission) {
    submission.received_at_ms = app.installation.clock.now_ms();
    let instrument = app.wave.instrument.clone();
    app.installation
        .store
        .write_blocking(move |tx| response::submit(tx, &instrument, &submission))
        .unwrap();
}

/// Tables whose rows are facts, and a column of each.
const FACTS: [(&str, &str); 7] = [
    ("response", "language"),
    ("interview", "place"),
    ("disposition", "code"),
    ("event", "actor"),
    ("questionnaire", "body"),
    ("method", "body"),
    ("notice", "text_zh"),
];

fn what_is_recorded_is_neither_changed_nor_deleted(backend: Backend) {
    let app = TestApp::spawn(backend);
    fieldwork(&app);
    let mut raw = app.raw();
    for (table, column) in FACTS {
        assert!(raw.count(table) > 0, "{table}");
        let why = raw.refused(&format!("UPDATE {table} SET {column} = 'other'"));
        assert!(why.contains(&format!("{table} is append-only")), "{why}");
        // Not even to the same value.
        raw.refused(&format!("UPDATE {table} SET {column} = {column}"));
        let why = raw.refused(&format!("DELETE FROM {table}"));
        assert!(why.contains(&format!("{table} is append-only")), "{why}");
    }
    for (table, column) in [("response_content", "answers"), ("response_comment", "body")] {
        assert_eq!(raw.count(table), 3);
        let why = raw.refused(&format!("UPDATE {table} SET {column} = '1'"));
        assert!(why.contains("never changed"), "{why}");
    }
    raw.refused("UPDATE response_comment SET body = ''");
    raw.refused("DELETE FROM evaluation");
    raw.refused("DELETE FROM outlet");
    app.consistent_tallies();
}

/// One statement over the program's own writing connection, with all its settings.
fn over_the_programs_connection(app: &TestApp, sql: &str) -> Result<(), StoreError> {
    let sql = sql.to_owned();
    app.installation
        .store
        .write_blocking(move |tx| Ok(tx.conn.batch_execute(&sql)?))
}

fn not_even_by_replacing_or_emptying(backend: Backend) {
    let app = TestApp::spawn(backend);
    fieldwork(&app);
    let attacks: Vec<String> = match backend {
        // Replacing deletes a row without its DELETE trigger unless the connection asks for it.
        Backend::Sqlite => {
            let replaced = |table: &str, columns: &str, values: &str| {
                format!("INSERT OR REPLACE INTO {table} ({columns}) SELECT {values} FROM {table}")
            };
            let response = "evaluation_id, id, outlet_id, evidence_class, interview_id, evaluator_id, status, LANGUAGE, \
                            notice_version, received_hour_ms, commitment";
            let event = "evaluation_id, seq, at_ms, ACTOR, action, object, data, previous_hash, hash";
            let evaluation = "id, organisation_id, title_zh, title_en, STATE, questionnaire_hash, method_hash, \
                              notice_version, products, retention_end, created_at_ms";
            let content = "evaluation_id, response_id, ANSWERS, duration_s, salt, comment_salt";
            vec![
                replaced("response", response, &response.replace("LANGUAGE", "'xx'")),
                replaced("event", event, &event.replace("ACTOR", "'somebody else'")),
                replaced("evaluation", evaluation, &evaluation.replace("STATE", "'draft'")),
                replaced(
                    "response_content",
                    content,
                    &content.replace("ANSWERS", "'1;services=consult;F01=5'"),
                ),
                replaced("method", "hash, body", "hash, '{}'"),
            ]
        }
        Backend::Postgres => [
            "response CASCADE",
            "event",
            "interview CASCADE",
            "disposition",
            "response_content",
            "evaluation CASCADE",
            "method CASCADE",
        ]
        .map(|table| format!("TRUNCATE {table}"))
        .to_vec(),
    };
    let before = app.consistent_tallies();
    let taken: Vec<&String> = attacks
        .iter()
        .filter(|sql| over_the_programs_connection(&app, sql).is_ok())
        .collect();
    assert!(taken.is_empty(), "the database took it: {taken:#?}");
    assert_eq!(app.consistent_tallies(), before);
}

fn content_is_erased_only_through_a_withdrawal(backend: Backend) {
    let app = TestApp::spawn(backend);
    let ids = fieldwork(&app);
    let mut raw = app.raw();
    let erase = |table: &str, id: &ResponseId| format!("DELETE FROM {table} WHERE response_id = '{id}'");
    let refuse_all = |raw: &mut Raw, ids: &[ResponseId]| {
        for (table, id) in ["response_content", "response_comment"]
            .into_iter()
            .flat_map(|table| ids.iter().map(move |id| (table, id)))
        {
            let why = raw.refused(&erase(table, id));
            assert!(why.contains("through a withdrawal only"), "{why}");
        }
    };
    refuse_all(&mut raw, &ids);
    let decide = |decision| {
        let (wave, instrument, id) = (app.wave.id, app.wave.instrument.clone(), ids[0]);
        app.installation
            .store
            .write_blocking(move |tx| response::decide(tx, &instrument, wave, id, decision, ("test", "asked", 1)))
            .unwrap();
    };
    decide(Decision::Excluded);
    refuse_all(&mut raw, &ids);
    decide(Decision::Withdrawn);
    assert_eq!(raw.execute(&erase("response_content", &ids[0])), Ok(1));
    assert_eq!(raw.execute(&erase("response_comment", &ids[0])), Ok(1));
    refuse_all(&mut raw, &ids[1..]);
    assert_eq!(raw.count("response"), 3, "the row stays");
    app.consistent_tallies();
}

fn a_link_stays_what_it_is(backend: Backend) {
    let app = TestApp::spawn(backend);
    let mut raw = app.raw();
    let links = LinkKind::ALL.map(|kind| app.wave.link(&app.installation, kind, 0));
    app.customer().answer(&links[1].path, &["consult"], "5");
    assert_eq!(raw.count("link WHERE used"), 1);
    for change in [
        "kind = 'outlet' WHERE kind <> 'outlet'",
        "kind = 'personal' WHERE kind = 'outlet'",
        "used = FALSE WHERE used",
        "used = TRUE WHERE kind = 'outlet'",
        "ended_code = '210' WHERE kind = 'outlet'",
        "ended_code = '210' WHERE used",
        "kind = 'email'",
    ] {
        raw.refused(&format!("UPDATE link SET {change}"));
    }
    raw.refused(&format!("UPDATE link SET outlet_id = '{}'", app.wave.outlets[1]));
    assert_eq!(
        raw.execute("UPDATE link SET revoked = TRUE WHERE kind = 'outlet'"),
        Ok(1),
        "withdrawing is possible"
    );
}

fn events_form_one_chain(backend: Backend) {
    let app = TestApp::spawn(backend);
    let ids = fieldwork(&app);
    for (place, decision) in [
        (0, Decision::Approved),
        (1, Decision::Excluded),
        (1, Decision::Included),
        (2, Decision::Excluded),
    ] {
        let (wave, instrument, id) = (app.wave.id, app.wave.instrument.clone(), ids[place]);
        let why = ("test", "a \"reason\" 原因", 5);
        app.installation
            .store
            .write_blocking(move |tx| response::decide(tx, &instrument, wave, id, decision, why))
            .unwrap();
    }
    let mut raw = app.raw();
    let objects: Vec<String> = std::iter::once(String::new())
        .chain(ids.iter().map(ToString::to_string))
        .collect();
    let wave = app.wave.id;
    let events: Vec<Event> = objects
        .iter()
        .flat_map(|object| {
            app.installation
                .store
                .read_blocking(|conn| event::list_by_object(conn, wave, object))
                .unwrap()
        })
        .collect();
    assert_eq!(events.len(), 4 + 4);
    let mut previous = GENESIS.to_owned();
    for seq in 1..=8 {
        let column =
            |raw: &mut Raw, name: &str| raw.text(&format!("SELECT {name} AS value FROM event WHERE seq = {seq}"));
        assert_eq!(column(&mut raw, "previous_hash"), previous);
        let hash = column(&mut raw, "hash");
        assert_eq!(
            events
                .iter()
                .filter(|event| event.chained(seq, &previous) == hash)
                .count(),
            1,
            "event {seq}"
        );
        previous = hash;
    }
    // Nobody else takes a place in the chain, or hangs a second end on it.
    let row = |seq: i64, previous: &str| {
        format!(
            "INSERT INTO event (evaluation_id, seq, at_ms, actor, action, object, data, previous_hash, hash) \
             VALUES ('{wave}', {seq}, 0, 'x', 'x', '', '', '{previous}', 'x')"
        )
    };
    raw.refused(&row(8, "other"));
    raw.refused(&row(9, GENESIS));
    raw.refused(&row(0, "other"));
}
