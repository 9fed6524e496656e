//! Scored responses of one group by points available (T4), reached by one step per row.

use crate::statistics::tally::PersonSums;

const PAGE: usize = 64;

/// Sums per distinct b, in pages that exist once a row falls into them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ByAvailable {
    step: u64,
    pages: Vec<Option<Box<[PersonSums; PAGE]>>>,
}

impl ByAvailable {
    /// Nothing yet; every b is a multiple of `step` and at most `max`.
    pub fn new(step: u64, max: u64) -> Self {
        let slots = usize::try_from(max / step).unwrap_or(0) + 1;
        Self {
            step,
            pages: vec![None; slots.div_ceil(PAGE)],
        }
    }

    /// Adds the sums of responses with b available points.
    pub fn add(&mut self, b: u64, sums: PersonSums) {
        let slot = usize::try_from(b / self.step).unwrap_or(usize::MAX);
        let Some(page) = self.pages.get_mut(slot / PAGE) else {
            return;
        };
        let page = page.get_or_insert_with(|| Box::new([PersonSums::default(); PAGE]));
        if let Some(place) = page.get_mut(slot % PAGE) {
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
        let pages = self.pages.iter().enumerate();
        let present = pages.filter_map(|(number, page)| Some((number * PAGE, page.as_deref()?)));
        let slots = present.flat_map(|(first, page)| (first..).zip(page));
        slots
            .filter(|(_, sums)| sums.n > 0)
            .map(|(slot, sums)| (slot as u64 * self.step, *sums))
    }
}
