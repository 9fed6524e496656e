//! The form of a correction: every question that the services named in it ask, to be changed in place.

use super::{correction, rating};
use crate::survey::answers::{Answers, FormChoices};
use crate::survey::correction::{SKIPPED, filled, is_open, services};
use crate::survey::form::RawForm;
use crate::survey::language::Language;
use crate::survey::low_rating::low_reason_name;
use crate::survey::questionnaire::{self, Control, Item, Questionnaire, ServiceSet};
use crate::survey::supervision::{COMMENT_MAX, CorrectionReason};
use crate::view::grading::Typed;
use crate::view::office::Desk;
use crate::view::office::form::{Choice, Form, FormBuilder};

/// Name of the form where it came back.
pub(super) const NAME: &str = "correction";

/// The form, filled with the answers as they stand, or with what was typed.
pub(super) fn form(
    desk: &Desk,
    questionnaire: &Questionnaire,
    choices: FormChoices<'_>,
    before: &Answers,
    action: String,
    typed: &Typed,
) -> Form {
    let (words, language) = (desk.words(), desk.language);
    let as_it_is = filled(questionnaire, before);
    let (kept, errors) = match typed.which {
        NAME => (&typed.form, typed.errors.as_slice()),
        _ => (&as_it_is, &[][..]),
    };
    let named = services(questionnaire, before, kept);
    let ratings = |id: &str, least: u8, may_skip: bool| {
        // Asked by the services as corrected, and not spoken of yet.
        let fresh = kept
            .first(id)
            .is_empty()
            .then(|| Choice::new("", words.t("supervise-choose")));
        let skipped = may_skip.then(|| Choice::new(SKIPPED, words.t("supervise-skipped")));
        let codes = (1..=questionnaire.scale().max()).rev().chain((least == 0).then_some(0));
        let codes = codes.map(|code| Choice::new(code.to_string(), rating(words, questionnaire, Some(code))));
        fresh.into_iter().chain(skipped).chain(codes).collect::<Vec<_>>()
    };
    let option = |option: &questionnaire::Choice| Choice::new(&option.id, option.text.get(language));
    let text = |control: &Control| control.text.get(language).to_owned();
    let (screening, overall, fields) = (
        questionnaire.screening(),
        questionnaire.overall(),
        questionnaire.fields(),
    );
    let mut builder = FormBuilder::new(words, action, &desk.csrf, kept, errors)
        .boxes(
            &screening.services.id,
            text(&screening.services),
            screening.service_options.iter().map(option).collect(),
        )
        .hint(words.t("supervise-services-hint"))
        .select(
            &overall.id,
            text(overall),
            ratings(&overall.id, 1, before.overall().is_none()),
        );
    for (item, reply) in questionnaire.items().iter().zip(before.replies()) {
        if item.applies(named) {
            let options = ratings(&item.id, 0, is_open(*reply));
            builder = builder.select(&item.id, item.text.get(language).to_owned(), options);
        }
    }
    if let Some(asked) = questionnaire.low_rating() {
        let reasons = low_reasons(questionnaire, language, kept, named);
        if !reasons.is_empty() {
            builder = builder.boxes(&asked.id, text(asked), reasons).optional();
        }
    }
    let months = choices.months.iter().map(|month| Choice::new(month, month));
    let all = |options: &[questionnaire::Choice]| options.iter().map(option).collect::<Vec<_>>();
    let mut facts = vec![
        (&fields.product_category, all(choices.products)),
        (&fields.service_month, months.collect()),
        (&fields.customer_type.0, all(&fields.customer_type.1)),
    ];
    if fields.complaint_fee_services.meets(named) {
        facts.push((&fields.complaint_fee.0, all(&fields.complaint_fee.1)));
    }
    for (control, options) in facts.into_iter().filter(|(_, options)| !options.is_empty()) {
        let none = std::iter::once(Choice::new("", words.t("supervise-skipped")));
        let options = none.chain(options).collect();
        builder = builder.select(&control.id, text(control), options).optional();
    }
    let reasons = CorrectionReason::ALL.into_iter();
    let reasons = reasons.map(|reason| Choice::new(reason.as_str(), correction(words, reason)));
    builder
        .boxes(
            &fields.integrity.0.id,
            text(&fields.integrity.0),
            all(&fields.integrity.1),
        )
        .optional()
        .radios("reason", words.t("supervise-correction-reason"), reasons.collect())
        .lines("note", words.t("supervise-words"), 3, COMMENT_MAX)
        .optional()
        .hint(words.t("supervise-note-hint"))
        .submit(words.t("supervise-correct-button"))
}

/// The reasons of what is rated low as the form came; those of a rating that becomes low are for the next correction.
fn low_reasons(questionnaire: &Questionnaire, language: Language, kept: &RawForm, named: ServiceSet) -> Vec<Choice> {
    let is_low = |item: &&Item| {
        let code = kept.first(&item.id).parse().ok();
        item.applies(named) && code.is_some_and(|code| questionnaire.scale().is_low(code))
    };
    let reasons = questionnaire.items().iter().filter(is_low).flat_map(|item| {
        let reasons = questionnaire.low_reasons(item).iter();
        reasons.map(move |reason| {
            let told = format!("{} · {}", reason.text.get(language), item.text.get(language));
            Choice::new(low_reason_name(item, reason), told)
        })
    });
    reasons.collect()
}
