//! What customers said about one item: number, mean, top-two share.
//!
//! Source: requirements §10.9 (items: n, mean score, top-2-box, N/A), statistics.md §12 T3.

use serde::Serialize;

use super::estimate::Rate;
use super::exact::{self, Ratio};
use super::score::ScoredItem;
use super::suppress::Undefined;
use super::tally::ItemHistogram;

/// Summary of the ratings of one item.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ItemSummary {
    /// Ratings.
    pub n: u64,
    /// Mean code, 1..=max.
    pub mean: f64,
    /// Points obtained of points available, unweighted.
    #[serde(flatten)]
    pub rate: Rate,
    /// Share of ratings with one of the two highest codes.
    pub top_two: Rate,
    /// Customers who marked it as not applicable.
    pub not_applicable: u64,
    /// Customers who were shown it and left it empty.
    pub skipped: u64,
}

impl ItemSummary {
    /// From the histogram of an item.
    ///
    /// # Errors
    /// [`Undefined::NoAnswers`] when nobody rated it.
    pub fn of(item: &ScoredItem, histogram: &ItemHistogram) -> Result<Self, Undefined> {
        let n = histogram.answered();
        let sum = |value: &dyn Fn(u64, u32) -> u64| -> i128 {
            let codes = (1_u64..).zip(&item.points).zip(&histogram.rated);
            codes
                .map(|((code, points), count)| i128::from(*count) * i128::from(value(code, *points)))
                .sum()
        };
        let max = item.points.len() as u64;
        let share = |obtained: i128, available: i128| exact::ratio(obtained, available).ok_or(Undefined::NoAnswers);
        let ratings = i128::from(n);
        let mean: Ratio = share(sum(&|code, _| code), ratings)?;
        Ok(Self {
            n,
            mean: exact::to_f64(&mean),
            rate: share(sum(&|_, points| points.into()), ratings * i128::from(item.full_points))?.into(),
            top_two: share(sum(&|code, _| u64::from(code + 1 >= max)), ratings)?.into(),
            not_applicable: histogram.not_applicable,
            skipped: histogram.skipped,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn mean_points_and_top_two_come_from_the_histogram() {
        let item = ScoredItem {
            weight: 3,
            full_points: 100,
            points: vec![0, 30, 60, 80, 100],
            facets: vec![],
        };
        let histogram = ItemHistogram {
            rated: [1, 0, 2, 3, 4].into(),
            not_applicable: 5,
            skipped: 6,
        };
        let summary = ItemSummary::of(&item, &histogram).unwrap();
        assert_eq!((summary.n, summary.mean), (10, 3.9));
        assert_eq!(
            (summary.rate.percent.as_str(), summary.top_two.percent.as_str()),
            ("76.00", "70.00")
        );
        let nobody = ItemHistogram {
            rated: [0; 5].into(),
            not_applicable: 5,
            skipped: 0,
        };
        assert_eq!(ItemSummary::of(&item, &nobody), Err(Undefined::NoAnswers));
    }
}
