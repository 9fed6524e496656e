//! Slowing down who guesses passwords and codes, without ever shutting out who knows them.
//!
//! Source: design/security.md §3 (login throttling). Every try counts as a failure when it begins, so that many at once
//! gain nothing; a success takes it back.

const SECOND_MS: i64 = 1_000;
/// Failures of one account that cost nothing.
const FREE_TRIES: u32 = 5;
/// The longest an account's next try has to wait.
const WAIT_MAX_MS: i64 = 60 * SECOND_MS;
/// An account's failures are forgotten so long after the last one.
const FORGET_MS: i64 = 3_600 * SECOND_MS;
/// Failures of one network in one span.
const NETWORK_MAX: u32 = 30;
/// The span.
const NETWORK_SPAN_MS: i64 = 600 * SECOND_MS;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Tries of one account, or of one account from a device it knows.
    Account,
    /// Tries from one network: an IPv4 /24 or IPv6 /64.
    Network,
}

/// Failures so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Failures {
    n: u32,
    first_at_ms: i64,
    last_at_ms: i64,
}

impl Failures {
    /// How many.
    pub fn n(self) -> u32 {
        self.n
    }

    /// Whether nothing of them matters any more.
    pub fn is_over(self, counted: Counted, now_ms: i64) -> bool {
        match counted {
            Counted::Account => now_ms.saturating_sub(self.last_at_ms) >= FORGET_MS,
            Counted::Network => now_ms.saturating_sub(self.first_at_ms) >= NETWORK_SPAN_MS,
        }
    }

    /// How long the next try has to wait, ms; 0 = not at all. After five failures of an account 1, 2, 4 … 60 s from the
    /// last; after thirty of a network until its span is over.
    pub fn wait_ms(self, counted: Counted, now_ms: i64) -> i64 {
        if self.is_over(counted, now_ms) {
            return 0;
        }
        let until_ms = match counted {
            Counted::Account if self.n < FREE_TRIES => return 0,
            Counted::Account => {
                let doubled = 1_i64.checked_shl(self.n - FREE_TRIES).filter(|factor| *factor > 0);
                let delay_ms = doubled.map_or(WAIT_MAX_MS, |factor| factor.saturating_mul(SECOND_MS).min(WAIT_MAX_MS));
                self.last_at_ms.saturating_add(delay_ms)
            }
            Counted::Network if self.n < NETWORK_MAX => return 0,
            Counted::Network => self.first_at_ms.saturating_add(NETWORK_SPAN_MS),
        };
        until_ms.saturating_sub(now_ms).max(0)
    }

    /// One failure more.
    #[must_use]
    pub fn and_one(self, counted: Counted, now_ms: i64) -> Self {
        let kept = if self.n == 0 || self.is_over(counted, now_ms) {
            Self {
                n: 0,
                first_at_ms: now_ms,
                last_at_ms: now_ms,
            }
        } else {
            self
        };
        Self {
            n: kept.n.saturating_add(1),
            last_at_ms: now_ms,
            ..kept
        }
    }

    /// One failure less: it was none after all.
    #[must_use]
    pub fn but_one(self) -> Self {
        Self {
            n: self.n.saturating_sub(1),
            ..self
        }
    }

    /// Whether this failure is worth an event: where waiting begins, and each time the number has doubled since.
    pub fn is_noteworthy(self) -> bool {
        self.n >= FREE_TRIES && self.n.is_multiple_of(FREE_TRIES) && (self.n / FREE_TRIES).is_power_of_two()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn after(n: u32, counted: Counted) -> Failures {
        (0..n).fold(Failures::default(), |failures, _| failures.and_one(counted, 0))
    }

    #[test]
    fn waiting_doubles_after_five_failures_and_ends_at_a_minute() {
        let waits: Vec<i64> = (0..14)
            .map(|n| after(n, Counted::Account).wait_ms(Counted::Account, 0) / SECOND_MS)
            .collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(after(400, Counted::Account).wait_ms(Counted::Account, 0), WAIT_MAX_MS);
        assert_eq!(after(400, Counted::Account).wait_ms(Counted::Account, WAIT_MAX_MS), 0);
    }

    #[test]
    fn a_network_has_thirty_failures_in_ten_minutes() {
        assert_eq!(after(29, Counted::Network).wait_ms(Counted::Network, 1), 0);
        let full = after(30, Counted::Network);
        assert_eq!(full.wait_ms(Counted::Network, 1), NETWORK_SPAN_MS - 1);
        assert_eq!(full.wait_ms(Counted::Network, NETWORK_SPAN_MS), 0);
        assert_eq!(full.and_one(Counted::Network, NETWORK_SPAN_MS).n(), 1);
    }

    #[test]
    fn few_failures_become_events() {
        let noted: Vec<u32> = (0..100)
            .filter(|n| after(*n, Counted::Account).is_noteworthy())
            .collect();
        assert_eq!(noted, [5, 10, 20, 40, 80]);
    }

    proptest! {
        #[test]
        fn nobody_ever_waits_longer_than_the_bounds(n in 0u32..2000, passed in 0i64..5_000_000) {
            prop_assert!(after(n, Counted::Account).wait_ms(Counted::Account, passed) <= WAIT_MAX_MS);
            prop_assert!(after(n, Counted::Network).wait_ms(Counted::Network, passed) <= NETWORK_SPAN_MS);
        }

        #[test]
        fn a_success_takes_its_try_back(n in 0u32..50) {
            let failures = after(n, Counted::Account);
            prop_assert_eq!(failures.and_one(Counted::Account, 0).but_one().n(), n);
        }
    }
}
