//! Scored responses of one group by points available (T4).

use crate::statistics::tally::PersonSums;

/// Sums per distinct b, ascending. Few values occur in a group, so they lie side by side.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ByAvailable {
    available: Vec<u64>,
    sums: Vec<PersonSums>,
}

impl ByAvailable {
    /// Adds a response with a of b available points.
    pub fn count(&mut self, b: u64, a: i64) {
        if let Some(place) = self.place(b) {
            place.n += 1;
            place.a += a;
            place.aa += i128::from(a) * i128::from(a);
        }
    }

    /// Adds the sums of responses with b available points.
    pub fn add(&mut self, b: u64, sums: PersonSums) {
        if let Some(place) = self.place(b) {
            place.n += sums.n;
            place.a += sums.a;
            place.aa += sums.aa;
        }
    }

    fn place(&mut self, b: u64) -> Option<&mut PersonSums> {
        let place = self.available.partition_point(|known| *known < b);
        if self.available.get(place) != Some(&b) {
            self.available.insert(place, b);
            self.sums.insert(place, PersonSums::default());
        }
        self.sums.get_mut(place)
    }

    /// Adds another group of the same scoring.
    pub fn merge(&mut self, other: &Self) {
        for (b, sums) in other.iter() {
            self.add(b, sums);
        }
    }

    /// Every b that occurs, ascending, with its sums.
    pub fn iter(&self) -> impl Iterator<Item = (u64, PersonSums)> {
        self.available.iter().copied().zip(self.sums.iter().copied())
    }
}
