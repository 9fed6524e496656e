//! The form ticket: everything a rating form needs, signed and carried in its URL, so that a visit which submits
//! nothing leaves nothing behind. Its form id is the key that makes a repeated submission the same submission.

use subtle::ConstantTimeEq;

use super::id::{EvaluationId, LinkId};
use super::language::Language;
use super::link::keyed;
use super::questionnaire::ServiceSet;
use super::submission::Receipt;

/// How long an opened form can be submitted: 24 h.
pub const FORM_LIFE_S: u64 = 24 * 60 * 60;
const VERSION: u8 = 1;
const BODY_BYTES: usize = 1 + 16 + 16 + 16 + 8 + 1 + 4;
pub(super) const SIGNATURE_BYTES: usize = 16;
const LABEL: &[u8] = b"perception-form-v1";

/// A form that was handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    /// Evaluation of the link.
    pub evaluation: EvaluationId,
    /// The link it came from; decides outlet and evidence class.
    pub link: LinkId,
    /// 128 random bits: the idempotency key.
    pub form_id: [u8; 16],
    /// When the form was handed out, seconds since 1970 UTC.
    pub issued_at_s: u64,
    /// Language of the form.
    pub language: Language,
    /// Services used, as screened.
    pub services: ServiceSet,
}

impl Ticket {
    /// The signed form, 103 URL-safe characters.
    pub fn seal(&self, key: &[u8]) -> String {
        let mut bytes = Vec::with_capacity(BODY_BYTES + SIGNATURE_BYTES);
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.evaluation.bytes());
        bytes.extend_from_slice(&self.link.bytes());
        bytes.extend_from_slice(&self.form_id);
        bytes.extend_from_slice(&self.issued_at_s.to_be_bytes());
        bytes.push(match self.language {
            Language::ZhCn => 0,
            Language::En => 1,
        });
        bytes.extend_from_slice(&self.services.0.to_be_bytes());
        let signature = signature(key, LABEL, &bytes);
        bytes.extend_from_slice(&signature);
        data_encoding::BASE64URL_NOPAD.encode(&bytes)
    }

    /// Reads a signed form; `None` for anything this key did not sign.
    pub fn open(key: &[u8], text: &str) -> Option<Self> {
        let bytes = data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        let (body, signed) = bytes.split_at_checked(BODY_BYTES)?;
        if !bool::from(signature(key, LABEL, body).as_slice().ct_eq(signed)) {
            return None;
        }
        let (version, rest) = body.split_first()?;
        let (evaluation, rest) = rest.split_first_chunk::<16>()?;
        let (link, rest) = rest.split_first_chunk::<16>()?;
        let (form_id, rest) = rest.split_first_chunk::<16>()?;
        let (issued, rest) = rest.split_first_chunk::<8>()?;
        let (language, services) = rest.split_first()?;
        let (services, _) = services.split_first_chunk::<4>()?;
        (*version == VERSION).then_some(Self {
            evaluation: EvaluationId::from_bytes(*evaluation),
            link: LinkId::from_bytes(*link),
            form_id: *form_id,
            issued_at_s: u64::from_be_bytes(*issued),
            language: if *language == 1 { Language::En } else { Language::ZhCn },
            services: ServiceSet(u32::from_be_bytes(*services)),
        })
    }

    /// The same form in another language.
    pub fn in_language(self, language: Language) -> Self {
        Self { language, ..self }
    }

    /// Whether the form can no longer be submitted.
    pub fn is_expired(&self, now_s: u64) -> bool {
        now_s.saturating_sub(self.issued_at_s) >= FORM_LIFE_S
    }

    /// The receipt its submission gets; the same whenever it is asked for.
    pub fn receipt(&self, key: &[u8]) -> Receipt {
        Receipt::of(key, &self.form_id)
    }
}

/// What stands at the end of a signed form; each kind of form has a label of its own, so that none passes for another.
pub(super) fn signature(key: &[u8], label: &[u8], body: &[u8]) -> [u8; SIGNATURE_BYTES] {
    let mac = keyed(key, &[label, body]);
    let mut signature = [0; SIGNATURE_BYTES];
    signature.iter_mut().zip(mac).for_each(|(to, from)| *to = from);
    signature
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket() -> Ticket {
        Ticket {
            evaluation: EvaluationId::from_random([1; 16]),
            link: LinkId::from_random([2; 16]),
            form_id: [3; 16],
            issued_at_s: 1_790_000_000,
            language: Language::En,
            services: ServiceSet(0b101),
        }
    }

    #[test]
    fn what_was_sealed_is_what_opens() {
        let text = ticket().seal(b"key");
        assert_eq!(Ticket::open(b"key", &text), Some(ticket()));
        assert_eq!(Ticket::open(b"another", &text), None);
    }

    #[test]
    fn any_changed_character_is_refused() {
        let text = ticket().seal(b"key");
        for place in 0..text.len() {
            let mut forged = text.clone().into_bytes();
            forged[place] = if forged[place] == b'A' { b'B' } else { b'A' };
            assert_eq!(
                Ticket::open(b"key", std::str::from_utf8(&forged).unwrap()),
                None,
                "{place}"
            );
        }
        assert_eq!(Ticket::open(b"key", ""), None);
        assert_eq!(Ticket::open(b"key", &text[..40]), None);
    }

    #[test]
    fn a_form_lives_a_day() {
        let ticket = ticket();
        assert!(!ticket.is_expired(ticket.issued_at_s + FORM_LIFE_S - 1));
        assert!(ticket.is_expired(ticket.issued_at_s + FORM_LIFE_S));
    }
}
