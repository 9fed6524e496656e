//! Counters of failed sign-ins, in memory and bounded; `access::throttle` says what they mean.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite};
use ipnet::IpNet;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::client;
use super::session::is_secure;
use super::state::WebState;
use crate::access::throttle::{Counted, Failures};
use crate::survey::id::PersonId;

/// Counters kept at once; beyond, what makes nobody wait is forgotten first.
const COUNTERS_MAX: usize = 50_000;
const DEVICE_COOKIE: &str = "device";
const DEVICE_DAYS: i64 = 365;

/// Who tries.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    /// A login as typed, known or not, by its hash.
    Login([u8; 16]),
    /// A device on which this person signed in before.
    Device(String),
    /// IPv4 /24 or IPv6 /64.
    Network(IpNet),
}

impl Key {
    fn counted(&self) -> Counted {
        match self {
            Key::Login(_) | Key::Device(_) => Counted::Account,
            Key::Network(_) => Counted::Network,
        }
    }
}

/// A try that was let through. It counts as a failure until it is taken back.
#[derive(Debug)]
pub struct Try {
    keys: Vec<Key>,
    /// Failures of the account, this one included, if they are worth an event.
    pub noteworthy: Option<u32>,
    /// Failures of the account before this one.
    pub before: u32,
}

/// Every counter of this process.
#[derive(Debug)]
pub struct Throttle {
    by_network: bool,
    counters: Mutex<HashMap<Key, Failures>>,
}

impl Throttle {
    /// Counters; networks are counted only if `by_network` (not in load tests).
    pub fn new(by_network: bool) -> Self {
        Self {
            by_network,
            counters: Mutex::default(),
        }
    }

    /// Lets a try through, or says how many seconds it has to wait. `known` is who the login belongs to.
    ///
    /// # Errors
    /// Seconds to wait, at least 1.
    pub fn begin(
        &self,
        request: &HttpRequest,
        state: &WebState,
        login: &str,
        known: Option<PersonId>,
    ) -> Result<Try, i64> {
        // On a device that the person has used before, outsiders' failures do not count.
        let keys = match known.and_then(|person| known_device(request, state, person)) {
            Some(device) => vec![Key::Device(device)],
            None => {
                let network = network(client::address(request, &state.trusted_proxies));
                let network = network.filter(|_| self.by_network).map(Key::Network);
                [Key::Login(short_hash(login))].into_iter().chain(network).collect()
            }
        };
        self.count(keys, state.clock.now_ms())
    }

    fn count(&self, keys: Vec<Key>, now_ms: i64) -> Result<Try, i64> {
        let mut counters = self.lock();
        let so_far = |key: &Key| counters.get(key).copied().unwrap_or_default();
        let wait_ms = keys.iter().map(|key| so_far(key).wait_ms(key.counted(), now_ms)).max();
        if let Some(wait_ms) = wait_ms.filter(|wait| *wait > 0) {
            return Err((wait_ms + 999) / 1000);
        }
        make_room(&mut counters, now_ms);
        let mut counted = Failures::default();
        for key in keys.iter().rev() {
            let one_more = counters.get(key).copied().unwrap_or_default();
            counted = one_more.and_one(key.counted(), now_ms);
            counters.insert(key.clone(), counted);
        }
        // The account's key stands first, so its counter is the last one seen.
        Ok(Try {
            keys,
            noteworthy: counted.is_noteworthy().then_some(counted.n()),
            before: counted.n().saturating_sub(1),
        })
    }

    /// The try was right as far as it went: it is no failure, but earlier ones stay.
    pub fn take_back(&self, tried: &Try) {
        let mut counters = self.lock();
        for key in &tried.keys {
            if let Some(failures) = counters.get_mut(key) {
                *failures = failures.but_one();
            }
        }
    }

    /// Somebody has proved who they are: the account's failures are forgotten.
    pub fn forget(&self, tried: &Try) {
        self.take_back(tried);
        let mut counters = self.lock();
        for key in tried.keys.iter().filter(|key| key.counted() == Counted::Account) {
            counters.remove(key);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Failures>> {
        // Counters are whole after every step, whatever happened to a thread that held them.
        self.counters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn make_room(counters: &mut HashMap<Key, Failures>, now_ms: i64) {
    if counters.len() < COUNTERS_MAX {
        return;
    }
    counters.retain(|key, failures| !failures.is_over(key.counted(), now_ms));
    if counters.len() >= COUNTERS_MAX {
        counters.retain(|key, failures| failures.wait_ms(key.counted(), now_ms) > 0);
    }
    if counters.len() >= COUNTERS_MAX {
        counters.clear();
    }
}

fn short_hash(login: &str) -> [u8; 16] {
    let hash: [u8; 32] = Sha256::digest(login.as_bytes()).into();
    hash.first_chunk().copied().unwrap_or_default()
}

fn network(address: IpAddr) -> Option<IpNet> {
    let bits = match address {
        IpAddr::V4(_) => 24,
        IpAddr::V6(_) => 64,
    };
    IpNet::new(address, bits).ok().map(|net| net.trunc())
}

/// The device of a request, if this person signed in on it before.
fn known_device(request: &HttpRequest, state: &WebState, person: PersonId) -> Option<String> {
    let cookie = request.cookie(DEVICE_COOKIE)?;
    let (device, signature) = cookie.value().split_once('.')?;
    let fits: bool = sign(state, person, device)
        .as_bytes()
        .ct_eq(signature.as_bytes())
        .into();
    fits.then(|| format!("{person} {device}"))
}

fn sign(state: &WebState, person: PersonId, device: &str) -> String {
    let mac = state
        .key
        .mac(&[b"perception-device-v1", &person.bytes(), device.as_bytes()]);
    data_encoding::BASE64URL_NOPAD.encode(&mac)
}

/// The cookie by which a device is known to belong to somebody. It opens nothing.
pub fn device_cookie(state: &WebState, person: PersonId) -> Cookie<'static> {
    let device = data_encoding::BASE64URL_NOPAD.encode(&rand::random::<[u8; 12]>());
    let value = format!("{device}.{}", sign(state, person, &device));
    Cookie::build(DEVICE_COOKIE, value)
        .path("/")
        .secure(is_secure(state))
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(actix_web::cookie::time::Duration::days(DEVICE_DAYS))
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u8) -> Vec<Key> {
        vec![Key::Login([n; 16])]
    }

    #[test]
    fn tries_count_when_they_begin_and_success_takes_them_back() {
        let throttle = Throttle::new(true);
        let tried: Vec<Try> = (0..5).map(|_| throttle.count(key(1), 0).unwrap()).collect();
        assert_eq!(throttle.count(key(1), 0).unwrap_err(), 1);
        assert_eq!(tried[4].noteworthy, Some(5));
        assert!(throttle.count(key(2), 0).is_ok());
        throttle.take_back(&tried[0]);
        let last = throttle.count(key(1), 0).unwrap();
        assert_eq!(last.before, 4);
        throttle.forget(&last);
        assert_eq!(throttle.count(key(1), 0).unwrap().before, 0);
    }

    #[test]
    fn the_table_stays_bounded_and_keeps_who_must_wait() {
        let throttle = Throttle::new(true);
        (0..6).for_each(|_| drop(throttle.count(key(1), 0)));
        for n in 0..COUNTERS_MAX + 10 {
            drop(throttle.count(vec![Key::Device(n.to_string())], 0));
        }
        assert!(throttle.lock().len() <= COUNTERS_MAX);
        assert!(throttle.count(key(1), 0).is_err());
    }

    #[test]
    fn neighbours_share_a_network() {
        let net = |text: &str| network(text.parse().unwrap()).unwrap();
        assert_eq!(net("203.0.113.9"), net("203.0.113.200"));
        assert_ne!(net("203.0.113.9"), net("203.0.114.9"));
        assert_eq!(net("2001:db8::1"), net("2001:db8::ffff"));
    }
}
