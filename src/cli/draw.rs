//! `perception draw`: reruns a seeded draw.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::json;

use super::Verdict;
use crate::pack::sampling::{self, FrameDraw};
use crate::statistics::draw::METHOD;

#[derive(Args)]
pub(super) struct DrawArgs {
    /// The frame: CSV with one case a row
    frame: PathBuf,
    /// The seed
    #[arg(long)]
    seed: String,
    /// How much is drawn: JSON, {"strata": {"A01": {"draw": 5, "reserves": 5}}}
    #[arg(long)]
    plan: PathBuf,
    /// Form of the output
    #[arg(long, value_enum, default_value = "csv")]
    format: DrawForm,
}

#[derive(Clone, Copy, ValueEnum)]
enum DrawForm {
    /// One case a row, in drawn order
    Csv,
    /// With all that identifies the draw
    Json,
}

pub(super) fn run(args: &DrawArgs) -> anyhow::Result<Verdict> {
    let draw = sampling::draw_from(&args.frame, &args.plan, &args.seed)?;
    match args.format {
        DrawForm::Csv => print!("{}", csv(&draw)?),
        DrawForm::Json => println!("{:#}", json(&draw, &args.seed)),
    }
    Ok(Verdict::Fine)
}

fn role(reserve: bool) -> &'static str {
    if reserve { "reserve" } else { "drawn" }
}

fn csv(draw: &FrameDraw) -> anyhow::Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["stratum", "place", "role", "id", "hash"])?;
    for case in &draw.drawn {
        writer.write_record([
            &case.stratum,
            &case.place.to_string(),
            role(case.reserve),
            &case.id,
            &case.hash,
        ])?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

fn json(draw: &FrameDraw, seed: &str) -> serde_json::Value {
    let case = |case: &crate::statistics::draw::Drawn| json!({"stratum": case.stratum, "place": case.place, "role": role(case.reserve), "id": case.id, "hash": case.hash});
    json!({
        "method": METHOD,
        "frame_sha256": draw.frame_sha256,
        "frame_cases": draw.frame_cases,
        "plan_sha256": draw.plan_sha256,
        "seed": seed,
        "cases": draw.drawn.iter().map(case).collect::<Vec<_>>(),
    })
}
