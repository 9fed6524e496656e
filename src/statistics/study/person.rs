//! Scored responses of one group by points available (T4).

use crate::statistics::tally::PersonSums;

/// Sums per distinct b, ascending. Few values occur in a group, so they lie side by side.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ByAvailable {
    available: Vec<u64>,
    sums: Vec<PersonSums>,
}

impl ByAvailable {
    /// Adds the sums of responses with b available points.
    #[inline]
    pub fn add(&mut self, b: u64, sums: PersonSums) {
        let place = self.available.partition_point(|known| *known < b);
        if self.available.get(place) != Some(&b) {
            self.available.insert(place, b);
            self.sums.insert(place, PersonSums::default());
        }
        if let Some(place) = self.sums.get_mut(place) {
            place.n += sums.n;
            place.a += sums.a;
            place.aa += sums.aa;
        }
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
