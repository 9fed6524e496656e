//! Assignments, what became of approaches, paper forms.

use super::Row;
use super::Way::Inside;

pub const ROWS: &[Row] = &[
    ("GET", "/evaluations/{evaluation}/assignments", "MR", Inside),
    ("POST", "/evaluations/{evaluation}/assignments", "M", Inside),
    ("POST", "/evaluations/{evaluation}/assignments/withdraw", "M", Inside),
    ("GET", "/evaluations/{evaluation}/contacts", "MR", Inside),
    ("GET", "/evaluations/{evaluation}/paper", "MRE", Inside),
    ("GET", "/evaluations/{evaluation}/outlets/{outlet}/paper", "E", Inside),
    (
        "GET",
        "/evaluations/{evaluation}/outlets/{outlet}/paper/{form}",
        "E",
        Inside,
    ),
    (
        "POST",
        "/evaluations/{evaluation}/outlets/{outlet}/paper/{form}",
        "E",
        Inside,
    ),
];
