//! What one thread has read of responses.csv.

use std::collections::BTreeMap;

use foldhash::quality::RandomState;

use super::Pack;
use super::identity::Identities;
use super::quality::Basis;
use super::responses::Row;
use crate::statistics::class::EvidenceClass;
use crate::statistics::study::{Study, StudyError};

/// Rows that wait until they are added, organisation by organisation: responses stand in the file in any order, and going from one
/// organisation's sums to another's with every row would miss the processor's caches. Counted in item codes.
const WAITING_CODES_MAX: usize = 1 << 20;

/// Rows of one organisation that wait.
#[derive(Default)]
struct Waiting {
    groups: Vec<(u32, EvidenceClass)>,
    levels: Vec<usize>,
    codes: Vec<u8>,
    /// Responses by reason for a low rating, by place of the code.
    low_reasons: BTreeMap<usize, u64>,
}

/// What one thread has read.
pub(super) struct Part {
    pub studies: Vec<Option<Study>>,
    waiting: Vec<Waiting>,
    waiting_codes: usize,
    pub basis: Option<Vec<Basis>>,
    pub identities: Identities,
    pub rows: u64,
}

impl Part {
    pub fn new(pack: &Pack, with_basis: bool, key: &RandomState) -> Self {
        let count = pack.frame.organisations.len();
        let basis = || (0..count).map(|_| Basis::empty(pack)).collect();
        Self {
            studies: vec![None; count],
            waiting: (0..count).map(|_| Waiting::default()).collect(),
            waiting_codes: 0,
            basis: with_basis.then(basis),
            identities: Identities::new(key),
            rows: 0,
        }
    }

    pub fn add(&mut self, pack: &Pack, row: &Row<'_>) -> Result<(), StudyError> {
        self.rows += 1;
        self.identities.add(row.id);
        let Some(waiting) = self.waiting.get_mut(row.organisation) else {
            return Ok(());
        };
        // A pack has far fewer outlets than fit.
        waiting.groups.push((row.outlet as u32, row.class));
        waiting.levels.extend_from_slice(row.levels);
        waiting.codes.extend_from_slice(row.codes);
        for place in row.low_reasons {
            *waiting.low_reasons.entry(*place).or_default() += 1;
        }
        self.waiting_codes += row.codes.len();
        if let Some(basis) = self.basis.as_mut().and_then(|all| all.get_mut(row.organisation)) {
            basis.add(pack, row);
        }
        if self.waiting_codes < WAITING_CODES_MAX {
            Ok(())
        } else {
            self.settle(pack)
        }
    }

    /// Adds the rows that wait.
    pub fn settle(&mut self, pack: &Pack) -> Result<(), StudyError> {
        self.waiting_codes = 0;
        let places = self
            .waiting
            .iter_mut()
            .zip(&mut self.studies)
            .zip(&pack.frame.organisations);
        for ((waiting, place), organisation) in places.filter(|((waiting, _), _)| !waiting.groups.is_empty()) {
            let new = || Study::new(pack.scoring.clone(), organisation.population.clone());
            let study = place.get_or_insert_with(new);
            let width = organisation.population.margins().len();
            let levels = (0..).map(|row| waiting.levels.get(row * width..(row + 1) * width).unwrap_or_default());
            let codes = waiting.codes.chunks_exact(pack.items.len());
            for (((outlet, class), levels), codes) in waiting.groups.iter().zip(levels).zip(codes) {
                study.add(*outlet as usize, *class, levels, codes)?;
            }
            let codes = pack.low_reasons.as_ref();
            let named = std::mem::take(&mut waiting.low_reasons).into_iter();
            let named = named.filter_map(|(place, count)| Some((codes?.code(place)?.clone(), count)));
            study.count_low_reasons(&named.collect());
            waiting.groups.clear();
            waiting.levels.clear();
            waiting.codes.clear();
        }
        Ok(())
    }
}
