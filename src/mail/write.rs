//! Writing a message at the moment it is sent: links are derived, addresses opened, nothing of it stored.

use super::{Mailer, Parcel};
use crate::postal;
use crate::store::outbox::{Claimed, Content};
use crate::view::mail as letters;

impl Mailer {
    /// The message as it goes out; `None` when it cannot be written: its address is gone or unreadable.
    pub(super) async fn parcel(&self, claimed: &Claimed) -> Option<Parcel> {
        let (name, address, letter, unsubscribe) = match &claimed.content {
            Content::Notice {
                sealed_address,
                subject,
                body,
            } => {
                let address = postal::open(&self.key, &postal::of_message(&claimed.id), sealed_address)?;
                let letter = letters::notice(claimed.language, &self.body, &self.contact, (subject, body));
                (None, address, letter, None)
            }
            Content::Letter(_) => return None,
        };
        Some(Parcel {
            message_id: claimed.message_id.clone(),
            name,
            address,
            subject: letter.subject.clone(),
            text: letter.text(),
            html: letter.html().ok()?,
            unsubscribe,
            at_ms: self.clock.now_ms(),
        })
    }
}
