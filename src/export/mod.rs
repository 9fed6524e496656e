//! A report as files. Both encoders render the one result object, so they never disagree with the page.

pub mod csv;
pub mod estimates;
pub mod json;
pub mod links;
pub mod number;
