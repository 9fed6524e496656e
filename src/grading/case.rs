//! Grading cases as written: one case, or `{"cases": […]}`. All of them are read before the first is graded.
//!
//! Inside `input` and `policy` every key is known; beside them a case may carry notes (titles, tags, expectations).

use serde::Deserialize;
use serde_json::value::RawValue;

use super::evidence::Evidence;
use super::policy::PolicyChanges;

/// A case to grade.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Case {
    /// Its name in the results.
    pub id: String,
    /// Settings of its own; they beat all others.
    #[serde(default)]
    pub policy: Option<PolicyChanges>,
    /// What is graded.
    pub input: Evidence,
}

/// Why cases, or a policy, cannot be read: where, and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {}{problem}", .place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default())]
pub struct ReadError {
    /// Line of the file, from 1.
    line: usize,
    /// Case and field.
    place: Option<String>,
    /// What is wrong.
    problem: String,
}

#[derive(Deserialize)]
struct File<'a> {
    #[serde(borrow)]
    cases: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
}

/// Reads every case of a file.
///
/// # Errors
/// [`ReadError`] for the first case that cannot be read, naming the case and the field.
pub fn read(text: &str) -> Result<Vec<Case>, ReadError> {
    let text = text.trim_start_matches('\u{feff}');
    let wrong = |problem: &str| ReadError {
        line: 1,
        place: None,
        problem: problem.into(),
    };
    // Only an object has names for what it holds.
    if !text.trim_start().starts_with('{') {
        return Err(wrong("neither a case nor {\"cases\": […]}"));
    }
    let file: File<'_> = decode(text, 1, None)?;
    match (file.cases, file.input) {
        (Some(cases), None) => {
            let numbered = (1..).zip(cases);
            numbered.map(|(number, case)| one(text, case.get(), number)).collect()
        }
        (None, Some(_)) => Ok(vec![one(text, text, 1)?]),
        (Some(_), Some(_)) => Err(wrong("either one case or a list \"cases\", not both")),
        (None, None) => Err(wrong("a case needs \"input\", a list of them \"cases\"")),
    }
}

/// Reads settings.
///
/// # Errors
/// [`ReadError`] naming the setting.
pub fn read_policy(text: &str) -> Result<PolicyChanges, ReadError> {
    decode(text.trim_start_matches('\u{feff}'), 1, None)
}

fn one(whole: &str, text: &str, number: usize) -> Result<Case, ReadError> {
    #[derive(Deserialize)]
    struct Named {
        id: String,
    }
    let name = match serde_json::from_str::<Named>(text) {
        Ok(named) => format!("case {}", named.id),
        Err(_) => format!("case number {number}"),
    };
    // A case is a part of the whole text, so its address says where it begins.
    let start = (text.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize);
    let before = whole.get(..start).unwrap_or_default();
    decode(text, 1 + before.matches('\n').count(), Some(&name))
}

/// Decodes a text that begins in this line of its file.
fn decode<'a, T: Deserialize<'a>>(text: &'a str, first_line: usize, name: Option<&str>) -> Result<T, ReadError> {
    let mut json = serde_json::Deserializer::from_str(text);
    let value: T = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let field = error.path().to_string();
        let field = (field != ".").then_some(field);
        read_error(error.inner(), first_line, name, field.as_deref())
    })?;
    json.end().map_err(|error| read_error(&error, first_line, name, None))?;
    Ok(value)
}

fn read_error(error: &serde_json::Error, first_line: usize, name: Option<&str>, field: Option<&str>) -> ReadError {
    let said = error.to_string();
    let problem = said
        .rsplit_once(" at line ")
        .map_or(said.as_str(), |(problem, _)| problem);
    let place: Vec<&str> = name.into_iter().chain(field).collect();
    ReadError {
        line: first_line + error.line().saturating_sub(1),
        place: (!place.is_empty()).then(|| place.join(": ")),
        problem: problem.to_owned(),
    }
}
