//! The one analysis of a study: every figure that files, pages and messages state about an organisation's survey.
//!
//! Source: statistics.md §2–§8, §11. Computed from a [`Study`] alone, whether it was read from rows or from tallies.

mod channel;
mod decisions;
mod headline;
mod items;
mod margins;
mod sensitivity;
mod visited;

use serde::Serialize;

pub use self::headline::{Headline, Judged, Standing, Verdict};
pub use self::items::ItemFigures;
pub use self::sensitivity::{Sensitivity, SensitivityLine};
use self::visited::{Measure, Visited};
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
    /// Every estimate, by its name in files.
    pub figures: Vec<Named>,
    /// S and S_face together.
    pub joint: Joint,
    /// Design effects of the stratified and of the clustered person score.
    pub design_effects: [DesignEffect; 2],
    /// In-person answers by item.
    pub items: Vec<ItemFigures>,
    /// Reliability of the dimensions and of the whole; empty without cross sums.
    pub reliability: Vec<Reliability>,
    /// Difference of the channels.
    pub welch: Welch,
    /// Difference of the channels by ranks; nothing without cross sums.
    pub wilcoxon: Wilcoxon,
    /// S_face − S_elec and its standard error.
    pub mode_difference: Figure,
    /// How sure the stars are, with S_face of the population where N is known (the contracted estimates file).
    pub decision: Decision,
    /// The same for S and S_face as they are graded: what pages show.
    pub decision_graded: Decision,
    /// Margin levels with customers and without an answer, as `variable level`.
    pub empty_levels: Vec<String>,
}

impl Analysis {
    /// Computes the analysis of a study.
    pub fn of(study: &Study, method: &Method) -> Self {
        let visited = Visited::of(study);
        let columns = column_sums(study);
        let tallies = ByColumn::from_fn(|column| summary(study, column, columns.get(column)));
        let mut figures = channel_figures(study, &columns);
        let design_effects = face_figures(&visited, &mut figures);
        let joint = pooled_figures(&visited, &columns, &mut figures);
        let simple = find(&figures, "srs_points_face");
        let electronic = find(&figures, "srs_points_elec");
        let stratified = find(&figures, "strat_fpc_points_face");
        figures.push(named("fixed_half", half(&stratified, &electronic)));
        facet_figures(study, &visited, &mut figures);
        let empty_levels = margins::figures(study, &visited, &mut figures);
        let pooled = find(&figures, "pooled_points_stratified_by_mode");
        let target = if stratified.est.is_some() { &stratified } else { &simple };
        let samples = decisions::Samples::of(&visited, &columns);
        let decision = Decision::of(
            (&pooled, samples.all),
            (target, samples.stratified),
            (&simple, samples.simple),
            joint.correlation,
        );
        let headline = headline::headline(study, method, &visited);
        let decision_graded = samples.graded(&visited, method, &headline, &simple, joint.correlation);
        Self {
            outlets: study.population().outlets().len() as u64,
            frame_outlets: study.population().frame_outlets(),
            headline,
            sensitivity: sensitivity::sensitivity(study, method, &visited),
            mode_difference: difference(&simple, &electronic),
            tallies,
            joint,
            design_effects,
            items: items::face(study),
            reliability: scales(study),
            welch: welch(study),
            wilcoxon: study
                .scan()
                .map_or_else(Wilcoxon::default, |scan| Wilcoxon::of(scan.scores())),
            decision,
            decision_graded,
            figures,
            empty_levels,
        }
    }

    /// A figure by its name in files.
    pub fn figure(&self, name: &str) -> Option<&Figure> {
        self.figures
            .iter()
            .find(|named| named.name == name)
            .map(|named| &named.figure)
    }
}

fn named(name: impl Into<String>, figure: Figure) -> Named {
    Named {
        name: name.into(),
        figure,
    }
}

fn find(figures: &[Named], name: &str) -> Figure {
    let found = figures.iter().find(|named| named.name == name);
    found.map_or_else(|| Figure::undefined(Extent::Block), |named| named.figure.clone())
}

fn column_sums(study: &Study) -> ByColumn<Sums> {
    let class = |class| {
        let mut all = Sums::default();
        study.outlet_sums(class).iter().for_each(|sums| all.absorb(sums));
        all
    };
    let (face, invited, open) = (
        class(EvidenceClass::Face),
        class(EvidenceClass::Invited),
        class(EvidenceClass::Open),
    );
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

/// One sample, both scores, by channel.
fn channel_figures(study: &Study, columns: &ByColumn<Sums>) -> Vec<Named> {
    let mut figures = Vec::new();
    for (name, column) in [("face", Column::Face), ("elec", Column::Electronic)] {
        let points = WideSums::from(columns.get(column));
        let person = WideSums::of_person(points.n, &study.person(column.classes()));
        for (score, sums) in [("points", points), ("person", person)] {
            figures.push(named(format!("srs_{score}_{name}"), one_sample(&sums)));
        }
    }
    figures
}

/// A score of one simple random sample.
fn one_sample(sums: &WideSums) -> Figure {
    let Some(ratio) = FixedRatio::of([sums]) else {
        return Figure::undefined(Extent::Block);
    };
    let z = Moments::about(sums, &ratio).scaled(1.0 / sums.available());
    Figure::block(Some(ratio.value()), Some(design::simple(z)), sums.n)
}

/// In-person scores under every design.
fn face_figures(visited: &Visited, figures: &mut Vec<Named>) -> [DesignEffect; 2] {
    let (n, frame) = (visited.responses(), visited.frame_outlets());
    let mut block =
        |name: &str, found: &Option<Measure>, variance: &dyn Fn(&Measure) -> Option<design::DesignVariance>| {
            let est = found.as_ref().map(|measure| measure.est);
            let figure = Figure::block(est, found.as_ref().and_then(variance), n);
            let value = figure.se;
            figures.push(named(name, figure));
            value
        };
    let stratified = |found: &Measure| design::stratified(&found.outlets);
    let two_stage = |found: &Measure| design::two_stage(&found.outlets, frame?);
    let first_stage = |found: &Measure| Some(design::clusters_corrected(&found.outlets, frame?));
    let points = visited.weighted(&visited.points());
    let person = visited.weighted(&visited.person());
    // The correction needs the customers of every outlet, so without them the unweighted figures are undefined, too.
    let unweighted = points.as_ref().and_then(|_| visited.unweighted(&visited.points()));
    block("strat_fpc_points_face", &points, &stratified);
    let stratified_se = block("strat_fpc_person_face", &person, &stratified);
    block("strat_nofpc_points_face", &points, &|found| {
        Some(design::stratified_without_correction(&found.outlets))
    });
    block("strat_fpc_unweighted_points_face", &unweighted, &stratified);
    block("cluster_nofpc_points_face", &points, &|found| {
        Some(design::clusters(&found.outlets))
    });
    let framed = |measure: &Option<Measure>| measure.clone().filter(|_| frame.is_some());
    block("cluster_fpc1_points_face", &framed(&points), &first_stage);
    let cluster_se = block("cluster_fpc1_person_face", &framed(&person), &first_stage);
    block("twostage_points_face", &framed(&points), &two_stage);
    block("twostage_person_face", &framed(&person), &two_stage);
    block("twostage_unweighted_points_face", &framed(&unweighted), &two_stage);
    let first_weight = frame.map_or(1.0, |frame| frame as f64 / visited.count() as f64);
    [
        visited.design_effect(stratified_se, 1.0),
        visited.design_effect(cluster_se, first_weight),
    ]
}

/// Both channels together: three variances, and the covariance with S_face.
fn pooled_figures(visited: &Visited, columns: &ByColumn<Sums>, figures: &mut Vec<Named>) -> Joint {
    let wide = |column| WideSums::from(columns.get(column));
    let (face, electronic, all) = (wide(Column::Face), wide(Column::Electronic), wide(Column::All));
    figures.push(named("pooled_points_srs", one_sample(&all)));
    let s = FixedRatio::of([&all]);
    let Some(s) = s else {
        for name in ["pooled_points_stratified_by_mode", "pooled_points_face_strat_fpc"] {
            figures.push(named(name, Figure::undefined(Extent::Block)));
        }
        return Joint::default();
    };
    let scale = 1.0 / all.available();
    let z = |sums: &WideSums| Moments::about(sums, &s).scaled(scale);
    let by_mode = design::channels(&[z(&face), z(&electronic)]);
    figures.push(named(
        "pooled_points_stratified_by_mode",
        Figure::block(Some(s.value()), Some(by_mode), all.n),
    ));
    let face_part = visited.stratified_about(&s, scale);
    let electronic_part = (electronic.n > 0).then(|| design::channels(&[z(&electronic)]));
    let both = face_part.map(|part| match electronic_part {
        None => part,
        Some(other) => design::DesignVariance {
            value: part.value.zip(other.value).map(|(one, two)| one + two),
            df: part.df + other.df,
        },
    });
    figures.push(named(
        "pooled_points_face_strat_fpc",
        Figure::block(both.and(Some(s.value())), both, all.n),
    ));
    let Some(s_face) = FixedRatio::of([&face]).filter(|_| face.n > 1) else {
        return Joint::default();
    };
    let n = face.n as f64;
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

fn half(face: &Figure, electronic: &Figure) -> Figure {
    let est = face.est.zip(electronic.est).map(|(one, two)| (one + two) / 2.0);
    let se = face.se.zip(electronic.se).map(|(one, two)| one.hypot(two) / 2.0);
    Figure::with_se(est, se)
}

fn difference(face: &Figure, electronic: &Figure) -> Figure {
    let est = face.est.zip(electronic.est).map(|(one, two)| one - two);
    let se = face.se.zip(electronic.se).map(|(one, two)| one.hypot(two));
    Figure::with_se(est, se)
}

/// Dimensions, in person: simple and stratified.
fn facet_figures(study: &Study, visited: &Visited, figures: &mut Vec<Named>) {
    for (facet, name) in study.scoring().dimensions().iter().enumerate() {
        let sums = visited.facet(facet);
        let simple = FixedRatio::of(&sums).map(|ratio| ratio.value());
        figures.push(named(format!("srs_points_face_dim_{name}"), Figure::estimate(simple)));
        figures.push(named(
            format!("strat_fpc_points_face_dim_{name}"),
            visited.stratified(&sums),
        ));
    }
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
