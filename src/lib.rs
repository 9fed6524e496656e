//! `perception`: customer perception surveys for bodies that certify after-sales service (CQM/F-RZ-ZY-06-001).
//!
//! A pure core knows what a questionnaire, an answer, a tally, an estimate and a grade are; a shell around it stores,
//! serves and prints. In the order in which data flow:
//!
//! - [`web`]: request → guard → handler
//! - [`access`]: who may do what (pure)
//! - [`credential`]: passwords, codes and one-time links
//! - [`survey`]: forms → checked answers → one submission type (pure)
//! - [`store`]: both databases; the only place that knows SQL
//! - [`statistics`]: tallies → scores with intervals → one result object with the survey's part of the star (pure)
//! - [`grading`]: evidence of the whole evaluation → star, what limits it, what would lift it; certificate states (pure)
//! - [`view`]: domain → pages (pure)
//! - [`export`]: the result object as CSV and JSON
//! - [`pack`]: evidence packs, from which every figure can be computed again; [`evidence`]: made from the database
//!
//! `ARCHITECTURE.md` has the map, the invariants and a walk through one answer.

#![deny(missing_docs)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        reason = "tests may stop at once"
    )
)]

pub mod access;
pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
mod cores;
pub mod credential;
pub mod demo;
pub mod evidence;
pub mod export;
pub mod grading;
pub mod mail;
pub mod pack;
pub mod personal;
pub mod phone;
pub mod print;
pub mod qr;
pub mod secret;
pub mod statistics;
pub mod store;
pub mod survey;
pub mod upkeep;
pub mod view;
pub mod web;
