//! How much of what applied to a customer was answered: complete, partial or broken off.
//!
//! Source: statistics.md §2; 0.8 and 0.5 are the customary bounds (AAPOR Standard Definitions, example).

use num_bigint::BigInt;

use super::exact::Ratio;
use super::score::{Reply, ResponseScore, ScoreScheme};

/// Status of a response at capture (AAPOR: complete, partial, break-off).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Completeness {
    /// I: complete.
    Complete,
    /// P: partial, still valid.
    Partial,
    /// R: broken off, not valid.
    BreakOff,
}

impl ScoreScheme {
    /// Status by the weighted share of applicable items that were rated, c_k = Σ w δ / Σ w over the items shown and not
    /// marked as not applicable: complete from `complete_at` on, partial from `partial_at` on, else broken off. With no
    /// applicable item at all the customer has answered everything: complete. Exact.
    pub fn completeness(&self, score: &ResponseScore, complete_at: &Ratio, partial_at: &Ratio) -> Completeness {
        let (mut rated, mut applicable) = (0_u64, 0_u64);
        for (item, reply) in self.items().iter().zip(score.replies()) {
            match reply {
                Reply::Rated(_) => {
                    rated += u64::from(item.weight);
                    applicable += u64::from(item.weight);
                }
                Reply::Skipped => applicable += u64::from(item.weight),
                Reply::NotApplicable | Reply::NotShown => {}
            }
        }
        let reaches = |bound: &Ratio| BigInt::from(rated) * bound.denom() >= bound.numer() * BigInt::from(applicable);
        if applicable == 0 || reaches(complete_at) {
            Completeness::Complete
        } else if reaches(partial_at) {
            Completeness::Partial
        } else {
            Completeness::BreakOff
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::statistics::score::ScoredItem;

    fn item(weight: u32) -> ScoredItem {
        ScoredItem {
            weight,
            full_points: 5,
            points: vec![1, 2, 3, 4, 5],
            facets: vec![],
        }
    }

    fn status(scheme: &ScoreScheme, replies: &[Reply]) -> Completeness {
        let bound = |n: i32, d: i32| Ratio::new(n.into(), d.into());
        scheme.completeness(&scheme.score(replies).unwrap(), &bound(4, 5), &bound(1, 2))
    }

    #[test]
    fn completeness_bounds_are_inclusive_and_weighted() {
        let scheme = ScoreScheme::new(vec![item(4), item(1), item(1), item(2)], 0).unwrap();
        let (rated, skipped, na, hidden) = (Reply::Rated(5), Reply::Skipped, Reply::NotApplicable, Reply::NotShown);
        assert_eq!(status(&scheme, &[rated, skipped, na, hidden]), Completeness::Complete); // 4/5
        assert_eq!(
            status(&scheme, &[rated, skipped, skipped, hidden]),
            Completeness::Partial
        ); // 4/6
        assert_eq!(
            status(&scheme, &[rated, skipped, skipped, skipped]),
            Completeness::Partial
        ); // 4/8
        assert_eq!(
            status(&scheme, &[skipped, rated, rated, hidden]),
            Completeness::BreakOff
        ); // 2/6
        assert_eq!(status(&scheme, &[na, na, na, hidden]), Completeness::Complete);
        assert_eq!(status(&scheme, &[skipped; 4]), Completeness::BreakOff);
    }
}
