//! The scoring of a study: the score scheme with its names, laid out for reading rows fast.

use num_integer::Integer;

use super::StudyError;
use crate::statistics::score::{Points, ScoreScheme};

/// Code of an item marked as not applicable.
pub const NOT_APPLICABLE: u8 = 0;
/// Code of an item that was shown and left empty.
pub const SKIPPED: u8 = 255;
/// Code of an item that was not shown.
pub const NOT_SHOWN: u8 = 254;
/// Highest rating an item of a study can have.
pub const RATING_MAX: usize = 253;

/// A sum of points in one word: obtained below, available above. Both stay below 2^23, so adding words adds both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Word(u64);

impl Word {
    const OFF_SCALE: Word = Word(1 << 63);

    fn new(obtained: u64, available: u64) -> Self {
        Self(available << 32 | obtained)
    }
    pub(super) fn plus(self, other: Word) -> Word {
        Word(self.0.wrapping_add(other.0))
    }
    fn is_off_scale(self) -> bool {
        self.0 & Word::OFF_SCALE.0 != 0
    }
    pub(super) fn points(self) -> Points {
        Points {
            obtained: i64::from(self.0 as u32),
            available: (self.0 >> 32) as i64,
        }
    }
}

/// How one item's codes count.
#[derive(Debug, Clone)]
pub(super) struct ItemTable {
    /// Points of every code; zero for what is not a rating.
    pub(super) words: [Word; 256],
    /// Where the code is counted: rating − 1, then not applicable, skipped, not shown.
    pub(super) places: [u8; 256],
    /// The facets it belongs to.
    pub(super) facets: Vec<usize>,
}

/// A score scheme with the names of its parts.
#[derive(Debug, Clone)]
pub struct Scoring {
    scheme: ScoreScheme,
    items: Vec<String>,
    facets: Vec<String>,
    dimensions: usize,
    marks: Vec<u32>,
    pub(super) tables: Vec<ItemTable>,
    available_step: u64,
    points_step: u64,
    available_max: u64,
}

impl Scoring {
    /// Names the parts of a scheme: its items, and its facets, of which the first `dimensions` are dimensions (scales of
    /// the reliability coefficient) and the others headings.
    ///
    /// # Errors
    /// [`StudyError::Names`] when names and scheme do not fit, or an item has more than [`RATING_MAX`] codes.
    pub fn new(
        scheme: ScoreScheme,
        items: Vec<String>,
        facets: Vec<String>,
        dimensions: usize,
    ) -> Result<Self, StudyError> {
        let fits = items.len() == scheme.items().len() && facets.len() == scheme.facet_count();
        let codes = scheme.items().iter().map(|item| item.points.len()).max().unwrap_or(0);
        if !fits || dimensions > facets.len() || codes > RATING_MAX {
            return Err(StudyError::Names);
        }
        let (mut available_step, mut points_step, mut available_max) = (0_u64, 0_u64, 0_u64);
        for item in scheme.items() {
            let full = u64::from(item.weight) * u64::from(item.full_points);
            available_step = available_step.gcd(&full);
            available_max += full;
            for points in item.points.iter().chain([&item.full_points]) {
                points_step = points_step.gcd(&(u64::from(item.weight) * u64::from(*points)));
            }
        }
        Ok(Self {
            tables: scheme.items().iter().map(table).collect(),
            scheme,
            items,
            facets,
            dimensions,
            marks: Vec::new(),
            available_step: available_step.max(1),
            points_step: points_step.max(1),
            available_max,
        })
    }

    /// The same with the marks of every heading (annex), which an item-wise score needs.
    ///
    /// # Errors
    /// [`StudyError::Names`] for another number of headings.
    pub fn with_marks(self, marks: Vec<u32>) -> Result<Self, StudyError> {
        if marks.len() != self.facets.len() - self.dimensions {
            return Err(StudyError::Names);
        }
        Ok(Self { marks, ..self })
    }

    /// The score scheme.
    pub fn scheme(&self) -> &ScoreScheme {
        &self.scheme
    }
    /// Names of the items, in questionnaire order.
    pub fn items(&self) -> &[String] {
        &self.items
    }
    /// Names of the facets: dimensions, then headings.
    pub fn facets(&self) -> &[String] {
        &self.facets
    }
    /// Names of the dimensions.
    pub fn dimensions(&self) -> &[String] {
        self.facets.get(..self.dimensions).unwrap_or_default()
    }
    /// Marks of the headings, in their order; empty when unknown.
    pub fn marks(&self) -> &[u32] {
        &self.marks
    }
    /// The items of a facet, by index.
    pub fn items_of(&self, facet: usize) -> Vec<usize> {
        let items = self.scheme.items().iter().enumerate();
        items
            .filter(|(_, item)| item.facets.contains(&facet))
            .map(|(index, _)| index)
            .collect()
    }
    /// Every available total b is a multiple of this.
    pub(super) fn available_step(&self) -> u64 {
        self.available_step
    }
    /// Every total a and b is a multiple of this.
    pub(super) fn points_step(&self) -> u64 {
        self.points_step
    }
    /// Largest possible b.
    pub(super) fn available_max(&self) -> u64 {
        self.available_max
    }

    /// Points of a row of codes, overall and added to `facets`.
    pub(super) fn score(&self, codes: &[u8], facets: &mut [Word]) -> Result<Points, StudyError> {
        if codes.len() != self.tables.len() {
            return Err(StudyError::Codes);
        }
        facets.fill(Word::default());
        let (mut total, mut seen) = (Word::default(), 0);
        for (code, table) in codes.iter().zip(&self.tables) {
            let word = *table.words.get(usize::from(*code)).unwrap_or(&Word::OFF_SCALE);
            total = total.plus(word);
            seen |= word.0;
            for facet in &table.facets {
                if let Some(sum) = facets.get_mut(*facet) {
                    *sum = sum.plus(word);
                }
            }
        }
        if Word(seen).is_off_scale() {
            return Err(self.off_scale(codes));
        }
        Ok(total.points())
    }

    fn off_scale(&self, codes: &[u8]) -> StudyError {
        let off = |(code, table): (&u8, &ItemTable)| {
            table
                .words
                .get(usize::from(*code))
                .is_none_or(|word| word.is_off_scale())
        };
        let item = codes.iter().zip(&self.tables).position(off).unwrap_or(0);
        StudyError::Code {
            item,
            code: codes.get(item).copied().unwrap_or(0),
        }
    }
}

fn table(item: &crate::statistics::score::ScoredItem) -> ItemTable {
    let full = u64::from(item.weight) * u64::from(item.full_points);
    let codes = item.points.len();
    let word = |code: usize| match (code as u8, code.checked_sub(1).and_then(|place| item.points.get(place))) {
        (NOT_APPLICABLE | SKIPPED | NOT_SHOWN, _) => Word::default(),
        (_, Some(points)) => Word::new(u64::from(item.weight) * u64::from(*points), full),
        (_, None) => Word::OFF_SCALE,
    };
    let place = |code: usize| match code as u8 {
        NOT_APPLICABLE => codes as u8,
        SKIPPED => codes as u8 + 1,
        NOT_SHOWN => codes as u8 + 2,
        rating => rating - 1,
    };
    ItemTable {
        words: std::array::from_fn(word),
        places: std::array::from_fn(place),
        facets: item.facets.clone(),
    }
}
