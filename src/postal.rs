//! Mail addresses that stand in no customer list (of organisations, of who asks for a test): sealed under the server's
//! key, bound to the row they stand in.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use data_encoding::BASE64URL_NOPAD;

use crate::secret::SecretKey;

const NONCE_BYTES: usize = 24;

fn cipher(key: &SecretKey) -> Option<XChaCha20Poly1305> {
    XChaCha20Poly1305::new_from_slice(&key.mac(&[b"perception-postal-v1"])).ok()
}

/// An address sealed for a place (`table‖column‖row`); `None` only if the cipher refuses.
pub fn seal(key: &SecretKey, place: &str, address: &str) -> Option<String> {
    let nonce: [u8; NONCE_BYTES] = rand::random();
    let payload = Payload {
        msg: address.as_bytes(),
        aad: place.as_bytes(),
    };
    let sealed = cipher(key)?.encrypt(&XNonce::from(nonce), payload).ok()?;
    Some(format!(
        "v1.{}",
        BASE64URL_NOPAD.encode(&[&nonce[..], &sealed].concat())
    ))
}

/// Opens what [`seal`] made for the same place; `None` for anything else.
pub fn open(key: &SecretKey, place: &str, sealed: &str) -> Option<String> {
    let bytes = BASE64URL_NOPAD.decode(sealed.strip_prefix("v1.")?.as_bytes()).ok()?;
    let (nonce, msg) = bytes.split_first_chunk::<NONCE_BYTES>()?;
    let aad = place.as_bytes();
    let opened = cipher(key)?.decrypt(&XNonce::from(*nonce), Payload { msg, aad }).ok()?;
    String::from_utf8(opened).ok()
}

/// The place of a message's address.
pub fn of_message(id: &str) -> String {
    format!("outbox_message\0sealed_address\0{id}")
}

/// The place of an organisation's address.
pub fn of_organisation(id: &str) -> String {
    format!("organisation_contact\0sealed_email\0{id}")
}

/// By what an address is known without being read: HMAC-SHA256 under the server's key of the address in lower case,
/// hexadecimal.
pub fn index(key: &SecretKey, address: &str) -> String {
    let plain = address.trim().to_lowercase();
    data_encoding::HEXLOWER.encode(&key.mac(&[b"perception-postal-index-v1", plain.as_bytes()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_opens_only_where_it_belongs() {
        let key = SecretKey::random();
        let sealed = seal(&key, &of_message("1"), "a@example.cn").unwrap();
        assert!(!sealed.contains("example"));
        assert_eq!(open(&key, &of_message("1"), &sealed).as_deref(), Some("a@example.cn"));
        assert_eq!(open(&key, &of_message("2"), &sealed), None);
        assert_eq!(open(&SecretKey::random(), &of_message("1"), &sealed), None);
        assert_eq!(open(&key, &of_message("1"), "v1.AAAA"), None);
    }
}
