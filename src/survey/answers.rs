//! From a form as typed to checked answers. Only items that apply are read: nothing else can enter a score.

use std::collections::BTreeSet;

use super::form::{FieldError, Problem, RawForm};
use super::low_rating::LowReason;
use super::questionnaire::{Choice, Control, Questionnaire, ServiceSet};
use crate::statistics::score::Reply;

/// Answers that passed every check. Built by [`Answers::parse`] or by reading stored content, never field by field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    pub(super) services: ServiceSet,
    pub(super) overall: Option<u8>,
    pub(super) replies: Vec<Reply>,
    pub(super) low_reasons: Vec<LowReason>,
    pub(super) facts: Facts,
    pub(super) comment: Option<String>,
}

/// The unscored answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Option of the organisation's product list.
    pub product_category: Option<String>,
    /// `YYYY-MM`.
    pub service_month: Option<String>,
    /// Option of `customer_type`.
    pub customer_type: Option<String>,
    /// Options of `integrity`, in their order.
    pub integrity: Vec<String>,
    /// Option of `complaint_fee`.
    pub complaint_fee: Option<String>,
}

/// What the questionnaire does not know: choices that belong to the evaluation and the day.
#[derive(Debug, Clone, Copy)]
pub struct FormChoices<'a> {
    /// Products in the certified scope; empty = the question is not shown.
    pub products: &'a [Choice],
    /// Months offered, `YYYY-MM`, latest first.
    pub months: &'a [String],
}

impl Answers {
    /// Reads a rating form.
    ///
    /// # Errors
    /// Every field that must be corrected; a form without any rating and without any "not applicable" is refused.
    pub fn parse(
        questionnaire: &Questionnaire,
        services: ServiceSet,
        choices: FormChoices<'_>,
        form: &RawForm,
    ) -> Result<Self, Vec<FieldError>> {
        let mut reader = Reader {
            form,
            errors: Vec::new(),
        };
        let max = questionnaire.scale().max();
        let overall = reader.code(&questionnaire.overall().id, 1, max);
        let replies: Vec<Reply> = questionnaire
            .items()
            .iter()
            .map(|item| match item.applies(services) {
                false => Reply::NotShown,
                true => match reader.code(&item.id, 0, max) {
                    None => Reply::Skipped,
                    Some(0) => Reply::NotApplicable,
                    Some(code) => Reply::Rated(code),
                },
            })
            .collect();
        let low_reasons = reader.low_reasons(questionnaire, &replies);
        let facts = reader.facts(questionnaire, services, choices);
        let comment = reader.comment(&questionnaire.fields().comment);
        let answered = replies
            .iter()
            .any(|reply| matches!(reply, Reply::Rated(_) | Reply::NotApplicable));
        if !answered && reader.errors.is_empty() {
            let first = questionnaire.items().iter().find(|item| item.applies(services));
            reader.errors.push(FieldError::new(
                first.map_or("", |item| &item.id),
                Problem::NothingRated,
            ));
        }
        if reader.errors.is_empty() {
            Ok(Self {
                services,
                overall,
                replies,
                low_reasons,
                facts,
                comment,
            })
        } else {
            Err(reader.errors)
        }
    }

    /// The same with other ratings of what was asked and another overall rating: what was not asked stays so, and the
    /// services, which decide what is asked, stay as they were. Reasons go with the low rating they were given for.
    #[must_use]
    pub fn corrected(&self, questionnaire: &Questionnaire, overall: Option<u8>, replies: &[Reply]) -> Self {
        let kept = self.replies.iter().enumerate().map(|(place, before)| match before {
            Reply::NotShown => Reply::NotShown,
            before => replies
                .get(place)
                .filter(|reply| **reply != Reply::NotShown)
                .copied()
                .unwrap_or(*before),
        });
        let replies: Vec<Reply> = kept.collect();
        Self {
            overall: overall.or(self.overall),
            low_reasons: questionnaire.still_low(&self.low_reasons, &replies),
            replies,
            ..self.clone()
        }
    }

    /// Services used.
    pub fn services(&self) -> ServiceSet {
        self.services
    }
    /// The unscored overall rating.
    pub fn overall(&self) -> Option<u8> {
        self.overall
    }
    /// One reply per item of the questionnaire, in its order.
    pub fn replies(&self) -> &[Reply] {
        &self.replies
    }
    /// Reasons given for low ratings, in the order of the questionnaire.
    pub fn low_reasons(&self) -> &[LowReason] {
        &self.low_reasons
    }
    /// The unscored answers.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }
    /// The comment, if any.
    pub fn comment(&self) -> Option<&str> {
        self.comment.as_deref()
    }
}

struct Reader<'a> {
    form: &'a RawForm,
    errors: Vec<FieldError>,
}

impl Reader<'_> {
    /// A scale code in its plain form: `5`, not `05`, `+5` or `５`.
    fn code(&mut self, name: &str, min: u8, max: u8) -> Option<u8> {
        let value = self.single(name)?;
        let code = value
            .parse::<u8>()
            .ok()
            .filter(|code| (min..=max).contains(code) && code.to_string() == value);
        if code.is_none() {
            self.errors.push(FieldError::new(name, Problem::NotAChoice));
        }
        code
    }

    fn single(&mut self, name: &str) -> Option<String> {
        match self.form.single(name) {
            Ok(value) => value.map(str::to_owned),
            Err(problem) => {
                self.errors.push(FieldError::new(name, problem));
                None
            }
        }
    }

    fn choice<'c>(&mut self, control: &Control, mut options: impl Iterator<Item = &'c str>) -> Option<String> {
        let value = self.single(&control.id)?;
        if options.any(|option| option == value) {
            return Some(value);
        }
        self.errors.push(FieldError::new(&control.id, Problem::NotAChoice));
        None
    }

    fn facts(&mut self, questionnaire: &Questionnaire, services: ServiceSet, choices: FormChoices<'_>) -> Facts {
        let fields = questionnaire.fields();
        let ids = |options: &'_ [Choice]| -> Vec<String> { options.iter().map(|option| option.id.clone()).collect() };
        let products = ids(choices.products);
        let product_category = match products.is_empty() {
            true => None,
            false => self.choice(&fields.product_category, products.iter().map(String::as_str)),
        };
        let customer_types = ids(&fields.customer_type.1);
        let fees = ids(&fields.complaint_fee.1);
        Facts {
            product_category,
            service_month: self.choice(&fields.service_month, choices.months.iter().map(String::as_str)),
            customer_type: self.choice(&fields.customer_type.0, customer_types.iter().map(String::as_str)),
            integrity: self.integrity(&fields.integrity),
            complaint_fee: match fields.complaint_fee_services.meets(services) {
                true => self.choice(&fields.complaint_fee.0, fees.iter().map(String::as_str)),
                false => None,
            },
        }
    }

    /// What was ticked under ratings that are low: a list that was opened and left behind by a better rating says nothing.
    fn low_reasons(&mut self, questionnaire: &Questionnaire, replies: &[Reply]) -> Vec<LowReason> {
        let Some(asked) = questionnaire.low_rating() else {
            return Vec::new();
        };
        let named: BTreeSet<&str> = self.form.all(&asked.id).collect();
        if named.is_empty() {
            return Vec::new();
        }
        let known: BTreeSet<String> = questionnaire.named_low_reasons().map(|(_, name)| name).collect();
        if let Some(unknown) = named.iter().find(|name| !known.contains(**name)) {
            let item = unknown.split('.').next().unwrap_or_default();
            let shown = questionnaire.items().iter().zip(replies);
            let place = shown
                .filter(|(_, reply)| **reply != Reply::NotShown)
                .find(|(known, _)| known.id == item);
            let field = place.map_or(&questionnaire.overall().id, |(item, _)| &item.id);
            self.errors.push(FieldError::new(field, Problem::NotAChoice));
        }
        questionnaire.low_reasons_given(replies, &named)
    }

    fn integrity(&mut self, (control, options): &(Control, Vec<Choice>)) -> Vec<String> {
        if self
            .form
            .all(&control.id)
            .any(|value| !options.iter().any(|option| option.id == value))
        {
            self.errors.push(FieldError::new(&control.id, Problem::NotAChoice));
        }
        options
            .iter()
            .filter(|option| self.form.has(&control.id, &option.id))
            .map(|option| option.id.clone())
            .collect()
    }

    /// Free text without control characters (nobody types them, and one database refuses them), trimmed.
    fn comment(&mut self, (control, max): &(Control, usize)) -> Option<String> {
        let text: String = self.form.first(&control.id).replace("\r\n", "\n");
        let text: String = text.chars().filter(|c| *c == '\n' || !c.is_control()).collect();
        let text = text.trim();
        if text.chars().count() > *max {
            self.errors.push(FieldError::new(&control.id, Problem::TooLong));
        }
        (!text.is_empty()).then(|| text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::content;

    fn questionnaire() -> Questionnaire {
        Questionnaire::from_json(include_bytes!(
            "../../questionnaires/cqm-after-sales-perception-1.1.0.json"
        ))
        .unwrap()
    }

    fn parse(services: u32, pairs: &[(&str, &str)]) -> Result<Answers, Vec<FieldError>> {
        let form = RawForm::new(pairs.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect());
        let months = ["2026-11".to_owned(), "2026-10".to_owned()];
        Answers::parse(
            &questionnaire(),
            ServiceSet(services),
            FormChoices {
                products: &[],
                months: &months,
            },
            &form,
        )
    }

    fn problem(pairs: &[(&str, &str)]) -> (String, Problem) {
        let error = parse(1, pairs).unwrap_err().remove(0);
        (error.field, error.problem)
    }

    #[test]
    fn only_items_that_apply_are_read() {
        let answers = parse(1, &[("F01", "5"), ("T02", "1")]).unwrap();
        assert_eq!(answers.replies()[0], Reply::Rated(5));
        assert_eq!(answers.replies()[1], Reply::Skipped);
        assert_eq!(answers.replies()[8], Reply::NotShown);
    }

    #[test]
    fn nothing_rated_is_refused_and_all_not_applicable_is_accepted() {
        assert_eq!(
            problem(&[("G00", "4"), ("comment", "x")]),
            ("F01".into(), Problem::NothingRated)
        );
        let none: Vec<_> = ["F01", "F02", "F03", "V01", "S01"]
            .iter()
            .map(|id| (*id, "0"))
            .collect();
        assert!(
            parse(1, &none).unwrap().replies()[..5]
                .iter()
                .all(|reply| *reply == Reply::NotApplicable)
        );
    }

    #[test]
    fn bad_values_of_every_kind_are_named() {
        for value in ["6", "-1", "05", "5.0", "５", "five", "999999999999"] {
            assert_eq!(
                problem(&[("F01", value)]),
                ("F01".into(), Problem::NotAChoice),
                "{value}"
            );
        }
        assert_eq!(
            problem(&[("F01", "5"), ("F01", "1")]),
            ("F01".into(), Problem::Contradictory)
        );
        assert_eq!(
            problem(&[("F01", "5"), ("G00", "0")]),
            ("G00".into(), Problem::NotAChoice)
        );
        assert_eq!(
            problem(&[("F01", "5"), ("service_month", "1999-01")]),
            ("service_month".into(), Problem::NotAChoice)
        );
        assert_eq!(
            problem(&[("F01", "5"), ("integrity", "bribed")]),
            ("integrity".into(), Problem::NotAChoice)
        );
        assert_eq!(
            problem(&[("F01", "5"), ("comment", &"字".repeat(301))]),
            ("comment".into(), Problem::TooLong)
        );
    }

    #[test]
    fn reasons_are_kept_with_a_low_rating_alone() {
        let names = |answers: &Answers| {
            content::encode(&questionnaire(), answers)
                .split_once(";low_reasons=")
                .map(|kept| kept.1.to_owned())
        };
        let reason = |name: &'static str| ("low_reasons", name);
        let ticked = [
            reason("F01.unsolved"),
            reason("F01.unclear"),
            reason("F02.other"),
            reason("F03.other"),
            reason("T02.late"),
        ];
        let with = |ratings: &[(&'static str, &'static str)]| parse(1, &[ratings, &ticked].concat()).unwrap();
        // Low, skipped, not applicable; T02 is not asked.
        let low = with(&[("F01", "2"), ("F03", "0"), ("T02", "1")]);
        assert_eq!(names(&low).as_deref(), Some("F01.unsolved+F01.unclear"));
        for good in ["3", "4", "5", "0"] {
            assert_eq!(names(&with(&[("F01", good), ("F02", "5")])), None, "{good}");
        }
        // A correction takes the reasons of a rating that is no longer low along.
        let corrected = |code| low.corrected(&questionnaire(), None, &[Reply::Rated(code)]);
        assert_eq!(names(&corrected(1)), names(&low));
        assert_eq!(names(&corrected(3)), None);
        for (value, field) in [
            ("F01.bribed", "F01"),
            ("F01", "F01"),
            ("T02.bribed", "G00"),
            ("other", "G00"),
        ] {
            let found = problem(&[("F01", "1"), ("low_reasons", value)]);
            assert_eq!(found, (field.to_owned(), Problem::NotAChoice), "{value}");
        }
    }

    #[test]
    fn a_comment_loses_only_what_nobody_types() {
        let answers = parse(1, &[("F01", "5"), ("comment", " 很好\r\n谢谢\u{0}\u{7} ")]).unwrap();
        assert_eq!(answers.comment(), Some("很好\n谢谢"));
    }
}
