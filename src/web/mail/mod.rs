//! The office's pages about mail: invitations of an evaluation, the administrator's switchboard, addresses for notices.

mod contact;
mod invitations;
mod people;
mod switchboard;

pub use contact::{contact, contact_page};
pub use invitations::{decide, halt, invitations, propose, test_letter};
pub use people::{addresses, addresses_page, recipients};
pub use switchboard::{reports, retry, switchboard, test, turn};

use super::state::WebState;
use crate::personal;
use crate::store::outbox::NewNotice;
use crate::survey::form::{FormReader, Problem as Wrong};
use crate::survey::id::EvaluationId;
use crate::survey::language::Language;
use crate::survey::outbox::MessageKind;

/// Longest mail address (RFC 5321).
const ADDRESS_MAX: usize = 254;

/// Reads a mail address.
fn read_address(reader: &mut FormReader<'_>, name: &str) -> Option<String> {
    let typed = reader.required_line(name, ADDRESS_MAX);
    if typed.is_empty() {
        return None;
    }
    let address = personal::parse_address(&typed);
    if address.is_none() {
        reader.refuse(name, Wrong::NotAnAddress);
    }
    address
}

/// A test for this address, ready to be queued; `None` only if the cipher refuses.
fn test_notice(
    state: &WebState,
    (language, evaluation): (Language, Option<EvaluationId>),
    address: &str,
    (subject, body): (String, String),
) -> Option<NewNotice> {
    let id = format!("{:032x}", rand::random::<u128>());
    Some(NewNotice {
        sealed_address: personal::DataKey::of_server(&state.key).seal(&personal::of_message(&id), address)?,
        id,
        kind: MessageKind::Test,
        source: None,
        evaluation,
        language,
        subject,
        body,
        due_at_ms: state.clock.now_ms(),
    })
}
