//! The sampling plan of an evaluation: what is assumed and aimed at, what follows from it, and what every outlet shall bring.
//! Stored with the evaluation and frozen with it.
//!
//! Source: requirements.md §8.3 (outlets), §8.4 (size); statistics.md §9.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::evaluation::Mode;
use super::id::OutletId;
use super::language::Text;
use super::outlet_draw::OutletDraw;
use super::plan_scope::Scope;
use crate::statistics::allocation::Rule;
use crate::statistics::outlets_to_visit::Occasion;
use crate::statistics::sample_size::SizeError;

pub use super::plan_form::parse;
pub use super::plan_remark::Remark;
pub use super::plan_sizing::Sizes;

/// Form of the stored text.
const VERSION: u32 = 1;

/// A number with two decimals, kept as hundredths: points of 100, per cent, or a plain number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hundredths(pub(super) i64);

impl Hundredths {
    /// As a plain number: 130 → 1.3.
    pub fn number(self) -> f64 {
        self.0 as f64 / 100.0
    }

    /// Points or per cent as a share of the full 100: 1500 → 0.15.
    pub fn share(self) -> f64 {
        self.0 as f64 / 10_000.0
    }
}

impl fmt::Display for Hundredths {
    /// `15`, `1.3`, `2.75`: what a form takes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0 / 100, self.0 % 100);
        match (part, part % 10) {
            (0, _) => write!(f, "{whole}"),
            (_, 0) => write!(f, "{whole}.{}", part / 10),
            _ => write!(f, "{whole}.{part:02}"),
        }
    }
}

/// What is assumed beforehand and what is aimed at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aims {
    /// Standard deviation of a customer's score, points.
    pub sd: Hundredths,
    /// Design effect, a factor ≥ 1.
    pub design_effect: Hundredths,
    /// Confidence, per cent.
    pub confidence: Hundredths,
    /// Half-width of S_face's interval, points.
    pub half_width_face: Hundredths,
    /// Half-width of S's interval, points.
    pub half_width_all: Hundredths,
    /// Of those spoken to, how many give an interview, per cent.
    pub response_face: Hundredths,
    /// Of those invited, how many answer electronically, per cent.
    pub response_electronic: Hundredths,
    /// How answers are spread over the outlets.
    pub rule: Rule,
    /// Decides how many outlets are visited.
    pub occasion: Occasion,
    /// A bound that S shall be shown to reach.
    pub proof: Option<Proof>,
}

/// A bound to prove, one-sided with the error that the confidence leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// Expected score, points.
    pub expected: Hundredths,
    /// The bound, points, below the expected score.
    pub bound: Hundredths,
    /// Probability to succeed, per cent.
    pub power: Hundredths,
}

/// An outlet in the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedOutlet {
    /// Which.
    #[serde(with = "as_text")]
    pub id: OutletId,
    /// Its name.
    pub name: Text,
    /// Customers served in the window; `None` = unknown.
    pub customers: Option<u64>,
    /// Whether interviews are held there.
    pub is_visited: bool,
    /// Standard deviation of its customers' scores, points; `None` = as assumed for all.
    pub sd: Option<Hundredths>,
    /// Cost of an interview, any unit.
    pub cost: Option<Hundredths>,
    /// Planned interviews.
    pub target_face: u64,
    /// Planned electronic answers.
    pub target_electronic: u64,
}

/// A plan: its sizes are those of its aims and outlets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    aims: Aims,
    outlets: Vec<PlannedOutlet>,
    sizes: Sizes,
    scope: Option<Scope>,
    draw: Option<OutletDraw>,
}

/// A stored text that no plan of ours has.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// Not of this form.
    #[error("not a plan: {0}")]
    Form(#[from] serde_json::Error),
    /// Of another version.
    #[error("a plan of version {0}")]
    Version(u32),
    /// Figures that cannot be planned with.
    #[error(transparent)]
    Size(#[from] SizeError),
}

/// As it is written; `sizes` follow from the rest and are there for readers.
#[derive(Serialize)]
struct Written<'a> {
    version: u32,
    unit: &'static str,
    aims: &'a Aims,
    sizes: &'a Sizes,
    outlets: &'a [PlannedOutlet],
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a Scope>,
    #[serde(skip_serializing_if = "Option::is_none")]
    draw: Option<&'a OutletDraw>,
}

/// Plans from before there was a scope have none.
#[derive(Deserialize)]
struct Read {
    version: u32,
    aims: Aims,
    outlets: Vec<PlannedOutlet>,
    scope: Option<Scope>,
    draw: Option<OutletDraw>,
}

impl Plan {
    /// A plan with these aims for these outlets, targets as they stand.
    ///
    /// # Errors
    /// [`SizeError`] for figures that cannot be planned with.
    pub(super) fn new(aims: Aims, outlets: Vec<PlannedOutlet>) -> Result<Self, SizeError> {
        let sizes = Sizes::of(&aims, &outlets)?;
        Ok(Self {
            aims,
            outlets,
            sizes,
            scope: None,
            draw: None,
        })
    }

    /// The plan for these customers.
    pub fn scoped(self, scope: Scope) -> Self {
        Self {
            scope: Some(scope),
            ..self
        }
    }

    /// The plan with what another one says about customers and drawn outlets.
    pub(super) fn like(self, other: &Self) -> Self {
        Self {
            scope: other.scope.clone(),
            ..self.drawn_as(other)
        }
    }

    /// The plan with what another one says about drawn outlets.
    pub fn drawn_as(self, other: &Self) -> Self {
        Self {
            draw: other.draw.clone(),
            ..self
        }
    }

    /// The plan that visits the outlets of a draw: those chosen for their risk and those drawn.
    pub fn visiting(self, draw: OutletDraw, drawn: &[OutletId]) -> Self {
        let outlets = self.outlets.into_iter().map(|outlet| PlannedOutlet {
            is_visited: drawn.contains(&outlet.id) || draw.is_risky(outlet.id),
            ..outlet
        });
        Self {
            outlets: outlets.collect(),
            draw: Some(draw),
            ..self
        }
    }

    /// The plan of an evaluation for which none was made (requirements.md §8.4: standard deviation 15, design effect 1.3, ± 5
    /// points for S_face, ± 3 for S at 95 %); targets as they stand.
    ///
    /// # Errors
    /// [`SizeError`]: none for these aims.
    pub fn usual(mode: Mode, outlets: Vec<PlannedOutlet>) -> Result<Self, SizeError> {
        let all_known = outlets.iter().all(|outlet| outlet.customers.is_some());
        let aims = Aims {
            sd: Hundredths(1_500),
            design_effect: Hundredths(130),
            confidence: Hundredths(9_500),
            half_width_face: Hundredths(500),
            half_width_all: Hundredths(300),
            response_face: Hundredths(5_000),
            response_electronic: Hundredths(1_000),
            rule: if all_known { Rule::Proportional } else { Rule::Equal },
            occasion: match mode {
                Mode::Initial | Mode::Special => Occasion::First,
                Mode::Surveillance => Occasion::Surveillance,
                Mode::Recertification => Occasion::Recertification,
            },
            proof: None,
        };
        Ok(Self::new(aims, outlets)?.scoped(Scope::usual()))
    }

    /// The same aims for the outlets as they are now; what was said of an outlet goes with it, a new one is visited where
    /// all others are.
    ///
    /// # Errors
    /// [`SizeError`]: none for aims that had sizes.
    pub fn onto(&self, outlets: Vec<PlannedOutlet>) -> Result<Self, SizeError> {
        let everywhere = self.outlets.iter().all(|outlet| outlet.is_visited);
        let known = |id| self.outlets.iter().find(|before| before.id == id);
        let outlets = outlets.into_iter().map(|now| match known(now.id) {
            Some(before) => PlannedOutlet {
                is_visited: before.is_visited,
                sd: before.sd,
                cost: before.cost,
                ..now
            },
            None => PlannedOutlet {
                is_visited: everywhere,
                ..now
            },
        });
        Ok(Self::new(self.aims.clone(), outlets.collect())?.like(self))
    }

    /// What is assumed and aimed at.
    pub fn aims(&self) -> &Aims {
        &self.aims
    }

    /// Its outlets in their order.
    pub fn outlets(&self) -> &[PlannedOutlet] {
        &self.outlets
    }

    /// Whom it speaks of; `None` in plans from before this was asked.
    pub fn scope(&self) -> Option<&Scope> {
        self.scope.as_ref()
    }

    /// How the outlets to visit were drawn; `None` where they were not.
    pub fn draw(&self) -> Option<&OutletDraw> {
        self.draw.as_ref()
    }

    /// What follows from the aims.
    pub fn sizes(&self) -> &Sizes {
        &self.sizes
    }

    /// The plan as it is stored: JSON in one fixed order, numbers with decimals in hundredths.
    ///
    /// # Errors
    /// What the writer of JSON reports.
    pub fn body(&self) -> Result<String, PlanError> {
        let written = Written {
            version: VERSION,
            unit: "hundredths",
            aims: &self.aims,
            sizes: &self.sizes,
            outlets: &self.outlets,
            scope: self.scope.as_ref(),
            draw: self.draw.as_ref(),
        };
        Ok(serde_json::to_string(&written)?)
    }

    /// A stored plan.
    ///
    /// # Errors
    /// [`PlanError`].
    pub fn read(body: &str) -> Result<Self, PlanError> {
        let read: Read = serde_json::from_str(body)?;
        if read.version != VERSION {
            return Err(PlanError::Version(read.version));
        }
        Ok(Self {
            scope: read.scope,
            draw: read.draw,
            ..Self::new(read.aims, read.outlets)?
        })
    }

    /// The hash of a stored text: SHA-256, hexadecimal.
    pub fn hash(body: &str) -> String {
        data_encoding::HEXLOWER.encode(&Sha256::digest(body))
    }
}

/// Identifiers and days as their text.
pub(super) mod as_text {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(in crate::survey) fn serialize<T: Display, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }

    pub(in crate::survey) fn deserialize<'de, T, D>(from: D) -> Result<T, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}
