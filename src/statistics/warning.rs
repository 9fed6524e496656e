//! Remarks that a reader of the result must see. Codes are stable; texts belong to the pages.
//!
//! Source: statistics.md §5, §7; requirements D5.

use serde::Serialize;

use super::analysis::Sensitivity;
use super::class::{ByColumn, Column};
use super::estimate::Estimate;
use super::exact::Ratio;
use super::interval::IntervalRule;
use super::star::survey_star;
use super::suppress::Undefined;

/// In-person answers below which a rare very unhappy minority is easily missed.
pub const SMALL_N_FACE: u64 = 60;

/// A remark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Warning {
    /// No scored in-person answer: two stars at most.
    NoFace,
    /// No scored electronic answer: S is S_face.
    NoElectronic,
    /// Fewer than 60 in-person answers.
    SmallN,
    /// Two stars rest on the electronic answers: S_face alone would not reach 60 %.
    NoFaceGate,
    /// The star would be another one by the person score.
    ScoreRuleSensitive,
    /// The star would be another one by another composition of the channels.
    ChannelRuleSensitive,
    /// The star would be another one with the answers weighted to all customers of the outlets.
    WeightSensitive,
    /// S or S_face rests on too few answers: withheld, or without a standard error.
    Insufficient,
    /// All scores behind S or S_face are identical; the interval is a convention.
    ZeroVariance,
    /// One channel gave a single answer; its variance was taken about the common mean.
    LonelyPsu,
}

impl Warning {
    /// Every warning, in report order.
    pub const ALL: [Warning; 10] = [
        Warning::NoFace,
        Warning::NoElectronic,
        Warning::SmallN,
        Warning::NoFaceGate,
        Warning::ScoreRuleSensitive,
        Warning::ChannelRuleSensitive,
        Warning::WeightSensitive,
        Warning::Insufficient,
        Warning::ZeroVariance,
        Warning::LonelyPsu,
    ];

    /// Stable code, equal to the JSON form.
    pub fn as_str(self) -> &'static str {
        match self {
            Warning::NoFace => "NO_FACE",
            Warning::NoElectronic => "NO_ELECTRONIC",
            Warning::SmallN => "SMALL_N",
            Warning::NoFaceGate => "NO_FACE_GATE",
            Warning::ScoreRuleSensitive => "SCORE_RULE_SENSITIVE",
            Warning::ChannelRuleSensitive => "CHANNEL_RULE_SENSITIVE",
            Warning::WeightSensitive => "WEIGHT_SENSITIVE",
            Warning::Insufficient => "INSUFFICIENT",
            Warning::ZeroVariance => "ZERO_VARIANCE",
            Warning::LonelyPsu => "LONELY_PSU",
        }
    }
}

/// The warnings of a result, from its unsuppressed estimates. A remark that would tell something about a withheld cell
/// is not made; withheld headline figures are all called insufficient, whatever the reason.
pub(super) fn of(
    exact: &ByColumn<Result<Estimate, Undefined>>,
    withheld: &ByColumn<bool>,
    sensitivity: Option<&Sensitivity>,
) -> Vec<Warning> {
    let differs = |by: fn(&Sensitivity) -> bool| sensitivity.is_some_and(by);
    // Whoever knows on which side of a bound S or S_face lies knows something about it.
    let both = !withheld.face && !withheld.all;
    let applies = |warning: &Warning| match warning {
        Warning::NoFace => exact.face.is_err(),
        Warning::NoElectronic => exact.electronic.is_err(),
        Warning::SmallN => exact.face.as_ref().is_ok_and(|face| face.n < SMALL_N_FACE),
        Warning::NoFaceGate => both && no_face_gate(exact),
        Warning::ScoreRuleSensitive => differs(|lines| lines.score_rule),
        Warning::ChannelRuleSensitive => differs(|lines| lines.channel_rule),
        Warning::WeightSensitive => differs(|lines| lines.weights),
        Warning::Insufficient => {
            let hidden = withheld.face || withheld.all;
            hidden || headline(exact, withheld).any(|found| found.interval_rule == IntervalRule::Insufficient)
        }
        Warning::ZeroVariance => {
            headline(exact, withheld).any(|found| found.interval_rule == IntervalRule::IdenticalScores)
        }
        Warning::LonelyPsu => {
            let single = |column| exact.get(column).as_ref().is_ok_and(|found| found.n == 1) && !withheld.get(column);
            let both = exact.face.is_ok() && exact.electronic.is_ok();
            both && !withheld.all && (single(Column::Face) || single(Column::Electronic))
        }
    };
    Warning::ALL.into_iter().filter(applies).collect()
}

/// Published S and S_face.
fn headline<'a>(
    exact: &'a ByColumn<Result<Estimate, Undefined>>,
    withheld: &'a ByColumn<bool>,
) -> impl Iterator<Item = &'a Estimate> {
    let published = |column: &Column| !withheld.get(*column);
    [Column::Face, Column::All]
        .into_iter()
        .filter(published)
        .filter_map(|column| exact.get(column).as_ref().ok())
}

fn star_of(exact: &ByColumn<Result<Estimate, Undefined>>, score: fn(&Estimate) -> Option<&Ratio>) -> Option<u8> {
    let of = |column| exact.get(column).as_ref().ok().and_then(score);
    survey_star(of(Column::All), of(Column::Face)).map(|star| star.star)
}

fn no_face_gate(exact: &ByColumn<Result<Estimate, Undefined>>) -> bool {
    let two = star_of(exact, |found| Some(&found.rate.exact)) == Some(2);
    let face = exact.face.as_ref().ok().map(|found| &found.rate.exact);
    two && survey_star(face, face).is_none_or(|alone| alone.supports_s < 2)
}
