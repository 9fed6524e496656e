//! Scored responses of one group by points available (T4).

use crate::statistics::tally::PersonSums;

/// Sums per distinct b, ascending. Few values occur in a group, so they lie side by side.
#[derive(Debug, Clone, Default)]
pub(super) struct ByAvailable {
    available: Vec<u64>,
    sums: Vec<PersonSums>,
    /// Where the last one was found: most responses rated everything.
    last: usize,
}

impl ByAvailable {
    /// Adds the sums of responses with b available points.
    pub fn add(&mut self, b: u64, sums: PersonSums) {
        if self.available.get(self.last) != Some(&b) {
            self.last = self.available.partition_point(|known| *known < b);
            if self.available.get(self.last) != Some(&b) {
                self.available.insert(self.last, b);
                self.sums.insert(self.last, PersonSums::default());
            }
        }
        if let Some(place) = self.sums.get_mut(self.last) {
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

impl PartialEq for ByAvailable {
    /// Equal sums, wherever the last one was found.
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for ByAvailable {}
