//! Rows that share people: items, and facets, which are sums of items.

use std::collections::BTreeMap;

use super::{Detail, total};
use crate::statistics::class::{ByClass, EvidenceClass};

/// What telling a facet is worth, an item being worth one.
const FACET_WORTH: u32 = 5;

/// A facet: a sum of items.
#[derive(Debug, Clone)]
pub struct Facet {
    /// Those who rated one of them.
    pub raters: ByClass<u64>,
    /// Its items.
    pub items: Vec<usize>,
}

/// Facets and items with those who rated them, by class, and by outlet and class.
#[derive(Debug, Clone)]
pub struct Rated<'a> {
    /// The facets.
    pub facets: Vec<Facet>,
    /// Raters of every item.
    pub items: Vec<ByClass<u64>>,
    /// The same of every outlet.
    pub at_outlets: Vec<ByClass<&'a [u64]>>,
}

/// Items that nothing published with some detail tells apart.
struct Group {
    items: Vec<usize>,
    /// Ratings of all of them: nobody where there are none.
    ratings: ByClass<u64>,
}

struct Plan<'a> {
    rated: &'a Rated<'a>,
    below: u64,
    /// Of the facets, then of the items.
    details: Vec<Detail>,
}

/// The detail of every facet and of every item; the whole, all items, is told with `whole`.
pub fn items(rated: &Rated<'_>, whole: Detail, below: u64) -> (Vec<Detail>, Vec<Detail>) {
    let rows = rated.facets.iter().map(|facet| &facet.raters).chain(&rated.items);
    let own = |raters: &ByClass<u64>| Detail::finest(std::slice::from_ref(raters), below).min(whole);
    let mut plan = Plan {
        rated,
        below,
        details: rows.map(own).collect(),
    };
    for detail in Detail::TELLING.into_iter().filter(|detail| *detail <= whole) {
        let mut groups = plan.groups(detail);
        while let Some(pair) = plan.unsafe_pair(detail, &groups) {
            plan.unite(detail, &groups, pair);
            groups = plan.groups(detail);
        }
    }
    let items = plan.details.split_off(rated.facets.len());
    (plan.details, items)
}

impl Plan<'_> {
    /// The rows told with this detail that an item is in.
    fn told_of(&self, detail: Detail, item: usize) -> Vec<usize> {
        let facets = self.rated.facets.iter();
        let has = facets.map(|facet| facet.items.contains(&item));
        let alone = (0..self.rated.items.len()).map(|other| other == item);
        let rows = has.chain(alone).zip(&self.details).enumerate();
        rows.filter(|(_, (has, own))| *has && **own >= detail)
            .map(|(row, _)| row)
            .collect()
    }

    /// The rated items by which of the told rows they are in.
    fn groups(&self, detail: Detail) -> Vec<Group> {
        let mut groups: BTreeMap<Vec<usize>, Group> = BTreeMap::new();
        let rated = self.rated.items.iter().enumerate();
        for (item, raters) in rated.filter(|(_, raters)| total(raters) > 0) {
            let group = groups.entry(self.told_of(detail, item)).or_insert_with(|| Group {
                items: Vec::new(),
                ratings: ByClass::default(),
            });
            group.items.push(item);
            for class in EvidenceClass::ALL {
                *group.ratings.get_mut(class) += raters.get(class);
            }
        }
        groups.into_values().collect()
    }

    /// Two groups between which few people may lie.
    fn unsafe_pair(&self, detail: Detail, groups: &[Group]) -> Option<[usize; 2]> {
        let pairs = (0..groups.len()).flat_map(|one| (0..one).map(move |other| [other, one]));
        pairs
            .into_iter()
            .find(|[one, other]| match (groups.get(*one), groups.get(*other)) {
                (Some(one), Some(other)) => !self.is_safe(detail, one, other),
                _ => false,
            })
    }

    fn is_safe(&self, detail: Detail, one: &Group, other: &Group) -> bool {
        // Where nobody rated one of them within a block, the block has nothing to compare.
        let lacks = |group: &Group| detail.sides(&group.ratings).is_some_and(|sides| sides.contains(&0));
        if lacks(one) || lacks(other) {
            return true;
        }
        let mut pairs = one
            .items
            .iter()
            .flat_map(|item| other.items.iter().map(move |other| (*item, *other)));
        pairs.any(|(item, other)| self.enough_between(detail, item, other))
    }

    /// Σ over outlets and classes of the fewer of both items' raters, in each block that this detail tells apart.
    fn enough_between(&self, detail: Detail, item: usize, other: usize) -> bool {
        let mut between = ByClass::<u64>::default();
        for outlet in &self.rated.at_outlets {
            for class in EvidenceClass::ALL {
                let raters = |item: usize| outlet.get(class).get(item).copied().unwrap_or(0);
                *between.get_mut(class) += raters(item).min(raters(other));
            }
            let enough = match detail.sides(&between) {
                Some(sides) => sides.iter().all(|people| *people >= self.below),
                None => total(&between) >= self.below,
            };
            if enough {
                return true;
            }
        }
        false
    }

    /// Tells one of two groups no longer apart from the group from which that costs least.
    fn unite(&mut self, detail: Detail, groups: &[Group], pair: [usize; 2]) {
        let ratings = |group: usize| groups.get(group).map_or(0, |group| total(&group.ratings));
        let [one, other] = pair;
        let smaller = if ratings(one) <= ratings(other) { one } else { other };
        let price = |group: usize| -> (u32, bool, u64) {
            let rows = self.between(detail, groups, [smaller, group]);
            let worth = |row: &usize| if *row < self.rated.facets.len() { FACET_WORTH } else { 1 };
            let ratings = groups.get(group).map(|group| group.ratings.clone()).unwrap_or_default();
            let small = detail.blocks(&ratings).iter().any(|people| *people < self.below);
            (rows.iter().map(worth).sum(), small, total(&ratings))
        };
        let others = (0..groups.len()).filter(|group| *group != smaller);
        let Some(cheapest) = others.min_by_key(|group| price(*group)) else {
            return;
        };
        for row in self.between(detail, groups, [smaller, cheapest]) {
            if let Some(own) = self.details.get_mut(row) {
                *own = detail.coarser();
            }
        }
    }

    /// The told rows that have one of two groups and not the other.
    fn between(&self, detail: Detail, groups: &[Group], pair: [usize; 2]) -> Vec<usize> {
        let told = |group: usize| {
            let first = groups.get(group).and_then(|group| group.items.first());
            first.map_or_else(Vec::new, |item| self.told_of(detail, *item))
        };
        let [one, other] = pair.map(told);
        let only_one = one.iter().filter(|row| !other.contains(row));
        only_one
            .chain(other.iter().filter(|row| !one.contains(row)))
            .copied()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two dimensions of two items at one outlet, answered in person by so many.
    fn details(raters: [u64; 4]) -> Vec<Detail> {
        let face = |people: u64| ByClass {
            face: people,
            ..ByClass::default()
        };
        let facet = |items: [usize; 2]| Facet {
            raters: face(
                items
                    .iter()
                    .filter_map(|item| raters.get(*item))
                    .copied()
                    .max()
                    .unwrap_or(0),
            ),
            items: items.to_vec(),
        };
        let rated = Rated {
            facets: vec![facet([0, 1]), facet([2, 3])],
            items: raters.into_iter().map(face).collect(),
            at_outlets: vec![ByClass {
                face: &raters,
                invited: &[],
                open: &[],
            }],
        };
        let (facets, items) = items(&rated, Detail::Classes, 5);
        [facets, items].concat()
    }

    const TOLD: Detail = Detail::Classes;
    const NOT: Detail = Detail::Nothing;

    #[test]
    fn what_everybody_rated_is_told() {
        assert_eq!(details([9, 8, 7, 9]), [TOLD; 6]);
    }

    #[test]
    fn an_item_with_few_raters_takes_another_of_its_dimension_with_it() {
        assert_eq!(details([9, 8, 2, 9]), [TOLD, TOLD, TOLD, TOLD, NOT, NOT]);
    }

    #[test]
    fn a_dimension_with_few_raters_takes_another_with_it() {
        assert_eq!(details([9, 8, 2, 2]), [NOT, NOT, TOLD, NOT, NOT, NOT]);
    }

    #[test]
    fn an_item_without_raters_protects_nobody_and_needs_nothing() {
        assert_eq!(details([9, 8, 0, 9]), [TOLD; 6]);
    }
}
