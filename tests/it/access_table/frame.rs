use super::Way::Inside;

pub const ROWS: &[super::Row] = &[
    ("GET", "/evaluations/{evaluation}/sample", "MRU", Inside),
    ("GET", "/evaluations/{evaluation}/sample/upload", "M!", Inside),
    ("POST", "/evaluations/{evaluation}/sample/upload", "M", Inside),
    ("GET", "/evaluations/{evaluation}/sample/columns", "M!", Inside),
    ("POST", "/evaluations/{evaluation}/sample/columns", "M!", Inside),
    ("POST", "/evaluations/{evaluation}/sample/import", "M!", Inside),
    ("GET", "/evaluations/{evaluation}/sample/errors.csv", "M", Inside),
    ("GET", "/evaluations/{evaluation}/sample/record", "M", Inside),
    ("POST", "/evaluations/{evaluation}/sample/record", "M", Inside),
    ("GET", "/evaluations/{evaluation}/sample/draw", "M", Inside),
    ("POST", "/evaluations/{evaluation}/sample/draw", "M!", Inside),
    ("POST", "/evaluations/{evaluation}/sample/draw/run", "M!", Inside),
    ("GET", "/evaluations/{evaluation}/sample/reserves", "M", Inside),
    ("POST", "/evaluations/{evaluation}/sample/reserves", "M!", Inside),
    ("GET", "/evaluations/{evaluation}/sample/frame.csv", "MRU", Inside),
    ("GET", "/evaluations/{evaluation}/sample/plan.json", "MRU", Inside),
    ("GET", "/evaluations/{evaluation}/sample/drawn.csv", "MRU", Inside),
    ("GET", "/evaluations/{evaluation}/sample/erase", "M!", Inside),
    ("POST", "/evaluations/{evaluation}/sample/erase", "M!", Inside),
];
