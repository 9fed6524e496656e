//! Forms that set up an evaluation: the new one on a single page, a draft's settings, one outlet, a reason.

use super::{base, form_page, mode_name};
use crate::survey::evaluation::Mode;
use crate::survey::form::{FieldError, RawForm};
use crate::survey::id::{EvaluationId, OrganisationId, OutletId};
use crate::survey::language::{Language, Text};
use crate::survey::method::Method;
use crate::survey::questionnaire::{Choice as Product, Questionnaire};
use crate::survey::setup::{
    NAME_MAX, OUTLETS_CHARS_MAX, OutletForm, PRODUCTS_CHARS_MAX, REASON_MAX, SCOPE_MAX, Settings,
};
use crate::view::office::Desk;
use crate::view::office::form::{Choice, FormBuilder};
use crate::view::words::Words;

/// What the form of a new evaluation offers.
#[derive(Debug, Clone, Default)]
pub struct SetupOffer {
    /// Organisations that are known.
    pub organisations: Vec<(OrganisationId, Text)>,
    /// Questionnaires of the catalogue.
    pub questionnaires: Vec<Questionnaire>,
    /// Methods of the catalogue.
    pub methods: Vec<Method>,
}

/// The form of a new evaluation as it is first shown: everything that has a usual answer is answered.
pub fn setup_form(year: i32, retention_end: &str, questionnaire: &str, method: &str) -> RawForm {
    let title = |language| Words::new(language).tn("setup-title-usual", &[("year", year.to_string().into())]);
    raw([
        ("organisation", "new".to_owned()),
        ("title", title(Language::ZhCn)),
        ("title_en", title(Language::En)),
        ("mode", Mode::Initial.as_str().to_owned()),
        ("retention_end", retention_end.to_owned()),
        ("questionnaire", questionnaire.to_owned()),
        ("method", method.to_owned()),
    ])
}

/// A draft's settings as a form.
pub fn settings_form(settings: &Settings) -> RawForm {
    let products: Vec<String> = settings.products.iter().map(product_line).collect();
    raw([
        ("title", settings.title.get(Language::ZhCn).to_owned()),
        ("title_en", settings.title.get(Language::En).to_owned()),
        ("mode", settings.mode.as_str().to_owned()),
        ("scope", settings.scope.clone()),
        ("products", products.join("\n")),
        ("retention_end", settings.retention_end.to_string()),
    ])
}

/// An outlet as a form.
pub fn outlet_form(outlet: &OutletForm) -> RawForm {
    let number = |number: Option<i64>| number.map_or_else(String::new, |number| number.to_string());
    let plan = outlet.plan;
    raw([
        ("name", outlet.name.get(Language::ZhCn).to_owned()),
        ("name_en", outlet.name.get(Language::En).to_owned()),
        ("address", outlet.address.clone()),
        ("hours", outlet.hours.clone()),
        ("visitors_per_day", number(outlet.visitors_per_day)),
        ("customers", number(plan.and_then(|plan| plan.customers))),
        ("target_face", number(plan.map(|plan| plan.target_face.into()))),
        (
            "target_electronic",
            number(plan.map(|plan| plan.target_electronic.into())),
        ),
    ])
}

fn raw<const N: usize>(pairs: [(&str, String); N]) -> RawForm {
    RawForm::new(
        pairs
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    )
}

fn product_line(product: &Product) -> String {
    let (zh, en) = (product.text.get(Language::ZhCn), product.text.get(Language::En));
    match zh == en {
        true => zh.to_owned(),
        false => format!("{zh} | {en}"),
    }
}

/// The page of a new evaluation.
///
/// # Errors
/// What the template engine reports.
pub fn new(desk: &Desk, offer: &SetupOffer, form: &RawForm, errors: &[FieldError]) -> Result<String, askama::Error> {
    let words = desk.words();
    let mut builder = FormBuilder::new(words, "/evaluations/new", &desk.csrf, form, errors);
    if !offer.organisations.is_empty() {
        let known = offer
            .organisations
            .iter()
            .map(|(id, name)| Choice::new(id.to_string(), name.get(words.language())));
        let options = [Choice::new("new", words.t("setup-organisation-new"))]
            .into_iter()
            .chain(known);
        builder = builder.select("organisation", words.t("setup-organisation"), options.collect());
    }
    builder = builder
        .text("firm", words.t("setup-firm"), NAME_MAX)
        .hint(match offer.organisations.is_empty() {
            true => words.t("setup-firm-hint"),
            false => words.t("setup-firm-hint-new"),
        })
        .text("firm_en", words.t("setup-firm-en"), NAME_MAX)
        .optional()
        .text("credit_code", words.t("setup-credit-code"), 18)
        .optional()
        .radios("gate", words.t("setup-gate"), gate(words))
        .hint(words.t("setup-gate-hint"));
    let builder = scope_field(words, builder)
        .lines("outlets", words.t("setup-outlets"), 6, OUTLETS_CHARS_MAX)
        .hint(words.t("setup-outlets-hint"));
    let builder = instrument_fields(
        words,
        plan_fields(words, builder),
        &offer.questionnaires,
        &offer.methods,
    );
    let form = builder
        .cancel("/", words.t("form-back"))
        .submit(words.t("setup-create"));
    form_page(desk, words.t("setup-heading"), words.t("setup-lead"), form)
}

fn gate(words: Words) -> Vec<Choice> {
    vec![
        Choice::new("none", words.t("setup-gate-none")),
        Choice::new("cars", words.t("setup-gate-cars")),
        Choice::new("special", words.t("setup-gate-special")),
        Choice::new("licence", words.t("setup-gate-licence")),
    ]
}

/// The certified scope.
fn scope_field<'a>(words: Words, builder: FormBuilder<'a>) -> FormBuilder<'a> {
    builder
        .lines("scope", words.t("setup-scope"), 3, SCOPE_MAX)
        .hint(words.t("setup-scope-hint"))
}

/// Title, mode, products, retention: with the scope, what may be changed in a draft.
fn plan_fields<'a>(words: Words, builder: FormBuilder<'a>) -> FormBuilder<'a> {
    let modes = Mode::ALL.map(|mode| Choice::new(mode.as_str(), mode_name(words, mode)));
    builder
        .text("title", words.t("setup-title"), NAME_MAX)
        .text("title_en", words.t("setup-title-en"), NAME_MAX)
        .optional()
        .radios("mode", words.t("setup-mode"), modes.into())
        .lines("products", words.t("setup-products"), 3, PRODUCTS_CHARS_MAX)
        .hint(words.t("setup-products-hint"))
        .optional()
        .day("retention_end", words.t("setup-retention"))
        .hint(words.t("setup-retention-hint"))
}

/// Which questionnaire and method.
pub(super) fn instrument_fields<'a>(
    words: Words,
    builder: FormBuilder<'a>,
    questionnaires: &[Questionnaire],
    methods: &[Method],
) -> FormBuilder<'a> {
    let language = words.language();
    let questionnaires = questionnaires.iter().map(|each| {
        let name = format!("{} {}", each.title().get(language), each.version());
        Choice::new(each.hash(), name)
    });
    let methods = methods.iter().map(|each| Choice::new(each.hash(), each.name()));
    builder
        .select(
            "questionnaire",
            words.t("version-questionnaire"),
            questionnaires.collect(),
        )
        .select("method", words.t("version-method"), methods.collect())
}

/// The page of a draft's settings.
///
/// # Errors
/// What the template engine reports.
pub fn settings(desk: &Desk, id: EvaluationId, form: &RawForm, errors: &[FieldError]) -> Result<String, askama::Error> {
    let words = desk.words();
    let builder = FormBuilder::new(words, format!("{}/settings", base(id)), &desk.csrf, form, errors);
    let form = plan_fields(words, scope_field(words, builder))
        .cancel(base(id), words.t("form-back"))
        .submit(words.t("form-save"));
    form_page(desk, words.t("settings-heading"), words.t("settings-lead"), form)
}

/// The page on which interim results are opened: a deliberate act with a reason.
///
/// # Errors
/// What the template engine reports.
pub fn interim(desk: &Desk, id: EvaluationId, form: &RawForm, errors: &[FieldError]) -> Result<String, askama::Error> {
    let words = desk.words();
    let form = FormBuilder::new(words, format!("{}/interim", base(id)), &desk.csrf, form, errors)
        .lines("reason", words.t("interim-reason"), 3, REASON_MAX)
        .hint(words.t("interim-reason-hint"))
        .cancel(base(id), words.t("form-back"))
        .grave()
        .submit(words.t("interim-open"));
    form_page(desk, words.t("interim-heading"), words.t("interim-lead"), form)
}

/// The form that changes one outlet; the plan's fields only while the plan may change.
pub(super) fn one_outlet(
    desk: &Desk,
    (id, outlet): (EvaluationId, OutletId),
    form: &RawForm,
    errors: &[FieldError],
    with_plan: bool,
) -> Result<String, askama::Error> {
    let words = desk.words();
    let action = format!("{}/outlets/{outlet}", base(id));
    let mut builder = FormBuilder::new(words, action, &desk.csrf, form, errors)
        .text("name", words.t("outlet-name"), NAME_MAX)
        .text("name_en", words.t("outlet-name-en"), NAME_MAX)
        .optional()
        .text("address", words.t("outlet-address"), NAME_MAX)
        .optional()
        .text("hours", words.t("outlet-hours"), NAME_MAX)
        .hint(words.t("outlet-hours-hint"))
        .optional()
        .number("visitors_per_day", words.t("outlet-visitors"))
        .hint(words.t("outlet-visitors-hint"))
        .optional();
    if with_plan {
        builder = builder
            .number("customers", words.t("outlet-customers"))
            .hint(words.t("outlet-customers-hint"))
            .optional()
            .number("target_face", words.t("outlet-target-face"))
            .number("target_electronic", words.t("outlet-target-electronic"));
    }
    let form = builder
        .cancel(format!("{}/outlets", base(id)), words.t("form-back"))
        .submit(words.t("form-save"));
    let lead = match with_plan {
        true => String::new(),
        false => words.t("outlet-plan-fixed"),
    };
    form_page(desk, words.t("outlet-heading"), lead, form)
}

/// The form that adds outlets, one a line.
pub fn outlet_lines<'a>(
    desk: &Desk,
    id: EvaluationId,
    form: &'a RawForm,
    errors: &'a [FieldError],
) -> crate::view::office::form::Form {
    let words = desk.words();
    FormBuilder::new(words, format!("{}/outlets", base(id)), &desk.csrf, form, errors)
        .lines("outlets", words.t("outlets-add"), 4, OUTLETS_CHARS_MAX)
        .hint(words.t("setup-outlets-hint"))
        .submit(words.t("outlets-add-button"))
}
