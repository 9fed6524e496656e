//! The rating page: the overall rating, the items that apply under plain headings, a few facts.

use std::borrow::Cow;

use askama::Template;

use super::Scene;
use super::control::{Filled, Finding, Group, Wording, findings};
use super::frame::Frame;
use super::landing::title;
use super::low_reasons::LowReasons;
use super::message::refusal_words;
use crate::survey::admission::Refusal;
use crate::survey::answers::FormChoices;
use crate::survey::form::{FieldError, RawForm};
use crate::survey::questionnaire::{Control, Item, Questionnaire, ServiceSet};
use crate::view::words::Words;

/// Reading, filters and sending, and each tap, in tenths of a second (questionnaire `channels.electronic`).
const START_DS: usize = 150;
const TAP_DS: usize = 45;
const MINUTE_DS: usize = 600;

/// One step of the scale; its words stand in two short lines.
struct Step<'a> {
    code: String,
    first: &'a str,
    second: Option<&'a str>,
    is_low: bool,
}

/// One rating: a radio group.
struct Rating<'a> {
    id: &'a str,
    text: Wording<'a>,
    chosen: Vec<&'a str>,
    may_be_not_applicable: bool,
    low_reasons: Option<LowReasons<'a>>,
    error: Option<String>,
}

impl Rating<'_> {
    fn holds(&self, code: &str) -> bool {
        self.chosen.contains(&code)
    }
}

/// Ratings under one heading.
struct Section<'a> {
    heading: String,
    ratings: Vec<Rating<'a>>,
}

struct Comment<'a> {
    id: &'a str,
    text: Wording<'a>,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "survey/rating.html")]
struct Page<'a> {
    frame: Frame,
    heading: String,
    lead: String,
    halt: Option<(String, String)>,
    may_send: bool,
    errors: Vec<Finding<'a>>,
    action: &'a str,
    overall: Rating<'a>,
    steps: Vec<Step<'a>>,
    not_applicable: &'a str,
    stem: &'a str,
    hint: String,
    sections: Vec<Section<'a>>,
    comment: Comment<'a>,
    comment_max: usize,
    comment_typed: String,
    integrity: Group<'a>,
    selects: Vec<Group<'a>>,
    choices: Vec<Group<'a>>,
}

/// Why a form that was sent comes back with nothing to correct.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Halt {
    /// Too much to do right now.
    Busy,
    /// It is no longer taken.
    Refused(Refusal),
}

/// The rating page, empty or with what was typed and every error beside its field. `action` and `other_language_href`
/// are each printed once.
///
/// # Errors
/// What the template engine reports.
#[allow(clippy::too_many_arguments)]
pub fn rating(
    scene: &Scene<'_>,
    services: ServiceSet,
    choices: FormChoices<'_>,
    action: &str,
    other_language_href: Option<&str>,
    form: &RawForm,
    errors: &[FieldError],
    halt: Option<Halt>,
) -> Result<String, askama::Error> {
    let (questionnaire, words) = (scene.questionnaire, Words::new(scene.language));
    let filled = Filled {
        language: scene.language,
        form,
        errors,
    };
    let (fields, not_applicable) = (
        questionnaire.fields(),
        scene.text(&questionnaire.scale().not_applicable),
    );
    let items: Vec<&Item> = questionnaire
        .items()
        .iter()
        .filter(|item| item.applies(services))
        .collect();
    let (heading, halt, may_send) = told(words, scene.firm(), halt);
    let page = Page {
        frame: Frame::of(scene, &title(words, &heading, errors), other_language_href),
        heading,
        lead: lead(scene, words, items.len() + 1),
        halt,
        may_send,
        errors: findings(filled, |id| label(scene, id)),
        action,
        overall: one(
            filled,
            &questionnaire.overall().id,
            scene.text(&questionnaire.overall().text),
            None,
        ),
        steps: questionnaire
            .scale()
            .labels
            .iter()
            .map(|(code, text)| Step {
                is_low: questionnaire.scale().is_low(*code),
                ..step(*code, scene.text(text))
            })
            .collect(),
        not_applicable,
        stem: scene.text(questionnaire.stem()),
        hint: words.tn("rating-hint", &[("na", not_applicable.into())]),
        sections: sections(scene, filled, words, &items),
        comment: Comment {
            id: &fields.comment.0.id,
            text: Wording::of(scene.text(&fields.comment.0.text)),
            error: filled.error(&fields.comment.0.id),
        },
        comment_max: fields.comment.1,
        // A line break right after the start tag is not part of the text.
        comment_typed: format!("\n{}", form.first(&fields.comment.0.id)),
        integrity: filled.group(&fields.integrity.0, &fields.integrity.1, true),
        selects: selects(scene, filled, words, choices),
        choices: groups(scene, filled, services),
    };
    page.render()
}

/// What the page is about; what stands above the form, and whether it may be sent again.
fn told(words: Words, firm: &str, halt: Option<Halt>) -> (String, Option<(String, String)>, bool) {
    let usual = words.tn("survey-heading", &[("firm", firm.into())]);
    match halt {
        None => (usual, None, true),
        Some(Halt::Busy) => (usual, Some((words.t("busy-title"), words.t("busy-text"))), true),
        Some(Halt::Refused(refusal)) => {
            let (heading, text, _) = refusal_words(words, refusal);
            (heading, Some((text, words.t("rating-kept"))), false)
        }
    }
}

/// Outlet, number of ratings (the overall one included) and the minutes they take.
fn lead(scene: &Scene<'_>, words: Words, ratings: usize) -> String {
    let minutes = ((START_DS + TAP_DS * ratings + MINUTE_DS / 2) / MINUTE_DS).max(1);
    let length = words.tn("rating-length", &[("n", ratings.into()), ("minutes", minutes.into())]);
    match scene.outlet() {
        Some(outlet) => words.tn(
            "rating-lead-outlet",
            &[("outlet", outlet.into()), ("length", length.into())],
        ),
        None => length,
    }
}

/// A rating; only that of an item (`of`) may be not applicable and asks for reasons.
fn one<'a>(filled: Filled<'a>, id: &'a str, text: &'a str, of: Option<(&'a Questionnaire, &'a Item)>) -> Rating<'a> {
    Rating {
        id,
        text: Wording::of(text),
        chosen: filled.form.all(id).collect(),
        may_be_not_applicable: of.is_some(),
        low_reasons: of.and_then(|(questionnaire, item)| LowReasons::of(&filled, questionnaire, item)),
        error: filled.error(id),
    }
}

/// Words of a step in two lines of similar length: after the last space, or after two Chinese characters.
fn step(code: u8, text: &str) -> Step<'_> {
    let (first, second) = match (text.rsplit_once(' '), text.char_indices().nth(2)) {
        (Some((first, second)), _) => (first, Some(second)),
        (None, Some((place, _))) if !text.is_ascii() && text.chars().count() > 3 => {
            let (first, second) = text.split_at(place);
            (first, Some(second))
        }
        (None, _) => (text, None),
    };
    Step {
        code: code.to_string(),
        first,
        second,
        is_low: false,
    }
}

/// Items in the order of the questionnaire, with a heading wherever the first-level indicator changes.
fn sections<'a>(scene: &Scene<'a>, filled: Filled<'a>, words: Words, items: &[&'a Item]) -> Vec<Section<'a>> {
    items
        .chunk_by(|a, b| a.heading == b.heading)
        .map(|chunk| {
            let heading = chunk
                .first()
                .and_then(|item| scene.questionnaire.headings().get(item.heading));
            Section {
                heading: heading.map_or_else(String::new, |heading| plain_heading(words, &heading.clause)),
                ratings: chunk
                    .iter()
                    .map(|item| {
                        one(
                            filled,
                            &item.id,
                            scene.text(&item.text),
                            Some((scene.questionnaire, *item)),
                        )
                    })
                    .collect(),
            }
        })
        .collect()
}

/// What customers call a first-level indicator.
fn plain_heading(words: Words, clause: &str) -> String {
    match clause {
        "4.1.1" => words.t("section-general"),
        "4.1.2" => words.t("section-outlet"),
        "4.1.3" => words.t("section-delivery"),
        "4.1.4" => words.t("section-support"),
        "4.1.5" => words.t("section-repair"),
        "4.1.6" => words.t("section-charges"),
        "4.1.7" => words.t("section-returns"),
        "4.1.8" => words.t("section-complaints"),
        other => other.to_owned(),
    }
}

/// Product and month, each where there is something to choose from.
fn selects<'a>(scene: &Scene<'a>, filled: Filled<'a>, words: Words, choices: FormChoices<'a>) -> Vec<Group<'a>> {
    let fields = scene.questionnaire.fields();
    let months = choices
        .months
        .iter()
        .map(|month| (month.as_str(), Cow::Owned(month_name(words, month))));
    let lists = [
        filled.group(&fields.product_category, choices.products, false),
        filled.group_of(&fields.service_month, months, false),
    ];
    lists.into_iter().filter(|list| !list.options.is_empty()).collect()
}

/// `2026-11` in words.
pub(crate) fn month_name(words: Words, month: &str) -> String {
    match month
        .split_once('-')
        .and_then(|(year, month)| Some((year, month.parse::<u64>().ok()?)))
    {
        Some((year, month)) => words.tn("month", &[("year", year.into()), ("month", month.into())]),
        None => month.to_owned(),
    }
}

/// Customer type, and the fee of those who complained.
fn groups<'a>(scene: &Scene<'a>, filled: Filled<'a>, services: ServiceSet) -> Vec<Group<'a>> {
    let fields = scene.questionnaire.fields();
    let asked = fields
        .complaint_fee_services
        .meets(services)
        .then_some(&fields.complaint_fee);
    [Some(&fields.customer_type), asked]
        .into_iter()
        .flatten()
        .map(|(control, options)| filled.group(control, options, false))
        .collect()
}

/// The question of a control.
fn label<'a>(scene: &Scene<'a>, id: &str) -> Option<&'a str> {
    let questionnaire = scene.questionnaire;
    let fields = questionnaire.fields();
    let controls: [&'a Control; 7] = [
        questionnaire.overall(),
        &fields.product_category,
        &fields.service_month,
        &fields.customer_type.0,
        &fields.comment.0,
        &fields.integrity.0,
        &fields.complaint_fee.0,
    ];
    let controls = controls.into_iter().map(|control| (&control.id, &control.text));
    let items = questionnaire.items().iter().map(|item| (&item.id, &item.text));
    controls
        .chain(items)
        .find(|(name, _)| *name == id)
        .map(|(_, text)| scene.text(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_step_stand_in_two_lines() {
        let lines = |text| {
            let step = step(5, text);
            (step.first.to_owned(), step.second.map(str::to_owned))
        };
        let two = |first: &str, second: &str| (first.to_owned(), Some(second.to_owned()));
        assert_eq!(lines("非常不满意"), two("非常", "不满意"));
        assert_eq!(lines("Rather dissatisfied"), two("Rather", "dissatisfied"));
        assert_eq!(lines("Neither / so-so"), two("Neither /", "so-so"));
        assert_eq!(lines("一般"), ("一般".to_owned(), None));
    }
}
