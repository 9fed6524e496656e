//! How often every pair (a, b) occurs, in person and electronically: the distribution that rank tests need.

use std::collections::HashMap;

use crate::statistics::score::Points;

/// Largest table that is kept as one block per channel.
const DENSE_MAX: u64 = 1 << 17;

/// Responses with the same points, by channel: in person, electronic.
pub(super) type Channels = [u64; 2];

/// Scored responses by points obtained and available.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ScoreCounts {
    step: u64,
    available_step: u64,
    width: usize,
    /// One block while the questionnaire is of usual size, else empty.
    dense: Vec<Channels>,
    sparse: HashMap<(u64, u64), Channels>,
}

impl ScoreCounts {
    /// Nothing yet; b is a multiple of `available_step`, a and b are multiples of `step`, both at most `max`.
    pub fn new(step: u64, available_step: u64, max: u64) -> Self {
        let (width, height) = (max / step + 1, max / available_step + 1);
        let places = width * height;
        let dense = if places <= DENSE_MAX { places } else { 0 };
        Self {
            step,
            available_step,
            width: width as usize,
            dense: vec![[0; 2]; dense as usize],
            sparse: HashMap::new(),
        }
    }

    /// Counts a response with these points.
    pub fn count(&mut self, points: Points, is_face: bool) {
        if let Some([face, electronic]) = self.place(points) {
            *(if is_face { face } else { electronic }) += 1;
        }
    }

    /// Counts responses with these points.
    pub fn add(&mut self, points: Points, counts: Channels) {
        for (count, more) in self.place(points).into_iter().flatten().zip(counts) {
            *count += more;
        }
    }

    /// Takes counts away that are in it; `false`, and nothing is as it was, when they cannot be.
    pub fn subtract(&mut self, other: &Self) -> bool {
        other.iter().all(|(points, counts)| {
            let places = self.place(points).into_iter().flatten().zip(counts);
            places
                .into_iter()
                .all(|(count, by)| count.checked_sub(by).map(|left| *count = left).is_some())
        })
    }

    fn place(&mut self, points: Points) -> Option<&mut Channels> {
        let (a, b) = (
            u64::try_from(points.obtained).ok()?,
            u64::try_from(points.available).ok()?,
        );
        if self.dense.is_empty() {
            return Some(self.sparse.entry((a, b)).or_default());
        }
        let place = (b / self.available_step) as usize * self.width + (a / self.step) as usize;
        self.dense.get_mut(place)
    }

    /// Adds the counts of another part of the study.
    pub fn merge(&mut self, other: &Self) {
        for (points, counts) in other.iter() {
            self.add(points, counts);
        }
    }

    /// Every pair that occurs, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (Points, Channels)> {
        let points = |a: u64, b: u64| Points {
            obtained: a as i64,
            available: b as i64,
        };
        // Most places are empty: their points need not be worked out.
        let taken = |(_, counts): &(usize, &Channels)| **counts != [0; 2];
        let dense = self.dense.iter().enumerate().filter(taken).map(move |(place, counts)| {
            let (row, column) = ((place / self.width) as u64, (place % self.width) as u64);
            (points(column * self.step, row * self.available_step), *counts)
        });
        let sparse = self
            .sparse
            .iter()
            .filter(|(_, counts)| **counts != [0; 2])
            .map(move |((a, b), counts)| (points(*a, *b), *counts));
        dense.chain(sparse)
    }
}
