//! How a sample is spread over the outlets (strata).
//!
//! Source: statistics.md §9; Neyman (1934); Cochran (1977) §5.5; Wright, The American Statistician 66 (2012) 217–224 for the
//! exact integer optimum. At least two answers an outlet, so that a variance exists, and at most its customers.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Least answers of an outlet with at least so many customers.
const LEAST: u64 = 2;

/// Rule of allocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// n_h ∝ N_h: self-weighting.
    Proportional,
    /// n_h ∝ N_h·σ_h: smallest variance for the number of answers.
    Neyman,
    /// n_h ∝ N_h·σ_h/√c_h: smallest variance for the money.
    CostOptimal,
    /// The same number everywhere: outlets are to be compared.
    Equal,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Rule; 4] = [Rule::Proportional, Rule::Neyman, Rule::CostOptimal, Rule::Equal];

    /// Stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Rule::Proportional => "proportional",
            Rule::Neyman => "neyman",
            Rule::CostOptimal => "cost-optimal",
            Rule::Equal => "equal",
        }
    }
}

/// An outlet to spread over.
#[derive(Debug, Clone, PartialEq)]
pub struct Stratum {
    /// Its id; the last tie is decided by it.
    pub id: String,
    /// N_h: customers.
    pub customers: u64,
    /// σ_h: standard deviation of a customer's score.
    pub sd: f64,
    /// c_h: cost of an answer, in any unit.
    pub cost: f64,
}

/// Why a sample cannot be spread.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AllocationError {
    /// No outlet with customers.
    #[error("no outlet with customers")]
    Empty,
    /// Too few for two an outlet.
    #[error("{wanted} answers are fewer than the {least} that give every outlet two")]
    TooFew {
        /// Asked for.
        wanted: u64,
        /// Needed.
        least: u64,
    },
    /// More than there are customers.
    #[error("{wanted} answers are more than the {most} customers")]
    TooMany {
        /// Asked for.
        wanted: u64,
        /// Customers.
        most: u64,
    },
    /// A standard deviation or cost that cannot be used.
    #[error("outlet {id}: standard deviation and cost must be above 0")]
    Weight {
        /// Outlet.
        id: String,
    },
}

/// Answers per outlet, in the order given; they add up to `size`.
///
/// # Errors
/// [`AllocationError`].
pub fn allocate(strata: &[Stratum], size: u64, rule: Rule) -> Result<Vec<u64>, AllocationError> {
    let least: u64 = strata.iter().map(|stratum| stratum.customers.min(LEAST)).sum();
    let most = strata
        .iter()
        .fold(0_u64, |sum, stratum| sum.saturating_add(stratum.customers));
    if most == 0 {
        return Err(AllocationError::Empty);
    }
    if size < least {
        return Err(AllocationError::TooFew { wanted: size, least });
    }
    if size > most {
        return Err(AllocationError::TooMany { wanted: size, most });
    }
    let usable = |value: f64| value > 0.0 && value.is_finite();
    if let Some(bad) = strata
        .iter()
        .find(|stratum| !usable(stratum.sd) || !usable(stratum.cost))
    {
        return Err(AllocationError::Weight { id: bad.id.clone() });
    }
    let weight = |stratum: &Stratum| {
        let customers = stratum.customers as f64;
        match rule {
            Rule::Proportional => customers,
            Rule::Neyman => customers * stratum.sd,
            Rule::CostOptimal => customers * stratum.sd / stratum.cost.sqrt(),
            Rule::Equal => 1.0,
        }
    };
    let weights: Vec<f64> = strata.iter().map(weight).collect();
    Ok(match rule {
        Rule::Neyman => greedy(strata, &weights, size - least),
        _ => by_remainder(strata, &quotas(strata, &weights, size), size),
    })
}

/// Exact optimum in whole numbers: the next answer goes where N_h·σ_h/√(n_h(n_h + 1)) is largest.
fn greedy(strata: &[Stratum], weights: &[f64], more: u64) -> Vec<u64> {
    let mut taken: Vec<u64> = strata.iter().map(|stratum| stratum.customers.min(LEAST)).collect();
    let candidate = |place: usize, n: u64| {
        let (stratum, weight) = (strata.get(place)?, weights.get(place)?);
        let n_real = n as f64;
        (n < stratum.customers).then(|| Claim {
            size: weight / (n_real * (n_real + 1.0)).sqrt(),
            stratum,
            place,
        })
    };
    let mut queue: BinaryHeap<Claim<'_>> = taken
        .iter()
        .enumerate()
        .filter_map(|(place, n)| candidate(place, *n))
        .collect();
    for _ in 0..more {
        let Some(claim) = queue.pop() else { break };
        if let Some(n) = taken.get_mut(claim.place) {
            *n += 1;
            queue.extend(candidate(claim.place, *n));
        }
    }
    taken
}

/// A stratum's claim on the next answer: the larger one wins, ties → larger N_h, then smaller id.
struct Claim<'a> {
    size: f64,
    stratum: &'a Stratum,
    place: usize,
}

impl Ord for Claim<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_size = self.size.total_cmp(&other.size);
        by_size
            .then(self.stratum.customers.cmp(&other.stratum.customers))
            .then_with(|| other.stratum.id.cmp(&self.stratum.id))
            .then(other.place.cmp(&self.place))
    }
}

impl PartialOrd for Claim<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Claim<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Claim<'_> {}

/// Shares of `size` in proportion to the weights within the bounds of every stratum: what a bound cuts off or adds is
/// spread over the others.
fn quotas(strata: &[Stratum], weights: &[f64], size: u64) -> Vec<f64> {
    let bounds = |stratum: &Stratum| (stratum.customers.min(LEAST) as f64, stratum.customers as f64);
    let mut fixed: Vec<Option<f64>> = vec![None; strata.len()];
    // Every round fixes at least one stratum.
    for _ in 0..=strata.len() {
        let left = size as f64 - fixed.iter().flatten().sum::<f64>();
        let free: f64 = weights
            .iter()
            .zip(&fixed)
            .filter(|(_, f)| f.is_none())
            .map(|(w, _)| w)
            .sum();
        let share = |weight: f64| if free > 0.0 { left * weight / free } else { 0.0 };
        let (mut above, mut below) = (0.0, 0.0);
        for ((stratum, weight), _) in strata.iter().zip(weights).zip(&fixed).filter(|(_, f)| f.is_none()) {
            let (low, high) = bounds(stratum);
            above += (share(*weight) - high).max(0.0);
            below += (low - share(*weight)).max(0.0);
        }
        // Only the side that cuts off more is sure to stay at its bound.
        let mut changed = false;
        for ((stratum, weight), place) in strata.iter().zip(weights).zip(&mut fixed) {
            let ((low, high), wanted) = (bounds(stratum), share(*weight));
            if place.is_some() {
                continue;
            }
            if above >= below && wanted > high {
                (*place, changed) = (Some(high), true);
            } else if below >= above && wanted < low {
                (*place, changed) = (Some(low), true);
            }
        }
        if !changed {
            return weights
                .iter()
                .zip(&fixed)
                .map(|(w, f)| f.unwrap_or(share(*w)))
                .collect();
        }
    }
    fixed.into_iter().map(Option::unwrap_or_default).collect()
}

/// Whole numbers by the largest remainder, ties → larger N_h, then smaller id.
fn by_remainder(strata: &[Stratum], quotas: &[f64], size: u64) -> Vec<u64> {
    // A quota a rounding error below a whole number is that number.
    let floor = |quota: f64| (quota + 1e-9).floor();
    let mut taken: Vec<u64> = quotas.iter().map(|quota| floor(*quota).max(0.0) as u64).collect();
    let remainder = |(place, (stratum, quota)): (usize, (_, &f64))| Claim {
        // On a grid, so that equal remainders are equal after rounding.
        size: ((quota - floor(*quota)) * 1e9).round(),
        stratum,
        place,
    };
    let mut queue: BinaryHeap<Claim<'_>> = strata.iter().zip(quotas).enumerate().map(remainder).collect();
    let mut left = size.saturating_sub(taken.iter().sum());
    while let Some(claim) = queue.pop().filter(|_| left > 0) {
        if let Some(n) = taken.get_mut(claim.place).filter(|n| **n < claim.stratum.customers) {
            *n += 1;
            left -= 1;
        }
    }
    taken
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use proptest::prelude::*;

    fn strata(entries: &[(u64, f64, f64)]) -> Vec<Stratum> {
        let stratum = |(place, (customers, sd, cost)): (usize, &(u64, f64, f64))| Stratum {
            id: format!("S{place:02}"),
            customers: *customers,
            sd: *sd,
            cost: *cost,
        };
        entries.iter().enumerate().map(stratum).collect()
    }

    fn variance(strata: &[Stratum], taken: &[u64]) -> f64 {
        let term = |(stratum, n): (&Stratum, &u64)| (stratum.customers as f64 * stratum.sd).powi(2) / *n as f64;
        strata
            .iter()
            .zip(taken)
            .filter(|(s, _)| s.customers > 0)
            .map(term)
            .sum()
    }

    #[test]
    fn shares_follow_the_rule() {
        let outlets = strata(&[(100, 0.1, 1.0), (200, 0.2, 4.0), (300, 0.1, 1.0)]);
        assert_eq!(allocate(&outlets, 60, Rule::Proportional).unwrap(), [10, 20, 30]);
        assert_eq!(allocate(&outlets, 60, Rule::Equal).unwrap(), [20, 20, 20]);
        assert_eq!(allocate(&outlets, 80, Rule::Neyman).unwrap(), [10, 40, 30]);
        assert_eq!(allocate(&outlets, 60, Rule::CostOptimal).unwrap(), [10, 20, 30]);
    }

    #[test]
    fn ties_go_to_the_larger_outlet_and_then_to_the_first_id() {
        let equal = strata(&[(50, 0.1, 1.0), (50, 0.1, 1.0), (60, 0.1, 1.0)]);
        assert_eq!(allocate(&equal, 10, Rule::Equal).unwrap(), [3, 3, 4]);
        assert_eq!(allocate(&equal, 11, Rule::Equal).unwrap(), [4, 3, 4]);
    }

    #[test]
    fn what_does_not_fit_is_spread_over_the_others() {
        let outlets = strata(&[
            (3, 0.1, 1.0),
            (100, 0.1, 1.0),
            (100, 0.1, 1.0),
            (1, 0.1, 1.0),
            (0, 0.1, 1.0),
        ]);
        assert_eq!(allocate(&outlets, 60, Rule::Equal).unwrap(), [3, 28, 28, 1, 0]);
        assert_eq!(
            allocate(&outlets, 204, Rule::Proportional).unwrap(),
            [3, 100, 100, 1, 0]
        );
        assert_eq!(
            allocate(&outlets, 6, Rule::Neyman),
            Err(AllocationError::TooFew { wanted: 6, least: 7 })
        );
        assert_eq!(
            allocate(&outlets, 205, Rule::Neyman),
            Err(AllocationError::TooMany { wanted: 205, most: 204 })
        );
        assert_eq!(allocate(&[], 5, Rule::Equal), Err(AllocationError::Empty));
        let mut broken = outlets;
        broken[1].sd = 0.0;
        assert!(matches!(allocate(&broken, 60, Rule::Equal), Err(AllocationError::Weight { id }) if id == "S01"));
    }

    prop_compose! {
        fn outlets()(entries in proptest::collection::vec((0_u64..500, 0.02_f64..0.4, 0.5_f64..9.0), 1..25)) -> Vec<Stratum> {
            strata(&entries)
        }
    }

    proptest! {
        #[test]
        fn every_allocation_is_complete_and_within_its_bounds(outlets in outlets(), extra in 0_u64..5000) {
            let least: u64 = outlets.iter().map(|o| o.customers.min(2)).sum();
            let most: u64 = outlets.iter().map(|o| o.customers).sum();
            prop_assume!(most > 0);
            let size = (least + extra).min(most);
            for rule in Rule::ALL {
                let taken = allocate(&outlets, size, rule).unwrap();
                prop_assert_eq!(taken.iter().sum::<u64>(), size, "{:?}", rule);
                prop_assert!(outlets.iter().zip(&taken).all(|(o, n)| (o.customers.min(2)..=o.customers).contains(n)));
            }
        }

        #[test]
        fn no_exchange_improves_neyman(outlets in outlets(), extra in 0_u64..300) {
            let least: u64 = outlets.iter().map(|o| o.customers.min(2)).sum();
            let most: u64 = outlets.iter().map(|o| o.customers).sum();
            prop_assume!(most > 0);
            let taken = allocate(&outlets, (least + extra).min(most), Rule::Neyman).unwrap();
            let best = variance(&outlets, &taken);
            for from in 0..taken.len() {
                for to in 0..taken.len() {
                    let mut other = taken.clone();
                    if from == to || other[from] <= outlets[from].customers.min(2) || other[to] >= outlets[to].customers {
                        continue;
                    }
                    other[from] -= 1;
                    other[to] += 1;
                    prop_assert!(variance(&outlets, &other) >= best * (1.0 - 1e-12));
                }
            }
        }
    }
}
