//! Mail that waits in the database until it is sent: queued by the parts of the program, claimed by one node at a time,
//! settled when the mail server has answered. Letters to drawn persons are checked once more at the moment of claiming.

mod claim;
mod gate;
mod list;
mod people;
mod queue;
mod settle;

pub use super::mail_switch::{pause, resume};
pub use claim::{Claim, Claimed, Content, Limits, claim, is_due, recover};
pub use gate::Letter;
pub use list::{Dead, Overview, dead, overview};
pub use people::{counts, lines, unwritten};
pub use queue::{DueNotice, NewNotice, due_holder_notices, queue_invitations, queue_notice};
pub use settle::{bounce, bounce_address, give_up, put_off, retry, sent};
