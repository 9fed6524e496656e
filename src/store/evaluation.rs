//! Evaluations.

use std::sync::Arc;

use diesel::prelude::*;

use super::catalogue::Catalogue;
use super::conn::{Conn, locked};
use super::schema::{evaluation, organisation, person};
use super::{StoreError, WriteTx, event, field, ledger, plan, policy};
use crate::survey::evaluation::{EvaluationState, Mode};
use crate::survey::event::Event;
use crate::survey::field::Field;
use crate::survey::id::{EvaluationId, OrganisationId, PersonId};
use crate::survey::instrument::Instrument;
use crate::survey::language::{Language, Text};
use crate::survey::questionnaire::Choice;
use crate::survey::setup::Settings;

/// An evaluation as pages and commands need it.
#[derive(Debug, Clone)]
pub struct Evaluation {
    /// Its id.
    pub id: EvaluationId,
    /// Name of the organisation.
    pub firm: Text,
    /// Title of the wave.
    pub title: Text,
    /// State.
    pub state: EvaluationState,
    /// Questionnaire and method.
    pub instrument: Arc<Instrument>,
    /// Version of the privacy notice, from opening on.
    pub notice_version: Option<String>,
    /// Products in the certified scope.
    pub products: Vec<Choice>,
    /// Until when answers are kept, as shown in the notice.
    pub retention_end: String,
    /// Why it is done.
    pub mode: Mode,
    /// The certified scope in words.
    pub scope: String,
    /// What its plan lets in.
    pub field: Field,
}

/// A new evaluation; starts as a draft.
#[derive(Debug, Clone)]
pub struct NewEvaluation {
    /// Its id.
    pub id: EvaluationId,
    /// Whose.
    pub organisation: OrganisationId,
    /// Title of the wave.
    pub title: Text,
    /// Hash of the questionnaire.
    pub questionnaire_hash: String,
    /// Hash of the method.
    pub method_hash: String,
    /// Products in the certified scope; empty = customers are not asked.
    pub products: Vec<Choice>,
    /// Until when answers are kept (a date).
    pub retention_end: String,
    /// Why it is done.
    pub mode: Mode,
    /// The certified scope in words.
    pub scope: String,
}

/// Adds somebody of the certification body.
///
/// # Errors
/// [`StoreError::Database`], also when the registration number is taken.
pub fn insert_person(
    tx: &mut WriteTx<'_>,
    id: PersonId,
    name: &str,
    registration_no: &str,
    now_ms: i64,
) -> Result<(), StoreError> {
    let row = (
        person::id.eq(id.to_string()),
        person::name.eq(name),
        person::registration_no.eq(registration_no),
        person::created_at_ms.eq(now_ms),
    );
    diesel::insert_into(person::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Adds an evaluation as a draft; its first event is its creation.
///
/// # Errors
/// [`StoreError::Database`].
pub fn insert(tx: &mut WriteTx<'_>, new: &NewEvaluation, actor: &str, now_ms: i64) -> Result<(), StoreError> {
    let row = (
        evaluation::id.eq(new.id.to_string()),
        evaluation::organisation_id.eq(new.organisation.to_string()),
        evaluation::title_zh.eq(new.title.get(Language::ZhCn)),
        evaluation::title_en.eq(new.title.get(Language::En)),
        evaluation::state.eq(EvaluationState::Draft.as_str()),
        evaluation::questionnaire_hash.eq(&new.questionnaire_hash),
        evaluation::method_hash.eq(&new.method_hash),
        evaluation::products.eq(products_text(&new.products)?),
        evaluation::retention_end.eq(&new.retention_end),
        evaluation::created_at_ms.eq(now_ms),
        evaluation::mode.eq(new.mode.as_str()),
        evaluation::scope.eq(&new.scope),
    );
    diesel::insert_into(evaluation::table).values(row).execute(tx.conn)?;
    let data = serde_json::json!({"questionnaire": new.questionnaire_hash, "method": new.method_hash});
    log(tx, new.id, actor, "evaluation.created", &data, now_ms)
}

fn products_text(products: &[Choice]) -> Result<String, StoreError> {
    serde_json::to_string(&products.iter().map(|p| (&p.id, &p.text)).collect::<Vec<_>>())
        .map_err(|e| StoreError::Corrupt(e.to_string()))
}

/// Changes a draft's title, mode, scope, products and retention, and logs it.
///
/// # Errors
/// [`StoreError::Database`], also when the plan is fixed.
pub fn change_settings(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    to: &Settings,
    actor: &str,
    now_ms: i64,
) -> Result<(), StoreError> {
    let values = (
        evaluation::title_zh.eq(to.title.get(Language::ZhCn)),
        evaluation::title_en.eq(to.title.get(Language::En)),
        evaluation::mode.eq(to.mode.as_str()),
        evaluation::scope.eq(&to.scope),
        evaluation::products.eq(products_text(&to.products)?),
        evaluation::retention_end.eq(to.retention_end.to_string()),
    );
    let row = evaluation::table.find(id.to_string());
    diesel::update(row).set(values).execute(tx.conn)?;
    let products: Vec<&Text> = to.products.iter().map(|product| &product.text).collect();
    let data = serde_json::json!({
        "title": to.title, "mode": to.mode.as_str(), "scope": to.scope, "products": products,
        "retention_end": to.retention_end.to_string(),
    });
    log(tx, id, actor, "evaluation.changed", &data, now_ms)
}

/// Gives a draft another questionnaire and method (their hashes), and logs it.
///
/// # Errors
/// [`StoreError::Database`], also when the plan is fixed.
pub fn choose_instrument(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    (questionnaire, method): (&str, &str),
    actor: &str,
    now_ms: i64,
) -> Result<(), StoreError> {
    let values = (
        evaluation::questionnaire_hash.eq(questionnaire),
        evaluation::method_hash.eq(method),
    );
    let row = evaluation::table.find(id.to_string());
    diesel::update(row).set(values).execute(tx.conn)?;
    let data = serde_json::json!({"questionnaire": questionnaire, "method": method});
    log(tx, id, actor, "instrument.chosen", &data, now_ms)
}

/// The state of an evaluation, which nobody else can change until the transaction ends.
///
/// # Errors
/// [`StoreError::Database`] when there is no such evaluation.
pub fn held_state(tx: &mut WriteTx<'_>, id: EvaluationId) -> Result<EvaluationState, StoreError> {
    lock(tx.conn, id)?;
    let row = evaluation::table.find(id.to_string()).select(evaluation::state);
    let state: String = row.first(tx.conn)?;
    EvaluationState::parse(&state).ok_or_else(|| StoreError::Corrupt(format!("state {state}")))
}

/// Moves an evaluation one step on and logs it. Opening needs the notice that customers will see. Freezing fixes the sampling
/// plan for the outlets as they are, the usual one where none was made, and logs its hash.
///
/// # Errors
/// [`StoreError::Corrupt`] when there is no next state; [`StoreError::Database`] when the database refuses the step.
pub fn advance(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    to: EvaluationState,
    notice_version: Option<&str>,
    actor: &str,
    now_ms: i64,
) -> Result<(), StoreError> {
    let plan_hash = match to == EvaluationState::Frozen && held_state(tx, id)? == EvaluationState::Draft {
        true => {
            let plan = plan::present(tx.conn, id)?;
            Some(plan::put(tx, id, &plan)?)
        }
        false => None,
    };
    let row = evaluation::table.find(id.to_string());
    match notice_version {
        Some(version) => {
            let values = (
                evaluation::state.eq(to.as_str()),
                evaluation::notice_version.eq(version),
            );
            diesel::update(row).set(values).execute(tx.conn)?
        }
        None => diesel::update(row)
            .set(evaluation::state.eq(to.as_str()))
            .execute(tx.conn)?,
    };
    if to == EvaluationState::Closed {
        ledger::record(tx, id, true, now_ms)?;
    }
    // What is opened now is judged by what the scheme owner has settled by now.
    let policy = match to == EvaluationState::Open {
        true => Some(policy::bind(tx, id)?),
        false => None,
    };
    let data = match (notice_version, plan_hash) {
        (Some(version), _) => serde_json::json!({"notice": version, "policy": policy}),
        (None, Some(hash)) => serde_json::json!({"plan": hash}),
        (None, None) => serde_json::json!({}),
    };
    log(tx, id, actor, &format!("evaluation.{}", to.as_str()), &data, now_ms)
}

/// Logs that somebody opened interim results during fieldwork: a deliberate act that rules out an extension
/// (requirements.md §6).
///
/// # Errors
/// [`StoreError::Database`].
pub fn open_interim_results(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    actor: &str,
    reason: &str,
    now_ms: i64,
) -> Result<(), StoreError> {
    log(
        tx,
        id,
        actor,
        INTERIM_OPENED,
        &serde_json::json!({"reason": reason}),
        now_ms,
    )
}

/// Whether anybody has opened interim results.
///
/// # Errors
/// [`StoreError::Database`].
pub fn is_interim_opened(conn: &mut Conn, id: EvaluationId) -> Result<bool, StoreError> {
    let events = event::list_by_object(conn, id, "")?;
    Ok(events.iter().any(|event| event.action == INTERIM_OPENED))
}

/// The action of [`open_interim_results`].
pub const INTERIM_OPENED: &str = "interim.opened";

fn log(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    actor: &str,
    action: &str,
    data: &serde_json::Value,
    at_ms: i64,
) -> Result<(), StoreError> {
    let happened = Event {
        at_ms,
        actor: actor.to_owned(),
        action: action.to_owned(),
        object: String::new(),
        data: data.to_string(),
    };
    event::append(tx, id, &happened)
}

/// Locks an evaluation's row for the transaction (SQLite: the transaction itself is the lock).
///
/// # Errors
/// [`StoreError::Database`] when there is no such evaluation.
pub(super) fn lock(conn: &mut Conn, id: EvaluationId) -> Result<(), StoreError> {
    let row = evaluation::table.find(id.to_string()).select(evaluation::id);
    let _: String = locked!(conn, row, for_update, |q, c| q.first(c))?;
    Ok(())
}

/// The state of an evaluation; `None` when there is no such evaluation.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn state(conn: &mut Conn, id: EvaluationId) -> Result<Option<EvaluationState>, StoreError> {
    let name: Option<String> = evaluation::table
        .find(id.to_string())
        .select(evaluation::state)
        .first(conn)
        .optional()?;
    name.map(|name| EvaluationState::parse(&name).ok_or_else(|| StoreError::Corrupt(format!("state {name}"))))
        .transpose()
}

/// An evaluation by its id.
///
/// # Errors
/// [`StoreError::Corrupt`] for rows the program cannot have written.
pub fn find(conn: &mut Conn, catalogue: &Catalogue, id: EvaluationId) -> Result<Option<Evaluation>, StoreError> {
    type Row = (
        (String, String, String, String),
        (String, String, String, Option<String>),
        (String, String, String, String),
        field::Row,
    );
    let row: Option<Row> = evaluation::table
        .inner_join(organisation::table)
        .filter(evaluation::id.eq(id.to_string()))
        .select((
            (
                organisation::name_zh,
                organisation::name_en,
                evaluation::title_zh,
                evaluation::title_en,
            ),
            (
                evaluation::state,
                evaluation::questionnaire_hash,
                evaluation::method_hash,
                evaluation::notice_version,
            ),
            (
                evaluation::products,
                evaluation::retention_end,
                evaluation::mode,
                evaluation::scope,
            ),
            (
                evaluation::field_ways,
                evaluation::field_from_ms,
                evaluation::field_until_ms,
            ),
        ))
        .first(conn)
        .optional()?;
    let Some((named, (state, questionnaire, method, notice_version), (products, retention_end, mode, scope), fields)) =
        row
    else {
        return Ok(None);
    };
    let (firm_zh, firm_en, title_zh, title_en) = named;
    let products: Vec<(String, Text)> =
        serde_json::from_str(&products).map_err(|e| StoreError::Corrupt(e.to_string()))?;
    Ok(Some(Evaluation {
        id,
        firm: Text::new(firm_zh, firm_en),
        title: Text::new(title_zh, title_en),
        state: EvaluationState::parse(&state).ok_or_else(|| StoreError::Corrupt(format!("state {state}")))?,
        instrument: catalogue.instrument(conn, &questionnaire, &method)?,
        notice_version,
        products: products.into_iter().map(|(id, text)| Choice { id, text }).collect(),
        retention_end,
        mode: Mode::parse(&mode).ok_or_else(|| StoreError::Corrupt(format!("mode {mode}")))?,
        scope,
        field: field::read(fields)?,
    }))
}

/// The ids of all evaluations, oldest first.
///
/// # Errors
/// [`StoreError::Database`].
pub fn list_ids(conn: &mut Conn) -> Result<Vec<EvaluationId>, StoreError> {
    let ids: Vec<String> = evaluation::table
        .order((evaluation::created_at_ms, evaluation::id))
        .select(evaluation::id)
        .load(conn)?;
    ids.into_iter()
        .map(|id| id.parse().map_err(|_| StoreError::Corrupt(format!("evaluation {id}"))))
        .collect()
}
