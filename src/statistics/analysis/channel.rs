//! A channel under the score rule of the plan: what S, S_face and S_elec are made of.

use num_traits::Zero;

use crate::statistics::class::Column;
use crate::statistics::exact::Ratio;
use crate::statistics::method::ScoreRule;
use crate::statistics::moments::WideSums;
use crate::statistics::person::PersonScore;
use crate::statistics::study::Study;
use crate::statistics::sums::Sums;
use crate::statistics::tally::PersonSums;
use std::collections::BTreeMap;

/// Responses as their score rule counts them: points, or one unit a scored customer.
#[derive(Debug, Clone)]
pub(super) struct Channel {
    pub n: u64,
    pub scored: u64,
    /// Σ obtained, exact.
    pub obtained: Ratio,
    /// Σ available, exact.
    pub available: Ratio,
    pub wide: WideSums,
}

impl Channel {
    /// A column of a study.
    pub fn of(study: &Study, rule: ScoreRule, column: Column) -> Self {
        let mut sums = Sums::default();
        for class in column.classes() {
            sums.absorb(&study.sums(*class));
        }
        match rule {
            ScoreRule::Points => Self::points(&sums),
            ScoreRule::Person => Self::person(sums.n, &study.person(column.classes())),
        }
    }

    pub fn points(sums: &Sums) -> Self {
        Self {
            n: sums.n,
            scored: sums.scored,
            obtained: Ratio::from_integer(sums.a.into()),
            available: Ratio::from_integer(sums.b.into()),
            wide: WideSums::from(sums),
        }
    }

    pub fn person(n: u64, by_available: &BTreeMap<i64, PersonSums>) -> Self {
        let wide = WideSums::of_person(n, by_available);
        let count = Ratio::from_integer(wide.scored.into());
        let mean = PersonScore::of(by_available).map(|score| score.mean);
        Self {
            n,
            scored: wide.scored,
            obtained: mean.map_or_else(Ratio::zero, |mean| mean * &count),
            available: count,
            wide,
        }
    }

    /// Obtained ÷ available; nothing when nothing was scored.
    pub fn score(&self) -> Option<Ratio> {
        (!self.available.is_zero()).then(|| &self.obtained / &self.available)
    }
}
