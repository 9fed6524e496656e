//! `perception estimate`: figures of other tools from the same files, packs as any program may write them, and one clear line
//! for each that is not in order.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Output;

use perception::pack::Pack;
use perception::statistics::class::EvidenceClass;
use perception::statistics::study::{SKIPPED, Scoring, Study};
use proptest::prelude::*;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};

use crate::harness::{perception, repository, said};

fn estimate(pack: &Path, arguments: &[&str]) -> Output {
    let pack = pack.to_str().unwrap();
    perception(&std::env::temp_dir(), &[&["estimate", pack], arguments].concat())
        .output()
        .unwrap()
}

fn rows(bytes: &[u8]) -> Vec<BTreeMap<String, String>> {
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
fn assert_close(found: &str, expected: &str, tolerance: f64, what: &dyn std::fmt::Debug) {
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
    assert_eq!(json["results"][0]["counts"]["face"]["obtained"], 22435);
}

/// Files of a pack by name.
type Files = BTreeMap<&'static str, String>;

fn small() -> Files {
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

fn write(files: &Files) -> tempfile::TempDir {
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
        &["line 4", "column weight", "50000"],
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
        "A1,9,4",
        "A1,9,1",
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
fn assert_refused(output: &Output, words: &[&str], what: &dyn std::fmt::Debug) {
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

/// What the naive reader knows of a row: the fields as the test made them.
#[derive(Debug, Clone)]
struct Made {
    id: String,
    outlet: usize,
    class: usize,
    level: usize,
    duration: Option<u16>,
    codes: Vec<Option<u8>>,
}

const CHANNELS: [(&str, EvidenceClass); 3] = [
    ("face", EvidenceClass::Face),
    ("email", EvidenceClass::Invited),
    ("qr", EvidenceClass::Open),
];
/// Names that need quotes.
const OUTLETS: [(&str, &str); 4] = [("A", "A1"), ("A", "a, \"b\"\nc"), ("乙", "B1"), ("乙", "门店\r\n二")];
const LEVELS: [&str; 2] = ["1", "more, or less"];

prop_compose! {
    fn made()(
        outlet in 0..OUTLETS.len(), class in 0_usize..3, level in 0..LEVELS.len(),
        duration in proptest::option::of(any::<u16>()),
        codes in proptest::collection::vec(proptest::option::of(0_u8..=5), 3),
        tail in "[a-z,\"\n é]{0,4}",
    ) -> Made {
        Made { id: tail, outlet, class, level, duration, codes }
    }
}

/// Writes the rows as some program might: columns in any order among others, quotes where needed or anywhere, either line end.
fn responses(rows: &[Made], random: &mut StdRng) -> String {
    let mut columns = [
        "resp_id",
        "org",
        "outlet",
        "channel",
        "age",
        "duration_s",
        "status",
        "q1",
        "q2",
        "q3",
        "note",
    ];
    columns.shuffle(random);
    let (line_end, bom) = (["\n", "\r\n"][random.random_range(0..2)], random.random_bool(0.5));
    let mut text = if bom { "\u{feff}".to_owned() } else { String::new() };
    let mut put = |cells: Vec<String>, last: bool| {
        let quoted = |cell: String| {
            let needed = cell.contains([',', '"', '\n', '\r']);
            let quote = needed || random.random_bool(0.2);
            if quote {
                format!("\"{}\"", cell.replace('"', "\"\""))
            } else {
                cell
            }
        };
        let cells: Vec<String> = cells.into_iter().map(quoted).collect();
        text += &cells.join(",");
        text += if last { "" } else { line_end };
    };
    put(columns.map(String::from).to_vec(), false);
    for (place, row) in rows.iter().enumerate() {
        let code = |item: usize| row.codes[item].map(|code| code.to_string()).unwrap_or_default();
        let cell = |column: &str| match column {
            "resp_id" => row.id.clone(),
            "org" => OUTLETS[row.outlet].0.into(),
            "outlet" => OUTLETS[row.outlet].1.into(),
            "channel" => CHANNELS[row.class].0.into(),
            "age" => LEVELS[row.level].into(),
            "duration_s" => row.duration.map(|s| s.to_string()).unwrap_or_default(),
            "status" => ["I", "P"][place % 2].into(),
            "q1" => code(0),
            "q2" => code(1),
            "q3" => code(2),
            _ => "=1+1, \"x\"\n".into(),
        };
        // The last line end may be missing.
        put(columns.map(cell).to_vec(), place + 1 == rows.len());
    }
    text
}

/// Adds the rows one after the other, by the names the test made them of.
fn naive(rows: &[Made], scoring: &Scoring, pack: &Pack) -> Vec<Study> {
    let new = |one: &perception::pack::Organisation| Study::new(scoring.clone().into(), one.population.clone());
    let mut studies: Vec<Study> = pack.organisations().iter().map(new).collect();
    for row in rows {
        let (organisation, outlet) = (row.outlet / 2, row.outlet % 2);
        let codes: Vec<u8> = row.codes.iter().map(|code| code.unwrap_or(SKIPPED)).collect();
        let levels: &[usize] = if organisation == 0 { &[row.level] } else { &[] };
        studies[organisation]
            .add(outlet, CHANNELS[row.class].1, levels, &codes)
            .unwrap();
    }
    studies
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn however_a_valid_pack_is_written_it_says_the_same(mut rows in proptest::collection::vec(made(), 1..60), seed: u64) {
        for (place, row) in rows.iter_mut().enumerate() {
            row.id = format!("{place}{}", row.id);
        }
        let mut random = StdRng::seed_from_u64(seed);
        let mut files = small();
        files.remove("cases.csv");
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let outlets = OUTLETS.map(|(org, outlet)| format!("{org},{},500,\n", quoted(outlet)));
        files.insert("outlets.csv", format!("org,outlet,N_customers,M_frame\n{}", outlets.concat()));
        let levels = LEVELS.map(|level| format!("A,age,{},50\n", quoted(level)));
        files.insert("margins.csv", format!("org,var,level,N\n{}", levels.concat()));
        files.insert("responses.csv", responses(&rows, &mut random));
        let folder = write(&files);
        let pack = Pack::open(folder.path(), None).unwrap();
        let found = pack.studies(&|_| {}).unwrap();
        let expected = naive(&rows, found[0].scoring(), &pack);
        prop_assert!(found == expected);
    }
}
