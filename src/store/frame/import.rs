//! From a file to cases: begun by one command, carried on by many short ones so that answers never wait, ended by one that makes
//! the list usable. Until then there is no list; what was cut off is begun again.

use diesel::prelude::*;

use super::{FrameList, ListState, file, held, json, sealed, sha256};
use crate::personal::{self, DataKey};
use crate::secret::SecretKey;
use crate::store::conn::{Conn, per_backend};
use crate::store::grading::{Act, GradingError, log};
use crate::store::schema_frame::{frame_case, frame_file, frame_list};
use crate::store::{Store, StoreError, WriteTx, outlet, recipient};
use crate::survey::form::Problem;
use crate::survey::frame::check::{Case, Checked, Contact, OutletName, check};
use crate::survey::frame::sheet::{self, Sheet};
use crate::survey::frame::summary::Summary;
use crate::survey::frame::take::frame_file as frame_text;
use crate::survey::id::EvaluationId;

/// Cases in one command.
const CASES_PER_COMMAND: usize = 500;
/// An import that stored nothing for so long was cut off.
pub const STALLED_MS: i64 = 30_000;

/// A file as it is, and what would come of it.
pub struct Look {
    /// Its rows.
    pub sheet: Sheet,
    /// Each of them checked.
    pub checked: Checked,
}

/// Outlets that rows may name.
///
/// # Errors
/// [`StoreError::Database`].
pub fn outlets(conn: &mut Conn, id: EvaluationId) -> Result<Vec<OutletName>, StoreError> {
    let outlets = outlet::list(conn, id)?.into_iter().zip(1..);
    Ok(outlets
        .map(|(outlet, number)| OutletName {
            id: outlet.id,
            number,
            name: outlet.name,
        })
        .collect())
}

/// Reads and checks the file of a list; `None` once it is imported or erased.
///
/// # Errors
/// [`StoreError::Corrupt`] for a file that was never taken in.
pub fn look(
    conn: &mut Conn,
    server: &SecretKey,
    id: EvaluationId,
    list: &FrameList,
) -> Result<Option<Look>, StoreError> {
    let Some(bytes) = file(conn, server, &list.id)? else {
        return Ok(None);
    };
    let sheet = sheet::read(&bytes).map_err(|e| StoreError::Corrupt(e.to_string()))?;
    let checked = check(&sheet, &list.reading, &outlets(conn, id)?, &personal::parse_address);
    Ok(Some(Look { sheet, checked }))
}

/// Begins an import, or begins one again that was cut off.
///
/// # Errors
/// [`GradingError::Refused`] while one is under way and outside fieldwork.
pub fn begin(tx: &mut WriteTx<'_>, id: EvaluationId, list: &str, now_ms: i64) -> Result<(), GradingError> {
    let stalled = super::current(tx.conn, id)?.filter(|found| {
        found.id == list && found.state == ListState::Importing && now_ms - found.changed_at_ms >= STALLED_MS
    });
    if stalled.is_none() {
        held(tx, id, list, ListState::Uploaded)?;
    }
    diesel::delete(frame_case::table.filter(frame_case::list_id.eq(list))).execute(tx.conn)?;
    let values = (
        frame_list::state.eq(ListState::Importing.as_str()),
        frame_list::cases.eq(0_i64),
        frame_list::changed_at_ms.eq(now_ms),
    );
    let row = frame_list::table.find((id.to_string(), list));
    diesel::update(row).set(values).execute(tx.conn)?;
    Ok(())
}

/// Stores what an import that was begun brings; takes seconds.
///
/// # Errors
/// [`GradingError::Refused`] when the list was erased meanwhile or has nothing to import.
pub fn complete(
    store: &Store,
    server: &SecretKey,
    id: EvaluationId,
    list: &FrameList,
    act: Act,
    now_ms: impl Fn() -> i64,
) -> Result<(), GradingError> {
    let key = store.read_blocking(|conn| recipient::find_key(conn, server, &list.id))?;
    let found = store.read_blocking(|conn| look(conn, server, id, list))?;
    let (Some(key), Some(found)) = (key, found) else {
        return Err(GradingError::refused("", Problem::Changed));
    };
    let checked = found.checked;
    if !checked.is_usable() {
        return Err(GradingError::refused("", Problem::NotReadable));
    }
    for cases in checked.cases.chunks(CASES_PER_COMMAND) {
        let rows: Result<Vec<Row>, StoreError> = cases.iter().map(|case| row(id, &list.id, &key, case)).collect();
        let (rows, list, at_ms) = (rows?, list.id.clone(), now_ms());
        store.write_blocking(move |tx| add(tx, id, &list, &rows, at_ms))?;
    }
    let summary = Summary::of(&checked, &list.reading.domains);
    let ids: Vec<(String, &str)> = checked
        .cases
        .iter()
        .map(|case| (case.id(), case.stratum.as_str()))
        .collect();
    let frame_sha256 = sha256(frame_text(ids.iter().map(|(id, stratum)| (id.as_str(), *stratum))).as_bytes());
    let (list, act) = (list.clone(), (act.0, now_ms()));
    store.write_blocking(move |tx| finish(tx, id, &list, (&summary, &frame_sha256), act))
}

type Row = (String, String, String, String, String, String, String);

fn place(list: &str, case: &str) -> String {
    personal::place("frame_case", "sealed_contact", &format!("{list}/{case}"))
}

fn row(id: EvaluationId, list: &str, key: &DataKey, case: &Case) -> Result<Row, StoreError> {
    let (name, contact) = (case.id(), json(&case.contact)?);
    let contact = sealed(key.seal(&place(list, &name), &contact))?;
    Ok((
        id.to_string(),
        list.to_owned(),
        name,
        case.outlet.to_string(),
        case.stratum.clone(),
        case.language.tag().to_owned(),
        contact,
    ))
}

/// The contact of a case, unless it was erased.
pub(in crate::store) fn contact(
    key: &DataKey,
    list: &str,
    case: &str,
    sealed: &str,
) -> Result<Option<Contact>, StoreError> {
    match sealed {
        "" => Ok(None),
        sealed => open(key, list, case, sealed).map(Some),
    }
}

/// Opens the contact of a case.
fn open(key: &DataKey, list: &str, case: &str, contact: &str) -> Result<Contact, StoreError> {
    super::read_json(&sealed(key.open(&place(list, case), contact))?)
}

fn add(tx: &mut WriteTx<'_>, id: EvaluationId, list: &str, rows: &[Row], at_ms: i64) -> Result<(), GradingError> {
    held(tx, id, list, ListState::Importing)?;
    let values: Vec<_> = rows
        .iter()
        .map(|(evaluation, list, id, outlet, stratum, language, contact)| {
            (
                frame_case::evaluation_id.eq(evaluation),
                frame_case::list_id.eq(list),
                frame_case::id.eq(id),
                frame_case::outlet_id.eq(outlet),
                frame_case::stratum.eq(stratum),
                frame_case::language.eq(language),
                frame_case::sealed_contact.eq(contact),
            )
        })
        .collect();
    per_backend!(tx.conn, |c| diesel::insert_into(frame_case::table)
        .values(&values)
        .execute(c))?;
    let values = (
        frame_list::cases.eq(frame_list::cases + i64::try_from(rows.len()).unwrap_or(0)),
        frame_list::changed_at_ms.eq(at_ms),
    );
    let row = frame_list::table.find((id.to_string(), list));
    diesel::update(row).set(values).execute(tx.conn)?;
    Ok(())
}

fn finish(
    tx: &mut WriteTx<'_>,
    id: EvaluationId,
    list: &FrameList,
    (summary, frame_sha256): (&Summary, &str),
    act: Act,
) -> Result<(), GradingError> {
    let stored = held(tx, id, &list.id, ListState::Importing)?;
    if stored.cases != i64::from(summary.cases) {
        return Err(GradingError::refused("", Problem::Changed));
    }
    let values = (
        frame_list::state.eq(ListState::Ready.as_str()),
        frame_list::summary.eq(json(summary)?),
        frame_list::frame_sha256.eq(frame_sha256),
        frame_list::changed_at_ms.eq(act.1),
    );
    let row = frame_list::table.find((id.to_string(), &list.id));
    diesel::update(row).set(values).execute(tx.conn)?;
    diesel::delete(frame_file::table.find(&list.id)).execute(tx.conn)?;
    let flags: Vec<_> = summary.flags.iter().map(|flag| (flag.rule, flag.value)).collect();
    let data = serde_json::json!({
        "file": list.file_sha256, "frame": frame_sha256, "rows": summary.rows, "cases": summary.cases,
        "errors": summary.errors, "out": summary.out, "flags": flags,
        "from": list.reading.from.to_string(), "until": list.reading.until.to_string(),
    });
    Ok(log(tx, id, act, ("list.imported", &list.id), &data)?)
}
