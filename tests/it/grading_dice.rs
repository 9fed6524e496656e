//! Chance that is the same on every machine, and days as triples: what random cases are made with.

/// Year, month, day.
pub type Date = (i64, i64, i64);

/// SplitMix64: the same cases on every machine.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, sides: u64) -> i64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        i64::try_from((z ^ (z >> 31)) % sides).unwrap()
    }

    pub fn one_in(&mut self, sides: u64) -> bool {
        self.below(sides) == 0
    }

    pub fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[usize::try_from(self.below(words.len() as u64)).unwrap()]
    }

    /// A share in hundredths of a per cent, half the time at or beside a bound of the table.
    pub fn share(&mut self) -> i64 {
        match self.one_in(2) {
            true => (5_000 + 1_000 * self.below(5) + self.below(3) - 1).min(10_000),
            false => 4_000 + self.below(6_001),
        }
    }

    /// A day of 2023 to 2026, often the very day on which a window begins or ends.
    pub fn day(&mut self, onsite: Date) -> Date {
        if self.one_in(3) {
            let start = back(onsite, [6, 12, 24][usize::try_from(self.below(3)).unwrap()]);
            return match self.below(3) {
                0 => start,
                1 => (start.0, start.1, (start.2 - 1).max(1)),
                _ => (start.0, start.1, (start.2 + 1).min(month_days(start.0, start.1))),
            };
        }
        let (year, month) = (2023 + self.below(4), 1 + self.below(12));
        (year, month, 1 + self.below(month_days(year, month) as u64))
    }
}

pub fn month_days(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// So many months earlier; a day that this month does not have becomes its last.
pub fn back(day: Date, months: i64) -> Date {
    let all = day.0 * 12 + day.1 - 1 - months;
    let (year, month) = (all.div_euclid(12), all.rem_euclid(12) + 1);
    (year, month, day.2.min(month_days(year, month)))
}

pub fn text(day: Date) -> String {
    format!("{:04}-{:02}-{:02}", day.0, day.1, day.2)
}

pub fn decimal(hundredths: i64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}
