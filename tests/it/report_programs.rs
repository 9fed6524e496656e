//! Files of a report as other programs read them: openpyxl, LibreOffice, and what a screen reader gets of a PDF.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::report_files::{Rows, rows};

/// What openpyxl reads of a workbook: sheets with their charts and cells, each with its kind.
const OPENPYXL: &str = "
import json, sys, openpyxl
book = openpyxl.load_workbook(sys.argv[1])
print(json.dumps({sheet.title: {'charts': len(sheet._charts), 'rows': [[[cell.data_type, cell.value] for cell in row] for row in sheet.iter_rows()]} for sheet in book}))
";

fn openpyxl(path: &Path) -> Value {
    // The system's Python has what apt installs; another one may stand before it.
    let run = |python: &str| Command::new(python).args(["-c", OPENPYXL]).arg(path).output();
    let output = ["/usr/bin/python3", "python3"]
        .into_iter()
        .filter_map(|python| run(python).ok())
        .find(|output| output.status.success());
    serde_json::from_slice(&output.expect("openpyxl (package python3-openpyxl)").stdout).unwrap()
}

/// Rows of figures as openpyxl read them; words are strings, figures numbers, nothing is a formula.
fn of_openpyxl(sheets: &Value) -> Rows {
    let mut found = Rows::new();
    for (name, sheet) in sheets.as_object().unwrap() {
        let all = sheet["rows"].as_array().unwrap();
        let text = |cell: &Value| match (cell[0].as_str().unwrap(), &cell[1]) {
            ("s", Value::String(text)) => text.clone(),
            ("n", Value::Null) => String::new(),
            ("n", Value::Number(number)) => number.as_f64().unwrap().to_string(),
            other => panic!("{name}: {other:?}"),
        };
        let texts = all
            .iter()
            .map(|row| row.as_array().unwrap().iter().map(text).collect::<Vec<String>>());
        let texts: Vec<Vec<String>> = texts.collect();
        if texts[0][0] == "group" {
            found.extend(rows(texts.into_iter()));
        }
    }
    found
}

/// openpyxl opens the workbook, LibreOffice the CSV: Chinese is Chinese, figures are figures, and what somebody typed
/// is no formula, though the same text in a naive file becomes one.
pub fn office_programs_read_them(csv: &[u8], xlsx: &[u8], typed: &str, known: &Rows) {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    std::fs::write(place("results.xlsx"), xlsx).unwrap();
    std::fs::write(place("results.csv"), csv).unwrap();
    std::fs::write(
        place("naive.csv"),
        format!("name\n\"{}\"\n", typed.replace('"', "\"\"")),
    )
    .unwrap();
    let sheets = openpyxl(&place("results.xlsx"));
    let charts = |name: &str| sheets[name]["charts"].as_u64().unwrap();
    for name in ["结果 results", "维度 dimensions", "网点 outlets"] {
        assert_eq!(charts(name), 1, "{name}");
    }
    for (name, head, rows) in [
        ("分层 strata", "id", 3),
        ("标记 flags", "rule", 0),
        ("码本 codebook", "variable", 30),
    ] {
        let found = sheets[name]["rows"].as_array().unwrap();
        assert!(found[0][0][1] == head && found.len() > rows, "{name}: {:?}", found[0]);
    }
    let read = of_openpyxl(&sheets);
    same_figures(&read, known);
    assert!(
        read.values().any(|row| row["name_zh"] == typed),
        "typed text is kept as it is"
    );

    let converted = Command::new("soffice")
        .arg(format!("-env:UserInstallation=file://{}", place("profile").display()))
        .args([
            "--headless",
            "--infilter=CSV:44,34,76,1",
            "--convert-to",
            "xlsx",
            "--outdir",
        ])
        .arg(place("out"))
        .args([place("results.csv"), place("naive.csv")])
        .output()
        .expect("soffice (package libreoffice-calc-nogui)");
    assert!(converted.status.success(), "{converted:?}");
    let read = of_openpyxl(&openpyxl(&place("out/results.xlsx")));
    same_figures(&read, known);
    assert!(read.values().any(|row| row["name_zh"] == format!("'{}", typed)));
    let naive = openpyxl(&place("out/naive.xlsx"));
    let cell = &naive.as_object().unwrap().values().next().unwrap()["rows"][1][0];
    assert_eq!(cell[0], "f", "the control is no formula: {cell}");
}

/// The same rows with the same words and figures.
fn same_figures(read: &Rows, known: &Rows) {
    assert!(read.keys().eq(known.keys()));
    for (key, row) in known {
        for (name, text) in row {
            let found = &read[key][name];
            let same = match (text.parse::<f64>(), found.parse::<f64>()) {
                (Ok(one), Ok(other)) => (one - other).abs() < 1e-9,
                _ => text.trim_start_matches('\'') == found.trim_start_matches('\''),
            };
            assert!(same, "{key:?} {name}: {text} and {found}");
        }
    }
}

/// The QR code on the cover, as a phone reads it off the paper.
pub fn code_on_the_cover(pdf: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let (file, cover) = (folder.path().join("report.pdf"), folder.path().join("cover"));
    std::fs::write(&file, pdf).unwrap();
    let options = ["-r", "100", "-png", "-singlefile", "-f", "1", "-l", "1"];
    let drawn = Command::new("pdftoppm").args(options).arg(&file).arg(&cover).status();
    assert!(drawn.expect("pdftoppm (package poppler-utils)").success());
    let picture = cover.with_extension("png");
    let read = Command::new("zbarimg").args(["--raw", "-q"]).arg(picture).output();
    let read = read.expect("zbarimg (package zbar-tools)");
    String::from_utf8(read.stdout).unwrap().trim().to_owned()
}

/// The tags of the PDF: one title, a heading a part, tables with named columns and rows, charts told in words.
pub fn screen_readers_find_their_way(pdf: &[u8]) {
    let told = |options: &[&str]| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.pdf");
        std::fs::write(&path, pdf).unwrap();
        let output = Command::new("pdfinfo")
            .args(["-enc", "UTF-8"])
            .args(options)
            .arg(&path)
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let about = told(&[]);
    let fact = |name: &str| {
        about
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .unwrap_or("")
            .trim()
            .to_owned()
    };
    assert_eq!(fact("Tagged:"), "yes");
    assert!(fact("Title:").contains("海晴电器有限公司"), "{about}");
    let structure = told(&["-struct-text"]);
    let count = |name: &str| {
        structure
            .lines()
            .filter(|line| line.trim_start().starts_with(name))
            .count()
    };
    assert_eq!(
        (count("H1"), count("H2")),
        (1, 17),
        "title; contents, summary and fifteen parts"
    );
    assert!(
        count("Figure") >= 2 && count("Table") > 20 && count("TH") > 100 && count("TD") > 200,
        "{structure}"
    );
    assert!(structure.contains("海晴电器有限公司") && structure.contains("抽样方案与偏离"));
}
