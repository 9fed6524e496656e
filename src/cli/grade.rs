//! `perception grade`.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use serde::Serialize;

use super::Verdict;
use crate::grading::case::{self, Case};
use crate::grading::grade::{Grade, Outcome, grade};
use crate::grading::policy::Policy;
use crate::grading::report::{self, CaseResult, codes, details};

/// Largest file read, bytes.
const FILE_BYTES_MAX: u64 = 512 * 1024 * 1024;

#[derive(Args)]
pub(super) struct GradeArgs {
    /// One case, or {"cases": […]} (JSON)
    #[arg(value_name = "CASES.json")]
    cases: PathBuf,
    /// The scheme owner's settings (JSON); a case's own policy beats them
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// In JSON too: every criterion with its value, what each star asks, and what would lift it
    #[arg(long)]
    details: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

#[derive(Serialize)]
struct Results<'a> {
    results: Vec<CaseResult<'a>>,
}

pub(super) fn run(args: &GradeArgs) -> anyhow::Result<Verdict> {
    let mut policy = Policy::default();
    if let Some(path) = &args.policy {
        let changes = case::read_policy(&text(path)?).with_context(|| path.display().to_string())?;
        policy = policy.with(&changes);
    }
    let cases = case::read(&text(&args.cases)?).with_context(|| args.cases.display().to_string())?;
    let graded: Vec<(Case, Outcome)> = cases
        .into_iter()
        .map(|case| {
            let policy = case.policy.as_ref().map_or(policy, |own| policy.with(own));
            let outcome = grade(&case.input, &policy);
            (case, outcome)
        })
        .collect();
    let results: Vec<CaseResult<'_>> = graded
        .iter()
        .map(|(case, outcome)| CaseResult {
            id: &case.id,
            outcome,
            details: args.details,
        })
        .collect();
    let incomplete = |(_, outcome): &(Case, Outcome)| matches!(outcome, Outcome::Incomplete(_));
    let printed = match args.format {
        Format::Text => results
            .iter()
            .map(|result| table(result))
            .collect::<Vec<_>>()
            .join("\n"),
        Format::Json => serde_json::to_string(&Results { results })? + "\n",
    };
    io::stdout()
        .lock()
        .write_all(printed.as_bytes())
        .context("standard output")?;
    Ok(match graded.iter().any(incomplete) {
        true => Verdict::NotInOrder,
        false => Verdict::Fine,
    })
}

fn text(path: &Path) -> anyhow::Result<String> {
    let name = || path.display().to_string();
    let bytes = fs::metadata(path).with_context(name)?.len();
    anyhow::ensure!(
        bytes <= FILE_BYTES_MAX,
        "{}: larger than {FILE_BYTES_MAX} bytes",
        name()
    );
    fs::read_to_string(path).with_context(name)
}

fn table(result: &CaseResult<'_>) -> String {
    let (id, outcome) = (result.id, result.outcome);
    match outcome {
        Outcome::Incomplete(missing) => format!("{id}: incomplete, missing {}\n", codes(missing).join(", ")),
        Outcome::Graded(grade) => {
            let mut lines = headline(id, grade, report::status(outcome));
            let rows = details(grade).into_iter().map(|row| {
                let lift = row
                    .lift
                    .map(|lift| format!("to {}: {}", lift.star, lift.needs.join("; ")));
                [
                    row.criterion.to_owned(),
                    row.supports.to_string(),
                    row.value,
                    row.clause.to_owned(),
                    lift.unwrap_or_default(),
                ]
            });
            let head = ["criterion", "star", "value", "clause", "what would lift it"].map(str::to_owned);
            lines.push_str(&aligned(&[vec![head], rows.collect()].concat()));
            let notes = [("holds", codes(&grade.holds)), ("warnings", codes(&grade.warnings))];
            for (name, notes) in notes.into_iter().filter(|(_, notes)| !notes.is_empty()) {
                lines.push_str(&format!("  {name}: {}\n", notes.join(", ")));
            }
            lines
        }
    }
}

fn headline(id: &str, grade: &Grade, status: &str) -> String {
    let stars = match grade.star {
        0 => "no star".to_owned(),
        1 => "1 star".to_owned(),
        stars => format!("{stars} stars"),
    };
    let mut line = format!("{id}: {status}, {stars} recommended");
    let limiting: Vec<&str> = grade
        .limiting()
        .into_iter()
        .map(|criterion| criterion.as_str())
        .collect();
    if !limiting.is_empty() {
        line.push_str(&format!(", limited by {}", limiting.join(", ")));
    }
    if let Some(action) = grade.action {
        line.push_str(&format!("; certificate: {action}"));
    }
    line + "\n"
}

/// Columns as wide as their widest cell.
fn aligned(rows: &[[String; 5]]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..5).map(width).collect();
    let line = |row: &[String; 5]| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("  {cell:<width$}"));
        format!("{}\n", cells.collect::<String>().trim_end())
    };
    rows.iter().map(line).collect()
}
