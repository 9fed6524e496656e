use super::Row;
use super::Way::Inside;

pub const ROWS: &[Row] = &[
    ("GET", "/evaluations/{evaluation}/report", "MRSUO", Inside),
    ("GET", "/evaluations/{evaluation}/report.pdf", "MRSUO", Inside),
    ("GET", "/evaluations/{evaluation}/results.xlsx", "MRSUO", Inside),
    ("GET", "/evaluations/{evaluation}/codebook.csv", "MRSUO", Inside),
    ("GET", "/evaluations/{evaluation}/responses.R", "MRSUO", Inside),
    ("GET", "/evaluations/{evaluation}/responses.sps", "MRSUO", Inside),
];
