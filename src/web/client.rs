//! Whose request is it, for limits on guessing only: never to refuse an answer, since a shop's customers share one
//! address.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use actix_web::HttpRequest;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use ipnet::IpNet;

/// Unknown links an address may try, then one every six seconds.
const MISSES_BURST: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);
const MISS_PERIOD: Duration = Duration::from_secs(6);
/// Addresses remembered before the table is cleaned.
const ADDRESSES_MAX: usize = 100_000;

/// Counts tries with links that do not exist.
pub struct Misses {
    limiter: Option<DefaultKeyedRateLimiter<IpAddr>>,
}

impl Misses {
    /// A counter; `on = false` lets everything pass (load tests).
    pub fn new(on: bool) -> Self {
        let quota = Quota::with_period(MISS_PERIOD)
            .unwrap_or(Quota::per_minute(MISSES_BURST))
            .allow_burst(MISSES_BURST);
        Self {
            limiter: on.then(|| RateLimiter::keyed(quota)),
        }
    }

    /// Counts one miss; `false` when there were too many.
    pub fn allow(&self, address: IpAddr) -> bool {
        let Some(limiter) = &self.limiter else { return true };
        if limiter.len() > ADDRESSES_MAX {
            limiter.retain_recent();
        }
        limiter.check_key(&network(address)).is_ok()
    }
}

/// One subscriber: an IPv4 address, or the /64 of an IPv6 one.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64))),
    }
}

/// The client's address: the peer, or, behind proxies that are believed, the last hop none of them is.
pub fn address(request: &HttpRequest, trusted: &[IpNet]) -> IpAddr {
    let peer = request
        .peer_addr()
        .map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |address| address.ip());
    let believed = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
    if !believed(&peer) {
        return peer;
    }
    let hops: Vec<&str> = request
        .headers()
        .get_all("x-forwarded-for")
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    let mut last = peer;
    for hop in hops.into_iter().rev() {
        // Something unreadable ends what can be believed.
        let Ok(hop) = hop.parse::<IpAddr>() else { break };
        last = hop;
        if !believed(&hop) {
            break;
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn seen(peer: &str, forwarded: &str) -> String {
        let request = TestRequest::default()
            .peer_addr(format!("{peer}:1").parse().unwrap())
            .insert_header(("x-forwarded-for", forwarded))
            .to_http_request();
        address(&request, &["10.0.0.0/8".parse().unwrap()]).to_string()
    }

    #[test]
    fn forwarded_addresses_count_only_behind_a_believed_proxy() {
        assert_eq!(seen("203.0.113.9", "198.51.100.1"), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", "198.51.100.1"), "198.51.100.1");
        assert_eq!(seen("10.0.0.1", "6.6.6.6, 198.51.100.1, 10.0.0.2"), "198.51.100.1");
        assert_eq!(seen("10.0.0.1", "6.6.6.6, rubbish"), "10.0.0.1");
    }

    #[test]
    fn guessing_is_slowed_per_subscriber() {
        let misses = Misses::new(true);
        let (one, other) = ("2001:db8::1".parse().unwrap(), "2001:db8:0:1::1".parse().unwrap());
        assert!((0..10).all(|_| misses.allow(one)));
        assert!(!misses.allow("2001:db8::2".parse().unwrap()));
        assert!(misses.allow(other));
        assert!((0..50).all(|_| Misses::new(false).allow(one)));
    }
}
