//! Where the files of a pack are: a folder or a .zip. Files are read as streams; a zip is never unpacked.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use zip::ZipArchive;

use super::error::PackError;

/// Largest file that is read as a whole (everything but responses and cases).
const SMALL_FILE_BYTES_MAX: u64 = 64 << 20;

/// A folder or a zip.
#[derive(Debug)]
pub(super) enum Source {
    Folder(PathBuf),
    /// The archive, and the folder inside it that holds the pack (empty, or ending in `/`).
    Zip(PathBuf, String),
}

impl Source {
    pub fn open(path: &Path) -> Result<Self, PackError> {
        if path.is_dir() {
            return Ok(Self::Folder(path.to_owned()));
        }
        let archive = archive(path)?;
        let names = archive.file_names().filter_map(Result::ok).map(String::from);
        let ends = |name: &String| name == "items.csv" || name.ends_with("/items.csv");
        let shortest = names.filter(ends).min_by_key(String::len);
        let inside = shortest.ok_or_else(|| PackError::of(show(path), "no items.csv in this archive"))?;
        Ok(Self::Zip(
            path.to_owned(),
            inside.trim_end_matches("items.csv").to_owned(),
        ))
    }

    /// Hands the file's stream and its size in bytes to `work`; `None` when the pack has no such file.
    pub fn stream<T>(
        &self,
        name: &str,
        work: impl FnOnce(&mut (dyn Read + Send), u64) -> Result<T, PackError>,
    ) -> Result<Option<T>, PackError> {
        let unreadable = |e: &dyn std::fmt::Display| PackError::of(name, e.to_string());
        match self {
            Self::Folder(folder) => {
                let mut file = match File::open(folder.join(name)) {
                    Ok(file) => file,
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
                    Err(error) => return Err(unreadable(&error)),
                };
                let bytes = file.metadata().map_err(|e| unreadable(&e))?.len();
                work(&mut file, bytes).map(Some)
            }
            Self::Zip(path, inside) => {
                let mut archive = archive(path)?;
                let mut file = match archive.by_name(&format!("{inside}{name}")) {
                    Ok(file) => file,
                    Err(zip::result::ZipError::FileNotFound) => return Ok(None),
                    Err(error) => return Err(unreadable(&error)),
                };
                let bytes = file.size();
                work(&mut file, bytes).map(Some)
            }
        }
    }

    /// A small file as a whole.
    pub fn read(&self, name: &str) -> Result<Option<Vec<u8>>, PackError> {
        self.stream(name, |stream, _| read_small(stream, name))
    }

    /// SHA-256 of a file, hexadecimal.
    pub fn sha256(&self, name: &str) -> Result<Option<String>, PackError> {
        self.stream(name, |stream, _| {
            let (mut hash, mut buffer) = (Sha256::new(), vec![0; 1 << 16]);
            loop {
                let read = stream
                    .read(&mut buffer)
                    .map_err(|e| PackError::of(name, e.to_string()))?;
                match buffer.get(..read) {
                    Some(part) if read > 0 => hash.update(part),
                    _ => return Ok(data_encoding::HEXLOWER.encode(&hash.finalize())),
                }
            }
        })
    }
}

pub(super) fn read_small(stream: &mut dyn Read, name: &str) -> Result<Vec<u8>, PackError> {
    let mut bytes = Vec::new();
    let mut limited = stream.take(SMALL_FILE_BYTES_MAX + 1);
    limited
        .read_to_end(&mut bytes)
        .map_err(|e| PackError::of(name, e.to_string()))?;
    if bytes.len() as u64 > SMALL_FILE_BYTES_MAX {
        return Err(PackError::of(
            name,
            format!("larger than {} MiB", SMALL_FILE_BYTES_MAX >> 20),
        ));
    }
    Ok(bytes)
}

fn show(path: &Path) -> String {
    path.display().to_string()
}

fn archive(path: &Path) -> Result<ZipArchive<BufReader<File>>, PackError> {
    let file = File::open(path).map_err(|e| PackError::of(show(path), e.to_string()))?;
    ZipArchive::new(BufReader::new(file))
        .map_err(|e| PackError::of(show(path), format!("neither a folder nor a readable zip archive: {e}")))
}
