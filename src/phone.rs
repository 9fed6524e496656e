//! A telephone number on its way from a customer to whoever verifies the interview. The device seals it to the server's
//! public key and keeps nothing else; the server opens it, checks it, and seals it again under its own key.
//!
//! On the device (static/interview.js): ECDH P-256 with a key of that moment, HKDF-SHA256, AES-256-GCM.

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::XChaCha20Poly1305;
use data_encoding::BASE64URL_NOPAD;
use hkdf::Hkdf;
use p256::{PublicKey, SecretKey as Private};
use sha2::Sha256;

use crate::secret::SecretKey;
use crate::survey::id::{EvaluationId, InterviewId};

const INFO: &[u8] = b"perception-phone-v1";
/// An uncompressed point.
const POINT_BYTES: usize = 65;
const NONCE_BYTES: usize = 12;
const SEALED_NONCE_BYTES: usize = 24;
const ENVELOPE_BYTES_MAX: usize = 256;

/// The key to which devices seal; it follows from the server's key, so that it needs no place of its own.
pub struct PhoneKey(Private);

impl PhoneKey {
    /// The key of this server; `None` only if no derived number were a key, which no server will ever see.
    pub fn of(key: &SecretKey) -> Option<Self> {
        let tries = 0u8..=u8::MAX;
        tries
            .map(|n| key.mac(&[b"perception-phone-key-v1", &[n]]))
            .find_map(|bytes| Private::from_slice(&bytes).ok())
            .map(Self)
    }

    /// The public half as an uncompressed point, base64url: what pages carry.
    pub fn public(&self) -> String {
        BASE64URL_NOPAD.encode(&self.0.public_key().to_sec1_bytes())
    }

    /// Opens what a device sealed for this interview's client id (as hexadecimal text); `None` for anything else.
    fn open(&self, client_id: &str, envelope: &str) -> Option<String> {
        if envelope.len() > ENVELOPE_BYTES_MAX {
            return None;
        }
        let bytes = BASE64URL_NOPAD.decode(envelope.as_bytes()).ok()?;
        let (point, rest) = bytes.split_at_checked(POINT_BYTES)?;
        let (nonce, sealed) = rest.split_at_checked(NONCE_BYTES)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().ok()?;
        let theirs = PublicKey::from_sec1_bytes(point).ok()?;
        let shared = self.0.diffie_hellman(&theirs);
        let mut key = [0u8; 32];
        let salt = [point, &self.0.public_key().to_sec1_bytes()].concat();
        Hkdf::<Sha256>::new(Some(&salt), shared.raw_secret_bytes())
            .expand(INFO, &mut key)
            .ok()?;
        let cipher = Aes256Gcm::new_from_slice(&key).ok()?;
        let payload = Payload {
            msg: sealed,
            aad: client_id.as_bytes(),
        };
        String::from_utf8(cipher.decrypt(&nonce.into(), payload).ok()?).ok()
    }

    /// From a device's envelope to a number sealed for the database; `None` where it holds no telephone number.
    pub fn take(
        &self,
        server: &SecretKey,
        client_id: &str,
        envelope: &str,
        place: (EvaluationId, InterviewId),
    ) -> Option<String> {
        let number = tidy(&self.open(client_id, envelope)?)?;
        let nonce: [u8; SEALED_NONCE_BYTES] = rand::random();
        let aad = bound_to(place);
        let payload = Payload {
            msg: number.as_bytes(),
            aad: &aad,
        };
        let sealed = cipher(server)?.encrypt(&nonce.into(), payload).ok()?;
        Some(format!(
            "v1.{}",
            BASE64URL_NOPAD.encode(&[&nonce[..], &sealed].concat())
        ))
    }
}

/// The number of a row of the database; `None` where the row was moved or belongs to another key.
pub fn reveal(server: &SecretKey, place: (EvaluationId, InterviewId), sealed: &str) -> Option<String> {
    let bytes = BASE64URL_NOPAD.decode(sealed.strip_prefix("v1.")?.as_bytes()).ok()?;
    let (nonce, sealed) = bytes.split_at_checked(SEALED_NONCE_BYTES)?;
    let nonce: [u8; SEALED_NONCE_BYTES] = nonce.try_into().ok()?;
    let aad = bound_to(place);
    let payload = Payload { msg: sealed, aad: &aad };
    String::from_utf8(cipher(server)?.decrypt(&nonce.into(), payload).ok()?).ok()
}

fn cipher(server: &SecretKey) -> Option<XChaCha20Poly1305> {
    XChaCha20Poly1305::new_from_slice(&server.mac(&[b"perception-phone-seal-v1"])).ok()
}

fn bound_to((evaluation, interview): (EvaluationId, InterviewId)) -> Vec<u8> {
    format!("contact_phone\0sealed\0{evaluation}\0{interview}").into_bytes()
}

/// A telephone number without blanks and strokes: 5 to 20 digits, perhaps after a plus.
fn tidy(typed: &str) -> Option<String> {
    let number: String = typed.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')')).collect();
    let digits = number.strip_prefix('+').unwrap_or(&number);
    ((5..=20).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a device does.
    fn sealed_on_a_device(public: &str, client_id: &str, number: &str) -> String {
        let server = PublicKey::from_sec1_bytes(&BASE64URL_NOPAD.decode(public.as_bytes()).unwrap()).unwrap();
        let own = Private::from_slice(&[7; 32]).unwrap();
        let point = own.public_key().to_sec1_bytes();
        let mut key = [0; 32];
        let salt = [&point[..], &server.to_sec1_bytes()].concat();
        let shared = own.diffie_hellman(&server);
        Hkdf::<Sha256>::new(Some(&salt), shared.raw_secret_bytes())
            .expand(INFO, &mut key)
            .unwrap();
        let payload = Payload {
            msg: number.as_bytes(),
            aad: client_id.as_bytes(),
        };
        let cipher = Aes256Gcm::new_from_slice(&key).unwrap();
        let sealed = cipher.encrypt(&[9u8; NONCE_BYTES].into(), payload).unwrap();
        BASE64URL_NOPAD.encode(&[&point[..], &[9; NONCE_BYTES], &sealed].concat())
    }

    #[test]
    fn a_number_opens_here_alone_for_its_interview_alone() {
        let server = SecretKey::random();
        let key = PhoneKey::of(&server).unwrap();
        assert_eq!(key.public(), PhoneKey::of(&server).unwrap().public());
        let place = (EvaluationId::from_random([1; 16]), InterviewId::from_random([2; 16]));
        let envelope = sealed_on_a_device(&key.public(), "aa", "+86 138-0013-8000");
        let row = key.take(&server, "aa", &envelope, place).unwrap();
        assert!(!row.contains("138") && !envelope.contains("138"));
        assert_eq!(reveal(&server, place, &row).as_deref(), Some("+8613800138000"));
        assert_eq!(
            key.take(&server, "ab", &envelope, place),
            None,
            "moved to another interview"
        );
        assert_eq!(
            reveal(&server, (place.0, InterviewId::from_random([3; 16])), &row),
            None
        );
        let other = SecretKey::random();
        assert_eq!(PhoneKey::of(&other).unwrap().take(&other, "aa", &envelope, place), None);
        for broken in ["", "AAAA", &envelope[..envelope.len() - 2], &"A".repeat(400)] {
            assert_eq!(key.take(&server, "aa", broken, place), None);
        }
    }

    #[test]
    fn only_telephone_numbers_are_kept() {
        assert_eq!(tidy("(021) 6123 4567").as_deref(), Some("02161234567"));
        for other in ["", "1234", "张三 13800138000", "+", "123456789012345678901", "12345\n"] {
            assert_eq!(tidy(other), None, "{other}");
        }
    }
}
