use super::Row;
use super::Way::Inside;

pub const ROWS: &[Row] = &[
    ("GET", "/evaluations/{evaluation}/monitoring", "MRU", Inside),
    ("POST", "/evaluations/{evaluation}/monitoring/networks", "M", Inside),
    ("GET", "/evaluations/{evaluation}/quality", "MRU", Inside),
    (
        "GET",
        "/evaluations/{evaluation}/quality/responses/{response}",
        "MRU",
        Inside,
    ),
    ("POST", "/evaluations/{evaluation}/quality/proposals", "MR", Inside),
    (
        "GET",
        "/evaluations/{evaluation}/quality/proposals/{number}",
        "MRU",
        Inside,
    ),
    (
        "POST",
        "/evaluations/{evaluation}/quality/proposals/{number}",
        "R!",
        Inside,
    ),
];
