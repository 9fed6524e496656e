//! Packs that are not in order: one line that names file, line and column.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Output;

use crate::cli_estimate::estimate;
use crate::harness::said;

/// Files of a pack by name.
pub(crate) type Files = BTreeMap<&'static str, String>;

pub(crate) fn small() -> Files {
    BTreeMap::from([
        (
            "items.csv",
            "item,dim,weight,max\nq1,x,2,5\nq2,x,1,5\nq3,y,3,5\n".to_owned(),
        ),
        (
            "outlets.csv",
            "org,outlet,N_customers,M_frame\nA,A1,9,4\nA,A2,,4\nB,B1,7,\n".to_owned(),
        ),
        ("margins.csv", "org,var,level,N\nA,age,1,5\nA,age,2,9\n".to_owned()),
        (
            "cases.csv",
            "case_id,org,outlet,channel,disp\nC1,A,A1,face,I\nC2,B,B1,email,UO\n".to_owned(),
        ),
        (
            "responses.csv",
            "resp_id,org,outlet,channel,age,duration_s,status,q1,q2,q3\n\
             R1,A,A1,face,1,90,I,5,4,0\nR2,A,A1,face,2,,P,3,,5\nR3,A,A2,qr,1,70,I,2,2,2\nR4,B,B1,email,,80,I,1,0,0\n"
                .to_owned(),
        ),
    ])
}

pub(crate) fn write(files: &Files) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// What is changed in which file, and what the message must name.
const BROKEN: [(&str, &str, &str, &[&str]); 44] = [
    (
        "items.csv",
        "q2,x,1,5",
        "q2,x,0,5",
        &["line 3", "column weight", "1..1000"],
    ),
    ("items.csv", "q2,x,1,5", "q2,x,1001,5", &["line 3", "column weight"]),
    (
        "items.csv",
        "q2,x,1,5",
        "q2,x,1.5,5",
        &["line 3", "column weight", "whole number"],
    ),
    ("items.csv", "q2,x,1,5", "q2,x,1,1", &["line 3", "column max"]),
    ("items.csv", "q2,x,1,5", "q1,x,1,5", &["line 3", "column item", "twice"]),
    ("items.csv", "q2,x,1,5", "q2,x,1", &["line 3", "fields"]),
    ("items.csv", "q2,x,1,5", "status,x,1,5", &["line 3", "column item"]),
    ("items.csv", "q2,x,1,5", "q2,,1,5", &["line 3", "column dim"]),
    (
        "items.csv",
        "q2,x,1,5",
        "q2,x,999,100",
        &["line 3", "column weight", "50000"],
    ),
    ("items.csv", "weight", "wait", &["line 1", "column weight", "missing"]),
    (
        "items.csv",
        "item,dim,weight,max\nq1,x,2,5\nq2,x,1,5\nq3,y,3,5\n",
        "item,dim,weight,max\n",
        &["no item"],
    ),
    (
        "outlets.csv",
        "A1,9,4",
        "A1,1,4",
        &["line 2", "column N_customers", "fewer"],
    ),
    (
        "outlets.csv",
        "A1,9,4",
        "A1,many,4",
        &["line 2", "column N_customers", "whole number"],
    ),
    ("outlets.csv", "A1,9,4", "A1,-9,4", &["line 2", "column N_customers"]),
    (
        "outlets.csv",
        "A1,9,4\nA,A2,,4",
        "A1,9,1\nA,A2,,1",
        &["line 2", "column M_frame", "at least the 2"],
    ),
    ("outlets.csv", "A2,,4", "A2,,5", &["line 3", "column M_frame", "line 2"]),
    ("outlets.csv", "A,A2", "A,A1", &["line 3", "column outlet", "twice"]),
    (
        "outlets.csv",
        "org,outlet",
        "org,shop",
        &["line 1", "column outlet", "missing"],
    ),
    (
        "margins.csv",
        "A,age,2,9",
        "C,age,2,9",
        &["line 3", "column org", "unknown organisation"],
    ),
    (
        "margins.csv",
        "A,age,2,9",
        "A,age,1,9",
        &["line 3", "column level", "twice"],
    ),
    ("margins.csv", "A,age,2,9", "A,age,2,x", &["line 3", "column N"]),
    (
        "margins.csv",
        "A,age,2,9",
        "A,sex,2,9",
        &["responses.csv", "line 1", "column sex", "missing"],
    ),
    (
        "margins.csv",
        "A,age,2,9\n",
        "",
        &["responses.csv", "line 3", "column age", "margins.csv"],
    ),
    (
        "cases.csv",
        "face,I",
        "face,X",
        &["line 2", "column disp", "expected I"],
    ),
    ("cases.csv", "face,I", "phone,I", &["line 2", "column channel"]),
    ("cases.csv", "C2,B", "C2,D", &["line 3", "column org"]),
    (
        "responses.csv",
        "R3,A,A2",
        "R3,A,A9",
        &["line 4", "column outlet", "unknown outlet", "A9"],
    ),
    ("responses.csv", "R3,A,A2", "R3,A,B1", &["line 4", "column outlet"]),
    (
        "responses.csv",
        "R3,A,A2",
        "R3,Z,A2",
        &["line 4", "column org", "unknown organisation"],
    ),
    (
        "responses.csv",
        "R3,A,A2,qr",
        "R3,A,A2,phone",
        &["line 4", "column channel", "face, email or qr"],
    ),
    (
        "responses.csv",
        "70,I,2,2,2",
        "70,R,2,2,2",
        &["line 4", "column status", "I or P"],
    ),
    (
        "responses.csv",
        "70,I,2,2,2",
        "7.5,I,2,2,2",
        &["line 4", "column duration_s", "whole seconds"],
    ),
    (
        "responses.csv",
        "70,I,2,2,2",
        "70,I,2,6,2",
        &["line 4", "column q2", "1..5"],
    ),
    (
        "responses.csv",
        "70,I,2,2,2",
        "70,I,2,2,55",
        &["line 4", "column q3", "1..5"],
    ),
    ("responses.csv", "70,I,2,2,2", "70,I,2,2.0,2", &["line 4", "column q2"]),
    ("responses.csv", "70,I,2,2,2", "70,I,-1,2,2", &["line 4", "column q1"]),
    ("responses.csv", "70,I,2,2,2", "70,I,2,2", &["line 4", "fewer fields"]),
    (
        "responses.csv",
        "70,I,2,2,2",
        "70,I,2,2,2,2",
        &["line 4", "more fields"],
    ),
    (
        "responses.csv",
        "R3,A",
        "R1,A",
        &["line 4", "column resp_id", "twice", "line 2"],
    ),
    ("responses.csv", "R3,A", ",A", &["line 4", "column resp_id", "empty"]),
    (
        "responses.csv",
        "R3,A",
        "R\"3,A",
        &["line 4", "column resp_id", "quote"],
    ),
    ("responses.csv", "R3,A", "\"R3,A", &["line 4", "not closed"]),
    ("responses.csv", ",q2,", ",q9,", &["line 1", "column q2", "missing"]),
    ("responses.csv", ",q2,", ",q1,", &["line 1", "column q1", "twice"]),
];

/// Status 2, nothing on standard output, one line that names these.
pub(crate) fn assert_refused(output: &Output, words: &[&str], what: &dyn std::fmt::Debug) {
    let errors = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(2), "{what:?}: {}", said(output));
    assert!(output.stdout.is_empty(), "{what:?}: {}", said(output));
    assert_eq!(errors.lines().count(), 1, "{what:?}: {errors}");
    for word in words {
        assert!(errors.contains(word), "{what:?}: no {word:?} in {errors}");
    }
}

#[test]
fn what_is_not_in_order_is_named_by_file_line_and_column() {
    let whole = estimate(write(&small()).path(), &["--format", "csv"]);
    assert!(whole.status.success(), "{}", said(&whole));
    for broken in BROKEN {
        let (file, from, to, words) = broken;
        let mut files = small();
        let text = files.get_mut(file).unwrap();
        assert!(text.contains(from), "{broken:?}");
        *text = text.replacen(from, to, 1);
        let folder = write(&files);
        let named: &[&str] = if words[0] == "responses.csv" { &[] } else { &[file] };
        for arguments in [&["--format", "csv"][..], &["--quality"]] {
            assert_refused(&estimate(folder.path(), arguments), &[named, words].concat(), &broken);
        }
    }
    for file in ["items.csv", "outlets.csv", "responses.csv"] {
        let mut files = small();
        files.remove(file);
        assert_eq!(estimate(write(&files).path(), &[]).status.code(), Some(2), "{file}");
        let mut files = small();
        files.insert(file, String::new());
        assert_refused(&estimate(write(&files).path(), &["--format", "csv"]), &[file], &file);
    }
    assert_refused(
        &estimate(Path::new("/nowhere/at/all"), &[]),
        &["/nowhere/at/all"],
        &"no pack",
    );
    let method = ["--method", "/nowhere/method.json"];
    assert_refused(
        &estimate(write(&small()).path(), &method),
        &["/nowhere/method.json"],
        &"no method",
    );
}

#[test]
fn the_line_of_an_error_is_right_in_a_large_file_too() {
    let mut files = small();
    let text = files.get_mut("responses.csv").unwrap();
    *text = text.lines().next().unwrap().to_owned() + "\n";
    for row in 0..120_000 {
        let id = if row % 7 == 0 {
            format!("\"a\n{row}\"")
        } else {
            format!("N{row}")
        };
        *text += &format!("{id},A,A2,qr,1,70,I,2,2,2\n");
    }
    let whole = text.clone();
    let change = |row: usize, from: &str, to: &str| {
        let place = whole.match_indices(&format!("N{row},")).next().unwrap().0;
        let line = whole[..place].matches('\n').count() + 1;
        let (before, after) = whole.split_at(place);
        (
            format!("{before}{}", after.replacen(from, to, 1)),
            format!("line {line},"),
        )
    };
    // Two errors, megabytes apart: the first one is reported, whichever thread comes first.
    for (row, from, to) in [
        (97, "70,I", "70,X"),
        (60_002, ",2,2,2", ",2,9,2"),
        (119_999, "A,A2", "A,A7"),
    ] {
        let (broken, line) = change(row, from, to);
        let (broken, _) = (
            broken.replacen("N119998,A,A2", "N119998,A,A8", usize::from(row < 119_999)),
            (),
        );
        *files.get_mut("responses.csv").unwrap() = broken;
        assert_refused(&estimate(write(&files).path(), &["--format", "csv"]), &[&line], &row);
    }
    let (twice, line) = change(119_999, "N119999", "N100");
    *files.get_mut("responses.csv").unwrap() = twice;
    assert_refused(
        &estimate(write(&files).path(), &["--format", "csv"]),
        &[&line, "N100", "twice"],
        &"twice",
    );
}

#[test]
fn a_manifest_is_held_to() {
    let mut files = small();
    let hash = |text: &str| {
        use sha2::Digest;
        data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(text.as_bytes()))
    };
    let hashes: BTreeMap<_, _> = files.iter().map(|(name, text)| (*name, hash(text))).collect();
    let manifest = |hashes: &BTreeMap<&str, String>| {
        serde_json::json!({"schema": "perception-pack-1", "files": hashes}).to_string()
    };
    files.insert("manifest.json", manifest(&hashes));
    assert!(estimate(write(&files).path(), &["--format", "csv"]).status.success());
    let mut changed = files.clone();
    changed.get_mut("outlets.csv").unwrap().push_str("B,B2,4,\n");
    assert_refused(
        &estimate(write(&changed).path(), &[]),
        &["outlets.csv", "SHA-256"],
        &"changed",
    );
    let mut less = files.clone();
    less.remove("cases.csv");
    assert_refused(
        &estimate(write(&less).path(), &[]),
        &["cases.csv", "missing"],
        &"missing",
    );
    let mut short = hashes.clone();
    short.remove("responses.csv");
    files.insert("manifest.json", manifest(&short));
    assert_refused(
        &estimate(write(&files).path(), &[]),
        &["responses.csv", "not named"],
        &"not named",
    );
}
