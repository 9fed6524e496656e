//! Second factors: the sealed seed of a device, the last step that was accepted, recovery codes by their hashes.

use diesel::prelude::*;

use super::conn::Conn;
use super::schema::{account, recovery_code};
use super::{StoreError, WriteTx};
use crate::survey::id::PersonId;

/// What proves that somebody has their second factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// A time code that was right for this step.
    Step(i64),
    /// The hash of a recovery code.
    Recovery(String),
}

/// The sealed seed of a person.
///
/// # Errors
/// [`StoreError::Database`].
pub fn sealed_seed(conn: &mut Conn, person: PersonId) -> Result<Option<String>, StoreError> {
    let sealed = account::table
        .find(person.to_string())
        .select(account::totp_secret)
        .first::<Option<String>>(conn)
        .optional()?;
    Ok(sealed.flatten())
}

/// Takes a proof, once: a step later than the last accepted one, or a recovery code not used yet.
///
/// # Errors
/// [`StoreError::Database`].
pub fn accept(tx: &mut WriteTx<'_>, person: PersonId, proof: &Proof) -> Result<bool, StoreError> {
    let person = person.to_string();
    let changed = match proof {
        Proof::Step(step) => diesel::update(account::table.find(person).filter(account::totp_step.lt(*step)))
            .set(account::totp_step.eq(*step))
            .execute(tx.conn)?,
        Proof::Recovery(hash) => {
            let row = recovery_code::table.find((person, hash.to_owned()));
            diesel::update(row.filter(recovery_code::used.eq(false)))
                .set(recovery_code::used.eq(true))
                .execute(tx.conn)?
        }
    };
    Ok(changed == 1)
}

/// Sets up a second factor whose first code was right for `step`; earlier recovery codes go.
///
/// # Errors
/// [`StoreError::Database`].
pub fn set(
    tx: &mut WriteTx<'_>,
    person: PersonId,
    sealed_seed: &str,
    step: i64,
    recovery_hashes: &[String],
) -> Result<(), StoreError> {
    clear(tx, person)?;
    diesel::update(account::table.find(person.to_string()))
        .set((account::totp_secret.eq(sealed_seed), account::totp_step.eq(step)))
        .execute(tx.conn)?;
    insert_codes(tx, person, recovery_hashes)
}

/// Replaces every recovery code.
///
/// # Errors
/// [`StoreError::Database`].
pub fn replace_codes(tx: &mut WriteTx<'_>, person: PersonId, recovery_hashes: &[String]) -> Result<(), StoreError> {
    let codes = recovery_code::table.filter(recovery_code::person_id.eq(person.to_string()));
    diesel::delete(codes).execute(tx.conn)?;
    insert_codes(tx, person, recovery_hashes)
}

fn insert_codes(tx: &mut WriteTx<'_>, person: PersonId, hashes: &[String]) -> Result<(), StoreError> {
    for hash in hashes {
        let row = (
            recovery_code::person_id.eq(person.to_string()),
            recovery_code::code_hash.eq(hash),
        );
        diesel::insert_into(recovery_code::table).values(row).execute(tx.conn)?;
    }
    Ok(())
}

/// Takes the second factor and its recovery codes away. The last step stays, so that no code works again.
///
/// # Errors
/// [`StoreError::Database`].
pub fn clear(tx: &mut WriteTx<'_>, person: PersonId) -> Result<(), StoreError> {
    diesel::update(account::table.find(person.to_string()))
        .set(account::totp_secret.eq(None::<String>))
        .execute(tx.conn)?;
    let codes = recovery_code::table.filter(recovery_code::person_id.eq(person.to_string()));
    diesel::delete(codes).execute(tx.conn)?;
    Ok(())
}

/// Recovery codes that were not used yet.
///
/// # Errors
/// [`StoreError::Database`].
pub fn codes_left(conn: &mut Conn, person: PersonId) -> Result<i64, StoreError> {
    let codes = recovery_code::table
        .filter(recovery_code::person_id.eq(person.to_string()))
        .filter(recovery_code::used.eq(false));
    Ok(codes.count().get_result(conn)?)
}
