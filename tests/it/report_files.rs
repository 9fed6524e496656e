//! The sampling report and every file of the same result: they never disagree, and of a sealed record they stay the same
//! byte by byte.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::process::{Command, Stdio};

use calamine::{Data, Reader, Xlsx};
use perception::access::Role;
use perception::store::{StoreError, event, membership, response, withdrawal};
use perception::survey::evaluation::EvaluationState;
use perception::survey::event::Event;
use perception::survey::language::Language;
use perception::survey::link::LinkKind;
use perception::survey::submission::Entry;
use serde_json::Value;

use crate::harness::{Backend, Page, Pen, Plan, Staff, TestApp};
use crate::report_programs;

both_backends!(every_form_says_the_same_and_stays_the_same);

const FILES: [&str; 7] = [
    "results.csv",
    "results.json",
    "results.xlsx",
    "report.pdf?lang=zh-CN",
    "report.pdf?lang=en",
    "codebook.csv",
    "responses.sps",
];

/// An outlet's name as somebody types it who wants a spreadsheet to run it.
const TYPED: (&str, &str) = ("=SUM(1,2)&\"网点\"", "+1+1");

/// A sealed evaluation with answers on every way in, five of them withdrawn: two interviews, two through codes, one through a
/// link; the last outlet has a few interviews only.
fn sealed(backend: Backend) -> TestApp {
    let app = TestApp::spawn_with(backend, Plan::default(), |_| {});
    let (wave, store, mut pen) = (&app.wave, &app.installation.store, Pen::new(11));
    let mut receipts = Vec::new();
    for number in 0..120 {
        let outlet = if number < 9 { 2 } else { pen.below(2) };
        let entry = match number % 3 {
            0 => pen.interview(wave, outlet),
            1 => Entry::Link(wave.link(&app.installation, LinkKind::Outlet, outlet).id),
            _ => Entry::Link(wave.link(&app.installation, LinkKind::Personal, outlet).id),
        };
        let submission = pen.submission(wave, entry);
        receipts.push(submission.receipt.response_id());
        let instrument = wave.instrument.clone();
        store
            .write_blocking(move |tx| response::submit(tx, &instrument, &submission))
            .unwrap();
    }
    for receipt in receipts.into_iter().skip(30).take(5) {
        let (catalogue, now_ms) = (store.catalogue().clone(), app.installation.clock.now_ms());
        let withdrawn: Result<_, StoreError> =
            store.write_blocking(move |tx| withdrawal::withdraw(tx, &catalogue, receipt, now_ms));
        assert_eq!(withdrawn.unwrap(), Some(withdrawal::Standing::Withdrawn));
    }
    app.consistent_tallies();
    invite(&app);
    let (zh, en) = (TYPED.0.replace('\'', "''"), TYPED.1);
    let renamed = format!("UPDATE outlet SET name_zh = '{zh}', name_en = '{en}' WHERE place = 1");
    assert_eq!(app.raw().execute(&renamed).unwrap(), 1);
    for state in [EvaluationState::Closed, EvaluationState::Sealed] {
        wave.advance(&app.installation, state).unwrap();
    }
    app
}

/// Personal links went out by mail, and codes were visited.
fn invite(app: &TestApp) {
    let mut raw = app.raw();
    for sql in [
        "INSERT INTO recipient (evaluation_id, id, list_id, outlet_id, language, sealed_email, email_index, link_id) \
         SELECT evaluation_id, 'p' || id, 'list', outlet_id, 'zh-CN', '', id, id FROM link WHERE kind = 'personal'",
        "INSERT INTO outbox_message (id, kind, evaluation_id, recipient_id, round, language, subject, body, state, reason, \
         due_at_ms, try_at_ms, attempts, claimed_by, sent_at_ms) SELECT 'm' || id, 'invitation', evaluation_id, 'p' || id, 0, \
         'zh-CN', '', '', 'sent', '', 0, 0, 1, '', 1 FROM link WHERE kind = 'personal'",
        "INSERT INTO funnel (evaluation_id, outlet_id, source, hour_ms, opened, started, completed) \
         SELECT evaluation_id, outlet_id, id, 0, 7, 5, 1 FROM link WHERE kind = 'outlet'",
    ] {
        assert_eq!(raw.execute(sql).unwrap(), 40);
    }
}

/// What happens after sealing: letters come back, the list is erased, codes are revoked, somebody late is counted, people
/// join and leave.
fn time_goes_by(app: &TestApp) {
    let mut raw = app.raw();
    for sql in [
        "UPDATE outbox_message SET state = 'bounced'",
        "DELETE FROM recipient",
        "UPDATE link SET revoked = TRUE WHERE kind = 'outlet'",
        "UPDATE funnel SET opened = opened + 5",
    ] {
        assert_eq!(raw.execute(sql).unwrap(), 40, "{sql}");
    }
    let (id, gone) = (app.wave.id, app.wave.evaluators[0]);
    let manager = app.member(Role::Manager).person.unwrap();
    let at_ms = app.installation.clock.now_ms() + 1_000;
    let changed = app
        .installation
        .store
        .write_blocking(move |tx| -> Result<(), StoreError> {
            membership::delete(tx, id, gone, Role::Evaluator)?;
            for (who, role, action) in [
                (gone, Role::Evaluator, "member.removed"),
                (manager, Role::Manager, "member.added"),
            ] {
                let happened = Event {
                    at_ms,
                    actor: manager.to_string(),
                    action: action.into(),
                    object: who.to_string(),
                    data: format!("{{\"role\":\"{}\"}}", role.as_str()),
                };
                event::append(tx, id, &happened)?;
            }
            Ok(())
        });
    changed.unwrap();
}

fn get(app: &TestApp, who: &Staff, file: &str) -> Page {
    let page = who.get(&format!("/evaluations/{}/{file}", app.wave.id));
    assert_eq!(page.status, 200, "{file}: {}", page.text());
    page
}

/// What somebody reads who copies the text out of a PDF.
pub fn text_of(pdf: &[u8]) -> String {
    let mut program = Command::new("pdftotext")
        .args(["-layout", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("pdftotext (package poppler-utils)");
    let mut input = program.stdin.take().unwrap();
    let bytes = pdf.to_vec();
    let writing = std::thread::spawn(move || input.write_all(&bytes).unwrap());
    let output = program.wait_with_output().unwrap();
    writing.join().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Group, id, class → the other cells by their heads.
pub type Rows = BTreeMap<[String; 3], BTreeMap<String, String>>;

/// Records, the first of them the head.
pub fn rows(records: impl Iterator<Item = Vec<String>>) -> Rows {
    let mut records = records;
    let head = records.next().unwrap();
    let named = records.map(|record| {
        let cells: BTreeMap<String, String> = head.iter().cloned().zip(record).collect();
        (["group", "id", "class"].map(|name| cells[name].clone()), cells)
    });
    named.collect()
}

fn of_csv(bytes: &[u8]) -> Rows {
    let text = std::str::from_utf8(bytes).unwrap().strip_prefix('\u{feff}').unwrap();
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    rows(
        reader
            .records()
            .map(|record| record.unwrap().iter().map(str::to_owned).collect()),
    )
}

/// The sheets of figures; words are strings, figures are numbers, nothing is a formula.
fn of_xlsx(bytes: &[u8]) -> Rows {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes.to_vec())).unwrap();
    let mut found = Rows::new();
    for name in book.sheet_names() {
        assert!(
            book.worksheet_formula(&name).unwrap().is_empty(),
            "{name} has a formula"
        );
        let sheet = book.worksheet_range(&name).unwrap();
        if sheet.get_value((0, 0)) != Some(&Data::String("group".into())) {
            continue;
        }
        let text = |(column, cell): (usize, &Data)| match cell {
            Data::Float(number) if column >= 6 => number.to_string(),
            Data::Int(number) if column >= 6 => number.to_string(),
            Data::String(text) if column < 6 => text.clone(),
            Data::Empty => String::new(),
            other => panic!("{name}, column {column}: {other:?}"),
        };
        let head = |(_, cell): (usize, &Data)| cell.to_string();
        found.extend(rows(sheet.rows().enumerate().map(|(row, cells)| match row {
            0 => cells.iter().enumerate().map(head).collect(),
            _ => cells.iter().enumerate().map(text).collect(),
        })));
    }
    found
}

/// Every published score of results.json by group, id and class.
fn of_json(document: &Value) -> BTreeMap<[String; 3], Value> {
    let mut found = BTreeMap::new();
    let mut put = |group: &str, id: &str, scores: &Value| {
        for (class, cell) in scores.as_object().unwrap() {
            let key = [group, id, class].map(str::to_owned);
            found.insert(key, cell["value"].clone());
        }
    };
    put("overall", "S", &document["overall"]);
    for facet in document["facets"].as_array().unwrap() {
        put(
            facet["kind"].as_str().unwrap(),
            facet["id"].as_str().unwrap(),
            &facet["scores"],
        );
    }
    for item in document["items"].as_array().unwrap() {
        put("item", item["id"].as_str().unwrap(), &item["scores"]);
    }
    for outlet in document["outlets"].as_array().unwrap() {
        put("outlet", outlet["id"].as_str().unwrap(), &outlet["score"]);
    }
    found
}

/// Reasons for low ratings: as many in every form, and few in none.
fn reasons_agree(json: &Value, tables: [&Rows; 2]) {
    let found = json["low_reasons"].as_object().unwrap();
    for (code, cell) in found {
        let key = ["low_reason", code, "all"].map(str::to_owned);
        for row in tables.map(|rows| &rows[&key]) {
            assert_eq!(row["status"], cell["state"].as_str().unwrap(), "{code}");
            match cell["value"].as_u64() {
                Some(n) => assert!(n >= 5 && row["n"] == n.to_string(), "{code} {n}"),
                None => assert!(row["n"].is_empty(), "{code}"),
            }
        }
    }
    let withheld = found.values().filter(|cell| cell["state"] == "suppressed").count();
    assert!(
        withheld > 0 && found.len() > withheld + 5,
        "{withheld} of {}",
        found.len()
    );
}

fn same(text: &str, figure: &Value) -> bool {
    match (figure.as_f64(), text.parse::<f64>()) {
        (Some(figure), Ok(read)) => (figure - read).abs() < 1e-12,
        (None, Err(_)) => text.is_empty() && figure.is_null(),
        _ => false,
    }
}

fn every_form_says_the_same_and_stays_the_same(backend: Backend) {
    let app = sealed(backend);
    let auditor = app.member(Role::Auditor);
    let file = |name: &str| get(&app, &auditor, name);
    let before = FILES.map(|name| file(name).body);
    let [csv, json, xlsx, zh, en, ..] = &before;
    let json: Value = serde_json::from_slice(json).unwrap();
    let (csv, xlsx) = (of_csv(csv), of_xlsx(xlsx));
    let keys = |rows: &Rows| rows.keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&csv), keys(&xlsx));

    let (page_zh, page_en) = (file("report?lang=zh-CN"), file("report?lang=en"));
    let texts = [text_of(zh), text_of(en), page_zh.text(), page_en.text()];
    let scores = of_json(&json);
    let (mut compared, mut withheld) = (0, 0);
    for (key, score) in &scores {
        let (row, cell) = (&csv[key], &xlsx[key]);
        if score.is_null() {
            withheld += usize::from(row["status"] == "suppressed");
            for name in ["n", "percent", "est", "se", "ci_low"] {
                assert!(row[name].is_empty() && cell[name].is_empty(), "{key:?} {name}");
            }
            continue;
        }
        let percent = score["percent"].as_str().unwrap();
        assert_eq!(row["percent"], percent, "{key:?}");
        let limits = &score["interval"];
        for (name, figure) in [
            ("n", &score["n"]),
            ("est", &score["est"]),
            ("ci_low", &limits["lower"]),
            ("ci_high", &limits["upper"]),
        ] {
            assert!(same(&row[name], figure), "{key:?} {name}: {} and {figure}", row[name]);
            assert!(same(&cell[name], figure), "{key:?} {name}: {} and {figure}", cell[name]);
        }
        // Pages show no outlet's ways in one by one, and items by channel.
        let shown =
            key[0] != "outlet" && key[0] != "item" && key[2] != "invited" && key[2] != "open" || key[0] == "overall";
        for text in texts.iter().filter(|_| shown) {
            assert!(text.contains(percent), "{key:?} {percent}");
        }
        compared += 1;
    }
    assert!(compared > 100 && withheld > 0, "{compared} {withheld}");
    reasons_agree(&json, [&csv, &xlsx]);
    assert!(texts[0].contains("低分的原因") && texts[1].contains("Why ratings were low"));
    let told = page_zh.text_of("#low-reasons + *");
    for (facet, reason, code) in app.wave.instrument.questionnaire().low_reason_rows() {
        let [reason, facet] = [&reason.text, &facet.text].map(|text| text.get(Language::ZhCn));
        if let Some(n) = json["low_reasons"][&code]["value"].as_u64() {
            assert!(told.contains(&format!("{reason} {facet} {n}")), "{code} {told}");
        }
    }
    assert!(told.contains("项原因，每项 不公布"), "{told}");

    if backend == Backend::Sqlite {
        report_programs::office_programs_read_them(&before[0], &before[2], TYPED.0, &csv);
        report_programs::screen_readers_find_their_way(zh);
        let code = report_programs::code_on_the_cover(zh);
        assert!(
            code.starts_with("http") && code.ends_with(&format!("/record/{}", app.wave.id)),
            "{code}"
        );
    }

    // What customers withdrew, by way in.
    for (class, n) in [("face", 2), ("open", 2), ("invited", 1)] {
        let key = ["withdrawn", "213", class].map(str::to_owned);
        assert_eq!(
            (csv[&key]["n"].clone(), xlsx[&key]["n"].clone()),
            (n.to_string(), n.to_string())
        );
        assert_eq!(
            json["dispositions"][class]["value"]["213"], n,
            "{}",
            json["dispositions"]
        );
    }
    assert!(texts[0].contains("撤回") && texts.iter().all(|text| text.contains("213")));

    // All fourteen parts, in words that can be copied.
    for (text, parts) in [(&texts[0], "抽样方案与偏离"), (&texts[1], "Plan and deviations")] {
        for number in 1..=14 {
            assert!(text.contains(&format!("{number}. ")), "part {number}");
        }
        assert!(text.contains(parts) && text.contains(json["result_id"].as_str().unwrap().get(..40).unwrap()));
    }
    assert!(texts[0].contains("海晴电器有限公司") && texts[0].contains("未记录"));
    assert_eq!(page_zh.attributes(".part > h2", "id").len(), 16);
    assert!(page_zh.source().contains(&format!("/record/{}", app.wave.id)));

    for (text, told) in [(&texts[0], "可邀请人数"), (&texts[1], "Persons who can be invited")] {
        let line = text.lines().find(|line| line.contains(told)).unwrap();
        assert!(line.trim_end().ends_with(" 40"), "{line}");
    }

    // The same record gives the same bytes, whatever happens later, also once it is released.
    time_goes_by(&app);
    app.wave.advance(&app.installation, EvaluationState::Released).unwrap();
    let organisation = app.member(Role::Organisation);
    for (name, bytes) in FILES.iter().zip(&before) {
        let again = get(&app, &organisation, name).body;
        // Of these JSON tells the state.
        assert!(&again == bytes || *name == "results.json", "{name} has changed");
    }
    assert_eq!(
        get(&app, &organisation, "report?lang=en").texts_of(".part"),
        page_en.texts_of(".part")
    );
}
