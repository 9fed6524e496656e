//! The eight first-level indicators with the marks of the annex, and X made of them.
//!
//! Source: CQM/F-RZ-ZY-06-001 5.3 and annex; requirements D3, D16.

use num_traits::Zero;
use serde::{Deserialize, Deserializer, de};

use super::decimal::Decimal;
use super::evidence::EvidenceError;
use crate::statistics::exact::Ratio;

/// `(clause, full marks)` of the annex; together 100.
pub const ANNEX: [(&str, u32); 8] = [
    ("4.1.1", 10),
    ("4.1.2", 15),
    ("4.1.3", 10),
    ("4.1.4", 25),
    ("4.1.5", 15),
    ("4.1.6", 7),
    ("4.1.7", 8),
    ("4.1.8", 10),
];

/// How far the scoring of an indicator is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Score {
    /// The organisation does not offer it: left out of X with its full marks (D16).
    NotApplicable,
    /// Applies, not yet scored.
    Pending,
    /// Marks, 0..=full.
    Marks(Ratio),
}

/// A first-level indicator of one evaluation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indicator {
    clause: &'static str,
    full: u32,
    score: Score,
}

impl Indicator {
    /// An indicator by its clause.
    ///
    /// # Errors
    /// [`EvidenceError`] when the annex has no such clause, or a score is negative or above its full marks.
    pub fn new(clause: &str, score: Score) -> Result<Self, EvidenceError> {
        let (clause, full) = ANNEX
            .into_iter()
            .find(|(known, _)| *known == clause)
            .ok_or_else(|| EvidenceError::new("id", format!("{clause:?} is not an indicator of the annex")))?;
        if let Score::Marks(marks) = &score
            && (*marks < Ratio::zero() || *marks > Ratio::from_integer(full.into()))
        {
            return Err(EvidenceError::new(
                "score",
                format!("outside 0..{full}, the full marks of {clause}"),
            ));
        }
        Ok(Self { clause, full, score })
    }

    /// Number of its clause, `4.1.1` to `4.1.8`.
    pub fn clause(&self) -> &'static str {
        self.clause
    }

    /// Full marks of the annex.
    pub fn full(&self) -> u32 {
        self.full
    }

    /// Its score.
    pub fn score(&self) -> &Score {
        &self.score
    }

    /// Marks obtained, where it is scored.
    pub fn marks(&self) -> Option<&Ratio> {
        match &self.score {
            Score::Marks(marks) => Some(marks),
            _ => None,
        }
    }

    /// Marks obtained ÷ full marks, 0..=1, where it is scored (D3).
    pub fn share(&self) -> Option<Ratio> {
        self.marks().map(|marks| marks / Ratio::from_integer(self.full.into()))
    }
}

/// All eight indicators, in the annex's order, at least one of them applicable.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Vec<Indicator>")]
pub struct Indicators(Vec<Indicator>);

impl Indicators {
    /// Eight indicators in any order.
    ///
    /// # Errors
    /// [`EvidenceError`] naming a clause that is missing or there twice, or when none applies: then there is no X.
    pub fn new(mut rows: Vec<Indicator>) -> Result<Self, EvidenceError> {
        for (clause, _) in ANNEX {
            match rows.iter().filter(|row| row.clause == clause).count() {
                1 => {}
                0 => return Err(EvidenceError::new("id", format!("indicator {clause} is missing"))),
                _ => return Err(EvidenceError::new("id", format!("indicator {clause} is there twice"))),
            }
        }
        if rows.iter().all(|row| row.score == Score::NotApplicable) {
            return Err(EvidenceError::new(
                "applicable",
                "no indicator applies, so there is no X",
            ));
        }
        rows.sort_by_key(|row| row.clause);
        Ok(Self(rows))
    }

    /// The indicators in the annex's order.
    pub fn all(&self) -> &[Indicator] {
        &self.0
    }

    /// The scored ones.
    pub fn scored(&self) -> impl Iterator<Item = &Indicator> {
        self.0.iter().filter(|indicator| indicator.marks().is_some())
    }

    /// X as a share of the full marks of the scored indicators, 0..=1 (D16); nothing when none is scored.
    pub fn x_total(&self) -> Option<Ratio> {
        let obtained: Ratio = self.scored().filter_map(Indicator::marks).sum();
        let full: u32 = self.scored().map(|indicator| indicator.full).sum();
        (full > 0).then(|| obtained / Ratio::from_integer(full.into()))
    }

    /// The scored indicator with the smallest share of its full marks; the first of equals (D3).
    pub fn worst(&self) -> Option<&Indicator> {
        self.scored().min_by_key(|indicator| indicator.share())
    }
}

impl TryFrom<Vec<Indicator>> for Indicators {
    type Error = EvidenceError;

    fn try_from(rows: Vec<Indicator>) -> Result<Self, EvidenceError> {
        Indicators::new(rows)
    }
}

/// Written out because a derived one would borrow the clause for ever.
impl<'de> Deserialize<'de> for Indicator {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Entry::deserialize(from)?.try_into().map_err(de::Error::custom)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    full: Decimal,
    score: Option<Decimal>,
    applicable: bool,
}

impl TryFrom<Entry> for Indicator {
    type Error = EvidenceError;

    fn try_from(entry: Entry) -> Result<Self, EvidenceError> {
        let Entry {
            id,
            full,
            score,
            applicable,
        } = entry;
        // A score is checked even where it will not count.
        let scored = match &score {
            Some(marks) => Indicator::new(&id, Score::Marks(marks.value().clone())),
            None => Indicator::new(&id, Score::Pending),
        };
        let indicator = scored.map_err(|error| match &score {
            Some(marks) if error.field == "score" => {
                EvidenceError::new("score", format!("{} is {}", marks.as_str(), error.problem))
            }
            _ => error,
        })?;
        if *full.value() != Ratio::from_integer(indicator.full.into()) {
            let (clause, marks) = (indicator.clause, indicator.full);
            let problem = format!("{} is not {marks}, the annex's marks of {clause}", full.as_str());
            return Err(EvidenceError::new("full", problem));
        }
        Ok(match applicable {
            true => indicator,
            false => Self {
                score: Score::NotApplicable,
                ..indicator
            },
        })
    }
}
