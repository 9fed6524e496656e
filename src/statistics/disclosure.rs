//! Which cells of an additive table must be withheld so that no withheld cell can be computed from the published ones.
//!
//! Primary suppression withholds cells with too few people; complementary suppression then withholds further cells until
//! no combination of the table's sums determines a withheld one. The choice is a heuristic: in a sum with a single unknown
//! one of the smallest cells, the one whose consequences cost least. The final audit is exact: Gaussian elimination over
//! all sums together, because a cell can follow from a combination although every single sum has two unknowns.
//!
//! Source: Cox (1980), "Suppression methodology and statistical disclosure control", JASA 75(370); Gusfield (1988), "A
//! graph theoretic approach to statistical data security", SIAM J. Comput. 17(3); security.md T6.

use std::collections::BTreeMap;

/// How many of the smallest cells of a sum are weighed against each other.
const CANDIDATES: usize = 4;

/// A cell of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableCell {
    /// People behind it. Empty cells are known to be empty: they protect nothing and need no protection.
    pub size: u64,
    /// Must be withheld whatever the other cells do.
    pub sensitive: bool,
    /// Withheld as a complement only when nothing else protects.
    pub dear: bool,
    /// The cell of which this one is a breakdown: withheld together with it.
    pub parent: Option<usize>,
}

/// Cells, and the sums that a reader knows to hold between them.
#[derive(Debug, Clone, Default)]
pub struct Table {
    cells: Vec<TableCell>,
    equations: Vec<Equation>,
}

/// total = Σ parts, as positions with coefficients +1 and −1.
type Equation = Vec<(usize, i8)>;

/// Per cell whether it is withheld.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hidden(Vec<bool>);

impl Hidden {
    /// Whether the cell at this position is withheld.
    pub fn contains(&self, cell: usize) -> bool {
        self.0.get(cell).copied().unwrap_or(false)
    }

    /// Withholds a cell; tells whether that is new.
    fn insert(&mut self, cell: usize) -> bool {
        self.0
            .get_mut(cell)
            .is_some_and(|place| !std::mem::replace(place, true))
    }

    fn positions(&self) -> impl Iterator<Item = usize> {
        self.0
            .iter()
            .enumerate()
            .filter(|(_, hidden)| **hidden)
            .map(|(cell, _)| cell)
    }
}

impl Table {
    /// Adds a cell; returns its position. A parent must have been added before.
    pub fn add(&mut self, cell: TableCell) -> usize {
        self.cells.push(cell);
        self.cells.len() - 1
    }

    /// States that `total` is the sum of `parts`, all distinct positions.
    pub fn add_sum(&mut self, total: usize, parts: impl IntoIterator<Item = usize>) {
        let parts = parts.into_iter().map(|part| (part, -1));
        self.equations.push([(total, 1)].into_iter().chain(parts).collect());
    }

    /// The cells to withhold.
    pub fn withheld(&self) -> Hidden {
        let mut hidden = Hidden(self.cells.iter().map(|cell| cell.sensitive).collect());
        if hidden.positions().next().is_none() {
            return hidden;
        }
        loop {
            self.protect(&mut hidden, |equation, hidden| {
                self.cheapest_in_the_end(equation, hidden)
            });
            let Some(found) = self.determined(&hidden) else {
                return hidden;
            };
            let Some(complement) = self.complement(found, &hidden) else {
                return hidden;
            };
            hidden.insert(complement);
        }
    }

    fn is_unknown(&self, cell: usize, hidden: &Hidden) -> bool {
        hidden.contains(cell) && self.cells.get(cell).is_some_and(|cell| cell.size > 0)
    }

    /// Withholds further cells, as `choose` says, until no sum has a single unknown.
    fn protect(&self, hidden: &mut Hidden, choose: impl Fn(&Equation, &Hidden) -> Option<usize>) {
        let mut changed = true;
        while changed {
            changed = false;
            // Parents come before their parts, so one pass reaches every level.
            for (index, cell) in self.cells.iter().enumerate() {
                if cell.parent.is_some_and(|parent| hidden.contains(parent)) {
                    changed |= hidden.insert(index);
                }
            }
            for equation in &self.equations {
                let unknowns = equation
                    .iter()
                    .filter(|(cell, _)| self.is_unknown(*cell, hidden))
                    .take(2)
                    .count();
                if unknowns == 1
                    && let Some(complement) = choose(equation, hidden)
                {
                    changed |= hidden.insert(complement);
                }
            }
        }
    }

    /// The published cells of a sum that can protect another, cheapest first.
    fn candidates(&self, equation: &Equation, hidden: &Hidden) -> Vec<(bool, u64, usize)> {
        let published = equation.iter().filter(|(index, _)| !hidden.contains(*index));
        let priced =
            published.filter_map(|(index, _)| self.cells.get(*index).map(|cell| (cell.dear, cell.size, *index)));
        let mut candidates: Vec<_> = priced.filter(|(_, size, _)| *size > 0).collect();
        candidates.sort_unstable();
        candidates
    }

    fn cheapest(&self, equation: &Equation, hidden: &Hidden) -> Option<usize> {
        self.candidates(equation, hidden).first().map(|(_, _, index)| *index)
    }

    /// Of the cheapest cells the one after which least has to be withheld altogether: a small cell whose own sums then
    /// need more complements can cost the headline figure.
    fn cheapest_in_the_end(&self, equation: &Equation, hidden: &Hidden) -> Option<usize> {
        let price = |index: usize| {
            let mut trial = hidden.clone();
            trial.insert(index);
            self.protect(&mut trial, |equation, hidden| self.cheapest(equation, hidden));
            let cells = || trial.positions().filter_map(|index| self.cells.get(index));
            let people: u128 = cells().map(|cell| u128::from(cell.size)).sum();
            (cells().filter(|cell| cell.dear).count(), people)
        };
        let candidates = self.candidates(equation, hidden);
        match candidates.as_slice() {
            [(_, _, only)] => Some(*only),
            several => several
                .iter()
                .take(CANDIDATES)
                .map(|(_, _, index)| *index)
                .min_by_key(|index| (price(*index), *index)),
        }
    }

    /// A cell to hide when `found` follows from several sums together: from its own sums, else from any that has an
    /// unknown. When none is left, everything non-empty around is withheld, and nothing but proportions can follow.
    fn complement(&self, found: usize, hidden: &Hidden) -> Option<usize> {
        let holds = |equation: &&Equation| equation.iter().any(|(cell, _)| *cell == found);
        let touched = |equation: &&Equation| equation.iter().any(|(cell, _)| self.is_unknown(*cell, hidden));
        let near = self.equations.iter().filter(holds);
        near.chain(self.equations.iter().filter(touched))
            .find_map(|equation| self.cheapest(equation, hidden))
    }

    /// The first unknown that the published cells determine: one that stands alone in a row of the reduced equations.
    fn determined(&self, hidden: &Hidden) -> Option<usize> {
        let mut reduced = Reduced::default();
        for equation in &self.equations {
            let unknowns = equation.iter().filter(|(cell, _)| self.is_unknown(*cell, hidden));
            reduced.insert(unknowns.map(|(cell, sign)| (*cell, residue(*sign))).collect());
        }
        reduced
            .rows
            .iter()
            .find(|(_, row)| row.len() == 1)
            .map(|(pivot, _)| *pivot)
    }
}

/// Arithmetic modulo a prime is exact here: it could differ from the rationals only where the prime divides a minor of
/// the coefficient matrix, and these are tiny (every coefficient is ±1, every cell is in a handful of sums).
const PRIME: u64 = (1 << 61) - 1;

fn residue(sign: i8) -> u64 {
    if sign < 0 { PRIME - 1 } else { 1 }
}

fn times(left: u64, right: u64) -> u64 {
    (u128::from(left) * u128::from(right) % u128::from(PRIME)) as u64
}

fn inverse(value: u64) -> u64 {
    // Fermat: value^(p−2).
    let (mut result, mut power, mut exponent) = (1, value, PRIME - 2);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = times(result, power);
        }
        power = times(power, power);
        exponent >>= 1;
    }
    result
}

type Row = BTreeMap<usize, u64>;

/// Rows in reduced echelon form, by pivot: a pivot column occurs in its own row only, with coefficient 1.
#[derive(Default)]
struct Reduced {
    rows: BTreeMap<usize, Row>,
}

impl Reduced {
    fn insert(&mut self, mut row: Row) {
        let pivots: Vec<(usize, u64)> = row
            .iter()
            .filter(|(cell, _)| self.rows.contains_key(cell))
            .map(|(c, v)| (*c, *v))
            .collect();
        for (pivot, factor) in pivots {
            if let Some(other) = self.rows.get(&pivot) {
                subtract(&mut row, other, factor);
            }
        }
        let Some((pivot, lead)) = row.first_key_value().map(|(cell, value)| (*cell, *value)) else {
            return;
        };
        let scale = inverse(lead);
        row.values_mut().for_each(|value| *value = times(*value, scale));
        for other in self.rows.values_mut() {
            if let Some(factor) = other.get(&pivot).copied() {
                subtract(other, &row, factor);
            }
        }
        self.rows.insert(pivot, row);
    }
}

/// row −= factor · other
fn subtract(row: &mut Row, other: &Row, factor: u64) {
    for (cell, value) in other {
        let place = row.entry(*cell).or_default();
        *place = (*place + PRIME - times(*value, factor)) % PRIME;
        if *place == 0 {
            row.remove(cell);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]
    use super::*;

    fn table(sizes: &[u64], below: u64) -> Table {
        let mut table = Table::default();
        for size in sizes {
            let sensitive = (1..below).contains(size);
            table.add(TableCell {
                size: *size,
                sensitive,
                dear: false,
                parent: None,
            });
        }
        table
    }

    fn positions(table: &Table) -> Vec<usize> {
        table.withheld().positions().collect()
    }

    #[test]
    fn nothing_small_withholds_nothing() {
        let mut table = table(&[20, 10, 10, 0], 5);
        table.add_sum(0, [1, 2, 3]);
        assert!(positions(&table).is_empty());
    }

    #[test]
    fn a_lone_small_cell_takes_the_smallest_other_with_it() {
        let mut table = table(&[43, 3, 30, 10], 5);
        table.add_sum(0, [1, 2, 3]);
        assert_eq!(positions(&table), [1, 3]);
    }

    #[test]
    fn two_small_cells_protect_each_other_and_empty_ones_protect_nobody() {
        let mut two = table(&[35, 3, 2, 30], 5);
        two.add_sum(0, [1, 2, 3]);
        assert_eq!(positions(&two), [1, 2]);
        let mut empty = table(&[33, 3, 0, 30], 5);
        empty.add_sum(0, [1, 2, 3]);
        assert_eq!(positions(&empty), [1, 3]);
    }

    #[test]
    fn dear_cells_are_spared_while_another_protects() {
        let mut table = table(&[13, 3, 10], 5);
        table.add_sum(0, [1, 2]);
        assert_eq!(positions(&table), [1, 2]);
        let mut dear = table.clone();
        dear.cells[2].dear = true;
        assert_eq!(positions(&dear), [0, 1]);
    }

    #[test]
    fn a_larger_cell_is_taken_when_the_smaller_would_cost_more() {
        // 0 = 1 + 2 needs a complement to 1; cell 2 alone would drag 3 and 4 along, cell 0 is already protected by 5.
        let mut table = table(&[13, 3, 10, 10, 10, 3], 5);
        table.add_sum(0, [1, 2]);
        table.add_sum(3, [2]);
        table.add_sum(4, [3]);
        let whole = table.add(TableCell {
            size: 16,
            sensitive: false,
            dear: false,
            parent: None,
        });
        table.add_sum(whole, [0, 5]);
        assert_eq!(positions(&table), [0, 1, 5]);
    }

    #[test]
    fn breakdowns_of_a_withheld_cell_are_withheld() {
        let mut table = table(&[3, 40, 43], 5);
        table.add_sum(2, [0, 1]);
        let part = table.add(TableCell {
            size: 0,
            sensitive: false,
            dear: false,
            parent: Some(0),
        });
        assert!(table.withheld().contains(part));
    }

    #[test]
    fn a_cell_that_follows_from_several_sums_is_found() {
        // x+y, y+z and x+z+… : every sum has two unknowns, together they determine all three.
        let mut table = table(&[4, 4, 4, 8, 8, 8], 5);
        table.add_sum(3, [0, 1]);
        table.add_sum(4, [1, 2]);
        table.add_sum(5, [0, 2]);
        let hidden = Hidden(vec![true, true, true, false, false, false]);
        assert!(table.determined(&hidden).is_some());
        let withheld = table.withheld();
        assert!(withheld.positions().count() > 3 && table.determined(&withheld).is_none());
    }

    #[test]
    fn inverses_invert() {
        for value in [1, 2, 3, PRIME - 1, 1 << 60] {
            assert_eq!(times(value, inverse(value)), 1);
        }
    }
}
