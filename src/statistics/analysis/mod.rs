//! The one analysis of a study: every figure that files, pages and messages state about an organisation's survey.
//!
//! Source: statistics.md §2–§8, §11. Computed from a [`Study`] alone, whether it was read from rows or from tallies.

mod channel;
mod decisions;
mod files;
mod headline;
mod items;
mod margins;
mod sensitivity;
mod visited;

use serde::Serialize;

pub use self::files::FileFigures;
pub use self::headline::{Headline, Judged, Standing, Verdict};
pub use self::items::ItemFigures;
pub use self::sensitivity::{Sensitivity, SensitivityLine};
use self::visited::Visited;
use super::class::{ByColumn, Column, EvidenceClass};
use super::decision::Decision;
use super::design;
use super::exact;
use super::figure::{Extent, Figure};
use super::method::Method;
use super::mode_effect::{Welch, Wilcoxon};
use super::moments::{FixedRatio, Moments, WideSums, products_about};
use super::person::PersonScore;
use super::reliability::{self, Reliability};
use super::study::Study;
use super::sums::Sums;

/// Integer sums and both scores of a column.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TallySummary {
    /// The five sums, the number of responses and of scored ones.
    #[serde(skip)]
    pub sums: Sums,
    /// ΣA/ΣB.
    pub points_score: Option<f64>,
    /// Mean of a/b over the scored.
    pub person_score: Option<f64>,
    /// Standard deviation (n − 1) of a/b.
    pub person_sd: Option<f64>,
}

/// Covariance and correlation of S (pooled) and S_face.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Joint {
    /// Cov(S, S_face).
    pub covariance: Option<f64>,
    /// The correlation of the same.
    pub correlation: Option<f64>,
}

/// How weights spread: design effects of the person score.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct DesignEffect {
    /// V / variance of a simple random sample without replacement.
    pub deff: Option<f64>,
    /// V / (s²/n).
    pub deff_replace: Option<f64>,
    /// Kish's n ΣW²/(ΣW)².
    pub kish: Option<f64>,
}

/// A figure with its name in files.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Named {
    /// Name of the group.
    pub name: String,
    /// The figure.
    #[serde(flatten)]
    pub figure: Figure,
}

/// Everything that is computed of a study.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Analysis {
    /// Outlets known.
    pub outlets: u64,
    /// M: outlets of the frame.
    pub frame_outlets: Option<u64>,
    /// Sums and scores by column.
    pub tallies: ByColumn<TallySummary>,
    /// S and S_face as graded, with their intervals and verdicts.
    pub headline: Headline,
    /// What the star would be under other rules.
    pub sensitivity: Sensitivity,
    /// S and S_face together.
    pub joint: Joint,
    /// Design effects of the stratified and of the clustered person score.
    /// Nothing where they were not wanted.
    pub design_effects: Option<[DesignEffect; 2]>,
    /// Reliability of the dimensions and of the whole; empty without cross sums.
    pub reliability: Vec<Reliability>,
    /// Difference of the channels.
    pub welch: Welch,
    /// Difference of the channels by ranks; nothing without cross sums.
    pub wilcoxon: Wilcoxon,
    /// S_face − S_elec and its standard error.
    pub mode_difference: Figure,
    /// How sure the stars are, for S and S_face as they are graded: what pages show.
    pub decision_graded: Decision,
    /// Nothing where it was not wanted.
    #[serde(flatten)]
    pub files: Option<FileFigures>,
}

/// How much of an analysis is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// What the page of results shows.
    Page,
    /// What the sampling report states besides.
    Report,
    /// Everything, for those who hold the responses.
    Files,
}

impl Analysis {
    /// Computes the analysis of a study as far as it is wanted.
    pub fn of(study: &Study, method: &Method, reach: Reach) -> Self {
        let visited = Visited::of(study);
        let columns = column_sums(study);
        let [simple, electronic] = [Column::Face, Column::Electronic].map(|column| simple_points(&columns, column));
        let joint = joint(&columns);
        let samples = decisions::Samples::of(&visited, &columns);
        let population = headline::population_face(study, &visited, method.score_rule);
        let headline = headline::headline(study, method, &visited, population.as_ref());
        let decision_graded = samples.graded(&visited, method, &headline, &simple, joint.correlation);
        Self {
            outlets: study.population().outlets().len() as u64,
            frame_outlets: study.population().frame_outlets(),
            headline,
            sensitivity: sensitivity::sensitivity(study, method, population),
            mode_difference: difference(&simple, &electronic),
            tallies: ByColumn::from_fn(|column| summary(study, column, columns.get(column))),
            joint,
            design_effects: (reach >= Reach::Report).then(|| design_effects(&visited)),
            reliability: scales(study),
            welch: welch(study),
            wilcoxon: study
                .scan()
                .map_or_else(Wilcoxon::default, |scan| Wilcoxon::of(scan.scores())),
            decision_graded,
            files: (reach == Reach::Files).then(|| FileFigures::of(study, &visited, &columns, &samples, joint)),
        }
    }

    /// A figure by its name in files.
    pub fn figure(&self, name: &str) -> Option<&Figure> {
        let figures = self.files.iter().flat_map(|files| &files.figures);
        figures
            .into_iter()
            .find(|named| named.name == name)
            .map(|named| &named.figure)
    }
}

fn column_sums(study: &Study) -> ByColumn<Sums> {
    let [face, invited, open] = EvidenceClass::ALL.map(|class| study.sums(class));
    let mut electronic = invited;
    electronic.absorb(&open);
    let mut all = electronic;
    all.absorb(&face);
    ByColumn {
        face,
        invited,
        open,
        electronic,
        all,
    }
}

fn person(study: &Study, column: Column) -> Option<PersonScore> {
    PersonScore::of(&study.person(column.classes()))
}

fn summary(study: &Study, column: Column, sums: &Sums) -> TallySummary {
    let person = person(study, column);
    let deviation = person.as_ref().and_then(|score| score.variance.as_ref());
    TallySummary {
        sums: *sums,
        points_score: exact::ratio(sums.a.into(), sums.b.into()).map(|ratio| exact::to_f64(&ratio)),
        person_score: person.as_ref().map(|score| exact::to_f64(&score.mean)),
        person_sd: deviation.map(|variance| exact::to_f64(variance).sqrt()),
    }
}

/// The points score of a channel as one sample.
fn simple_points(columns: &ByColumn<Sums>, column: Column) -> Figure {
    one_sample(&WideSums::from(columns.get(column)))
}

/// A score of one simple random sample.
fn one_sample(sums: &WideSums) -> Figure {
    let Some(ratio) = FixedRatio::of([sums]) else {
        return Figure::undefined(Extent::Block);
    };
    let z = Moments::about(sums, &ratio).scaled(1.0 / sums.available());
    Figure::block(Some(ratio.value()), Some(design::simple(z)), sums.n)
}

/// How much the weights of the stratified and of the clustered person score cost.
fn design_effects(visited: &Visited) -> [DesignEffect; 2] {
    let (found, frame) = (visited.weighted(visited.person()), visited.frame_outlets());
    let outlets = found.as_ref().map(|found| found.outlets.as_slice());
    let stratified = outlets.and_then(design::stratified);
    let clustered = outlets.and_then(|outlets| Some(design::clusters_corrected(outlets, frame?)));
    let first_weight = frame.map_or(1.0, |frame| frame as f64 / visited.count() as f64);
    let se = |variance: Option<design::DesignVariance>| variance.and_then(|variance| variance.se());
    [
        visited.design_effect(se(stratified), 1.0),
        visited.design_effect(se(clustered), first_weight),
    ]
}

/// S by points, and its variance with the channels as strata.
fn pooled(columns: &ByColumn<Sums>) -> Option<(FixedRatio, design::DesignVariance)> {
    let wide = |column| WideSums::from(columns.get(column));
    let all = wide(Column::All);
    let s = FixedRatio::of([&all])?;
    let z = |column| Moments::about(&wide(column), &s).scaled(1.0 / all.available());
    let by_mode = design::channels(&[z(Column::Face), z(Column::Electronic)]);
    Some((s, by_mode))
}

/// How S and S_face vary together.
fn joint(columns: &ByColumn<Sums>) -> Joint {
    let face = WideSums::from(&columns.face);
    let own = FixedRatio::of([&face]).filter(|_| face.n > 1);
    let Some(((s, by_mode), s_face)) = pooled(columns).zip(own) else {
        return Joint::default();
    };
    let (n, scale) = (face.n as f64, 1.0 / WideSums::from(&columns.all).available());
    let covariance = n / (n - 1.0) * products_about(&face, &s, &s_face) * scale / face.available();
    let own = design::simple(Moments::about(&face, &s_face).scaled(1.0 / face.available()));
    let product = by_mode.value.zip(own.value).map(|(one, two)| one * two);
    Joint {
        covariance: Some(covariance),
        correlation: product
            .filter(|product| *product > 0.0)
            .map(|product| (covariance / product.sqrt()).clamp(-1.0, 1.0)),
    }
}

fn difference(face: &Figure, electronic: &Figure) -> Figure {
    let est = face.est.zip(electronic.est).map(|(one, two)| one - two);
    let se = face.se.zip(electronic.se).map(|(one, two)| one.hypot(two));
    Figure::with_se(est, se)
}

fn scales(study: &Study) -> Vec<Reliability> {
    let Some(scan) = study.scan() else { return Vec::new() };
    let scoring = study.scoring();
    let (pairs, listwise, count) = (scan.pairs(), scan.listwise(), scoring.items().len());
    let dimensions = scoring.dimensions().iter().enumerate();
    let scales = dimensions.map(|(facet, name)| (name.as_str(), scoring.items_of(facet)));
    let every = std::iter::once(("total", (0..count).collect()));
    let sums = listwise.iter().map(Some).chain(std::iter::repeat(None));
    scales
        .chain(every)
        .zip(sums)
        .map(|((name, items), listwise)| reliability::reliability(name, &items, count, &pairs, listwise))
        .collect()
}

fn welch(study: &Study) -> Welch {
    Welch::of(
        person(study, Column::Face).as_ref(),
        person(study, Column::Electronic).as_ref(),
    )
}
