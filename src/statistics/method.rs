//! How a study becomes figures: score rule, composition of S, what S_face estimates, the sampling design, the confidence level.
//!
//! Source: statistics.md §0 (every choice is a versioned plan setting), §2, §3, §5.

use serde::{Serialize, Serializer};

use super::exact::Ratio;
use super::interval::Confidence;

/// How answers become a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ScoreRule {
    /// Points obtained ÷ points available over all responses.
    #[default]
    Points,
    /// Mean of every scored customer's own share. S, S_face and S_elec follow it; facets, items and outlets stay points.
    Person,
}

/// How in-person and electronic answers become S.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Composition {
    /// All points obtained ÷ all points available.
    #[default]
    Pooled,
    /// λ·S_face + (1 − λ)·S_elec with this λ in [0, 1].
    Fixed(Ratio),
}

impl Serialize for Composition {
    /// `"pooled"`, or `{"fixed": "2/5"}`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Composition::Pooled => serializer.serialize_unit_variant("Composition", 0, "pooled"),
            Composition::Fixed(share) => {
                serializer.serialize_newtype_variant("Composition", 1, "fixed", &share.to_string())
            }
        }
    }
}

/// What S_face estimates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// The interviewed customers, unweighted.
    #[default]
    Sample,
    /// All customers of the outlets visited, weighted by N_h/n_h.
    Population,
}

/// How in-person customers were drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Design {
    /// As if drawn from all customers at once.
    Simple,
    /// Within every outlet that matters.
    Stratified,
    /// Outlets first, customers within them.
    TwoStage,
}

/// The choices of a plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Method {
    /// How answers become a score.
    pub score_rule: ScoreRule,
    /// Composition of S.
    pub composition: Composition,
    /// Open electronic answers stay out of S.
    pub exclude_open: bool,
    /// What S_face estimates.
    pub target: Target,
    /// The design; nothing: stratified where the customers of every outlet visited are known, else simple.
    pub design: Option<Design>,
    /// Two-sided confidence of intervals.
    pub confidence: Confidence,
}

impl Method {
    /// Whether S is all points obtained over all points available, and S_face the same of in-person answers: then tallies
    /// alone say what one answer more or less changes.
    pub fn is_pooled(&self) -> bool {
        let Self {
            score_rule,
            composition,
            exclude_open,
            target,
            ..
        } = self;
        (score_rule, composition, exclude_open, target)
            == (&ScoreRule::Points, &Composition::Pooled, &false, &Target::Sample)
    }
}

impl Default for Method {
    fn default() -> Self {
        Self {
            score_rule: ScoreRule::Points,
            composition: Composition::Pooled,
            exclude_open: false,
            target: Target::Sample,
            design: None,
            confidence: Confidence::NINETY_FIVE,
        }
    }
}
