//! Questionnaire and method together: what turns answers into points. Immutable, named by two hashes.

use super::method::Method;
use super::questionnaire::{Questionnaire, QuestionnaireError};
use crate::statistics::score::ScoreScheme;

/// A questionnaire with the method an evaluation applies to it.
#[derive(Debug, Clone)]
pub struct Instrument {
    questionnaire: Questionnaire,
    method: Method,
    scheme: ScoreScheme,
}

impl Instrument {
    /// Joins the two.
    ///
    /// # Errors
    /// [`QuestionnaireError`] when the method's points would leave the exact range.
    pub fn new(questionnaire: Questionnaire, method: Method) -> Result<Self, QuestionnaireError> {
        let scheme = questionnaire.scheme(&method)?;
        Ok(Self {
            questionnaire,
            method,
            scheme,
        })
    }
    /// The questionnaire.
    pub fn questionnaire(&self) -> &Questionnaire {
        &self.questionnaire
    }
    /// The method.
    pub fn method(&self) -> &Method {
        &self.method
    }
    /// Their scoring scheme.
    pub fn scheme(&self) -> &ScoreScheme {
        &self.scheme
    }
}
