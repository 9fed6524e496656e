//! The landing page: who asks, about whom, notice, consent, screening, services used.

use askama::Template;

use super::Scene;
use super::control::{Filled, Finding, Group, findings};
use super::frame::Frame;
use crate::survey::form::{FieldError, RawForm};
use crate::survey::notice::Notice;
use crate::survey::screening::DECLINE;
use crate::view::words::Words;

struct Consent<'a> {
    id: &'a str,
    text: String,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "survey/landing.html")]
struct Landing<'a> {
    frame: Frame,
    heading: String,
    lead: String,
    errors: Vec<Finding<'a>>,
    action: &'a str,
    totals_only: String,
    notice: &'a str,
    version: String,
    consent: Consent<'a>,
    groups: Vec<Group<'a>>,
    agree: &'a str,
    decline: (&'static str, &'static str),
    decline_text: &'a str,
}

/// The landing page, empty or with what was typed and every error beside its field. Consent is never ticked for
/// anybody, whatever `form` holds.
///
/// # Errors
/// What the template engine reports.
pub fn landing(
    scene: &Scene<'_>,
    notice: &Notice,
    action: &str,
    other_language_href: &str,
    form: &RawForm,
    errors: &[FieldError],
) -> Result<String, askama::Error> {
    let questionnaire = scene.questionnaire;
    let (screening, fields, texts) = (questionnaire.screening(), questionnaire.fields(), questionnaire.texts());
    let filled = Filled {
        language: scene.language,
        form,
        errors,
    };
    let questions = [&screening.adult, &screening.served, &screening.conflict];
    let mut groups: Vec<Group<'_>> = questions.into_iter().map(|question| filled.yes_no(question)).collect();
    groups.push(filled.group(&screening.services, &screening.service_options, true));
    let label = |id: &str| {
        questions
            .iter()
            .find(|control| control.id == id)
            .map(|control| scene.text(&control.text))
    };
    let words = Words::new(scene.language);
    let heading = words.tn("survey-heading", &[("firm", scene.firm().into())]);
    let lead = match scene.outlet() {
        Some(outlet) => words.tn("landing-lead-outlet", &[("outlet", outlet.into())]),
        None => words.t("landing-lead"),
    };
    let page = Landing {
        frame: Frame::of(scene, &title(words, &heading, errors), Some(other_language_href)),
        heading,
        lead,
        errors: findings(filled, label),
        action,
        totals_only: words.tn("landing-point-totals", &[("firm", scene.firm().into())]),
        notice: scene.text(&notice.text),
        version: words.tn("landing-notice-version", &[("version", notice.version.as_str().into())]),
        consent: Consent {
            id: &fields.consent,
            text: words.tn("landing-consent", &[("body", scene.body().into())]),
            error: filled.error(&fields.consent),
        },
        groups,
        agree: scene.text(&texts.consent_button),
        decline: DECLINE,
        decline_text: scene.text(&texts.decline_button),
    };
    page.render()
}

/// The page's name; a refused form says so first.
pub(super) fn title(words: Words, heading: &str, errors: &[FieldError]) -> String {
    if errors.is_empty() {
        heading.to_owned()
    } else {
        words.tn("title-refused", &[("page", heading.into())])
    }
}
