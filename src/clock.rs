//! The one clock of a running program, passed to whoever needs the time; tests move it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// System time plus an offset that is zero outside tests.
#[derive(Debug, Clone, Default)]
pub struct Clock(Arc<AtomicI64>);

impl Clock {
    /// Now, Unix ms UTC.
    pub fn now_ms(&self) -> i64 {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_millis());
        i64::try_from(now)
            .unwrap_or(i64::MAX)
            .saturating_add(self.0.load(Ordering::Relaxed))
    }

    /// Moves the clock by so many milliseconds.
    pub fn advance_ms(&self, by: i64) {
        self.0.fetch_add(by, Ordering::Relaxed);
    }
}

/// When the day of a moment began in China Standard Time (UTC+8), Unix ms: a full hour.
pub fn day_began_ms(now_ms: i64) -> i64 {
    const DAY_MS: i64 = 86_400_000;
    let local = now_ms.saturating_add(CHINA_OFFSET_MS);
    local - local.rem_euclid(DAY_MS) - CHINA_OFFSET_MS
}

const CHINA_OFFSET_MS: i64 = 8 * 3_600_000;

/// The day of a moment in China Standard Time (UTC+8).
pub fn day_in_china(now_ms: i64) -> chrono::NaiveDate {
    in_china(now_ms).date()
}

/// Day and time of a moment in China Standard Time (UTC+8).
pub fn in_china(now_ms: i64) -> chrono::NaiveDateTime {
    chrono::DateTime::from_timestamp_millis(now_ms.saturating_add(CHINA_OFFSET_MS))
        .unwrap_or_default()
        .naive_utc()
}

/// The month of a moment and the eleven before it plus the same month a year ago, `YYYY-MM`, latest first: the months in
/// which "a service in the last 12 months" can lie. Months are counted in China Standard Time (UTC+8).
pub fn months_before(now_ms: i64) -> Vec<String> {
    let day = day_in_china(now_ms);
    (0..=12)
        .filter_map(|back| day.checked_sub_months(chrono::Months::new(back)))
        .map(|day| day.format("%Y-%m").to_string())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_china() {
        // 2026-03-31 15:59:59.999 and 16:00 UTC: the last moment of the day there, and the first of the next.
        let midnight = 1_774_972_800_000;
        assert_eq!(day_began_ms(midnight - 1), midnight - 86_400_000);
        assert_eq!(day_began_ms(midnight), midnight);
    }

    #[test]
    fn the_months_offered_reach_back_a_year() {
        // 2026-03-31 23:30 UTC is already April in China.
        let months = months_before(1_774_999_800_000);
        assert_eq!(months.len(), 13);
        assert_eq!((months[0].as_str(), months[12].as_str()), ("2026-04", "2025-04"));
    }
}
