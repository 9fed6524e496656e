//! A correction of an interview: other ratings of what was asked, with the reason. The services used decide which questions
//! are asked, so they are never corrected: such an interview is asked back or rejected.

use super::answers::Answers;
use super::form::{FieldError, FormReader, Problem, RawForm};
use super::questionnaire::Questionnaire;
use super::supervision::{COMMENT_MAX, CorrectionReason};
use crate::statistics::score::Reply;

/// Stands for an item that was shown and left empty.
const SKIPPED: &str = "-";

/// Corrected answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// The answers as they should have been taken down.
    pub answers: Answers,
    /// Why.
    pub reason: CorrectionReason,
    /// In words; never empty for another reason than those listed.
    pub note: String,
}

impl Correction {
    /// Reads the form of a correction of these answers. An item may get any rating or "not applicable"; it is left empty
    /// only where it was.
    ///
    /// # Errors
    /// Every field that must be corrected; [`Problem::NothingChanged`] where every answer is as before.
    pub fn parse(questionnaire: &Questionnaire, before: &Answers, form: &RawForm) -> Result<Self, Vec<FieldError>> {
        let max = questionnaire.scale().max();
        let mut reader = FormReader::new(form);
        let overall = reader.choice(&questionnaire.overall().id, |value| match value {
            SKIPPED => before.overall().is_none().then_some(None),
            value => code(value, 1, max).map(Some),
        });
        let mut replies = Vec::new();
        for (item, before) in questionnaire.items().iter().zip(before.replies()) {
            let reply = match before {
                Reply::NotShown => Some(Reply::NotShown),
                before => reader.choice(&item.id, |value| match value {
                    SKIPPED => (*before == Reply::Skipped).then_some(Reply::Skipped),
                    "0" => Some(Reply::NotApplicable),
                    value => code(value, 1, max).map(Reply::Rated),
                }),
            };
            replies.push(reply.unwrap_or(*before));
        }
        let reason = reader.choice("reason", CorrectionReason::parse);
        let note = reader.text("note", COMMENT_MAX);
        if reason == Some(CorrectionReason::Other) && note.is_empty() {
            reader.refuse("note", Problem::Empty);
        }
        let answers = before.corrected(questionnaire, overall.flatten(), &replies);
        if overall.is_some() && answers == *before {
            reader.refuse("", Problem::NothingChanged);
        }
        reader.done(reason.map(|reason| Self { answers, reason, note }))
    }
}

/// What the form of a correction holds before anything is changed.
pub fn filled(questionnaire: &Questionnaire, answers: &Answers) -> RawForm {
    let rated = |code: Option<u8>| code.map_or_else(|| SKIPPED.to_owned(), |code| code.to_string());
    let mut pairs = vec![(questionnaire.overall().id.clone(), rated(answers.overall()))];
    for (item, reply) in questionnaire.items().iter().zip(answers.replies()) {
        let value = match reply {
            Reply::NotShown => continue,
            Reply::Skipped => SKIPPED.to_owned(),
            Reply::NotApplicable => "0".to_owned(),
            Reply::Rated(code) => code.to_string(),
        };
        pairs.push((item.id.clone(), value));
    }
    RawForm::new(pairs)
}

fn code(value: &str, least: u8, most: u8) -> Option<u8> {
    let code = value.parse::<u8>().ok()?;
    ((least..=most).contains(&code) && code.to_string() == value).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::answers::FormChoices;
    use crate::survey::questionnaire::ServiceSet;

    #[test]
    fn only_what_was_asked_changes_and_only_with_a_reason() {
        let bytes = include_bytes!("../../questionnaires/cqm-after-sales-perception-1.1.0.json");
        let questionnaire = Questionnaire::from_json(bytes).unwrap();
        let typed = RawForm::new(vec![("F01".into(), "5".into()), ("F02".into(), "0".into())]);
        let choices = FormChoices {
            products: &[],
            months: &[],
        };
        let before = Answers::parse(&questionnaire, ServiceSet(1), choices, &typed).unwrap();
        let as_it_was = filled(&questionnaire, &before);
        let with = |changes: &[(&str, &str)]| {
            let kept = as_it_was
                .pairs()
                .filter(|(name, _)| !changes.iter().any(|c| c.0 == *name));
            let pairs = kept.map(|(n, v)| (n.to_owned(), v.to_owned()));
            let changed = changes.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
            let form = RawForm::new(pairs.chain(changed).collect());
            Correction::parse(&questionnaire, &before, &form)
        };
        let problems = |found: Result<Correction, Vec<FieldError>>| {
            let errors = found.err().unwrap_or_default().into_iter();
            errors.map(|error| (error.field, error.problem)).collect::<Vec<_>>()
        };
        assert_eq!(
            problems(with(&[("reason", "mistaken")])),
            [(String::new(), Problem::NothingChanged)]
        );
        assert_eq!(
            problems(with(&[("F01", "2")])),
            [("reason".to_owned(), Problem::Missing)]
        );
        assert_eq!(
            problems(with(&[("F01", "-"), ("reason", "other")])),
            [
                ("F01".to_owned(), Problem::NotAChoice),
                ("note".to_owned(), Problem::Empty),
                (String::new(), Problem::NothingChanged)
            ]
        );
        // What was not asked cannot be slipped in.
        let done = with(&[("F01", "2"), ("T02", "5"), ("reason", "mistaken")]).unwrap();
        assert_eq!(done.answers.replies().first(), Some(&Reply::Rated(2)));
        assert_eq!(done.answers.replies().get(1), Some(&Reply::NotApplicable));
        let others = |answers: &Answers| answers.replies().iter().skip(1).copied().collect::<Vec<_>>();
        assert_eq!(others(&done.answers), others(&before));
    }
}
