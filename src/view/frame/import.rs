//! Handing over a file; its columns, and what would come of them.

use super::super::grading::{Grid, Item, Section, Sheet, Typed, address, page};
use super::names;
use super::sample::{counts, flags};
use crate::survey::frame::check::RowError;
use crate::survey::frame::column::{Field, LINE_MAX, Reading};
use crate::survey::frame::sheet::SheetError;
use crate::survey::frame::summary::Summary;
use crate::survey::language::Language;
use crate::view::office::Desk;
use crate::view::office::form::Choice;
use crate::view::words::Words;

/// Errors that a page names.
const ERRORS_SHOWN: usize = 10;
/// Characters of a header in a list of choices.
const HEADER_MAX: usize = 40;

/// What the page of columns shows.
#[derive(Debug)]
pub struct ColumnsPage<'a> {
    /// The list.
    pub list: &'a str,
    /// The file's header.
    pub header: &'a [String],
    /// How it is read.
    pub reading: &'a Reading,
    /// What would be imported.
    pub summary: &'a Summary,
    /// Whether that can be done.
    pub is_usable: bool,
    /// The first cases, masked.
    pub rows: Vec<SampleRow>,
}

/// A case of which nothing personal is told whole.
#[derive(Debug)]
pub struct SampleRow {
    /// Line of the file.
    pub row: u32,
    /// Outlet and type of service.
    pub stratum: String,
    /// Address, masked.
    pub email: String,
    /// Name, masked.
    pub name: String,
    /// Telephone number, masked.
    pub phone: String,
}

/// The page on which a file is handed over.
///
/// # Errors
/// What the template engine reports.
pub fn upload(desk: &Desk, is_open: bool, wrong: Option<SheetError>, typed: &Typed) -> Result<String, askama::Error> {
    let words = desk.words();
    let form = typed
        .builder(desk, "upload", address(desk, "sample/upload"))
        .file("file", words.t("frame-file"), ".csv,.txt,.xlsx")
        .hint(words.t("frame-file-hint"))
        .cancel(address(desk, "sample"), words.t("frame-back"))
        .submit(words.t("frame-upload"));
    let sheet = Sheet {
        heading: words.t("frame-upload-heading"),
        lead: words.t("frame-upload-lead"),
        notices: wrong.map(|wrong| names::unreadable(words, wrong)).into_iter().collect(),
        sections: vec![Section {
            id: "file-choice".into(),
            heading: words.t("frame-file-choose"),
            notes: match is_open {
                true => vec![words.t("frame-file-columns-note")],
                false => vec![words.t("frame-not-now")],
            },
            form: is_open.then_some(form),
            ..Section::default()
        }],
    };
    page(desk, sheet, typed)
}

/// The page of a file's columns, with what would come of them.
///
/// # Errors
/// What the template engine reports.
pub fn columns(desk: &Desk, about: &ColumnsPage<'_>, typed: &Typed) -> Result<String, askama::Error> {
    let words = desk.words();
    let mut sections = vec![found(words, desk, about)];
    if !about.rows.is_empty() {
        sections.push(first_rows(words, about));
    }
    if about.summary.errors > 0 {
        sections.push(first_errors(words, desk, about));
    }
    if !about.summary.flags.is_empty() {
        sections.push(flags(words, &about.summary.flags));
    }
    sections.push(mapping(words, desk, about, typed));
    let sheet = Sheet {
        heading: words.t("frame-columns-heading"),
        lead: words.t("frame-columns-lead"),
        sections,
        ..Sheet::default()
    };
    page(desk, sheet, typed)
}

fn found(words: Words, desk: &Desk, about: &ColumnsPage<'_>) -> Section {
    let form = Typed::default();
    let form = form
        .builder(desk, "import", address(desk, "sample/import"))
        .hidden("list", about.list)
        .submit(words.tn("frame-import", &[("n", u64::from(about.summary.cases).into())]));
    Section {
        id: "found".into(),
        heading: words.t("frame-found"),
        notes: match about.is_usable {
            true => vec![words.t("frame-found-note")],
            false if about.summary.cases == 0 => vec![words.t("frame-found-nobody")],
            false => vec![words.t("frame-found-services")],
        },
        facts: counts(words, about.summary),
        form: about.is_usable.then_some(form),
        ..Section::default()
    }
}

fn first_rows(words: Words, about: &ColumnsPage<'_>) -> Section {
    let rows = about.rows.iter().map(|row| {
        vec![
            Item::plain(row.row.to_string()),
            Item::plain(row.email.as_str()),
            Item::plain(row.name.as_str()),
            Item::plain(row.phone.as_str()),
            Item::plain(row.stratum.as_str()),
        ]
    });
    Section {
        id: "rows".into(),
        heading: words.t("frame-first-rows"),
        grid: Some(Grid {
            head: vec![
                words.t("frame-line"),
                names::field(words, Field::Email),
                names::field(words, Field::Name),
                names::field(words, Field::Phone),
                words.t("frame-stratum"),
            ],
            rows: rows.collect(),
        }),
        ..Section::default()
    }
}

fn first_errors(words: Words, desk: &Desk, about: &ColumnsPage<'_>) -> Section {
    let errors = about.summary.first_errors.iter().take(ERRORS_SHOWN);
    let rows = errors.map(|error| {
        vec![
            Item::plain(error.row.to_string()),
            Item::plain(names::field(words, error.field)),
            Item::plain(names::wrong(words, error.wrong)),
        ]
    });
    Section {
        id: "errors".into(),
        heading: words.tn("frame-errors", &[("n", u64::from(about.summary.errors).into())]),
        notes: vec![words.t("frame-errors-note")],
        grid: Some(Grid {
            head: vec![
                words.t("frame-line"),
                words.t("frame-column"),
                words.t("frame-expected"),
            ],
            rows: rows.collect(),
        }),
        ways: vec![(address(desk, "sample/errors.csv"), words.t("frame-errors-file"))],
        ..Section::default()
    }
}

fn mapping(words: Words, desk: &Desk, about: &ColumnsPage<'_>, typed: &Typed) -> Section {
    let columns = |none: String| {
        let header = about.header.iter().zip(1_u32..).map(|(text, number)| {
            let short: String = text.chars().take(HEADER_MAX).collect();
            Choice::new(number.to_string(), format!("{number} · {short}"))
        });
        std::iter::once(Choice::new("", none)).chain(header).collect::<Vec<_>>()
    };
    let mut form = typed.builder(desk, "columns", address(desk, "sample/columns"));
    for field in [
        Field::Email,
        Field::Name,
        Field::Phone,
        Field::Order,
        Field::Outlet,
        Field::Service,
        Field::Day,
        Field::Group,
        Field::Language,
    ] {
        let id = format!("column-{}", field.as_str());
        form = form.select(&id, names::field(words, field), columns(words.t("frame-no-column")));
        form = match field {
            Field::Email => form,
            Field::Outlet => form.hint(words.t("frame-field-outlet-hint")),
            Field::Service => form.hint(words.t("frame-field-service-hint")).optional(),
            _ => form.optional(),
        };
    }
    let form = form
        .day("from", words.t("frame-from"))
        .day("until", words.t("frame-until"))
        .text("excluded", words.t("frame-excluded"), LINE_MAX)
        .hint(words.t("frame-excluded-hint"))
        .optional()
        .text("domains", words.t("frame-domains"), LINE_MAX)
        .hint(words.t("frame-domains-hint"))
        .optional()
        .cancel(address(desk, "sample/upload"), words.t("frame-other-file"))
        .submit(words.t("frame-look-again"));
    Section {
        id: "columns".into(),
        heading: words.t("frame-columns"),
        form: Some(form),
        ..Section::default()
    }
}

/// The header of the file of errors.
pub fn error_head(language: Language) -> [String; 4] {
    let words = Words::new(language);
    [
        words.t("frame-line"),
        words.t("frame-column"),
        words.t("frame-column-header"),
        words.t("frame-expected"),
    ]
}

/// A line of the file of errors: line, what the column is, its header, what was expected.
pub fn error_row(language: Language, error: &RowError, column: Option<usize>, header: &str) -> [String; 4] {
    let words = Words::new(language);
    let number = column.map_or_else(String::new, |column| (column + 1).to_string());
    [
        error.row.to_string(),
        format!("{} ({number})", names::field(words, error.field)),
        header.to_owned(),
        names::wrong(words, error.wrong),
    ]
}
