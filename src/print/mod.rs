//! The sampling report as PDF/A-2b and PDF/UA-1 on A4: a small press of ours for headings, paragraphs, tables with repeated heads and
//! charts, on krilla (the file) and parley (lines of text). The same document gives the same bytes.
//!
//! Fonts are those of the system. Where none has Chinese letters nothing is printed, and a letter that no font has is an
//! error that names the text: a page never lacks a name.

mod chart;
mod flow;
mod fonts;
mod sheet;
mod structure;
mod table;
mod text;

use chrono::{DateTime, Datelike, Timelike};
use krilla::configure::ConfigurationBuilder;
use krilla::configure::validate::{Accessibility, Archival};
use krilla::destination::XyzDestination;
use krilla::geom::Point;
use krilla::metadata::{DateTime as Moment, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::{Document as File, SerializeSettings};

use self::flow::{Flow, Laid};
use self::sheet::{HEIGHT, WIDTH};
use self::structure::Piece;
use self::text::Press;
use crate::view::report::{Block, Document};

/// Why nothing was printed.
#[derive(Debug, thiserror::Error)]
pub enum PrintError {
    /// No font of the system has Chinese letters.
    #[error("no font with Chinese letters is installed")]
    NoFont,
    /// A text has a letter that no font has.
    #[error("no font has every letter of {0:?}")]
    NoGlyph(String),
    /// The file could not be made.
    #[error("the PDF could not be made: {0}")]
    File(String),
}

/// The document as a PDF file.
///
/// # Errors
/// [`PrintError`].
pub fn pdf(document: &Document) -> Result<Vec<u8>, PrintError> {
    let mut press = Press::new(document.language)?;
    let mut flow = Flow::new(&mut press);
    cover(&mut flow, document);
    for part in &document.parts {
        flow.part(&part.heading);
        for block in &part.blocks {
            match block {
                Block::Text(text) => flow.paragraph(text),
                Block::Note(text) => flow.note(text),
                Block::Facts(facts) => flow.facts(facts),
                Block::Table(table) => flow.table(table),
                Block::Ladder(ladder) => {
                    let figure = Piece::Figure(ladder.description.clone());
                    flow.within(figure, |flow| chart::ladder(flow, ladder));
                }
                Block::Plot(plot) => {
                    let figure = Piece::Figure(plot.description.clone());
                    flow.within(figure, |flow| chart::plot(flow, plot));
                    flow.table(&plot.table);
                }
                Block::Signatures(lines) => flow.signatures(lines),
            }
        }
    }
    let Laid {
        pages,
        bookmarks,
        mut structure,
    } = flow.finish(&format!("{} · {}", document.title, document.firm));
    if let Some(text) = press.missing() {
        return Err(PrintError::NoGlyph(text.to_owned()));
    }
    let failed = |e: &dyn std::fmt::Debug| PrintError::File(format!("{e:?}"));
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_B)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|e| failed(&e))?;
    let mut file = File::new_with(SerializeSettings {
        configuration,
        enable_tagging: true,
        ..SerializeSettings::default()
    });
    file.set_metadata(metadata(document));
    let mut outline = Outline::new();
    for mark in bookmarks {
        outline.push_child(OutlineNode::new(
            mark.text,
            XyzDestination::new(mark.page, Point::from_xy(0.0, mark.y)),
        ));
    }
    file.set_outline(outline);
    for sheet in &pages {
        let size = PageSettings::from_wh(WIDTH, HEIGHT).ok_or_else(|| PrintError::File("page size".into()))?;
        let mut page = file.start_page_with(size);
        let mut surface = page.surface();
        sheet.draw(&mut press, &mut structure, &mut surface);
        surface.finish();
        page.finish();
    }
    file.set_tag_tree(structure.tree(document.language));
    file.finish().map_err(|e| failed(&e))
}

fn cover(flow: &mut Flow<'_>, document: &Document) {
    flow.title(
        &document.body,
        &document.title,
        &[&document.firm, &document.wave, &document.standing],
    );
    flow.facts(&document.cover);
    if let Some(proof) = &document.proof {
        let figure = Piece::Figure(proof.url.clone());
        flow.within(figure, |flow| chart::qr(flow, &proof.qr));
        flow.paragraph(&proof.text);
        flow.paragraph(&proof.url);
    }
    flow.heading(2, &document.contents);
    flow.contents(document.parts.iter().map(|part| part.heading.as_str()));
}

fn metadata(document: &Document) -> Metadata {
    let at = DateTime::from_timestamp_millis(document.dated_at_ms).unwrap_or_default();
    let small = |number: u32| u8::try_from(number).unwrap_or_default();
    let moment = Moment::new(u16::try_from(at.year()).unwrap_or_default())
        .month(small(at.month()))
        .day(small(at.day()))
        .hour(small(at.hour()))
        .minute(small(at.minute()))
        .second(small(at.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0);
    Metadata::new()
        .title(format!("{} · {} · {}", document.title, document.firm, document.wave))
        .authors(vec![document.body.clone()])
        .description(document.result_id.clone())
        .language(document.language.tag().to_owned())
        .creator(format!("perception {}", env!("CARGO_PKG_VERSION")))
        .creation_date(moment)
        .document_id(document.result_id.clone())
}
