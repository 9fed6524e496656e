use super::Row;
use super::Way::Inside;

pub const ROWS: &[Row] = &[
    ("GET", "/evaluations/{evaluation}/comments", "MR", Inside),
    ("POST", "/evaluations/{evaluation}/comments", "MR", Inside),
    ("POST", "/evaluations/{evaluation}/comments/themes", "MR", Inside),
    ("GET", "/evaluations/{evaluation}/comments/{response}", "MR", Inside),
    ("POST", "/evaluations/{evaluation}/comments/{response}", "MR", Inside),
    (
        "POST",
        "/evaluations/{evaluation}/quality/responses/{response}/incident",
        "MR",
        Inside,
    ),
];
