//! Pages of setting up and running an evaluation.

mod activity;
mod home;
mod instrument;
mod members;
mod outlets;
mod overview;
mod plan;
mod plan_form;
mod plan_scope;
mod setup;

pub use activity::{Activity, activity};
pub use home::{HomePlace, home};
pub use instrument::{Offer, instrument, preview};
pub use members::{MembersPage, members};
pub use outlets::{OutletsPage, outlet, outlets};
pub use overview::{Opened, Overview, overview};
pub use plan::{PlanPage, Reviewable, plan};
pub(in crate::view) use plan_scope::extent;
pub use setup::{SetupOffer, interim, new, outlet_form, outlet_lines, settings, settings_form, setup_form};

use super::office::form::{Control, Form};
use super::office::{Desk, Frame};
use super::words::Words;
use crate::survey::evaluation::Mode;
use crate::survey::id::EvaluationId;
use crate::survey::progress::Done;
use askama::Template;

/// A page that is a form.
#[derive(Template)]
#[template(path = "office/evaluation/form.html")]
struct FormPage {
    frame: Frame,
    heading: String,
    lead: String,
    form: Form,
}

fn form_page(desk: &Desk, heading: String, lead: String, form: Form) -> Result<String, askama::Error> {
    let frame = Frame::at(desk, &heading);
    FormPage {
        frame,
        heading,
        lead,
        form,
    }
    .render()
}

/// A small form that is one button.
struct Button {
    action: String,
    csrf: String,
    fields: Vec<(&'static str, String)>,
    text: String,
    /// What it is about, for those who hear the button alone.
    about: String,
}

/// A bar with its figures.
struct Bar {
    name: String,
    counted: u64,
    target: u64,
    text: String,
    full: bool,
}

impl Bar {
    fn of(words: Words, name: String, done: Done) -> Self {
        let values = [("counted", done.counted.into()), ("target", done.target.into())];
        let text = match done.target {
            0 => words.tn("progress-count", &[("counted", done.counted.into())]),
            _ => words.tn("progress-of", &values),
        };
        Self {
            name,
            counted: done.counted.min(done.target),
            target: done.target,
            text,
            full: done.target > 0 && done.missing() == 0,
        }
    }
}

pub(in crate::view) fn mode_name(words: Words, mode: Mode) -> String {
    match mode {
        Mode::Initial => words.t("mode-initial"),
        Mode::Surveillance => words.t("mode-surveillance"),
        Mode::Recertification => words.t("mode-recertification"),
        Mode::Special => words.t("mode-special"),
    }
}

/// The address of a page of an evaluation.
fn base(id: EvaluationId) -> String {
    format!("/evaluations/{id}")
}
