//! What a study counted, as one hash: two studies with the same digest give the same figures.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::Study;
use crate::statistics::class::EvidenceClass;

impl Study {
    /// SHA-256 over names, weights, customers and every sum, in a canonical order; hexadecimal. The same from rows as from
    /// tallies with their scan.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        let mut put = |text: String| {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        };
        let scoring = self.scoring();
        put(format!("{:?}", (scoring.items(), scoring.facets(), scoring.marks())));
        for item in scoring.scheme().items() {
            put(format!(
                "{:?}",
                (item.weight, item.full_points, &item.points, &item.facets)
            ));
        }
        let population = self.population();
        put(format!("{:?}", population.frame_outlets()));
        for margin in population.margins() {
            put(margin.variable.clone());
            for level in &margin.levels {
                put(format!("{:?}", (&level.name, level.customers)));
            }
        }
        for (outlet, groups) in population.outlets().iter().zip(&self.outlets) {
            put(format!("{:?}", (&outlet.name, outlet.customers)));
            for class in EvidenceClass::ALL {
                // Without a response its facets are empty, and written as zeros.
                let mut group = groups.get(class).clone();
                group.ready(scoring.facets().len(), 0);
                put(format!("{:?}", (&group.core, &group.facets)));
                put(format!("{:?}", group.person.iter().collect::<Vec<_>>()));
            }
        }
        for class in EvidenceClass::ALL {
            put(format!("{:?}", self.histograms(class)));
        }
        if let Some(scan) = self.scan() {
            put(scan.encode());
            // Without margins there is one level, and its sums are those of the outlets.
            if !population.margins().is_empty() {
                scan.cells().for_each(|cell| put(format!("{cell:?}")));
            }
        }
        // Questionnaires without such a list, and answers from before it, keep their digest.
        if !self.low_reasons().is_empty() {
            put(format!("{:?}", self.low_reasons()));
        }
        HEXLOWER.encode(&hash.finalize())
    }
}
