//! What the database itself refuses about the grading, past all of the program's code.

use crate::grading_case::{Case, sent};
use crate::harness::{Backend, TestApp, message};

both_backends!(
    judged_rows_are_never_changed,
    a_signed_decision_seals_everything_it_rests_on,
    the_database_knows_the_rules_of_two_persons,
);

/// Tables that are only ever added to, with a column of each.
const FACTS: [(&str, &str); 11] = [
    ("conflict_declaration", "explanation"),
    ("score", "marks"),
    ("audit_check", "evidence"),
    ("finding", "severity"),
    ("fact", "body"),
    ("fact_check", "remark"),
    ("decision", "reason"),
    ("decision_signature", "remark"),
    ("certificate", "scope"),
    ("certificate_step", "evidence"),
    ("observation", "actual"),
];

fn decided(app: &TestApp) -> Case {
    let case = Case::first(app);
    let path = case.at("conflict");
    let mut form = case.reviewer.get(&path).form_to(&path);
    form.pick("conflicted", "no");
    sent(&case.reviewer.send(&form));
    let evaluator = &case.evaluators[0];
    let mut form = evaluator.get(&case.at("scoring")).form_to(&case.at("observations"));
    form.pick("kind", "hotline");
    form.write("subject", "400 电话，凌晨 1 点");
    form.write("promised", "24 小时受理");
    form.write("actual", "无人接听");
    form.pick("met", "no");
    sent(&evaluator.send(&form));
    let mut form = evaluator.get(&case.at("audit")).form_to(&case.at("audit/findings"));
    form.pick("clause", "4.2.6");
    form.pick("severity", "minor");
    form.write("evidence", "缺签字");
    form.write("raised_on", &case.day(5));
    sent(&evaluator.send(&form));
    case.prepare(app, 85, "4");
    sent(&case.propose("grant:4", ""));
    sent(&case.sign(&case.reviewer, "review", "yes"));
    sent(&case.sign(&case.signatory, "signature", "yes"));
    case
}

fn judged_rows_are_never_changed(backend: Backend) {
    let app = TestApp::spawn(backend);
    decided(&app);
    let mut raw = app.raw();
    for (table, column) in FACTS {
        assert!(raw.count(table) > 0, "{table}");
        for attack in [
            format!("UPDATE {table} SET {column} = '1'"),
            format!("DELETE FROM {table}"),
        ] {
            let why = raw.refused(&attack);
            assert!(why.contains(&format!("{table} is append-only")), "{why}");
        }
    }
    raw.refused("DELETE FROM holder_notice");
    raw.refused("UPDATE holder_notice SET send_on = '2000-01-01'");
    assert!(
        raw.execute("UPDATE holder_notice SET sent_at_ms = 1 WHERE seq = 1")
            .unwrap()
            > 0
    );
    raw.refused("UPDATE holder_notice SET sent_at_ms = 2 WHERE seq = 1");
}

fn a_signed_decision_seals_everything_it_rests_on(backend: Backend) {
    let app = TestApp::spawn(backend);
    let case = decided(&app);
    let sealed = message("zh-CN", "error-sealed");
    let path = case.at("scoring/4.1.3");
    let mut form = case.evaluators[0].get(&path).form_to(&path);
    form.write("marks-4.1.3.1", "5");
    let page = case.evaluators[0].send(&form);
    assert!(page.status == 422 && page.text().contains(&sealed), "{}", page.text());
    let page = case.enter(&case.manager, "convenience", &[("services", "9")]);
    assert!(page.status == 422 && page.text().contains(&sealed), "{}", page.text());
    let mut raw = app.raw();
    let copies = [
        (
            "score",
            "evaluation_id, seq + 1000, clause, marks, evidence, agreed, scored_by, at_ms",
        ),
        (
            "audit_check",
            "evaluation_id, seq + 1000, clause, conform, evidence, checked_by, at_ms",
        ),
        (
            "finding",
            "evaluation_id, number + 1000, version, clause, severity, evidence, raised_on, correction, closed_on, \
             entered_by, at_ms",
        ),
        (
            "fact",
            "evaluation_id, id, version + 1000, body, source, evidence, withdrawn, entered_by, at_ms",
        ),
        (
            "decision",
            "evaluation_id, version + 1000, input, input_hash, ruling, stars, recommended, reason_code, reason, \
             decided_on, proposed_by, at_ms",
        ),
    ];
    for (table, columns) in copies {
        let why = raw.refused(&format!("INSERT INTO {table} SELECT {columns} FROM {table}"));
        assert!(why.contains("the decision is signed"), "{table}: {why}");
    }
}

fn the_database_knows_the_rules_of_two_persons(backend: Backend) {
    let app = TestApp::spawn(backend);
    let case = Case::first(&app);
    case.prepare(&app, 85, "4");
    sent(&case.enter(&case.manager, "convenience", &[("services", "9")]));
    let mut raw = app.raw();
    let own = "INSERT INTO fact_check SELECT evaluation_id, id, version, entered_by, TRUE, '', entered_by, 0 \
               FROM fact WHERE id = 'convenience'";
    raw.refused(own);
    sent(&case.confirm(&case.evaluators[0], "convenience", "convenience"));
    sent(&case.propose("grant:4", ""));
    let sign = |place: &str, who: &str| {
        format!(
            "INSERT INTO decision_signature SELECT evaluation_id, version, '{place}', proposed_by, TRUE, '', {who}, 0 \
             FROM decision"
        )
    };
    raw.refused(&sign("review", "proposed_by"));
    let signatory = format!("'{}'", case.signatory.person.unwrap());
    let why = raw.refused(&sign("signature", &signatory));
    assert!(why.contains("the review comes first"), "{why}");
    sent(&case.sign(&case.reviewer, "review", "yes"));
    let reviewer = format!("'{}'", case.reviewer.person.unwrap());
    raw.refused(&sign("signature", &reviewer));
    let above = "INSERT INTO decision SELECT evaluation_id, version + 1, input, input_hash, ruling, 5, recommended, \
                 reason_code, reason, decided_on, proposed_by, at_ms FROM decision";
    raw.refused(above);
    // The case is still open: the signature works.
    sent(&case.sign(&case.signatory, "signature", "yes"));
    let again = case.manager.get(&case.at("decision"));
    assert!(
        again.attributes("main form", "action").is_empty(),
        "nothing is left to do"
    );
}
