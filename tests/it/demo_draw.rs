//! The draw of outlets in the worked example.

use serde_json::Value;

use crate::harness::{Raw, perception, said};

/// The outlets that are visited are those of the logged draw, and the command gives them again.
pub fn the_outlets_were_drawn(raw: &mut Raw, id: &str) {
    let folder = tempfile::tempdir().unwrap();
    let logged: Value = serde_json::from_str(&raw.text("SELECT body AS value FROM outlet_draw")).unwrap();
    let take = serde_json::json!({"draw": logged["at_random"], "reserves": 10});
    let plan = serde_json::json!({"strata": {"outlets": take}}).to_string();
    let frame = raw.text("SELECT frame AS value FROM outlet_draw");
    let [frame, plan] = [("frame.csv", frame), ("plan.json", plan)].map(|(name, text)| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    });
    let seed = logged["seed"].as_str().unwrap();
    let arguments = ["draw", &frame, "--plan", &plan, "--seed", seed, "--format", "json"];
    let output = perception(folder.path(), &arguments).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let cases = told["cases"].as_array().unwrap();
    let (reserves, drawn): (Vec<&Value>, Vec<&Value>) = cases.iter().partition(|one| one["role"] == "reserve");
    assert_eq!((drawn.len(), reserves.len()), (4, 2), "{told}");
    let visited = raw.texts(&format!(
        "SELECT id AS value FROM outlet WHERE evaluation_id = '{id}' AND target_face > 0"
    ));
    let chosen = logged["by_risk"]
        .as_array()
        .unwrap()
        .iter()
        .chain(drawn.iter().map(|one| &one["id"]));
    let chosen: std::collections::BTreeSet<&str> = chosen.map(|id| id.as_str().unwrap()).collect();
    let visited_ids: std::collections::BTreeSet<&str> = visited.iter().map(String::as_str).collect();
    assert_eq!(chosen, visited_ids);
    let elsewhere = format!(
        "interview WHERE evaluation_id = '{id}' AND outlet_id NOT IN ('{}')",
        visited.join("','")
    );
    assert_eq!(raw.count(&elsewhere), 0, "nobody interviewed elsewhere");
}
