//! Rows that share nobody: outlets.

use super::{Detail, total};
use crate::statistics::class::ByClass;

/// People of a row by every count that is published of it.
type Counts = [ByClass<u64>; 2];

/// The detail of every outlet, the whole being told with `whole` and a sum resting on `below` people at least.
pub fn outlets(rows: &[Counts], whole: Detail, below: u64) -> Vec<Detail> {
    let own = rows.iter().map(|row| Detail::finest(row, below).min(whole));
    let mut plan = Plan {
        rows,
        below,
        details: own.collect(),
    };
    let told = || Detail::TELLING.into_iter().filter(|detail| *detail <= whole);
    // Every step tells less of one row at least, and where no row is told the whole is safe.
    while let Some(detail) = told().find(|detail| !plan.is_safe(*detail)) {
        if !plan.withhold(detail) {
            break;
        }
    }
    plan.details
}

struct Plan<'a> {
    rows: &'a [Counts],
    below: u64,
    details: Vec<Detail>,
}

/// What lies beyond the rows told with some detail, by one count.
#[derive(Debug, Clone, Copy, Default)]
struct Beyond {
    people: u64,
    sides: [u64; 2],
    /// Sides of rows that nothing tells apart: all of them contribute the same one.
    unnamed: [u64; 2],
    /// The fewer of both sides, of every row told by itself.
    named: u64,
}

impl Beyond {
    fn add(&mut self, own: Detail, detail: Detail, people: &ByClass<u64>) {
        self.people += total(people);
        let Some([one, other]) = detail.sides(people) else {
            return;
        };
        let plus = |sides: [u64; 2]| [sides[0] + one, sides[1] + other];
        self.sides = plus(self.sides);
        match own {
            Detail::Nothing => self.unnamed = plus(self.unnamed),
            _ => self.named += one.min(other),
        }
    }

    fn is_safe(&self, detail: Detail, below: u64) -> bool {
        match detail {
            Detail::Nothing => true,
            Detail::Together => self.people == 0 || self.people >= below,
            Detail::Channels | Detail::Classes => {
                self.sides.contains(&0) || self.unnamed[0].min(self.unnamed[1]) + self.named >= below
            }
        }
    }
}

impl Plan<'_> {
    fn beyond(&self, detail: Detail) -> [Beyond; 2] {
        let mut found = [Beyond::default(); 2];
        let rows = self.details.iter().zip(self.rows);
        for (own, counts) in rows.filter(|(own, _)| **own < detail) {
            for (beyond, people) in found.iter_mut().zip(counts) {
                beyond.add(*own, detail, people);
            }
        }
        found
    }

    fn is_safe(&self, detail: Detail) -> bool {
        self.beyond(detail).iter().all(|one| one.is_safe(detail, self.below))
    }

    /// Tells one more row, or a few, with less than this detail.
    fn withhold(&mut self, detail: Detail) -> bool {
        let (candidates, beyond) = (self.candidates(detail), self.beyond(detail));
        let (rows, below) = (self.rows, self.below);
        let suffices = |row: &&usize, own: Detail| {
            let counts = rows.get(**row).into_iter().flatten();
            counts.zip(beyond).all(|(people, mut beyond)| {
                beyond.add(own, detail, people);
                beyond.is_safe(detail, below)
            })
        };
        let coarser = detail.coarser();
        if let Some(row) = candidates.iter().find(|row| suffices(row, coarser)) {
            return self.set(*row, coarser);
        }
        let gain = |row: &&usize| {
            let sides = rows.get(**row).and_then(|[_, scored]| detail.sides(scored));
            sides.map_or(0, |[one, other]| one.min(other))
        };
        if let Some(row) = candidates.iter().filter(|row| gain(row) > 0).max_by_key(gain) {
            return self.set(*row, coarser);
        }
        // No row has both sides: what is coarser already becomes one group, and further rows join it.
        let named = self.details.iter().any(|own| Detail::Nothing < *own && *own < detail);
        if named {
            for own in self.details.iter_mut().filter(|own| **own < detail) {
                *own = Detail::Nothing;
            }
            return true;
        }
        let joins = |row: &&usize| suffices(row, Detail::Nothing);
        match candidates.iter().find(joins).or(candidates.first()) {
            Some(row) => self.set(*row, Detail::Nothing),
            None => false,
        }
    }

    /// Rows with people that are told with this detail, fewest people first.
    fn candidates(&self, detail: Detail) -> Vec<usize> {
        let rows = self.details.iter().zip(self.rows).enumerate();
        let told = rows.filter(|(_, (own, [counted, _]))| **own >= detail && total(counted) > 0);
        let mut found: Vec<(u64, usize)> = told.map(|(row, (_, [_, scored]))| (total(scored), row)).collect();
        found.sort_unstable();
        found.into_iter().map(|(_, row)| row).collect()
    }

    fn set(&mut self, row: usize, own: Detail) -> bool {
        self.details.get_mut(row).map(|place| *place = own).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(face: u64, invited: u64, open: u64) -> Counts {
        let people = ByClass { face, invited, open };
        [people.clone(), people]
    }

    fn details(rows: &[Counts]) -> Vec<Detail> {
        outlets(rows, Detail::Classes, 5)
    }

    #[test]
    fn nothing_small_withholds_nothing() {
        let rows = [people(20, 10, 10), people(0, 0, 9), people(5, 0, 0)];
        assert_eq!(details(&rows), [Detail::Classes; 3]);
    }

    #[test]
    fn a_lone_small_outlet_takes_the_smallest_other_with_it() {
        let rows = [people(3, 0, 0), people(30, 0, 0), people(10, 0, 0)];
        assert_eq!(details(&rows), [Detail::Nothing, Detail::Classes, Detail::Nothing]);
    }

    #[test]
    fn two_small_ones_protect_each_other() {
        let rows = [people(3, 0, 0), people(2, 0, 0), people(30, 0, 0)];
        assert_eq!(details(&rows), [Detail::Nothing, Detail::Nothing, Detail::Classes]);
    }

    #[test]
    fn a_small_class_is_told_with_its_channel_and_another_outlet_joins() {
        let rows = [people(10, 20, 3), people(10, 9, 8), people(10, 40, 40)];
        assert_eq!(details(&rows), [Detail::Channels, Detail::Channels, Detail::Classes]);
        let rows = [people(3, 20, 20), people(6, 20, 20), people(50, 50, 50)];
        assert_eq!(details(&rows), [Detail::Together, Detail::Together, Detail::Classes]);
    }

    /// In person 3 and 9, electronic only at the first: 43 less all electronic answers would be the three.
    #[test]
    fn without_another_outlet_of_both_channels_the_small_one_is_hidden_whole() {
        let rows = [people(3, 40, 0), people(30, 0, 0), people(9, 0, 0)];
        assert_eq!(details(&rows), [Detail::Nothing, Detail::Classes, Detail::Nothing]);
    }

    /// 22 at either, but the first less everybody in person is the two electronic less the two in person.
    #[test]
    fn outlets_of_one_channel_each_are_hidden_when_few_are_of_the_other() {
        let rows = [people(20, 2, 0), people(2, 20, 0)];
        assert_eq!(details(&rows), [Detail::Nothing; 2]);
    }
}
