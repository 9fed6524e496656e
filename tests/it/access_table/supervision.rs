//! Supervision of interviews.

use super::Row;
use super::Way::Inside;

pub const ROWS: &[Row] = &[
    ("GET", "/evaluations/{evaluation}/reviews", "MR", Inside),
    ("POST", "/evaluations/{evaluation}/reviews", "R", Inside),
    ("GET", "/evaluations/{evaluation}/reviews/{interview}", "MR", Inside),
    ("POST", "/evaluations/{evaluation}/reviews/{interview}", "R", Inside),
    ("GET", "/evaluations/{evaluation}/own-interviews", "E", Inside),
    (
        "GET",
        "/evaluations/{evaluation}/own-interviews/{interview}",
        "E",
        Inside,
    ),
    (
        "POST",
        "/evaluations/{evaluation}/own-interviews/{interview}/answer",
        "E",
        Inside,
    ),
    (
        "POST",
        "/evaluations/{evaluation}/own-interviews/{interview}/correction",
        "E",
        Inside,
    ),
    ("GET", "/evaluations/{evaluation}/evaluators", "MR", Inside),
    ("GET", "/evaluations/{evaluation}/back-checks", "MRE", Inside),
    ("POST", "/evaluations/{evaluation}/back-checks/seed", "M", Inside),
    ("POST", "/evaluations/{evaluation}/back-checks/draw", "M", Inside),
    (
        "GET",
        "/evaluations/{evaluation}/back-checks/{interview}",
        "MRE",
        Inside,
    ),
    (
        "POST",
        "/evaluations/{evaluation}/back-checks/{interview}",
        "MRE",
        Inside,
    ),
];
