//! One's own interviews: what was asked back, what may still be corrected.

use super::correcting;
use super::reviews::{InterviewPage, Row, corrections, head, stands};
use super::versions::versions;
use super::{Outlets, address, length, outlet, thread};
use crate::survey::answers::FormChoices;
use crate::survey::id::EvaluationId;
use crate::survey::language::Text;
use crate::survey::questionnaire::Questionnaire;
use crate::survey::supervision::{COMMENT_MAX, Standing};
use crate::view::grading::{Grid, Item, Section, Sheet, Typed, page};
use crate::view::office::{Desk, moment};

/// Interviews of an evaluator that reviewers asked back in one evaluation.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The evaluation.
    pub evaluation: EvaluationId,
    /// Name of the organisation.
    pub firm: Text,
    /// How many.
    pub interviews: usize,
}

/// The list of one's own interviews, those asked back first.
///
/// # Errors
/// What the template engine reports.
pub fn own(desk: &Desk, rows: &[Row], outlets: &Outlets, is_asked: bool) -> Result<String, askama::Error> {
    let words = desk.words();
    let mut sorted: Vec<&Row> = rows.iter().collect();
    sorted.sort_by_key(|row| row.standing != Some(Standing::AskedBack));
    let row = |row: &&Row| {
        vec![
            Item::plain(moment(row.times_ms.0)).link(address(desk, &format!("own-interviews/{}", row.interview))),
            Item::plain(outlet(outlets, desk, row.outlet)),
            Item::plain(length(row.times_ms.0, row.times_ms.1)),
            Item::plain(stands(words, row, is_asked)),
            Item::plain(row.corrections.to_string()),
        ]
    };
    let mut head = head(words);
    head.remove(1);
    let sheet = Sheet {
        heading: words.t("supervise-own"),
        lead: words.t("supervise-own-lead"),
        sections: vec![Section {
            id: "list".into(),
            heading: words.t("supervise-all"),
            grid: Some(Grid {
                head,
                rows: sorted.iter().map(row).collect(),
            }),
            ..Section::default()
        }],
        ..Sheet::default()
    };
    page(desk, sheet, &Typed::default())
}

/// One of one's own interviews; the form that corrects it where `months` are given, and, where it was asked back, the one
/// that answers.
///
/// # Errors
/// What the template engine reports.
pub fn own_interview(
    desk: &Desk,
    questionnaire: &Questionnaire,
    about: &InterviewPage<'_>,
    months: Option<&[String]>,
    typed: &Typed,
) -> Result<String, askama::Error> {
    let words = desk.words();
    let mut sections = Vec::new();
    if !about.said.is_empty() {
        sections.push(thread(desk, about.names, about.said));
    }
    if about.row.standing == Some(Standing::AskedBack) {
        sections.push(Section {
            id: "reply".into(),
            heading: words.t("supervise-reply"),
            notes: vec![words.t("supervise-reply-text")],
            form: Some(
                typed
                    .builder(desk, "answer", action(desk, about, "answer"))
                    .lines("answer", words.t("supervise-reply-words"), 3, COMMENT_MAX)
                    .submit(words.t("supervise-reply-button")),
            ),
            ..Section::default()
        });
    }
    sections.extend(corrections(desk, about.corrections));
    sections.extend(versions(desk, questionnaire, about.products, about.answers));
    let form = months.zip(about.answers.last()).map(|(months, before)| {
        let choices = FormChoices {
            products: about.products,
            months,
        };
        let action = action(desk, about, "correction");
        correcting::form(desk, questionnaire, choices, before, action, typed)
    });
    sections.push(Section {
        id: "correct".into(),
        heading: words.t("supervise-correct"),
        notes: vec![match form.is_some() {
            true => words.t("supervise-correct-text"),
            false => words.t("supervise-correct-over"),
        }],
        form,
        ..Section::default()
    });
    let (started, ended) = about.row.times_ms;
    let sheet = Sheet {
        heading: words.t("supervise-one"),
        lead: format!(
            "{} · {} · {} · {}",
            moment(started),
            outlet(about.outlets, desk, about.row.outlet),
            length(started, ended),
            stands(words, about.row, about.is_asked)
        ),
        sections,
        ..Sheet::default()
    };
    page(desk, sheet, typed)
}

fn action(desk: &Desk, about: &InterviewPage<'_>, what: &str) -> String {
    address(desk, &format!("own-interviews/{}/{what}", about.row.interview))
}
