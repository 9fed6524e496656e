//! How one customer's answers become points: a_k obtained of b_k available, overall and by facet.
//!
//! Source: CQM/F-RZ-ZY-06-001 6.2 note 4 (总分数, total points), statistics.md §2. Notation there: w weight, x points of
//! the chosen answer, m full points, δ answered; a_k = Σ w·x·δ, b_k = Σ w·m·δ.

use std::collections::BTreeSet;

pub use super::completeness::Completeness;

/// Largest weight of one item.
pub const WEIGHT_MAX: u32 = 1000;

/// Largest Σ weight·full points of one questionnaire.
///
/// The interface limit is Σ weight·(scale length) ≤ 50 000, and no score table gives more than 100 points per code, so
/// every questionnaire inside that limit is inside this one. With it every sum is exact: a response's a_k and b_k are
/// below 2^23, their squares and product below 2^45, and a sum of those over fewer than 2^63 responses is below 2^108,
/// which an `i128` holds. Sums of a_k and b_k are kept in `i64` and checked: they hold 10^12 responses.
pub const AVAILABLE_MAX: u64 = 5_000_000;

/// Most items, and most facets, of one questionnaire.
pub const ITEM_COUNT_MAX: usize = 1000;

/// Why a score scheme cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemeError {
    /// Nothing to score.
    #[error("no scored item")]
    NoItems,
    /// More items or facets than [`ITEM_COUNT_MAX`].
    #[error("more than {ITEM_COUNT_MAX} items or facets")]
    TooMany,
    /// Weight outside 1..=1000.
    #[error("item {item}: weight {weight} is not within 1..={WEIGHT_MAX}")]
    Weight {
        /// Position in questionnaire order, from 0.
        item: usize,
        /// The weight found.
        weight: u32,
    },
    /// No code, more than 255 codes, or full points of 0.
    #[error("item {item}: needs 1..=255 codes and full points above 0")]
    Scale {
        /// Position in questionnaire order, from 0.
        item: usize,
    },
    /// A code earns more than full points.
    #[error("item {item}: a code earns more than the full {full_points} points")]
    Points {
        /// Position in questionnaire order, from 0.
        item: usize,
        /// Full points of the item.
        full_points: u32,
    },
    /// A facet that does not exist, or the same one twice.
    #[error("item {item}: facet {facet} is unknown or named twice")]
    Facet {
        /// Position in questionnaire order, from 0.
        item: usize,
        /// The facet found.
        facet: usize,
    },
    /// Sums could leave their exact range.
    #[error("sum of weight times full points is {sum}, above {AVAILABLE_MAX}")]
    TooLarge {
        /// The sum found.
        sum: u64,
    },
}

/// Why replies cannot be scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScoreError {
    /// Another number of replies than of scored items.
    #[error("{found} replies for {expected} scored items")]
    Length {
        /// Scored items.
        expected: usize,
        /// Replies given.
        found: usize,
    },
    /// A code outside 1..=max.
    #[error("item {item}: code {code} is not on the scale")]
    Code {
        /// Position in questionnaire order, from 0.
        item: usize,
        /// The code found.
        code: u8,
    },
}

/// How one item is scored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoredItem {
    /// Weight w, 1..=1000.
    pub weight: u32,
    /// Full points m of one rating, before weighting.
    pub full_points: u32,
    /// Points x of code 1, 2, …, max.
    pub points: Vec<u32>,
    /// The facets (dimensions, headings) it belongs to, by index.
    pub facets: Vec<usize>,
}

impl ScoredItem {
    /// Points of a code, before weighting.
    pub fn points_of(&self, code: u8) -> Option<u32> {
        self.points.get(usize::from(code).checked_sub(1)?).copied()
    }
}

/// What a customer did with one scored item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reply {
    /// Rated with this code, 1..=max.
    Rated(u8),
    /// Marked as not applicable (没遇到/不清楚): counts neither for nor against.
    NotApplicable,
    /// Shown and left empty: lowers completeness, earns and costs nothing.
    Skipped,
    /// Not shown to this customer.
    NotShown,
}

/// Points obtained and available: a_k and b_k. Unscored when nothing was available.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Points {
    /// a_k = Σ w·x over rated items, 0..=available.
    pub obtained: i64,
    /// b_k = Σ w·m over rated items, 0..=[`AVAILABLE_MAX`].
    pub available: i64,
}

/// One customer's answers, scored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseScore {
    total: Points,
    facets: Vec<Points>,
    replies: Vec<Reply>,
    low_reasons: BTreeSet<String>,
}

impl ResponseScore {
    /// The same with the reasons given for low ratings, as they are counted.
    #[must_use]
    pub fn with_low_reasons(self, low_reasons: BTreeSet<String>) -> Self {
        Self { low_reasons, ..self }
    }
    /// Reasons given for low ratings.
    pub fn low_reasons(&self) -> &BTreeSet<String> {
        &self.low_reasons
    }
    /// Points over all scored items.
    pub fn total(&self) -> Points {
        self.total
    }
    /// Points by facet, in the order of the facets.
    pub fn facets(&self) -> &[Points] {
        &self.facets
    }
    /// The replies, in questionnaire order.
    pub fn replies(&self) -> &[Reply] {
        &self.replies
    }
}

/// How answers turn into points: the scored items in questionnaire order, and the number of facets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoreScheme {
    items: Vec<ScoredItem>,
    facet_count: usize,
}

impl ScoreScheme {
    /// Checks and keeps the items.
    ///
    /// # Errors
    /// [`SchemeError`] naming the first item that breaks a limit.
    pub fn new(items: Vec<ScoredItem>, facet_count: usize) -> Result<Self, SchemeError> {
        if items.is_empty() {
            return Err(SchemeError::NoItems);
        }
        if items.len() > ITEM_COUNT_MAX || facet_count > ITEM_COUNT_MAX {
            return Err(SchemeError::TooMany);
        }
        for (index, item) in items.iter().enumerate() {
            check_item(index, item, facet_count)?;
        }
        // At most 1000 items of at most 1000 · 2^32: no overflow.
        let sum = items
            .iter()
            .map(|item| u64::from(item.weight) * u64::from(item.full_points))
            .sum();
        if sum > AVAILABLE_MAX {
            return Err(SchemeError::TooLarge { sum });
        }
        Ok(Self { items, facet_count })
    }

    /// The scored items, in questionnaire order.
    pub fn items(&self) -> &[ScoredItem] {
        &self.items
    }
    /// Number of facets.
    pub fn facet_count(&self) -> usize {
        self.facet_count
    }

    /// Points of one customer's replies, one reply per scored item in questionnaire order.
    ///
    /// # Errors
    /// [`ScoreError`] for a wrong number of replies or a code outside the scale.
    pub fn score(&self, replies: &[Reply]) -> Result<ResponseScore, ScoreError> {
        if replies.len() != self.items.len() {
            return Err(ScoreError::Length {
                expected: self.items.len(),
                found: replies.len(),
            });
        }
        let mut total = Points::default();
        let mut facets = vec![Points::default(); self.facet_count];
        for (index, (item, reply)) in self.items.iter().zip(replies).enumerate() {
            let Reply::Rated(code) = *reply else { continue };
            let points = item.points_of(code).ok_or(ScoreError::Code { item: index, code })?;
            let obtained = i64::from(item.weight) * i64::from(points);
            let available = i64::from(item.weight) * i64::from(item.full_points);
            total.obtained += obtained;
            total.available += available;
            for place in &item.facets {
                if let Some(facet) = facets.get_mut(*place) {
                    facet.obtained += obtained;
                    facet.available += available;
                }
            }
        }
        Ok(ResponseScore {
            total,
            facets,
            replies: replies.to_vec(),
            low_reasons: BTreeSet::new(),
        })
    }
}

fn check_item(index: usize, item: &ScoredItem, facet_count: usize) -> Result<(), SchemeError> {
    if !(1..=WEIGHT_MAX).contains(&item.weight) {
        return Err(SchemeError::Weight {
            item: index,
            weight: item.weight,
        });
    }
    if item.full_points == 0 || !(1..=usize::from(u8::MAX)).contains(&item.points.len()) {
        return Err(SchemeError::Scale { item: index });
    }
    if item.points.iter().any(|points| *points > item.full_points) {
        return Err(SchemeError::Points {
            item: index,
            full_points: item.full_points,
        });
    }
    let repeated = |position: usize, facet: &usize| item.facets.iter().take(position).any(|earlier| earlier == facet);
    for (position, facet) in item.facets.iter().enumerate() {
        if *facet >= facet_count || repeated(position, facet) {
            return Err(SchemeError::Facet {
                item: index,
                facet: *facet,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    fn item(weight: u32, facets: &[usize]) -> ScoredItem {
        ScoredItem {
            weight,
            full_points: 100,
            points: vec![0, 30, 60, 80, 100],
            facets: facets.to_vec(),
        }
    }

    #[test]
    fn points_are_weighted_and_unrated_items_leave_both_sums() {
        let scheme = ScoreScheme::new(vec![item(2, &[0]), item(3, &[0, 1]), item(5, &[])], 2).unwrap();
        let score = scheme
            .score(&[Reply::Rated(4), Reply::Rated(2), Reply::NotApplicable])
            .unwrap();
        assert_eq!(
            score.total(),
            Points {
                obtained: 2 * 80 + 3 * 30,
                available: 500
            }
        );
        assert_eq!(score.facets()[0], score.total());
        assert_eq!(
            score.facets()[1],
            Points {
                obtained: 90,
                available: 300
            }
        );
        let none = scheme
            .score(&[Reply::Skipped, Reply::NotShown, Reply::NotApplicable])
            .unwrap();
        assert_eq!(none.total(), Points::default());
    }

    #[test]
    fn replies_must_fit_the_items() {
        let scheme = ScoreScheme::new(vec![item(1, &[])], 0).unwrap();
        assert_eq!(scheme.score(&[]), Err(ScoreError::Length { expected: 1, found: 0 }));
        for code in [0, 6, 255] {
            assert_eq!(
                scheme.score(&[Reply::Rated(code)]),
                Err(ScoreError::Code { item: 0, code })
            );
        }
    }

    #[test]
    fn limits_are_checked() {
        let broken = |change: fn(&mut ScoredItem)| {
            let mut one = item(1, &[0]);
            change(&mut one);
            ScoreScheme::new(vec![one], 1).unwrap_err()
        };
        assert!(matches!(broken(|i| i.weight = 0), SchemeError::Weight { .. }));
        assert!(matches!(broken(|i| i.weight = 1001), SchemeError::Weight { .. }));
        assert!(matches!(broken(|i| i.points = vec![]), SchemeError::Scale { .. }));
        assert!(matches!(broken(|i| i.points = vec![1; 256]), SchemeError::Scale { .. }));
        assert!(matches!(broken(|i| i.full_points = 0), SchemeError::Scale { .. }));
        assert!(matches!(broken(|i| i.points = vec![101]), SchemeError::Points { .. }));
        assert!(matches!(broken(|i| i.facets = vec![1]), SchemeError::Facet { .. }));
        assert!(matches!(broken(|i| i.facets = vec![0, 0]), SchemeError::Facet { .. }));
        assert!(matches!(
            broken(|i| (i.weight, i.full_points) = (1000, 5001)),
            SchemeError::TooLarge { .. }
        ));
        assert_eq!(ScoreScheme::new(vec![], 0), Err(SchemeError::NoItems));
        assert_eq!(ScoreScheme::new(vec![item(1, &[]); 1001], 0), Err(SchemeError::TooMany));
        assert!(ScoreScheme::new(vec![item(100, &[]); 500], 0).is_ok()); // exactly 5 000 000
    }
}
