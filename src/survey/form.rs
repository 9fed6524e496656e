//! A form as it arrived: names and values, nothing checked yet. Kept whole so that a refused form comes back with
//! everything that was typed.

/// Names and values in the order of arrival.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RawForm(Vec<(String, String)>);

/// What is wrong with a field. Each has one plain sentence per language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// A required answer is missing.
    Missing,
    /// Consent was not given.
    ConsentMissing,
    /// No service was chosen.
    NoService,
    /// Not one item was rated or marked as not applicable.
    NothingRated,
    /// The value is none of the choices.
    NotAChoice,
    /// Two different answers to one question.
    Contradictory,
    /// The text is longer than allowed.
    TooLong,
}

/// A problem and the control it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Name of the control.
    pub field: String,
    /// What is wrong.
    pub problem: Problem,
}

impl FieldError {
    /// A problem at a control.
    pub fn new(field: &str, problem: Problem) -> Self {
        Self {
            field: field.to_owned(),
            problem,
        }
    }
}

impl RawForm {
    /// From decoded pairs.
    pub fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// Every value of a control.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }

    /// The first value of a control; empty where there is none.
    pub fn first(&self, name: &str) -> &str {
        self.0.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
    }

    /// Whether a control holds this value.
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|v| v == value)
    }

    /// The single value of a control: empty values do not count, two different ones contradict each other.
    ///
    /// # Errors
    /// [`Problem::Contradictory`].
    pub fn single(&self, name: &str) -> Result<Option<&str>, Problem> {
        let mut found = None;
        for (_, value) in self.0.iter().filter(|(n, v)| n == name && !v.is_empty()) {
            match found {
                Some(earlier) if earlier != value => return Err(Problem::Contradictory),
                _ => found = Some(value),
            }
        }
        Ok(found.map(String::as_str))
    }
}
