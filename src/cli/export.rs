//! `perception export`: the evidence pack of an evaluation, with its result.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use super::{DatabaseArgs, Verdict, start_log};
use crate::app::Installation;
use crate::clock::Clock;
use crate::evidence::{self, Taker};
use crate::store::DatabaseUrl;
use crate::survey::id::EvaluationId;

#[derive(Args)]
pub(super) struct ExportArgs {
    /// The evaluation's id
    #[arg(long, value_name = "ID")]
    evaluation: String,
    /// A new folder
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    place: DatabaseArgs,
}

pub(super) fn run(args: &ExportArgs) -> anyhow::Result<Verdict> {
    let settings = args.place.settings(None)?;
    let config = settings.check()?;
    start_log(settings.log == "json", "warn");
    let id: EvaluationId = args.evaluation.parse().context("--evaluation")?;
    anyhow::ensure!(!args.out.exists(), "{}: exists already", args.out.display());
    if let DatabaseUrl::Sqlite(path) = &config.database
        && !path.exists()
    {
        anyhow::bail!("{}: there is no such database", config.database);
    }
    let clock = Clock::default();
    let Installation { store, key, .. } = Installation::open(&config, clock.clone())?;
    let done = evidence::gather(&store, key.seal(), id, Taker::CommandLine, clock.now_ms());
    let done = done.with_context(|| id.to_string())?;
    done.files.write_folder(&args.out)?;
    println!(
        "{}: {} responses, result {}",
        args.out.display(),
        done.rows,
        done.result_id
    );
    Ok(Verdict::Fine)
}
