//! A correction of an interview: other answers than were taken down, with the reason. Its form asks what the services named in
//! it ask of a customer, and is read by the parser of interviews.

use super::answers::{Answers, FormChoices};
use super::form::{FieldError, FormReader, Problem, RawForm};
use super::questionnaire::{Questionnaire, ServiceSet};
use super::screening;
use super::supervision::{COMMENT_MAX, CorrectionReason};
use crate::statistics::score::Reply;

/// Stands for a question that was put and left without an answer.
pub const SKIPPED: &str = "-";

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
    /// Reads the form of a correction of these answers. Every rating that the services ask for must be spoken of: one that
    /// was answered stays answered, any other may be left without.
    ///
    /// # Errors
    /// Every field that must be corrected; [`Problem::NothingChanged`] where every answer is as before.
    pub fn parse(
        questionnaire: &Questionnaire,
        choices: FormChoices<'_>,
        before: &Answers,
        form: &RawForm,
    ) -> Result<Self, Vec<FieldError>> {
        let mut reader = FormReader::new(form);
        let answers = screening::services(questionnaire, form)
            .map_err(|error| vec![error])
            .and_then(|services| {
                unspoken(&mut reader, questionnaire, services, before);
                Answers::parse(questionnaire, services, choices, &spoken(questionnaire, form))
            });
        for error in answers.as_ref().err().into_iter().flatten() {
            reader.refuse(&error.field, error.problem);
        }
        if answers.as_ref() == Ok(before) {
            reader.refuse("", Problem::NothingChanged);
        }
        let reason = reader.choice("reason", CorrectionReason::parse);
        let note = reader.text("note", COMMENT_MAX);
        if reason == Some(CorrectionReason::Other) && note.is_empty() {
            reader.refuse("note", Problem::Empty);
        }
        let done = answers.ok().zip(reason);
        reader.done(done.map(|(answers, reason)| Self { answers, reason, note }))
    }
}

/// Names the ratings that the services ask for and the form says nothing of, and answers that it would take away.
fn unspoken(reader: &mut FormReader<'_>, questionnaire: &Questionnaire, services: ServiceSet, before: &Answers) {
    let overall = std::iter::once((&questionnaire.overall().id, before.overall().is_some()));
    let items = questionnaire.items().iter().zip(before.replies());
    let items = items.filter(|(item, _)| item.applies(services));
    for (name, was_answered) in overall.chain(items.map(|(item, reply)| (&item.id, !is_open(*reply)))) {
        match reader.form().first(name) {
            "" => reader.refuse(name, Problem::Missing),
            SKIPPED if was_answered => reader.refuse(name, Problem::NotAChoice),
            _ => {}
        }
    }
}

/// The form as an interview would have sent it. The comment is kept apart from the answers and not corrected.
fn spoken(questionnaire: &Questionnaire, form: &RawForm) -> RawForm {
    let comment = &questionnaire.fields().comment.0.id;
    let kept = form
        .pairs()
        .filter(|(name, value)| *value != SKIPPED && name != comment);
    RawForm::new(kept.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

/// Whether a reply may be left without an answer: it had none.
pub fn is_open(reply: Reply) -> bool {
    matches!(reply, Reply::NotShown | Reply::Skipped)
}

/// The services that a form of a correction names; those of the answers where it names none that there are.
pub fn services(questionnaire: &Questionnaire, before: &Answers, form: &RawForm) -> ServiceSet {
    screening::services(questionnaire, form).unwrap_or(before.services())
}

/// What the form of a correction holds before anything is changed.
pub fn filled(questionnaire: &Questionnaire, answers: &Answers) -> RawForm {
    let (fields, facts, screening) = (questionnaire.fields(), answers.facts(), questionnaire.screening());
    let rated = |code: Option<u8>| code.map_or_else(|| SKIPPED.to_owned(), |code| code.to_string());
    let used = screening.service_options.iter().enumerate();
    let used = used.filter(|(place, _)| answers.services().contains(*place));
    let mut pairs: Vec<(&String, String)> = used.map(|(_, o)| (&screening.services.id, o.id.clone())).collect();
    pairs.push((&questionnaire.overall().id, rated(answers.overall())));
    for (item, reply) in questionnaire.items().iter().zip(answers.replies()) {
        match reply {
            Reply::NotShown => {}
            Reply::Skipped => pairs.push((&item.id, SKIPPED.to_owned())),
            Reply::NotApplicable => pairs.push((&item.id, "0".to_owned())),
            Reply::Rated(code) => pairs.push((&item.id, code.to_string())),
        }
    }
    if let Some(asked) = questionnaire.low_rating() {
        let reasons = questionnaire.low_reason_names(answers.low_reasons());
        pairs.extend(reasons.into_iter().map(|name| (&asked.id, name)));
    }
    for (control, value) in [
        (&fields.product_category, &facts.product_category),
        (&fields.service_month, &facts.service_month),
        (&fields.customer_type.0, &facts.customer_type),
        (&fields.complaint_fee.0, &facts.complaint_fee),
    ] {
        pairs.extend(value.clone().map(|value| (&control.id, value)));
    }
    pairs.extend(facts.integrity.iter().map(|one| (&fields.integrity.0.id, one.clone())));
    RawForm::new(pairs.into_iter().map(|(name, value)| (name.clone(), value)).collect())
}

/// The months that a correction may name: those offered when the interview arrived, and the one that was taken down.
pub fn months(mut offered: Vec<String>, before: &Answers) -> Vec<String> {
    let noted = before.facts().service_month.iter();
    offered.extend(
        noted
            .filter(|month| !offered.contains(month))
            .cloned()
            .collect::<Vec<_>>(),
    );
    offered
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: FormChoices<'static> = FormChoices {
        products: &[],
        months: &[],
    };

    fn taken(services: u32, pairs: &[(&str, &str)]) -> (Questionnaire, Answers) {
        let bytes = include_bytes!("../../questionnaires/cqm-after-sales-perception-1.1.0.json");
        let questionnaire = Questionnaire::from_json(bytes).unwrap();
        let typed = RawForm::new(pairs.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect());
        let answers = Answers::parse(&questionnaire, ServiceSet(services), NONE, &typed).unwrap();
        (questionnaire, answers)
    }

    /// The form as it was filled, with these fields changed; a field without value is taken out.
    fn corrected(of: &(Questionnaire, Answers), changes: &[(&str, &str)]) -> Result<Correction, Vec<FieldError>> {
        let as_it_was = filled(&of.0, &of.1);
        let kept = as_it_was
            .pairs()
            .filter(|(name, _)| !changes.iter().any(|c| c.0 == *name));
        let changed = changes.iter().copied().filter(|(_, value)| !value.is_empty());
        let pairs = kept.chain(changed).map(|(n, v)| (n.to_owned(), v.to_owned()));
        Correction::parse(&of.0, NONE, &of.1, &RawForm::new(pairs.collect()))
    }

    fn problems(found: Result<Correction, Vec<FieldError>>) -> Vec<(String, Problem)> {
        let errors = found.err().unwrap_or_default().into_iter();
        errors.map(|error| (error.field, error.problem)).collect()
    }

    #[test]
    fn an_answer_changes_with_a_reason_and_never_goes() {
        let taken = taken(1, &[("F01", "5"), ("F02", "0")]);
        let problems = |changes: &[(&str, &str)]| problems(corrected(&taken, changes));
        assert_eq!(
            problems(&[("reason", "mistaken"), ("comment", "x")]),
            [(String::new(), Problem::NothingChanged)]
        );
        assert_eq!(problems(&[("F01", "2")]), [("reason".to_owned(), Problem::Missing)]);
        assert_eq!(
            problems(&[("F01", "-"), ("F02", ""), ("reason", "other")]),
            [
                ("F01".to_owned(), Problem::NotAChoice),
                ("F02".to_owned(), Problem::Missing),
                ("F01".to_owned(), Problem::NothingRated),
                ("note".to_owned(), Problem::Empty),
            ]
        );
        // What is not asked of who used these services cannot be slipped in.
        let done = corrected(&taken, &[("F01", "2"), ("T02", "5"), ("reason", "mistaken")]).unwrap();
        assert_eq!(done.answers.replies().first(), Some(&Reply::Rated(2)));
        assert_eq!(done.answers.replies().get(1), Some(&Reply::NotApplicable));
        let others = |answers: &Answers| answers.replies().iter().skip(1).copied().collect::<Vec<_>>();
        assert_eq!(others(&done.answers), others(&taken.1));
    }

    /// Reasons stay with the low rating they were given for, change with it, and go with it.
    #[test]
    fn reasons_go_with_their_low_rating() {
        let taken = taken(1, &[("F01", "2"), ("low_reasons", "F01.unsolved"), ("F02", "5")]);
        let reasons = |changes: &[(&str, &str)]| {
            let changes: Vec<_> = changes.iter().copied().chain([("reason", "mistaken")]).collect();
            let done = corrected(&taken, &changes).unwrap().answers;
            taken.0.low_reason_names(done.low_reasons())
        };
        assert_eq!(reasons(&[("F02", "4")]), ["F01.unsolved"]);
        assert_eq!(reasons(&[("low_reasons", "F01.unclear")]), ["F01.unclear"]);
        assert!(reasons(&[("F01", "4")]).is_empty());
    }

    #[test]
    fn other_services_ask_for_their_ratings_and_drop_those_of_the_old_ones() {
        let taken = taken(2, &[("F01", "5"), ("K01", "4"), ("customer_type", "home")]);
        let other = taken
            .0
            .screening()
            .service_options
            .get(2)
            .map_or("", |option| &option.id);
        let asks = |services: u32| -> Vec<String> {
            let items = taken.0.items().iter().filter(|item| item.applies(ServiceSet(services)));
            items.map(|item| item.id.clone()).collect()
        };
        let fresh: Vec<String> = asks(4).into_iter().filter(|id| !asks(2).contains(id)).collect();
        assert!(fresh.len() > 1 && asks(2).iter().any(|id| !asks(4).contains(id)));
        let changed = [("services", other), ("reason", "mistaken")];
        let missing = fresh.iter().map(|id| (id.clone(), Problem::Missing));
        assert_eq!(problems(corrected(&taken, &changed)), missing.collect::<Vec<_>>());
        // Each is answered, or said to have been put without an answer.
        let said = fresh
            .iter()
            .enumerate()
            .map(|(n, id)| (id.as_str(), if n == 0 { "3" } else { SKIPPED }));
        let changes: Vec<_> = changed.into_iter().chain(said).collect();
        let done = corrected(&taken, &changes).unwrap().answers;
        assert_eq!((done.services(), done.facts()), (ServiceSet(4), taken.1.facts()));
        for (item, reply) in taken.0.items().iter().zip(done.replies()) {
            assert_eq!(*reply == Reply::NotShown, !item.applies(ServiceSet(4)), "{}", item.id);
            assert!(Some(&item.id) != fresh.first() || *reply == Reply::Rated(3));
        }
        assert_eq!(
            problems(corrected(&taken, &[("services", "")])).first().map(|e| e.1),
            Some(Problem::NoService)
        );
    }
}
