//! A flagged response beside those most like it.

use std::collections::BTreeMap;

use super::super::comment::incident_choices;
use super::super::grading::{Grid, Item, Section, Sheet, Typed, address, is_any, page};
use super::super::office::Desk;
use super::super::office::form::Choice;
use super::{may_propose, names, propose_form};
use crate::access::Role;
use crate::statistics::flag::Flag;
use crate::statistics::score::Reply;
use crate::survey::EvidenceClass;
use crate::survey::answers::Answers;
use crate::survey::comment::NOTE_MAX;
use crate::survey::evaluation::EvaluationState;
use crate::survey::id::ResponseId;
use crate::survey::language::Text;
use crate::survey::mark::Marks;
use crate::survey::questionnaire::Questionnaire;
use crate::view::survey::control::Wording;
use crate::view::survey::low_reasons;
use crate::view::words::Words;

/// One of the responses.
#[derive(Debug)]
pub struct EvidenceShown {
    /// Which.
    pub id: ResponseId,
    /// Outlet.
    pub outlet: Text,
    /// How it came in.
    pub class: EvidenceClass,
    /// Whether it counts.
    pub counts: bool,
    /// Whether it is excluded.
    pub is_excluded: bool,
    /// What was answered.
    pub answers: Answers,
    /// Seconds.
    pub duration_s: Option<u32>,
    /// Its marks.
    pub marks: Option<Marks>,
    /// Its flags.
    pub flags: Vec<Flag>,
}

/// The page; answers only for who may see scores, comments and reporting an incident only for who reads comments.
///
/// # Errors
/// What the template engine reports.
pub fn evidence(
    desk: &Desk,
    state: EvaluationState,
    questionnaire: &Questionnaire,
    (shown, with_answers): (&[EvidenceShown], bool),
    incident: &Typed,
) -> Result<String, askama::Error> {
    let words = desk.words();
    let Some(this) = shown.first() else {
        let sheet = Sheet {
            heading: words.t("quality-evidence"),
            lead: words.t("quality-gone"),
            ..Sheet::default()
        };
        return page(desk, sheet, &Typed::default());
    };
    let letters = names::letters(this.id);
    let mut sections = vec![flags(desk, this), side_by_side(desk, shown)];
    match with_answers {
        true => sections.push(answers(desk, questionnaire, shown)),
        false => sections.push(Section {
            id: "answers".into(),
            heading: words.t("quality-side"),
            notes: vec![words.t("quality-answers-later")],
            ..Section::default()
        }),
    }
    let typed = Typed::filled(
        "propose",
        vec![
            ("response".into(), this.id.to_string()),
            (
                "kind".into(),
                if this.is_excluded { "include" } else { "exclude" }.into(),
            ),
        ],
    );
    if may_propose(desk, state) {
        let choices = shown
            .iter()
            .map(|one| Choice::new(one.id.to_string(), names::letters(one.id)));
        sections.push(Section {
            id: "propose".into(),
            heading: words.t("quality-propose"),
            notes: vec![words.t("quality-two-people")],
            form: Some(propose_form(desk, &typed, choices.collect(), "")),
            ..Section::default()
        });
    }
    if with_answers && may_propose(desk, state) {
        sections.push(report(desk, this.id, incident));
    }
    let typed = match incident.errors.is_empty() {
        true => &typed,
        false => incident,
    };
    let sheet = Sheet {
        heading: words.tn("quality-evidence-of", &[("id", letters.into())]),
        lead: words.t("quality-evidence-lead"),
        sections,
        ..Sheet::default()
    };
    page(desk, sheet, typed)
}

/// The form that reports an incident to those who score.
fn report(desk: &Desk, id: ResponseId, typed: &Typed) -> Section {
    let words = desk.words();
    let to = address(desk, &format!("quality/responses/{id}/incident"));
    let form = typed
        .builder(desk, "incident", to)
        .radios("incident", words.t("comment-incident"), incident_choices(words))
        .text("note", words.t("comment-note"), NOTE_MAX)
        .hint(words.t("comment-note-hint"))
        .tick("sure", words.t("comment-sure"), words.t("comment-sure-text"))
        .submit(words.t("comment-report-keep"));
    Section {
        id: "incident-report".into(),
        heading: words.t("comment-report"),
        notes: vec![words.t("comment-report-lead")],
        form: Some(form),
        ..Section::default()
    }
}

fn flags(desk: &Desk, this: &EvidenceShown) -> Section {
    let words = desk.words();
    let rows = this.flags.iter().map(|raised| {
        let (value, bound) = names::measured(raised);
        vec![
            Item::plain(names::rule(words, raised.rule)),
            Item::plain(value),
            Item::plain(bound),
        ]
    });
    Section {
        id: "flags".into(),
        heading: words.t("quality-flags"),
        grid: Some(Grid {
            head: vec![
                words.t("quality-rule"),
                words.t("quality-value"),
                words.t("quality-bound"),
            ],
            rows: rows.collect(),
        }),
        ways: vec![(address(desk, "quality#list"), words.t("quality-back"))],
        ..Section::default()
    }
}

/// The same mark gets the same letter, in the order of appearance.
fn lettered<'a>(marks: impl Iterator<Item = Option<&'a str>>) -> Vec<String> {
    let mut known: BTreeMap<&str, char> = BTreeMap::new();
    marks
        .map(|mark| {
            let Some(mark) = mark else { return "–".to_owned() };
            let next = ('A'..='Z').nth(known.len()).unwrap_or('?');
            known.entry(mark).or_insert(next).to_string()
        })
        .collect()
}

fn heads(words: Words, shown: &[EvidenceShown]) -> Vec<String> {
    std::iter::once(words.t("quality-what"))
        .chain(shown.iter().map(|one| names::letters(one.id)))
        .collect()
}

fn side_by_side(desk: &Desk, shown: &[EvidenceShown]) -> Section {
    let words = desk.words();
    let row = |name: String, cells: Vec<String>| {
        std::iter::once(Item::plain(name))
            .chain(cells.into_iter().map(Item::plain))
            .collect::<Vec<_>>()
    };
    let each = |text: &dyn Fn(&EvidenceShown) -> String| shown.iter().map(text).collect::<Vec<_>>();
    let device = lettered(
        shown
            .iter()
            .map(|one| one.marks.as_ref().map(|marks| marks.device.as_str())),
    );
    let network = lettered(
        shown
            .iter()
            .map(|one| one.marks.as_ref().map(|marks| marks.network.as_str())),
    );
    let rows = vec![
        row(
            words.t("head-outlet"),
            each(&|one| one.outlet.get(desk.language).to_owned()),
        ),
        row(words.t("quality-channel"), each(&|one| names::class(words, one.class))),
        row(
            words.t("quality-counting"),
            each(&|one| match (one.is_excluded, one.counts) {
                (true, _) => words.t("quality-excluded"),
                (false, true) => words.t("quality-counts"),
                (false, false) => words.t("quality-counts-not"),
            }),
        ),
        row(
            words.t("quality-duration"),
            each(&|one| one.duration_s.map_or_else(|| "–".into(), |s| s.to_string())),
        ),
        row(words.t("quality-device"), device),
        row(words.t("quality-network"), network),
        row(words.t("quality-flags"), each(&|one| names::flags(words, &one.flags))),
    ];
    Section {
        id: "beside".into(),
        heading: words.t("quality-beside"),
        notes: vec![words.t("quality-marks-note")],
        grid: Some(Grid {
            head: heads(words, shown),
            rows,
        }),
        ..Section::default()
    }
}

fn answers(desk: &Desk, questionnaire: &Questionnaire, shown: &[EvidenceShown]) -> Section {
    let words = desk.words();
    let code = |reply: Option<&Reply>| match reply {
        Some(Reply::Rated(code)) => code.to_string(),
        Some(Reply::NotApplicable) => words.t("quality-not-applicable"),
        Some(Reply::Skipped) => words.t("quality-skipped"),
        _ => String::new(),
    };
    let asked = |place: usize| {
        let replies = shown.iter().map(|one| one.answers.replies().get(place));
        replies.flatten().any(|reply| *reply != Reply::NotShown)
    };
    let mut rows: Vec<Vec<Item>> = questionnaire
        .items()
        .iter()
        .enumerate()
        .filter(|(place, _)| asked(*place))
        .map(|(place, item)| {
            let name = Item::plain(item.id.clone()).small(item.text.get(desk.language));
            let codes = shown
                .iter()
                .map(|one| Item::plain(code(one.answers.replies().get(place))));
            std::iter::once(name).chain(codes).collect()
        })
        .collect();
    if let Some(asked) = questionnaire.low_rating() {
        let said = shown.iter().map(|one| {
            let said = low_reasons::said(questionnaire, &one.answers, desk.language);
            Item::plain(if said.is_empty() {
                "–".to_owned()
            } else {
                said.join(&words.t("list-separator"))
            })
        });
        rows.push(
            std::iter::once(Item::plain(Wording::of(asked.text.get(desk.language)).main))
                .chain(said)
                .collect(),
        );
    }
    let comments = shown
        .iter()
        .map(|one| Item::plain(one.answers.comment().unwrap_or("–")));
    // Who verifies results reads what was cleared, in the report.
    if is_any(desk, &[Role::Manager, Role::Reviewer]) {
        let comments = std::iter::once(Item::plain(words.t("quality-comment"))).chain(comments);
        rows.push(comments.collect());
    }
    Section {
        id: "answers".into(),
        heading: words.t("quality-side"),
        grid: Some(Grid {
            head: heads(words, shown),
            rows,
        }),
        ..Section::default()
    }
}
