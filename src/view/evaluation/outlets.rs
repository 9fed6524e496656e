//! The outlets of an evaluation.

use askama::Template;

use super::setup::{one_outlet, outlet_lines};
use super::{Button, base};
use crate::survey::evaluation::Act;
use crate::survey::form::{FieldError, RawForm};
use crate::survey::id::{EvaluationId, OutletId};
use crate::survey::setup::OutletForm;
use crate::view::office::form::{Control, Form};
use crate::view::office::{Desk, Frame};

/// What the list shows.
#[derive(Debug, Clone, Copy)]
pub struct OutletsPage<'a> {
    /// The evaluation.
    pub evaluation: EvaluationId,
    /// Its outlets in their order.
    pub outlets: &'a [(OutletId, OutletForm)],
    /// Whether the viewer may change them.
    pub is_manager: bool,
}

struct Row<'a> {
    name: &'a str,
    address: &'a str,
    hours: &'a str,
    customers: String,
    face: String,
    electronic: String,
    edit: Option<String>,
    up: Option<Button>,
    remove: Option<Button>,
}

#[derive(Template)]
#[template(path = "office/evaluation/outlets.html")]
struct Page<'a> {
    frame: Frame,
    lead: String,
    rows: Vec<Row<'a>>,
    changeable: bool,
    form: Option<Form>,
}

/// The list of outlets, with a form that adds some while the plan may change.
///
/// # Errors
/// What the template engine reports.
pub fn outlets(
    desk: &Desk,
    shown: &OutletsPage<'_>,
    form: &RawForm,
    errors: &[FieldError],
) -> Result<String, askama::Error> {
    let words = desk.words();
    let may = |act| shown.is_manager && desk.here.as_ref().is_some_and(|(here, _)| here.state.allows(act));
    let (plan, correct) = (may(Act::ChangePlan), may(Act::CorrectOutlet));
    let number = |number: Option<i64>| number.map_or_else(|| "–".to_owned(), |number| number.to_string());
    let rows = shown.outlets.iter().enumerate().map(|(place, (id, outlet))| {
        let name = outlet.name.get(desk.language);
        let action = format!("{}/outlets/{id}", base(shown.evaluation));
        let button = |end: &str, text: String| Button {
            action: format!("{action}/{end}"),
            csrf: desk.csrf.clone(),
            fields: Vec::new(),
            text,
            about: name.to_owned(),
        };
        Row {
            name,
            address: &outlet.address,
            hours: &outlet.hours,
            customers: number(outlet.plan.and_then(|plan| plan.customers)),
            face: number(outlet.plan.map(|plan| plan.target_face.into())),
            electronic: number(outlet.plan.map(|plan| plan.target_electronic.into())),
            edit: correct.then(|| action.clone()),
            up: (plan && place > 0).then(|| button("raise", words.t("outlets-raise"))),
            remove: plan.then(|| button("remove", words.t("outlets-remove"))),
        }
    });
    let page = Page {
        frame: Frame::at(desk, &words.t("rail-outlets")),
        lead: match plan || !shown.is_manager {
            true => words.t("outlets-lead"),
            false => words.t("outlets-lead-fixed"),
        },
        rows: rows.collect(),
        changeable: correct,
        form: plan.then(|| outlet_lines(desk, shown.evaluation, form, errors)),
    };
    page.render()
}

/// The page that changes one outlet.
///
/// # Errors
/// What the template engine reports.
pub fn outlet(
    desk: &Desk,
    which: (EvaluationId, OutletId),
    form: &RawForm,
    errors: &[FieldError],
    with_plan: bool,
) -> Result<String, askama::Error> {
    one_outlet(desk, which, form, errors, with_plan)
}
