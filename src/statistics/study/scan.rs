//! Sums that only a pass over the rows gives: cross sums of items, the distribution of scores, cells of margin levels.
//!
//! Source: statistics.md §12: T5 and the raking cells of T1 are computed by a scan when fieldwork closes or on demand.

use super::cells::Cells;
use super::pairs::Pairs;
use super::population::Population;
use super::scores::ScoreCounts;
use super::scoring::Scoring;
use super::{Cell, ListwiseSums, PairSums, StudyError, scan_text};
use crate::statistics::class::EvidenceClass;
use crate::statistics::codec::DecodeError;
use crate::statistics::score::Points;

/// Cross sums of a study.
#[derive(Debug, Clone, PartialEq)]
pub struct Scan {
    pairs: Pairs,
    scores: ScoreCounts,
    cells: Cells,
}

impl Scan {
    /// Nothing yet.
    pub fn new(scoring: &Scoring, population: &Population) -> Self {
        let dimensions = 0..scoring.dimensions().len();
        let scales = dimensions.map(|facet| scoring.items_of(facet));
        let every = (0..scoring.items().len()).collect();
        Self {
            pairs: Pairs::new(scoring.items().len(), scales.chain([every]).collect()),
            scores: ScoreCounts::new(scoring.points_step(), scoring.available_step(), scoring.available_max()),
            cells: Cells::new(population),
        }
    }

    /// Adds a response, as [`super::Study::add`] does, for a study whose other sums come from tallies.
    ///
    /// # Errors
    /// [`StudyError::Outlet`], [`StudyError::Levels`], [`StudyError::Codes`] or [`StudyError::Code`].
    pub fn add(
        &mut self,
        (scoring, population): (&Scoring, &Population),
        outlet: usize,
        class: EvidenceClass,
        levels: &[usize],
        codes: &[u8],
    ) -> Result<(), StudyError> {
        if outlet >= population.outlets().len() {
            return Err(StudyError::Outlet(outlet));
        }
        let cell = population.cell(levels).ok_or(StudyError::Levels)?;
        let points = scoring.score(codes, &mut [])?;
        self.count(outlet, class, cell, codes, points);
        Ok(())
    }

    pub(super) fn count(&mut self, outlet: usize, class: EvidenceClass, cell: usize, codes: &[u8], points: Points) {
        self.pairs.add(codes);
        let face = class == EvidenceClass::Face;
        if points.available > 0 {
            self.scores.count(points, face);
        }
        if face {
            self.cells.add(outlet, cell, points);
        }
    }

    /// Takes responses away that are in it; `false`, and the scan is of no use any more, when they cannot be. Cells of margin
    /// levels stay: a study whose responses change has none.
    pub fn subtract(&mut self, other: &Self) -> bool {
        self.pairs.subtract(&other.pairs) && self.scores.subtract(&other.scores)
    }

    /// Adds the rows that wait, so that whoever asks for cross sums need not.
    pub(super) fn settle(&mut self) {
        self.pairs.settle();
    }

    /// Adds another part of the same study.
    pub fn merge(&mut self, other: &Self) {
        self.pairs.merge(&other.pairs);
        self.scores.merge(&other.scores);
        self.cells.merge(&other.cells);
    }

    /// The cross sums and the distribution of scores as text, for one database column; cells of margin levels are not in
    /// it, because an evaluation in the database has no margins.
    pub fn encode(&self) -> String {
        scan_text::encode(self)
    }

    /// Reads what [`Self::encode`] wrote.
    ///
    /// # Errors
    /// [`DecodeError`] for a text that is not exactly what writing gives, or of another questionnaire.
    pub fn decode(text: &str, scoring: &Scoring, population: &Population) -> Result<Self, DecodeError> {
        scan_text::decode(text, Self::new(scoring, population))
    }

    pub(super) fn parts_mut(&mut self) -> (&mut Pairs, &mut ScoreCounts) {
        (&mut self.pairs, &mut self.scores)
    }

    /// Scored responses.
    pub fn scored(&self) -> u64 {
        self.scores().map(|(_, [face, electronic])| face + electronic).sum()
    }

    /// Pairwise cross sums, see [`Pairs::pairs`].
    pub(crate) fn pairs(&self) -> Vec<PairSums> {
        self.pairs.pairs()
    }
    /// Sums over complete rows of every dimension, then of all items.
    pub(crate) fn listwise(&self) -> Vec<ListwiseSums> {
        self.pairs.listwise()
    }
    /// How often every pair of points occurs in person and electronically, in no particular order.
    pub(crate) fn scores(&self) -> impl Iterator<Item = (Points, [u64; 2])> {
        self.scores.iter()
    }
    /// In-person sums by outlet and joint margin level, ascending.
    pub(crate) fn cells(&self) -> impl Iterator<Item = (usize, usize, &Cell)> {
        self.cells.iter()
    }
}
