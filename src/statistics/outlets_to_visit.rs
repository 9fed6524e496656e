//! How many outlets of an organisation are visited.
//!
//! Source: requirements.md §8.3, by analogy to IAF MD 1 for management systems: √x at the first evaluation, 0.6√x at
//! surveillance, 0.8√x at recertification, rounded up; at least a quarter of them drawn at random. The certification body
//! reads its own scheme documents before it adopts this. Exact: no root is taken.

/// Occasion of an evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Occasion {
    /// First evaluation.
    First,
    /// Yearly surveillance.
    Surveillance,
    /// Recertification.
    Recertification,
}

impl Occasion {
    /// Every occasion.
    pub const ALL: [Occasion; 3] = [Occasion::First, Occasion::Surveillance, Occasion::Recertification];

    /// Stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Occasion::First => "first",
            Occasion::Surveillance => "surveillance",
            Occasion::Recertification => "recertification",
        }
    }

    /// The factor of √x, in tenths.
    fn tenths(self) -> u128 {
        match self {
            Occasion::First => 10,
            Occasion::Surveillance => 6,
            Occasion::Recertification => 8,
        }
    }
}

/// Outlets to visit, beside the head office and the hotline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visits {
    /// In all.
    pub outlets: u64,
    /// Of these, at least so many drawn at random with a recorded seed; the others are chosen by risk.
    pub random_at_least: u64,
}

impl Visits {
    /// Of an organisation with `outlets` outlets in scope.
    pub fn of(outlets: u64, occasion: Occasion) -> Self {
        // The smallest k with k ≥ f/10·√x, that is (10k)² ≥ f²·x; both sides are below 2^77.
        let (bound, mut k) = (occasion.tenths().pow(2) * u128::from(outlets), 0_u128);
        let mut step = 1_u128 << 32;
        while step > 0 {
            if (10 * (k + step)).pow(2) < bound {
                k += step;
            }
            step /= 2;
        }
        let visited = if bound == 0 { 0 } else { k + 1 };
        let outlets = u64::try_from(visited).unwrap_or(outlets);
        Self {
            outlets,
            random_at_least: outlets.div_ceil(4),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_table_of_the_sampling_rules() {
        let table: [(u64, [u64; 3]); 8] = [
            (1, [1, 1, 1]),
            (4, [2, 2, 2]),
            (9, [3, 2, 3]),
            (16, [4, 3, 4]),
            (25, [5, 3, 4]),
            (50, [8, 5, 6]),
            (100, [10, 6, 8]),
            (400, [20, 12, 16]),
        ];
        for (outlets, expected) in table {
            assert_eq!(
                Occasion::ALL.map(|occasion| Visits::of(outlets, occasion).outlets),
                expected,
                "{outlets}"
            );
        }
        assert_eq!(Visits::of(0, Occasion::First).outlets, 0);
        assert_eq!(Visits::of(100, Occasion::First).random_at_least, 3);
    }

    proptest! {
        #[test]
        fn the_number_is_the_smallest_that_reaches_the_root(outlets in 1_u64..=u64::MAX) {
            for occasion in Occasion::ALL {
                let k = u128::from(Visits::of(outlets, occasion).outlets);
                let bound = occasion.tenths().pow(2) * u128::from(outlets);
                prop_assert!((10 * k).pow(2) >= bound && (10 * (k - 1)).pow(2) < bound);
                prop_assert!(k <= u128::from(outlets));
            }
        }
    }
}
