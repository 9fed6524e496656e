//! S and S_face as they are graded, how they stand to the bounds, and what other rules would make of them.
//!
//! Source: statistics.md §3–§5, §7; requirements A4, D1, D2.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_traits::{One, Zero};
use serde::Serialize;

use super::channel::Channel;
use super::visited::{Measure, Visited};
use crate::statistics::class::{ByColumn, Column, EvidenceClass};
use crate::statistics::design::{self, DesignVariance};
use crate::statistics::estimate::Rate;
use crate::statistics::exact::{self, Ratio};
use crate::statistics::interval::{self, Interval, IntervalRule};
use crate::statistics::method::{Composition, Design, Method, ScoreRule, Target};
use crate::statistics::mode_effect::satterthwaite;
use crate::statistics::moments::{FixedRatio, Moments};
use crate::statistics::star::S_FROM;
use crate::statistics::student::t_quantile;
use crate::statistics::study::Study;
use crate::statistics::warning::SMALL_N_FACE;

/// How a score stands to one bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The whole interval reaches it.
    Clears,
    /// The score reaches it, the interval does not.
    PointClears,
    /// The score is below it.
    Below,
}

impl Standing {
    /// Stable name, equal to the JSON form.
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::Clears => "clears",
            Standing::PointClears => "point_clears",
            Standing::Below => "below",
        }
    }
}

/// The standing to the bound of one star.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The star.
    pub star: u8,
    /// Its bound, per cent.
    pub percent: u32,
    /// How the score stands to it; the score itself is compared exactly.
    pub standing: Standing,
}

/// A graded score with everything that is said about it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judged {
    /// The exact score.
    #[serde(flatten)]
    pub rate: Rate,
    /// Standard error under the design.
    pub se: Option<f64>,
    /// Degrees of freedom, by Satterthwaite for a fixed share.
    pub df: Option<f64>,
    /// Interval by the rule of §7.
    pub interval: Interval,
    /// That rule.
    pub interval_rule: IntervalRule,
    /// The interval that assumes nothing about the spread of scores, for small samples.
    pub no_assumption: Option<Interval>,
    /// How it stands to the bounds of five to two stars.
    pub verdicts: Vec<Verdict>,
}

/// S and S_face.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Headline {
    /// The design behind the standard errors.
    pub design: Design,
    /// S; nothing when nothing was scored.
    pub s: Option<Judged>,
    /// S_face; nothing when nobody was scored in person.
    pub s_face: Option<Judged>,
    /// Share of the known customers that belongs to outlets visited; nothing when unknown.
    pub coverage: Option<f64>,
    /// Outlets with a single in-person response.
    pub single_response_outlets: u64,
    /// Fewer than 60 in-person responses.
    pub small_n: bool,
    /// Two-stage, and a single outlet visited: no standard error.
    pub single_cluster: bool,
    /// The electronic columns under the person rule, each one sample; by points they are plain estimates.
    #[serde(skip)]
    pub channels: ByColumn<Option<Judged>>,
}

/// S by a composition; the other channel where one is empty.
pub(super) fn compose(
    composition: &Composition,
    face: &Channel,
    electronic: &Channel,
    s_face: Option<&Ratio>,
) -> Option<Ratio> {
    match (composition, s_face, electronic.score()) {
        (Composition::Fixed(share), Some(s_face), Some(electronic)) => {
            Some(share * s_face + (Ratio::one() - share) * electronic)
        }
        _ => {
            let available = &face.available + &electronic.available;
            (!available.is_zero()).then(|| (&face.obtained + &electronic.obtained) / available)
        }
    }
}

/// S_face of the population: Σ N_h/n_h·A_h / Σ N_h/n_h·B_h, exact.
pub(super) fn population_face(study: &Study, visited: &Visited, rule: ScoreRule) -> Option<Ratio> {
    let face = EvidenceClass::Face;
    let sums = study.outlet_sums(face);
    let person = match rule {
        ScoreRule::Points => Vec::new(),
        ScoreRule::Person => study.outlet_person(face),
    };
    // By n_h: fractions of a thousand denominators, added one by one, would be reduced a thousand times.
    let mut by_size: BTreeMap<i64, (Ratio, Ratio)> = BTreeMap::new();
    for (place, (n, customers)) in visited.places.iter().zip(visited.sizes()?) {
        let customers = BigInt::from(customers);
        let (obtained, available) = match rule {
            ScoreRule::Points => {
                let own = sums.get(*place)?;
                let whole = |points: i64| Ratio::from_integer(&customers * points);
                (whole(own.a), whole(own.b))
            }
            ScoreRule::Person => {
                let own = Channel::person(n, person.get(*place)?);
                (own.obtained * &customers, own.available * customers)
            }
        };
        let entry = by_size.entry(i64::try_from(n).ok()?);
        let (a, b) = entry.or_insert_with(|| (Ratio::zero(), Ratio::zero()));
        add(a, obtained);
        add(b, available);
    }
    let common = exact::common_multiple(by_size.keys().copied());
    let (mut a, mut b) = (Ratio::zero(), Ratio::zero());
    for (n, sums) in by_size {
        let factor = &common / n;
        add(&mut a, sums.0 * &factor);
        add(&mut b, sums.1 * factor);
    }
    (!b.is_zero()).then(|| a / b)
}

/// sum += part, whole numbers without a search for common divisors.
fn add(sum: &mut Ratio, part: Ratio) {
    if sum.is_integer() && part.is_integer() {
        *sum = Ratio::from_integer(sum.numer() + part.numer());
    } else {
        *sum += part;
    }
}

/// The electronic column that enters S.
pub(super) fn electronic_of(method: &Method) -> Column {
    if method.exclude_open {
        Column::Invited
    } else {
        Column::Electronic
    }
}

/// `population` is S_face of the population.
pub(super) fn headline(study: &Study, method: &Method, visited: &Visited, population: Option<&Ratio>) -> Headline {
    let rule = method.score_rule;
    let (face, electronic) = (
        Channel::of(study, rule, Column::Face),
        Channel::of(study, rule, electronic_of(method)),
    );
    let sizes = visited.sizes().filter(|sizes| !sizes.is_empty());
    let design = match (method.design, &sizes, visited.frame_outlets()) {
        (Some(Design::TwoStage), Some(_), Some(frame)) if frame > visited.count() => Design::TwoStage,
        (Some(Design::Simple), ..) | (_, None, _) => Design::Simple,
        _ => Design::Stratified,
    };
    let population = population.filter(|_| method.target == Target::Population).cloned();
    let weighted = population.is_some();
    let s_face = population.or(face.score());
    let s = compose(&method.composition, &face, &electronic, s_face.as_ref());
    let face_variance = s_face
        .as_ref()
        .and_then(|_| by_design(visited, design, &face_measure(visited, rule, weighted)?.outlets));
    let census = design == Design::Stratified && sizes.as_ref().is_some_and(|all| all.iter().all(|(n, all)| n == all));
    let judged_face = s_face.as_ref().map(|score| {
        let variance = face_variance.map(|found| (found.value, found.df as f64));
        judge(score, variance, face.scored, method, census)
    });
    let judged_s = s.as_ref().map(|score| {
        let variance = composite_variance(method, visited, design, (&face, &electronic), face_variance);
        let alone = electronic.n == 0;
        judge(
            score,
            variance,
            face.scored + electronic.scored,
            method,
            census && alone,
        )
    });
    let channels = ByColumn::from_fn(|column| match (rule, column) {
        (ScoreRule::Person, Column::Electronic | Column::Invited | Column::Open) => {
            one_sample(&Channel::of(study, rule, column), method)
        }
        _ => None,
    });
    let all: Option<Vec<u64>> = study
        .population()
        .outlets()
        .iter()
        .map(|outlet| outlet.customers)
        .collect();
    let all: u64 = all.map_or(0, |all| all.iter().sum());
    let single = |(n, customers): &&(u64, u64)| *n == 1 && *customers > 1;
    Headline {
        design,
        s: judged_s,
        s_face: judged_face,
        coverage: visited
            .customers()
            .filter(|_| all > 0)
            .map(|seen| seen as f64 / all as f64),
        single_response_outlets: sizes.iter().flatten().filter(single).count() as u64,
        small_n: face.n < SMALL_N_FACE,
        single_cluster: design == Design::TwoStage && visited.count() == 1,
        channels,
    }
}

/// A channel that is one sample.
fn one_sample(channel: &Channel, method: &Method) -> Option<Judged> {
    let score = channel.score()?;
    let ratio = FixedRatio::of([&channel.wide])?;
    let variance = design::simple(Moments::about(&channel.wide, &ratio).scaled(1.0 / channel.wide.available()));
    let variance = (variance.value, variance.df as f64);
    Some(judge(&score, Some(variance), channel.scored, method, false))
}

fn by_design(visited: &Visited, design: Design, outlets: &[design::OutletMoments]) -> Option<DesignVariance> {
    match design {
        Design::Simple => {
            let all = outlets
                .iter()
                .fold(Moments::default(), |all, outlet| all.plus(outlet.moments));
            Some(design::simple(all))
        }
        Design::Stratified => design::stratified(outlets),
        Design::TwoStage => design::two_stage(outlets, visited.frame_outlets()?),
    }
}

fn face_measure(visited: &Visited, rule: ScoreRule, weighted: bool) -> Option<Measure> {
    let sums = visited.measured(rule);
    if weighted {
        visited.weighted(sums)
    } else {
        visited.unweighted(sums)
    }
}

/// What lies between the outlets in the variance of S_face, first stage corrected.
pub(super) fn cluster_variance(visited: &Visited, method: &Method, headline: &Headline) -> Option<DesignVariance> {
    let weighted = method.target == Target::Population && headline.design != Design::Simple;
    let measure = face_measure(visited, method.score_rule, weighted)?;
    Some(design::clusters_corrected(&measure.outlets, visited.frame_outlets()?))
}

/// V(S) and its degrees of freedom: the channels are independent.
fn composite_variance(
    method: &Method,
    visited: &Visited,
    design: Design,
    (face, electronic): (&Channel, &Channel),
    face_variance: Option<DesignVariance>,
) -> Option<(Option<f64>, f64)> {
    let (wide_face, wide) = (&face.wide, &electronic.wide);
    let both = wide_face.scored > 0 && wide.scored > 0;
    if let (Composition::Fixed(share), true) = (&method.composition, both) {
        let ratio = FixedRatio::of([wide])?;
        let other = design::simple(Moments::about(wide, &ratio).scaled(1.0 / wide.available()));
        let (share, face) = (exact::to_f64(share), face_variance?);
        let parts = [(share, face), (1.0 - share, other)];
        let terms: Option<Vec<(f64, f64)>> = parts
            .iter()
            .map(|(factor, found)| Some((factor * factor * found.value?, found.df as f64)))
            .collect();
        let Some(terms) = terms else { return Some((None, 0.0)) };
        let value = terms.iter().map(|term| term.0).sum();
        return Some((
            Some(value),
            satterthwaite(&terms).unwrap_or(terms.iter().map(|term| term.1).sum()),
        ));
    }
    let ratio = FixedRatio::of([wide_face, wide])?;
    let scale = 1.0 / (wide_face.available() + wide.available());
    let z = Moments::about(wide, &ratio).scaled(scale);
    let mut parts = Vec::new();
    if wide_face.n > 0 {
        parts.push(match design {
            Design::Simple if wide.n > 0 => design::channels(&[Moments::about(wide_face, &ratio).scaled(scale), z]),
            _ => by_design(visited, design, &visited.about(method.score_rule, &ratio, scale))?,
        });
    }
    if wide.n > 0 && !(design == Design::Simple && wide_face.n > 0) {
        parts.push(design::channels(&[z]));
    }
    let value = parts.iter().map(|part| part.value).sum::<Option<f64>>();
    Some((value, parts.iter().map(|part| part.df as f64).sum()))
}

/// The interval by the rule that fits, and the standing to every bound.
fn judge(score: &Ratio, variance: Option<(Option<f64>, f64)>, scored: u64, method: &Method, census: bool) -> Judged {
    let confidence = method.confidence;
    let se = variance.and_then(|found| found.0).map(f64::sqrt);
    let df = variance.map(|found| found.1);
    let point = exact::to_f64(score);
    let (interval_rule, interval) = match (se, df) {
        (Some(_), _) if census => (
            IntervalRule::Census,
            Interval {
                lower: point,
                upper: point,
            },
        ),
        (Some(se), Some(df)) if scored > 1 && df > 0.0 => {
            if score.is_one() {
                (IntervalRule::PerfectScore, interval::perfect_score(scored, confidence))
            } else if se == 0.0 || score.is_zero() {
                (
                    IntervalRule::IdenticalScores,
                    interval::identical_scores(score, scored, confidence),
                )
            } else {
                let found = t_quantile((1.0 - confidence.level()) / 2.0, df)
                    .and_then(|t| interval::logit_limits(score, t * se));
                found.map_or((IntervalRule::Insufficient, Interval::WHOLE), |found| {
                    (IntervalRule::LogitT, found)
                })
            }
        }
        _ => (IntervalRule::Insufficient, Interval::WHOLE),
    };
    let verdict = |(star, percent): (u8, u32)| Verdict {
        star,
        percent,
        standing: match exact::ratio_at_least(score, percent) {
            false => Standing::Below,
            true if interval.lower >= f64::from(percent) / 100.0 || interval_rule == IntervalRule::Census => {
                Standing::Clears
            }
            true => Standing::PointClears,
        },
    };
    Judged {
        rate: score.clone().into(),
        se,
        df,
        interval,
        interval_rule,
        no_assumption: interval::no_assumption(score, se, df.unwrap_or(0.0), scored, confidence),
        verdicts: S_FROM.into_iter().map(verdict).collect(),
    }
}
