//! What is known about a list: where it comes from, whether it is complete, how it agrees with other counts, and on what
//! basis its customers may be written to. Without the basis nobody is drawn.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::survey::form::{FieldError, FormReader, Problem, RawForm};
use crate::survey::plan::as_text;

/// Characters of a line and of a text.
pub const LINE_MAX: usize = 120;
/// Characters of a text.
pub const TEXT_MAX: usize = 600;
const COUNT_MAX: i64 = 100_000_000;
/// Counts that differ by more than this share (per cent) are pointed at.
const DIFFERENCE_PERCENT: u64 = 5;

/// On what basis the organisation's customers are written to (PIPL art. 23; requirements.md §8.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// (a) A clause in the organisation's service order names the recipient; customers agreed to it separately.
    Clause,
    /// (b) Only order numbers are drawn; the organisation's own mail passes the links on.
    Gateway,
    /// (c) Codes and interviews only.
    Codes,
}

impl Basis {
    /// Every one.
    pub const ALL: [Basis; 3] = [Basis::Clause, Basis::Gateway, Basis::Codes];

    /// Name in forms and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Basis::Clause => "clause",
            Basis::Gateway => "gateway",
            Basis::Codes => "codes",
        }
    }

    /// Whether addresses of the list may be used.
    pub fn allows_mail(self) -> bool {
        self == Basis::Clause
    }
}

/// Counts of the same customers or orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// As the organisation declares it.
    Declared,
    /// The screen of its system, seen on site.
    Screen,
    /// The outlets' registers.
    Registers,
    /// Invoices.
    Invoices,
}

impl Source {
    /// Those that are seen by the certification body.
    pub const SEEN: [Source; 3] = [Source::Screen, Source::Registers, Source::Invoices];

    /// Name of its field.
    pub fn as_str(self) -> &'static str {
        match self {
            Source::Declared => "declared",
            Source::Screen => "screen",
            Source::Registers => "registers",
            Source::Invoices => "invoices",
        }
    }
}

/// The record of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameRecord {
    /// System or register it was taken from.
    pub source: String,
    /// Day on which it was taken.
    #[serde(with = "as_text")]
    pub extracted_on: NaiveDate,
    /// Orders the organisation declares for the period.
    pub declared: u64,
    /// Orders by the system's screen.
    pub screen: Option<u64>,
    /// Orders by the outlets' registers.
    pub registers: Option<u64>,
    /// Orders by invoices.
    pub invoices: Option<u64>,
    /// Who of the organisation signed that the list is complete, and when.
    pub complete: String,
    /// Known gaps.
    pub gaps: String,
    /// Basis of consent.
    pub basis: Basis,
    /// Where that can be seen.
    pub evidence: String,
}

impl FrameRecord {
    /// Reads the form.
    ///
    /// # Errors
    /// Every field that must be corrected.
    pub fn parse(form: &RawForm, today: NaiveDate) -> Result<Self, Vec<FieldError>> {
        let mut reader = FormReader::new(form);
        let source = reader.required_line("source", LINE_MAX);
        let extracted_on = reader.day("extracted_on");
        if extracted_on.is_none() && form.first("extracted_on").trim().is_empty() {
            reader.refuse("extracted_on", Problem::Empty);
        }
        if extracted_on.is_some_and(|day| day > today) {
            reader.refuse("extracted_on", Problem::InFuture);
        }
        let mut count = |source: Source| {
            let number = reader.number(source.as_str(), 0..=COUNT_MAX);
            number.and_then(|number| u64::try_from(number).ok())
        };
        let (screen, registers, invoices) = (count(Source::Screen), count(Source::Registers), count(Source::Invoices));
        let declared = count(Source::Declared);
        if form.first("declared").trim().is_empty() {
            reader.refuse("declared", Problem::Empty);
        }
        let complete = reader.required_line("complete", LINE_MAX);
        let gaps = reader.text("gaps", TEXT_MAX);
        if gaps.is_empty() {
            reader.refuse("gaps", Problem::Empty);
        }
        let basis = reader.choice("basis", |name| {
            Basis::ALL.into_iter().find(|basis| basis.as_str() == name)
        });
        let evidence = reader.required_line("evidence", LINE_MAX);
        let record = (|| {
            Some(Self {
                source,
                extracted_on: extracted_on?,
                declared: declared?,
                screen,
                registers,
                invoices,
                complete,
                gaps,
                basis: basis?,
                evidence,
            })
        })();
        reader.done(record)
    }

    /// The form filled in with it.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let number = |n: Option<u64>| n.map_or_else(String::new, |n| n.to_string());
        let pairs = [
            ("source", self.source.clone()),
            ("extracted_on", self.extracted_on.to_string()),
            ("declared", self.declared.to_string()),
            ("screen", number(self.screen)),
            ("registers", number(self.registers)),
            ("invoices", number(self.invoices)),
            ("complete", self.complete.clone()),
            ("gaps", self.gaps.clone()),
            ("basis", self.basis.as_str().to_owned()),
            ("evidence", self.evidence.clone()),
        ];
        pairs.map(|(name, value)| (name.to_owned(), value)).to_vec()
    }

    /// A count of this source, if somebody took it.
    pub fn count(&self, source: Source) -> Option<u64> {
        match source {
            Source::Declared => Some(self.declared),
            Source::Screen => self.screen,
            Source::Registers => self.registers,
            Source::Invoices => self.invoices,
        }
    }

    /// Counts that differ from the rows of the list by more than 5 %.
    pub fn differing(&self, rows: u64) -> Vec<(Source, u64)> {
        let all = [Source::Declared].into_iter().chain(Source::SEEN);
        let counts = all.filter_map(|source| Some((source, self.count(source)?)));
        let differs = |(_, count): &(Source, u64)| {
            let difference = count.abs_diff(rows).saturating_mul(100);
            difference > count.saturating_mul(DIFFERENCE_PERCENT)
        };
        counts.filter(differs).collect()
    }
}
