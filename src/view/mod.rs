//! Everything a person sees: domain values → template structs → HTML. Pure: no database, no HTTP, no files, no clock.
//! Scores arrive computed; nothing here decides about one.

pub mod demo;
mod office;
pub mod qr;
pub mod results;
pub mod survey;
pub mod words;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod words_test;

pub use office::office_stylesheet;
