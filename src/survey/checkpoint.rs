//! Signed checkpoints: where a chain stood at a moment, in one line that can be printed, mailed and kept elsewhere. A tail
//! that was cut off, or a chain that was written anew, is found against a checkpoint that was kept, and only so.
//!
//! Source: security.md T5 and §3; Ed25519 as in RFC 8032.

use std::fmt;
use std::str::FromStr;

use data_encoding::HEXLOWER;
use ed25519_dalek::{Signature, Signer, SigningKey, Verifier, VerifyingKey};
use sha2::{Digest, Sha256};

use super::id::EvaluationId;

const PREFIX: &str = "perception-checkpoint-v1";

/// Which chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Chain {
    /// What happened outside evaluations.
    Office,
    /// What happened in one.
    Evaluation(EvaluationId),
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Office => f.write_str("office"),
            Self::Evaluation(id) => fmt::Display::fmt(id, f),
        }
    }
}

impl FromStr for Chain {
    type Err = CheckpointError;
    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        match text {
            "office" => Ok(Self::Office),
            id => id.parse().map(Self::Evaluation).map_err(|_| CheckpointError::Form),
        }
    }
}

/// Where a chain stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Which chain.
    pub chain: Chain,
    /// Number of its last event.
    pub seq: i64,
    /// That event's hash, hexadecimal.
    pub hash: String,
    /// When, Unix ms.
    pub at_ms: i64,
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX} {} {} {} {}", self.chain, self.seq, self.hash, self.at_ms)
    }
}

/// A head and its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    head: Head,
    key: VerifyingKey,
    signature: Signature,
}

/// A line that is no checkpoint of anybody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Not of this form.
    #[error("not a checkpoint line")]
    Form,
    /// Somebody else's words under this signature.
    #[error("its signature is not over this text")]
    Signature,
}

/// Who signs checkpoints; the key follows from the installation's secret key.
pub struct Seal(SigningKey);

impl Seal {
    /// From 32 secret bytes.
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(secret))
    }

    /// The public key, hexadecimal.
    pub fn public(&self) -> String {
        HEXLOWER.encode(self.0.verifying_key().as_bytes())
    }

    /// Signs a head.
    pub fn sign(&self, head: Head) -> Checkpoint {
        Checkpoint {
            signature: self.0.sign(head.to_string().as_bytes()),
            key: self.0.verifying_key(),
            head,
        }
    }
}

impl Checkpoint {
    /// Where the chain stood.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The public key that signed, hexadecimal.
    pub fn key(&self) -> String {
        HEXLOWER.encode(self.key.as_bytes())
    }

    /// A short code of the whole line, for paper: 80 bits in groups of four.
    pub fn code(&self) -> String {
        let hash = Sha256::digest(self.to_string());
        let code = data_encoding::BASE32_NOPAD.encode(hash.get(..10).unwrap_or_default());
        let letters: Vec<char> = code.chars().collect();
        letters
            .chunks(4)
            .map(|group| group.iter().collect::<String>())
            .collect::<Vec<_>>()
            .join("-")
    }
}

impl fmt::Display for Checkpoint {
    /// One line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signature = HEXLOWER.encode(&self.signature.to_bytes());
        write!(f, "{} {} {signature}", self.head, self.key())
    }
}

impl FromStr for Checkpoint {
    type Err = CheckpointError;

    /// Reads a line and checks its signature against the key in it; whose key that is, is for the reader to compare.
    fn from_str(line: &str) -> Result<Self, CheckpointError> {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let [PREFIX, chain, seq, hash, at_ms, key, signature] = fields[..] else {
            return Err(CheckpointError::Form);
        };
        let bytes = |text: &str| HEXLOWER.decode(text.as_bytes()).map_err(|_| CheckpointError::Form);
        let head = Head {
            chain: chain.parse()?,
            seq: seq.parse().map_err(|_| CheckpointError::Form)?,
            hash: hash.to_owned(),
            at_ms: at_ms.parse().map_err(|_| CheckpointError::Form)?,
        };
        let key: [u8; 32] = bytes(key)?.try_into().map_err(|_| CheckpointError::Form)?;
        let key = VerifyingKey::from_bytes(&key).map_err(|_| CheckpointError::Form)?;
        let signature: [u8; 64] = bytes(signature)?.try_into().map_err(|_| CheckpointError::Form)?;
        let signature = Signature::from_bytes(&signature);
        key.verify(head.to_string().as_bytes(), &signature)
            .map_err(|_| CheckpointError::Signature)?;
        Ok(Self { head, key, signature })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_again_what_was_signed_and_nothing_else() {
        let seal = Seal::new(&[7; 32]);
        let head = Head {
            chain: Chain::Office,
            seq: 12,
            hash: "ab".repeat(32),
            at_ms: 1_700_000_000_000,
        };
        let line = seal.sign(head.clone()).to_string();
        let read: Checkpoint = line.parse().unwrap();
        assert_eq!((read.head(), read.key()), (&head, seal.public()));
        assert_eq!(read.code().len(), 19);
        for (place, letter) in line.char_indices().filter(|(_, letter)| letter.is_ascii_hexdigit()) {
            let mut changed = line.clone();
            changed.replace_range(place..=place, if letter == '1' { "2" } else { "1" });
            assert!(changed.parse::<Checkpoint>().is_err(), "{changed}");
        }
    }
}
