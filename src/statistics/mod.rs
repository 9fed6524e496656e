//! Statistics of the perception survey. Pure: no files, no clock, no randomness, nothing of the store or the web.
//!
//! In the order of the data: replies become points ([`score`]), points become sums that add up ([`tally`], kept as text
//! by `codec`), sums become an estimate ([`variance`], [`interval`], [`estimate`]), estimates become the one
//! [`result`], of which only what protects the customers is published ([`suppress`]).
//!
//! Scores, thresholds and zero-variance decisions are exact (integers and fractions); floating point begins at standard
//! errors and intervals, and every value is converted once.

mod against_rest;
pub mod allocation;
pub mod analysis;
mod bivariate;
mod calibration;
pub mod class;
mod codec;
pub mod completeness;
mod cursor;
pub mod decision;
mod design;
mod disclosure;
pub mod draw;
pub mod estimate;
pub mod evaluator;
pub mod exact;
pub mod figure;
pub mod flag;
pub mod groups;
pub mod interval;
pub mod interviewer;
pub mod item;
pub mod judgement;
mod linear;
pub mod margin;
pub mod method;
pub mod mode_effect;
mod moments;
pub mod outcome;
pub mod outlets_to_visit;
pub mod person;
mod publish;
pub mod quality;
pub mod reliability;
pub mod result;
mod result_sums;
pub mod sample_size;
pub mod score;
mod side_by_side;
pub mod star;
pub mod student;
pub mod study;
pub mod sums;
pub mod suppress;
pub mod tally;
pub mod variance;
pub mod warning;

pub use codec::DecodeError;

#[cfg(test)]
mod attack_tests;
#[cfg(test)]
mod bounds_tests;
#[cfg(test)]
mod definition_tests;
#[cfg(test)]
mod groups_tests;
#[cfg(test)]
mod oracle_tests;
#[cfg(test)]
mod result_tests;
#[cfg(test)]
mod tally_tests;
