//! The charts of the page as vectors, and the QR code.

use super::flow::Flow;
use super::sheet::{MARGIN, MEASURE, Mark};
use super::text::{BLACK, BLUE, BODY, GREY, Ink, SMALL, Style};
use crate::qr::QrPath;
use crate::view::results::{Ladder, Place, Plot};

const BOUND: Ink = Ink(0xa9, 0xb2, 0xbe);
const RANGE: Ink = Ink(0x7f, 0xa3, 0xd4);
/// A pixel of the page's charts, pt.
const PX: f32 = 0.62;
const QR_SIDE: f32 = 96.0;

fn across(place: Place) -> f32 {
    MARGIN + MEASURE * place.0 as f32
}

/// S and S_face with their intervals against the bounds.
pub(super) fn ladder(flow: &mut Flow<'_>, ladder: &Ladder) {
    let height = ladder.height as f32 * PX + 12.0;
    flow.need(height);
    let top = flow.y + 6.0;
    let y = |px: usize| top + px as f32 * PX;
    for bound in &ladder.bounds {
        let x = across(bound.x);
        flow.mark(Mark::Line {
            from: (x, y(22)),
            to: (x, y(ladder.foot_y)),
            width: 0.6,
            ink: BOUND,
        });
        centred(flow, &bound.label, x, y(ladder.foot_y) + 3.0);
        centred(flow, &bound.star, across(bound.middle), y(0));
    }
    axis(flow, y(ladder.foot_y), &ladder.start);
    for mark in &ladder.marks {
        let text = flow.set(
            &format!("{} {}", mark.label, mark.text),
            Style { bold: true, ..BODY },
            MEASURE,
        );
        let line = text.height();
        flow.put(text, MARGIN, y(mark.text_y) - line * 0.75, None);
        let at = y(mark.bar_y);
        if let Some((from, to)) = mark.range {
            flow.mark(Mark::Line {
                from: (across(from), at),
                to: (across(to), at),
                width: 5.0,
                ink: RANGE,
            });
        }
        if let Some(point) = mark.point {
            flow.mark(Mark::Dot {
                x: across(point),
                y: at,
                radius: 3.6,
                ink: BLUE,
                hollow: false,
            });
        }
    }
    flow.y += height;
}

/// Outlets one below the other; in person full, electronic hollow.
pub(super) fn plot(flow: &mut Flow<'_>, plot: &Plot) {
    if plot.lines.is_empty() {
        return;
    }
    flow.need(140.0);
    flow.y += 8.0;
    let y = flow.y + 6.0;
    let mut x = MARGIN + 5.0;
    for (key, hollow) in plot.key.iter().zip([false, true]) {
        flow.mark(Mark::Dot {
            x,
            y,
            radius: 3.0,
            ink: BLUE,
            hollow,
        });
        let text = flow.set(key, SMALL, MEASURE);
        let (width, tall) = (text.width(), text.height());
        flow.put(text, x + 7.0, y - tall / 2.0, None);
        x += width + 24.0;
    }
    flow.y += 18.0;
    const LINE: f32 = 34.0;
    let mut rest = plot.lines.as_slice();
    while !rest.is_empty() {
        flow.need(LINE + 24.0);
        let room = ((super::sheet::HEIGHT - MARGIN - 32.0 - flow.y) / LINE)
            .floor()
            .max(1.0) as usize;
        let (now, later) = rest.split_at_checked(room).unwrap_or((rest, &[]));
        rest = later;
        let (top, foot) = (flow.y, flow.y + LINE * now.len() as f32);
        for (place, label) in &plot.bounds {
            let x = across(*place);
            flow.mark(Mark::Line {
                from: (x, top),
                to: (x, foot),
                width: 0.6,
                ink: BOUND,
            });
            centred(flow, label, x, foot + 3.0);
        }
        for line in now {
            let text = flow.set(
                &line.name,
                Style {
                    size: 8.0,
                    bold: false,
                    ink: BLACK,
                },
                MEASURE,
            );
            flow.put(text, MARGIN, flow.y, None);
            for dot in &line.dots {
                let at = flow.y + if dot.electronic { 25.0 } else { 17.0 };
                if let Some((from, to)) = dot.range {
                    flow.mark(Mark::Line {
                        from: (across(from), at),
                        to: (across(to), at),
                        width: 2.5,
                        ink: RANGE,
                    });
                }
                flow.mark(Mark::Dot {
                    x: across(dot.x),
                    y: at,
                    radius: 2.6,
                    ink: BLUE,
                    hollow: dot.electronic,
                });
            }
            flow.y += LINE;
        }
        axis(flow, foot, &plot.start);
        flow.y += 18.0;
    }
}

fn axis(flow: &mut Flow<'_>, y: f32, start: &str) {
    flow.mark(Mark::Line {
        from: (MARGIN, y),
        to: (MARGIN + MEASURE, y),
        width: 0.8,
        ink: GREY,
    });
    let left = flow.set(start, SMALL, 60.0);
    flow.put(left, MARGIN, y + 3.0, None);
    let right = flow.set("100%", SMALL, 60.0);
    flow.put(right, MARGIN + MEASURE - 60.0, y + 3.0, Some(60.0));
}

fn centred(flow: &mut Flow<'_>, text: &str, x: f32, y: f32) {
    let text = flow.set(text, SMALL, MEASURE);
    let half = text.width() / 2.0;
    flow.put(text, x - half, y, None);
}

/// A QR code, its dark modules as boxes.
pub(super) fn qr(flow: &mut Flow<'_>, code: &QrPath) {
    flow.need(QR_SIDE + 8.0);
    let module = QR_SIDE / code.side as f32;
    for run in code.data.split('M').skip(1) {
        let mut numbers = run
            .split([' ', 'h', 'v'])
            .filter_map(|number| number.parse::<f32>().ok());
        if let (Some(x), Some(y), Some(length)) = (numbers.next(), numbers.next(), numbers.next()) {
            flow.mark(Mark::Box {
                x: MARGIN + x * module,
                y: flow.y + y * module,
                width: length * module,
                height: module,
                ink: Ink(0, 0, 0),
            });
        }
    }
    flow.y += QR_SIDE;
}
