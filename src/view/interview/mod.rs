//! Interviews and approaches of evaluators.
