//! When invitations and reminders go out, as the manager proposes it.

use chrono::{DateTime, NaiveDate, Timelike};
use serde::{Deserialize, Serialize};

use super::form::{FieldError, FormReader, Problem, RawForm};
use super::language::Text;
use super::outbox::MessageState;

/// A drawn person is reminded at most so often.
pub const REMINDERS_MAX: usize = 2;
const CHINA_OFFSET_MS: i64 = 8 * 3_600_000;
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Nobody is written to before this hour or from the other on, whatever is proposed.
const DAYTIME: std::ops::RangeInclusive<i64> = 7..=22;

/// When letters go out, in China Standard Time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    first_on: NaiveDate,
    from_hour: u8,
    to_hour: u8,
    gaps: Vec<u16>,
}

impl Schedule {
    /// A stored schedule; `None` for what the program cannot have stored.
    pub fn stored(first_on: &str, from_hour: i32, to_hour: i32, gaps: &str) -> Option<Self> {
        let numbers = gaps.split(',').filter(|gap| !gap.is_empty());
        Some(Self {
            first_on: first_on.parse().ok()?,
            from_hour: u8::try_from(from_hour).ok()?,
            to_hour: u8::try_from(to_hour).ok()?,
            gaps: numbers.map(|gap| gap.parse().ok()).collect::<Option<_>>()?,
        })
    }

    /// Reads the form of a proposal: `first_on`, `from_hour`, `to_hour`, `reminder1`, `reminder2` (days, may be empty).
    ///
    /// # Errors
    /// What must be corrected, field by field.
    pub fn parse(form: &RawForm, today: NaiveDate) -> Result<Self, Vec<FieldError>> {
        let mut reader = FormReader::new(form);
        let first_on = reader.day("first_on");
        if first_on.is_some_and(|day| day < today) {
            reader.refuse("first_on", Problem::TooEarly);
        }
        if first_on.is_some_and(|day| day > today + chrono::Days::new(366)) {
            reader.refuse("first_on", Problem::OutOfRange);
        }
        let from_hour = reader.number("from_hour", DAYTIME);
        let to_hour = reader.number("to_hour", DAYTIME);
        for name in ["first_on", "from_hour", "to_hour"] {
            if form.first(name).trim().is_empty() {
                reader.refuse(name, Problem::Empty);
            }
        }
        if let (Some(from), Some(to)) = (from_hour, to_hour)
            && from >= to
        {
            reader.refuse("to_hour", Problem::OutOfRange);
        }
        let mut gaps = Vec::new();
        for name in ["reminder1", "reminder2"] {
            if form.first(name).trim().is_empty() {
                continue;
            }
            if let Some(days) = reader.number(name, 2..=60) {
                gaps.extend(u16::try_from(days).ok());
            }
        }
        if form.first("reminder1").trim().is_empty() && !form.first("reminder2").trim().is_empty() {
            reader.refuse("reminder1", Problem::Empty);
        }
        let value = first_on.zip(from_hour.zip(to_hour)).map(|(first_on, (from, to))| Self {
            first_on,
            from_hour: u8::try_from(from).unwrap_or(9),
            to_hour: u8::try_from(to).unwrap_or(20),
            gaps,
        });
        reader.done(value)
    }

    /// First day.
    pub fn first_on(&self) -> NaiveDate {
        self.first_on
    }

    /// Hours of the day between which letters go out: from the first, before the second.
    pub fn hours(&self) -> (u8, u8) {
        (self.from_hour, self.to_hour)
    }

    /// Days from one letter to the next, one number a reminder.
    pub fn gaps(&self) -> &[u16] {
        &self.gaps
    }

    /// The gaps as they are stored.
    pub fn gaps_text(&self) -> String {
        let gaps: Vec<String> = self.gaps.iter().map(ToString::to_string).collect();
        gaps.join(",")
    }

    /// When invitations are due, Unix ms.
    pub fn first_at_ms(&self) -> i64 {
        let midnight = self.first_on.and_time(chrono::NaiveTime::MIN).and_utc();
        midnight.timestamp_millis() - CHINA_OFFSET_MS + i64::from(self.from_hour) * HOUR_MS
    }

    /// When reminder `round` (1, 2) is due after the letter before it was sent; `None` when there is none.
    pub fn reminder_at_ms(&self, round: usize, sent_at_ms: i64) -> Option<i64> {
        let gap = self.gaps.get(round.checked_sub(1)?)?;
        Some(self.not_before(sent_at_ms.saturating_add(i64::from(*gap) * DAY_MS)))
    }

    /// The same moment if letters go out then, else the next at which they do.
    pub fn not_before(&self, at_ms: i64) -> i64 {
        let local = at_ms.saturating_add(CHINA_OFFSET_MS);
        let hour = DateTime::from_timestamp_millis(local).unwrap_or_default().hour();
        let day_ms = at_ms - local.rem_euclid(DAY_MS);
        let opens = day_ms + i64::from(self.from_hour) * HOUR_MS;
        match hour {
            hour if hour < u32::from(self.from_hour) => opens,
            hour if hour >= u32::from(self.to_hour) => opens + DAY_MS,
            _ => at_ms,
        }
    }
}

/// Drawn persons of an evaluation by what became of their letters. Every one is in exactly one of `waiting`, `reached`,
/// `failed`, `bounced`, `unwritten`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Funnel {
    /// Persons who can be written to.
    pub drawn: u64,
    /// Nothing planned for them yet.
    pub unwritten: u64,
    /// Their invitation waits.
    pub waiting: u64,
    /// The mail server took the invitation and it did not come back.
    pub reached: u64,
    /// The invitation was given up.
    pub failed: u64,
    /// The invitation, or a reminder, came back.
    pub bounced: u64,
    /// The invitation was no longer wanted when it was due.
    pub cancelled: u64,
    /// Who got at least one reminder.
    pub reminded: u64,
    /// Links that were used; of which of them nothing else is known.
    pub answered: u64,
    /// Unsubscribed.
    pub unsubscribed: u64,
    /// Objected to being asked.
    pub objected: u64,
}

impl Funnel {
    /// Reached and not heard of, as outcome rates count them.
    pub fn no_reply(&self) -> u64 {
        self.reached.saturating_sub(self.answered + self.objected)
    }
}

/// What somebody wants to see of the drawn persons.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Filter {
    /// All.
    #[default]
    All,
    /// Their letter waits.
    Waiting,
    /// It was sent.
    Sent,
    /// It was given up.
    Failed,
    /// It came back.
    Bounced,
    /// Their link was used.
    Answered,
    /// No more letters go to them.
    Stopped,
}

impl Filter {
    /// Every filter, in the order of the page.
    pub const ALL: [Self; 7] = [
        Self::All,
        Self::Waiting,
        Self::Sent,
        Self::Failed,
        Self::Bounced,
        Self::Answered,
        Self::Stopped,
    ];

    /// Name in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Bounced => "bounced",
            Self::Answered => "answered",
            Self::Stopped => "stopped",
        }
    }

    /// The filter of a name; anything else shows all.
    pub fn parse(text: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|filter| filter.as_str() == text)
            .unwrap_or_default()
    }
}

/// A letter to a drawn person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterLine {
    /// 0, or the number of the reminder.
    pub round: i32,
    /// Where it stands.
    pub state: MessageState,
    /// Why, where it failed, came back or was not sent.
    pub reason: String,
    /// When it was sent, Unix ms.
    pub sent_at_ms: Option<i64>,
    /// When it is due, Unix ms.
    pub due_at_ms: i64,
}

/// A drawn person on the page of states. Of her answer nothing is known but that her link was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipientLine {
    /// Her id.
    pub id: String,
    /// Her outlet.
    pub outlet: Text,
    /// Her letters, the first first.
    pub letters: Vec<LetterLine>,
    /// Her link was used.
    pub answered: bool,
    /// Why no more letters go to her.
    pub stopped: Option<String>,
}

/// An address of which only so much is shown that its holder would know it: `z•••@example.cn`.
pub fn masked(address: &str) -> String {
    match address.split_once('@') {
        Some((name, domain)) => format!("{}•••@{domain}", name.chars().take(1).collect::<String>()),
        None => "•••".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule() -> Schedule {
        Schedule::stored("2026-04-01", 9, 20, "5,7").unwrap()
    }

    #[test]
    fn nobody_is_written_to_at_night() {
        // 2026-03-31 16:00 UTC is midnight of 1 April in China.
        let midnight = 1_774_972_800_000;
        let schedule = schedule();
        assert_eq!(schedule.first_at_ms(), midnight + 9 * HOUR_MS);
        assert_eq!(schedule.not_before(midnight), midnight + 9 * HOUR_MS);
        assert_eq!(schedule.not_before(midnight + 12 * HOUR_MS), midnight + 12 * HOUR_MS);
        assert_eq!(schedule.not_before(midnight + 20 * HOUR_MS), midnight + 33 * HOUR_MS);
        for hour in 0..72 {
            let at = schedule.not_before(midnight + hour * HOUR_MS + 1);
            assert!((9..20).contains(&((at + CHINA_OFFSET_MS).rem_euclid(DAY_MS) / HOUR_MS)));
        }
        let second = schedule.reminder_at_ms(1, midnight + 19 * HOUR_MS).unwrap();
        assert_eq!(second, midnight + 19 * HOUR_MS + 5 * DAY_MS);
        assert!(schedule.reminder_at_ms(2, second).is_some() && schedule.reminder_at_ms(3, second).is_none());
    }

    #[test]
    fn a_proposal_is_read_or_told_what_is_wrong() {
        let today = "2026-04-01".parse().unwrap();
        let form = |changed: &[(&str, &str)]| {
            let mut pairs = vec![
                ("first_on", "2026-04-02"),
                ("from_hour", "9"),
                ("to_hour", "20"),
                ("reminder1", "5"),
            ];
            for (name, value) in changed {
                pairs.retain(|(known, _)| known != name);
                pairs.push((name, value));
            }
            RawForm::new(pairs.into_iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect())
        };
        assert_eq!(Schedule::parse(&form(&[]), today).unwrap().gaps(), [5]);
        for (name, value) in [
            ("first_on", "2026-03-31"),
            ("from_hour", "3"),
            ("to_hour", "9"),
            ("reminder1", "1"),
            ("to_hour", "x"),
        ] {
            let errors = Schedule::parse(&form(&[(name, value)]), today).unwrap_err();
            assert!(
                errors.iter().any(|error| error.field == name),
                "{name}={value}: {errors:?}"
            );
        }
        assert!(Schedule::parse(&form(&[("reminder1", ""), ("reminder2", "4")]), today).is_err());
    }

    #[test]
    fn a_mask_tells_no_name() {
        assert_eq!(masked("zhang.san@example.cn"), "z•••@example.cn");
        assert_eq!(masked("nothing"), "•••");
    }
}
