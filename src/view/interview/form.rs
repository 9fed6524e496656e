//! The interview: one document with every question, usable with one thumb and without script.

use askama::Template;

use super::fieldwork::outside;
use super::script;
use super::step::{Ask, Step, Written, reads, steps, written};
use crate::survey::admission::Refusal;
use crate::survey::answers::FormChoices;
use crate::survey::form::{FieldError, RawForm};
use crate::survey::interview::REFUSAL_REASON;
use crate::survey::language::Text;
use crate::survey::notice::Notice;
use crate::survey::paradata::{LOCATION, LOCATION_CONSENT, PARADATA, PHONE, PHONE_CONSENT};
use crate::survey::questionnaire::{Choice, Control, Questionnaire};
use crate::survey::screening::DECLINE;
use crate::view::office::{Desk, Frame};
use crate::view::survey::control::{Filled, Finding, Group, findings};

/// Who asks whom about what.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The evaluator's desk.
    pub desk: &'a Desk,
    /// The certification body.
    pub body: &'a Text,
    /// The firm that is rated.
    pub firm: &'a Text,
    /// The outlet.
    pub outlet: &'a Text,
    /// The questionnaire.
    pub questionnaire: &'a Questionnaire,
    /// The privacy notice of the evaluation.
    pub notice: &'a Notice,
    /// Products and months on offer.
    pub choices: FormChoices<'a>,
    /// It was taken down on paper and is entered now.
    pub on_paper: bool,
    /// What the page's script needs.
    pub device: Device<'a>,
}

/// What the page's script needs to know.
#[derive(Debug, Clone, Copy, Default)]
pub struct Device<'a> {
    /// The form's client id, hexadecimal.
    pub client: &'a str,
    /// The server's public key, where a telephone number is asked for.
    pub phone_key: Option<&'a str>,
    /// The coarse location is asked for.
    pub asks_location: bool,
}

/// Why a whole interview could not be stored although nothing in it is wrong; everything typed stays on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Halt {
    /// Fieldwork is over or has not begun.
    Closed,
    /// It was not taken in the field.
    Outside(Refusal),
    /// Somebody else asked for this form.
    Foreign,
    /// Too much to do right now.
    Busy,
}

/// What the script wrote into the form before it was sent and refused.
struct Kept<'a> {
    paradata: &'a str,
    location: &'a str,
    location_consent: bool,
    phone: &'a str,
    phone_consent: bool,
}

#[derive(Template)]
#[template(path = "interview/interview.html")]
struct Page<'a> {
    frame: Frame,
    script: &'static str,
    crumb: String,
    action: &'a str,
    halt: Option<String>,
    errors: Vec<Finding<'a>>,
    opening: String,
    notice: &'a str,
    show_card: Vec<&'a str>,
    contact_no: Written<'a>,
    consent: Written<'a>,
    decline: (&'static str, &'static str),
    reasons: Group<'a>,
    device: Device<'a>,
    evaluator: String,
    filled: Kept<'a>,
    steps: Vec<Step<'a>>,
    progress: String,
}

/// The interview page, prefilled or with what was typed and every error beside its field.
///
/// # Errors
/// What the template engine reports.
pub fn interview(
    scene: &Scene<'_>,
    action: &str,
    form: &RawForm,
    errors: &[FieldError],
    halt: Option<Halt>,
) -> Result<String, askama::Error> {
    let (desk, questionnaire) = (scene.desk, scene.questionnaire);
    let (words, asked) = (desk.words(), questionnaire.in_person());
    let filled = Filled {
        language: desk.language,
        form,
        errors,
    };
    let name = desk.viewer.as_ref().map_or("", |viewer| viewer.name.as_str());
    let name = Text::new(name, name);
    let opening = asked
        .opening
        .fill(&[("body", scene.body), ("name", &name), ("firm", scene.firm)]);
    let refusal = Control {
        id: REFUSAL_REASON.to_owned(),
        text: Text::new(words.t("approach-reason"), words.t("approach-reason")),
    };
    let contact_no = Written {
        numeric: true,
        ..written(
            filled,
            &asked.contact_no.id,
            asked.contact_no.text.get(desk.language),
            5,
        )
    };
    let consent = written(filled, &questionnaire.fields().consent, words.t("interview-consent"), 0);
    let read = reads(scene);
    let steps = steps(scene, filled, &read);
    let labels = labels(&steps, [&contact_no, &consent]);
    let label = |id: &str| {
        labels
            .iter()
            .find(|(known, _)| known == id)
            .map(|(_, label)| label.as_str())
    };
    let reasons: &[Choice] = questionnaire.refusal_reasons();
    let page = Page {
        frame: Frame::at(desk, &words.t("interview-heading")),
        script: script().0,
        crumb: format!(
            "{} › {}",
            scene.firm.get(desk.language),
            scene.outlet.get(desk.language)
        ),
        action,
        halt: halt.map(|halt| match halt {
            Halt::Closed => words.t("interview-closed"),
            Halt::Outside(refusal) => words.tn("interview-outside", &[("why", outside(words, refusal).into())]),
            Halt::Foreign => words.t("interview-foreign"),
            Halt::Busy => words.t("interview-busy"),
        }),
        errors: findings(filled, label),
        opening: opening.get(desk.language).to_owned(),
        notice: scene.notice.text.get(desk.language),
        show_card: asked.show_card.get(desk.language).split('|').collect(),
        contact_no,
        consent,
        decline: DECLINE,
        reasons: filled.group(&refusal, reasons, false),
        device: scene.device,
        evaluator: desk
            .viewer
            .as_ref()
            .map(|viewer| viewer.person.to_string())
            .unwrap_or_default(),
        filled: Kept {
            paradata: form.first(PARADATA),
            location: form.first(LOCATION),
            location_consent: form.has(LOCATION_CONSENT, "yes"),
            phone: form.first(PHONE),
            phone_consent: form.has(PHONE_CONSENT, "yes"),
        },
        steps,
        progress: words.t("interview-progress"),
    };
    page.render()
}

/// Question of every control, for the error summary.
fn labels(steps: &[Step<'_>], first: [&Written<'_>; 2]) -> Vec<(String, String)> {
    let asks = steps.iter().flat_map(|step| step.asks.iter());
    let first = first
        .into_iter()
        .map(|field| (field.id.to_owned(), field.label.clone()));
    first
        .chain(asks.map(|ask| (ask.id().to_owned(), ask.label().to_owned())))
        .collect()
}
