//! An evaluator's device as far as the server sees it: items with ids and hashes, uploads.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::harness::{Page, Staff, TestApp};
use crate::interview_journey::{begin, filled};

/// An evaluator's device.
pub struct Device<'a> {
    pub app: &'a TestApp,
    pub evaluator: &'a Staff,
    /// Server minus device, ms.
    pub offset_ms: i64,
}

/// `(id, hash, body)`.
pub type Item = (String, String, String);

impl Device<'_> {
    pub fn now_ms(&self) -> i64 {
        self.app.installation.clock.now_ms() - self.offset_ms
    }

    /// An item with these pairs.
    pub fn item(&self, id: &str, kind: &str, pairs: &[(String, String)], known_offset_ms: Option<i64>) -> Item {
        let pairs: Vec<_> = pairs.iter().filter(|(name, _)| name != "csrf").collect();
        let body = json!({
            "v": 1, "id": id, "kind": kind, "evaluation": self.app.wave.id.to_string(),
            "outlet": self.app.wave.outlets[0].to_string(), "evaluator": self.evaluator.person.unwrap().to_string(),
            "started_at_ms": self.now_ms() - 300_000, "ended_at_ms": self.now_ms(), "clock_offset_ms": known_offset_ms,
            "form": pairs,
        });
        sealed(id, &body.to_string())
    }

    /// A complete interview.
    pub fn interview(&self, id: &str, rating: &str) -> Item {
        let form = filled(&begin(self.app, self.evaluator), &["outlet"], rating);
        self.item(id, "interview", &form.pairs(), Some(self.offset_ms))
    }

    /// An approach that led to none.
    pub fn approach(&self, id: &str, outcome: &str) -> Item {
        let pairs = [("contact_no", "7"), ("outcome", outcome), ("refusal_reason", "fear")];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        self.item(id, "approach", &pairs, None)
    }

    /// Uploads; the answer about each.
    pub fn upload(&self, items: &[Item]) -> Vec<Value> {
        let page = self.send(items);
        assert_eq!(page.status, 200, "{}", page.source());
        page.json()["items"].as_array().unwrap().clone()
    }

    pub fn send(&self, items: &[Item]) -> Page {
        let hello = self.evaluator.get("/sync");
        assert_eq!(hello.status, 200);
        let csrf = hello.json()["csrf"].as_str().unwrap().to_owned();
        self.post(items, &csrf)
    }

    pub fn post(&self, items: &[Item], csrf: &str) -> Page {
        let items: Vec<Value> = items
            .iter()
            .map(|(id, hash, body)| json!({"id": id, "hash": hash, "body": body}))
            .collect();
        let batch = json!({"sent_at_ms": self.now_ms(), "items": items}).to_string();
        let headers = [("content-type", "application/json"), ("x-perception-sync", csrf)];
        self.evaluator.post_bytes("/sync", &headers, batch.as_bytes())
    }
}

pub fn sealed(id: &str, body: &str) -> Item {
    let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(body.as_bytes()));
    (id.to_owned(), hash, body.to_owned())
}

pub fn id(n: u8) -> String {
    format!("{n:02x}").repeat(16)
}

pub fn states(told: &[Value]) -> Vec<(String, i64)> {
    told.iter()
        .map(|line| {
            (
                line["state"].as_str().unwrap().to_owned(),
                line["status"].as_i64().unwrap(),
            )
        })
        .collect()
}
