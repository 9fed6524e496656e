//! The questionnaire on paper: a form with a field for its number, and the show card; the same words, order and conditions
//! as on the screen, because both are made of the same steps.

use askama::Template;

use super::form::Scene;
use super::step::{Ask, Step, reads, steps};
use super::stylesheet;
use crate::survey::form::RawForm;
use crate::survey::id::EvaluationId;
use crate::survey::language::Text;
use crate::view::office::Frame;
use crate::view::survey::control::{Filled, Group};
use crate::view::words::Words;

/// A list with more answers than this is written in.
const LIST_SHOWN_MAX: usize = 12;
const BLANK: &str = "________";

/// One question on paper.
struct Line<'a> {
    only: Option<String>,
    text: String,
    small: Option<String>,
    ends: Option<String>,
    options: Vec<String>,
    /// Codes of the show card instead of words.
    is_rating: bool,
    /// Question and boxes that go with a low rating.
    low_reasons: Option<(String, Vec<&'a str>)>,
    /// Lines to write on.
    rules: usize,
}

#[derive(Template)]
#[template(path = "interview/paper.html")]
struct Page<'a> {
    frame: Frame,
    css: &'static str,
    back: String,
    number: &'a str,
    contact_no: &'a str,
    head: Vec<String>,
    opening: String,
    notice: &'a str,
    lines: Vec<Line<'a>>,
    show_card: Vec<&'a str>,
}

/// The page to print, in the language of the desk.
///
/// # Errors
/// What the template engine reports.
pub fn paper(scene: &Scene<'_>, evaluation: EvaluationId) -> Result<String, askama::Error> {
    let (desk, questionnaire) = (scene.desk, scene.questionnaire);
    let (words, language, asked) = (desk.words(), desk.language, questionnaire.in_person());
    let empty = RawForm::default();
    let filled = Filled {
        language,
        form: &empty,
        errors: &[],
    };
    let blank = Text::new(BLANK, BLANK);
    let opening = asked
        .opening
        .fill(&[("body", scene.body), ("name", &blank), ("firm", scene.firm)]);
    let read = reads(scene);
    let steps = steps(scene, filled, &read);
    let low_max = questionnaire.scale().low_max();
    let lines = steps.iter().flat_map(|step| lines(words, low_max, step)).collect();
    let page = Page {
        frame: Frame::at(desk, &words.t("paper-heading")),
        css: stylesheet().0,
        back: format!("/evaluations/{evaluation}/interviews"),
        number: asked.paper_form_no.text.get(language),
        contact_no: asked.contact_no.text.get(language),
        head: vec![
            words.t("role-evaluator"),
            words.t("assign-outlet"),
            words.t("paper-day"),
            words.t("paper-start"),
            words.t("paper-end"),
        ],
        opening: opening.get(language).to_owned(),
        notice: scene.notice.text.get(language),
        lines,
        show_card: asked.show_card.get(language).split('|').collect(),
    };
    page.render()
}

fn lines<'a>(words: Words, low_max: u8, step: &'a Step<'_>) -> Vec<Line<'a>> {
    let ends = step.ends.map(|answer| {
        let answer = match answer {
            "no" => words.t("no"),
            _ => words.t("yes"),
        };
        words.tn("paper-ends", &[("answer", answer.into())])
    });
    let line = |(place, ask): (usize, &'a Ask<'_>)| {
        let plain = Line {
            only: step.only.clone().filter(|_| place == 0),
            text: ask.label().to_owned(),
            small: None,
            ends: ends.clone(),
            options: Vec::new(),
            is_rating: false,
            low_reasons: None,
            rules: 0,
        };
        match ask {
            Ask::Group(group) | Ask::List(group) if group.options.len() > LIST_SHOWN_MAX => Line {
                small: group.text.small.map(str::to_owned),
                rules: 1,
                ..plain
            },
            Ask::Group(group) | Ask::List(group) => Line {
                low_reasons: low_reasons(words, low_max, group),
                ..choices(group, plain)
            },
            Ask::Text(text) => Line {
                rules: if text.long { 3 } else { 1 },
                ..plain
            },
            Ask::Tick(_) => Line {
                options: vec![words.t("yes")],
                ..plain
            },
        }
    };
    step.asks.iter().enumerate().map(line).collect()
}

fn low_reasons<'a>(words: Words, low_max: u8, group: &'a Group<'_>) -> Option<(String, Vec<&'a str>)> {
    let asked = group.low_reasons.as_ref()?;
    let values = [("low", low_max.into()), ("ask", asked.ask.main.into())];
    let options = asked.options.iter().map(|reason| reason.text).collect();
    Some((words.tn("low-paper", &values), options))
}

fn choices<'a>(group: &Group<'_>, plain: Line<'a>) -> Line<'a> {
    let is_rating = group.options.len() > 2 && group.options.iter().all(|option| option.value.parse::<u8>().is_ok());
    let options = group.options.iter().map(|option| match is_rating {
        true => option.value.to_owned(),
        false => option.text.to_string(),
    });
    Line {
        small: group.text.small.map(str::to_owned),
        options: options.collect(),
        is_rating,
        ..plain
    }
}
