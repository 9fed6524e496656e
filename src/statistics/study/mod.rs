//! One organisation's survey as integers that add up: all that its statistics need, row by row or from stored tallies.
//!
//! Source: statistics.md §12 (T1–T5). Rows in any order, merged in any grouping, give the same study bit for bit. A study
//! made of tallies knows no cross sums; a study made of rows knows them too ([`Scan`]).

mod cells;
mod digest;
mod pairs;
mod person;
mod population;
mod scan;
mod scan_text;
mod scores;
mod scoring;
#[cfg(test)]
mod tests;
mod totals;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

pub(crate) use self::cells::Cell;
pub(crate) use self::pairs::{ListwiseSums, PairSums};
use self::person::ByAvailable;
pub use self::population::{CELL_COUNT_MAX, Level, Margin, Outlet, Population};
pub use self::scan::Scan;
use self::scoring::Word;
pub use self::scoring::{NOT_APPLICABLE, NOT_SHOWN, RATING_MAX, SKIPPED, Scoring};
use self::totals::Totals;
use super::class::{ByClass, EvidenceClass};
use super::score::Points;
use super::sums::Sums;
use super::tally::{ItemHistogram, PersonSums, Tally, TallyError};

/// Most rows of a study: with them every sum stays in its integer, see [`super::score::AVAILABLE_MAX`].
pub const ROW_COUNT_MAX: u64 = 1 << 39;

/// Why a study refuses something. It is then as it was before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StudyError {
    /// Names do not fit the score scheme.
    #[error("names do not fit the items and facets, or an item has more than {RATING_MAX} codes")]
    Names,
    /// A margin variable without a level.
    #[error("margin variable {0} has no level")]
    Margin(usize),
    /// More outlets × joint levels than [`CELL_COUNT_MAX`].
    #[error("more than {CELL_COUNT_MAX} cells of outlets and margin levels")]
    TooManyCells,
    /// An outlet outside the population.
    #[error("unknown outlet {0}")]
    Outlet(usize),
    /// Not one known level per margin variable.
    #[error("not one known level for every margin variable")]
    Levels,
    /// Another number of codes than of items.
    #[error("not one code per item")]
    Codes,
    /// A code outside the scale.
    #[error("item {item}: code {code} is not on the scale")]
    Code {
        /// Position in questionnaire order, from 0.
        item: usize,
        /// The code found.
        code: u8,
    },
    /// Two studies of different questionnaires or populations, or one with and one without cross sums.
    #[error("studies of different questionnaires or populations")]
    Different,
    /// More than [`ROW_COUNT_MAX`] rows.
    #[error("more than {ROW_COUNT_MAX} rows")]
    TooManyRows,
    /// A tally that does not add up.
    #[error(transparent)]
    Tally(#[from] TallyError),
}

/// The responses of one outlet and evidence class. Without any, its lists are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Group {
    core: Sums,
    facets: Vec<Sums>,
    person: ByAvailable,
    /// Ratings by item.
    rated: Vec<u64>,
}

impl Group {
    /// Room for a response.
    fn ready(&mut self, facets: usize, items: usize) {
        if self.core.n == 0 {
            self.facets = vec![Sums::default(); facets];
            self.rated = vec![0; items];
        }
    }

    fn merge(&mut self, other: &Self) {
        if other.core.n == 0 {
            return;
        }
        self.ready(other.facets.len(), other.rated.len());
        self.core.absorb(&other.core);
        for (facet, more) in self.facets.iter_mut().zip(&other.facets) {
            facet.absorb(more);
        }
        self.person.merge(&other.person);
        self.rated
            .iter_mut()
            .zip(&other.rated)
            .for_each(|(sum, more)| *sum += more);
    }
}

/// Sufficient statistics of one organisation.
#[derive(Debug, Clone)]
pub struct Study {
    scoring: Arc<Scoring>,
    population: Arc<Population>,
    outlets: Vec<ByClass<Group>>,
    /// Counts by item and place (ratings, not applicable, skipped, not shown), one line per class.
    items: ByClass<Vec<u64>>,
    item_width: usize,
    scan: Option<Scan>,
    low_reasons: BTreeMap<String, u64>,
    rows: u64,
    facet_points: Vec<Word>,
    /// Once they were asked for.
    totals: OnceLock<Totals>,
}

impl Study {
    /// A study without a row, ready for rows.
    pub fn new(scoring: Arc<Scoring>, population: Arc<Population>) -> Self {
        let scan = Scan::new(&scoring, &population);
        Self {
            scan: Some(scan),
            ..Self::without_scan(scoring, population)
        }
    }

    fn without_scan(scoring: Arc<Scoring>, population: Arc<Population>) -> Self {
        let codes = scoring.scheme().items().iter().map(|item| item.points.len());
        let item_width = codes.max().unwrap_or(0) + 3;
        Self {
            outlets: population.outlets().iter().map(|_| ByClass::default()).collect(),
            items: ByClass::from_fn(|_| vec![0; item_width * scoring.items().len()]),
            item_width,
            scan: None,
            low_reasons: BTreeMap::new(),
            rows: 0,
            facet_points: vec![Word::default(); scoring.facets().len()],
            totals: OnceLock::new(),
            scoring,
            population,
        }
    }

    /// A study without a tally, ready for tallies.
    pub fn of_tallies(scoring: Arc<Scoring>, population: Arc<Population>) -> Self {
        Self::without_scan(scoring, population)
    }

    /// The same with the cross sums of its rows.
    pub fn with_scan(self, scan: Option<Scan>) -> Self {
        Self { scan, ..self }
    }

    /// Adds a stored tally with the index of its outlet.
    ///
    /// # Errors
    /// [`StudyError::Outlet`], [`StudyError::TooManyRows`], or [`StudyError::Tally`] for a tally of another questionnaire.
    pub fn add_tally(&mut self, outlet: usize, class: EvidenceClass, tally: &Tally) -> Result<(), StudyError> {
        let group = self.outlets.get_mut(outlet).ok_or(StudyError::Outlet(outlet))?;
        let group = group.get_mut(class);
        let shape = |item: &ItemHistogram| item.rated.len();
        let codes = self.scoring.scheme().items().iter().map(|item| item.points.len());
        if tally.facets().len() != self.scoring.facets().len() || !tally.items().iter().map(shape).eq(codes) {
            return Err(TallyError::Shape.into());
        }
        if tally.core().n == 0 {
            return Ok(());
        }
        let rows = self.rows.saturating_add(tally.core().n);
        if rows > ROW_COUNT_MAX {
            return Err(StudyError::TooManyRows);
        }
        self.rows = rows;
        self.totals.take();
        group.ready(tally.facets().len(), tally.items().len());
        group.core.absorb(tally.core());
        for (facet, more) in group.facets.iter_mut().zip(tally.facets()) {
            facet.absorb(more);
        }
        for (b, sums) in tally.person() {
            group.person.add(u64::try_from(*b).unwrap_or(0), *sums);
        }
        for (sum, item) in group.rated.iter_mut().zip(tally.items()) {
            *sum += item.answered();
        }
        self.count_low_reasons(tally.low_reasons());
        let lines = self.items.get_mut(class).chunks_exact_mut(self.item_width);
        for (line, item) in lines.zip(tally.items()) {
            let counts = item.rated.iter().chain([&item.not_applicable, &item.skipped]);
            line.iter_mut().zip(counts).for_each(|(sum, more)| *sum += more);
        }
        Ok(())
    }

    /// Adds a response: its outlet, its class, the level of every margin variable, the code of every item.
    ///
    /// # Errors
    /// [`StudyError::Outlet`], [`StudyError::Levels`], [`StudyError::Codes`], [`StudyError::Code`], or
    /// [`StudyError::TooManyRows`].
    pub fn add(
        &mut self,
        outlet: usize,
        class: EvidenceClass,
        levels: &[usize],
        codes: &[u8],
    ) -> Result<Points, StudyError> {
        let points = self.scoring.score(codes, &mut self.facet_points)?;
        let group = self.outlets.get_mut(outlet).ok_or(StudyError::Outlet(outlet))?;
        if self.rows >= ROW_COUNT_MAX {
            return Err(StudyError::TooManyRows);
        }
        if let Some(scan) = &mut self.scan {
            let cell = self.population.cell(levels).ok_or(StudyError::Levels)?;
            scan.count(outlet, class, cell, codes, points);
        }
        self.rows += 1;
        self.totals.take();
        let group = group.get_mut(class);
        group.ready(self.facet_points.len(), codes.len());
        group.core.count(points);
        for (facet, word) in group.facets.iter_mut().zip(&self.facet_points) {
            facet.count(word.points());
        }
        if points.available > 0 {
            group.person.count(points.available as u64, points.obtained);
        }
        let is_rating = |code: &u8| u64::from((1..=RATING_MAX as u8).contains(code));
        let rated = group.rated.iter_mut().zip(codes);
        rated.for_each(|(sum, code)| *sum += is_rating(code));
        let lines = self.items.get_mut(class).chunks_exact_mut(self.item_width);
        for ((line, code), table) in lines.zip(codes).zip(&self.scoring.tables) {
            let place = table.places.get(usize::from(*code)).copied().unwrap_or(0);
            if let Some(count) = line.get_mut(usize::from(place)) {
                *count += 1;
            }
        }
        Ok(points)
    }

    /// Adds another part of the same study.
    ///
    /// # Errors
    /// [`StudyError::Different`], [`StudyError::TooManyRows`].
    pub fn merge(&mut self, other: &Study) -> Result<(), StudyError> {
        let same_scoring = Arc::ptr_eq(&self.scoring, &other.scoring)
            || self.scoring.scheme() == other.scoring.scheme() && self.scoring.items() == other.scoring.items();
        let same_population = Arc::ptr_eq(&self.population, &other.population) || self.population == other.population;
        if !same_scoring || !same_population || self.scan.is_some() != other.scan.is_some() {
            return Err(StudyError::Different);
        }
        let rows = self.rows.saturating_add(other.rows);
        if rows > ROW_COUNT_MAX {
            return Err(StudyError::TooManyRows);
        }
        self.rows = rows;
        self.totals.take();
        self.count_low_reasons(&other.low_reasons);
        for (groups, more) in self.outlets.iter_mut().zip(&other.outlets) {
            for class in EvidenceClass::ALL {
                groups.get_mut(class).merge(more.get(class));
            }
        }
        for class in EvidenceClass::ALL {
            let counts = self.items.get_mut(class).iter_mut().zip(other.items.get(class));
            counts.for_each(|(sum, more)| *sum += more);
        }
        if let (Some(scan), Some(more)) = (&mut self.scan, &other.scan) {
            scan.merge(more);
        }
        Ok(())
    }

    /// Readies the study for questions, after the last row. It answers the same without, more slowly.
    pub fn settle(&mut self) {
        if let Some(scan) = &mut self.scan {
            scan.settle();
        }
    }

    /// Adds responses by reason for a low rating.
    pub fn count_low_reasons(&mut self, more: &BTreeMap<String, u64>) {
        for (code, count) in more {
            let sum = self.low_reasons.entry(code.clone()).or_default();
            *sum = sum.saturating_add(*count);
        }
    }
    /// Responses by reason for a low rating, `dimension.reason`.
    pub fn low_reasons(&self) -> &BTreeMap<String, u64> {
        &self.low_reasons
    }

    /// How the study was scored.
    pub fn scoring(&self) -> &Scoring {
        &self.scoring
    }
    /// Whom the study is about.
    pub fn population(&self) -> &Population {
        &self.population
    }
    /// The cross sums, where rows were read.
    pub(crate) fn scan(&self) -> Option<&Scan> {
        self.scan.as_ref()
    }

    /// The first outlet with more in-person rows than customers.
    pub fn overfull(&self) -> Option<usize> {
        let too_many = |(groups, outlet): (&ByClass<Group>, &Outlet)| {
            outlet.customers.is_some_and(|customers| groups.face.core.n > customers)
        };
        self.outlets.iter().zip(self.population.outlets()).position(too_many)
    }

    /// Sums of points of every outlet for a class.
    pub(crate) fn outlet_sums(&self, class: EvidenceClass) -> Vec<Sums> {
        self.outlets.iter().map(|groups| groups.get(class).core).collect()
    }

    /// How many rated every item, by outlet and class.
    pub(crate) fn raters(&self) -> impl Iterator<Item = ByClass<&[u64]>> {
        let outlets = self.outlets.iter();
        outlets.map(|groups| ByClass::from_fn(|class| groups.get(class).rated.as_slice()))
    }

    /// Sums of one facet of every outlet for a class.
    pub(crate) fn outlet_facet_sums(&self, class: EvidenceClass, facet: usize) -> Vec<Sums> {
        let sums = |groups: &ByClass<Group>| groups.get(class).facets.get(facet).copied().unwrap_or_default();
        self.outlets.iter().map(sums).collect()
    }

    /// Responses of every outlet for a class by points available.
    pub(crate) fn outlet_person(&self, class: EvidenceClass) -> Vec<BTreeMap<i64, PersonSums>> {
        let person = |groups: &ByClass<Group>| {
            let pairs = groups.get(class).person.iter();
            pairs.map(|(b, sums)| (b as i64, sums)).collect()
        };
        self.outlets.iter().map(person).collect()
    }

    /// The histogram of every item for a class.
    pub fn histograms(&self, class: EvidenceClass) -> Vec<ItemHistogram> {
        let lines = self.items.get(class).chunks_exact(self.item_width);
        let histogram = |(line, item): (&[u64], &super::score::ScoredItem)| {
            let codes = item.points.len();
            ItemHistogram {
                rated: line.get(..codes).unwrap_or_default().into(),
                not_applicable: line.get(codes).copied().unwrap_or(0),
                skipped: line.get(codes + 1).copied().unwrap_or(0),
            }
        };
        lines.zip(self.scoring.scheme().items()).map(histogram).collect()
    }
}

impl PartialEq for Study {
    /// Equal populations, items and sums.
    fn eq(&self, other: &Self) -> bool {
        let histograms = |study: &Study| EvidenceClass::ALL.map(|class| study.histograms(class));
        self.scoring.scheme() == other.scoring.scheme()
            && self.population == other.population
            && self.outlets == other.outlets
            && self.scan == other.scan
            && self.low_reasons == other.low_reasons
            && histograms(self) == histograms(other)
    }
}
