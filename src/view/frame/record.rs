//! What is known about a list, as it is entered.

use super::super::grading::{Section, Sheet, Typed, address, page};
use super::names;
use crate::survey::frame::record::{Basis, LINE_MAX, Source, TEXT_MAX};
use crate::view::office::Desk;
use crate::view::office::form::Choice;

/// The page of a list's record.
///
/// # Errors
/// What the template engine reports.
pub fn record(desk: &Desk, is_open: bool, typed: &Typed) -> Result<String, askama::Error> {
    let words = desk.words();
    let notes = |basis: Basis| match basis {
        Basis::Clause => words.t("frame-basis-clause-note"),
        Basis::Gateway => words.t("frame-basis-gateway-note"),
        Basis::Codes => words.t("frame-basis-codes-note"),
    };
    let bases = Basis::ALL.map(|basis| Choice::new(basis.as_str(), names::basis(words, basis)).noted(notes(basis)));
    let mut form = typed
        .builder(desk, "record", address(desk, "sample/record"))
        .radios("basis", words.t("frame-basis"), bases.to_vec())
        .hint(words.t("frame-basis-hint"))
        .text("evidence", words.t("frame-evidence"), LINE_MAX)
        .hint(words.t("frame-evidence-hint"))
        .text("source", words.t("frame-source"), LINE_MAX)
        .hint(words.t("frame-source-hint"))
        .day("extracted_on", words.t("frame-extracted"))
        .number("declared", names::source(words, Source::Declared));
    for source in Source::SEEN {
        form = form.number(source.as_str(), names::source(words, source)).optional();
    }
    let form = form
        .text("complete", words.t("frame-complete"), LINE_MAX)
        .hint(words.t("frame-complete-hint"))
        .lines("gaps", words.t("frame-gaps"), 4, TEXT_MAX)
        .hint(words.t("frame-gaps-hint"))
        .cancel(address(desk, "sample"), words.t("frame-back"))
        .submit(words.t("frame-record-save"));
    let sheet = Sheet {
        heading: words.t("frame-record"),
        lead: words.t("frame-record-lead"),
        sections: vec![Section {
            id: "record".into(),
            heading: words.t("frame-record-known"),
            notes: match is_open {
                true => Vec::new(),
                false => vec![words.t("frame-not-now")],
            },
            form: is_open.then_some(form),
            ..Section::default()
        }],
        ..Sheet::default()
    };
    page(desk, sheet, typed)
}
