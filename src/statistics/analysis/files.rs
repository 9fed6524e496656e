//! What only files of those who hold the responses state: every design, every dimension, every margin.
//!
//! Source: statistics.md §3–§6; names as in the reference figures of R `survey`.

use serde::Serialize;

use super::items::{self, ItemFigures};
use super::visited::{Measure, Visited};
use super::{Joint, Named, decisions, margins, one_sample, pooled};
use crate::statistics::class::{ByColumn, Column};
use crate::statistics::decision::Decision;
use crate::statistics::design;
use crate::statistics::figure::{Extent, Figure};
use crate::statistics::moments::{FixedRatio, Moments, WideSums};
use crate::statistics::study::Study;
use crate::statistics::sums::Sums;

/// What only files of those who hold the responses state: figures under other designs, for parts, item by item.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FileFigures {
    /// Every estimate, by its name in files.
    pub figures: Vec<Named>,
    /// In-person answers by item.
    pub items: Vec<ItemFigures>,
    /// How sure the stars are, with S_face of the population where N is known (the contracted estimates file).
    pub decision: Decision,
    /// Margin levels with customers and without an answer, as `variable level`.
    pub empty_levels: Vec<String>,
}

impl FileFigures {
    pub(super) fn of(
        study: &Study,
        visited: &Visited,
        columns: &ByColumn<Sums>,
        samples: &decisions::Samples,
        joint: Joint,
    ) -> Self {
        let mut figures = channel_figures(study, columns);
        face_figures(visited, &mut figures);
        pooled_figures(visited, columns, &mut figures);
        let simple = find(&figures, "srs_points_face");
        let electronic = find(&figures, "srs_points_elec");
        let stratified = find(&figures, "strat_fpc_points_face");
        figures.push(named("fixed_half", half(&stratified, &electronic)));
        facet_figures(study, visited, &mut figures);
        let empty_levels = margins::figures(study, visited, &mut figures);
        let pooled = find(&figures, "pooled_points_stratified_by_mode");
        let target = if stratified.est.is_some() { &stratified } else { &simple };
        Self {
            items: items::face(study),
            decision: Decision::of(
                (&pooled, samples.all),
                (target, samples.stratified),
                (&simple, samples.simple),
                joint.correlation,
            ),
            figures,
            empty_levels,
        }
    }
}

pub(super) fn named(name: impl Into<String>, figure: Figure) -> Named {
    Named {
        name: name.into(),
        figure,
    }
}

fn find(figures: &[Named], name: &str) -> Figure {
    let found = figures.iter().find(|named| named.name == name);
    found.map_or_else(|| Figure::undefined(Extent::Block), |named| named.figure.clone())
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

/// In-person scores under every design.
fn face_figures(visited: &Visited, figures: &mut Vec<Named>) {
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
    let points = visited.weighted(visited.points());
    let person = visited.weighted(visited.person());
    // The correction needs the customers of every outlet, so without them the unweighted figures are undefined, too.
    let unweighted = points.as_ref().and_then(|_| visited.unweighted(visited.points()));
    block("strat_fpc_points_face", &points, &stratified);
    block("strat_fpc_person_face", &person, &stratified);
    block("strat_nofpc_points_face", &points, &|found| {
        Some(design::stratified_without_correction(&found.outlets))
    });
    block("strat_fpc_unweighted_points_face", &unweighted, &stratified);
    block("cluster_nofpc_points_face", &points, &|found| {
        Some(design::clusters(&found.outlets))
    });
    let framed = |measure: &Option<Measure>| measure.clone().filter(|_| frame.is_some());
    block("cluster_fpc1_points_face", &framed(&points), &first_stage);
    block("cluster_fpc1_person_face", &framed(&person), &first_stage);
    block("twostage_points_face", &framed(&points), &two_stage);
    block("twostage_person_face", &framed(&person), &two_stage);
    block("twostage_unweighted_points_face", &framed(&unweighted), &two_stage);
}

/// Both channels together: three variances.
fn pooled_figures(visited: &Visited, columns: &ByColumn<Sums>, figures: &mut Vec<Named>) {
    let wide = |column| WideSums::from(columns.get(column));
    let (electronic, all) = (wide(Column::Electronic), wide(Column::All));
    figures.push(named("pooled_points_srs", one_sample(&all)));
    let Some((s, by_mode)) = pooled(columns) else {
        for name in ["pooled_points_stratified_by_mode", "pooled_points_face_strat_fpc"] {
            figures.push(named(name, Figure::undefined(Extent::Block)));
        }
        return;
    };
    let scale = 1.0 / all.available();
    figures.push(named(
        "pooled_points_stratified_by_mode",
        Figure::block(Some(s.value()), Some(by_mode), all.n),
    ));
    let face_part = visited.stratified_about(&s, scale);
    let z = |sums: &WideSums| Moments::about(sums, &s).scaled(scale);
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
}

fn half(face: &Figure, electronic: &Figure) -> Figure {
    let est = face.est.zip(electronic.est).map(|(one, two)| (one + two) / 2.0);
    let se = face.se.zip(electronic.se).map(|(one, two)| one.hypot(two) / 2.0);
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
