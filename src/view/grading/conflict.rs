//! Declaration of conflicts of interest.

use super::{Section, Sheet, Typed, address, names, page};
use crate::grading::fact::LINE_MAX;
use crate::view::office::form::Choice;
use crate::view::office::{Desk, moment};

/// The page on which somebody declares; `last` is `(conflicted, explanation, when)` of their last declaration.
///
/// # Errors
/// What the template engine reports.
pub fn conflict(desk: &Desk, last: Option<(bool, &str, i64)>, typed: &Typed) -> Result<String, askama::Error> {
    let words = desk.words();
    let said = match last {
        Some((conflicted, explanation, at_ms)) => {
            let values = [
                ("conflict", names::yes_no(words, conflicted).into()),
                ("at", moment(at_ms).into()),
                ("text", explanation.into()),
            ];
            words.tn("conflict-last", &values)
        }
        None => words.t("conflict-none"),
    };
    let options = [("no", words.t("conflict-no")), ("yes", words.t("conflict-yes"))];
    let form = typed
        .builder(desk, "conflict", address(desk, "conflict"))
        .radios(
            "conflicted",
            words.t("conflict-question"),
            options.map(|(value, text)| Choice::new(value, text)).to_vec(),
        )
        .text("explanation", words.t("conflict-explanation"), LINE_MAX)
        .optional()
        .submit(words.t("conflict-declare"));
    let sheet = Sheet {
        heading: words.t("conflict-heading"),
        lead: words.t("conflict-lead"),
        sections: vec![Section {
            id: "declare".into(),
            heading: words.t("conflict-mine"),
            notes: vec![said],
            form: Some(form),
            ..Section::default()
        }],
        ..Sheet::default()
    };
    page(desk, sheet, typed)
}
