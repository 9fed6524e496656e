//! Interviews as reviewers see them: the list with approval of several at once, and one interview with its ruling.

use super::course::went;
use super::versions::versions;
use super::{Outlets, address, correction, length, name, outlet, rejection, standing, thread};
use crate::survey::answers::Answers;
use crate::survey::id::{InterviewId, OutletId, PersonId};
use crate::survey::paradata::Course;
use crate::survey::questionnaire::{self, Questionnaire};
use crate::survey::supervision::{BULK_MAX, COMMENT_MAX, CorrectionReason, Counts, Rejection, Standing, Step};
use crate::view::grading::{Grid, Item, Names, Section, Sheet, Typed, page};
use crate::view::office::form::{Choice, Form};
use crate::view::office::{Desk, moment};
use crate::view::words::Words;

/// Rows of the list.
const ROWS_MAX: usize = 300;

/// An interview in a list.
#[derive(Debug, Clone)]
pub struct Row {
    /// Which.
    pub interview: InterviewId,
    /// Who interviewed.
    pub evaluator: PersonId,
    /// Where.
    pub outlet: OutletId,
    /// Start and end, Unix ms.
    pub times_ms: (i64, i64),
    /// How it stands; `None` where nobody rules on it: broken off or withdrawn.
    pub standing: Option<Standing>,
    /// Corrections.
    pub corrections: usize,
}

/// What was said about an interview.
#[derive(Debug, Clone)]
pub struct SaidLine {
    /// What happened.
    pub step: Step,
    /// Name of the reason of a rejection.
    pub reason: String,
    /// In words.
    pub comment: String,
    /// By whom.
    pub by: PersonId,
    /// When, Unix ms.
    pub at_ms: i64,
}

/// The list of interviews: those that stand as asked for, or all; `may_rule` with the form that approves several.
///
/// # Errors
/// What the template engine reports.
pub fn reviews(
    desk: &Desk,
    rows: &[Row],
    counts: Option<&Counts>,
    (names, outlets): (&Names, &Outlets),
    (shown, may_rule): (Option<Standing>, bool),
    typed: &Typed,
) -> Result<String, askama::Error> {
    let words = desk.words();
    let mut sections = Vec::new();
    if let Some(counts) = counts {
        sections.push(standings(desk, counts));
    }
    if counts.is_some() && may_rule {
        sections.extend(bulk(desk, rows, (names, outlets), typed));
    }
    sections.push(list(desk, rows, (names, outlets), shown, counts.is_some()));
    let sheet = Sheet {
        heading: words.t("supervise-heading"),
        lead: match counts {
            Some(_) => words.t("supervise-lead"),
            None => words.t("supervise-not-asked"),
        },
        sections,
        ..Sheet::default()
    };
    page(desk, sheet, typed)
}

fn standings(desk: &Desk, counts: &Counts) -> Section {
    let words = desk.words();
    let each = [
        (Standing::Waiting, counts.waiting),
        (Standing::AskedBack, counts.asked_back),
        (Standing::Approved, counts.approved),
        (Standing::Rejected, counts.rejected),
    ];
    let mut facts: Vec<(String, String)> = each
        .iter()
        .map(|(stands, n)| (standing(words, *stands), n.to_string()))
        .collect();
    facts.push((words.t("supervise-corrected"), counts.corrected.to_string()));
    let ways = each.iter().filter(|(_, n)| *n > 0).map(|(stands, _)| {
        let href = format!("{}?state={}", address(desk, "reviews"), stands.as_str());
        (href, standing(words, *stands))
    });
    Section {
        id: "counts".into(),
        heading: words.t("supervise-counts"),
        facts,
        ways: ways.collect(),
        ..Section::default()
    }
}

fn bulk(desk: &Desk, rows: &[Row], (names, outlets): (&Names, &Outlets), typed: &Typed) -> Option<Section> {
    let words = desk.words();
    let waiting = rows.iter().filter(|row| row.standing == Some(Standing::Waiting));
    let choices: Vec<Choice> = waiting
        .take(BULK_MAX)
        .map(|row| {
            let told = format!(
                "{} · {} · {}",
                moment(row.times_ms.0),
                name(names, row.evaluator),
                outlet(outlets, desk, row.outlet)
            );
            let values = [
                ("length", length(row.times_ms.0, row.times_ms.1).into()),
                ("n", row.corrections.into()),
            ];
            Choice::new(row.interview.to_string(), told).noted(words.tn("supervise-bulk-note", &values))
        })
        .collect();
    (!choices.is_empty()).then(|| Section {
        id: "bulk".into(),
        heading: words.t("supervise-bulk"),
        notes: vec![words.tn("supervise-bulk-text", &[("max", BULK_MAX.into())])],
        form: Some(
            typed
                .builder(desk, "bulk", address(desk, "reviews"))
                .boxes("interview", words.t("supervise-bulk-which"), choices)
                .submit(words.t("supervise-bulk-button")),
        ),
        ..Section::default()
    })
}

fn list(
    desk: &Desk,
    rows: &[Row],
    (names, outlets): (&Names, &Outlets),
    shown: Option<Standing>,
    is_asked: bool,
) -> Section {
    let words = desk.words();
    let wanted: Vec<&Row> = rows
        .iter()
        .filter(|row| shown.is_none() || row.standing == shown)
        .collect();
    let row = |row: &&Row| {
        vec![
            Item::plain(moment(row.times_ms.0)).link(address(desk, &format!("reviews/{}", row.interview))),
            Item::plain(name(names, row.evaluator)),
            Item::plain(outlet(outlets, desk, row.outlet)),
            Item::plain(length(row.times_ms.0, row.times_ms.1)),
            Item::plain(stands(words, row, is_asked)),
            Item::plain(row.corrections.to_string()),
        ]
    };
    let cut = wanted.len().saturating_sub(ROWS_MAX);
    let mut notes = Vec::new();
    if cut > 0 {
        notes.push(words.tn("supervise-cut", &[("n", cut.into())]));
    }
    Section {
        id: "list".into(),
        heading: match shown {
            Some(shown) => standing(words, shown),
            None => words.t("supervise-all"),
        },
        notes,
        ways: shown
            .map(|_| (address(desk, "reviews"), words.t("supervise-all")))
            .into_iter()
            .collect(),
        grid: Some(Grid {
            head: head(words),
            rows: wanted.iter().take(ROWS_MAX).map(row).collect(),
        }),
        ..Section::default()
    }
}

pub(super) fn head(words: Words) -> Vec<String> {
    vec![
        words.t("supervise-start"),
        words.t("role-evaluator"),
        words.t("assign-outlet"),
        words.t("supervise-length"),
        words.t("supervise-standing"),
        words.t("supervise-corrections"),
    ]
}

pub(super) fn stands(words: Words, row: &Row, is_asked: bool) -> String {
    match row.standing {
        None => words.t("supervise-not-reviewed"),
        Some(_) if !is_asked => words.t("supervise-counts-at-once"),
        Some(stands) => standing(words, stands),
    }
}

/// One interview as a reviewer or manager sees it.
#[derive(Debug)]
pub struct InterviewPage<'a> {
    /// The interview.
    pub row: &'a Row,
    /// Place, running number and protocol as noted.
    pub protocol: &'a (String, Option<i32>, serde_json::Value),
    /// How it went.
    pub course: Option<&'a Course>,
    /// What was said about it.
    pub said: &'a [SaidLine],
    /// Corrections: reason, words, when (Unix ms).
    pub corrections: &'a [(String, String, i64)],
    /// Answers as first taken down and after each correction; nothing for who may not see them.
    pub answers: &'a [Answers],
    /// Products that customers could name.
    pub products: &'a [questionnaire::Choice],
    /// Names of people.
    pub names: &'a Names,
    /// Names of outlets.
    pub outlets: &'a Outlets,
    /// The method asks for approval.
    pub is_asked: bool,
    /// The viewer may rule now.
    pub may_rule: bool,
}

/// One interview with its ruling.
///
/// # Errors
/// What the template engine reports.
pub fn review(
    desk: &Desk,
    questionnaire: &Questionnaire,
    about: &InterviewPage<'_>,
    typed: &Typed,
) -> Result<String, askama::Error> {
    let words = desk.words();
    let mut sections = vec![facts(desk, questionnaire, about)];
    if !about.said.is_empty() {
        sections.push(thread(desk, about.names, about.said));
    }
    sections.extend(corrections(desk, about.corrections));
    match about.answers.is_empty() {
        true => sections.push(Section {
            id: "answers".into(),
            heading: words.t("supervise-answers"),
            notes: vec![words.t("supervise-answers-hidden")],
            ..Section::default()
        }),
        false => sections.extend(versions(desk, questionnaire, about.products, about.answers)),
    }
    if about.may_rule {
        sections.push(Section {
            id: "rule".into(),
            heading: words.t("supervise-rule"),
            notes: vec![words.t("supervise-rule-text")],
            form: Some(ruling(desk, about, typed)),
            ..Section::default()
        });
    }
    let sheet = Sheet {
        heading: words.t("supervise-one"),
        lead: stands(words, about.row, about.is_asked),
        sections,
        ..Sheet::default()
    };
    page(desk, sheet, typed)
}

fn ruling(desk: &Desk, about: &InterviewPage<'_>, typed: &Typed) -> Form {
    let words = desk.words();
    let steps = [
        (Step::Approved, words.t("supervise-approve")),
        (Step::Returned, words.t("supervise-return")),
        (Step::Rejected, words.t("supervise-reject")),
    ];
    let reasons = std::iter::once(Choice::new("", words.t("supervise-choose"))).chain(
        Rejection::ALL
            .into_iter()
            .map(|reason| Choice::new(reason.as_str(), rejection(words, reason))),
    );
    typed
        .builder(
            desk,
            "ruling",
            address(desk, &format!("reviews/{}", about.row.interview)),
        )
        .radios(
            "ruling",
            words.t("supervise-ruling"),
            steps.map(|(step, text)| Choice::new(step.as_str(), text)).to_vec(),
        )
        .select("reason", words.t("supervise-reason"), reasons.collect())
        .hint(words.t("supervise-reason-hint"))
        .lines("comment", words.t("supervise-comment"), 3, COMMENT_MAX)
        .hint(words.t("supervise-comment-hint"))
        .submit(words.t("supervise-rule-button"))
}

fn facts(desk: &Desk, questionnaire: &Questionnaire, about: &InterviewPage<'_>) -> Section {
    let (words, row) = (desk.words(), about.row);
    let (place, contact_no, noted) = about.protocol;
    let asked = questionnaire.in_person();
    let places = asked.place.1.iter().find(|choice| choice.id == *place);
    let place = places.map_or(place.as_str(), |choice| choice.text.get(desk.language));
    let yes_no = |name: &str| match noted.get(name).and_then(serde_json::Value::as_bool) {
        Some(true) => words.t("supervise-yes"),
        Some(false) => words.t("supervise-no"),
        None => "—".to_owned(),
    };
    let line = |name: &str| {
        noted
            .get(name)
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let label = |control: &crate::survey::questionnaire::Control| control.text.get(desk.language).to_owned();
    let mut facts = vec![
        (words.t("role-evaluator"), name(about.names, row.evaluator)),
        (words.t("assign-outlet"), outlet(about.outlets, desk, row.outlet)),
        (words.t("supervise-start"), moment(row.times_ms.0)),
        (words.t("supervise-length"), length(row.times_ms.0, row.times_ms.1)),
        (label(&asked.place.0), place.to_owned()),
        (label(&asked.staff_within_earshot), yes_no("staff_within_earshot")),
        (label(&asked.others_present), yes_no("others_present")),
        (label(&asked.show_card_used), yes_no("show_card_used")),
        (label(&asked.selection_rule), line("selection_rule")),
        (
            label(&asked.contact_no),
            contact_no.map_or_else(|| "—".to_owned(), |no| no.to_string()),
        ),
        (label(&asked.paper_form_no), line("paper_form_no")),
        (words.t("interview-notes"), line("notes")),
    ];
    facts.retain(|(_, text)| !text.is_empty());
    facts.extend(
        about
            .course
            .into_iter()
            .flat_map(|course| went(words, questionnaire, course)),
    );
    Section {
        id: "about".into(),
        heading: words.t("supervise-about"),
        facts,
        ..Section::default()
    }
}

/// Why answers were corrected.
pub(super) fn corrections(desk: &Desk, corrections: &[(String, String, i64)]) -> Option<Section> {
    let words = desk.words();
    let row = |(number, (reason, note, at_ms)): (usize, &(String, String, i64))| {
        let reason = CorrectionReason::parse(reason).map(|reason| correction(words, reason));
        vec![
            Item::plain(words.tn("supervise-version", &[("n", (number + 1).into())])),
            Item::plain(moment(*at_ms)),
            Item::plain(reason.unwrap_or_default()),
            Item::plain(note),
        ]
    };
    (!corrections.is_empty()).then(|| Section {
        id: "corrections".into(),
        heading: words.t("supervise-corrections"),
        grid: Some(Grid {
            head: vec![
                words.t("supervise-correction"),
                words.t("supervise-when"),
                words.t("supervise-reason"),
                words.t("supervise-words"),
            ],
            rows: corrections.iter().enumerate().map(row).collect(),
        }),
        ..Section::default()
    })
}
