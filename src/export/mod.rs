//! A report as files. All encoders render the one result object, so they never disagree with the page.

pub mod codebook;
pub mod csv;
pub mod estimates;
pub mod json;
pub mod links;
pub mod number;
pub mod xlsx;
