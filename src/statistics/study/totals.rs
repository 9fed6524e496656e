//! Sums over all outlets.

use std::collections::BTreeMap;

use super::Study;
use crate::statistics::class::{ByClass, EvidenceClass};
use crate::statistics::sums::Sums;
use crate::statistics::tally::PersonSums;

/// A study added up over its outlets, made in one look at them.
#[derive(Debug, Clone, Default)]
pub(super) struct Totals {
    core: ByClass<Sums>,
    facets: ByClass<Vec<Sums>>,
    person: ByClass<BTreeMap<i64, PersonSums>>,
}

impl Totals {
    fn of(study: &Study) -> Self {
        let mut all = Self {
            facets: ByClass::from_fn(|_| vec![Sums::default(); study.scoring.facets().len()]),
            ..Self::default()
        };
        for groups in &study.outlets {
            for class in EvidenceClass::ALL {
                let group = groups.get(class);
                all.core.get_mut(class).absorb(&group.core);
                let facets = all.facets.get_mut(class).iter_mut();
                facets.zip(&group.facets).for_each(|(sum, more)| sum.absorb(more));
                let person = all.person.get_mut(class);
                group.person.iter().for_each(|(b, sums)| add(person, b as i64, sums));
            }
        }
        all
    }
}

fn add(all: &mut BTreeMap<i64, PersonSums>, b: i64, sums: PersonSums) {
    let place = all.entry(b).or_default();
    (place.n, place.a, place.aa) = (place.n + sums.n, place.a + sums.a, place.aa + sums.aa);
}

impl Study {
    fn totals(&self) -> &Totals {
        self.totals.get_or_init(|| Totals::of(self))
    }

    /// Sums of points of a class over all outlets.
    pub(crate) fn sums(&self, class: EvidenceClass) -> Sums {
        *self.totals().core.get(class)
    }

    /// The same of one facet.
    pub(crate) fn facet_sums(&self, class: EvidenceClass, facet: usize) -> Sums {
        let facets = self.totals().facets.get(class);
        facets.get(facet).copied().unwrap_or_default()
    }

    /// Responses of some classes by points available.
    pub(crate) fn person(&self, classes: &[EvidenceClass]) -> BTreeMap<i64, PersonSums> {
        let mut all = BTreeMap::new();
        for class in classes {
            let own = self.totals().person.get(*class);
            own.iter().for_each(|(b, sums)| add(&mut all, *b, *sums));
        }
        all
    }
}
