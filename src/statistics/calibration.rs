//! Post-stratification and raking of in-person answers to known margins, with the variance of calibrated estimates.
//!
//! Source: Deming & Stephan (1940), Deville & Särndal (1992); statistics.md §6. Reference implementation: R
//! `survey::calibrate(calfun = "raking")`: residuals of the linearised variable after weighted least squares on the margin
//! dummies with the base weights, times the calibrated weights.

use super::design::{self, DesignVariance, OutletMoments};
use super::linear;
use super::moments::{FixedRatio, Moments, WideSums};

/// Most sweeps over the margins.
const SWEEPS_MAX: usize = 1000;
/// Largest relative margin error at which raking has converged.
const MARGIN_ERROR: f64 = 1e-12;

/// In-person responses of one outlet and joint margin level.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct CalibrationCell {
    /// The outlet's place among the visited ones.
    pub outlet: usize,
    /// Level of every margin used.
    pub levels: Vec<usize>,
    /// Sums of the responses.
    pub sums: WideSums,
}

/// Cells with base weights, and the margins they shall meet.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Calibration<'a> {
    pub cells: Vec<CalibrationCell>,
    /// N_h/n_h of every visited outlet.
    pub base: Vec<f64>,
    /// Responses and customers of every visited outlet.
    pub outlets: Vec<(u64, u64)>,
    /// Customers of every level of every margin used.
    pub margins: Vec<&'a [u64]>,
}

/// Why margins cannot be met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CalibrationError {
    /// Margin and level with customers but without a response.
    EmptyLevel(usize, usize),
    /// The sweeps did not settle.
    NotConverged,
}

/// Weights that meet the margins.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Calibrated {
    /// W' per cell.
    pub weights: Vec<f64>,
}

impl Calibration<'_> {
    fn base_of(&self, cell: &CalibrationCell) -> f64 {
        self.base.get(cell.outlet).copied().unwrap_or(0.0)
    }

    /// Rakes the base weights; one margin is post-stratification.
    pub fn solve(&self) -> Result<Calibrated, CalibrationError> {
        let mut weights: Vec<f64> = self.cells.iter().map(|cell| self.base_of(cell)).collect();
        for _ in 0..SWEEPS_MAX {
            let mut worst = 0.0_f64;
            for (margin, known) in self.margins.iter().enumerate() {
                let found = self.margin_totals(margin, known.len(), &weights);
                for (level, (known, found)) in known.iter().zip(&found).enumerate() {
                    if *known > 0 && *found <= 0.0 {
                        return Err(CalibrationError::EmptyLevel(margin, level));
                    }
                    if *known > 0 {
                        worst = worst.max((found / *known as f64 - 1.0).abs());
                    }
                }
                for (weight, cell) in weights.iter_mut().zip(&self.cells) {
                    let level = cell.levels.get(margin).copied().unwrap_or(0);
                    if let (Some(known), Some(found)) = (known.get(level), found.get(level)) {
                        *weight *= *known as f64 / found;
                    }
                }
            }
            if worst < MARGIN_ERROR || self.margins.len() == 1 {
                return Ok(Calibrated { weights });
            }
        }
        Err(CalibrationError::NotConverged)
    }

    fn margin_totals(&self, margin: usize, levels: usize, weights: &[f64]) -> Vec<f64> {
        let mut totals = vec![0.0; levels];
        for (cell, weight) in self.cells.iter().zip(weights) {
            let level = cell.levels.get(margin).copied().unwrap_or(0);
            if let Some(total) = totals.get_mut(level) {
                *total += weight * cell.sums.n as f64;
            }
        }
        totals
    }

    /// The score under the calibrated weights.
    pub fn estimate(&self, calibrated: &Calibrated) -> Option<f64> {
        let (mut a, mut b) = (0.0, 0.0);
        for (cell, weight) in self.cells.iter().zip(&calibrated.weights) {
            let available = cell.sums.available();
            let ratio = FixedRatio::of([&cell.sums]).map_or(0.0, |ratio| ratio.value());
            a += weight * available * ratio;
            b += weight * available;
        }
        (b > 0.0).then(|| a / b)
    }

    /// Its variance by the residuals on the margins, base weights in the regression; df = n − H.
    pub fn variance(&self, calibrated: &Calibrated, estimate: f64) -> Option<DesignVariance> {
        let ratio = FixedRatio::from_f64(estimate)?;
        let available: f64 = self
            .cells
            .iter()
            .zip(&calibrated.weights)
            .map(|(cell, weight)| weight * cell.sums.available())
            .sum();
        // z⁰, unweighted.
        let z: Vec<Moments> = self
            .cells
            .iter()
            .map(|cell| Moments::about(&cell.sums, &ratio).scaled(1.0 / available))
            .collect();
        let fitted = self.regression(&z)?;
        let mut outlets = vec![Moments::default(); self.outlets.len()];
        for (((cell, z), fitted), weight) in self.cells.iter().zip(&z).zip(&fitted).zip(&calibrated.weights) {
            if let Some(outlet) = outlets.get_mut(cell.outlet) {
                *outlet = outlet.plus(z.less(*fitted).scaled(*weight));
            }
        }
        let outlets: Vec<OutletMoments> = outlets
            .into_iter()
            .zip(&self.outlets)
            .map(|(moments, (_, customers))| OutletMoments {
                moments,
                customers: Some(*customers),
            })
            .collect();
        design::stratified(&outlets)
    }

    /// Fitted z⁰ of every cell: weighted least squares on an intercept and all levels but one of each margin.
    fn regression(&self, z: &[Moments]) -> Option<Vec<f64>> {
        let columns: Vec<Vec<usize>> = self.cells.iter().map(|cell| self.dummies(cell)).collect();
        let size = 1 + self.margins.iter().map(|levels| levels.len() - 1).sum::<usize>();
        let mut normal = linear::Symmetric::new(size);
        for ((cell, z), columns) in self.cells.iter().zip(z).zip(&columns) {
            normal.add(columns, self.base_of(cell) * z.n, self.base_of(cell) * z.sum);
        }
        let beta = normal.solve();
        let fitted = |columns: &Vec<usize>| columns.iter().filter_map(|column| beta.get(*column)).sum();
        Some(columns.iter().map(fitted).collect())
    }

    fn dummies(&self, cell: &CalibrationCell) -> Vec<usize> {
        let (mut columns, mut offset) = (vec![0], 1);
        for (level, levels) in cell.levels.iter().zip(&self.margins) {
            if *level > 0 {
                columns.push(offset + level - 1);
            }
            offset += levels.len() - 1;
        }
        columns
    }
}
