//! `perception verify`.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use serde_json::Value;

use super::{DatabaseArgs, Verdict, estimate, start_log};
use crate::pack::{self, VerifyError};
use crate::personal::DataKey;
use crate::secret::SecretKey;
use crate::store::verify::{Verified, verify};
use crate::store::{DatabaseUrl, Store, StoreSettings, is_vacant, migrate};
use crate::survey::checkpoint::Checkpoint;

#[derive(Args)]
pub(super) struct VerifyArgs {
    /// An evidence pack (folder or zip); without one the database is verified
    pack: Option<PathBuf>,
    /// File with checkpoint lines that were kept elsewhere; a tail that was cut off is found against them alone
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    #[command(flatten)]
    place: DatabaseArgs,
}

pub(super) fn run(args: &VerifyArgs) -> anyhow::Result<Verdict> {
    let kept = match &args.checkpoint {
        Some(path) => read(path)?,
        None => Vec::new(),
    };
    if let Some(path) = &args.pack {
        return Ok(verdict(of_pack(path, &kept)?));
    }
    let settings = args.place.settings(None)?;
    let config = settings.check()?;
    start_log(settings.log == "json", "warn");
    if is_vacant(&config.database)? {
        anyhow::bail!("{}: there is no such database, or nothing in it", config.database);
    }
    // Without the key a checkpoint is still compared with its chain; whose it is, its line says.
    let key = config.secret_if_there()?;
    let verified = of(&config.database, kept, key.as_ref())?;
    println!(
        "{} events, {} responses, {} checkpoints, {} tallies; {} answers of the last hours not bound yet",
        verified.events, verified.responses, verified.checkpoints, verified.tallies, verified.unbound
    );
    Ok(verdict(verified.divergence))
}

/// Says whether everything is in order, or what diverges first.
fn verdict(divergence: Option<impl Display>) -> Verdict {
    match divergence {
        None => {
            println!("in order");
            Verdict::Fine
        }
        Some(divergence) => {
            println!("NOT IN ORDER: {divergence}");
            Verdict::NotInOrder
        }
    }
}

/// Verifies a database in one snapshot.
pub(super) fn of(database: &DatabaseUrl, kept: Vec<Checkpoint>, key: Option<&SecretKey>) -> anyhow::Result<Verified> {
    migrate(database)?;
    let store = Store::open(&StoreSettings {
        database: database.clone(),
        readers_max: 1,
        write_queue_max: 1,
        write_batch_max: 1,
        key: key.map(DataKey::of_server),
    })?;
    let catalogue = std::sync::Arc::clone(store.catalogue());
    Ok(store.read_blocking(move |conn| verify(conn, &catalogue, &kept, key))?)
}

/// The lines of a file; empty ones and those that begin with `#` are passed over.
fn read(path: &Path) -> anyhow::Result<Vec<Checkpoint>> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let lines = (1..).zip(text.lines());
    lines
        .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
        .map(|(number, line)| {
            line.parse()
                .with_context(|| format!("{} line {number}", path.display()))
        })
        .collect()
}

/// A pack against its manifest, its checkpoint against its signature and those that were kept, its result against its
/// responses: the first divergence, if there is one. Prints what the pack is.
fn of_pack(path: &Path, kept: &[Checkpoint]) -> anyhow::Result<Option<String>> {
    let seen = match pack::verify(path) {
        Ok(seen) => seen,
        Err(VerifyError::Unreadable(fault)) => return Err(fault.into()),
        Err(VerifyError::Differs(fault)) => return Ok(Some(fault.to_string())),
    };
    let result_id = seen.result_id.as_deref().unwrap_or("-");
    println!("{} files, result {result_id}", seen.files);
    let line = seen.checkpoint.as_deref().map(str::parse);
    let checkpoint: Option<Checkpoint> = match line.transpose() {
        Ok(checkpoint) => checkpoint,
        Err(fault) => return Ok(Some(format!("checkpoint.txt: {fault}"))),
    };
    if let Some(checkpoint) = &checkpoint {
        println!("checkpoint {} signed by {}", checkpoint.code(), checkpoint.key());
    }
    let foreign = kept.iter().find(|kept| {
        checkpoint.as_ref().is_none_or(|found| {
            found.key() != kept.key() || (found.head().seq == kept.head().seq && found.head().hash != kept.head().hash)
        })
    });
    if let Some(kept) = foreign {
        return Ok(Some(format!("the pack does not go with the checkpoint {kept}")));
    }
    let Some(stated) = &seen.results else { return Ok(None) };
    let found = estimate::only_result(path)?;
    let divergence = difference("", stated, &found);
    if divergence.is_none() {
        println!("every figure of results.json recomputed from responses.csv: the same");
    }
    Ok(divergence)
}

/// Fields that are not about figures: whose evaluation it was, which program wrote them, and the hash over them all.
const BESIDE: [&str; 3] = [".evaluation", ".program_version", ".result_id"];

/// The first place where a stated result is not the one that its responses give, in alphabetical order.
fn difference(place: &str, stated: &Value, found: &Value) -> Option<String> {
    if BESIDE.contains(&place) {
        return None;
    }
    match (stated, found) {
        (Value::Object(stated), Value::Object(found)) => {
            let keys: BTreeSet<&String> = stated.keys().chain(found.keys()).collect();
            keys.into_iter().find_map(|key| {
                let of = |fields: &serde_json::Map<String, Value>| fields.get(key).cloned().unwrap_or_default();
                difference(&format!("{place}.{key}"), &of(stated), &of(found))
            })
        }
        (Value::Array(stated), Value::Array(found)) if stated.len() == found.len() => {
            let mut both = stated.iter().zip(found).enumerate();
            both.find_map(|(at, (stated, found))| difference(&format!("{place}[{at}]"), stated, found))
        }
        _ => (stated != found).then(|| {
            let place = place.trim_start_matches('.');
            format!("results.json states {place} = {stated}; the responses of the pack give {found}")
        }),
    }
}
