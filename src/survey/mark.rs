//! What an electronic answer leaves besides its answers, so that many from one hand can be told from many hands: keyed
//! marks of device and network, bursts on one code, hours at which nobody is served. Nothing of it refuses an answer, since
//! a shop's customers share one address.
//!
//! Source: design/security.md T1, T3, T7 and "Rate limits kind to NAT"; statistics.md §11.

use core::net::{IpAddr, Ipv6Addr};
use std::collections::{HashMap, VecDeque};

use super::id::{LinkId, ResponseId};
use super::link::keyed;

/// More answers than this from one open code within [`BURST_MS`] are a burst.
pub const BURST_MORE_THAN: usize = 5;
/// Ten minutes.
pub const BURST_MS: u64 = 10 * 60_000;
/// Codes whose last minutes are remembered; of more, the longest quiet ones are forgotten.
const CODES_MAX: usize = 20_000;
/// Hours taken for night where an outlet names none: midnight to six.
const USUAL: Hours = Hours {
    from_min: 6 * 60,
    to_min: 24 * 60,
};
const DAY_MIN: u32 = 24 * 60;
const MINUTE_MS: i64 = 60_000;
const CHINA_OFFSET_MIN: i64 = 8 * 60;

/// Keyed marks; whoever has not the key can neither read nor make them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marks {
    /// The same for answers of one kind of browser in one network on one day.
    pub device: String,
    /// The same for answers from one address.
    pub network: String,
}

impl Marks {
    /// The marks of an answer that came from this address with this user agent at this time (Unix ms).
    pub fn of(key: &[u8], address: IpAddr, user_agent: &str, at_ms: i64) -> Self {
        let day = (at_ms.div_euclid(MINUTE_MS) + CHINA_OFFSET_MIN).div_euclid(i64::from(DAY_MIN));
        let parts: [&[u8]; 4] = [
            b"perception-device-v1",
            &prefix(address),
            user_agent.as_bytes(),
            &day.to_be_bytes(),
        ];
        Self {
            device: short(&keyed(key, &parts)),
            network: network_mark(key, address),
        }
    }
}

/// The mark of an address, to compare with that of an answer.
pub fn network_mark(key: &[u8], address: IpAddr) -> String {
    short(&keyed(key, &[b"perception-network-v1", &subscriber(address)]))
}

/// 80 bits: enough that no two meet by chance, too few to be of use elsewhere.
fn short(mac: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(mac.get(..10).unwrap_or(mac))
}

/// An IPv4 address whole, of an IPv6 one the /64 that one subscriber has.
fn subscriber(address: IpAddr) -> [u8; 16] {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().octets(),
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64)).octets(),
    }
}

/// The /24 of an IPv4 address, the /48 of an IPv6 one: a phone that changes its address mostly stays in it.
fn prefix(address: IpAddr) -> [u8; 16] {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let mut octets = v4.to_ipv6_mapped().octets();
            if let Some(last) = octets.last_mut() {
                *last = 0;
            }
            octets
        }
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 80)).octets(),
    }
}

/// From opening to closing, in minutes of the day; closing after midnight lies beyond 24:00.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    from_min: u32,
    to_min: u32,
}

impl Hours {
    /// Reads hours as people write them: the first opening and the last closing of `9:00–12:00, 13:30–18:00`. Where
    /// nothing can be read, answers between midnight and six come at night.
    pub fn of(text: &str) -> Self {
        Self::parse(text).unwrap_or(USUAL)
    }

    fn parse(text: &str) -> Option<Self> {
        let text: String = text.chars().map(|c| if c == '：' { ':' } else { c }).collect();
        let mut times = Vec::new();
        for (place, _) in text.match_indices(':') {
            let before = text.get(..place)?;
            let hour: String = before.chars().rev().take_while(char::is_ascii_digit).collect();
            let hour: u32 = hour.chars().rev().collect::<String>().parse().ok()?;
            let minute: u32 = text.get(place + 1..place + 3)?.parse().ok()?;
            if hour > 24 || minute > 59 {
                return None;
            }
            times.push(hour * 60 + minute);
        }
        let (from_min, to_min) = (*times.first()?, *times.last()?);
        if times.len() < 2 || times.len() % 2 != 0 {
            return None;
        }
        let to_min = if to_min <= from_min { to_min + DAY_MIN } else { to_min };
        Some(Self { from_min, to_min })
    }

    /// Whether a moment (Unix ms) lies outside, in China Standard Time.
    pub fn are_over(&self, at_ms: i64) -> bool {
        let minute = (at_ms.div_euclid(MINUTE_MS) + CHINA_OFFSET_MIN).rem_euclid(i64::from(DAY_MIN));
        let minute = u32::try_from(minute).unwrap_or(0);
        let within = |minute: u32| (self.from_min..self.to_min).contains(&minute);
        !within(minute) && !within(minute + DAY_MIN)
    }
}

/// The hour of a moment in China Standard Time, 0..=23.
pub fn hour_of_day(at_ms: i64) -> i64 {
    (at_ms.div_euclid(60 * MINUTE_MS) + CHINA_OFFSET_MIN / 60).rem_euclid(24)
}

/// The last minutes of every open code. Kept in memory only: what is stored is that a response was part of a burst, not
/// which came first.
#[derive(Debug, Default)]
pub struct Bursts(HashMap<LinkId, VecDeque<(i64, ResponseId)>>);

impl Bursts {
    /// Notes an answer through an open code; returns the responses that are known as part of a burst from now on, this one
    /// and, when it is the one too many, those before it.
    pub fn note(&mut self, code: LinkId, response: ResponseId, at_ms: i64) -> Vec<ResponseId> {
        if self.0.len() >= CODES_MAX && !self.0.contains_key(&code) {
            self.0
                .retain(|_, last| last.back().is_some_and(|(at, _)| at_ms.abs_diff(*at) < BURST_MS));
            if self.0.len() >= CODES_MAX {
                return Vec::new();
            }
        }
        let last = self.0.entry(code).or_default();
        last.retain(|(at, known)| at_ms.abs_diff(*at) < BURST_MS && *known != response);
        last.push_back((at_ms, response));
        match last.len() > BURST_MORE_THAN {
            true => {
                let part = last.iter().map(|(_, response)| *response).collect();
                if last.len() > BURST_MORE_THAN + 1 {
                    last.pop_front();
                }
                part
            }
            false => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON_MS: i64 = 1_795_000_000_000 - 1_795_000_000_000 % 86_400_000 + 4 * 3_600_000;

    fn marks(key: &str, address: &str, agent: &str, at_ms: i64) -> Marks {
        Marks::of(key.as_bytes(), address.parse().unwrap(), agent, at_ms)
    }

    #[test]
    fn marks_know_a_device_for_a_day_and_an_address_for_as_long_as_the_key() {
        let one = marks("k", "203.0.113.7", "A", NOON_MS);
        let next_address = marks("k", "203.0.113.99", "A", NOON_MS + 3_600_000);
        assert_eq!(one.device, next_address.device);
        assert_ne!(one.network, next_address.network);
        let tomorrow = marks("k", "203.0.113.7", "A", NOON_MS + 86_400_000);
        assert_ne!(one.device, tomorrow.device);
        assert_eq!(one.network, tomorrow.network);
        assert_ne!(one.device, marks("k", "203.0.113.7", "B", NOON_MS).device);
        assert_ne!(one, marks("another", "203.0.113.7", "A", NOON_MS));
        assert_eq!(
            marks("k", "2001:db8::1", "A", 0).network,
            marks("k", "2001:db8::2", "A", 0).network
        );
        assert_eq!(one, marks("k", "::ffff:203.0.113.7", "A", NOON_MS));
    }

    #[test]
    fn hours_are_read_as_people_write_them() {
        let over = |text: &str, hour: i64| Hours::of(text).are_over(NOON_MS + (hour - 12) * 3_600_000);
        for text in ["9:00-18:00", "09:00–12:00, 13:30–18:00", "每天 9：00 至 18：00"] {
            assert_eq!(
                [8, 9, 17, 18].map(|h| over(text, h)),
                [true, false, false, true],
                "{text}"
            );
        }
        assert_eq!(
            [1, 2, 17, 18].map(|h| over("18:00-02:00", h)),
            [false, true, true, false]
        );
        for text in ["", "全天", "9-18", "9:00", "25:00-26:00"] {
            assert_eq!(
                [5, 6, 23, 24].map(|h| over(text, h)),
                [true, false, false, true],
                "{text}"
            );
        }
        assert!(!over("0:00-24:00", 3));
    }

    #[test]
    fn the_sixth_answer_in_ten_minutes_makes_all_of_them_a_burst() {
        let (code, other) = (LinkId::from_random([1; 16]), LinkId::from_random([2; 16]));
        let response = |n: u8| ResponseId::from_random([n; 16]);
        let mut bursts = Bursts::default();
        for n in 0..5 {
            assert!(bursts.note(code, response(n), i64::from(n) * 60_000).is_empty());
            assert!(bursts.note(code, response(n), i64::from(n) * 60_000).is_empty());
            assert!(bursts.note(other, response(n), i64::from(n) * 120_001).is_empty());
        }
        assert_eq!(bursts.note(code, response(5), 599_999).len(), 6);
        assert!(bursts.note(code, response(6), 600_000).contains(&response(6)));
        assert!(bursts.note(other, response(5), 5 * 120_001).is_empty());
        assert!(bursts.note(code, response(7), 3_600_000).is_empty());
    }
}
