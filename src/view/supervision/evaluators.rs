//! Evaluators against each other: what to look at, every measure, and what the measures mean.

use std::collections::BTreeMap;

use super::name;
use crate::statistics::evaluator::{DAY_MOST, Measure, Profile, SHORT_S, Value};
use crate::statistics::interviewer::UNUSUAL_BELOW;
use crate::survey::back_check::Counts;
use crate::survey::id::PersonId;
use crate::view::grading::{Grid, Item, Names, Section, Sheet, Typed, page};
use crate::view::office::Desk;
use crate::view::words::Words;

/// What the page shows.
#[derive(Debug)]
pub struct EvaluatorsPage<'a> {
    /// Every evaluator with the number of interviews and their profile.
    pub profiles: &'a [(PersonId, usize, Profile)],
    /// Back-checks of each.
    pub back_checks: &'a BTreeMap<PersonId, Counts>,
    /// Names of people.
    pub names: &'a Names,
    /// Measures that tell about satisfaction are shown.
    pub with_scores: bool,
}

/// The page for managers and reviewers.
///
/// # Errors
/// What the template engine reports.
pub fn evaluators(desk: &Desk, about: &EvaluatorsPage<'_>) -> Result<String, askama::Error> {
    let words = desk.words();
    let mut notices = Vec::new();
    if !about.with_scores {
        notices.push(words.t("supervise-scores-hidden"));
    }
    let sheet = Sheet {
        heading: words.t("supervise-evaluators"),
        lead: words.t("supervise-evaluators-lead"),
        notices,
        sections: vec![look(desk, about), table(desk, about), meanings(words, about)],
    };
    page(desk, sheet, &Typed::default())
}

fn shown<'a>(about: &EvaluatorsPage<'_>, profile: &'a Profile) -> impl Iterator<Item = &'a (Measure, Value)> {
    let with_scores = about.with_scores;
    profile
        .iter()
        .filter(move |(measure, _)| with_scores || !measure.tells_scores())
}

/// Every flag as a sentence, and every contradicted back-check.
fn look(desk: &Desk, about: &EvaluatorsPage<'_>) -> Section {
    let words = desk.words();
    let mut list = Vec::new();
    for (who, _, profile) in about.profiles {
        let who_is = name(about.names, *who);
        for (measure, value) in shown(about, profile).filter(|(_, value)| value.is_flagged) {
            let own = figure(*measure, value.own);
            let line = match value.z {
                Some(z) => words.tn(
                    "supervise-flag",
                    &[
                        ("name", who_is.as_str().into()),
                        ("measure", title(words, *measure).into()),
                        ("own", own.into()),
                        ("rest", figure(*measure, value.rest).into()),
                        ("z", format!("{z:+.1}").into()),
                        ("p", small(value.p_holm).into()),
                    ],
                ),
                None => words.tn(
                    "supervise-flag-fixed",
                    &[
                        ("name", who_is.as_str().into()),
                        ("measure", title(words, *measure).into()),
                        ("own", own.into()),
                        ("most", figure(*measure, measure.fixed_most()).into()),
                    ],
                ),
            };
            list.push(line);
        }
        let contradicted = about.back_checks.get(who).map_or(0, |counts| counts.contradicted);
        if contradicted > 0 {
            let values = [("name", who_is.into()), ("n", contradicted.into())];
            list.push(words.tn("supervise-flag-contradicted", &values));
        }
    }
    Section {
        id: "look".into(),
        heading: words.t("supervise-look"),
        notes: match list.is_empty() {
            true => vec![words.t("supervise-look-nothing")],
            false => vec![words.t("supervise-look-text")],
        },
        list,
        ..Section::default()
    }
}

fn table(desk: &Desk, about: &EvaluatorsPage<'_>) -> Section {
    let words = desk.words();
    let measures = Measure::ALL
        .into_iter()
        .filter(|measure| about.with_scores || !measure.tells_scores());
    let row = |(who, interviews, profile): &(PersonId, usize, Profile)| {
        let mut row = vec![
            Item::plain(name(about.names, *who)),
            Item::plain(interviews.to_string()),
        ];
        row.extend(shown(about, profile).map(|(measure, value)| {
            let flag = if value.is_flagged { "⚑ " } else { "" };
            let beside = match (value.rest, value.z) {
                (Some(rest), Some(z)) => format!("/ {} z {z:+.1}", figure(*measure, Some(rest))),
                (Some(rest), None) => format!("/ {}", figure(*measure, Some(rest))),
                _ => String::new(),
            };
            Item::plain(format!("{flag}{}", figure(*measure, value.own))).small(beside)
        }));
        let counts = about.back_checks.get(who).copied().unwrap_or_default();
        let done = counts.confirmed + counts.contradicted + counts.unreachable;
        let flag = if counts.contradicted > 0 { "⚑ " } else { "" };
        row.push(
            Item::plain(format!("{flag}{done} / {}", counts.drawn)).small(match counts.contradicted {
                0 => String::new(),
                n => words.tn("supervise-contradicted-n", &[("n", n.into())]),
            }),
        );
        row
    };
    Section {
        id: "measures".into(),
        heading: words.t("supervise-measures"),
        notes: vec![words.t("supervise-measures-text")],
        grid: Some(Grid {
            head: [words.t("role-evaluator"), words.t("supervise-interviews")]
                .into_iter()
                .chain(measures.map(|measure| title(words, measure)))
                .chain([words.t("supervise-back-checks")])
                .collect(),
            rows: about.profiles.iter().map(row).collect(),
        }),
        ..Section::default()
    }
}

fn meanings(words: Words, about: &EvaluatorsPage<'_>) -> Section {
    let measures = Measure::ALL.into_iter();
    let shown = measures.filter(|measure| about.with_scores || !measure.tells_scores());
    let mut facts: Vec<(String, String)> = shown.map(|m| (title(words, m), meaning(words, m))).collect();
    let bound = [("p", format!("{UNUSUAL_BELOW}").into())];
    facts.push((words.t("supervise-z"), words.tn("supervise-z-text", &bound)));
    Section {
        id: "meanings".into(),
        heading: words.t("supervise-meanings"),
        facts,
        ..Section::default()
    }
}

fn title(words: Words, measure: Measure) -> String {
    match measure {
        Measure::Overlap => words.t("supervise-measure-overlap"),
        Measure::Short => words.t("supervise-measure-short"),
        Measure::Busy => words.t("supervise-measure-busy"),
        Measure::Duration => words.t("supervise-measure-duration"),
        Measure::Straight => words.t("supervise-measure-straight"),
        Measure::Variability => words.t("supervise-measure-variability"),
        Measure::Spread => words.t("supervise-measure-spread"),
        Measure::Duplicates => words.t("supervise-measure-duplicates"),
        Measure::Refusals => words.t("supervise-measure-refusals"),
        Measure::Top => words.t("supervise-measure-top"),
        Measure::Score => words.t("supervise-measure-score"),
    }
}

fn meaning(words: Words, measure: Measure) -> String {
    match measure {
        Measure::Overlap => words.t("supervise-meaning-overlap"),
        Measure::Short => words.tn("supervise-meaning-short", &[("n", SHORT_S.into())]),
        Measure::Busy => words.tn("supervise-meaning-busy", &[("n", DAY_MOST.into())]),
        Measure::Duration => words.t("supervise-meaning-duration"),
        Measure::Straight => words.t("supervise-meaning-straight"),
        Measure::Variability => words.t("supervise-meaning-variability"),
        Measure::Spread => words.t("supervise-meaning-spread"),
        Measure::Duplicates => words.t("supervise-meaning-duplicates"),
        Measure::Refusals => words.t("supervise-meaning-refusals"),
        Measure::Top => words.t("supervise-meaning-top"),
        Measure::Score => words.t("supervise-meaning-score"),
    }
}

fn figure(measure: Measure, value: Option<f64>) -> String {
    let Some(value) = value else {
        return "—".to_owned();
    };
    match measure {
        Measure::Overlap | Measure::Short | Measure::Busy => format!("{value:.0}"),
        Measure::Duration => format!("{value:.0} s"),
        Measure::Variability => format!("{value:.2}"),
        Measure::Straight
        | Measure::Spread
        | Measure::Duplicates
        | Measure::Refusals
        | Measure::Top
        | Measure::Score => format!("{:.1} %", value * 100.0),
    }
}

fn small(p: Option<f64>) -> String {
    match p {
        Some(p) if p < 0.0001 => "< 0.0001".to_owned(),
        Some(p) => format!("{p:.4}"),
        None => "—".to_owned(),
    }
}
