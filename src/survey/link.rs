//! Ways in for customers. What stands on paper or in a mail is a token; the database keeps only its hash.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::id::LinkId;
use super::printed_code::PrintedCode;
use crate::statistics::class::EvidenceClass;

/// What a link is; decides the evidence class of every answer that comes through it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkKind {
    /// QR code at an outlet: anybody, any number of times.
    Outlet,
    /// Mailed link: one answer.
    Personal,
    /// Printed single-use code: one answer.
    Printed,
}

impl LinkKind {
    /// Every kind.
    pub const ALL: [LinkKind; 3] = [LinkKind::Outlet, LinkKind::Personal, LinkKind::Printed];

    /// Name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            LinkKind::Outlet => "outlet",
            LinkKind::Personal => "personal",
            LinkKind::Printed => "printed",
        }
    }

    /// The kind of a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The evidence class of answers that come this way.
    pub fn evidence_class(self) -> EvidenceClass {
        match self {
            LinkKind::Outlet => EvidenceClass::Open,
            LinkKind::Personal | LinkKind::Printed => EvidenceClass::Invited,
        }
    }

    /// Whether one answer spends the link.
    pub fn single_use(self) -> bool {
        self != LinkKind::Outlet
    }
}

/// The secret part of a link's URL, derived from the server's key so that it can be printed again without being stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkSecret {
    /// What is scanned or mailed.
    Token(LinkToken),
    /// What may have to be typed.
    Code(PrintedCode),
}

impl LinkSecret {
    /// The secret of a link; a new generation makes a new one.
    pub fn derive(key: &[u8], kind: LinkKind, link: LinkId, generation: i32) -> Self {
        match kind {
            LinkKind::Outlet | LinkKind::Personal => Self::Token(LinkToken::derive(key, link, generation)),
            LinkKind::Printed => {
                let mac = keyed(
                    key,
                    &[b"perception-printed-v1", &link.bytes(), &generation.to_be_bytes()],
                );
                let bytes = mac.first_chunk::<8>().copied().unwrap_or_default();
                Self::Code(PrintedCode::of_bytes(bytes))
            }
        }
    }

    /// Reads the last part of `/s/…`.
    pub fn parse(text: &str) -> Option<Self> {
        let code = || PrintedCode::parse(text).ok().map(Self::Code);
        LinkToken::parse(text).map(Self::Token).or_else(code)
    }

    /// As it stands in URLs.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Token(token) => token.as_str(),
            Self::Code(code) => code.as_str(),
        }
    }

    /// What the database keeps, hexadecimal: SHA-256 of a token; of a code, whose 60 bits could be tried one after
    /// another by whoever holds the database, HMAC-SHA256 under the server's key (docs/decisions/0007).
    pub fn hash(&self, key: &[u8]) -> String {
        match self {
            Self::Token(token) => token.hash(),
            Self::Code(code) => {
                data_encoding::HEXLOWER.encode(&keyed(key, &[b"perception-printed-hash-v1", code.as_str().as_bytes()]))
            }
        }
    }
}

/// A secret of 160 bits as 32 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkToken(String);

impl LinkToken {
    /// The token of a link; a new generation makes a new token and ends the old one.
    pub fn derive(key: &[u8], link: LinkId, generation: i32) -> Self {
        let mac = keyed(key, &[b"perception-link-v1", &link.bytes(), &generation.to_be_bytes()]);
        Self(data_encoding::BASE32_NOPAD.encode(mac.get(..20).unwrap_or(&mac)))
    }

    /// Reads a token from a URL; letter case does not matter because people type it.
    pub fn parse(text: &str) -> Option<Self> {
        let upper = text.to_ascii_uppercase();
        let shape = upper.len() == 32 && data_encoding::BASE32_NOPAD.decode(upper.as_bytes()).is_ok();
        shape.then_some(Self(upper))
    }

    /// As it stands in URLs.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the database keeps: SHA-256, hexadecimal.
    pub fn hash(&self) -> String {
        data_encoding::HEXLOWER.encode(&Sha256::digest(self.0.as_bytes()))
    }
}

/// HMAC-SHA256 over length-prefixed parts, so that no two lists of parts collide.
pub(super) fn keyed(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes keys of any length; the block is only for the type system.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return [0; 32];
    };
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_stable_secret_and_readable() {
        let link = LinkId::from_random([7; 16]);
        let token = LinkToken::derive(b"key", link, 1);
        assert_eq!(LinkToken::parse(&token.as_str().to_lowercase()), Some(token.clone()));
        assert_ne!(token, LinkToken::derive(b"key", link, 2));
        assert_ne!(token, LinkToken::derive(b"other", link, 1));
        assert_eq!(LinkToken::parse("short"), None);
        assert_eq!(LinkToken::parse(&"1".repeat(32)), None);
    }

    #[test]
    fn a_printed_code_is_short_stable_and_kept_under_the_key() {
        let link = LinkId::from_random([7; 16]);
        let secret = LinkSecret::derive(b"key", LinkKind::Printed, link, 1);
        assert_eq!(secret.as_str().len(), crate::survey::printed_code::CHARACTERS);
        assert_eq!(LinkSecret::parse(&secret.as_str().to_lowercase()), Some(secret.clone()));
        for (key, generation) in [(b"key", 2), (b"kez", 1)] {
            assert_ne!(secret, LinkSecret::derive(key, LinkKind::Printed, link, generation));
        }
        assert_ne!(secret.hash(b"key"), secret.hash(b"kez"));
        let token = LinkSecret::derive(b"key", LinkKind::Personal, link, 1);
        assert_eq!(LinkSecret::parse(token.as_str()), Some(token));
    }
}
