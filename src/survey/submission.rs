//! The one submission type: web page, offline interview, paper entry and demo all end here.

use sha2::{Digest, Sha256};

use super::answers::Answers;
use super::id::{EvaluationId, InterviewId, LinkId, OutletId, PersonId, ResponseId};
use super::interview::{ContactNo, Protocol};
use super::language::Language;
use super::link::keyed;
use super::printed_code::{half_width, is_filler};

/// How an answer came in. The store derives outlet and evidence class from it, and nothing else does.
#[derive(Debug, Clone)]
pub enum Entry {
    /// Through a link: the link's kind decides between open and invited.
    Link(LinkId),
    /// In person: always face.
    Interview(Interview),
}

/// The facts that make an answer an in-person one; the database refuses a face response without them.
#[derive(Debug, Clone)]
pub struct Interview {
    /// Its id.
    pub id: InterviewId,
    /// Outlet whose service is rated.
    pub outlet: OutletId,
    /// The registered evaluator who asked.
    pub evaluator: PersonId,
    /// Where it took place.
    pub place: Place,
    /// Start, Unix ms.
    pub started_at_ms: i64,
    /// End, Unix ms; not before the start.
    pub ended_at_ms: i64,
    /// Running number of the approach.
    pub contact_no: ContactNo,
    /// The rest of the protocol.
    pub protocol: Protocol,
    /// Uploaded after fieldwork and accepted by a reviewer.
    pub is_late: bool,
}

/// Where an interview took place (questionnaire `channels.in_person.extra_fields.place`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Inside the outlet.
    Inside,
    /// Outside the outlet.
    Outside,
    /// At the customer's.
    Customer,
    /// Anywhere else.
    Other,
}

impl Place {
    /// Every place.
    pub const ALL: [Place; 4] = [Place::Inside, Place::Outside, Place::Customer, Place::Other];

    /// Name in the questionnaire and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Place::Inside => "inside",
            Place::Outside => "outside",
            Place::Customer => "customer",
            Place::Other => "other",
        }
    }

    /// The place of a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|place| place.as_str() == text)
    }
}

/// A complete submission, ready to be stored once.
#[derive(Debug, Clone)]
pub struct Submission {
    /// Evaluation it belongs to.
    pub evaluation: EvaluationId,
    /// How it came in.
    pub entry: Entry,
    /// What the customer keeps; also makes a repetition the same submission, since the response's id follows from it.
    pub receipt: Receipt,
    /// The checked answers.
    pub answers: Answers,
    /// Language of the form.
    pub language: Language,
    /// Version of the privacy notice that was shown.
    pub notice_version: String,
    /// From handing out the form to its submission, seconds; `None` where unknown.
    pub duration_s: Option<u32>,
    /// Arrival, Unix ms; electronic answers are stored with the hour only.
    pub received_at_ms: i64,
    /// Random salt of the commitment to the answers.
    pub answers_salt: [u8; 16],
    /// Random salt of the commitment to the comment.
    pub comment_salt: [u8; 16],
}

/// The receipt code: 80 bits as `XXXX-XXXX-XXXX-XXXX`. Derived, never stored in clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt(String);

impl Receipt {
    /// The receipt of a form or client id under the server's key.
    pub fn of(key: &[u8], id: &[u8; 16]) -> Self {
        let mac = keyed(key, &[b"perception-receipt-v1", id]);
        let code = data_encoding::BASE32_NOPAD.encode(mac.get(..10).unwrap_or(&mac));
        let mut grouped = String::with_capacity(19);
        for (place, letter) in code.chars().enumerate() {
            if place > 0 && place % 4 == 0 {
                grouped.push('-');
            }
            grouped.push(letter);
        }
        Self(grouped)
    }
    /// Stands for the code while a receipt page is rendered once for everybody.
    pub fn mark() -> Self {
        Self("CODE-GOES-HERE-X".to_owned())
    }
    /// Reads what somebody typed: letter case, spaces and dashes do not matter, 0, 1 and 8 are the letters they look like.
    pub fn parse(typed: &str) -> Option<Self> {
        let mut grouped = String::with_capacity(19);
        for (place, letter) in typed.chars().map(half_width).filter(|c| !is_filler(*c)).enumerate() {
            let meant = match letter.to_ascii_uppercase() {
                '0' => 'O',
                '1' => 'I',
                '8' => 'B',
                other => other,
            };
            if place >= 16 || !matches!(meant, 'A'..='Z' | '2'..='7') {
                return None;
            }
            if place > 0 && place % 4 == 0 {
                grouped.push('-');
            }
            grouped.push(meant);
        }
        (grouped.len() == 19).then_some(Self(grouped))
    }
    /// As shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// The id of the response it belongs to: 128 bits of a hash, so that a stored row tells nothing about the receipt, and
    /// whoever holds the receipt finds the row.
    pub fn response_id(&self) -> ResponseId {
        let mut hash = Sha256::new();
        hash.update(b"perception-receipt-v1");
        hash.update(self.0.as_bytes());
        let mut bytes = [0; 16];
        bytes.iter_mut().zip(hash.finalize()).for_each(|(to, from)| *to = from);
        ResponseId::from_random(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_is_the_same_every_time_and_nobody_elses() {
        let receipt = Receipt::of(b"key", &[9; 16]);
        assert_eq!(receipt, Receipt::of(b"key", &[9; 16]));
        assert_ne!(receipt, Receipt::of(b"key", &[8; 16]));
        assert_ne!(receipt.response_id(), Receipt::of(b"key", &[8; 16]).response_id());
        assert_eq!(receipt.as_str().len(), 19);
        let typed = receipt.as_str().to_lowercase().replace('-', " ").replace('o', "0");
        assert_eq!(Receipt::parse(&typed), Some(receipt.clone()));
        assert_eq!(Receipt::parse(&typed[1..]), None);
        assert_eq!(Receipt::parse(&format!("{typed}A")), None);
        assert_eq!(
            receipt.as_str().split('-').map(str::len).collect::<Vec<_>>(),
            [4, 4, 4, 4]
        );
    }
}
