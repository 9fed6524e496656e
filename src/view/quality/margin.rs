//! The grade margin in words.

use super::super::grading::Section;
use crate::statistics::exact::{Ratio, percent_truncated};
use crate::statistics::margin::{Fewest, GradeMargin};
use crate::statistics::star::SurveyCriterion;
use crate::view::office::star_name;
use crate::view::words::Words;

/// What is shown of it.
#[derive(Debug, Clone)]
pub struct MarginShown {
    /// S, exactly.
    pub s: Option<Ratio>,
    /// S_face, exactly.
    pub s_face: Option<Ratio>,
    /// How many answers the star hangs on.
    pub margin: GradeMargin,
}

/// The margin, a sentence for each direction.
pub fn margin_notes(words: Words, margin: &GradeMargin) -> Vec<String> {
    let sentence = |fewest: Fewest, up: bool| {
        let criterion = match fewest.criterion {
            SurveyCriterion::S => words.t("score-s"),
            SurveyCriterion::SFace => words.t("score-s-face"),
        };
        let count = |n: Option<u64>| n.map_or_else(|| words.t("margin-never"), |n| n.to_string());
        let values = [
            ("star", star_name(words, fewest.star).into()),
            ("criterion", criterion.into()),
            ("added", count(fewest.added).into()),
            ("replaced", count(fewest.replaced).into()),
        ];
        match up {
            true => words.tn("margin-up", &values),
            false => words.tn("margin-down", &values),
        }
    };
    let down = margin.down.map(|fewest| sentence(fewest, false));
    let up = margin.up.map(|fewest| sentence(fewest, true));
    down.into_iter().chain(up).chain([words.t("margin-how")]).collect()
}

pub(super) fn section(words: Words, shown: &MarginShown) -> Section {
    let score = |name: String, score: &Option<Ratio>| (name, score_text(score));
    Section {
        id: "margin".into(),
        heading: words.t("margin-heading"),
        notes: margin_notes(words, &shown.margin),
        facts: vec![
            score(words.t("score-s"), &shown.s),
            score(words.t("score-s-face"), &shown.s_face),
        ],
        ..Section::default()
    }
}

pub(super) fn score_text(score: &Option<Ratio>) -> String {
    match score {
        Some(score) => format!("{}%", percent_truncated(score, 3)),
        None => "–".to_owned(),
    }
}
