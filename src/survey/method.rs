//! The scoring method of an evaluation: versioned data, frozen before fieldwork (requirements D21, statistics.md §0).

use num_rational::BigRational;
use num_traits::ToPrimitive;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::questionnaire::Scale;
use crate::statistics;
use crate::statistics::interval::{Confidence, ConfidenceError};

/// Why a method file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("method: {0}")]
pub struct MethodError(String);

/// How codes become points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScoreTable {
    /// The questionnaire's own conversion, 100/80/60/30/0 on five points.
    Customary,
    /// Equal steps from 0: 100/75/50/25/0 on five points.
    Linear,
    /// The code itself: 100/80/60/40/20 on five points.
    Proportional,
}

impl ScoreTable {
    /// Points of code 1, 2, …, max; the last is full marks.
    pub fn points(self, scale: &Scale) -> Vec<u32> {
        let codes = 1..=u32::from(scale.max());
        match self {
            ScoreTable::Customary => scale.points.clone(),
            ScoreTable::Linear => codes.map(|code| code - 1).collect(),
            ScoreTable::Proportional => codes.collect(),
        }
    }
}

/// Rule by which answers become one score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScoreRule {
    /// Points obtained ÷ points available over all responses.
    Points,
}

/// How in-person and electronic answers become S.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Composition {
    /// All counted responses of both channels together.
    Pooled,
}

/// What S_face estimates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// The interviewed customers, unweighted.
    Sample,
}

/// Whether an interview counts at once or waits for a reviewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InterviewApproval {
    /// Counts until excluded.
    NotRequired,
    /// Counts from a reviewer's approval on.
    Required,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    id: String,
    version: String,
    score_table: ScoreTable,
    score_rule: ScoreRule,
    composition: Composition,
    target: Target,
    confidence: String,
    complete_at: String,
    partial_at: String,
    suppress_below: u64,
    interview_approval: InterviewApproval,
}

/// A checked method. Its identity is the hash of the file's bytes.
#[derive(Debug, Clone)]
pub struct Method {
    hash: String,
    name: String,
    score_table: ScoreTable,
    score_rule: ScoreRule,
    composition: Composition,
    target: Target,
    confidence: f64,
    complete_at: BigRational,
    partial_at: BigRational,
    suppress_below: u64,
    interview_approval: InterviewApproval,
}

impl Method {
    /// Reads and checks a method file.
    ///
    /// # Errors
    /// [`MethodError`] naming the first setting that cannot be used.
    pub fn from_json(bytes: &[u8]) -> Result<Self, MethodError> {
        let file: File = serde_json::from_slice(bytes).map_err(|e| MethodError(e.to_string()))?;
        let share = |name: &str, text: &str| {
            decimal(text)
                .filter(|value| *value > ratio(0, 1) && *value < ratio(1, 1))
                .ok_or_else(|| MethodError(format!("{name}: {text} is not a decimal between 0 and 1")))
        };
        let confidence = share("confidence", &file.confidence)?.to_f64().unwrap_or(0.95);
        let (complete_at, partial_at) = (
            share("complete_at", &file.complete_at)?,
            share("partial_at", &file.partial_at)?,
        );
        if partial_at > complete_at {
            return Err(MethodError("partial_at: above complete_at".into()));
        }
        if !(2..=100).contains(&file.suppress_below) {
            return Err(MethodError("suppress_below: must be 2..100".into()));
        }
        Ok(Self {
            hash: data_encoding::HEXLOWER.encode(&Sha256::digest(bytes)),
            name: format!("{} {}", file.id, file.version),
            score_table: file.score_table,
            score_rule: file.score_rule,
            composition: file.composition,
            target: file.target,
            confidence,
            complete_at,
            partial_at,
            suppress_below: file.suppress_below,
            interview_approval: file.interview_approval,
        })
    }

    /// SHA-256 of the file, hexadecimal.
    pub fn hash(&self) -> &str {
        &self.hash
    }
    /// Id and version, for people.
    pub fn name(&self) -> &str {
        &self.name
    }
    /// Score table.
    pub fn score_table(&self) -> ScoreTable {
        self.score_table
    }
    /// Score rule.
    pub fn score_rule(&self) -> ScoreRule {
        self.score_rule
    }
    /// Composition of S.
    pub fn composition(&self) -> Composition {
        self.composition
    }
    /// Target of S_face.
    pub fn target(&self) -> Target {
        self.target
    }
    /// Confidence of intervals, e.g. 0.95.
    pub fn confidence(&self) -> f64 {
        self.confidence
    }
    /// Share of applicable weight answered from which a response is complete.
    pub fn complete_at(&self) -> &BigRational {
        &self.complete_at
    }
    /// Share from which a response is a valid partial.
    pub fn partial_at(&self) -> &BigRational {
        &self.partial_at
    }
    /// The same choices as the statistics take them.
    ///
    /// # Errors
    /// [`ConfidenceError`] for a level that no interval is computed for.
    pub fn statistical(&self) -> Result<statistics::method::Method, ConfidenceError> {
        Ok(statistics::method::Method {
            composition: match self.composition {
                Composition::Pooled => statistics::method::Composition::Pooled,
            },
            target: match self.target {
                Target::Sample => statistics::method::Target::Sample,
            },
            confidence: Confidence::new(self.confidence)?,
            ..statistics::method::Method::default()
        })
    }
    /// Cells with fewer respondents are not published.
    pub fn suppress_below(&self) -> u64 {
        self.suppress_below
    }
    /// Whether interviews wait for a reviewer.
    pub fn interview_approval(&self) -> InterviewApproval {
        self.interview_approval
    }
}

fn ratio(numerator: i64, denominator: i64) -> BigRational {
    BigRational::new(numerator.into(), denominator.into())
}

/// An exact decimal such as `0.95`, at most 9 places.
fn decimal(text: &str) -> Option<BigRational> {
    let (whole, places) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(places) || places.len() > 9 || whole.len() > 9 {
        return None;
    }
    let scale = 10i64.checked_pow(u32::try_from(places.len()).ok()?)?;
    Some(ratio(format!("{whole}{places}").parse().ok()?, scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFAULT: &str = include_str!("../../methods/default-1.0.0.json");

    #[test]
    fn the_default_method_is_read_exactly() {
        let method = Method::from_json(DEFAULT.as_bytes()).unwrap();
        assert_eq!(*method.complete_at(), ratio(4, 5));
        assert_eq!(*method.partial_at(), ratio(1, 2));
        assert_eq!(method.suppress_below(), 5);
    }

    #[test]
    fn a_setting_out_of_range_is_named() {
        for (from, to, word) in [
            ("\"0.95\"", "\"1.5\"", "confidence"),
            ("\"0.5\"", "\"0.9\"", "partial_at"),
            ("\"suppress_below\": 5", "\"suppress_below\": 1", "suppress_below"),
            ("\"pooled\"", "\"by_mood\"", "by_mood"),
        ] {
            let error = Method::from_json(DEFAULT.replace(from, to).as_bytes()).unwrap_err();
            assert!(error.to_string().contains(word), "{error}");
        }
    }
}
