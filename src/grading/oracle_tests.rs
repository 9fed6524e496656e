//! The worked cases (tests/oracle/grading): star, limiting criteria, supports, X, holds, warnings, action, word by word.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::case;
use super::grade::grade;
use super::policy::Policy;
use super::report::CaseResult;

#[test]
fn all_worked_cases_come_out_right() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/grading/cases.json");
    let text = fs::read_to_string(path).unwrap();
    let written: Value = serde_json::from_str(&text).unwrap();
    let expected = written["cases"].as_array().unwrap();
    let cases = case::read(&text).unwrap();
    assert_eq!((cases.len(), expected.len()), (40, 40));
    for (case, written) in cases.iter().zip(expected) {
        let policy = case
            .policy
            .as_ref()
            .map_or(Policy::default(), |own| Policy::default().with(own));
        let outcome = grade(&case.input, &policy);
        let result = CaseResult {
            id: &case.id,
            outcome: &outcome,
            details: false,
        };
        let mut printed = serde_json::to_value(result).unwrap();
        assert_eq!(
            printed.as_object_mut().unwrap().remove("id").as_ref(),
            written.get("id")
        );
        assert_eq!(printed, written["expected"], "{}", case.id);
    }
}
