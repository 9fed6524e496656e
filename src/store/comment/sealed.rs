//! A comment as it is stored: sealed under the server's key together with the salt of its digest. The digest, which the
//! response's commitment is made of, stays in clear and says nothing; once the body is erased, nobody can try texts against it.

use diesel::prelude::*;

use crate::personal::{self, DataKey};
use crate::store::conn::Conn;
use crate::store::schema::response_comment;
use crate::store::{StoreError, WriteTx};
use crate::survey::commitment;

const SALT_BYTES: usize = 16;

fn place(evaluation: &str, response: &str) -> String {
    personal::place("response_comment", "body", &format!("{evaluation}\0{response}"))
}

/// Stores the comment of a response just stored.
pub(in crate::store) fn insert(
    tx: &mut WriteTx<'_>,
    (evaluation, response): (&str, &str),
    (salt, text): (&[u8; SALT_BYTES], &str),
) -> Result<(), StoreError> {
    let plain = [&salt[..], text.as_bytes()].concat();
    let body = tx.key()?.seal_bytes(&place(evaluation, response), &plain);
    let row = (
        response_comment::evaluation_id.eq(evaluation),
        response_comment::response_id.eq(response),
        response_comment::body.eq(body.ok_or_else(|| StoreError::Corrupt("a comment could not be sealed".into()))?),
        response_comment::digest.eq(data_encoding::HEXLOWER.encode(&commitment::inner(salt, text))),
    );
    diesel::insert_into(response_comment::table)
        .values(row)
        .execute(tx.conn)?;
    Ok(())
}

/// Salt and text of a body; `None` for what was not sealed by this key for this response.
fn unseal(key: &DataKey, (evaluation, response): (&str, &str), body: &str) -> Option<([u8; SALT_BYTES], String)> {
    let plain = key.open_bytes(&place(evaluation, response), body)?;
    let (salt, text) = plain.split_first_chunk::<SALT_BYTES>()?;
    Some((*salt, String::from_utf8(text.to_vec()).ok()?))
}

/// The text of a stored comment; `None` once it was erased.
///
/// # Errors
/// [`StoreError::Corrupt`] for a body that does not open.
pub(in crate::store) fn open(key: &DataKey, of: (&str, &str), body: &str) -> Result<Option<String>, StoreError> {
    if body.is_empty() {
        return Ok(None);
    }
    let opened = unseal(key, of, body).ok_or_else(|| StoreError::Corrupt(format!("comment of response {}", of.1)))?;
    Ok(Some(opened.1))
}

/// Whether a body that is there holds what its digest says.
pub(in crate::store) fn is_genuine(key: &DataKey, of: (&str, &str), body: &str, digest: &str) -> bool {
    unseal(key, of, body)
        .is_some_and(|(salt, text)| data_encoding::HEXLOWER.encode(&commitment::inner(&salt, &text)) == digest)
}

/// Whether a response has a comment, erased or not.
pub(in crate::store) fn body_of(
    conn: &mut Conn,
    evaluation: &str,
    response: &str,
) -> Result<Option<String>, StoreError> {
    Ok(response_comment::table
        .find((evaluation, response))
        .select(response_comment::body)
        .first(conn)
        .optional()?)
}
