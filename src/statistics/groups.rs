//! The analysis as the contracted rows `group, stat, value` of the estimates file.
//!
//! Source: interfaces.md (`perception estimate --format csv`); names as in the reference figures of R `survey`.

use super::analysis::{Analysis, DesignEffect, TallySummary};
use super::class::Column;
use super::decision::Decision;
use super::figure::{Extent, Figure, LEVELS};
use super::interval::Interval;

/// A value of a row; the caller prints floats with 17 significant digits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    /// A count or sum.
    Integer(i128),
    /// An estimate.
    Float(f64),
    /// Undefined: `NA`.
    Undefined,
}

impl From<Option<f64>> for Value {
    fn from(value: Option<f64>) -> Self {
        match value {
            Some(value) if value.is_finite() => Value::Float(value),
            _ => Value::Undefined,
        }
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Value::Integer(value.into())
    }
}

impl From<Option<u64>> for Value {
    fn from(value: Option<u64>) -> Self {
        value.map_or(Value::Undefined, Value::from)
    }
}

/// One row of the file, without its organisation.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Group.
    pub group: String,
    /// Statistic.
    pub stat: String,
    /// Value.
    pub value: Value,
}

struct Rows(Vec<Row>);

impl Rows {
    fn put(&mut self, group: &str, stat: impl Into<String>, value: impl Into<Value>) {
        self.0.push(Row {
            group: group.to_owned(),
            stat: stat.into(),
            value: value.into(),
        });
    }

    fn limits(&mut self, group: &str, kind: &str, level: u32, interval: Option<Interval>) {
        self.put(group, format!("{kind}_lo_{level}"), interval.map(|found| found.lower));
        self.put(group, format!("{kind}_hi_{level}"), interval.map(|found| found.upper));
    }

    fn figure(&mut self, group: &str, figure: &Figure) {
        self.put(group, "est", figure.est);
        if figure.extent == Extent::Estimate {
            return;
        }
        self.put(group, "se", figure.se);
        if figure.extent == Extent::StandardError {
            return;
        }
        self.put(group, "df", figure.df);
        for ((level, plain), logit) in LEVELS.into_iter().zip(figure.ci_t).zip(figure.ci_logit) {
            self.limits(group, "ci_t", level, plain);
            self.limits(group, "ci_logit", level, logit);
        }
        self.put(group, "kg_neff", figure.kg_neff);
        self.limits(group, "ci_kg", 95, figure.ci_kg_95);
    }

    fn tally(&mut self, group: &str, tally: &TallySummary) {
        let sums = &tally.sums;
        self.put(group, "n", sums.n);
        self.put(group, "n_scored", sums.scored);
        let integers = [
            ("A", i128::from(sums.a)),
            ("B", i128::from(sums.b)),
            ("AA", sums.aa),
            ("AB", sums.ab),
            ("BB", sums.bb),
        ];
        for (stat, value) in integers {
            self.put(group, stat, Value::Integer(value));
        }
        self.put(group, "points_score", tally.points_score);
        self.put(group, "person_score", tally.person_score);
        self.put(group, "person_sd", tally.person_sd);
    }
}

/// Every row of an organisation, except the outcome rates, which come from the cases.
pub fn rows(analysis: &Analysis) -> Vec<Row> {
    let mut rows = Rows(Vec::new());
    rows.put("frame", "m_outlets", analysis.outlets);
    rows.put("frame", "M_frame", analysis.frame_outlets);
    let columns = [
        ("face", Column::Face),
        ("elec", Column::Electronic),
        ("email", Column::Invited),
        ("qr", Column::Open),
        ("all", Column::All),
    ];
    for (name, column) in columns {
        rows.tally(&format!("tally_{name}"), analysis.tallies.get(column));
    }
    for named in analysis.files.iter().flat_map(|files| &files.figures) {
        rows.figure(&named.name, &named.figure);
    }
    let [stratified, clustered]: [DesignEffect; 2] = analysis.design_effects.unwrap_or_default();
    rows.put("strat_fpc_person_face", "deff", stratified.deff);
    rows.put("strat_fpc_person_face", "deff_replace", stratified.deff_replace);
    rows.put("strat_fpc_person_face", "kish_deff_w", stratified.kish);
    rows.put("cluster_fpc1_person_face", "deff", clustered.deff);
    rows.put("pooled_points_joint", "cov_S_Sface", analysis.joint.covariance);
    rows.put("pooled_points_joint", "corr_S_Sface", analysis.joint.correlation);
    comparisons(&mut rows, analysis);
    items_and_scales(&mut rows, analysis);
    if let Some(files) = &analysis.files {
        decision(&mut rows, &files.decision);
    }
    rows.0
}

fn comparisons(rows: &mut Rows, analysis: &Analysis) {
    let group = "welch_face_minus_elec_person";
    let welch = &analysis.welch;
    let stats = [
        ("t", welch.t),
        ("df", welch.df),
        ("p", welch.p),
        ("diff", welch.diff),
        ("lo95", welch.lo95),
        ("hi95", welch.hi95),
        ("cohen_d", welch.cohen_d),
        ("hedges_g", welch.hedges_g),
    ];
    for (stat, value) in stats {
        rows.put(group, stat, value);
    }
    rows.put("wilcoxon_person", "W", analysis.wilcoxon.w);
    rows.put("wilcoxon_person", "p", analysis.wilcoxon.p);
    rows.put("mode_diff_points", "diff", analysis.mode_difference.est);
    rows.put("mode_diff_points", "se", analysis.mode_difference.se);
}

fn items_and_scales(rows: &mut Rows, analysis: &Analysis) {
    for item in analysis.files.iter().flat_map(|files| &files.items) {
        let group = format!("item_face_{}", item.item);
        rows.put(&group, "n", item.n);
        let stats = [
            ("mean", item.mean),
            ("sd", item.sd),
            ("top1", item.top1),
            ("top2", item.top2),
            ("median", item.median),
        ];
        for (stat, value) in stats {
            rows.put(&group, stat, value);
        }
    }
    for scale in &analysis.reliability {
        let group = format!("alpha_{}", scale.scale);
        rows.put(&group, "n_complete", scale.n_complete);
        rows.put(&group, "listwise", scale.listwise);
        rows.put(&group, "pairwise", scale.pairwise);
        if scale.scale == "total" {
            rows.put(&group, "psych_raw_pairwise", scale.pairwise);
        }
    }
}

fn decision(rows: &mut Rows, found: &Decision) {
    let group = "decision";
    let bounds = ["0.90", "0.80", "0.70", "0.60"];
    for (bound, (s, face)) in bounds
        .into_iter()
        .zip(found.s_at_least.into_iter().zip(found.face_at_least))
    {
        rows.put(group, format!("p_S_ge_{bound}"), s);
        rows.put(group, format!("p_Sface_ge_{bound}"), face);
    }
    for (star, (least, exactly)) in [5, 4, 3, 2]
        .into_iter()
        .zip(found.star_at_least.into_iter().zip(found.star_exactly))
    {
        rows.put(group, format!("p_star_ge_{star}"), least);
        rows.put(group, format!("p_star_eq_{star}"), exactly);
    }
    rows.put(group, "p_star_eq_1_or_below", found.one_or_below);
    rows.put(group, "face_nearest_threshold", found.face_nearest);
    rows.put(group, "face_more_interviews_95_fpc", found.face_more_interviews);
    rows.put(
        group,
        "face_more_interviews_95_nofpc_srs",
        found.face_more_interviews_simple,
    );
}
