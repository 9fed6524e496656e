//! Office forms: one description, one template (`office/form.html`), so that every form looks and behaves alike: summary
//! of what must be corrected with links, one legend per group, everything typed kept.

use crate::survey::form::{FieldError, RawForm};
use crate::view::problem::problem_text;
use crate::view::words::Words;

/// A form as its template shows it. Passwords and codes are never shown again.
pub struct Form {
    pub(crate) words: Words,
    pub(crate) action: String,
    pub(crate) csrf: String,
    pub(crate) findings: Vec<(String, String)>,
    pub(crate) fields: Vec<Field>,
    pub(crate) hidden: Vec<(String, String)>,
    pub(crate) submit: String,
    pub(crate) cancel: Option<(String, String)>,
    pub(crate) grave: bool,
    pub(crate) has_file: bool,
}

/// A labelled control.
pub struct Field {
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) hint: Option<String>,
    pub(crate) error: Option<String>,
    pub(crate) optional: bool,
    pub(crate) control: Control,
}

pub(crate) enum Control {
    Line(Line),
    Text {
        value: String,
        rows: u8,
        max: usize,
    },
    Select(Vec<Choice>),
    Radios(Vec<Choice>),
    Boxes(Vec<Choice>),
    /// A file of these kinds.
    File(&'static str),
    /// One box with its own words.
    Tick {
        value: bool,
        text: String,
    },
}

pub(crate) struct Line {
    pub kind: &'static str,
    pub value: String,
    pub max: usize,
    /// Browser's hint, e.g. `username`.
    pub autocomplete: &'static str,
    /// Digits are typed.
    pub numeric: bool,
    /// Width in characters; 0 = whole width.
    pub width: u8,
}

/// An option of a choice.
#[derive(Debug, Clone)]
pub struct Choice {
    pub(crate) value: String,
    pub(crate) text: String,
    pub(crate) note: Option<String>,
    pub(crate) way: Option<(String, String)>,
    pub(crate) chosen: bool,
}

impl Choice {
    /// An option.
    pub fn new(value: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            text: text.into(),
            note: None,
            way: None,
            chosen: false,
        }
    }

    /// The option with a link to more about it, beside its words.
    pub fn with_way(self, href: String, text: String) -> Self {
        Self {
            way: Some((href, text)),
            ..self
        }
    }

    /// The option with a line of explanation.
    pub fn noted(self, note: impl Into<String>) -> Self {
        Self {
            note: Some(note.into()),
            ..self
        }
    }
}

/// Builds a form field by field from what was typed and what is wrong with it.
pub struct FormBuilder<'a> {
    form: &'a RawForm,
    errors: &'a [FieldError],
    built: Form,
}

impl<'a> FormBuilder<'a> {
    /// A form that posts to `action` under this session's token.
    pub fn new(
        words: Words,
        action: impl Into<String>,
        csrf: &str,
        form: &'a RawForm,
        errors: &'a [FieldError],
    ) -> Self {
        let built = Form {
            words,
            action: action.into(),
            csrf: csrf.to_owned(),
            findings: Vec::new(),
            fields: Vec::new(),
            hidden: Vec::new(),
            submit: String::new(),
            cancel: None,
            grave: false,
            has_file: false,
        };
        Self { form, errors, built }
    }

    fn add(mut self, id: &str, label: String, control: Control) -> Self {
        let found = self.errors.iter().find(|error| error.field == id);
        let error = found.map(|error| problem_text(self.built.words, error.problem));
        if let Some(message) = &error {
            let line = [("label", label.as_str().into()), ("message", message.as_str().into())];
            self.built
                .findings
                .push((id.to_owned(), self.built.words.tn("error-line", &line)));
        }
        self.built.fields.push(Field {
            id: id.to_owned(),
            label,
            hint: None,
            error,
            optional: false,
            control,
        });
        self
    }

    fn line(self, id: &str, label: String, kind: &'static str, max: usize) -> Self {
        let value = match kind {
            "password" => String::new(),
            _ => self.form.first(id).to_owned(),
        };
        let line = Line {
            kind,
            value,
            max,
            autocomplete: "off",
            numeric: false,
            width: 0,
        };
        self.add(id, label, Control::Line(line))
    }

    /// One line of text of at most `max` characters.
    pub fn text(self, id: &str, label: String, max: usize) -> Self {
        self.line(id, label, "text", max)
    }

    /// A password; the browser is told whether it is a new or a known one (`new-password`, `current-password`).
    pub fn password(self, id: &str, label: String, autocomplete: &'static str) -> Self {
        self.line(id, label, "password", 128).autocomplete(autocomplete)
    }

    /// A whole number.
    pub fn number(self, id: &str, label: String) -> Self {
        self.line(id, label, "text", 12).shaped(true, 12)
    }

    /// A number that may have decimals.
    pub fn decimal(self, id: &str, label: String) -> Self {
        self.line(id, label, "text", 12).shaped(false, 12)
    }

    /// A day.
    pub fn day(self, id: &str, label: String) -> Self {
        self.line(id, label, "date", 10).shaped(false, 14)
    }

    /// Several lines of text.
    pub fn lines(self, id: &str, label: String, rows: u8, max: usize) -> Self {
        let value = self.form.first(id).to_owned();
        self.add(id, label, Control::Text { value, rows, max })
    }

    fn chosen(&self, id: &str, options: Vec<Choice>) -> Vec<Choice> {
        let chosen = |option: Choice| Choice {
            chosen: self.form.has(id, &option.value),
            ..option
        };
        options.into_iter().map(chosen).collect()
    }

    /// One of several, as a list that opens.
    pub fn select(self, id: &str, label: String, options: Vec<Choice>) -> Self {
        let options = self.chosen(id, options);
        self.add(id, label, Control::Select(options))
    }

    /// One of several, all in sight.
    pub fn radios(self, id: &str, label: String, options: Vec<Choice>) -> Self {
        let options = self.chosen(id, options);
        self.add(id, label, Control::Radios(options))
    }

    /// Any of several.
    pub fn boxes(self, id: &str, label: String, options: Vec<Choice>) -> Self {
        let options = self.chosen(id, options);
        self.add(id, label, Control::Boxes(options))
    }

    /// A file of these kinds (as `accept` names them); never shown again.
    pub fn file(mut self, id: &str, label: String, kinds: &'static str) -> Self {
        self.built.has_file = true;
        self.add(id, label, Control::File(kinds))
    }

    /// One box to tick, value `yes`.
    pub fn tick(self, id: &str, label: String, text: String) -> Self {
        let value = self.form.has(id, "yes");
        self.add(id, label, Control::Tick { value, text })
    }

    /// A value that goes along unseen.
    pub fn hidden(mut self, id: &str, value: impl Into<String>) -> Self {
        self.built.hidden.push((id.to_owned(), value.into()));
        self
    }

    fn last(mut self, change: impl FnOnce(&mut Field)) -> Self {
        if let Some(field) = self.built.fields.last_mut() {
            change(field);
        }
        self
    }

    /// An explanation below the label of the field added last.
    pub fn hint(self, hint: impl Into<String>) -> Self {
        self.last(|field| field.hint = Some(hint.into()))
    }

    /// The field added last may stay empty.
    pub fn optional(self) -> Self {
        self.last(|field| field.optional = true)
    }

    /// The browser's hint for the field added last, e.g. `username`, `one-time-code`.
    pub fn autocomplete(self, hint: &'static str) -> Self {
        self.last(|field| {
            if let Control::Line(line) = &mut field.control {
                line.autocomplete = hint;
            }
        })
    }

    /// Digits are typed into the field added last; its width in characters (0 = whole width).
    pub fn shaped(self, numeric: bool, width: u8) -> Self {
        self.last(|field| {
            if let Control::Line(line) = &mut field.control {
                (line.numeric, line.width) = (numeric, width);
            }
        })
    }

    /// A way back without sending: address and words.
    pub fn cancel(mut self, href: impl Into<String>, text: String) -> Self {
        self.built.cancel = Some((href.into(), text));
        self
    }

    /// The form does something that cannot be taken back.
    pub fn grave(mut self) -> Self {
        self.built.grave = true;
        self
    }

    /// The form with the words on its button.
    pub fn submit(mut self, text: String) -> Form {
        self.built.submit = text;
        // A problem of no field of this form still needs its line.
        for error in self.errors {
            if !self.built.fields.iter().any(|field| field.id == error.field) {
                let line = problem_text(self.built.words, error.problem);
                self.built.findings.push((String::new(), line));
            }
        }
        self.built
    }
}
