//! What comes after what, and on which page.

use std::rc::Rc;

use super::sheet::{HEIGHT, MARGIN, MEASURE, Mark, Sheet, WIDTH};
use super::structure::{Piece, Structure};
use super::text::{BLACK, BLUE, BODY, GREY, Ink, Paragraph, Press, SMALL, Style};

/// Where the text of a page ends; below stands its number.
const FOOT: f32 = HEIGHT - MARGIN - 8.0;
const RULE: Ink = Ink(0xdd, 0xe1, 0xe7);
/// The column of names beside facts.
const NAMES: f32 = 150.0;

/// A bookmark.
pub(super) struct Bookmark {
    pub text: String,
    pub page: usize,
    pub y: f32,
}

/// Pages being filled from top to bottom.
pub(super) struct Flow<'a> {
    pub(super) press: &'a mut Press,
    pages: Vec<Sheet>,
    sheet: Sheet,
    /// Where the next thing goes.
    pub(super) y: f32,
    bookmarks: Vec<Bookmark>,
    structure: Structure,
}

/// A document that is laid out and not yet drawn.
pub(super) struct Laid {
    pub pages: Vec<Sheet>,
    pub bookmarks: Vec<Bookmark>,
    pub structure: Structure,
}

impl<'a> Flow<'a> {
    pub(super) fn new(press: &'a mut Press) -> Self {
        Self {
            press,
            pages: Vec::new(),
            sheet: Sheet::default(),
            y: MARGIN,
            bookmarks: Vec::new(),
            structure: Structure::new(),
        }
    }

    /// Lays out a piece: what is put down meanwhile belongs to it.
    pub(super) fn within<T>(&mut self, piece: Piece, lay: impl FnOnce(&mut Self) -> T) -> T {
        self.structure.open(piece);
        let laid = lay(self);
        self.structure.close();
        laid
    }

    /// Goes to the next page unless so much fits on this one.
    pub(super) fn need(&mut self, height: f32) {
        if self.y + height > FOOT && self.y > MARGIN {
            self.turn();
        }
    }

    /// The next page.
    pub(super) fn turn(&mut self) {
        self.pages.push(std::mem::take(&mut self.sheet));
        self.y = MARGIN;
    }

    pub(super) fn mark(&mut self, mark: Mark) {
        self.sheet.marks.push((self.structure.owner(), mark));
    }

    pub(super) fn set(&mut self, text: &str, style: Style, width: f32) -> Rc<Paragraph> {
        self.press.set(text, style, width)
    }

    /// Puts a paragraph here without going on.
    pub(super) fn put(&mut self, paragraph: Rc<Paragraph>, x: f32, y: f32, end: Option<f32>) {
        self.mark(Mark::Text { paragraph, x, y, end });
    }

    pub(super) fn rule(&mut self, y: f32, width: f32, ink: Ink) {
        let line = Mark::Line {
            from: (MARGIN, y),
            to: (WIDTH - MARGIN, y),
            width,
            ink,
        };
        self.sheet.marks.push((None, line));
    }

    fn flowing(&mut self, piece: Piece, text: &str, style: Style, before: f32) {
        let paragraph = self.set(text, style, MEASURE);
        self.need(before + paragraph.height());
        self.y += before;
        let height = paragraph.height();
        let y = self.y;
        self.within(piece, |flow| flow.put(paragraph, MARGIN, y, None));
        self.y += height;
    }

    pub(super) fn title(&mut self, body: &str, title: &str, lines: &[&str]) {
        self.flowing(Piece::Paragraph, body, Style { ink: GREY, ..BODY }, 24.0);
        self.flowing(
            Piece::Heading(1, title.to_owned()),
            title,
            Style {
                size: 22.0,
                bold: true,
                ink: BLUE,
            },
            6.0,
        );
        for line in lines {
            self.flowing(Piece::Paragraph, line, Style { size: 12.0, ..BODY }, 2.0);
        }
        self.y += 12.0;
    }

    /// A part begins on a page of its own, with a bookmark.
    pub(super) fn part(&mut self, heading: &str) {
        self.need(HEIGHT / 3.0);
        if self.pages.is_empty() {
            self.turn();
        }
        if self.y > MARGIN {
            self.y += 20.0;
        }
        self.bookmarks.push(Bookmark {
            text: heading.to_owned(),
            page: self.pages.len(),
            y: self.y,
        });
        self.rule(self.y, 1.6, BLUE);
        self.flowing(
            Piece::Heading(2, heading.to_owned()),
            heading,
            Style {
                size: 15.0,
                bold: true,
                ink: BLACK,
            },
            6.0,
        );
        self.y += 4.0;
    }

    /// A heading of this level, from 1.
    pub(super) fn heading(&mut self, level: u16, text: &str) {
        self.need(80.0);
        self.flowing(
            Piece::Heading(level, text.to_owned()),
            text,
            Style {
                size: 11.0,
                bold: true,
                ink: BLACK,
            },
            12.0,
        );
        self.y += 2.0;
    }

    pub(super) fn paragraph(&mut self, text: &str) {
        self.flowing(Piece::Paragraph, text, BODY, 4.0);
    }

    /// What the document has.
    pub(super) fn contents<'t>(&mut self, lines: impl Iterator<Item = &'t str>) {
        self.within(Piece::Contents, |flow| {
            for line in lines {
                flow.flowing(Piece::ContentsLine, line, BODY, 1.0);
            }
        });
    }

    pub(super) fn note(&mut self, text: &str) {
        self.flowing(Piece::Paragraph, text, SMALL, 4.0);
    }

    /// Names on the left, what they are on the right.
    pub(super) fn facts(&mut self, facts: &[(String, String)]) {
        self.y += 4.0;
        self.within(Piece::Table, |flow| flow.names_and_values(facts));
        self.y += 4.0;
    }

    fn names_and_values(&mut self, facts: &[(String, String)]) {
        for (name, value) in facts {
            let name = self.set(name, Style { ink: GREY, ..BODY }, NAMES - 10.0);
            let value = self.set(value, BODY, MEASURE - NAMES);
            let height = name.height().max(value.height());
            self.need(height + 6.0);
            let y = self.y + 2.0;
            self.within(Piece::Row, |flow| {
                flow.within(Piece::RowName, |flow| flow.put(name, MARGIN, y, None));
                flow.within(Piece::Cell, |flow| flow.put(value, MARGIN + NAMES, y, None));
            });
            self.y += height + 5.0;
            self.rule(self.y, 0.5, RULE);
        }
    }

    /// Lines to sign on.
    pub(super) fn signatures(&mut self, lines: &[String]) {
        self.need(90.0);
        self.y += 60.0;
        let width = MEASURE / lines.len().max(1) as f32;
        for (place, line) in lines.iter().enumerate() {
            let x = MARGIN + width * place as f32;
            self.mark(Mark::Line {
                from: (x, self.y),
                to: (x + width - 24.0, self.y),
                width: 0.7,
                ink: GREY,
            });
            let text = self.set(line, SMALL, width - 24.0);
            let y = self.y + 3.0;
            self.within(Piece::Paragraph, |flow| flow.put(text, x, y, None));
        }
        self.y += 24.0;
    }

    /// The pages with their feet.
    pub(super) fn finish(mut self, foot: &str) -> Laid {
        self.turn();
        let mut pages = std::mem::take(&mut self.pages);
        let all = pages.len();
        for (number, page) in (1_usize..).zip(&mut pages) {
            let left = self.set(foot, SMALL, MEASURE - 60.0);
            let right = self.set(&format!("{number} / {all}"), SMALL, 60.0);
            let y = HEIGHT - MARGIN + 6.0;
            let left = Mark::Text {
                paragraph: left,
                x: MARGIN,
                y,
                end: None,
            };
            let right = Mark::Text {
                paragraph: right,
                x: WIDTH - MARGIN - 60.0,
                y,
                end: Some(60.0),
            };
            page.marks.extend([(None, left), (None, right)]);
        }
        Laid {
            pages,
            bookmarks: self.bookmarks,
            structure: self.structure,
        }
    }
}
