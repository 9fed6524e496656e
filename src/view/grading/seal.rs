//! Sealing, release and checkpoints; the public record of a sealed evaluation.

use askama::Template;

use super::{Grid, Item, Names, Page, Section, Sheet, Typed, address, is_any, page, who};
use crate::access::Role;
use crate::survey::checkpoint::Checkpoint;
use crate::survey::evaluation::EvaluationState;
use crate::survey::id::{EvaluationId, PersonId};
use crate::survey::language::{Language, Text};
use crate::survey::sealing::Wait;
use crate::view::office::{Desk, Frame, moment, state_name};
use crate::view::words::Words;

/// What the page of sealing shows.
#[derive(Debug)]
pub struct SealPage<'a> {
    /// State of the evaluation.
    pub state: EvaluationState,
    /// Who proposed to seal which result, and when (Unix ms).
    pub proposal: Option<(PersonId, &'a str, i64)>,
    /// Who sealed, and when.
    pub sealed: Option<(PersonId, i64)>,
    /// What must be settled first, with how many wait.
    pub waits: &'a [(Wait, u64)],
    /// Responses on record.
    pub responses: usize,
    /// Root over their commitments.
    pub root: String,
    /// Checkpoints with the name of their reason, latest first.
    pub checkpoints: &'a [(&'static str, Checkpoint)],
    /// This installation's public key.
    pub key: String,
    /// Names of people.
    pub names: &'a Names,
    /// Who looks.
    pub me: PersonId,
}

/// Sealing, release, checkpoints.
///
/// # Errors
/// What the template engine reports.
pub fn seal(desk: &Desk, about: &SealPage<'_>, typed: &Typed) -> Result<String, askama::Error> {
    let words = desk.words();
    let mut sections = vec![record_of(desk, about)];
    sections.extend(waits(desk, about.waits));
    sections.extend(step(desk, about, typed));
    sections.push(checkpoints(desk, about));
    let sheet = Sheet {
        heading: words.t("seal-heading"),
        lead: words.t("seal-lead"),
        sections,
        ..Sheet::default()
    };
    page(desk, sheet, typed)
}

fn record_of(desk: &Desk, about: &SealPage<'_>) -> Section {
    let words = desk.words();
    let mut facts = vec![
        (words.t("seal-state"), state_name(words, about.state)),
        (words.t("seal-responses"), about.responses.to_string()),
        (words.t("seal-root"), about.root.clone()),
    ];
    if let Some((by, result, at_ms)) = about.proposal {
        facts.push((words.t("seal-result"), result.to_owned()));
        facts.push((
            words.t("seal-proposed"),
            format!("{} · {}", who(about.names, by), moment(at_ms)),
        ));
    }
    if let Some((by, at_ms)) = about.sealed {
        facts.push((
            words.t("seal-sealed"),
            format!("{} · {}", who(about.names, by), moment(at_ms)),
        ));
    }
    let public = desk
        .here
        .as_ref()
        .filter(|_| about.sealed.is_some())
        .map(|(here, _)| (format!("/record/{}", here.evaluation), words.t("seal-public")));
    let pack = (address(desk, "pack"), words.t("pack-heading"));
    Section {
        id: "record".into(),
        heading: words.t("seal-record"),
        facts,
        ways: public.into_iter().chain([pack]).collect(),
        ..Section::default()
    }
}

/// What must be settled before anybody can seal.
fn waits(desk: &Desk, waits: &[(Wait, u64)]) -> Option<Section> {
    let words = desk.words();
    let told = |(wait, n): &(Wait, u64)| match wait {
        Wait::Flags => words.t("seal-waits-flags"),
        Wait::Interviews => words.tn("seal-waits-interviews", &[("n", (*n).into())]),
        Wait::Uploads => words.tn("seal-waits-uploads", &[("n", (*n).into())]),
        Wait::Comments => words.t("seal-waits-comments"),
        Wait::Exclusions => words.tn("seal-waits-exclusions", &[("n", (*n).into())]),
    };
    let way = |(wait, _): &(Wait, u64)| match wait {
        Wait::Flags => (address(desk, "seal"), words.t("seal-look-again")),
        Wait::Interviews => (address(desk, "reviews"), words.t("supervise-heading")),
        Wait::Uploads => (address(desk, "uploads"), words.t("uploads-heading")),
        Wait::Comments => (address(desk, "comments"), words.t("comment-heading")),
        Wait::Exclusions => (address(desk, "quality"), words.t("quality-heading")),
    };
    (!waits.is_empty()).then(|| Section {
        id: "waits".into(),
        heading: words.t("seal-waits"),
        notes: waits.iter().map(told).collect(),
        ways: waits.iter().map(way).collect(),
        ..Section::default()
    })
}

/// What comes next, and for whom.
fn step(desk: &Desk, about: &SealPage<'_>, typed: &Typed) -> Option<Section> {
    let words = desk.words();
    let (id, heading, note) = match (about.state, about.proposal) {
        (EvaluationState::Closed, None) => ("propose", words.t("seal-propose"), words.t("seal-propose-text")),
        (EvaluationState::Closed, Some(_)) => ("confirm", words.t("seal-confirm"), words.t("seal-confirm-text")),
        (EvaluationState::Sealed, _) => ("release", words.t("seal-release"), words.t("seal-release-text")),
        (EvaluationState::Released, _) => return None,
        _ => {
            return Some(Section {
                id: "later".into(),
                heading: words.t("seal-later"),
                notes: vec![words.t("seal-later-text")],
                ..Section::default()
            });
        }
    };
    let button =
        |which: &str, end: &str, text: String| typed.builder(desk, which, address(desk, end)).grave().submit(text);
    let form = match (about.state, about.proposal) {
        // Nothing to press while something waits; what it is stands above.
        (EvaluationState::Closed, _) if !about.waits.is_empty() => None,
        (EvaluationState::Closed, None) if is_any(desk, &[Role::Manager]) => {
            Some(button("seal", "seal/proposal", words.t("seal-propose-button")))
        }
        (EvaluationState::Closed, Some((by, ..))) if is_any(desk, &[Role::Reviewer]) && by != about.me => {
            Some(button("seal", "seal", words.t("seal-confirm-button")))
        }
        (EvaluationState::Closed, Some(_)) if is_any(desk, &[Role::Manager]) => {
            Some(button("again", "seal/proposal", words.t("seal-again-button")))
        }
        (EvaluationState::Sealed, _) if is_any(desk, &[Role::Reviewer]) => {
            Some(button("release", "release", words.t("seal-release-button")))
        }
        _ => None,
    };
    Some(Section {
        id: id.into(),
        heading,
        notes: vec![note],
        form,
        ..Section::default()
    })
}

fn checkpoints(desk: &Desk, about: &SealPage<'_>) -> Section {
    let words = desk.words();
    let rows = about.checkpoints.iter().map(|(reason, checkpoint)| {
        vec![
            Item::plain(moment(checkpoint.head().at_ms)),
            Item::plain(reason_name(words, reason)),
            Item::plain(checkpoint.head().seq.to_string()),
            Item::plain(checkpoint.code()),
        ]
    });
    Section {
        id: "checkpoints".into(),
        heading: words.t("seal-checkpoints"),
        notes: vec![
            words.t("seal-checkpoints-text"),
            words.tn("seal-key", &[("key", about.key.as_str().into())]),
        ],
        grid: Some(Grid {
            head: vec![
                words.t("seal-at"),
                words.t("seal-reason"),
                words.t("seal-seq"),
                words.t("seal-code"),
            ],
            rows: rows.collect(),
        }),
        ways: vec![(address(desk, "checkpoints.txt"), words.t("seal-download"))],
        ..Section::default()
    }
}

fn reason_name(words: Words, reason: &str) -> String {
    match reason {
        "opening" => words.t("seal-reason-opening"),
        "closing" => words.t("seal-reason-closing"),
        "sealing" => words.t("seal-reason-sealing"),
        "export" => words.t("seal-reason-export"),
        _ => words.t("seal-reason-daily"),
    }
}

/// What is public of a sealed evaluation.
#[derive(Debug)]
pub struct RecordPage<'a> {
    /// The evaluation.
    pub evaluation: EvaluationId,
    /// Whose.
    pub firm: &'a Text,
    /// Which wave.
    pub title: &'a Text,
    /// When it was sealed, Unix ms.
    pub sealed_at_ms: i64,
    /// Responses on record.
    pub responses: u64,
    /// Root over their commitments.
    pub root: String,
    /// The checkpoint of sealing.
    pub checkpoint: Option<&'a Checkpoint>,
    /// What was looked up: the line found, or that there is none.
    pub found: Option<Option<&'a str>>,
}

/// The sealed record for everybody: no answer, no figure, only what proves that nothing was changed.
///
/// # Errors
/// What the template engine reports.
pub fn record(language: Language, about: &RecordPage<'_>, typed: &Typed) -> Result<String, askama::Error> {
    let words = Words::new(language);
    let mut facts = vec![
        (words.t("sealed-record-firm"), about.firm.get(language).to_owned()),
        (words.t("sealed-record-title"), about.title.get(language).to_owned()),
        (words.t("sealed-record-sealed"), moment(about.sealed_at_ms)),
        (words.t("seal-responses"), about.responses.to_string()),
        (words.t("seal-root"), about.root.clone()),
    ];
    if let Some(checkpoint) = about.checkpoint {
        facts.push((words.t("sealed-record-checkpoint"), checkpoint.to_string()));
        facts.push((words.t("seal-code"), checkpoint.code()));
    }
    let notices = match about.found {
        None => Vec::new(),
        Some(None) => vec![words.t("sealed-record-absent")],
        Some(Some(line)) => vec![words.tn("sealed-record-present", &[("line", line.into())])],
    };
    let here = format!("/record/{}", about.evaluation);
    let desk = Desk {
        language,
        viewer: None,
        csrf: String::new(),
        here: None,
    };
    let form = typed
        .builder(&desk, "receipt", here.clone())
        .text("receipt", words.t("sealed-record-receipt"), 40)
        .hint(words.t("sealed-record-receipt-hint"))
        .submit(words.t("sealed-record-look"));
    let sheet = Sheet {
        heading: words.t("sealed-record-heading"),
        lead: words.t("sealed-record-lead"),
        notices,
        sections: vec![
            Section {
                id: "receipt".into(),
                heading: words.t("sealed-record-mine"),
                notes: vec![words.t("sealed-record-mine-text")],
                form: Some(form),
                ..Section::default()
            },
            Section {
                id: "sealed".into(),
                heading: words.t("seal-record"),
                facts,
                ways: vec![(format!("{here}/commitments.txt"), words.t("sealed-record-list"))],
                ..Section::default()
            },
            Section {
                id: "how".into(),
                heading: words.t("sealed-record-how"),
                notes: vec![words.t("sealed-record-how-text"), words.t("sealed-record-how-command")],
                ..Section::default()
            },
        ],
    };
    let frame = Frame::new(language, &sheet.heading);
    Page { frame, sheet }.render()
}
