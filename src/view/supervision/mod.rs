//! Pages of the supervision of interviews: reviews, one's own interviews, evaluators compared, back-checks. Every one of
//! them is a sheet of sections, printed by the one template for sheets.

mod back_checks;
mod evaluators;
mod own;
mod reviews;

use std::collections::BTreeMap;

use super::grading::{Grid, Item, Names, Section};
use super::office::Desk;
use super::survey::control::Wording;
use super::survey::low_reasons;
use super::words::Words;
use crate::statistics::score::Reply;
use crate::survey::answers::Answers;
use crate::survey::id::{OutletId, PersonId};
use crate::survey::language::Text;
use crate::survey::questionnaire::Questionnaire;
use crate::survey::supervision::{CorrectionReason, Rejection, Standing, Step};

pub use back_checks::{BackChecksPage, CaseLine, ResultLine, RoundLine, back_check, back_checks};
pub use evaluators::{EvaluatorsPage, evaluators};
pub use own::{Asked, own, own_interview};
pub use reviews::{InterviewPage, Row, SaidLine, review, reviews};

/// The names of outlets.
pub type Outlets = BTreeMap<OutletId, Text>;

/// An address of the evaluation where the desk stands.
fn address(desk: &Desk, end: &str) -> String {
    super::grading::address(desk, end)
}

fn name(names: &Names, who: PersonId) -> String {
    names.get(&who).cloned().unwrap_or_default()
}

fn outlet(outlets: &Outlets, desk: &Desk, which: OutletId) -> String {
    outlets
        .get(&which)
        .map(|text| text.get(desk.language).to_owned())
        .unwrap_or_default()
}

/// Minutes and seconds.
fn length(started_at_ms: i64, ended_at_ms: i64) -> String {
    let seconds = (ended_at_ms - started_at_ms).max(0) / 1000;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

fn standing(words: Words, standing: Standing) -> String {
    match standing {
        Standing::Waiting => words.t("supervise-waiting"),
        Standing::AskedBack => words.t("supervise-asked"),
        Standing::Approved => words.t("supervise-approved"),
        Standing::Rejected => words.t("supervise-rejected"),
    }
}

fn step(words: Words, step: Step) -> String {
    match step {
        Step::Approved => words.t("supervise-approved"),
        Step::Rejected => words.t("supervise-rejected"),
        Step::Returned => words.t("supervise-step-returned"),
        Step::Answered => words.t("supervise-step-answered"),
    }
}

fn rejection(words: Words, reason: Rejection) -> String {
    match reason {
        Rejection::NotEligible => words.t("supervise-reason-not-eligible"),
        Rejection::StaffPresent => words.t("supervise-reason-staff"),
        Rejection::NotAsWritten => words.t("supervise-reason-not-as-written"),
        Rejection::Duplicate => words.t("supervise-reason-duplicate"),
        Rejection::NotGenuine => words.t("supervise-reason-not-genuine"),
        Rejection::Other => words.t("supervise-reason-other"),
    }
}

/// The words for a stored reason of a rejection or correction.
pub(in crate::view) fn reason_name(words: Words, reason: &str) -> String {
    match (Rejection::parse(reason), CorrectionReason::parse(reason)) {
        (Some(reason), _) => rejection(words, reason),
        (None, Some(reason)) => correction(words, reason),
        (None, None) => reason.to_owned(),
    }
}

fn correction(words: Words, reason: CorrectionReason) -> String {
    match reason {
        CorrectionReason::Mistaken => words.t("supervise-correction-mistaken"),
        CorrectionReason::ByCustomer => words.t("supervise-correction-customer"),
        CorrectionReason::Transcription => words.t("supervise-correction-transcription"),
        CorrectionReason::Other => words.t("supervise-reason-other"),
    }
}

/// A rating in words: its code and what it stands for.
fn rating(words: Words, questionnaire: &Questionnaire, code: Option<u8>) -> String {
    let scale = questionnaire.scale();
    let text = match code {
        None => return words.t("supervise-skipped"),
        Some(0) => return scale.not_applicable.get(words.language()).to_owned(),
        Some(code) => code,
    };
    let label = scale.labels.iter().find(|(known, _)| *known == text);
    let label = label.map_or("", |(_, label)| label.get(words.language()));
    format!("{text} {label}").trim_end().to_owned()
}

fn code(reply: Reply) -> Option<u8> {
    match reply {
        Reply::Rated(code) => Some(code),
        Reply::NotApplicable => Some(0),
        Reply::Skipped | Reply::NotShown => None,
    }
}

/// What was said about an interview, oldest first.
fn thread(desk: &Desk, names: &Names, said: &[SaidLine]) -> Section {
    let words = desk.words();
    let row = |line: &SaidLine| {
        let reason = Rejection::parse(&line.reason).map(|reason| rejection(words, reason));
        vec![
            Item::plain(super::office::moment(line.at_ms)),
            Item::plain(name(names, line.by)),
            Item::plain(step(words, line.step)).small(reason.unwrap_or_default()),
            Item::plain(&line.comment),
        ]
    };
    Section {
        id: "said".into(),
        heading: words.t("supervise-said"),
        grid: Some(Grid {
            head: vec![
                words.t("supervise-when"),
                words.t("supervise-who"),
                words.t("supervise-what"),
                words.t("supervise-words"),
            ],
            rows: said.iter().map(row).collect(),
        }),
        ..Section::default()
    }
}

/// The answers as first taken down and after each correction, side by side; only what was asked.
fn versions(desk: &Desk, questionnaire: &Questionnaire, versions: &[Answers]) -> Option<Section> {
    let (words, language) = (desk.words(), desk.language);
    let first = versions.first()?;
    let head = versions.iter().enumerate().map(|(number, _)| match number {
        0 => words.t("supervise-first"),
        number => words.tn("supervise-version", &[("n", number.into())]),
    });
    let line = |text: &str, codes: Vec<Option<u8>>| {
        let mut before = codes.first().copied().flatten();
        let mut row = vec![Item::plain(text)];
        for (number, code) in codes.into_iter().enumerate() {
            let told = rating(words, questionnaire, code);
            // What did not change is quiet, so that a change is seen at once.
            let is_same = number > 0 && code == before;
            before = code;
            row.push(match is_same {
                true => Item::plain(told).quiet(),
                false => Item::plain(told),
            });
        }
        row
    };
    let mut rows = vec![line(
        questionnaire.overall().text.get(language),
        versions.iter().map(Answers::overall).collect(),
    )];
    for (place, item) in questionnaire.items().iter().enumerate() {
        if first.replies().get(place).is_none_or(|reply| *reply == Reply::NotShown) {
            continue;
        }
        let codes = versions
            .iter()
            .map(|one| one.replies().get(place).copied().and_then(code));
        rows.push(line(item.text.get(language), codes.collect()));
    }
    let said = versions
        .iter()
        .map(|one| low_reasons::said(questionnaire, one, language));
    let said: Vec<Vec<String>> = said.collect();
    if let Some(asked) = questionnaire
        .low_rating()
        .filter(|_| said.iter().any(|said| !said.is_empty()))
    {
        let cells = said
            .iter()
            .map(|said| Item::plain(said.join(&words.t("list-separator"))));
        rows.push(
            std::iter::once(Item::plain(Wording::of(asked.text.get(language)).main))
                .chain(cells)
                .collect(),
        );
    }
    Some(Section {
        id: "answers".into(),
        heading: words.t("supervise-answers"),
        grid: Some(Grid {
            head: std::iter::once(words.t("supervise-item")).chain(head).collect(),
            rows,
        }),
        ..Section::default()
    })
}
