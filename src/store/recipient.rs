//! Drawn persons who can be written to, and the keys of their lists.

use diesel::prelude::*;

use super::conn::Conn;
use super::link::{self, NewLink};
use super::schema_recipient::{list_key, recipient};
use super::{StoreError, WriteTx};
use crate::personal::{self, DataKey};
use crate::secret::SecretKey;
use crate::survey::id::{EvaluationId, LinkId, OutletId};
use crate::survey::language::Language;
use crate::survey::link::LinkKind;

/// A drawn person.
#[derive(Debug, Clone)]
pub struct NewRecipient {
    /// 128 random bits as 32 hexadecimal digits.
    pub id: String,
    /// The list she was drawn from.
    pub list: String,
    /// Her outlet.
    pub outlet: OutletId,
    /// Language of her letters.
    pub language: Language,
    /// Mail address.
    pub email: String,
    /// Name, if the list has one.
    pub name: Option<String>,
    /// Id of her personal link.
    pub link: LinkId,
}

/// How a drawn person is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Name, if known.
    pub name: Option<String>,
    /// Mail address.
    pub email: String,
    /// Language of her letters.
    pub language: Language,
    /// Her personal link.
    pub link: LinkId,
}

fn sealed() -> StoreError {
    StoreError::Corrupt("personal data could not be sealed".into())
}

/// Stores the key of a new list.
///
/// # Errors
/// [`StoreError::Database`].
pub fn add_key(tx: &mut WriteTx<'_>, server: &SecretKey, list: &str, key: &DataKey) -> Result<(), StoreError> {
    let row = (
        list_key::list_id.eq(list),
        list_key::key_id.eq(key.id()),
        list_key::sealed_key.eq(key.wrap(server, list).ok_or_else(sealed)?),
    );
    diesel::insert_into(list_key::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// The key of a list; `None` once it was destroyed.
///
/// # Errors
/// [`StoreError::Corrupt`] under another server key.
pub fn find_key(conn: &mut Conn, server: &SecretKey, list: &str) -> Result<Option<DataKey>, StoreError> {
    let row: Option<(String, String)> = list_key::table
        .find(list)
        .select((list_key::key_id, list_key::sealed_key))
        .first(conn)
        .optional()?;
    row.map(|(id, wrapped)| {
        DataKey::unwrap(server, list, &id, &wrapped).ok_or_else(|| StoreError::Corrupt(format!("key of list {list}")))
    })
    .transpose()
}

/// Erases a list: its persons, and the key without which nothing of it can be read, not in backups either.
///
/// # Errors
/// [`StoreError::Database`].
pub fn erase(tx: &mut WriteTx<'_>, list: &str) -> Result<usize, StoreError> {
    diesel::delete(list_key::table.find(list)).execute(tx.conn)?;
    Ok(diesel::delete(recipient::table.filter(recipient::list_id.eq(list))).execute(tx.conn)?)
}

/// Adds a drawn person with her personal link. `key` is the key of her list.
///
/// # Errors
/// [`StoreError::Database`].
pub fn add(
    tx: &mut WriteTx<'_>,
    evaluation: EvaluationId,
    new: &NewRecipient,
    server: &SecretKey,
    key: &DataKey,
) -> Result<(), StoreError> {
    let own = NewLink {
        id: new.link,
        outlet: new.outlet,
        kind: LinkKind::Personal,
        opens_at_ms: None,
        closes_at_ms: None,
    };
    link::insert(tx, evaluation, &own, server.bytes())?;
    let name = match &new.name {
        Some(name) => Some(key.seal(&place("sealed_name", &new.id), name).ok_or_else(sealed)?),
        None => None,
    };
    let row = (
        recipient::evaluation_id.eq(evaluation.to_string()),
        recipient::id.eq(&new.id),
        recipient::list_id.eq(&new.list),
        recipient::outlet_id.eq(new.outlet.to_string()),
        recipient::language.eq(new.language.tag()),
        recipient::sealed_email.eq(key
            .seal(&place("sealed_email", &new.id), &new.email)
            .ok_or_else(sealed)?),
        recipient::sealed_name.eq(name),
        recipient::email_index.eq(personal::index(server, &new.email)),
        recipient::link_id.eq(new.link.to_string()),
    );
    diesel::insert_into(recipient::table).values(row).execute(tx.conn)?;
    Ok(())
}

fn place(column: &str, id: &str) -> String {
    personal::place("recipient", column, id)
}

/// Ids of the drawn persons of an evaluation, in no telling order; at most `rows_max`.
///
/// # Errors
/// [`StoreError::Database`].
pub fn of_evaluation(conn: &mut Conn, evaluation: EvaluationId, rows_max: i64) -> Result<Vec<String>, StoreError> {
    Ok(recipient::table
        .filter(recipient::evaluation_id.eq(evaluation.to_string()))
        .order(recipient::id)
        .select(recipient::id)
        .limit(rows_max)
        .load(conn)?)
}

/// How a drawn person is reached; `None` once her list was erased.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn contact(conn: &mut Conn, server: &SecretKey, id: &str) -> Result<Option<Contact>, StoreError> {
    type Row = (String, String, String, Option<String>, String);
    let row: Option<Row> = recipient::table
        .filter(recipient::id.eq(id))
        .select((
            recipient::list_id,
            recipient::language,
            recipient::sealed_email,
            recipient::sealed_name,
            recipient::link_id,
        ))
        .first(conn)
        .optional()?;
    let Some((list, language, email, name, link)) = row else {
        return Ok(None);
    };
    let Some(key) = find_key(conn, server, &list)? else {
        return Ok(None);
    };
    let corrupt = || StoreError::Corrupt(format!("recipient {id}"));
    let open = |column: &str, text: &str| key.open(&place(column, id), text).ok_or_else(corrupt);
    Ok(Some(Contact {
        email: open("sealed_email", &email)?,
        name: name.map(|name| open("sealed_name", &name)).transpose()?,
        language: Language::from_tag(&language).ok_or_else(corrupt)?,
        link: link.parse().map_err(|_| corrupt())?,
    }))
}

/// Writes no more to a drawn person; `false` when that was so or she is gone.
///
/// # Errors
/// [`StoreError::Database`].
pub fn stop(tx: &mut WriteTx<'_>, id: &str, why: &str) -> Result<bool, StoreError> {
    let row = recipient::table
        .filter(recipient::id.eq(id))
        .filter(recipient::stopped.is_null().or(recipient::stopped.ne(why)));
    Ok(diesel::update(row).set(recipient::stopped.eq(why)).execute(tx.conn)? == 1)
}

/// Writes no more to anybody of this address, in any evaluation.
///
/// # Errors
/// [`StoreError::Database`].
pub fn stop_address(tx: &mut WriteTx<'_>, index: &str, why: &str) -> Result<usize, StoreError> {
    let rows = recipient::table
        .filter(recipient::email_index.eq(index))
        .filter(recipient::stopped.is_null().or(recipient::stopped.ne("objected")));
    Ok(diesel::update(rows).set(recipient::stopped.eq(why)).execute(tx.conn)?)
}
