//! The sampling report: one value made of the result and the facts on record, which the page, the PDF and the print show.
//! Figures come from the result object, withheld where it withholds them; what is not on record says so.
//!
//! Source: requirements.md §10 (its 14 parts), product.md §3.

mod before;
mod closing;
mod field;
mod figures;
mod page;
mod sampling;

pub use page::{Download, Unprinted, page};

use super::evaluation::mode_name;
use super::office::{moment, role_name};
use super::results::{Ladder, Plot, Row, Shown, Table, verdict};
use super::words::Words;
use crate::access::Role;
use crate::qr::{QrPath, TooLong};
use crate::survey::dossier::Dossier;
use crate::survey::language::{Language, Text};
use crate::survey::report::Report;

/// A report as it is read, in one language.
pub struct Document {
    pub(crate) language: Language,
    pub(crate) title: String,
    pub(crate) firm: String,
    pub(crate) wave: String,
    /// Whose report it is.
    pub(crate) body: String,
    /// Whether it is final.
    pub(crate) standing: String,
    pub(crate) cover: Vec<Fact>,
    /// Where everybody can check it; nothing before sealing.
    pub(crate) proof: Option<Proof>,
    pub(crate) contents: String,
    pub(crate) parts: Vec<Part>,
    /// SHA-256 of the published result.
    pub(crate) result_id: String,
    /// When the record was sealed, or the last step before it, Unix ms.
    pub(crate) dated_at_ms: i64,
}

/// The public record of a sealed evaluation.
pub(crate) struct Proof {
    pub url: String,
    pub qr: QrPath,
    pub text: String,
}

/// What something is called, and what it is.
pub(crate) type Fact = (String, String);

/// One of the parts.
pub(crate) struct Part {
    pub id: String,
    pub heading: String,
    pub blocks: Vec<Block>,
}

/// A piece of a part.
pub(crate) enum Block {
    Text(String),
    Note(String),
    Facts(Vec<Fact>),
    Table(Table),
    Ladder(Ladder),
    Plot(Box<Plot>),
    /// Lines to be signed on paper.
    Signatures(Vec<String>),
}

/// What names a report, beside its figures and facts.
pub struct Naming<'a> {
    /// SHA-256 of the published result.
    pub result_id: &'a str,
    /// Public address of the server, without a slash at its end.
    pub base_url: &'a str,
    /// Name of the certification body.
    pub body: &'a Text,
}

/// What every part is made from.
struct Source<'a> {
    words: Words,
    report: &'a Report,
    dossier: &'a Dossier,
    result_id: &'a str,
}

/// The report of an evaluation.
///
/// # Errors
/// [`TooLong`] for a public address that fits into no QR code.
pub fn document(
    language: Language,
    report: &Report,
    dossier: &Dossier,
    naming: &Naming<'_>,
) -> Result<Document, TooLong> {
    let words = Words::new(language);
    let source = Source {
        words,
        report,
        dossier,
        result_id: naming.result_id,
    };
    let sealed = dossier.seal.as_ref();
    let proof = match sealed {
        Some(_) => {
            let url = format!("{}/record/{}", naming.base_url, report.evaluation);
            Some(Proof {
                qr: QrPath::of(&url)?,
                text: words.t("report-proof"),
                url,
            })
        }
        None => None,
    };
    let parts = [summary(&source)]
        .into_iter()
        .chain(before::parts(&source))
        .chain(field::parts(&source))
        .chain(figures::parts(&source))
        .chain(closing::parts(&source));
    let standing = match (sealed, &report.interim) {
        (Some(seal), _) => words.tn("report-sealed", &[("at", moment(seal.at_ms).into())]),
        (None, Some(_)) => words.t("report-interim"),
        (None, None) => words.t("report-draft"),
    };
    Ok(Document {
        language,
        title: words.t("report-title"),
        firm: report.firm.get(language).to_owned(),
        wave: report.title.get(language).to_owned(),
        body: naming.body.get(language).to_owned(),
        standing,
        cover: cover(&source),
        proof,
        contents: words.t("report-contents"),
        parts: parts.collect(),
        result_id: naming.result_id.to_owned(),
        dated_at_ms: sealed.map_or_else(|| dossier.steps.last().map_or(0, |step| step.at_ms), |seal| seal.at_ms),
    })
}

fn cover(source: &Source<'_>) -> Vec<Fact> {
    let words = source.words;
    let mut facts = vec![
        (words.t("report-mode"), mode_name(words, source.dossier.mode)),
        (words.t("report-rule"), "CQM/F-RZ-ZY-06-001".to_owned()),
        (words.t("report-result-id"), source.result_id.to_owned()),
    ];
    if let Some(checkpoint) = &source.dossier.checkpoint {
        facts.push((words.t("report-checkpoint"), checkpoint.code()));
    }
    facts
}

/// What the survey says, before everything else.
fn summary(source: &Source<'_>) -> Part {
    let (words, report) = (source.words, source.report);
    let mut blocks = Vec::new();
    match &report.result.star {
        Some(star) => {
            let said = verdict(words, star);
            blocks.push(Block::Text(format!("{} {}", said.text, said.why)));
        }
        None => blocks.push(Block::Text(words.t("verdict-none"))),
    }
    let ladder = Ladder::of(words, report);
    let note = ladder.note.clone();
    blocks.push(Block::Ladder(ladder));
    blocks.push(Block::Note(note));
    blocks.extend(
        report
            .result
            .warnings
            .iter()
            .map(|warning| Block::Text(super::results::warning_text(words, *warning))),
    );
    Part {
        id: "part-0".into(),
        heading: words.t("report-part-summary"),
        blocks,
    }
}

fn part(number: usize, heading: String, blocks: Vec<Block>) -> Part {
    Part {
        id: format!("part-{number}"),
        heading: format!("{number}. {heading}"),
        blocks,
    }
}

impl Source<'_> {
    fn language(&self) -> Language {
        self.words.language()
    }

    /// What is said of what is not on record.
    fn unknown(&self) -> String {
        self.words.t("report-unknown")
    }

    fn or_unknown(&self, text: Option<String>) -> String {
        text.filter(|text| !text.trim().is_empty())
            .unwrap_or_else(|| self.unknown())
    }

    fn role(&self, name: &str) -> String {
        Role::parse(name).map_or_else(|| name.to_owned(), |role| role_name(self.words, role))
    }
}

/// A table of ready texts.
fn grid(id: &'static str, heading: String, head: Vec<String>, rows: Vec<Row>) -> Block {
    Block::Table(Table {
        id,
        heading,
        head,
        rows,
        notes: Vec::new(),
    })
}

fn row(label: impl Into<String>, cells: impl IntoIterator<Item = Shown>) -> Row {
    Row {
        label: label.into(),
        small: None,
        cells: cells.into_iter().collect(),
    }
}

fn quiet(text: String) -> Shown {
    Shown {
        text,
        small: None,
        quiet: true,
    }
}

/// A share in per cent with one decimal.
fn tenth(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}
