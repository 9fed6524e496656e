//! Who may do what: roles, the rule of every route, sessions, passwords, throttling. Pure: no database, no HTTP, no
//! clock, no randomness; times and what is stored come in as arguments.
//!
//! Source: design/security.md §3, OWASP ASVS 5.0 chapters 6–8; roles after CQM/F-RZ-ZY-06-001 5.4.1 and 认证认可条例 art. 22.

pub mod password;
pub mod person;
mod role;
mod rule;
pub mod session;
mod sight;
pub mod throttle;

pub use role::{Role, RoleSet};
pub use rule::{Answer, Viewer, Who};
pub use sight::Sight;
