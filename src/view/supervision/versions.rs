//! The answers of an interview as first taken down and after each correction, side by side.

use super::rating;
use crate::statistics::score::Reply;
use crate::survey::answers::{Answers, Facts};
use crate::survey::language::Language;
use crate::survey::questionnaire::{Choice, Control, Questionnaire};
use crate::view::grading::{Grid, Item, Section};
use crate::view::office::Desk;
use crate::view::survey::control::Wording;
use crate::view::survey::low_reasons;
use crate::view::words::Words;

/// The table of versions; only what was asked in one of them. `products` are the choices of the evaluation.
pub(super) fn versions(
    desk: &Desk,
    questionnaire: &Questionnaire,
    products: &[Choice],
    versions: &[Answers],
) -> Option<Section> {
    let (words, language) = (desk.words(), desk.language);
    let told = |text: &str, of: &dyn Fn(&Answers) -> String| line(text, versions.iter().map(of).collect());
    let screening = questionnaire.screening();
    let mut rows = vec![
        told(screening.services.text.get(language), &|one| {
            services(words, questionnaire, one)
        }),
        told(questionnaire.overall().text.get(language), &|one| {
            rating(words, questionnaire, one.overall())
        }),
    ];
    for (place, item) in questionnaire.items().iter().enumerate() {
        let reply = |one: &Answers| one.replies().get(place).copied().unwrap_or(Reply::NotShown);
        if versions.iter().any(|one| reply(one) != Reply::NotShown) {
            rows.push(told(item.text.get(language), &|one| {
                replied(words, questionnaire, reply(one))
            }));
        }
    }
    let said = |one: &Answers| low_reasons::said(questionnaire, one, language).join(&words.t("list-separator"));
    let is_said = versions.iter().any(|one| !one.low_reasons().is_empty());
    if let Some(asked) = questionnaire.low_rating().filter(|_| is_said) {
        rows.push(told(Wording::of(asked.text.get(language)).main, &said));
    }
    for (control, options, of) in facts(questionnaire, products) {
        if versions.iter().any(|one| !of(one.facts()).is_empty()) {
            rows.push(told(control.text.get(language), &|one| {
                let chosen = of(one.facts());
                match chosen.is_empty() {
                    true => words.t("supervise-skipped"),
                    false => chosen
                        .iter()
                        .map(|id| option(options, id, language))
                        .collect::<Vec<_>>()
                        .join(&words.t("list-separator")),
                }
            }));
        }
    }
    let head = versions.iter().enumerate().map(|(number, _)| match number {
        0 => words.t("supervise-first"),
        number => words.tn("supervise-version", &[("n", number.into())]),
    });
    (!versions.is_empty()).then(|| Section {
        id: "answers".into(),
        heading: words.t("supervise-answers"),
        grid: Some(Grid {
            head: std::iter::once(words.t("supervise-item")).chain(head).collect(),
            rows,
        }),
        ..Section::default()
    })
}

/// What did not change is quiet, so that a change is seen at once.
fn line(text: &str, told: Vec<String>) -> Vec<Item> {
    let mut row = vec![Item::plain(text)];
    let mut before = None;
    for told in told {
        let item = Item::plain(&told);
        row.push(match before.as_ref() == Some(&told) {
            true => item.quiet(),
            false => item,
        });
        before = Some(told);
    }
    row
}

fn services(words: Words, questionnaire: &Questionnaire, answers: &Answers) -> String {
    let options = questionnaire.screening().service_options.iter().enumerate();
    let used = options.filter(|(place, _)| answers.services().contains(*place));
    let names: Vec<&str> = used.map(|(_, option)| option.text.get(words.language())).collect();
    names.join(&words.t("list-separator"))
}

fn replied(words: Words, questionnaire: &Questionnaire, reply: Reply) -> String {
    match reply {
        Reply::NotShown => words.t("supervise-not-shown"),
        Reply::Skipped => rating(words, questionnaire, None),
        Reply::NotApplicable => rating(words, questionnaire, Some(0)),
        Reply::Rated(code) => rating(words, questionnaire, Some(code)),
    }
}

fn option(options: &[Choice], id: &str, language: Language) -> String {
    let found = options.iter().find(|option| option.id == id);
    found.map_or(id, |option| option.text.get(language)).to_owned()
}

/// A question without points: its control, its options, and what was chosen of them.
type Fact<'a> = (&'a Control, &'a [Choice], fn(&Facts) -> Vec<&String>);

/// The questions without points in the order of the questionnaire; months are their own options.
fn facts<'a>(questionnaire: &'a Questionnaire, products: &'a [Choice]) -> [Fact<'a>; 5] {
    let fields = questionnaire.fields();
    [
        (&fields.product_category, products, |facts| {
            facts.product_category.iter().collect()
        }),
        (&fields.service_month, &[], |facts| facts.service_month.iter().collect()),
        (&fields.customer_type.0, &fields.customer_type.1, |facts| {
            facts.customer_type.iter().collect()
        }),
        (&fields.complaint_fee.0, &fields.complaint_fee.1, |facts| {
            facts.complaint_fee.iter().collect()
        }),
        (&fields.integrity.0, &fields.integrity.1, |facts| {
            facts.integrity.iter().collect()
        }),
    ]
}
