//! Plan and fieldwork.

use super::Row;
use super::Way::{Inside, Public};

/// Its rows.
pub const ROWS: &[Row] = &[
    ("GET", "/r", "*", Public),
    ("POST", "/r", "*", Public),
    ("POST", "/r/withdraw", "*", Public),
    ("POST", "/evaluations/{evaluation}/plan/review", "R!", Inside),
    ("GET", "/evaluations/{evaluation}/plan/draw", "MRU", Inside),
    ("POST", "/evaluations/{evaluation}/plan/draw", "M", Inside),
    ("POST", "/evaluations/{evaluation}/plan/draw/make", "M", Inside),
    (
        "GET",
        "/evaluations/{evaluation}/plan/draw/{number}/frame.csv",
        "MRU",
        Inside,
    ),
    (
        "GET",
        "/evaluations/{evaluation}/plan/draw/{number}/plan.json",
        "MRU",
        Inside,
    ),
    ("GET", "/evaluations/{evaluation}/deviations", "MRU", Inside),
    ("POST", "/evaluations/{evaluation}/deviations", "M", Inside),
    ("POST", "/evaluations/{evaluation}/deviations/review", "R!", Inside),
    ("GET", "/evaluations/{evaluation}/postings", "MRE", Inside),
    ("POST", "/evaluations/{evaluation}/postings", "E", Inside),
    ("GET", "/evaluations/{evaluation}/funnel", "MRU", Inside),
];
