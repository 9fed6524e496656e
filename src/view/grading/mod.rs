//! Pages of the grading: scoring, audit, facts, decision, certificate. Every one of them is a sheet of sections, so that
//! one template prints them all.

mod audit;
mod certificate;
mod comparison;
mod conflict;
mod decision;
mod facts;
mod names;
mod pack;
mod policy;
mod register;
mod scoring;
mod seal;
mod told;

use std::collections::BTreeMap;

use askama::Template;

use super::office::form::{Control, Form, FormBuilder};
use super::office::{Desk, Frame, star_name};
use super::problem::problem_text;
use super::words::Words;
use crate::survey::form::{FieldError, RawForm};
use crate::survey::id::PersonId;

pub use audit::{audit, checklist, finding};
pub use certificate::{CertificatePage, certificate};
pub use comparison::{Comparison, Year};
pub use conflict::conflict;
pub use decision::{DecisionPage, decision};
pub use facts::{FactPage, fact, fact_check, facts};
pub(in crate::view) use names::notice as notice_name;
pub use pack::{PackPage, pack};
pub use policy::{PolicyPage, PolicyProposal, policy};
pub use register::{public, register};
pub use scoring::{ScoringPage, heading, scoring};
pub use seal::{RecordPage, SealPage, record, seal};

/// The names of people, by id.
pub type Names = BTreeMap<PersonId, String>;

/// What was typed into one of the forms of a page, and what is wrong with it.
#[derive(Debug, Default)]
pub struct Typed {
    /// Which form.
    pub which: &'static str,
    /// What was typed.
    pub form: RawForm,
    /// What must be corrected.
    pub errors: Vec<FieldError>,
    empty: RawForm,
}

impl Typed {
    /// A form that came back.
    pub fn new(which: &'static str, form: RawForm, errors: Vec<FieldError>) -> Self {
        Self {
            which,
            form,
            errors,
            empty: RawForm::default(),
        }
    }

    /// A form filled with what is there.
    pub fn filled(which: &'static str, pairs: Vec<(String, String)>) -> Self {
        Self::new(which, RawForm::new(pairs), Vec::new())
    }

    pub(super) fn builder<'a>(&'a self, desk: &Desk, which: &str, action: String) -> FormBuilder<'a> {
        let (form, errors) = match self.which == which {
            true => (&self.form, self.errors.as_slice()),
            false => (&self.empty, &[][..]),
        };
        FormBuilder::new(desk.words(), action, &desk.csrf, form, errors)
    }
}

/// A page.
#[derive(Default)]
pub(super) struct Sheet {
    pub(super) heading: String,
    pub(super) lead: String,
    pub(super) notices: Vec<String>,
    pub(super) sections: Vec<Section>,
}

/// A part of a page.
#[derive(Default)]
pub(super) struct Section {
    pub(super) id: String,
    pub(super) heading: String,
    pub(super) stars: Option<Stars>,
    pub(super) notes: Vec<String>,
    /// A text of somebody else's, in pieces, some of them marked.
    pub(super) pieces: Vec<(String, bool)>,
    pub(super) list: Vec<String>,
    pub(super) facts: Vec<(String, String)>,
    pub(super) chart: Option<Chart>,
    pub(super) grid: Option<Grid>,
    pub(super) ways: Vec<(String, String)>,
    pub(super) form: Option<Form>,
}

pub(super) struct Stars {
    pub(super) label: String,
    pub(super) full: String,
    pub(super) empty: String,
}

impl Stars {
    fn of(words: Words, star: u8) -> Self {
        let star = usize::from(star.min(5));
        Self {
            label: star_name(words, u8::try_from(star).unwrap_or(0)),
            full: "★".repeat(star),
            empty: "☆".repeat(5 - star),
        }
    }
}

/// Bars of counts; the grid below says the same in figures.
pub(super) struct Chart {
    pub(super) label: String,
    pub(super) height: u64,
    pub(super) bars: Vec<Bar>,
    pub(super) key: Vec<String>,
}

pub(super) struct Bar {
    pub(super) kind: usize,
    pub(super) x: String,
    pub(super) y: String,
    pub(super) width: String,
    pub(super) height: String,
}

pub(super) struct Grid {
    pub(super) head: Vec<String>,
    pub(super) rows: Vec<Vec<Item>>,
}

#[derive(Default)]
pub(super) struct Item {
    pub(super) text: String,
    pub(super) small: Option<String>,
    pub(super) href: Option<String>,
    pub(super) quiet: bool,
}

impl Item {
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    pub(super) fn small(self, small: impl Into<String>) -> Self {
        let small: String = small.into();
        Self {
            small: (!small.is_empty()).then_some(small),
            ..self
        }
    }

    pub(super) fn link(self, href: impl Into<String>) -> Self {
        Self {
            href: Some(href.into()),
            ..self
        }
    }

    pub(super) fn quiet(self) -> Self {
        Self { quiet: true, ..self }
    }
}

#[derive(Template)]
#[template(path = "office/grading/sheet.html")]
struct Page {
    frame: Frame,
    sheet: Sheet,
}

/// A page. What must be corrected in a form that is no longer on it (somebody else was faster, or the state allows it no
/// more) is told above everything, with what was typed.
pub(super) fn page(desk: &Desk, mut sheet: Sheet, typed: &Typed) -> Result<String, askama::Error> {
    let words = desk.words();
    let told = |section: &Section| section.form.as_ref().is_some_and(|form| !form.findings.is_empty());
    if !typed.errors.is_empty() && !sheet.sections.iter().any(told) {
        sheet
            .notices
            .extend(typed.errors.iter().map(|error| problem_text(words, error.problem)));
        let kept = typed
            .form
            .pairs()
            .filter(|(name, text)| *name != "csrf" && !text.is_empty());
        sheet.sections.push(Section {
            id: "kept".into(),
            heading: words.t("interrupted-kept"),
            facts: kept.map(|(name, text)| (name.to_owned(), text.to_owned())).collect(),
            ..Section::default()
        });
    }
    let frame = Frame::at(desk, &sheet.heading);
    Page { frame, sheet }.render()
}

/// The address of a page of the evaluation where the desk stands.
pub(super) fn address(desk: &Desk, end: &str) -> String {
    match &desk.here {
        Some((here, _)) => format!("/evaluations/{}/{end}", here.evaluation),
        None => format!("/{end}"),
    }
}

/// Whether the viewer holds any of these roles here.
pub(super) fn is_any(desk: &Desk, roles: &[crate::access::Role]) -> bool {
    desk.here.as_ref().is_some_and(|(here, _)| here.roles.has_any(roles))
}

fn who(names: &Names, person: PersonId) -> String {
    names.get(&person).cloned().unwrap_or_default()
}

fn is_me(desk: &Desk, person: PersonId) -> bool {
    desk.viewer.as_ref().is_some_and(|viewer| viewer.person == person)
}
