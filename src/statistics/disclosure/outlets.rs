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

impl Plan<'_> {
    /// Whether what lies beyond the rows of this detail rests on enough people.
    fn is_safe(&self, detail: Detail) -> bool {
        (0..2).all(|count| match detail {
            Detail::Nothing => true,
            Detail::Together => {
                let hidden: u64 = self.beyond(detail, count).map(|(_, people)| total(people)).sum();
                hidden == 0 || hidden >= self.below
            }
            Detail::Channels | Detail::Classes => self.sides_are_safe(detail, count),
        })
    }

    fn sides_are_safe(&self, detail: Detail, count: usize) -> bool {
        let (mut all, mut unnamed, mut named) = ([0, 0], [0, 0], 0);
        for (own, people) in self.beyond(detail, count) {
            let Some([one, other]) = detail.sides(people) else {
                continue;
            };
            all = [all[0] + one, all[1] + other];
            match own {
                // Nothing tells these rows apart, so all of them contribute the same side.
                Detail::Nothing => unnamed = [unnamed[0] + one, unnamed[1] + other],
                _ => named += one.min(other),
            }
        }
        all.contains(&0) || unnamed[0].min(unnamed[1]) + named >= self.below
    }

    /// Rows told with less than this detail, by one count.
    fn beyond(&self, detail: Detail, count: usize) -> impl Iterator<Item = (Detail, &ByClass<u64>)> {
        let rows = self.details.iter().zip(self.rows);
        rows.filter(move |(own, _)| **own < detail)
            .filter_map(move |(own, counts)| Some((*own, counts.get(count)?)))
    }

    /// Tells one more row, or a few, with less than this detail.
    fn withhold(&mut self, detail: Detail) -> bool {
        let candidates = self.candidates(detail);
        let coarser = detail.coarser();
        if let Some(row) = candidates.iter().find(|row| self.would_be_safe(detail, **row, coarser)) {
            return self.set(*row, coarser);
        }
        let gain = |row: &&usize| {
            let sides = self.rows.get(**row).and_then(|[_, scored]| detail.sides(scored));
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
        let joins = |row: &&usize| self.would_be_safe(detail, **row, Detail::Nothing);
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

    fn would_be_safe(&self, detail: Detail, row: usize, own: Detail) -> bool {
        let mut trial = Plan {
            details: self.details.clone(),
            ..*self
        };
        trial.set(row, own) && trial.is_safe(detail)
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
