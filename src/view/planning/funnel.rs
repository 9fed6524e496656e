//! How far customers come on each way in.

use super::cells;
use crate::survey::language::Text;
use crate::survey::link::LinkKind;
use crate::view::grading::{Grid, Section, Sheet, Typed, page};
use crate::view::office::Desk;

/// A way in.
#[derive(Debug, Clone, Copy)]
pub enum Way {
    /// An outlet's plate, by its version.
    Plate(i32),
    /// All single-use links of one kind.
    SingleUse(LinkKind),
}

/// A way in at one outlet.
#[derive(Debug, Clone, Copy)]
pub struct WayIn<'a> {
    /// Whose.
    pub outlet: &'a Text,
    /// Which.
    pub way: Way,
    /// First pages asked for, forms begun, forms stored.
    pub counts: [i64; 3],
}

/// The page.
///
/// # Errors
/// What the template engine reports.
pub fn funnel(desk: &Desk, ways: &[WayIn<'_>]) -> Result<String, askama::Error> {
    let words = desk.words();
    let share = |part: i64, whole: i64| match whole {
        0 => "–".to_owned(),
        _ => format!("{} %", (part * 100 + whole / 2) / whole),
    };
    let row = |name: String, way: String, [opened, started, completed]: [i64; 3]| {
        cells([
            name,
            way,
            opened.to_string(),
            started.to_string(),
            completed.to_string(),
            share(completed, started),
        ])
    };
    let of = |one: &WayIn<'_>| {
        let way = match one.way {
            Way::Plate(generation) => words.tn("plate-version", &[("n", generation.into())]),
            Way::SingleUse(LinkKind::Printed) => words.t("codes-tab-printed"),
            Way::SingleUse(_) => words.t("codes-tab-personal"),
        };
        row(one.outlet.get(desk.language).to_owned(), way, one.counts)
    };
    let sum = |place: usize| ways.iter().filter_map(|one| one.counts.get(place)).sum();
    let mut rows: Vec<_> = ways.iter().map(of).collect();
    if ways.len() > 1 {
        rows.push(row(words.t("column-all"), String::new(), [sum(0), sum(1), sum(2)]));
    }
    let sheet = Sheet {
        heading: words.t("planning-funnel"),
        lead: words.t("planning-funnel-lead"),
        sections: vec![Section {
            id: "ways".into(),
            heading: words.t("planning-funnel-ways"),
            grid: Some(Grid {
                head: vec![
                    words.t("head-outlet"),
                    words.t("planning-way"),
                    words.t("planning-opened"),
                    words.t("planning-started"),
                    words.t("planning-completed"),
                    words.t("planning-completed-share"),
                ],
                rows,
            }),
            notes: vec![words.t("planning-funnel-note")],
            ..Section::default()
        }],
        ..Sheet::default()
    };
    page(desk, sheet, &Typed::default())
}
