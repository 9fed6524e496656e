//! A page before it is drawn: texts and shapes with their places, pt from the upper left corner.

use std::rc::Rc;

use krilla::geom::{Path, PathBuilder, Rect};
use krilla::num::NormalizedF32;
use krilla::paint::{Fill, FillRule, Stroke};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag};

use super::structure::{Place, Structure};
use super::text::{Ink, Paragraph, Press};

/// A4.
pub(super) const WIDTH: f32 = 595.28;
pub(super) const HEIGHT: f32 = 841.89;
/// Free on every side.
pub(super) const MARGIN: f32 = 48.0;
/// What is left of the width.
pub(super) const MEASURE: f32 = WIDTH - 2.0 * MARGIN;

/// Something on a page.
pub(super) enum Mark {
    Text {
        paragraph: Rc<Paragraph>,
        x: f32,
        y: f32,
        /// Lines end at this distance from `x`.
        end: Option<f32>,
    },
    Line {
        from: (f32, f32),
        to: (f32, f32),
        width: f32,
        ink: Ink,
    },
    Box {
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        ink: Ink,
    },
    Dot {
        x: f32,
        y: f32,
        radius: f32,
        ink: Ink,
        hollow: bool,
    },
}

/// A page.
#[derive(Default)]
pub(super) struct Sheet {
    /// Each with the piece it belongs to; nothing = decoration.
    pub marks: Vec<(Option<Place>, Mark)>,
}

impl Sheet {
    /// Draws everything in its order, and notes what belongs to which piece.
    pub(super) fn draw(&self, press: &mut Press, structure: &mut Structure, surface: &mut Surface<'_>) {
        for run in self.marks.chunk_by(|one, next| one.0 == next.0) {
            let owner = run.first().and_then(|(owner, _)| *owner);
            let drawn = surface.start_tagged(match owner {
                Some(_) => ContentTag::Other,
                None => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)),
            });
            for (_, mark) in run {
                mark.draw(press, surface);
            }
            surface.end_tagged();
            if let Some(owner) = owner {
                structure.note(owner, drawn);
            }
        }
    }
}

impl Mark {
    fn draw(&self, press: &mut Press, surface: &mut Surface<'_>) {
        match self {
            Mark::Text { paragraph, x, y, end } => press.draw(surface, paragraph, (*x, *y), *end),
            Mark::Line { from, to, width, ink } => {
                let mut path = PathBuilder::new();
                path.move_to(from.0, from.1);
                path.line_to(to.0, to.1);
                paint(surface, path.finish(), None, Some((*ink, *width)));
            }
            Mark::Box {
                x,
                y,
                width,
                height,
                ink,
            } => {
                let mut path = PathBuilder::new();
                if let Some(rect) = Rect::from_xywh(*x, *y, *width, *height) {
                    path.push_rect(rect);
                }
                paint(surface, path.finish(), Some(*ink), None);
            }
            Mark::Dot {
                x,
                y,
                radius,
                ink,
                hollow,
            } => {
                let white = Ink(255, 255, 255);
                let fill = if *hollow { white } else { *ink };
                paint(surface, circle(*x, *y, *radius), Some(fill), Some((*ink, 1.2)));
            }
        }
    }
}

fn paint(surface: &mut Surface<'_>, path: Option<Path>, fill: Option<Ink>, line: Option<(Ink, f32)>) {
    let Some(path) = path else { return };
    surface.set_fill(fill.map(|ink| Fill {
        paint: ink.into(),
        opacity: NormalizedF32::ONE,
        rule: FillRule::default(),
    }));
    surface.set_stroke(line.map(|(ink, width)| Stroke {
        paint: ink.into(),
        width,
        ..Stroke::default()
    }));
    surface.draw_path(&path);
}

/// Four Bézier curves.
fn circle(x: f32, y: f32, r: f32) -> Option<Path> {
    const K: f32 = 0.552_284_8;
    let k = K * r;
    let mut path = PathBuilder::new();
    path.move_to(x + r, y);
    path.cubic_to(x + r, y + k, x + k, y + r, x, y + r);
    path.cubic_to(x - k, y + r, x - r, y + k, x - r, y);
    path.cubic_to(x - r, y - k, x - k, y - r, x, y - r);
    path.cubic_to(x + k, y - r, x + r, y - k, x + r, y);
    path.close();
    path.finish()
}
