//! What became of every approach: outcome rates, evaluators × outlets, and the published table of outcomes.

use std::collections::BTreeMap;

use askama::Template;
use chrono::NaiveDate;

use crate::statistics::exact::{Ratio, percent_truncated};
use crate::statistics::outcome::{Outcome, OutcomeCounts, RateName};
use crate::survey::disposition::Code;
use crate::survey::fieldwork::{Sum, Table};
use crate::survey::id::{OutletId, PersonId};
use crate::survey::language::{Language, Text};
use crate::survey::questionnaire::{Disposition, Questionnaire};
use crate::view::office::{Desk, Frame};
use crate::view::words::Words;

const RATES: [RateName; 4] = [
    RateName::Response(1),
    RateName::Cooperation(1),
    RateName::Contact(1),
    RateName::Refusal(1),
];
const CLASSES: [(&str, &[Outcome]); 7] = [
    ("I", &[Outcome::Complete]),
    ("P", &[Outcome::Partial]),
    ("R", &[Outcome::Refusal]),
    ("NC", &[Outcome::NonContact]),
    ("O", &[Outcome::Other]),
    ("U", &[Outcome::UnknownHousehold, Outcome::UnknownOther]),
    ("NE", &[Outcome::NotEligible]),
];

struct Grid {
    id: &'static str,
    heading: String,
    note: String,
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

#[derive(Template)]
#[template(path = "interview/contacts.html")]
struct Page {
    frame: Frame,
    back: String,
    grids: Vec<Grid>,
}

/// The page for managers and reviewers; names of people and outlets in their order.
///
/// # Errors
/// What the template engine reports.
pub fn contacts(
    desk: &Desk,
    questionnaire: &Questionnaire,
    table: &Table,
    names: &BTreeMap<PersonId, String>,
    outlets: &[(OutletId, Text)],
) -> Result<String, askama::Error> {
    let words = desk.words();
    let page = Page {
        frame: Frame::at(desk, &words.t("contacts-heading")),
        back: desk.here.as_ref().map_or_else(String::new, |(here, _)| {
            format!("/evaluations/{}/interviews", here.evaluation)
        }),
        grids: vec![
            rates(desk, questionnaire, table, names, outlets),
            field(desk, questionnaire, table, names, outlets),
            counted(desk, questionnaire, table),
            published(words, questionnaire),
        ],
    };
    page.render()
}

fn rates(
    desk: &Desk,
    questionnaire: &Questionnaire,
    table: &Table,
    names: &BTreeMap<PersonId, String>,
    outlets: &[(OutletId, Text)],
) -> Grid {
    let words = desk.words();
    let row = |name: String, sum: &Sum| {
        let counts = sum.outcomes(questionnaire);
        let classes = CLASSES.iter().map(|(_, outcomes)| many(&counts, outcomes).to_string());
        let mut cells = vec![name, sum.contacts.approached().to_string()];
        let rates = counts.rates(None);
        cells.extend(RATES.iter().map(|wanted| {
            let found = rates.iter().find(|(name, _)| name == wanted);
            rate(found.and_then(|(_, value)| value.as_ref()))
        }));
        cells.extend(classes);
        cells
    };
    let named = |person: &PersonId| names.get(person).cloned().unwrap_or_default();
    let evaluators = table.by_evaluator.iter().map(|(person, sum)| row(named(person), sum));
    let places = outlets.iter().filter_map(|(id, name)| {
        let sum = table.by_outlet.get(id)?;
        Some(row(name.get(desk.language).to_owned(), sum))
    });
    Grid {
        id: "rates",
        heading: words.t("contacts-rates"),
        note: words.t("contacts-rates-note"),
        head: [words.t("contacts-who"), words.t("contacts-approaches")]
            .into_iter()
            .chain(RATES.iter().map(ToString::to_string))
            .chain(CLASSES.iter().map(|(letters, _)| (*letters).to_owned()))
            .collect(),
        rows: std::iter::once(row(words.t("column-all"), &table.all))
            .chain(evaluators)
            .chain(places)
            .collect(),
    }
}

fn many(counts: &OutcomeCounts, outcomes: &[Outcome]) -> u64 {
    outcomes.iter().map(|outcome| counts.get(*outcome)).sum()
}

fn rate(value: Option<&Ratio>) -> String {
    value.map_or_else(|| "—".to_owned(), |share| format!("{} %", percent_truncated(share, 1)))
}

/// Part 5 of the sampling report.
fn field(
    desk: &Desk,
    questionnaire: &Questionnaire,
    table: &Table,
    names: &BTreeMap<PersonId, String>,
    outlets: &[(OutletId, Text)],
) -> Grid {
    let words = desk.words();
    let outlet = |id: &OutletId| {
        let found = outlets.iter().find(|(known, _)| known == id);
        found.map_or_else(String::new, |(_, name)| name.get(desk.language).to_owned())
    };
    let reasons = |sum: &Sum| {
        let known = questionnaire.refusal_reasons().iter();
        let counted = known.filter_map(|reason| {
            let n = sum.reasons.get(&reason.id)?;
            Some(format!("{} {n}", reason.text.get(desk.language)))
        });
        counted.collect::<Vec<_>>().join(&words.t("list-separator"))
    };
    let row = |((person, place), sum): (&(PersonId, OutletId), &Sum)| {
        let day = |day: Option<&NaiveDate>| day.map_or_else(String::new, |day| day.format("%m-%d").to_string());
        let values = [
            ("n", sum.days.len().into()),
            ("first", day(sum.days.first()).into()),
            ("last", day(sum.days.last()).into()),
        ];
        let hours = sum
            .hours
            .map_or_else(String::new, |(first, last)| format!("{first:02}:00–{last:02}:59"));
        let median = sum.median_duration_s();
        vec![
            names.get(person).cloned().unwrap_or_default(),
            outlet(place),
            words.tn("contacts-days-range", &values),
            hours,
            format!("{} / {}", sum.contacts.done(), sum.contacts.approached()),
            median.map_or_else(|| "—".to_owned(), |s| format!("{}:{:02}", s / 60, s % 60)),
            sum.staff_present.to_string(),
            sum.on_paper.to_string(),
            reasons(sum),
        ]
    };
    Grid {
        id: "field",
        heading: words.t("contacts-field"),
        note: words.t("contacts-field-note"),
        head: vec![
            words.t("role-evaluator"),
            words.t("assign-outlet"),
            words.t("contacts-days"),
            words.t("contacts-hours"),
            words.t("contacts-done"),
            words.t("contacts-median"),
            words.t("contacts-staff"),
            words.t("contacts-paper"),
            words.t("contacts-reasons"),
        ],
        rows: table.rows.iter().map(row).collect(),
    }
}

/// How many approaches ended how, by code.
fn counted(desk: &Desk, questionnaire: &Questionnaire, table: &Table) -> Grid {
    let words = desk.words();
    let row = |code: Code| {
        let n = table.all.contacts.count(code);
        let row = questionnaire
            .dispositions()
            .iter()
            .find(|row| row.code == code.as_str())?;
        (n > 0).then(|| vec![format!("{} {}", row.code, row.text.get(desk.language)), n.to_string()])
    };
    Grid {
        id: "counted",
        heading: words.t("fieldwork-outcomes"),
        note: String::new(),
        head: vec![words.t("head-disposition"), words.t("fieldwork-count")],
        rows: Code::ALL.into_iter().filter_map(row).collect(),
    }
}

/// The one table of all channels, as the questionnaire publishes it.
fn published(words: Words, questionnaire: &Questionnaire) -> Grid {
    let class = |row: &Disposition, channel: &str, class: &str| {
        let occurs = row.channels.split(',').any(|known| known == "all" || known == channel);
        match (occurs, Outcome::parse(class)) {
            (false, _) => "—".to_owned(),
            (true, Some(outcome)) => outcome.as_str().to_owned(),
            (true, None) => words.t("contacts-as-completed"),
        }
    };
    let row = |row: &Disposition| {
        vec![
            row.code.clone(),
            row.text.get(Language::ZhCn).to_owned(),
            row.text.get(Language::En).to_owned(),
            class(row, "face", &row.class_face),
            class(row, "email", &row.class_invited),
            class(row, "qr", &row.class_invited),
        ]
    };
    Grid {
        id: "published",
        heading: words.t("contacts-published"),
        note: words.t("contacts-published-note"),
        head: vec![
            words.t("contacts-code"),
            words.t("contacts-zh"),
            words.t("contacts-en"),
            words.t("contacts-face"),
            words.t("contacts-email"),
            words.t("contacts-qr"),
        ],
        rows: questionnaire.dispositions().iter().map(row).collect(),
    }
}
