//! The scoring method of an evaluation: versioned data, frozen before fieldwork (requirements D21, statistics.md §0).

use num_rational::BigRational;
use num_traits::ToPrimitive;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::questionnaire::Scale;
use crate::statistics;
use crate::statistics::flag::Thresholds;
use crate::statistics::interval::Confidence;

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

/// Largest share of S_face in S: with more, S_face alone could keep S below a bound that note 1 of 6.2 lets it pass.
const FACE_SHARE_MAX: (i64, i64) = (2, 5);

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum ScoreRule {
    Points,
    Person,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Composition {
    Pooled,
    /// λ, a decimal or a fraction.
    Fixed(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Target {
    Sample,
    Population,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Design {
    Simple,
    Stratified,
    TwoStage,
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
    /// Open electronic answers stay out of S.
    #[serde(default)]
    exclude_open: bool,
    target: Target,
    /// Nothing: as the outlets' customers are known.
    #[serde(default)]
    design: Option<Design>,
    confidence: String,
    complete_at: String,
    partial_at: String,
    suppress_below: u64,
    interview_approval: InterviewApproval,
    /// Thresholds of the flags that differ from the usual ones.
    #[serde(default)]
    flags: Thresholds,
}

/// A checked method. Its identity is the hash of the file's bytes.
#[derive(Debug, Clone)]
pub struct Method {
    hash: String,
    name: String,
    score_table: ScoreTable,
    statistical: statistics::method::Method,
    complete_at: BigRational,
    partial_at: BigRational,
    suppress_below: u64,
    interview_approval: InterviewApproval,
    flags: Thresholds,
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
        let statistical = statistical(&file)?;
        if !file.flags.are_usable() {
            return Err(MethodError("flags: a threshold is negative or not a number".into()));
        }
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
            statistical,
            complete_at,
            partial_at,
            suppress_below: file.suppress_below,
            interview_approval: file.interview_approval,
            flags: file.flags,
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
    /// Share of applicable weight answered from which a response is complete.
    pub fn complete_at(&self) -> &BigRational {
        &self.complete_at
    }
    /// Share from which a response is a valid partial.
    pub fn partial_at(&self) -> &BigRational {
        &self.partial_at
    }
    /// How answers become figures.
    pub fn statistical(&self) -> &statistics::method::Method {
        &self.statistical
    }
    /// Thresholds of the flags.
    pub fn flags(&self) -> &Thresholds {
        &self.flags
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

/// The choices of the file as the statistics take them.
fn statistical(file: &File) -> Result<statistics::method::Method, MethodError> {
    use statistics::method as chosen;
    let wrong = |text: String| MethodError(text);
    let level = decimal(&file.confidence).and_then(|level| level.to_f64());
    let confidence = level.and_then(|level| Confidence::new(level).ok());
    Ok(chosen::Method {
        score_rule: match file.score_rule {
            ScoreRule::Points => chosen::ScoreRule::Points,
            ScoreRule::Person => chosen::ScoreRule::Person,
        },
        composition: match &file.composition {
            Composition::Pooled => chosen::Composition::Pooled,
            Composition::Fixed(text) => {
                let share = fraction(text)
                    .filter(|share| *share > ratio(0, 1) && *share <= ratio(FACE_SHARE_MAX.0, FACE_SHARE_MAX.1));
                let problem = || wrong(format!("composition: {text} is not a share above 0 and up to 2/5"));
                chosen::Composition::Fixed(share.ok_or_else(problem)?)
            }
        },
        exclude_open: file.exclude_open,
        target: match file.target {
            Target::Sample => chosen::Target::Sample,
            Target::Population => chosen::Target::Population,
        },
        design: file.design.as_ref().map(|design| match design {
            Design::Simple => chosen::Design::Simple,
            Design::Stratified => chosen::Design::Stratified,
            Design::TwoStage => chosen::Design::TwoStage,
        }),
        confidence: confidence.ok_or_else(|| {
            wrong(format!(
                "confidence: {} is not a decimal in 0.5..=0.9999",
                file.confidence
            ))
        })?,
    })
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

/// A decimal, or a fraction such as `1/3`.
fn fraction(text: &str) -> Option<BigRational> {
    let Some((above, below)) = text.split_once('/') else {
        return decimal(text);
    };
    let number = |text: &str| text.parse::<u32>().ok().map(i64::from);
    let below = number(below).filter(|below| *below > 0)?;
    Some(ratio(number(above)?, below))
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
    fn every_choice_of_a_plan_can_be_written() {
        let text = DEFAULT
            .replace("\"points\"", "\"person\"")
            .replace("\"pooled\"", "{\"fixed\": \"1/3\"}")
            .replace(
                "\"sample\"",
                "\"population\", \"exclude_open\": true, \"design\": \"two_stage\"",
            )
            .replace("\"0.95\"", "\"0.9\", \"flags\": {\"seconds_per_item\": 1.5}");
        let method = Method::from_json(text.as_bytes()).unwrap();
        let expected = statistics::method::Method {
            score_rule: statistics::method::ScoreRule::Person,
            composition: statistics::method::Composition::Fixed(ratio(1, 3)),
            exclude_open: true,
            target: statistics::method::Target::Population,
            design: Some(statistics::method::Design::TwoStage),
            confidence: Confidence::new(0.9).unwrap(),
        };
        assert_eq!(*method.statistical(), expected);
        let flags = Thresholds {
            seconds_per_item: 1.5,
            ..Thresholds::default()
        };
        assert_eq!(*method.flags(), flags);
    }

    #[test]
    fn a_setting_out_of_range_is_named() {
        for (from, to, word) in [
            ("\"0.95\"", "\"1.5\"", "confidence"),
            ("\"0.5\"", "\"0.9\"", "partial_at"),
            ("\"suppress_below\": 5", "\"suppress_below\": 1", "suppress_below"),
            ("\"0.95\"", "\"0.4\"", "confidence"),
            ("\"pooled\"", "\"by_mood\"", "by_mood"),
            ("\"pooled\"", "{\"fixed\": \"0.5\"}", "composition"),
            ("\"pooled\"", "{\"fixed\": \"1/0\"}", "composition"),
            ("\"0.95\"", "\"0.95\", \"flags\": {\"variability\": -1}", "threshold"),
        ] {
            let error = Method::from_json(DEFAULT.replace(from, to).as_bytes()).unwrap_err();
            assert!(error.to_string().contains(word), "{error}");
        }
    }
}
