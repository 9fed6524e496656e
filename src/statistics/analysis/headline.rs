//! S and S_face as they are graded, how they stand to the bounds, and what other rules would make of them.
//!
//! Source: statistics.md §3–§5, §7; requirements A4, D1, D2.

use num_traits::{One, Zero};
use serde::Serialize;

use super::visited::Visited;
use super::{classes, person};
use crate::statistics::class::{ByColumn, Column};
use crate::statistics::design::{self, DesignVariance};
use crate::statistics::estimate::Rate;
use crate::statistics::exact::{self, Ratio};
use crate::statistics::interval::{self, Interval, IntervalRule};
use crate::statistics::method::{Composition, Design, Method, Target};
use crate::statistics::mode_effect::satterthwaite;
use crate::statistics::moments::{FixedRatio, Moments, WideSums};
use crate::statistics::star::{S_FROM, survey_star};
use crate::statistics::student::t_quantile;
use crate::statistics::study::Study;
use crate::statistics::sums::Sums;
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
}

/// One other way to S and S_face.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SensitivityLine {
    /// Stable name of the rule.
    pub rule: &'static str,
    /// S by this rule, where it is defined.
    pub s: Option<Rate>,
    /// S_face by this rule.
    pub s_face: Option<Rate>,
    /// The survey's part of the star by this rule.
    pub star: Option<u8>,
}

/// The sensitivity line with its remarks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sensitivity {
    /// The graded rule first.
    pub lines: Vec<SensitivityLine>,
    /// `CHANNEL_RULE_SENSITIVE`: another composition gives another star.
    pub channel_rule: bool,
    /// `SCORE_RULE_SENSITIVE`: the person score gives another star.
    pub score_rule: bool,
    /// `WEIGHT_SENSITIVE`: the other target of S_face gives another star.
    pub weights: bool,
}

/// S by a composition; the other channel where one is empty.
fn compose(composition: &Composition, face: &Sums, electronic: &Sums, s_face: Option<&Ratio>) -> Option<Ratio> {
    let ratio = |sums: &Sums| exact::ratio(sums.a.into(), sums.b.into());
    let pooled = || {
        let (a, b) = (
            i128::from(face.a) + i128::from(electronic.a),
            i128::from(face.b) + i128::from(electronic.b),
        );
        exact::ratio(a, b)
    };
    match (composition, s_face, ratio(electronic)) {
        (Composition::Fixed(share), Some(s_face), Some(electronic)) => {
            Some(share * s_face + (Ratio::one() - share) * electronic)
        }
        _ => pooled(),
    }
}

/// S_face of the population: Σ N_h/n_h·A_h / Σ N_h/n_h·B_h, exact.
fn population_face(study: &Study, visited: &Visited) -> Option<Ratio> {
    let all = study.outlet_sums(crate::statistics::class::EvidenceClass::Face);
    let (mut a, mut b) = (Ratio::zero(), Ratio::zero());
    for (place, (n, customers)) in visited.places.iter().zip(visited.sizes()?) {
        let sums = all.get(*place)?;
        let weight = Ratio::new(customers.into(), n.into());
        a += &weight * Ratio::from_integer(sums.a.into());
        b += weight * Ratio::from_integer(sums.b.into());
    }
    (!b.is_zero()).then(|| a / b)
}

fn electronic_of(method: &Method, columns: &ByColumn<Sums>) -> Sums {
    if method.exclude_open {
        columns.invited
    } else {
        columns.electronic
    }
}

pub(super) fn headline(study: &Study, method: &Method, visited: &Visited, columns: &ByColumn<Sums>) -> Headline {
    let electronic = electronic_of(method, columns);
    let sizes = visited.sizes().filter(|sizes| !sizes.is_empty());
    let design = match (method.design, &sizes, visited.frame_outlets()) {
        (Some(Design::TwoStage), Some(_), Some(frame)) if frame > visited.count() => Design::TwoStage,
        (Some(Design::Simple), ..) | (_, None, _) => Design::Simple,
        _ => Design::Stratified,
    };
    let sample = exact::ratio(columns.face.a.into(), columns.face.b.into());
    let population = population_face(study, visited).filter(|_| method.target == Target::Population);
    let weighted = population.is_some();
    let s_face = population.or(sample);
    let s = compose(&method.composition, &columns.face, &electronic, s_face.as_ref());
    let face_variance = s_face.as_ref().and_then(|_| face_variance(visited, design, weighted));
    let census = design == Design::Stratified && sizes.as_ref().is_some_and(|all| all.iter().all(|(n, all)| n == all));
    let judged_face = s_face.as_ref().map(|score| {
        let variance = face_variance.map(|found| (found.value, found.df as f64));
        judge(score, variance, columns.face.scored, method, census)
    });
    let judged_s = s.as_ref().map(|score| {
        let variance = composite_variance(method, visited, design, columns, &electronic, face_variance);
        let alone = electronic.n == 0;
        judge(
            score,
            variance,
            columns.face.scored + electronic.scored,
            method,
            census && alone,
        )
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
        small_n: columns.face.n < SMALL_N_FACE,
        single_cluster: design == Design::TwoStage && visited.count() == 1,
    }
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

fn face_variance(visited: &Visited, design: Design, weighted: bool) -> Option<DesignVariance> {
    let points = visited.points();
    let measure = if weighted {
        visited.weighted(&points)
    } else {
        visited.unweighted(&points)
    }?;
    by_design(visited, design, &measure.outlets)
}

/// V(S) and its degrees of freedom: the channels are independent.
fn composite_variance(
    method: &Method,
    visited: &Visited,
    design: Design,
    columns: &ByColumn<Sums>,
    electronic: &Sums,
    face: Option<DesignVariance>,
) -> Option<(Option<f64>, f64)> {
    let (wide_face, wide) = (WideSums::from(&columns.face), WideSums::from(electronic));
    let both = wide_face.scored > 0 && wide.scored > 0;
    if let (Composition::Fixed(share), true) = (&method.composition, both) {
        let ratio = FixedRatio::of([&wide])?;
        let other = design::simple(Moments::about(&wide, &ratio).scaled(1.0 / wide.available()));
        let (share, face) = (exact::to_f64(share), face?);
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
    let ratio = FixedRatio::of([&wide_face, &wide])?;
    let scale = 1.0 / (wide_face.available() + wide.available());
    let z = Moments::about(&wide, &ratio).scaled(scale);
    let mut parts = Vec::new();
    if wide_face.n > 0 {
        parts.push(match design {
            Design::Simple if wide.n > 0 => design::channels(&[Moments::about(&wide_face, &ratio).scaled(scale), z]),
            _ => by_design(visited, design, &visited.about(&ratio, scale))?,
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
        verdicts: S_FROM.into_iter().map(verdict).collect(),
    }
}

/// Pooled, λ = 0.40, without open answers, person, item-wise, the other target: each with the star it would give.
pub(super) fn sensitivity(study: &Study, method: &Method, columns: &ByColumn<Sums>) -> Sensitivity {
    let visited = Visited::of(study);
    let ratio = |sums: &Sums| exact::ratio(sums.a.into(), sums.b.into());
    let sample = ratio(&columns.face);
    let population = population_face(study, &visited);
    let graded_face = match method.target {
        Target::Population => population.clone().or(sample.clone()),
        Target::Sample => sample.clone(),
    };
    let line = |rule, s: Option<Ratio>, s_face: Option<Ratio>| SensitivityLine {
        rule,
        star: survey_star(s.as_ref(), s_face.as_ref()).map(|star| star.star),
        s: s.map(Rate::from),
        s_face: s_face.map(Rate::from),
    };
    let composed = |composition: &Composition, electronic: &Sums, face: Option<&Ratio>| {
        compose(composition, &columns.face, electronic, face)
    };
    let electronic = electronic_of(method, columns);
    let forty = Composition::Fixed(Ratio::new(2.into(), 5.into()));
    let face = graded_face.as_ref();
    let other_face = match method.target {
        Target::Population => sample.clone(),
        Target::Sample => population,
    };
    let person_of = |column| person(study, column).map(|score| score.mean);
    let lines = vec![
        line(
            "graded",
            composed(&method.composition, &electronic, face),
            graded_face.clone(),
        ),
        line(
            "pooled",
            composed(&Composition::Pooled, &columns.electronic, face),
            graded_face.clone(),
        ),
        line(
            "fixed_0.40",
            composed(&forty, &columns.electronic, face),
            graded_face.clone(),
        ),
        line(
            "without_open",
            composed(&method.composition, &columns.invited, face),
            graded_face.clone(),
        ),
        line("person", person_of(Column::All), person_of(Column::Face)),
        line(
            "item_wise",
            item_wise(study, Column::All),
            item_wise(study, Column::Face),
        ),
        line(
            "other_target",
            composed(&method.composition, &electronic, other_face.as_ref().or(face)),
            other_face.clone().or(graded_face.clone()),
        ),
    ];
    let differs = |rules: &[&str]| {
        let graded = lines.first().and_then(|line| line.star);
        lines
            .iter()
            .any(|line| rules.contains(&line.rule) && line.s.is_some() && line.star != graded)
    };
    Sensitivity {
        channel_rule: differs(&["pooled", "fixed_0.40", "without_open"]),
        score_rule: differs(&["person"]),
        weights: differs(&["other_target"]),
        lines,
    }
}

/// Σ marks_g·A_g/B_g over the headings, each with its full points as marks; headings that nobody rated are left out.
fn item_wise(study: &Study, column: Column) -> Option<Ratio> {
    let scoring = study.scoring();
    let (mut obtained, mut available) = (Ratio::zero(), Ratio::zero());
    for heading in scoring.dimensions().len()..scoring.facets().len() {
        let mut sums = Sums::default();
        for class in classes(column) {
            study
                .outlet_facet_sums(*class, heading)
                .iter()
                .for_each(|part| sums.absorb(part));
        }
        let items = scoring.items_of(heading).into_iter();
        let marks: u64 = items
            .filter_map(|item| scoring.scheme().items().get(item))
            .map(|item| u64::from(item.weight) * u64::from(item.full_points))
            .sum();
        if let Some(score) = exact::ratio(sums.a.into(), sums.b.into()) {
            let marks = Ratio::from_integer(marks.into());
            obtained += &marks * score;
            available += marks;
        }
    }
    (!available.is_zero()).then(|| obtained / available)
}
