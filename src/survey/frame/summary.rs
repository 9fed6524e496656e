//! What is kept of an import besides the cases: counts, flags and which cells must be corrected; nothing personal.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::check::{Checked, Out, RowError};
use super::flag::{Flag, flags};
use crate::survey::id::OutletId;
use crate::survey::plan::as_text;

/// Errors kept for the file of errors.
const ERRORS_MAX: usize = 5_000;

/// A stratum of the frame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stratum {
    /// Its outlet.
    #[serde(with = "as_text")]
    pub outlet: OutletId,
    /// Its cases.
    pub cases: u64,
}

/// An import in numbers. Rows = cases + errors + out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Rows below the header.
    pub rows: u32,
    /// Cases.
    pub cases: u32,
    /// Rows with a cell that must be corrected.
    pub errors: u32,
    /// The first of them.
    pub first_errors: Vec<RowError>,
    /// Rows that are no case, by reason.
    pub out: BTreeMap<Out, u32>,
    /// Strata by name.
    pub strata: BTreeMap<String, Stratum>,
    /// Rules the list breaks.
    pub flags: Vec<Flag>,
}

impl Summary {
    /// A checked file in numbers; `own` are the organisation's mail domains.
    pub fn of(checked: &Checked, own: &[String]) -> Self {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let mut strata: BTreeMap<String, Stratum> = BTreeMap::new();
        for case in &checked.cases {
            let new = || Stratum {
                outlet: case.outlet,
                cases: 0,
            };
            strata.entry(case.stratum.clone()).or_insert_with(new).cases += 1;
        }
        Self {
            rows: checked.rows,
            cases: count(checked.cases.len()),
            errors: count(checked.errors.len()),
            first_errors: checked.errors.iter().take(ERRORS_MAX).copied().collect(),
            out: checked.out.clone(),
            strata,
            flags: flags(checked, own),
        }
    }
}
