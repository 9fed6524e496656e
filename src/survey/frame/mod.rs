//! The sampling frame: the organisation's list of customers, as it is read, checked, described and drawn from.
//!
//! Source: requirements.md §8.1, §8.2, §8.6; security.md T2, T11, T27.

pub mod check;
pub mod column;
pub mod flag;
pub mod record;
pub mod sheet;
pub mod summary;
pub mod take;
#[cfg(test)]
mod tests;
