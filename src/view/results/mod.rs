//! The result page of an evaluation: what the survey says about the star, how sure that is, and the tables behind it.

pub(in crate::view) mod judged;
mod ladder;
pub(in crate::view) mod low_reasons;
mod plot;
mod table;
pub(in crate::view) mod tables;
#[cfg(test)]
mod tests;

use askama::Template;

pub use self::judged::{rule, share};
pub(crate) use self::ladder::Ladder;
pub(crate) use self::plot::Plot;
pub(crate) use self::table::{Row, Shown, Table};
pub(in crate::view) use self::table::{count, signed};
use super::office::{Desk, Frame, moment, star_name, state_name};
use super::quality::margin_notes;
use super::words::Words;
use crate::access::Role;
use crate::statistics::estimate::Estimate;
use crate::statistics::interval::{Interval, IntervalRule};
use crate::statistics::star::{SurveyCriterion, SurveyStar};
use crate::statistics::suppress::Cell;
use crate::statistics::warning::Warning;
use crate::survey::report::Report;

/// A place in a chart: a share of its width.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Place(pub f64);

impl std::fmt::Display for Place {
    /// As SVG takes it: `20.00%`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.2}%", self.0 * 100.0)
    }
}

/// The survey's part of the star in words.
pub(in crate::view) struct Verdict {
    pub stars: String,
    pub missing_stars: String,
    pub label: String,
    pub text: String,
    pub why: String,
}

/// What is shown once scores may be shown.
struct Scores {
    verdict: Option<Verdict>,
    ladder: Ladder,
    warnings: Vec<String>,
    tables: Vec<Table>,
    plot: Plot,
    decision: Option<Table>,
    appendix: Vec<Table>,
    pairs: Vec<Table>,
    items: Table,
    csv: String,
    json: String,
    report: String,
}

#[derive(Template)]
#[template(path = "office/results.html")]
struct Page<'a> {
    frame: Frame,
    firm: &'a str,
    title: &'a str,
    state: String,
    counts: String,
    notices: Vec<String>,
    scores: Option<Scores>,
    margin: Vec<String>,
    pending: bool,
    progress: Table,
    dispositions: Table,
    versions: Vec<(String, String)>,
}

/// The result page; without scores it shows the progress only.
///
/// # Errors
/// What the template engine reports.
pub fn page(desk: &Desk, report: &Report, with_scores: bool) -> Result<String, askama::Error> {
    let (words, language) = (desk.words(), desk.language);
    let page = Page {
        frame: Frame::at(desk, &words.t("results-heading")),
        firm: report.firm.get(language),
        title: report.title.get(language),
        state: state_name(words, report.state),
        counts: counts(words, report),
        notices: notices(words, report, with_scores),
        scores: with_scores.then(|| scores(words, report)),
        margin: margin(desk, report).filter(|_| with_scores).unwrap_or_default(),
        pending: report.scan_pending,
        progress: tables::progress(words, report),
        dispositions: tables::dispositions(words, report),
        versions: versions(words, report),
    };
    page.render()
}

/// How many answers the star hangs on, for the body's own people: to others it would say how many to stuff.
fn margin(desk: &Desk, report: &Report) -> Option<Vec<String>> {
    let (here, _) = desk.here.as_ref()?;
    let team = here.roles.has_any(&Role::TEAM);
    let margin = report.margin.as_ref().filter(|_| team)?;
    Some(margin_notes(desk.words(), margin))
}

/// Counted answers per evidence class in one line.
pub(super) fn counts(words: Words, report: &Report) -> String {
    let counted = &report.result.counted;
    words.tn(
        "results-counts",
        &[
            ("all", count(words, &counted.all).into()),
            ("face", count(words, &counted.face).into()),
            ("invited", count(words, &counted.invited).into()),
            ("open", count(words, &counted.open).into()),
        ],
    )
}

/// What a reader must know before the first figure.
fn notices(words: Words, report: &Report, with_scores: bool) -> Vec<String> {
    let reviewed = report.interviews.map(|counts| {
        let values = [
            ("approved", counts.approved.into()),
            ("waiting", counts.waiting.into()),
            ("asked", counts.asked_back.into()),
            ("rejected", counts.rejected.into()),
            ("corrected", counts.corrected.into()),
        ];
        words.tn("supervise-results", &values)
    });
    let mut notices: Vec<String> = reviewed.into_iter().collect();
    if !with_scores {
        notices.push(words.t("results-counts-only"));
        return notices;
    }
    if let Some(interim) = &report.interim {
        let values = [
            ("at", moment(interim.at_ms).into()),
            ("actor", interim.actor.as_str().into()),
        ];
        notices.push(words.tn("results-interim", &values));
    }
    notices
}

fn scores(words: Words, report: &Report) -> Scores {
    let base = format!("/evaluations/{}/results", report.evaluation);
    Scores {
        verdict: report.result.star.as_ref().map(|star| verdict(words, star)),
        ladder: Ladder::of(words, report),
        warnings: report
            .result
            .warnings
            .iter()
            .map(|warning| warning_text(words, *warning))
            .collect(),
        tables: std::iter::once(judged::verdicts(words, report))
            .chain([tables::channels(words, report)])
            .chain(judged::sensitivity(words, report))
            .collect(),
        plot: Plot::of(words, report),
        decision: judged::decision(words, report),
        appendix: judged::appendix(words, report),
        pairs: [tables::dimensions(words, report), tables::headings(words, report)]
            .into_iter()
            .chain(low_reasons::table(words, report))
            .collect(),
        items: tables::items(words, report),
        csv: format!("{base}.csv"),
        json: format!("{base}.json"),
        report: format!("/evaluations/{}/report", report.evaluation),
    }
}

pub(in crate::view) fn verdict(words: Words, found: &SurveyStar) -> Verdict {
    let name = |star| star_name(words, star);
    let limiting: Vec<String> = found
        .limiting
        .iter()
        .map(|criterion| criterion_name(words, *criterion))
        .collect();
    let criteria = limiting.join(&words.t("list-separator"));
    let s = ("s", name(found.supports_s).into());
    let face = ("face", name(found.supports_face).into());
    Verdict {
        stars: "★".repeat(found.star.into()),
        missing_stars: "☆".repeat(5usize.saturating_sub(found.star.into())),
        label: name(found.star),
        text: words.tn("verdict", &[("star", name(found.star).into())]),
        why: match criteria.is_empty() {
            true => words.tn("verdict-why", &[s, face]),
            false => words.tn("verdict-why-limited", &[s, face, ("criteria", criteria.into())]),
        },
    }
}

fn criterion_name(words: Words, criterion: SurveyCriterion) -> String {
    match criterion {
        SurveyCriterion::S => words.t("score-s"),
        SurveyCriterion::SFace => words.t("score-s-face"),
    }
}

pub(in crate::view) fn warning_text(words: Words, warning: Warning) -> String {
    match warning {
        Warning::NoFace => words.t("warning-no-face"),
        Warning::NoElectronic => words.t("warning-no-electronic"),
        Warning::SmallN => words.t("warning-small-n"),
        Warning::NoFaceGate => words.t("warning-no-face-gate"),
        Warning::ScoreRuleSensitive => words.t("warning-score-rule"),
        Warning::ChannelRuleSensitive => words.t("warning-channel-rule"),
        Warning::WeightSensitive => words.t("warning-weights"),
        Warning::Insufficient => words.t("warning-insufficient"),
        Warning::ZeroVariance => words.t("warning-zero-variance"),
        Warning::LonelyPsu => words.t("warning-lonely"),
    }
}

/// What the figures rest on: names with versions and hashes.
pub(in crate::view) fn versions(words: Words, report: &Report) -> Vec<(String, String)> {
    let (questionnaire, method) = (report.instrument.questionnaire(), report.instrument.method());
    let short = |hash: &str| hash.chars().take(16).collect::<String>();
    let mut versions = vec![
        (words.t("version-evaluation"), report.evaluation.to_string()),
        (
            words.t("version-questionnaire"),
            format!(
                "{} {} · SHA-256 {}",
                questionnaire.id(),
                questionnaire.version(),
                short(questionnaire.hash())
            ),
        ),
        (
            words.t("version-method"),
            format!("{} · SHA-256 {}", method.name(), short(method.hash())),
        ),
    ];
    if let Some(notice) = &report.notice_version {
        versions.push((words.t("version-notice"), notice.clone()));
    }
    versions.push((words.t("version-program"), env!("CARGO_PKG_VERSION").to_owned()));
    versions
}

/// The confidence level in per cent, e.g. `95`.
pub(in crate::view) fn level(report: &Report) -> String {
    format!("{}", report.result.rule.method.confidence.level() * 100.0)
}

/// The interval that is stated with a score.
fn stated(found: &Estimate) -> Option<Interval> {
    found
        .interval
        .filter(|_| found.interval_rule != IntervalRule::Insufficient)
}

/// Where the axis starts when everything lies above it, per cent.
const USUAL_START: f64 = 50.0;

/// The axis starts at 50 %, or at the ten below the lowest value.
fn axis_start<'a>(cells: impl Iterator<Item = &'a Cell<Estimate>>) -> f64 {
    let lowest = |found: &Estimate| stated(found).map_or(found.rate.est, |interval| interval.lower) * 100.0;
    cells
        .filter_map(Cell::published)
        .map(|found| (lowest(found) / 10.0).floor() * 10.0)
        .fold(USUAL_START, f64::min)
}
