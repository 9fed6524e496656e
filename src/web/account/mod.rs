//! Signing in, second factor, sessions, accounts.
