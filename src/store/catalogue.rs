//! Questionnaires and methods: immutable, named by hash, read and checked once per process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use diesel::prelude::*;

use super::conn::{Conn, per_backend};
use super::schema::{method, notice, questionnaire};
use super::{StoreError, WriteTx};
use crate::survey::instrument::Instrument;
use crate::survey::language::{Language, Text};
use crate::survey::method::Method;
use crate::survey::notice::Notice;
use crate::survey::questionnaire::Questionnaire;

/// The instruments in use. There are as many as there are versions: a handful.
#[derive(Default)]
pub struct Catalogue(Mutex<HashMap<(String, String), Arc<Instrument>>>);

impl Catalogue {
    /// The instrument of a questionnaire and a method.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the stored files do not pass their checks.
    pub fn instrument(
        &self,
        conn: &mut Conn,
        questionnaire: &str,
        method: &str,
    ) -> Result<Arc<Instrument>, StoreError> {
        let key = (questionnaire.to_owned(), method.to_owned());
        if let Some(found) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Arc::clone(found));
        }
        let instrument = Arc::new(load(conn, questionnaire, method)?);
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key, Arc::clone(&instrument));
        Ok(instrument)
    }
}

pub(super) fn load(conn: &mut Conn, questionnaire_hash: &str, method_hash: &str) -> Result<Instrument, StoreError> {
    let corrupt = |e: &dyn std::fmt::Display| StoreError::Corrupt(e.to_string());
    let body: String = questionnaire::table
        .find(questionnaire_hash)
        .select(questionnaire::body)
        .first(conn)?;
    let questionnaire = Questionnaire::from_json(body.as_bytes()).map_err(|e| corrupt(&e))?;
    let body: String = method::table.find(method_hash).select(method::body).first(conn)?;
    let method = Method::from_json(body.as_bytes()).map_err(|e| corrupt(&e))?;
    if questionnaire.hash() != questionnaire_hash || method.hash() != method_hash {
        return Err(corrupt(&"a questionnaire or method differs from its hash"));
    }
    Instrument::new(questionnaire, method).map_err(|e| corrupt(&e))
}

/// The files of a questionnaire and a method, as they were added.
///
/// # Errors
/// [`StoreError::Database`] when there is none.
pub fn bodies(conn: &mut Conn, questionnaire_hash: &str, method_hash: &str) -> Result<(String, String), StoreError> {
    let by_hash = questionnaire::table.find(questionnaire_hash);
    let questionnaire = by_hash.select(questionnaire::body).first(conn)?;
    let method = method::table.find(method_hash).select(method::body).first(conn)?;
    Ok((questionnaire, method))
}

/// Adds a questionnaire file under its hash.
///
/// # Errors
/// [`StoreError::Database`].
pub fn insert_questionnaire_if_missing(
    tx: &mut WriteTx<'_>,
    checked: &Questionnaire,
    body: &str,
) -> Result<(), StoreError> {
    let row = (questionnaire::hash.eq(checked.hash()), questionnaire::body.eq(body));
    per_backend!(&mut *tx.conn, |c| diesel::insert_into(questionnaire::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// Adds a method file under its hash.
///
/// # Errors
/// [`StoreError::Database`].
pub fn insert_method_if_missing(tx: &mut WriteTx<'_>, checked: &Method, body: &str) -> Result<(), StoreError> {
    let row = (method::hash.eq(checked.hash()), method::body.eq(body));
    per_backend!(&mut *tx.conn, |c| diesel::insert_into(method::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// Adds a notice under its version.
///
/// # Errors
/// [`StoreError::Database`].
pub fn insert_notice_if_missing(tx: &mut WriteTx<'_>, shown: &Notice) -> Result<(), StoreError> {
    let row = (
        notice::version.eq(&shown.version),
        notice::text_zh.eq(shown.text.get(Language::ZhCn)),
        notice::text_en.eq(shown.text.get(Language::En)),
    );
    per_backend!(&mut *tx.conn, |c| diesel::insert_into(notice::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// The notice of a version.
///
/// # Errors
/// [`StoreError::Database`] when there is none.
pub fn notice(conn: &mut Conn, version: &str) -> Result<Notice, StoreError> {
    let (zh, en): (String, String) = notice::table
        .find(version)
        .select((notice::text_zh, notice::text_en))
        .first(conn)?;
    Ok(Notice {
        version: version.to_owned(),
        text: Text::new(zh, en),
    })
}

/// Every questionnaire and every method, checked, in the order of their names and versions.
///
/// # Errors
/// [`StoreError::Corrupt`] when a stored file does not pass its checks.
pub fn list(conn: &mut Conn) -> Result<(Vec<Questionnaire>, Vec<Method>), StoreError> {
    let corrupt = |e: &dyn std::fmt::Display| StoreError::Corrupt(e.to_string());
    let bodies: Vec<String> = questionnaire::table.select(questionnaire::body).load(conn)?;
    let questionnaires = bodies
        .iter()
        .map(|body| Questionnaire::from_json(body.as_bytes()).map_err(|e| corrupt(&e)));
    let mut questionnaires: Vec<Questionnaire> = questionnaires.collect::<Result<_, _>>()?;
    questionnaires.sort_by(|a, b| (a.id(), a.version(), a.hash()).cmp(&(b.id(), b.version(), b.hash())));
    let bodies: Vec<String> = method::table.select(method::body).load(conn)?;
    let methods = bodies
        .iter()
        .map(|body| Method::from_json(body.as_bytes()).map_err(|e| corrupt(&e)));
    let mut methods: Vec<Method> = methods.collect::<Result<_, _>>()?;
    methods.sort_by(|a, b| (a.name(), a.hash()).cmp(&(b.name(), b.hash())));
    Ok((questionnaires, methods))
}

/// The questionnaire and the method that come with the program: the usual choice.
const USUAL_QUESTIONNAIRE: &str = include_str!("../../questionnaires/cqm-after-sales-perception-1.1.0.json");
const USUAL_METHOD: &str = include_str!("../../methods/default-1.0.0.json");
/// The same with approval of interviews.
const SUPERVISED_METHOD: &str = include_str!("../../methods/supervised-1.0.0.json");

/// The questionnaire that comes with the program under the method that has interviews approved.
///
/// # Errors
/// [`StoreError::Corrupt`] when they do not pass their checks.
pub fn insert_supervised_if_missing(tx: &mut WriteTx<'_>) -> Result<Instrument, StoreError> {
    let corrupt = |e: &dyn std::fmt::Display| StoreError::Corrupt(e.to_string());
    insert_usual_if_missing(tx)?;
    let questionnaire = Questionnaire::from_json(USUAL_QUESTIONNAIRE.as_bytes()).map_err(|e| corrupt(&e))?;
    let method = Method::from_json(SUPERVISED_METHOD.as_bytes()).map_err(|e| corrupt(&e))?;
    Instrument::new(questionnaire, method).map_err(|e| corrupt(&e))
}

/// Adds the questionnaire and the methods that come with the program where they are missing; the usual ones of them.
///
/// # Errors
/// [`StoreError::Corrupt`] when they do not pass their checks.
pub fn insert_usual_if_missing(tx: &mut WriteTx<'_>) -> Result<Instrument, StoreError> {
    let corrupt = |e: &dyn std::fmt::Display| StoreError::Corrupt(e.to_string());
    let questionnaire = Questionnaire::from_json(USUAL_QUESTIONNAIRE.as_bytes()).map_err(|e| corrupt(&e))?;
    let method = Method::from_json(USUAL_METHOD.as_bytes()).map_err(|e| corrupt(&e))?;
    insert_questionnaire_if_missing(tx, &questionnaire, USUAL_QUESTIONNAIRE)?;
    let supervised = Method::from_json(SUPERVISED_METHOD.as_bytes()).map_err(|e| corrupt(&e))?;
    insert_method_if_missing(tx, &method, USUAL_METHOD)?;
    insert_method_if_missing(tx, &supervised, SUPERVISED_METHOD)?;
    Instrument::new(questionnaire, method).map_err(|e| corrupt(&e))
}
