//! One's own interviews: what was asked back, what may still be corrected.

use super::reviews::{InterviewPage, Row, corrections, head, stands};
use super::{Outlets, address, correction, length, outlet, rating, thread, versions};
use crate::statistics::score::Reply;
use crate::survey::correction::filled;
use crate::survey::id::EvaluationId;
use crate::survey::language::Text;
use crate::survey::questionnaire::Questionnaire;
use crate::survey::supervision::{COMMENT_MAX, CorrectionReason, Standing};
use crate::view::grading::{Grid, Item, Section, Sheet, Typed, page};
use crate::view::office::form::{Choice, Form, FormBuilder};
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

/// One of one's own interviews; `may_correct` and, where it was asked back, the form that answers.
///
/// # Errors
/// What the template engine reports.
pub fn own_interview(
    desk: &Desk,
    questionnaire: &Questionnaire,
    about: &InterviewPage<'_>,
    may_correct: bool,
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
    sections.extend(versions(desk, questionnaire, about.answers));
    sections.push(Section {
        id: "correct".into(),
        heading: words.t("supervise-correct"),
        notes: vec![match may_correct {
            true => words.t("supervise-correct-text"),
            false => words.t("supervise-correct-over"),
        }],
        form: may_correct.then(|| form(desk, questionnaire, about, typed)).flatten(),
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

/// Every question that was asked with its answer, to be changed in place.
fn form(desk: &Desk, questionnaire: &Questionnaire, about: &InterviewPage<'_>, typed: &Typed) -> Option<Form> {
    let (words, language) = (desk.words(), desk.language);
    let before = about.answers.last()?;
    let as_it_is = filled(questionnaire, before);
    let (kept, errors) = match typed.which {
        "correction" => (&typed.form, typed.errors.as_slice()),
        _ => (&as_it_is, &[][..]),
    };
    let max = questionnaire.scale().max();
    let codes = |least: u8, was_skipped: bool| {
        let skipped = was_skipped.then(|| Choice::new("-", words.t("supervise-skipped")));
        let codes = (1..=max).rev().chain((least == 0).then_some(0));
        let codes = codes.map(|code| Choice::new(code.to_string(), rating(words, questionnaire, Some(code))));
        skipped.into_iter().chain(codes).collect::<Vec<_>>()
    };
    let overall = questionnaire.overall();
    let mut builder = FormBuilder::new(words, action(desk, about, "correction"), &desk.csrf, kept, errors).select(
        &overall.id,
        overall.text.get(language).to_owned(),
        codes(1, before.overall().is_none()),
    );
    for (item, reply) in questionnaire.items().iter().zip(before.replies()) {
        if *reply != Reply::NotShown {
            let options = codes(0, *reply == Reply::Skipped);
            builder = builder.select(&item.id, item.text.get(language).to_owned(), options);
        }
    }
    let reasons = CorrectionReason::ALL.into_iter();
    let reasons = reasons.map(|reason| Choice::new(reason.as_str(), correction(words, reason)));
    Some(
        builder
            .radios("reason", words.t("supervise-correction-reason"), reasons.collect())
            .lines("note", words.t("supervise-words"), 3, COMMENT_MAX)
            .optional()
            .hint(words.t("supervise-note-hint"))
            .submit(words.t("supervise-correct-button")),
    )
}
