//! The same attacker with a solver of linear programs: besides the published sums, nobody rates less than nothing, obtains
//! less than nothing or more than full marks, and who rated an item took part. What the people of a small withheld cell said,
//! the points they gave, must keep some freedom.
//!
//! Opinions here are moderate. What all of a group have in common at the very end is known of every one of them, whichever
//! cells are told ([`super::disclosure`]): that everybody gave full marks, and that everybody rated everything. So how many
//! rated a withheld item can follow from bounds where nearly everybody did; what they gave must not. `ATTACKS=50` makes fifty
//! times as many surveys.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use microlp::{ComparisonOp, LinearExpr, OptimizationDirection, Problem, Variable};
use proptest::prelude::*;

use super::attack_tests::{any_class, attacks};
use super::class::{ByColumn, Column, EvidenceClass};
use super::estimate::Estimate;
use super::result::SurveyResult;
use super::result_tests::{Group, compute, group, scheme};
use super::suppress::{Cell, Undefined};

const OUTLETS: usize = 4;
const ITEMS: usize = 4;
const FULL: f64 = 100.0;

/// What the attacker does not know of one outlet and class.
#[derive(Clone, Copy)]
struct Unknown {
    counted: Variable,
    scored: Variable,
    raters: [Variable; ITEMS],
    points: [Variable; ITEMS],
}

/// A row of the result.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Row {
    Whole,
    Outlet(usize),
    Facet(usize),
    Item(usize),
}

/// What a cell adds up to.
#[derive(Debug, Clone, Copy)]
enum Sum {
    Counted,
    Scored,
    Available,
    Obtained,
}

/// Unknowns by outlet and class, with the published sums as constraints, for one objective.
struct Program {
    problem: Problem,
    unknowns: Vec<(usize, EvidenceClass, Unknown)>,
}

impl Program {
    fn new(result: &SurveyResult, direction: OptimizationDirection, goal: (Row, Column, Sum)) -> Self {
        let mut problem = Problem::new(direction);
        let mut unknowns = Vec::new();
        for outlet in 0..OUTLETS {
            for class in EvidenceClass::ALL {
                let mut var = |sum: Sum, item: Option<usize>| {
                    let factor = factor(goal, (outlet, class), sum, item);
                    problem.add_var(factor, (0.0, f64::INFINITY))
                };
                let unknown = Unknown {
                    counted: var(Sum::Counted, None),
                    scored: var(Sum::Scored, None),
                    raters: [0, 1, 2, 3].map(|item| var(Sum::Available, Some(item))),
                    points: [0, 1, 2, 3].map(|item| var(Sum::Obtained, Some(item))),
                };
                unknowns.push((outlet, class, unknown));
            }
        }
        let mut program = Self { problem, unknowns };
        program.nature();
        program.published(result);
        program
    }

    fn nature(&mut self) {
        for (_, _, own) in &self.unknowns {
            let mut least = |left: Variable, right: &[(Variable, f64)]| {
                let mut terms = LinearExpr::empty();
                terms.add(left, 1.0);
                right.iter().for_each(|(var, factor)| terms.add(*var, -factor));
                self.problem.add_constraint(terms, ComparisonOp::Le, 0.0);
            };
            least(own.scored, &[(own.counted, 1.0)]);
            least(own.scored, &own.raters.map(|raters| (raters, 1.0)));
            for (raters, points) in own.raters.into_iter().zip(own.points) {
                least(raters, &[(own.scored, 1.0)]);
                least(points, &[(raters, FULL)]);
            }
        }
    }

    fn published(&mut self, result: &SurveyResult) {
        self.row(Row::Whole, &result.overall);
        for row in &result.outlets {
            self.row(Row::Outlet(row.outlet), &row.score);
        }
        // Outlets without a row have nobody.
        for outlet in (0..OUTLETS).filter(|outlet| result.outlets.iter().all(|row| row.outlet != *outlet)) {
            self.equal((Row::Outlet(outlet), Column::All, Sum::Counted), 0.0);
        }
        for (facet, row) in result.facets.iter().enumerate() {
            self.row(Row::Facet(facet), row);
        }
        for (item, row) in result.items.iter().enumerate() {
            let weight = f64::from(scheme().items()[item].weight);
            for (column, cell) in row.iter().filter(|(_, cell)| !cell.is_suppressed()) {
                let (n, rate) = cell.published().map_or((0, 0.0), |found| (found.n, found.rate.est));
                let available = n as f64 * FULL * weight;
                self.equal((Row::Item(item), column, Sum::Available), available);
                self.equal((Row::Item(item), column, Sum::Obtained), rate * available);
            }
        }
    }

    fn row(&mut self, row: Row, cells: &ByColumn<Cell<Estimate>>) {
        for (column, cell) in cells.iter().filter(|(_, cell)| !cell.is_suppressed()) {
            let sums = cell.published().map_or([0.0; 4], |found| {
                [
                    found.n as f64,
                    found.scored as f64,
                    found.available as f64,
                    found.obtained as f64,
                ]
            });
            // Facets tell who could have rated them, which adds up to nothing.
            let first = match (row, cell) {
                (Row::Facet(_), _) => 2,
                (_, Cell::Undefined(Undefined::NotScored)) => 1,
                _ => 0,
            };
            let goals = [Sum::Counted, Sum::Scored, Sum::Available, Sum::Obtained];
            for (sum, value) in goals.into_iter().zip(sums).skip(first) {
                self.equal((row, column, sum), value);
            }
        }
    }

    fn equal(&mut self, goal: (Row, Column, Sum), value: f64) {
        let mut terms = LinearExpr::empty();
        for (outlet, class, own) in &self.unknowns {
            let people = [(own.counted, Sum::Counted), (own.scored, Sum::Scored)];
            for (var, sum) in people {
                terms.add(var, factor(goal, (*outlet, *class), sum, None));
            }
            for item in 0..ITEMS {
                let of = |sum| factor(goal, (*outlet, *class), sum, Some(item));
                terms.add(own.raters[item], of(Sum::Available));
                terms.add(own.points[item], of(Sum::Obtained));
            }
        }
        self.problem.add_constraint(terms, ComparisonOp::Eq, value);
    }
}

/// How an unknown counts in a sum of a cell.
fn factor((row, column, goal): (Row, Column, Sum), at: (usize, EvidenceClass), sum: Sum, item: Option<usize>) -> f64 {
    let scheme = scheme();
    let in_row = match (row, item) {
        (Row::Whole, _) => true,
        (Row::Outlet(outlet), _) => outlet == at.0,
        (Row::Facet(facet), Some(item)) => scheme.items()[item].facets.contains(&facet),
        (Row::Item(own), Some(item)) => own == item,
        (Row::Facet(_) | Row::Item(_), None) => false,
    };
    let weight = item.map_or(1.0, |item| f64::from(scheme.items()[item].weight));
    let counts = in_row && column.classes().contains(&at.1);
    match (goal, sum) {
        (Sum::Counted, Sum::Counted) | (Sum::Scored, Sum::Scored) if counts => 1.0,
        (Sum::Available, Sum::Available) if counts => FULL * weight,
        (Sum::Obtained, Sum::Obtained) if counts => weight,
        _ => 0.0,
    }
}

/// The range that a sum of a cell can have.
fn range(result: &SurveyResult, goal: (Row, Column, Sum)) -> [f64; 2] {
    [OptimizationDirection::Minimize, OptimizationDirection::Maximize].map(|direction| {
        let solved = Program::new(result, direction, goal).problem.solve();
        match solved {
            Ok(found) => found.into_solution().unwrap().objective(),
            // Without a limit upwards, or without a sure answer of the solver: nothing follows.
            Err(_) if direction == OptimizationDirection::Minimize => f64::NEG_INFINITY,
            Err(_) => f64::INFINITY,
        }
    })
}

/// Withheld cells with somebody and fewer than `below`, by a result that withholds nothing.
fn small_and_withheld(result: &SurveyResult, open: &SurveyResult, below: u64) -> Vec<(Row, Column)> {
    let mut found = Vec::new();
    let mut look = |row: Row, shown: &ByColumn<bool>, people: &dyn Fn(Column) -> u64| {
        let hidden = Column::ALL.into_iter().filter(|column| !shown.get(*column));
        found.extend(
            hidden
                .filter(|column| (1..below).contains(&people(*column)))
                .map(|column| (row, column)),
        );
    };
    let scored =
        |cells: &ByColumn<Cell<Estimate>>, column: Column| cells.get(column).published().map_or(0, |one| one.scored);
    let shown = |cells: &ByColumn<Cell<Estimate>>| ByColumn::from_fn(|column| !cells.get(column).is_suppressed());
    look(Row::Whole, &shown(&result.overall), &|column| {
        scored(&open.overall, column)
    });
    for (row, whole) in result.outlets.iter().zip(&open.outlets) {
        look(Row::Outlet(row.outlet), &shown(&row.score), &|column| {
            scored(&whole.score, column)
        });
    }
    for (facet, (row, whole)) in result.facets.iter().zip(&open.facets).enumerate() {
        look(Row::Facet(facet), &shown(row), &|column| scored(whole, column));
    }
    for (item, (row, whole)) in result.items.iter().zip(&open.items).enumerate() {
        let shown = ByColumn::from_fn(|column| !row.get(column).is_suppressed());
        look(Row::Item(item), &shown, &|column| {
            whole.get(column).published().map_or(0, |one| one.n)
        });
    }
    found
}

fn surveys() -> impl Strategy<Value = Vec<Group>> {
    let code = prop_oneof![5 => 2_u8..=4, 1 => Just(0_u8)];
    let codes = proptest::collection::vec(proptest::array::uniform4(code), 1..14);
    let one = (0..OUTLETS, any_class(), codes).prop_map(|(outlet, class, codes)| group(outlet, class, &codes));
    proptest::collection::vec(one, 3..12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 25 * attacks(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_withheld_cell_of_few_people_follows_from_what_is_published(groups in surveys(), below in 3_u64..7) {
        let (result, open) = (compute(&groups, below), compute(&groups, 0));
        for (row, column) in small_and_withheld(&result, &open, below) {
            let [least, most] = range(&result, (row, column, Sum::Obtained));
            prop_assert!(most - least > 1e-6, "{row:?} {column:?} below {below}: {least} to {most}");
        }
    }
}

/// The solver must be able to succeed: an outlet of three beside others that are told whole.
#[test]
fn the_solver_finds_what_a_difference_tells() {
    let groups = [
        group(0, EvidenceClass::Face, &[[3, 4, 2, 3]; 3]),
        group(1, EvidenceClass::Face, &[[4, 4, 3, 2]; 9]),
    ];
    let mut result = compute(&groups, 0);
    let three = result.outlets[0].score.face.published().unwrap().obtained as f64;
    result.outlets[0].score = ByColumn::from_fn(|_| Cell::Suppressed);
    let [least, most] = range(&result, (Row::Outlet(0), Column::Face, Sum::Obtained));
    assert!(
        (least - three).abs() < 1e-6 && (most - three).abs() < 1e-6,
        "{least} {most} {three}"
    );
}
