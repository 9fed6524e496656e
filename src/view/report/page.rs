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

#[derive(Template)]
#[template(path = "office/report.html")]
struct Page<'a> {
    frame: Frame,
    document: &'a Document,
    downloads: &'a [Download],
}

/// The page of a report with links to its other forms.
///
/// # Errors
/// What the template engine reports.
pub fn page(desk: &Desk, document: &Document, downloads: &[Download]) -> Result<String, askama::Error> {
    let page = Page {
        frame: Frame::at(desk, &document.title),
        document,
        downloads,
    };
    page.render()
}
