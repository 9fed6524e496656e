//! The tables about S and S_face: bounds reached, other rules, decision support, and the appendix.

use super::table::{Row, Shown, Table};
use crate::statistics::analysis::{SensitivityLine, Standing, Verdict};
use crate::statistics::decision::Decision;
use crate::statistics::estimate::Rate;
use crate::statistics::judgement::{Alpha, Appendix, ModeEffect};
use crate::statistics::star::S_FROM;
use crate::statistics::warning::SMALL_N_FACE;
use crate::survey::report::Report;
use crate::view::office::star_name;
use crate::view::words::Words;

fn table(id: &'static str, heading: String, head: Vec<String>, rows: Vec<Row>, notes: Vec<String>) -> Table {
    Table {
        id,
        heading,
        head,
        rows,
        notes,
    }
}

fn row(label: String, cells: Vec<Shown>) -> Row {
    Row {
        label,
        small: None,
        cells,
    }
}

fn quiet(text: String) -> Shown {
    Shown {
        text,
        small: None,
        quiet: true,
    }
}

/// Whether S and S_face reach every bound, by the score and by the whole interval.
pub(in crate::view) fn verdicts(words: Words, report: &Report) -> Table {
    let found = &report.result.judgement.verdicts;
    let cells = |verdicts: &[Verdict]| {
        let at = |(star, _): (u8, u32)| match verdicts.iter().find(|verdict| verdict.star == star) {
            Some(verdict) => Shown::plain(standing(words, verdict.standing)),
            None if verdicts.is_empty() => quiet("–".into()),
            None => quiet(words.t("standing-no-bound")),
        };
        S_FROM.into_iter().map(at).collect()
    };
    let bound = |(star, percent): (u8, u32)| {
        words.tn(
            "head-bound",
            &[("percent", percent.into()), ("star", star_name(words, star).into())],
        )
    };
    table(
        "verdicts",
        words.t("table-verdicts"),
        std::iter::once(words.t("head-gated"))
            .chain(S_FROM.into_iter().map(bound))
            .collect(),
        vec![
            row(words.t("score-s"), cells(&found.s)),
            row(words.t("score-s-face"), cells(&found.s_face)),
        ],
        std::iter::once(words.t("note-verdicts"))
            .chain(no_assumption(words, report))
            .collect(),
    )
}

/// For few interviews: the interval of S_face that a rare very unhappy minority does not mislead.
fn no_assumption(words: Words, report: &Report) -> Option<String> {
    let found = report.result.overall.face.published()?;
    let limits = found.interval_no_assumption.filter(|_| found.n < SMALL_N_FACE)?;
    Some(words.tn(
        "note-no-assumption",
        &[
            ("low", limits.lower_percent().into()),
            ("high", limits.upper_percent().into()),
        ],
    ))
}

fn standing(words: Words, standing: Standing) -> String {
    match standing {
        Standing::Clears => words.t("standing-clears"),
        Standing::PointClears => words.t("standing-point-clears"),
        Standing::Below => words.t("standing-below"),
    }
}

/// S, S_face and star by other rules, and which of them would change the star.
pub(in crate::view) fn sensitivity(words: Words, report: &Report) -> Option<Table> {
    let lines = &report.result.judgement.sensitivity.as_ref()?.lines;
    let graded = lines.first()?.star;
    let rate = |rate: &Option<Rate>| {
        rate.as_ref()
            .map_or_else(|| quiet("–".into()), |rate| Shown::plain(&rate.percent))
    };
    let star = |line: &SensitivityLine| match line.star {
        Some(star) => Shown {
            text: star_name(words, star),
            small: (line.star != graded).then(|| words.t("sensitivity-other")),
            quiet: false,
        },
        None => quiet("–".into()),
    };
    let rows: Vec<Row> = lines
        .iter()
        .map(|line| {
            row(
                rule(words, line.rule),
                vec![rate(&line.s), rate(&line.s_face), star(line)],
            )
        })
        .collect();
    let changing: Vec<String> = lines
        .iter()
        .filter(|line| line.s.is_some() && line.star != graded)
        .map(|line| rule(words, line.rule))
        .collect();
    let summary = match changing.is_empty() {
        true => words.t("sensitivity-stable"),
        false => words.tn(
            "sensitivity-changes",
            &[("rules", changing.join(&words.t("list-separator")).into())],
        ),
    };
    Some(table(
        "sensitivity",
        words.t("table-sensitivity"),
        vec![
            words.t("head-rule"),
            words.t("head-s"),
            words.t("head-s-face"),
            words.t("head-supported-star"),
        ],
        rows,
        vec![summary, words.t("note-sensitivity")],
    ))
}

/// Name of a rule of the sensitivity line.
pub fn rule(words: Words, rule: &str) -> String {
    match rule {
        "graded" => words.t("rule-graded"),
        "pooled" => words.t("rule-pooled"),
        "fixed_0.40" => words.t("rule-fixed"),
        "without_open" => words.t("rule-without-open"),
        "person" => words.t("rule-person"),
        "points" => words.t("rule-points"),
        "item_wise" => words.t("rule-item-wise"),
        _ => words.t("rule-other-target"),
    }
}

/// How sure the stars are and what would settle them: decision support, no part of the result.
pub(in crate::view) fn decision(words: Words, report: &Report) -> Option<Table> {
    let found: &Decision = report.result.judgement.decision_support.as_ref()?;
    let stars = S_FROM.into_iter().zip(found.star_exactly);
    let mut rows: Vec<Row> = stars
        .filter_map(|((star, _), sure)| Some(row(star_name(words, star), vec![Shown::plain(share(sure?))])))
        .collect();
    if rows.len() < S_FROM.len() {
        return None;
    }
    rows.push(row(
        words.t("decision-one-or-below"),
        vec![Shown::plain(share(found.one_or_below?))],
    ));
    Some(table(
        "decision",
        words.t("table-decision"),
        vec![words.t("head-supported"), words.t("head-sure")],
        rows,
        needed(words, found)
            .into_iter()
            .chain([words.t("note-decision")])
            .collect(),
    ))
}

/// What it would take to tell S_face and S from their nearest bounds.
fn needed(words: Words, found: &Decision) -> Vec<String> {
    let bound = |bound: f64| format!("{:.0}", bound * 100.0);
    let face = match (found.face_nearest, found.face_more_interviews) {
        (Some(_), Some(0)) => words.t("decision-settled"),
        (Some(nearest), Some(n)) => words.tn("decision-more", &[("n", n.into()), ("bound", bound(nearest).into())]),
        _ => words.t("decision-never"),
    };
    let mut said = vec![face];
    if let Some(new) = found.face_more_outlets.filter(|new| new.outlets > 0) {
        said.push(words.tn("decision-outlets", &[("n", new.outlets.into())]));
    }
    if let Some(n) = found.face_more_interviews_assured.filter(|n| *n > 0) {
        said.push(words.tn("decision-assured", &[("n", n.into())]));
    }
    if let (Some(nearest), Some(n)) = (found.s_nearest, found.s_more_answers.filter(|n| *n > 0)) {
        said.push(words.tn("decision-more-s", &[("n", n.into()), ("bound", bound(nearest).into())]));
    }
    said
}

/// A degree of confidence, per cent with one decimal; what is not certain is never printed as 0 or 100.
pub fn share(share: f64) -> String {
    let percent = share * 100.0;
    match percent {
        percent if share < 1.0 && percent > 99.9 => "> 99.9 %".into(),
        percent if share > 0.0 && percent < 0.1 => "< 0.1 %".into(),
        percent => format!("{percent:.1} %"),
    }
}

/// Reliability of the dimensions, and the difference of the channels.
pub(in crate::view) fn appendix(words: Words, report: &Report) -> Vec<Table> {
    let Some(found) = &report.result.judgement.appendix else {
        return Vec::new();
    };
    std::iter::once(reliability(words, report, found))
        .chain(found.mode_effect.as_ref().map(|effect| mode_effect(words, effect)))
        .collect()
}

fn reliability(words: Words, report: &Report, found: &Appendix) -> Table {
    let dimensions = report.instrument.questionnaire().dimensions();
    let name = |scale: &str| {
        let known = dimensions.iter().find(|facet| facet.id == scale);
        known.map_or_else(
            || words.t("scale-total"),
            |facet| facet.text.get(words.language()).to_owned(),
        )
    };
    let alpha = |alpha: Option<f64>| alpha.map_or_else(|| quiet("–".into()), |alpha| Shown::plain(decimal(alpha, 2)));
    let scale = |scale: &Alpha| {
        let complete = match scale.listwise {
            Some((value, n)) => Shown {
                small: Some(words.tn("cell-answers", &[("n", n.into())])),
                ..alpha(Some(value))
            },
            None => alpha(None),
        };
        let pairwise = alpha(scale.pairwise);
        row(
            name(&scale.scale),
            vec![pairwise, Shown::plain(scale.n.to_string()), complete],
        )
    };
    table(
        "reliability",
        words.t("table-reliability"),
        vec![
            words.t("head-dimension"),
            words.t("head-alpha"),
            words.t("head-pair-answers"),
            words.t("head-alpha-complete"),
        ],
        found.reliability.iter().map(scale).collect(),
        vec![words.t("note-reliability")],
    )
}

fn mode_effect(words: Words, found: &ModeEffect) -> Table {
    let points =
        |value: Option<f64>| value.map_or_else(|| quiet("–".into()), |value| Shown::plain(decimal(value * 100.0, 2)));
    let plain = |value: Option<f64>, places: usize| {
        value.map_or_else(|| quiet("–".into()), |value| Shown::plain(decimal(value, places)))
    };
    let chance = |value: Option<f64>| match value {
        Some(p) if p < 0.001 => Shown::plain("< 0.001"),
        other => plain(other, 3),
    };
    let welch = &found.welch;
    let limits = match (welch.lo95, welch.hi95) {
        (Some(low), Some(high)) => Some(words.tn(
            "cell-limits",
            &[
                ("low", decimal(low * 100.0, 2).into()),
                ("high", decimal(high * 100.0, 2).into()),
            ],
        )),
        _ => None,
    };
    let rows = [
        (words.t("mode-points"), points(found.points)),
        (words.t("mode-points-se"), points(found.points_se)),
        (
            words.t("mode-person"),
            Shown {
                small: limits,
                ..points(welch.diff)
            },
        ),
        (words.t("mode-welch"), chance(welch.p)),
        (words.t("mode-hedges"), plain(welch.hedges_g, 2)),
        (words.t("mode-wilcoxon"), chance(found.wilcoxon.p)),
    ];
    table(
        "mode-effect",
        words.t("table-mode-effect"),
        vec![words.t("head-measure"), words.t("head-value")],
        rows.into_iter().map(|(label, cell)| row(label, vec![cell])).collect(),
        vec![words.t("note-mode-effect")],
    )
}

/// Rounded, with a true minus.
fn decimal(value: f64, places: usize) -> String {
    let text = format!("{value:.places$}");
    match text.strip_prefix('-') {
        Some(size) if size.chars().any(|digit| ('1'..='9').contains(&digit)) => format!("\u{2212}{size}"),
        Some(size) => size.to_owned(),
        None => text,
    }
}
