//! The session cookie: 256 random bits that the database knows by their hash alone.

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite};

use super::state::WebState;
use crate::secret::SecretKey;
use crate::store::StoreError;
use crate::store::account::Account;
use crate::store::session::{self, Session};

/// What a browser holds.
pub struct SessionToken(String);

impl SessionToken {
    /// A new one from the system's generator.
    pub fn random() -> Self {
        Self(data_encoding::BASE64URL_NOPAD.encode(&rand::random::<[u8; 32]>()))
    }

    /// What the database keeps.
    pub fn hash(&self) -> String {
        use sha2::{Digest, Sha256};
        data_encoding::HEXLOWER.encode(&Sha256::digest(self.0.as_bytes()))
    }

    /// The cookie that carries it, for as long as the browser runs.
    pub fn cookie(&self, state: &WebState) -> Cookie<'static> {
        bare_cookie(state, self.0.clone()).finish()
    }
}

/// The cookie that ends a session in the browser.
pub fn removal(state: &WebState) -> Cookie<'static> {
    bare_cookie(state, String::new())
        .max_age(actix_web::cookie::time::Duration::ZERO)
        .finish()
}

fn bare_cookie(state: &WebState, value: String) -> actix_web::cookie::CookieBuilder<'static> {
    Cookie::build(name(state), value)
        .path("/")
        .secure(is_secure(state))
        .http_only(true)
        .same_site(SameSite::Lax)
}

/// Whether browsers reach us by https only.
pub fn is_secure(state: &WebState) -> bool {
    state.base_url.starts_with("https://")
}

/// A plain name where the browser would refuse the prefix: http on this machine.
fn name(state: &WebState) -> &'static str {
    if is_secure(state) { "__Host-sid" } else { "sid" }
}

/// The living session of a request, complete or not, with its account.
///
/// # Errors
/// What the store returns.
pub async fn find(request: &HttpRequest, state: &WebState) -> Result<Option<(Session, Account)>, StoreError> {
    let Some(cookie) = request.cookie(name(state)) else {
        return Ok(None);
    };
    let (hash, now_ms) = (SessionToken(cookie.value().to_owned()).hash(), state.clock.now_ms());
    state.store.read(move |conn| session::find(conn, &hash, now_ms)).await
}

/// What every form of a session carries: derived, so that nothing needs to be stored.
pub fn csrf(key: &SecretKey, token_hash: &str) -> String {
    let mac = key.mac(&[b"perception-csrf-v1", token_hash.as_bytes()]);
    data_encoding::BASE64URL_NOPAD.encode(mac.get(..16).unwrap_or(&mac))
}
