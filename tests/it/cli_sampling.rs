//! `perception plan` and `perception draw`: from a size to the very cases, and again by hand.

use std::process::Output;

use sha2::{Digest, Sha256};

use crate::harness::{perception, said};

fn run(folder: &std::path::Path, arguments: &[&str]) -> Output {
    perception(folder, arguments).output().unwrap()
}

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{}", said(output));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_str(&text(output)).unwrap()
}

fn frame() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let mut frame = "id,outlet,phone\n".to_owned();
    let mut outlets = "outlet,N_customers,sd\n".to_owned();
    for (outlet, customers) in [("A01", 40), ("A02", 80), ("A03", 3)] {
        outlets += &format!("{outlet},{customers},\n");
        for k in 0..customers {
            frame += &format!("{outlet}-{k:03},{outlet},1\n");
        }
    }
    std::fs::write(folder.path().join("outlets.csv"), outlets).unwrap();
    std::fs::write(folder.path().join("frame.csv"), &frame).unwrap();
    (folder, frame)
}

#[test]
fn sizes_and_visits_are_those_of_the_sampling_rules() {
    let (folder, _) = frame();
    let plan = |arguments: &[&str]| {
        json(&run(
            folder.path(),
            &[&["plan", "--format", "json"], arguments].concat(),
        ))
    };
    assert_eq!(
        plan(&["half-width", "--half-width", "0.03", "--sd", "0.1"])["answers"],
        43
    );
    assert_eq!(
        plan(&["half-width", "--half-width", "0.05", "--design-effect", "1.3"])["answers"],
        45
    );
    let proof = plan(&[
        "prove",
        "--threshold",
        "0.9",
        "--truth",
        "0.92",
        "--response-rate",
        "0.5",
    ]);
    assert_eq!((&proof["answers"], &proof["cases_to_draw"]), (&348.into(), &696.into()));
    let visits = plan(&["outlets", "--count", "50", "--occasion", "surveillance"]);
    assert_eq!((&visits["outlets"], &visits["random_at_least"]), (&5.into(), &2.into()));
    let said = text(&run(
        folder.path(),
        &["plan", "outlets", "--count", "50", "--lang", "zh"],
    ));
    assert!(said.contains("8 个网点"), "{said}");
    for (arguments, word) in [
        (&["half-width", "--half-width", "0"][..], "half-width"),
        (
            &["prove", "--threshold", "0.9", "--truth", "0.8"],
            "above the threshold",
        ),
        (&["allocate", "outlets.csv", "--size", "2"], "fewer"),
        (&["allocate", "nowhere.csv", "--size", "2"], "nowhere.csv"),
        (&["allocate", "frame.csv", "--size", "9"], "N_customers"),
    ] {
        let output = run(folder.path(), &[&["plan"], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{}", crate::harness::said(&output));
        assert!(
            String::from_utf8_lossy(&output.stderr).contains(word),
            "{}",
            crate::harness::said(&output)
        );
    }
}

#[test]
fn an_allocation_is_drawn_and_the_draw_is_the_same_by_hand() {
    let (folder, frame) = frame();
    let allocate = [
        "plan",
        "allocate",
        "outlets.csv",
        "--size",
        "25",
        "--response-rate",
        "0.5",
        "--format",
        "json",
    ];
    let plan = json(&run(folder.path(), &allocate));
    let answers: u64 = plan["answers"]
        .as_object()
        .unwrap()
        .values()
        .map(|n| n.as_u64().unwrap())
        .sum();
    assert_eq!(answers, 25);
    std::fs::write(folder.path().join("plan.json"), plan.to_string()).unwrap();
    let draw = |frame: &str, seed: &str| run(folder.path(), &["draw", frame, "--seed", seed, "--plan", "plan.json"]);
    let first = text(&draw("frame.csv", "lottery 4711"));
    assert_eq!(
        first,
        text(&draw("frame.csv", "lottery 4711")),
        "a rerun gives the same list"
    );
    assert_ne!(first, text(&draw("frame.csv", "lottery 4712")));
    // By hand, as the method is documented.
    let hash = |text: &str| data_encoding::HEXLOWER.encode(&Sha256::digest(text));
    let mut cases: Vec<(String, String)> = frame
        .lines()
        .skip(1)
        .map(|line| {
            let (id, rest) = line.split_once(',').unwrap();
            let outlet = rest.split(',').next().unwrap();
            let lines = ["perception-draw-1", &hash(&frame), "lottery 4711", outlet, id];
            (outlet.to_owned() + " " + &hash(&lines.join("\n")), id.to_owned())
        })
        .collect();
    cases.sort();
    let mut by_hand = "stratum,place,role,id,hash\n".to_owned();
    for (stratum, take) in plan["strata"].as_object().unwrap() {
        let (draw, reserves) = (take["draw"].as_u64().unwrap(), take["reserves"].as_u64().unwrap());
        let of = cases.iter().filter(|(key, _)| key.starts_with(stratum));
        for (place, (key, id)) in (1..=draw + reserves).zip(of) {
            let role = if place > draw { "reserve" } else { "drawn" };
            by_hand += &format!("{stratum},{place},{role},{id},{}\n", key.split_once(' ').unwrap().1);
        }
    }
    assert_eq!(first, by_hand);
    let told = json(&run(
        folder.path(),
        &[
            "draw",
            "frame.csv",
            "--seed",
            "x",
            "--plan",
            "plan.json",
            "--format",
            "json",
        ],
    ));
    assert_eq!(told["frame_sha256"], hash(&frame));
    assert_eq!(told["frame_cases"], 123);
    // One changed byte of the frame changes every place.
    std::fs::write(
        folder.path().join("other.csv"),
        frame.replacen("A01-000,A01,1", "A01-000,A01,2", 1),
    )
    .unwrap();
    assert_ne!(first, text(&draw("other.csv", "lottery 4711")));
}

#[test]
fn what_cannot_be_drawn_is_named() {
    let (folder, _) = frame();
    let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    file("many.json", r#"{"strata": {"A03": {"draw": 4}}}"#);
    file("gone.json", r#"{"strata": {"Z": {"draw": 1}}}"#);
    file("column.json", r#"{"id_column": "case", "strata": {}}"#);
    file("broken.json", "{");
    for (plan, word) in [
        ("many.json", "A03"),
        ("gone.json", "\"Z\""),
        ("column.json", "column case"),
        ("broken.json", "broken.json"),
        ("none.json", "none.json"),
    ] {
        let output = run(folder.path(), &["draw", "frame.csv", "--seed", "s", "--plan", plan]);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(
            String::from_utf8_lossy(&output.stderr).contains(word),
            "{}",
            said(&output)
        );
    }
}
