//! What the plan in force lets in: by which ways, from when until when. Asked of everything that arrives.
//!
//! Source: requirements.md §8.1, §8.2 (the plan names ways and time), §8.7.

use super::admission::Refusal;
use super::code_form::{begins_ms, date, day_of};
use super::link::LinkKind;
use super::plan_scope::{Scope, Way};

/// What was begun in the field and ends within this time after it still counts: 1 h, a whole hour as days in China begin at
/// one. The hour of arrival that is stored with every response tells which ones came in it.
pub const GRACE_MS: i64 = 3_600_000;

/// Ways and time in the field as they are in force; a plan that names none bounds nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// In the order of [`Way::ALL`].
    ways: [bool; 3],
    from_ms: Option<i64>,
    until_ms: Option<i64>,
}

impl Way {
    /// The way that a link is.
    pub fn of(kind: LinkKind) -> Self {
        match kind {
            LinkKind::Outlet => Way::Plate,
            LinkKind::Personal => Way::Mail,
            LinkKind::Printed => Way::Slip,
        }
    }
}

impl Field {
    /// Bounds nothing.
    pub const UNBOUNDED: Field = Field {
        ways: [true; 3],
        from_ms: None,
        until_ms: None,
    };

    /// What a plan says of customers; days begin and end in China.
    pub fn of(scope: Option<&Scope>) -> Self {
        let Some(scope) = scope else { return Self::UNBOUNDED };
        Self {
            ways: taken(|way| scope.ways.contains(&way)),
            from_ms: scope.first_day.map(begins_ms),
            until_ms: scope.last_day.map(after_ms),
        }
    }

    /// As it is stored; `None` for what the program cannot have stored.
    pub fn stored(ways: Option<&str>, from_ms: Option<i64>, until_ms: Option<i64>) -> Option<Self> {
        let ways = match ways {
            None => [true; 3],
            Some(names) => {
                let is_known = |name: &str| Way::ALL.iter().any(|way| way.as_str() == name);
                if !names.split(',').all(is_known) {
                    return None;
                }
                taken(|way| names.split(',').any(|name| name == way.as_str()))
            }
        };
        Some(Self {
            ways,
            from_ms,
            until_ms,
        })
    }

    /// Names of the ways; nothing where the plan names none.
    pub fn ways_text(&self) -> Option<String> {
        let names: Vec<&str> = Way::ALL
            .iter()
            .filter(|way| self.takes(**way))
            .map(|way| way.as_str())
            .collect();
        (names.len() < Way::ALL.len()).then(|| names.join(","))
    }

    /// First moment in the field, Unix ms.
    pub fn from_ms(&self) -> Option<i64> {
        self.from_ms
    }

    /// First moment after it, Unix ms.
    pub fn until_ms(&self) -> Option<i64> {
        self.until_ms
    }

    /// Whether the plan foresees this way.
    pub fn takes(&self, way: Way) -> bool {
        let place = Way::ALL.iter().position(|known| *known == way);
        place.and_then(|place| self.ways.get(place)).copied().unwrap_or(false)
    }

    /// Whether what was begun then and is done then lies in the field, the grace at its end included: a form opened and
    /// sent, an interview from start to end. Unix ms.
    ///
    /// # Errors
    /// [`Refusal::BeforeField`], [`Refusal::AfterField`].
    pub fn admit(&self, begun_ms: i64, done_ms: i64) -> Result<(), Refusal> {
        if let Some(until_ms) = self.until_ms.filter(|until_ms| begun_ms >= *until_ms) {
            return Err(over(until_ms));
        }
        self.admit_end(begun_ms, done_ms)
    }

    /// The same for an approach, of which only the end is known.
    ///
    /// # Errors
    /// As [`Self::admit`].
    pub fn admit_approach(&self, ended_ms: i64) -> Result<(), Refusal> {
        self.admit_end(ended_ms, ended_ms)
    }

    fn admit_end(&self, begun_ms: i64, done_ms: i64) -> Result<(), Refusal> {
        if let Some(from_ms) = self.from_ms.filter(|from_ms| begun_ms < *from_ms) {
            return Err(Refusal::BeforeField(date(day_of(from_ms)).unwrap_or_default()));
        }
        match self.until_ms.filter(|until_ms| done_ms >= *until_ms + GRACE_MS) {
            Some(until_ms) => Err(over(until_ms)),
            None => Ok(()),
        }
    }
}

/// The first moment after a day, Unix ms.
pub fn after_ms(day: chrono::NaiveDate) -> i64 {
    begins_ms(day.succ_opt().unwrap_or(day))
}

fn over(until_ms: i64) -> Refusal {
    Refusal::AfterField(date(day_of(until_ms - 1)).unwrap_or_default())
}

fn taken(is: impl Fn(Way) -> bool) -> [bool; 3] {
    let mut ways = [false; 3];
    for (place, way) in ways.iter_mut().zip(Way::ALL) {
        *place = is(*way);
    }
    ways
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE_MS: i64 = 60_000;

    fn field() -> Field {
        Field::of(Some(&Scope {
            ways: vec![Way::Plate, Way::Slip],
            first_day: "2026-11-02".parse().ok(),
            last_day: "2026-11-20".parse().ok(),
            ..Scope::usual()
        }))
    }

    #[test]
    fn days_are_those_of_china_and_what_was_begun_in_time_has_an_hour() {
        let field = field();
        // 2 November 00:00 and 21 November 00:00 in China.
        let (from_ms, until_ms) = (1_793_548_800_000, 1_795_190_400_000);
        assert_eq!((field.from_ms(), field.until_ms()), (Some(from_ms), Some(until_ms)));
        let (first, last) = ("2026-11-02".parse().unwrap(), "2026-11-20".parse().unwrap());
        let (early, over) = (Err(Refusal::BeforeField(first)), Err(Refusal::AfterField(last)));
        for (begun_ms, done_ms, told) in [
            (from_ms - 1, from_ms + MINUTE_MS, early),
            (from_ms, from_ms, Ok(())),
            (until_ms - 1, until_ms - 1, Ok(())),
            (until_ms - 1, until_ms + 60 * MINUTE_MS - 1, Ok(())),
            (until_ms - 1, until_ms + 60 * MINUTE_MS, over),
            (until_ms, until_ms, over),
        ] {
            assert_eq!(field.admit(begun_ms, done_ms), told, "{begun_ms}–{done_ms}");
        }
        assert_eq!(Field::UNBOUNDED.admit(0, i64::MAX), Ok(()));
    }

    #[test]
    fn what_is_stored_is_what_is_read() {
        let field = field();
        assert_eq!(field.ways_text().as_deref(), Some("qr,printed"));
        assert!(!field.takes(Way::of(LinkKind::Personal)) && field.takes(Way::of(LinkKind::Printed)));
        let stored = |field: Field| Field::stored(field.ways_text().as_deref(), field.from_ms(), field.until_ms());
        assert_eq!(stored(field), Some(field));
        assert_eq!(stored(Field::UNBOUNDED), Some(Field::UNBOUNDED));
        assert_eq!(Field::stored(Some("post"), None, None), None);
    }
}
