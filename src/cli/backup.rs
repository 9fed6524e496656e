//! `perception backup`.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use super::{DatabaseArgs, Verdict, copy, start_log, verify};
use crate::store::copy::snapshot;
use crate::store::{DatabaseUrl, is_vacant};

#[derive(Args)]
pub(super) struct BackupArgs {
    /// File to write; must not exist
    file: PathBuf,
    #[command(flatten)]
    place: DatabaseArgs,
}

pub(super) fn run(args: &BackupArgs) -> anyhow::Result<Verdict> {
    let settings = args.place.settings(None)?;
    let config = settings.check()?;
    start_log(settings.log == "json", "warn");
    if is_vacant(&config.database)? {
        anyhow::bail!("{}: there is no such database, or nothing in it", config.database);
    }
    if args.file.exists() {
        anyhow::bail!("{}: exists already", args.file.display());
    }
    // Under another name until it is whole and verified: what bears the name can be relied on.
    let partial = beside(&args.file, ".partial");
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&partial)
        .with_context(|| partial.display().to_string())?;
    let done = write(&config.database, &partial);
    for rest in [".lock", "-wal", "-shm"] {
        drop(std::fs::remove_file(beside(&partial, rest)));
    }
    let verdict = done.and_then(|verdict| {
        std::fs::rename(&partial, &args.file)?;
        Ok(verdict)
    });
    if verdict.is_err() {
        drop(std::fs::remove_file(&partial));
    }
    if verdict.is_ok() {
        println!(
            "{}: written. The secret key is not in it: keep it apart.",
            args.file.display()
        );
    }
    verdict
}

fn write(database: &DatabaseUrl, partial: &Path) -> anyhow::Result<Verdict> {
    let bar = copy::bar();
    snapshot(database, partial, &mut |table, _| copy::step(&bar, table))?;
    bar.finish_and_clear();
    let verified = verify::of(&DatabaseUrl::Sqlite(partial.to_owned()), Vec::new(), None)?;
    // A backup of something that is not in order is still a backup, and the evidence of it.
    Ok(match verified.divergence {
        None => Verdict::Fine,
        Some(divergence) => {
            println!("NOT IN ORDER: {divergence}");
            Verdict::NotInOrder
        }
    })
}

/// The same path with something added to its name.
pub(super) fn beside(path: &Path, added: &str) -> PathBuf {
    let mut name = path.to_owned().into_os_string();
    name.push(added);
    name.into()
}
