//! Serving until stopped, and the ready file that tells others when: written whole or not at all.

use std::path::Path;

use anyhow::Context;

use super::Verdict;
use crate::app::App;

/// Serves; writes the ready file once connections are accepted, and stops if it cannot be written.
pub(super) fn serve(app: App, ready_file: Option<&Path>, about: &serde_json::Value) -> anyhow::Result<Verdict> {
    let mut written = Ok(());
    app.run(|running| {
        written = ready_file.map_or(Ok(()), |path| write(path, about));
        if written.is_err() {
            running.stop();
        }
    })?;
    written.map(|()| Verdict::Fine)
}

/// Writes a JSON file under a temporary name and renames it, so that whoever waits for it never reads half of it.
fn write(path: &Path, content: &serde_json::Value) -> anyhow::Result<()> {
    let mut partial = path.to_owned().into_os_string();
    partial.push(".partial");
    let place = || format!("ready file {}", path.display());
    std::fs::write(&partial, format!("{content:#}\n")).with_context(place)?;
    std::fs::rename(&partial, path).with_context(place)
}
