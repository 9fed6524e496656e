//! This year beside the year before.

use super::{Grid, Item, Section};
use crate::statistics::estimate::Estimate;
use crate::statistics::exact::{Ratio, percent_truncated};
use crate::statistics::suppress::Cell;
use crate::survey::language::Text;
use crate::survey::report::Report;
use crate::view::office::Desk;

/// Two years beside each other.
pub struct Comparison {
    /// The decided evaluation before this one.
    pub before: Year,
    /// This one.
    pub now: Year,
}

/// One of them.
pub struct Year {
    /// Title of the evaluation.
    pub title: Text,
    /// X, exact.
    pub x: Option<Ratio>,
    /// The survey's result.
    pub report: Report,
}

/// Year on year: X, S, S_face and the dimensions, as far as both years may be published.
pub(super) fn compared(desk: &Desk, comparison: &Comparison) -> Section {
    let words = desk.words();
    let (before, now) = (&comparison.before, &comparison.now);
    let row = |label: String, before: Option<&Ratio>, now: Option<&Ratio>| {
        let text = |ratio: Option<&Ratio>| {
            ratio.map_or_else(|| "–".to_owned(), |one| format!("{}%", percent_truncated(one, 2)))
        };
        let change = before.zip(now).map(|(before, now)| {
            let change = now - before;
            let sign = if change > Ratio::default() { "+" } else { "" };
            format!("{sign}{}", percent_truncated(&change, 2))
        });
        vec![
            Item::plain(label),
            Item::plain(text(before)),
            Item::plain(text(now)),
            Item::plain(change.unwrap_or_else(|| "–".into())),
        ]
    };
    let result = |year: &'_ Year| year.report.result.clone();
    let (old, new) = (result(before), result(now));
    let rate = |cell: &Cell<Estimate>| match cell {
        Cell::Published(found) => Some(found.rate.exact.clone()),
        _ => None,
    };
    let mut rows = vec![row("X".into(), before.x.as_ref(), now.x.as_ref())];
    let pairs = [
        (words.t("score-s"), rate(&old.overall.all), rate(&new.overall.all)),
        (
            words.t("score-s-face"),
            rate(&old.overall.face),
            rate(&new.overall.face),
        ),
    ];
    rows.extend(
        pairs
            .into_iter()
            .map(|(label, old, new)| row(label, old.as_ref(), new.as_ref())),
    );
    let dimensions = |year: &Year| year.report.instrument.questionnaire().dimensions().to_vec();
    let earlier = dimensions(before);
    for (place, dimension) in dimensions(now).into_iter().enumerate() {
        let was = earlier.iter().position(|known| known.id == dimension.id);
        let was = was
            .and_then(|place| old.facets.get(place))
            .and_then(|cells| rate(&cells.all));
        let is = new.facets.get(place).and_then(|cells| rate(&cells.all));
        rows.push(row(
            dimension.text.get(desk.language).to_owned(),
            was.as_ref(),
            is.as_ref(),
        ));
    }
    Section {
        id: "years".into(),
        heading: words.t("decision-years"),
        notes: vec![words.t("decision-years-note")],
        grid: Some(Grid {
            head: vec![
                words.t("decision-head-figure"),
                before.title.get(desk.language).to_owned(),
                now.title.get(desk.language).to_owned(),
                words.t("decision-head-change"),
            ],
            rows,
        }),
        ..Section::default()
    }
}
