//! The person score: the mean of each customer's own share a_k / b_k, printed beside the points score.
//!
//! Source: statistics.md §2 (`person`, sensitivity figure) and §12 T4.

use std::collections::BTreeMap;

use num_bigint::BigInt;

use super::exact::{self, Ratio};
use super::tally::PersonSums;

/// Mean and spread of s_k = a_k / b_k over the scored responses. Exact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonScore {
    /// Scored responses.
    pub n: u64,
    /// s̄, a fraction of full marks.
    pub mean: Ratio,
    /// Sample variance of s_k (divisor n − 1); nothing for a single response.
    pub variance: Option<Ratio>,
}

impl PersonScore {
    /// From the sums by points available b; nothing when nobody was scored.
    pub fn of(sums_by_available: &BTreeMap<i64, PersonSums>) -> Option<Self> {
        let n: u64 = sums_by_available.values().map(|sums| sums.n).sum();
        if n == 0 {
            return None;
        }
        // One common denominator L for all b: adding fractions one by one would reduce each partial sum.
        let common = exact::common_multiple(sums_by_available.keys().copied());
        let (mut first, mut second) = (BigInt::default(), BigInt::default());
        for (b, sums) in sums_by_available {
            let factor = &common / b;
            first += &factor * sums.a;
            second += &factor * &factor * sums.aa;
        }
        let mean = Ratio::new(first.clone(), &common * n);
        let variance = (n > 1).then(|| {
            let spread = second * n - &first * &first;
            Ratio::new(spread, &common * &common * n * (n - 1))
        });
        Some(Self { n, mean, variance })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use num_traits::One;

    fn sums(entries: &[(i64, i64)]) -> BTreeMap<i64, PersonSums> {
        let mut map = BTreeMap::<i64, PersonSums>::new();
        for (a, b) in entries {
            let place = map.entry(*b).or_default();
            *place = PersonSums {
                n: place.n + 1,
                a: place.a + a,
                aa: place.aa + i128::from(a * a),
            };
        }
        map
    }

    #[test]
    fn mean_and_variance_are_exact() {
        // 1/2, 2/3, 3/4 → mean 23/36; deviations −5/36, 1/36, 4/36 → 42/1296/2.
        let score = PersonScore::of(&sums(&[(1, 2), (2, 3), (3, 4)])).unwrap();
        assert_eq!(score.n, 3);
        assert_eq!(score.mean, Ratio::new(23.into(), 36.into()));
        assert_eq!(score.variance, Some(Ratio::new(21.into(), 1296.into())));
    }

    #[test]
    fn one_response_has_no_variance_and_none_has_no_score() {
        assert_eq!(PersonScore::of(&sums(&[(1, 2)])).unwrap().variance, None);
        assert_eq!(PersonScore::of(&BTreeMap::new()), None);
    }

    #[test]
    fn equal_questionnaires_give_the_points_score() {
        let score = PersonScore::of(&sums(&[(80, 100), (90, 100), (75, 100)])).unwrap();
        assert_eq!(score.mean, Ratio::new(245.into(), 300.into()));
    }

    #[test]
    fn many_different_denominators_stay_exact() {
        let entries: Vec<(i64, i64)> = (1..=3000).map(|b| (b, b)).collect();
        let score = PersonScore::of(&sums(&entries)).unwrap();
        assert!(score.mean.is_one());
        assert_eq!(score.variance, Some(Ratio::from_integer(0.into())));
    }
}
