//! Fieldwork without network.

use super::Way::{Account, Inside, Public};

pub const ROWS: &[super::Row] = &[
    ("GET", "/sw.js", "*", Public),
    ("GET", "/app.webmanifest", "*", Public),
    ("GET", "/today/queue", "*", Account),
    ("GET", "/sync/kit", "*", Account),
    ("GET", "/sync", "*", Account),
    ("POST", "/sync", "*", Account),
    ("GET", "/evaluations/{evaluation}/uploads", "MR", Inside),
    ("POST", "/evaluations/{evaluation}/uploads", "M", Inside),
    ("GET", "/evaluations/{evaluation}/uploads/{client}/{hash}", "R", Inside),
    ("POST", "/evaluations/{evaluation}/uploads/{client}/{hash}", "R", Inside),
    ("GET", "/evaluations/{evaluation}/phones", "R!", Inside),
    ("POST", "/evaluations/{evaluation}/phones", "R!", Inside),
];
