//! Everything a person sees: domain values → template structs → HTML. Pure: no database, no HTTP, no files, no clock.
//! Scores arrive computed; nothing here decides about one.

pub mod account;
pub mod codes;
pub mod comment;
pub mod demo;
pub mod evaluation;
pub mod frame;
pub mod grading;
pub mod interview;
pub mod mail;
pub mod office;
pub mod planning;
pub mod privacy;
pub mod problem;
pub mod quality;
pub mod report;
pub mod results;
pub mod supervision;
pub mod survey;
pub mod words;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod words_test;
