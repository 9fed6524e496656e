//! Questionnaire and method together: what turns answers into points. Immutable, named by two hashes.

use std::sync::Arc;

use super::method::Method;
use super::questionnaire::{Questionnaire, QuestionnaireError};
use crate::statistics::score::ScoreScheme;
use crate::statistics::study::Scoring;

/// A questionnaire with the method an evaluation applies to it.
#[derive(Debug, Clone)]
pub struct Instrument {
    questionnaire: Questionnaire,
    method: Method,
    scoring: Arc<Scoring>,
}

impl Instrument {
    /// Joins the two.
    ///
    /// # Errors
    /// [`QuestionnaireError`] when the method's points would leave the exact range.
    pub fn new(questionnaire: Questionnaire, method: Method) -> Result<Self, QuestionnaireError> {
        let scoring = Arc::new(questionnaire.scoring(&method)?);
        Ok(Self {
            questionnaire,
            method,
            scoring,
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
        self.scoring.scheme()
    }
    /// The same with the names of items and facets.
    pub fn scoring(&self) -> &Arc<Scoring> {
        &self.scoring
    }
}
