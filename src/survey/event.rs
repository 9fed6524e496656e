//! The append-only log of an evaluation: every row carries the hash of the one before it.

use sha2::{Digest, Sha256};

/// What the first event of an evaluation follows.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Something that happened, before it has its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When, Unix ms.
    pub at_ms: i64,
    /// Who: a person's id, `system` or `customer`.
    pub actor: String,
    /// What, e.g. `evaluation.opened`.
    pub action: String,
    /// About what: the id of a response, link, …; empty for the evaluation itself.
    pub object: String,
    /// Canonical JSON with the particulars.
    pub data: String,
}

impl Event {
    /// The hash of this event as number `seq` after `previous`: SHA-256 over length-prefixed fields, hexadecimal.
    pub fn chained(&self, seq: i64, previous: &str) -> String {
        let mut hash = Sha256::new();
        hash.update(b"perception-event-v1");
        let fields: [&[u8]; 7] = [
            previous.as_bytes(),
            &seq.to_be_bytes(),
            &self.at_ms.to_be_bytes(),
            self.actor.as_bytes(),
            self.action.as_bytes(),
            self.object.as_bytes(),
            self.data.as_bytes(),
        ];
        for field in fields {
            hash.update((field.len() as u64).to_be_bytes());
            hash.update(field);
        }
        data_encoding::HEXLOWER.encode(&hash.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_and_the_place_in_the_chain_change_the_hash() {
        let event = Event {
            at_ms: 1,
            actor: "a".into(),
            action: "b".into(),
            object: "c".into(),
            data: "{}".into(),
        };
        let hash = event.chained(1, GENESIS);
        let variants = [
            Event {
                at_ms: 2,
                ..event.clone()
            },
            Event {
                actor: "ab".into(),
                action: "".into(),
                ..event.clone()
            },
            Event {
                object: "d".into(),
                ..event.clone()
            },
            Event {
                data: "{ }".into(),
                ..event.clone()
            },
        ];
        assert!(variants.iter().all(|v| v.chained(1, GENESIS) != hash));
        assert_ne!(event.chained(2, GENESIS), hash);
        assert_ne!(event.chained(1, &hash), hash);
    }
}
