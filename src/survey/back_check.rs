//! Back-checks: some interviews of every evaluator are asked again by somebody else. Which ones is drawn with a seed that
//! was on record before; what comes of it is judged by one rule.
//!
//! Source: requirements.md §8.5 (at least 10 % of each evaluator's cases, by someone else); security.md T4; product E9.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::answers::Answers;
use super::form::{FieldError, FormReader, Problem, RawForm};
use super::id::{InterviewId, PersonId};
use super::questionnaire::Questionnaire;
use crate::statistics::draw::{self, DrawError, Drawn, Seed, Take};
use crate::statistics::score::Reply;

/// Characters of a seed.
pub const SEED_MAX: usize = 100;
/// Characters of a remark.
pub const REMARK_MAX: usize = 300;
/// Per cent of an evaluator's interviews that a plan may have drawn; less is no sample (requirements.md §8.5).
pub const PERCENT: RangeInclusive<i64> = 10..=100;
/// Interviews of an evaluator below which a plan may let no sample fall.
pub const LEAST: RangeInclusive<i64> = 1..=50;
/// Steps of the scale by which a repeated answer differs that contradicts the first one.
const CONTRADICTION: u8 = 2;

/// How the customer is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// At the outlet, by the receipt that the customer shows.
    Receipt,
    /// By the number that the customer left for this.
    Phone,
    /// Somebody else was there when the interview was held.
    Accompanied,
}

impl Way {
    /// Every way, in the order of the form.
    pub const ALL: [Way; 3] = [Way::Receipt, Way::Phone, Way::Accompanied];

    /// Name in the database and in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Way::Receipt => "receipt",
            Way::Phone => "phone",
            Way::Accompanied => "accompanied",
        }
    }

    /// The way of a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.as_str() == text)
    }
}

/// An answer about what happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// As recorded.
    Yes,
    /// Not so.
    No,
    /// The customer does not remember.
    Unsure,
}

impl Told {
    /// Every answer, in the order of the form.
    pub const ALL: [Told; 3] = [Told::Yes, Told::No, Told::Unsure];

    /// Name in the database and in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Told::Yes => "yes",
            Told::No => "no",
            Told::Unsure => "unsure",
        }
    }

    /// The answer of a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|told| told.as_str() == text)
    }
}

/// What a back-check says about an interview.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The customer could not be reached.
    Unreachable,
    /// It took place as recorded, as far as the customer remembers.
    Confirmed,
    /// It did not, or not like this: a finding.
    Contradicted,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Outcome; 3] = [Outcome::Unreachable, Outcome::Confirmed, Outcome::Contradicted];

    /// Name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Unreachable => "unreachable",
            Outcome::Confirmed => "confirmed",
            Outcome::Contradicted => "contradicted",
        }
    }

    /// The outcome of a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == text)
    }
}

/// What the customer said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// Whether they were interviewed.
    pub interviewed: Told,
    /// Whether it was at the place recorded.
    pub place: Told,
    /// Whether it was on the day recorded.
    pub day: Told,
    /// The overall rating again; `None` where they do not remember.
    pub overall: Option<u8>,
    /// One more rating again; `None` where they do not remember.
    pub reply: Option<u8>,
}

/// A back-check as entered; nothing in it says who the customer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How the customer was to be reached.
    pub way: Way,
    /// What they said; nothing where they could not be reached.
    pub reached: Option<Reached>,
    /// In words.
    pub remark: String,
}

impl Finding {
    /// Reads the form of a back-check.
    ///
    /// # Errors
    /// Every field that must be corrected.
    pub fn parse(questionnaire: &Questionnaire, form: &RawForm) -> Result<Self, Vec<FieldError>> {
        let max = questionnaire.scale().max();
        let mut reader = FormReader::new(form);
        let way = reader.choice("way", Way::parse);
        let is_reached = reader.choice("reached", |value| match value {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        });
        let reached = match is_reached {
            Some(true) => {
                let interviewed = reader.choice("interviewed", Told::parse);
                let mut detail = |name: &str| match interviewed {
                    // Who was not interviewed is not asked how it went.
                    Some(Told::No) => Some(Told::Unsure),
                    _ => reader.choice(name, Told::parse),
                };
                let (place, day) = (detail("place"), detail("day"));
                let mut code = |name: &str| match reader.form().first(name) {
                    "" => None,
                    value => {
                        let code = value.parse::<u8>().ok().filter(|code| (1..=max).contains(code));
                        if code.is_none() {
                            reader.refuse(name, Problem::NotAChoice);
                        }
                        code
                    }
                };
                let (overall, reply) = (code("overall"), code("reply"));
                interviewed
                    .zip(place)
                    .zip(day)
                    .map(|((interviewed, place), day)| Reached {
                        interviewed,
                        place,
                        day,
                        overall,
                        reply,
                    })
            }
            _ => None,
        };
        let remark = reader.line("remark", REMARK_MAX);
        reader.done(
            way.filter(|_| is_reached.is_some())
                .map(|way| Self { way, reached, remark }),
        )
    }

    /// What it says about an interview whose customer first rated like this; `None` where they did not.
    ///
    /// Contradicted: never interviewed; another place or day; or both repeated ratings differ by two steps or more.
    pub fn outcome(&self, overall: Option<u8>, reply: Option<u8>) -> Outcome {
        let Some(said) = &self.reached else {
            return Outcome::Unreachable;
        };
        let far = |first: Option<u8>, again: Option<u8>| {
            first
                .zip(again)
                .is_some_and(|(first, again)| first.abs_diff(again) >= CONTRADICTION)
        };
        let told = [said.interviewed, said.place, said.day].contains(&Told::No);
        match told || (far(overall, said.overall) && far(reply, said.reply)) {
            true => Outcome::Contradicted,
            false => Outcome::Confirmed,
        }
    }
}

/// How many interviews of every evaluator are drawn. Part of the plan: frozen and approved before a seed can be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extent {
    /// Per cent of the interviews, within [`PERCENT`].
    pub percent: u32,
    /// Never fewer, where there are as many; within [`LEAST`].
    pub least: u32,
}

impl Default for Extent {
    /// One in ten, at least three.
    fn default() -> Self {
        Self { percent: 10, least: 3 }
    }
}

impl Extent {
    /// How many are drawn of so many.
    pub fn of(self, interviews: usize) -> usize {
        let share = (interviews * self.percent as usize).div_ceil(100);
        share.max(self.least as usize).min(interviews)
    }
}

/// The list that is drawn from, one line an interview, in one order: its hash is what the draw rests on.
pub fn frame(interviews: &[(PersonId, InterviewId)]) -> String {
    let mut lines: Vec<String> = interviews
        .iter()
        .map(|(evaluator, interview)| format!("{evaluator},{interview}\n"))
        .collect();
    lines.sort();
    lines.concat()
}

/// SHA-256 of a frame, hexadecimal.
pub fn frame_hash(frame: &str) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(frame))
}

/// Puts the interviews of every evaluator in drawn order, those beyond the extent as reserves.
///
/// # Errors
/// [`DrawError`] for a seed that cannot stand on one line.
pub fn draw(interviews: &[(PersonId, InterviewId)], seed: &str, extent: Extent) -> Result<Vec<Drawn>, DrawError> {
    let named: Vec<(String, String)> = interviews
        .iter()
        .map(|(evaluator, interview)| (evaluator.to_string(), interview.to_string()))
        .collect();
    let mut plan: BTreeMap<String, usize> = BTreeMap::new();
    for (evaluator, _) in &named {
        *plan.entry(evaluator.clone()).or_default() += 1;
    }
    let take = |n: usize| Take {
        draw: extent.of(n) as u64,
        reserves: (n - extent.of(n)) as u64,
    };
    let plan = plan.into_iter().map(|(evaluator, n)| (evaluator, take(n))).collect();
    let hash = frame_hash(&frame(interviews));
    let seed = Seed {
        frame_sha256: &hash,
        seed,
    };
    draw::draw(
        named.iter().map(|(stratum, id)| (stratum.as_str(), id.as_str())),
        &seed,
        &plan,
    )
}

/// The item that is asked again besides the overall rating: of those rated the one that seed and interview choose.
pub fn repeated<'a>(
    questionnaire: &'a Questionnaire,
    answers: &Answers,
    seed: &str,
    interview: InterviewId,
) -> Option<(&'a str, u8)> {
    let rated = questionnaire.items().iter().zip(answers.replies());
    let rated = rated.filter_map(|(item, reply)| match reply {
        Reply::Rated(code) => Some((item.id.as_str(), *code)),
        _ => None,
    });
    rated.min_by_key(|(item, _)| Sha256::digest(format!("{seed}\n{interview}\n{item}")).to_vec())
}

/// How far the back-checks of an evaluation, or of one evaluator, have come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Drawn.
    pub drawn: u64,
    /// Reached nobody.
    pub unreachable: u64,
    /// Confirmed.
    pub confirmed: u64,
    /// Contradicted: findings.
    pub contradicted: u64,
}

impl Counts {
    /// Adds an interview.
    pub fn add(&mut self, is_drawn: bool, outcome: Option<Outcome>) {
        self.drawn += u64::from(is_drawn);
        match outcome {
            Some(Outcome::Unreachable) => self.unreachable += 1,
            Some(Outcome::Confirmed) => self.confirmed += 1,
            Some(Outcome::Contradicted) => self.contradicted += 1,
            None => {}
        }
    }
}

#[cfg(test)]
#[path = "back_check_tests.rs"]
mod tests;
