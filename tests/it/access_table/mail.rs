use super::Way::{Account, Inside, Public};

pub const ROWS: &[super::Row] = &[
    ("GET", "/unsubscribe/{token}", "*", Public),
    ("POST", "/unsubscribe/{token}", "*", Public),
    ("GET", "/evaluations/{evaluation}/mail", "MRU", Inside),
    ("POST", "/evaluations/{evaluation}/mail", "M!", Inside),
    ("POST", "/evaluations/{evaluation}/mail/approval", "R!", Inside),
    ("POST", "/evaluations/{evaluation}/mail/halt", "M", Inside),
    ("POST", "/evaluations/{evaluation}/mail/test", "M", Inside),
    ("GET", "/evaluations/{evaluation}/mail/recipients", "MRU", Inside),
    ("GET", "/evaluations/{evaluation}/mail/addresses", "M!", Inside),
    ("POST", "/evaluations/{evaluation}/mail/addresses", "M!", Inside),
    ("GET", "/evaluations/{evaluation}/certificate/contact", "M", Inside),
    ("POST", "/evaluations/{evaluation}/certificate/contact", "M", Inside),
    ("GET", "/mail", "A", Account),
    ("POST", "/mail", "A!", Account),
    ("POST", "/mail/test", "A!", Account),
    ("POST", "/mail/retry", "A!", Account),
    ("POST", "/mail/reports", "A!", Account),
];
