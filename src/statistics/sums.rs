//! The five additive sums that a points score and its variance need (tallies T1 and T2 of statistics.md §12).

use super::score::Points;
use super::tally::TallyError;

/// Sums over responses of one group. Unscored responses (nothing rated, b_k = 0) are in `n` only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// Responses, unscored ones included.
    pub n: u64,
    /// Responses with b_k > 0.
    pub scored: u64,
    /// Σ a_k: points obtained.
    pub a: i64,
    /// Σ b_k: points available.
    pub b: i64,
    /// Σ a_k².
    pub aa: i128,
    /// Σ a_k·b_k.
    pub ab: i128,
    /// Σ b_k².
    pub bb: i128,
}

impl Sums {
    /// The sums of a single response.
    pub fn of(points: Points) -> Self {
        let (a, b) = (i128::from(points.obtained), i128::from(points.available));
        Self {
            n: 1,
            scored: u64::from(points.available > 0),
            a: points.obtained,
            b: points.available,
            aa: a * a,
            ab: a * b,
            bb: b * b,
        }
    }

    /// Adds a response, unchecked: for studies, whose row limit keeps every sum in range.
    pub(super) fn count(&mut self, points: Points) {
        let (a, b) = (points.obtained, points.available);
        self.n += 1;
        self.scored += u64::from(points.available > 0);
        self.a += points.obtained;
        self.b += points.available;
        self.aa += i128::from(a) * i128::from(a);
        self.ab += i128::from(a) * i128::from(b);
        self.bb += i128::from(b) * i128::from(b);
    }

    /// Adds a group, unchecked like [`Self::count`].
    pub(super) fn absorb(&mut self, other: &Sums) {
        self.n += other.n;
        self.scored += other.scored;
        self.a += other.a;
        self.b += other.b;
        self.aa += other.aa;
        self.ab += other.ab;
        self.bb += other.bb;
    }

    /// Both groups together.
    ///
    /// # Errors
    /// [`TallyError::Overflow`].
    pub fn plus(&self, other: &Sums) -> Result<Sums, TallyError> {
        let sum = || {
            Some(Sums {
                n: self.n.checked_add(other.n)?,
                scored: self.scored.checked_add(other.scored)?,
                a: self.a.checked_add(other.a)?,
                b: self.b.checked_add(other.b)?,
                aa: self.aa.checked_add(other.aa)?,
                ab: self.ab.checked_add(other.ab)?,
                bb: self.bb.checked_add(other.bb)?,
            })
        };
        sum().ok_or(TallyError::Overflow)
    }

    /// This group without the other, which was part of it.
    ///
    /// # Errors
    /// [`TallyError::Negative`] when it cannot have been part of it.
    pub fn minus(&self, other: &Sums) -> Result<Sums, TallyError> {
        let difference = || {
            Some(Sums {
                n: self.n.checked_sub(other.n)?,
                scored: self.scored.checked_sub(other.scored)?,
                a: self.a.checked_sub(other.a)?,
                b: self.b.checked_sub(other.b)?,
                aa: self.aa.checked_sub(other.aa)?,
                ab: self.ab.checked_sub(other.ab)?,
                bb: self.bb.checked_sub(other.bb)?,
            })
        };
        difference().filter(Sums::is_possible).ok_or(TallyError::Negative)
    }

    /// Whether some set of responses can have these sums, as far as signs and the order 0 ≤ a_k ≤ b_k tell.
    pub fn is_possible(&self) -> bool {
        let ordered = self.scored <= self.n && 0 <= self.a && self.a <= self.b;
        let squares = 0 <= self.aa && self.aa <= self.ab && self.ab <= self.bb;
        // b_k > 0 exactly for the scored ones, so b is at least their number and empty without them.
        ordered
            && squares
            && i128::from(self.scored) <= i128::from(self.b)
            && (self.scored > 0 || self.bb == 0 && self.b == 0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn sums_add_and_subtract() {
        let one = Sums::of(Points {
            obtained: 3,
            available: 5,
        });
        let none = Sums::of(Points::default());
        let both = one.plus(&none).unwrap();
        assert_eq!(
            both,
            Sums {
                n: 2,
                scored: 1,
                a: 3,
                b: 5,
                aa: 9,
                ab: 15,
                bb: 25
            }
        );
        assert_eq!(both.minus(&one).unwrap(), none);
        assert_eq!(one.minus(&both), Err(TallyError::Negative));
        assert_eq!(none.minus(&one), Err(TallyError::Negative));
        // The counts fit, the points cannot: what is left would have obtained points without available ones.
        let other = Sums::of(Points {
            obtained: 2,
            available: 5,
        });
        assert_eq!(one.minus(&other), Err(TallyError::Negative));
    }

    #[test]
    fn overflow_is_an_error() {
        let full = Sums {
            n: u64::MAX,
            ..Sums::default()
        };
        assert_eq!(full.plus(&full), Err(TallyError::Overflow));
    }
}
