//! The report as a page, for the screen and for A4.

use askama::Template;

use super::{Block, Document};
use crate::view::office::{Desk, Frame};

/// A file that renders the same result.
pub struct Download {
    /// Its address.
    pub href: String,
    /// What it is called.
    pub name: &'static str,
}

/// Why there is no PDF.
#[derive(Debug, Clone, Copy)]
pub enum Unprinted<'a> {
    /// No font with Chinese letters is installed.
    NoFont,
    /// No font has every letter of this text.
    NoGlyph(&'a str),
}

#[derive(Template)]
#[template(path = "office/report.html")]
struct Page<'a> {
    frame: Frame,
    document: &'a Document,
    downloads: &'a [Download],
    notice: Option<String>,
}

/// The page of a report with links to its other forms, and why one of them could not be made.
///
/// # Errors
/// What the template engine reports.
pub fn page(
    desk: &Desk,
    document: &Document,
    downloads: &[Download],
    unprinted: Option<Unprinted<'_>>,
) -> Result<String, askama::Error> {
    let words = desk.words();
    let notice = unprinted.map(|why| match why {
        Unprinted::NoFont => words.t("report-no-font"),
        Unprinted::NoGlyph(text) => words.tn("report-no-glyph", &[("text", text.into())]),
    });
    let page = Page {
        frame: Frame::at(desk, &document.title),
        document,
        downloads,
        notice,
    };
    page.render()
}
