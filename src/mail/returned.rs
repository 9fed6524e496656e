//! Delivery reports put into a folder as files: read, applied, and moved into `done` or, where they say nothing about a
//! message of ours, into `unread`.

use std::path::{Path, PathBuf};

use super::Mailer;
use crate::store::{StoreError, bounce};
use crate::survey::bounce::{REPORT_BYTES_MAX, read};

/// Files read at once.
const FILES_AT_ONCE: usize = 50;

impl Mailer {
    pub(super) async fn read_reports(&self, folder: PathBuf, now_ms: i64) -> Result<(), StoreError> {
        let files = match list(&folder).await {
            Ok(files) => files,
            Err(error) => {
                tracing::warn!(%error, "the folder of delivery reports cannot be read");
                return Ok(());
            }
        };
        for path in files {
            let reports = match text(&path).await {
                Ok(text) => read(&text),
                Err(error) => {
                    tracing::warn!(%error, "a delivery report cannot be read");
                    continue;
                }
            };
            let index = |address: &str| crate::personal::index(&self.key, address);
            let reports: Vec<_> = reports
                .into_iter()
                .map(|report| (report.recipient.as_deref().map(index), report))
                .collect();
            let known = self.store.write(move |tx| bounce::apply(tx, &reports, now_ms)).await?;
            let to = folder.join(if known > 0 { "done" } else { "unread" });
            if let Err(error) = put_away(&path, &to).await {
                tracing::warn!(%error, "a delivery report cannot be put away");
            }
        }
        Ok(())
    }
}

async fn list(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let (mut found, mut entries) = (Vec::new(), tokio::fs::read_dir(folder).await?);
    while let Some(entry) = entries.next_entry().await? {
        // Symbolic links are left alone, and so is what is still being written under a name with a dot before it.
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if entry.file_type().await?.is_file() && !hidden {
            found.push(entry.path());
        }
        if found.len() >= FILES_AT_ONCE {
            break;
        }
    }
    found.sort();
    Ok(found)
}

async fn text(path: &Path) -> std::io::Result<String> {
    use tokio::io::AsyncReadExt;
    let mut bytes = Vec::new();
    let limit = u64::try_from(REPORT_BYTES_MAX).unwrap_or(u64::MAX);
    let file = tokio::fs::File::open(path).await?;
    file.take(limit).read_to_end(&mut bytes).await?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

async fn put_away(path: &Path, folder: &Path) -> std::io::Result<()> {
    tokio::fs::create_dir_all(folder).await?;
    match path.file_name() {
        Some(name) => tokio::fs::rename(path, folder.join(name)).await,
        None => Ok(()),
    }
}
