//! The scheme owner's settings.

use super::Row;
use super::Way::Account;

/// Its rows.
pub const ROWS: &[Row] = &[
    ("GET", "/policy", "AMRSU", Account),
    ("POST", "/policy", "AM!", Account),
    ("POST", "/policy/answer", "S!", Account),
];
