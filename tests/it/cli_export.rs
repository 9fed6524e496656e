//! `perception export`: what the database says and what its evidence pack says are the same.

use perception::store::{report, response};
use perception::survey::counting::Decision;
use perception::survey::evaluation::EvaluationState;
use perception::survey::link::LinkKind;
use perception::survey::submission::Entry;
use serde_json::Value;

use crate::harness::{Backend, Pen, Plan, TestApp, perception, said};

both_backends!(a_pack_gives_the_figures_of_its_database);

fn a_pack_gives_the_figures_of_its_database(backend: Backend) {
    let app = TestApp::spawn_with(backend, Plan::default(), |_| {});
    let (wave, store, mut pen) = (&app.wave, &app.installation.store, Pen::new(7));
    let mut receipts = Vec::new();
    for number in 0..90 {
        let outlet = pen.below(3);
        let entry = match number % 3 {
            0 => pen.interview(wave, outlet),
            1 => Entry::Link(wave.link(&app.installation, LinkKind::Outlet, outlet).id),
            _ => Entry::Link(wave.link(&app.installation, LinkKind::Personal, outlet).id),
        };
        let submission = pen.submission(wave, entry);
        let (instrument, sent) = (wave.instrument.clone(), submission.clone());
        store
            .write_blocking(move |tx| response::submit(tx, &instrument, &sent))
            .unwrap();
        receipts.push(submission.receipt);
    }
    for (place, decision) in [
        (0, Decision::Excluded),
        (4, Decision::Excluded),
        (4, Decision::Included),
        (8, Decision::Withdrawn),
    ] {
        let (id, instrument, receipt) = (wave.id, wave.instrument.clone(), receipts[place].response_id());
        store
            .write_blocking(move |tx| response::decide(tx, &instrument, id, receipt, decision, ("reviewer", "why", 1)))
            .unwrap();
    }
    let folder = app.database.folder.path();
    let (id, url) = (wave.id.to_string(), app.database.url.to_string());
    let export = |out: &str| {
        let mut command = perception(
            folder,
            &["export", "--evaluation", &id, "--out", out, "--database", &url],
        );
        command.env(
            "PERCEPTION_SECRET_KEY",
            data_encoding::HEXLOWER.encode(app.installation.key.bytes()),
        );
        command.output().unwrap()
    };
    let early = export("early");
    assert_eq!(early.status.code(), Some(2), "{}", said(&early));
    assert!(!folder.join("early").exists() && String::from_utf8_lossy(&early.stderr).contains("fieldwork"));
    wave.advance(&app.installation, EvaluationState::Closed).unwrap();
    let done = export("pack");
    assert!(done.status.success(), "{}", said(&done));
    assert_eq!(
        export("pack").status.code(),
        Some(2),
        "an existing folder is not written to"
    );

    let read = |name: &str| std::fs::read_to_string(folder.join("pack").join(name)).unwrap();
    let results: Value = serde_json::from_str(&read("results.json")).unwrap();
    let output = perception(folder, &["estimate", "pack", "--format", "json"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let estimates: Value = serde_json::from_slice(&output.stdout).unwrap();
    let estimates = &estimates["results"][0];
    let figure = |name: &str| {
        let all = estimates["figures"].as_array().unwrap();
        all.iter()
            .find(|figure| figure["name"] == name)
            .unwrap_or_else(|| panic!("{name}"))
            .clone()
    };
    for column in ["face", "invited", "open", "electronic", "all"] {
        let (stored, again) = (&results["overall"][column]["value"], &estimates["counts"][column]);
        for field in ["n", "scored", "obtained", "available"] {
            assert_eq!(stored[field], again[field], "{column} {field}");
        }
        assert!(again["n"].as_u64().unwrap() > 10);
    }
    // The whole analysis, every figure of it, is the same from tallies and scan as from the rows of the pack.
    let catalogue = store.catalogue().clone();
    let report = store
        .read_blocking(|conn| report::compute(conn, &catalogue, wave.id))
        .unwrap()
        .unwrap();
    let analysis = serde_json::to_string(report.result.analysis()).unwrap();
    let analysis: Value = serde_json::from_str(&analysis).unwrap();
    for (name, value) in analysis.as_object().unwrap() {
        assert_eq!(*value, estimates[name], "{name}");
    }
    assert_eq!(analysis["reliability"].as_array().unwrap().len(), 7);
    assert!(analysis["wilcoxon"]["p"].is_number());
    let close = |one: &Value, other: &Value, what: &str| {
        let (one, other) = (one.as_f64().unwrap(), other.as_f64().unwrap());
        assert!((one - other).abs() <= 1e-12 * one.abs(), "{what}: {one} and {other}");
    };
    for (column, name) in [
        ("face", "strat_fpc_unweighted_points_face"),
        ("electronic", "srs_points_elec"),
        ("all", "pooled_points_face_strat_fpc"),
    ] {
        let (stored, again) = (&results["overall"][column]["value"], figure(name));
        assert_eq!(stored["est"], again["est"], "{name}");
        close(&stored["se"], &again["se"], name);
        assert_eq!(stored["df"].as_f64(), again["df"].as_f64(), "{name}");
    }
    for facet in results["facets"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|facet| facet["kind"] == "dimension")
    {
        let name = format!("srs_points_face_dim_{}", facet["id"].as_str().unwrap());
        assert_eq!(facet["scores"]["face"]["value"]["est"], figure(&name)["est"], "{name}");
    }
    for (item, again) in results["items"]
        .as_array()
        .unwrap()
        .iter()
        .zip(estimates["items"].as_array().unwrap())
    {
        let stored = &item["scores"]["face"]["value"];
        if !stored.is_null() {
            assert_eq!(item["id"], again["item"]);
            assert_eq!(stored["n"], again["n"], "{}", item["id"]);
            close(&stored["mean"], &again["mean"], "item mean");
        }
    }
    // Every contact of the database is a case of the pack.
    let cases: u64 = ["face", "invited"]
        .iter()
        .flat_map(|class| estimates["outcomes"][*class]["cases"].as_object().unwrap().values())
        .map(|n| n.as_u64().unwrap())
        .sum();
    assert_eq!(cases, 60);

    // Nothing leads back to a customer.
    let (responses, all) = (
        read("responses.csv"),
        ["responses.csv", "outlets.csv", "cases.csv"].map(read).concat(),
    );
    for receipt in &receipts {
        assert!(!all.contains(receipt.as_str()) && !all.contains(&receipt.response_id().to_string()));
    }
    assert!(!all.contains("师傅") && !all.contains("17950"), "no comment, no time");
    for person in &wave.evaluators {
        assert!(!all.contains(&person.to_string()));
    }
    assert!(export("again").status.success());
    let again = std::fs::read_to_string(folder.join("again/responses.csv")).unwrap();
    assert_ne!(responses, again, "the order is another one each time");
    let sorted = |text: &str| {
        let mut rows: Vec<String> = text
            .lines()
            .map(|row| row.split_once(',').unwrap().1.to_owned())
            .collect();
        rows.sort();
        rows
    };
    assert_eq!(sorted(&responses), sorted(&again));
}
