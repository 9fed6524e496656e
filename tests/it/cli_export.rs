//! `perception export`: what the database says and what its evidence pack says are the same.

use std::path::Path;

use data_encoding::HEXLOWER;
use perception::access::Role;
use perception::store::{evaluation, response};
use perception::survey::counting::Decision;
use perception::survey::evaluation::EvaluationState;
use perception::survey::link::LinkKind;
use perception::survey::submission::Entry;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::harness::{Backend, Pen, Plan, TestApp, perception, said};

/// What both sides know, and nothing that only the office does.
fn object_of(mut document: Value) -> Value {
    assert!(document.as_object_mut().unwrap().remove("evaluation").is_some());
    document
}

fn assert_same(one: &Value, other: &Value) {
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(one), keys(other));
    for (key, value) in one.as_object().unwrap() {
        assert_eq!(*value, other[key], "{key}");
    }
}

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
        command.env("PERCEPTION_SECRET_KEY", HEXLOWER.encode(app.installation.key.bytes()));
        command.output().unwrap()
    };
    let early = export("early");
    assert_eq!(early.status.code(), Some(2), "{}", said(&early));
    assert!(!folder.join("early").exists() && String::from_utf8_lossy(&early.stderr).contains("fieldwork"));
    // Where results were opened early, on record, there is a pack of them as well.
    let (wave_id, who) = (wave.id, wave.evaluators[0].to_string());
    store
        .write_blocking(move |tx| evaluation::open_interim_results(tx, wave_id, &who, "why", 1))
        .unwrap();
    let interim = export("interim");
    assert!(interim.status.success(), "{}", said(&interim));
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
    let estimate = |options: &[&str]| {
        let output = perception(folder, &[&["estimate", "pack", "--format", "json"], options].concat())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", said(&output));
        let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
        printed["results"][0].clone()
    };
    // One object: from tallies and scan of the database, and from the rows of the pack.
    let estimates = estimate(&[]);
    assert_same(&object_of(results), &estimates);
    assert!(estimates["overall"]["all"]["value"]["n"].as_u64().unwrap() > 50);
    assert_eq!(estimates["analysis"]["reliability"].as_array().unwrap().len(), 7);
    assert!(estimates["analysis"]["wilcoxon"]["p"].is_number());
    assert_eq!(estimates["analysis"]["frame_outlets"], 3);
    assert_eq!(estimates["inputs_sha256"].as_str().unwrap().len(), 64);
    let manifest: Value = serde_json::from_str(&read("manifest.json")).unwrap();
    assert_eq!(manifest["result_id"], estimates["result_id"]);
    // The same of what may be published: what a reader gets, and what the holder of the pack would publish.
    let manager = app.member(Role::Manager);
    let published = object_of(manager.get(&format!("/evaluations/{id}/results.json")).json());
    assert_same(&published, &estimate(&["--published"]));
    assert_ne!(published["result_id"], estimates["result_id"]);
    assert!(published["analysis"].is_null() && published["inputs_sha256"].is_null());
    // Every contact of the database is a case of the pack.
    let cases: u64 = ["face", "invited"]
        .iter()
        .flat_map(|class| estimates["outcomes"][*class]["cases"].as_object().unwrap().values())
        .map(|n| n.as_u64().unwrap())
        .sum();
    assert_eq!(cases, 60);
    forgeries_are_named(folder);

    // Nothing leads back to a customer.
    let (responses, all) = (
        read("responses.csv"),
        ["responses.csv", "outlets.csv", "cases.csv"].map(read).concat(),
    );
    for receipt in &receipts {
        assert!(!all.contains(receipt.as_str()) && !all.contains(&receipt.response_id().to_string()));
    }
    assert!(!all.contains("师傅") && !all.contains("17950"), "no comment, no time");
    columns_are_named(&responses, &["codebook.csv", "responses.sps", "responses.R"].map(read));
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

/// The codebook and the programs for SPSS and R name every column of responses.csv, in its order.
fn columns_are_named(responses: &str, [codebook, sps, r]: &[String; 3]) {
    let head: Vec<&str> = responses.lines().next().unwrap().split(',').collect();
    let mut rows = csv::Reader::from_reader(codebook.trim_start_matches('\u{feff}').as_bytes());
    let named: Vec<String> = rows.records().map(|row| row.unwrap()[0].to_owned()).collect();
    assert_eq!(named, head);
    let (_, variables) = sps.split_once("/VARIABLES=").unwrap();
    let (variables, _) = variables.split_once(".\n").unwrap();
    // Name and format by turns.
    assert_eq!(variables.split_whitespace().step_by(2).collect::<Vec<_>>(), head);
    let items = &head[8..][..24];
    assert!(items.iter().all(|item| r.contains(&format!("\"{item}\""))));
}

/// Who changes a file of a pack and its hash in the manifest as well is told by the figures.
fn forgeries_are_named(folder: &Path) {
    let verify = || perception(folder, &["verify", "pack"]).output().unwrap();
    let path = |name: &str| folder.join("pack").join(name);
    let write = |name: &str, text: &str| {
        std::fs::write(path(name), text).unwrap();
        let mut manifest: Value = serde_json::from_slice(&std::fs::read(path("manifest.json")).unwrap()).unwrap();
        manifest["files"][name] = HEXLOWER.encode(&Sha256::digest(text)).into();
        std::fs::write(path("manifest.json"), manifest.to_string()).unwrap();
    };
    let honest = verify();
    assert!(honest.status.success(), "{}", said(&honest));
    assert!(said(&honest).contains("recomputed"), "{}", said(&honest));
    let results = std::fs::read_to_string(path("results.json")).unwrap();
    let responses = std::fs::read_to_string(path("responses.csv")).unwrap();
    let mut better: Value = serde_json::from_str(&results).unwrap();
    let obtained = &mut better["overall"]["face"]["value"]["obtained"];
    *obtained = (obtained.as_i64().unwrap() + 1).into();
    let (shorter, _) = responses.trim_end().rsplit_once('\n').unwrap();
    // Of an answer that counts, and of one reason alone: several stand in an order, and once each.
    let one_reason = |line: &&str| {
        let (counts, reason) = (line.split(',').nth(5), line.rsplit(',').next().unwrap());
        let is_one = reason.contains('.') && !reason.contains('+') && !reason.ends_with(".other");
        matches!(counts, Some("I" | "P")) && is_one
    };
    let given = responses.lines().find(one_reason).expect("somebody gave a reason");
    let (before, _) = given.rsplit_once('.').unwrap();
    for (name, honest, forged, named) in [
        (
            "results.json",
            &results,
            better.to_string(),
            "overall.face.value.obtained",
        ),
        (
            "responses.csv",
            &responses,
            format!("{shorter}\n"),
            "results.json states",
        ),
        (
            "responses.csv",
            &responses,
            responses.replacen(given, &format!("{before}.other"), 1),
            "inputs_sha256",
        ),
    ] {
        write(name, &forged);
        let told = verify();
        assert_eq!(told.status.code(), Some(1), "{}", said(&told));
        assert!(said(&told).contains(named), "{}", said(&told));
        write(name, honest);
        assert!(verify().status.success());
    }
}
