//! `perception grade` as somebody types it: the contract's words, exit status, one clear line for what cannot be read.

use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use crate::harness::{perception, repository, said};

const CASES: &str = "tests/oracle/grading/cases.json";

fn worked() -> Vec<Value> {
    let text = std::fs::read_to_string(repository().join(CASES)).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    document["cases"].as_array().unwrap().clone()
}

fn write(folder: &Path, name: &str, content: &Value) {
    std::fs::write(folder.join(name), serde_json::to_string_pretty(content).unwrap()).unwrap();
}

fn grade(folder: &Path, content: &Value, arguments: &[&str]) -> Output {
    write(folder, "cases.json", content);
    let all = [&["grade", "cases.json", "--format", "json"], arguments].concat();
    perception(folder, &all).output().unwrap()
}

fn results(output: &Output) -> Vec<Value> {
    let document: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(output)));
    assert_eq!(document.as_object().unwrap().len(), 1);
    document["results"].as_array().unwrap().clone()
}

/// Status 2, nothing graded, one line that names the file and these words.
fn assert_refused(output: &Output, words: &[&str]) {
    let errors = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(2), "{words:?}: {}", said(output));
    assert!(
        output.stdout.is_empty() && errors.lines().count() == 1,
        "{}",
        said(output)
    );
    for word in words {
        assert!(errors.contains(word), "{word:?}: {errors}");
    }
}

#[test]
fn the_worked_cases_are_graded_in_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let cases = worked();
    let output = grade(folder.path(), &json!({ "cases": cases }), &[]);
    // One of them is incomplete.
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let results = results(&output);
    assert_eq!(results.len(), cases.len());
    for (case, mut result) in cases.into_iter().zip(results) {
        assert_eq!(result.as_object_mut().unwrap().remove("id").as_ref(), case.get("id"));
        assert_eq!(result, case["expected"], "{}", case["id"]);
    }
    // Keys come in the contract's order.
    let text = String::from_utf8(output.stdout).unwrap();
    let start = text.split("\"warnings\"").next().unwrap();
    let places = ["id", "status", "star", "x_total", "supports", "limiting", "holds"]
        .map(|key| start.find(&format!("\"{key}\"")).unwrap());
    assert!(places.is_sorted(), "{start}");
}

#[test]
fn the_command_explains_itself() {
    let folder = tempfile::tempdir().unwrap();
    let help = perception(folder.path(), &["grade", "--help"]).output().unwrap();
    assert!(help.status.success() && help.stderr.is_empty(), "{}", said(&help));
    let text = String::from_utf8(help.stdout).unwrap();
    for word in ["perception grade", "CASES.json", "--policy", "--format", "--details"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    let nothing = perception(folder.path(), &["grade"]).output().unwrap();
    assert_refused(&nothing, &["CASES.json"]);
}

#[test]
fn a_single_case_and_cases_that_earn_no_certificate_are_fine() {
    let folder = tempfile::tempdir().unwrap();
    let cases = worked();
    let by_status = |status: &str| cases.iter().find(|case| case["expected"]["status"] == status).unwrap();
    for (status, code) in [("graded", 0), ("no_certificate", 0), ("incomplete", 1)] {
        let output = grade(folder.path(), by_status(status), &[]);
        assert_eq!(output.status.code(), Some(code), "{}", said(&output));
        let results = results(&output);
        assert_eq!((results.len(), &results[0]["status"]), (1, &json!(status)));
    }
    let none = grade(folder.path(), &json!({"cases": []}), &[]);
    assert!(none.status.success() && results(&none).is_empty(), "{}", said(&none));
}

#[test]
fn a_cases_own_policy_beats_the_given_one() {
    let folder = tempfile::tempdir().unwrap();
    let cases = worked();
    let few = cases
        .iter()
        .find(|case| !case["input"]["convenience_services"].is_null())
        .unwrap();
    write(folder.path(), "cap3.json", &json!({"example4": "cap3"}));
    write(folder.path(), "odd.json", &json!({"example5": "cap3"}));
    let graded = |own: Option<&str>, arguments: &[&str]| {
        let mut case = few.clone();
        case.as_object_mut().unwrap().remove("policy");
        if let Some(own) = own {
            case["policy"] = json!({"example4": own});
        }
        results(&grade(folder.path(), &case, arguments))[0].clone()
    };
    let given = ["--policy", "cap3.json"];
    for (own, arguments, star, warned) in [
        (None, &[][..], 5, true),
        (None, &given[..], 3, false),
        (Some("off"), &given[..], 5, false),
        (Some("advisory"), &given[..], 5, true),
        (Some("cap3"), &[][..], 3, false),
    ] {
        let result = graded(own, arguments);
        assert_eq!(result["star"], star, "{own:?} {arguments:?}");
        assert_eq!(
            result["warnings"],
            if warned {
                json!(["example4_not_in_table"])
            } else {
                json!([])
            }
        );
        assert_eq!(result["supports"].get("convenience").is_some(), star == 3);
    }
    assert_refused(
        &grade(folder.path(), few, &["--policy", "odd.json"]),
        &["odd.json", "example5"],
    );
    assert_refused(
        &grade(folder.path(), few, &["--policy", "nowhere.json"]),
        &["nowhere.json"],
    );
}

#[test]
fn what_cannot_be_read_is_named_and_nothing_is_graded() {
    let folder = tempfile::tempdir().unwrap();
    let good = worked().remove(0);
    let event = |rest: Value| {
        let mut event = json!({"date": "2026-01-20", "confirmed": true});
        event.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        json!([event])
    };
    let broken: [(&str, Value, &str); 30] = [
        ("/indicators/0/score", json!("10.01"), "score"),
        ("/indicators/0/score", json!("-0.1"), "score"),
        ("/indicators/0/score", json!("nine"), "score"),
        ("/indicators/0/full", json!("11"), "full"),
        ("/indicators/0/id", json!("4.1.9"), "4.1.9"),
        ("/indicators/0/id", json!("4.1.2"), "indicators"),
        ("/indicators/0/applicable", json!("yes"), "applicable"),
        ("/indicators/0/weight", json!("1"), "weight"),
        ("/indicators", json!([]), "indicators"),
        ("/survey/s", json!("100.1"), "survey.s"),
        ("/survey/s", json!("9,0"), "survey.s"),
        ("/survey/s_face", json!("-1"), "survey.s_face"),
        ("/survey/s_fase", json!("90"), "s_fase"),
        ("/mode", json!("first"), "mode"),
        ("/mode", json!("surveillance"), "current_star"),
        ("/current_star", json!(6), "current_star"),
        ("/onsite_date", json!("2026-02-29"), "onsite_date"),
        ("/onsite_date", json!("15.06.2026"), "onsite_date"),
        ("/decision_date", json!("2026-06-14"), "decision_date"),
        ("/operating_since", json!("2020-3-1"), "operating_since"),
        ("/audit/conclusion", json!("passed"), "conclusion"),
        ("/audit/serious_nc", json!(-1), "serious_nc"),
        ("/audit/serious_nc_open", json!(1), "serious_nc_open"),
        ("/blacklisted", Value::Null, "blacklisted"),
        ("/convenience_services", json!(1.5), "convenience_services"),
        ("/accidents", event(json!({})), "accidents"),
        (
            "/major_complaints",
            event(json!({"basis": "rumour", "rectification": "effective"})),
            "basis",
        ),
        (
            "/major_complaints",
            event(json!({"basis": "media", "rectification": "done"})),
            "rectification",
        ),
        ("/negative_info", event(json!({"date": "soon"})), "date"),
        ("/negativ_info", json!([]), "negativ_info"),
    ];
    for (place, value, word) in broken {
        let mut bad = good.clone();
        bad["id"] = json!("BAD");
        let (parent, key) = place.rsplit_once('/').unwrap();
        bad["input"].pointer_mut(parent).unwrap()[key] = value;
        let output = grade(folder.path(), &json!({"cases": [good, bad]}), &[]);
        assert_refused(&output, &["cases.json", "line ", "case BAD", word]);
    }
    let mut bare = good.clone();
    bare["input"].as_object_mut().unwrap().remove("accidents");
    assert_refused(&grade(folder.path(), &bare, &[]), &["accidents"]);
    let mut nameless = good.clone();
    nameless.as_object_mut().unwrap().remove("id");
    assert_refused(
        &grade(folder.path(), &json!({"cases": [good, nameless]}), &[]),
        &["case number 2", "id"],
    );
    for text in ["", "{\"cases\": [", "[]", "{}", "{\"cases\": []} more"] {
        std::fs::write(folder.path().join("text.json"), text).unwrap();
        let output = perception(folder.path(), &["grade", "text.json"]).output().unwrap();
        assert_refused(&output, &["text.json", "line 1"]);
    }
    let nowhere = perception(folder.path(), &["grade", "nowhere.json"]).output().unwrap();
    assert_refused(&nowhere, &["nowhere.json"]);
}

#[test]
fn text_and_details_say_what_would_lift_the_star() {
    let folder = tempfile::tempdir().unwrap();
    let cases = worked();
    let example_1 = cases.iter().find(|case| case["rules"][0] == "ex1").unwrap();
    write(folder.path(), "case.json", example_1);
    let text = perception(folder.path(), &["grade", "case.json"]).output().unwrap();
    assert!(text.status.success(), "{}", said(&text));
    let text = String::from_utf8(text.stdout).unwrap();
    for words in [
        "3 stars",
        "limited by s_face",
        "75.00 %",
        "5.4, 6.2, note 4",
        "to 4: 5.00 points more",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let detailed = results(&grade(folder.path(), example_1, &["--details"]))[0]["criteria"].clone();
    let face = detailed
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["criterion"] == "s_face")
        .unwrap();
    assert_eq!(face["lift"], json!({"star": 4, "needs": ["5.00 points more"]}));
    assert_eq!(face["asks"][0], json!({"star": 5, "condition": "at least 90 %"}));
}
