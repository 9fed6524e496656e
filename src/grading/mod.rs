//! Grading by chapter 6 of CQM/F-RZ-ZY-06-001. Pure: evidence in, star and limiting criteria out.

pub mod survey;
