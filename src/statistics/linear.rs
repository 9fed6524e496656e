//! Normal equations of a regression on few dummy variables, solved by elimination with pivots; columns that depend on
//! earlier ones get the coefficient 0, as in R's `lm`.

/// X'WX β = X'Wz.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Symmetric {
    /// One row per column of X, the right-hand side last.
    rows: Vec<Vec<f64>>,
}

/// A pivot below this share of its column's original diagonal is what rounding leaves of zero.
const DEPENDENT: f64 = 1e-10;

impl Symmetric {
    pub fn new(size: usize) -> Self {
        Self {
            rows: vec![vec![0.0; size + 1]; size],
        }
    }

    /// Adds observations with ones in these columns: their weight, and their weighted sum of z.
    pub fn add(&mut self, columns: &[usize], weight: f64, sum: f64) {
        let size = self.rows.len();
        for row in columns {
            let Some(row) = self.rows.get_mut(*row) else { continue };
            for column in columns {
                if let Some(place) = row.get_mut(*column) {
                    *place += weight;
                }
            }
            if let Some(place) = row.get_mut(size) {
                *place += sum;
            }
        }
    }

    /// β.
    pub fn solve(mut self) -> Vec<f64> {
        let size = self.rows.len();
        let diagonal: Vec<f64> = (0..size).map(|place| at(&self.rows, place, place)).collect();
        let mut used = vec![false; size];
        // Gauss–Jordan in the order of the columns; the matrix is positive semidefinite, so the diagonal pivots.
        for (pivot, original) in diagonal.iter().enumerate() {
            let value = at(&self.rows, pivot, pivot);
            if value <= DEPENDENT * original {
                continue;
            }
            if let Some(flag) = used.get_mut(pivot) {
                *flag = true;
            }
            let line: Vec<f64> = match self.rows.get(pivot) {
                Some(line) => line.iter().map(|entry| entry / value).collect(),
                None => continue,
            };
            for (place, row) in self.rows.iter_mut().enumerate() {
                if place == pivot {
                    row.clone_from(&line);
                } else {
                    let factor = row.get(pivot).copied().unwrap_or(0.0);
                    for (entry, by) in row.iter_mut().zip(&line) {
                        *entry -= factor * by;
                    }
                }
            }
        }
        let value = |(place, used): (usize, &bool)| if *used { at(&self.rows, place, size) } else { 0.0 };
        used.iter().enumerate().map(value).collect()
    }
}

fn at(rows: &[Vec<f64>], row: usize, column: usize) -> f64 {
    rows.get(row).and_then(|row| row.get(column)).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn group_means_are_recovered_and_dependent_columns_are_left_out() {
        let mut normal = Symmetric::new(4);
        // Intercept, a dummy, a copy of the dummy, a column that never occurs.
        normal.add(&[0], 2.0, 2.0 * 5.0);
        normal.add(&[0, 1, 2], 3.0, 3.0 * 7.0);
        let beta = normal.solve();
        let expected = [5.0, 2.0, 0.0, 0.0];
        assert!(
            beta.iter().zip(expected).all(|(b, e)| (b - e).abs() < 1e-12),
            "{beta:?}"
        );
    }
}
