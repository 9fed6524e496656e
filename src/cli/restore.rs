//! `perception restore`.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use super::backup::beside;
use super::{DatabaseArgs, Verdict, copy, start_log, verify};
use crate::clock::Clock;
use crate::config::Config;
use crate::store::copy::{calm, copy, damage};
use crate::store::{DatabaseUrl, is_vacant, key_check_of};

#[derive(Args)]
pub(super) struct RestoreArgs {
    /// A file that `perception backup` wrote
    file: PathBuf,
    #[command(flatten)]
    place: DatabaseArgs,
}

pub(super) fn run(args: &RestoreArgs) -> anyhow::Result<Verdict> {
    let settings = args.place.settings(None)?;
    let config = settings.check()?;
    start_log(settings.log == "json", "warn");
    if !args.file.is_file() {
        anyhow::bail!("{}: there is no such file", args.file.display());
    }
    if !is_vacant(&config.database)? {
        anyhow::bail!("{} is not empty; nothing was written", config.database);
    }
    // Worked on beside the target (or in the folder for temporary files): what is served appears whole, or not at all.
    let work = match &config.database {
        DatabaseUrl::Sqlite(path) => beside(path, ".restoring"),
        DatabaseUrl::Postgres(_) => std::env::temp_dir().join(format!("perception-{:032x}", rand::random::<u128>())),
    };
    let done = prepare(&args.file, &work, &config).and_then(|verdict| match (&verdict, &config.database) {
        (Verdict::NotInOrder, _) => Ok(verdict),
        (Verdict::Fine, DatabaseUrl::Sqlite(path)) => {
            std::fs::rename(&work, path).with_context(|| path.display().to_string())?;
            Ok(verdict)
        }
        (Verdict::Fine, DatabaseUrl::Postgres(_)) => {
            let bar = copy::bar();
            copy(&DatabaseUrl::Sqlite(work.clone()), &config.database, &mut |table, _| {
                copy::step(&bar, table);
            })?;
            bar.finish_and_clear();
            Ok(verdict)
        }
    });
    for rest in ["", ".lock", "-wal", "-shm"] {
        drop(std::fs::remove_file(beside(&work, rest)));
    }
    if matches!(done, Ok(Verdict::Fine)) {
        println!(
            "{}: restored and verified. Everybody signs in again; mail is paused until an administrator lets it go.",
            config.database
        );
    }
    done
}

/// A verified copy of the file, of today's schema, without sessions and with mail paused.
fn prepare(file: &Path, work: &Path, config: &Config) -> anyhow::Result<Verdict> {
    let database = DatabaseUrl::Sqlite(work.to_owned());
    std::fs::copy(file, work).with_context(|| file.display().to_string())?;
    if let Some(damage) = damage(work).with_context(|| format!("{} is no backup", file.display()))? {
        anyhow::bail!("{}: damaged: {damage}", file.display());
    }
    let check = key_check_of(&database)?.with_context(|| format!("{} is no backup", file.display()))?;
    let key = config.secret_if_there()?.with_context(|| {
        "the secret key is missing: put the key file that was saved with the backup beside the database, or set PERCEPTION_SECRET_KEY"
    })?;
    if key.check_value() != check {
        anyhow::bail!("the backup belongs to another secret key; nothing was written");
    }
    if let Some(divergence) = verify::of(&database, Vec::new(), Some(&key))?.divergence {
        println!("NOT IN ORDER, nothing was restored: {divergence}");
        return Ok(Verdict::NotInOrder);
    }
    calm(&database, Clock::default().now_ms())?;
    Ok(Verdict::Fine)
}
