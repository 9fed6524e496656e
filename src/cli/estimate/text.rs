//! The estimates as a page to read.

use crate::export::estimates::Estimates;
use crate::pack::Pack;
use crate::statistics::analysis::{Judged, Standing};
use crate::statistics::class::Column;
use crate::statistics::exact;
use crate::statistics::interval::Interval;
use crate::statistics::method::{Composition, Design, Method, ScoreRule};
use crate::statistics::outcome::{OutcomeCounts, RateName};
use crate::survey::method::ScoreTable;
use crate::view::results::{rule, share};
use crate::view::words::Words;

/// The part of one organisation.
pub(super) fn organisation(pack: &Pack, one: &Estimates, words: Words) -> String {
    let analysis = &one.analysis;
    let mut lines = vec![words.tn("estimate-title", &[("org", one.organisation.as_str().into())])];
    let n = |column| analysis.tallies.get(column).sums.n;
    lines.push(words.tn(
        "estimate-counts",
        &[
            ("n", n(Column::All).into()),
            ("face", n(Column::Face).into()),
            ("invited", n(Column::Invited).into()),
            ("open", n(Column::Open).into()),
        ],
    ));
    lines.push(
        match pack
            .method()
            .map_or(ScoreTable::Proportional, |method| method.score_table())
        {
            ScoreTable::Customary => words.t("estimate-table-customary"),
            ScoreTable::Linear => words.t("estimate-table-linear"),
            ScoreTable::Proportional => words.t("estimate-table-proportional"),
        },
    );
    lines.push(rules(&pack.statistical(), analysis.headline.design, words));
    lines.push(String::new());
    let headline = &analysis.headline;
    lines.push(judged(&words.t("estimate-s"), headline.s.as_ref(), words));
    lines.push(judged(&words.t("estimate-s-face"), headline.s_face.as_ref(), words));
    let elec = analysis.tallies.electronic.points_score;
    lines.push(row(&words.t("estimate-s-elec"), &percent(elec, words)));
    let graded = analysis.sensitivity.lines.first().and_then(|line| line.star);
    let star = graded.map_or_else(|| words.t("estimate-none"), |star| star.to_string());
    lines.push(row(&words.t("estimate-star"), &star));
    lines.push(String::new());
    lines.push(words.t("estimate-dimensions"));
    for named in analysis.files.iter().flat_map(|files| &files.figures) {
        if let Some(name) = named.name.strip_prefix("srs_points_face_dim_") {
            lines.push(row(&format!("  {name}"), &percent(named.figure.est, words)));
        }
    }
    lines.push(String::new());
    lines.push(words.t("estimate-sensitivity"));
    for line in &analysis.sensitivity.lines {
        let rate = |rate: &Option<crate::statistics::estimate::Rate>| {
            rate.as_ref()
                .map_or_else(|| "–".into(), |rate| format!("{} %", rate.percent))
        };
        let star = line.star.map_or_else(|| "–".into(), |star| format!("{star} ★"));
        lines.push(row(
            &format!("  {}", rule(words, line.rule)),
            &format!("{}\t{}\t{star}", rate(&line.s), rate(&line.s_face)),
        ));
    }
    lines.push(String::new());
    lines.extend(support(one, words));
    lines.extend(warnings(one, words).into_iter().map(|warning| format!("! {warning}")));
    lines.push(String::new());
    lines.join("\n")
}

/// How S and S_face are made.
fn rules(method: &Method, design: Design, words: Words) -> String {
    let score = match method.score_rule {
        ScoreRule::Points => words.t("estimate-rule-points"),
        ScoreRule::Person => words.t("estimate-rule-person"),
    };
    let design = match design {
        Design::Simple => words.t("estimate-design-simple"),
        Design::Stratified => words.t("estimate-design-stratified"),
        Design::TwoStage => words.t("estimate-design-two-stage"),
    };
    let composition = match &method.composition {
        Composition::Pooled => words.t("estimate-pooled"),
        Composition::Fixed(share) => words.tn("estimate-fixed", &[("share", share.to_string().into())]),
    };
    let level = format!("{}", method.confidence.level() * 100.0);
    words.tn(
        "estimate-rules",
        &[
            ("score", score.into()),
            ("composition", composition.into()),
            ("design", design.into()),
            ("level", level.into()),
        ],
    )
}

fn row(name: &str, value: &str) -> String {
    format!("{name}\t{value}")
}

/// Cut, never rounded up.
fn percent(share: Option<f64>, words: Words) -> String {
    share.map_or_else(
        || words.t("estimate-none"),
        |share| format!("{:.2} %", (share * 10_000.0).floor() / 100.0),
    )
}

fn judged(name: &str, found: Option<&Judged>, words: Words) -> String {
    let Some(found) = found else {
        return row(name, &words.t("estimate-none"));
    };
    let limits = limits(found.interval);
    let best = found
        .verdicts
        .iter()
        .find(|verdict| verdict.standing != Standing::Below);
    let standing = match best.map(|verdict| verdict.standing) {
        Some(Standing::Clears) => words.t("estimate-clears"),
        Some(Standing::PointClears) => words.t("estimate-point-clears"),
        Some(Standing::Below) | None => words.t("estimate-below"),
    };
    let bound = best
        .map(|verdict| format!("≥ {} %: ", verdict.percent))
        .unwrap_or_default();
    row(
        name,
        &format!("{} %\t[{limits}]\t{bound}{standing}", found.rate.percent),
    )
}

/// Never narrower than computed.
fn limits(interval: Interval) -> String {
    format!("{}–{} %", interval.lower_percent(), interval.upper_percent())
}

/// Reliability, difference of the channels, outcome rates, decision support.
fn support(one: &Estimates, words: Words) -> Vec<String> {
    let analysis = &one.analysis;
    let mut lines = Vec::new();
    if let Some(alpha) = analysis
        .reliability
        .iter()
        .find(|scale| scale.scale == "total")
        .and_then(|scale| scale.pairwise)
    {
        lines.push(row(&words.t("estimate-alpha"), &format!("{alpha:.3}")));
    }
    if let (Some(difference), Some(g)) = (analysis.mode_difference.est, analysis.welch.hedges_g) {
        let points = format!("{:+.2}", difference * 100.0);
        lines.push(row(&words.t("estimate-mode"), &format!("{points}\tg = {g:+.2}")));
    }
    let rate = |counts: &OutcomeCounts, name: RateName| {
        let found = counts.rates(None).into_iter().find(|(found, _)| *found == name);
        percent(
            found.and_then(|(_, ratio)| ratio).map(|ratio| exact::to_f64(&ratio)),
            words,
        )
    };
    if let Some([face, invited]) = &one.cases {
        lines.push(row(
            &words.t("estimate-cooperation"),
            &rate(face, RateName::Cooperation(1)),
        ));
        lines.push(row(
            &words.t("estimate-response"),
            &rate(invited, RateName::Response(1)),
        ));
    }
    let decision = &analysis.decision_graded;
    let sure: Vec<String> = [5, 4, 3, 2]
        .into_iter()
        .zip(decision.star_at_least)
        .filter_map(|(star, p)| Some(format!("≥ {star} ★ {}", share(p?))))
        .collect();
    if !sure.is_empty() {
        lines.push(row(&words.t("estimate-sure"), &sure.join("\t")));
    }
    if let (Some(more), Some(bound)) = (decision.face_more_interviews, decision.face_nearest) {
        let bound = format!("{:.0}", bound * 100.0);
        let assured = decision.face_more_interviews_assured.unwrap_or(more);
        lines.push(match more {
            0 => words.tn(
                "estimate-settled",
                &[("bound", bound.into()), ("assured", assured.into())],
            ),
            more => words.tn(
                "estimate-more",
                &[("n", more.into()), ("assured", assured.into()), ("bound", bound.into())],
            ),
        });
    }
    if let Some(new) = decision.face_more_outlets.filter(|new| new.outlets > 0) {
        lines.push(words.tn("estimate-outlets", &[("n", new.outlets.into())]));
    }
    lines
}

fn warnings(one: &Estimates, words: Words) -> Vec<String> {
    let analysis = &one.analysis;
    let free = analysis.headline.s_face.as_ref().and_then(|found| found.no_assumption);
    let remarks = [
        (analysis.headline.small_n, words.t("estimate-small-n")),
        (analysis.headline.single_cluster, words.t("estimate-single-cluster")),
        (analysis.sensitivity.channel_rule, words.t("estimate-channel-rule")),
        (analysis.sensitivity.score_rule, words.t("estimate-score-rule")),
        (analysis.sensitivity.weights, words.t("estimate-weights")),
    ];
    let mut all: Vec<String> = remarks
        .into_iter()
        .filter(|(holds, _)| *holds)
        .map(|(_, text)| text)
        .collect();
    if let Some(free) = free.filter(|_| analysis.headline.small_n) {
        all.push(words.tn("estimate-no-assumption", &[("limits", limits(free).into())]));
    }
    let lonely = analysis.headline.single_response_outlets;
    if lonely > 0 {
        all.push(words.tn("estimate-lonely", &[("n", lonely.into())]));
    }
    let empty = |level: &String| words.tn("estimate-empty-level", &[("level", level.as_str().into())]);
    all.extend(analysis.files.iter().flat_map(|files| &files.empty_levels).map(empty));
    all
}
