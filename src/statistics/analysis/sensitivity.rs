//! What S, S_face and the star would be under other rules: a sensitivity line, never a grade.
//!
//! Source: statistics.md §2, §3, §5.

use num_traits::Zero;
use serde::Serialize;

use super::headline::{compose, electronic_of, population_face};
use super::visited::Visited;
use super::{classes, person};
use crate::statistics::class::{ByColumn, Column};
use crate::statistics::estimate::Rate;
use crate::statistics::exact::{self, Ratio};
use crate::statistics::method::{Composition, Method, Target};
use crate::statistics::star::survey_star;
use crate::statistics::study::Study;
use crate::statistics::sums::Sums;

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

impl Sensitivity {
    fn of(lines: Vec<SensitivityLine>) -> Self {
        let differs = |rules: &[&str]| {
            let graded = lines.first().and_then(|line| line.star);
            lines
                .iter()
                .any(|line| rules.contains(&line.rule) && line.s.is_some() && line.star != graded)
        };
        Self {
            channel_rule: differs(&["pooled", "fixed_0.40", "without_open"]),
            score_rule: differs(&["person"]),
            weights: differs(&["other_target"]),
            lines,
        }
    }

    /// The lines that may be shown, and the remarks that follow from these alone. The graded rule is one of them.
    pub(in crate::statistics) fn only(&self, shown: impl Fn(&str) -> bool) -> Self {
        let lines = self.lines.iter().filter(|line| shown(line.rule));
        Self::of(lines.cloned().collect())
    }
}

/// Pooled, λ = 0.40, without open answers, person, item-wise, the other target: each with the star it would give.
pub(super) fn sensitivity(study: &Study, method: &Method, visited: &Visited, columns: &ByColumn<Sums>) -> Sensitivity {
    let ratio = |sums: &Sums| exact::ratio(sums.a.into(), sums.b.into());
    let sample = ratio(&columns.face);
    let population = population_face(study, visited);
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
    Sensitivity::of(lines)
}

/// Σ marks_g·A_g/B_g ÷ Σ marks_g over the headings; those that nobody rated are left out.
fn item_wise(study: &Study, column: Column) -> Option<Ratio> {
    let scoring = study.scoring();
    let (mut obtained, mut available) = (Ratio::zero(), Ratio::zero());
    for (heading, marks) in (scoring.dimensions().len()..).zip(scoring.marks()) {
        let mut sums = Sums::default();
        for class in classes(column) {
            let outlets = study.outlet_facet_sums(*class, heading);
            outlets.iter().for_each(|part| sums.absorb(part));
        }
        if let Some(score) = exact::ratio(sums.a.into(), sums.b.into()) {
            let marks = Ratio::from_integer((*marks).into());
            obtained += &marks * score;
            available += marks;
        }
    }
    (!available.is_zero()).then(|| obtained / available)
}
