//! What devices uploaded too late, or twice with different content: a reviewer decides. What the evaluation asks for
//! besides answers, and telephone numbers left for verification.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::acting::back;
use super::body;
use super::entrance::Signed;
use super::error::Problem;
use super::interview::{Origin, Recorder};
use super::page;
use super::state::WebState;
use crate::access::Role;
use crate::phone;
use crate::store::contact_phone;
use crate::store::evaluation::Evaluation;
use crate::store::late::{self, DecideError, Kept};
use crate::store::recording::{self, FieldSetting};
use crate::store::response::SubmitError;
use crate::store::{Conn, StoreError, account, membership, outlet};
use crate::survey::evaluation::EvaluationState;
use crate::survey::form::{FieldError, FormReader, Problem as Wrong, RawForm};
use crate::survey::id::{InterviewId, PersonId};
use crate::survey::paradata::ClockOffset;
use crate::survey::upload::{Item, Kind};
use crate::view;
use crate::view::interview::{Number, REASON_MAX, Shown};
use crate::view::office::{Desk, Room};
use crate::view::survey::Trouble;

/// Items on the page; a survey with more has other worries.
const ROWS_MAX: i64 = 500;

/// `GET /evaluations/{evaluation}/uploads`.
pub async fn list(request: HttpRequest, state: web::Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    let (evaluation, desk) = signed.inside(&request, &state, Room::Interviews).await?;
    let (id, key) = (evaluation.id, state.store.key()?.clone());
    let (kept, setting) = state
        .store
        .read(move |conn| -> Result<_, StoreError> {
            let kept = late::list_kept(conn, &key, id, ROWS_MAX)?;
            Ok((shown(conn, &evaluation, kept)?, recording::setting(conn, id)?))
        })
        .await?;
    let may_set = signed.inside.has(Role::Manager) && is_before_closing(&desk);
    let may_decide = signed.inside.has(Role::Reviewer);
    let asks = (setting.asks_location, setting.asks_phone);
    let text = view::interview::uploads(&desk, id, &kept, may_decide, asks, may_set)?;
    Ok(page::office(&request, StatusCode::OK, &text))
}

fn is_before_closing(desk: &Desk) -> bool {
    let state = desk.here.as_ref().map(|(here, _)| here.state);
    state.is_some_and(|state| state <= EvaluationState::Open)
}

/// Names instead of ids; times by the server's clock.
fn shown(conn: &mut Conn, evaluation: &Evaluation, kept: Vec<Kept>) -> Result<Vec<Shown>, StoreError> {
    let outlets: BTreeMap<_, _> = outlet::list(conn, evaluation.id)?
        .into_iter()
        .map(|outlet| (outlet.id, outlet.name))
        .collect();
    let mut names: BTreeMap<PersonId, String> = BTreeMap::new();
    let mut name = |conn: &mut Conn, person: PersonId| -> Result<String, StoreError> {
        if let Some(known) = names.get(&person) {
            return Ok(known.clone());
        }
        let found = account::find(conn, person)?.map_or_else(|| person.to_string(), |account| account.name);
        names.insert(person, found.clone());
        Ok(found)
    };
    kept.into_iter()
        .map(|kept| {
            let (client, hash) = (kept.key.0.text(), kept.key.1.clone());
            let item = match kept.body.as_str() {
                "" => None,
                text => Some(
                    Item::read(&client, &hash, text.to_owned())
                        .map_err(|e| StoreError::Corrupt(format!("upload {client}: {e}")))?,
                ),
            };
            let span = |item: &Item| {
                let clock = ClockOffset {
                    before: item.clock_offset_ms,
                    upload: kept.clock_offset_ms,
                };
                (clock.correct(item.started_at_ms), clock.correct(item.ended_at_ms))
            };
            let decision = match &kept.decision {
                None => None,
                Some(verdict) => Some((
                    verdict.accepted,
                    verdict.reason.clone(),
                    name(conn, verdict.by)?,
                    verdict.at_ms,
                )),
            };
            Ok(Shown {
                client,
                hash,
                evaluator: name(conn, kept.evaluator)?,
                outlet: outlets.get(&kept.outlet).cloned().unwrap_or_default(),
                is_interview: kept.kind == Kind::Interview,
                is_conflict: kept.is_conflict,
                is_outside: item
                    .as_ref()
                    .map(span)
                    .is_some_and(|(from, to)| evaluation.field.admit(from, to.max(from)).is_err()),
                span_ms: item.as_ref().map(span),
                arrived_at_ms: kept.at_ms,
                clock_offset_ms: kept.clock_offset_ms,
                decision,
            })
        })
        .collect()
}

/// `POST /evaluations/{evaluation}/uploads`: what evaluators may ask for besides answers.
pub async fn set(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let (evaluation, desk) = signed.inside(&request, &state, Room::Interviews).await?;
    let id = evaluation.id;
    if is_before_closing(&desk) {
        let to = FieldSetting {
            asks_location: form.has("location", "yes"),
            asks_phone: form.has("phone", "yes"),
        };
        let (actor, now_ms) = (signed.actor(), state.clock.now_ms());
        let done: Result<(), StoreError> = state
            .store
            .write(move |tx| recording::set(tx, id, to, (&actor, now_ms)))
            .await;
        done?;
    }
    Ok(back(id, "uploads"))
}

/// An item, the way to its page, and the evaluation.
struct Found {
    evaluation: Evaluation,
    desk: Desk,
    kept: Kept,
    shown: Shown,
}

async fn find(
    request: &HttpRequest,
    state: &WebState,
    signed: &Signed,
    (client, hash): &(String, String),
) -> Result<Found, Problem> {
    let (evaluation, desk) = signed.inside(request, state, Room::Interviews).await?;
    let (id, client, hash) = (evaluation.id, client.clone(), hash.clone());
    let key = state.store.key()?.clone();
    let found = state
        .store
        .read(move |conn| -> Result<_, StoreError> {
            let kept = late::list_kept(conn, &key, id, ROWS_MAX)?;
            let wanted = |kept: &Kept| kept.key.0.text() == client && kept.key.1 == hash;
            let Some(kept) = kept.into_iter().find(wanted) else {
                return Ok(None);
            };
            let shown = shown(conn, &evaluation, vec![kept.clone()])?.pop();
            Ok(shown.map(|shown| (evaluation, kept, shown)))
        })
        .await?;
    let (evaluation, kept, shown) = found.ok_or(Trouble::NotFound)?;
    Ok(Found {
        evaluation,
        desk,
        kept,
        shown,
    })
}

/// `GET /evaluations/{evaluation}/uploads/{client}/{hash}`.
pub async fn item(
    request: HttpRequest,
    state: web::Data<WebState>,
    signed: Signed,
    path: web::Path<(String, String, String)>,
) -> Result<HttpResponse, Problem> {
    let (_, client, hash) = path.into_inner();
    let found = find(&request, &state, &signed, &(client, hash)).await?;
    found.page(&request, StatusCode::OK, &RawForm::default(), &[])
}

/// `POST /evaluations/{evaluation}/uploads/{client}/{hash}`: counts it, or sets it aside, with a reason.
pub async fn decide(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<WebState>,
    signed: Signed,
    path: web::Path<(String, String, String)>,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let (_, client, hash) = path.into_inner();
    let found = find(&request, &state, &signed, &(client, hash)).await?;
    let mut reader = FormReader::new(&form);
    let accepts = reader.choice("decision", |value| match value {
        "accept" => Some(true),
        "reject" => Some(false),
        _ => None,
    });
    let reason = reader.required_line("reason", REASON_MAX);
    let refused = |errors: &[FieldError]| found.page(&request, StatusCode::UNPROCESSABLE_ENTITY, &form, errors);
    let accepts = match reader.done(accepts) {
        Ok(accepts) => accepts,
        Err(errors) => return refused(&errors),
    };
    let wrong = |problem| [FieldError::new("decision", problem)];
    if found.kept.evaluator == signed.viewer.person {
        return refused(&wrong(Wrong::OwnWork));
    }
    let (evaluation, evaluator) = (found.evaluation.id, found.kept.evaluator);
    let roles: Result<_, StoreError> = state
        .store
        .read(move |conn| membership::roles(conn, evaluation, evaluator))
        .await;
    // The database takes interviews of the evaluation's evaluators only.
    if accepts && !roles?.has(Role::Evaluator) {
        return refused(&wrong(Wrong::NotEntitled));
    }
    let record = match accepts {
        true => Some(found.record(&state).await?),
        false => None,
    };
    let (id, key) = (found.evaluation.id, found.kept.key.clone());
    let (instrument, by, now_ms) = (
        Arc::clone(&found.evaluation.instrument),
        signed.viewer.person,
        state.clock.now_ms(),
    );
    let decided = state
        .store
        .write(move |tx| {
            late::decide(
                tx,
                &instrument,
                id,
                (key.0, &key.1),
                record.as_ref(),
                (by, &reason, now_ms),
            )
        })
        .await;
    match decided {
        Ok(()) => Ok(back(id, "uploads")),
        Err(DecideError::NothingWaits) => refused(&wrong(Wrong::Changed)),
        Err(DecideError::NotNow | DecideError::Submit(SubmitError::Refused(_))) => refused(&wrong(Wrong::NotPossible)),
        Err(DecideError::Submit(error)) => Err(error.into()),
    }
}

impl Found {
    fn page(
        &self,
        request: &HttpRequest,
        status: StatusCode,
        form: &RawForm,
        errors: &[FieldError],
    ) -> Result<HttpResponse, Problem> {
        let text = view::interview::upload(&self.desk, self.evaluation.id, &self.shown, form, errors)?;
        Ok(page::office(request, status, &text))
    }

    /// What would have been stored had it come in time.
    async fn record(&self, state: &WebState) -> Result<recording::Record, Problem> {
        let id = self.evaluation.id;
        let setting: Result<_, StoreError> = state.store.read(move |conn| recording::setting(conn, id)).await;
        let kept = &self.kept;
        let corrupt = |what: &str| StoreError::Corrupt(format!("upload {}: {what}", kept.key.0.text()));
        let item = Item::read(&kept.key.0.text(), &kept.key.1, kept.body.clone()).map_err(|_| corrupt("text"))?;
        let origin = Origin {
            is_late: true,
            ..Origin::of(&item, kept.evaluator, kept.clock_offset_ms, kept.at_ms)
        };
        let recorder = Recorder {
            key: &state.key,
            evaluation: &self.evaluation,
            setting: setting?,
        };
        // It was checked when it arrived, against the same questionnaire.
        Ok(recorder
            .record(item.kind, &item.form, &origin)
            .map_err(|_| corrupt("form"))?)
    }
}

/// `GET /evaluations/{evaluation}/phones`: numbers that customers left; looking is logged.
pub async fn phones(request: HttpRequest, state: web::Data<WebState>, signed: Signed) -> Result<HttpResponse, Problem> {
    let (evaluation, desk) = signed.inside(&request, &state, Room::Interviews).await?;
    let (id, actor, now_ms) = (evaluation.id, signed.actor(), state.clock.now_ms());
    let rows = state
        .store
        .write(move |tx| -> Result<_, StoreError> {
            let rows = contact_phone::list(tx.conn, id)?;
            if !rows.is_empty() {
                contact_phone::note_seen(tx, id, &actor, now_ms)?;
            }
            Ok(rows)
        })
        .await?;
    let numbers: Vec<Number> = rows
        .into_iter()
        .map(|row| Number {
            number: phone::reveal(&state.key, (id, row.interview), &row.sealed),
            interview: row.interview.to_string(),
            consented_at_ms: row.consented_at_ms,
            verified_at_ms: row.verified_at_ms,
        })
        .collect();
    let text = view::interview::phones(&desk, id, &numbers)?;
    Ok(page::office(&request, StatusCode::OK, &text))
}

/// `POST /evaluations/{evaluation}/phones`: the interview was verified by a call.
pub async fn verify(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<WebState>,
    signed: Signed,
) -> Result<HttpResponse, Problem> {
    let form = body::signed_form(&request, payload, &signed).await?;
    let id = signed.evaluation.ok_or(Trouble::NotFound)?;
    let interview: InterviewId = form.first("interview").parse().map_err(|_| Trouble::BadRequest)?;
    let (actor, now_ms) = (signed.actor(), state.clock.now_ms());
    let done: Result<(), StoreError> = state
        .store
        .write(move |tx| contact_phone::verify(tx, id, interview, &actor, now_ms))
        .await;
    done?;
    Ok(back(id, "phones"))
}
