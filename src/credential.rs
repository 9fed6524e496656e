//! What proves who somebody is: hashed passwords, time codes, recovery codes, one-time links. Passwords are hashed two
//! at a time, because each takes 19 MiB and a core.
//!
//! Source: design/security.md §3; RFC 9106 (Argon2id), RFC 6238 (time codes).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use totp_rs::Totp;

use crate::access::password::Password;
use crate::secret::SecretKey;
use crate::survey::id::PersonId;

/// 19 MiB, twice, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const OUTPUT_BYTES: usize = 32;
const RUNNING_MAX: usize = 2;
const WAITING_MAX: usize = 50;
/// Verified in place of a password that does not exist: as much work, and never right.
const DUMMY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const STEP_S: i64 = 30;
const NONCE_BYTES: usize = 24;
/// Recovery codes handed out at once.
pub const RECOVERY_CODES: usize = 10;

/// Why a password was not hashed.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// Too many wait already.
    #[error("too many passwords are being checked")]
    Busy,
    /// The library refused.
    #[error("password hash: {0}")]
    Failed(String),
}

/// Hashes passwords, two at a time.
#[derive(Debug, Clone)]
pub struct Hashing {
    waiting: Arc<Semaphore>,
    running: Arc<Semaphore>,
    done: Arc<AtomicU64>,
}

impl Default for Hashing {
    fn default() -> Self {
        Self {
            waiting: Arc::new(Semaphore::new(RUNNING_MAX + WAITING_MAX)),
            running: Arc::new(Semaphore::new(RUNNING_MAX)),
            done: Arc::default(),
        }
    }
}

impl Hashing {
    /// The PHC string of a new password.
    ///
    /// # Errors
    /// [`HashError`].
    pub async fn hash(&self, password: Password) -> Result<String, HashError> {
        self.run(move || hash(&password)).await
    }

    /// Whether the password is the stored one; without one as much work is done for nothing.
    ///
    /// # Errors
    /// [`HashError`].
    pub async fn verify(&self, password: Password, stored: Option<String>) -> Result<bool, HashError> {
        self.run(move || verify(&password, stored.as_deref())).await
    }

    /// Hashes computed so far: equal work for known and unknown accounts can be counted.
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let place = Arc::clone(&self.waiting)
            .try_acquire_owned()
            .map_err(|_| HashError::Busy)?;
        let turn = Arc::clone(&self.running)
            .acquire_owned()
            .await
            .map_err(|_| HashError::Busy)?;
        let done = Arc::clone(&self.done);
        // Work goes on when its request is gone; so place and turn go with it.
        let work = tokio::task::spawn_blocking(move || {
            let result = work();
            done.fetch_add(1, Ordering::Relaxed);
            drop((place, turn));
            result
        });
        work.await.map_err(|error| HashError::Failed(error.to_string()))?
    }
}

fn argon2() -> Result<Argon2<'static>, HashError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(OUTPUT_BYTES)).map_err(failed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn failed(error: impl std::fmt::Display) -> HashError {
    HashError::Failed(error.to_string())
}

/// The PHC string of a password, with a new salt of 16 bytes.
///
/// # Errors
/// [`HashError::Failed`].
pub fn hash(password: &Password) -> Result<String, HashError> {
    let salt: [u8; 16] = rand::random();
    let hash = argon2()?
        .hash_password_with_salt(password.bytes(), &salt)
        .map_err(failed)?;
    Ok(hash.to_string())
}

fn verify(password: &Password, stored: Option<&str>) -> Result<bool, HashError> {
    let parsed = PasswordHash::new(stored.unwrap_or(DUMMY)).map_err(failed)?;
    let fits = argon2()?.verify_password(password.bytes(), &parsed).is_ok();
    Ok(fits && stored.is_some())
}

/// Whether a stored password was hashed as passwords are today.
pub fn is_current(stored: &str) -> bool {
    let prefix = format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$");
    stored.starts_with(&prefix)
}

/// A random token for a link or cookie: 256 bits.
pub fn token() -> String {
    BASE64URL_NOPAD.encode(&rand::random::<[u8; 32]>())
}

/// What the database keeps of a token or recovery code: SHA-256 suffices for what nobody can guess.
pub fn token_hash(token: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(token.as_bytes()))
}

/// New recovery codes, 120 bits each.
pub fn recovery_codes() -> Vec<String> {
    let code = |_| BASE32_NOPAD.encode(&rand::random::<[u8; 15]>());
    (0..RECOVERY_CODES).map(code).collect()
}

/// What somebody typed where a code was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypedCode {
    /// Six digits.
    Time(String),
    /// A recovery code, by its hash.
    Recovery(String),
}

impl TypedCode {
    /// Reads what was typed; spaces and hyphens do not count.
    pub fn parse(text: &str) -> Self {
        let typed: String = text
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(64)
            .collect::<String>()
            .to_ascii_uppercase();
        if typed.len() == 6 && typed.chars().all(|c| c.is_ascii_digit()) {
            Self::Time(typed)
        } else {
            Self::Recovery(token_hash(&typed))
        }
    }
}

/// What a person's device and the server share: 160 random bits.
#[derive(Clone, PartialEq, Eq)]
pub struct Seed([u8; 20]);

impl Seed {
    /// A new one.
    pub fn random() -> Self {
        Self(rand::random())
    }

    /// To be typed into a device.
    pub fn base32(&self) -> String {
        BASE32_NOPAD.encode(&self.0)
    }

    fn totp(&self, issuer: &str, login: &str) -> Option<Totp> {
        let totp = totp_rs::Builder::new()
            .with_secret(self.0)
            .with_skew(0)
            .with_account_name(login)
            .with_issuer(Some(issuer.replace(':', " ")));
        totp.build().ok()
    }

    /// The address in the QR code; empty where a name cannot stand in one.
    pub fn url(&self, issuer: &str, login: &str) -> String {
        self.totp(issuer, login)
            .and_then(|totp| totp.to_url().ok())
            .unwrap_or_default()
    }

    /// The step (number of 30 s since 1970) of a code, if it is this moment's or the one before.
    pub fn step(&self, code: &str, now_ms: i64) -> Option<i64> {
        let totp = self.totp("perception", "login")?;
        let now_s = now_ms / 1000;
        let step = |at_s: i64| totp.check(code, u64::try_from(at_s).ok()?);
        let found = step(now_s).or_else(|| step(now_s - STEP_S))?;
        i64::try_from(found).ok()
    }

    /// The seed under the server's key, bound to where it is kept.
    ///
    /// # Errors
    /// [`HashError::Failed`].
    pub fn seal(&self, key: &SecretKey, place: &SealedPlace) -> Result<String, HashError> {
        let nonce: [u8; NONCE_BYTES] = rand::random();
        let sealed = cipher(key)?
            .encrypt(&XNonce::from(nonce), place.payload(&self.0, &place.bytes()))
            .map_err(failed)?;
        Ok(format!(
            "v1.{}",
            BASE64URL_NOPAD.encode(&[&nonce[..], &sealed].concat())
        ))
    }

    /// Opens what [`Self::seal`] made for the same place; `None` for anything else.
    pub fn open(key: &SecretKey, place: &SealedPlace, sealed: &str) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(sealed.strip_prefix("v1.")?.as_bytes()).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_BYTES)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().ok()?;
        let seed = cipher(key)
            .ok()?
            .decrypt(&XNonce::from(nonce), place.payload(sealed, &place.bytes()))
            .ok()?;
        Some(Self(seed.try_into().ok()?))
    }
}

fn cipher(key: &SecretKey) -> Result<XChaCha20Poly1305, HashError> {
    XChaCha20Poly1305::new_from_slice(&key.mac(&[b"perception-seal-v1"])).map_err(failed)
}

/// Where a sealed seed is kept: moved elsewhere it does not open.
#[derive(Debug, Clone)]
pub enum SealedPlace {
    /// In the account.
    Account(PersonId),
    /// In a form of a session (by the hash of its token), until the first code proves that the device has it.
    Form(PersonId, String),
}

impl SealedPlace {
    fn bytes(&self) -> Vec<u8> {
        let text = match self {
            Self::Account(person) => format!("account\0totp_secret\0{person}"),
            Self::Form(person, session) => format!("form\0totp_secret\0{person}\0{session}"),
        };
        text.into_bytes()
    }

    fn payload<'a>(&self, msg: &'a [u8], aad: &'a [u8]) -> Payload<'a, 'a> {
        Payload { msg, aad }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: i64 = 1_780_000_000_000;

    fn code(seed: &Seed, at_ms: i64) -> String {
        let totp = seed.totp("x", "y").unwrap();
        totp.generate(u64::try_from(at_ms / 1000).unwrap()).to_string()
    }

    #[test]
    fn a_password_is_recognised_and_nothing_else() {
        let stored = hash(&Password::typed("correct horse")).unwrap();
        assert!(is_current(&stored) && !is_current(&stored.replace("m=19456", "m=4096")));
        assert!(verify(&Password::typed("correct horse"), Some(&stored)).unwrap());
        assert!(!verify(&Password::typed("correct horse "), Some(&stored)).unwrap());
        assert!(!verify(&Password::typed("correct horse"), None).unwrap());
        assert!(is_current(DUMMY), "the dummy takes as much work");
    }

    #[test]
    fn codes_are_those_of_rfc_6238() {
        let seed = Seed(*b"12345678901234567890");
        assert_eq!(seed.step("287082", 59_000), Some(1));
        assert_eq!(seed.step("081804", 1_111_111_109_000), Some(1_111_111_109 / 30));
    }

    #[test]
    fn only_this_step_and_the_one_before_are_accepted() {
        let seed = Seed::random();
        let step = NOW_MS / 30_000;
        assert_eq!(seed.step(&code(&seed, NOW_MS), NOW_MS), Some(step));
        assert_eq!(seed.step(&code(&seed, NOW_MS - 30_000), NOW_MS), Some(step - 1));
        assert_eq!(seed.step(&code(&seed, NOW_MS - 60_000), NOW_MS), None);
        assert_eq!(seed.step(&code(&seed, NOW_MS + 30_000), NOW_MS), None);
    }

    #[test]
    fn a_sealed_seed_opens_only_where_it_belongs() {
        let (seed, key) = (Seed::random(), SecretKey::random());
        let (one, other) = (PersonId::from_random([1; 16]), PersonId::from_random([2; 16]));
        let sealed = seed.seal(&key, &SealedPlace::Account(one)).unwrap();
        assert!(Seed::open(&key, &SealedPlace::Account(one), &sealed) == Some(seed));
        assert!(Seed::open(&key, &SealedPlace::Account(other), &sealed).is_none());
        assert!(Seed::open(&key, &SealedPlace::Form(one, "a".into()), &sealed).is_none());
        assert!(Seed::open(&SecretKey::random(), &SealedPlace::Account(one), &sealed).is_none());
        for broken in ["", "v1.", "v1.AAAA", &sealed[..sealed.len() - 2]] {
            assert!(Seed::open(&key, &SealedPlace::Account(one), broken).is_none());
        }
    }

    #[test]
    fn recovery_codes_are_long_different_and_read_as_people_type_them() {
        let codes = recovery_codes();
        let different: std::collections::BTreeSet<&String> = codes.iter().collect();
        assert!(different.len() == RECOVERY_CODES && codes.iter().all(|code| code.len() == 24));
        let typed = format!(" {}-{} ", codes[0][..8].to_lowercase(), &codes[0][8..]);
        assert_eq!(TypedCode::parse(&typed), TypedCode::Recovery(token_hash(&codes[0])));
        assert_eq!(TypedCode::parse("123 456"), TypedCode::Time("123456".into()));
    }

    #[tokio::test]
    async fn more_than_fifty_do_not_wait() {
        let hashing = Hashing::default();
        let all = (0..60).map(|_| hashing.verify(Password::typed("x"), None));
        let answers = futures_util::future::join_all(all).await;
        let busy = answers.iter().filter(|a| matches!(a, Err(HashError::Busy))).count();
        assert_eq!((busy, hashing.done()), (8, 52));
    }
}
