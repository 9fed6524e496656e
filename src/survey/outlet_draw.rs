//! Outlets to visit: some chosen for their risk, the rest drawn by a seed that was logged beforehand. Frame, seed and
//! method fix the draw, so `perception draw` gives the same list (docs/draw.md).
//!
//! Source: requirements.md §8.3; product M10.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::form::{FieldError, FormReader, Problem, RawForm};
use super::id::OutletId;
use super::plan::Plan;
use crate::statistics::draw::{self, DrawError, METHOD, Seed, Take};

/// Characters of a seed.
pub const SEED_MAX: usize = 100;
/// Characters of a reason.
pub const REASON_MAX: usize = 300;
/// The one stratum of the frame.
const STRATUM: &str = "outlets";

/// What is logged before outlets are drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutletDraw {
    /// Name of the method.
    pub method: String,
    /// SHA-256 of the frame's bytes, hexadecimal.
    pub frame_sha256: String,
    /// The seed.
    pub seed: String,
    /// Outlets to draw at random.
    pub at_random: u64,
    /// Outlets chosen for their risk: they are visited and not in the frame.
    pub by_risk: Vec<String>,
    /// Why these; empty where there are none.
    pub reason: String,
}

/// A draw as it was logged.
#[derive(Debug, Clone)]
pub struct LoggedDraw {
    /// Its number, from 1.
    pub seq: i64,
    /// Frame as a file.
    pub frame: String,
    /// Seed and the rest.
    pub draw: OutletDraw,
    /// Who logged it: an actor of events.
    pub logged_by: String,
    /// When, Unix ms.
    pub at_ms: i64,
}

/// Which outlets a draw gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrawnOutlets {
    /// Drawn to be visited, in drawn order.
    pub visited: Vec<OutletId>,
    /// In whose place, in this order.
    pub reserves: Vec<OutletId>,
}

/// The frame as a file: every outlet that is not chosen for its risk.
pub fn frame(outlets: &[OutletId], by_risk: &[OutletId]) -> String {
    let mut text = String::from("id,outlet\n");
    for id in outlets.iter().filter(|id| !by_risk.contains(id)) {
        text.push_str(&format!("{id},{STRATUM}\n"));
    }
    text
}

/// SHA-256 of a frame's bytes, hexadecimal.
pub fn hash(frame: &str) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(frame))
}

/// Reads the form: seed (`otherwise` where it was left empty), number, outlets of risk with the reason.
///
/// # Errors
/// Every field that must be corrected; `random_at_least` of the visits the rules want drawn.
pub fn parse(
    form: &RawForm,
    outlets: &[OutletId],
    random_at_least: u64,
    otherwise: &str,
) -> Result<(OutletDraw, String), Vec<FieldError>> {
    let mut reader = FormReader::new(form);
    let typed = reader.line("seed", SEED_MAX);
    let seed = if typed.is_empty() { otherwise.to_owned() } else { typed };
    let chosen: Vec<&str> = form.all("by_risk").collect();
    let by_risk: Vec<OutletId> = outlets
        .iter()
        .copied()
        .filter(|id| chosen.contains(&id.to_string().as_str()))
        .collect();
    if by_risk.len() != chosen.len() {
        reader.refuse("by_risk", Problem::NoSuchOutlet);
    }
    let reason = reader.line("reason", REASON_MAX);
    if reason.is_empty() && !by_risk.is_empty() {
        reader.refuse("reason", Problem::Empty);
    }
    let left = outlets.len().saturating_sub(by_risk.len()) as u64;
    if form.first("at_random").trim().is_empty() {
        reader.refuse("at_random", Problem::Empty);
    }
    let at_random = reader
        .number("at_random", 0..=100_000)
        .and_then(|n| u64::try_from(n).ok());
    if at_random.is_some_and(|n| n > left || n < random_at_least.min(left)) {
        reader.refuse("at_random", Problem::OutOfRange);
    }
    let text = frame(outlets, &by_risk);
    let draw = at_random.map(|at_random| OutletDraw {
        method: METHOD.to_owned(),
        frame_sha256: hash(&text),
        seed,
        at_random,
        by_risk: by_risk.iter().map(ToString::to_string).collect(),
        reason,
    });
    reader.done(draw.map(|draw| (draw, text)))
}

impl OutletDraw {
    /// The plan that `perception draw` takes beside the frame.
    pub fn plan(&self) -> String {
        serde_json::json!({"strata": {STRATUM: {"draw": self.at_random, "reserves": RESERVES}}}).to_string()
    }

    /// The outlets that this frame gives.
    ///
    /// # Errors
    /// [`DrawError`] for a frame from which so many cannot be drawn.
    pub fn drawn(&self, frame: &str) -> Result<DrawnOutlets, DrawError> {
        let cases: Vec<&str> = frame
            .lines()
            .skip(1)
            .filter_map(|line| Some(line.split_once(',')?.0))
            .collect();
        if self.at_random == 0 {
            return Ok(DrawnOutlets {
                visited: Vec::new(),
                reserves: Vec::new(),
            });
        }
        let seed = Seed {
            frame_sha256: &self.frame_sha256,
            seed: &self.seed,
        };
        let take = Take {
            draw: self.at_random,
            reserves: RESERVES,
        };
        let plan = BTreeMap::from([(STRATUM.to_owned(), take)]);
        let drawn = draw::draw(cases.iter().map(|id| (STRATUM, *id)), &seed, &plan)?;
        let of = |reserve: bool| {
            let chosen = drawn.iter().filter(move |one| one.reserve == reserve);
            chosen.filter_map(|one| one.id.parse().ok()).collect()
        };
        Ok(DrawnOutlets {
            visited: of(false),
            reserves: of(true),
        })
    }

    /// Whether it was logged for the outlets of this plan.
    pub fn is_of(&self, plan: &Plan) -> bool {
        let all: Vec<OutletId> = plan.outlets().iter().map(|outlet| outlet.id).collect();
        let risky: Vec<OutletId> = all.iter().copied().filter(|id| self.is_risky(*id)).collect();
        hash(&frame(&all, &risky)) == self.frame_sha256
    }

    /// Whether an outlet was chosen for its risk.
    pub fn is_risky(&self, id: OutletId) -> bool {
        self.by_risk.contains(&id.to_string())
    }
}

/// Reserves that are put in order.
const RESERVES: u64 = 10;
