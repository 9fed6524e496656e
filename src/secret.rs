//! The server's secret key: signs forms, derives link tokens and receipts. Never in the database, never printed.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::survey::checkpoint::Seal;

const KEY_BYTES: usize = 32;

/// 256 secret bits.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKey([u8; KEY_BYTES]);

/// Why there is no usable key.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Not 64 hexadecimal digits, or a key anybody would guess.
    #[error("the secret key must be 64 random hexadecimal digits")]
    Weak,
    /// The key file can be read by others.
    #[error("{0} can be read by others; make it readable by its owner alone (mode 0600)")]
    Readable(PathBuf),
    /// The key file cannot be used.
    #[error("{0}: {1}")]
    File(PathBuf, std::io::Error),
}

impl SecretKey {
    /// Reads 64 hexadecimal digits.
    ///
    /// # Errors
    /// [`SecretError::Weak`].
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        let bytes = data_encoding::HEXLOWER_PERMISSIVE
            .decode(text.trim().as_bytes())
            .map_err(|_| SecretError::Weak)?;
        let bytes: [u8; KEY_BYTES] = bytes.try_into().map_err(|_| SecretError::Weak)?;
        let kinds = bytes.iter().collect::<std::collections::BTreeSet<_>>().len();
        if kinds < 8 {
            Err(SecretError::Weak)
        } else {
            Ok(Self(bytes))
        }
    }

    /// A new random key.
    pub fn random() -> Self {
        Self(rand::random())
    }

    /// The key in a file, made on first use and readable by its owner alone.
    ///
    /// # Errors
    /// [`SecretError`] when the file cannot be read or written, or others can read it.
    pub fn from_file(path: &Path) -> Result<Self, SecretError> {
        let failed = |e| SecretError::File(path.to_owned(), e);
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
            Ok(mut file) => {
                let key = Self::random();
                writeln!(file, "{}", data_encoding::HEXLOWER.encode(&key.0)).map_err(failed)?;
                file.sync_all().map_err(failed)?;
                Ok(key)
            }
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
                let mut file = File::open(path).map_err(failed)?;
                if file.metadata().map_err(failed)?.permissions().mode() & 0o077 != 0 {
                    return Err(SecretError::Readable(path.to_owned()));
                }
                let mut text = String::new();
                file.read_to_string(&mut text).map_err(failed)?;
                Self::parse(&text)
            }
            Err(e) => Err(failed(e)),
        }
    }

    /// The key's bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// HMAC-SHA256 over length-prefixed parts, so that no two lists of parts collide.
    pub fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        // HMAC takes keys of any length; the block is only for the type system.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else {
            return [0; 32];
        };
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// Who signs this installation's checkpoints.
    pub fn seal(&self) -> Seal {
        Seal::new(&self.mac(&[b"perception-checkpoint-v1"]))
    }

    /// A value by which a database knows its key without holding it.
    pub fn check_value(&self) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else {
            return String::new();
        };
        mac.update(b"perception-key-check-v1");
        data_encoding::HEXLOWER
            .encode(&mac.finalize().into_bytes())
            .chars()
            .take(32)
            .collect()
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_is_made_once_and_kept_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.key");
        let key = SecretKey::from_file(&path).unwrap();
        assert_eq!(SecretKey::from_file(&path).unwrap(), key);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(SecretKey::from_file(&path), Err(SecretError::Readable(_))));
    }

    #[test]
    fn weak_keys_are_refused_and_none_is_ever_printed() {
        for weak in ["", "abc", &"0".repeat(64), &"ab".repeat(32)] {
            assert!(matches!(SecretKey::parse(weak), Err(SecretError::Weak)), "{weak}");
        }
        assert_eq!(format!("{:?}", SecretKey::random()), "SecretKey(hidden)");
    }
}
