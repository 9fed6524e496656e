use super::Row;
use super::Way::Account;

pub const ROWS: &[Row] = &[
    ("GET", "/privacy", "A", Account),
    ("POST", "/privacy/requests", "A!", Account),
    ("POST", "/privacy/requests/confirm", "A!", Account),
];
