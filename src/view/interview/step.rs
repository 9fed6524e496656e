//! The steps of an interview: what is read aloud and answered, in the order of the questionnaire, then what the
//! evaluator notes. Conditions go along as data; the server applies them again to what arrives.

use std::borrow::Cow;

use super::form::Scene;
use crate::survey::interview::{LINE_MAX, NOTES, NOTES_MAX};
use crate::survey::paper::{DAY, END, NUMBER_MAX, REASON, REASON_MAX, START};
use crate::survey::questionnaire::{Condition, Control, Item, ServiceSet};
use crate::view::survey::control::{Filled, Group, Wording};
use crate::view::survey::rating::month_name;
use crate::view::words::Words;

/// What stands on one screen.
pub(super) struct Step<'a> {
    /// Services after which it is asked, parted by spaces; empty = always.
    pub services: String,
    /// The condition in words, where it begins.
    pub only: Option<String>,
    /// Something must be chosen or typed before going on.
    pub needed: bool,
    /// The answer that ends the interview.
    pub ends: Option<&'static str>,
    /// One touch answers it: go on at once.
    pub brisk: bool,
    /// Read to the customer, or filled in by the evaluator.
    pub note: String,
    pub asks: Vec<Ask<'a>>,
}

/// One question of a step.
pub(super) enum Ask<'a> {
    /// Radio buttons or boxes.
    Group(Group<'a>),
    /// A list that opens.
    List(Group<'a>),
    /// A line, or several.
    Text(Written<'a>),
    /// One box with its words.
    Tick(Written<'a>),
}

impl Ask<'_> {
    pub fn id(&self) -> &str {
        match self {
            Ask::Group(group) | Ask::List(group) => group.id,
            Ask::Text(text) | Ask::Tick(text) => text.id,
        }
    }
    pub fn label(&self) -> &str {
        match self {
            Ask::Group(group) | Ask::List(group) => group.text.main,
            Ask::Text(text) | Ask::Tick(text) => &text.label,
        }
    }
}

/// A field that is typed into or ticked.
pub(super) struct Written<'a> {
    pub id: &'a str,
    pub label: String,
    pub value: String,
    pub max: usize,
    /// Kind of the control: `text`, `date`, `time`.
    pub kind: &'static str,
    pub numeric: bool,
    pub long: bool,
    pub optional: bool,
    pub ticked: bool,
    pub error: Option<String>,
}

pub(super) fn written<'a>(filled: Filled<'a>, id: &'a str, label: impl Into<String>, max: usize) -> Written<'a> {
    Written {
        id,
        label: label.into(),
        value: filled.form.first(id).to_owned(),
        max,
        kind: "text",
        numeric: false,
        long: false,
        optional: false,
        ticked: filled.form.has(id, "yes"),
        error: filled.error(id),
    }
}

/// Every step after the introduction.
pub(super) fn steps<'a>(scene: &Scene<'a>, filled: Filled<'a>, reads: &'a [String]) -> Vec<Step<'a>> {
    let words = Words::new(filled.language);
    let mut steps: Vec<Step<'_>> = scene
        .on_paper
        .then(|| paper(scene, filled, words))
        .into_iter()
        .collect();
    steps.extend(screening(scene, filled, words));
    steps.push(aloud(
        words,
        vec![Ask::Group(rating(scene, filled, None, reads.first()))],
    ));
    steps.extend(items(scene, filled, words, reads));
    steps.extend(facts(scene, filled, words));
    steps.extend(protocol(scene, filled, words));
    steps
}

/// What is read aloud for the overall rating and each item, in this order.
pub(super) fn reads(scene: &Scene<'_>) -> Vec<String> {
    let (questionnaire, language) = (scene.questionnaire, scene.desk.language);
    let stem = questionnaire.in_person().read_stem.get(language);
    let overall = questionnaire.overall().text.get(language).to_owned();
    let items = questionnaire.items().iter();
    std::iter::once(overall)
        .chain(items.map(|item| stem.replace("{item}", item.text.get(language))))
        .collect()
}

fn aloud(words: Words, asks: Vec<Ask<'_>>) -> Step<'_> {
    Step {
        services: String::new(),
        only: None,
        needed: false,
        ends: None,
        brisk: matches!(asks.as_slice(), [Ask::Group(group)] if !group.many),
        note: words.t("interview-aloud"),
        asks,
    }
}

fn screening<'a>(scene: &Scene<'a>, filled: Filled<'a>, words: Words) -> Vec<Step<'a>> {
    let asked = scene.questionnaire.screening();
    let ends = [(&asked.adult, "no"), (&asked.served, "no"), (&asked.conflict, "yes")];
    let step = |ask, ends| Step {
        needed: true,
        ends,
        ..aloud(words, vec![ask])
    };
    let mut steps: Vec<Step<'_>> = ends
        .into_iter()
        .map(|(control, answer)| step(Ask::Group(filled.yes_no(control)), Some(answer)))
        .collect();
    steps.push(step(
        Ask::Group(filled.group(&asked.services, &asked.service_options, true)),
        None,
    ));
    steps
}

/// A rating with the words of the show card: of an item, which may be not applicable and asks for reasons, or the overall one.
fn rating<'a>(scene: &Scene<'a>, filled: Filled<'a>, item: Option<&'a Item>, read: Option<&'a String>) -> Group<'a> {
    let scale = scene.questionnaire.scale();
    let label = |code: u8, text: &crate::survey::language::Text| format!("{code}  {}", text.get(filled.language));
    let mut options: Vec<(u8, String)> = scale
        .labels
        .iter()
        .map(|(code, text)| (*code, label(*code, text)))
        .collect();
    if item.is_some() {
        options.push((0, label(0, &scale.not_applicable)));
    }
    let options = options
        .into_iter()
        .filter_map(|(code, text)| Some((CODES.get(usize::from(code)).copied()?, Cow::Owned(text))));
    let id = item.map_or(&scene.questionnaire.overall().id, |item| &item.id);
    let group = filled.group_named(
        id,
        Wording {
            main: read.map_or("", String::as_str),
            small: None,
        },
        options,
        false,
    );
    match item {
        Some(item) => group.with_low_reasons(&filled, scene.questionnaire, item),
        None => group,
    }
}

/// Scale codes as form values; a scale has at most eleven.
const CODES: [&str; 12] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"];

fn items<'a>(scene: &Scene<'a>, filled: Filled<'a>, words: Words, reads: &'a [String]) -> Vec<Step<'a>> {
    let items: Vec<(&Item, Option<&String>)> = scene
        .questionnaire
        .items()
        .iter()
        .enumerate()
        .map(|(place, item)| (item, reads.get(place + 1)))
        .collect();
    let mut steps = Vec::new();
    for chunk in items.chunk_by(|a, b| a.0.condition == b.0.condition) {
        for (place, (item, read)) in chunk.iter().enumerate() {
            let step = aloud(words, vec![Ask::Group(rating(scene, filled, Some(*item), *read))]);
            steps.push(match item.condition {
                Condition::Always => step,
                Condition::AnyOf(services) => only_after(scene, words, services, place == 0, step),
            });
        }
    }
    steps
}

/// A step that is asked only of customers who used one of these services.
fn only_after<'a>(scene: &Scene<'a>, words: Words, services: ServiceSet, first: bool, step: Step<'a>) -> Step<'a> {
    let questionnaire = scene.questionnaire;
    let options = questionnaire.screening().service_options.iter().enumerate();
    let ids: Vec<&str> = options
        .filter(|(place, _)| services.contains(*place))
        .map(|(_, option)| option.id.as_str())
        .collect();
    let names = questionnaire
        .service_names(services, scene.desk.language)
        .join(&words.t("list-separator"));
    Step {
        services: ids.join(" "),
        only: first.then(|| words.tn("interview-only", &[("services", names.into())])),
        ..step
    }
}

/// The unscored questions.
fn facts<'a>(scene: &Scene<'a>, filled: Filled<'a>, words: Words) -> Vec<Step<'a>> {
    let (fields, language) = (scene.questionnaire.fields(), filled.language);
    let comment = Written {
        long: true,
        optional: true,
        ..written(
            filled,
            &fields.comment.0.id,
            fields.comment.0.text.get(language),
            fields.comment.1,
        )
    };
    let months = scene.choices.months.iter();
    let months = months.map(|month| (month.as_str(), Cow::Owned(month_name(words, month))));
    let lists = [
        filled.group(&fields.product_category, scene.choices.products, false),
        filled.group_of(&fields.service_month, months, false),
    ];
    let lists = lists.into_iter().filter(|list| !list.options.is_empty()).map(Ask::List);
    let customer = filled.group(&fields.customer_type.0, &fields.customer_type.1, false);
    let fee = filled.group(&fields.complaint_fee.0, &fields.complaint_fee.1, false);
    vec![
        aloud(words, vec![Ask::Text(comment)]),
        aloud(
            words,
            vec![Ask::Group(filled.group(&fields.integrity.0, &fields.integrity.1, true))],
        ),
        aloud(words, lists.chain([Ask::Group(customer)]).collect()),
        only_after(
            scene,
            words,
            fields.complaint_fee_services,
            true,
            aloud(words, vec![Ask::Group(fee)]),
        ),
    ]
}

/// What stands on a paper form besides the answers.
fn paper<'a>(scene: &Scene<'a>, filled: Filled<'a>, words: Words) -> Step<'a> {
    let number = &scene.questionnaire.in_person().paper_form_no;
    let line = |id, label: String, max, kind| {
        Ask::Text(Written {
            kind,
            ..written(filled, id, label, max)
        })
    };
    let asks = vec![
        line(
            &number.id,
            number.text.get(filled.language).to_owned(),
            NUMBER_MAX,
            "text",
        ),
        line(DAY, words.t("paper-day"), 10, "date"),
        line(START, words.t("paper-start"), 8, "time"),
        line(END, words.t("paper-end"), 8, "time"),
        line(REASON, words.t("paper-reason"), REASON_MAX, "text"),
    ];
    Step {
        needed: true,
        note: words.t("paper-note"),
        ..aloud(words, asks)
    }
}

/// What the evaluator notes.
fn protocol<'a>(scene: &Scene<'a>, filled: Filled<'a>, words: Words) -> Vec<Step<'a>> {
    let (asked, language) = (scene.questionnaire.in_person(), filled.language);
    let own = |asks| Step {
        needed: true,
        note: words.t("interview-own"),
        ..aloud(words, asks)
    };
    let yes_no: [&Control; 4] = [
        &asked.id_card_shown,
        &asked.show_card_used,
        &asked.others_present,
        &asked.staff_within_earshot,
    ];
    let line = |control: &'a Control, optional| {
        Ask::Text(Written {
            optional,
            ..written(filled, &control.id, control.text.get(language), LINE_MAX)
        })
    };
    let notes = Written {
        long: true,
        optional: true,
        ..written(filled, NOTES, words.t("interview-notes"), NOTES_MAX)
    };
    let declared = written(filled, &asked.declaration.id, asked.declaration.text.get(language), 0);
    vec![
        own([Ask::Group(filled.group(&asked.place.0, &asked.place.1, false))]
            .into_iter()
            .chain(yes_no.into_iter().map(|control| Ask::Group(filled.yes_no(control))))
            .collect()),
        own(vec![
            line(&asked.selection_rule, false),
            line(&asked.dialect, true),
            Ask::Text(notes),
            Ask::Tick(declared),
        ]),
    ]
}
