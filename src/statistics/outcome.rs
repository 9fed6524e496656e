//! Outcome rates of contacts: how many cases were reached, took part, refused.
//!
//! Source: AAPOR, Standard Definitions (10th edition, 2023); statistics.md §10. Rates are per channel and are never added
//! up over channels; an open code has no cases and therefore no rates. Exact: fractions of counts.

use std::fmt;

use num_bigint::BigInt;
use num_traits::Zero;

use super::exact::Ratio;

/// Final disposition of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// I: complete.
    Complete,
    /// P: partial, valid.
    Partial,
    /// R: refusal or break-off.
    Refusal,
    /// NC: eligible, not contacted.
    NonContact,
    /// O: eligible, contacted, other reason.
    Other,
    /// UH: unknown whether there is anybody to ask.
    UnknownHousehold,
    /// UO: unknown eligibility, other.
    UnknownOther,
    /// NE: not eligible.
    NotEligible,
}

impl Outcome {
    /// Every outcome, in report order.
    pub const ALL: [Outcome; 8] = [
        Outcome::Complete,
        Outcome::Partial,
        Outcome::Refusal,
        Outcome::NonContact,
        Outcome::Other,
        Outcome::UnknownHousehold,
        Outcome::UnknownOther,
        Outcome::NotEligible,
    ];

    /// The usual letters.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Complete => "I",
            Outcome::Partial => "P",
            Outcome::Refusal => "R",
            Outcome::NonContact => "NC",
            Outcome::Other => "O",
            Outcome::UnknownHousehold => "UH",
            Outcome::UnknownOther => "UO",
            Outcome::NotEligible => "NE",
        }
    }

    /// The outcome of its letters.
    pub fn parse(letters: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == letters)
    }
}

/// An outcome rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RateName {
    /// Response rate 1 to 6.
    Response(u8),
    /// Cooperation rate 1 to 4.
    Cooperation(u8),
    /// Refusal rate 1 to 3.
    Refusal(u8),
    /// Contact rate 1 to 3.
    Contact(u8),
    /// Share of cases whose eligibility is known (1), or estimated (2).
    Located(u8),
}

impl fmt::Display for RateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RateName::Response(n) => write!(f, "RR{n}"),
            RateName::Cooperation(n) => write!(f, "COOP{n}"),
            RateName::Refusal(n) => write!(f, "REF{n}"),
            RateName::Contact(n) => write!(f, "CON{n}"),
            RateName::Located(n) => write!(f, "LOC{n}"),
        }
    }
}

/// Cases of one channel by final disposition.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OutcomeCounts([u64; Outcome::ALL.len()]);

impl OutcomeCounts {
    /// Counts `cases` more cases; a count stops at its largest value.
    pub fn add(&mut self, outcome: Outcome, cases: u64) {
        if let Some(count) = self.0.get_mut(outcome as usize) {
            *count = count.saturating_add(cases);
        }
    }

    /// Cases with this disposition.
    pub fn get(&self, outcome: Outcome) -> u64 {
        self.0.get(outcome as usize).copied().unwrap_or(0)
    }

    /// Cases in all.
    pub fn total(&self) -> u64 {
        self.0.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// e: the share of eligible cases among those whose eligibility is known, D/(D + NE) (CASRO). Nothing when nobody's is.
    pub fn eligibility(&self) -> Option<Ratio> {
        let known = self.eligible();
        fraction(known.clone(), known + self.of(&[Outcome::NotEligible]))
    }

    /// D: eligible cases.
    fn eligible(&self) -> Ratio {
        self.of(&[
            Outcome::Complete,
            Outcome::Partial,
            Outcome::Refusal,
            Outcome::NonContact,
            Outcome::Other,
        ])
    }

    fn of(&self, outcomes: &[Outcome]) -> Ratio {
        let sum: BigInt = outcomes.iter().map(|outcome| BigInt::from(self.get(*outcome))).sum();
        Ratio::from_integer(sum)
    }

    /// Every rate, in report order; nothing where the denominator is 0. `eligibility` is e of the plan, else
    /// [`Self::eligibility`].
    pub fn rates(&self, eligibility: Option<Ratio>) -> Vec<(RateName, Option<Ratio>)> {
        use Outcome::{Complete, NonContact, Other, Partial, Refusal, UnknownHousehold, UnknownOther};
        let (i, valid) = (self.of(&[Complete]), self.of(&[Complete, Partial]));
        let (refused, other) = (self.of(&[Refusal]), self.of(&[Other]));
        let (d, unknown) = (self.eligible(), self.of(&[UnknownHousehold, UnknownOther]));
        // Without any case of known eligibility nothing is known about the unknown ones either.
        let share = eligibility.or_else(|| self.eligibility());
        let all = &d + &unknown;
        let estimated = share.map(|e| (&d + &e * &unknown, e * &unknown));
        let (likely, likely_unknown) = estimated.map_or((None, None), |(sum, part)| (Some(sum), Some(part)));
        let contacted = &valid + &refused + &other;
        let reachable = &contacted + self.of(&[NonContact]);
        let asked = &valid + &refused;
        let by = |top: &Ratio, bottom: &Ratio| fraction(top.clone(), bottom.clone());
        let by_likely = |top: &Ratio| likely.as_ref().and_then(|sum| by(top, sum));
        vec![
            (RateName::Response(1), by(&i, &all)),
            (RateName::Response(2), by(&valid, &all)),
            (RateName::Response(3), by_likely(&i)),
            (RateName::Response(4), by_likely(&valid)),
            (RateName::Response(5), by(&i, &d)),
            (RateName::Response(6), by(&valid, &d)),
            (RateName::Cooperation(1), by(&i, &contacted)),
            (RateName::Cooperation(2), by(&valid, &contacted)),
            (RateName::Cooperation(3), by(&i, &asked)),
            (RateName::Cooperation(4), by(&valid, &asked)),
            (RateName::Refusal(1), by(&refused, &all)),
            (RateName::Refusal(2), by_likely(&refused)),
            (RateName::Refusal(3), by(&refused, &d)),
            (RateName::Contact(1), by(&contacted, &(&reachable + &unknown))),
            (
                RateName::Contact(2),
                likely_unknown.and_then(|part| by(&contacted, &(&reachable + part))),
            ),
            (RateName::Contact(3), by(&contacted, &reachable)),
            (RateName::Located(1), by(&d, &all)),
            (RateName::Located(2), by_likely(&d)),
        ]
    }
}

fn fraction(top: Ratio, bottom: Ratio) -> Option<Ratio> {
    (!bottom.is_zero()).then(|| top / bottom)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn counts(numbers: [u64; 8]) -> OutcomeCounts {
        let mut counts = OutcomeCounts::default();
        for (outcome, n) in Outcome::ALL.into_iter().zip(numbers) {
            counts.add(outcome, n);
        }
        counts
    }

    fn rate(counts: &OutcomeCounts, name: RateName) -> Option<Ratio> {
        counts
            .rates(None)
            .into_iter()
            .find(|(found, _)| *found == name)
            .unwrap()
            .1
    }

    #[test]
    fn nothing_known_gives_nothing() {
        assert!(counts([0; 8]).rates(None).iter().all(|(_, value)| value.is_none()));
        let unknown = counts([0, 0, 0, 0, 0, 3, 4, 0]);
        assert_eq!(unknown.eligibility(), None);
        assert_eq!(rate(&unknown, RateName::Response(3)), None);
        assert_eq!(
            rate(&unknown, RateName::Response(1)),
            Some(Ratio::from_integer(0.into()))
        );
        // Only ineligible cases: e = 0, and no denominator is left.
        let ineligible = counts([0, 0, 0, 0, 0, 0, 5, 9]);
        assert_eq!(rate(&ineligible, RateName::Response(3)), None);
    }

    #[test]
    fn letters_round_trip() {
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::parse(outcome.as_str()), Some(outcome));
        }
        assert_eq!(Outcome::parse("i"), None);
    }

    proptest! {
        #[test]
        fn rates_are_shares_and_keep_their_order(numbers in proptest::array::uniform8(0_u64..1_000_000)) {
            let counts = counts(numbers);
            let value = |name| rate(&counts, name);
            let one = Ratio::from_integer(1.into());
            for (name, found) in counts.rates(None) {
                prop_assert!(found.is_none_or(|v| v >= Ratio::zero() && v <= one), "{name}");
            }
            // Unknown cases only lower a rate: 1 (all of them) ≤ 3 (the estimated share) ≤ 5 (none).
            if let (Some(low), Some(middle), Some(high)) =
                (value(RateName::Response(1)), value(RateName::Response(3)), value(RateName::Response(5)))
            {
                prop_assert!(low <= middle && middle <= high);
            }
            // Everybody contacted answered, refused or could not.
            let contacted = [1, 3].map(|n| value(RateName::Contact(n)));
            if let [Some(all), Some(reachable)] = contacted {
                prop_assert!(all <= reachable);
            }
            prop_assert_eq!(counts.total(), numbers.iter().sum::<u64>());
        }
    }
}
