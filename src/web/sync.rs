//! Devices without network: what they take along, and what they bring back. For the scripts of static/offline alone:
//! JSON, a header that no form can set, the session of whoever filled the forms in.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};
use subtle::ConstantTimeEq;

use super::body;
use super::entrance::Signed;
use super::error::Problem;
use super::interview::{Origin, Recorder};
use super::page::{self, Keep};
use super::state::WebState;
use crate::access::Role;
use crate::store::evaluation::{self, Evaluation};
use crate::store::interview::Outcome;
use crate::store::recording::{self, FieldSetting};
use crate::store::response::SubmitError;
use crate::store::sync::{self, Arrival, Upload, UploadError};
use crate::store::{StoreError, membership, outlet};
use crate::survey::id::{EvaluationId, OutletId, PersonId};
use crate::survey::submission::Receipt;
use crate::survey::upload::{BATCH_BYTES_MAX, ITEMS_MAX, Item};
use crate::view::survey::Trouble;

/// Carries the session's token; no form of another site can send it.
pub const HEADER: &str = "x-perception-sync";

/// `GET /sync`: who is signed in, their token, the time.
pub async fn hello(state: web::Data<WebState>, signed: Signed) -> HttpResponse {
    json(
        false,
        &json!({
            "person": signed.viewer.person.to_string(), "csrf": signed.csrf, "now_ms": state.clock.now_ms(),
        }),
    )
}

pub(super) fn json(gzip: bool, value: &Value) -> HttpResponse {
    page::encoded(
        gzip,
        StatusCode::OK,
        "application/json",
        Keep::Never,
        &value.to_string(),
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Batch {
    /// The device's clock when it sent this.
    sent_at_ms: i64,
    items: Vec<Sent>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    id: String,
    hash: String,
    body: String,
}

/// What became of one item, as the device reads it.
enum Told {
    Taken(Arrival, Receipt),
    /// To be corrected: the fields.
    Invalid(Vec<String>),
    Refused(&'static str),
    /// Tried again later.
    Busy,
}

/// `POST /sync`: each item is taken or not by itself; the answer names what became of each. Order: header → size →
/// readable → whose → member, outlet → form → store.
pub async fn receive(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let kind = request.headers().get(header::CONTENT_TYPE);
    if kind.is_none_or(|kind| kind.as_bytes() != b"application/json") {
        return Err(Trouble::BadRequest.into());
    }
    let token = request.headers().get(HEADER).map_or(&[][..], |value| value.as_bytes());
    if !bool::from(token.ct_eq(signed.csrf.as_bytes())) {
        return Err(Trouble::Forbidden.into());
    }
    let bytes = body::bytes(payload, BATCH_BYTES_MAX).await?;
    let batch: Batch = serde_json::from_slice(&bytes).map_err(|_| Trouble::BadRequest)?;
    if batch.items.len() > ITEMS_MAX {
        return Err(Trouble::TooLarge.into());
    }
    let now_ms = state.clock.now_ms();
    let mut desk = Desk {
        state: &state,
        person: signed.viewer.person,
        upload_offset_ms: now_ms.saturating_sub(batch.sent_at_ms),
        now_ms,
        places: BTreeMap::new(),
    };
    let mut items = Vec::with_capacity(batch.items.len());
    for sent in batch.items {
        let (id, hash) = (sent.id, sent.hash);
        let told = desk.take(&id, &hash, sent.body).await?;
        items.push(told.line(&id, &hash));
    }
    Ok(json(false, &json!({"now_ms": now_ms, "items": items})))
}

impl Told {
    fn line(&self, id: &str, hash: &str) -> Value {
        let (status, state) = match self {
            Self::Taken(Arrival::Stored(_), _) => (200, "stored"),
            Self::Taken(Arrival::Late, _) => (202, "late"),
            Self::Taken(Arrival::Conflict, _) => (409, "conflict"),
            Self::Invalid(_) => (422, "invalid"),
            Self::Refused(_) => (403, "refused"),
            Self::Busy => (503, "busy"),
        };
        let mut line = json!({"id": id, "hash": hash, "status": status, "state": state});
        let (name, value) = match self {
            Self::Taken(Arrival::Stored(Outcome::Ended(code)), _) => ("code", json!(code.as_str())),
            Self::Taken(Arrival::Stored(Outcome::Answered) | Arrival::Late, receipt) => {
                ("receipt", json!(receipt.as_str()))
            }
            Self::Invalid(fields) => ("fields", json!(fields)),
            Self::Refused(why) => ("why", json!(why)),
            Self::Taken(Arrival::Conflict, _) | Self::Busy => return line,
        };
        if let Some(line) = line.as_object_mut() {
            line.insert(name.to_owned(), value);
        }
        line
    }
}

/// An evaluation in which the person interviews.
struct Place {
    evaluation: Evaluation,
    outlets: Vec<OutletId>,
    setting: FieldSetting,
}

/// One upload at work.
struct Desk<'a> {
    state: &'a WebState,
    person: PersonId,
    upload_offset_ms: i64,
    now_ms: i64,
    places: BTreeMap<EvaluationId, Option<Arc<Place>>>,
}

impl Desk<'_> {
    async fn take(&mut self, id: &str, hash: &str, text: String) -> Result<Told, Problem> {
        let Ok(item) = Item::read(id, hash, text) else {
            return Ok(Told::Refused("unreadable"));
        };
        if item.evaluator != self.person {
            return Ok(Told::Refused("foreign"));
        }
        let Some(place) = self.place(item.evaluation).await? else {
            return Ok(Told::Refused("place"));
        };
        if !place.outlets.contains(&item.outlet) {
            return Ok(Told::Refused("place"));
        }
        let recorder = Recorder {
            key: &self.state.key,
            evaluation: &place.evaluation,
            setting: place.setting,
        };
        let origin = Origin::of(&item, self.person, self.upload_offset_ms, self.now_ms);
        let record = match recorder.record(item.kind, &item.form, &origin) {
            Ok(record) => record,
            Err(errors) => return Ok(Told::Invalid(errors.into_iter().map(|error| error.field).collect())),
        };
        let receipt = Receipt::of(self.state.key.bytes(), &item.id.bytes());
        let upload = Upload {
            evaluation: item.evaluation,
            key: (item.id, item.hash),
            kind: item.kind,
            body: item.body,
            evaluator: self.person,
            outlet: item.outlet,
            record,
            clock_offset_ms: origin
                .clock
                .map(crate::survey::paradata::ClockOffset::worst)
                .unwrap_or_default(),
            at_ms: self.now_ms,
        };
        let instrument = Arc::clone(&place.evaluation.instrument);
        let stored = self
            .state
            .store
            .write(move |tx| sync::receive(tx, &instrument, &upload));
        Ok(match stored.await {
            Ok(arrival) => Told::Taken(arrival, receipt),
            Err(UploadError::Foreign) => Told::Refused("foreign"),
            Err(UploadError::Submit(SubmitError::Refused(_))) => Told::Refused("not open"),
            Err(UploadError::Submit(SubmitError::Store(error))) if error.is_passing() => Told::Busy,
            Err(UploadError::Submit(error)) => return Err(error.into()),
        })
    }

    /// The evaluation, if the person is one of its evaluators; looked up once an upload.
    async fn place(&mut self, id: EvaluationId) -> Result<Option<Arc<Place>>, Problem> {
        if let Some(known) = self.places.get(&id) {
            return Ok(known.clone());
        }
        let (person, catalogue) = (self.person, Arc::clone(self.state.store.catalogue()));
        let found = self
            .state
            .store
            .read(move |conn| -> Result<_, StoreError> {
                if !membership::roles(conn, id, person)?.has(Role::Evaluator) {
                    return Ok(None);
                }
                let Some(evaluation) = evaluation::find(conn, &catalogue, id)? else {
                    return Ok(None);
                };
                let outlets = outlet::list(conn, id)?.into_iter().map(|outlet| outlet.id).collect();
                let setting = recording::setting(conn, id)?;
                Ok(Some(Arc::new(Place {
                    evaluation,
                    outlets,
                    setting,
                })))
            })
            .await?;
        self.places.insert(id, found.clone());
        Ok(found)
    }
}
