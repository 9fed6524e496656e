//! Mail: letters as they are sent, and the office's pages about them.

mod letter;

pub use letter::{Invitation, Letter, certificate_notice, invitation, notice, test};
