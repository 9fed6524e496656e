//! Messages that wait to be sent: their states, and when one is tried again.

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MessageKind {
    /// The first letter to a drawn person.
    Invitation,
    /// A later one to somebody who has not answered.
    Reminder,
    /// From another part of the program to a known address.
    Notice,
    /// To see whether mail works.
    Test,
}

impl MessageKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Invitation, Self::Reminder, Self::Notice, Self::Test];

    /// Name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Reminder => "reminder",
            Self::Notice => "notice",
            Self::Test => "test",
        }
    }

    /// The kind of a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MessageState {
    /// Waits for its time.
    Queued,
    /// Somebody sends it right now, or died over it.
    Sending,
    /// The mail server took it.
    Sent,
    /// Given up; why stands beside it.
    Failed,
    /// Taken by the server and returned later.
    Bounced,
    /// No longer wanted.
    Cancelled,
}

impl MessageState {
    /// Every state.
    pub const ALL: [Self; 6] = [
        Self::Queued,
        Self::Sending,
        Self::Sent,
        Self::Failed,
        Self::Bounced,
        Self::Cancelled,
    ];

    /// Name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Bounced => "bounced",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// A message that was put off so often is given up: about three days by the waits below.
pub const ATTEMPTS_MAX: u32 = 14;
const MINUTE_MS: i64 = 60_000;
const WAIT_MAX_MS: i64 = 12 * 60 * MINUTE_MS;

/// Milliseconds until the next try after so many, 1 minute doubled each time up to 12 hours; `None` when it is given up.
/// `jitter` (any number) moves it by up to a fifth, so that messages put off together do not come back together.
pub fn wait_ms(attempts: u32, jitter: u16) -> Option<i64> {
    if attempts >= ATTEMPTS_MAX {
        return None;
    }
    let doubled = MINUTE_MS.saturating_mul(1_i64 << attempts.saturating_sub(1).min(20));
    let wait = doubled.min(WAIT_MAX_MS);
    // From four fifths to the whole.
    Some(wait - wait / 5 * i64::from(jitter) / i64::from(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_from_a_minute_to_twelve_hours_and_end() {
        assert_eq!(wait_ms(1, 0), Some(MINUTE_MS));
        assert_eq!(wait_ms(2, 0), Some(2 * MINUTE_MS));
        assert_eq!(wait_ms(ATTEMPTS_MAX - 1, 0), Some(WAIT_MAX_MS));
        assert_eq!(wait_ms(ATTEMPTS_MAX, 0), None);
        let all: i64 = (1..ATTEMPTS_MAX).filter_map(|attempt| wait_ms(attempt, 0)).sum();
        assert!((2 * 86_400_000..4 * 86_400_000).contains(&all), "{all}");
        for jitter in [0, 1, 30_000, u16::MAX] {
            let wait = wait_ms(5, jitter).unwrap();
            assert!((16 * MINUTE_MS * 4 / 5..=16 * MINUTE_MS).contains(&wait), "{wait}");
        }
    }

    #[test]
    fn names_lead_back() {
        assert!(
            MessageState::ALL
                .iter()
                .all(|state| MessageState::parse(state.as_str()) == Some(*state))
        );
        assert!(
            MessageKind::ALL
                .iter()
                .all(|kind| MessageKind::parse(kind.as_str()) == Some(*kind))
        );
    }
}
