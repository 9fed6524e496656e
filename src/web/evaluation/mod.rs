//! Organisations, evaluations, outlets, members, states.
