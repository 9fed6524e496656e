//! What is said about S and S_face beyond the figures themselves, as far as it may be published: verdicts, sensitivity,
//! decision support, reliability, difference of the channels.
//!
//! Source: statistics.md §5, §7, §8, §11; requirements A4, A6, G3. Everything here is made of the [`Analysis`], which
//! knows no withheld cell; a statement is made only when every cell it could tell something about is published.

use serde::Serialize;

use super::analysis::{Analysis, Judged, Sensitivity, Standing, Verdict};
use super::class::{ByColumn, Column};
use super::decision::Decision;
use super::estimate::Estimate;
use super::interval::{self, Confidence, IntervalRule};
use super::mode_effect::{Welch, Wilcoxon};
use super::publish::Withheld;
use super::reliability::Reliability;
use super::star::S_FACE_FROM;
use super::study::Scoring;

/// How S and S_face stand to the bounds of the stars. Without a stated interval a score can only clear by its point.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdicts {
    /// S, best bound first; nothing where S is undefined or withheld.
    pub s: Vec<Verdict>,
    /// S_face, best bound first; two stars have no condition on it.
    pub s_face: Vec<Verdict>,
}

/// Reliability of one scale.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Alpha {
    /// Name of the dimension, or `total`.
    pub scale: String,
    /// Alpha from pairwise covariances.
    pub pairwise: Option<f64>,
    /// Fewest answers behind a covariance.
    pub n: u64,
    /// Alpha over the answers with every item rated, with their number; nothing where these are few.
    pub listwise: Option<(f64, u64)>,
}

/// Difference of the channels, in-person minus electronic. Mode, self-selection and coverage are confounded in it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModeEffect {
    /// S_face − S_elec, a fraction of full marks.
    pub points: Option<f64>,
    /// Its standard error.
    pub points_se: Option<f64>,
    /// Person scores compared by their means.
    pub welch: Welch,
    /// Person scores compared by their ranks.
    pub wilcoxon: Wilcoxon,
}

/// What rests on the scan made when fieldwork closed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Appendix {
    /// Reliability of the dimensions and of the whole, as far as every item of the scale is published.
    pub reliability: Vec<Alpha>,
    /// Nothing while one of the channels is withheld or empty.
    pub mode_effect: Option<ModeEffect>,
}

/// Answers from which alpha over complete answers is stated.
const LISTWISE_FROM: u64 = 30;

/// What may be said beside the published cells.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judgement {
    /// How S and S_face stand to the bounds.
    pub verdicts: Verdicts,
    /// What other rules would give; nothing where S or S_face is withheld.
    pub sensitivity: Option<Sensitivity>,
    /// Decision support, no part of the result; nothing where S or S_face is withheld or states no interval.
    pub decision_support: Option<Decision>,
    /// Reliability and difference of the channels; nothing before fieldwork is closed.
    pub appendix: Option<Appendix>,
}

impl Judgement {
    /// Publishes an analysis beside these cells.
    pub(super) fn of(
        analysis: &Analysis,
        exact: &ByColumn<Option<&Estimate>>,
        withheld: &Withheld,
        (scoring, below): (&Scoring, u64),
    ) -> Self {
        let open = |column: Column| !withheld.overall.get(column);
        let headline = open(Column::All) && open(Column::Face);
        let verdicts = |column: Column, judged: &Option<Judged>| {
            let found = judged.as_ref().zip(*exact.get(column)).filter(|_| open(column));
            found.map_or_else(Vec::new, |(judged, estimate)| standing(judged, estimate))
        };
        let mut s_face = verdicts(Column::Face, &analysis.headline.s_face);
        s_face.retain(|verdict| S_FACE_FROM.iter().any(|(star, _)| *star == verdict.star));
        let random = exact.all.is_some_and(|s| s.interval_rule != IntervalRule::SelfSelected);
        Self {
            verdicts: Verdicts {
                s: verdicts(Column::All, &analysis.headline.s),
                s_face,
            },
            sensitivity: headline.then(|| analysis.sensitivity.only(|rule| may_show(rule, withheld, scoring))),
            decision_support: (headline && random).then(|| analysis.decision_graded.clone()),
            appendix: (!analysis.reliability.is_empty()).then(|| appendix(analysis, exact, withheld, (scoring, below))),
        }
    }
}

/// Verdicts from the interval that is stated with the estimate.
fn standing(judged: &Judged, estimate: &Estimate) -> Vec<Verdict> {
    let stated = estimate.interval.is_some();
    let verdicts = judged.verdicts.iter().map(|verdict| Verdict {
        standing: match verdict.standing {
            Standing::Clears if !stated => Standing::PointClears,
            standing => standing,
        },
        ..*verdict
    });
    verdicts.collect()
}

/// Whether a line tells nothing about a withheld cell, S and S_face being published.
fn may_show(rule: &str, withheld: &Withheld, scoring: &Scoring) -> bool {
    let overall = &withheld.overall;
    match rule {
        "fixed_0.40" => !overall.electronic,
        "without_open" => !overall.invited && !overall.open,
        "item_wise" => {
            let headings = withheld.facets.iter().skip(scoring.dimensions().len());
            headings.into_iter().all(|facet| !facet.face && !facet.all)
        }
        // Weights by outlet are one more equation about the outlets.
        "other_target" => withheld.outlets.iter().all(|outlet| !outlet.face),
        _ => true,
    }
}

fn appendix(
    analysis: &Analysis,
    exact: &ByColumn<Option<&Estimate>>,
    withheld: &Withheld,
    (scoring, below): (&Scoring, u64),
) -> Appendix {
    let published = |item: usize| withheld.items.get(item).is_some_and(|item| !item.all);
    let items = |scale: &Reliability| match scoring.dimensions().iter().position(|name| *name == scale.scale) {
        Some(dimension) => scoring.items_of(dimension),
        None => (0..scoring.items().len()).collect(),
    };
    let shown = analysis
        .reliability
        .iter()
        .filter(|scale| !withheld.overall.all && scale.n_pair_min >= below && items(scale).into_iter().all(published));
    let channel = |column: Column| {
        let people = exact.get(column).map_or(0, |found| found.scored);
        !withheld.overall.get(column) && people >= below.max(1)
    };
    Appendix {
        reliability: shown
            .map(|scale| Alpha {
                scale: scale.scale.clone(),
                pairwise: scale.pairwise,
                n: scale.n_pair_min,
                listwise: scale
                    .listwise
                    .filter(|_| scale.n_complete >= LISTWISE_FROM.max(below))
                    .map(|alpha| (alpha, scale.n_complete)),
            })
            .collect(),
        mode_effect: (channel(Column::Face) && channel(Column::Electronic)).then(|| ModeEffect {
            points: analysis.mode_difference.est,
            points_se: analysis.mode_difference.se,
            welch: analysis.welch.clone(),
            wilcoxon: analysis.wilcoxon.clone(),
        }),
    }
}

/// The estimate with the score, the error and the interval of the plan, as it is graded. Self-selected answers alone
/// stay without an interval.
pub(super) fn under_design(estimate: Estimate, judged: Option<&Judged>, confidence: Confidence) -> Estimate {
    let Some(judged) = judged else { return estimate };
    if estimate.interval_rule == IntervalRule::SelfSelected {
        let rate = judged.rate.clone();
        return Estimate { rate, ..estimate };
    }
    let df = judged.df.filter(|_| judged.se.is_some()).map_or(0, |df| df as u64);
    let plain = |se: f64| interval::plain_t(&judged.rate.exact, se, df, confidence);
    Estimate {
        rate: judged.rate.clone(),
        se: judged.se,
        df,
        interval: Some(judged.interval),
        interval_t: judged
            .se
            .filter(|_| judged.interval_rule == IntervalRule::LogitT)
            .and_then(plain),
        interval_rule: judged.interval_rule,
        interval_no_assumption: judged.no_assumption,
        ..estimate
    }
}
