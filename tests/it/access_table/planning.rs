//! Plan and fieldwork.

use super::Row;
use super::Way::{Inside, Public};

/// Its rows.
pub const ROWS: &[Row] = &[
    ("GET", "/r", "*", Public),
    ("POST", "/r", "*", Public),
    ("POST", "/r/withdraw", "*", Public),
    ("POST", "/evaluations/{evaluation}/plan/review", "R!", Inside),
];
