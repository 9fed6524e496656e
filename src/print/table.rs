//! Tables: columns as wide as their texts need, heads repeated on every page, rows never torn.

use std::rc::Rc;

use super::flow::Flow;
use super::sheet::{MARGIN, MEASURE, Mark};
use super::structure::Piece;
use super::text::{BLACK, GREY, Ink, Paragraph, Style};
use crate::view::results::{Row, Table};
use crate::view::words::Words;

const GAP: f32 = 8.0;
const PAD: f32 = 3.0;
const LINE: Ink = Ink(0xdd, 0xe1, 0xe7);
const EDGE: Ink = Ink(0x76, 0x81, 0x8f);
/// Columns of texts are ranged left: nobody reads ragged beginnings.
const FIGURE_MAX: usize = 14;

/// The narrowest column of figures, pt.
const FIGURE_MIN: f32 = 34.0;

/// A cell: its texts one below the other.
type Cell = Vec<Rc<Paragraph>>;

struct Column {
    x: f32,
    width: f32,
    /// Holds figures, which end at its right edge.
    figures: bool,
}

impl Flow<'_> {
    /// A table under its heading with its notes.
    pub(super) fn table(&mut self, table: &Table) {
        self.heading(3, &table.heading);
        if table.rows.is_empty() {
            let words = Words::new(self.press.language());
            self.paragraph(&words.t("table-empty"));
            return;
        }
        let size = if table.head.len() > 6 { 7.5 } else { 8.5 };
        let body = Style {
            size,
            bold: false,
            ink: BLACK,
        };
        let columns = self.columns(table, body);
        let head = Style {
            size: size - 0.5,
            bold: true,
            ink: GREY,
        };
        let heads: Vec<Cell> = table
            .head
            .iter()
            .zip(&columns)
            .map(|(text, column)| vec![self.set(text, head, column.width)])
            .collect();
        let rows: Vec<Vec<Cell>> = table.rows.iter().map(|row| self.cells(row, &columns, body)).collect();
        let first = rows.first().map_or(0.0, |row| height(row));
        self.need(height(&heads) + first);
        self.within(Piece::Table, |flow| {
            flow.within(Piece::Head, |flow| {
                flow.head(&heads, &columns, Some([Piece::ColumnName, Piece::ColumnName]))
            });
            flow.within(Piece::Body, |flow| flow.body(&rows, &heads, &columns));
        });
        for note in &table.notes {
            self.note(note);
        }
        self.y += 4.0;
    }

    fn body(&mut self, rows: &[Vec<Cell>], heads: &[Cell], columns: &[Column]) {
        for row in rows {
            let before = self.y;
            self.need(height(row));
            if self.y < before {
                // Repeated for the eye alone.
                self.head(heads, columns, None);
            }
            self.row(row, columns, Some([Piece::RowName, Piece::Cell]));
            self.rule(self.y, 0.5, LINE);
        }
    }

    fn head(&mut self, heads: &[Cell], columns: &[Column], pieces: Option<[Piece; 2]>) {
        self.row(heads, columns, pieces);
        self.rule(self.y, 1.0, EDGE);
    }

    /// A row whose first cell is one piece and whose others are another; nothing = decoration.
    fn row(&mut self, row: &[Cell], columns: &[Column], pieces: Option<[Piece; 2]>) {
        match pieces {
            None => row
                .iter()
                .zip(columns)
                .for_each(|(cell, column)| self.cell(cell, column)),
            Some([first, other]) => self.within(Piece::Row, |flow| {
                let pieces = std::iter::once(first).chain(std::iter::repeat(other));
                for ((cell, column), piece) in row.iter().zip(columns).zip(pieces) {
                    flow.within(piece, |flow| flow.cell(cell, column));
                }
            }),
        }
        self.y += height(row);
    }

    fn cell(&mut self, cell: &[Rc<Paragraph>], column: &Column) {
        let mut y = self.y + PAD;
        for paragraph in cell {
            let end = column.figures.then_some(column.width);
            self.mark(Mark::Text {
                paragraph: Rc::clone(paragraph),
                x: column.x,
                y,
                end,
            });
            y += paragraph.height();
        }
    }

    fn cells(&mut self, row: &Row, columns: &[Column], body: Style) -> Vec<Cell> {
        let small = Style {
            size: body.size - 1.0,
            bold: false,
            ink: GREY,
        };
        let texts = texts(row);
        texts
            .into_iter()
            .zip(columns)
            .map(|((text, below, quiet), column)| {
                let style = if quiet { Style { ink: GREY, ..body } } else { body };
                let mut cell = vec![self.set(text, style, column.width)];
                if let Some(below) = below {
                    cell.push(self.set(below, small, column.width));
                }
                cell
            })
            .collect()
    }

    /// Shares the measure among the columns: each gets what its longest word needs, and of the rest in proportion to what
    /// its texts would take in one line.
    fn columns(&mut self, table: &Table, body: Style) -> Vec<Column> {
        let count = table.head.len();
        let (mut least, mut most) = (vec![0.0_f32; count], vec![0.0_f32; count]);
        let mut figures = vec![true; count];
        let head = Style { bold: true, ..body };
        for (place, text) in table.head.iter().enumerate() {
            let (min, max) = self.press.widths(text, head);
            widen(&mut least, place, min.min(60.0));
            widen(&mut most, place, max.min(90.0));
        }
        for row in &table.rows {
            for (place, (text, below, _)) in texts(row).into_iter().enumerate() {
                let (min, max) = self.press.widths(text, body);
                let below = below.map_or(0.0, |below| self.press.widths(below, body).1.min(90.0));
                widen(&mut least, place, min.min(120.0));
                widen(&mut most, place, max.max(below).min(230.0));
                if let Some(figure) = figures.get_mut(place) {
                    *figure &=
                        place > 0 && text.chars().count() <= FIGURE_MAX && !text.chars().any(is_letter) || text == "–";
                }
            }
        }
        for place in (0..count).filter(|place| figures.get(*place) == Some(&true)) {
            widen(&mut least, place, FIGURE_MIN);
            widen(&mut most, place, FIGURE_MIN);
        }
        let free = MEASURE - GAP * count.saturating_sub(1) as f32;
        let (all_least, all_most): (f32, f32) = (least.iter().sum(), most.iter().sum());
        let mut x = MARGIN;
        let widths = least.iter().zip(&most).map(|(least, most)| match all_most <= free {
            true => most + (free - all_most) / count.max(1) as f32,
            false if all_least >= free => free / count.max(1) as f32,
            false => least + (most - least) * (free - all_least) / (all_most - all_least).max(1.0),
        });
        let widths: Vec<f32> = widths.collect();
        widths
            .into_iter()
            .zip(figures)
            .map(|(width, figures)| {
                let column = Column { x, width, figures };
                x += width + GAP;
                column
            })
            .collect()
    }
}

fn widen(widths: &mut [f32], place: usize, to: f32) {
    if let Some(width) = widths.get_mut(place) {
        *width = width.max(to + 1.0);
    }
}

fn is_letter(letter: char) -> bool {
    letter.is_alphabetic()
}

/// Texts of a row: the text, what stands small below it, whether it is words in place of a figure.
fn texts(row: &Row) -> Vec<(&str, Option<&str>, bool)> {
    let label = (row.label.as_str(), row.small.as_deref(), false);
    let cells = row
        .cells
        .iter()
        .map(|cell| (cell.text.as_str(), cell.small.as_deref(), cell.quiet));
    std::iter::once(label).chain(cells).collect()
}

fn height(row: &[Cell]) -> f32 {
    let tall = |cell: &Cell| cell.iter().map(|paragraph| paragraph.height()).sum::<f32>();
    row.iter().map(tall).fold(0.0, f32::max) + 2.0 * PAD
}
