//! Everything that evaluators did in the field: every approach with its one outcome, added up by evaluator and outlet.
//!
//! Source: requirements.md §10 part 5; statistics.md §10.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, Timelike};

use super::assignment::Assignment;
use super::disposition::Code;
use super::id::{OutletId, PersonId};
use super::interview::Contacts;
use super::questionnaire::Questionnaire;
use crate::statistics::outcome::{Outcome, OutcomeCounts};

const CHINA_OFFSET_MS: i64 = 8 * 3_600_000;

/// Day and hour of a moment (Unix ms) in China Standard Time.
pub fn day_and_hour(at_ms: i64) -> (NaiveDate, u32) {
    let local = chrono::DateTime::from_timestamp_millis(at_ms.saturating_add(CHINA_OFFSET_MS)).unwrap_or_default();
    (local.date_naive(), local.hour())
}

/// An approach of an evaluator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Who approached.
    pub evaluator: PersonId,
    /// Where.
    pub outlet: OutletId,
    /// When, Unix ms: the start of an interview, else the hour.
    pub at_ms: i64,
    /// How it ended.
    pub code: Code,
    /// Option of `refusal_reasons`; empty where it is no refusal.
    pub refusal_reason: String,
    /// The interview that came of it.
    pub talk: Option<Talk>,
}

/// What the report says about an interview.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Talk {
    /// From start to end, seconds.
    pub duration_s: u32,
    /// Staff of the firm could hear.
    pub staff_within_earshot: bool,
    /// Entered later from a paper form.
    pub on_paper: bool,
}

/// Valid interviews that belong to an assignment: same evaluator, outlet, day and part of the day.
pub fn done(contacts: &[Contact], assignment: &Assignment) -> i64 {
    let valid = contacts.iter().filter(|contact| {
        let (day, hour) = day_and_hour(contact.at_ms);
        matches!(contact.code, Code::Complete | Code::Partial)
            && assignment.slot.holds(contact.evaluator, contact.outlet, day, hour)
    });
    i64::try_from(valid.count()).unwrap_or(i64::MAX)
}

/// Approaches added up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many ended how.
    pub contacts: Contacts,
    /// How many refused for which reason (option of `refusal_reasons`).
    pub reasons: BTreeMap<String, i64>,
    /// Days on which there was one.
    pub days: BTreeSet<NaiveDate>,
    /// Earliest and latest hour of a day (0 to 23), over all days.
    pub hours: Option<(u32, u32)>,
    /// Interviews with staff within earshot.
    pub staff_present: i64,
    /// Interviews entered from paper.
    pub on_paper: i64,
    durations_s: Vec<u32>,
}

impl Sum {
    fn add(&mut self, contact: &Contact) {
        self.contacts.add(contact.code, 1);
        if !contact.refusal_reason.is_empty() {
            *self.reasons.entry(contact.refusal_reason.clone()).or_default() += 1;
        }
        let (day, hour) = day_and_hour(contact.at_ms);
        self.days.insert(day);
        let (first, last) = self.hours.unwrap_or((hour, hour));
        self.hours = Some((first.min(hour), last.max(hour)));
        if let Some(talk) = &contact.talk {
            self.staff_present += i64::from(talk.staff_within_earshot);
            self.on_paper += i64::from(talk.on_paper);
            self.durations_s.push(talk.duration_s);
        }
    }

    /// Median length of its interviews, seconds; of two middle ones the shorter.
    pub fn median_duration_s(&self) -> Option<u32> {
        let mut sorted = self.durations_s.clone();
        sorted.sort_unstable();
        sorted.get(sorted.len().checked_sub(1)? / 2).copied()
    }

    /// The same as cases of the outcome rates, by the questionnaire's published table.
    pub fn outcomes(&self, questionnaire: &Questionnaire) -> OutcomeCounts {
        let mut counts = OutcomeCounts::default();
        for code in Code::ALL {
            if let (Some(outcome), Ok(n)) = (outcome(questionnaire, code), u64::try_from(self.contacts.count(code))) {
                counts.add(outcome, n);
            }
        }
        counts
    }
}

/// The class of a code in person, by the questionnaire's published table.
pub fn outcome(questionnaire: &Questionnaire, code: Code) -> Option<Outcome> {
    let mut table = questionnaire.dispositions().iter();
    let row = table.find(|row| row.code == code.as_str())?;
    Outcome::parse(&row.class_face)
}

/// Evaluators × outlets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// One row for every pair with an approach.
    pub rows: BTreeMap<(PersonId, OutletId), Sum>,
    /// Each evaluator over all outlets.
    pub by_evaluator: BTreeMap<PersonId, Sum>,
    /// Each outlet over all evaluators.
    pub by_outlet: BTreeMap<OutletId, Sum>,
    /// All of them.
    pub all: Sum,
}

impl Table {
    /// Adds up every approach.
    pub fn of(contacts: &[Contact]) -> Self {
        let mut table = Self::default();
        for contact in contacts {
            let key = (contact.evaluator, contact.outlet);
            table.rows.entry(key).or_default().add(contact);
            table.by_evaluator.entry(contact.evaluator).or_default().add(contact);
            table.by_outlet.entry(contact.outlet).or_default().add(contact);
            table.all.add(contact);
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::assignment::{Part, Selection, Slot};

    fn contact(at_ms: i64, code: Code, duration_s: Option<u32>) -> Contact {
        Contact {
            evaluator: PersonId::from_random([1; 16]),
            outlet: OutletId::from_random([2; 16]),
            at_ms,
            code,
            refusal_reason: if code == Code::Refusal {
                "fear".into()
            } else {
                String::new()
            },
            talk: duration_s.map(|duration_s| Talk {
                duration_s,
                staff_within_earshot: duration_s > 250,
                on_paper: false,
            }),
        }
    }

    /// 2026-04-01 00:00 in China.
    const MIDNIGHT_MS: i64 = 1_774_972_800_000;
    const HOUR_MS: i64 = 3_600_000;

    #[test]
    fn an_interview_counts_for_the_part_of_the_day_in_which_it_began() {
        let at = |hour: i64, code| contact(MIDNIGHT_MS + hour * HOUR_MS, code, Some(200));
        let contacts = [
            at(-1, Code::Complete),
            at(11, Code::Complete),
            at(12, Code::Partial),
            at(13, Code::Complete),
            at(14, Code::BreakOff),
            at(24, Code::Complete),
        ];
        let count = |part| {
            let slot = Slot {
                day: day_and_hour(MIDNIGHT_MS).0,
                part,
                outlet: OutletId::from_random([2; 16]),
                evaluator: PersonId::from_random([1; 16]),
            };
            done(
                &contacts,
                &Assignment {
                    slot,
                    target: 5,
                    selection: Selection::Every(3),
                },
            )
        };
        assert_eq!(Part::ALL.map(count), [3, 1, 2]);
    }

    #[test]
    fn sums_hold_what_the_report_prints() {
        let contacts = [
            contact(MIDNIGHT_MS + 9 * HOUR_MS, Code::Complete, Some(240)),
            contact(MIDNIGHT_MS + 16 * HOUR_MS, Code::Complete, Some(300)),
            contact(MIDNIGHT_MS + 34 * HOUR_MS, Code::Partial, Some(100)),
            contact(MIDNIGHT_MS + 35 * HOUR_MS, Code::Refusal, None),
        ];
        let table = Table::of(&contacts);
        let row = table.rows.values().next().cloned().unwrap_or_default();
        assert_eq!((&row, table.rows.len()), (&table.all, 1));
        assert_eq!((row.median_duration_s(), row.staff_present), (Some(240), 1));
        assert_eq!(
            (row.days.len(), row.hours, row.contacts.approached()),
            (2, Some((9, 16)), 4)
        );
        assert_eq!(row.reasons.into_iter().collect::<Vec<_>>(), [("fear".to_owned(), 1)]);
        assert_eq!(Sum::default().median_duration_s(), None);
    }
}
