//! Questionnaire and method of an evaluation: what they contain, which ones a draft uses, what customers will see.

use askama::Template;

use super::base;
use super::setup::instrument_fields;
use crate::statistics::method::{Composition, Design, ScoreRule, Target};
use crate::survey::evaluation::Act;
use crate::survey::form::{FieldError, RawForm};
use crate::survey::id::EvaluationId;
use crate::survey::instrument::Instrument;
use crate::survey::method::{InterviewApproval, Method};
use crate::survey::questionnaire::Questionnaire;
use crate::view::office::form::{Control, Form, FormBuilder};
use crate::view::office::{Desk, Frame};
use crate::view::words::Words;

/// The versions on offer.
#[derive(Debug, Clone, Default)]
pub struct Offer {
    /// Questionnaires.
    pub questionnaires: Vec<Questionnaire>,
    /// Methods.
    pub methods: Vec<Method>,
}

struct Dimension<'a> {
    name: &'a str,
    weight: String,
    items: Vec<(&'a str, &'a str, String)>,
}

#[derive(Template)]
#[template(path = "office/evaluation/instrument.html")]
struct Page<'a> {
    frame: Frame,
    title: String,
    dimensions: Vec<Dimension<'a>>,
    rules: Vec<(String, String)>,
    preview: String,
    form: Option<Form>,
}

/// The page of questionnaire and method. `offer` is `None` for who may not choose.
///
/// # Errors
/// What the template engine reports.
pub fn instrument(
    desk: &Desk,
    id: EvaluationId,
    used: &Instrument,
    offer: Option<&Offer>,
    errors: &[FieldError],
) -> Result<String, askama::Error> {
    let (words, language) = (desk.words(), desk.language);
    let questionnaire = used.questionnaire();
    let dimensions = questionnaire.dimensions().iter().enumerate().map(|(place, dimension)| {
        let items = questionnaire.items().iter().filter(|item| item.dimension == place);
        Dimension {
            name: dimension.text.get(language),
            weight: words.tn("row-weight", &[("weight", dimension.weight.into())]),
            items: items
                .map(|item| {
                    let clauses = words.tn("instrument-clauses", &[("clauses", item.clauses.join(", ").into())]);
                    (item.id.as_str(), item.text.get(language), clauses)
                })
                .collect(),
        }
    });
    let draft = desk
        .here
        .as_ref()
        .is_some_and(|(here, _)| here.state.allows(Act::ChangePlan));
    let chosen = RawForm::new(vec![
        ("questionnaire".to_owned(), questionnaire.hash().to_owned()),
        ("method".to_owned(), used.method().hash().to_owned()),
    ]);
    let form = offer.filter(|_| draft).map(|offer| {
        let builder = FormBuilder::new(words, format!("{}/instrument", base(id)), &desk.csrf, &chosen, errors);
        instrument_fields(words, builder, &offer.questionnaires, &offer.methods).submit(words.t("form-save"))
    });
    let page = Page {
        frame: Frame::at(desk, &words.t("rail-instrument")),
        title: format!("{} {}", questionnaire.title().get(language), questionnaire.version()),
        dimensions: dimensions.collect(),
        rules: rules(words, used),
        preview: format!("{}/preview", base(id)),
        form,
    };
    page.render()
}

fn rules(words: Words, used: &Instrument) -> Vec<(String, String)> {
    let (questionnaire, method) = (used.questionnaire(), used.method());
    let chosen = method.statistical();
    let points: Vec<String> = method
        .score_table()
        .points(questionnaire.scale())
        .iter()
        .rev()
        .map(u32::to_string)
        .collect();
    let percent = |share: &num_rational::BigRational| crate::statistics::exact::percent_truncated(share, 0);
    vec![
        (words.t("version-method"), method.name().to_owned()),
        (words.t("method-points"), points.join(" / ")),
        (
            words.t("method-rule"),
            match chosen.score_rule {
                ScoreRule::Points => words.t("method-rule-points"),
                ScoreRule::Person => words.t("method-rule-person"),
            },
        ),
        (
            words.t("method-composition"),
            match &chosen.composition {
                Composition::Pooled => words.t("method-pooled"),
                Composition::Fixed(share) => words.tn("method-fixed", &[("share", percent(share).into())]),
            },
        ),
        (
            words.t("method-open"),
            match chosen.exclude_open {
                true => words.t("method-open-excluded"),
                false => words.t("method-open-counted"),
            },
        ),
        (
            words.t("method-target"),
            match chosen.target {
                Target::Sample => words.t("method-target-sample"),
                Target::Population => words.t("method-target-population"),
            },
        ),
        (
            words.t("method-design"),
            match chosen.design {
                None => words.t("method-design-known"),
                Some(Design::Simple) => words.t("method-design-simple"),
                Some(Design::Stratified) => words.t("method-design-stratified"),
                Some(Design::TwoStage) => words.t("method-design-two-stage"),
            },
        ),
        (
            words.t("method-confidence"),
            format!("{} %", chosen.confidence.level() * 100.0),
        ),
        (
            words.t("method-complete"),
            words.tn(
                "method-complete-text",
                &[
                    ("complete", percent(method.complete_at()).into()),
                    ("partial", percent(method.partial_at()).into()),
                ],
            ),
        ),
        (
            words.t("method-suppress"),
            words.tn("method-suppress-text", &[("n", method.suppress_below().into())]),
        ),
        (
            words.t("method-approval"),
            match method.interview_approval() {
                InterviewApproval::Required => words.t("method-approval-required"),
                InterviewApproval::NotRequired => words.t("method-approval-not-required"),
            },
        ),
    ]
}

#[derive(Template)]
#[template(path = "office/evaluation/preview.html")]
struct Preview {
    frame: Frame,
    landing: String,
    rating: String,
    back: String,
}

/// The page with what customers see, on phones' frames.
///
/// # Errors
/// What the template engine reports.
pub fn preview(desk: &Desk, id: EvaluationId) -> Result<String, askama::Error> {
    let words = desk.words();
    let framed = |page: &str| format!("{}/preview/{page}?lang={}", base(id), desk.language.tag());
    let page = Preview {
        frame: Frame::at(desk, &words.t("preview-heading")),
        landing: framed("landing"),
        rating: framed("rating"),
        back: format!("{}/instrument", base(id)),
    };
    page.render()
}
