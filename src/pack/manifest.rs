//! manifest.json: the SHA-256 of every file of a pack that the platform wrote.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::error::PackError;
use super::source::Source;

pub(super) const FILE: &str = "manifest.json";
pub(super) const SCHEMA: &str = "perception-pack-1";
/// What every figure depends on: must be in the manifest when the pack has it.
const COVERED: [&str; 7] = [
    "items.csv",
    "outlets.csv",
    "responses.csv",
    "cases.csv",
    "margins.csv",
    "method.json",
    "questionnaire.json",
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

/// Compares every file with the manifest, where the pack has one.
pub(super) fn check(source: &Source) -> Result<(), PackError> {
    let Some(bytes) = source.read(FILE)? else { return Ok(()) };
    let manifest: Manifest = serde_json::from_slice(&bytes).map_err(|e| PackError::of(FILE, e.to_string()))?;
    if manifest.schema != SCHEMA {
        return Err(PackError::of(
            FILE,
            format!("schema {:?}; expected {SCHEMA:?}", manifest.schema),
        ));
    }
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
