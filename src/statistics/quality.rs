//! Measures of how carefully one response was filled in. They feed the [flags](super::flag); no measure excludes anything.
//!
//! Source: statistics.md §11; Meade & Craig (2012), Curran (2016); reference implementation the R package `careless`
//! (`longstring`, `irv`, `mahad`).

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use super::exact::{self, Ratio};
use super::score::{Points, Reply};

/// Whole units of 1: shares are kept as integers, so that sums do not depend on their order.
const SHARE_UNITS: i64 = 1 << 44;

/// Longest run of equal consecutive entries.
pub fn longest_run<T: PartialEq>(entries: impl IntoIterator<Item = T>) -> usize {
    let (mut longest, mut run, mut last) = (0, 0, None);
    for entry in entries {
        run = if last.as_ref() == Some(&entry) { run + 1 } else { 1 };
        longest = longest.max(run);
        last = Some(entry);
    }
    longest
}

/// The codes of what was rated, in the order shown.
pub fn rated(replies: &[Reply]) -> impl Iterator<Item = u8> + Clone {
    replies.iter().filter_map(|reply| match reply {
        Reply::Rated(code) => Some(*code),
        _ => None,
    })
}

/// IRV, intra-individual response variability: the standard deviation (n − 1) of the codes rated; nothing below two.
pub fn variability(replies: &[Reply]) -> Option<f64> {
    let (mut n, mut sum, mut squares) = (0_i64, 0_i64, 0_i64);
    for code in rated(replies).map(i64::from) {
        (n, sum, squares) = (n + 1, sum + code, squares + code * code);
    }
    (n > 1).then(|| ((n * squares - sum * sum) as f64 / (n * (n - 1)) as f64).sqrt())
}

/// The middle of counted values, or the mean of the two middle ones.
pub fn median(counts: &BTreeMap<u32, u64>) -> Option<f64> {
    let n: u64 = counts.values().sum();
    let at = |rank: u64| {
        let mut below = 0;
        counts.iter().find_map(|(value, count)| {
            below += count;
            (below > rank).then_some(f64::from(*value))
        })
    };
    Some((at(n.checked_sub(1)? / 2)? + at(n / 2)?) / 2.0)
}

/// A share a/b in units that [`Moments`] adds up exactly; `None` when nothing was available.
pub fn share_units(points: Points) -> Option<i64> {
    let units = i128::from(points.obtained) * i128::from(SHARE_UNITS);
    let available = i128::from(points.available);
    (available > 0).then(|| {
        ((2 * units + available) / (2 * available))
            .to_i64()
            .unwrap_or(SHARE_UNITS)
    })
}

/// Additive sums over vectors of whole numbers (tallies T5 and T8): exact and independent of the order of the rows.
/// Entries below 2^45 in size leave room for 10^11 rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moments {
    n: i128,
    sums: Vec<i128>,
    /// Upper triangle of Σ x_i·x_j, row by row, i ≤ j.
    products: Vec<i128>,
}

impl Moments {
    /// Sums of nothing, for vectors of this length.
    pub fn empty(length: usize) -> Self {
        Self {
            n: 0,
            sums: vec![0; length],
            products: vec![0; length * (length + 1) / 2],
        }
    }

    /// Adds a vector of the length given to [`Self::empty`].
    pub fn add(&mut self, vector: &[i64]) {
        self.n += 1;
        let mut products = self.products.iter_mut();
        for (place, (sum, x)) in self.sums.iter_mut().zip(vector).enumerate() {
            *sum += i128::from(*x);
            for (y, product) in vector.iter().skip(place).zip(&mut products) {
                *product += i128::from(*x) * i128::from(*y);
            }
        }
    }

    /// Adds the sums of other rows of the same length.
    pub fn merge(&mut self, other: &Self) {
        self.n += other.n;
        for (sum, more) in self.sums.iter_mut().zip(&other.sums) {
            *sum += more;
        }
        for (product, more) in self.products.iter_mut().zip(&other.products) {
            *product += more;
        }
    }

    /// Centre and metric of these rows; nothing for fewer than two rows or a singular covariance.
    pub fn metric(&self) -> Option<Metric> {
        let length = self.sums.len();
        if self.n < 2 || length == 0 {
            return None;
        }
        let pairs = BigInt::from(self.n) * (self.n - 1);
        let mut covariance = vec![vec![0.0; length]; length];
        let mut products = self.products.iter();
        for (i, x) in self.sums.iter().enumerate() {
            for (j, y) in self.sums.iter().enumerate().skip(i) {
                let product = products.next()?;
                let spread = BigInt::from(self.n) * product - BigInt::from(*x) * y;
                let value = exact::to_f64(&Ratio::new(spread, pairs.clone()));
                for (row, column) in [(i, j), (j, i)] {
                    *covariance.get_mut(row)?.get_mut(column)? = value;
                }
            }
        }
        let centre = self
            .sums
            .iter()
            .map(|sum| exact::to_f64(&Ratio::new((*sum).into(), self.n.into())));
        Some(Metric {
            centre: centre.collect(),
            factor: cholesky(&covariance)?,
        })
    }
}

/// The scatter of a group of vectors.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    centre: Vec<f64>,
    /// Lower triangular L with L·Lᵀ = covariance.
    factor: Vec<Vec<f64>>,
}

impl Metric {
    /// Mahalanobis D² of a vector: its squared distance from the centre in units of the scatter.
    pub fn distance(&self, vector: &[i64]) -> f64 {
        // L·y = x − centre, D² = |y|².
        let mut solved: Vec<f64> = Vec::with_capacity(vector.len());
        for ((x, centre), row) in vector.iter().zip(&self.centre).zip(&self.factor) {
            let known: f64 = row.iter().zip(&solved).map(|(l, y)| l * y).sum();
            let pivot = row.get(solved.len()).copied().unwrap_or(f64::NAN);
            solved.push((*x as f64 - centre - known) / pivot);
        }
        solved.iter().map(|y| y * y).sum()
    }
}

/// Nothing when a direction has no scatter of its own: less than 1e-10 of its variance is left by the others.
fn cholesky(matrix: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    let mut factor: Vec<Vec<f64>> = Vec::with_capacity(matrix.len());
    for (i, row) in matrix.iter().enumerate() {
        let mut new: Vec<f64> = Vec::with_capacity(i + 1);
        for (j, above) in factor.iter().enumerate() {
            let known: f64 = new.iter().zip(above).map(|(x, y)| x * y).sum();
            new.push((row.get(j)? - known) / above.get(j)?);
        }
        let variance = *row.get(i)?;
        let left = variance - new.iter().map(|x| x * x).sum::<f64>();
        if !(variance > 0.0 && left > 1e-10 * variance) {
            return None;
        }
        new.push(left.sqrt());
        factor.push(new);
    }
    Some(factor)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn runs_are_counted_whatever_the_entries_are() {
        assert_eq!(longest_run([0; 0]), 0);
        assert_eq!(longest_run([5, 5, 4, 4, 4, 5]), 3);
        let replies = [
            Reply::Rated(5),
            Reply::NotApplicable,
            Reply::Rated(5),
            Reply::Skipped,
            Reply::Skipped,
        ];
        assert_eq!(longest_run(replies), 2);
        assert_eq!(longest_run(rated(&replies)), 2);
    }

    #[test]
    fn variability_needs_two_ratings() {
        assert_eq!(variability(&[Reply::Rated(3), Reply::Skipped]), None);
        assert_eq!(variability(&[Reply::Rated(3), Reply::Rated(3)]), Some(0.0));
        assert_eq!(
            variability(&[Reply::Rated(1), Reply::NotApplicable, Reply::Rated(3)]),
            Some(2.0_f64.sqrt())
        );
    }

    #[test]
    fn without_scatter_there_is_no_distance() {
        let mut moments = Moments::empty(2);
        assert_eq!(moments.metric(), None);
        for vector in [[1, 2], [2, 4], [3, 6]] {
            moments.add(&vector);
        }
        assert_eq!(moments.metric(), None, "one direction only");
        moments.add(&[1, 5]);
        assert!(moments.metric().is_some());
    }

    #[test]
    fn distance_in_one_dimension_is_the_squared_standard_score() {
        let mut moments = Moments::empty(1);
        for x in [1, 2, 3, 4, 5] {
            moments.add(&[x]);
        }
        assert!((moments.metric().unwrap().distance(&[5]) - 4.0 / 2.5).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn distances_of_all_rows_add_up(rows in proptest::collection::vec(proptest::array::uniform3(0_i64..100), 8..40)) {
            let mut moments = Moments::empty(3);
            let mut halves = [Moments::empty(3), Moments::empty(3)];
            for (place, row) in rows.iter().enumerate() {
                moments.add(row);
                halves.get_mut(place % 2).unwrap().add(row);
            }
            let [mut one, other] = halves;
            one.merge(&other);
            prop_assert_eq!(&one, &moments);
            if let Some(metric) = moments.metric() {
                // Σ D² = p·(n − 1), whatever the rows.
                let sum: f64 = rows.iter().map(|row| metric.distance(row)).sum();
                prop_assert!((sum - 3.0 * (rows.len() as f64 - 1.0)).abs() < 1e-6 * sum);
            }
        }
    }
}
