//! `perception copy`.

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::{Verdict, start_log, verify};
use crate::store::copy::{copy, tables};
use crate::store::{DatabaseUrl, is_vacant};

#[derive(Args)]
pub(super) struct CopyArgs {
    /// The database to move: sqlite:PATH or postgres://…
    #[arg(long, value_name = "URL")]
    from: DatabaseUrl,
    /// An empty database
    #[arg(long, value_name = "URL")]
    to: DatabaseUrl,
}

pub(super) fn run(args: &CopyArgs) -> anyhow::Result<Verdict> {
    start_log(false, "warn");
    if is_vacant(&args.from)? {
        anyhow::bail!("{}: there is no such database, or nothing in it", args.from);
    }
    let before = verify::of(&args.from, Vec::new(), None)?;
    if let Some(divergence) = &before.divergence {
        println!("NOT IN ORDER, nothing was copied: {divergence}");
        return Ok(Verdict::NotInOrder);
    }
    let bar = bar();
    let rows = copy(&args.from, &args.to, &mut |table, _| step(&bar, table))?;
    bar.finish_and_clear();
    let after = verify::of(&args.to, Vec::new(), None)?;
    if let Some(divergence) = &after.divergence {
        println!("NOT IN ORDER after copying: {divergence}");
        return Ok(Verdict::NotInOrder);
    }
    println!("{rows} rows, the same on both sides; serve the copy with the same secret key");
    Ok(Verdict::Fine)
}

/// One step a table; nothing in a pipe.
pub(super) fn bar() -> ProgressBar {
    let style =
        ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(tables() as u64).with_style(style)
}

/// A table is there.
pub(super) fn step(bar: &ProgressBar, table: &'static str) {
    bar.set_message(table);
    bar.inc(1);
}
