//! Personal data at rest. Names and addresses of a list are sealed under a key of that list, which is itself sealed under
//! the server's key: with its row goes every way to read them. Addresses in no list are sealed under a key that follows
//! from the server's. Every text is bound to the table, column and row it stands in. By an index one finds an address
//! without reading any.
//!
//! Source: design/security.md §3 (PII).

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};

use crate::secret::SecretKey;

const NONCE_BYTES: usize = 24;
const KEY_BYTES: usize = 32;
/// Id of the key for what stands in no list.
const SERVER: &str = "server";

/// A key for personal data.
#[derive(Clone)]
pub struct DataKey {
    id: String,
    bytes: [u8; KEY_BYTES],
}

impl std::fmt::Debug for DataKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DataKey({}, hidden)", self.id)
    }
}

/// Where a sealed text stands; moved elsewhere it does not open.
pub fn place(table: &str, column: &str, row: &str) -> String {
    format!("{table}\0{column}\0{row}")
}

/// The place of a message's address.
pub fn of_message(id: &str) -> String {
    place("outbox_message", "sealed_address", id)
}

/// The place of an organisation's address.
pub fn of_organisation(id: &str) -> String {
    place("organisation_contact", "sealed_email", id)
}

/// By what an address is known without being read: HMAC-SHA256 under the server's key of the address in lower case,
/// hexadecimal. The same in every list, so that who left is known in the next one, too.
pub fn index(key: &SecretKey, address: &str) -> String {
    let plain = address.trim().to_lowercase();
    HEXLOWER.encode(&key.mac(&[b"perception-address-index-v1", plain.as_bytes()]))
}

/// A mail address, read by the library that will send to it.
pub fn parse_address(text: &str) -> Option<String> {
    text.parse::<lettre::Address>().ok().map(|address| address.to_string())
}

impl DataKey {
    /// The key for what stands in no list.
    pub fn of_server(key: &SecretKey) -> Self {
        Self {
            id: SERVER.to_owned(),
            bytes: key.mac(&[b"perception-personal-v1"]),
        }
    }

    /// A new key for a list.
    pub fn random() -> Self {
        Self {
            id: HEXLOWER.encode(&rand::random::<[u8; 8]>()),
            bytes: rand::random(),
        }
    }

    /// Its name, which stands before everything sealed under it.
    pub fn id(&self) -> &str {
        &self.id
    }

    fn place_of(list: &str) -> String {
        place("list_key", "sealed_key", list)
    }

    /// The key sealed under the server's, for the row of its list; `None` only if the cipher refuses.
    pub fn wrap(&self, server: &SecretKey, list: &str) -> Option<String> {
        Self::of_server(server).seal_bytes(&Self::place_of(list), &self.bytes)
    }

    /// Opens what [`Self::wrap`] made for the same list.
    pub fn unwrap(server: &SecretKey, list: &str, id: &str, wrapped: &str) -> Option<Self> {
        let bytes = Self::of_server(server).open_bytes(&Self::place_of(list), wrapped)?;
        Some(Self {
            id: id.to_owned(),
            bytes: bytes.try_into().ok()?,
        })
    }

    /// Seals a text for its place; `None` only if the cipher refuses.
    pub fn seal(&self, place: &str, text: &str) -> Option<String> {
        self.seal_bytes(place, text.as_bytes())
    }

    /// Opens what [`Self::seal`] made under this key for the same place; `None` for anything else.
    pub fn open(&self, place: &str, sealed: &str) -> Option<String> {
        String::from_utf8(self.open_bytes(place, sealed)?).ok()
    }

    fn cipher(&self) -> Option<XChaCha20Poly1305> {
        XChaCha20Poly1305::new_from_slice(&self.bytes).ok()
    }

    /// As [`Self::seal`], for anything.
    pub fn seal_bytes(&self, place: &str, msg: &[u8]) -> Option<String> {
        let nonce: [u8; NONCE_BYTES] = rand::random();
        let aad = place.as_bytes();
        let sealed = self
            .cipher()?
            .encrypt(&XNonce::from(nonce), Payload { msg, aad })
            .ok()?;
        let text = BASE64URL_NOPAD.encode(&[&nonce[..], &sealed].concat());
        Some(format!("{}.{text}", self.id))
    }

    /// As [`Self::open`], for what [`Self::seal_bytes`] made.
    pub fn open_bytes(&self, place: &str, sealed: &str) -> Option<Vec<u8>> {
        let (id, text) = sealed.split_once('.')?;
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok().filter(|_| id == self.id)?;
        let (nonce, msg) = bytes.split_first_chunk::<NONCE_BYTES>()?;
        let aad = place.as_bytes();
        self.cipher()?.decrypt(&XNonce::from(*nonce), Payload { msg, aad }).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_text_opens_only_where_it_belongs() {
        let (server, key) = (SecretKey::random(), DataKey::random());
        let sealed = key.seal(&of_message("1"), "a@example.cn").unwrap();
        assert!(!sealed.contains("example") && sealed.starts_with(key.id()));
        assert_eq!(key.open(&of_message("1"), &sealed).as_deref(), Some("a@example.cn"));
        assert_eq!(key.open(&of_message("2"), &sealed), None);
        assert_eq!(DataKey::random().open(&of_message("1"), &sealed), None);
        assert_eq!(key.open(&of_message("1"), "v1.AAAA"), None);
        let wrapped = key.wrap(&server, "list").unwrap();
        let again = DataKey::unwrap(&server, "list", key.id(), &wrapped).unwrap();
        assert_eq!(again.open(&of_message("1"), &sealed).as_deref(), Some("a@example.cn"));
        assert!(DataKey::unwrap(&server, "other", key.id(), &wrapped).is_none());
        assert!(DataKey::unwrap(&SecretKey::random(), "list", key.id(), &wrapped).is_none());
        assert!(!format!("{key:?}").contains(&format!("{:?}", key.bytes)));
    }

    #[test]
    fn an_index_is_the_same_for_one_address_and_tells_nothing() {
        let key = SecretKey::random();
        assert_eq!(index(&key, " Zhang@Example.cn"), index(&key, "zhang@example.cn"));
        assert_ne!(
            index(&key, "zhang@example.cn"),
            index(&SecretKey::random(), "zhang@example.cn")
        );
        assert_eq!(parse_address("a@b\r\nBcc: c@d"), None);
    }
}
