//! The demo's first page: the whole explained to somebody who has never seen it, and the way to every part.

use askama::Template;

use super::office::{Frame, in_language, role_name, star_name, state_name};
use super::results::counts;
use super::words::Words;
use crate::access::Role;
use crate::statistics::star::{S_FACE_FROM, S_FROM};
use crate::survey::evaluation::EvaluationState;
use crate::survey::language::{Language, Text};
use crate::survey::report::Report;

/// What the page tells about.
#[derive(Debug, Clone, Copy)]
pub struct DemoHome<'a> {
    /// The certification body.
    pub body: &'a Text,
    /// The evaluations, in the order to show.
    pub evaluations: &'a [DemoEvaluation],
    /// Password of every account; their logins are the names of the roles.
    pub password: &'a str,
}

/// An evaluation and the ways into it.
#[derive(Debug, Clone)]
pub struct DemoEvaluation {
    /// Its report.
    pub report: Report,
    /// An open outlet link, if one works now.
    pub survey_href: Option<String>,
    /// Unused personal links.
    pub personal_hrefs: Vec<String>,
}

struct Card<'a> {
    firm: &'a str,
    title: &'a str,
    state: String,
    outlets: String,
    counts: String,
    survey: Option<String>,
    codes: Option<String>,
    personal: Vec<(String, String)>,
    results: String,
    results_text: String,
}

struct Bound {
    star: String,
    stars: String,
    s: String,
    s_face: String,
}

#[derive(Template)]
#[template(path = "office/demo.html")]
struct Page<'a> {
    frame: Frame,
    lead: String,
    cards: Vec<Card<'a>>,
    people: Vec<(String, &'static str, String)>,
    password: &'a str,
    bounds: Vec<Bound>,
    steps: Vec<(String, String)>,
}

/// The demo's first page.
///
/// # Errors
/// What the template engine reports.
pub fn home(home: &DemoHome<'_>, language: Language) -> Result<String, askama::Error> {
    let words = Words::new(language);
    let page = Page {
        frame: Frame::new(language, &words.t("demo-heading")),
        lead: words.tn("demo-lead", &[("body", home.body.get(language).into())]),
        cards: home.evaluations.iter().map(|each| card(words, each)).collect(),
        people: Role::ALL
            .map(|role| (role_name(words, role), role.as_str(), part_of(words, role)))
            .into(),
        password: home.password,
        bounds: bounds(words),
        steps: steps(words),
    };
    page.render()
}

/// What somebody of this role does in the example.
fn part_of(words: Words, role: Role) -> String {
    match role {
        Role::Administrator => words.t("demo-part-administrator"),
        Role::Manager => words.t("demo-part-manager"),
        Role::Reviewer => words.t("demo-part-reviewer"),
        Role::Signatory => words.t("demo-part-signatory"),
        Role::Evaluator => words.t("demo-part-evaluator"),
        Role::Auditor => words.t("demo-part-auditor"),
        Role::Organisation => words.t("demo-part-organisation"),
    }
}

fn card(words: Words, each: &DemoEvaluation) -> Card<'_> {
    let (report, language) = (&each.report, words.language());
    let base = format!("/evaluations/{}", report.evaluation);
    let personal = each.personal_hrefs.iter().enumerate().map(|(place, href)| {
        (
            in_language(href, language),
            words.tn("demo-personal", &[("n", (place + 1).into())]),
        )
    });
    let results_text = match (report.state, report.interim.is_some()) {
        (EvaluationState::Open, true) => words.t("demo-results-interim"),
        (EvaluationState::Draft | EvaluationState::Frozen | EvaluationState::Open, _) => words.t("demo-progress"),
        _ => words.t("demo-results"),
    };
    Card {
        firm: report.firm.get(language),
        title: report.title.get(language),
        state: state_name(words, report.state),
        outlets: words.tn("demo-outlets", &[("n", report.outlets.len().into())]),
        counts: counts(words, report),
        survey: each.survey_href.as_deref().map(|href| in_language(href, language)),
        codes: each
            .survey_href
            .as_ref()
            .map(|_| in_language(&format!("{base}/qr"), language)),
        personal: personal.collect(),
        results: in_language(&format!("{base}/results"), language),
        results_text,
    }
}

/// The bounds of clause 6.2, for explanation.
fn bounds(words: Words) -> Vec<Bound> {
    let lowest = |table: &[(u8, u32)], star: u8| match table.iter().find(|(of, _)| *of == star) {
        Some((_, percent)) => words.tn("bound-from", &[("percent", (*percent).into())]),
        None => words.t("bound-none"),
    };
    (1..=5)
        .rev()
        .map(|star: u8| Bound {
            star: star_name(words, star),
            stars: "★".repeat(star.into()),
            s: lowest(&S_FROM, star),
            s_face: lowest(&S_FACE_FROM, star),
        })
        .collect()
}

/// The life of an evaluation in plain words.
fn steps(words: Words) -> Vec<(String, String)> {
    let name = |state| state_name(words, state);
    vec![
        (name(EvaluationState::Draft), words.t("step-draft")),
        (name(EvaluationState::Frozen), words.t("step-frozen")),
        (name(EvaluationState::Open), words.t("step-open")),
        (name(EvaluationState::Closed), words.t("step-closed")),
        (name(EvaluationState::Sealed), words.t("step-sealed")),
        (name(EvaluationState::Released), words.t("step-released")),
    ]
}
