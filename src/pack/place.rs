//! Where the files of a pack go, one after another, each hashed while it passes.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};
use std::path::Path;

use sha2::{Digest, Sha256};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::error::PackError;

/// Bytes that are handed on together.
const BUFFER_BYTES: usize = 64 << 10;
/// Answers are short numbers: better compression takes far longer for little.
const COMPRESSION: i64 = 1;

/// Where files are written, one after another.
pub(super) trait Place: Write {
    fn begin(&mut self, name: &str) -> io::Result<()>;
}

pub(super) struct Folder<'a> {
    path: &'a Path,
    file: Option<File>,
}

impl<'a> Folder<'a> {
    pub(super) fn at(path: &'a Path) -> Self {
        Self { path, file: None }
    }
}

impl Place for Folder<'_> {
    fn begin(&mut self, name: &str) -> io::Result<()> {
        self.file = Some(File::create_new(self.path.join(name))?);
        Ok(())
    }
}

impl Write for Folder<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.as_mut().ok_or(io::ErrorKind::NotFound)?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl<W: Write + Seek> Place for ZipWriter<W> {
    fn begin(&mut self, name: &str) -> io::Result<()> {
        let options = SimpleFileOptions::default().compression_level(Some(COMPRESSION));
        Ok(self.start_file(name, options)?)
    }
}

/// Hashes what passes.
struct Hashed<'a, P> {
    place: &'a mut P,
    hash: Sha256,
}

impl<P: Write> Write for Hashed<'_, P> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.place.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.place.flush()
    }
}

/// Writes one file and notes its SHA-256, hexadecimal.
pub(super) fn write_file(
    place: &mut impl Place,
    hashes: &mut BTreeMap<String, String>,
    name: &str,
    write: impl FnOnce(&mut dyn Write) -> Result<(), PackError>,
) -> Result<(), PackError> {
    let failed = |e: io::Error| PackError::of(name, e.to_string());
    place.begin(name).map_err(failed)?;
    let hash = Sha256::new();
    let mut out = BufWriter::with_capacity(BUFFER_BYTES, Hashed { place, hash });
    write(&mut out)?;
    let hashed = out.into_inner().map_err(|e| failed(e.into_error()))?;
    hashes.insert(name.to_owned(), data_encoding::HEXLOWER.encode(&hashed.hash.finalize()));
    Ok(())
}
