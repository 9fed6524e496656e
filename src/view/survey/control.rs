//! Form controls: their words, what was chosen before, what is wrong with them.

use std::borrow::Cow;

use super::low_reasons::LowReasons;
use crate::survey::form::{FieldError, Problem, RawForm};
use crate::survey::language::Language;
use crate::survey::questionnaire::{Choice, Control};
use crate::view::problem::problem_text;
use crate::view::words::Words;

/// A question in two parts: what is asked, and an explanation in small print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wording<'a> {
    pub main: &'a str,
    pub small: Option<&'a str>,
}

impl<'a> Wording<'a> {
    /// A parenthesis at the end of a text becomes its small print.
    pub fn of(text: &'a str) -> Self {
        for (open, close) in [('（', '）'), ('(', ')')] {
            let split = text.strip_suffix(close).and_then(|inner| inner.rsplit_once(open));
            if let Some((main, small)) = split.filter(|(main, _)| !main.trim().is_empty()) {
                return Self {
                    main: main.trim_end(),
                    small: Some(small),
                };
            }
        }
        Self {
            main: text,
            small: None,
        }
    }
}

/// One answer of a group or a list.
pub(crate) struct Answer<'a> {
    pub value: &'a str,
    pub text: Cow<'a, str>,
    pub chosen: bool,
    /// A low rating, which asks for reasons.
    pub is_low: bool,
}

/// A group of radio buttons or check boxes, or a list to choose from.
pub(crate) struct Group<'a> {
    pub id: &'a str,
    pub text: Wording<'a>,
    pub options: Vec<Answer<'a>>,
    /// Check boxes instead of radio buttons.
    pub many: bool,
    /// Two short answers beside each other.
    pub side_by_side: bool,
    /// What a low rating opens.
    pub low_reasons: Option<LowReasons<'a>>,
    pub error: Option<String>,
}

/// What was typed before and what is wrong with it.
#[derive(Clone, Copy)]
pub(crate) struct Filled<'a> {
    pub language: Language,
    pub form: &'a RawForm,
    pub errors: &'a [FieldError],
}

impl<'a> Filled<'a> {
    /// The message beside a control.
    pub fn error(&self, id: &str) -> Option<String> {
        let words = Words::new(self.language);
        self.errors
            .iter()
            .find(|error| error.field == id)
            .map(|error| problem_text(words, error.problem))
    }

    /// A group with the questionnaire's options.
    pub fn group(&self, control: &'a Control, options: &'a [Choice], many: bool) -> Group<'a> {
        let options = options
            .iter()
            .map(|option| (option.id.as_str(), Cow::Borrowed(option.text.get(self.language))));
        self.group_of(control, options, many)
    }

    /// A group with any options.
    pub fn group_of(
        &self,
        control: &'a Control,
        options: impl Iterator<Item = (&'a str, Cow<'a, str>)>,
        many: bool,
    ) -> Group<'a> {
        let text = Wording::of(control.text.get(self.language));
        self.group_named(&control.id, text, options, many)
    }

    /// A group with any question.
    pub fn group_named(
        &self,
        id: &'a str,
        text: Wording<'a>,
        options: impl Iterator<Item = (&'a str, Cow<'a, str>)>,
        many: bool,
    ) -> Group<'a> {
        let answer = |(value, text)| Answer {
            value,
            text,
            chosen: self.form.has(id, value),
            is_low: false,
        };
        Group {
            id,
            text,
            options: options.map(answer).collect(),
            many,
            side_by_side: false,
            low_reasons: None,
            error: self.error(id),
        }
    }

    /// A question answered by yes or no.
    pub fn yes_no(&self, control: &'a Control) -> Group<'a> {
        let words = Words::new(self.language);
        let options = [("yes", Cow::Owned(words.t("yes"))), ("no", Cow::Owned(words.t("no")))];
        Group {
            side_by_side: true,
            ..self.group_of(control, options.into_iter(), false)
        }
    }
}

/// One line of the error summary and the control it leads to.
pub(crate) struct Finding<'a> {
    pub field: &'a str,
    pub line: String,
}

/// The error summary. `label` names a control by its question.
pub(crate) fn findings<'a>(filled: Filled<'a>, label: impl Fn(&str) -> Option<&'a str>) -> Vec<Finding<'a>> {
    let words = Words::new(filled.language);
    let line = |error: &FieldError| {
        let message = problem_text(words, error.problem);
        match label(&error.field).filter(|_| names_its_field(error.problem)) {
            None => message,
            Some(label) => words.tn(
                "error-line",
                &[("label", Wording::of(label).main.into()), ("message", message.into())],
            ),
        }
    };
    filled
        .errors
        .iter()
        .map(|error| Finding {
            field: &error.field,
            line: line(error),
        })
        .collect()
}

/// Whether the message makes sense only together with the question.
fn names_its_field(problem: Problem) -> bool {
    !matches!(
        problem,
        Problem::ConsentMissing | Problem::NoService | Problem::NothingRated
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_parenthesis_at_the_end_is_small_print() {
        let parts = |text| {
            let wording = Wording::of(text);
            (wording.main, wording.small)
        };
        assert_eq!(
            parts("联系售后的方便程度（电话、微信）"),
            ("联系售后的方便程度", Some("电话、微信"))
        );
        assert_eq!(
            parts("Ease of reaching (phone, shop)"),
            ("Ease of reaching", Some("phone, shop"))
        );
        assert_eq!(parts("维修（保养）后的使用情况"), ("维修（保养）后的使用情况", None));
        assert_eq!(parts("（全部）"), ("（全部）", None));
    }
}
