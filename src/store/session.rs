//! Sessions: who is signed in. The database knows only the hash of what a browser holds.

use diesel::prelude::*;

use super::account::{self, Account};
use super::conn::Conn;
use super::schema::session;
use super::{StoreError, WriteTx};
use crate::access::session::{SESSIONS_MAX, TRIES_MAX, is_alive};
use crate::survey::id::PersonId;

/// A session of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// SHA-256 of the browser's token, hexadecimal.
    pub token_hash: String,
    /// Whose.
    pub person: PersonId,
    /// Whether everything that is asked at sign-in has been answered.
    pub is_full: bool,
    /// The browser, as it calls itself, shortened.
    pub device: String,
    /// Sign-in, Unix ms.
    pub created_at_ms: i64,
    /// Last noted request, Unix ms.
    pub seen_at_ms: i64,
    /// When the person last proved who they are, Unix ms.
    pub confirmed_at_ms: i64,
    /// Wrong second factors so far.
    pub tries: i32,
}

type Row = (String, String, String, String, i64, i64, i64, i32);

fn read(
    (token_hash, person, stage, device, created_at_ms, seen_at_ms, confirmed_at_ms, tries): Row,
) -> Result<Session, StoreError> {
    Ok(Session {
        person: person
            .parse()
            .map_err(|_| StoreError::Corrupt(format!("session of {person}")))?,
        is_full: stage == "full",
        token_hash,
        device,
        created_at_ms,
        seen_at_ms,
        confirmed_at_ms,
        tries,
    })
}

/// Begins a session; of more than [`SESSIONS_MAX`] of one person the longest unseen ends. Unfinished ones are counted
/// apart: who merely knows a password signs nobody out.
///
/// # Errors
/// [`StoreError::Database`].
pub fn begin(tx: &mut WriteTx<'_>, new: &Session) -> Result<(), StoreError> {
    let mut earlier = list(tx.conn, new.person)?;
    earlier.retain(|session| session.is_full == new.is_full);
    earlier.sort_by_key(|session| std::cmp::Reverse(session.seen_at_ms));
    for surplus in earlier.iter().skip(SESSIONS_MAX - 1) {
        end(tx, new.person, &surplus.token_hash)?;
    }
    let row = (
        session::token_hash.eq(&new.token_hash),
        session::person_id.eq(new.person.to_string()),
        session::stage.eq(if new.is_full { "full" } else { "password" }),
        session::device.eq(&new.device),
        session::created_at_ms.eq(new.created_at_ms),
        session::seen_at_ms.eq(new.seen_at_ms),
        session::confirmed_at_ms.eq(new.confirmed_at_ms),
        session::tries.eq(new.tries),
    );
    diesel::insert_into(session::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// The living session of a token with its account; nothing for a disabled account.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn find(conn: &mut Conn, token_hash: &str, now_ms: i64) -> Result<Option<(Session, Account)>, StoreError> {
    let row: Option<Row> = session::table.find(token_hash).first(conn).optional()?;
    let Some(row) = row else { return Ok(None) };
    let found = read(row)?;
    let Some(account) = account::find(conn, found.person)?.filter(|account| !account.disabled) else {
        return Ok(None);
    };
    let alive = is_alive(
        account.roles,
        found.is_full,
        found.created_at_ms,
        found.seen_at_ms,
        now_ms,
    );
    Ok(alive.then_some((found, account)))
}

/// Sessions of a person, in no order.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn list(conn: &mut Conn, person: PersonId) -> Result<Vec<Session>, StoreError> {
    let rows: Vec<Row> = session::table
        .filter(session::person_id.eq(person.to_string()))
        .load(conn)?;
    rows.into_iter().map(read).collect()
}

/// Notes that a session was used.
///
/// # Errors
/// [`StoreError::Database`].
pub fn note(tx: &mut WriteTx<'_>, token_hash: &str, now_ms: i64) -> Result<(), StoreError> {
    let row = session::table.find(token_hash);
    diesel::update(row)
        .set(session::seen_at_ms.eq(now_ms))
        .execute(tx.conn)?;
    Ok(())
}

/// Ends a session of a person.
///
/// # Errors
/// [`StoreError::Database`].
pub fn end(tx: &mut WriteTx<'_>, person: PersonId, token_hash: &str) -> Result<(), StoreError> {
    let row = session::table
        .find(token_hash)
        .filter(session::person_id.eq(person.to_string()));
    diesel::delete(row).execute(tx.conn)?;
    Ok(())
}

/// Ends every session of a person, or every one but this.
///
/// # Errors
/// [`StoreError::Database`].
pub fn end_others(tx: &mut WriteTx<'_>, person: PersonId, but: Option<&str>) -> Result<(), StoreError> {
    let rows = session::table
        .filter(session::person_id.eq(person.to_string()))
        .filter(session::token_hash.ne(but.unwrap_or_default().to_owned()));
    diesel::delete(rows).execute(tx.conn)?;
    Ok(())
}

/// Puts a new session in the place of one that ends.
///
/// # Errors
/// [`StoreError::Database`].
pub fn replace(tx: &mut WriteTx<'_>, token_hash: &str, new: &Session) -> Result<(), StoreError> {
    end(tx, new.person, token_hash)?;
    begin(tx, new)
}

/// Counts a try to prove who is there; `false` when there were too many, and the session has ended.
///
/// # Errors
/// [`StoreError::Database`].
pub fn count_try(tx: &mut WriteTx<'_>, person: PersonId, token_hash: &str) -> Result<bool, StoreError> {
    let row = session::table
        .find(token_hash)
        .filter(session::person_id.eq(person.to_string()))
        .filter(session::tries.lt(TRIES_MAX));
    let counted = diesel::update(row)
        .set(session::tries.eq(session::tries + 1))
        .execute(tx.conn)?;
    if counted == 0 {
        end(tx, person, token_hash)?;
    }
    Ok(counted == 1)
}
