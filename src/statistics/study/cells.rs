//! In-person sums by outlet and joint level of the margin variables, for domains, post-stratification and raking.

use super::population::Population;
use crate::statistics::score::Points;
use crate::statistics::sums::Sums;

/// A person score of 1, in the integer units of [`Cell::person`].
const SHARE_ONE: u64 = 1 << 40;

const EMPTY: u32 = u32::MAX;

/// The responses of one outlet and joint level.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Cell {
    /// Sums of points.
    pub points: Sums,
    /// The same sums with everyone's available points set to [`SHARE_ONE`] and obtained points to the nearest share of
    /// it: sums of person scores, to 1e-12 of full marks, which add up in any order.
    pub person: Sums,
}

/// Cells that occur.
#[derive(Debug, Clone)]
pub(super) struct Cells {
    per_outlet: usize,
    /// Outlet × joint level → place in `cells`.
    places: Vec<u32>,
    cells: Vec<Cell>,
}

/// The person score of a response in units of [`SHARE_ONE`]; unscored stays unscored.
fn share(points: Points) -> Points {
    let (a, b) = (points.obtained as u64, points.available as u64);
    // a < 2^23, so the product stays below 2^63.
    match (a * SHARE_ONE + b / 2).checked_div(b) {
        Some(share) => Points {
            obtained: share as i64,
            available: SHARE_ONE as i64,
        },
        None => Points::default(),
    }
}

impl Cells {
    pub(super) fn new(population: &Population) -> Self {
        let per_outlet = population.cell_count();
        Self {
            per_outlet,
            places: vec![EMPTY; per_outlet * population.outlets().len()],
            cells: Vec::new(),
        }
    }

    fn place(&mut self, outlet: usize, cell: usize) -> Option<&mut Cell> {
        let place = self.places.get_mut(outlet * self.per_outlet + cell)?;
        if *place == EMPTY {
            *place = u32::try_from(self.cells.len()).ok()?;
            self.cells.push(Cell::default());
        }
        self.cells.get_mut(*place as usize)
    }

    pub(super) fn add(&mut self, outlet: usize, cell: usize, points: Points) {
        if let Some(place) = self.place(outlet, cell) {
            place.points.count(points);
            place.person.count(share(points));
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (outlet, cell, more) in other.iter() {
            if let Some(place) = self.place(outlet, cell) {
                place.points.absorb(&more.points);
                place.person.absorb(&more.person);
            }
        }
    }

    /// Outlet, joint level and sums of every cell that occurs, by outlet, then level.
    pub fn iter(&self) -> impl Iterator<Item = (usize, usize, &Cell)> {
        self.places.iter().enumerate().filter_map(|(key, place)| {
            let cell = self.cells.get(*place as usize)?;
            Some((key / self.per_outlet, key % self.per_outlet, cell))
        })
    }
}

impl PartialEq for Cells {
    /// Equal sums, whatever the order in which they first occurred.
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}
