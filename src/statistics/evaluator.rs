//! Evaluators against each other: measures by which invented interviews differ from real ones. A flag asks a person to look
//! and a back-check to be made; it proves nothing and excludes nobody.
//!
//! Source: product E9, security.md T4, requirements.md §8.5; statistics.md §11 for z against the rest with Holm's adjustment.
//! Pairs of nearly the same answers follow the idea of percentage matching, Kuriakose & Robbins (2016), but are judged against
//! the pairs across evaluators instead of a fixed bound. What is found and missed: tests/it/detection_evaluators.rs.

use statrs::distribution::{ContinuousCDF, DiscreteCDF, Hypergeometric, Normal};

use super::against_rest::{LEAST, Tail, adjusted, means, moments, shares};
use super::interviewer;
use super::quality;
use super::score::{Points, Reply};
use super::sums::Sums;

pub use super::against_rest::Value;

/// Interviews shorter than this ask for a look, seconds (requirements.md §8.5).
pub const SHORT_S: u32 = 90;
/// More interviews on one day ask for a look (requirements.md §8.5).
pub const DAY_MOST: usize = 25;
/// Items rated by both that a pair needs to be compared.
const PAIR_ITEMS: usize = 6;
/// Of them so many per cent equal make a near-duplicate.
const PAIR_PERCENT: usize = 90;
/// With more interviews pairs are not compared: their number grows with the square.
pub const PAIRS_OF_MOST: usize = 3_000;

/// One interview.
#[derive(Debug, Clone, PartialEq)]
pub struct Interview {
    /// Its replies, in the order of the questionnaire.
    pub replies: Vec<Reply>,
    /// Points obtained and available.
    pub points: Points,
    /// Start, Unix ms.
    pub started_at_ms: i64,
    /// End, Unix ms.
    pub ended_at_ms: i64,
    /// Number of its day.
    pub day: i64,
}

impl Interview {
    fn duration_s(&self) -> f64 {
        ((self.ended_at_ms - self.started_at_ms).max(0) / 1000) as f64
    }
}

/// What one evaluator did.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Work {
    /// Interviews.
    pub interviews: Vec<Interview>,
    /// Everybody approached.
    pub approaches: u64,
    /// Those of them who refused.
    pub refusals: u64,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// Interviews that overlap another of the same evaluator. Value: how many.
    Overlap,
    /// Interviews under 90 s. Value: how many.
    Short,
    /// Interviews on the busiest day. Value: how many.
    Busy,
    /// Length. Value: median seconds; compared by the mean logarithm; short is suspicious.
    Duration,
    /// Straight lines below full marks. Value: share of interviews; many are suspicious.
    Straight,
    /// How much answers differ within an interview. Value: mean standard deviation of the codes; both ends are suspicious.
    Variability,
    /// How much interviews differ from each other. Value: mean distance of scores from their median; little is suspicious.
    Spread,
    /// Pairs with nearly the same answers. Value: share of own pairs; more than across evaluators is suspicious.
    Duplicates,
    /// People who refuse. Value: share of approaches; few are suspicious.
    Refusals,
    /// Best answers. Value: mean share of an interview; many are suspicious. Tells about satisfaction.
    Top,
    /// Score against the rest (INTERVIEWER). Value: points score; both ends are suspicious. Tells about satisfaction.
    Score,
}

impl Measure {
    /// Every measure, in the order of the page.
    pub const ALL: [Measure; 11] = [
        Measure::Overlap,
        Measure::Short,
        Measure::Busy,
        Measure::Duration,
        Measure::Straight,
        Measure::Variability,
        Measure::Spread,
        Measure::Duplicates,
        Measure::Refusals,
        Measure::Top,
        Measure::Score,
    ];

    /// Whether it tells how satisfied customers are: shown when scores may be.
    pub fn tells_scores(self) -> bool {
        matches!(self, Measure::Top | Measure::Score)
    }

    /// The largest value that asks for no look, where the rule is a fixed one.
    pub fn fixed_most(self) -> Option<f64> {
        match self {
            Measure::Overlap | Measure::Short => Some(0.0),
            Measure::Busy => Some(DAY_MOST as f64),
            _ => None,
        }
    }
}

/// The measures of one evaluator, in the order of [`Measure::ALL`].
pub type Profile = Vec<(Measure, Value)>;

/// The profile of every evaluator, in the order given.
pub fn profiles(works: &[Work]) -> Vec<Profile> {
    let mut all: Vec<Profile> = works.iter().map(|_| Vec::with_capacity(Measure::ALL.len())).collect();
    for measure in Measure::ALL {
        let values = match measure {
            Measure::Overlap => fixed(works, measure, overlaps),
            Measure::Short => fixed(works, measure, |work| {
                let short = work
                    .interviews
                    .iter()
                    .filter(|one| one.duration_s() < f64::from(SHORT_S));
                short.count()
            }),
            Measure::Busy => fixed(works, measure, busiest),
            Measure::Duration => durations(works),
            Measure::Straight => shares(
                &each(works, |work| {
                    let straight = work.interviews.iter().filter(|one| is_straight(one)).count();
                    (straight as f64, work.interviews.len() as f64)
                }),
                Tail::High,
            ),
            Measure::Variability => means(
                &each(works, |work| {
                    let each = work.interviews.iter();
                    each.filter_map(|one| quality::variability(&one.replies)).collect()
                }),
                Tail::Both,
            ),
            Measure::Spread => means(&each(works, distances), Tail::Low),
            Measure::Duplicates => duplicates(works),
            Measure::Refusals => shares(
                &each(works, |work| (work.refusals as f64, work.approaches as f64)),
                Tail::Low,
            ),
            Measure::Top => means(
                &each(works, |work| work.interviews.iter().filter_map(top).collect()),
                Tail::High,
            ),
            Measure::Score => scores(works),
        };
        for (profile, value) in all.iter_mut().zip(values) {
            profile.push((measure, value));
        }
    }
    all
}

fn each<T>(works: &[Work], of: impl Fn(&Work) -> T) -> Vec<T> {
    works.iter().map(of).collect()
}

fn fixed(works: &[Work], measure: Measure, count: impl Fn(&Work) -> usize) -> Vec<Value> {
    let value = |work| {
        let own = count(work) as f64;
        Value {
            own: Some(own),
            is_flagged: measure.fixed_most().is_some_and(|most| own > most),
            ..Value::default()
        }
    };
    works.iter().map(value).collect()
}

fn overlaps(work: &Work) -> usize {
    let mut times: Vec<(i64, i64)> = work
        .interviews
        .iter()
        .map(|one| (one.started_at_ms, one.ended_at_ms))
        .collect();
    times.sort_unstable();
    let (mut until, mut found) = (i64::MIN, 0);
    for (start, end) in times {
        found += usize::from(start < until);
        until = until.max(end);
    }
    found
}

fn busiest(work: &Work) -> usize {
    let mut days: Vec<i64> = work.interviews.iter().map(|one| one.day).collect();
    days.sort_unstable();
    days.chunk_by(|one, other| one == other)
        .map(<[i64]>::len)
        .max()
        .unwrap_or(0)
}

/// One code for everything rated, below full marks, on five items at least.
fn is_straight(one: &Interview) -> bool {
    let mut rated = quality::rated(&one.replies);
    let n = rated.clone().count();
    let first = rated.next();
    n >= LEAST && rated.all(|code| Some(code) == first) && one.points.obtained < one.points.available
}

fn share(one: &Interview) -> Option<f64> {
    (one.points.available > 0).then(|| one.points.obtained as f64 / one.points.available as f64)
}

/// The share of the best answers; the best is the highest code there is.
fn top(one: &Interview) -> Option<f64> {
    let rated = quality::rated(&one.replies);
    let n = rated.clone().count();
    (n > 0).then(|| rated.filter(|code| *code == TOP).count() as f64 / n as f64)
}

/// The best code of the five-point scale.
const TOP: u8 = 5;

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    Some(match values.len() % 2 {
        0 => (upper + values.get(middle.checked_sub(1)?)?) / 2.0,
        _ => upper,
    })
}

/// Distances of scores from the evaluator's median score (Brown & Forsythe 1974).
fn distances(work: &Work) -> Vec<f64> {
    let scores: Vec<f64> = work.interviews.iter().filter_map(share).collect();
    let middle = median(scores.clone()).unwrap_or_default();
    scores.into_iter().map(|score| (score - middle).abs()).collect()
}

fn durations(works: &[Work]) -> Vec<Value> {
    let logarithms = |work: &Work| {
        let each = work.interviews.iter();
        each.map(|one| one.duration_s().max(1.0).ln()).collect()
    };
    let medians = |place: usize, own: bool| {
        let kept = works.iter().enumerate().filter(|(other, _)| (*other == place) == own);
        let each = kept.flat_map(|(_, work)| work.interviews.iter().map(Interview::duration_s));
        median(each.collect())
    };
    let values = means(&each(works, logarithms), Tail::Low).into_iter().enumerate();
    values
        .map(|(place, value)| Value {
            own: medians(place, true),
            rest: medians(place, false),
            ..value
        })
        .collect()
}

fn scores(works: &[Work]) -> Vec<Value> {
    let sums: Vec<Sums> = works
        .iter()
        .map(|work| {
            work.interviews.iter().fold(Sums::default(), |mut sums, one| {
                sums.count(one.points);
                sums
            })
        })
        .collect();
    let compared = interviewer::compare(&sums).into_iter();
    compared
        .map(|found| {
            let enough = found.n >= LEAST as u64;
            Value {
                own: found.score,
                rest: found.rest,
                z: found.z,
                p_holm: found.p_holm,
                is_flagged: enough && found.is_unusual(),
            }
        })
        .collect()
}

/// Whether two interviews can be compared, and if so, whether they are nearly the same. Full marks in both are praise.
fn is_pair(one: &Interview, other: &Interview) -> Option<bool> {
    let both = one
        .replies
        .iter()
        .zip(&other.replies)
        .filter_map(|replies| match replies {
            (Reply::Rated(one), Reply::Rated(other)) => Some((one, other)),
            _ => None,
        });
    let (mut n, mut same, mut below) = (0, 0, false);
    for (one, other) in both {
        n += 1;
        same += usize::from(one == other);
        below |= *one != TOP || *other != TOP;
    }
    (n >= PAIR_ITEMS && below).then_some(same * 100 >= n * PAIR_PERCENT)
}

/// Own pairs against pairs across evaluators, for every interview that has both. Two ways in which copies show, either of which
/// counts (Bonferroni): the mean of the share of matches among the own ones less that among all others, whose standard error
/// is that of a mean of pairs (twice the one of a mean of its projections) and never less than that of a share; and one
/// interview with more matches among the own ones than chance would put there (Fisher's exact test, over all interviews), for
/// copies among real interviews, which hide in the spread of the mean.
fn duplicates(works: &[Work]) -> Vec<Value> {
    let all: usize = works.iter().map(|work| work.interviews.len()).sum();
    if all > PAIRS_OF_MOST {
        return works.iter().map(|_| Value::default()).collect();
    }
    let rate = |matches: (usize, usize)| (matches.1 > 0).then(|| matches.0 as f64 / matches.1 as f64);
    let count = |found: &mut (usize, usize), one: &Interview, other: &Interview| {
        if let Some(same) = is_pair(one, other) {
            found.0 += usize::from(same);
            found.1 += 1;
        }
    };
    let value = |(place, work): (usize, &Work)| {
        let (mut own, mut rest, mut excess) = (Vec::new(), Vec::new(), Vec::new());
        let mut rarest = 1.0_f64;
        for (number, one) in work.interviews.iter().enumerate() {
            let (mut inside, mut across) = ((0, 0), (0, 0));
            for (other_place, other) in works.iter().enumerate() {
                for (other_number, candidate) in other.interviews.iter().enumerate() {
                    match other_place == place {
                        true if other_number != number => count(&mut inside, one, candidate),
                        true => {}
                        false => count(&mut across, one, candidate),
                    }
                }
            }
            if let (Some(one), Some(others)) = (rate(inside), rate(across)) {
                own.push(one);
                rest.push(others);
                excess.push(one - others);
            }
            rarest = rarest.min(clustered(inside, across));
        }
        let mean = |values: &[f64]| (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64);
        let mut value = Value {
            own: mean(&own),
            rest: mean(&rest),
            ..Value::default()
        };
        let n = excess.len() as f64;
        let Some((difference, variance)) = moments(&excess).filter(|_| excess.len() >= LEAST) else {
            return (value, None);
        };
        let smoothed = (value.own.unwrap_or_default() * n + 1.0) / (n + 2.0);
        let least = (smoothed * (1.0 - smoothed) / n).sqrt();
        let z = difference / (2.0 * (variance / n).sqrt()).max(least);
        value.z = Some(z);
        let either = Normal::standard().sf(z).min(n * rarest);
        (value, Some((2.0 * either).min(1.0)))
    };
    adjusted(works.iter().enumerate().map(value).collect())
}

/// The chance that of the matches of an interview, inside and across, so many or more fall inside: `(matches, pairs)` of each.
fn clustered(inside: (usize, usize), across: (usize, usize)) -> f64 {
    let count = |n: usize| n as u64;
    let (pairs, matches) = (count(inside.1 + across.1), count(inside.0 + across.0));
    match (
        inside.0.checked_sub(1),
        Hypergeometric::new(pairs, matches, count(inside.1)),
    ) {
        (Some(fewer), Ok(by_chance)) => by_chance.sf(count(fewer)),
        _ => 1.0,
    }
}

#[cfg(test)]
#[path = "evaluator_tests.rs"]
mod tests;
