//! The rules a questionnaire must keep, applied on load. Sources: the annex of CQM/F-RZ-ZY-06-001 (marks), its 4.3
//! (basis is chapter 4.1), and the limit on the weighted scale that keeps every sum exact.

mod in_person;
mod wording;

use std::collections::BTreeSet;

use super::language::Text;
use super::questionnaire::{
    Choice, Condition, Control, Facet, Heading, Item, Questionnaire, QuestionnaireError, Scale, Screening, ServiceSet,
};
use super::questionnaire_file::{ConditionEntry, File, OptionEntry, OptionsEntry, QuestionEntry, ScaleEntry};

/// Marks of the eight first-level indicators (annex, 附件).
const ANNEX_MARKS: [(&str, u32); 8] = [
    ("4.1.1", 10),
    ("4.1.2", 15),
    ("4.1.3", 10),
    ("4.1.4", 25),
    ("4.1.5", 15),
    ("4.1.6", 7),
    ("4.1.7", 8),
    ("4.1.8", 10),
];
/// Σ weight · scale length of one questionnaire: keeps all sums exact.
const WEIGHTED_SCALE_MAX: u64 = 50_000;
const SERVICES_MAX: usize = 32;

/// Collects findings while building; a finding never stops the search for more.
struct Findings(Vec<String>);

impl Findings {
    fn unless(&mut self, fine: bool, finding: impl FnOnce() -> String) {
        if !fine {
            self.0.push(finding());
        }
    }
    fn text(&mut self, place: &str, text: &Text) {
        self.unless(!text.is_incomplete(), || format!("{place}: a language is missing"));
    }
}

pub(super) fn check(file: File, hash: String) -> Result<Questionnaire, QuestionnaireError> {
    let mut findings = Findings(Vec::new());
    for language in super::language::Language::ALL {
        findings.unless(file.languages.iter().any(|l| l == language.tag()), || {
            format!("languages: {} is missing", language.tag())
        });
    }
    findings.text("title", &file.title);
    findings.text("stem", &file.stem.text);
    findings.text(&file.control_item.id, &file.control_item.text);
    let scale = scale(&file.scale, &mut findings);
    let screening = screening(&file.screening, &mut findings);
    let items = items(&file, &screening.service_options, &mut findings);
    let dimensions = dimensions(&file, &items, &mut findings);
    let headings = headings(&file, &items, &mut findings);
    let fields = wording::fields(&file, &screening.service_options, &mut findings);
    let texts = wording::texts(&file, &mut findings);
    if let Some(asked) = &file.low_rating {
        findings.text(&asked.id, &asked.text);
    }
    let in_person = in_person::read(&file, &scale, &mut findings);
    let dispositions = wording::dispositions(&file.dispositions, &mut findings);
    let refusal_reasons = choices("refusal_reasons", &file.refusal_reasons, &mut findings);
    wording::unique_names(&file, &mut findings);
    let weighted: u64 = items
        .iter()
        .map(|item| u64::from(item.weight) * u64::from(scale.max()))
        .sum();
    findings.unless(weighted <= WEIGHTED_SCALE_MAX, || {
        format!("items: Σ weight·max is {weighted}, above {WEIGHTED_SCALE_MAX}")
    });
    if !findings.0.is_empty() {
        return Err(QuestionnaireError(findings.0));
    }
    Ok(Questionnaire {
        hash,
        id: file.id,
        version: file.version,
        title: file.title,
        scale,
        low_rating: file.low_rating.map(|asked| Control {
            id: asked.id,
            text: asked.text,
        }),
        screening,
        overall: Control {
            id: file.control_item.id,
            text: file.control_item.text,
        },
        stem: file.stem.text,
        dimensions,
        headings,
        items,
        fields,
        texts,
        in_person,
        dispositions,
        refusal_reasons,
    })
}

fn scale(entry: &ScaleEntry, findings: &mut Findings) -> Scale {
    let mut points = Vec::new();
    for code in 1..=entry.codes.len() {
        match entry.codes.get(&code.to_string()) {
            Some(value) => points.push(*value),
            None => findings.0.push(format!("scale: code {code} is missing")),
        }
    }
    findings.unless(points.len() >= 2 && points.len() <= 11, || {
        "scale: needs 2 to 11 codes".into()
    });
    findings.unless(
        points.windows(2).all(|pair| matches!(pair, [low, high] if low < high)),
        || "scale: points must rise with the code".into(),
    );
    findings.unless(points.last() == Some(&100), || {
        "scale: the highest code must give 100 points".into()
    });
    findings.unless(entry.na_code == 0, || "scale: na_code must be 0".into());
    findings.text("scale.na", &entry.na);
    let mut labels: Vec<(u8, Text)> = entry
        .labels
        .iter()
        .map(|label| (label.code, label.text.clone()))
        .collect();
    labels.sort_by_key(|(code, _)| std::cmp::Reverse(*code));
    let wanted = (1..=points.len())
        .rev()
        .map(|code| u8::try_from(code).unwrap_or(u8::MAX));
    findings.unless(labels.iter().map(|(code, _)| *code).eq(wanted), || {
        "scale.labels: exactly one label per code".into()
    });
    for (code, text) in &labels {
        findings.text(&format!("scale.labels {code}"), text);
    }
    Scale {
        points,
        labels,
        not_applicable: entry.na.clone(),
    }
}

fn choices(place: &str, options: &[OptionEntry], findings: &mut Findings) -> Vec<Choice> {
    let ids: BTreeSet<&str> = options.iter().map(|option| option.id.as_str()).collect();
    findings.unless(ids.len() == options.len(), || {
        format!("{place}: an option id stands twice")
    });
    for option in options {
        findings.text(&format!("{place}.{}", option.id), &option.text);
        findings.unless(is_name(&option.id), || {
            format!("{place}.{}: not a plain name", option.id)
        });
    }
    options
        .iter()
        .map(|option| Choice {
            id: option.id.clone(),
            text: option.text.clone(),
        })
        .collect()
}

fn question(list: &[QuestionEntry], id: &str, findings: &mut Findings) -> (Control, Vec<Choice>, Option<usize>) {
    let Some(entry) = list.iter().find(|entry| entry.id == id) else {
        findings.0.push(format!("{id}: the question is missing"));
        return (
            Control {
                id: id.to_owned(),
                text: Text::default(),
            },
            Vec::new(),
            None,
        );
    };
    let text = entry.text.clone().unwrap_or_default();
    findings.text(id, &text);
    let options = match &entry.options {
        Some(OptionsEntry::Listed(options)) => choices(id, options, findings),
        Some(OptionsEntry::Described(_)) | None => Vec::new(),
    };
    (
        Control {
            id: id.to_owned(),
            text,
        },
        options,
        entry.max,
    )
}

fn screening(list: &[QuestionEntry], findings: &mut Findings) -> Screening {
    let (adult, _, _) = question(list, "age18", findings);
    let (served, _, _) = question(list, "service_12m", findings);
    let (conflict, _, _) = question(list, "conflict", findings);
    let (services, service_options, _) = question(list, "services", findings);
    findings.unless(
        !service_options.is_empty() && service_options.len() <= SERVICES_MAX,
        || format!("services: needs 1 to {SERVICES_MAX} options"),
    );
    Screening {
        adult,
        served,
        conflict,
        services,
        service_options,
    }
}

fn service_set(place: &str, condition: &ConditionEntry, services: &[Choice], findings: &mut Findings) -> ServiceSet {
    condition.any.iter().fold(ServiceSet::default(), |set, id| {
        match services.iter().position(|s| &s.id == id) {
            Some(position) => set.with(position),
            None => {
                findings.0.push(format!("{place}: unknown service {id} in applies_if"));
                set
            }
        }
    })
}

fn items(file: &File, services: &[Choice], findings: &mut Findings) -> Vec<Item> {
    let mut items = Vec::new();
    for entry in &file.items {
        let place = &entry.id;
        findings.text(place, &entry.text);
        findings.unless((1..=1000).contains(&entry.weight), || {
            format!("{place}: weight must be 1..1000")
        });
        findings.unless(entry.applies_if.always == entry.applies_if.any.is_empty(), || {
            format!("{place}: applies_if needs either always or any")
        });
        let condition = if entry.applies_if.always {
            Condition::Always
        } else {
            Condition::AnyOf(service_set(place, &entry.applies_if, services, findings))
        };
        let under = |clause: &String, heading: &str| {
            clause == heading || clause.strip_prefix(heading).is_some_and(|rest| rest.starts_with('.'))
        };
        findings.unless(entry.clauses.iter().any(|clause| under(clause, &entry.group)), || {
            format!("{place}: no clause under its heading {}", entry.group)
        });
        findings.unless(
            entry
                .clauses
                .iter()
                .all(|clause| ANNEX_MARKS.iter().any(|(heading, _)| under(clause, heading))),
            || format!("{place}: a clause lies outside chapter 4.1"),
        );
        let dimension = file.dimensions.iter().position(|d| d.id == entry.dimension);
        findings.unless(dimension.is_some(), || {
            format!("{place}: unknown dimension {}", entry.dimension)
        });
        let heading = ANNEX_MARKS.iter().position(|(clause, _)| *clause == entry.group);
        findings.unless(heading.is_some(), || {
            format!("{place}: unknown heading {}", entry.group)
        });
        items.push(Item {
            id: entry.id.clone(),
            text: entry.text.clone(),
            weight: entry.weight,
            dimension: dimension.unwrap_or_default(),
            heading: heading.unwrap_or_default(),
            condition,
            clauses: entry.clauses.clone(),
        });
    }
    findings.unless(!items.is_empty(), || "items: none".into());
    items
}

fn dimensions(file: &File, items: &[Item], findings: &mut Findings) -> Vec<Facet> {
    let mut facets = Vec::new();
    for (position, entry) in file.dimensions.iter().enumerate() {
        let place = &entry.id;
        findings.text(place, &entry.text);
        let own: Vec<&Item> = items.iter().filter(|item| item.dimension == position).collect();
        let weight: u32 = own.iter().map(|item| item.weight).sum();
        findings.unless(weight == entry.weight && weight > 0, || {
            format!("{place}: items weigh {weight}, not {}", entry.weight)
        });
        let listed: BTreeSet<&str> = entry.items.iter().map(String::as_str).collect();
        findings.unless(listed == own.iter().map(|item| item.id.as_str()).collect(), || {
            format!("{place}: its list of items differs")
        });
        facets.push(Facet {
            id: entry.id.clone(),
            text: entry.text.clone(),
            weight,
            low_reasons: wording::low_reasons(file, entry, findings),
        });
    }
    facets
}

fn headings(file: &File, items: &[Item], findings: &mut Findings) -> Vec<Heading> {
    let mut headings = Vec::new();
    for (position, (clause, marks)) in ANNEX_MARKS.iter().enumerate() {
        let own: Vec<&Item> = items.iter().filter(|item| item.heading == position).collect();
        let weight: u32 = own.iter().map(|item| item.weight).sum();
        findings.unless(weight == *marks, || {
            format!("{clause}: items weigh {weight}, the annex gives {marks}")
        });
        let listed: BTreeSet<&str> = file
            .coverage
            .get(*clause)
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        findings.unless(listed == own.iter().map(|item| item.id.as_str()).collect(), || {
            format!("coverage {clause}: its list of items differs")
        });
        headings.push(Heading {
            clause: (*clause).to_owned(),
            marks: *marks,
        });
    }
    headings
}

/// Names go into forms, exports and stored content: letters, digits and `_` only.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 40 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::super::questionnaire::Questionnaire;

    const DEFAULT: &str = include_str!("../../../questionnaires/cqm-after-sales-perception-1.1.0.json");

    fn broken(from: &str, to: &str) -> String {
        assert!(DEFAULT.contains(from), "{from}");
        Questionnaire::from_json(DEFAULT.replacen(from, to, 1).as_bytes())
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn the_default_questionnaire_keeps_every_rule() {
        let questionnaire = Questionnaire::from_json(DEFAULT.as_bytes()).unwrap();
        assert_eq!(questionnaire.items().len(), 24);
        assert_eq!(questionnaire.dimensions().len() + questionnaire.headings().len(), 14);
        assert_eq!(questionnaire.headings().iter().map(|h| h.marks).sum::<u32>(), 100);
    }

    #[test]
    fn a_file_without_reasons_is_read_as_before() {
        let mut file: serde_json::Value = serde_json::from_str(DEFAULT).unwrap();
        file.as_object_mut().unwrap().remove("low_rating");
        for dimension in file["dimensions"].as_array_mut().unwrap() {
            dimension.as_object_mut().unwrap().remove("low_reasons");
        }
        let questionnaire = Questionnaire::from_json(file.to_string().as_bytes()).unwrap();
        assert!(questionnaire.low_rating().is_none() && questionnaire.named_low_reasons().next().is_none());
    }

    #[test]
    fn a_changed_file_is_refused_with_the_place_named() {
        assert!(
            broken("\"weight\": 6,\n   \"applies_if\"", "\"weight\": 5,\n   \"applies_if\"")
                .contains("4.1.2: items weigh 14, the annex gives 15")
        );
        assert!(
            broken("\"any\": [\n     \"delivery\"", "\"any\": [\n     \"drone\"")
                .contains("T02: unknown service drone")
        );
        assert!(broken("\"en\": \"Outcome of your complaint\"", "\"en\": \"\"").contains("F07: a language is missing"));
        assert!(
            broken(
                "\"4.1.8.1\"\n   ],\n   \"zh\": \"投诉处理的速度\"",
                "\"5.1\"\n   ],\n   \"zh\": \"投诉处理的速度\""
            )
            .contains("T05")
        );
        assert!(broken("\"dimension\": \"comfort\"", "\"dimension\": \"luxury\"").contains("unknown dimension luxury"));
        assert!(broken("\"always\": true", "\"sometimes\": true").contains("unknown field"));
        assert!(broken("\"id\": \"F02\"", "\"id\": \"F01\"").contains("F01: stands twice"));
        assert!(broken("\"4\": 80", "\"4\": 60").contains("points must rise"));
        assert!(broken("\"low_rating\"", "\"low_rated\"").contains("functionality: needs 0 to 0 low_reasons"));
        assert!(broken("\"id\": \"unclear\"", "\"id\": \"unsolved\"").contains("an option id stands twice"));
        assert!(broken("\"id\": \"low_reasons\"", "\"id\": \"comment\"").contains("comment: stands twice"));
    }
}
