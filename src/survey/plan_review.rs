//! What a reviewer says of a frozen plan, as the form says it.

use super::form::{FieldError, FormReader, Problem, RawForm};

/// Characters of a comment.
pub const COMMENT_MAX: usize = 500;

/// What becomes of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Fieldwork may begin as planned.
    Approve,
    /// Back to the draft, with what must be changed.
    Return,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Verdict; 2] = [Verdict::Approve, Verdict::Return];

    /// Name in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Approve => "approve",
            Verdict::Return => "return",
        }
    }

    /// The event action that records it.
    pub fn action(self) -> &'static str {
        match self {
            Verdict::Approve => "plan.approved",
            Verdict::Return => "plan.returned",
        }
    }
}

/// Reads the form of a review; who returns a plan says why.
///
/// # Errors
/// Every field that must be corrected.
pub fn parse(form: &RawForm) -> Result<(Verdict, String), Vec<FieldError>> {
    let mut reader = FormReader::new(form);
    let verdict = reader.choice("verdict", |name| {
        Verdict::ALL.into_iter().find(|verdict| verdict.as_str() == name)
    });
    let comment = reader.line("comment", COMMENT_MAX);
    if verdict == Some(Verdict::Return) && comment.is_empty() {
        reader.refuse("comment", Problem::Empty);
    }
    reader.done(verdict.map(|verdict| (verdict, comment)))
}
