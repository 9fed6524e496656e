use super::Row;
use super::Way::{Inside, Public};

pub const ROWS: &[Row] = &[
    ("GET", "/evaluations/{evaluation}/seal", "MRSU", Inside),
    ("POST", "/evaluations/{evaluation}/seal", "R!", Inside),
    ("POST", "/evaluations/{evaluation}/seal/proposal", "M!", Inside),
    ("POST", "/evaluations/{evaluation}/release", "R!", Inside),
    ("GET", "/evaluations/{evaluation}/checkpoints.txt", "MRSU", Inside),
    ("GET", "/evaluations/{evaluation}/pack", "MRSU", Inside),
    ("POST", "/evaluations/{evaluation}/pack", "R!", Inside),
    ("POST", "/evaluations/{evaluation}/pack/end", "R", Inside),
    ("POST", "/evaluations/{evaluation}/pack.zip", "U", Inside),
    ("GET", "/record/{evaluation}", "*", Public),
    ("POST", "/record/{evaluation}", "*", Public),
    ("GET", "/record/{evaluation}/commitments.txt", "*", Public),
];
