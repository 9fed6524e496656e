//! The list of reasons that a low rating opens, and reasons in words.

use super::control::{Filled, Group, Wording};
use crate::survey::answers::Answers;
use crate::survey::language::Language;
use crate::survey::low_rating::low_reason_name;
use crate::survey::questionnaire::{Item, Questionnaire};

/// Boxes under a rating, which the stylesheet shows while a low one is chosen. They hold whatever was ticked.
pub(crate) struct LowReasons<'a> {
    /// Name of every box.
    pub control: &'a str,
    pub ask: Wording<'a>,
    pub options: Vec<Reason<'a>>,
}

/// One reason.
pub(crate) struct Reason<'a> {
    pub value: String,
    pub text: &'a str,
    pub chosen: bool,
}

impl<'a> LowReasons<'a> {
    /// The list of an item; nothing where the questionnaire has none.
    pub fn of(filled: &Filled<'a>, questionnaire: &'a Questionnaire, item: &'a Item) -> Option<Self> {
        let asked = questionnaire.low_rating()?;
        let reasons = questionnaire.low_reasons(item).iter().map(|reason| {
            let value = low_reason_name(item, reason);
            Reason {
                chosen: filled.form.has(&asked.id, &value),
                text: reason.text.get(filled.language),
                value,
            }
        });
        Some(Self {
            control: &asked.id,
            ask: Wording::of(asked.text.get(filled.language)),
            options: reasons.collect(),
        })
    }
}

impl<'a> Group<'a> {
    /// A rating with the reasons for a low one.
    pub fn with_low_reasons(mut self, filled: &Filled<'a>, questionnaire: &'a Questionnaire, item: &'a Item) -> Self {
        self.low_reasons = LowReasons::of(filled, questionnaire, item);
        for option in self.options.iter_mut().filter(|_| self.low_reasons.is_some()) {
            let code = option.value.parse().ok();
            option.is_low = code.is_some_and(|code| questionnaire.scale().is_low(code));
        }
        self
    }
}

/// The reasons of an answer in words, each after its item: `F01 Problem not solved`.
pub(crate) fn said(questionnaire: &Questionnaire, answers: &Answers, language: Language) -> Vec<String> {
    let words = answers.low_reasons().iter().filter_map(|given| {
        let item = questionnaire.items().get(given.item())?;
        let reason = questionnaire.low_reasons(item).get(given.reason())?;
        Some(format!("{} {}", item.id, reason.text.get(language)))
    });
    words.collect()
}
