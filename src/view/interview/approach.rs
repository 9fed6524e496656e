//! The form for an approach that led to no interview.

use askama::Template;

use crate::survey::disposition::Code;
use crate::survey::form::{FieldError, RawForm};
use crate::survey::id::DispositionId;
use crate::survey::interview::{OUTCOME, REFUSAL_REASON};
use crate::survey::language::Text;
use crate::survey::questionnaire::Questionnaire;
use crate::view::office::form::{Choice, Control, Form, FormBuilder};
use crate::view::office::{Desk, Frame};

#[derive(Template)]
#[template(path = "interview/approach.html")]
struct Page<'a> {
    frame: Frame,
    outlet: &'a str,
    form: Form,
}

/// The form, prefilled or with what was typed. The words of outcomes and reasons are the questionnaire's published
/// table; `id` makes a form sent twice the same approach.
///
/// # Errors
/// What the template engine reports.
pub fn approach(
    desk: &Desk,
    outlet: &Text,
    questionnaire: &Questionnaire,
    action: &str,
    id: DispositionId,
    form: &RawForm,
    errors: &[FieldError],
) -> Result<String, askama::Error> {
    let (words, language) = (desk.words(), desk.language);
    let table = questionnaire.dispositions();
    let outcomes = Code::OF_APPROACHES.into_iter().filter_map(|code| {
        let row = table.iter().find(|row| row.code == code.as_str())?;
        let choice = Choice::new(code.as_str(), row.text.get(language));
        Some(match code {
            Code::BreakOff => choice.noted(words.t("approach-break-off-note")),
            _ => choice,
        })
    });
    let reasons = questionnaire.refusal_reasons().iter();
    let reasons = reasons.map(|reason| Choice::new(reason.id.as_str(), reason.text.get(language)));
    let number = &questionnaire.in_person().contact_no;
    let back = desk.here.as_ref().map_or_else(
        || "/today".to_owned(),
        |(here, _)| format!("/evaluations/{}/interviews", here.evaluation),
    );
    let evaluator = desk.viewer.as_ref().map(|viewer| viewer.person.to_string());
    let evaluator = evaluator.unwrap_or_default();
    let page = Page {
        frame: Frame::at(desk, &words.t("approach-heading")),
        outlet: outlet.get(language),
        form: FormBuilder::new(words, action, &desk.csrf, form, errors)
            .hidden("id", id.to_string())
            .hidden("evaluator", evaluator)
            .number(&number.id, number.text.get(language).to_owned())
            .hint(words.t("approach-number-hint"))
            .radios(OUTCOME, words.t("approach-outcome"), outcomes.collect())
            .radios(REFUSAL_REASON, words.t("approach-reason"), reasons.collect())
            .hint(words.t("approach-reason-hint"))
            .cancel(back, words.t("approach-cancel"))
            .submit(words.t("interview-record")),
    };
    page.render()
}
