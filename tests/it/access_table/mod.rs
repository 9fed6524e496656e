//! Every route and whom it lets in: what `access_matrix` holds the program to.

mod comments;
mod fieldwork;
mod frame;
mod mail;
mod offline;
mod planning;
mod policy;
mod privacy;
mod quality;
mod report;
mod seal;
mod supervision;

/// How a route decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Everybody, and forms from elsewhere too: customers' pages.
    Public,
    /// Everybody, but forms only from pages of ours.
    Visitor,
    /// By what the account may be.
    Account,
    /// By what somebody is in the evaluation of the address.
    Inside,
}
use Way::{Account, Inside, Public, Visitor};

/// Method, path, whom it lets in, way. Whom: one letter a role — A administrator, M manager, R reviewer, S signatory,
/// E evaluator, U auditor, O organisation; `*` everybody the way allows. With `!` only who has lately proved themselves.
pub type Row = (&'static str, &'static str, &'static str, Way);

/// The rows of every topic, a file each.
pub const TABLES: &[&[Row]] = &[
    TABLE,
    comments::ROWS,
    fieldwork::ROWS,
    frame::ROWS,
    mail::ROWS,
    offline::ROWS,
    planning::ROWS,
    policy::ROWS,
    privacy::ROWS,
    quality::ROWS,
    report::ROWS,
    seal::ROWS,
    supervision::ROWS,
];

/// All of them.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    TABLES.iter().copied().flatten()
}

const TABLE: &[Row] = &[
    ("GET", "/s/{token}", "*", Public),
    ("POST", "/s/{token}", "*", Public),
    ("GET", "/f/{form}", "*", Public),
    ("POST", "/f/{form}", "*", Public),
    ("GET", "/f/{form}/receipt", "*", Public),
    ("GET", "/end/{code}", "*", Public),
    ("GET", "/set-up/{token}", "*", Visitor),
    ("POST", "/set-up/{token}", "*", Visitor),
    ("GET", "/sign-in", "*", Visitor),
    ("POST", "/sign-in", "*", Visitor),
    ("GET", "/sign-in/code", "*", Visitor),
    ("POST", "/sign-in/code", "*", Visitor),
    ("POST", "/sign-out", "*", Visitor),
    ("GET", "/confirm", "*", Account),
    ("POST", "/confirm", "*", Account),
    ("GET", "/account", "*", Account),
    ("POST", "/account/sessions/end", "*", Account),
    ("GET", "/account/password", "*!", Account),
    ("POST", "/account/password", "*!", Account),
    ("GET", "/account/second-factor", "*!", Account),
    ("POST", "/account/second-factor", "*!", Account),
    ("GET", "/account/second-factor/device", "*!", Account),
    ("POST", "/account/second-factor/codes", "*!", Account),
    ("GET", "/people", "A", Account),
    ("GET", "/people/new", "A!", Account),
    ("POST", "/people/new", "A!", Account),
    ("GET", "/people/{person}", "A!", Account),
    ("POST", "/people/{person}/roles", "A!", Account),
    ("POST", "/people/{person}/disable", "A!", Account),
    ("POST", "/people/{person}/enable", "A!", Account),
    ("POST", "/people/{person}/link", "A!", Account),
    ("POST", "/people/{person}/second-factor", "A!", Account),
    ("GET", "/activity", "A", Account),
    ("GET", "/evaluations/{evaluation}/qr", "*", Public),
    ("GET", "/evaluations/new", "M", Account),
    ("POST", "/evaluations/new", "M", Account),
    ("GET", "/evaluations/{evaluation}", "MRSEU", Inside),
    ("POST", "/evaluations/{evaluation}/step", "M", Inside),
    ("GET", "/evaluations/{evaluation}/interim", "M", Inside),
    ("POST", "/evaluations/{evaluation}/interim", "M", Inside),
    ("GET", "/evaluations/{evaluation}/settings", "M", Inside),
    ("POST", "/evaluations/{evaluation}/settings", "M", Inside),
    ("GET", "/evaluations/{evaluation}/outlets", "MRU", Inside),
    ("POST", "/evaluations/{evaluation}/outlets", "M", Inside),
    ("GET", "/evaluations/{evaluation}/outlets/{outlet}", "M", Inside),
    ("POST", "/evaluations/{evaluation}/outlets/{outlet}", "M", Inside),
    ("POST", "/evaluations/{evaluation}/outlets/{outlet}/raise", "M", Inside),
    ("POST", "/evaluations/{evaluation}/outlets/{outlet}/remove", "M", Inside),
    ("GET", "/evaluations/{evaluation}/instrument", "MRU", Inside),
    ("POST", "/evaluations/{evaluation}/instrument", "M", Inside),
    ("GET", "/evaluations/{evaluation}/preview", "MRU", Inside),
    ("GET", "/evaluations/{evaluation}/preview/{page}", "MRU", Inside),
    ("GET", "/evaluations/{evaluation}/members", "MRU", Inside),
    ("POST", "/evaluations/{evaluation}/members", "M", Inside),
    ("POST", "/evaluations/{evaluation}/members/remove", "M", Inside),
    ("GET", "/evaluations/{evaluation}/activity", "MRU", Inside),
    ("GET", "/today", "*", Account),
    ("GET", "/evaluations/{evaluation}/interviews", "MRE", Inside),
    (
        "GET",
        "/evaluations/{evaluation}/outlets/{outlet}/approach",
        "E",
        Inside,
    ),
    (
        "POST",
        "/evaluations/{evaluation}/outlets/{outlet}/approach",
        "E",
        Inside,
    ),
    (
        "GET",
        "/evaluations/{evaluation}/outlets/{outlet}/interview",
        "E",
        Inside,
    ),
    (
        "GET",
        "/evaluations/{evaluation}/outlets/{outlet}/interview/{form}",
        "E",
        Inside,
    ),
    (
        "POST",
        "/evaluations/{evaluation}/outlets/{outlet}/interview/{form}",
        "E",
        Inside,
    ),
    (
        "GET",
        "/evaluations/{evaluation}/outlets/{outlet}/interview/{form}/receipt",
        "E",
        Inside,
    ),
    ("GET", "/c", "*", Public),
    ("POST", "/c", "*", Public),
    ("GET", "/evaluations/{evaluation}/codes", "M", Inside),
    ("POST", "/evaluations/{evaluation}/codes", "M", Inside),
    ("GET", "/evaluations/{evaluation}/codes/plates", "ME", Inside),
    ("GET", "/evaluations/{evaluation}/codes/links", "M", Inside),
    ("POST", "/evaluations/{evaluation}/codes/links", "M", Inside),
    ("GET", "/evaluations/{evaluation}/codes/sheets", "M", Inside),
    ("POST", "/evaluations/{evaluation}/codes/sheets", "M", Inside),
    ("GET", "/evaluations/{evaluation}/codes/batches/{batch}", "M", Inside),
    (
        "GET",
        "/evaluations/{evaluation}/codes/batches/{batch}/links.csv",
        "M",
        Inside,
    ),
    (
        "POST",
        "/evaluations/{evaluation}/codes/batches/{batch}/links.csv",
        "M",
        Inside,
    ),
    (
        "GET",
        "/evaluations/{evaluation}/codes/batches/{batch}/slips",
        "M",
        Inside,
    ),
    (
        "POST",
        "/evaluations/{evaluation}/codes/batches/{batch}/slips",
        "M",
        Inside,
    ),
    (
        "GET",
        "/evaluations/{evaluation}/codes/batches/{batch}/revoke",
        "M",
        Inside,
    ),
    (
        "POST",
        "/evaluations/{evaluation}/codes/batches/{batch}/revoke",
        "M",
        Inside,
    ),
    (
        "GET",
        "/evaluations/{evaluation}/codes/batches/{batch}/reissue",
        "M",
        Inside,
    ),
    (
        "POST",
        "/evaluations/{evaluation}/codes/batches/{batch}/reissue",
        "M",
        Inside,
    ),
    ("GET", "/evaluations/{evaluation}/codes/{link}/plate.svg", "ME", Inside),
    ("GET", "/evaluations/{evaluation}/codes/{link}/revoke", "M", Inside),
    ("POST", "/evaluations/{evaluation}/codes/{link}/revoke", "M", Inside),
    ("GET", "/evaluations/{evaluation}/codes/{link}/rotate", "M", Inside),
    ("POST", "/evaluations/{evaluation}/codes/{link}/rotate", "M", Inside),
    ("GET", "/evaluations/{evaluation}/codes/{link}/dates", "M", Inside),
    ("POST", "/evaluations/{evaluation}/codes/{link}/dates", "M", Inside),
    ("GET", "/evaluations/{evaluation}/results", "MRSUO", Inside),
    ("GET", "/evaluations/{evaluation}/results.csv", "MRSUO", Inside),
    ("GET", "/evaluations/{evaluation}/results.json", "MRSUO", Inside),
    ("GET", "/api/evaluations/{evaluation}/results", "MRSUO", Inside),
    ("GET", "/", "*", Account),
    ("GET", "/evaluations/{evaluation}/conflict", "MRSEU", Inside),
    ("POST", "/evaluations/{evaluation}/conflict", "MRSEU", Inside),
    ("GET", "/evaluations/{evaluation}/scoring", "MRSEU", Inside),
    ("POST", "/evaluations/{evaluation}/observations", "E", Inside),
    ("GET", "/evaluations/{evaluation}/scoring/{heading}", "MRSEU", Inside),
    ("POST", "/evaluations/{evaluation}/scoring/{heading}", "E", Inside),
    (
        "POST",
        "/evaluations/{evaluation}/scoring/{heading}/agreed",
        "M",
        Inside,
    ),
    ("GET", "/evaluations/{evaluation}/audit", "MRSEU", Inside),
    ("GET", "/evaluations/{evaluation}/audit/checklist", "E", Inside),
    ("POST", "/evaluations/{evaluation}/audit/checklist", "E", Inside),
    ("POST", "/evaluations/{evaluation}/audit/findings", "E", Inside),
    (
        "GET",
        "/evaluations/{evaluation}/audit/findings/{finding}",
        "MRSEU",
        Inside,
    ),
    (
        "POST",
        "/evaluations/{evaluation}/audit/findings/{finding}",
        "E",
        Inside,
    ),
    ("GET", "/evaluations/{evaluation}/facts", "MRSEU", Inside),
    ("GET", "/evaluations/{evaluation}/facts/{kind}/{id}", "MRSEU", Inside),
    ("POST", "/evaluations/{evaluation}/facts/{kind}/{id}", "ME", Inside),
    (
        "GET",
        "/evaluations/{evaluation}/facts/{kind}/{id}/check",
        "MRE",
        Inside,
    ),
    (
        "POST",
        "/evaluations/{evaluation}/facts/{kind}/{id}/check",
        "MRE",
        Inside,
    ),
    ("GET", "/evaluations/{evaluation}/decision", "MRSEU", Inside),
    ("POST", "/evaluations/{evaluation}/decision", "M", Inside),
    ("POST", "/evaluations/{evaluation}/decision/review", "R!", Inside),
    ("POST", "/evaluations/{evaluation}/decision/signature", "S!", Inside),
    ("GET", "/evaluations/{evaluation}/certificate", "MRSEU", Inside),
    ("POST", "/evaluations/{evaluation}/certificate/steps", "M", Inside),
    ("POST", "/evaluations/{evaluation}/certificate/signature", "S!", Inside),
    ("POST", "/evaluations/{evaluation}/certificate/reports", "ME", Inside),
    ("GET", "/certificates", "AMRSU", Account),
    ("GET", "/certificates/{number}", "*", Public),
    ("GET", "/evaluations/{evaluation}/plan", "MRU", Inside),
    ("POST", "/evaluations/{evaluation}/plan", "M", Inside),
    ("GET", "/static/{name}", "*", Public),
    ("GET", "/healthz", "*", Public),
    ("GET", "/readyz", "*", Public),
];
