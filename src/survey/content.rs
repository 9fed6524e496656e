//! Stored form of answers: one short line that people can read and the program can read back, e.g.
//! `1;services=consult+outlet;G00=4;F01=5;F02=0;F03=-;month=2026-10`. `0` is "not applicable", `-` is skipped,
//! an item that was not shown is absent. The comment is kept apart. A line with reasons for low ratings begins with `2` and
//! ends with them, `…;low_reasons=F03.unclear+T01.waited`; without, it is version 1 to the letter, so that what was stored and
//! committed to before there were reasons is what would be written today.

use std::collections::BTreeSet;

use super::answers::{Answers, Facts};
use super::questionnaire::{Control, Questionnaire, ServiceSet};
use crate::statistics::score::Reply;

const VERSION: &str = "1";
const WITH_REASONS: &str = "2";

/// Stored content that this questionnaire cannot have produced.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("stored answers are not readable at {0:?}")]
pub struct ContentError(String);

/// Writes answers as one line. Names are plain by the questionnaire's rules, so `;`, `=` and `+` are free.
pub fn encode(questionnaire: &Questionnaire, answers: &Answers) -> String {
    let reasons = low_reasons(questionnaire, answers);
    let version = if reasons.is_some() { WITH_REASONS } else { VERSION };
    let mut parts = vec![version.to_owned()];
    let mut put = |name: &str, value: String| parts.push(format!("{name}={value}"));
    let options = &questionnaire.screening().service_options;
    let services: Vec<&str> = options
        .iter()
        .enumerate()
        .filter(|(place, _)| answers.services.contains(*place))
        .map(|(_, o)| o.id.as_str())
        .collect();
    put("services", services.join("+"));
    if let Some(code) = answers.overall {
        put(&questionnaire.overall().id, code.to_string());
    }
    for (item, reply) in questionnaire.items().iter().zip(&answers.replies) {
        match reply {
            Reply::Rated(code) => put(&item.id, code.to_string()),
            Reply::NotApplicable => put(&item.id, "0".into()),
            Reply::Skipped => put(&item.id, "-".into()),
            Reply::NotShown => {}
        }
    }
    let facts = &answers.facts;
    for (name, value) in [
        ("product", &facts.product_category),
        ("month", &facts.service_month),
        ("type", &facts.customer_type),
        ("fee", &facts.complaint_fee),
    ] {
        if let Some(value) = value {
            put(name, value.clone());
        }
    }
    if !facts.integrity.is_empty() {
        put("integrity", facts.integrity.join("+"));
    }
    if let Some((control, names)) = reasons {
        put(&control.id, names);
    }
    parts.join(";")
}

/// Reasons for low ratings by name, where there are any, and the control they belong to.
fn low_reasons<'a>(questionnaire: &'a Questionnaire, answers: &Answers) -> Option<(&'a Control, String)> {
    let names = questionnaire.low_reason_names(&answers.low_reasons);
    let control = questionnaire.low_rating().filter(|_| !names.is_empty())?;
    Some((control, names.join("+")))
}

/// Reads a stored line back.
///
/// # Errors
/// [`ContentError`] with the part that does not fit.
pub fn decode(questionnaire: &Questionnaire, line: &str, comment: Option<String>) -> Result<Answers, ContentError> {
    let mut parts = line.split(';');
    let has_reasons = match parts.next() {
        Some(VERSION) => false,
        Some(WITH_REASONS) => true,
        _ => return Err(ContentError(line.chars().take(20).collect())),
    };
    let mut reasons = None;
    let items = questionnaire.items();
    let mut answers = Answers {
        services: ServiceSet::default(),
        overall: None,
        replies: vec![Reply::NotShown; items.len()],
        low_reasons: Vec::new(),
        facts: Facts::default(),
        comment,
    };
    let max = questionnaire.scale().max();
    for part in parts {
        let bad = || ContentError(part.to_owned());
        let (name, value) = part.split_once('=').ok_or_else(bad)?;
        let code = || value.parse::<u8>().ok().filter(|code| *code <= max).ok_or_else(bad);
        match name {
            "services" => answers.services = services(questionnaire, value).ok_or_else(bad)?,
            "product" => answers.facts.product_category = Some(value.to_owned()),
            "month" => answers.facts.service_month = Some(value.to_owned()),
            "type" => answers.facts.customer_type = Some(value.to_owned()),
            "fee" => answers.facts.complaint_fee = Some(value.to_owned()),
            "integrity" => answers.facts.integrity = value.split('+').map(str::to_owned).collect(),
            _ if questionnaire.low_rating().is_some_and(|asked| asked.id == name) => reasons = Some(value),
            _ if name == questionnaire.overall().id => answers.overall = Some(code()?),
            _ => {
                let place = items.iter().position(|item| item.id == name).ok_or_else(bad)?;
                let reply = match value {
                    "-" => Reply::Skipped,
                    "0" => Reply::NotApplicable,
                    _ => Reply::Rated(code()?),
                };
                *answers.replies.get_mut(place).ok_or_else(bad)? = reply;
            }
        }
    }
    if let Some(names) = reasons {
        let named: BTreeSet<&str> = names.split('+').collect();
        answers.low_reasons = questionnaire.low_reasons_given(&answers.replies, &named);
        if answers.low_reasons.len() != named.len() {
            return Err(ContentError(names.to_owned()));
        }
    }
    if has_reasons != reasons.is_some() {
        return Err(ContentError(line.chars().take(20).collect()));
    }
    Ok(answers)
}

fn services(questionnaire: &Questionnaire, value: &str) -> Option<ServiceSet> {
    let options = &questionnaire.screening().service_options;
    value.split('+').try_fold(ServiceSet::default(), |set, id| {
        options
            .iter()
            .position(|option| option.id == id)
            .map(|place| set.with(place))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_stored_reads_back_the_same(
            services in 1u32..4096,
            codes in proptest::collection::vec(0u8..=6, 24),
            overall in proptest::option::of(1u8..=5),
            fee in proptest::option::of("yes|no"),
            ticked in any::<u128>(),
        ) {
            let bytes = include_bytes!("../../questionnaires/cqm-after-sales-perception-1.1.0.json");
            let questionnaire = Questionnaire::from_json(bytes).unwrap();
            let replies: Vec<Reply> = questionnaire.items().iter().zip(codes).map(|(item, code)| match code {
                _ if !item.applies(ServiceSet(services)) => Reply::NotShown,
                0 => Reply::NotApplicable,
                6 => Reply::Skipped,
                code => Reply::Rated(code),
            }).collect();
            let names: Vec<String> = questionnaire.named_low_reasons().map(|(_, name)| name).collect();
            let ticked = names.iter().enumerate().filter(|(place, _)| ticked >> (place % 128) & 1 == 1);
            let ticked: BTreeSet<&str> = ticked.map(|(_, name)| name.as_str()).collect();
            let low_reasons = questionnaire.low_reasons_given(&replies, &ticked);
            let is_plain = low_reasons.is_empty();
            let answers = Answers {
                services: ServiceSet(services),
                overall,
                replies,
                low_reasons,
                facts: Facts { complaint_fee: fee, integrity: vec!["watched".into(), "none".into()], ..Facts::default() },
                comment: Some("很好".into()),
            };
            let line = encode(&questionnaire, &answers);
            prop_assert_eq!(line.starts_with("1;"), is_plain, "{}", line);
            prop_assert_eq!(decode(&questionnaire, &line, Some("很好".into())), Ok(answers));
        }
    }

    #[test]
    fn foreign_content_is_refused() {
        let bytes = include_bytes!("../../questionnaires/cqm-after-sales-perception-1.1.0.json");
        let questionnaire = Questionnaire::from_json(bytes).unwrap();
        for line in [
            "",
            "3;F01=5",
            "2;F01=5",
            "1;F01=6",
            "1;X99=1",
            "1;services=boat",
            "1;F01",
            "1;F01=1;low_reasons=F01.other",
            "2;F01=5;low_reasons=F01.other",
            "2;F01=1;low_reasons=F01.late",
            "2;F01=1;low_reasons=",
        ] {
            assert!(decode(&questionnaire, line, None).is_err(), "{line}");
        }
    }
}
