//! Writing a message at the moment it is sent: links are derived, addresses opened, nothing of it stored.

use super::{Mailer, Parcel};
use crate::clock::day_in_china;
use crate::personal::{self, DataKey};
use crate::store::outbox::{Claimed, Content, Letter};
use crate::store::{StoreError, evaluation, recipient};
use crate::survey::link::{LinkKind, LinkSecret};
use crate::survey::outbox::MessageKind;
use crate::survey::unsubscribe::Unsubscribe;
use crate::view::mail::{self as letters, Invitation};

impl Mailer {
    /// The message as it goes out; `None` when it cannot be written: its address is gone or unreadable.
    ///
    /// # Errors
    /// What the store returns.
    pub(super) async fn parcel(&self, claimed: &Claimed) -> Result<Option<Parcel>, StoreError> {
        let written = match &claimed.content {
            Content::Notice {
                sealed_address,
                subject,
                body,
            } => {
                let own = DataKey::of_server(&self.key);
                let address = own.open(&personal::of_message(&claimed.id), sealed_address);
                let letter = letters::notice(claimed.language, &self.body, &self.contact, (subject, body));
                address.map(|address| (None, address, letter, None))
            }
            Content::Letter(letter) => self.invitation(claimed, letter).await?,
        };
        let Some((name, address, letter, unsubscribe)) = written else {
            return Ok(None);
        };
        let Ok(html) = letter.html() else { return Ok(None) };
        Ok(Some(Parcel {
            message_id: claimed.message_id.clone(),
            name,
            address,
            text: letter.text(),
            subject: letter.subject,
            html,
            unsubscribe,
            at_ms: self.clock.now_ms(),
        }))
    }

    async fn invitation(&self, claimed: &Claimed, about: &Letter) -> Result<Option<Written>, StoreError> {
        let (key, id, wave) = (self.key.clone(), about.recipient.clone(), about.evaluation);
        let catalogue = std::sync::Arc::clone(self.store.catalogue());
        let read = self.store.read(move |conn| {
            let contact = recipient::contact(conn, &key, &id)?;
            Ok::<_, StoreError>(contact.zip(evaluation::find(conn, &catalogue, wave)?))
        });
        let Some((contact, evaluation)) = read.await? else {
            return Ok(None);
        };
        let Some(out) = way_out(about) else { return Ok(None) };
        let secret = LinkSecret::derive(self.key.bytes(), LinkKind::Personal, about.link, about.generation);
        // Both addresses come from the settings, never from a request.
        let link = format!("{}/s/{}", self.base_url, secret.as_str());
        let unsubscribe = format!("{}/unsubscribe/{}", self.base_url, out.seal(self.key.bytes()));
        let until = about.closes_at_ms.map(|at_ms| day_in_china(at_ms - 1).to_string());
        let letter = letters::invitation(&Invitation {
            language: claimed.language,
            body: &self.body,
            contact: &self.contact,
            firm: &evaluation.firm,
            name: contact.name.as_deref(),
            until: until.as_deref(),
            link: &link,
            unsubscribe: &unsubscribe,
            is_reminder: claimed.kind == MessageKind::Reminder,
        });
        Ok(Some((contact.name, contact.email, letter, Some(unsubscribe))))
    }
}

/// Name, address, letter, way out.
type Written = (Option<String>, String, letters::Letter, Option<String>);

fn way_out(about: &Letter) -> Option<Unsubscribe> {
    let bytes = |hex: &str| data_encoding::HEXLOWER.decode(hex.as_bytes()).ok();
    Some(Unsubscribe {
        recipient: bytes(&about.recipient)?.try_into().ok()?,
        address_index: bytes(&about.address_index)?.try_into().ok()?,
    })
}
