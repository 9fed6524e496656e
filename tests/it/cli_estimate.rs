//! `perception estimate`: figures of other tools from the same files, in every form.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Output;

use crate::harness::{perception, repository, said};
use crate::pack_refusals::assert_refused;

pub(crate) fn estimate(pack: &Path, arguments: &[&str]) -> Output {
    let pack = pack.to_str().unwrap();
    perception(&std::env::temp_dir(), &[&["estimate", pack], arguments].concat())
        .output()
        .unwrap()
}

pub(crate) fn rows(bytes: &[u8]) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_reader(bytes)
        .deserialize()
        .map(Result::unwrap)
        .collect()
}

fn oracle(file: &str) -> Vec<BTreeMap<String, String>> {
    rows(&std::fs::read(oracle_folder().join(file)).unwrap())
}

fn oracle_folder() -> PathBuf {
    repository().join("tests/oracle/sim")
}

/// Both undefined, or equal to `tolerance` relative and 1e-12 absolute.
pub(crate) fn assert_close(found: &str, expected: &str, tolerance: f64, what: &dyn std::fmt::Debug) {
    let undefined = |text: &str| text == "NA" || text == "NaN";
    if undefined(found) || undefined(expected) {
        assert_eq!(
            undefined(found),
            undefined(expected),
            "{what:?}: {found}, expected {expected}"
        );
        return;
    }
    let (found, expected): (f64, f64) = (found.parse().unwrap(), expected.parse().unwrap());
    let bound = (tolerance * expected.abs()).max(1e-12);
    assert!(
        (found - expected).abs() <= bound,
        "{what:?}: {found}, expected {expected}"
    );
}

#[test]
fn outcome_rates_agree_with_the_published_formulas() {
    let output = estimate(&oracle_folder(), &["--format", "csv"]);
    assert!(output.status.success(), "{}", said(&output));
    let key = |row: &BTreeMap<String, String>| ["org", "group", "stat"].map(|name| row[name].clone());
    let found: BTreeMap<_, _> = rows(&output.stdout)
        .iter()
        .map(|row| (key(row), row["value"].clone()))
        .collect();
    let expected = oracle("expected.csv");
    let mut compared = 0;
    for row in expected.iter().filter(|row| row["group"].starts_with("aapor_")) {
        assert_close(&found[&key(row)], &row["value"], 1e-9, row);
        compared += 1;
    }
    assert_eq!(compared, 3 * 2 * 27);
    // The figures of the pages' own oracle test come out of the program, too: the pack was read right.
    for row in expected
        .iter()
        .filter(|row| row["group"].starts_with("strat_fpc_points_face"))
    {
        assert_close(&found[&key(row)], &row["value"], 1e-9, row);
    }
}

#[test]
fn quality_measures_agree_with_other_tools() {
    let output = estimate(&oracle_folder(), &["--quality"]);
    assert!(output.status.success(), "{}", said(&output));
    let (found, expected) = (rows(&output.stdout), oracle("expected_quality.csv"));
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found["resp_id"], expected["resp_id"]);
        for (column, value) in expected.iter().filter(|(column, _)| *column != "resp_id") {
            assert_close(&found[column], value, 1e-9, &(&expected["resp_id"], column));
        }
    }
    let output = estimate(&oracle_folder(), &["--quality", "--format", "json"]);
    let lines: Vec<serde_json::Value> = output
        .stdout
        .split(|b| *b == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    assert_eq!(lines.len(), expected.len());
    let flagged = lines
        .iter()
        .filter(|line| !line["flags"].as_array().unwrap().is_empty())
        .count();
    assert!(flagged > 0 && flagged < lines.len() / 2, "{flagged} flagged");
}

#[test]
fn a_report_is_printed_in_both_languages_and_a_pipe_hears_nothing_else() {
    let (zh, en) = (
        estimate(&oracle_folder(), &["--lang", "zh"]),
        estimate(&oracle_folder(), &["--lang", "en"]),
    );
    let text = |output: &Output| String::from_utf8(output.stdout.clone()).unwrap();
    assert!(
        text(&zh).contains("S当面") && text(&en).contains("S in person"),
        "{}",
        said(&zh)
    );
    assert!(text(&zh).contains("88.36 %") && text(&en).contains("88.36 %"));
    assert!(zh.stderr.is_empty() && en.stderr.is_empty());
    let json: serde_json::Value =
        serde_json::from_slice(&estimate(&oracle_folder(), &["--format", "json"]).stdout).unwrap();
    assert_eq!(json["results"].as_array().unwrap().len(), 3);
    assert_eq!(json["results"][0]["overall"]["face"]["value"]["obtained"], 22435);
}

#[test]
fn a_zip_gives_what_the_folder_gives() {
    let plain = estimate(&oracle_folder(), &["--format", "csv"]);
    for inside in ["", "pack/"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pack.zip");
        let mut archive = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
        for file in ["items.csv", "outlets.csv", "margins.csv", "cases.csv", "responses.csv"] {
            let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
            archive.start_file(format!("{inside}{file}"), options).unwrap();
            std::io::Write::write_all(&mut archive, &std::fs::read(oracle_folder().join(file)).unwrap()).unwrap();
        }
        archive.finish().unwrap();
        let zipped = estimate(&path, &["--format", "csv"]);
        assert_eq!(zipped.stdout, plain.stdout, "{}", said(&zipped));
        std::fs::write(&path, "no archive").unwrap();
        assert_refused(&estimate(&path, &[]), &["pack.zip", "zip"], &"broken");
    }
}

/// Computed by the program before groups without responses were left empty; what a record states must be found again later.
#[test]
fn the_hash_of_what_figures_rest_on_stays() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    put("items.csv", "item,dim,weight,max\na,x,2,5\nb,y,1,5\n");
    put("outlets.csv", "org,outlet,N_customers,M_frame\nO,o1,10,3\nO,o2,10,3\n");
    let responses = "1,O,o1,face,60,I,5,4\n2,O,o1,qr,60,I,3,\n3,O,o1,email,60,I,0,2\n";
    put(
        "responses.csv",
        &format!("resp_id,org,outlet,channel,duration_s,status,a,b\n{responses}"),
    );
    let output = estimate(folder.path(), &["--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        json["results"][0]["inputs_sha256"],
        "c669e9d1a1177bd314a44ae59d8186ffe18aac4e537098cd098af8bd43cd8c14"
    );
}
