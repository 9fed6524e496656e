//! manifest.json: the SHA-256 of every file of a pack that the platform wrote.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::PackError;
use super::source::Source;

pub(super) const FILE: &str = "manifest.json";
const RESULTS: &str = "results.json";
/// The signed line that says where the evaluation's chain stood when the pack was written.
pub(super) const CHECKPOINT: &str = "checkpoint.txt";
pub(super) const SCHEMA: &str = "perception-pack-1";
/// What every figure depends on: must be in the manifest when the pack has it.
const COVERED: [&str; 9] = [
    "items.csv",
    "outlets.csv",
    "responses.csv",
    "cases.csv",
    "margins.csv",
    "method.json",
    "questionnaire.json",
    RESULTS,
    CHECKPOINT,
];

/// The manifest as written.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub schema: String,
    /// Id of the result in results.json, hexadecimal.
    #[serde(default)]
    pub result_id: Option<String>,
    /// File → SHA-256, hexadecimal.
    pub files: BTreeMap<String, String>,
}

/// What a manifest vouches for.
#[derive(Debug, Clone, PartialEq)]
pub struct Vouched {
    /// Files whose hashes are right.
    pub files: usize,
    /// Id of the result, hexadecimal.
    pub result_id: Option<String>,
    /// The result that came with the pack.
    pub results: Option<serde_json::Value>,
    /// The checkpoint line that came with the pack.
    pub checkpoint: Option<String>,
}

/// Compares every file with the manifest, where the pack has one.
pub(super) fn check(source: &Source) -> Result<(), PackError> {
    match read(source)? {
        Some(manifest) => compare(source, &manifest),
        None => Ok(()),
    }
}

/// Why a pack is not vouched for.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// There is nothing to verify it by.
    #[error(transparent)]
    Unreadable(PackError),
    /// It is not what its manifest says.
    #[error(transparent)]
    Differs(PackError),
}

/// A pack against its manifest, which must be there.
///
/// # Errors
/// [`VerifyError`].
pub fn verify(path: &Path) -> Result<Vouched, VerifyError> {
    let source = Source::open(path).map_err(VerifyError::Unreadable)?;
    let missing = || VerifyError::Unreadable(PackError::of(FILE, "missing: this pack vouches for nothing"));
    let manifest = read(&source).map_err(VerifyError::Unreadable)?.ok_or_else(missing)?;
    compare(&source, &manifest).map_err(VerifyError::Differs)?;
    let differs = |what: &str| VerifyError::Differs(PackError::of(RESULTS, what));
    let bytes = source.read(RESULTS).map_err(VerifyError::Unreadable)?;
    let results = bytes.map(|bytes| serde_json::from_slice(&bytes)).transpose();
    let results: Option<serde_json::Value> = results.map_err(|_| differs("is not JSON"))?;
    if let Some(results) = &results
        && results.get("result_id").and_then(serde_json::Value::as_str) != manifest.result_id.as_deref()
    {
        return Err(differs("is not the result that manifest.json names"));
    }
    let line = source.read(CHECKPOINT).map_err(VerifyError::Unreadable)?;
    Ok(Vouched {
        files: manifest.files.len(),
        result_id: manifest.result_id,
        results,
        checkpoint: line.map(|bytes| String::from_utf8_lossy(&bytes).trim().to_owned()),
    })
}

fn read(source: &Source) -> Result<Option<Manifest>, PackError> {
    let Some(bytes) = source.read(FILE)? else {
        return Ok(None);
    };
    let manifest: Manifest = serde_json::from_slice(&bytes).map_err(|e| PackError::of(FILE, e.to_string()))?;
    if manifest.schema != SCHEMA {
        return Err(PackError::of(
            FILE,
            format!("schema {:?}; expected {SCHEMA:?}", manifest.schema),
        ));
    }
    Ok(Some(manifest))
}

fn compare(source: &Source, manifest: &Manifest) -> Result<(), PackError> {
    for (name, expected) in &manifest.files {
        let plain = !name.is_empty() && !name.contains(['/', '\\']) && name != "..";
        let found = if plain { source.sha256(name)? } else { None };
        match found {
            None => return Err(PackError::of(name, "named in manifest.json and missing")),
            Some(found) if found != *expected => {
                return Err(PackError::of(name, "differs from its SHA-256 in manifest.json"));
            }
            Some(_) => {}
        }
    }
    for name in COVERED.iter().filter(|name| !manifest.files.contains_key(**name)) {
        if source.stream(name, |_, _| Ok(()))?.is_some() {
            return Err(PackError::of(*name, "not named in manifest.json"));
        }
    }
    Ok(())
}
