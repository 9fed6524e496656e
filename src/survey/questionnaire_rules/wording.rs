//! Rules for the parts around the items: unscored controls, wordings, dispositions, names.

use std::collections::BTreeSet;

use super::super::disposition::Code;
use super::super::language::{Language, Text};
use super::super::questionnaire::{Choice, Disposition, Fields, Texts};
use super::super::questionnaire_file::{ClassEntry, DimensionEntry, DispositionEntry, File};
use super::{Findings, choices, is_name, question, service_set};
use crate::statistics::outcome::Outcome;

const OUTCOME_CLASSES: [&str; 9] = [
    "I",
    "P",
    "R",
    "NC",
    "O",
    "UH",
    "UO",
    "NE",
    "as completed, counted = false",
];
/// More reasons than this nobody reads on a telephone.
const LOW_REASONS_MAX: usize = 8;
/// Names that forms of the product use themselves.
const RESERVED_NAMES: [&str; 7] = ["action", "lang", "csrf", "id", "notes", "outcome", "refusal_reason"];

pub(super) fn fields(file: &File, services: &[Choice], findings: &mut Findings) -> Fields {
    let (product_category, _, _) = question(&file.fields, "product_category", findings);
    let (service_month, _, _) = question(&file.fields, "service_month", findings);
    let (customer_type, customer_types, _) = question(&file.fields, "customer_type", findings);
    let (comment, _, comment_max) = question(&file.fields, "comment", findings);
    let (integrity, integrity_options, _) = question(&file.fields, "integrity", findings);
    let (complaint_fee, fee_options, _) = question(&file.fields, "complaint_fee", findings);
    findings.unless(comment_max.is_some_and(|max| (1..=2000).contains(&max)), || {
        "comment: max must be 1..2000".into()
    });
    findings.unless(!integrity_options.is_empty(), || "integrity: no options".into());
    findings.unless(file.fields.iter().any(|field| field.id == "consent"), || {
        "consent: the field is missing".into()
    });
    let asked_after = file
        .fields
        .iter()
        .find(|field| field.id == "complaint_fee")
        .and_then(|field| field.applies_if.as_ref());
    findings.unless(asked_after.is_some(), || "complaint_fee: applies_if is missing".into());
    Fields {
        product_category,
        service_month,
        customer_type: (customer_type, customer_types),
        comment: (comment, comment_max.unwrap_or_default()),
        integrity: (integrity, integrity_options),
        complaint_fee_services: asked_after
            .map(|condition| service_set("complaint_fee", condition, services, findings))
            .unwrap_or_default(),
        complaint_fee: (complaint_fee, fee_options),
        consent: "consent".into(),
    }
}

pub(super) fn texts(file: &File, findings: &mut Findings) -> Texts {
    let mut text = |name: &str, holes: &[&str]| {
        let form = |suffix: &str| file.texts.get(&format!("{name}_{suffix}")).cloned().unwrap_or_default();
        let text = Text::new(form("zh"), form("en"));
        findings.text(name, &text);
        for hole in holes {
            findings.unless(Language::ALL.iter().all(|l| text.get(*l).contains(hole)), || {
                format!("{name}: {hole} is missing")
            });
        }
        text
    };
    Texts {
        notice: text("notice", &["{body}", "{contact}", "{days}", "{retention_end}"]),
        consent_button: text("consent_button", &[]),
        decline_button: text("decline_button", &[]),
        closing: text("closing", &["{code}"]),
        plate: text("qr_poster", &[]),
    }
}

pub(super) fn dispositions(entries: &[DispositionEntry], findings: &mut Findings) -> Vec<Disposition> {
    let codes: BTreeSet<&str> = entries.iter().map(|entry| entry.code.as_str()).collect();
    findings.unless(codes.len() == entries.len(), || {
        "dispositions: a code stands twice".into()
    });
    let mut rows = Vec::new();
    for entry in entries {
        let place = format!("disposition {}", entry.code);
        findings.text(&place, &entry.text);
        findings.unless(
            entry.code.len() == 3 && entry.code.bytes().all(|b| b.is_ascii_digit()),
            || format!("{place}: not three digits"),
        );
        let class = |channel: &str| match &entry.class {
            ClassEntry::One(class) => class.clone(),
            ClassEntry::PerChannel(map) => map.get(channel).cloned().unwrap_or_default(),
        };
        let (class_face, class_invited) = (class("face"), class("email"));
        for class in [&class_face, &class_invited] {
            findings.unless(OUTCOME_CLASSES.contains(&class.as_str()), || {
                format!("{place}: unknown class {class}")
            });
        }
        rows.push(Disposition {
            code: entry.code.clone(),
            text: entry.text.clone(),
            class_face,
            class_invited,
            channels: entry.channels.clone(),
        });
    }
    // Consent that is taken back is a refusal, also under questionnaires that name no code for it.
    if !codes.contains(Code::Withdrawn.as_str()) {
        rows.push(Disposition {
            code: Code::Withdrawn.as_str().to_owned(),
            text: Text::new("事后撤回", "withdrawn afterwards"),
            class_face: Outcome::Refusal.as_str().to_owned(),
            class_invited: Outcome::Refusal.as_str().to_owned(),
            channels: "all".to_owned(),
        });
    }
    for needed in Code::ALL.into_iter().filter(|code| *code != Code::Withdrawn) {
        findings.unless(codes.contains(needed.as_str()), || {
            format!("dispositions: {} is missing", needed.as_str())
        });
    }
    rows
}

/// A questionnaire that asks for reasons has some for every dimension; one that does not has none.
pub(super) fn low_reasons(file: &File, entry: &DimensionEntry, findings: &mut Findings) -> Vec<Choice> {
    let few = match file.low_rating {
        Some(_) => 1..=LOW_REASONS_MAX,
        None => 0..=0,
    };
    findings.unless(few.contains(&entry.low_reasons.len()), || {
        format!("{}: needs {} to {} low_reasons", entry.id, few.start(), few.end())
    });
    choices(&entry.id, &entry.low_reasons, findings)
}

pub(super) fn unique_names(file: &File, findings: &mut Findings) {
    let names = file
        .items
        .iter()
        .map(|item| &item.id)
        .chain(file.screening.iter().map(|question| &question.id))
        .chain(file.fields.iter().map(|field| &field.id))
        .chain(file.channels.in_person.extra_fields.iter().map(|field| &field.id))
        .chain(file.low_rating.iter().map(|asked| &asked.id))
        .chain(std::iter::once(&file.control_item.id));
    let mut seen = BTreeSet::new();
    for name in names {
        findings.unless(is_name(name), || format!("{name}: not a plain name"));
        findings.unless(!RESERVED_NAMES.contains(&name.as_str()), || format!("{name}: reserved"));
        findings.unless(seen.insert(name), || format!("{name}: stands twice"));
    }
}
