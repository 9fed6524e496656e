//! The ready file: written whole or not at all.

use std::path::Path;

use anyhow::Context;

/// Writes a JSON file under a temporary name and renames it, so that whoever waits for it never reads half of it.
pub(super) fn write(path: &Path, content: &serde_json::Value) -> anyhow::Result<()> {
    let mut partial = path.to_owned().into_os_string();
    partial.push(".partial");
    let place = || format!("ready file {}", path.display());
    std::fs::write(&partial, format!("{content:#}\n")).with_context(place)?;
    std::fs::rename(&partial, path).with_context(place)
}
