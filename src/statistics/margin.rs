//! The grade margin: the fewest responses that would change the survey's part of the star, so that everybody sees how many
//! stuffed answers a star can hang on (M11).
//!
//! Exact from the sums. With a points of b available and a bound of p %, r answers added at the lowest marks, each with B
//! available and L obtained, take a score below the bound from r > (a − p·b)/(p·B − L); added at full marks they lift it to
//! the bound from r ≥ (p·b − a)/((1 − p)·B). Replaced answers change a alone, by B − L each: no set of fewer answers, of
//! whatever content, can do it.

use serde::Serialize;

use super::exact::ratio_at_least;
use super::score::{Points, ScoreScheme};
use super::star::{S_FACE_FROM, S_FROM, SurveyCriterion, survey_star};
use crate::statistics::exact::Ratio;

/// The largest answer: what it has available, and what the lowest marks obtain of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extreme {
    /// B: points available when everything is rated.
    pub available: i64,
    /// L: points of the lowest code everywhere.
    pub lowest: i64,
}

impl Extreme {
    /// Of a questionnaire.
    pub fn of(scheme: &ScoreScheme) -> Self {
        let (mut available, mut lowest) = (0, 0);
        for item in scheme.items() {
            let least = item.points.iter().copied().min().unwrap_or(0);
            available += i64::from(item.weight) * i64::from(item.full_points);
            lowest += i64::from(item.weight) * i64::from(least);
        }
        Self { available, lowest }
    }
}

/// The fewest answers for one change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Fewest {
    /// The star after it.
    pub star: u8,
    /// Where they come in: all answers (S) or in person (S_face).
    pub criterion: SurveyCriterion,
    /// Added at the lowest marks (down) or full marks (up); `None` = however many, they cannot.
    pub added: Option<u64>,
    /// Replaced by their opposite.
    pub replaced: Option<u64>,
}

/// How many answers the star hangs on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct GradeMargin {
    /// To a lower star; nothing at the lowest.
    pub down: Option<Fewest>,
    /// To the next star; nothing at five.
    pub up: Option<Fewest>,
}

impl GradeMargin {
    /// Of the points behind S and S_face; nothing without S.
    pub fn of(all: Points, face: Points, extreme: Extreme) -> Option<Self> {
        let (s, s_face) = (ratio(all), ratio(face));
        let star = survey_star(s.as_ref(), s_face.as_ref())?.star;
        let criteria = [
            (SurveyCriterion::S, all, S_FROM.as_slice()),
            (SurveyCriterion::SFace, face, S_FACE_FROM.as_slice()),
        ];
        let bound = |table: &[(u8, u32)], star: u8| table.iter().find(|(of, _)| *of == star).map(|(_, p)| *p);
        let mut margin = Self::default();
        for (criterion, points, table) in criteria {
            if let Some(percent) = bound(table, star) {
                let fewest = Fewest {
                    star: star.saturating_sub(1),
                    criterion,
                    added: points.added_below(percent, extreme),
                    replaced: points.replaced_below(percent, extreme),
                };
                margin.down = Some(margin.down.map_or(fewest, |known| known.fewer(fewest)));
            }
            // Every criterion that does not reach the next star yet must be lifted: the one that takes most decides.
            let next = bound(table, star + 1).filter(|percent| {
                let score = ratio(points);
                star < 5 && !score.is_some_and(|score| ratio_at_least(&score, *percent))
            });
            if let Some(percent) = next {
                let fewest = Fewest {
                    star: star + 1,
                    criterion,
                    added: points.added_up_to(percent, extreme),
                    replaced: points.replaced_up_to(percent, extreme),
                };
                margin.up = Some(margin.up.map_or(fewest, |known| known.more(fewest)));
            }
        }
        margin.down = margin
            .down
            .map(|fewest| fewest.landing(all, face, extreme.lowest, extreme));
        margin.up = margin
            .up
            .map(|fewest| fewest.landing(all, face, extreme.available, extreme));
        Some(margin)
    }
}

impl Fewest {
    /// With the star it really ends at: where there are few answers, one of them may take it past several bounds.
    fn landing(self, all: Points, face: Points, obtained: i64, extreme: Extreme) -> Self {
        let Some(added) = self.added.and_then(|n| i64::try_from(n).ok()) else {
            return self;
        };
        let plus = |points: Points, n: i64| Points {
            obtained: points.obtained.saturating_add(n.saturating_mul(obtained)),
            available: points.available.saturating_add(n.saturating_mul(extreme.available)),
        };
        let in_person = if self.criterion == SurveyCriterion::SFace {
            added
        } else {
            0
        };
        let found = survey_star(ratio(plus(all, added)).as_ref(), ratio(plus(face, in_person)).as_ref());
        Self {
            star: found.map_or(self.star, |found| found.star),
            ..self
        }
    }

    fn count(&self) -> u64 {
        let counts = [self.added, self.replaced].into_iter().flatten();
        counts.min().unwrap_or(u64::MAX)
    }

    fn fewer(self, other: Self) -> Self {
        if other.count() < self.count() { other } else { self }
    }

    /// Both must be lifted: then by answers in person, which count for either.
    fn more(self, other: Self) -> Self {
        let most = if other.count() > self.count() { other } else { self };
        Self {
            criterion: SurveyCriterion::SFace,
            ..most
        }
    }
}

fn ratio(points: Points) -> Option<Ratio> {
    super::exact::ratio(points.obtained.into(), points.available.into())
}

/// All in hundredths of a point, so that nothing is rounded.
impl Points {
    fn above(self, percent: u32) -> i128 {
        100 * i128::from(self.obtained) - i128::from(percent) * i128::from(self.available)
    }

    fn added_below(self, percent: u32, extreme: Extreme) -> Option<u64> {
        let each = i128::from(percent) * i128::from(extreme.available) - 100 * i128::from(extreme.lowest);
        (each > 0).then(|| count(self.above(percent).div_euclid(each) + 1))
    }

    fn replaced_below(self, percent: u32, extreme: Extreme) -> Option<u64> {
        let each = 100 * i128::from(extreme.available - extreme.lowest);
        (each > 0).then(|| count(self.above(percent).div_euclid(each) + 1))
    }

    fn added_up_to(self, percent: u32, extreme: Extreme) -> Option<u64> {
        let each = i128::from(100 - percent.min(100)) * i128::from(extreme.available);
        (each > 0).then(|| count(-(self.above(percent).div_euclid(each))))
    }

    fn replaced_up_to(self, percent: u32, extreme: Extreme) -> Option<u64> {
        let each = 100 * i128::from(extreme.available - extreme.lowest);
        (each > 0).then(|| count(-(self.above(percent).div_euclid(each))))
    }
}

fn count(needed: i128) -> u64 {
    u64::try_from(needed.max(0)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    const EXTREME: Extreme = Extreme {
        available: 100,
        lowest: 20,
    };

    fn star(all: Points, face: Points) -> u8 {
        survey_star(ratio(all).as_ref(), ratio(face).as_ref()).unwrap().star
    }

    fn plus(points: Points, n: i64, obtained: i64, available: i64) -> Points {
        Points {
            obtained: points.obtained + n * obtained,
            available: points.available + n * available,
        }
    }

    #[test]
    fn the_margin_of_a_narrow_four() {
        // 100 answers at 81 %: S 8100/10000. One added at 20 % leaves 8120/10100 = 80.39 %, two leave 79.8 %.
        let points = Points {
            obtained: 8100,
            available: 10_000,
        };
        let margin = GradeMargin::of(points, points, EXTREME).unwrap();
        let down = margin.down.unwrap();
        assert_eq!((down.star, down.added, down.replaced), (3, Some(2), Some(2)));
        assert_eq!(margin.up.unwrap().added, Some(90));
    }

    proptest! {
        #[test]
        fn one_fewer_would_not_do(a in 0_i64..=10_000, b in 1_i64..=100, face_share in 0_i64..=100) {
            let all = Points { obtained: a * b, available: 10_000 * b };
            let face = Points { obtained: a * face_share / 100, available: 10_000 };
            let now = star(all, face);
            let margin = GradeMargin::of(all, face, EXTREME).unwrap();
            if let Some(Fewest { criterion, added: Some(n), .. }) = margin.down {
                let n = i64::try_from(n).unwrap();
                let after = |n: i64| match criterion {
                    SurveyCriterion::S => star(plus(all, n, 20, 100), face),
                    SurveyCriterion::SFace => star(plus(all, n, 20, 100), plus(face, n, 20, 100)),
                };
                prop_assert!(after(n) < now, "{} of {:?}", n, margin);
                prop_assert!(n == 0 || criterion == SurveyCriterion::SFace || after(n - 1) >= now);
            }
            if let Some(Fewest { added: Some(n), .. }) = margin.up {
                let n = i64::try_from(n).unwrap();
                // Added in person they lift both.
                prop_assert!(star(plus(all, n, 100, 100), plus(face, n, 100, 100)) > now);
            }
        }
    }
}
