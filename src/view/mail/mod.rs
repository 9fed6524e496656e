//! Mail: letters as they are sent, and the office's pages about them.

mod invitations;
mod letter;
mod people;
mod switchboard;

pub use invitations::{InvitationsPage, PlanLine, invitations};
pub use letter::{Invitation, Letter, certificate_notice, invitation, notice, test};
pub use people::{RecipientsPage, addresses, recipients};
pub use switchboard::{DeadLine, Switchboard, contact, switchboard};

use super::words::Words;
use crate::survey::outbox::{MessageKind, MessageState};

fn state_name(words: Words, state: MessageState) -> String {
    match state {
        MessageState::Queued => words.t("mail-state-queued"),
        MessageState::Sending => words.t("mail-state-sending"),
        MessageState::Sent => words.t("mail-state-sent"),
        MessageState::Failed => words.t("mail-state-failed"),
        MessageState::Bounced => words.t("mail-state-bounced"),
        MessageState::Cancelled => words.t("mail-state-cancelled"),
    }
}

fn kind_name(words: Words, kind: MessageKind) -> String {
    match kind {
        MessageKind::Invitation => words.t("mail-kind-invitation"),
        MessageKind::Reminder => words.t("mail-kind-reminder"),
        MessageKind::Notice => words.t("mail-kind-notice"),
        MessageKind::Test => words.t("mail-kind-test"),
    }
}
