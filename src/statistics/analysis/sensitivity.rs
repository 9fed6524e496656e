//! What S, S_face and the star would be under other rules: a sensitivity line, never a grade.
//!
//! Source: statistics.md §2, §3, §5.

use num_traits::Zero;
use serde::Serialize;

use super::channel::Channel;
use super::headline::compose;
use crate::statistics::class::Column;
use crate::statistics::estimate::Rate;
use crate::statistics::exact::{self, Ratio};
use crate::statistics::method::{Composition, Method, ScoreRule, Target};
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
    /// `SCORE_RULE_SENSITIVE`: the other score rule gives another star.
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
            score_rule: differs(&["person", "points"]),
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

/// Pooled, λ = 0.40, without open answers, the other score rule, item-wise, the other target: each with the star it would give.
/// `population` is S_face of the population by the rule of the plan.
pub(super) fn sensitivity(study: &Study, method: &Method, population: Option<Ratio>) -> Sensitivity {
    let rule = method.score_rule;
    let channel = |column| Channel::of(study, rule, column);
    let channels = [Column::Face, Column::Electronic, Column::Invited].map(channel);
    let [face, electronic, invited] = &channels;
    let sample = face.score();
    let (graded_face, other_face) = match method.target {
        Target::Population => (population.or(sample.clone()), sample),
        Target::Sample => (sample, population),
    };
    let line = |rule, s: Option<Ratio>, s_face: Option<Ratio>| SensitivityLine {
        rule,
        star: survey_star(s.as_ref(), s_face.as_ref()).map(|star| star.star),
        s: s.map(Rate::from),
        s_face: s_face.map(Rate::from),
    };
    let composed = |composition: &Composition, electronic: &Channel, s_face: Option<&Ratio>| {
        compose(composition, face, electronic, s_face)
    };
    let counted = if method.exclude_open { invited } else { electronic };
    let forty = Composition::Fixed(Ratio::new(2.into(), 5.into()));
    let s_face = graded_face.as_ref();
    let with_graded_face = |rule, s| line(rule, s, graded_face.clone());
    let (other, other_name) = match rule {
        ScoreRule::Points => (ScoreRule::Person, "person"),
        ScoreRule::Person => (ScoreRule::Points, "points"),
    };
    let by_other = |column| Channel::of(study, other, column).score();
    Sensitivity::of(vec![
        with_graded_face("graded", composed(&method.composition, counted, s_face)),
        with_graded_face("pooled", composed(&Composition::Pooled, electronic, s_face)),
        with_graded_face("fixed_0.40", composed(&forty, electronic, s_face)),
        with_graded_face("without_open", composed(&method.composition, invited, s_face)),
        line(other_name, by_other(Column::All), by_other(Column::Face)),
        line(
            "item_wise",
            item_wise(study, Column::All),
            item_wise(study, Column::Face),
        ),
        line(
            "other_target",
            composed(&method.composition, counted, other_face.as_ref().or(s_face)),
            other_face.clone().or(graded_face.clone()),
        ),
    ])
}

/// Σ marks_g·A_g/B_g ÷ Σ marks_g over the headings; those that nobody rated are left out.
fn item_wise(study: &Study, column: Column) -> Option<Ratio> {
    let scoring = study.scoring();
    let (mut obtained, mut available) = (Ratio::zero(), Ratio::zero());
    for (heading, marks) in (scoring.dimensions().len()..).zip(scoring.marks()) {
        let mut sums = Sums::default();
        for class in column.classes() {
            sums.absorb(&study.facet_sums(*class, heading));
        }
        if let Some(score) = exact::ratio(sums.a.into(), sums.b.into()) {
            let marks = Ratio::from_integer((*marks).into());
            obtained += &marks * score;
            available += marks;
        }
    }
    (!available.is_zero()).then(|| obtained / available)
}
