//! The survey's part of the star: what S and S_face support.
//!
//! Source: CQM/F-RZ-ZY-06-001 6.2 (thresholds 90/80/70/60 %), 6.3 (the lower counts); requirements §4, D1, D2, D5, D6, D17.

use serde::Serialize;

use super::exact::{Ratio, ratio_at_least};

/// `(star, lowest per cent)` of S, best first; one star has no condition on S (D6).
pub const S_FROM: [(u8, u32); 4] = [(5, 90), (4, 80), (3, 70), (2, 60)];
/// `(star, lowest per cent)` of S_face, best first; two stars have no condition on S_face (6.2).
pub const S_FACE_FROM: [(u8, u32); 3] = [(5, 90), (4, 80), (3, 70)];

/// A survey criterion of the decision table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SurveyCriterion {
    /// S: in-person and electronic answers together.
    S,
    /// S_face (S当面): in-person answers.
    SFace,
}

impl SurveyCriterion {
    /// Stable name, as in the grading cases.
    pub fn as_str(self) -> &'static str {
        match self {
            SurveyCriterion::S => "s",
            SurveyCriterion::SFace => "s_face",
        }
    }
}

/// The survey's part of the star.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SurveyStar {
    /// Highest star that S supports, 1..=5.
    pub supports_s: u8,
    /// Highest star that S_face supports, 2..=5; 2 where it is missing.
    pub supports_face: u8,
    /// The lower of the two.
    pub star: u8,
    /// The criteria equal to `star`; none at five stars.
    pub limiting: Vec<SurveyCriterion>,
}

/// What S supports: 5 from 90 %, 4 from 80 %, 3 from 70 %, 2 from 60 %, else 1. Exact, bounds included.
pub fn supports_s(s: &Ratio) -> u8 {
    highest(&S_FROM, s).unwrap_or(1)
}

/// What S_face supports: 5 from 90 %, 4 from 80 %, 3 from 70 %, else 2, also when there is none (D5).
pub fn supports_s_face(s_face: Option<&Ratio>) -> u8 {
    s_face.and_then(|s_face| highest(&S_FACE_FROM, s_face)).unwrap_or(2)
}

/// The survey's part of the star from the exact scores; nothing without S, which is an incomplete case and never a low
/// star (D17).
pub fn survey_star(s: Option<&Ratio>, s_face: Option<&Ratio>) -> Option<SurveyStar> {
    let (supports_s, supports_face) = (supports_s(s?), supports_s_face(s_face));
    let star = supports_s.min(supports_face);
    let criteria = [
        (SurveyCriterion::S, supports_s),
        (SurveyCriterion::SFace, supports_face),
    ];
    let limiting = criteria
        .into_iter()
        .filter(|(_, supports)| *supports == star && star < 5);
    Some(SurveyStar {
        supports_s,
        supports_face,
        star,
        limiting: limiting.map(|(criterion, _)| criterion).collect(),
    })
}

fn highest(table: &[(u8, u32)], score: &Ratio) -> Option<u8> {
    table
        .iter()
        .find(|(_, percent)| ratio_at_least(score, *percent))
        .map(|(star, _)| *star)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn score(a: i64, b: i64) -> Ratio {
        Ratio::new(a.into(), b.into())
    }

    fn star(s: (i64, i64), s_face: Option<(i64, i64)>) -> SurveyStar {
        survey_star(Some(&score(s.0, s.1)), s_face.map(|(a, b)| score(a, b)).as_ref()).unwrap()
    }

    #[test]
    fn note_1_example_1_s_face_of_75_per_cent_gives_three_stars() {
        let found = star((91, 100), Some((75, 100)));
        assert_eq!((found.supports_s, found.supports_face, found.star), (5, 3, 3));
        assert_eq!(found.limiting, [SurveyCriterion::SFace]);
    }

    #[test]
    fn bounds_are_inclusive_and_exact() {
        let size = 1_000_000_000_000_000;
        for (supported, percent) in [(5, 90), (4, 80), (3, 70), (2, 60)] {
            let bound = size / 100 * percent;
            assert_eq!(supports_s(&score(bound, size)), supported);
            assert_eq!(supports_s(&score(bound - 1, size)), supported - 1);
            let face = supports_s_face(Some(&score(bound - 1, size)));
            assert_eq!(face, 2.max(supported - 1));
        }
    }

    #[test]
    fn missing_scores_follow_d5_and_d17() {
        assert_eq!(survey_star(None, Some(&score(1, 1))), None);
        let alone = star((1, 1), None);
        assert_eq!((alone.star, alone.supports_s), (2, 5));
        assert_eq!(alone.limiting, [SurveyCriterion::SFace]);
        assert_eq!(star((0, 1), Some((0, 1))).star, 1);
        assert!(star((95, 100), Some((95, 100))).limiting.is_empty());
        assert_eq!(
            star((85, 100), Some((85, 100))).limiting,
            [SurveyCriterion::S, SurveyCriterion::SFace]
        );
    }

    #[test]
    fn just_below_90_is_four_stars() {
        assert_eq!(star((89_996, 100_000), Some((99, 100))).star, 4);
    }

    proptest! {
        #[test]
        fn a_better_score_never_lowers_the_star(s in 0_i64..=1000, f in 0_i64..=1000, up in 0_i64..=1000) {
            let before = star((s, 1000), Some((f, 1000)));
            prop_assert!(star(((s + up).min(1000), 1000), Some((f, 1000))).star >= before.star);
            prop_assert!(star((s, 1000), Some(((f + up).min(1000), 1000))).star >= before.star);
            prop_assert_eq!(before.star, before.supports_s.min(before.supports_face));
            prop_assert_eq!(before.limiting.is_empty(), before.star == 5);
        }
    }
}
