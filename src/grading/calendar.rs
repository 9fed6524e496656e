//! Calendar arithmetic of D9–D13: whole months with month ends clamped (31 August + 6 months = 28 February), windows
//! that reach back from the first on-site day, that day's anniversary included.

use chrono::{Datelike, Months, NaiveDate};
use serde::{Deserialize, Deserializer, de};

/// A date so many calendar months later; month ends are clamped.
pub fn months_after(date: NaiveDate, months: u32) -> NaiveDate {
    date.checked_add_months(Months::new(months)).unwrap_or(NaiveDate::MAX)
}

/// The last day of a term of so many months that begins on this day: the one before its anniversary.
pub fn last_day_of(begins: NaiveDate, months: u32) -> NaiveDate {
    let anniversary = months_after(begins, months);
    anniversary.pred_opt().unwrap_or(anniversary)
}

/// A date so many calendar months earlier; month ends are clamped.
pub fn months_before(date: NaiveDate, months: u32) -> NaiveDate {
    date.checked_sub_months(Months::new(months)).unwrap_or(NaiveDate::MIN)
}

/// Whole calendar months from one date to another: the most that, added to `from`, do not pass `to` (D11). 0 when `to`
/// is earlier.
pub fn whole_months(from: NaiveDate, to: NaiveDate) -> u32 {
    let month = |date: NaiveDate| i64::from(date.year()) * 12 + i64::from(date.month0());
    let apart = u32::try_from(month(to) - month(from)).unwrap_or(0);
    match months_after(from, apart) > to {
        true => apart.saturating_sub(1),
        false => apart,
    }
}

/// Whether an event lies in the window of so many months before the first on-site day, its first day included.
pub fn within(event: NaiveDate, months: u32, onsite: NaiveDate) -> bool {
    event >= months_before(onsite, months)
}

/// The first on-site day whose window of so many months no longer reaches an event.
pub fn first_clear_day(event: NaiveDate, months: u32) -> NaiveDate {
    let anniversary = months_after(event, months);
    // Month ends clamp, so the answer lies within a few days of the anniversary.
    anniversary
        .iter_days()
        .take(8)
        .find(|day| !within(event, months, *day))
        .unwrap_or(anniversary)
}

/// A date written `YYYY-MM-DD`; nothing else is one.
pub fn parse_date(text: &str) -> Option<NaiveDate> {
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(place, byte)| match place {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    shape
        .then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok())
        .flatten()
}

pub(super) fn date<'de, D: Deserializer<'de>>(from: D) -> Result<NaiveDate, D::Error> {
    let text = String::deserialize(from)?;
    parse_date(&text).ok_or_else(|| de::Error::custom(format!("{text:?} is not a date YYYY-MM-DD")))
}

pub(super) fn optional_date<'de, D: Deserializer<'de>>(from: D) -> Result<Option<NaiveDate>, D::Error> {
    #[derive(Deserialize)]
    struct Day(#[serde(deserialize_with = "date")] NaiveDate);
    Ok(Option::<Day>::deserialize(from)?.map(|day| day.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        parse_date(text).unwrap()
    }

    #[test]
    fn month_ends_and_leap_days_are_clamped() {
        assert_eq!(months_after(day("2025-08-31"), 6), day("2026-02-28"));
        assert_eq!(months_before(day("2024-02-29"), 12), day("2023-02-28"));
        assert_eq!(whole_months(day("2025-08-31"), day("2026-02-28")), 6);
        assert_eq!(whole_months(day("2025-08-31"), day("2026-02-27")), 5);
        assert_eq!(whole_months(day("2024-02-29"), day("2025-02-28")), 12);
        assert_eq!(whole_months(day("2025-07-14"), day("2026-06-15")), 11);
        assert_eq!(whole_months(day("2026-06-15"), day("2025-06-15")), 0);
    }

    #[test]
    fn a_window_includes_its_first_day() {
        assert!(within(day("2025-06-15"), 12, day("2026-06-15")));
        assert!(!within(day("2025-06-14"), 12, day("2026-06-15")));
        assert!(within(day("2023-02-28"), 12, day("2024-02-29")));
        assert_eq!(first_clear_day(day("2025-06-15"), 12), day("2026-06-16"));
        assert_eq!(first_clear_day(day("2023-02-28"), 12), day("2024-03-01"));
        assert_eq!(first_clear_day(day("2024-02-29"), 12), day("2025-03-01"));
    }

    #[test]
    fn only_whole_iso_dates_are_read() {
        for text in [
            "2026-6-15",
            "2026-02-30",
            "20260615",
            "2026/06/15",
            " 2026-06-15",
            "２026-06-1",
            "",
        ] {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn whole_months_are_the_most_that_fit(from in 0_i64..40_000, apart in 0_i64..4_000) {
            let from = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap() + chrono::Days::new(from.unsigned_abs());
            let to = from + chrono::Days::new(apart.unsigned_abs());
            let months = whole_months(from, to);
            prop_assert!(months_after(from, months) <= to);
            prop_assert!(months_after(from, months + 1) > to);
        }

        #[test]
        fn the_first_clear_day_is_the_first(event in 0_u64..40_000, months in 1_u32..40) {
            let event = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap() + chrono::Days::new(event);
            let clear = first_clear_day(event, months);
            prop_assert!(!within(event, months, clear));
            prop_assert!(within(event, months, clear.pred_opt().unwrap()));
        }
    }
}
