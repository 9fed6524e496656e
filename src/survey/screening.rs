//! The questions before the ratings: consent, eligibility, services used.

use super::disposition::Code;
use super::form::{FieldError, Problem, RawForm};
use super::questionnaire::{Control, Questionnaire, ServiceSet};

/// What a landing form leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Screened {
    /// May rate; the items that apply follow from the services.
    Eligible(ServiceSet),
    /// A polite end, counted as a disposition without content.
    Ended(Code),
}

/// The control by which a visitor declines, and its value.
pub const DECLINE: (&str, &str) = ("action", "decline");

/// Reads a landing form.
///
/// A disqualifying answer ends the visit whatever else is missing: nobody fills in a form only to be sent away.
///
/// # Errors
/// Every field that must be corrected.
pub fn screen(questionnaire: &Questionnaire, form: &RawForm) -> Result<Screened, Vec<FieldError>> {
    if form.has(DECLINE.0, DECLINE.1) {
        return Ok(Screened::Ended(Code::Refusal));
    }
    let screening = questionnaire.screening();
    let mut errors = Vec::new();
    if form.first(&questionnaire.fields().consent).is_empty() {
        errors.push(FieldError::new(
            &questionnaire.fields().consent,
            Problem::ConsentMissing,
        ));
    }
    for (control, disqualifies, code) in [
        (&screening.adult, "no", Code::Minor),
        (&screening.served, "no", Code::NoService),
        (&screening.conflict, "yes", Code::Interested),
    ] {
        match yes_no(form, control) {
            Ok(answer) if answer == disqualifies => return Ok(Screened::Ended(code)),
            Ok(_) => {}
            Err(error) => errors.push(error),
        }
    }
    let services = services(questionnaire, form).unwrap_or_else(|error| {
        errors.push(error);
        ServiceSet::default()
    });
    if errors.is_empty() {
        Ok(Screened::Eligible(services))
    } else {
        Err(errors)
    }
}

fn yes_no<'a>(form: &'a RawForm, control: &Control) -> Result<&'a str, FieldError> {
    match form.single(&control.id) {
        Ok(Some(answer @ ("yes" | "no"))) => Ok(answer),
        Ok(None) => Err(FieldError::new(&control.id, Problem::Missing)),
        Ok(Some(_)) => Err(FieldError::new(&control.id, Problem::NotAChoice)),
        Err(problem) => Err(FieldError::new(&control.id, problem)),
    }
}

fn services(questionnaire: &Questionnaire, form: &RawForm) -> Result<ServiceSet, FieldError> {
    let screening = questionnaire.screening();
    let mut set = ServiceSet::default();
    for value in form.all(&screening.services.id) {
        match screening.service_options.iter().position(|option| option.id == value) {
            Some(position) => set = set.with(position),
            None => return Err(FieldError::new(&screening.services.id, Problem::NotAChoice)),
        }
    }
    if set.is_empty() {
        Err(FieldError::new(&screening.services.id, Problem::NoService))
    } else {
        Ok(set)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn screened(pairs: &[(&str, &str)]) -> Result<Screened, Vec<FieldError>> {
        let questionnaire = Questionnaire::from_json(include_bytes!(
            "../../questionnaires/cqm-after-sales-perception-1.1.0.json"
        ))
        .unwrap();
        let form = RawForm::new(pairs.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect());
        screen(&questionnaire, &form)
    }

    const FINE: [(&str, &str); 5] = [
        ("consent", "yes"),
        ("age18", "yes"),
        ("service_12m", "yes"),
        ("conflict", "no"),
        ("services", "consult"),
    ];

    #[test]
    fn eligible_customers_go_on_with_their_services() {
        let two = [FINE.as_slice(), &[("services", "delivery")]].concat();
        assert_eq!(screened(&two), Ok(Screened::Eligible(ServiceSet(0b101))));
    }

    #[test]
    fn a_disqualifying_answer_ends_the_visit_even_in_an_unfinished_form() {
        for (field, value, code) in [
            ("age18", "no", Code::Minor),
            ("service_12m", "no", Code::NoService),
            ("conflict", "yes", Code::Interested),
        ] {
            assert_eq!(screened(&[(field, value)]), Ok(Screened::Ended(code)));
        }
        assert_eq!(screened(&[("action", "decline")]), Ok(Screened::Ended(Code::Refusal)));
    }

    #[test]
    fn every_missing_field_is_named() {
        let errors = screened(&[]).unwrap_err();
        let fields: Vec<&str> = errors.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(fields, ["consent", "age18", "service_12m", "conflict", "services"]);
        let mut wrong = FINE;
        wrong[4].1 = "flying";
        assert_eq!(screened(&wrong).unwrap_err()[0].problem, Problem::NotAChoice);
    }
}
