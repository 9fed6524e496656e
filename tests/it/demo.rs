//! `perception demo`: a worked example that anybody can start, explore and throw away.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::demo_draw;
use crate::harness::{Backend, Database, Page, Program, Raw, Staff, perception, said};

/// Ready in 10 s as released; a debug build has more time.
const READY_LIMIT: Duration = Duration::from_secs(if cfg!(debug_assertions) { 60 } else { 10 });

struct Demo {
    program: Program,
    _folder: tempfile::TempDir,
}

impl Demo {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = Program::start(folder.path(), &["demo"], READY_LIMIT);
        Self {
            program,
            _folder: folder,
        }
    }

    fn text(&self, key: &str) -> &str {
        self.program.ready[key]
            .as_str()
            .unwrap_or_else(|| panic!("no {key} in the ready file: {}", self.program.ready))
    }

    /// The path of an address that the ready file gives.
    fn path(&self, key: &str) -> String {
        self.own_path(self.text(key))
    }

    fn own_path(&self, url: &str) -> String {
        let path = url.strip_prefix(self.program.base());
        path.filter(|path| path.starts_with('/'))
            .unwrap_or_else(|| panic!("{url} is not of this server"))
            .to_owned()
    }

    fn get(&self, path: &str) -> Page {
        let page = self.program.customer().get(path);
        assert_eq!(page.status, 200, "{path}: {}", page.text());
        page
    }

    fn results(&self, evaluation: &str) -> Value {
        let results = self.get(&format!("/evaluations/{evaluation}/results.json"));
        assert_eq!(results.header("content-type"), "application/json");
        assert_eq!(
            results.body,
            self.get(&format!("/api/evaluations/{evaluation}/results")).body
        );
        results.json()
    }

    fn database(&self) -> PathBuf {
        PathBuf::from(self.text("database").strip_prefix("sqlite:").unwrap())
    }
}

#[test]
fn the_demo_is_a_complete_worked_example_and_leaves_nothing_behind() {
    let started = Instant::now();
    let demo = Demo::start();
    assert!(started.elapsed() < READY_LIMIT);
    the_ready_file_names_everything(&demo);
    the_data_are_rich(&demo);
    every_link_does_what_it_says(&demo);
    for evaluation in ["evaluation_id", "closed_evaluation_id"] {
        results_agree_and_protect_customers(&demo, demo.text(evaluation));
    }
    a_new_answer_shows_at_once(&demo);
    the_first_page_leads_everywhere(&demo);
    everybody_signs_in(&demo);

    let database = demo.database();
    assert!(database.exists());
    let folder = database.parent().unwrap().to_owned();
    let Demo { program, _folder } = demo;
    assert!(program.stop().success());
    assert!(!folder.exists(), "the throwaway database is gone: {}", folder.display());
}

fn the_ready_file_names_everything(demo: &Demo) {
    assert!(demo.program.base().starts_with("http://127.0.0.1:"));
    assert!(demo.database().exists());
    for key in [
        "survey_url",
        "closed_survey_url",
        "revoked_survey_url",
        "early_survey_url",
    ] {
        demo.path(key);
    }
    let invitations = demo.program.ready["invitation_urls"].as_array().unwrap();
    assert!(invitations.len() >= 3, "{invitations:?}");
    assert_ne!(demo.text("evaluation_id"), demo.text("closed_evaluation_id"));
}

fn the_data_are_rich(demo: &Demo) {
    let mut raw = Raw::sqlite(demo.database().to_str().unwrap());
    assert_eq!(raw.count("organisation"), 2);
    assert!(raw.count("outlet") >= 12);
    assert!(raw.count("response") >= 1_500, "{}", raw.count("response"));
    for evaluation in ["evaluation_id", "closed_evaluation_id"] {
        let (id, results) = (demo.text(evaluation), demo.results(demo.text(evaluation)));
        for class in ["face", "invited", "open"] {
            let of = format!("evaluation_id = '{id}' AND evidence_class = '{class}'");
            assert!(raw.count(&format!("response WHERE {of}")) >= 50, "{of}");
            let codes = results["dispositions"][class]["value"].as_object().unwrap();
            let told = |(code, n): (&String, &Value)| code.starts_with('2') && n.as_u64() >= Some(5);
            assert!(codes.iter().any(told), "dispositions: {of}: {codes:?}");
        }
    }
    assert!(raw.count("response WHERE status = 'P'") > 0 && raw.count("response WHERE status = 'R'") > 0);
    assert!(raw.count("response WHERE language = 'en'") > 0);
    assert!(raw.count("response_comment WHERE body <> ''") >= 50);
    let states = raw.texts("SELECT state AS value FROM evaluation");
    assert_eq!(states, ["closed", "closed", "open"]);
    // Last year's evaluation ended in a certificate; this year's waits for its signatures.
    assert_eq!((raw.count("certificate"), raw.count("decision")), (1, 2));
    assert_eq!(raw.count("account_role WHERE role = 'evaluator'"), 3);
    demo_draw::the_outlets_were_drawn(&mut raw, demo.text("evaluation_id"));
}

fn every_link_does_what_it_says(demo: &Demo) {
    let customer = demo.program.customer();
    for (key, status) in [
        ("closed_survey_url", 410),
        ("revoked_survey_url", 410),
        ("early_survey_url", 403),
    ] {
        assert_eq!(customer.get(&demo.path(key)).status, status, "{key}");
    }
    for url in demo.program.ready["invitation_urls"].as_array().unwrap() {
        let page = demo.get(&demo.own_path(url.as_str().unwrap()));
        assert!(!page.form().values("consent").is_empty());
    }
    let invitation = demo.own_path(demo.program.ready["invitation_urls"][0].as_str().unwrap());
    customer.answer(&invitation, &["home", "repair"], "4").receipt();
    assert_eq!(customer.get(&invitation).status, 410, "once");
}

/// Every published cell under a value, with its path.
fn published<'a>(value: &'a Value, path: &str, found: &mut Vec<(String, &'a Value)>) {
    match value {
        Value::Object(fields) => {
            if fields.get("state").is_some_and(|state| state == "published") {
                found.push((path.to_owned(), &fields["value"]));
            }
            fields
                .iter()
                .for_each(|(name, inner)| published(inner, &format!("{path}/{name}"), found));
        }
        Value::Array(list) => list
            .iter()
            .enumerate()
            .for_each(|(n, inner)| published(inner, &format!("{path}/{n}"), found)),
        _ => {}
    }
}

fn results_agree_and_protect_customers(demo: &Demo, evaluation: &str) {
    let results = demo.results(evaluation);
    assert_eq!(results["evaluation"]["id"], evaluation);
    let mut cells = Vec::new();
    published(&results, "", &mut cells);
    assert!(cells.len() > 200, "{}", cells.len());
    for (path, value) in &cells {
        for n in [&value["n"], &value["scored"]]
            .into_iter()
            .chain(path.contains("counted").then_some(*value))
        {
            assert!(n.as_u64().is_none_or(|n| n == 0 || n >= 5), "{path} shows {n} people");
        }
    }
    // What the rows say about small groups, independently of the program; under supervision what was approved.
    let counts = "status <> 'R' AND (evidence_class <> 'face' OR id IN (SELECT object FROM event WHERE action = 'response.approved') \
         OR NOT EXISTS (SELECT 1 FROM interview_review r WHERE r.evaluation_id = response.evaluation_id))";
    let mut raw = Raw::sqlite(demo.database().to_str().unwrap());
    let mut small = 0;
    for outlet in results["outlets"].as_array().unwrap() {
        let id = outlet["id"].as_str().unwrap();
        for class in ["face", "invited", "open"] {
            let of = format!("evaluation_id = '{evaluation}' AND outlet_id = '{id}' AND evidence_class = '{class}'");
            let n = raw.count(&format!("response WHERE {of} AND {counts}"));
            let cell = &outlet["counted"][class];
            match cell["state"].as_str().unwrap() {
                "published" => assert_eq!(cell["value"], n, "{id} {class}"),
                state => assert_eq!(state, "suppressed"),
            }
            if (1..5).contains(&n) {
                small += 1;
                assert_eq!(
                    (&cell["state"], &outlet["score"][class]["state"]),
                    (&"suppressed".into(), &"suppressed".into())
                );
            }
        }
    }
    let is_open = evaluation == demo.text("evaluation_id");
    assert_eq!(small > 0, is_open, "the open evaluation has a cell too small to show");
    // The same figures in every format.
    let percent = |column: &str| {
        results["overall"][column]["value"]["percent"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let csv = demo.get(&format!("/evaluations/{evaluation}/results.csv"));
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert!(csv.source().starts_with('\u{feff}') && csv.source().lines().count() > 50);
    csv_states_what_the_object_states(csv.source(), &results);
    for language in ["zh-CN", "en"] {
        let page = demo.get(&format!("/evaluations/{evaluation}/results?lang={language}"));
        assert_eq!(page.language(), language);
        for column in ["all", "face"] {
            assert!(
                page.text().contains(&percent(column)),
                "{} not on the page in {language}",
                percent(column)
            );
            let line = csv
                .source()
                .lines()
                .find(|line| line.starts_with("\"overall\"") && line.contains(&format!("\"{column}\"")));
            assert!(line.unwrap().contains(&format!("\"{}\"", percent(column))));
        }
    }
}

/// results.csv states verdicts, other rules and decision support as the object does, row for row.
fn csv_states_what_the_object_states(csv: &str, results: &Value) {
    let mut reader = csv::Reader::from_reader(csv.trim_start_matches('\u{feff}').as_bytes());
    let rows: Vec<std::collections::BTreeMap<String, String>> = reader.deserialize().map(Result::unwrap).collect();
    let of = |group: &'static str| rows.iter().filter(move |row| row["group"] == group);
    for (column, name) in [("all", "s"), ("face", "s_face")] {
        for verdict in results["verdicts"][name].as_array().unwrap() {
            let star = format!("star_{}", verdict["star"]);
            let mut rows = of("verdict").filter(|row| row["class"] == column && row["id"] == star);
            assert_eq!(verdict["standing"], rows.next().unwrap()["status"]);
        }
    }
    assert_eq!(of("verdict").count(), 7);
    for row in of("sensitivity") {
        let lines = results["sensitivity"]["lines"].as_array().unwrap();
        let line = lines.iter().find(|line| line["rule"] == row["id"]).unwrap();
        let rate = &line[if row["class"] == "all" { "s" } else { "s_face" }];
        assert_eq!(rate["percent"], row["percent"]);
        assert_eq!(row["status"], format!("star_{}", line["star"]));
    }
    assert!(of("sensitivity").count() >= 8);
    let sure: f64 = of("decision_support")
        .filter(|row| row["status"] == "sure")
        .map(|row| row["est"].parse::<f64>().unwrap())
        .sum();
    assert!((sure - 1.0).abs() < 1e-12, "the stars exclude each other: {sure}");
    let more = of("decision_support")
        .find(|row| row["id"] == "more_interviews")
        .unwrap();
    assert_eq!(
        more["est"],
        results["decision_support"]["face_more_interviews"].to_string()
    );
}

fn a_new_answer_shows_at_once(demo: &Demo) {
    let id = demo.text("evaluation_id");
    let n = |results: &Value, column: &str| results["counted"][column]["value"].as_u64().unwrap();
    let before = demo.results(id);
    let receipt = demo
        .program
        .customer()
        .answer(&demo.path("survey_url"), &["consult", "outlet"], "1");
    receipt.receipt();
    let after = demo.results(id);
    for (column, more) in [("all", 1), ("electronic", 1), ("open", 1), ("face", 0), ("invited", 0)] {
        assert_eq!(n(&after, column), n(&before, column) + more, "{column}");
    }
    let obtained = |results: &Value| results["overall"]["open"]["value"]["obtained"].as_i64().unwrap();
    assert_eq!(
        obtained(&after),
        obtained(&before),
        "very dissatisfied everywhere: no points"
    );
    let share = |results: &Value| results["overall"]["open"]["value"]["est"].as_f64().unwrap();
    assert!(share(&after) < share(&before));
}

fn the_first_page_leads_everywhere(demo: &Demo) {
    for language in ["zh-CN", "en"] {
        let home = demo.get(&format!("/?lang={language}"));
        assert_eq!(home.language(), language);
        let hrefs = home.attributes("a[href]", "href");
        let leads = |part: &str| hrefs.iter().any(|href| href.contains(part));
        assert!(leads("/s/"), "to the survey: {hrefs:?}");
        for evaluation in ["evaluation_id", "closed_evaluation_id"] {
            assert!(
                leads(&format!("/evaluations/{}/results", demo.text(evaluation))),
                "{hrefs:?}"
            );
        }
        assert!(
            leads(&format!("/evaluations/{}/qr", demo.text("evaluation_id"))),
            "{hrefs:?}"
        );
        for href in hrefs.iter().filter(|href| href.starts_with('/')) {
            assert_eq!(demo.program.customer().get(href).status, 200, "{href}");
        }
        for href in home.attributes("link[rel=stylesheet]", "href") {
            assert!(demo.get(&href).header("cache-control").contains("immutable"), "{href}");
        }
    }
    let codes = demo.get(&format!("/evaluations/{}/qr", demo.text("evaluation_id")));
    let plates = codes.attributes(".plate img", "src");
    assert!(plates.len() >= 6, "a plate per outlet: {}", plates.len());
    assert!(
        plates
            .iter()
            .all(|plate| plate.starts_with("data:image/svg+xml;base64,"))
    );
}

#[test]
fn the_demo_takes_no_existing_database() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let database = Database::new(backend);
        let folder = database.folder.path();
        let run = |arguments: &[&str]| perception(folder, arguments).output().unwrap();
        assert!(run(&["migrate", "--database", &database.url]).status.success());
        let refused = run(&["demo", "--listen", "127.0.0.1:0", "--database", &database.url]);
        assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
        let errors = String::from_utf8_lossy(&refused.stderr);
        assert!(
            errors.lines().count() == 1 && errors.contains("only takes a"),
            "{}",
            said(&refused)
        );
        assert_eq!(database.raw().count("organisation"), 0);
    }
}

#[test]
fn the_demo_runs_on_postgresql_too() {
    let database = Database::new(Backend::Postgres);
    let program = Program::start(
        database.folder.path(),
        &["demo", "--database", &database.url],
        READY_LIMIT,
    );
    assert!(database.raw().count("response") >= 1_500);
    let survey = program.ready["survey_url"]
        .as_str()
        .unwrap()
        .strip_prefix(program.base())
        .unwrap()
        .to_owned();
    program.customer().answer(&survey, &["consult"], "5").receipt();
    assert!(program.stop().success());
    assert!(
        database.raw().count("response") >= 1_500,
        "a database that was asked for is kept"
    );
}

/// Everybody named in the ready file signs in with a password alone and lands on a page of their own.
fn everybody_signs_in(demo: &Demo) {
    let users = demo.program.ready["users"].as_object().unwrap();
    let roles: Vec<&str> = users.keys().map(String::as_str).collect();
    for role in [
        "administrator",
        "manager",
        "reviewer",
        "evaluator",
        "auditor",
        "organisation",
    ] {
        assert!(roles.contains(&role), "{roles:?}");
    }
    for (role, account) in users {
        let staff = Staff::stranger(demo.text("base_url"));
        let mut form = staff.get("/sign-in").form_to("/sign-in");
        form.write("login", account["login"].as_str().unwrap());
        form.write("password", account["password"].as_str().unwrap());
        let home = staff.follow(staff.send(&form));
        assert_eq!(home.status, 200, "{role}: {}", home.text());
        let results = staff.get(&format!("/evaluations/{}/results", demo.text("closed_evaluation_id")));
        let reads = ["manager", "reviewer", "signatory", "auditor"].contains(&role.as_str());
        assert_eq!(results.status == 200, reads, "{role}: {}", results.text());
    }
}
