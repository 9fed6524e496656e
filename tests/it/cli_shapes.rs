//! `perception estimate` on packs of unusual shape (scales of 10, 5 and 2 steps, outlets with a single interview, empty
//! channels, 30 % "not applicable", every outlet visited, unknown customers), and with every choice of a method: figures of
//! tests/oracle/shapes.py, which computes them from the rows by definition.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use crate::cli_estimate::{assert_close, estimate, rows};
use crate::harness::{repository, said};

fn shapes() -> PathBuf {
    repository().join("tests/oracle/shapes")
}

#[test]
fn packs_of_every_shape_give_the_figures_of_their_definitions() {
    let output = estimate(&shapes(), &["--format", "csv"]);
    assert!(output.status.success(), "{}", said(&output));
    let key = |row: &BTreeMap<String, String>| ["org", "group", "stat"].map(|name| row[name].clone());
    let found: BTreeMap<_, _> = rows(&output.stdout)
        .iter()
        .map(|row| (key(row), row["value"].clone()))
        .collect();
    let expected = rows(&std::fs::read(shapes().join("expected.csv")).unwrap());
    for row in &expected {
        let own = found.get(&key(row)).unwrap_or_else(|| panic!("{row:?}"));
        assert_close(own, &row["value"], 1e-9, row);
    }
    assert!(expected.len() > 1_500, "{}", expected.len());
}

#[test]
fn every_choice_of_a_method_reaches_the_figures() {
    let expected: Value =
        serde_json::from_slice(&std::fs::read(shapes().join("expected_choices.json")).unwrap()).unwrap();
    let method = std::fs::read_to_string(shapes().join("choices.json")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (design, organisations) in expected.as_object().unwrap() {
        let path = folder.path().join(format!("{design}.json"));
        std::fs::write(&path, method.replace("\"stratified\"", &format!("\"{design}\""))).unwrap();
        let output = estimate(&shapes(), &["--format", "json", "--method", path.to_str().unwrap()]);
        assert!(output.status.success(), "{}", said(&output));
        let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
        let found = |name: &str| {
            let all = printed["results"].as_array().unwrap();
            all.iter().find(|one| one["org"] == name).unwrap().clone()
        };
        for (name, expected) in organisations.as_object().unwrap() {
            let found = found(name);
            let near = |own: &Value, what: &str, expected: &Value| {
                let what = (design, name, what);
                assert_close(&own.to_string(), &expected.to_string(), 1e-9, &what);
            };
            let (headline, overall) = (&found["analysis"]["headline"], &found["overall"]);
            for (score, column) in [("s_face", "face"), ("s", "all")] {
                near(&headline[score]["est"], score, &expected[score]);
                near(&overall[column]["value"]["est"], column, &expected[score]);
                for part in ["se", "df"] {
                    near(&headline[score][part], part, &expected[&format!("{score}_{part}")]);
                }
                near(
                    &overall[column]["value"]["se"],
                    column,
                    &expected[&format!("{score}_se")],
                );
            }
            let free = &overall["face"]["value"]["interval_no_assumption"];
            near(&free["lower"], "lower", &expected["no_assumption"][0]);
            near(&free["upper"], "upper", &expected["no_assumption"][1]);
            let decision = &found["analysis"]["decision_graded"];
            near(&decision["face_nearest"], "bound", &expected["nearest"]);
            assert_eq!(decision["face_more_interviews"], expected["more"], "{design} {name}");
            assert_eq!(
                decision["face_more_interviews_assured"], expected["assured"],
                "{design} {name}"
            );
            assert_eq!(
                decision["face_more_outlets"]["outlets"], expected["outlets"],
                "{design} {name}"
            );
            assert_eq!(
                (
                    &found["rule"]["score_rule"],
                    &found["rule"]["composition"]["fixed"],
                    &found["rule"]["design_used"]
                ),
                (&"person".into(), &"1/3".into(), &design.as_str().into())
            );
        }
    }
}
