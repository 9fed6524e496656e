//! Which cells of a survey result may be published: the result as one additive table.
//!
//! Rows: the whole evaluation, each outlet, each facet, each item. Columns: face, invited, open, electronic, all. Sums a
//! reader knows: electronic = invited + open and all = face + electronic in every row; whole = Σ outlets, whole = Σ items
//! and facet = Σ its items in every column (points obtained and available add up over items). The same pattern holds for
//! counts and for points, so one decision covers them.

use std::collections::BTreeMap;

use super::class::{ByColumn, Column};
use super::disclosure::{Hidden, Table, TableCell};
use super::method::{Composition, Method, Target};
use super::score::ScoreScheme;
use super::study::Study;
use super::suppress::Cell;

/// How many people stand behind a cell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct People {
    /// Counted responses.
    pub counted: u64,
    /// Of these, with points.
    pub scored: u64,
}

/// People behind every cell.
pub(super) struct Layout {
    pub overall: ByColumn<People>,
    pub outlets: Vec<ByColumn<People>>,
    pub facets: Vec<ByColumn<People>>,
    pub items: Vec<ByColumn<People>>,
}

/// Which cells are withheld, in the order of the [`Layout`].
pub(super) struct Withheld {
    pub overall: ByColumn<bool>,
    pub outlets: Vec<ByColumn<bool>>,
    pub facets: Vec<ByColumn<bool>>,
    pub items: Vec<ByColumn<bool>>,
}

impl Withheld {
    /// What a method adds: its S or S_face is one more equation about the cells it is made of.
    pub fn under(mut self, method: &Method) -> Self {
        let overall = &mut self.overall;
        if method.exclude_open && overall.invited {
            overall.all = true;
        }
        if matches!(method.composition, Composition::Fixed(_)) && (overall.face || overall.electronic) {
            overall.all = true;
        }
        if method.target == Target::Population && self.outlets.iter().any(|outlet| outlet.face) {
            for outlet in &mut self.outlets {
                (outlet.face, outlet.all) = (true, true);
            }
        }
        self
    }
}

type Row = ByColumn<usize>;

/// Decides for cells with fewer than `below` people.
pub(super) fn decide(layout: &Layout, scheme: &ScoreScheme, below: u64) -> Withheld {
    let mut table = Table::default();
    // S and S_face are what the survey is for: the last to go.
    let headline = |column| matches!(column, Column::All | Column::Face);
    let overall = add_row(&mut table, &layout.overall, None, headline, below);
    let mut rows = |people: &[ByColumn<People>], parent: Option<&Row>| -> Vec<Row> {
        people
            .iter()
            .map(|people| add_row(&mut table, people, parent, |_| false, below))
            .collect()
    };
    let outlets = rows(&layout.outlets, None);
    let facets = rows(&layout.facets, Some(&overall));
    let items = rows(&layout.items, Some(&overall));
    for column in Column::ALL {
        let cells = |rows: &[Row]| rows.iter().map(|row| *row.get(column)).collect::<Vec<_>>();
        table.add_sum(*overall.get(column), cells(&outlets));
        table.add_sum(*overall.get(column), cells(&items));
        for (index, facet) in facets.iter().enumerate() {
            let members = scheme
                .items()
                .iter()
                .zip(&items)
                .filter(|(item, _)| item.facets.contains(&index));
            table.add_sum(*facet.get(column), members.map(|(_, row)| *row.get(column)));
        }
    }
    let withheld = table.withheld();
    let marks = |rows: &[Row]| rows.iter().map(|row| mark(row, &withheld)).collect();
    Withheld {
        overall: mark(&overall, &withheld),
        outlets: marks(&outlets),
        facets: marks(&facets),
        items: marks(&items),
    }
}

/// Responses by reason for a low rating, over all channels. Few are withheld, and all of a dimension whose score is. As one
/// response may name several reasons, counts are in no sum with one another or with other cells: none tells another.
pub(super) fn low_reasons(study: &Study, withheld: &Withheld, below: u64) -> BTreeMap<String, Cell<u64>> {
    let dimensions = study.scoring().dimensions();
    let is_withheld = |code: &str| {
        let known = code.split_once('.').map(|(dimension, _)| dimension);
        let place = dimensions.iter().position(|name| Some(name.as_str()) == known);
        let facet = place.and_then(|place| withheld.facets.get(place));
        facet.is_none_or(|facet| facet.all) || withheld.overall.all
    };
    let cell = |(code, count): (&String, &u64)| {
        let few = (1..below).contains(count);
        (code.clone(), Cell::of(few || is_withheld(code), Ok(*count)))
    };
    study.low_reasons().iter().map(cell).collect()
}

fn add_row(
    table: &mut Table,
    people: &ByColumn<People>,
    parent: Option<&Row>,
    dear: impl Fn(Column) -> bool,
    below: u64,
) -> Row {
    let few = |count: u64| 0 < count && count < below;
    let row = ByColumn::from_fn(|column| {
        let found = people.get(column);
        table.add(TableCell {
            size: found.counted,
            sensitive: few(found.counted) || few(found.scored),
            dear: dear(column),
            parent: parent.map(|row| *row.get(column)),
        })
    });
    table.add_sum(row.electronic, [row.invited, row.open]);
    table.add_sum(row.all, [row.face, row.electronic]);
    row
}

fn mark(row: &Row, withheld: &Hidden) -> ByColumn<bool> {
    ByColumn::from_fn(|column| withheld.contains(*row.get(column)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::exact::Ratio;

    fn hidden(face: bool, invited: bool, electronic: bool) -> ByColumn<bool> {
        ByColumn {
            face,
            invited,
            electronic,
            ..ByColumn::default()
        }
    }

    /// S of a fixed share and S_face give S_elec away; S without open codes and S_face give the invited away.
    #[test]
    fn no_composition_gives_a_withheld_channel_away() {
        let withheld = |overall| Withheld {
            overall,
            outlets: vec![hidden(true, false, false), hidden(false, false, false)],
            facets: Vec::new(),
            items: Vec::new(),
        };
        let pooled = Method::default();
        let fixed = Method {
            composition: Composition::Fixed(Ratio::new(2.into(), 5.into())),
            ..Method::default()
        };
        let without_open = Method {
            exclude_open: true,
            ..Method::default()
        };
        for (method, overall, s) in [
            (&pooled, hidden(false, true, false), false),
            (&fixed, hidden(false, false, true), true),
            (&fixed, hidden(true, false, false), true),
            (&fixed, hidden(false, true, false), false),
            (&without_open, hidden(false, true, false), true),
            (&without_open, hidden(false, false, false), false),
        ] {
            assert_eq!(withheld(overall).under(method).overall.all, s, "{method:?}");
        }
        // Weights by outlet are one more equation: then no outlet's in-person score is told.
        let population = Method {
            target: Target::Population,
            ..Method::default()
        };
        let open = withheld(hidden(false, false, false));
        assert!(
            open.under(&population)
                .outlets
                .iter()
                .all(|outlet| outlet.face && outlet.all)
        );
    }
}
