//! What a device uploads: a text under a 128-bit id and the text's hash. The same id with the same hash is the same
//! interview however often it comes; the same id with another hash is something for a reviewer to look at.

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::form::RawForm;
use super::id::{DispositionId, EvaluationId, InterviewId, OutletId, PersonId};
use super::language::Language;

/// Items of one upload.
pub const ITEMS_MAX: usize = 200;
/// Bytes of one upload.
pub const BATCH_BYTES_MAX: usize = 1024 * 1024;
/// Controls of one form.
const FIELDS_MAX: usize = 400;
/// Bytes of one item's text.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// 128 bits that make an uploaded interview or approach the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClientId([u8; 16]);

impl ClientId {
    /// An id from its 16 bytes.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
    /// Reads 32 hexadecimal digits in small letters.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = data_encoding::HEXLOWER.decode(text.as_bytes()).ok()?;
        Some(Self(bytes.try_into().ok()?))
    }
    /// Its 16 bytes.
    pub fn bytes(self) -> [u8; 16] {
        self.0
    }
    /// As the device writes it.
    pub fn text(self) -> String {
        data_encoding::HEXLOWER.encode(&self.0)
    }
    /// The interview that comes of it.
    pub fn interview(self) -> InterviewId {
        InterviewId::from_random(self.0)
    }
    /// The approach that comes of it.
    pub fn approach(self) -> DispositionId {
        DispositionId::from_random(self.0)
    }
}

/// Which form was filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The interview page.
    Interview,
    /// The form of an approach without interview.
    Approach,
}

impl Kind {
    /// Name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Interview => "interview",
            Kind::Approach => "approach",
        }
    }
    /// The kind of a name.
    pub fn parse(text: &str) -> Option<Self> {
        [Kind::Interview, Kind::Approach]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// Why an item is not readable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Not the form that devices write.
    #[error("not an item")]
    Form,
    /// The text is not the one that was hashed, or not the one of this id.
    #[error("hash or id differs")]
    Hash,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    v: u8,
    id: String,
    kind: Kind,
    evaluation: String,
    outlet: String,
    evaluator: String,
    started_at_ms: i64,
    ended_at_ms: i64,
    clock_offset_ms: Option<i64>,
    form: Vec<(String, String)>,
}

/// An interview or approach from a device, nothing in its form checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its id.
    pub id: ClientId,
    /// SHA-256 of its text, hexadecimal.
    pub hash: String,
    /// Its text as it was sent.
    pub body: String,
    /// Which form.
    pub kind: Kind,
    /// Evaluation.
    pub evaluation: EvaluationId,
    /// Outlet.
    pub outlet: OutletId,
    /// Who filled it in, as the device says; the session must agree.
    pub evaluator: PersonId,
    /// Start by the device's clock, Unix ms.
    pub started_at_ms: i64,
    /// End by the device's clock, Unix ms.
    pub ended_at_ms: i64,
    /// Server minus device when the device last asked, ms.
    pub clock_offset_ms: Option<i64>,
    /// What was filled in.
    pub form: RawForm,
}

impl Item {
    /// Reads an item.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn read(id: &str, hash: &str, body: String) -> Result<Self, Unreadable> {
        if body.len() > BODY_BYTES_MAX {
            return Err(Unreadable::Form);
        }
        if data_encoding::HEXLOWER.encode(&Sha256::digest(body.as_bytes())) != hash {
            return Err(Unreadable::Hash);
        }
        let read: Body = serde_json::from_str(&body).map_err(|_| Unreadable::Form)?;
        if read.id != id {
            return Err(Unreadable::Hash);
        }
        let id = ClientId::parse(id).filter(|_| read.v == 1 && read.form.len() <= FIELDS_MAX);
        let parsed = (|| {
            Some((
                id?,
                read.evaluation.parse().ok()?,
                read.outlet.parse().ok()?,
                read.evaluator.parse().ok()?,
            ))
        })();
        let (id, evaluation, outlet, evaluator) = parsed.ok_or(Unreadable::Form)?;
        Ok(Self {
            id,
            hash: hash.to_owned(),
            body,
            kind: read.kind,
            evaluation,
            outlet,
            evaluator,
            started_at_ms: read.started_at_ms,
            ended_at_ms: read.ended_at_ms,
            clock_offset_ms: read.clock_offset_ms,
            form: RawForm::new(read.form),
        })
    }

    /// Language of the page that was filled in.
    pub fn language(&self) -> Language {
        Language::from_tag(self.form.first("lang")).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "000102030405060708090a0b0c0d0e0f";

    fn body(id: &str) -> String {
        serde_json::json!({
            "v": 1, "id": id, "kind": "approach", "evaluation": EvaluationId::from_random([1; 16]).to_string(),
            "outlet": OutletId::from_random([2; 16]).to_string(), "evaluator": PersonId::from_random([3; 16]).to_string(),
            "started_at_ms": 1, "ended_at_ms": 2, "clock_offset_ms": null, "form": [["outcome", "230"]],
        })
        .to_string()
    }

    fn hash(text: &str) -> String {
        data_encoding::HEXLOWER.encode(&Sha256::digest(text.as_bytes()))
    }

    #[test]
    fn an_item_is_its_text_and_nothing_else() {
        let text = body(ID);
        let item = Item::read(ID, &hash(&text), text.clone()).unwrap();
        assert_eq!((item.id.text().as_str(), item.form.first("outcome")), (ID, "230"));
        assert_eq!(item.id.approach().to_string(), "00010203-0405-4607-8809-0a0b0c0d0e0f");
        let other = text.replace("230", "210");
        assert_eq!(Item::read(ID, &hash(&text), other), Err(Unreadable::Hash));
        let moved = body("100102030405060708090a0b0c0d0e0f");
        assert_eq!(Item::read(ID, &hash(&moved), moved), Err(Unreadable::Hash));
        for wrong in [
            text.replace("\"v\":1", "\"v\":2"),
            text.replace("approach", "other"),
            text.replace("\"started", "\"x\":1,\"started"),
            "{}".into(),
        ] {
            assert_eq!(
                Item::read(ID, &hash(&wrong), wrong.clone()),
                Err(Unreadable::Form),
                "{wrong}"
            );
        }
    }
}
