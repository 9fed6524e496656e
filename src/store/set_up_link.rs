//! One-time links by which somebody sets a password, known by their hashes.

use diesel::prelude::*;

use super::conn::Conn;
use super::schema::set_up_link;
use super::{StoreError, WriteTx};
use crate::survey::id::PersonId;

/// Whose link it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum For {
    /// Whoever started the program for the first time.
    FirstAdministrator,
    /// Somebody with an account.
    Person(PersonId),
}

/// Stores a link. Earlier ones of the same person, and all that have run out, go.
///
/// # Errors
/// [`StoreError::Database`].
pub fn issue(tx: &mut WriteTx<'_>, token_hash: &str, whose: For, now_ms: i64, life_ms: i64) -> Result<(), StoreError> {
    diesel::delete(set_up_link::table.filter(set_up_link::expires_at_ms.le(now_ms))).execute(tx.conn)?;
    let person = match whose {
        For::FirstAdministrator => None,
        For::Person(person) => {
            withdraw(tx, person)?;
            Some(person.to_string())
        }
    };
    let row = (
        set_up_link::token_hash.eq(token_hash),
        set_up_link::person_id.eq(person),
        set_up_link::expires_at_ms.eq(now_ms.saturating_add(life_ms)),
    );
    diesel::insert_into(set_up_link::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Whose link it is, if it still works.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn find(conn: &mut Conn, token_hash: &str, now_ms: i64) -> Result<Option<For>, StoreError> {
    let row: Option<Option<String>> = set_up_link::table
        .find(token_hash)
        .filter(set_up_link::expires_at_ms.gt(now_ms))
        .select(set_up_link::person_id)
        .first(conn)
        .optional()?;
    let whose = |person: Option<String>| match person {
        None => Ok(For::FirstAdministrator),
        Some(id) => id
            .parse()
            .map(For::Person)
            .map_err(|_| StoreError::Corrupt(format!("link of {id}"))),
    };
    row.map(whose).transpose()
}

/// Uses a link: whose it was, if it still worked. It works once.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn spend(tx: &mut WriteTx<'_>, token_hash: &str, now_ms: i64) -> Result<Option<For>, StoreError> {
    let Some(whose) = find(tx.conn, token_hash, now_ms)? else {
        return Ok(None);
    };
    // Two at once: only one deletes the row.
    let deleted = diesel::delete(set_up_link::table.find(token_hash)).execute(tx.conn)?;
    Ok((deleted == 1).then_some(whose))
}

/// Withdraws every link of a person.
///
/// # Errors
/// [`StoreError::Database`].
pub fn withdraw(tx: &mut WriteTx<'_>, person: PersonId) -> Result<(), StoreError> {
    let links = set_up_link::table.filter(set_up_link::person_id.eq(person.to_string()));
    diesel::delete(links).execute(tx.conn)?;
    Ok(())
}
