//! Which cells of a survey result may be published.
//!
//! Rows: the whole evaluation, each outlet, each facet, each item. Columns: face, invited, open, electronic, all. Sums a
//! reader knows: electronic = invited + open and all = face + electronic in every row; whole = Σ outlets, whole = Σ items
//! and facet = Σ its items in every column (points obtained and available add up over items). [`disclosure`] decides how
//! finely each row is told.

use std::collections::BTreeMap;

use num_integer::Integer;

use super::class::{ByClass, ByColumn};
use super::disclosure::{self, Detail, Rated};
use super::method::{Composition, Method, Target};
use super::study::Study;
use super::suppress::Cell;

/// How many people stand behind the rows.
pub(super) struct Layout<'a> {
    /// Of the whole: counted responses, and those with points.
    pub whole: [ByClass<u64>; 2],
    /// The same of every outlet with a row.
    pub outlets: Vec<[ByClass<u64>; 2]>,
    /// Customers of these outlets.
    pub customers: Vec<Option<u64>>,
    /// Facets and items.
    pub rated: Rated<'a>,
}

/// Which cells are withheld, in the order of the [`Layout`].
pub(super) struct Withheld {
    pub overall: ByColumn<bool>,
    pub outlets: Vec<ByColumn<bool>>,
    pub facets: Vec<ByColumn<bool>>,
    pub items: Vec<ByColumn<bool>>,
}

impl Withheld {
    /// What a method adds: its S or S_face is one more equation about the cells it is made of.
    pub fn under(mut self, method: &Method, layout: &Layout<'_>, below: u64) -> Self {
        let overall = &mut self.overall;
        if method.exclude_open && overall.invited {
            overall.all = true;
        }
        if matches!(method.composition, Composition::Fixed(_)) && (overall.face || overall.electronic) {
            overall.all = true;
        }
        if method.target == Target::Population && self.outlets.iter().any(|outlet| outlet.face) {
            for outlet in &mut self.outlets {
                (outlet.face, outlet.all) = (true, true);
            }
            if weights_tell_few(layout, below) {
                (self.overall.face, self.overall.all) = (true, true);
            }
        }
        self
    }
}

/// Whether S_face with weights by outlet, less all in-person points times the weight of some outlets, rests on few people.
fn weights_tell_few(layout: &Layout<'_>, below: u64) -> bool {
    let weight = |counted: u64, customers: Option<u64>| {
        let customers = customers.unwrap_or(0);
        let common = counted.gcd(&customers).max(1);
        (customers / common, counted / common)
    };
    let mut people: BTreeMap<(u64, u64), u64> = BTreeMap::new();
    let rows = layout.outlets.iter().zip(&layout.customers);
    for ([counted, scored], customers) in rows.filter(|([counted, _], _)| counted.face > 0) {
        *people.entry(weight(counted.face, *customers)).or_default() += scored.face;
    }
    let all: u64 = people.values().sum();
    people.values().any(|same| (1..below).contains(&(all - same)))
}

/// Decides for sums of fewer than `below` people.
pub(super) fn decide(layout: &Layout<'_>, below: u64) -> Withheld {
    let whole = Detail::finest(&layout.whole, below);
    let outlets = disclosure::outlets(&layout.outlets, whole, below);
    let (facets, items) = disclosure::items(&layout.rated, whole, below);
    let hidden = |detail: Detail| ByColumn::from_fn(|column| !detail.tells(column));
    let rows = |details: Vec<Detail>| details.into_iter().map(hidden).collect();
    Withheld {
        overall: hidden(whole),
        outlets: rows(outlets),
        facets: rows(facets),
        items: rows(items),
    }
}

/// Responses by reason for a low rating, over all channels. Few are withheld, and all of a dimension whose score is. As one
/// response may name several reasons, counts are in no sum with one another or with other cells: none tells another.
pub(super) fn low_reasons(study: &Study, withheld: &Withheld, below: u64) -> BTreeMap<String, Cell<u64>> {
    let dimensions = study.scoring().dimensions();
    let is_withheld = |code: &str| {
        let known = code.split_once('.').map(|(dimension, _)| dimension);
        let place = dimensions.iter().position(|name| Some(name.as_str()) == known);
        let facet = place.and_then(|place| withheld.facets.get(place));
        facet.is_none_or(|facet| facet.all) || withheld.overall.all
    };
    let cell = |(code, count): (&String, &u64)| {
        let few = (1..below).contains(count);
        (code.clone(), Cell::of(few || is_withheld(code), Ok(*count)))
    };
    study.low_reasons().iter().map(cell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::exact::Ratio;

    fn hidden(face: bool, invited: bool, electronic: bool) -> ByColumn<bool> {
        ByColumn {
            face,
            invited,
            electronic,
            ..ByColumn::default()
        }
    }

    /// S of a fixed share and S_face give S_elec away; S without open codes and S_face give the invited away.
    #[test]
    fn no_composition_gives_a_withheld_channel_away() {
        let two = |people: [u64; 2]| {
            let face = |face| ByClass {
                face,
                ..ByClass::default()
            };
            people.map(|people| [face(people), face(people)]).to_vec()
        };
        let layout = |people| Layout {
            whole: [ByClass::default(), ByClass::default()],
            outlets: two(people),
            customers: vec![Some(100), Some(100)],
            rated: Rated {
                facets: Vec::new(),
                items: Vec::new(),
                at_outlets: Vec::new(),
            },
        };
        let withheld = |overall| Withheld {
            overall,
            outlets: vec![hidden(true, false, false), hidden(false, false, false)],
            facets: Vec::new(),
            items: Vec::new(),
        };
        let pooled = Method::default();
        let fixed = Method {
            composition: Composition::Fixed(Ratio::new(2.into(), 5.into())),
            ..Method::default()
        };
        let without_open = Method {
            exclude_open: true,
            ..Method::default()
        };
        for (method, overall, s) in [
            (&pooled, hidden(false, true, false), false),
            (&fixed, hidden(false, false, true), true),
            (&fixed, hidden(true, false, false), true),
            (&fixed, hidden(false, true, false), false),
            (&without_open, hidden(false, true, false), true),
            (&without_open, hidden(false, false, false), false),
        ] {
            let found = withheld(overall).under(method, &layout([9, 12]), 5);
            assert_eq!(found.overall.all, s, "{method:?}");
        }
        // Weights by outlet are one more equation: then no outlet's in-person score is told.
        let population = Method {
            target: Target::Population,
            ..Method::default()
        };
        let open = |people| withheld(hidden(false, false, false)).under(&population, &layout(people), 5);
        let told = open([9, 12]);
        assert!(told.outlets.iter().all(|outlet| outlet.face && outlet.all) && !told.overall.face);
        // Two weights, and three people: all in person less S_face of the population leaves the three.
        assert!(open([3, 12]).overall.face && open([3, 12]).overall.all);
    }
}
